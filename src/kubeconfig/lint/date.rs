//! Points in time, as people say them.

/// The day of a second since 1970 UTC: `2026-11-25`. Days are counted in years that begin with March.
pub(super) fn day(seconds: i64) -> String {
    let days = seconds.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A time as long as this: `3 days`, `5 hours`.
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
    fn days_have_names() {
        for (seconds, want) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_798_040_422, "2026-12-23"),
            (-1, "1969-12-31"),
            (253_402_300_799, "9999-12-31"),
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
