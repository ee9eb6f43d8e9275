//! From an op to the bytes it changes, in block and flow style alike.

use super::super::decode::Body;
use super::super::document::Document;
use super::super::schema::Kind;
use super::super::span::{Span, Style};
use super::super::tree::{Content, NodeId};
use super::emit::{self, Layout};
use super::place::Ground;
use super::{Edit, Op, Reason, Refusal, Step};
use serde_json::{Map, Value};

type Edits = Result<Vec<Edit>, Refusal>;

/// The edits that do an op; none where nothing is to be done.
pub(super) fn edits(document: &Document, op: &Op) -> Edits {
    let open: Vec<(Kind, usize)> = match op {
        Op::SetTop { .. } | Op::UnsetTop { .. } => Vec::new(),
        // A neighbour shows how entries of this list are laid out.
        Op::Insert { kind, .. } => {
            document.len(*kind).checked_sub(1).map(|last| (*kind, last)).into_iter().collect()
        }
        Op::Remove { kind, name } | Op::Set { kind, name, .. } | Op::Unset { kind, name, .. } => {
            vec![(*kind, document.find(*kind, name).ok_or_else(|| Refusal::nowhere(Reason::Missing))?)]
        }
        Op::Rename { kind, from, .. } => {
            vec![(*kind, document.find(*kind, from).ok_or_else(|| Refusal::nowhere(Reason::Missing))?)]
        }
    };
    let tree = document.tree(&open)?;
    let ground = Ground { document, text: document.text(), tree: &tree };
    let locator = Locator { ground, layout: ground.layout() };
    let edits = locator.edits(op)?;
    locator.keeps_anchors(&edits)?;
    Ok(edits)
}

impl Locator<'_> {
    fn edits(&self, op: &Op) -> Edits {
        let (ground, locator) = (&self.ground, self);
        match op {
            Op::SetTop { key, value } => match ground.root() {
                Some(root) => locator.set(root, key, value),
                None => locator.found(&Map::from_iter([(key.clone(), value.clone())])),
            },
            Op::UnsetTop { key } => match ground.root() {
                Some(root) => locator.unset(root, key),
                None => Ok(Vec::new()),
            },
            Op::Insert { kind, name, body } => locator.insert(*kind, name, body),
            Op::Remove { kind, name } => locator.remove(*kind, name),
            Op::Rename { kind, from, to } => {
                let item = locator.item(*kind, from)?;
                locator.set(item, "name", &Value::from(to.as_str()))
            }
            Op::Set { kind, name, path, value } => {
                let item = locator.item(*kind, name)?;
                let way: Vec<Step> =
                    std::iter::once(Step::Key(kind.word().to_owned())).chain(path.iter().cloned()).collect();
                locator.set_path(item, &way, value)
            }
            Op::Unset { kind, name, path } => {
                let mut node = locator.item(*kind, name)?;
                let Some((Step::Key(last), way)) = path.split_last() else {
                    return Err(Refusal::nowhere(Reason::Layout));
                };
                for step in std::iter::once(&Step::Key(kind.word().to_owned())).chain(way) {
                    match locator.child(node, step) {
                        Some(child) => node = locator.own(child)?,
                        None => return Ok(Vec::new()),
                    }
                }
                locator.unset(node, last)
            }
        }
    }

    /// Fails if what goes has an anchor inside and what stays repeats it.
    fn keeps_anchors(&self, edits: &[Edit]) -> Result<(), Refusal> {
        let goes = |span: Span| {
            edits.iter().any(|edit| {
                edit.span.start <= span.start && span.end <= edit.span.end && !edit.span.is_empty()
            })
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
}

struct Locator<'d> {
    ground: Ground<'d>,
    layout: Layout,
}

impl Locator<'_> {
    fn refuse<T>(&self, node: NodeId, reason: Reason) -> Result<T, Refusal> {
        Err(Refusal::at(self.ground.document, self.ground.span(node), reason))
    }

    /// The node, if changing it changes nothing elsewhere.
    fn own(&self, node: NodeId) -> Result<NodeId, Refusal> {
        if self.ground.tree.is_aliased(node) {
            return self.refuse(node, Reason::Anchor);
        }
        match self.ground.tree.node(node).content {
            Content::Alias(_) => self.refuse(node, Reason::Alias),
            _ => Ok(node),
        }
    }

    fn item(&self, kind: Kind, name: &str) -> Result<NodeId, Refusal> {
        let item = self.ground.item(kind, name).ok_or_else(|| Refusal::nowhere(Reason::Missing))?;
        if let Some((_, list)) = self.ground.root().and_then(|root| self.ground.pair(root, kind.list())) {
            self.own(list)?;
        }
        self.own(item)
    }

    fn child(&self, node: NodeId, step: &Step) -> Option<NodeId> {
        match step {
            Step::Key(key) => self.ground.pair(node, key).map(|(_, value)| value),
            Step::Index(index) => self.ground.tree.items(node)?.get(*index).copied(),
        }
    }

    fn set_path(&self, node: NodeId, path: &[Step], value: &Value) -> Edits {
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
    fn unshare(&self, node: NodeId, first: &Step, rest: &[Step], value: &Value) -> Edits {
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
    fn is_empty(&self, node: NodeId) -> bool {
        match &self.ground.tree.node(node).content {
            Content::Sequence { items, .. } => items.is_empty(),
            Content::Mapping { pairs, .. } => pairs.is_empty(),
            Content::Scalar { .. } => {
                self.ground.tree.meaning(self.ground.text, node) == Some(super::super::resolve::Plain::Null)
            }
            Content::Alias(_) | Content::Folded => false,
        }
    }

    /// Gives a key of a mapping a value, the key there or not.
    fn set(&self, mapping: NodeId, key: &str, value: &Value) -> Edits {
        let mapping = self.own(mapping)?;
        match self.ground.pair(mapping, key) {
            Some((key, old)) => self.replace(mapping, key, old, value),
            None if self.ground.tree.pairs(mapping).is_some() => self.add(mapping, key, value),
            None => self.refuse(mapping, Reason::Layout),
        }
    }

    /// Another value behind a key.
    fn replace(&self, mapping: NodeId, key: NodeId, old: NodeId, value: &Value) -> Edits {
        let ground = &self.ground;
        let node = ground.tree.node(old);
        if ground.tree.is_aliased(old) {
            return self.refuse(old, Reason::Anchor);
        }
        if node.tag.is_some() {
            return self.refuse(old, Reason::Tag);
        }
        let Some(colon) = ground.after_colon(key) else { return self.refuse(key, Reason::Layout) };
        let flow = ground.is_flow(mapping);
        let scalar = !matches!(value, Value::Object(map) if !map.is_empty())
            && !matches!(value, Value::Array(list) if !list.is_empty());
        match &node.content {
            Content::Scalar { style, .. } if scalar && !matches!(style, Style::Literal | Style::Folded) => {
                let text = emit::scalar(value, *style, flow, self.layout.json);
                // Nothing after the colon: the parser cannot say where nothing is.
                if node.span.is_empty() {
                    return Ok(vec![Edit { span: Span::new(colon, colon), text: format!(" {text}") }]);
                }
                Ok(vec![Edit { span: node.span, text }])
            }
            _ if flow => Ok(vec![Edit {
                span: node.span,
                text: emit::flow(value, self.layout.json, self.tight(mapping)),
            }]),
            Content::Sequence { flow: true, items } if !items.is_empty() && value.is_array() => {
                Ok(vec![Edit { span: node.span, text: emit::flow(value, self.layout.json, self.tight(old)) }])
            }
            Content::Mapping { flow: true, pairs } if !pairs.is_empty() && value.is_object() => {
                Ok(vec![Edit { span: node.span, text: emit::flow(value, self.layout.json, self.tight(old)) }])
            }
            _ => self.replace_lines(key, old, colon, value, scalar),
        }
    }

    /// A block value gives way to another, or something short to something long.
    fn replace_lines(&self, key: NodeId, old: NodeId, colon: usize, value: &Value, scalar: bool) -> Edits {
        let ground = &self.ground;
        let span = ground.span(old);
        let column = ground.column(ground.span(key).start);
        let lines = emit::after_colon(value, column, &self.layout);
        let end = if span.is_empty() { colon } else { span.end };
        let line_end = ground.line_end(end);
        let on_key_line = ground.line_start(end.max(colon)) == ground.line_start(colon) && end < line_end;
        if on_key_line {
            // `key: {} # why` and `key: # why`: the comment stays on the key's line.
            let tail = ground.text[end..line_end].trim_end();
            let first = lines.lines().next().unwrap_or_default();
            let rest = lines.strip_prefix(first).unwrap_or_default();
            let rest = if line_end == ground.text.len() && !ground.text.ends_with('\n') {
                rest.trim_end_matches(['\r', '\n'])
            } else {
                rest
            };
            let rest = if scalar { rest.trim_start_matches(['\r', '\n']) } else { rest };
            let newline =
                if scalar && ground.text[..line_end].ends_with('\n') { self.layout.newline } else { "" };
            return Ok(vec![Edit {
                span: Span::new(colon, line_end),
                text: format!("{first}{tail}{rest}{newline}"),
            }]);
        }
        // A comment between the key and its block stays where it is; only lines of the value go.
        let start = ground.line_start(span.start);
        let between = &ground.text[colon..start.max(colon)];
        let block_scalar = matches!(
            ground.tree.node(old).content,
            Content::Scalar { style: Style::Literal | Style::Folded, .. }
        );
        if start <= colon || block_scalar {
            // The value begins on the key's line; of a `|` block, the span knows the content only.
            return Ok(vec![Edit { span: Span::new(colon, line_end), text: self.ended(lines, line_end) }]);
        }
        if scalar {
            if !between.trim().is_empty() {
                return self.refuse(old, Reason::Comment);
            }
            return Ok(vec![Edit { span: Span::new(colon, line_end), text: self.ended(lines, line_end) }]);
        }
        let lines = lines.strip_prefix(self.layout.newline).unwrap_or(&lines).to_owned();
        Ok(vec![Edit { span: Span::new(start, line_end), text: self.ended(lines, line_end) }])
    }

    /// Lines for the place up to `end`: a file without a final line end keeps having none.
    fn ended(&self, lines: String, end: usize) -> String {
        if end == self.ground.text.len() && !self.ground.text.ends_with('\n') {
            lines.trim_end_matches(['\r', '\n']).to_owned()
        } else {
            lines
        }
    }

    /// True if the flow collection is written without blanks after its colons.
    fn tight(&self, collection: NodeId) -> bool {
        let own = self.ground.span(collection).of(self.ground.text);
        !own.contains(": ")
            && !own.contains(", ")
            && (own.contains("\":") || self.layout.json && !self.ground.text.contains("\": "))
    }

    /// A key that was not there.
    fn add(&self, mapping: NodeId, name: &str, value: &Value) -> Edits {
        let ground = &self.ground;
        let pairs = ground.tree.pairs(mapping).unwrap_or_default();
        let Some(&(first, _)) = pairs.first() else {
            // Only `{}` has no pairs; a block mapping has one at least.
            let inside = format!("{{{}}}", self.flow_pair(mapping, name, value));
            return Ok(vec![Edit { span: ground.span(mapping), text: inside }]);
        };
        if ground.is_flow(mapping) {
            let (last, last_value) = pairs[pairs.len() - 1];
            let end = ground.span(last_value).end.max(ground.after_colon(last).unwrap_or_default());
            let text = format!(",{}{}", self.gap(first, pairs), self.flow_pair(mapping, name, value));
            return Ok(vec![Edit { span: Span::new(end, end), text }]);
        }
        let column = ground.column(ground.span(first).start);
        let pair = Map::from_iter([(name.to_owned(), value.clone())]);
        let names: Vec<&str> =
            pairs.iter().filter_map(|&(key, _)| ground.tree.scalar(ground.text, key)).collect();
        let before = if names.is_sorted() {
            names.iter().take_while(|known| **known < name).count()
        } else {
            pairs.len()
        };
        match before.checked_sub(1) {
            Some(previous) => {
                let (key, value) = pairs[previous];
                let end = ground.span(value).end.max(ground.after_colon(key).unwrap_or_default());
                self.insert_lines(end, emit::mapping(&pair, column, false, &self.layout))
            }
            // In front of all others, unless a comment stands there: it belongs to the first key.
            None if self.comment_above(ground.span(first).start) => {
                let (key, value) = pairs[pairs.len() - 1];
                let end = ground.span(value).end.max(ground.after_colon(key).unwrap_or_default());
                self.insert_lines(end, emit::mapping(&pair, column, false, &self.layout))
            }
            None => {
                let at = ground.span(first).start;
                let text =
                    format!("{}{}", emit::mapping(&pair, column, true, &self.layout), " ".repeat(column));
                Ok(vec![Edit { span: Span::new(at, at), text }])
            }
        }
    }

    /// Whole lines behind the line in which something ends.
    fn insert_lines(&self, end: usize, lines: String) -> Edits {
        let at = self.ground.line_end(end);
        let ends = at == 0 || self.ground.text[..at].ends_with('\n');
        let text = if ends {
            lines
        } else {
            format!("{}{}", self.layout.newline, lines.trim_end_matches(['\r', '\n']))
        };
        Ok(vec![Edit { span: Span::new(at, at), text }])
    }

    /// What stands between the comma and the next key of a flow mapping.
    fn gap(&self, first: NodeId, pairs: &[(NodeId, NodeId)]) -> String {
        let start = self.ground.span(first).start;
        if self.ground.starts_line(start)
            || self.ground.text[self.ground.line_start(start)..start].trim().is_empty()
        {
            let indent = &self.ground.text[self.ground.line_start(start)..start];
            return format!("{}{indent}", self.layout.newline);
        }
        match pairs {
            [_, (second, _), ..] => {
                let at = self.ground.span(*second).start;
                let before = &self.ground.text[..at];
                if before.ends_with(',') { String::new() } else { " ".to_owned() }
            }
            _ if self.layout.json && !self.ground.text.contains("\": ") => String::new(),
            _ => " ".to_owned(),
        }
    }

    fn flow_pair(&self, mapping: NodeId, name: &str, value: &Value) -> String {
        let tight = self.tight(mapping);
        let quoted = self.layout.json
            || self.ground.tree.pairs(mapping).is_some_and(|pairs| {
                pairs
                    .first()
                    .is_some_and(|&(key, _)| self.ground.span(key).of(self.ground.text).starts_with('"'))
            });
        let colon = if tight { ":" } else { ": " };
        format!("{}{colon}{}", emit::key(name, true, quoted), emit::flow(value, self.layout.json, tight))
    }

    fn comment_above(&self, at: usize) -> bool {
        let start = self.ground.line_start(at);
        start > 0 && self.ground.text[self.ground.line_start(start - 1)..start].trim_start().starts_with('#')
    }

    /// Removes a key, and its losing doubles with it.
    fn unset(&self, mapping: NodeId, name: &str) -> Edits {
        let ground = &self.ground;
        let mapping = self.own(mapping)?;
        let pairs = ground.tree.pairs(mapping).unwrap_or_default();
        let mine: Vec<usize> = (0..pairs.len())
            .filter(|&index| ground.tree.scalar(ground.text, pairs[index].0) == Some(name))
            .collect();
        let Some(&first) = mine.first() else { return Ok(Vec::new()) };
        if let Some(&index) = mine.iter().find(|&&index| ground.tree.is_aliased(pairs[index].1)) {
            return self.refuse(pairs[index].1, Reason::Anchor);
        }
        if mine.len() == pairs.len() {
            return self.empty(mapping, "{}");
        }
        if ground.is_flow(mapping) {
            let spans: Vec<Span> = pairs
                .iter()
                .map(|&(key, value)| {
                    Span::new(
                        ground.span(key).start,
                        ground.span(value).end.max(ground.after_colon(key).unwrap_or_default()),
                    )
                })
                .collect();
            return if mine.len() == 1 {
                Ok(vec![cut(&spans, first)])
            } else {
                self.refuse(mapping, Reason::Layout)
            };
        }
        mine.iter().map(|&index| self.cut_lines(pairs, index)).collect()
    }

    fn cut_lines(&self, pairs: &[(NodeId, NodeId)], index: usize) -> Result<Edit, Refusal> {
        let ground = &self.ground;
        let (key, value) = pairs[index];
        let start = ground.span(key).start;
        let end = ground.span(value).end.max(ground.after_colon(key).unwrap_or_default());
        if ground.starts_line(start) {
            return Ok(Edit {
                span: Span::new(ground.line_start(start), ground.line_end(end)),
                text: String::new(),
            });
        }
        // `- key: value`: the next key moves up behind the dash.
        let Some(&(next, _)) = pairs.get(index + 1) else { return self.refuse(key, Reason::Layout) };
        let next = ground.span(next).start;
        if !ground.text[end..next].trim().is_empty() {
            return self.refuse(key, Reason::Comment);
        }
        Ok(Edit { span: Span::new(start, next), text: String::new() })
    }

    /// The last of a collection's content goes: `{}` or `[]` takes its place.
    fn empty(&self, collection: NodeId, empty: &str) -> Edits {
        let ground = &self.ground;
        let span = ground.span(collection);
        if ground.is_flow(collection) {
            return Ok(vec![Edit { span, text: empty.to_owned() }]);
        }
        if Some(collection) == ground.tree.root() {
            return Ok(vec![Edit {
                span: Span::new(ground.line_start(span.start), ground.line_end(span.end)),
                text: String::new(),
            }]);
        }
        // The key is the last thing before the block but for blanks and comments.
        let Some(colon) = self.colon_before(collection) else {
            return self.refuse(collection, Reason::Layout);
        };
        let start = ground.line_start(span.start);
        if start < colon {
            return self.refuse(collection, Reason::Layout);
        }
        let end = ground.line_end(span.end);
        let gone = Edit { span: Span::new(start, end), text: String::new() };
        let at = self.after_properties(colon);
        Ok(vec![Edit { span: Span::new(at, at), text: format!(" {empty}") }, gone])
    }

    /// Behind the anchor and the tag that stand behind a colon.
    fn after_properties(&self, colon: usize) -> usize {
        let mut at = colon;
        loop {
            let rest = &self.ground.text[at..];
            let word = rest.trim_start_matches(' ');
            if !word.starts_with(['&', '!']) {
                return at;
            }
            at += rest.len() - word.len() + word.find(char::is_whitespace).unwrap_or(word.len());
        }
    }

    fn colon_before(&self, value: NodeId) -> Option<usize> {
        let ground = &self.ground;
        ground.tree.nodes.iter().find_map(|node| match &node.content {
            Content::Mapping { pairs, .. } => pairs
                .iter()
                .find(|&&(_, candidate)| candidate == value)
                .and_then(|&(key, _)| ground.after_colon(key)),
            _ => None,
        })
    }

    /// Another value for an item, or one more.
    fn set_item(&self, list: NodeId, index: usize, value: &Value) -> Edits {
        let ground = &self.ground;
        let Some(items) = ground.tree.items(list) else { return self.refuse(list, Reason::Layout) };
        let flow = ground.is_flow(list);
        let Some(&item) = items.get(index) else { return self.push(list, value, None) };
        let node = ground.tree.node(self.own(item)?);
        if node.tag.is_some() {
            return self.refuse(item, Reason::Tag);
        }
        match &node.content {
            Content::Scalar { style, .. }
                if !node.span.is_empty()
                    && !matches!(style, Style::Literal | Style::Folded)
                    && !value.is_object()
                    && !value.is_array() =>
            {
                Ok(vec![Edit { span: node.span, text: emit::scalar(value, *style, flow, self.layout.json) }])
            }
            _ if flow || ground.is_flow(item) => Ok(vec![Edit {
                span: node.span,
                text: emit::flow(value, self.layout.json, self.tight(list)),
            }]),
            _ => self.refuse(item, Reason::Layout),
        }
    }

    /// One more item at the end of a list that has some; `like` says how the first key stands behind the dash.
    fn push(&self, list: NodeId, value: &Value, like: Option<usize>) -> Edits {
        let ground = &self.ground;
        let list = self.own(list)?;
        let Some(items) = ground.tree.items(list).filter(|items| !items.is_empty()) else {
            return self.refuse(list, Reason::Layout);
        };
        let last = items[items.len() - 1];
        if ground.is_flow(list) {
            let first = ground.span(items[0]).start;
            let own_line = ground.text[ground.line_start(first)..first].trim().is_empty();
            let gap = if own_line {
                format!("{}{}", self.layout.newline, &ground.text[ground.line_start(first)..first])
            } else if self.tight(list) {
                String::new()
            } else {
                " ".to_owned()
            };
            let end = ground.span(last).end;
            let text = format!(",{gap}{}", emit::flow(value, self.layout.json, self.tight(list)));
            return Ok(vec![Edit { span: Span::new(end, end), text }]);
        }
        let dash = self
            .dash_of(list, items.len() - 1)
            .ok_or_else(|| Refusal::at(ground.document, ground.span(list), Reason::Layout))?;
        let end = ground.span(last).end.max(dash + 1);
        self.insert_lines(end, emit::item(value, ground.column(dash), like.unwrap_or(2), &self.layout))
    }

    fn dash_of(&self, list: NodeId, index: usize) -> Option<usize> {
        let items = self.ground.tree.items(list)?;
        let from = match index.checked_sub(1) {
            Some(previous) => self.ground.span(items[previous]).end,
            None => self.colon_before(list)?,
        };
        // An empty item has no span of its own; its dash was passed already.
        self.ground.dash(from)
    }

    /// A new entry.
    fn insert(&self, kind: Kind, name: &str, body: &Body) -> Edits {
        let ground = &self.ground;
        let Some(root) = ground.root() else {
            let entry = self.entry(kind, name, body, false);
            return self.found(&Map::from_iter([(kind.list().to_owned(), Value::Array(vec![entry]))]));
        };
        let Some((key, list)) = ground.pair(root, kind.list()) else {
            return self.add(root, kind.list(), &Value::Array(vec![self.entry(kind, name, body, false)]));
        };
        let Some(&last) = ground.tree.items(list).and_then(<[_]>::last) else {
            return self.replace(root, key, list, &Value::Array(vec![self.entry(kind, name, body, false)]));
        };
        // Like its neighbour: the name first or last, the same distance from the dash.
        let pairs = ground.tree.pairs(last).unwrap_or_default();
        let name_first =
            pairs.first().is_some_and(|&(key, _)| ground.tree.scalar(ground.text, key) == Some("name"));
        let inner =
            self.dash_of(list, ground.tree.items(list).unwrap_or_default().len() - 1).and_then(|dash| {
                let first = ground.span(pairs.first()?.0).start;
                (ground.line_start(first) == ground.line_start(dash)).then(|| first - dash)
            });
        self.push(list, &self.entry(kind, name, body, name_first), inner)
    }

    fn entry(&self, kind: Kind, name: &str, body: &Body, name_first: bool) -> Value {
        let mut pairs = vec![
            (kind.word().to_owned(), Value::Object(body.clone())),
            ("name".to_owned(), Value::from(name)),
        ];
        if name_first || kind == Kind::User || self.layout.json {
            pairs.reverse();
        }
        Value::Object(pairs.into_iter().collect())
    }

    /// An entry goes, and the comment lines directly above it.
    fn remove(&self, kind: Kind, name: &str) -> Edits {
        let ground = &self.ground;
        let item = self.item(kind, name)?;
        let Some((key, list)) = ground.root().and_then(|root| ground.pair(root, kind.list())) else {
            return Err(Refusal::nowhere(Reason::Missing));
        };
        let items = ground.tree.items(list).unwrap_or_default();
        if let Content::Alias(_) = ground.tree.node(list).content {
            return self.refuse(list, Reason::Alias);
        }
        let Some(index) = items.iter().position(|&candidate| candidate == item) else {
            return Err(Refusal::nowhere(Reason::Missing));
        };
        if ground.is_flow(list) {
            if items.len() == 1 {
                return self.empty(list, "[]");
            }
            let spans: Vec<Span> = items.iter().map(|&item| ground.span(item)).collect();
            return Ok(vec![cut(&spans, index)]);
        }
        let Some(dash) = self.dash_of(list, index).filter(|&dash| ground.starts_line(dash)) else {
            return self.refuse(item, Reason::Layout);
        };
        let end = ground.line_end(ground.span(item).end.max(dash + 1));
        let start = self.with_comment(ground.line_start(dash));
        let gone = Edit { span: Span::new(start, end), text: String::new() };
        if items.len() > 1 {
            return Ok(vec![gone]);
        }
        let Some(colon) = ground.after_colon(key) else { return self.refuse(key, Reason::Layout) };
        if start < colon {
            return self.refuse(item, Reason::Layout);
        }
        let at = self.after_properties(colon);
        Ok(vec![Edit { span: Span::new(at, at), text: " []".to_owned() }, gone])
    }

    /// The start of the comment block that ends right above a line, if one does.
    fn with_comment(&self, line: usize) -> usize {
        let indent = self.ground.text[line..].find(|c| c != ' ').unwrap_or(0);
        let mut start = line;
        while start > 0 {
            let above = self.ground.line_start(start - 1);
            let text = &self.ground.text[above..start];
            if text.trim_start().starts_with('#') && text.len() - text.trim_start().len() == indent {
                start = above;
            } else {
                break;
            }
        }
        start
    }

    /// The first content of a document that has none: behind its comments and markers.
    fn found(&self, map: &Map<String, Value>) -> Edits {
        let ground = &self.ground;
        let lines = emit::mapping(map, 0, false, &self.layout);
        match ground.tree.root() {
            // `null` or `~`
            Some(root) if !ground.span(root).is_empty() => Ok(vec![Edit {
                span: ground.span(root),
                text: lines.trim_end_matches(['\r', '\n']).to_owned(),
            }]),
            _ => self.insert_lines(ground.text.len(), lines),
        }
    }
}

/// Takes one of a flow collection's members out, with one comma.
fn cut(spans: &[Span], index: usize) -> Edit {
    let span = match (index.checked_sub(1), spans.get(index + 1)) {
        (Some(previous), _) => Span::new(spans[previous].end, spans[index].end),
        (None, Some(next)) => Span::new(spans[index].start, next.start),
        (None, None) => spans[index],
    };
    Edit { span, text: String::new() }
}
