//! The Cargo features that this kcx was built without.

use super::error::{Cause, Error};
use crate::{cluster, credential};

/// Fails in a build without cluster access.
///
/// # Errors
/// Exit code 2.
pub(super) fn demand_cluster() -> Result<(), Error> {
    match cluster::BUILT {
        true => Ok(()),
        false => {
            let message = "this kcx was built without cluster access (Cargo feature `cluster`)";
            let hint = "`cargo install` without `--no-default-features`, or with `--features cluster`, builds one with it";
            Err(Error::new(Cause::Usage, message).hint(hint))
        }
    }
}

/// A line about the missing features for `kcx --version`; empty if there are none.
pub(super) fn missing() -> String {
    let features = [("cluster", cluster::BUILT), ("keychain", credential::system::BUILT)];
    let missing: Vec<&str> = features.into_iter().filter(|(_, built)| !built).map(|(name, _)| name).collect();
    match missing.as_slice() {
        [] => String::new(),
        missing => format!("built without the Cargo features: {}\n", missing.join(", ")),
    }
}
