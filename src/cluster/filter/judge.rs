//! Decides which items are kept.

use super::Held;
use super::object::{Object, Unclear, group};
use crate::cluster::fence::Hidden;
use std::sync::Arc;

/// Replaces the `continue` of a list, which names the next object, by a text that does not tell it.
pub type Seal = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// What is kept of an answer.
#[derive(Clone)]
pub struct Rules {
    /// The kinds that are left out.
    pub hidden: Hidden,
    /// Which namespaces the objects must be in.
    pub scope: Scope,
    /// For lists that go across namespaces.
    pub seal: Seal,
}

/// Which namespaces the objects of an answer must be in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All may be seen.
    All,
    /// The path names one that may be seen: an object that names another one is left out.
    Within(Arc<[String]>),
    /// The path names none: an object that does not name one of these is left out.
    Across(Arc<[String]>),
    /// The objects are namespaces themselves.
    Themselves(Arc<[String]>),
}

impl Scope {
    /// True if the list contains objects that must not be seen, so that its counts tell about them.
    pub(super) fn is_wide(&self) -> bool {
        matches!(self, Scope::Across(_) | Scope::Themselves(_))
    }
}

/// The kind of a list's items, as far as the list tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ItemKind {
    pub(super) api_version: Option<String>,
    pub(super) kind: Option<String>,
}

impl ItemKind {
    fn kind(&self) -> Option<&str> {
        self.kind.as_deref()?.strip_suffix("List").filter(|kind| !kind.is_empty())
    }
}

/// The group of tables and of objects that have metadata only.
const META: &str = "meta.k8s.io";

impl Rules {
    /// True if an item of a list may be passed on.
    pub(super) fn keeps_item(&self, bytes: &[u8], list: &ItemKind) -> bool {
        let Ok(object) = Object::read(bytes, false, &self.hidden) else { return false };
        self.judge(&object, list).is_ok()
    }

    /// True if a row of a table may be passed on. A row without an object is known by the path alone.
    pub(super) fn keeps_row(&self, bytes: &[u8]) -> bool {
        match Object::read(bytes, true, &self.hidden) {
            Ok(Object { row: Some(object), .. }) => self.judge(&object, &ItemKind::default()).is_ok(),
            Ok(Object { row: None, .. }) => !self.scope.is_wide(),
            Err(_) => false,
        }
    }

    /// Judges the only object of an answer.
    pub(super) fn check_object(&self, bytes: &[u8]) -> Result<(), Held> {
        let object = Object::read(bytes, false, &self.hidden).map_err(held)?;
        if is_status(&object) {
            return Ok(());
        }
        self.judge(&object, &ItemKind::default())
    }

    /// Judges the object of an event.
    pub(super) fn check_event(&self, object: &[u8]) -> Result<(), Held> {
        let object = Object::read(object, false, &self.hidden).map_err(held)?;
        self.judge(&object, &ItemKind::default())
    }

    /// Checks a field of a list or table.
    pub(super) fn check_field(&self, bytes: &[u8]) -> Result<(), Held> {
        Object::check(bytes, &self.hidden).map_err(held)
    }

    /// Checks the kind of a list.
    pub(super) fn check_list(&self, list: &ItemKind) -> Result<(), Held> {
        let group = list.api_version.as_deref().map(group);
        match &list.kind {
            Some(kind) if self.hidden.kind(group, kind).is_some() => Err(Held::Hidden),
            _ => Ok(()),
        }
    }

    fn judge(&self, object: &Object, list: &ItemKind) -> Result<(), Held> {
        if !self.hidden.is_empty() {
            let kind = object.kind.as_deref().or_else(|| list.kind());
            let Some(kind) = kind else { return Err(Held::Hidden) };
            let group = object.group().or_else(|| list.api_version.as_deref().map(group));
            if self.hidden.kind(group, kind).is_some() {
                return Err(Held::Hidden);
            }
        }
        let named = |names: &[String], name: Option<&String>| name.is_some_and(|name| names.contains(name));
        let fits = match &self.scope {
            Scope::All => true,
            Scope::Within(names) => object.namespace.is_none() || named(names, object.namespace.as_ref()),
            Scope::Across(names) => named(names, object.namespace.as_ref()),
            Scope::Themselves(names) => named(names, object.name.as_ref()),
        };
        if fits { Ok(()) } else { Err(Held::Elsewhere) }
    }
}

fn held(unclear: Unclear) -> Held {
    match unclear {
        Unclear::Hidden => Held::Hidden,
        Unclear::Odd => Held::Unclear("a value in it is not valid, or can be read in two ways"),
    }
}

/// True for the answer to a request that failed or that returns no object.
pub(super) fn is_status(object: &Object) -> bool {
    object.kind.as_deref() == Some("Status") && object.api_version.as_deref() == Some("v1")
}

/// True for a table.
pub(super) fn is_table(api_version: &str, kind: &str) -> bool {
    kind == "Table" && group(api_version) == META
}
