//! Decodes the claims of a bearer token that is a JSON Web Token (RFC 7519).
//!
//! The signature is not verified, because only the cluster has the key. A token is a secret: messages may contain its
//! claims, not the token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// The claims of a token; missing claims are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// `exp`: the end of validity, in seconds since 1970 UTC.
    pub expires: Option<i64>,
    /// `nbf`: the start of validity, in seconds since 1970 UTC.
    pub not_before: Option<i64>,
    /// `iat`: the time of issue, in seconds since 1970 UTC.
    pub issued: Option<i64>,
    /// `sub`: the subject. That of a service account is `system:serviceaccount:NAMESPACE:NAME`.
    pub subject: String,
    /// `iss`: the issuer.
    pub issuer: String,
    /// `aud`: the audiences.
    pub audiences: Vec<String>,
    /// `groups`: the groups of the subject according to its identity provider.
    pub groups: Vec<String>,
}

impl Claims {
    /// Decodes a token; `None` if it is not a JSON Web Token.
    ///
    /// ```
    /// use kcx::kubeconfig::token::Claims;
    /// // {"alg":"none"} . {"exp":1700000000,"sub":"jane"}
    /// let claims = Claims::of("eyJhbGciOiJub25lIn0.eyJleHAiOjE3MDAwMDAwMDAsInN1YiI6ImphbmUifQ.").unwrap();
    /// assert_eq!((claims.expires, claims.subject.as_str()), (Some(1_700_000_000), "jane"));
    /// assert_eq!(Claims::of("abcdef.0123456789abcdef"), None);
    /// ```
    #[must_use]
    pub fn of(token: &str) -> Option<Claims> {
        let mut parts = token.trim().split('.');
        let (header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        object(header)?.get("alg")?;
        let claims = object(payload)?;
        Some(Claims {
            expires: seconds(claims.get("exp")),
            not_before: seconds(claims.get("nbf")),
            issued: seconds(claims.get("iat")),
            subject: text(claims.get("sub")),
            issuer: text(claims.get("iss")),
            audiences: texts(claims.get("aud")),
            groups: texts(claims.get("groups")),
        })
    }
}

/// Decodes a part of a token: a JSON object in URL-safe base64 (RFC 7515, 2). Padding is accepted.
fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// A `NumericDate` (RFC 7519, 2), which may have a fraction.
fn seconds(value: Option<&Value>) -> Option<i64> {
    let value = value?;
    value.as_i64().or_else(|| value.as_f64().filter(|it| it.abs() < 1e15).map(|it| it.floor() as i64))
}

fn text(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A string or a list of strings.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(list)) => list.iter().filter_map(|it| it.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str, payload: &str) -> String {
        format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload))
    }

    #[test]
    fn decodes_the_claims_of_a_service_account() {
        let payload = r#"{"aud":["https://kubernetes.default.svc"],"exp":1735689600.75,"iat":1735686000,
            "iss":"https://kubernetes.default.svc","nbf":1735686000,"sub":"system:serviceaccount:ci:deployer"}"#;
        let claims = Claims::of(&token(r#"{"alg":"RS256","kid":"x"}"#, payload)).unwrap();
        assert_eq!(claims.expires, Some(1_735_689_600));
        assert_eq!((claims.issued, claims.not_before), (Some(1_735_686_000), Some(1_735_686_000)));
        assert_eq!(claims.subject, "system:serviceaccount:ci:deployer");
        assert_eq!(claims.audiences, ["https://kubernetes.default.svc"]);
        assert!(claims.groups.is_empty());
    }

    #[test]
    fn decodes_one_or_several_audiences_and_groups() {
        let claims =
            Claims::of(&token(r#"{"alg":"none"}"#, r#"{"aud":"kcx","groups":["dev","ops"]}"#)).unwrap();
        assert_eq!(claims.audiences, ["kcx"]);
        assert_eq!(claims.groups, ["dev", "ops"]);
        assert_eq!(claims.expires, None);
    }

    #[test]
    fn other_tokens_have_no_claims() {
        for other in [
            "",
            "abc",
            "a.b.c",
            "a.b.c.d",
            "....",
            "0123456789abcdef.0123456789abcdef",
            &token("{}", "{}"),
            &token("[]", "{}"),
            &token(r#"{"alg":"none"}"#, "[]"),
            &token(r#"{"alg":"none"}"#, "{"),
        ] {
            assert_eq!(Claims::of(other), None, "{other}");
        }
        let odd = Claims::of(&token(r#"{"alg":"none"}"#, r#"{"exp":"soon","sub":5,"aud":{"a":1}}"#));
        assert_eq!(odd, Some(Claims::default()));
    }
}
