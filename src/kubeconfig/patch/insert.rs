//! Items: a new entry, one more item, another value for one; and the first content of an empty document.

use super::super::decode::Body;
use super::super::schema::Kind;
use super::super::span::{Span, Style};
use super::super::tree::{Content, NodeId};
use super::locate::{Edits, Locator};
use super::{Edit, Op, Reason, Refusal, emit};
use serde_json::{Map, Value};

impl Locator<'_> {
    /// Another value for an item, or one more.
    pub(super) fn set_item(&self, list: NodeId, index: usize, value: &Value) -> Edits {
        let ground = &self.ground;
        let Some(items) = ground.tree.items(list) else { return self.refuse(list, Reason::Layout) };
        let flow = ground.is_flow(list);
        let Some(&item) = items.get(index) else { return self.push(list, std::slice::from_ref(value), None) };
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

    /// More items at the end of a list that has some; `like` says how the first key stands behind the dash.
    pub(super) fn push(&self, list: NodeId, values: &[Value], like: Option<usize>) -> Edits {
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
            let item = |value| format!(",{gap}{}", emit::flow(value, self.layout.json, self.tight(list)));
            let text = values.iter().map(item).collect();
            return Ok(vec![Edit { span: Span::new(end, end), text }]);
        }
        let dash = self
            .dash_of(list, items.len() - 1)
            .ok_or_else(|| Refusal::at(ground.document, ground.span(list), Reason::Layout))?;
        let end = self.content_end(last).max(dash + 1);
        let item = |value| emit::item(value, ground.column(dash), like.unwrap_or(2), &self.layout);
        self.insert_lines(end, values.iter().map(item).collect())
    }

    pub(super) fn dash_of(&self, list: NodeId, index: usize) -> Option<usize> {
        let items = self.ground.tree.items(list)?;
        // Most often it stands on the line of the item, alone before it.
        let start = self.ground.span(items[index]).start;
        let line = self.ground.line_start(start);
        let before = &self.ground.text[line..start];
        if before.trim() == "-" {
            return before.find('-').map(|at| line + at);
        }
        let from = match index.checked_sub(1) {
            Some(previous) => self.ground.span(items[previous]).end,
            None => self.after_properties(self.colon_before(list)?),
        };
        // An empty item has no span of its own; its dash was passed already.
        self.ground.dash(from)
    }

    /// New entries of a list.
    pub(super) fn insert(&self, kind: Kind, inserts: &[Op]) -> Edits {
        let ground = &self.ground;
        let entries = |name_first| -> Vec<Value> {
            let entry = |op: &Op| match op {
                Op::Insert { name, body, .. } => Some(self.entry(kind, name, body, name_first)),
                _ => None,
            };
            inserts.iter().filter_map(entry).collect()
        };
        let Some(root) = ground.root() else {
            let list = Value::Array(entries(false));
            return self.found(&Map::from_iter([(kind.list().to_owned(), list)]));
        };
        let Some((key, list)) = ground.pair(root, kind.list()) else {
            return self.add(root, kind.list(), &Value::Array(entries(false)));
        };
        let Some(&last) = ground.tree.items(list).and_then(<[_]>::last) else {
            return self.replace(root, key, list, &Value::Array(entries(false)));
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
        self.push(list, &entries(name_first), inner)
    }

    pub(super) fn entry(&self, kind: Kind, name: &str, body: &Body, name_first: bool) -> Value {
        let mut pairs = vec![
            (kind.word().to_owned(), Value::Object(body.clone())),
            ("name".to_owned(), Value::from(name)),
        ];
        if name_first || kind == Kind::User || self.layout.json {
            pairs.reverse();
        }
        Value::Object(pairs.into_iter().collect())
    }

    /// The first content of a document that has none: behind its comments and markers.
    pub(super) fn found(&self, map: &Map<String, Value>) -> Edits {
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
