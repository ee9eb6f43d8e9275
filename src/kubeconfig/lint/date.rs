//! Renders points in time and durations for messages.

use jiff::SignedDuration;
use jiff::civil::DateTime;

/// The date of a second since 1970 UTC, such as `2026-11-25`. Later dates than 9999-12-31 are rendered as that date.
pub(super) fn day(seconds: i64) -> String {
    const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    EPOCH.saturating_add(SignedDuration::from_secs(seconds)).date().to_string()
}

/// A duration in seconds, rounded down to a unit, such as `3 days` or `5 hours`.
pub(super) fn span(seconds: i64) -> String {
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

#[cfg(test)]
mod tests {
    use super::{day, span};

    #[test]
    fn dates_are_rendered() {
        for (seconds, want) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_798_040_422, "2026-12-23"),
            (-1, "1969-12-31"),
            (253_402_300_799, "9999-12-31"),
            (i64::MAX, "9999-12-31"),
        ] {
            assert_eq!(day(seconds), want);
        }
    }

    #[test]
    fn spans_are_rounded_down() {
        let said = [59, 60, 7300, 86_400, 200_000].map(span);
        assert_eq!(said, ["less than a minute", "1 minute", "2 hours", "1 day", "2 days"]);
    }
}
