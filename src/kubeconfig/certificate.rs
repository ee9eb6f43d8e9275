//! When a client certificate ends: the one thing about it that a person asks a kubeconfig.
//!
//! A walk through the outermost fields of DER (X.690) as far as RFC 5280 `validity`, and no further: nothing is verified.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The end of the first certificate in a PEM text, in seconds since 1970 UTC.
///
/// ```
/// assert_eq!(kcx::kubeconfig::certificate::expiry(b"no certificate"), None);
/// ```
#[must_use]
pub fn expiry(pem: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(pem).ok()?;
    let (_, rest) = text.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let base64: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    not_after(&STANDARD.decode(base64).ok()?)
}

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

/// RFC 5280, 4.1: `Certificate { tbsCertificate { [0] version, serialNumber, signature, issuer, validity … } … }`.
fn not_after(der: &[u8]) -> Option<i64> {
    let (certificate, _) = field(der, SEQUENCE)?;
    let (fields, _) = field(certificate, SEQUENCE)?;
    let fields = field(fields, VERSION).map_or(fields, |(_, rest)| rest);
    let (_, fields) = field(fields, INTEGER)?;
    let (_, fields) = field(fields, SEQUENCE)?;
    let (_, fields) = field(fields, SEQUENCE)?;
    let (validity, _) = field(fields, SEQUENCE)?;
    let (_, end) = field(validity, UTC_TIME).or_else(|| field(validity, GENERALIZED_TIME))?;
    let short = field(end, UTC_TIME).and_then(|(text, _)| {
        // RFC 5280, 4.1.2.5.1: two digits are 1950 to 2049.
        let year = number(text.get(..2)?)?;
        seconds(if year < 50 { 2000 + year } else { 1900 + year }, text.get(2..)?)
    });
    short.or_else(|| {
        let (text, _) = field(end, GENERALIZED_TIME)?;
        seconds(number(text.get(..4)?)?, text.get(4..)?)
    })
}

/// The content of the field that begins here, if it has this tag, and what follows it.
fn field(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = der.split_first()?;
    let (&length, rest) = rest.split_first()?;
    if first != tag {
        return None;
    }
    let (length, rest) = match length {
        ..=0x7f => (usize::from(length), rest),
        // The length of the length; four bytes are more than any certificate needs.
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// `MMDDHHMMSSZ`.
fn seconds(year: i64, text: &[u8]) -> Option<i64> {
    let part = |at: usize| number(text.get(2 * at..2 * at + 2)?);
    let (month, day) = (part(0)?, part(1)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || text.get(10..) != Some(b"Z") {
        return None;
    }
    Some(days(year, month, day) * 86_400 + part(2)? * 3600 + part(3)? * 60 + part(4)?)
}

/// Days since 1970 of the Gregorian calendar, counted in years that begin with March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * month + 2) / 5
        + day
        - 719_469
}

fn number(digits: &[u8]) -> Option<i64> {
    let digits = std::str::from_utf8(digits).ok()?;
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `openssl req -x509 -newkey ed25519 -nodes -keyout /dev/null -subj /CN=kcx -days 30`, made on 2026-11-23.
    const CERTIFICATE: &str = include_str!("certificate.pem");

    #[test]
    fn tells_the_end() {
        assert_eq!(expiry(CERTIFICATE.as_bytes()), Some(1_798_040_422));
    }

    #[test]
    fn counts_days() {
        for (date, want) in
            [((1970, 1, 1), 0), ((2000, 2, 29), 11_016), ((2000, 3, 1), 11_017), ((2049, 12, 31), 29_219)]
        {
            assert_eq!(days(date.0, date.1, date.2), want, "{date:?}");
        }
    }

    #[test]
    fn reads_both_forms_of_time() {
        let validity = |tag: u8, text: &str| {
            let time = [&[tag, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
            let wrap =
                |tag: u8, content: &[u8]| [&[tag, u8::try_from(content.len()).unwrap()], content].concat();
            let fields = [wrap(INTEGER, &[1]), wrap(SEQUENCE, &[]), wrap(SEQUENCE, &[])].concat();
            let fields = [fields, wrap(SEQUENCE, &[time.clone(), time].concat())].concat();
            not_after(&wrap(SEQUENCE, &wrap(SEQUENCE, &fields)))
        };
        assert_eq!(validity(UTC_TIME, "700101000001Z"), Some(1));
        assert_eq!(validity(UTC_TIME, "491231235959Z"), Some(29_219 * 86_400 + 86_399));
        assert_eq!(validity(GENERALIZED_TIME, "20500101000000Z"), Some(29_220 * 86_400));
        assert_eq!(validity(GENERALIZED_TIME, "20501301000000Z"), None);
        assert_eq!(validity(UTC_TIME, "7001010000+1Z"), None);
    }

    proptest! {
        #[test]
        fn damage_is_no_certificate_and_no_panic(at in 0_usize..400, byte in any::<u8>(), cut in 0_usize..400) {
            let body = CERTIFICATE.lines().filter(|line| !line.starts_with('-')).collect::<String>();
            let mut der = STANDARD.decode(body).unwrap();
            let at = at % der.len();
            der[at] = byte;
            let _ = not_after(&der);
            let _ = not_after(&der[..cut % der.len()]);
        }
    }
}
