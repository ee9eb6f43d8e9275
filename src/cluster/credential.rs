//! What is known of a credential without asking anybody: when it ends.

use super::failure::Ended;
use super::login::Login;
use crate::kubeconfig::certificate;
use crate::kubeconfig::token::Claims;
use jiff::Timestamp;
use secrecy::ExposeSecret;
use std::time::Duration;

/// The ends of what is shown to a cluster, in seconds since 1970 UTC.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Credential {
    /// The user has one, sent or not.
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

    /// What has ended of it.
    pub(super) fn ended(&self) -> Option<Ended> {
        // A token counts before a certificate.
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
        // No number that a token could hold is too much.
        assert_eq!(ended(Some(i64::MAX), None), None);
        assert_eq!(ended(Some(i64::MIN), None), None);
    }
}
