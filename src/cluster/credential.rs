//! When a credential expires, as far as that is known without querying the cluster.

use super::failure::{Ended, Lifetime};
use super::login::Login;
use crate::kubeconfig::certificate;
use crate::kubeconfig::token::Claims;
use jiff::Timestamp;
use secrecy::ExposeSecret;
use std::time::Duration;

/// When the credentials for a cluster expire, in seconds since 1970 UTC.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Credential {
    /// The user has a credential, sent or not.
    pub(super) configured: bool,
    pub(super) certificate_end: Option<i64>,
    /// It has a token.
    token: bool,
    token_end: Option<i64>,
}

impl Credential {
    pub(super) fn of(login: &Login, configured: bool) -> Credential {
        let certificate = login.identity.as_ref().map(|(certificate, _)| certificate);
        let token = login.token.as_ref();
        Credential {
            configured,
            certificate_end: certificate.and_then(|pem| certificate::expiry(pem)),
            token: token.is_some(),
            token_end: token.and_then(|token| Claims::of(token.expose_secret())?.expires),
        }
    }

    /// The part that has expired, else how long the part that counts is valid.
    pub(super) fn lifetime(&self) -> Option<Lifetime> {
        // A token takes precedence over a certificate.
        let ended = ago(self.token_end).map(Ended::Token).or_else(|| self.ended_certificate());
        let left = || match self.token_end {
            Some(end) => left(end).map(Lifetime::Token),
            None if self.token => None,
            None => self.certificate_end.and_then(left).map(Lifetime::Certificate),
        };
        ended.map(Lifetime::Ended).or_else(left)
    }

    pub(super) fn ended_certificate(&self) -> Option<Ended> {
        ago(self.certificate_end).map(Ended::Certificate)
    }
}

fn left(end: i64) -> Option<Duration> {
    let seconds = end.checked_sub(Timestamp::now().as_second())?;
    u64::try_from(seconds).ok().map(Duration::from_secs)
}

fn ago(end: Option<i64>) -> Option<Duration> {
    let seconds = u64::try_from(Timestamp::now().as_second().checked_sub(end?)?).ok()?;
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_ended_is_the_token_before_the_certificate() {
        let now = Timestamp::now().as_second();
        let of = |token_end: Option<i64>, certificate_end| {
            Credential { configured: true, certificate_end, token: token_end.is_some(), token_end }.lifetime()
        };
        assert_eq!(of(None, None), None);
        assert!(
            matches!(of(Some(now + 60), Some(now + 90)), Some(Lifetime::Token(left)) if left.as_secs() <= 60)
        );
        assert!(matches!(of(None, Some(now + 60)), Some(Lifetime::Certificate(_))));
        let ended = of(Some(now - 60), Some(now - 60));
        assert!(matches!(ended, Some(Lifetime::Ended(Ended::Token(ago))) if ago.as_secs() >= 60));
        assert!(matches!(of(None, Some(now - 60)), Some(Lifetime::Ended(Ended::Certificate(_)))));
        // The certificate says nothing about a token without an end.
        let both =
            Credential { configured: true, certificate_end: Some(now + 60), token: true, token_end: None };
        assert_eq!(both.lifetime(), None);
        // No number in a token overflows.
        assert!(matches!(of(Some(i64::MAX), None), Some(Lifetime::Token(_))));
        assert_eq!(of(Some(i64::MIN), None), None);
    }
}
