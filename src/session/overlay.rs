//! Reads and writes overlays. An overlay is always written as a whole, under kubectl's lock.

use super::Session;
use crate::file::limits;
use crate::file::{self, Lock, LockError, LockOptions};
use crate::kubeconfig::{Body, Document, Kind, ParseError};
use crate::printer::yaml;
use crate::store::{Lookup, OpenFiles};
use serde_json::json;
use std::io;
use std::path::PathBuf;

/// Why an overlay was not updated.
#[derive(Debug, thiserror::Error)]
pub enum OverlayError {
    /// Its lock was not obtained.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The overlay at this path could not be read or written.
    #[error("cannot update the overlay {}", .0.display())]
    Update(PathBuf, #[source] io::Error),
}

/// The selection of a shell: a context, and its entry with the namespace of this shell.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// The name of the context.
    pub context: String,
    /// Its canonical body: cluster, user, namespace, extensions. `None` if the context does not exist.
    pub body: Option<Body>,
}

impl Selection {
    /// Selects a context of the user's own files, with this namespace instead of its own; an empty one removes it.
    #[must_use]
    pub fn new(context: &str, body: Option<Body>, namespace: Option<&str>) -> Selection {
        let mut selection = Selection { context: context.to_owned(), body };
        if let Some(namespace) = namespace {
            selection.set_namespace(namespace);
        }
        selection
    }

    /// The namespace; empty if it has none.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.body.as_ref().and_then(|body| body.get("namespace")?.as_str()).unwrap_or_default()
    }

    /// Sets the namespace; an empty one removes it.
    pub fn set_namespace(&mut self, namespace: &str) {
        match &mut self.body {
            Some(body) if namespace.is_empty() => drop(body.shift_remove("namespace")),
            Some(body) => drop(body.insert("namespace".to_owned(), namespace.into())),
            None => {}
        }
    }

    /// The selection in an overlay; `None` while its shell uses the context of the user's own files.
    ///
    /// # Errors
    /// None for documents that were parsed.
    pub fn read(document: &Document) -> Result<Option<Selection>, ParseError> {
        let context = document.current_context();
        if context.is_empty() {
            return Ok(None);
        }
        let body = match document.find(Kind::Context, context) {
            Some(index) => Some(document.body(Kind::Context, index)?.into_owned()),
            None => None,
        };
        Ok(Some(Selection { context: context.to_owned(), body }))
    }
}

/// The text of an overlay; `unapproved` are the entries of other programs that stay in it.
#[must_use]
pub fn text(selection: Option<&Selection>, unapproved: &[(Kind, String, Body)]) -> String {
    let mut overlay = json!({"apiVersion": "v1", "kind": "Config"});
    if let Some(Selection { context, body }) = selection {
        overlay["current-context"] = context.as_str().into();
        if let Some(body) = body {
            overlay["contexts"] = json!([{"context": body, "name": context}]);
        }
    }
    for (kind, name, body) in unapproved {
        let entry = json!({kind.word(): body, "name": name});
        match overlay.get_mut(kind.list()).and_then(serde_json::Value::as_array_mut) {
            Some(list) => list.push(entry),
            None => overlay[kind.list()] = json!([entry]),
        }
    }
    format!(
        "# This shell's own context, made by kcx. It goes when the shell does.\n{}",
        yaml::print(&overlay)
    )
}

fn parse(bytes: Vec<u8>) -> io::Result<Document> {
    Document::parse(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// The bodies of those of these entries that exist in the overlay.
pub(super) fn bodies(
    overlay: &Document,
    entries: &[(Kind, String)],
) -> io::Result<Vec<(Kind, String, Body)>> {
    let mut found = Vec::new();
    for (kind, name) in entries {
        if let Some(index) = overlay.find(*kind, name) {
            let body = overlay.body(*kind, index);
            let body = body.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
            found.push((*kind, name.clone(), body.into_owned()));
        }
    }
    Ok(found)
}

impl Session {
    /// Reads the overlay.
    ///
    /// # Errors
    /// It does not exist, or is not a kubeconfig.
    pub fn read(&self) -> io::Result<Document> {
        let (bytes, _) = file::read(&self.overlay(), limits::OVERLAY)?;
        parse(bytes)
    }

    /// Reads the overlay, and leaves it open for a load of this file together with the user's own.
    ///
    /// # Errors
    /// As [`Session::read`].
    pub fn read_through(&self, open_files: &OpenFiles) -> io::Result<Document> {
        parse(open_files.read(&self.overlay(), limits::OVERLAY)?)
    }

    /// Writes this selection, or none, into the overlay. Returns false, without writing, if another program has written
    /// entries into it since it was read: entries that are neither from kcx nor in the user's `own` files. `plain` is the
    /// text of an overlay without such entries.
    ///
    /// # Errors
    /// The overlay cannot be locked, read or written; it is unchanged then.
    pub fn select(
        &self,
        selection: Option<&Selection>,
        plain: Option<&str>,
        own: &Lookup,
        lock_options: &LockOptions,
    ) -> Result<bool, OverlayError> {
        let lock = Lock::acquire(&self.overlay(), lock_options)?;
        // The entries that stay in the overlay; `None` if another program has written something new.
        let unapproved = || {
            let (bytes, _) = file::read(&self.overlay(), limits::OVERLAY)?;
            if plain.is_some_and(|plain| plain.as_bytes() == bytes) {
                return Ok(Some(Vec::new()));
            }
            let (overlay, unapproved) = (parse(bytes)?, self.unapproved().entries);
            let own = |kind: Kind, name: &str| {
                kind == Kind::Context && own.has(kind, name)
                    || unapproved.iter().any(|(of, it)| *of == kind && it == name)
            };
            if self.has_foreign_entries(&overlay, own) {
                return Ok(None);
            }
            bodies(&overlay, &unapproved).map(Some)
        };
        let put = unapproved().and_then(|unapproved| match unapproved {
            Some(unapproved) => self.put(selection, &unapproved).map(|()| true),
            None => Ok(false),
        });
        drop(lock);
        put.map_err(|error| OverlayError::Update(self.overlay(), error))
    }

    /// Writes the overlay with its unapproved entries. The caller holds the lock, or no other process knows the session yet.
    pub(super) fn put(
        &self,
        selection: Option<&Selection>,
        unapproved: &[(Kind, String, Body)],
    ) -> io::Result<()> {
        let selected_context = selection.map_or("", |selection| selection.context.as_str());
        self.put_selected_context(selected_context)?;
        file::write_private(&self.overlay(), text(selection, unapproved).as_bytes())
    }

    /// Writes a kubeconfig for a program that reads one file only, and returns its path.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn put_single(&self, text: &[u8]) -> io::Result<std::path::PathBuf> {
        let file = self.folder.join("kubeconfig.yaml");
        file::write_private(&file, text)?;
        Ok(file)
    }

    /// Records the context whose entry kcx writes into the overlay.
    pub(super) fn put_selected_context(&self, context: &str) -> io::Result<()> {
        file::write_private(&self.selected_context_file(), context.as_bytes())
    }

    /// The context whose entry kcx wrote into the overlay.
    pub(super) fn selected_context(&self) -> String {
        self.read_own(&self.selected_context_file()).unwrap_or_default()
    }
}
