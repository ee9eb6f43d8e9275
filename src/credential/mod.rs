//! Credentials that are kept outside of kubeconfigs: where, in which form, and how kubectl gets them.
//!
//! A [`Bundle`] is what is kept of one user. [`record`] makes items of it that a [`Keychain`] takes: the one of the
//! system ([`native`]), of the Linux kernel (`kernel`) or encrypted files ([`folder`]). An `exec` entry ([`entry`]) in
//! the kubeconfig leads to it, [`binding`] says which clusters get it, and [`answer`] answers kubectl. [`plan`]
//! says which users can be sealed, and the changes that do it; nothing here edits a kubeconfig.

mod age;
pub mod answer;
pub mod binding;
mod bundle;
pub mod entry;
pub mod expiry;
pub mod folder;
#[cfg(target_os = "linux")]
pub mod kernel;
pub mod keychain;
pub mod native;
pub mod plan;
pub mod record;

pub use binding::Binding;
pub use bundle::Bundle;
pub use keychain::{Keychain, Place, Timed, Trouble};
