//! When a credential expires, as far as that is known without asking the cluster.

use super::failure::Ended;
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
    token_end: Option<i64>,
}

impl Credential {
    pub(super) fn of(login: &Login, configured: bool) -> Credential {
        let certificate = login.identity.as_ref().map(|(certificate, _)| certificate);
        let token = login.token.as_ref();
        Credential {
            configured,
            certificate_end: certificate.and_then(|pem| certificate::expiry(pem)),
            token_end: token.and_then(|token| Claims::of(token.expose_secret())?.expires),
        }
    }

    /// The part that has expired.
    pub(super) fn ended(&self) -> Option<Ended> {
        // A token takes precedence over a certificate.
        ago(self.token_end).map(Ended::Token).or_else(|| self.ended_certificate())
    }

    pub(super) fn ended_certificate(&self) -> Option<Ended> {
        ago(self.certificate_end).map(Ended::Certificate)
    }
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
        let ended =
            |token_end, certificate_end| Credential { configured: true, certificate_end, token_end }.ended();
        assert_eq!(ended(None, None), None);
        assert_eq!(ended(Some(now + 60), Some(now + 60)), None);
        assert!(
            matches!(ended(Some(now - 60), Some(now - 60)), Some(Ended::Token(ago)) if ago.as_secs() >= 60)
        );
        assert!(matches!(ended(None, Some(now - 60)), Some(Ended::Certificate(_))));
        // No number in a token overflows.
        assert_eq!(ended(Some(i64::MAX), None), None);
        assert_eq!(ended(Some(i64::MIN), None), None);
    }
}
