//! Determines the credential for a cluster, in client-go's order: from the kubeconfig, else from an exec plugin.

use super::failure::{Failure, Step};
use super::plugin::{Plugin, PluginCredential, Terminal};
use super::target::Target;
use crate::kubeconfig::schema::key;
use crate::kubeconfig::token::Claims;
use crate::kubeconfig::typed::{AuthProvider, User};
use crate::kuberc::Gate;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// The credential of a request.
#[derive(Clone, Default)]
pub(super) struct Login {
    /// A certificate and its key, both PEM.
    pub(super) identity: Option<(Vec<u8>, SecretString)>,
    pub(super) token: Option<SecretString>,
    pub(super) basic: Option<(String, SecretString)>,
}

/// The number of plugins that run at the same time. Some are slow to start, and many at once would be slower.
const PLUGINS: usize = 8;

/// All logins of one run of kcx. A plugin that several users share runs once, and again only when its answer has expired.
pub struct Logins {
    terminal: Terminal,
    gate: Arc<Gate>,
    given: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Option<PluginCredential>>>>>,
    places: Semaphore,
}

impl Logins {
    /// Starts without logins. A plugin is started only if the gate admits it.
    #[must_use]
    pub fn new(terminal: Terminal, gate: Arc<Gate>) -> Logins {
        Logins { terminal, gate, given: Mutex::default(), places: Semaphore::new(PLUGINS) }
    }

    /// The credential for this target. The time limit applies to the plugin, without the wait for its start.
    pub(super) async fn of(&self, target: &Target, limit: Duration) -> Result<Login, Failure> {
        super::usable::confirm(target)?;
        let user = &target.user;
        let mut login = Login::default();
        // client-go sends no credential over an unencrypted connection.
        if !target.is_private() {
            return Ok(login);
        }
        if let Some(certificate) = user.material(key::CLIENT_CERTIFICATE)? {
            let key = user.material(key::CLIENT_KEY)?;
            let key = key.ok_or_else(|| wrong(target, "has a client certificate without a key"))?;
            login.identity = Some((certificate, secret(target, key, key::CLIENT_KEY)?));
        }
        login.token = token(target)?;
        if !user.text(key::USERNAME).is_empty() {
            if login.token.is_some() {
                return Err(wrong(target, "has both a token and a password; only one of them is allowed"));
            }
            login.basic = Some((user.text(key::USERNAME).to_owned(), user.text(key::PASSWORD).into()));
        }
        if login.identity.is_none() && login.token.is_none() && login.basic.is_none() {
            self.ask_plugin(target, limit, &mut login).await?;
        }
        if let Some(provider) = User(&user.body).auth_provider()
            && login.token.is_none()
        {
            login.token = Some(id_token(target, provider)?);
        }
        if login.token.as_ref().is_some_and(|token| token.expose_secret().contains(|c: char| c.is_control()))
        {
            return Err(wrong(target, "has a token that contains a line break or a control character"));
        }
        Ok(login)
    }

    async fn ask_plugin(&self, target: &Target, limit: Duration, login: &mut Login) -> Result<(), Failure> {
        let Some(plugin) = Plugin::of(target) else { return Ok(()) };
        let place = self.places_of(plugin.key());
        let mut given = place.lock().await;
        let now = Timestamp::now();
        if given.as_ref().is_none_or(|given| given.until.is_some_and(|until| until <= now)) {
            let _turn = self.places.acquire().await;
            let run = tokio::time::timeout(limit, plugin.run(self.terminal, &self.gate)).await;
            *given = Some(run.map_err(|_| Failure::TimedOut(Step::Plugin))??);
        }
        if let Some(given) = &*given {
            login.token.clone_from(&given.token);
            login.identity = given
                .identity
                .as_ref()
                .map(|(certificate, key)| (certificate.clone().into_bytes(), key.clone()));
        }
        Ok(())
    }

    /// Forgets a plugin's answer, because the cluster rejected it.
    pub(super) async fn forget(&self, target: &Target) {
        if let Some(plugin) = Plugin::of(target) {
            *self.places_of(plugin.key()).lock().await = None;
        }
    }

    fn places_of(&self, key: String) -> Arc<tokio::sync::Mutex<Option<PluginCredential>>> {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        given.entry(key).or_default().clone()
    }
}

impl Target {
    /// When the token in the kubeconfig expires, in seconds since 1970 UTC, if it says so. A plugin renews its tokens.
    #[must_use]
    pub fn token_end(&self) -> Option<i64> {
        Claims::of(token(self).ok()??.expose_secret())?.expires
    }
}

fn wrong(target: &Target, what: &str) -> Failure {
    Failure::Kubeconfig(format!("user `{}` {what}", target.user_name))
}

fn secret(target: &Target, bytes: Vec<u8>, field: &str) -> Result<SecretString, Failure> {
    let text =
        String::from_utf8(bytes).map_err(|_| wrong(target, &format!("has a `{field}` that is not text")))?;
    Ok(text.into())
}

/// The token of the kubeconfig: the content of `tokenFile` unless it is empty, else `token` (client-go's
/// `NewBearerAuthWithRefreshRoundTripper`). If `token` is set, a file that cannot be read is ignored.
fn token(target: &Target) -> Result<Option<SecretString>, Failure> {
    let (user, file) = (&target.user, target.user.text(key::TOKEN_FILE));
    let spare = Some(user.text(key::TOKEN)).filter(|token| !token.is_empty());
    if !file.is_empty() {
        let read = user.read(file).and_then(|bytes| secret(target, bytes, key::TOKEN_FILE));
        match read {
            Ok(text) if !text.expose_secret().trim().is_empty() => {
                return Ok(Some(text.expose_secret().trim().into()));
            }
            Ok(_) if spare.is_none() => {
                return Err(wrong(target, "has a `tokenFile` that contains no token"));
            }
            Err(failure) if spare.is_none() => return Err(failure),
            _ => {}
        }
    }
    Ok(spare.map(Into::into))
}

/// The token of an auth-provider. kubectl has only `oidc` left. Its token is used unchanged: kubectl renews it, kcx does not.
fn id_token(target: &Target, provider: AuthProvider<'_>) -> Result<SecretString, Failure> {
    let name = provider.name();
    if name != "oidc" {
        return Err(wrong(
            target,
            &format!("has the auth-provider `{name}`, which kubectl does not support"),
        ));
    }
    for needed in ["idp-issuer-url", "client-id", "id-token"] {
        if provider.setting(needed).is_empty() {
            return Err(wrong(target, &format!("has an auth-provider `oidc` without an `{needed}`")));
        }
    }
    let token = provider.setting("id-token");
    let Some(claims) = Claims::of(token) else {
        return Err(wrong(target, "has an auth-provider `oidc` whose `id-token` is not a JSON web token"));
    };
    // client-go treats a token as expired ten seconds before its end.
    match claims.expires {
        Some(end) if Timestamp::now().as_second() + 10 <= end => Ok(token.into()),
        _ => Err(wrong(
            target,
            "has an auth-provider `oidc` whose `id-token` has expired; kubectl renews it, kcx does not",
        )),
    }
}
