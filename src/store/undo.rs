//! Reverses changes with the records of the journal. All files are written, or none.

use super::journal::hunk::{Hash, reverse, reverse_moved};
use super::journal::{FileRecord, Journal, Operation, Record};
use super::whole_file::{content, rewrite};
use super::write::ChangeSummary;
use super::{CommitError, Report};
use crate::file::LockOptions;
use crate::kubeconfig::Document;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

/// The changes to undo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The last N changes that are in force and are not undos.
    Last(usize),
    /// The change with this id.
    Change(u64),
}

/// Changes that were undone.
#[derive(Debug)]
pub struct Undone {
    /// The changes, the latest first.
    pub records: Vec<Record>,
    /// The result of writing the files.
    pub report: Report,
}

/// Changes that would be undone.
#[derive(Debug)]
pub struct Planned {
    /// The changes, the latest first.
    pub records: Vec<Record>,
    /// The files that would change, before and after; `None` stands for a file that does not exist.
    pub files: BTreeMap<PathBuf, [Option<Vec<u8>>; 2]>,
}

/// Why nothing was undone.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// Only this many changes can be undone.
    #[error("only {0} changes can be undone")]
    TooFew(usize),
    /// The journal has no change with this id.
    #[error("there is no change {0}")]
    Unknown(u64),
    /// This change has been undone already.
    #[error("change {0} has been undone already")]
    TakenBack(u64),
    /// The file was changed again at the same place after this change.
    #[error("{} has changed since change {}", .1.display(), .0.id)]
    Moved(Box<Record>, PathBuf),
    /// Another program is changing a file at the moment.
    #[error("another program is changing the files")]
    Moving,
}

type Read = Result<Option<Vec<u8>>, CommitError<UndoError>>;
type Files = BTreeMap<PathBuf, [Option<Vec<u8>>; 2]>;

/// All changes that were made, the latest first. A pending record counts if a file has the content it describes.
#[must_use]
pub fn known(journal: &Journal) -> Vec<Record> {
    let came_to_pass = |record: &Record| {
        let made = |file: &FileRecord| match content(&file.path) {
            Ok(now) => hash(now.as_deref()) == file.after,
            Err(_) => true,
        };
        !record.pending || record.files.iter().any(made)
    };
    journal.records().into_iter().filter(came_to_pass).collect()
}

/// The ids of the changes that no later change has undone.
#[must_use]
pub fn in_force(latest_first: &[Record]) -> HashSet<u64> {
    let (mut in_force, mut undone) = (HashSet::new(), HashSet::<u64>::new());
    for record in latest_first {
        if !undone.contains(&record.id) {
            in_force.insert(record.id);
            undone.extend(&record.undoes);
        }
    }
    in_force
}

/// What [`undo`] would do; nothing is written, and no lock is taken.
///
/// # Errors
/// See [`UndoError`], as a failed decision.
pub fn plan(journal: &Journal, which: Which) -> Result<Planned, CommitError<UndoError>> {
    steps(&known(journal), which, &mut |path| Ok(content(path)?))
}

/// Undoes changes. A file that is as the change left it gets exactly the bytes it had before. In a file that has changed
/// since, each changed place must still be as the change left it, with the lines around it, and must be found exactly
/// once. A file that already has its old content is not written; [`Which::Last`] does not count such changes. The undo is
/// recorded in the journal if `recorded`.
///
/// # Errors
/// See [`CommitError`]; no file was written then.
pub fn undo(
    journal: &Journal,
    which: Which,
    recorded: bool,
    lock_options: &LockOptions,
) -> Result<Undone, CommitError<UndoError>> {
    let paths: Vec<PathBuf> = plan(journal, which)?.files.into_keys().collect();
    let mut undone = Vec::new();
    let decide = |contents: Vec<Option<Vec<u8>>>| {
        let locked: BTreeMap<&Path, Option<Vec<u8>>> =
            paths.iter().map(PathBuf::as_path).zip(contents).collect();
        let mut read = |path: &Path| match locked.get(path) {
            Some(content) => Ok(content.clone()),
            // The journal has a new change, and now another file would be written.
            None => Err(CommitError::Decision(UndoError::Moving)),
        };
        let Planned { records, files } = match steps(&known(journal), which, &mut read) {
            Err(CommitError::Decision(error)) => return Err(error),
            planned => planned.map_err(|_| UndoError::Moving)?,
        };
        let new = paths.iter().map(|path| files.get(path).and_then(|[_, new]| new.clone())).collect();
        let undoes = records.iter().map(|record| record.id).collect();
        let operations = reversed(&records);
        undone = records;
        Ok((new, ChangeSummary { operations, undoes }))
    };
    let nowhere = Journal::default();
    let report = rewrite(&paths, decide, lock_options, if recorded { journal } else { &nowhere })?;
    Ok(Undone { records: undone, report })
}

/// What undoing these changes does, each operation with its file if that is known.
#[must_use]
pub fn reversed(records: &[Record]) -> Vec<Operation> {
    records.iter().flat_map(|record| record.located().into_iter().rev()).map(Operation::reversed).collect()
}

/// Undoes the changes one after the other, in memory.
fn steps(
    records: &[Record],
    which: Which,
    read: &mut dyn FnMut(&Path) -> Read,
) -> Result<Planned, CommitError<UndoError>> {
    let in_force = in_force(records);
    let mut planned = Planned { records: Vec::new(), files: Files::new() };
    let mut left = match which {
        Which::Last(count) => count,
        Which::Change(_) => 1,
    };
    let candidates = records.iter().filter(|record| match which {
        Which::Last(_) => in_force.contains(&record.id) && record.undoes.is_empty(),
        Which::Change(id) => record.id == id,
    });
    for record in candidates {
        if left == 0 {
            break;
        }
        if !in_force.contains(&record.id) {
            return Err(CommitError::Decision(UndoError::TakenBack(record.id)));
        }
        let mut changed = false;
        for file in &record.files {
            let now = match planned.files.get(&file.path) {
                Some([_, now]) => now.clone(),
                None => read(&file.path)?,
            };
            let Some(back) = step_back(file, now.as_deref()) else {
                let moved = UndoError::Moved(Box::new(record.clone()), file.path.clone());
                return Err(CommitError::Decision(moved));
            };
            changed |= back != now;
            planned.files.entry(file.path.clone()).or_insert_with(|| [now.clone(), None])[1] = back;
        }
        if changed {
            planned.records.push(record.clone());
            left -= 1;
        }
    }
    match (which, planned.records.len()) {
        (Which::Last(_), count) if left > 0 => Err(CommitError::Decision(UndoError::TooFew(count))),
        (Which::Change(id), 0) => {
            let known = records.iter().any(|record| record.id == id);
            let error = if known { UndoError::TakenBack(id) } else { UndoError::Unknown(id) };
            Err(CommitError::Decision(error))
        }
        _ => Ok(planned),
    }
}

fn hash(content: Option<&[u8]>) -> Option<Hash> {
    content.map(|bytes| Hash::of(&[bytes]))
}

/// The content of the file before its change, `None` if it cannot be determined; no content stands for no file.
fn step_back(file: &FileRecord, now: Option<&[u8]>) -> Option<Option<Vec<u8>>> {
    let hash = hash(now);
    let bytes = now.unwrap_or_default();
    if hash == file.after {
        if file.before.is_none() {
            return Some(None);
        }
        let before = reverse(bytes, &file.hunks)?;
        return (Some(Hash::of(&[&before])) == file.before).then_some(Some(before));
    }
    if hash == file.before {
        return Some(now.map(<[u8]>::to_vec));
    }
    // A file that was created or removed has no lines around the change to find its place by.
    if file.before.is_none() || file.after.is_none() || now.is_none() {
        return None;
    }
    let before = reverse_moved(bytes, &file.hunks)?;
    Document::parse(before.clone()).is_ok().then_some(Some(before))
}
