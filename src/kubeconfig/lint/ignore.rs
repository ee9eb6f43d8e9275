//! Comments such as `# kcx-lint: ignore KCX012`, which suppress findings.
//!
//! A comment at the end of a line applies to that line. A comment on a line of its own applies to the next line with
//! content and, if an entry begins there, to the whole entry. `ignore-file` applies to the file.

use super::{Code, Finding};
use crate::kubeconfig::document::Document;
use crate::kubeconfig::merged::Merged;
use crate::kubeconfig::schema::Kind;
use crate::kubeconfig::span::Span;
use crate::kubeconfig::tree::{Content, NodeId, Tree};

/// The mark of such a comment, and an upper-case form, which is reported as having no effect.
const MARKS: [&str; 2] = ["kcx-lint", "KCX-LINT"];

/// A parsed comment.
pub(super) struct Comment<'t> {
    /// The span it applies to; `None` for the whole file or no effect.
    reach: Option<Span>,
    /// The codes as written.
    pub(super) codes: Vec<(Span, &'t str)>,
    /// The span of a comment that has no effect.
    pub(super) idle: Option<Span>,
}

/// Removes the findings that comments ignore.
pub(super) fn apply(merged: &Merged, found: &mut Vec<Finding>) {
    let files: Vec<Vec<Comment<'_>>> =
        merged.sources().iter().map(|source| source.document.as_ref().map_or(Vec::new(), comments)).collect();
    if files.iter().all(Vec::is_empty) {
        return;
    }
    found.retain(|finding| {
        let names = |comment: &Comment<'_>| {
            comment.codes.iter().any(|(_, code)| code.parse() == Ok::<Code, ()>(finding.code))
        };
        let reaches = |comment: &Comment<'_>| match (comment.reach, finding.span) {
            (None, _) => true,
            (Some(reach), Some(span)) => reach.start <= span.start && span.start < reach.end,
            (Some(_), None) => false,
        };
        !files[finding.source].iter().any(|comment| reaches(comment) && names(comment))
    });
}

/// The comments of a document that are meant for `kcx lint`.
pub(super) fn comments(document: &Document) -> Vec<Comment<'_>> {
    let text = document.text();
    let mut comments = Vec::new();
    let find = |mark| memchr::memmem::find_iter(text.as_bytes(), mark);
    let mut marks = MARKS.into_iter().flat_map(find).peekable();
    if marks.peek().is_none() {
        return comments;
    }
    let all = |kind| (0..document.len(kind)).map(move |index| (kind, index));
    let tree = document.tree(&Kind::ALL.into_iter().flat_map(all).collect::<Vec<_>>()).ok();
    let in_scalar = |at| {
        let tree = tree.as_deref();
        tree.is_some_and(|tree| tree.root().is_some_and(|root| is_scalar(tree, root, at)))
    };
    for at in marks.filter(|at| !in_scalar(*at)) {
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let Some(hash) =
            text[start..at].rfind('#').filter(|hash| text[start + hash + 1..at].trim().is_empty())
        else {
            continue;
        };
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end + 1);
        let behind = &text[at + MARKS[0].len()..end];
        let said = behind.strip_prefix(':').unwrap_or(behind);
        // The codes come first; the rest of the comment is an explanation.
        let mut words = said.split([' ', '\t', ',', '\r', '\n']).filter(|word| !word.is_empty());
        let verb = words.next().unwrap_or_default();
        let is_mark = text[at..].starts_with(MARKS[0]) && behind.starts_with(':');
        // The comment only mentions kcx-lint.
        if !is_mark && !verb.to_ascii_lowercase().starts_with("ignore") {
            continue;
        }
        let codes: Vec<_> =
            words.take_while(|word| is_code(word)).map(|word| (place(text, word), word)).collect();
        let understood = is_mark && ["ignore", "ignore-file"].contains(&verb) && !codes.is_empty();
        let reach = match text[start..start + hash].trim().is_empty() {
            _ if !understood || verb == "ignore-file" => None,
            true => Some(next(document, end)),
            false => Some(Span::new(start, end)),
        };
        let idle = (!understood).then(|| Span::new(at, at + text[at..end].trim_end().len()));
        comments.push(Comment { reach, codes: if understood { codes } else { Vec::new() }, idle });
    }
    comments
}

/// True for a code such as `KCX012`, or a text that is probably meant as one.
fn is_code(word: &str) -> bool {
    let number = word.get(..3).filter(|head| head.eq_ignore_ascii_case("kcx")).map_or(word, |_| &word[3..]);
    number.starts_with(|c: char| c.is_ascii_digit())
}

/// The span of a part of a text.
fn place(text: &str, part: &str) -> Span {
    let from = part.as_ptr() as usize - text.as_ptr() as usize;
    Span::new(from, from + part.len())
}

/// True if this offset is in a scalar.
fn is_scalar(tree: &Tree, id: NodeId, at: usize) -> bool {
    let node = tree.node(id);
    node.span.start <= at
        && at < node.span.end
        && match &node.content {
            Content::Scalar { .. } => true,
            Content::Sequence { items, .. } => items.iter().any(|item| is_scalar(tree, *item, at)),
            Content::Mapping { pairs, .. } => {
                pairs.iter().any(|(key, value)| is_scalar(tree, *key, at) || is_scalar(tree, *value, at))
            }
            Content::Alias(_) | Content::Folded => false,
        }
}

/// The span of the next line with content, extended to the end of an entry that begins in it.
fn next(document: &Document, from: usize) -> Span {
    let text = document.text();
    let mut start = from;
    for line in text[from..].split_inclusive('\n') {
        let content = line.trim();
        if !content.is_empty() && !content.starts_with('#') {
            let line = Span::new(start, start + line.len());
            let entries = Kind::ALL
                .into_iter()
                .flat_map(|kind| (0..document.len(kind)).map(move |index| document.span(kind, index)));
            let entry = entries.into_iter().find(|span| line.start <= span.start && span.start < line.end);
            return entry.map_or(line, |entry| Span::new(line.start, entry.end.max(line.end)));
        }
        start += line.len();
    }
    Span::new(text.len(), text.len())
}
