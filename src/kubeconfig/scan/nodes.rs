//! Builds the nodes of an entry, or of the value of a top-level key, equal to those of the full parser.

use super::grammar::{Scanner, Sink};
use super::lex::{Form, Value};
use crate::kubeconfig::schema::Kind;
use crate::kubeconfig::tree::{Content, Node, NodeId, Tree};
use crate::kubeconfig::{Span, Style};

/// The owner of some lines.
#[derive(Clone, Copy, Debug)]
pub(in crate::kubeconfig) enum Lines<'k> {
    /// One or more entries of this list.
    Entries(Kind),
    /// The block value of this key of the root mapping.
    Top(&'k str),
}

/// Adds the nodes of complete lines to a tree and returns the topmost one; for entries, a list. `None` if the lines are not
/// in the narrow style, so that the scanner has not accepted them.
pub(in crate::kubeconfig) fn nodes(
    tree: &mut Tree,
    source: &str,
    lines: Span,
    what: Lines<'_>,
) -> Option<NodeId> {
    // Most entries have fewer.
    tree.nodes.reserve(32);
    let sink = Nodes { tree: std::mem::take(tree), open: Vec::with_capacity(8), top: None };
    let mut scanner = Scanner::below(sink, what, lines.start);
    scanner.lines(lines.of(source).as_bytes())?;
    let found = scanner.finish()?;
    *tree = found.tree;
    found.top
}

/// An open collection; the key of a mapping waits for its value.
struct Open {
    id: NodeId,
    key: Option<NodeId>,
}

struct Nodes {
    tree: Tree,
    open: Vec<Open>,
    top: Option<NodeId>,
}

impl Sink for Nodes {
    const DEEP: bool = true;

    fn pair(&mut self, key: Span, value: Value, base: usize, text: &[u8]) {
        self.nothing();
        self.add(key, Content::Scalar { text: None, style: Style::Plain });
        if value.form != Form::Nothing {
            self.item(value, base, text);
        }
    }

    fn item(&mut self, value: Value, base: usize, text: &[u8]) {
        let content = match value.token(base).map(|token| token.style) {
            Some(Style::Plain) => Content::Scalar { text: None, style: Style::Plain },
            Some(style) => {
                let inner = String::from_utf8_lossy(value.content(text)).into();
                Content::Scalar { text: Some(inner), style }
            }
            None if value.form == Form::EmptyList => Content::Sequence { flow: true, items: Vec::new() },
            None => Content::Mapping { flow: true, pairs: Vec::new() },
        };
        self.add(value.span(base), content);
    }

    fn open(&mut self, is_list: bool, at: usize) {
        let content = match is_list {
            true => Content::Sequence { flow: false, items: Vec::new() },
            false => Content::Mapping { flow: false, pairs: Vec::new() },
        };
        let id = self.add(Span::new(at, at), content);
        self.open.push(Open { id, key: None });
    }

    fn end(&mut self) {
        self.nothing();
        let Some(Open { id, .. }) = self.open.pop() else { return };
        let last = match &self.tree.node(id).content {
            Content::Sequence { items, .. } => items.last().copied(),
            Content::Mapping { pairs, .. } => pairs.last().map(|&(_, value)| value),
            _ => None,
        };
        if let Some(last) = last {
            self.tree.nodes[id.0 as usize].span.end = self.tree.node(last).span.end;
        }
    }
}

impl Nodes {
    /// The empty value of a key.
    fn nothing(&mut self) {
        if let Some(key) = self.open.last().and_then(|open| open.key) {
            let at = self.tree.node(key).span.end + 1;
            self.add(Span::new(at, at), Content::Scalar { text: None, style: Style::Plain });
        }
    }

    /// Adds a node to the open collection.
    fn add(&mut self, span: Span, content: Content) -> NodeId {
        let id = NodeId(self.tree.nodes.len() as u32);
        self.tree.nodes.push(Node { span, properties: false, anchored: false, tag: None, content });
        let Some(open) = self.open.last_mut() else {
            self.top.get_or_insert(id);
            return id;
        };
        match &mut self.tree.nodes[open.id.0 as usize].content {
            Content::Sequence { items, .. } => items.push(id),
            Content::Mapping { pairs, .. } => match open.key.take() {
                None => open.key = Some(id),
                Some(key) => pairs.push((key, id)),
            },
            Content::Scalar { .. } | Content::Alias(_) | Content::Folded => {}
        }
        id
    }
}
