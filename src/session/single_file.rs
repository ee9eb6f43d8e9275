//! The one file of a session, for programs that read no list of files: the context in force with its cluster and user, and
//! nothing else.
//!
//! kcx writes it from the overlay and the user's own files whenever these change. A second copy of it tells what other
//! programs have written into it since; that becomes a part of the overlay, from which it is moved to the user's own files
//! as from any overlay.

use super::guard::LOST;
use super::overlay::is_alike;
use super::overlay_migration::Entries;
use super::{Session, StoredSelection, overlay};
use crate::file::{self, limits};
use crate::kubeconfig::{Body, Document, Kind, ParseError, view};
use crate::path;
use crate::store::overlay::SINGLE_FILE;
use std::io;
use std::path::{Path, PathBuf};

/// What other programs have changed in the one file.
#[derive(Debug, Default, PartialEq)]
pub struct Changes {
    /// The selection, if it is another one: a context, with its body if the namespace is another one.
    pub selection: Option<StoredSelection>,
    /// New entries and those with other contents. Their paths are absolute.
    pub entries: Entries,
    /// Entries that are gone.
    pub removed: Vec<(Kind, String)>,
}

impl Changes {
    /// Compares two versions of the file, which is in this folder. `clean` removes from a user what stands for the credential
    /// of the user's own entry.
    ///
    /// # Errors
    /// As [`Document::body`].
    pub fn between(
        before: &Document,
        now: &Document,
        folder: &Path,
        clean: fn(&mut Body),
    ) -> Result<Changes, ParseError> {
        let mut changes = Changes::default();
        let current = now.current_context();
        if current != before.current_context() && !current.is_empty() {
            changes.selection = Some(StoredSelection { context: current.to_owned(), body: None });
        }
        for kind in Kind::ALL {
            for (index, name) in now.names(kind).enumerate() {
                let mut body = now.body(kind, index)?.into_owned();
                let known = before.find(kind, name).map(|index| before.body(kind, index)).transpose()?;
                if known.as_deref() == Some(&body) {
                    continue;
                }
                if kind == Kind::Context && known.is_some_and(|known| is_alike(&body, &known)) {
                    if name == current {
                        changes.selection =
                            Some(StoredSelection { context: name.to_owned(), body: Some(body) });
                    }
                    continue;
                }
                if kind == Kind::User {
                    clean(&mut body);
                }
                view::rebase(&mut body, kind, &|file| path::clean(&folder.join(file)));
                changes.entries.push((kind, name.to_owned(), body));
            }
            let gone = before.names(kind).filter(|name| now.find(kind, name).is_none());
            changes.removed.extend(gone.map(|name| (kind, name.to_owned())));
        }
        Ok(changes)
    }
}

/// The text for a context that cannot be in one file: clients fail with it.
#[must_use]
pub fn lost() -> String {
    overlay::config(Some(&StoredSelection { context: LOST.to_owned(), body: None }), &[])
}

impl Session {
    /// The path of the one file.
    #[must_use]
    pub fn single_file(&self) -> PathBuf {
        self.folder.join(SINGLE_FILE)
    }

    /// The path of the one file of a shell that is locked to a context. kcx itself reads this file and no other.
    #[must_use]
    pub fn locked_file(&self) -> PathBuf {
        self.folder.join("locked.yaml")
    }

    /// True if programs of the session get this file instead of a list.
    #[must_use]
    pub fn has_single_file(&self) -> bool {
        Session::copy_of(&self.single_file()).symlink_metadata().is_ok()
    }

    fn copy_of(file: &Path) -> PathBuf {
        file.with_extension("written")
    }

    fn embed_file(&self) -> PathBuf {
        self.folder.join("embed")
    }

    /// True if the one file contains credentials themselves.
    #[must_use]
    pub fn embeds(&self) -> bool {
        self.embed_file().symlink_metadata().is_ok()
    }

    /// Records that the one file contains credentials themselves.
    ///
    /// # Errors
    /// The record cannot be written.
    pub fn record_embedding(&self) -> io::Result<()> {
        file::write_private(&self.embed_file(), b"")
    }

    /// Writes one of these files, with the copy that tells later what other programs have changed. Returns false, without
    /// writing, if both have this content.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn put_file(&self, file: &Path, text: &str) -> io::Result<bool> {
        let copy = Session::copy_of(file);
        let is_in = |file: &Path| self.read_own(file).is_some_and(|found| found == text);
        if is_in(file) && is_in(&copy) {
            return Ok(false);
        }
        file::write_private(&copy, text.as_bytes())?;
        file::write_private(file, text.as_bytes())?;
        Ok(true)
    }

    /// Takes the present content of this file for what kcx wrote.
    ///
    /// # Errors
    /// The file cannot be read or the copy cannot be written.
    pub fn accept_file(&self, file: &Path) -> io::Result<()> {
        file::write_private(&Session::copy_of(file), &file::read(file, limits::OVERLAY)?.0)
    }

    /// True if another program has changed this file, or removed it.
    #[must_use]
    pub fn is_file_changed(&self, file: &Path) -> bool {
        let read = |file: &Path| file::read(file, limits::OVERLAY).ok().map(|(bytes, _)| bytes);
        read(file) != read(&Session::copy_of(file))
    }

    /// What other programs have changed in this file. `None` if it is gone.
    ///
    /// # Errors
    /// The file, or the copy of what kcx wrote, cannot be read or is not a kubeconfig.
    pub fn changes_of(&self, file: &Path, clean: fn(&mut Body)) -> io::Result<Option<Changes>> {
        let invalid = |error| io::Error::new(io::ErrorKind::InvalidData, error);
        let read = |file: &Path| {
            let (bytes, _) = file::read(file, limits::OVERLAY)?;
            Document::parse(bytes).map_err(invalid)
        };
        let before = read(&Session::copy_of(file))?;
        match read(file) {
            Ok(now) => Changes::between(&before, &now, &self.folder, clean).map(Some).map_err(invalid),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes credentials from the one file, and lets clients that still read it fail.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn forget_credentials(&self) -> io::Result<()> {
        for file in [self.single_file(), self.locked_file()] {
            if file.symlink_metadata().is_ok() {
                self.put_file(&file, &lost())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = "\
clusters: [{name: c, cluster: {server: 'https://c'}}]
contexts: [{name: dev, context: {cluster: c, user: me}}]
current-context: dev
users: [{name: me, user: {exec: {command: kcx-credential, args: [own, --file=/c, --user=me]}}}]
";

    fn changes(now: &str) -> Changes {
        let parse = |text: &str| Document::parse(text.as_bytes().to_vec()).unwrap();
        let clean = |user: &mut Body| drop(user.shift_remove("exec"));
        Changes::between(&parse(WRITTEN), &parse(now), Path::new("/s"), clean).unwrap()
    }

    #[test]
    fn what_other_programs_write_is_told_from_what_kcx_wrote() {
        assert_eq!(changes(&format!("# rewritten\n{WRITTEN}")), Changes::default());
        let kind = changes(
            &WRITTEN
                .replace("current-context: dev", "current-context: kind")
                .replace("contexts: [", "contexts: [{name: kind, context: {cluster: kind, user: kind}}, "),
        );
        assert_eq!(kind.selection.unwrap().context, "kind");
        assert_eq!(kind.entries.len(), 1);
        let shop = changes(&WRITTEN.replace("user: me}", "user: me, namespace: shop}"));
        assert_eq!(shop.selection.unwrap().body.unwrap()["namespace"], "shop");
        assert!(shop.entries.is_empty());
        let gone = changes("current-context: dev");
        assert_eq!(gone.removed.len(), 3);
        // A credential that is set takes the place of the entry that stands for the old one.
        let token = changes(&WRITTEN.replace("user: {exec", "user: {token: t, exec"));
        let [(Kind::User, _, body)] = token.entries.as_slice() else { panic!("{token:?}") };
        assert_eq!(body.keys().collect::<Vec<_>>(), ["token"]);
        let ca = changes(&WRITTEN.replace("server:", "certificate-authority: ca.crt, server:"));
        assert_eq!(ca.entries[0].2["certificate-authority"], "/s/ca.crt");
    }
}
