//! The names that the user gave to entries, so that an import of the same file finds them again.
//!
//! Each rename is a line of one file of the state folder, appended by one system call. A file that has grown too long is cut
//! to its newer half. Names and addresses only; nothing fails without this file.

use crate::env::Env;
use crate::file;
use crate::kubeconfig::Kind;
use crate::kubeconfig::import::{Renamed, Renames};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};

/// The length in bytes from which the older half is removed.
const FULL: u64 = 256 << 10;

const FILE: &str = "renames.jsonl";

#[derive(Debug, Deserialize, Serialize)]
struct Line {
    kind: Kind,
    from: String,
    to: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    server: String,
    /// The paths of the kubeconfigs: in others, the old name may be another entry.
    #[serde(default)]
    files: Vec<String>,
}

/// Records that an entry of the kubeconfigs `files` was renamed.
///
/// # Errors
/// The state folder cannot be written.
pub fn append(env: &Env, files: &[PathBuf], kind: Kind, renamed: &Renamed) -> io::Result<()> {
    let Some(state) = &env.state else { return Ok(()) };
    let Renamed { from, to, server } = renamed.clone();
    let files = files.iter().map(|file| place(env, file)).collect();
    let mut bytes = serde_json::to_vec(&Line { kind, from, to, server, files })?;
    bytes.push(b'\n');
    file::create_private(state)?;
    let path = state.join(FILE);
    if file::append(&path, &bytes)? > FULL { shorten(&path) } else { Ok(()) }
}

/// The renames in these kubeconfigs; none if they cannot be read.
#[must_use]
pub fn load(env: &Env, files: &[PathBuf]) -> Renames {
    let path = env.state.as_ref().map(|state| state.join(FILE));
    let Some((text, _)) = path.and_then(|path| file::read(&path, 4 * FULL).ok()) else {
        return Renames::default();
    };
    let files: Vec<String> = files.iter().map(|file| place(env, file)).collect();
    let lines = text.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
    let here = lines.filter(|line: &Line| line.files.iter().any(|file| files.contains(file)));
    Renames::new(here.map(|Line { kind, from, to, server, .. }| (kind, Renamed { from, to, server })))
}

fn place(env: &Env, file: &Path) -> String {
    env.absolute(file).to_string_lossy().into_owned()
}

/// Removes the older half. Lines that others append between read and write are lost; a lock would cost more.
fn shorten(path: &Path) -> io::Result<()> {
    let (bytes, _) = file::read(path, 4 * FULL)?;
    let half = bytes.len() / 2;
    let start = memchr::memchr(b'\n', &bytes[half..]).map_or(bytes.len(), |at| half + at + 1);
    file::write_private(path, &bytes[start..])
}
