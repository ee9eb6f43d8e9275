//! Messages for errors of the lower layers. System errors are worded as in Go, so that `kcx config` and kubectl agree.

use crate::file::ReplaceNote;
use crate::kubeconfig::error::Place;
use crate::kubeconfig::secret;
use crate::printer::quote;
pub(super) use crate::printer::quote::shell as shell_word;
use crate::store::WriteNote;
use crate::store::journal::{self, NotRecorded};
use std::io;
use std::path::Path;

/// An I/O error as Go prints it: `no such file or directory`.
#[must_use]
pub(super) fn io_error(error: &io::Error) -> String {
    io_text(&error.to_string())
}

/// An error of the operating system in the words of Go, and so of kubectl: on Windows those of the system.
#[must_use]
pub(super) fn go_error(error: &io::Error) -> String {
    /// `ERROR_INVALID_FUNCTION`: what reading a folder is.
    const INVALID_FUNCTION: i32 = 1;
    if !cfg!(windows) {
        return io_error(error);
    }
    let text = match error.kind() {
        io::ErrorKind::IsADirectory => io::Error::from_raw_os_error(INVALID_FUNCTION).to_string(),
        _ => error.to_string(),
    };
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// What Go says of a file that exists, where a new one was to be created.
#[must_use]
pub(super) fn go_exists() -> String {
    /// `ERROR_FILE_EXISTS`.
    const FILE_EXISTS: i32 = 80;
    match cfg!(windows) {
        true => go_error(&io::Error::from_raw_os_error(FILE_EXISTS)),
        false => "file exists".to_owned(),
    }
}

/// Like [`io_error`], for the text of an error.
#[must_use]
pub(super) fn io_text(text: &str) -> String {
    // Windows ends its texts with a full stop.
    let text = text.split(" (os error").next().unwrap_or_default().trim_end_matches('.');
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

/// A text in a colour, given as ECMA-48 SGR parameters; unchanged if there are none, or if colours are off.
#[must_use]
pub(super) fn painted(text: &str, color: &str, on: bool) -> String {
    if on && !color.is_empty() { format!("\x1b[{color}m{text}\x1b[0m") } else { text.to_owned() }
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

/// An attribute that a commit could not preserve, for a message that begins with the file's name.
#[must_use]
pub(super) fn write_note(note: WriteNote) -> &'static str {
    match note {
        WriteNote::InPlace => "was written in place, because it could not be replaced at once",
        WriteNote::Kept(ReplaceNote::GroupDropped) => "lost its group, and so the group's permissions",
        WriteNote::Kept(ReplaceNote::LinksSplit) => {
            "has other names (hard links), and those keep the old content"
        }
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
