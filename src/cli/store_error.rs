//! The messages for failures of the store. Here, and only here, they are told apart: kcx's own commands take the
//! [`Error`] of an explanation, `kcx config` takes kubectl's words for the same failure.

use super::error::{Cause, Error, name, path};
use super::messages::{self, excerpt, go_error, go_exists, io_error};
use crate::codec::duration;
use crate::file::{LockError, Owner, ReplaceError};
use crate::kubeconfig::ParseError;
use crate::kubeconfig::error::Problem;
use crate::printer::quote;
use crate::store::{CommitError, LoadCause, LoadError, StoreError};
use std::io;
use std::path::Path;
use std::time::Duration;

impl Error {
    /// The error for existing files that cannot be loaded.
    #[must_use]
    pub fn unreadable(errors: &[LoadError], several_files: bool) -> Error {
        load(errors, several_files).error
    }

    /// The error for a failed commit.
    #[must_use]
    pub fn not_committed(error: CommitError<Error>, several_files: bool, timeout: Duration) -> Error {
        match error {
            CommitError::Decision(error) => error,
            CommitError::Store(error) => store(&error, several_files, timeout).error,
        }
    }

    /// A lock was not obtained.
    #[must_use]
    pub(super) fn not_locked(error: &LockError, timeout: Duration) -> Error {
        lock(error, timeout).error
    }
}

/// One failure in the words of both.
pub(super) struct Explanation {
    /// The error of kcx's own commands.
    pub(super) error: Error,
    /// What `kcx config` prints to stderr, line ends included.
    pub(super) kubectl: String,
}

impl Explanation {
    fn new(error: Error, kubectl: impl AsRef<str>) -> Explanation {
        Explanation { error, kubectl: format!("error: {}\n", kubectl.as_ref()) }
    }

    fn failed(message: String, kubectl: impl AsRef<str>) -> Explanation {
        Explanation::new(Error::new(Cause::Failed, message), kubectl)
    }
}

/// Why nothing, or not all, was written.
pub(super) fn store(error: &StoreError, several_files: bool, timeout: Duration) -> Explanation {
    match error {
        StoreError::Load(errors) => {
            let mut explanation = load(errors, several_files);
            explanation.error.message += "; nothing was written";
            explanation
        }
        StoreError::Decode(error) => Explanation::failed(error.to_string(), error.to_string()),
        StoreError::Lock(error) => lock(error, timeout),
        StoreError::Folder(folder, error) => {
            let why = io_error(error);
            let message = format!("cannot create the folder {}: {why}; nothing was written", path(folder));
            Explanation::failed(message, format!("mkdir {}: {}", messages::path(folder), go_error(error)))
        }
        StoreError::Refused(file, refusal) => {
            let message =
                |file: String| format!("cannot edit {file} safely, and nothing was written: {refusal}");
            let details = excerpt(refusal.place.as_deref());
            let kubectl = format!("error: {}\n{details}", message(messages::path(file)));
            let error = Error::new(Cause::Failed, message(path(file)))
                .hint("make this change by hand; kcx never reformats a file");
            Explanation { error: Error { details, ..error }, kubectl }
        }
        StoreError::Write(file, error) => {
            let (message, kubectl) = not_written(file, error);
            Explanation::failed(message, kubectl)
        }
        StoreError::HalfWritten { path: file, error, changed, recorded } => {
            let (message, kubectl) = not_written(file, error);
            let kubectl = format!("{kubectl}; {}", still_changed(changed, messages::path));
            let error = Error::new(Cause::Failed, format!("{message}; {}", still_changed(changed, path)));
            let hint = recorded.then(|| "`kcx undo` undoes that once the disk can be written".to_owned());
            Explanation::new(Error { hints: hint.into_iter().collect(), ..error }, kubectl)
        }
        StoreError::Moving => {
            let message = "other programs keep changing the kubeconfig; nothing was written";
            let error = Error::new(Cause::Conflict, message).hint("try again when they are done");
            Explanation::new(error, "other programs keep changing these files; nothing was written")
        }
    }
}

/// Existing files that cannot be loaded. kubectl begins with `error: ` for a single file only.
pub(super) fn load(errors: &[LoadError], several_files: bool) -> Explanation {
    let mut explanation = Explanation { error: Error::silent(1), kubectl: String::new() };
    for (at, error) in errors.iter().enumerate() {
        let LoadText { why, kubectl, hint, .. } = LoadText::of(error, several_files);
        let line = format!("cannot read {}: {why}", path(&error.path));
        let excerpt = excerpt(error.place());
        explanation.kubectl += &format!("{kubectl}\n{excerpt}");
        if at == 0 {
            let error = Error::new(Cause::Failed, line).hint(hint);
            explanation.error = Error { details: excerpt, ..error };
        } else {
            explanation.error.details += &format!("error: {line}\n{excerpt}");
        }
    }
    if errors.len() == 1 {
        explanation.kubectl.insert_str(0, "error: ");
    }
    explanation
}

/// The words for one file that cannot be loaded.
pub(super) struct LoadText {
    /// The reason, without the path.
    why: String,
    /// kubectl's message.
    kubectl: String,
    /// kubectl's message where it loads this file alone: it then does not say which file it was reading.
    pub(super) alone: String,
    hint: String,
}

impl LoadText {
    pub(super) fn of(error: &LoadError, several_files: bool) -> LoadText {
        let file = messages::path(&error.path);
        let in_list = |why: &str| format!("error loading config file \"{file}\": {why}");
        let instead = match several_files {
            true => "remove it from KUBECONFIG for now",
            false => "name another one with `--kubeconfig`",
        };
        let io = |verb: &str, cause: &io::Error, advice: &str| {
            let why = io_error(cause);
            let alone = format!("{verb} {file}: {}", go_error(cause));
            LoadText { why, kubectl: in_list(&alone), alone, hint: format!("{advice}, or {instead}") }
        };
        match &error.cause {
            // A kubeconfig is read more than once, and at every prompt.
            LoadCause::Open(cause) if cause.kind() == io::ErrorKind::InvalidInput => {
                io("open", cause, "a kubeconfig must be a file: save it as one")
            }
            LoadCause::Open(cause) => io("open", cause, "make it a file you can read"),
            LoadCause::Read(cause) => io("read", cause, "make it a file you can read"),
            LoadCause::Parse(cause) => {
                let why = cause.to_string();
                let (kubectl, alone) = (in_list(&why), format!("{file}: {why}"));
                let file = quote::shell(&error.path.to_string_lossy());
                let hint = match &cause.problem {
                    Problem::Yaml11 { .. } => {
                        format!("`kcx lint --fix {file}` puts it in quotes; or {instead}")
                    }
                    problem if problem.is_one_text() => {
                        format!(
                            "if the text is base64, `kcx import {file} --into NEW` decodes it; or {instead}"
                        )
                    }
                    // The letters of an excerpt are masked, its backslashes are not.
                    Problem::Syntax(_) if has_escapes(cause) => {
                        format!(
                            "`printf '%b' \"$(cat {file})\"` turns the `\\n` in it into line breaks; or {instead}"
                        )
                    }
                    _ => format!("fix the file, or {instead}"),
                };
                LoadText { why, kubectl, alone, hint }
            }
            LoadCause::Migrate(old) => {
                let old = messages::path(old);
                let why = format!("cannot migrate {old} to {file} because it is a directory");
                let hint = "move that folder away, and try again".to_owned();
                LoadText { kubectl: why.clone(), alone: why.clone(), why, hint }
            }
        }
    }
}

/// True if the text around the error has several backslashes: line breaks that were written as `\n`.
fn has_escapes(error: &ParseError) -> bool {
    error.place.as_ref().is_some_and(|place| place.excerpt.matches('\\').count() > 1)
}

/// A lock that was not obtained. kubectl's words are client-go's.
pub(super) fn lock(error: &LockError, timeout: Duration) -> Explanation {
    match error {
        LockError::Held { lock, owner, age, .. } => {
            let holder = match owner {
                Owner::Kcx { pid, host } => format!("kcx, process {pid} on {},", name(host)),
                Owner::Unknown => "kubectl or another program".to_owned(),
            };
            let held = match age {
                Some(age) => format!("has held {} for {}", path(lock), duration::short(*age)),
                None => format!("holds {}", path(lock)),
            };
            let waited = match timeout.is_zero() {
                true => "did not wait".to_owned(),
                false => format!("waited {}", duration::short(timeout)),
            };
            let error = Error::new(Cause::Locked, format!("{holder} {held}; nothing was written"))
                .hint(format!("kcx {waited}; `--lock-timeout 30s` waits longer"))
                .hint("if no such program is running any more, `--break-lock` removes the lock first");
            Explanation::new(error, format!("open {}: {}", messages::path(lock), go_exists()))
        }
        LockError::Io { lock, source } if source.kind() == io::ErrorKind::IsADirectory => {
            let message = format!("{} is a folder, but must be a lock file; nothing was written", path(lock));
            let word = messages::shell_word(&lock.to_string_lossy());
            let error = Error::new(Cause::Locked, message).hint(format!(
                "`rmdir {word}` removes it if it is empty; kcx and kubectl never create such a folder"
            ));
            Explanation::new(error, format!("open {}: {}", messages::path(lock), go_exists()))
        }
        LockError::Io { lock, source } => {
            let why = io_error(source);
            let message = format!("cannot create {}: {why}; nothing was written", path(lock));
            let error = Error::new(Cause::Locked, message).hint(
                "kcx locks as kubectl does, with a file next to the kubeconfig, so the folder must be writable",
            );
            // An empty path in `KUBECONFIG`.
            let is_empty = source.kind() == io::ErrorKind::NotFound && lock.as_os_str() == ".lock";
            let lock = if is_empty { String::new() } else { messages::path(lock) };
            Explanation::new(error, format!("open {lock}: {}", go_error(source)))
        }
        // `pending` has the signal, and with it the exit code.
        LockError::Interrupted => Explanation::new(Error::silent(130), "interrupted"),
    }
}

/// A file that was not written, or only not synced, in kcx's words and in kubectl's.
fn not_written(file: &Path, error: &ReplaceError) -> (String, String) {
    let why = io_error(error.io());
    let kubectl = messages::path(file);
    if error.is_written() {
        let written = |file: String| format!("{file} was written, but may not survive a power cut: {why}");
        return (written(path(file)), written(kubectl));
    }
    let kubectl = format!("open {kubectl}: {}", go_error(error.io()));
    (format!("cannot write {}; it was not changed: {why}", path(file)), kubectl)
}

/// The files that were written before a failure and could not be restored.
fn still_changed(files: &[impl AsRef<Path>], shown: fn(&Path) -> String) -> String {
    let stay = if files.len() == 1 { "stays" } else { "stay" };
    let files: Vec<String> = files.iter().map(|file| shown(file.as_ref())).collect();
    format!("{} could not be restored and {stay} changed", files.join(", "))
}
