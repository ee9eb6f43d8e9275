//! Stands in for `system` in a build without the Cargo feature `keychain`.

use super::keychain::{CredentialStore, Keychain};
use std::sync::Arc;

/// Whether this build has the system's keychains.
pub const BUILT: bool = false;

/// Always `None`.
#[must_use]
pub fn open(_: CredentialStore) -> Option<Arc<dyn Keychain>> {
    None
}
