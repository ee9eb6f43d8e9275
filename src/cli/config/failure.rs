//! Failures of a verb, with kubectl's messages.

use super::super::error::Error;
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
pub struct ConfigError {
    /// The text, with its line ends.
    pub text: String,
    /// The exit code.
    pub code: i32,
}

impl ConfigError {
    /// `error: MESSAGE`, exit code 1.
    pub fn new(message: impl AsRef<str>) -> ConfigError {
        ConfigError { text: format!("error: {}\n", message.as_ref()), code: 1 }
    }

    /// With a hint, which kubectl does not print.
    #[must_use]
    pub fn hint(self, hint: impl AsRef<str>) -> ConfigError {
        ConfigError { text: format!("{}hint: {}\n", self.text, hint.as_ref()), ..self }
    }

    /// An error with the exit code of a panic, for cases in which kubectl panics.
    pub fn instead_of_panic(message: impl AsRef<str>) -> ConfigError {
        ConfigError { code: 2, ..ConfigError::new(message) }
    }
}

impl From<Error> for ConfigError {
    fn from(error: Error) -> ConfigError {
        let hints: String = error.hints.iter().map(|hint| format!("hint: {hint}\n")).collect();
        ConfigError { text: format!("error: {}\n{}{hints}", error.message, error.details), code: 1 }
    }
}

impl From<UsageError> for ConfigError {
    fn from(error: UsageError) -> ConfigError {
        ConfigError { text: error.to_string(), code: 1 }
    }
}

impl From<io::Error> for ConfigError {
    /// The failure of a write to stdout; a closed pipe is not reported.
    fn from(error: io::Error) -> ConfigError {
        match error.kind() {
            io::ErrorKind::BrokenPipe => ConfigError { text: String::new(), code: 0 },
            _ => ConfigError::new(format!("cannot write the output: {}", messages::io_error(&error))),
        }
    }
}

impl From<ParseError> for ConfigError {
    fn from(error: ParseError) -> ConfigError {
        ConfigError::new(error.to_string())
    }
}

impl From<ViewError> for ConfigError {
    fn from(error: ViewError) -> ConfigError {
        match &error {
            ViewError::Read(path, cause) => {
                ConfigError::new(format!("open {}: {}", messages::path(path), messages::go_error(cause)))
            }
            other => ConfigError::new(other.to_string()),
        }
    }
}

impl From<Vec<LoadError>> for ConfigError {
    fn from(errors: Vec<LoadError>) -> ConfigError {
        ConfigError { text: store_error::load(&errors, false).kubectl, code: 1 }
    }
}

impl From<CommitError<ConfigError>> for ConfigError {
    fn from(error: CommitError<ConfigError>) -> ConfigError {
        match error {
            CommitError::Decision(failure) => failure,
            CommitError::Store(error) => {
                ConfigError { text: store_error::store(&error, false, TIMEOUT).kubectl, code: 1 }
            }
        }
    }
}
