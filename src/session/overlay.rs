//! Reads and writes overlays. An overlay is always written as a whole, under kubectl's lock.

use super::Session;
use crate::file::limits;
use crate::file::{self, Lock, LockError, LockOptions};
use crate::kubeconfig::schema::key;
use crate::kubeconfig::{Body, Document, Kind, ParseError};
use crate::printer::yaml;
use crate::store::OpenFiles;
use serde::{Deserialize, Serialize};
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

/// A context as a shell sees it: its entry with the namespace of that shell.
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
        self.body.as_ref().and_then(|body| body.get(key::NAMESPACE)?.as_str()).unwrap_or_default()
    }

    /// Sets the namespace; an empty one removes it.
    pub fn set_namespace(&mut self, namespace: &str) {
        match &mut self.body {
            Some(body) if namespace.is_empty() => drop(body.shift_remove(key::NAMESPACE)),
            Some(body) => drop(body.insert(key::NAMESPACE.to_owned(), namespace.into())),
            None => {}
        }
    }
}

/// The selection in an overlay. It repeats the entry of the context only while this shell has another namespace than the
/// user's own files: the JavaScript client refuses a list of files in which any entry occurs twice.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct StoredSelection {
    /// The name of the context.
    pub context: String,
    /// The body with the namespace of this shell; `None` where the entry of the user's own files holds as it is.
    pub body: Option<Body>,
}

impl StoredSelection {
    /// What an overlay stores of a selection, given the body of the context in the user's own files.
    #[must_use]
    pub fn of(selection: &Selection, own: Option<&Body>) -> StoredSelection {
        let body = selection.body.clone().filter(|body| Some(body) != own);
        StoredSelection { context: selection.context.clone(), body }
    }

    /// True if it differs from the context in the user's own files in the namespace alone.
    #[must_use]
    pub fn agrees_with(&self, own: Option<&Body>) -> bool {
        self.body.as_ref().is_none_or(|body| own.is_some_and(|own| is_alike(body, own)))
    }

    /// Reads it from an overlay; `None` while its shell uses the context of the user's own files.
    ///
    /// # Errors
    /// As [`Document::body`](crate::kubeconfig::Document::body).
    pub fn read(document: &Document) -> Result<Option<StoredSelection>, ParseError> {
        let context = document.current_context();
        if context.is_empty() {
            return Ok(None);
        }
        let body = match document.find(Kind::Context, context) {
            Some(index) => Some(document.body(Kind::Context, index)?.into_owned()),
            None => None,
        };
        Ok(Some(StoredSelection { context: context.to_owned(), body }))
    }
}

/// True if two bodies of a context differ in the namespace alone.
pub(super) fn is_alike(one: &Body, two: &Body) -> bool {
    let mut one = one.clone();
    set_namespace(&mut one, two);
    one == *two
}

/// Gives a context the namespace of another one.
pub(super) fn set_namespace(context: &mut Body, other: &Body) {
    match other.get(key::NAMESPACE) {
        Some(namespace) => drop(context.insert(key::NAMESPACE.to_owned(), namespace.clone())),
        None => drop(context.shift_remove(key::NAMESPACE)),
    }
}

/// The text of an overlay; `unapproved` are the entries of other programs that stay in it.
#[must_use]
pub fn text(selection: Option<&StoredSelection>, unapproved: &[(Kind, String, Body)]) -> String {
    let config = config(selection, unapproved);
    format!("# This shell's own context, made by kcx. It stays while a program of the shell runs.\n{config}")
}

/// A kubeconfig with this selection and these entries.
pub(super) fn config(selection: Option<&StoredSelection>, unapproved: &[(Kind, String, Body)]) -> String {
    // kubectl writes `current-context: ""` into a file without it, so the key is absent only as long as kubectl has not
    // written. Clients in other languages refuse the empty value, and files without the lists.
    let mut overlay =
        json!({"apiVersion": "v1", "kind": "Config", "clusters": [], "contexts": [], "users": []});
    let mut put = |kind: Kind, name: &str, body: &Body| {
        if let Some(list) = overlay.get_mut(kind.list()).and_then(serde_json::Value::as_array_mut) {
            list.push(json!({kind.word(): body, "name": name}));
        }
    };
    for (kind, name, body) in unapproved {
        put(*kind, name, body);
    }
    if let Some(StoredSelection { context, body }) = selection {
        let is_there = |(kind, name, _): &(Kind, String, Body)| *kind == Kind::Context && name == context;
        if let Some(body) = body.as_ref().filter(|_| !unapproved.iter().any(is_there)) {
            put(Kind::Context, context, body);
        }
        overlay["current-context"] = context.as_str().into();
    }
    yaml::print(&overlay)
}

fn parse(bytes: Vec<u8>) -> io::Result<Document> {
    Document::parse(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
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

    /// Writes this selection, or none, and these entries of other programs into the overlay. Returns false, without
    /// writing, if the overlay is not as it was `read`, because another program has written into it since.
    ///
    /// # Errors
    /// The overlay cannot be locked, read or written; it is unchanged then.
    pub fn replace(
        &self,
        read: &Document,
        selection: Option<&StoredSelection>,
        unapproved: &[(Kind, String, Body)],
        lock_options: &LockOptions,
    ) -> Result<bool, OverlayError> {
        let lock = Lock::acquire(&self.overlay(), lock_options)?;
        let replaced = file::read(&self.overlay(), limits::OVERLAY).and_then(|(bytes, _)| {
            let same = bytes == read.render();
            if same {
                self.put(selection, unapproved)?;
            }
            Ok(same)
        });
        drop(lock);
        replaced.map_err(|error| OverlayError::Update(self.overlay(), error))
    }

    /// Writes the overlay and its guard. The caller holds the lock, or no other process knows the session yet.
    pub(super) fn put(
        &self,
        selection: Option<&StoredSelection>,
        unapproved: &[(Kind, String, Body)],
    ) -> io::Result<()> {
        let put = || file::write_private(&self.overlay(), text(selection, unapproved).as_bytes());
        // Between the two a client finds the old context or the new one.
        match selection {
            Some(_) => put().and_then(|()| self.put_guard(selection)),
            None => self.put_guard(selection).and_then(|()| put()),
        }
    }
}
