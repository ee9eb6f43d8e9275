//! A document of which only names and places are known: the scanner's skeleton, opened where somebody looks.
//!
//! What it gives is what the full parser would give; the scanner's contract says so and tests hold it to it.

use super::decode::{self, Body};
use super::error::ParseError;
use super::parse;
use super::quick;
use super::resolve::{self, Plain};
use super::scan::{Entry, Skeleton, Token, TopValue};
use super::schema::Kind;
use super::span::{Span, Style};
use super::tree::{Content, Node, NodeId, Tree};
use serde_json::{Map, Value};

/// A skeleton, with its lists at hand.
#[derive(Clone, Debug)]
pub(super) struct Lazy {
    skeleton: Skeleton,
    lists: [Option<usize>; 3],
}

impl Lazy {
    pub(super) fn new(text: &str, skeleton: Skeleton) -> Lazy {
        let place = |kind: Kind| skeleton.top.iter().position(|top| top.key.of(text) == kind.list());
        Lazy { lists: Kind::ALL.map(place), skeleton }
    }

    pub(super) fn entries(&self, kind: Kind) -> &[Entry] {
        match self.lists[kind as usize].map(|at| &self.skeleton.top[at].value) {
            Some(TopValue::List(entries)) => entries,
            _ => &[],
        }
    }

    pub(super) fn name<'t>(&self, text: &'t str, kind: Kind, index: usize) -> &'t str {
        content(self.entries(kind)[index].name, text)
    }

    pub(super) fn current_context<'t>(&self, text: &'t str) -> &'t str {
        self.skeleton.current_context(text).unwrap_or_default()
    }

    /// The canonical body of one entry.
    pub(super) fn body(&self, text: &str, kind: Kind, index: usize) -> Result<Body, ParseError> {
        if let Some(body) = quick::body(kind, self.entries(kind)[index].span.of(text)) {
            return Ok(body);
        }
        let (tree, item) = self.open(text, kind, index)?;
        Ok(decode::entry(text, &tree, kind, item)?.body)
    }

    /// One entry as a whole value.
    pub(super) fn value(&self, text: &str, kind: Kind, index: usize) -> Result<Value, ParseError> {
        item(self.entries(kind)[index].span.of(text))
    }

    /// The nodes of one entry; none if it is as plain as kubectl writes them, or cannot be read.
    pub(super) fn open_unless_plain(&self, text: &str, kind: Kind, index: usize) -> Option<(Tree, NodeId)> {
        match quick::body(kind, self.entries(kind)[index].span.of(text)) {
            Some(_) => None,
            None => self.open(text, kind, index).ok(),
        }
    }

    fn open(&self, text: &str, kind: Kind, index: usize) -> Result<(Tree, NodeId), ParseError> {
        let tree = parse::fragment(text, self.entries(kind)[index].span)?;
        let item = tree.root().and_then(|root| tree.items(root)?.first().copied());
        // A lone entry is a list of one.
        Ok((tree, item.unwrap_or(NodeId(0))))
    }

    pub(super) fn preferences(&self, text: &str) -> Result<Body, ParseError> {
        match self.skeleton.get(text, "preferences") {
            Some(&TopValue::Block(span)) => {
                let tree = parse::fragment(text, span)?;
                tree.root().map_or(Ok(Body::new()), |root| decode::preferences(text, &tree, root))
            }
            _ => Ok(Body::new()),
        }
    }

    pub(super) fn extensions(&self, text: &str) -> Result<Vec<Value>, ParseError> {
        match self.skeleton.get(text, "extensions") {
            Some(&TopValue::Block(span)) => {
                let tree = parse::fragment(text, span)?;
                tree.root().map_or(Ok(Vec::new()), |root| decode::extensions(text, &tree, root))
            }
            _ => Ok(Vec::new()),
        }
    }

    /// The top-level fields but for the lists, with their whole meaning.
    pub(super) fn top_values(&self, text: &str) -> Result<Vec<(String, Value)>, ParseError> {
        let mut values = Vec::new();
        for top in &self.skeleton.top {
            let key = top.key.of(text);
            let value = match &top.value {
                TopValue::List(_) => continue,
                TopValue::Empty => Value::Null,
                TopValue::EmptyFlow(span) if span.of(text).starts_with('[') => Value::Array(Vec::new()),
                TopValue::EmptyFlow(_) => Value::Object(Map::new()),
                TopValue::Scalar(token) => parse::fragment(text, token.span)
                    .and_then(|tree| tree.root().map_or(Ok(Value::Null), |root| tree.value(text, root)))?,
                TopValue::Block(span) => {
                    let tree = parse::fragment(text, *span)?;
                    tree.root().map_or(Ok(Value::Null), |root| tree.value(text, root))?
                }
            };
            if Kind::from_list(key).is_none() {
                values.push((key.to_owned(), value));
            }
        }
        Ok(values)
    }

    /// The tree, in which only these entries are open; and the first of all, which shows how the file is laid out.
    pub(super) fn tree(&self, text: &str, open: &[(Kind, usize)]) -> Result<Tree, ParseError> {
        let mut tree = Tree::default();
        let entries: usize = Kind::ALL.into_iter().map(|kind| self.entries(kind).len()).sum();
        // What is opened has some nodes more.
        tree.nodes.reserve(entries + 2 * self.skeleton.top.len() + 100);
        let root = push(&mut tree, Span::default(), Content::Mapping { flow: false, pairs: Vec::new() });
        let example = Kind::ALL.into_iter().find(|&kind| !self.entries(kind).is_empty());
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
                TopValue::Block(span) => push(&mut tree, *span, Content::Folded),
                TopValue::List(entries) => {
                    let kind = Kind::ALL.into_iter().find(|&kind| self.lists[kind as usize] == Some(at));
                    let mut items = Vec::with_capacity(entries.len());
                    for (index, entry) in entries.iter().enumerate() {
                        let wanted =
                            |kind| open.contains(&(kind, index)) || (Some(kind) == example && index == 0);
                        items.push(match kind {
                            Some(kind) if wanted(kind) => {
                                graft(&mut tree, parse::fragment(text, entry.span)?)
                            }
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

/// An entry as a whole value, from its whole lines.
pub(super) fn item(lines: &str) -> Result<Value, ParseError> {
    if let Some(value) = quick::value(lines) {
        return Ok(value);
    }
    let tree = parse::fragment(lines, Span::new(0, lines.len()))?;
    let first = tree.root().and_then(|root| tree.items(root)?.first().copied());
    first.map_or(Ok(Value::Null), |first| tree.value(lines, first))
}

/// A token's text; null is empty.
fn content(token: Token, text: &str) -> &str {
    let content = token.text(text);
    if token.style == Style::Plain && resolve::plain(content) == Plain::Null { "" } else { content }
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

/// The bytes of an entry behind its dash.
fn folded(text: &str, entry: &Entry) -> Span {
    let rest = &text[entry.dash + 1..entry.span.end];
    let start = entry.dash + 1 + (rest.len() - rest.trim_start_matches(' ').len());
    Span::new(start, entry.span.start + entry.span.of(text).trim_end().len())
}

/// Takes over the nodes of a list of one, and gives its item.
fn graft(tree: &mut Tree, fragment: Tree) -> NodeId {
    let offset = tree.nodes.len() as u32;
    let item = fragment.root().and_then(|root| fragment.items(root)?.first().copied()).unwrap_or(NodeId(0));
    let moved = |id: &mut NodeId| id.0 += offset;
    tree.nodes.extend(fragment.nodes.into_iter().map(|mut node| {
        match &mut node.content {
            Content::Sequence { items, .. } => items.iter_mut().for_each(moved),
            Content::Mapping { pairs, .. } => pairs.iter_mut().for_each(|(key, value)| {
                moved(key);
                moved(value);
            }),
            Content::Alias(target) => moved(target),
            Content::Scalar { .. } | Content::Folded => {}
        }
        node
    }));
    NodeId(item.0 + offset)
}
