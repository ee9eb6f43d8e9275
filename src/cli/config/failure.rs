//! Failures of a verb, with kubectl's messages.

use super::super::{messages, store_error};
use super::flags::UsageError;
use crate::file::lock::TIMEOUT;
use crate::kubeconfig::ParseError;
use crate::kubeconfig::view::ViewError;
use crate::store::{CommitError, LoadError};
use std::io;

/// The failure of a verb: the text for stderr and the exit code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", text.trim_end())]
pub struct Failure {
    /// The text, with its line ends.
    pub text: String,
    /// The exit code.
    pub code: i32,
}

impl Failure {
    /// `error: MESSAGE`, exit code 1.
    pub fn new(message: impl AsRef<str>) -> Failure {
        Failure { text: format!("error: {}\n", message.as_ref()), code: 1 }
    }

    /// An error with the exit code of a panic, for cases in which kubectl panics.
    pub fn instead_of_panic(message: impl AsRef<str>) -> Failure {
        Failure { code: 2, ..Failure::new(message) }
    }
}

impl From<UsageError> for Failure {
    fn from(error: UsageError) -> Failure {
        Failure { text: error.to_string(), code: 1 }
    }
}

impl From<io::Error> for Failure {
    /// The failure of a write to stdout; a closed pipe is not reported.
    fn from(error: io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure { text: String::new(), code: 0 },
            _ => Failure::new(format!("cannot write the output: {}", messages::io_error(&error))),
        }
    }
}

impl From<ParseError> for Failure {
    fn from(error: ParseError) -> Failure {
        Failure::new(error.to_string())
    }
}

impl From<ViewError> for Failure {
    fn from(error: ViewError) -> Failure {
        match &error {
            ViewError::Read(path, cause) => {
                Failure::new(format!("open {}: {}", messages::path(path), messages::io_error(cause)))
            }
            other => Failure::new(other.to_string()),
        }
    }
}

impl From<Vec<LoadError>> for Failure {
    fn from(errors: Vec<LoadError>) -> Failure {
        Failure { text: store_error::load(&errors, false).kubectl, code: 1 }
    }
}

impl From<CommitError<Failure>> for Failure {
    fn from(error: CommitError<Failure>) -> Failure {
        match error {
            CommitError::Decision(failure) => failure,
            CommitError::Store(error) => {
                Failure { text: store_error::store(&error, false, TIMEOUT).kubectl, code: 1 }
            }
        }
    }
}
