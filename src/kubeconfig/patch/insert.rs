//! Edits for list items: replace an item, append items, insert entries; and the first content of an empty document.

use super::super::lazy;
use super::super::schema::Kind;
use super::super::span::{Span, Style};
use super::super::tree::{Content, NodeId};
use super::locate::{Edits, Locator};
use super::{Edit, Op, Reason, Refusal, emit};
use serde_json::{Map, Value};

impl Locator<'_> {
    /// Replaces the item at an index, or appends if there is no item at that index.
    pub(super) fn set_item(&self, list: NodeId, index: usize, value: &Value) -> Edits {
        let source = &self.source;
        let Some(items) = source.tree.items(list) else { return self.refuse(list, Reason::Layout) };
        let flow = source.is_flow(list);
        let Some(&item) = items.get(index) else {
            return self.append_items(list, std::slice::from_ref(value), None);
        };
        let node = source.tree.node(self.unshared(item)?);
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
            _ if flow || source.is_flow(item) => Ok(vec![Edit {
                span: node.span,
                text: emit::flow(value, self.layout.json, self.is_compact(list)),
            }]),
            _ => self.refuse(item, Reason::Layout),
        }
    }

    /// Appends items to a list that is not empty. `like` is the distance of the first key from the dash.
    pub(super) fn append_items(&self, list: NodeId, values: &[Value], like: Option<usize>) -> Edits {
        let source = &self.source;
        let list = self.unshared(list)?;
        let Some(items) = source.tree.items(list).filter(|items| !items.is_empty()) else {
            return self.refuse(list, Reason::Layout);
        };
        let last = items[items.len() - 1];
        if !source.is_flow(list) {
            let mut lines = emit::BlockWriter::new(&self.layout);
            let (column, end) = self.append_position(list, items)?;
            for value in values {
                lines.item(value, column, like.unwrap_or(2));
            }
            return self.insert_lines(end, lines.text);
        }
        let first = source.span(items[0]).start;
        let own_line = source.text[source.line_start(first)..first].trim().is_empty();
        let gap = if own_line {
            format!("{}{}", self.layout.newline, &source.text[source.line_start(first)..first])
        } else if self.is_compact(list) {
            String::new()
        } else {
            " ".to_owned()
        };
        let end = source.span(last).end;
        let item = |value| format!(",{gap}{}", emit::flow(value, self.layout.json, self.is_compact(list)));
        let text = values.iter().map(item).collect();
        Ok(vec![Edit { span: Span::new(end, end), text }])
    }

    /// The column of the dashes of a block list, and the offset of the end of its last item.
    fn append_position(&self, list: NodeId, items: &[NodeId]) -> Result<(usize, usize), Refusal> {
        let last = items.len() - 1;
        let dash = self
            .dash_of(list, last)
            .ok_or_else(|| Refusal::at(self.source.document, self.source.span(list), Reason::Layout))?;
        Ok((self.source.column(dash), self.content_end(items[last]).max(dash + 1)))
    }

    pub(super) fn dash_of(&self, list: NodeId, index: usize) -> Option<usize> {
        let items = self.source.tree.items(list)?;
        // The usual case: only the dash is before the item on its line.
        let start = self.source.span(items[index]).start;
        let line = self.source.line_start(start);
        let before = &self.source.text[line..start];
        if before.trim() == "-" {
            return before.find('-').map(|at| line + at);
        }
        let from = match index.checked_sub(1) {
            Some(previous) => self.source.span(items[previous]).end,
            None => self.after_properties(self.colon_before(list)?),
        };
        // An empty item has an empty span after its dash.
        self.source.dash(from)
    }

    /// Inserts entries at the end of their list; creates the list if necessary.
    pub(super) fn insert(&self, kind: Kind, inserts: &[&Op]) -> Edits {
        let source = &self.source;
        let entries = |name_first| {
            let first = self.name_first(kind, name_first);
            inserts.iter().map(|op| item(op, first)).collect::<Result<_, _>>().map(Value::Array)
        };
        let Some(root) = source.root() else {
            return self.add_first_content(&Map::from_iter([(kind.list().to_owned(), entries(false)?)]));
        };
        let Some((key, list)) = source.pair(root, kind.list()) else {
            return self.add_key(root, kind.list(), &entries(false)?);
        };
        let Some((items, &last)) = source.tree.items(list).and_then(|items| Some((items, items.last()?)))
        else {
            return self.replace(root, key, list, &entries(false)?);
        };
        // New entries follow the last one: name first or last, same distance from the dash.
        let pairs = source.tree.pairs(last).unwrap_or_default();
        let name_first =
            pairs.first().is_some_and(|&(key, _)| source.tree.scalar(source.text, key) == Some("name"));
        let list = self.unshared(list)?;
        if source.is_flow(list) {
            return match entries(name_first)? {
                Value::Array(entries) => self.append_items(list, &entries, None),
                _ => self.refuse(list, Reason::Layout),
            };
        }
        let inner = self.dash_of(list, items.len() - 1).and_then(|dash| {
            let first = source.span(pairs.first().filter(|_| !source.is_flow(last))?.0).start;
            (source.line_start(first) == source.line_start(dash)).then(|| first - dash)
        });
        let (column, end) = self.append_position(list, items)?;
        let mut lines = emit::BlockWriter::new(&self.layout);
        for &op in inserts {
            match op {
                Op::Insert { kind, name, body } => {
                    let first = self.name_first(*kind, name_first);
                    lines.entry((*kind, name, body), first, column, inner.unwrap_or(2));
                }
                Op::Paste { lines: pasted, .. } if lines.paste(pasted, column) => {}
                other => lines.item(&item(other, name_first)?, column, inner.unwrap_or(2)),
            }
        }
        self.insert_lines(end, lines.text)
    }

    /// True if the name of a new entry comes before its body; `neighbour` says so for the last existing entry.
    pub(super) fn name_first(&self, kind: Kind, neighbour: bool) -> bool {
        neighbour || kind == Kind::User || self.layout.json
    }

    /// Adds the first content of a document without content, after its comments and document markers.
    pub(super) fn add_first_content(&self, map: &Map<String, Value>) -> Edits {
        let source = &self.source;
        let lines = emit::mapping(map, 0, false, &self.layout);
        match source.tree.root() {
            // `null` or `~`
            Some(root) if !source.span(root).is_empty() => Ok(vec![Edit {
                span: source.span(root),
                text: lines.trim_end_matches(['\r', '\n']).to_owned(),
            }]),
            _ => self.insert_lines(source.text.len(), lines),
        }
    }
}

/// A new entry as a value.
fn item(insert: &Op, name_first: bool) -> Result<Value, Refusal> {
    match insert {
        Op::Insert { kind, name, body } => {
            let body = (kind.word().to_owned(), Value::Object(body.clone()));
            let mut pairs = [body, ("name".to_owned(), Value::from(name.as_str()))];
            if name_first {
                pairs.reverse();
            }
            Ok(Value::Object(pairs.into_iter().collect()))
        }
        Op::Paste { kind, lines, .. } => Ok(lazy::value(*kind, lines)?),
        _ => Err(Refusal::nowhere(Reason::Layout)),
    }
}
