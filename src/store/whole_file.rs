//! Writes files as a whole: output of kcx, and files that an undo restores.

use super::commit::create_parents;
use super::journal::{Journal, Operation};
use super::write::{self, ChangeSummary, NewContent, Write};
use super::{CommitError, LoadCause, LoadError, Report, StoreError};
use crate::file::limits;
use crate::file::{self, Lock, LockOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Writes these bytes to a file, unless it has them already. A new file is readable by its owner only. If the file exists
/// with other content, `may_replace` gets that content and decides whether to replace it.
///
/// # Errors
/// See [`CommitError`]; the file is unchanged then.
pub fn put<E>(
    path: &Path,
    bytes: &[u8],
    may_replace: impl FnOnce(&[u8]) -> Result<(), E>,
    lock_options: &LockOptions,
    journal: &Journal,
) -> Result<Report, CommitError<E>> {
    let decide = |mut old: Contents| {
        if let Some(old) = old.pop().flatten().filter(|old| old != bytes) {
            may_replace(&old)?;
        }
        Ok((vec![Some(bytes.to_vec())], ChangeSummary::default()))
    };
    rewrite(&[path.to_owned()], decide, lock_options, journal)
}

/// Like [`put`], for several files: all of them are written, or none, and it is one change of the journal.
///
/// # Errors
/// See [`CommitError`]; no file was changed then.
pub fn put_all<E>(
    files: &[(PathBuf, Vec<u8>)],
    mut may_replace: impl FnMut(&Path, &[u8]) -> Result<(), E>,
    lock_options: &LockOptions,
    journal: &Journal,
) -> Result<Report, CommitError<E>> {
    let paths: Vec<PathBuf> = files.iter().map(|(path, _)| path.clone()).collect();
    // Each has a lock and a temporary file at the same time.
    file::permit_open_files(2 * files.len() as u64 + 100);
    let decide = |old: Contents| {
        for ((path, bytes), old) in files.iter().zip(&old) {
            if let Some(old) = old.as_ref().filter(|old| *old != bytes) {
                may_replace(path, old)?;
            }
        }
        let new = files.iter().map(|(_, bytes)| Some(bytes.clone())).collect();
        Ok((new, ChangeSummary::default()))
    };
    rewrite(&paths, decide, lock_options, journal)
}

type Contents = Vec<Option<Vec<u8>>>;

/// Locks the files, passes their contents to `decide`, and writes the contents it returns, all of them or none. `None`
/// stands for a file that does not exist. Unchanged files are not written. If it is not an undo, the operations are the
/// writes of the files.
pub(super) fn rewrite<E>(
    paths: &[PathBuf],
    decide: impl FnOnce(Contents) -> Result<(Contents, ChangeSummary), E>,
    lock_options: &LockOptions,
    journal: &Journal,
) -> Result<Report, CommitError<E>> {
    create_parents(paths)?;
    let locks = Lock::acquire_all(paths, lock_options)?;
    let old: Contents = paths.iter().map(|path| content(path)).collect::<Result<_, _>>()?;
    let (new, mut summary) = decide(old.clone()).map_err(CommitError::Decision)?;
    let mut writes = Vec::new();
    for (path, (before, after)) in paths.iter().zip(old.into_iter().zip(new)) {
        if before != after {
            let journal_path = journal.is_on().then(|| path.clone());
            writes.push(Write { path: path.clone(), new: NewContent::Bytes { before, after }, journal_path });
        }
    }
    if summary.undoes.is_empty() {
        let written = |write: &Write| Operation { file: Some(write.path.clone()), ..Operation::write() };
        summary.operations = writes.iter().map(written).collect();
    }
    let report = write::write(writes, summary, journal);
    drop(locks);
    Ok(report?)
}

/// The content of a file; `None` if it does not exist.
pub(super) fn content(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match file::read(path, limits::KUBECONFIG) {
        Ok((bytes, _)) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let cause = LoadCause::Open(error);
            Err(StoreError::Load(vec![LoadError { path: path.to_owned(), cause }]))
        }
    }
}
