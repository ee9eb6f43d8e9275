//! Points in time, as kubectl reads them.

/// Seconds since 1970 UTC as RFC 3339 writes them; none outside of the years 1 to 9999.
///
/// ```
/// use kcx::credential::expiry::rfc3339;
/// assert_eq!(rfc3339(951_782_399).as_deref(), Some("2000-02-28T23:59:59Z"));
/// assert_eq!(rfc3339(0).as_deref(), Some("1970-01-01T00:00:00Z"));
/// assert_eq!(rfc3339(-1).as_deref(), Some("1969-12-31T23:59:59Z"));
/// assert_eq!(rfc3339(i64::MAX), None);
/// ```
#[must_use]
pub fn rfc3339(seconds: i64) -> Option<String> {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days since 0000-03-01, in eras of 400 years; Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    let shifted = days.checked_add(719_468)?;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    (1..=9999).contains(&year).then(|| {
        format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
    })
}
