//! Which names a namespace can have, before anything is written.

use super::error::{Cause, Error, name};
use crate::kubeconfig::is_namespace;

/// Refuses what no cluster could have as a namespace. See [`is_namespace`].
///
/// # Errors
/// Exit code 2.
pub(super) fn check(namespace: &str, force: bool) -> Result<(), Error> {
    if is_namespace(namespace) || force && !namespace.is_empty() {
        return Ok(());
    }
    let usage = |message: String| Error::new(Cause::Usage, message);
    if namespace.is_empty() {
        return Err(
            usage("the namespace is empty".to_owned()).hint("`kcx ns --unset` goes back to the default one")
        );
    }
    let what = format!(
        "{} is not a valid namespace name: at most 63 characters of a-z, 0-9 and `-`, and no `-` at either end",
        name(namespace)
    );
    Err(usage(what).hint("`--force` writes it anyway"))
}
