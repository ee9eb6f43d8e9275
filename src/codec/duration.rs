//! Durations as text: Go's grammar, and the forms in which they are printed.
//!
//! jiff's reader is no substitute: it accepts `5 s` and `1 hour`, and rejects `0`, `5.s` and `1.5h30m`.

use std::time::Duration;

const GO: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];
const DAY: (&str, u64) = ("d", 86_400_000_000_000);

/// The largest absolute value in Go's duration, in nanoseconds: that of the smallest number.
const LARGEST: u64 = 1 << 63;

/// Nanoseconds, as Go's `time.ParseDuration` reads them; `None` where that fails.
///
/// ```
/// use kcx::codec::duration::parse_go;
/// assert_eq!(parse_go("-1.5h"), Some(-5_400_000_000_000));
/// assert_eq!(parse_go("1d"), None);
/// ```
#[must_use]
pub fn parse_go(text: &str) -> Option<i64> {
    let (negative, number) = match text.strip_prefix('-') {
        Some(number) => (true, number),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let nanoseconds = i128::from(sum(number, &|unit| GO.iter().find(|(name, _)| *name == unit).copied())?);
    i64::try_from(if negative { -nanoseconds } else { nanoseconds }).ok()
}

/// A duration in an argument of kcx: Go's grammar without a sign, and days, which have 24 hours.
///
/// # Errors
/// The text is not a duration, or longer than 292 years.
pub fn parse(text: &str) -> Result<Duration, &'static str> {
    let unit = |unit: &str| GO.iter().chain([&DAY]).find(|(name, _)| *name == unit).copied();
    let nanoseconds = sum(text, &unit).filter(|it| *it < LARGEST);
    nanoseconds.map(Duration::from_nanos).ok_or("durations look like `500ms`, `5s`, `1h30m`, `30d`, `0`")
}

/// A time limit, or the pause between two rounds: as [`parse`], and longer than 0.
///
/// # Errors
/// The text is not such a duration.
pub fn parse_limit(text: &str) -> Result<Duration, &'static str> {
    parse(text).and_then(|it| if it.is_zero() { Err("it must be longer than 0") } else { Ok(it) })
}

/// The sum of numbers with units; `0` needs no unit.
fn sum(text: &str, unit: &dyn Fn(&str) -> Option<(&'static str, u64)>) -> Option<u64> {
    if text == "0" {
        return Some(0);
    }
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let (mut rest, mut total) = (text, 0);
    while !rest.is_empty() {
        let (number, behind) = rest.split_at(rest.find(|c| !is_number(c)).unwrap_or(rest.len()));
        let (name, behind) = behind.split_at(behind.find(is_number).unwrap_or(behind.len()));
        rest = behind;
        total = at_most_largest(nanoseconds(number, unit(name)?.1)?.checked_add(total))?;
    }
    (!text.is_empty()).then_some(total)
}

fn at_most_largest(number: Option<u64>) -> Option<u64> {
    number.filter(|number| *number <= LARGEST)
}

/// A decimal number of a unit. The fraction is computed as Go does, so that it is rounded alike.
fn nanoseconds(number: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.len() + fraction.len() == 0 || fraction.contains('.') {
        return None;
    }
    let longer = |number: u64, digit: u8| {
        at_most_largest(number.checked_mul(10).and_then(|it| it.checked_add(u64::from(digit - b'0'))))
    };
    let whole = at_most_largest(whole.bytes().try_fold(0, longer)?.checked_mul(unit))?;
    let (mut digits, mut scale) = (0, 1.);
    for digit in fraction.bytes() {
        // Go ignores the digits that do not fit.
        let Some(more) = longer(digits, digit) else { break };
        (digits, scale) = (more, scale * 10.);
    }
    whole.checked_add((digits as f64 * (unit as f64 / scale)) as u64)
}

/// A duration in at most two units, rounded down: `5 s`, `1 h 5 min`.
#[must_use]
pub fn short(duration: Duration) -> String {
    let (seconds, millis) = (duration.as_secs(), duration.subsec_millis());
    match (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0, 0) => format!("{millis} ms"),
        (0, 0, 0, s) => format!("{s} s"),
        (0, 0, min, 0) => format!("{min} min"),
        (0, 0, min, s) => format!("{min} min {s} s"),
        (0, h, 0, _) => format!("{h} h"),
        (0, h, min, _) => format!("{h} h {min} min"),
        (days, 0, ..) => format!("{days} d"),
        (days, h, ..) => format!("{days} d {h} h"),
    }
}

/// How long ago something was.
#[must_use]
pub fn ago(age: Duration) -> String {
    if age < Duration::from_secs(60) { "just now".to_owned() } else { format!("{} ago", short(age)) }
}

/// Seconds in words, rounded down to one unit: `3 days`, `5 hours`.
#[must_use]
pub fn words(seconds: i64) -> String {
    let said = |count: i64, unit: &str| match count {
        1 => format!("1 {unit}"),
        count => format!("{count} {unit}s"),
    };
    match seconds {
        ..60 => "less than a minute".to_owned(),
        60..3600 => said(seconds / 60, "minute"),
        3600..86_400 => said(seconds / 3600, "hour"),
        _ => said(seconds / 86_400, "day"),
    }
}

/// Seconds as kubectl prints an age (`k8s.io/apimachinery/pkg/util/duration`, `HumanDuration`).
#[must_use]
pub fn kubectl(seconds: i64) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    const YEAR: i64 = 365 * DAY;
    let two = |large: (i64, char), small: (i64, char)| {
        let rest = seconds % large.0 / small.0;
        let rest = if rest == 0 { String::new() } else { format!("{rest}{}", small.1) };
        format!("{}{}{rest}", seconds / large.0, large.1)
    };
    match seconds {
        i64::MIN..=-2 => "<invalid>".to_owned(),
        -1..=0 => "0s".to_owned(),
        _ if seconds < 2 * MINUTE => format!("{seconds}s"),
        _ if seconds < 10 * MINUTE => two((MINUTE, 'm'), (1, 's')),
        _ if seconds < 3 * HOUR => format!("{}m", seconds / MINUTE),
        _ if seconds < 8 * HOUR => two((HOUR, 'h'), (MINUTE, 'm')),
        _ if seconds < 2 * DAY => format!("{}h", seconds / HOUR),
        _ if seconds < 8 * DAY => two((DAY, 'd'), (HOUR, 'h')),
        _ if seconds < 2 * YEAR => format!("{}d", seconds / DAY),
        _ if seconds < 8 * YEAR => two((YEAR, 'y'), (DAY, 'd')),
        _ => format!("{}y", seconds / YEAR),
    }
}

#[cfg(test)]
mod tests;
