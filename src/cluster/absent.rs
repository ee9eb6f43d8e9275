//! Stands in for `cluster` in a build without the Cargo feature `cluster`: the same names, and no network. [`Target::of`]
//! always fails, so that there are no values of the types that need a target.

#![expect(missing_docs, reason = "`cluster` documents the same items")]

mod account;
mod answers;
mod audit;
mod failure;
pub mod fence;

pub use account::{IssuedToken, LABEL, Presence, ServiceAccount, VIEW, ViewerObject};
pub use answers::{Namespace, Who};
pub use audit::Audit;
pub use failure::{
    CertificateRole, ClientFault, Ended, Failure, Fault, Lifetime, PluginFailure, ProxyFault, Step,
    TlsFailure, Wanted,
};

use crate::env::Env;
use crate::kubeconfig::Merged;
use crate::kuberc::Gate;
use secrecy::SecretString;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Whether this build has cluster access.
pub const BUILT: bool = false;

/// A type without values.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Never {}

pub struct Target(Never);

impl Target {
    pub fn of(_: &Merged, _: &str, _: &Env) -> Result<Target, Failure> {
        Err(Failure::Other("this kcx was built without cluster access".to_owned()))
    }

    pub fn certificate_end(&self) -> Option<i64> {
        match self.0 {}
    }

    pub fn token_end(&self) -> Option<i64> {
        match self.0 {}
    }

    pub fn server(&self) -> String {
        match self.0 {}
    }
}

pub fn server(_: &str) -> Option<String> {
    None
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terminal {
    Yours,
    Taken,
}

pub struct Logins;

impl Logins {
    pub fn new(_: Terminal, _: Arc<Gate>) -> Logins {
        Logins
    }
}

pub struct Client(Never);

impl Client {
    pub async fn new(target: &Target, _: &Logins, _: Duration) -> Result<Client, Failure> {
        match target.0 {}
    }

    pub fn certificate_end(&self) -> Option<i64> {
        match self.0 {}
    }

    pub fn latency(&self) -> Duration {
        match self.0 {}
    }

    pub async fn version(&self) -> Result<String, Failure> {
        match self.0 {}
    }

    pub async fn who(&self) -> Result<Who, Failure> {
        match self.0 {}
    }

    pub async fn namespaces(&self) -> Result<Vec<Namespace>, Failure> {
        match self.0 {}
    }

    pub async fn has_namespace(&self, _: &str) -> Result<bool, Failure> {
        match self.0 {}
    }

    pub async fn create_token(&self, _: &ServiceAccount, _: u64) -> Result<IssuedToken, Failure> {
        match self.0 {}
    }

    pub async fn look_for(&self, _: ViewerObject, _: &ServiceAccount) -> Result<Presence, Failure> {
        match self.0 {}
    }

    pub async fn create(&self, _: ViewerObject, _: &ServiceAccount) -> Result<(), Failure> {
        match self.0 {}
    }

    pub async fn delete(&self, _: ViewerObject, _: &ServiceAccount, _: &str) -> Result<bool, Failure> {
        match self.0 {}
    }
}

pub async fn after(_: &Failure, target: &Target, _: &Logins) {
    match target.0 {}
}

#[derive(Clone, Default)]
pub struct Bounds {
    pub fence: fence::Fence,
    pub audit: Option<Arc<Audit>>,
}

pub struct Preparing(Never);

impl Preparing {
    pub fn cancel(&mut self) {
        match self.0 {}
    }
}

pub struct ReadOnly(Never);

impl ReadOnly {
    #[expect(clippy::needless_pass_by_value, reason = "`cluster` takes it as well")]
    pub fn prepare(
        target: Target,
        _: Logins,
        _: Duration,
        _: Bounds,
        _: impl Fn(&Failure) -> String + Send + Sync + 'static,
        _: impl FnOnce(Result<ReadOnly, Failure>) + Send + 'static,
    ) -> Preparing {
        match target.0 {}
    }

    pub fn server(&self) -> String {
        match self.0 {}
    }

    pub fn token(&self) -> &SecretString {
        match self.0 {}
    }

    pub fn certificate(&self) -> &str {
        match self.0 {}
    }

    pub fn log(&self) -> RequestLog {
        match self.0 {}
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestLog(Never);

impl RequestLog {
    pub fn refused(&self) -> &[(String, String)] {
        match self.0 {}
    }

    pub fn no_response(&self) -> &[String] {
        match self.0 {}
    }

    pub fn more(&self) -> usize {
        match self.0 {}
    }
}

fn without_runtime<T>() -> io::Result<T> {
    Err(io::ErrorKind::Unsupported.into())
}

pub fn run<F: Future>(_: F) -> io::Result<F::Output> {
    without_runtime()
}

pub fn run_all<T>(_: usize, _: Vec<impl Future<Output = T>>, _: impl FnMut(T)) -> io::Result<()> {
    without_runtime()
}

pub fn pause(_: Duration) -> io::Result<()> {
    without_runtime()
}
