//! A proxy to one cluster that passes only reads, for a program that must not change anything and must not have the
//! credential.
//!
//! It listens on loopback, uses TLS with its own certificate, and requires a random token that was created for it. A request
//! that `read_only_policy` passes is sent on with the real credential and with exactly the target bytes that were judged:
//! hyper keeps them unchanged, except that it removes a fragment first; only a sealed `continue` is opened. Both sides may
//! speak HTTP/2. Answers are streamed, through `filter` if something must be left out. Each refused request is noted,
//! with the reason, for the command that started the proxy, and each request in the audit file, if there is one.

mod authentication;
mod body;
mod own_answers;
mod own_group;
mod pass;
mod request_log;
mod seal;
mod serve;
mod upstream;

pub use request_log::{RequestError, RequestLog};

use super::audit::Audit;
use super::client::Client;
use super::failure::Failure;
use super::fence::{Fence, Hidden};
use super::login::Logins;
use super::target::Target;
use crate::codec::hash::hex;
use own_group::OwnGroups;
use ring::rand::{SecureRandom, SystemRandom};
use seal::SealKey;
use secrecy::SecretString;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;
use upstream::Upstream;

/// What a proxy lets through, and where it writes what it did.
#[derive(Clone, Default)]
pub struct Bounds {
    /// What may be read.
    pub fence: Fence,
    /// The audit file.
    pub audit: Option<Arc<Audit>>,
}

/// A running proxy; it ends when it is dropped.
pub struct ReadOnly {
    address: SocketAddr,
    token: SecretString,
    certificate: String,
    log: Arc<Mutex<RequestLog>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A proxy that is being started on a thread of its own; cancelled when it is dropped.
pub struct Preparing {
    cancel: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Preparing {
    /// Ends a plugin that still runs. The proxy then fails soon, if it is not started yet.
    pub fn cancel(&mut self) {
        drop(self.cancel.take());
    }
}

impl Drop for Preparing {
    fn drop(&mut self) {
        self.cancel();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl ReadOnly {
    /// Starts a proxy on a thread of its own; `words` explains to the command why the cluster does not answer. Gets the
    /// credential and checks the whole target first, so that a failing plugin or an invalid proxy is reported before
    /// anything runs. `done` is called on that thread, with the proxy or the reason why there is none.
    pub fn prepare(
        target: Target,
        logins: Logins,
        limit: Duration,
        mut bounds: Bounds,
        words: impl Fn(&Failure) -> String + Send + Sync + 'static,
        done: impl FnOnce(Result<ReadOnly, Failure>) + Send + 'static,
    ) -> Preparing {
        let (cancel, mut cancelled) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            // A client only works in the runtime that created it: this one only checks that it can be created.
            let checked = super::run(async {
                tokio::select! {
                    checked = check(&target, &logins, limit, &mut bounds.fence.hidden) => checked,
                    _ = &mut cancelled => Err(Failure::Other("it was cancelled".to_owned())),
                }
            });
            let checked = checked.unwrap_or_else(|error| Err(Failure::Other(error.to_string())));
            done(checked.and_then(|()| ReadOnly::start(target, logins, limit, bounds, words)));
        });
        Preparing { cancel: Some(cancel), thread: Some(thread) }
    }

    fn start(
        target: Target,
        logins: Logins,
        limit: Duration,
        bounds: Bounds,
        words: impl Fn(&Failure) -> String + Send + Sync + 'static,
    ) -> Result<ReadOnly, Failure> {
        let other = |error: &dyn std::fmt::Display| Failure::Other(error.to_string());
        let mut bytes = [0; 32];
        SystemRandom::new().fill(&mut bytes).map_err(|error| other(&error))?;
        let token: SecretString = hex(&bytes).into();
        let (tls, certificate) = serve::tls().map_err(|error| other(&error))?;
        let listener =
            std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| other(&error))?;
        listener.set_nonblocking(true).map_err(|error| other(&error))?;
        let address = listener.local_addr().map_err(|error| other(&error))?;
        let (stop, stopped) = oneshot::channel();
        let log = Arc::<Mutex<RequestLog>>::default();
        let shared = Arc::new(Shared {
            upstream: Upstream::new(target, logins, limit),
            token: token.clone(),
            bounds,
            seal: Arc::new(SealKey::new().ok_or_else(|| other(&"there is no randomness"))?),
            own_groups: OwnGroups::default(),
            words: Box::new(words),
            log: log.clone(),
        });
        let thread = std::thread::spawn(move || {
            // Without a runtime no request is answered.
            let _ = super::run(async {
                tokio::select! {
                    () = serve::accept(listener, tls, shared) => {}
                    _ = stopped => {}
                }
            });
        });
        Ok(ReadOnly { address, token, certificate, log, stop: Some(stop), thread: Some(thread) })
    }

    /// `https://127.0.0.1:PORT`.
    #[must_use]
    pub fn server(&self) -> String {
        format!("https://{}", self.address)
    }

    /// The token that requests must have. It allows reading what the user may read, within the bounds.
    #[must_use]
    pub fn token(&self) -> &SecretString {
        &self.token
    }

    /// Its certificate, PEM.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// The requests that were refused or failed so far.
    #[must_use]
    pub fn log(&self) -> RequestLog {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has already been printed.
            let _ = thread.join();
        }
    }
}

/// Gets the credential, and asks the cluster for the kinds that are to be hidden: a name that it does not have would hide
/// nothing.
async fn check(
    target: &Target,
    logins: &Logins,
    limit: Duration,
    hidden: &mut Hidden,
) -> Result<(), Failure> {
    let client = Client::new(target, logins, limit).await?;
    if hidden.names_kinds() {
        hidden.resolve(&client.kinds().await?).map_err(Failure::NoSuchKind)?;
    }
    Ok(())
}

/// What the requests of a proxy share.
struct Shared {
    upstream: Upstream,
    token: SecretString,
    bounds: Bounds,
    seal: Arc<SealKey>,
    own_groups: OwnGroups,
    words: Box<dyn Fn(&Failure) -> String + Send + Sync>,
    log: Arc<Mutex<RequestLog>>,
}
