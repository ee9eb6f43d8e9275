//! Tests whether go-yaml reads a text as a timestamp (`resolve.go` parseTimestamp).
//!
//! Implements four layouts of Go's `time.Parse` with its leniency: one-digit fields, a comma before the fraction, any
//! number of blanks, offsets up to 24:60.

/// True if go-yaml reads this text, written plain, as a timestamp.
pub(super) fn is_timestamp(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    digits == 4 && date(text).is_some_and(|rest| rest.is_empty() || with_zone(rest) || without_zone(rest))
}

/// Parses `2006-1-2`; returns the rest of the text.
fn date(text: &str) -> Option<&str> {
    let (year, rest) = (text.get(..4)?.parse::<u32>().ok()?, text.get(4..)?);
    let (month, rest) = field(rest.strip_prefix('-')?, 1, 12)?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    Some(field(rest.strip_prefix('-')?, 1, days)?.1)
}

/// `T15:4:5.999999999Z07:00`
fn with_zone(rest: &str) -> bool {
    let Some(zone) = rest.strip_prefix(['T', 't']).and_then(clock) else { return false };
    let Some(offset) = zone.strip_prefix(['+', '-']) else { return zone == "Z" };
    offset.len() == 5
        && offset
            .split_once(':')
            .is_some_and(|(hours, minutes)| two_digits(hours, 24) && two_digits(minutes, 60))
}

/// ` 15:4:5.999999999`
fn without_zone(rest: &str) -> bool {
    rest.starts_with(' ') && clock(rest.trim_start_matches(' ')) == Some("")
}

fn clock(text: &str) -> Option<&str> {
    let (_, rest) = field(text, 0, 23)?;
    let (_, rest) = field(rest.strip_prefix(':')?, 0, 59)?;
    let (_, rest) = field(rest.strip_prefix(':')?, 0, 59)?;
    let fraction = rest.strip_prefix(['.', ',']).unwrap_or_default();
    let after = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    Some(if after.len() < fraction.len() { after } else { rest })
}

/// A number of one or two digits within bounds.
fn field(text: &str, least: u32, most: u32) -> Option<(u32, &str)> {
    let len = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(len);
    let number = digits.parse().ok()?;
    (least..=most).contains(&number).then_some((number, rest))
}

fn two_digits(text: &str, most: u32) -> bool {
    text.len() == 2 && field(text, 0, most).is_some_and(|(_, rest)| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_those_of_go() {
        for text in [
            "2024-01-02",
            "2024-1-2",
            "2024-02-29",
            "0000-12-31",
            "2024-01-02T03:04:05Z",
            "2024-01-02t3:4:5.123456789012+24:60",
            "2024-01-02T03:04:05,5-07:00",
            "2024-01-02   03:04:05.9",
        ] {
            assert!(is_timestamp(text), "{text}");
        }
        for text in [
            "2023-02-29",
            "2024-13-01",
            "2024-00-01",
            "2024-1-",
            "2024-1-2 ",
            "2024-1-2T",
            "24-01-02",
            "20240-1-2",
            "2024-01-02T03:04:05",
            "2024-01-02T03:04:05z",
            "2024-01-02T24:00:00Z",
            "2024-01-02 03:04",
            "2024-01-02 03:04:05Z",
            "2024-01-02 03:04:05.",
            "2024-01-02T03:04:05+7:00",
            "2024-01-02x",
        ] {
            assert!(!is_timestamp(text), "{text}");
        }
    }
}
