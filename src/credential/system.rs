//! The keychains that the system has.

use super::keychain::{CredentialStore, Keychain};
use super::native::Native;
use std::sync::Arc;

/// Whether this build has the system's keychains.
pub const BUILT: bool = true;

/// The system's keychain of this kind; `None` if the system has none.
#[must_use]
pub fn open(place: CredentialStore) -> Option<Arc<dyn Keychain>> {
    match place {
        CredentialStore::Keychain => Some(Arc::new(Native)),
        #[cfg(target_os = "linux")]
        CredentialStore::Keyutils => Some(Arc::new(super::kernel::Kernel)),
        _ => None,
    }
}
