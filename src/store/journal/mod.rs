//! The journal: what kcx changed in kubeconfigs, and the bytes needed to go back.
//!
//! One small file a change, in a folder of the state folder that only its owner may look into, named by the number of
//! the change. It is written before the kubeconfigs are, and ends with a line end as soon as they are written: where a kcx
//! was killed in between, the files tell whether it came to pass. Old bytes can be secrets, so what was moved into a keychain is scrubbed from here
//! ([`scrub`]). Overlays of sessions are not noted: `kcx use -` leads back from a switch.

pub mod hunk;

use crate::env::Env;
use crate::file;
use crate::kubeconfig::Kind;
use crate::kubeconfig::patch::{Op, PathStep};
use hunk::{Hash, Hunk};
use memchr::memmem;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// As many changes are kept.
const COUNT: usize = 500;
/// As many bytes of changes are kept; one that is larger is not noted.
pub const BYTES: u64 = 16 << 20;
/// Changes are kept for so long.
const AGE: Duration = Duration::from_hours(24 * 90);
/// The old ones are swept at every so many changes.
const SWEEP: u64 = 16;
/// As many deeds of one change are told apart.
const DEEDS: usize = 100;
/// What a record ends with when its change was made.
const END: &[u8] = b"\n";
/// A word of a secret shorter than this, in bytes, says nothing.
const WORD: usize = 8;

/// Where changes are noted, and as whose; by default nowhere.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    folder: Option<PathBuf>,
    command: String,
}

/// One change of one or more files.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Record {
    /// Its number; a later change has a larger one.
    #[serde(skip)]
    pub id: u64,
    /// It may not have come to pass.
    #[serde(skip)]
    pub pending: bool,
    /// When it was made, in milliseconds since 1970.
    pub at: u64,
    /// The command that made it, without arguments: those may be secrets.
    pub command: String,
    /// What was done, the first hundred.
    pub deeds: Vec<Deed>,
    /// How many more there were.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more: usize,
    /// The files.
    pub files: Vec<FileRecord>,
    /// The changes that this one took back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undoes: Vec<u64>,
}

/// What became of one file.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct FileRecord {
    /// The file.
    pub path: PathBuf,
    /// The hash of its content before; none if it was not there.
    pub before: Option<Hash>,
    /// The hash of its content after; none if it was removed.
    pub after: Option<Hash>,
    /// What takes it back.
    pub hunks: Vec<Hunk>,
}

/// What was done, in names; values are not kept.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Deed {
    /// What.
    #[serde(rename = "do")]
    pub verb: Verb,
    /// In which list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// To which entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// To which field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// What can be done.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// A field got a value.
    Set,
    /// A field went away.
    Unset,
    /// An entry was added.
    Add,
    /// An entry went away.
    Remove,
    /// An entry got another name.
    Rename,
    /// The file was written as a whole.
    Write,
}

impl Verb {
    /// Its name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verb::Set => "set",
            Verb::Unset => "unset",
            Verb::Add => "add",
            Verb::Remove => "remove",
            Verb::Rename => "rename",
            Verb::Write => "write",
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl Deed {
    /// A deed about a whole file.
    #[must_use]
    pub fn write() -> Deed {
        Deed { verb: Verb::Write, kind: None, name: None, field: None, to: None }
    }

    pub(super) fn of(op: &Op) -> Deed {
        let top = |verb, key: &String| Deed { verb, field: Some(key.clone()), ..Deed::write() };
        let entry = |verb, kind: Kind, name: &String| Deed {
            verb,
            kind: Some(kind),
            name: Some(name.clone()),
            ..Deed::write()
        };
        match op {
            Op::Rewrite { .. } => Deed::write(),
            Op::SetTop { key, .. } => top(Verb::Set, key),
            Op::ReplaceText { effect, .. } => effect.first().map_or_else(Deed::write, Deed::of),
            Op::UnsetTop { key } => top(Verb::Unset, key),
            Op::Insert { kind, name, .. } | Op::Paste { kind, name, .. } => entry(Verb::Add, *kind, name),
            Op::Remove { kind, name } => entry(Verb::Remove, *kind, name),
            Op::Rename { kind, from, to } => {
                Deed { to: Some(to.clone()), ..entry(Verb::Rename, *kind, from) }
            }
            Op::Set { kind, name, path, .. } => Deed { field: field(path), ..entry(Verb::Set, *kind, name) },
            Op::Unset { kind, name, path } => Deed { field: field(path), ..entry(Verb::Unset, *kind, name) },
        }
    }
}

/// The field of an entry's body that a path leads into.
fn field(path: &[PathStep]) -> Option<String> {
    path.iter().find_map(|step| match step {
        PathStep::Key(key) => Some(key.clone()),
        PathStep::Index(_) => None,
    })
}

/// A record that stands before its change is made.
#[derive(Debug)]
#[must_use = "it is to be confirmed, or forgotten"]
pub(super) struct Noted(Option<PathBuf>);

impl Noted {
    /// True if there is a note of it.
    pub(super) fn is_some(&self) -> bool {
        self.0.is_some()
    }

    /// The change was not made.
    pub(super) fn forget(self) {
        // What stays says that nothing is to be taken back.
        let _ = self.0.map(|path| file::remove_file(&path));
    }

    /// The change was made.
    pub(super) fn confirm(self) {
        // What is not confirmed is told from the files.
        let _ = self.0.map(|path| file::append(&path, END));
    }
}

/// Why a change was made that cannot be taken back.
#[derive(Debug)]
pub enum NotNoted {
    /// The folder of the journal cannot be written.
    Io(PathBuf, io::Error),
    /// It is larger than [`BYTES`].
    TooLarge,
}

impl Journal {
    /// The journal of this user, for changes by this command.
    #[must_use]
    pub fn of(env: &Env, command: &str) -> Journal {
        let folder = env.state.as_ref().map(|state| env.absolute(state).join("journal"));
        Journal { folder, command: command.to_owned() }
    }

    /// True if changes are noted.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.folder.is_some()
    }

    /// The folder, if there is one.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Notes a change that is about to be made.
    pub(super) fn note(
        &self,
        deeds: Vec<Deed>,
        files: Vec<FileRecord>,
        undoes: Vec<u64>,
    ) -> Result<Noted, NotNoted> {
        let Some(folder) = self.folder.as_ref().filter(|_| !files.is_empty()) else { return Ok(Noted(None)) };
        let mut seen = HashSet::new();
        let mut deeds: Vec<Deed> = deeds.into_iter().filter(|deed| seen.insert(deed.clone())).collect();
        let more = deeds.len().saturating_sub(DEEDS);
        deeds.truncate(DEEDS);
        let at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        let at = u64::try_from(at).unwrap_or_default();
        let command = self.command.clone();
        let record = Record { id: 0, pending: true, at, command, deeds, more, files, undoes };
        let failed = |error| NotNoted::Io(folder.clone(), error);
        let text = serde_json::to_vec(&record).map_err(|error| failed(error.into()))?;
        if text.len() as u64 > BYTES {
            return Err(NotNoted::TooLarge);
        }
        file::create_private(folder).map_err(failed)?;
        let mut ids = ids(folder);
        let mut id = ids.last().copied().unwrap_or_default() + 1;
        let path = loop {
            let path = path(folder, id);
            match file::create_file(&path, &text) {
                // Another process had the same idea.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => id += 1,
                Err(error) => {
                    let _ = file::remove_file(&path);
                    return Err(failed(error));
                }
                Ok(()) => break path,
            }
        };
        if id.is_multiple_of(SWEEP) || text.len() as u64 > BYTES / SWEEP {
            ids.push(id);
            sweep(folder, &ids);
        }
        Ok(Noted(Some(path)))
    }

    /// All changes that are noted, the latest first. What was torn by a crash is passed over.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        let Some(folder) = &self.folder else { return Vec::new() };
        sweep(folder, &ids(folder));
        ids(folder).into_iter().rev().filter_map(|id| read(folder, id)).collect()
    }
}

/// Forgets all changes whose old bytes hold any of these secrets, as they stand in a kubeconfig, or a part of one: they
/// can be taken back no more. Tells how many those were.
///
/// # Errors
/// A record that cannot be removed; the others are.
pub fn scrub(env: &Env, secrets: &[&[u8]]) -> io::Result<usize> {
    let journal = Journal::of(env, "");
    let Some(folder) = journal.folder() else { return Ok(0) };
    let (mut gone, mut failed) = (0, None);
    for id in ids(folder) {
        // What is torn may hold a part of one.
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

/// True if a word of the text is a part of a secret, or has one in it.
fn holds(text: &[u8], secrets: &[&[u8]]) -> bool {
    let words = || text.split(hunk::is_between_words).filter(|word| word.len() >= WORD);
    secrets.iter().filter(|secret| !secret.is_empty()).any(|secret| {
        memmem::find(text, secret).is_some() || words().any(|word| memmem::find(secret, word).is_some())
    })
}

fn path(folder: &Path, id: u64) -> PathBuf {
    folder.join(format!("{id:010}.json"))
}

/// The numbers of all records, in order.
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

/// Removes what is too old or too much. It is a courtesy: failing is no failure.
fn sweep(folder: &Path, ids: &[u64]) {
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
