//! Finds the spans of an entry's fields, and unknown and duplicate keys in its text.

use super::{TextFix, repair};
use crate::kubeconfig::document::{Document, Shape};
use crate::kubeconfig::schema::{Kind, Struct, Type};
use crate::kubeconfig::span::Span;
use crate::kubeconfig::tree::{NodeId, Tree};
use std::borrow::Cow;

/// The span of the value at this path in an entry's body. If the field is missing or has no value, the span of the
/// nearest existing key: that of the field, of the mapping that would contain it, or the name of the entry.
pub(super) fn field(document: &Document, kind: Kind, index: usize, path: &[&str]) -> Span {
    match opened(document, kind, index) {
        Some((tree, item)) => field_of(document.text(), &tree, item, kind, path),
        None => document.span(kind, index),
    }
}

/// [`field`] of an entry whose nodes are known; `item` is the topmost.
pub(super) fn field_of(text: &str, tree: &Tree, item: NodeId, kind: Kind, path: &[&str]) -> Span {
    let find = |mapping: NodeId, key: &str| {
        let pairs = tree.pairs(mapping)?;
        pairs.iter().rev().find(|(at, _)| tree.scalar(text, *at) == Some(key)).copied()
    };
    let mut span = match find(item, "name") {
        Some((key, value)) => or_key(tree.node(value).span, tree.node(key).span),
        None => first_line(text, tree.node(item).span),
    };
    let mut at = item;
    for key in [kind.word()].iter().chain(path).take(if path.is_empty() { 0 } else { usize::MAX }) {
        let Some((key, value)) = find(at, key) else { break };
        at = value;
        span = match tree.scalar(text, tree.follow(value)) {
            Some(_) => or_key(tree.node(value).span, tree.node(key).span),
            None => tree.node(key).span,
        };
    }
    span
}

/// The span of a value, or of its key if the value is empty.
fn or_key(value: Span, key: Span) -> Span {
    if value.is_empty() { key } else { value }
}

fn first_line(text: &str, span: Span) -> Span {
    let length = span.of(text).lines().next().map_or(0, str::len);
    Span::new(span.start, span.start + length.max(1).min(span.len()))
}

/// Extends a span by lines above it until its text is unique in the file, at most to the start of the entry.
pub(super) fn unique_context(text: &str, entry: Span, place: Span) -> Span {
    let mut span = place;
    while span.start > entry.start
        && memchr::memmem::find_iter(text.as_bytes(), span.of(text)).nth(1).is_some()
    {
        let line = text[..span.start - 1].rfind('\n').map_or(0, |end| end + 1);
        span.start = line.max(entry.start);
    }
    span
}

/// The tree and the node of an entry.
pub(super) fn opened(document: &Document, kind: Kind, index: usize) -> Option<(Cow<'_, Tree>, NodeId)> {
    match &document.shape {
        Shape::Lazy(lazy) => {
            let (tree, item) = lazy.open(document.text(), kind, index).ok()?;
            Some((Cow::Owned(tree), item))
        }
        Shape::Full { tree, file } => Some((Cow::Borrowed(tree), file.list(kind)[index].node)),
    }
}

/// An issue with a key in the text of a mapping.
pub(super) enum FieldIssue {
    /// An unknown key.
    Unknown(UnknownField),
    /// A duplicate key: the earlier one, which kubectl ignores.
    Duplicate {
        /// Its span.
        span: Span,
        /// Its name.
        key: String,
        /// The edits that leave only one of them.
        fix: Option<TextFix>,
    },
}

/// An unknown key.
pub(super) struct UnknownField {
    pub(super) span: Span,
    pub(super) key: String,
    pub(super) value: NodeId,
    /// The known fields of the mapping that it does not have.
    pub(super) free: Vec<&'static str>,
    /// The path from the body to the mapping; `None` if edits are not possible there.
    pub(super) path: Option<Vec<&'static str>>,
}

/// Collects the issues with keys in a tree.
pub(super) struct FieldChecker<'t> {
    pub(super) text: &'t str,
    pub(super) tree: &'t Tree,
    pub(super) found: Vec<FieldIssue>,
}

impl<'t> FieldChecker<'t> {
    pub(super) fn new(text: &'t str, tree: &'t Tree) -> FieldChecker<'t> {
        FieldChecker { text, tree, found: Vec::new() }
    }

    /// Checks the keys of an entry and of its body, recursively.
    pub(super) fn entry(&mut self, kind: Kind, item: NodeId) {
        self.duplicate_keys(item);
        for (key, span, value) in self.keys(item) {
            match key {
                "name" => {}
                key if key == kind.word() => self.mapping(value, kind.body(), Some(&[])),
                key => self.unknown(key, span, value, self.free(item, &["name", kind.word()]), None),
            }
        }
    }

    pub(super) fn mapping(
        &mut self,
        mapping: NodeId,
        schema: &'static Struct,
        path: Option<&[&'static str]>,
    ) {
        self.duplicate_keys(mapping);
        for (key, span, value) in self.keys(mapping) {
            let Some(field) = schema.find(key) else {
                let names: Vec<&'static str> = schema.fields.iter().map(|field| field.name).collect();
                self.unknown(key, span, value, self.free(mapping, &names), path.map(<[_]>::to_vec));
                continue;
            };
            match field.ty {
                Type::Struct(inner) => {
                    let path = path.map(|path| [path, &[field.name]].concat());
                    self.mapping(value, inner, path.as_deref());
                }
                Type::Structs(inner) => {
                    for &item in self.tree.items(value).unwrap_or_default() {
                        self.mapping(item, inner, None);
                    }
                }
                Type::Extensions => self.extensions(value),
                Type::StringMap | Type::StringsMap => self.duplicate_keys(value),
                _ => {}
            }
        }
    }

    /// Checks the items of a list of extensions. The content of an extension has no schema.
    pub(super) fn extensions(&mut self, list: NodeId) {
        const NAMES: [&str; 2] = ["name", "extension"];
        for &item in self.tree.items(list).unwrap_or_default() {
            self.duplicate_keys(item);
            for (key, span, value) in self.keys(item).into_iter().filter(|(key, ..)| !NAMES.contains(key)) {
                self.unknown(key, span, value, self.free(item, &NAMES), None);
            }
        }
    }

    pub(super) fn unknown(
        &mut self,
        key: &str,
        span: Span,
        value: NodeId,
        free: Vec<&'static str>,
        path: Option<Vec<&'static str>>,
    ) {
        self.found.push(FieldIssue::Unknown(UnknownField { span, key: key.to_owned(), value, free, path }));
    }

    /// The names among these that are not keys of the mapping.
    pub(super) fn free(&self, mapping: NodeId, names: &[&'static str]) -> Vec<&'static str> {
        let there = self.keys(mapping);
        names.iter().copied().filter(|name| there.iter().all(|(key, ..)| key != name)).collect()
    }

    /// The keys of a mapping without merge keys.
    pub(super) fn keys(&self, mapping: NodeId) -> Vec<(&'t str, Span, NodeId)> {
        let pairs = self.tree.pairs(mapping).unwrap_or_default().iter();
        let scalar = |&(key, value): &(NodeId, NodeId)| {
            let name = self.tree.scalar(self.text, key).filter(|name| *name != "<<")?;
            Some((name, self.tree.node(key).span, value))
        };
        pairs.filter_map(scalar).collect()
    }

    /// Adds the duplicate keys of a mapping.
    pub(super) fn duplicate_keys(&mut self, mapping: NodeId) {
        let keys = self.keys(mapping);
        for (at, (name, span, value)) in keys.iter().enumerate() {
            if keys[at + 1..].iter().any(|(other, ..)| other == name) {
                let pairs = self.tree.pairs(mapping).unwrap_or_default();
                let pair = pairs.iter().position(|(_, other)| other == value);
                let fix = pair.and_then(|pair| repair::without_pair(self.text, self.tree, mapping, pair));
                self.found.push(FieldIssue::Duplicate { span: *span, key: (*name).to_owned(), fix });
            }
        }
    }

    /// The entries of a list are not removed with its key: they are added to the list that kubectl reads.
    pub(super) fn join_lists(&mut self) {
        let pairs = self.tree.root().and_then(|root| self.tree.pairs(root)).unwrap_or_default();
        let mut lists = repair::lists(self.text, self.tree);
        for issue in &mut self.found {
            let FieldIssue::Duplicate { span, key, fix } = issue else { continue };
            if Kind::from_list(key).is_some() {
                let pair = pairs.iter().position(|(key, _)| self.tree.node(*key).span == *span);
                *fix = pair.and_then(|pair| lists.remove(&pair));
            }
        }
    }
}
