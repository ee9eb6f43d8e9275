//! Why files were not loaded or not written.

use crate::file::{LockError, ReplaceError};
use crate::kubeconfig::ParseError;
use crate::kubeconfig::error::Place;
use crate::kubeconfig::patch::Refusal;
use std::io;
use std::path::PathBuf;

/// A file that could not be loaded.
#[derive(Debug, thiserror::Error)]
#[error("cannot load {}: {cause}", path.display())]
pub struct LoadError {
    /// The file, as spelled.
    pub path: PathBuf,
    /// The failure.
    pub cause: LoadCause,
}

impl LoadError {
    /// The place in the file that has the problem, if there is a single one.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        match &self.cause {
            LoadCause::Parse(error) => error.place.as_ref(),
            _ => None,
        }
    }
}

/// Why a file could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadCause {
    /// It cannot be opened.
    #[error("the file cannot be opened")]
    Open(#[source] io::Error),
    /// It cannot be read.
    #[error("the file cannot be read")]
    Read(#[source] io::Error),
    /// It is not a kubeconfig.
    #[error(transparent)]
    Parse(ParseError),
    /// A kubeconfig of kubectl's first version is in the way: the folder at this path.
    #[error("{} is a folder and cannot be moved there", .0.display())]
    Migrate(PathBuf),
}

/// Why files were not written, or may not be durable. Every file is unchanged unless the variant says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Files could not be loaded.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Load(Vec<LoadError>),
    /// A part of a loaded file cannot be decoded; see [`Document::body`](crate::kubeconfig::Document::body).
    #[error(transparent)]
    Decode(ParseError),
    /// A lock was not obtained.
    #[error(transparent)]
    Lock(LockError),
    /// The folder of a file could not be created.
    #[error("cannot create the folder {}", .0.display())]
    Folder(PathBuf, #[source] io::Error),
    /// The edit cannot be made safely in this file.
    #[error("cannot edit {} safely", .0.display())]
    Refused(PathBuf, #[source] Refusal),
    /// A file, as spelled, could not be written. If [`ReplaceError::is_written`], all files are written, but may not
    /// survive a power failure.
    #[error("cannot write {}", .0.display())]
    Write(PathBuf, #[source] ReplaceError),
    /// A file could not be written, and not all files written before it could be restored.
    #[error("cannot write {}, and {} other files stay changed", path.display(), changed.len())]
    HalfWritten {
        /// The file, as spelled.
        path: PathBuf,
        /// The failure.
        #[source]
        error: ReplaceError,
        /// The files that are still changed.
        changed: Vec<PathBuf>,
        /// True if the journal has the change, so that `kcx undo` can reverse it.
        recorded: bool,
    },
    /// Other programs kept changing these files.
    #[error("other programs keep changing the files")]
    Moving,
}

/// Why a change was not committed.
#[derive(Debug, thiserror::Error)]
pub enum CommitError<E> {
    /// The decision failed.
    #[error(transparent)]
    Decision(E),
    /// The files could not be loaded, locked, edited or written.
    #[error(transparent)]
    Store(StoreError),
}

impl<E> CommitError<E> {
    /// Converts the error of a failed decision.
    #[must_use]
    pub fn map_decision<F>(self, words: impl FnOnce(E) -> F) -> CommitError<F> {
        match self {
            CommitError::Decision(error) => CommitError::Decision(words(error)),
            CommitError::Store(error) => CommitError::Store(error),
        }
    }
}

impl From<Vec<LoadError>> for StoreError {
    fn from(errors: Vec<LoadError>) -> StoreError {
        StoreError::Load(errors)
    }
}

impl From<LockError> for StoreError {
    fn from(error: LockError) -> StoreError {
        StoreError::Lock(error)
    }
}

impl<E> From<StoreError> for CommitError<E> {
    fn from(error: StoreError) -> CommitError<E> {
        CommitError::Store(error)
    }
}

impl<E> From<Vec<LoadError>> for CommitError<E> {
    fn from(errors: Vec<LoadError>) -> CommitError<E> {
        CommitError::Store(errors.into())
    }
}

impl<E> From<LockError> for CommitError<E> {
    fn from(error: LockError) -> CommitError<E> {
        CommitError::Store(error.into())
    }
}
