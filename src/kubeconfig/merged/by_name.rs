//! The entries of one kind sorted by name, for searches by name.

use super::EntryRef;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The number of searches in the files themselves: to sort the entries takes as long as some of these.
const FEW: usize = 8;

/// The sorted entries, once they are needed.
#[derive(Debug, Default)]
pub(super) struct ByName {
    searches: AtomicUsize,
    sorted: OnceLock<Vec<EntryRef>>,
}

impl ByName {
    /// The sorted entries; `sort` makes them on first use.
    pub(super) fn get(&self, sort: impl FnOnce() -> Vec<EntryRef>) -> &[EntryRef] {
        self.sorted.get_or_init(sort)
    }

    /// The sorted entries for one search; `None` if the files themselves are to be searched, because there have been few
    /// searches: most commands search for one or two names in a file of any size.
    pub(super) fn for_search(&self, sort: impl FnOnce() -> Vec<EntryRef>) -> Option<&[EntryRef]> {
        if self.sorted.get().is_none() && self.searches.fetch_add(1, Ordering::Relaxed) < FEW {
            return None;
        }
        Some(self.get(sort))
    }
}

/// A copy starts without sorted entries: they are cheap to sort again, and most copies are not searched.
impl Clone for ByName {
    fn clone(&self) -> ByName {
        ByName::default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Merged, Source};
    use super::*;
    use crate::kubeconfig::{Document, Kind};

    fn source(text: &str) -> Source {
        let document = Document::parse(text.as_bytes().to_vec()).unwrap();
        Source { path: "config".into(), document: Some(document) }
    }

    #[test]
    fn a_search_finds_the_same_entries_however_often_it_was_made() {
        let block =
            "contexts:\n- context: {}\n  name: c\n- context: {}\n  name: null\n- context: {}\n  name: a\n";
        let merged = Merged::new(vec![
            source("contexts: [{name: b}, {name: a}]\n"),
            Source { path: "missing".into(), document: None },
            source(&block.replace("{}", "\n    cluster: x")),
            source("contexts: [{name: a}, {name: d}, {name: ''}]\n"),
        ]);
        let found = |name: &str| -> Vec<(usize, usize)> {
            merged.holders(Kind::Context, name).map(|entry| (entry.source, entry.index)).collect()
        };
        for _ in 0..=FEW {
            assert_eq!(found("a"), [(0, 1), (2, 2), (3, 0)]);
            assert_eq!(found("b"), [(0, 0)]);
            assert_eq!(found("c"), [(2, 0)]);
            assert_eq!(found("d"), [(3, 1)]);
            assert_eq!(found(""), [(2, 1), (3, 2)]);
            for missing in ["null", "aa", "e"] {
                assert_eq!(found(missing), []);
            }
        }
        assert!(merged.by_name[Kind::Context].sorted.get().is_some());
        assert!(merged.by_name[Kind::Cluster].sorted.get().is_none());
        assert_eq!(merged.names(Kind::Context), ["", "a", "b", "c", "d"]);
    }

    #[test]
    fn a_few_searches_sort_nothing() {
        let merged = Merged::new(vec![source("users: [{name: b}, {name: a}]\n")]);
        for _ in 0..FEW {
            assert!(merged.find(Kind::User, "a").is_some());
        }
        assert!(merged.by_name[Kind::User].sorted.get().is_none());
    }
}
