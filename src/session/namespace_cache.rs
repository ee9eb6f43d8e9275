//! The namespaces that a cluster had at the last query. The picker and completion show them immediately.
//!
//! Each server has its own file, so that queries of two clusters do not wait for each other; for one cluster the last
//! answer is kept. If a file cannot be read or written, the cluster is queried again.

use crate::codec::hash::sha256;
use crate::env::Env;
use crate::file;
use crate::file::limits;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::PathBuf;

const FOLDER: &str = "namespaces";
/// The content of a cache file.
#[derive(Deserialize, Serialize)]
struct Cached {
    /// The server without user information. It is compared on read, in case two hashes collide.
    server: String,
    names: Vec<String>,
}

/// The namespaces of this server at the last query; empty if there is no record.
#[must_use]
pub fn cached(env: &Env, server: &str) -> Vec<String> {
    let read = || {
        let (bytes, _) = file::read(&path(env, server)?, limits::NAMESPACES).ok()?;
        serde_json::from_slice::<Cached>(&bytes).ok()
    };
    read().filter(|found| found.server == server).map(|found| found.names).unwrap_or_default()
}

/// Stores the namespaces of a server.
///
/// # Errors
/// The state folder cannot be written.
pub fn store(env: &Env, server: &str, names: &[String]) -> io::Result<()> {
    let path = path(env, server).ok_or(io::ErrorKind::NotFound)?;
    if let Some(folder) = path.parent() {
        file::create_private(folder)?;
    }
    let found = Cached { server: server.to_owned(), names: names.to_vec() };
    file::write_private(&path, &serde_json::to_vec(&found)?)
}

fn path(env: &Env, server: &str) -> Option<PathBuf> {
    Some(env.state.as_ref()?.join(FOLDER).join(format!("{}.json", &sha256(server)[..24])))
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
