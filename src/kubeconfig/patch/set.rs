//! Edits that set the value of a key, existing or new.

use super::super::span::{Span, Style};
use super::super::tree::{Content, NodeId, is_open_block};
use super::locate::{Edits, Locator};
use super::{Edit, Reason, emit};
use crate::yaml11::LINE_ENDS;
use serde_json::{Map, Value};

impl Locator<'_> {
    /// Sets the value of a key; adds the key if it does not exist.
    pub(super) fn set(&self, mapping: NodeId, key: &str, value: &Value) -> Edits {
        let mapping = self.unshared(mapping)?;
        match self.source.pair(mapping, key) {
            // The value is equal, even if it is written differently.
            Some((_, old))
                if self.source.tree.value(self.source.text, old).is_ok_and(|old| old == *value) =>
            {
                Ok(Vec::new())
            }
            Some((key, old)) => self.replace(mapping, key, old, value),
            None if self.source.tree.pairs(mapping).is_some() => self.add_key(mapping, key, value),
            None => self.refuse(mapping, Reason::Layout),
        }
    }

    /// Replaces the value of an existing key.
    pub(super) fn replace(&self, mapping: NodeId, key: NodeId, old: NodeId, value: &Value) -> Edits {
        let source = &self.source;
        let node = source.tree.node(old);
        if source.tree.is_aliased(old) {
            return self.refuse(old, Reason::Anchor);
        }
        if node.tag.is_some() {
            return self.refuse(old, Reason::Tag);
        }
        let Some(colon) = source.after_colon(key) else { return self.refuse(key, Reason::Layout) };
        let flow = source.is_flow(mapping);
        let scalar = !matches!(value, Value::Object(map) if !map.is_empty())
            && !matches!(value, Value::Array(list) if !list.is_empty());
        match &node.content {
            Content::Scalar { style, .. } if scalar && !matches!(style, Style::Literal | Style::Folded) => {
                let text = emit::scalar(value, *style, flow, self.layout.json);
                // No value after the colon: the span of an empty value is not reliable.
                if node.span.is_empty() {
                    return Ok(vec![Edit { span: Span::new(colon, colon), text: format!(" {text}") }]);
                }
                Ok(vec![Edit { span: node.span, text }])
            }
            Content::Mapping { flow: true, pairs }
                if pairs.is_empty() && !scalar && value.is_object() && self.has_lines(old) =>
            {
                let text = emit::flow(value, self.layout.json, self.is_compact(mapping));
                let inside = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
                Ok(self.fill_empty(old, inside.unwrap_or(&text)))
            }
            _ if flow => Ok(vec![Edit {
                span: node.span,
                text: emit::flow(value, self.layout.json, self.is_compact(mapping)),
            }]),
            Content::Sequence { flow: true, items } if !items.is_empty() && value.is_array() => {
                Ok(vec![Edit {
                    span: node.span,
                    text: emit::flow(value, self.layout.json, self.is_compact(old)),
                }])
            }
            Content::Mapping { flow: true, pairs } if !pairs.is_empty() && value.is_object() => {
                Ok(vec![Edit {
                    span: node.span,
                    text: emit::flow(value, self.layout.json, self.is_compact(old)),
                }])
            }
            _ => self.replace_lines(key, old, colon, value, scalar),
        }
    }

    /// Replaces a value by one that has lines of its own, or a block value by another value.
    pub(super) fn replace_lines(
        &self,
        key: NodeId,
        old: NodeId,
        colon: usize,
        value: &Value,
        scalar: bool,
    ) -> Edits {
        let source = &self.source;
        let span = source.span(old);
        let column = source.column_of(key);
        let lines = emit::after_colon(value, column, &self.layout);
        let end = if span.is_empty() { colon } else { span.end };
        let line_end = source.line_end(end);
        let on_key_line = source.line_start(end.max(colon)) == source.line_start(colon) && end < line_end;
        if on_key_line {
            // `key: {} # comment` and `key: # comment`: the comment stays on the line of the key.
            let tail = &source.text[end..line_end];
            let rest = if tail.trim().is_empty() { tail.trim_end_matches(LINE_ENDS).len() } else { 0 };
            let (first, below) = lines.split_once(self.layout.newline).unwrap_or((&lines, ""));
            let mut edits = vec![Edit { span: Span::new(colon, end + rest), text: first.to_owned() }];
            if !scalar {
                edits.extend(self.insert_lines(end, below.to_owned())?);
            }
            return Ok(edits);
        }
        // A comment between the key and its block is kept; only the lines of the value are replaced.
        let start = source.line_start(span.start);
        let between = &source.text[colon..start.max(colon)];
        let block_scalar = matches!(
            source.tree.node(old).content,
            Content::Scalar { style: Style::Literal | Style::Folded, .. }
        );
        if start <= colon || block_scalar {
            // The value begins on the line of the key. The span of a `|` block contains only its content.
            return Ok(vec![Edit {
                span: Span::new(colon, line_end),
                text: self.match_final_line_end(lines, line_end),
            }]);
        }
        if scalar {
            if !between.trim().is_empty() {
                return self.refuse(old, Reason::Comment);
            }
            return Ok(vec![Edit {
                span: Span::new(colon, line_end),
                text: self.match_final_line_end(lines, line_end),
            }]);
        }
        let lines = lines.strip_prefix(self.layout.newline).unwrap_or(&lines).to_owned();
        Ok(vec![Edit { span: Span::new(start, line_end), text: self.match_final_line_end(lines, line_end) }])
    }

    /// Text for the bytes up to `end`: a file without a final line end does not get one.
    pub(super) fn match_final_line_end(&self, lines: String, end: usize) -> String {
        if end == self.source.text.len() && !self.source.text.ends_with(LINE_ENDS) {
            lines.trim_end_matches(['\r', '\n']).to_owned()
        } else {
            lines
        }
    }

    /// True if the flow collection has no blanks after its colons and commas.
    pub(super) fn is_compact(&self, collection: NodeId) -> bool {
        let own = self.source.span(collection).of(self.source.text);
        !own.contains(": ")
            && !own.contains(", ")
            && (own.contains("\":") || self.layout.json && !self.source.text.contains("\": "))
    }

    /// Inserts content into an empty flow mapping. Comments and line ends inside stay after it.
    fn fill_empty(&self, empty: NodeId, inside: &str) -> Vec<Edit> {
        let span = self.source.span(empty);
        if self.has_lines(empty) {
            let at = span.start + 1;
            return vec![Edit { span: Span::new(at, at), text: inside.to_owned() }];
        }
        vec![Edit { span, text: format!("{{{inside}}}") }]
    }

    fn has_lines(&self, node: NodeId) -> bool {
        self.source.span(node).of(self.source.text).contains(|c| c == '#' || LINE_ENDS.contains(&c))
    }

    /// Adds a new key.
    pub(super) fn add_key(&self, mapping: NodeId, name: &str, value: &Value) -> Edits {
        let source = &self.source;
        let pairs = source.tree.pairs(mapping).unwrap_or_default();
        let Some(&(first, _)) = pairs.first() else {
            // Only a flow mapping can be empty.
            return Ok(self.fill_empty(mapping, &self.flow_pair(mapping, name, value)));
        };
        if source.is_flow(mapping) {
            let (last, last_value) = pairs[pairs.len() - 1];
            let end = self.pair_end(last, last_value);
            let text = format!(",{}{}", self.gap(first, pairs), self.flow_pair(mapping, name, value));
            return Ok(vec![Edit { span: Span::new(end, end), text }]);
        }
        // The column includes an anchor before the key.
        let column = |key: NodeId| source.column_of(key);
        let first_column = column(first);
        let column = pairs.iter().map(|&(key, _)| column(key)).min().unwrap_or(first_column);
        let pair = Map::from_iter([(name.to_owned(), value.clone())]);
        let names: Vec<&str> =
            pairs.iter().filter_map(|&(key, _)| source.tree.scalar(source.text, key)).collect();
        let before = if names.is_sorted() {
            names.iter().take_while(|known| **known < name).count()
        } else {
            pairs.len()
        };
        match before.checked_sub(1) {
            Some(previous) => {
                let (key, value) = pairs[previous];
                let end = self.pair_end(key, value);
                self.insert_lines(end, emit::mapping(&pair, column, false, &self.layout))
            }
            // Before all other keys, unless a comment above belongs to the first key.
            None if self.comment_above(source.span(first).start) || first_column != column => {
                let (key, value) = pairs[pairs.len() - 1];
                let end = self.pair_end(key, value);
                self.insert_lines(end, emit::mapping(&pair, column, false, &self.layout))
            }
            None => {
                let at = source.span(first).start;
                let text =
                    format!("{}{}", emit::mapping(&pair, column, true, &self.layout), " ".repeat(column));
                Ok(vec![Edit { span: Span::new(at, at), text }])
            }
        }
    }

    /// The offset of the end of a pair.
    pub(super) fn pair_end(&self, key: NodeId, value: NodeId) -> usize {
        self.content_end(value).max(self.source.after_colon(key).unwrap_or_default())
    }

    /// The offset of the end of a value. An empty value ends after its colon or dash.
    pub(super) fn content_end(&self, value: NodeId) -> usize {
        let source = &self.source;
        let end = source.span(value).end;
        if source.is_flow(value) {
            return end;
        }
        // A block collection ends with its last member. The parser's end is the start of the next node if that member
        // is empty.
        match &source.tree.node(value).content {
            Content::Mapping { pairs, .. } => {
                pairs.last().map_or(end, |&(key, value)| self.pair_end(key, value))
            }
            Content::Sequence { items, .. } => items.last().map_or(end, |&last| self.content_end(last)),
            _ => end,
        }
    }

    /// Inserts complete lines after the line that contains this offset.
    pub(super) fn insert_lines(&self, end: usize, lines: String) -> Edits {
        let at = self.source.line_end(end);
        let ends = at == 0 || self.source.text[..at].ends_with(LINE_ENDS);
        if ends {
            return Ok(vec![Edit { span: Span::new(at, at), text: lines }]);
        }
        let text = format!("{}{}", self.layout.newline, lines.trim_end_matches(['\r', '\n']));
        let mut edits = vec![Edit { span: Span::new(at, at), text }];
        edits.extend(self.close_block());
        Ok(edits)
    }

    /// If a block scalar without a final line end is the last text, changes its header so that the line end added after it is
    /// not part of it.
    fn close_block(&self) -> Option<Edit> {
        let text = self.source.text;
        let block = self.source.tree.nodes.iter().find(|node| is_open_block(text, node))?;
        let header = text[..block.span.start].trim_end();
        let line = self.source.line_start(header.len());
        let (at, hints) = header[line..].rmatch_indices(['|', '>']).find_map(|(at, _)| {
            let hints = header[line + at + 1..].split_ascii_whitespace().next().unwrap_or_default();
            let hints = hints.split('#').next().unwrap_or_default();
            hints.bytes().all(|b| b"+-".contains(&b) || b.is_ascii_digit()).then_some((line + at + 1, hints))
        })?;
        let digits = hints.trim_matches(['+', '-']);
        Some(Edit { span: Span::new(at, at + hints.len()), text: format!("{digits}-") })
    }

    /// The text between a comma and the next key in a flow mapping.
    pub(super) fn gap(&self, first: NodeId, pairs: &[(NodeId, NodeId)]) -> String {
        let start = self.source.span(first).start;
        if self.source.starts_line(start)
            || self.source.text[self.source.line_start(start)..start].trim().is_empty()
        {
            let indent = &self.source.text[self.source.line_start(start)..start];
            return format!("{}{indent}", self.layout.newline);
        }
        match pairs {
            [_, (second, _), ..] => {
                let at = self.source.span(*second).start;
                let before = &self.source.text[..at];
                if before.ends_with(',') { String::new() } else { " ".to_owned() }
            }
            _ if self.layout.json && !self.source.text.contains("\": ") => String::new(),
            _ => " ".to_owned(),
        }
    }

    pub(super) fn flow_pair(&self, mapping: NodeId, name: &str, value: &Value) -> String {
        let compact = self.is_compact(mapping);
        let quoted = self.layout.json
            || self.source.tree.pairs(mapping).is_some_and(|pairs| {
                pairs
                    .first()
                    .is_some_and(|&(key, _)| self.source.span(key).of(self.source.text).starts_with('"'))
            });
        let colon = if compact { ":" } else { ": " };
        format!("{}{colon}{}", emit::key(name, true, quoted), emit::flow(value, self.layout.json, compact))
    }

    pub(super) fn comment_above(&self, at: usize) -> bool {
        let start = self.source.line_start(at);
        let above = self.source.line_above(start);
        above.is_some_and(|above| self.source.text[above..start].trim_start().starts_with('#'))
    }
}
