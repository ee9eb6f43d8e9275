//! Asking clusters: the one place where kcx touches the network.
//!
//! ```text
//!   Merged, context ─► Target      where a context leads, and as whom: bodies and folders, nothing read yet
//!                       │
//!   exec plugin ──────► Login      what proves who one is: certificate, token or password
//!                       │
//!                     road         resolve, connect, through a proxy or not
//!                       │
//!                     tls          trusted certificates, and the client certificate
//!                       │
//!                   Transport      HTTP/1.1 by hyper, with the user's headers
//!                       │
//!                     Client       requests of the Kubernetes API, built by kube; version, whoami, namespaces
//!                       │
//!                     Failure      what went wrong, as fields
//!
//!   ReadOnly ─► verdict ─► Client   a proxy on loopback that passes only reads, and Notes of what it refused
//! ```
//!
//! kube's core builds the requests. Its client is not compiled: its kubeconfig reader reads less than kubectl does and
//! shows secrets in its errors, its plugin runner runs a plugin three times per client, and it brings 30 crates.
//!
//! Nothing here prints. A runtime lives as long as one call of [`run`], on the thread that called.

mod client;
mod connector;
mod credential;
mod failure;
mod login;
mod no_proxy;
mod plugin;
mod read_only;
pub mod read_only_policy;
mod request;
mod target;
mod tls;
mod transport;
mod usable;

pub use client::{Client, Namespace, Who};
pub use failure::{
    ClientFault, Ended, Failure, Lifetime, PluginFailure, ProxyFault, Step, TlsFailure, Wanted,
};
pub use login::Logins;
pub use plugin::Terminal;
pub use read_only::{Note, Notes, Preparing, ReadOnly};
pub use request::after;
pub use target::{Target, server};
pub use tls::{Fault, Whose};

/// Runs a future to its end on this thread.
///
/// # Errors
/// The system has no file descriptors left.
pub fn run<F: Future>(future: F) -> std::io::Result<F::Output> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let output = runtime.block_on(future);
    // A name that is still being resolved keeps nobody waiting.
    runtime.shutdown_background();
    Ok(output)
}
