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

/// Up to this number of names are searched in the text of each context.
const FEW: usize = 8;

/// The entries that kubectl sees, by kind and name.
#[derive(Debug)]
pub struct Index<'m> {
    merged: &'m Merged,
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
        Index { merged, put: None, target: 0, only: None }
    }

    /// The same after these changes to the file at this index of the list: an entry of the same name in an earlier file
    /// still takes precedence. Only changes that write entries matter.
    #[must_use]
    pub fn edited(merged: &'m Merged, changes: &'m [Change], file: usize) -> Index<'m> {
        let mut index = Index::of(merged);
        let mut put: PerKind<HashMap<&str, &Body>> = Default::default();
        for change in changes {
            let Change::Put { kind, name, body } = change else { continue };
            if merged.find(*kind, name).is_none_or(|entry| entry.source >= file) {
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
        self.merged.find(kind, name).map(|entry| self.merged.body(entry)).transpose()
    }

    /// The file of an entry; empty for an entry that does not exist.
    pub(super) fn file(&self, kind: Kind, name: &str) -> &Path {
        let is_put = self.put.as_ref().is_some_and(|put| put[kind].contains_key(name));
        let source = match is_put {
            true => Some(self.target),
            false => self.merged.find(kind, name).map(|entry| entry.source),
        };
        let source = source.and_then(|source| self.merged.sources().get(source));
        source.map_or(Path::new(""), |source| &source.path)
    }

    /// All names of a kind.
    pub(super) fn names(&self, kind: Kind) -> BTreeSet<&'m str> {
        self.names_of(kind, |_| true)
    }

    /// The names of all contexts that may name one of these clusters or users.
    pub(super) fn contexts_of(&self, clusters: &BTreeSet<&str>, users: &BTreeSet<&str>) -> BTreeSet<&'m str> {
        let wanted: BTreeSet<&str> = clusters.union(users).copied().collect();
        if wanted.is_empty() {
            return BTreeSet::new();
        }
        // A missing name is empty.
        if wanted.len() > FEW || wanted.contains("") {
            return self.names(Kind::Context);
        }
        // To search a text is much faster than to decode it. The scanner reads no escapes: a name is in the text as it is.
        let may_name = |lines: &str| wanted.iter().any(|name| lines.contains(name));
        self.names_of(Kind::Context, |entry| self.merged.lines(entry).is_none_or(may_name))
    }

    /// The names of some entries of the kubeconfig, and of all that the changes write.
    fn names_of(&self, kind: Kind, is_wanted: impl Fn(EntryRef) -> bool) -> BTreeSet<&'m str> {
        let entries = self.merged.entries(kind).into_iter().filter(|entry| is_wanted(*entry));
        let put = self.put.iter().flat_map(|put| put[kind].keys());
        let names = entries.map(|entry| self.merged.name(entry)).chain(put.copied());
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
