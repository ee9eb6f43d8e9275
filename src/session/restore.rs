//! Makes the overlay of a session again after it was removed or emptied, from the record in its guard.
//!
//! While the overlay is missing, the guard is the first kubeconfig of the list that exists: other programs then write into
//! it what is meant for the overlay. So what they wrote into the guard becomes a part of the overlay.

use super::guard::{LOST, Record};
use super::overlay_migration::Entries;
use super::{OverlayError, Session, StoredSelection};
use crate::file::{self, Lock, LockOptions};
use crate::kubeconfig::{Document, Kind, ParseError, view};
use crate::path;
use crate::store::Overlay;
use crate::store::overlay::{is_own_guard, owner_file};
use std::io;
use std::path::{Path, PathBuf};

/// What an overlay is made of again.
#[derive(Debug, PartialEq)]
pub struct Restored {
    /// The selection; its context is [`LOST`] if nothing tells it any more.
    pub selection: Option<StoredSelection>,
    /// True if another program has chosen the context since the overlay was lost.
    pub chosen_by_other: bool,
    /// The line of the file `owner`, if it is known.
    owner: Option<String>,
    /// Entries that other programs wrote in that time. Their paths are absolute.
    pub(super) entries: Entries,
}

impl Restored {
    /// Decides what the overlay was, by the text of its guard, which is in this folder.
    fn of(guard: &str, folder: &Path) -> Result<Restored, ParseError> {
        let record = Record::parse(guard);
        if let Some(Record { selection, owner }) = record.clone().filter(|record| record.guard() == guard) {
            return Ok(Restored { selection, chosen_by_other: false, owner, entries: Vec::new() });
        }
        let document = Document::parse(guard.as_bytes().to_vec())?;
        let mut entries = Entries::new();
        for kind in Kind::ALL {
            for (index, name) in document.names(kind).enumerate() {
                let mut body = document.body(kind, index)?.into_owned();
                view::rebase(&mut body, kind, &|file| path::clean(&folder.join(file)));
                entries.push((kind, name.to_owned(), body));
            }
        }
        let current = StoredSelection::read(&document)?;
        let is_lost = current.as_ref().is_some_and(|selection| selection.context == LOST);
        let owner = record.as_ref().and_then(|record| record.owner.clone());
        // kcx writes no context into a guard, so that one is an entry of the other program.
        let current = current.map(|selection| StoredSelection { body: None, ..selection });
        let (selection, chosen_by_other) = match (record, is_lost) {
            (Some(record), true) => (record.selection, false),
            (_, is_lost) => (current, !is_lost),
        };
        Ok(Restored { selection, chosen_by_other, owner, entries })
    }
}

/// Makes a missing overlay again, above these files. Returns `None` if it is there after all, or if it has no guard.
///
/// # Errors
/// The session's folder cannot be created or written, or the guard is not a kubeconfig.
pub fn restore(
    overlay: &Overlay,
    files: &[PathBuf],
    lock_options: &LockOptions,
) -> Result<Option<Restored>, OverlayError> {
    let session = Session::of(overlay);
    let failed = |error| OverlayError::Update(overlay.path().to_owned(), error);
    if !is_own_guard(&session.guard) {
        return Ok(None);
    }
    file::create_private(&session.folder).map_err(failed)?;
    if !file::is_own_folder(&session.folder) {
        return Err(failed(io::ErrorKind::PermissionDenied.into()));
    }
    let lock = Lock::acquire(overlay.path(), lock_options)?;
    let restored = session.restore_locked(files).map_err(failed);
    drop(lock);
    restored
}

impl Session {
    /// Makes the overlay again if it is missing and another program has written entries into the guard instead. Returns
    /// false if nothing was written.
    ///
    /// # Errors
    /// As [`restore`].
    pub fn restore_entries(&self, lock_options: &LockOptions) -> Result<bool, OverlayError> {
        let failed = |error| OverlayError::Update(self.overlay(), error);
        let has_entries = || -> io::Result<bool> {
            Ok(self.guards_content()?.is_some_and(|content| !content.entries.is_empty()))
        };
        if !is_own_guard(&self.guard) || !has_entries().map_err(failed)? {
            return Ok(false);
        }
        file::create_private(&self.folder).map_err(failed)?;
        let lock = Lock::acquire(&self.overlay(), lock_options)?;
        let restored = self.restore_locked(&[]).map_err(failed);
        drop(lock);
        Ok(restored?.is_some())
    }

    /// What the guard tells of the overlay, and what other programs wrote into it; `None` if there is no guard.
    pub(super) fn guards_content(&self) -> io::Result<Option<Restored>> {
        let Some(guard) = self.guard_text() else { return Ok(None) };
        let folder = self.guard.parent().unwrap_or(&self.guard);
        let content = Restored::of(&guard, folder);
        content.map(Some).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    fn restore_locked(&self, files: &[PathBuf]) -> io::Result<Option<Restored>> {
        // kubectl empties a file for a moment while it writes it, under the same lock.
        if self.overlay().symlink_metadata().is_ok_and(|metadata| metadata.len() > 0) {
            return Ok(None);
        }
        let restored = self.guards_content()?.ok_or(io::ErrorKind::NotFound)?;
        if let Some(owner) = restored.owner.as_ref().filter(|_| !owner_file(&self.folder).exists()) {
            file::append(&owner_file(&self.folder), owner.as_bytes())?;
        }
        if !files.is_empty() && !self.files_file().exists() {
            self.record_files(files)?;
        }
        self.put(restored.selection.as_ref(), &restored.entries)?;
        Ok(Some(restored))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(context: &str) -> StoredSelection {
        StoredSelection { context: context.to_owned(), body: None }
    }

    /// The guard of a shell on `prod`, or of one that follows the kubeconfig.
    fn guard(context: Option<&str>) -> String {
        Record { selection: context.map(selection), owner: Some("kcx pid=1 host=h\n".to_owned()) }.guard()
    }

    #[test]
    fn an_overlay_is_made_of_its_guard() {
        let bare =
            |guard: &str| guard.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
        let cluster = "\nclusters: [{name: kind, cluster: {server: 'https://kind.example'}}]\n";
        let (prod, follows) = (guard(Some("prod")), guard(None));
        for (text, context, chosen_by_other, entries) in [
            (prod.clone(), Some("prod"), false, 0),
            (follows.clone(), None, false, 0),
            // kubectl removes comments.
            (bare(&prod).replace(LOST, "staging"), Some("staging"), true, 0),
            (
                bare(&prod).replace(&format!("current-context: {LOST}"), "current-context: \"\""),
                None,
                true,
                0,
            ),
            (bare(&follows), None, true, 0),
            (bare(&prod), Some(LOST), false, 0),
            (bare(&prod).replace("\nclusters: []\n", cluster), Some(LOST), false, 1),
            // A careful program does not.
            (prod.replace("\nclusters: []\n", cluster), Some("prod"), false, 1),
            (prod.replace(&format!(": {LOST}"), ": staging"), Some("staging"), true, 0),
        ] {
            let restored = Restored::of(&text, Path::new("/guards")).unwrap();
            let found = restored.selection.as_ref().map(|selection| selection.context.as_str());
            assert_eq!(
                (found, restored.chosen_by_other, restored.entries.len()),
                (context, chosen_by_other, entries),
                "{text}"
            );
        }
        assert!(Restored::of("{", Path::new("")).is_err());
    }

    #[test]
    fn any_name_survives_the_record() {
        for name in ["prod", "a\u{85}b\u{2028}c: d", "\u{7f}\u{1f600}\"\\\n# kcx: {}", "kcx-lost"] {
            let guard = guard(Some(name));
            assert_eq!(Record::parse(&guard).unwrap().selection, Some(selection(name)));
            let document = Document::parse(guard.clone().into_bytes()).unwrap();
            assert_eq!(document.current_context(), LOST);
            assert_eq!(Restored::of(&guard, Path::new("")).unwrap().selection, Some(selection(name)));
        }
    }
}
