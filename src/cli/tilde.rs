//! Paths with a `~` that no shell has expanded, because it was in quotes or behind a `=`.

use super::error::{Cause, Error, path};
use super::messages;
use std::path::{Path, PathBuf};

/// A hint for a path with a `~` that no shell has expanded.
#[must_use]
pub(super) fn hint(path: &Path) -> Option<String> {
    let at = path.components().position(|part| part.as_os_str() == "~")?;
    let rest: PathBuf = path.components().skip(at + 1).collect();
    let instead = messages::shell_word(&rest.to_string_lossy());
    Some(format!(
        "`~` is expanded by the shell only, and not in quotes or behind `=`: write \"$HOME\"/{instead}"
    ))
}

/// Fails for a file in a folder named `~`, which no shell has expanded, unless that folder exists.
///
/// # Errors
/// Exit code 2.
pub(super) fn refuse(file: &Path) -> Result<(), Error> {
    match hint(file) {
        Some(text) if file.parent().is_some_and(|folder| !folder.exists()) => {
            let message =
                format!("{} is in a folder named `~`, which does not exist; nothing was written", path(file));
            Err(Error::new(Cause::Usage, message).hint(text))
        }
        _ => Ok(()),
    }
}
