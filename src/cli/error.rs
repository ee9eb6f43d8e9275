//! Errors of kcx's own commands: what failed, what was not done, and what to type next.
//!
//! The layers below return errors as data; here they become messages. `kcx config` has kubectl's messages instead
//! (`config::failure`).
//! Names and paths come from untrusted files: all of them go through [`name`] or [`path`].

use super::messages;
use crate::kubeconfig::{Kind, Merged, ParseError};
use crate::printer::quote;
use std::fmt;
use std::io;
use std::path::Path;

/// The kind of an error, which determines the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The operation failed.
    Failed,
    /// The command line is invalid.
    Usage,
    /// The operation failed, for a command whose exit code 1 is an answer.
    Trouble,
    /// An entry that was named does not exist.
    NotFound,
    /// The file was changed in the meantime.
    Conflict,
    /// A lock was not obtained.
    Locked,
    /// A keychain is missing or locked, or lacks an item.
    Keychain,
    /// A program cannot be run; as in a shell, the exit code is 127 if there is none, and 126 if it is not executable.
    NotStarted(i32),
    /// The error was already printed, or stdout is closed.
    Silent(i32),
}

impl Cause {
    /// The exit code.
    #[must_use]
    pub fn code(self) -> i32 {
        match self {
            Cause::Failed => 1,
            Cause::Usage | Cause::Trouble => 2,
            Cause::NotFound => 3,
            Cause::Conflict => 4,
            Cause::Locked => 5,
            Cause::Keychain => 6,
            Cause::NotStarted(code) | Cause::Silent(code) => code,
        }
    }
}

/// An error with its message and hints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The kind, for the exit code.
    pub cause: Cause,
    /// One fragment in lower case, without a full stop.
    pub message: String,
    /// Lines to print below the message as they are: an excerpt with a caret.
    pub details: String,
    /// What to type next, most useful first.
    pub hints: Vec<String>,
}

impl Error {
    /// Creates an error without hints.
    #[must_use]
    pub fn new(cause: Cause, message: impl Into<String>) -> Error {
        Error { cause, message: message.into(), details: String::new(), hints: Vec::new() }
    }

    /// A failure that was reported already.
    #[must_use]
    pub fn silent(code: i32) -> Error {
        Error::new(Cause::Silent(code), "")
    }

    /// Adds what to type next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        self.hints.push(hint.into());
        self
    }

    /// Adds what to type next, if there is anything.
    #[must_use]
    pub fn hints(mut self, hints: impl IntoIterator<Item = String>) -> Error {
        self.hints.extend(hints);
        self
    }

    /// The error for a name without an entry, with a suggestion.
    #[must_use]
    pub fn not_found(merged: &Merged, kind: Kind, wanted: &str) -> Error {
        Error::new(Cause::NotFound, format!("no {} named {}", kind.word(), name(wanted)))
            .hint(known(merged, kind, wanted))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    /// The error for a failed write to stdout; a closed pipe is not reported.
    fn from(error: io::Error) -> Error {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Error::silent(0),
            _ => {
                Error::new(Cause::Failed, format!("cannot write the output: {}", messages::io_error(&error)))
            }
        }
    }
}

impl From<ParseError> for Error {
    fn from(error: ParseError) -> Error {
        Error::new(Cause::Failed, error.to_string())
    }
}

/// A name in backticks, safe to show.
#[must_use]
pub fn name(text: &str) -> String {
    format!("`{}`", quote::visible(text))
}

/// A path in backticks, safe to show.
#[must_use]
pub fn path(path: &Path) -> String {
    format!("`{}`", messages::path(path))
}

/// Hints with the nearest name, and with the command that lists all names.
pub(super) fn known(merged: &Merged, kind: Kind, wanted: &str) -> String {
    let names = merged.names(kind);
    let list =
        if kind == Kind::Context { "`kcx get`".to_owned() } else { format!("`kcx get {}`", kind.list()) };
    let near = super::suggest::near(wanted, &names).map(name);
    match (names.as_slice(), near) {
        ([], _) if kind == Kind::Context => {
            "there are no contexts; `kcx import FILE` adds those of a kubeconfig".to_owned()
        }
        ([], _) => format!("there are no {}", kind.list()),
        ([""], _) => format!("the only {} has no name: `kcx rename {0} '' NAME` gives it one", kind.word()),
        ([only], _) => format!("the only {} is {}", kind.word(), name(only)),
        (all, Some(near)) => format!("did you mean {near}? {list} lists all {}", all.len()),
        (all, None) => match super::suggest::containing(wanted, all).as_slice() {
            several @ [_, _] | several @ [_, _, _] if !wanted.is_empty() => {
                let names: Vec<String> = several.iter().map(|near| name(near)).collect();
                format!("did you mean {}? {list} lists all {}", names.join(" or "), all.len())
            }
            _ => format!("{list} lists all {}", all.len()),
        },
    }
}

/// The error for a current context that does not exist.
pub(super) fn dangling(merged: &Merged, current: &str) -> Error {
    let message = format!("the current context is {}, which does not exist", name(current));
    Error::new(Cause::NotFound, message).hint(known(merged, Kind::Context, current))
}

/// The number of contexts to choose from.
pub(super) fn listed(merged: &Merged) -> String {
    known(merged, Kind::Context, "")
}
