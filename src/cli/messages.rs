//! Errors of the layers below, in the words of the system: as Go says them, so that `kcx config` and kubectl agree.

use crate::file::{LockError, Note, ReplaceError};
use crate::kubeconfig::error::Place;
use crate::kubeconfig::secret;
use crate::printer::quote;
pub(super) use crate::printer::quote::shell as shell_word;
use crate::store::journal::{self, NotRecorded};
use crate::store::{LoadCause, LoadError, WriteNote};
use std::io;
use std::path::Path;

/// An I/O error as Go prints it: `no such file or directory`.
#[must_use]
pub(super) fn io_error(error: &io::Error) -> String {
    io_text(&error.to_string())
}

/// The same where only its text is left.
#[must_use]
pub(super) fn io_text(text: &str) -> String {
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// A path as text for a terminal.
#[must_use]
pub(super) fn path(path: &Path) -> String {
    quote::visible(&path.to_string_lossy()).into_owned()
}

/// A URL that is safe to show: without its login.
#[must_use]
pub(super) fn without_login(url: &str) -> String {
    secret::shown_url(url).into_owned()
}

/// A text in a colour, by the numbers of ECMA-48's SGR; as it is unless this is on.
#[must_use]
pub(super) fn painted(text: &str, color: &str, on: bool) -> String {
    if on { format!("\x1b[{color}m{text}\x1b[0m") } else { text.to_owned() }
}

/// Why a file cannot be loaded, without its name where the name stands before it.
#[must_use]
pub(super) fn load_cause(error: &LoadError) -> String {
    match &error.cause {
        LoadCause::Open(cause) => format!("open {}: {}", path(&error.path), io_error(cause)),
        LoadCause::Read(cause) => format!("read {}: {}", path(&error.path), io_error(cause)),
        LoadCause::Parse(cause) => cause.to_string(),
        LoadCause::Migrate(old) => {
            format!("cannot migrate {} to {} because it is a directory", path(old), path(&error.path))
        }
    }
}

/// The line a problem stands in, secrets masked, with a caret; nothing where there is no one place.
#[must_use]
pub(super) fn excerpt(place: Option<&Place>) -> String {
    let Some(place) = place else { return String::new() };
    let line = place.position.line.to_string();
    let margin = " ".repeat(line.len());
    let caret = format!("{}{}", " ".repeat(place.caret), "^".repeat(place.width));
    format!(" {margin} |\n {line} | {}\n {margin} | {caret}\n", quote::visible(&place.excerpt))
}

/// The excerpt of a load error.
#[must_use]
pub(super) fn load_excerpt(error: &LoadError) -> String {
    match &error.cause {
        LoadCause::Parse(cause) => excerpt(cause.place.as_ref()),
        _ => String::new(),
    }
}

/// Why a lock was not obtained, as client-go says it.
#[must_use]
pub(super) fn lock_error(error: &LockError) -> String {
    match error {
        LockError::Held { lock, .. } => format!("open {}: file exists", path(lock)),
        LockError::Io { lock, source }
            if source.kind() == io::ErrorKind::NotFound && lock.as_os_str() == ".lock" =>
        {
            format!("open : {}", io_error(source))
        }
        LockError::Io { lock, source } if source.kind() == io::ErrorKind::IsADirectory => {
            format!("open {}: file exists", path(lock))
        }
        LockError::Io { lock, source } => format!("open {}: {}", path(lock), io_error(source)),
        LockError::Interrupted => "interrupted".to_owned(),
    }
}

/// What a commit could not keep of a file; the file's name goes before.
#[must_use]
pub(super) fn write_note(note: WriteNote) -> &'static str {
    match note {
        WriteNote::InPlace => "was written in place, because it could not be replaced at once",
        WriteNote::Kept(Note::GroupDropped) => "lost its group, and so the group's permissions",
        WriteNote::Kept(Note::LinksSplit) => "has other names (hard links), and those keep the old content",
    }
}

/// Why the journal does not have a change.
#[must_use]
pub(super) fn not_recorded(why: &NotRecorded) -> String {
    match why {
        NotRecorded::Io(folder, error) => {
            format!("`{}` cannot be written: {}", path(folder), io_error(error))
        }
        NotRecorded::TooLarge => format!("it is larger than {} MiB", journal::BYTES >> 20),
    }
}

/// Why a file was not written, as Go says it.
#[must_use]
pub(super) fn write_error(file: &Path, error: &ReplaceError) -> String {
    let (ReplaceError::Io { source, .. } | ReplaceError::NotAtomic { source, .. }) = error;
    match error.is_written() {
        true => written(&path(file), source),
        false => format!("open {}: {}", path(file), io_error(source)),
    }
}

/// A file was written, and the waiting for the disk failed.
#[must_use]
pub(super) fn written(file: &str, source: &io::Error) -> String {
    format!("{file} was written, but may not survive a power cut: {}", io_error(source))
}

/// What was written before a failure, and could not be put back.
#[must_use]
pub(super) fn still_changed(files: &[String]) -> String {
    let stay = if files.len() == 1 { "stays" } else { "stay" };
    format!("{} could not be put back and {stay} changed", files.join(", "))
}
