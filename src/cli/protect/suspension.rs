//! Protection that is lifted for a while: a small file for each context, in the state folder.

use crate::env::Env;
use crate::file;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The largest note that is read, in bytes.
const LIMIT: u64 = 1 << 16;

/// Times are in seconds since 1970.
#[derive(Deserialize, Serialize)]
struct Note {
    context: String,
    from: u64,
    until: u64,
}

impl Note {
    /// What is left of it. A clock that was set back leaves nothing.
    fn left(&self) -> Option<Duration> {
        let now = now();
        (self.from <= now && now < self.until).then(|| Duration::from_secs(self.until - now))
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.as_secs())
}

/// Any name may be a context's, and few may be a file's.
fn place(context: &str, env: &Env) -> Option<PathBuf> {
    let digest = Sha256::digest(context);
    let word: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    Some(env.state.as_ref()?.join("lifted").join(word))
}

fn read(place: &Path) -> Option<Note> {
    serde_json::from_slice(&file::read(place, LIMIT).ok()?.0).ok()
}

/// For how long protection is lifted from now on; none if it is not.
pub(super) fn left(context: &str, env: &Env) -> Option<Duration> {
    let note = read(&place(context, env)?)?;
    note.left().filter(|_| note.context == context)
}

/// Lifts it for so long.
///
/// # Errors
/// What the system says.
pub(super) fn suspend(context: &str, time: Duration, env: &Env) -> io::Result<()> {
    let place = place(context, env).ok_or(io::ErrorKind::NotFound)?;
    if let Some(folder) = place.parent() {
        file::create_private(folder)?;
    }
    let from = now();
    // What is left of a second counts as one: a short time is a time.
    let until = from.saturating_add(time.as_secs() + u64::from(time.subsec_nanos() > 0));
    let note = Note { context: context.to_owned(), from, until };
    file::write_private(&place, &serde_json::to_vec(&note).unwrap_or_default())
}

/// Ends it.
///
/// # Errors
/// What the system says.
pub(super) fn restore(context: &str, env: &Env) -> io::Result<()> {
    match place(context, env) {
        Some(place) => Ok(file::remove(&place)?),
        None => Ok(()),
    }
}
