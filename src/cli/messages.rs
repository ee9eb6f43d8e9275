//! Messages for errors of the lower layers. System errors are worded as in Go, so that `kcx config` and kubectl agree.

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

/// Like [`io_error`], for the text of an error.
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

/// A URL without user information, safe to show.
#[must_use]
pub(super) fn without_login(url: &str) -> String {
    secret::shown_url(url).into_owned()
}

/// A text in a colour, given as ECMA-48 SGR parameters; unchanged if colours are off.
#[must_use]
pub(super) fn painted(text: &str, color: &str, on: bool) -> String {
    if on { format!("\x1b[{color}m{text}\x1b[0m") } else { text.to_owned() }
}

/// Why a file cannot be loaded, for a message that begins with the file's name.
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

/// The line of a problem with a caret, secrets masked; empty if the problem has no single place.
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

/// Why a lock was not obtained, in client-go's words.
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

/// An attribute that a commit could not preserve, for a message that begins with the file's name.
#[must_use]
pub(super) fn write_note(note: WriteNote) -> &'static str {
    match note {
        WriteNote::InPlace => "was written in place, because it could not be replaced at once",
        WriteNote::Kept(Note::GroupDropped) => "lost its group, and so the group's permissions",
        WriteNote::Kept(Note::LinksSplit) => "has other names (hard links), and those keep the old content",
    }
}

/// Why a change was not recorded in the journal.
#[must_use]
pub(super) fn not_recorded(why: &NotRecorded) -> String {
    match why {
        NotRecorded::Io(folder, error) => {
            format!("`{}` cannot be written: {}", path(folder), io_error(error))
        }
        NotRecorded::TooLarge => format!("it is larger than {} MiB", journal::BYTES >> 20),
    }
}

/// Why a file was not written, in Go's words.
#[must_use]
pub(super) fn write_error(file: &Path, error: &ReplaceError) -> String {
    let (ReplaceError::Io { source, .. } | ReplaceError::NotAtomic { source, .. }) = error;
    match error.is_written() {
        true => written(&path(file), source),
        false => format!("open {}: {}", path(file), io_error(source)),
    }
}

/// The message that a file was written but the final sync failed.
#[must_use]
pub(super) fn written(file: &str, source: &io::Error) -> String {
    format!("{file} was written, but may not survive a power cut: {}", io_error(source))
}

/// The files that were written before a failure and could not be restored.
#[must_use]
pub(super) fn still_changed(files: &[String]) -> String {
    let stay = if files.len() == 1 { "stays" } else { "stay" };
    format!("{} could not be put back and {stay} changed", files.join(", "))
}
