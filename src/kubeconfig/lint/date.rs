//! Renders points in time for messages.

use jiff::SignedDuration;
use jiff::civil::DateTime;

/// The date of a second since 1970 UTC, such as `2026-11-25`. Later dates than 9999-12-31 are rendered as that date.
pub(super) fn day(seconds: i64) -> String {
    const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    EPOCH.saturating_add(SignedDuration::from_secs(seconds)).date().to_string()
}

#[cfg(test)]
mod tests {
    use super::day;

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
}
