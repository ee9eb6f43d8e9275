//! Finds entries of one file by name, for many searches.

use super::document::Document;
use super::per_kind::PerKind;
use super::schema::Kind;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_finds_what_a_search_finds() {
        let block =
            "contexts:\n- context: {}\n  name: b\n- context: {}\n  name: null\n- context: {}\n  name: a\n";
        for text in
            [block, "contexts: [{name: b}, {}, {name: a}]\nusers: [{name: a}]\n", "", "contexts: []\n"]
        {
            let document = Document::parse(text.into()).unwrap();
            for kind in Kind::ALL {
                for name in ["a", "b", "", "null", "c"] {
                    let found = document.find(kind, name);
                    assert_eq!(
                        NameIndex::new(&document, FEW + 1).find(kind, name),
                        found,
                        "{name} in {text}"
                    );
                    assert_eq!(NameIndex::new(&document, 1).find(kind, name), found, "{name} in {text}");
                }
            }
        }
    }
}
