//! Times in the format that kubectl reads.

use jiff::SignedDuration;
use jiff::civil::DateTime;

/// Formats seconds since 1970 UTC as RFC 3339; `None` outside of the years 1 to 9999.
///
/// ```
/// use kcx::credential::expiry::rfc3339;
/// assert_eq!(rfc3339(951_782_399).as_deref(), Some("2000-02-28T23:59:59Z"));
/// assert_eq!(rfc3339(0).as_deref(), Some("1970-01-01T00:00:00Z"));
/// assert_eq!(rfc3339(-1).as_deref(), Some("1969-12-31T23:59:59Z"));
/// assert_eq!(rfc3339(253_402_300_799).as_deref(), Some("9999-12-31T23:59:59Z"));
/// assert_eq!(rfc3339(-62_135_596_800).as_deref(), Some("0001-01-01T00:00:00Z"));
/// assert_eq!(rfc3339(-62_135_596_801), None);
/// assert_eq!(rfc3339(253_402_300_800), None);
/// assert_eq!(rfc3339(i64::MAX), None);
/// ```
#[must_use]
pub fn rfc3339(seconds: i64) -> Option<String> {
    // jiff's `Timestamp` ends one day before the end of the year 9999, and certificates without an expiry end there.
    const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    let time = EPOCH.checked_add(SignedDuration::from_secs(seconds)).ok()?;
    (time.year() >= 1).then(|| format!("{time}Z"))
}
