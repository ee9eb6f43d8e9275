//! The guard of a session: a second kubeconfig that makes clients fail when the overlay is gone.
//!
//! Clients ignore a missing file of `KUBECONFIG`. Without a guard, a script whose overlay was removed or emptied would go on
//! in the user's own current context: on another cluster, without a word. The guard is beside the overlay in the list, but
//! in another folder. While the shell has a context of its own, the guard's `current-context` is a name that no file has.
//!
//! A comment in it records what kcx wrote into the overlay last. From this record a missing overlay is made again
//! (`restore`), and what other programs write into an overlay is told from what kcx wrote.

use super::{Session, StoredSelection, overlay};
use crate::file::{self, limits};
use crate::kubeconfig::Document;
use crate::store::OpenFiles;
use serde::{Deserialize, Serialize};
use std::io;

/// The current context of a guard; no kubeconfig has a context of this name.
pub const LOST: &str = "kcx-lost";

/// What kcx wrote into the overlay last, and for which process.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Record {
    /// The selection; `None` if the shell uses the context of the user's own files.
    pub selection: Option<StoredSelection>,
    /// The line of the file `owner`.
    pub owner: Option<String>,
}

const RECORD: &str = "# kcx: ";

impl Record {
    /// Reads the record of a guard; `None` if another program has rewritten the guard.
    #[must_use]
    pub fn parse(guard: &str) -> Option<Record> {
        let line = guard.lines().find_map(|line| line.strip_prefix(RECORD))?;
        serde_json::from_str(line).ok()
    }

    /// The record of a guard that is as kcx has written it.
    fn unchanged(guard: &str) -> Option<Record> {
        Record::parse(guard).filter(|record| record.guard() == guard)
    }

    /// True if this overlay is as kcx has written it.
    #[must_use]
    pub fn is_of(&self, overlay: &Document) -> bool {
        overlay.text() == overlay::text(self.selection.as_ref(), &[])
    }

    /// The text of the guard.
    #[must_use]
    pub fn guard(&self) -> String {
        let lost = StoredSelection { context: LOST.to_owned(), body: None };
        let config = overlay::config(self.selection.as_ref().map(|_| &lost), &[]);
        let record = printable(&serde_json::to_string(self).unwrap_or_default());
        format!(
            "# Makes clients fail while the overlay of a shell is missing; made by kcx.\n{RECORD}{record}\n{config}"
        )
    }
}

/// JSON in printable ASCII: some other characters would end a comment, or are not permitted in YAML.
fn printable(json: &str) -> String {
    let mut text = String::new();
    for c in json.chars() {
        match c {
            ' '..='~' => text.push(c),
            _ => text.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}"))),
        }
    }
    text
}

impl Session {
    /// The text of the guard, into which other tools may have written as into the overlay.
    pub(super) fn guard_text(&self) -> Option<String> {
        String::from_utf8(file::read(&self.guard, limits::OVERLAY).ok()?.0).ok()
    }

    /// What kcx wrote into the overlay last; `None` if the guard is not as kcx has written it.
    pub(super) fn record(&self) -> Option<Record> {
        Record::unchanged(&self.guard_text()?)
    }

    /// The same; the guard is left open for a load of this file together with the user's own.
    #[must_use]
    pub fn record_through(&self, open_files: &OpenFiles) -> Option<Record> {
        let guard = open_files.read(&self.guard, limits::OVERLAY).ok()?;
        Record::unchanged(&String::from_utf8(guard).ok()?)
    }

    /// The selection that kcx wrote into this overlay last.
    pub(super) fn known_selection(
        &self,
        overlay: &Document,
        record: Option<&Record>,
    ) -> Option<StoredSelection> {
        if let Some(record) = record {
            return record.selection.clone();
        }
        // kcx 0.1.0 recorded only the name of the context.
        let name = self.read_own(&self.folder.join("pinned"))?;
        StoredSelection::read(overlay).ok()?.filter(|selection| selection.context == name)
    }

    /// Writes the guard for an overlay with this selection.
    pub(super) fn put_guard(&self, selection: Option<&StoredSelection>) -> io::Result<()> {
        let owner = self.owner().map(|owner| owner.render());
        let text = Record { selection: selection.cloned(), owner }.guard();
        match file::write_private(&self.guard, text.as_bytes()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.guard.parent().map_or(Ok(()), file::create_private)?;
                file::write_private(&self.guard, text.as_bytes())
            }
            written => written,
        }
    }
}
