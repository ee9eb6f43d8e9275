//! Finds lines, columns, colons and dashes in a parsed document; the tree contains only the spans of nodes.

use super::super::document::Document;
use super::super::schema::Kind;
use super::super::span::{Span, blank};
use super::super::tree::{Content, NodeId, Tree};
use super::emit::Layout;
use crate::yaml11::LINE_ENDS;

/// A document with its text and tree.
#[derive(Clone, Copy)]
pub(super) struct SourceMap<'d> {
    pub(super) document: &'d Document,
    pub(super) text: &'d str,
    pub(super) tree: &'d Tree,
}

impl<'d> SourceMap<'d> {
    /// The start of the line that contains this byte.
    pub(super) fn line_start(&self, at: usize) -> usize {
        at - self.text[..at].rsplit(LINE_ENDS).next().map_or(0, str::len)
    }

    /// The start of the line above the line that starts at this offset, if there is one.
    pub(super) fn line_above(&self, line: usize) -> Option<usize> {
        let before = &self.text[..line];
        let above = before.strip_suffix("\r\n").or_else(|| before.strip_suffix(LINE_ENDS))?;
        Some(self.line_start(above.len()))
    }

    /// The start of the line after the one in which a node ends. The span of a block scalar includes its line end.
    pub(super) fn line_end(&self, at: usize) -> usize {
        if self.text[..at].ends_with(LINE_ENDS) {
            return at;
        }
        let line = self.text[at..].split_inclusive(LINE_ENDS).next().unwrap_or_default();
        let end = at + line.len();
        end + usize::from(line.ends_with('\r') && self.text[end..].starts_with('\n'))
    }

    /// The column of a byte, in bytes from 0. Called only where ASCII precedes the byte on its line.
    pub(super) fn column(&self, at: usize) -> usize {
        at - self.line_start(at)
    }

    /// The column of the start of a key, including its anchor and tag.
    pub(super) fn column_of(&self, key: NodeId) -> usize {
        let at = self.span(key).start;
        match self.tree.node(key).properties {
            true => {
                self.text[self.line_start(at)..at].bytes().take_while(|byte| b" -".contains(byte)).count()
            }
            false => self.column(at),
        }
    }

    /// True if only blanks precede this offset on its line.
    pub(super) fn starts_line(&self, at: usize) -> bool {
        self.text[self.line_start(at)..at].bytes().all(|b| b == b' ')
    }

    /// The offset after the colon of a key.
    pub(super) fn after_colon(&self, key: NodeId) -> Option<usize> {
        let end = self.tree.node(key).span.end;
        let rest = &self.text[end..];
        let colon = blank(rest);
        rest[colon..].starts_with(':').then_some(end + colon + 1)
    }

    /// The offset of the dash of an item. The search starts at the end of the previous item or of the key.
    pub(super) fn dash(&self, from: usize) -> Option<usize> {
        let rest = &self.text[from..];
        let dash = blank(rest);
        rest[dash..].starts_with('-').then_some(from + dash)
    }

    /// The key and the value of a mapping's pair; of duplicate keys, the last.
    pub(super) fn pair(&self, mapping: NodeId, key: &str) -> Option<(NodeId, NodeId)> {
        let pairs = self.tree.pairs(mapping)?;
        pairs.iter().rev().copied().find(|&(node, _)| {
            self.tree.scalar(self.text, node) == Some(key) && !self.tree.is_merge(self.text, node)
        })
    }

    /// The root, if it is a mapping.
    pub(super) fn root(&self) -> Option<NodeId> {
        self.tree.root().filter(|&root| self.tree.pairs(root).is_some())
    }

    /// True for a flow collection.
    pub(super) fn is_flow(&self, id: NodeId) -> bool {
        matches!(
            self.tree.node(id).content,
            Content::Sequence { flow: true, .. } | Content::Mapping { flow: true, .. }
        )
    }

    /// The bytes of a node with its anchor and tag.
    pub(super) fn span(&self, id: NodeId) -> Span {
        self.tree.node(id).span
    }

    /// The layout of the file, derived from its first block list.
    pub(super) fn layout(&self) -> Layout {
        let newline = match self.text.find('\n') {
            Some(at) if self.text[..at].ends_with('\r') => "\r\n",
            None if self.text.contains('\r') => "\r",
            _ => "\n",
        };
        let mut layout = Layout { newline, step: 2, dash: 0, json: self.document.is_json() };
        let Some(root) = self.root().filter(|&root| !self.is_flow(root)) else { return layout };
        let block_list = Kind::ALL.into_iter().find_map(|kind| {
            let (key, list) = self.pair(root, kind.list())?;
            let first = *self.tree.items(list).filter(|_| !self.is_flow(list))?.first()?;
            Some((kind, key, first))
        });
        let Some((kind, key, item)) = block_list else { return layout };
        if let Some(dash) = self.dash(self.after_colon(key).unwrap_or_default()) {
            layout.dash = self.column(dash).saturating_sub(self.column_of(key));
        }
        if let Some((word, body)) = self.pair(item, kind.word())
            && !self.is_flow(body)
            && let Some(&(first, _)) = self.tree.pairs(body).and_then(<[_]>::first)
        {
            let step = self.column_of(first).saturating_sub(self.column_of(word));
            layout.step = step.max(1);
        }
        layout
    }
}
