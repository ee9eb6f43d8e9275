//! From an op to the bytes it changes, in block and flow style alike.

use super::super::document::Document;
use super::super::schema::Kind;
use super::super::span::Span;
use super::super::tree::{Content, NodeId, Tree};
use super::emit::Layout;
use super::place::Ground;
use super::{Edit, Op, Reason, Refusal, Step};
use serde_json::{Map, Value};

pub(super) type Edits = Result<Vec<Edit>, Refusal>;

/// Ops that are done in one go: new entries of a list stand one below the other, and a text is read once for all of them.
pub(super) fn together(ops: &[Op]) -> impl Iterator<Item = &[Op]> {
    let list = |op: &Op| match op {
        Op::Insert { kind, .. } | Op::Paste { kind, .. } => Some(*kind),
        _ => None,
    };
    ops.chunk_by(move |one, next| list(one).is_some() && list(one) == list(next))
}

/// The edits that do some ops of [`together`]; none where nothing is to be done.
pub(super) fn edits(document: &Document, ops: &[Op]) -> Edits {
    let Some(op) = ops.first() else { return Ok(Vec::new()) };
    let open: Vec<(Kind, usize)> = match op {
        Op::SetTop { .. } | Op::UnsetTop { .. } => Vec::new(),
        Op::Rewrite { .. } => return Err(Refusal::nowhere(Reason::Layout)),
        // A neighbour shows how entries of this list are laid out.
        Op::Insert { kind, .. } | Op::Paste { kind, .. } => {
            document.len(*kind).checked_sub(1).map(|last| (*kind, last)).into_iter().collect()
        }
        Op::Remove { kind, name }
        | Op::Set { kind, name, .. }
        | Op::Unset { kind, name, .. }
        | Op::Respell { kind, name, .. } => {
            vec![(*kind, document.find(*kind, name).ok_or_else(|| Refusal::nowhere(Reason::Missing))?)]
        }
        Op::Rename { kind, from, .. } => {
            vec![(*kind, document.find(*kind, from).ok_or_else(|| Refusal::nowhere(Reason::Missing))?)]
        }
    };
    let tree = document.tree(&open)?;
    let locator = Locator::new(document, &tree);
    let edits = locator.edits(op, ops)?;
    locator.keeps_anchors(&edits)?;
    Ok(edits)
}

/// See [`super::place`].
pub(super) fn place(document: &Document, kind: Kind, name: &str) -> Result<Span, Refusal> {
    let index = document.find(kind, name).ok_or_else(|| Refusal::nowhere(Reason::Missing))?;
    let tree = document.tree(&[(kind, index)])?;
    let locator = Locator::new(document, &tree);
    let item = locator.item(kind, name)?;
    match locator.ground.root().and_then(|root| locator.ground.pair(root, kind.list())) {
        Some((_, list)) if locator.ground.is_flow(list) => Ok(locator.ground.span(item)),
        Some((_, list)) => locator.lines(list, item),
        None => Err(Refusal::nowhere(Reason::Missing)),
    }
}

/// A text being searched for the bytes of one op.
pub(super) struct Locator<'d> {
    pub(super) ground: Ground<'d>,
    pub(super) layout: Layout,
}

impl<'d> Locator<'d> {
    fn new(document: &'d Document, tree: &'d Tree) -> Locator<'d> {
        let ground = Ground { document, text: document.text(), tree };
        Locator { ground, layout: ground.layout() }
    }
}

impl Locator<'_> {
    fn edits(&self, op: &Op, together: &[Op]) -> Edits {
        let ground = &self.ground;
        match op {
            Op::Rewrite { .. } => Err(Refusal::nowhere(Reason::Layout)),
            Op::SetTop { key, value } => match ground.root() {
                Some(root) => self.set(root, key, value),
                None => self.found(&Map::from_iter([(key.clone(), value.clone())])),
            },
            Op::UnsetTop { key } => match ground.root() {
                Some(root) => self.unset(root, key),
                None => Ok(Vec::new()),
            },
            Op::Insert { kind, .. } | Op::Paste { kind, .. } => self.insert(*kind, together),
            Op::Remove { kind, name } => self.remove(*kind, name),
            Op::Rename { kind, from, to } => {
                let item = self.item(*kind, from)?;
                self.set(item, "name", &Value::from(to.as_str()))
            }
            Op::Set { kind, name, path, value } => {
                let item = self.item(*kind, name)?;
                let way: Vec<Step> =
                    std::iter::once(Step::Key(kind.word().to_owned())).chain(path.iter().cloned()).collect();
                self.set_path(item, &way, value)
            }
            Op::Unset { kind, name, path } => {
                let mut node = self.item(*kind, name)?;
                let Some((Step::Key(last), way)) = path.split_last() else {
                    return Err(Refusal::nowhere(Reason::Layout));
                };
                for step in std::iter::once(&Step::Key(kind.word().to_owned())).chain(way) {
                    match self.child(node, step) {
                        Some(child) => node = self.own(child)?,
                        None => return Ok(Vec::new()),
                    }
                }
                self.unset(node, last)
            }
            Op::Respell { now, was, .. } => {
                match ground.text.match_indices(now.as_str()).collect::<Vec<_>>()[..] {
                    [(at, _)] => Ok(vec![Edit { span: Span::new(at, at + now.len()), text: was.clone() }]),
                    _ => Err(Refusal::nowhere(Reason::Missing)),
                }
            }
        }
    }

    /// Fails if what goes has an anchor inside and what stays repeats it.
    pub(super) fn keeps_anchors(&self, edits: &[Edit]) -> Result<(), Refusal> {
        let goes = |span: Span| {
            let covers = |edit: &Edit| {
                edit.span.start <= span.start && span.end <= edit.span.end && !edit.span.is_empty()
            };
            edits.iter().any(covers)
        };
        for node in &self.ground.tree.nodes {
            if let Content::Alias(target) = node.content
                && goes(self.ground.span(target))
                && !goes(node.span)
            {
                return self.refuse(target, Reason::Anchor);
            }
        }
        Ok(())
    }

    pub(super) fn refuse<T>(&self, node: NodeId, reason: Reason) -> Result<T, Refusal> {
        Err(Refusal::at(self.ground.document, self.ground.span(node), reason))
    }

    /// The node, if changing it changes nothing elsewhere.
    pub(super) fn own(&self, node: NodeId) -> Result<NodeId, Refusal> {
        if self.ground.tree.is_aliased(node) {
            return self.refuse(node, Reason::Anchor);
        }
        match self.ground.tree.node(node).content {
            Content::Alias(_) => self.refuse(node, Reason::Alias),
            _ => Ok(node),
        }
    }

    pub(super) fn item(&self, kind: Kind, name: &str) -> Result<NodeId, Refusal> {
        let item = self.ground.item(kind, name).ok_or_else(|| Refusal::nowhere(Reason::Missing))?;
        if let Some((_, list)) = self.ground.root().and_then(|root| self.ground.pair(root, kind.list())) {
            self.own(list)?;
        }
        self.own(item)
    }

    pub(super) fn child(&self, node: NodeId, step: &Step) -> Option<NodeId> {
        match step {
            Step::Key(key) => self.ground.pair(node, key).map(|(_, value)| value),
            Step::Index(index) => self.ground.tree.items(node)?.get(*index).copied(),
        }
    }

    pub(super) fn set_path(&self, node: NodeId, path: &[Step], value: &Value) -> Edits {
        let node = self.own(node)?;
        let Some((first, rest)) = path.split_first() else { return Err(Refusal::nowhere(Reason::Layout)) };
        match self.child(node, first) {
            Some(child) if !rest.is_empty() && !self.is_empty(child) => {
                if let Content::Alias(_) = self.ground.tree.node(child).content {
                    return self.unshare(node, first, rest, value);
                }
                self.set_path(child, rest, value)
            }
            _ => {
                let value = rest.iter().rev().fold(value.clone(), |inner, step| match step {
                    Step::Key(key) => Value::Object(Map::from_iter([(key.clone(), inner)])),
                    Step::Index(_) => Value::Array(vec![inner]),
                });
                match first {
                    Step::Key(key) => self.set(node, key, &value),
                    Step::Index(index) => self.set_item(node, *index, &value),
                }
            }
        }
    }

    /// An alias is replaced by a copy of what it stands for, and the copy is changed.
    pub(super) fn unshare(&self, node: NodeId, first: &Step, rest: &[Step], value: &Value) -> Edits {
        let Some(child) = self.child(node, first) else { return Err(Refusal::nowhere(Reason::Missing)) };
        let mut copy = self.ground.tree.value(self.ground.text, child)?;
        let mut target = &mut copy;
        for step in rest {
            target = match (step, target) {
                (Step::Key(key), Value::Object(map)) => map.entry(key.clone()).or_insert(Value::Null),
                (Step::Index(index), Value::Array(list)) => {
                    if *index == list.len() {
                        list.push(Value::Null);
                    }
                    match list.get_mut(*index) {
                        Some(item) => item,
                        None => return self.refuse(child, Reason::Alias),
                    }
                }
                (Step::Key(key), null @ Value::Null) => {
                    *null = Value::Object(Map::from_iter([(key.clone(), Value::Null)]));
                    &mut null[key]
                }
                _ => return self.refuse(child, Reason::Alias),
            };
        }
        *target = value.clone();
        match first {
            Step::Key(key) => self.set(node, key, &copy),
            Step::Index(_) => self.refuse(child, Reason::Alias),
        }
    }

    /// Null, or a collection without content.
    pub(super) fn is_empty(&self, node: NodeId) -> bool {
        match &self.ground.tree.node(node).content {
            Content::Sequence { items, .. } => items.is_empty(),
            // With a comment inside there is something to keep.
            Content::Mapping { pairs, .. } => {
                pairs.is_empty() && !self.ground.span(node).of(self.ground.text).contains('#')
            }
            Content::Scalar { .. } => {
                self.ground.tree.meaning(self.ground.text, node) == Some(super::super::resolve::Plain::Null)
            }
            Content::Alias(_) | Content::Folded => false,
        }
    }
}
