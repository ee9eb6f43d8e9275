//! Temporary suspension of protection: a small file for each context, in the state folder.

use crate::codec::hash::sha256;
use crate::env::Env;
use crate::file;
use crate::file::limits;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Times are in seconds since 1970.
#[derive(Deserialize, Serialize)]
struct SuspensionRecord {
    context: String,
    from: u64,
    until: u64,
}

impl SuspensionRecord {
    /// The remaining time. After the clock was set back, none remains.
    fn left(&self) -> Option<Duration> {
        let now = now();
        (self.from <= now && now < self.until).then(|| Duration::from_secs(self.until - now))
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.as_secs())
}

/// The folder of the files.
pub(super) fn folder(env: &Env) -> Option<PathBuf> {
    Some(env.state.as_ref()?.join("lifted"))
}

/// The path of a context's file. The name is hashed, because many context names are not valid file names.
fn place(context: &str, env: &Env) -> Option<PathBuf> {
    Some(folder(env)?.join(&sha256(context)[..32]))
}

fn read(place: &Path) -> Option<SuspensionRecord> {
    serde_json::from_slice(&file::read(place, limits::STATE).ok()?.0).ok()
}

/// The remaining time of a suspension; `None` if there is none.
pub(super) fn left(context: &str, env: &Env) -> Option<Duration> {
    let note = read(&place(context, env)?)?;
    note.left().filter(|_| note.context == context)
}

/// Suspends protection for this time.
///
/// # Errors
/// The file cannot be written.
pub(super) fn suspend(context: &str, time: Duration, env: &Env) -> io::Result<()> {
    let place = place(context, env).ok_or(io::ErrorKind::NotFound)?;
    if let Some(folder) = place.parent() {
        file::create_private(folder)?;
    }
    let from = now();
    // Rounded up, so that a time below one second is not zero.
    let until = from.saturating_add(time.as_secs() + u64::from(time.subsec_nanos() > 0));
    let note = SuspensionRecord { context: context.to_owned(), from, until };
    file::write_private(&place, &serde_json::to_vec(&note).unwrap_or_default())
}

/// Ends the suspension.
///
/// # Errors
/// The file cannot be removed.
pub(super) fn restore(context: &str, env: &Env) -> io::Result<()> {
    match place(context, env) {
        Some(place) => Ok(file::remove(&place)?),
        None => Ok(()),
    }
}
