//! Edits that remove a key, an entry, or the last content of a collection.

use super::super::schema::Kind;
use super::super::span::{Span, blank};
use super::super::tree::{Content, NodeId};
use super::locate::{Edits, Locator};
use super::{Edit, Reason, Refusal};

impl Locator<'_> {
    /// Removes a key with all its duplicates.
    pub(super) fn unset(&self, mapping: NodeId, name: &str) -> Edits {
        let source = &self.source;
        let mapping = self.unshared(mapping)?;
        let pairs = source.tree.pairs(mapping).unwrap_or_default();
        let mine: Vec<usize> = (0..pairs.len())
            .filter(|&index| source.tree.scalar(source.text, pairs[index].0) == Some(name))
            .collect();
        let Some(&first) = mine.first() else { return Ok(Vec::new()) };
        if let Some(&index) = mine.iter().find(|&&index| source.tree.is_aliased(pairs[index].1)) {
            return self.refuse(pairs[index].1, Reason::Anchor);
        }
        if mine.len() == pairs.len() {
            return self.empty(mapping, "{}");
        }
        if source.is_flow(mapping) {
            let spans: Vec<Span> = pairs
                .iter()
                .map(|&(key, value)| Span::new(source.span(key).start, self.pair_end(key, value)))
                .collect();
            return if mine.len() == 1 {
                Ok(vec![cut(&spans, first, first)])
            } else {
                self.refuse(mapping, Reason::Layout)
            };
        }
        mine.iter().map(|&index| self.cut_lines(pairs, index)).collect()
    }

    pub(super) fn cut_lines(&self, pairs: &[(NodeId, NodeId)], index: usize) -> Result<Edit, Refusal> {
        let source = &self.source;
        let (key, value) = pairs[index];
        let start = source.span(key).start;
        let end = self.pair_end(key, value);
        if source.starts_line(start) {
            return Ok(Edit {
                span: Span::new(source.line_start(start), source.line_end(end)),
                text: String::new(),
            });
        }
        // `- key: value`: the next key moves to the place after the dash.
        let Some(&(next, _)) = pairs.get(index + 1) else { return self.refuse(key, Reason::Layout) };
        let next = source.span(next).start;
        match source.text.get(end..next).map(str::trim) {
            Some("") => Ok(Edit { span: Span::new(start, next), text: String::new() }),
            Some(_) => self.refuse(key, Reason::Comment),
            // `? key` without a value: the colon found belongs to another key.
            None => self.refuse(key, Reason::Layout),
        }
    }

    /// Replaces the content of a collection by `{}` or `[]`.
    pub(super) fn empty(&self, collection: NodeId, empty: &str) -> Edits {
        let source = &self.source;
        let span = source.span(collection);
        if source.is_flow(collection) {
            return Ok(vec![Edit { span, text: empty.to_owned() }]);
        }
        if Some(collection) == source.tree.root() {
            let end = source.line_end(self.content_end(collection));
            let start = source.line_start(span.start);
            // Without a root, the next document would be read in its place.
            let more = !source.text[end + blank(&source.text[end..])..].is_empty();
            let span = if more { Span::new(span.start, end) } else { Span::new(start, end) };
            let text = if more { format!("{empty}{}", self.layout.newline) } else { String::new() };
            return Ok(vec![Edit { span, text }]);
        }
        // Only blanks and comments may stand between the colon and the block.
        let Some(colon) = self.colon_before(collection) else {
            return self.refuse(collection, Reason::Layout);
        };
        let start = source.line_start(span.start);
        if start < colon {
            return self.refuse(collection, Reason::Layout);
        }
        let end = source.line_end(self.content_end(collection));
        let gone = Edit { span: Span::new(start, end), text: String::new() };
        let at = self.after_properties(colon);
        Ok(vec![Edit { span: Span::new(at, at), text: format!(" {empty}") }, gone])
    }

    /// The offset after the anchor and the tag that follow a colon.
    pub(super) fn after_properties(&self, colon: usize) -> usize {
        let mut at = colon;
        loop {
            let rest = &self.source.text[at..];
            let word = rest.trim_start_matches(' ');
            if !word.starts_with(['&', '!']) {
                return at;
            }
            at += rest.len() - word.len() + word.find(char::is_whitespace).unwrap_or(word.len());
        }
    }

    /// The offset after the colon of the key whose value this is.
    pub(super) fn colon_before(&self, value: NodeId) -> Option<usize> {
        let source = &self.source;
        source.tree.nodes.iter().find_map(|node| match &node.content {
            Content::Mapping { pairs, .. } => pairs
                .iter()
                .find(|&&(_, candidate)| candidate == value)
                .and_then(|&(key, _)| source.after_colon(key)),
            _ => None,
        })
    }

    /// Removes entries of a list with the comment lines directly above each.
    pub(super) fn remove(&self, kind: Kind, names: &[&str]) -> Edits {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let source = &self.source;
        let missing = || Refusal::nowhere(Reason::Missing);
        let (key, list) =
            source.root().and_then(|root| source.pair(root, kind.list())).ok_or_else(missing)?;
        if let Content::Alias(_) = source.tree.node(list).content {
            return self.refuse(list, Reason::Alias);
        }
        let mut gone = Vec::with_capacity(names.len());
        for name in names {
            self.item(kind, name)?;
            gone.push(self.place(kind, name).ok_or_else(missing)?);
        }
        gone.sort_unstable();
        let items = source.tree.items(list).unwrap_or_default();
        let all = gone.len() == items.len();
        // kcx could not insert into an empty list with a tag.
        if all && source.tree.node(list).tag.is_some() {
            return self.refuse(list, Reason::Tag);
        }
        if source.is_flow(list) {
            if all {
                return self.empty(list, "[]");
            }
            let spans: Vec<Span> = items.iter().map(|&item| source.span(item)).collect();
            let runs = gone.chunk_by(|one, next| one + 1 == *next);
            return Ok(runs.map(|run| cut(&spans, run[0], run[run.len() - 1])).collect());
        }
        let mut edits = Vec::with_capacity(gone.len() + 1);
        for &index in &gone {
            edits.push(Edit { span: self.lines(list, index)?, text: String::new() });
        }
        if all {
            let Some(colon) = source.after_colon(key) else { return self.refuse(key, Reason::Layout) };
            if edits[0].span.start < colon {
                return self.refuse(list, Reason::Layout);
            }
            let at = self.after_properties(colon);
            edits.push(Edit { span: Span::new(at, at), text: " []".to_owned() });
        }
        Ok(edits)
    }

    /// The lines of the item at an index of a block list, with the comment lines directly above it.
    pub(super) fn lines(&self, list: NodeId, index: usize) -> Result<Span, Refusal> {
        let source = &self.source;
        let item = source.tree.items(list).and_then(|items| items.get(index).copied());
        let item = item.ok_or_else(|| Refusal::nowhere(Reason::Missing))?;
        let dash = self.dash_of(list, index).filter(|&dash| source.starts_line(dash));
        let Some(dash) = dash else { return self.refuse(item, Reason::Layout) };
        let end = source.line_end(self.content_end(item).max(dash + 1));
        Ok(Span::new(self.with_comment(source.line_start(dash)), end))
    }

    /// The start of the comment block directly above a line, or the line itself if there is none.
    pub(super) fn with_comment(&self, line: usize) -> usize {
        let indent = self.source.text[line..].find(|c| c != ' ').unwrap_or(0);
        let mut start = line;
        while let Some(above) = self.source.line_above(start) {
            let text = &self.source.text[above..start];
            if text.trim_start().starts_with('#') && text.len() - text.trim_start().len() == indent {
                start = above;
            } else {
                break;
            }
        }
        start
    }
}

/// Removes the members of a flow collection from `first` to `last`, with a comma for each.
fn cut(spans: &[Span], first: usize, last: usize) -> Edit {
    let span = match (first.checked_sub(1), spans.get(last + 1)) {
        (Some(previous), _) => Span::new(spans[previous].end, spans[last].end),
        (None, Some(next)) => Span::new(spans[first].start, next.start),
        (None, None) => Span::new(spans[first].start, spans[last].end),
    };
    Edit { span, text: String::new() }
}
