//! The journal: what kcx changed in kubeconfigs, and the bytes needed to go back.
//!
//! Each change is one small file named by its id, in a folder of the state folder that only its owner can access. A record
//! is written before the kubeconfigs are. A record without a trailing newline is pending: the write may not have happened,
//! for example because kcx was killed. The content of the kubeconfigs then says whether it did. Old bytes can be secrets,
//! so records of what was moved into a keychain are removed ([`scrub`]). Overlays of sessions are not recorded: `kcx use -`
//! reverses a switch.

pub mod hunk;
mod operation;

use crate::env::Env;
use crate::file;
use hunk::{Hash, Hunk};
use memchr::memmem;
pub use operation::{Operation, OperationKind};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The number of changes that are kept.
const COUNT: usize = 500;
/// The total size of the records that are kept, in bytes. A larger change is not recorded.
pub const BYTES: u64 = 16 << 20;
/// How long changes are kept.
const AGE: Duration = Duration::from_hours(24 * 90);
/// Old records are removed after every so many changes.
const CLEANUP_INTERVAL: u64 = 16;
/// The number of operations that a record lists; of the others only the number is recorded.
const MAX_OPERATIONS: usize = 100;
/// The end of a record whose change was made.
const END: &[u8] = b"\n";
/// The length in bytes from which a word of a secret is recognized; shorter words occur by chance.
const WORD: usize = 8;

/// Records changes in a folder, under the name of a command; by default nothing is recorded.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    folder: Option<PathBuf>,
    command: String,
}

/// One change of one or more files.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Record {
    /// The id; a later change has a larger one.
    #[serde(skip)]
    pub id: u64,
    /// True if it may not have been made.
    #[serde(skip)]
    pub pending: bool,
    /// When it was made, in milliseconds since 1970.
    pub at: u64,
    /// The command that made it, without arguments: those may be secrets.
    pub command: String,
    /// What was done, the first hundred.
    // The name of this field in records of version 0.1.0.
    #[serde(alias = "deeds")]
    pub operations: Vec<Operation>,
    /// The number of operations that `operations` does not list.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more: usize,
    /// The files that were written.
    pub files: Vec<FileRecord>,
    /// The ids of the changes that this one undid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undoes: Vec<u64>,
}

/// The change of one file.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct FileRecord {
    /// The absolute path.
    pub path: PathBuf,
    /// The hash of its old content; `None` if it did not exist.
    pub before: Option<Hash>,
    /// The hash of its new content; `None` if it was removed.
    pub after: Option<Hash>,
    /// The changed places.
    pub hunks: Vec<Hunk>,
}

impl Record {
    /// Its operations, each with its file if that is known.
    #[must_use]
    pub fn located(&self) -> Vec<Operation> {
        let files = || self.files.iter().map(|file| file.path.clone());
        let located = |operation: &Operation| match (operation.verb, self.files.as_slice()) {
            _ if operation.file.is_some() => vec![operation.clone()],
            (_, [only]) => vec![Operation { file: Some(only.path.clone()), ..operation.clone() }],
            (OperationKind::Write, _) => {
                files().map(|file| Operation { file: Some(file), ..operation.clone() }).collect()
            }
            _ => vec![operation.clone()],
        };
        self.operations.iter().flat_map(located).collect()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// A record of a change that has not been made yet.
#[derive(Debug)]
#[must_use = "it is to be confirmed, or forgotten"]
pub(super) struct PendingRecord(Option<(u64, PathBuf)>);

impl PendingRecord {
    /// True if the journal has a record.
    pub(super) fn is_some(&self) -> bool {
        self.0.is_some()
    }

    /// Removes the record, because the change was not made.
    pub(super) fn forget(self) {
        // If it cannot be removed, it stays pending, and the files show that nothing was changed.
        let _ = self.0.map(|(_, path)| file::remove_file(&path));
    }

    /// Marks the change as made, and returns its id.
    pub(super) fn confirm(self) -> Option<u64> {
        let (id, path) = self.0?;
        // If that fails, it stays pending, and the files show that the change was made.
        let _ = file::append(&path, END);
        Some(id)
    }
}

/// Why a change was made but not recorded, so that it cannot be undone.
#[derive(Debug, thiserror::Error)]
pub enum NotRecorded {
    /// The folder of the journal cannot be written.
    #[error("the journal {} cannot be written", .0.display())]
    Io(PathBuf, #[source] io::Error),
    /// It is larger than [`BYTES`].
    #[error("the change is larger than {} MiB", BYTES >> 20)]
    TooLarge,
}

impl Journal {
    /// The journal of this user, for changes by this command.
    #[must_use]
    pub fn of(env: &Env, command: &str) -> Journal {
        let folder = env.state.as_ref().map(|state| env.absolute(state).join("journal"));
        Journal { folder, command: command.to_owned() }
    }

    /// True if changes are recorded.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.folder.is_some()
    }

    /// The folder, if there is one.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Records a change that is about to be made.
    pub(super) fn note(
        &self,
        operations: &[&Operation],
        files: Vec<FileRecord>,
        undoes: Vec<u64>,
    ) -> Result<PendingRecord, NotRecorded> {
        let Some(folder) = self.folder.as_ref().filter(|_| !files.is_empty()) else {
            return Ok(PendingRecord(None));
        };
        let mut seen = HashSet::new();
        let is_plain = files.len() == 1 || operations.iter().all(|it| it.verb == OperationKind::Write);
        let mut operations: Vec<Operation> = operations
            .iter()
            .map(|&it| Operation { file: it.file.clone().filter(|_| !is_plain), ..it.clone() })
            .filter(|operation| seen.insert(operation.clone()))
            .collect();
        let more = operations.len().saturating_sub(MAX_OPERATIONS);
        operations.truncate(MAX_OPERATIONS);
        let at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        let at = u64::try_from(at).unwrap_or_default();
        let command = self.command.clone();
        let record = Record { id: 0, pending: true, at, command, operations, more, files, undoes };
        let failed = |error| NotRecorded::Io(folder.clone(), error);
        let text = serde_json::to_vec(&record).map_err(|error| failed(error.into()))?;
        if text.len() as u64 > BYTES {
            return Err(NotRecorded::TooLarge);
        }
        file::create_private(folder).map_err(failed)?;
        let mut ids = ids(folder);
        let mut id = ids.last().copied().unwrap_or_default() + 1;
        let path = loop {
            let path = path(folder, id);
            match file::create_file(&path, &text) {
                // Another process has taken this id.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => id += 1,
                Err(error) => {
                    let _ = file::remove_file(&path);
                    return Err(failed(error));
                }
                Ok(()) => break path,
            }
        };
        if id.is_multiple_of(CLEANUP_INTERVAL) || text.len() as u64 > BYTES / CLEANUP_INTERVAL {
            ids.push(id);
            remove_old_records(folder, &ids);
        }
        Ok(PendingRecord(Some((id, path))))
    }

    /// All recorded changes, the latest first. Records that a crash left incomplete are skipped.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        let Some(folder) = &self.folder else { return Vec::new() };
        remove_old_records(folder, &ids(folder));
        ids(folder).into_iter().rev().filter_map(|id| read(folder, id)).collect()
    }
}

/// Removes the records whose old bytes contain one of these secrets, as spelled in a kubeconfig, or a part of one. Their
/// changes can no longer be undone. Returns the number of removed records.
///
/// # Errors
/// A record could not be removed; the others were.
pub fn scrub(env: &Env, secrets: &[&[u8]]) -> io::Result<usize> {
    let journal = Journal::of(env, "");
    let Some(folder) = journal.folder() else { return Ok(0) };
    let (mut gone, mut failed) = (0, None);
    for id in ids(folder) {
        // An incomplete record may contain a part of a secret.
        let holds = read(folder, id).is_none_or(|record| {
            record.files.iter().flat_map(|file| &file.hunks).any(|hunk| holds(hunk.was(), secrets))
        });
        match holds.then(|| file::remove_file(&path(folder, id))) {
            Some(Ok(())) => gone += 1,
            Some(Err(error)) => failed = Some(error),
            None => {}
        }
    }
    failed.map_or(Ok(gone), Err)
}

/// True if the text contains a secret, or if one of its words is part of a secret.
fn holds(text: &[u8], secrets: &[&[u8]]) -> bool {
    let words = || text.split(hunk::is_between_words).filter(|word| word.len() >= WORD);
    secrets.iter().filter(|secret| !secret.is_empty()).any(|secret| {
        memmem::find(text, secret).is_some() || words().any(|word| memmem::find(secret, word).is_some())
    })
}

fn path(folder: &Path, id: u64) -> PathBuf {
    folder.join(format!("{id:010}.json"))
}

/// The ids of all records, ascending.
fn ids(folder: &Path) -> Vec<u64> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut ids: Vec<u64> =
        names.filter_map(|name| name.strip_suffix(".json").and_then(|id| id.parse().ok())).collect();
    ids.sort_unstable();
    ids
}

fn read(folder: &Path, id: u64) -> Option<Record> {
    let (text, _) = file::read(&path(folder, id), BYTES).ok()?;
    let pending = !text.ends_with(END);
    Some(Record { id, pending, ..serde_json::from_slice(&text).ok()? })
}

/// Removes records that are too old, and the oldest if there are too many. Failures are ignored: the next call tries again.
fn remove_old_records(folder: &Path, ids: &[u64]) {
    let mut bytes = 0;
    for (kept, id) in ids.iter().rev().enumerate() {
        let path = path(folder, *id);
        let Ok(metadata) = path.metadata() else { continue };
        bytes += metadata.len();
        let old = metadata.modified().ok().and_then(|at| at.elapsed().ok()).is_some_and(|age| age > AGE);
        if kept >= COUNT || bytes > BYTES || old {
            let _ = file::remove_file(&path);
        }
    }
}
