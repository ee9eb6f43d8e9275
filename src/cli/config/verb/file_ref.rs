//! File references of clusters and users, as kubectl rewrites them when it writes an entry.
//!
//! Source: client-go `clientcmd/loader.go`, `RelativizePathWithNoBacksteps`.

use crate::env::Env;
use crate::kubeconfig::schema::key;
use crate::kubeconfig::{Body, Kind, Merged};
use crate::path;
use crate::store::Store;
use serde_json::Value;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

/// The absolute folder for an entry's relative paths: that of its file, or of the file where it will be written.
pub(super) fn base(merged: &Merged, store: &Store, env: &Env, kind: Kind, name: &str) -> PathBuf {
    let file = merged
        .find(kind, name)
        .map_or_else(|| store.default_path().to_owned(), |entry| merged.path(entry).to_owned());
    env.absolute(&file).parent().map_or_else(|| PathBuf::from("/"), Path::to_owned)
}

/// Makes paths below the folder relative to it, and all others absolute.
pub(super) fn relativize(body: &mut Body, kind: Kind, base: &Path) {
    for field in kind.body().fields.iter().filter(|field| field.file) {
        if let Some(Value::String(value)) = body.get_mut(field.name) {
            *value = relative(value, base);
        }
    }
    // A bare command is searched in PATH, so a command with a separator must keep one: kubectl changes `./x` to `x`.
    if let Some(Value::String(command)) = body.get_mut(key::EXEC).and_then(|exec| exec.get_mut(key::COMMAND))
        && command.contains(MAIN_SEPARATOR)
    {
        let short = relative(command, base);
        if short.contains(MAIN_SEPARATOR) {
            *command = short;
        }
    }
}

fn relative(value: &str, base: &Path) -> String {
    if value.is_empty() {
        return String::new();
    }
    let absolute = path::clean(&base.join(value));
    let short = path::relative(base, &absolute).unwrap_or_else(|| absolute.clone());
    let backsteps = short.starts_with("..") && short != Path::new("..");
    let chosen = if backsteps { absolute } else { short };
    chosen.to_string_lossy().into_owned()
}
