//! A document whose entries are parsed on demand: it has the scanner's skeleton, and parses an entry on first use.
//!
//! The values equal those of the full parser. The scanner guarantees that, and `tests/lazy_laws.rs` checks it.

use super::decode::{self, Body};
use super::error::{ParseError, Problem};
use super::per_kind::PerKind;
use super::scan::{self, Entry, Lines, Skeleton, Token, TopValue};
use super::schema::Kind;
use super::span::{Span, Style};
use super::tree::{Content, Node, NodeId, Tree};
use crate::yaml11::{self, Plain};
use serde_json::{Map, Value};

/// A skeleton and its lists.
#[derive(Clone, Debug)]
pub(super) struct Lazy {
    skeleton: Skeleton,
    lists: PerKind<Option<usize>>,
}

impl Lazy {
    pub(super) fn new(text: &str, skeleton: Skeleton) -> Lazy {
        let place = |kind: Kind| skeleton.top.iter().position(|top| top.key.of(text) == kind.list());
        Lazy { lists: PerKind::from_fn(place), skeleton }
    }

    pub(super) fn entries(&self, kind: Kind) -> &[Entry] {
        match self.lists[kind].map(|at| &self.skeleton.top[at].value) {
            Some(TopValue::List(entries)) => entries,
            _ => &[],
        }
    }

    pub(super) fn name<'t>(&self, text: &'t str, kind: Kind, index: usize) -> &'t str {
        content(self.entries(kind)[index].name, text)
    }

    /// The index of the first entry with this name.
    pub(super) fn find(&self, text: &str, kind: Kind, name: &str) -> Option<usize> {
        // What a token means is determined only where its text fits. An empty name may be written as `null`.
        let fits = |token: Token| name.is_empty() || token.text(text) == name;
        self.entries(kind).iter().position(|entry| fits(entry.name) && content(entry.name, text) == name)
    }

    pub(super) fn current_context<'t>(&self, text: &'t str) -> &'t str {
        self.skeleton.current_context(text).unwrap_or_default()
    }

    /// The canonical body of one entry.
    pub(super) fn body(&self, text: &str, kind: Kind, index: usize) -> Result<Body, ParseError> {
        let (tree, item) = self.open(text, kind, index)?;
        Ok(decode::entry(text, &tree, kind, item)?.body)
    }

    /// The value of one entry as written.
    pub(super) fn value(&self, text: &str, kind: Kind, index: usize) -> Result<Value, ParseError> {
        let (tree, item) = self.open(text, kind, index)?;
        tree.value(text, item)
    }

    /// The nodes of one entry.
    pub(super) fn open(&self, text: &str, kind: Kind, index: usize) -> Result<(Tree, NodeId), ParseError> {
        let mut tree = Tree::default();
        let item = item(&mut tree, text, kind, self.entries(kind)[index].span)?;
        Ok((tree, item))
    }

    pub(super) fn preferences(&self, text: &str) -> Result<Body, ParseError> {
        match self.block(text, "preferences")? {
            Some((tree, block)) => decode::preferences(text, &tree, block),
            None => Ok(Body::new()),
        }
    }

    pub(super) fn extensions(&self, text: &str) -> Result<Vec<Value>, ParseError> {
        match self.block(text, "extensions")? {
            Some((tree, block)) => decode::extensions(text, &tree, block),
            None => Ok(Vec::new()),
        }
    }

    /// The nodes of a block below a top-level key.
    fn block(&self, text: &str, key: &str) -> Result<Option<(Tree, NodeId)>, ParseError> {
        let Some(&TopValue::Block(span)) = self.skeleton.get(text, key) else { return Ok(None) };
        let mut tree = Tree::default();
        let block = read(&mut tree, text, span, Lines::Top(key))?;
        Ok(Some((tree, block)))
    }

    /// The top-level fields with their values as written, without the lists.
    pub(super) fn top_values(&self, text: &str) -> Result<Vec<(String, Value)>, ParseError> {
        let mut values = Vec::new();
        for top in &self.skeleton.top {
            let key = top.key.of(text);
            let value = match &top.value {
                TopValue::List(_) => continue,
                TopValue::Empty => Value::Null,
                TopValue::EmptyFlow(span) if span.of(text).starts_with('[') => Value::Array(Vec::new()),
                TopValue::EmptyFlow(_) => Value::Object(Map::new()),
                TopValue::Scalar(token) => {
                    let mut tree = Tree::default();
                    let scalar = scalar(&mut tree, text, *token);
                    tree.value(text, scalar)?
                }
                TopValue::Block(_) => match self.block(text, key)? {
                    Some((tree, block)) => tree.value(text, block)?,
                    None => Value::Null,
                },
            };
            if Kind::from_list(key).is_none() {
                values.push((key.to_owned(), value));
            }
        }
        Ok(values)
    }

    /// The tree with the nodes of only these entries, and of the first entry, which shows the layout of the file.
    pub(super) fn tree(&self, text: &str, open: &[(Kind, usize)]) -> Result<Tree, ParseError> {
        let first = Kind::ALL.into_iter().find(|&kind| !self.entries(kind).is_empty()).map(|kind| (kind, 0));
        let mut sorted = PerKind::<Vec<usize>>::default();
        for &(kind, index) in open.iter().chain(&first) {
            sorted[kind].push(index);
        }
        sorted.values_mut().for_each(|list| list.sort_unstable());
        let is_open = |(kind, index): (Kind, usize)| sorted[kind].binary_search(&index).is_ok();
        self.tree_with(text, &|entry, _| entry.is_some_and(is_open))
    }

    /// The tree with the nodes of only the entries and other blocks that have bytes in these parts. The parts are sorted
    /// and do not overlap.
    pub(super) fn tree_of(&self, text: &str, parts: &[Span]) -> Result<Tree, ParseError> {
        let meets = |lines: Span| {
            let next = parts.partition_point(|part| part.end <= lines.start);
            parts.get(next).is_some_and(|part| part.start < lines.end)
        };
        self.tree_with(text, &|_, lines| meets(lines))
    }

    /// The tree with the nodes of some entries and other blocks, chosen by their place in a list and their lines.
    fn tree_with(
        &self,
        text: &str,
        is_open: &dyn Fn(Option<(Kind, usize)>, Span) -> bool,
    ) -> Result<Tree, ParseError> {
        let mut tree = Tree::default();
        let entries: usize = Kind::ALL.into_iter().map(|kind| self.entries(kind).len()).sum();
        // The nodes of an entry need more space.
        tree.nodes.reserve(entries + 2 * self.skeleton.top.len() + 100);
        let root = push(&mut tree, Span::default(), Content::Mapping { flow: false, pairs: Vec::new() });
        let mut pairs = Vec::with_capacity(self.skeleton.top.len());
        for (at, top) in self.skeleton.top.iter().enumerate() {
            let key = push(&mut tree, top.key, Content::Scalar { text: None, style: Style::Plain });
            let value = match &top.value {
                TopValue::Empty => {
                    let after = Span::new(top.key.end + 1, top.key.end + 1);
                    push(&mut tree, after, Content::Scalar { text: None, style: Style::Plain })
                }
                TopValue::Scalar(token) => scalar(&mut tree, text, *token),
                TopValue::EmptyFlow(span) if span.of(text).starts_with('[') => {
                    push(&mut tree, *span, Content::Sequence { flow: true, items: Vec::new() })
                }
                TopValue::EmptyFlow(span) => {
                    push(&mut tree, *span, Content::Mapping { flow: true, pairs: Vec::new() })
                }
                TopValue::Block(span) if is_open(None, *span) => {
                    read(&mut tree, text, *span, Lines::Top(top.key.of(text)))?
                }
                TopValue::Block(span) => push(&mut tree, *span, Content::Folded),
                TopValue::List(entries) => {
                    let kind = Kind::ALL.into_iter().find(|&kind| self.lists[kind] == Some(at));
                    let mut items = Vec::with_capacity(entries.len());
                    for (index, entry) in entries.iter().enumerate() {
                        let is_open = |kind| is_open(Some((kind, index)), entry.span);
                        items.push(match kind {
                            Some(kind) if is_open(kind) => item(&mut tree, text, kind, entry.span)?,
                            _ => push(&mut tree, folded(text, entry), Content::Folded),
                        });
                    }
                    let end = items.last().map_or(0, |&last| tree.node(last).span.end);
                    let start = entries.first().map_or(end, |entry| entry.dash);
                    push(&mut tree, Span::new(start, end), Content::Sequence { flow: false, items })
                }
            };
            pairs.push((key, value));
        }
        let start = pairs.first().map_or(0, |&(key, _)| tree.node(key).span.start);
        let end = pairs
            .last()
            .map_or(start, |&(key, value)| tree.node(value).span.end.max(tree.node(key).span.end + 1));
        tree.nodes[root.0 as usize].span = Span::new(start, end);
        tree.nodes[root.0 as usize].content = Content::Mapping { flow: false, pairs };
        tree.root = Some(root);
        Ok(tree)
    }
}

/// The value of an entry as written, from its complete lines.
pub(super) fn value(kind: Kind, lines: &str) -> Result<Value, ParseError> {
    let mut tree = Tree::default();
    let item = item(&mut tree, lines, kind, Span::new(0, lines.len()))?;
    tree.value(lines, item)
}

/// Adds the nodes of an entry, and returns the topmost one.
fn item(tree: &mut Tree, text: &str, kind: Kind, lines: Span) -> Result<NodeId, ParseError> {
    let list = read(tree, text, lines, Lines::Entries(kind))?;
    match tree.items(list) {
        Some(&[item]) => Ok(item),
        _ => Err(not_as_before(text, lines)),
    }
}

fn read(tree: &mut Tree, text: &str, lines: Span, what: Lines<'_>) -> Result<NodeId, ParseError> {
    scan::nodes(tree, text, lines, what).ok_or_else(|| not_as_before(text, lines))
}

/// The error for lines that the scanner does not accept.
fn not_as_before(text: &str, lines: Span) -> ParseError {
    ParseError::at(text, lines, Problem::Ambiguous)
}

/// The text of a token; empty for null.
fn content(token: Token, text: &str) -> &str {
    let content = token.text(text);
    if token.style == Style::Plain && yaml11::plain(content) == Plain::Null { "" } else { content }
}

fn push(tree: &mut Tree, span: Span, content: Content) -> NodeId {
    let id = NodeId(tree.nodes.len() as u32);
    tree.nodes.push(Node { span, properties: false, anchored: false, tag: None, content });
    id
}

fn scalar(tree: &mut Tree, text: &str, token: Token) -> NodeId {
    let inner = (token.style != Style::Plain).then(|| token.text(text).into());
    push(tree, token.span, Content::Scalar { text: inner, style: token.style })
}

/// The bytes of an entry after its dash.
fn folded(text: &str, entry: &Entry) -> Span {
    let rest = &text[entry.dash + 1..entry.span.end];
    let start = entry.dash + 1 + (rest.len() - rest.trim_start_matches(' ').len());
    Span::new(start, entry.span.start + entry.span.of(text).trim_end().len())
}
