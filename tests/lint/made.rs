//! Certificates, keys and tokens for the fixtures, made when the tests run, but for RSA: `tests/certificates`.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};

/// 2026-12-01T13:40:22Z: the fixtures' now, a few days after `tests/certificates` were made.
pub(crate) const NOW: i64 = 1_796_139_622;
const DAY: i64 = 86_400;

/// What the fixtures are filled with.
pub(crate) struct Made {
    pub(crate) authority: String,
    pub(crate) client: String,
    pub(crate) client_key: String,
    values: Vec<(&'static str, String)>,
}

/// A certificate of jane for a key, that lasts from one day to another, counted from now.
pub(crate) fn certificate(key: &KeyPair, days: [i64; 2], is_ca: bool) -> String {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "jane");
    params.distinguished_name.push(DnType::OrganizationName, "dev");
    // rcgen's times are those of the crate `time`, which has a name for 1970 only.
    let at = |days: i64| {
        rcgen::date_time_ymd(1970, 1, 1) + std::time::Duration::from_secs((NOW + days * DAY) as u64)
    };
    [params.not_before, params.not_after] = days.map(at);
    if is_ca {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    params.self_signed(key).unwrap().pem()
}

pub(crate) fn token(claims: &str) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.{}", part(r#"{"alg":"RS256"}"#), part(claims), part("signature"))
}

impl Made {
    pub(crate) fn new() -> Made {
        let (key, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let authority = certificate(&other, [-1, 3650], true);
        let client = certificate(&key, [-1, 365], false);
        let data = |pem: &str| STANDARD.encode(pem);
        let from = |days: [i64; 2]| data(&certificate(&key, days, false));
        let lasts = |issued: i64, expires: i64| {
            token(&format!(r#"{{"sub":"jane","iat":{},"exp":{}}}"#, NOW + issued, NOW + expires))
        };
        let values = vec![
            ("CA", data(&authority)),
            (
                "CA_AND_BROKEN",
                data(&format!("{authority}-----BEGIN CERTIFICATE-----\nQ0E=\n-----END CERTIFICATE-----\n")),
            ),
            ("CA_AND_NEXT", data(&(authority.clone() + &certificate(&other, [2, 4000], true)))),
            (
                "CA_GONE",
                data(&(certificate(&other, [-400, -35], true) + &certificate(&key, [-1, 4000], false))),
            ),
            ("SERVER", data(&certificate(&other, [-1, 365], false))),
            ("CLIENT", data(&client)),
            ("CLIENT_KEY", data(&key.serialize_pem())),
            ("OTHER_KEY", data(&other.serialize_pem())),
            ("EXPIRED", from([-400, -35])),
            ("EXPIRING", from([-300, 7])),
            ("FUTURE", from([2, 400])),
            ("WEAK", data(include_str!("../certificates/rsa-weak.crt"))),
            ("WEAK_KEY", data(include_str!("../certificates/rsa-weak-pkcs1.pem"))),
            ("ENCRYPTED_KEY", data(include_str!("../certificates/encrypted-pkcs8.pem"))),
            ("TOKEN", lasts(-DAY, 300 * DAY)),
            ("TOKEN_EXPIRED", lasts(-400 * DAY, -35 * DAY)),
            ("TOKEN_EXPIRING", lasts(-300 * DAY, 7 * DAY)),
            ("TOKEN_SHORT", lasts(-1800, 1800)),
            ("BOM", "\u{feff}".to_owned()),
            ("CR", "\r".to_owned()),
            ("LS", "\u{2028}".to_owned()),
        ];
        Made { authority, client, client_key: key.serialize_pem(), values }
    }

    /// The text with its placeholders filled.
    pub(crate) fn fill(&self, text: &str) -> String {
        let fill = |text: String, (name, value): &(&str, String)| text.replace(&format!("@{name}@"), value);
        self.values.iter().fold(text.to_owned(), fill)
    }

    /// The text with the placeholders put back.
    #[allow(dead_code, reason = "the tests beside real tools record nothing")]
    pub(crate) fn unfill(&self, text: &str) -> String {
        let mut values: Vec<&(&str, String)> = self.values.iter().collect();
        // One may begin with another.
        values.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
        let unfill =
            |text: String, (name, value): &(&str, String)| text.replace(value.as_str(), &format!("@{name}@"));
        values.into_iter().fold(text.to_owned(), unfill)
    }
}
