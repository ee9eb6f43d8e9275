//! A kubeconfig's entries by name, as they are or after planned changes.

use super::super::change::Change;
use super::super::decode::Body;
use super::super::error::ParseError;
use super::super::merged::{EntryRef, Merged};
use super::super::per_kind::PerKind;
use super::super::schema::Kind;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

/// The entries that kubectl sees, by kind and name.
#[derive(Debug)]
pub struct Index<'m> {
    merged: &'m Merged,
    entries: PerKind<HashMap<&'m str, EntryRef>>,
    /// The entries that the changes write; `None` for an unchanged kubeconfig.
    put: Option<PerKind<HashMap<&'m str, &'m Body>>>,
    /// The index of the file that the changes write to.
    target: usize,
    /// Limits the index to these entries, if set.
    only: Option<PerKind<String>>,
}

impl<'m> Index<'m> {
    /// A kubeconfig as it is.
    #[must_use]
    pub fn of(merged: &'m Merged) -> Index<'m> {
        let entries = PerKind::from_fn(|kind| {
            let holders = merged.holders_by_name(kind);
            holders.into_iter().filter_map(|(name, holders)| Some((name, *holders.first()?))).collect()
        });
        Index { merged, entries, put: None, target: 0, only: None }
    }

    /// The same after these changes to the file at this index of the list: an entry of the same name in an earlier file
    /// still takes precedence. Only changes that write entries matter.
    #[must_use]
    pub fn edited(merged: &'m Merged, changes: &'m [Change], file: usize) -> Index<'m> {
        let mut index = Index::of(merged);
        let mut put: PerKind<HashMap<&str, &Body>> = Default::default();
        for change in changes {
            let Change::Put { kind, name, body } = change else { continue };
            let first = index.entries[*kind].get(name.as_str());
            if first.is_none_or(|entry| entry.source >= file) {
                put[*kind].insert(name, body);
            }
        }
        index.put = Some(put);
        index.target = file;
        index
    }

    /// The same, limited to one cluster, one user and one context.
    #[must_use]
    pub fn only(mut self, names: &PerKind<String>) -> Index<'m> {
        self.only = Some(names.clone());
        self
    }

    /// The body of an entry.
    pub(super) fn get(&self, kind: Kind, name: &str) -> Result<Option<Cow<'_, Body>>, ParseError> {
        if let Some(body) = self.put.as_ref().and_then(|put| put[kind].get(name)) {
            return Ok(Some(Cow::Borrowed(body)));
        }
        self.entries[kind].get(name).map(|entry| self.merged.body(*entry)).transpose()
    }

    /// The file of an entry; empty for an entry that does not exist.
    pub(super) fn file(&self, kind: Kind, name: &str) -> &Path {
        let is_put = self.put.as_ref().is_some_and(|put| put[kind].contains_key(name));
        let source = match is_put {
            true => Some(self.target),
            false => self.entries[kind].get(name).map(|entry| entry.source),
        };
        let source = source.and_then(|source| self.merged.sources().get(source));
        source.map_or(Path::new(""), |source| &source.path)
    }

    /// All names of a kind.
    pub(super) fn names(&self, kind: Kind) -> BTreeSet<&'m str> {
        let put = self.put.iter().flat_map(|put| put[kind].keys());
        let names = self.entries[kind].keys().chain(put).copied();
        names.filter(|name| self.only.as_ref().is_none_or(|only| only[kind] == *name)).collect()
    }

    /// The names of the entries that may have changed.
    pub(super) fn touched(&self, kind: Kind) -> BTreeSet<&'m str> {
        match &self.put {
            Some(put) => put[kind].keys().copied().collect(),
            None => self.names(kind),
        }
    }
}
