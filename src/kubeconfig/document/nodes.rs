//! The nodes of a document, and the meaning of its parts from them.

use super::{Document, Shape};
use crate::kubeconfig::decode::{self, Body};
use crate::kubeconfig::error::ParseError;
use crate::kubeconfig::schema::Kind;
use crate::kubeconfig::span::Span;
use crate::kubeconfig::tree::{Content, NodeId, Pair, Tree};
use serde_json::Value;
use std::borrow::Cow;

impl Document {
    /// The tree, with the nodes of these entries; those of other entries may be missing.
    pub(in crate::kubeconfig) fn tree(&self, open: &[(Kind, usize)]) -> Result<Cow<'_, Tree>, ParseError> {
        match &self.shape {
            Shape::Lazy(lazy) => Ok(Cow::Owned(lazy.tree(&self.text, open)?)),
            Shape::Full { tree, .. } => Ok(Cow::Borrowed(tree)),
        }
    }

    /// The tree, with the nodes of the entries and other blocks that have bytes in these parts; those of others may be
    /// missing. The parts are sorted and do not overlap.
    pub(in crate::kubeconfig) fn tree_of(&self, parts: &[Span]) -> Result<Cow<'_, Tree>, ParseError> {
        match &self.shape {
            Shape::Lazy(lazy) => Ok(Cow::Owned(lazy.tree_of(&self.text, parts)?)),
            Shape::Full { tree, .. } => Ok(Cow::Borrowed(tree)),
        }
    }

    /// [`Document::body`] of an entry whose nodes are known; `item` is the topmost.
    pub(in crate::kubeconfig) fn body_in(
        &self,
        tree: &Tree,
        kind: Kind,
        index: usize,
        item: NodeId,
    ) -> Result<Cow<'_, Body>, ParseError> {
        match &self.shape {
            Shape::Lazy(_) => Ok(Cow::Owned(decode::entry(&self.text, tree, kind, item)?.body)),
            Shape::Full { file, .. } => Ok(Cow::Borrowed(&file.list(kind)[index].body)),
        }
    }

    /// The entries that kubectl does not read, because their list occurs again below: two kubeconfigs in one file without a
    /// line `---` between them.
    ///
    /// ```
    /// use kcx::kubeconfig::{Document, Kind};
    /// let text = "users: [{name: a}]\nusers: [{name: b}]\n";
    /// assert_eq!(Document::parse(text.into())?.unread(), [(Kind::User, "a".to_owned())]);
    /// # Ok::<(), kcx::kubeconfig::ParseError>(())
    /// ```
    #[must_use]
    pub fn unread(&self) -> Vec<(Kind, String)> {
        // The scanner does not accept a key twice.
        let Shape::Full { tree, .. } = &self.shape else { return Vec::new() };
        let pairs = tree.root().and_then(|root| tree.pairs(root)).unwrap_or_default();
        let kind_of = |key| tree.scalar(&self.text, key).and_then(Kind::from_list);
        let mut unread = Vec::new();
        for (at, &(key, list)) in pairs.iter().enumerate() {
            let Some(kind) = kind_of(key) else { continue };
            if !pairs[at + 1..].iter().any(|&(key, _)| kind_of(key) == Some(kind)) {
                continue;
            }
            for &item in tree.items(list).unwrap_or_default() {
                let fields = tree.pairs(item).unwrap_or_default();
                let named = fields.iter().find(|&&(key, _)| tree.scalar(&self.text, key) == Some("name"));
                let name = named.and_then(|&(_, name)| tree.scalar(&self.text, name));
                unread.extend(name.map(|name| (kind, name.to_owned())));
            }
        }
        unread
    }

    /// The top-level fields with their values as written, including unknown ones, without the three lists.
    pub(in crate::kubeconfig) fn top_values(&self) -> Result<Vec<(String, Value)>, ParseError> {
        match &self.shape {
            Shape::Lazy(lazy) => lazy.top_values(&self.text),
            Shape::Full { tree, .. } => {
                let Some(root) = tree.root() else { return Ok(Vec::new()) };
                let fields = tree.fields(&self.text, root)?;
                let known = |pair: &Pair<'_>| Kind::from_list(&pair.key).is_some();
                fields
                    .into_iter()
                    .filter(|pair| !known(pair))
                    .map(|pair| Ok((tree.value(&self.text, pair.value)?, pair)))
                    .map(|found| found.map(|(value, pair)| (pair.key.into_owned(), value)))
                    .collect()
            }
        }
    }

    /// The complete lines of an entry, if the text of the entry alone determines its content.
    pub(in crate::kubeconfig) fn raw(&self, kind: Kind, index: usize) -> Option<&str> {
        match &self.shape {
            // A missing line end at the end of the file has no meaning.
            Shape::Lazy(lazy) => Some(lazy.entries(kind)[index].span.of(&self.text).trim_end()),
            Shape::Full { .. } => None,
        }
    }

    /// The value of an entry as written, with unknown fields.
    pub(in crate::kubeconfig) fn item_value(&self, kind: Kind, index: usize) -> Result<Value, ParseError> {
        match &self.shape {
            Shape::Lazy(lazy) => lazy.value(&self.text, kind, index),
            Shape::Full { tree, file } => tree.value(&self.text, file.list(kind)[index].node),
        }
    }

    /// True if the text is JSON, or YAML written like it: the root is a flow mapping with quoted keys.
    pub(in crate::kubeconfig) fn is_json(&self) -> bool {
        match &self.shape {
            Shape::Lazy(_) => false,
            Shape::Full { tree, .. } => tree.root().is_some_and(|root| match &tree.node(root).content {
                Content::Mapping { flow: true, pairs } => {
                    pairs.iter().all(|&(key, _)| tree.node(key).span.of(&self.text).starts_with('"'))
                }
                _ => false,
            }),
        }
    }
}
