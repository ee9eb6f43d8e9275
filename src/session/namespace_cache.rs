//! What a cluster's namespaces were when it was last asked: the picker and completion show them at once.
//!
//! A file for each server, so that two that ask two clusters do not wait for each other; of two that ask the same one the
//! last answer stays. What cannot be read or written is asked again.

use crate::env::Env;
use crate::file;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io;
use std::path::PathBuf;

const FOLDER: &str = "namespaces";
/// The largest file that is read, in bytes: 200,000 names take 50 MB at most.
const LIMIT: u64 = 64 << 20;

/// What is remembered of a server.
#[derive(Deserialize, Serialize)]
struct Remembered {
    /// The server, without a login: for whoever looks into the file, and against a clash of names.
    server: String,
    names: Vec<String>,
}

/// The namespaces that this server told of when it was last asked; none if it never was.
#[must_use]
pub fn cached(env: &Env, server: &str) -> Vec<String> {
    let read = || {
        let (bytes, _) = file::read(&path(env, server)?, LIMIT).ok()?;
        serde_json::from_slice::<Remembered>(&bytes).ok()
    };
    read().filter(|found| found.server == server).map(|found| found.names).unwrap_or_default()
}

/// Remembers them.
///
/// # Errors
/// The state folder cannot be written.
pub fn store(env: &Env, server: &str, names: &[String]) -> io::Result<()> {
    let path = path(env, server).ok_or(io::ErrorKind::NotFound)?;
    if let Some(folder) = path.parent() {
        file::create_private(folder)?;
    }
    let found = Remembered { server: server.to_owned(), names: names.to_vec() };
    file::write_private(&path, &serde_json::to_vec(&found)?)
}

fn path(env: &Env, server: &str) -> Option<PathBuf> {
    let hash = Sha256::digest(server.as_bytes());
    let name: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    Some(env.state.as_ref()?.join(FOLDER).join(format!("{name}.json")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_has_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let env = Env { state: Some(dir.path().join("state")), ..Env::default() };
        assert!(cached(&env, "https://a").is_empty());
        store(&env, "https://a", &["web".to_owned()]).unwrap();
        store(&env, "https://b", &["shop".to_owned()]).unwrap();
        assert_eq!(cached(&env, "https://a"), ["web"]);
        std::fs::write(path(&env, "https://b").unwrap(), "{").unwrap();
        assert!(cached(&env, "https://b").is_empty());
        assert!(store(&Env::default(), "https://a", &[]).is_err());
    }
}
