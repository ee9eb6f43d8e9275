//! Durations are read as Go reads them, and printed in four forms.

use super::*;

/// What Go 1.26's `time.ParseDuration` returns.
const ANSWERS: &[(&str, Option<i64>)] = &[
    ("0", Some(0)),
    ("+0", Some(0)),
    ("-0", Some(0)),
    ("5s", Some(5_000_000_000)),
    ("1.5h", Some(5_400_000_000_000)),
    (".5m", Some(30_000_000_000)),
    ("1h2m3s", Some(3_723_000_000_000)),
    ("-3ms", Some(-3_000_000)),
    ("4µs", Some(4_000)),
    ("4μs", Some(4_000)),
    ("4us", Some(4_000)),
    ("7ns", Some(7)),
    ("5.s", Some(5_000_000_000)),
    ("1.5h30m", Some(7_200_000_000_000)),
    ("1h1h", Some(7_200_000_000_000)),
    ("0.3333333333333333333h", Some(1_200_000_000_000)),
    ("1.00000000000000000000000001s", Some(1_000_000_000)),
    ("9223372036854775807ns", Some(9_223_372_036_854_775_807)),
    ("9223372036854775808ns", None),
    ("-9223372036854775808ns", Some(-9_223_372_036_854_775_808)),
    ("-9223372036854775809ns", None),
    ("2562047h47m16.854775807s", Some(9_223_372_036_854_775_807)),
    ("2562047h47m16.854775808s", None),
    ("-2562047h47m16.854775808s", Some(-9_223_372_036_854_775_808)),
    ("0.9223372036854775807h", Some(3_320_413_933_267)),
    ("0.9223372036854775808h", Some(3_320_413_933_267)),
    ("0.99999999999999999999s", Some(1_000_000_000)),
    ("00s", Some(0)),
    ("0s0", None),
    ("00", None),
    ("", None),
    ("-", None),
    ("+", None),
    ("--1s", None),
    ("5", None),
    ("5q", None),
    ("s", None),
    (".s", None),
    ("1..2s", None),
    ("1.2.3s", None),
    ("9999999999h", None),
    ("1 s", None),
    ("1d", None),
    ("5S", None),
    ("1e3s", None),
    ("0.1ns", Some(0)),
    ("922337203685477580.8us", None),
    (" 1s", None),
    ("1s ", None),
    ("18446744073709551616ns", None),
];

#[test]
fn go_s_durations_are_read_as_go_reads_them() {
    for (text, nanoseconds) in ANSWERS {
        assert_eq!(parse_go(text), *nanoseconds, "{text:?}");
    }
}

#[test]
fn arguments_of_kcx_have_no_sign_and_may_have_days() {
    for (text, nanoseconds) in ANSWERS {
        if *text == "1d" {
            assert_eq!(parse(text), Ok(Duration::from_hours(24)));
        } else if text.starts_with(['-', '+']) {
            assert!(parse(text).is_err(), "{text:?}");
        } else {
            let wanted = nanoseconds.map(|it| Duration::from_nanos(it.unsigned_abs()));
            assert_eq!(parse(text).ok(), wanted, "{text:?}");
        }
    }
    assert_eq!(parse("1.5d12h"), Ok(Duration::from_hours(48)));
    assert!(parse("106752d").is_err());
}

#[test]
fn messages_have_two_units_at_most() {
    let said = [0, 5, 60, 90, 3600, 3900, 86_400, 90_061].map(|s| short(Duration::from_secs(s)));
    assert_eq!(said, ["0 ms", "5 s", "1 min", "1 min 30 s", "1 h", "1 h 5 min", "1 d", "1 d 1 h"]);
    assert_eq!(short(Duration::from_millis(500)), "500 ms");
}

#[test]
fn words_are_rounded_down_to_one_unit() {
    let said = [59, 60, 7300, 86_400, 200_000].map(words);
    assert_eq!(said, ["less than a minute", "1 minute", "2 hours", "1 day", "2 days"]);
}

#[test]
fn ages_are_kubectl_s() {
    for (seconds, want) in [
        (-2, "<invalid>"),
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (125, "2m5s"),
        (600, "10m"),
        (10_799, "179m"),
        (10_800, "3h"),
        (11_100, "3h5m"),
        (28_800, "8h"),
        (172_799, "47h"),
        (172_800, "2d"),
        (176_400, "2d1h"),
        (691_200, "8d"),
        (63_072_000, "2y"),
        (63_158_400, "2y1d"),
        (252_288_000, "8y"),
    ] {
        assert_eq!(kubectl(seconds), want, "{seconds}");
    }
}
