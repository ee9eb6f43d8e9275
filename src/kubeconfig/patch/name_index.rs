//! Finds entries by name for a list of operations.

use super::super::document::Document;
use super::super::per_kind::PerKind;
use super::super::schema::Kind;
use std::collections::HashMap;

/// Up to this number of searches, entries are searched one by one instead of with an index.
pub(super) const FEW: usize = 16;

/// A document and, if many entries of it are searched, an index of their names.
pub(super) struct NameIndex<'d> {
    document: &'d Document,
    index: Option<PerKind<HashMap<&'d str, usize>>>,
}

impl<'d> NameIndex<'d> {
    /// For about this number of searches.
    pub(super) fn new(document: &'d Document, searches: usize) -> NameIndex<'d> {
        let index = (searches > FEW).then(|| PerKind::from_fn(|kind| by_name(document, kind)));
        NameIndex { document, index }
    }

    /// The place of an entry in its list; of equal names, the first.
    pub(super) fn find(&self, kind: Kind, name: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index[kind].get(name).copied(),
            None => self.document.find(kind, name),
        }
    }
}

fn by_name(document: &Document, kind: Kind) -> HashMap<&str, usize> {
    let mut places = HashMap::with_capacity(document.len(kind));
    for (index, name) in document.names(kind).enumerate() {
        places.entry(name).or_insert(index);
    }
    places
}
