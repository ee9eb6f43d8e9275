//! Failures of a verb, with kubectl's messages.

use super::super::messages;
use super::flags::UsageError;
use crate::kubeconfig::ParseError;
use crate::kubeconfig::view::ViewError;
use crate::store::{CommitError, LoadError};
use std::io;

/// A verb's failure: what goes to stderr, as it is, and the exit code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The text, line ends included.
    pub text: String,
    /// The exit code.
    pub code: i32,
}

impl Failure {
    /// `error: MESSAGE`, exit code 1.
    pub fn new(message: impl AsRef<str>) -> Failure {
        Failure { text: format!("error: {}\n", message.as_ref()), code: 1 }
    }

    /// Where kubectl panics: an error with the panic's exit code.
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
            _ => Failure::new(format!("cannot write the answer: {}", messages::io_error(&error))),
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
    /// One file: `error: error loading config file "P": CAUSE`. Several: a line each, without `error: `.
    fn from(errors: Vec<LoadError>) -> Failure {
        let line = |error: &LoadError| match &error.cause {
            crate::store::LoadCause::Migrate(_) => messages::load_cause(error),
            _ => {
                let path = crate::printer::quote::go(&error.path.to_string_lossy());
                format!("error loading config file {path}: {}", messages::load_cause(error))
            }
        };
        let lines: String = errors
            .iter()
            .map(|error| format!("{}\n{}", line(error), messages::load_excerpt(error)))
            .collect();
        let text = if errors.len() == 1 { format!("error: {lines}") } else { lines };
        Failure { text, code: 1 }
    }
}

impl From<CommitError<Failure>> for Failure {
    fn from(error: CommitError<Failure>) -> Failure {
        match error {
            CommitError::Decision(failure) => failure,
            CommitError::Load(errors) => errors.into(),
            CommitError::Lock(error) => Failure::new(messages::lock_error(&error)),
            CommitError::Refused(path, refusal) => {
                let excerpt = messages::excerpt(refusal.place.as_deref());
                Failure {
                    text: format!(
                        "error: cannot edit {} safely, and nothing was written: {refusal}\n{excerpt}",
                        messages::path(&path)
                    ),
                    code: 1,
                }
            }
            CommitError::Write(path, error) => Failure::new(messages::write_error(&path, &error)),
            CommitError::HalfWritten { path, error, changed, .. } => {
                let changed: Vec<String> = changed.iter().map(|file| messages::path(file)).collect();
                let why = messages::write_error(&path, &error);
                Failure::new(format!("{why}; {}", messages::still_changed(&changed)))
            }
            CommitError::Moving => {
                Failure::new("other programs keep changing these files; nothing was written")
            }
        }
    }
}
