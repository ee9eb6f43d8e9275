//! A kubeconfig that is written as a whole: one that was made, not edited.

use super::{CommitError, LIMIT, LoadCause, LoadError};
use crate::file::{self, Lock, LockError, Patience};
use std::io;
use std::path::Path;

/// Makes a file hold these bytes; true if it did not already. A new one is for its owner alone. Where it is there and
/// holds something else, `may_replace` is given that and decides.
///
/// # Errors
/// See [`CommitError`]; the file is as it was then.
pub fn put<E>(
    path: &Path,
    bytes: &[u8],
    may_replace: impl FnOnce(&[u8]) -> Result<(), E>,
    patience: &Patience,
) -> Result<bool, CommitError<E>> {
    let io = |source| CommitError::Lock(LockError::Io { lock: path.to_owned(), source });
    file::create_parents(path).map_err(io)?;
    let lock = Lock::acquire(path, patience).map_err(CommitError::Lock)?;
    match file::read(path, LIMIT) {
        Ok((old, _)) if old == bytes => return Ok(false),
        Ok((old, _)) => may_replace(&old).map_err(CommitError::Decision)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => {
            let cause = LoadCause::Open(error);
            return Err(CommitError::Load(vec![LoadError { path: path.to_owned(), cause }]));
        }
    }
    file::replace(path, &[bytes]).map_err(|error| CommitError::Write(path.to_owned(), error))?;
    drop(lock);
    Ok(true)
}
