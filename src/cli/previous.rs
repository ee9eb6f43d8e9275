//! What `-` means: the context and namespaces in force before the last switch, for each kubeconfig apart.
//!
//! Kept in one small file of the state folder, names only. Losing it costs a `-` and nothing else, so no failure here
//! may fail a switch.

use crate::env::Env;
use crate::file::{self, Lock, LockError, Patience};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// All of it, by the absolute path of a kubeconfig.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Previous {
    contexts: BTreeMap<String, String>,
    /// By context; empty for none.
    namespaces: BTreeMap<String, BTreeMap<String, String>>,
}

/// The context before the last switch in this default file.
#[must_use]
pub(super) fn context(env: &Env, file: &Path) -> Option<String> {
    read(&place(env)?).contexts.remove(&key(env, file))
}

/// The namespace that a context of this file had before; empty if it had none.
#[must_use]
pub(super) fn namespace(env: &Env, file: &Path, context: &str) -> Option<String> {
    read(&place(env)?).namespaces.remove(&key(env, file))?.remove(context)
}

/// Notes the context that was switched away from; an empty one is none.
///
/// # Errors
/// The state folder cannot be written.
pub(super) fn remember_context(env: &Env, file: &Path, context: &str) -> io::Result<()> {
    if context.is_empty() {
        return Ok(());
    }
    change(env, |previous| drop(previous.contexts.insert(key(env, file), context.to_owned())))
}

/// Notes the namespace that a context had.
///
/// # Errors
/// The state folder cannot be written.
pub(super) fn remember_namespace(env: &Env, file: &Path, context: &str, namespace: &str) -> io::Result<()> {
    change(env, |previous| {
        let of_file = previous.namespaces.entry(key(env, file)).or_default();
        of_file.insert(context.to_owned(), namespace.to_owned());
    })
}

fn change(env: &Env, change: impl FnOnce(&mut Previous)) -> io::Result<()> {
    let Some(place) = place(env) else { return Ok(()) };
    file::create_parents(&place)?;
    // Worth a moment, not the five seconds of a kubeconfig.
    let patience = Patience { timeout: Duration::from_millis(200), ..Patience::default() };
    let lock = Lock::acquire(&place, &patience).map_err(|error| match error {
        LockError::Io { source, .. } => source,
        LockError::Held { .. } => io::ErrorKind::ResourceBusy.into(),
        LockError::Interrupted => io::ErrorKind::Interrupted.into(),
    })?;
    let mut previous = read(&place);
    change(&mut previous);
    let bytes = serde_json::to_vec_pretty(&previous)?;
    let replaced = file::replace(&place, &[&bytes, b"\n"]);
    drop(lock);
    match replaced {
        Ok(_) => Ok(()),
        Err(file::ReplaceError::Io { source, .. } | file::ReplaceError::NotAtomic { source, .. }) => {
            Err(source)
        }
    }
}

/// What cannot be read is forgotten.
fn read(place: &Path) -> Previous {
    let bytes = file::read(place, 1 << 24).map(|(bytes, _)| bytes).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

fn place(env: &Env) -> Option<PathBuf> {
    Some(env.state.as_ref()?.join("previous.json"))
}

fn key(env: &Env, file: &Path) -> String {
    env.absolute(file).to_string_lossy().into_owned()
}
