//! Repairs of a text in which something occurs twice: an entry, a key of a mapping, or a whole list. They are edits of the
//! text, because kubectl refuses such a file, or does not read a part of it. Each is checked: the repaired text is parsed
//! again, and must have exactly the content that is meant.

use super::TextFix;
use crate::kubeconfig::document::{Document, Shape};
use crate::kubeconfig::parse;
use crate::kubeconfig::schema::{Kind, key};
use crate::kubeconfig::span::Span;
use crate::kubeconfig::tree::{Content, NodeId, Tree};
use serde_json::Value;
use std::collections::HashMap;

type Edit = (Span, String);

/// The removal of an entry that is the same as an earlier one of its name; `span` is the place of the entry. `None` if the
/// two differ, or if a comment would be lost.
pub(super) fn without_copy(document: &Document, kind: Kind, index: usize) -> Option<TextFix> {
    let Shape::Full { tree, file } = &document.shape else { return None };
    let text = document.text();
    let first = document.find(kind, document.name(kind, index)).filter(|first| *first != index)?;
    if document.item_value(kind, first).ok()? != document.item_value(kind, index).ok()? {
        return None;
    }
    let root = tree.root()?;
    let (_, list) = last_pair(text, tree, root, kind.list())?;
    let items = tree.items(list)?;
    let at = items.iter().position(|&item| item == file.list(kind)[index].node)?;
    let item = tree.node(items[at]).span;
    let span = match tree.node(list).content {
        Content::Sequence { flow: true, .. } => {
            Span::new(tree.node(*items.get(at.checked_sub(1)?)?).span.end, item.end)
        }
        _ => {
            let start = line_start(text, item.start);
            (text[start..item.start].trim() == "-").then_some(())?;
            Span::new(start, blank_line_end(text, item.end)?)
        }
    };
    if span.of(text).contains('#') {
        return None;
    }
    let mut want = tree.value(text, root).ok()?;
    want.get_mut(kind.list())?.as_array_mut()?.remove(at);
    let did = "removed it: the two are the same".to_owned();
    verified(text, vec![(span, String::new())], &want).map(|edits| TextFix { edits, is_safe: true, did })
}

/// The removal of a pair of a mapping whose key occurs again below, so that kubectl does not read it.
pub(super) fn without_pair(text: &str, tree: &Tree, mapping: NodeId, at: usize) -> Option<TextFix> {
    let pairs = tree.pairs(mapping)?;
    let (key, value) = *pairs.get(at)?;
    let name = tree.scalar(text, key)?;
    let kept = pairs[at + 1..].iter().rev().find(|(key, _)| tree.scalar(text, *key) == Some(name))?.1;
    let span = pair_lines(text, tree, mapping, at)?;
    let is_same = tree.value(text, value).ok()? == tree.value(text, kept).ok()?;
    let is_safe = is_same && !span.of(text).contains('#');
    let want = tree.value(text, tree.root()?).ok()?;
    let did = if is_same { "removed it: the two are the same" } else { "removed it" }.to_owned();
    let edits = verified(text, vec![(span, String::new())], &want)?;
    Some(TextFix { edits, is_safe, did })
}

/// For each top-level list that kubectl does not read, because it occurs again below: how its entries become part of the
/// list that kubectl reads. The keys are indexes of pairs. None if two lists have different entries of one name: contexts of
/// one part would then lead to clusters of the other.
pub(super) fn lists(text: &str, tree: &Tree) -> HashMap<usize, TextFix> {
    let mut fixes = HashMap::new();
    let Some((root, pairs)) = tree.root().and_then(|root| Some((root, tree.pairs(root)?))) else {
        return fixes;
    };
    let kind_of = |at: usize| tree.scalar(text, pairs[at].0).and_then(Kind::from_list);
    for at in 0..pairs.len() {
        let Some(kind) = kind_of(at) else { continue };
        let last = (0..pairs.len()).rev().find(|&other| kind_of(other) == Some(kind));
        let Some(last) = last.filter(|last| *last != at) else { continue };
        if let Some(fix) = joined(text, tree, root, at, last) {
            fixes.insert(at, fix);
        }
    }
    if is_contradictory(text, tree, pairs) { HashMap::new() } else { fixes }
}

/// True if two lists of a kind have entries of the same name that differ.
fn is_contradictory(text: &str, tree: &Tree, pairs: &[(NodeId, NodeId)]) -> bool {
    let mut seen: HashMap<(Kind, Value), (usize, Value)> = HashMap::new();
    for (at, &(key, list)) in pairs.iter().enumerate() {
        let Some(kind) = tree.scalar(text, key).and_then(Kind::from_list) else { continue };
        for &item in tree.items(list).unwrap_or_default() {
            let Ok(value) = tree.value(text, item) else { return true };
            let name = value.get(key::NAME).cloned().unwrap_or_default();
            let (list, other) = seen.entry((kind, name)).or_insert_with(|| (at, value.clone()));
            if *list != at && *other != value {
                return true;
            }
        }
    }
    false
}

/// The entries of the list at one pair, behind those of the list at the last one.
fn joined(text: &str, tree: &Tree, root: NodeId, at: usize, last: usize) -> Option<TextFix> {
    let pairs = tree.pairs(root)?;
    let ((key, list), (_, target)) = (pairs[at], pairs[last]);
    let name = tree.scalar(text, key)?;
    let [items, others] = [list, target].map(|list| tree.items(list).unwrap_or_default());
    let mut want = tree.value(text, root).ok()?;
    if items.is_empty() {
        let edits = vec![(pair_lines(text, tree, root, at)?, String::new())];
        let did = "removed it: it has no entries".to_owned();
        return verified(text, edits, &want).map(|edits| TextFix { edits, is_safe: true, did });
    }
    let values = || items.iter().map(|&item| tree.value(text, item).ok()).collect::<Option<Vec<Value>>>();
    let did = "its entries are in the list that kubectl reads now".to_owned();
    if others.is_empty() {
        want[name] = Value::Array(values()?);
        let edits = vec![(pair_lines(text, tree, root, last)?, String::new())];
        return verified(text, edits, &want).map(|edits| TextFix { edits, is_safe: false, did });
    }
    want.get_mut(name)?.as_array_mut()?.extend(values()?);
    let is_flow = |list| matches!(tree.node(list).content, Content::Sequence { flow: true, .. });
    let edits = match (is_flow(list), is_flow(target)) {
        (true, true) => {
            let inner = Span::new(tree.node(list).span.start + 1, tree.node(list).span.end - 1).of(text);
            let inner = inner.trim().trim_end_matches(',').trim_end();
            let end = tree.node(*others.last()?).span.end;
            let gone = pair_lines(text, tree, root, at)?;
            if gone.of(text).contains('#') {
                return None;
            }
            vec![(gone, String::new()), (Span::new(end, end), format!(", {inner}"))]
        }
        (false, false) => moved(text, tree, key, list, target)?,
        _ => return None,
    };
    verified(text, edits, &want).map(|edits| TextFix { edits, is_safe: false, did })
}

/// Moves the lines of a block list behind those of another one, in its indentation.
fn moved(text: &str, tree: &Tree, key: NodeId, list: NodeId, target: NodeId) -> Option<Vec<Edit>> {
    let (key, list, target) = (tree.node(key).span, tree.node(list).span, tree.node(target).span);
    let (start, lines) = (line_start(text, key.start), line_start(text, list.start));
    // A comment beside the key would be lost.
    (text.get(start..lines)?.trim() == format!("{}:", key.of(text))).then_some(())?;
    let end = line_end(text, list.end);
    let indent = |at: usize| at - line_start(text, at);
    let (from, to) = (indent(list.start), indent(target.start));
    let mut block = String::new();
    for line in text[lines..end].split_inclusive('\n') {
        if line.trim().is_empty() {
            block += line;
        } else if from <= to {
            block += &" ".repeat(to - from);
            block += line;
        } else {
            let cut = from - to;
            (line.len() - line.trim_start_matches(' ').len() >= cut).then_some(())?;
            block += &line[cut..];
        }
    }
    let at = line_end(text, target.end);
    if !text[..at].ends_with('\n') {
        block = format!("\n{}", block.trim_end_matches(['\n', '\r']));
    }
    Some(vec![(Span::new(start, end), String::new()), (Span::new(at, at), block)])
}

/// The complete lines of a pair of a block mapping; `None` if other content is in them.
fn pair_lines(text: &str, tree: &Tree, mapping: NodeId, at: usize) -> Option<Span> {
    let Content::Mapping { flow: false, pairs } = &tree.node(mapping).content else { return None };
    let (key, value) = *pairs.get(at)?;
    let (key, value) = (tree.node(key).span, tree.node(value).span);
    let start = line_start(text, key.start);
    text[start..key.start].trim().is_empty().then_some(())?;
    // The place of a missing value is behind the colon.
    let end = line_end(text, value.end.max(key.end));
    let next = pairs.get(at + 1).map(|(next, _)| line_start(text, tree.node(*next).span.start));
    next.is_none_or(|next| end <= next).then_some(Span::new(start, end))
}

/// The edits, if the edited text has this content.
fn verified(text: &str, mut edits: Vec<Edit>, want: &Value) -> Option<Vec<Edit>> {
    edits.sort_by_key(|(span, _)| span.start);
    let after = edited(text, &edits)?;
    let tree = parse::tree(&after).ok()?;
    (tree.value(&after, tree.root()?).ok()? == *want).then_some(edits)
}

/// The text with these edits, which are sorted; `None` if they overlap.
#[must_use]
pub fn edited(text: &str, edits: &[Edit]) -> Option<String> {
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for (span, new) in edits {
        out.push_str(text.get(done..span.start)?);
        out.push_str(new);
        done = span.end;
    }
    out.push_str(text.get(done..)?);
    Some(out)
}

fn last_pair(text: &str, tree: &Tree, mapping: NodeId, name: &str) -> Option<(NodeId, NodeId)> {
    tree.pairs(mapping)?.iter().rev().find(|(key, _)| tree.scalar(text, *key) == Some(name)).copied()
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

/// The end of the line in which something ends, or `at` if that is the start of a line.
fn line_end(text: &str, at: usize) -> usize {
    if at > 0 && text[..at].ends_with('\n') {
        return at;
    }
    text[at..].find('\n').map_or(text.len(), |end| at + end + 1)
}

/// [`line_end`], if nothing but blanks is before it.
fn blank_line_end(text: &str, at: usize) -> Option<usize> {
    let end = line_end(text, at);
    text[at..end].trim().is_empty().then_some(end)
}
