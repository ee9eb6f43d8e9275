//! Kubeconfigs that are written as a whole: they were made, not edited.

use super::journal::{Deed, Journal};
use super::write::{self, Told, Turn, Write};
use super::{CommitError, LIMIT, LoadCause, LoadError, Report};
use crate::file::{self, Lock, LockError, LockOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Makes a file hold these bytes; nothing is written if it does already. A new one is for its owner alone. Where it is
/// there and holds something else, `may_replace` is given that and decides.
///
/// # Errors
/// See [`CommitError`]; the file is as it was then.
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
        Ok((vec![Some(bytes.to_vec())], Told { deeds: vec![Deed::write()], ..Told::default() }))
    };
    rewrite(&[path.to_owned()], decide, lock_options, journal)
}

type Contents = Vec<Option<Vec<u8>>>;

/// Gives files other contents, decided on those they have under their locks; none stands for a file that is not there.
/// All files or none; those that stay as they are, are not touched.
pub(super) fn rewrite<E>(
    paths: &[PathBuf],
    decide: impl FnOnce(Contents) -> Result<(Contents, Told), E>,
    lock_options: &LockOptions,
    journal: &Journal,
) -> Result<Report, CommitError<E>> {
    for path in paths {
        let io = |source| CommitError::Lock(LockError::Io { lock: path.clone(), source });
        file::create_parents(path).map_err(io)?;
    }
    let locks = Lock::acquire_all(paths, lock_options).map_err(CommitError::Lock)?;
    let old: Contents = paths.iter().map(|path| content(path)).collect::<Result<_, _>>()?;
    let (new, told) = decide(old.clone()).map_err(CommitError::Decision)?;
    let mut writes = Vec::new();
    for (path, (before, after)) in paths.iter().zip(old.into_iter().zip(new)) {
        if before != after {
            let noted = journal.is_on().then(|| path.clone());
            writes.push(Write { path: path.clone(), turn: Turn::Bytes { before, after }, noted });
        }
    }
    let report = write::write(writes, told, journal);
    drop(locks);
    report
}

/// What is in a file, if there is one.
pub(super) fn content<E>(path: &Path) -> Result<Option<Vec<u8>>, CommitError<E>> {
    match file::read(path, LIMIT) {
        Ok((bytes, _)) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let cause = LoadCause::Open(error);
            Err(CommitError::Load(vec![LoadError { path: path.to_owned(), cause }]))
        }
    }
}
