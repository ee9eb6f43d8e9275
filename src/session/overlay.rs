//! What an overlay says, and how it is written: whole, under kubectl's lock.

use super::Session;
use crate::file::{self, Lock, LockError, Options, Patience, ReplaceError};
use crate::kubeconfig::{Body, Document, Kind, Merged, ParseError};
use crate::printer::yaml;
use serde_json::json;
use std::io;

/// The largest overlay that is read, in bytes: tools that do not know better write whole clusters into it.
const LIMIT: u64 = 1 << 26;

/// A shell's choice: a context, and its entry as this shell sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Pin {
    /// The context.
    pub context: String,
    /// Its canonical body: cluster, user, namespace, extensions. None if there is no such context (any more).
    pub body: Option<Body>,
}

impl Pin {
    /// A context of these files, with this namespace instead of its own; empty for none.
    ///
    /// # Errors
    /// None for documents that were parsed.
    pub fn of(merged: &Merged, context: &str, namespace: Option<&str>) -> Result<Pin, ParseError> {
        let Some(entry) = merged.find(Kind::Context, context) else {
            return Ok(Pin { context: context.to_owned(), body: None });
        };
        let mut body = merged.body(entry)?.into_owned();
        match namespace {
            None => {}
            Some("") => drop(body.shift_remove("namespace")),
            Some(namespace) => drop(body.insert("namespace".to_owned(), namespace.into())),
        }
        Ok(Pin { context: context.to_owned(), body: Some(body) })
    }

    /// What an overlay says; none while its shell follows the user's own files.
    ///
    /// # Errors
    /// None for documents that were parsed.
    pub fn read(document: &Document) -> Result<Option<Pin>, ParseError> {
        let context = document.current_context();
        if context.is_empty() {
            return Ok(None);
        }
        let body = match document.find(Kind::Context, context) {
            Some(index) => Some(document.body(Kind::Context, index)?.into_owned()),
            None => None,
        };
        Ok(Some(Pin { context: context.to_owned(), body }))
    }
}

/// The text of an overlay.
#[must_use]
pub fn text(pin: Option<&Pin>) -> String {
    let mut overlay = json!({"apiVersion": "v1", "kind": "Config"});
    if let Some(Pin { context, body }) = pin {
        overlay["current-context"] = context.as_str().into();
        if let Some(body) = body {
            overlay["contexts"] = json!([{"context": body, "name": context}]);
        }
    }
    format!(
        "# This shell's own context, made by kcx. It goes when the shell does.\n{}",
        yaml::print(&overlay)
    )
}

impl Session {
    /// Reads the overlay.
    ///
    /// # Errors
    /// It is gone, or no kubeconfig.
    pub fn read(&self) -> io::Result<Document> {
        let (bytes, _) = file::read(&self.overlay(), LIMIT)?;
        Document::parse(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    /// Makes this choice, or none: writes the overlay.
    ///
    /// # Errors
    /// The lock cannot be had, or the overlay not be written; it is as it was then.
    pub fn pin(&self, pin: Option<&Pin>, patience: &Patience) -> Result<(), LockError> {
        let lock = Lock::acquire(&self.overlay(), patience)?;
        let put = self.put(pin).map_err(|source| LockError::Io { lock: self.overlay(), source });
        drop(lock);
        put
    }

    /// Writes the overlay; the caller holds the lock, or nobody knows the session yet.
    pub(super) fn put(&self, pin: Option<&Pin>) -> io::Result<()> {
        let pinned = pin.map_or("", |pin| pin.context.as_str());
        self.write(&self.pinned_file(), pinned)?;
        self.write(&self.overlay(), &text(pin))
    }

    fn write(&self, path: &std::path::Path, text: &str) -> io::Result<()> {
        match file::replace_with(path, &[text.as_bytes()], Options::default()) {
            Ok(_) => Ok(()),
            Err(ReplaceError::Io { source, .. } | ReplaceError::NotAtomic { source, .. }) => Err(source),
        }
    }

    /// The context whose entry kcx put into the overlay.
    pub(super) fn pinned(&self) -> String {
        std::fs::read_to_string(self.pinned_file()).unwrap_or_default()
    }
}
