//! Finds the secrets in comments of a kubeconfig: fields that are commented out (`# token: abc`) and others.

use super::super::secret::{self, is_telling};
use super::super::span::Span;
use super::super::tree::{Content, Node, Tree};
use crate::yaml11::LINE_ENDS;
use serde_json::Value;

/// The secrets in the comments of these parts of a text. In the tree, their entries and other blocks are open.
pub(super) fn secrets(text: &str, tree: &Tree, parts: &[Span]) -> Vec<(Span, Value)> {
    let is_scalar = |node: &&Node| matches!(node.content, Content::Scalar { .. });
    let mut scalars: Vec<Span> = tree.nodes.iter().filter(is_scalar).map(|node| node.span).collect();
    scalars.sort_unstable();
    let mut found = Vec::new();
    for part in parts {
        in_part(text, *part, &scalars, &mut found);
    }
    found.retain(|(span, _)| !span.is_empty());
    found
}

/// Adds the secrets of one part; `scalars` are the spans of all scalars, sorted.
fn in_part(text: &str, part: Span, scalars: &[Span], found: &mut Vec<(Span, Value)>) {
    let (mut at, mut below) = (part.start, Below::Nothing);
    let is_comment = |at: usize| {
        let before = scalars.partition_point(|span| span.start <= at).checked_sub(1);
        before.is_none_or(|before| scalars[before].end <= at)
    };
    for line in part.of(text).split_inclusive(LINE_ENDS) {
        let start = at;
        at += line.len();
        // The second half of CRLF.
        if line == "\n" && text[..start].ends_with('\r') {
            continue;
        }
        let Some((mark, own)) = comments(line).find(|(mark, _)| is_comment(start + mark)) else {
            below = Below::Nothing;
            continue;
        };
        let said = line[mark + 1..].trim_end();
        let indent = said.len() - said.trim_start().len();
        let from = start + mark + 1;
        let whole = Span::new(from + indent, from + said.len());
        match below {
            Below::Key if own => {
                found.push((whole, Value::Null));
                below = if said.contains("-----END ") { Below::Nothing } else { Below::Key };
                continue;
            }
            Below::Field(field) if own && indent > field => {
                found.push((whole, Value::Null));
                continue;
            }
            _ => below = Below::Nothing,
        }
        let field = said.trim_start_matches(['#', ' ', '-']);
        if let Some((_, value)) = field.split_once(':').filter(|(key, _)| own && is_commented(key)) {
            match value.trim() {
                "" | "|" | ">" | "|-" | ">-" | "|+" | ">+" => below = Below::Field(indent),
                value => found.push((Span::new(whole.end - value.len(), whole.end), Value::Null)),
            }
            continue;
        }
        if said.contains("-----BEGIN ") && said.contains("KEY-----") && !said.contains("-----END ") {
            below = Below::Key;
        }
        let spans = secret::text::spans(said).into_iter();
        found.extend(spans.map(|span| (Span::new(from + span.start, from + span.end), Value::Null)));
    }
}

/// The block that the next comment lines may belong to.
#[derive(Clone, Copy)]
enum Below {
    Nothing,
    /// A private key.
    Key,
    /// A field with this indentation.
    Field(usize),
}

/// The possible starts of a comment in a line, and whether only blanks precede the comment.
fn comments(line: &str) -> impl Iterator<Item = (usize, bool)> {
    let begin = line.len() - line.trim_start().len();
    let begins = move |at: usize| at == begin || line[..at].ends_with([' ', '\t']);
    line.match_indices('#').map(|(at, _)| at).filter(move |at| begins(*at)).map(move |at| (at, at == begin))
}

/// True if this is the name of a field for secrets.
fn is_commented(key: &str) -> bool {
    let is_name = key.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    is_name && (is_telling(key) || key.ends_with("-data"))
}
