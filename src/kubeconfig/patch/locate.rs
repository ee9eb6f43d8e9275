//! Finds the edits for an operation, in block and flow style.

use super::super::document::Document;
use super::super::name_index::NameIndex;
use super::super::per_kind::PerKind;
use super::super::schema::Kind;
use super::super::schema::key;
use super::super::span::Span;
use super::super::tree::{Content, NodeId, Tree};
use super::emit::{self, Layout};
use super::source_map::SourceMap;
use super::{Edit, Op, PathStep, Reason, Refusal};
use crate::yaml11::Plain;
use serde_json::{Map, Value};
use std::cell::Cell;
use std::collections::HashMap;

pub(super) type Edits = Result<Vec<Edit>, Refusal>;

/// Splits the operations into groups that are applied together, so that the text is parsed only once for all of them:
/// consecutive insertions into the same list, and consecutive changes and removals of different entries. The operations
/// on one entry keep their order.
pub(super) fn groups(ops: &[Op]) -> Vec<Vec<&Op>> {
    let mut groups: Vec<Vec<&Op>> = Vec::new();
    for ops in ops.chunk_by(|one, next| Group::of(one).is_some() && Group::of(one) == Group::of(next)) {
        if Group::of(&ops[0]) != Some(Group::Changes) {
            groups.push(ops.iter().collect());
            continue;
        }
        let first = groups.len();
        // The number of operations on each entry so far.
        let mut counts: HashMap<(Kind, &str), usize> = HashMap::new();
        for op in ops {
            let count = changed(op).map_or(0, |entry| {
                let count = counts.entry(entry).or_default();
                *count += 1;
                *count - 1
            });
            if groups.len() == first + count {
                groups.push(Vec::new());
            }
            groups[first + count].push(op);
        }
    }
    groups
}

/// The operations that can be in one group with this one.
#[derive(PartialEq, Eq)]
enum Group {
    /// Insertions into this list.
    Insertions(Kind),
    /// Changes within entries, and removals of entries.
    Changes,
}

impl Group {
    /// `None` for an operation that is applied alone.
    fn of(op: &Op) -> Option<Group> {
        match op {
            Op::Insert { kind, .. } | Op::Paste { kind, .. } => Some(Group::Insertions(*kind)),
            Op::Remove { .. } | Op::Set { .. } | Op::Unset { .. } => Some(Group::Changes),
            // A new name, and a text that must be unique, depend on the operations before.
            Op::Rename { .. } | Op::ReplaceText { .. } => None,
            Op::SetTop { .. } | Op::UnsetTop { .. } | Op::Rewrite { .. } => None,
        }
    }
}

/// The entry that an operation changes or removes.
fn changed(op: &Op) -> Option<(Kind, &str)> {
    match op {
        Op::Remove { kind, name }
        | Op::Set { kind, name, .. }
        | Op::Unset { kind, name, .. }
        | Op::ReplaceText { kind, name, .. }
        | Op::Rename { kind, from: name, .. } => Some((*kind, name)),
        Op::Insert { .. } | Op::Paste { .. } => None,
        Op::SetTop { .. } | Op::UnsetTop { .. } | Op::Rewrite { .. } => None,
    }
}

/// The plan for some operations.
pub(super) enum Plan {
    /// Edits that perform the operations; empty if there is nothing to do.
    Do(Vec<Edit>),
    /// Edits that must be made first and do not change the content: they replace aliases by copies of their targets.
    Unshare(Vec<Edit>),
}

/// The plan for the operations of one of the [`groups`].
pub(super) fn plan(document: &Document, ops: &[&Op]) -> Result<Plan, Refusal> {
    let index = NameIndex::new(document, ops.len());
    let open: Vec<(Kind, usize)> = match ops.first() {
        None => return Ok(Plan::Do(Vec::new())),
        // The layout of new entries follows the last entry of the list.
        Some(Op::Insert { kind, .. } | Op::Paste { kind, .. }) => {
            document.len(*kind).checked_sub(1).map(|last| (*kind, last)).into_iter().collect()
        }
        Some(_) => {
            let place = |(kind, name)| index.find(kind, name).map(|at| (kind, at));
            let places = ops.iter().filter_map(|op| changed(op)).map(place);
            places.collect::<Option<_>>().ok_or_else(|| Refusal::nowhere(Reason::Missing))?
        }
    };
    let tree = document.tree(&open)?;
    let locator = Locator::new(document, &tree, index);
    locator.planned(locator.edits(ops))
}

/// See [`super::entry_span`].
pub(super) fn entry_span(document: &Document, kind: Kind, name: &str) -> Result<Span, Refusal> {
    let place = document.find(kind, name).ok_or_else(|| Refusal::nowhere(Reason::Missing))?;
    let tree = document.tree(&[(kind, place)])?;
    let locator = Locator::new(document, &tree, NameIndex::new(document, 1));
    let item = locator.item(kind, name)?;
    match locator.source.root().and_then(|root| locator.source.pair(root, kind.list())) {
        Some((_, list)) if locator.source.is_flow(list) => Ok(locator.source.span(item)),
        Some((_, list)) => locator.lines(list, place),
        None => Err(Refusal::nowhere(Reason::Missing)),
    }
}

/// See [`super::shared`].
pub(super) fn shared(document: &Document, kind: Kind, name: &str) -> Option<Refusal> {
    // The scanner does not accept texts with anchors.
    let index = document.find(kind, name).filter(|_| !document.is_outlined())?;
    let entry = document.span(kind, index);
    let tree = document.tree(&[]).ok()?;
    let inside = |span: Span| entry.start <= span.start && span.end <= entry.end;
    let target = tree.nodes.iter().find_map(|node| match node.content {
        Content::Alias(target) if inside(tree.node(target).span) && !inside(node.span) => Some(target),
        _ => None,
    })?;
    Some(Refusal::at(document, tree.node(target).span, Reason::Anchor))
}

/// Finds the edits of one operation in a document.
pub(super) struct Locator<'d> {
    pub(super) source: SourceMap<'d>,
    pub(super) layout: Layout,
    index: NameIndex<'d>,
    /// The node that cannot be changed because it has aliases, or is an alias.
    shared: Cell<Option<NodeId>>,
}

impl<'d> Locator<'d> {
    pub(super) fn new(document: &'d Document, tree: &'d Tree, index: NameIndex<'d>) -> Locator<'d> {
        let source = SourceMap { document, text: document.text(), tree };
        Locator { source, layout: source.layout(), index, shared: Cell::default() }
    }
}

impl Locator<'_> {
    /// The edits for one of the [`groups`].
    fn edits(&self, ops: &[&Op]) -> Edits {
        if let Some(Op::Insert { kind, .. } | Op::Paste { kind, .. }) = ops.first() {
            return self.insert(*kind, ops);
        }
        let (mut edits, mut removed) = (Vec::new(), PerKind::<Vec<&str>>::default());
        for &op in ops {
            match op {
                Op::Remove { kind, name } => removed[*kind].push(name),
                op => edits.extend(self.edits_of(op)?),
            }
        }
        for kind in Kind::ALL {
            edits.extend(self.remove(kind, &removed[kind])?);
        }
        Ok(edits)
    }

    /// The edits for an operation that neither inserts nor removes an entry.
    fn edits_of(&self, op: &Op) -> Edits {
        let source = &self.source;
        match op {
            Op::Rewrite { .. } | Op::Insert { .. } | Op::Paste { .. } | Op::Remove { .. } => {
                Err(Refusal::nowhere(Reason::Layout))
            }
            Op::SetTop { key, value } => match source.root() {
                Some(root) => self.set(root, key, value),
                None => self.add_first_content(&Map::from_iter([(key.clone(), value.clone())])),
            },
            Op::UnsetTop { key } => match source.root() {
                Some(root) => self.unset(root, key),
                None => Ok(Vec::new()),
            },
            Op::Rename { kind, from, to } => {
                let item = self.item(*kind, from)?;
                self.set(item, key::NAME, &Value::from(to.as_str()))
            }
            Op::Set { kind, name, path, value } => {
                let item = self.item(*kind, name)?;
                let way: Vec<PathStep> = std::iter::once(PathStep::Key(kind.word().to_owned()))
                    .chain(path.iter().cloned())
                    .collect();
                self.set_path(item, &way, value)
            }
            Op::Unset { kind, name, path } => {
                let mut node = self.item(*kind, name)?;
                let Some((PathStep::Key(last), way)) = path.split_last() else {
                    return Err(Refusal::nowhere(Reason::Layout));
                };
                for step in std::iter::once(&PathStep::Key(kind.word().to_owned())).chain(way) {
                    match self.child(node, step) {
                        Some(child) => node = self.unshared(child)?,
                        None => return Ok(Vec::new()),
                    }
                }
                self.unset(node, last)
            }
            Op::ReplaceText { old, new, .. } => {
                match source.text.match_indices(old.as_str()).collect::<Vec<_>>()[..] {
                    [(at, _)] => Ok(vec![Edit { span: Span::new(at, at + old.len()), text: new.clone() }]),
                    _ => Err(Refusal::nowhere(Reason::Missing)),
                }
            }
        }
    }

    /// The plan for these edits; if they would change a shared node, the plan for the copies that must be made first.
    pub(super) fn planned(&self, edits: Edits) -> Result<Plan, Refusal> {
        let kept = edits.and_then(|edits| self.keeps_anchors(&edits).map(|()| edits));
        kept.map(Plan::Do).or_else(|refusal| {
            let copies = self.shared.take().and_then(|node| self.copies(node));
            copies.filter(|edits| !edits.is_empty()).map(Plan::Unshare).ok_or(refusal)
        })
    }

    /// Replaces an alias, or each alias of a node with an anchor, by a copy.
    fn copies(&self, node: NodeId) -> Option<Vec<Edit>> {
        let nodes = &self.source.tree.nodes;
        let is_one = |alias: NodeId| match self.source.tree.node(alias).content {
            Content::Alias(target) => alias == node || target == node,
            _ => false,
        };
        let mut edits = Vec::new();
        for (at, parent) in nodes.iter().enumerate() {
            match &parent.content {
                Content::Mapping { pairs, .. } => {
                    for &(key, alias) in pairs.iter().filter(|&&(_, value)| is_one(value)) {
                        let copy = self.source.tree.value(self.source.text, alias).ok()?;
                        edits.extend(self.replace(NodeId(at as u32), key, alias, &copy).ok()?);
                    }
                    if pairs.iter().any(|&(key, _)| is_one(key)) {
                        return None;
                    }
                }
                Content::Sequence { items, .. } => {
                    for &alias in items.iter().filter(|&&item| is_one(item)) {
                        let copy = self.source.tree.value(self.source.text, alias).ok()?;
                        let text = emit::flow(&copy, self.layout.json, self.is_compact(NodeId(at as u32)));
                        edits.push(Edit { span: self.source.span(alias), text });
                    }
                }
                Content::Scalar { .. } | Content::Alias(_) | Content::Folded => {}
            }
        }
        Some(edits)
    }

    /// Fails if the edits remove an anchor that an alias outside of them refers to.
    pub(super) fn keeps_anchors(&self, edits: &[Edit]) -> Result<(), Refusal> {
        let goes = |span: Span| {
            let covers = |edit: &Edit| {
                edit.span.start <= span.start && span.end <= edit.span.end && !edit.span.is_empty()
            };
            edits.iter().any(covers)
        };
        for node in &self.source.tree.nodes {
            if let Content::Alias(target) = node.content
                && goes(self.source.span(target))
                && !goes(node.span)
            {
                return self.refuse(target, Reason::Anchor);
            }
        }
        Ok(())
    }

    pub(super) fn refuse<T>(&self, node: NodeId, reason: Reason) -> Result<T, Refusal> {
        if let Reason::Anchor | Reason::Alias = reason {
            self.shared.set(Some(node));
        }
        Err(Refusal::at(self.source.document, self.source.span(node), reason))
    }

    /// The node, if it is not an alias and no alias refers to it; otherwise an edit would change other places, too.
    pub(super) fn unshared(&self, node: NodeId) -> Result<NodeId, Refusal> {
        if self.source.tree.is_aliased(node) {
            return self.refuse(node, Reason::Anchor);
        }
        match self.source.tree.node(node).content {
            Content::Alias(_) => self.refuse(node, Reason::Alias),
            _ => Ok(node),
        }
    }

    /// The place of an entry in its list.
    pub(super) fn place(&self, kind: Kind, name: &str) -> Option<usize> {
        self.index.find(kind, name)
    }

    pub(super) fn item(&self, kind: Kind, name: &str) -> Result<NodeId, Refusal> {
        let list = self.source.root().and_then(|root| self.source.pair(root, kind.list()));
        let (Some((_, list)), Some(place)) = (list, self.place(kind, name)) else {
            return Err(Refusal::nowhere(Reason::Missing));
        };
        let item = self.source.tree.items(list).and_then(|items| items.get(place).copied());
        let item = item.ok_or_else(|| Refusal::nowhere(Reason::Missing))?;
        self.unshared(list)?;
        self.unshared(item)
    }

    pub(super) fn child(&self, node: NodeId, step: &PathStep) -> Option<NodeId> {
        match step {
            PathStep::Key(key) => self.source.pair(node, key).map(|(_, value)| value),
            PathStep::Index(index) => self.source.tree.items(node)?.get(*index).copied(),
        }
    }

    pub(super) fn set_path(&self, node: NodeId, path: &[PathStep], value: &Value) -> Edits {
        let node = self.unshared(node)?;
        let Some((first, rest)) = path.split_first() else { return Err(Refusal::nowhere(Reason::Layout)) };
        match self.child(node, first) {
            Some(child) if !rest.is_empty() && !self.is_empty(child) => {
                if let Content::Alias(_) = self.source.tree.node(child).content {
                    return self.unshare(node, first, rest, value);
                }
                self.set_path(child, rest, value)
            }
            _ => {
                let value = rest.iter().rev().fold(value.clone(), |inner, step| match step {
                    PathStep::Key(key) => Value::Object(Map::from_iter([(key.clone(), inner)])),
                    PathStep::Index(_) => Value::Array(vec![inner]),
                });
                match first {
                    PathStep::Key(key) => self.set(node, key, &value),
                    PathStep::Index(index) => self.set_item(node, *index, &value),
                }
            }
        }
    }

    /// Replaces an alias by a copy of its target with the change.
    pub(super) fn unshare(&self, node: NodeId, first: &PathStep, rest: &[PathStep], value: &Value) -> Edits {
        let Some(child) = self.child(node, first) else { return Err(Refusal::nowhere(Reason::Missing)) };
        let mut copy = self.source.tree.value(self.source.text, child)?;
        let mut target = &mut copy;
        for step in rest {
            target = match (step, target) {
                (PathStep::Key(key), Value::Object(map)) => map.entry(key.clone()).or_insert(Value::Null),
                (PathStep::Index(index), Value::Array(list)) => {
                    if *index == list.len() {
                        list.push(Value::Null);
                    }
                    match list.get_mut(*index) {
                        Some(item) => item,
                        None => return self.refuse(child, Reason::Alias),
                    }
                }
                (PathStep::Key(key), null @ Value::Null) => {
                    *null = Value::Object(Map::from_iter([(key.clone(), Value::Null)]));
                    &mut null[key]
                }
                _ => return self.refuse(child, Reason::Alias),
            };
        }
        *target = value.clone();
        match first {
            PathStep::Key(key) => self.set(node, key, &copy),
            PathStep::Index(_) => self.refuse(child, Reason::Alias),
        }
    }

    /// True for null and for a collection without content.
    pub(super) fn is_empty(&self, node: NodeId) -> bool {
        match &self.source.tree.node(node).content {
            Content::Sequence { items, .. } => items.is_empty(),
            // A comment inside must be kept.
            Content::Mapping { pairs, .. } => {
                pairs.is_empty() && !self.source.span(node).of(self.source.text).contains('#')
            }
            Content::Scalar { .. } => self.source.tree.meaning(self.source.text, node) == Some(Plain::Null),
            Content::Alias(_) | Content::Folded => false,
        }
    }
}
