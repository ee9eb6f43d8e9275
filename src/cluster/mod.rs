//! Requests to clusters. Only this module accesses the network.
//!
//! ```text
//!   Merged, context ─► Target      cluster and user of a context: entry bodies and folders; no file is read yet
//!                       │
//!   exec plugin ──────► Login      the credential: certificate, token or password
//!                       │
//!                   connector      resolve the name and connect, optionally through a proxy
//!                       │
//!                     tls          trusted certificates, and the client certificate
//!                       │
//!                   Transport      HTTP by hyper, with the user's headers
//!                       │
//!                     Client       requests of the Kubernetes API, built by kube; version, whoami, namespaces, tokens
//!                       │
//!                     Failure      errors as data
//!
//!   ReadOnly ─► read_only_policy ─► Client ─► filter
//!                       │                       │
//!                     fence ────────────────────┘
//!                              a proxy on loopback that passes only reads, within a fence, and logs refused requests
//! ```
//!
//! kube's core builds the requests. Its client is not compiled: its kubeconfig reader reads less than kubectl does and
//! shows secrets in its errors, its plugin runner runs a plugin three times per client, and it brings 30 crates.
//!
//! Nothing here prints. A runtime lives as long as one call of [`run`], on the thread that called.

mod account;
mod answers;
mod audit;
mod classify;
mod client;
mod connector;
mod credential;
mod failure;
pub mod fence;
pub mod filter;
mod kinds;
mod login;
mod no_proxy;
mod plugin;
mod read_only;
pub mod read_only_policy;
mod request;
mod run_all;
mod service_account;
mod target;
mod tls;
mod transport;
mod usable;

pub use account::{IssuedToken, LABEL, Presence, ServiceAccount, VIEW, ViewerObject};
pub use answers::{Namespace, Who};
pub use audit::Audit;
pub use client::Client;
pub use failure::{
    CertificateRole, ClientFault, Ended, Failure, Fault, Lifetime, PluginFailure, ProxyFault, Step,
    TlsFailure, Wanted,
};
pub use login::Logins;
pub use plugin::Terminal;
pub use read_only::{Bounds, Preparing, ReadOnly, RequestError, RequestLog};
pub use request::after;
pub use run_all::{pause, run_all};
pub use target::{Target, server};

/// Whether this build has cluster access.
pub const BUILT: bool = true;

/// Runs a future to its end on this thread.
///
/// # Errors
/// The system has no file descriptors left.
pub fn run<F: Future>(future: F) -> std::io::Result<F::Output> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let output = runtime.block_on(future);
    // Does not wait for a name resolution that is still running.
    runtime.shutdown_background();
    Ok(output)
}
