//! Credentials that are stored outside of kubeconfigs: where, in which form, and how kubectl gets them.
//!
//! A [`Bundle`] has the secrets of one user. [`record`] stores it as items of a [`Keychain`]: the system's ([`native`]), the
//! Linux kernel's (`kernel`) or encrypted files ([`folder`]). An `exec` entry ([`entry`]) in the kubeconfig refers to it,
//! [`binding`] limits the clusters that get it, and [`answer`] formats the answer for kubectl. [`plan`] determines which
//! users can be sealed, and the changes for it; nothing here edits a kubeconfig. [`own`] is for users whose secret stays in
//! their kubeconfig, while a copy of their entry has none.

mod age;
pub mod answer;
pub mod binding;
mod bundle;
pub mod entry;
pub mod expiry;
pub mod folder;
#[cfg(all(feature = "keychain", target_os = "linux"))]
pub mod kernel;
pub mod keychain;
#[cfg(feature = "keychain")]
pub mod native;
pub mod own;
pub mod plan;
pub mod record;
#[cfg(feature = "keychain")]
pub mod system;
#[cfg(not(feature = "keychain"))]
#[path = "system_absent.rs"]
pub mod system;

pub use binding::Binding;
pub use bundle::Bundle;
pub use keychain::{CredentialStore, Keychain, KeychainError, Timed};
