//! Applies edits to the text of a document in place, for texts in the scanner's narrow style.
//!
//! The replaced bytes are kept, so that the edits can be undone and offsets in the new text can be mapped to the old
//! text. An entry outside of all edits that the scanner finds again at its mapped offset has the same content. If
//! verification fails, the edits are undone, and the caller applies them to a copy of the text instead.

use super::super::document::Document;
use super::super::lazy::Lazy;
use super::super::name_index::FEW;
use super::super::schema::Kind;
use super::super::span::Span;
use super::locate::{self, Plan};
use super::verify::{self, Touched};
use super::{Edit, Op};

/// Reverts a patch.
#[derive(Clone, Debug)]
pub struct Undo(Saved);

#[derive(Clone, Debug)]
enum Saved {
    /// The previous document.
    Whole(Box<Document>),
    /// The changed ranges with their previous bytes, and the previous result of the scanner.
    Ranges(ChangedRanges, Option<Lazy>),
}

/// The previous content of the places that a patch has changed.
#[derive(Clone, Debug)]
pub enum Replaced<'u> {
    /// The whole document was replaced; this is the previous one.
    Whole(&'u Document),
    /// Parts were replaced: their spans in the patched text, in order, and their previous bytes.
    Parts(Vec<(Span, &'u str)>),
}

impl Undo {
    pub(super) fn whole(document: Document) -> Undo {
        Undo(Saved::Whole(Box::new(document)))
    }

    pub(super) fn nothing() -> Undo {
        Undo(Saved::Ranges(ChangedRanges::default(), None))
    }

    /// True if nothing was changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            Saved::Whole(_) => false,
            Saved::Ranges(ranges, _) => ranges.0.is_empty(),
        }
    }

    /// The previous content of the places that the patch has changed.
    #[must_use]
    pub fn replaced(&self) -> Replaced<'_> {
        match &self.0 {
            Saved::Whole(document) => Replaced::Whole(document),
            Saved::Ranges(ranges, _) => {
                Replaced::Parts(ranges.0.iter().map(|range| (range.new, range.old.as_str())).collect())
            }
        }
    }

    /// Restores the document to its state before the patch.
    ///
    /// # Panics
    /// May panic if it is not the document that was patched.
    pub fn undo(self, document: &mut Document) {
        match self.0 {
            Saved::Whole(before) => *document = *before,
            Saved::Ranges(ranges, lazy) => {
                ranges.take_back(document);
                if let (Some(now), Some(lazy)) = (document.lazy(), lazy) {
                    *now = lazy;
                }
            }
        }
    }
}

/// Applies the operations and verifies the result. `None` if that is not possible in place; the document is then
/// unchanged.
pub(super) fn apply(document: &mut Document, ops: &[Op]) -> Option<Undo> {
    document.lazy()?;
    let old = Touched::by(ops, document);
    let mut expected = verify::content_of(document, &old).ok()?;
    expected.apply(ops)?;
    let mut ranges = ChangedRanges::default();
    let mut before = None;
    for ops in locate::groups(ops) {
        if apply_group(document, &ops, &mut ranges, &mut before).is_none() {
            Undo(Saved::Ranges(ranges, before)).undo(document);
            return None;
        }
    }
    ranges.forget_unchanged(document.text());
    let new = Touched::by(ops, document);
    let as_expected = expected.is_of(document, &new).is_ok_and(|so| so);
    let unchanged = match (&before, document.lazy()) {
        (Some(before), Some(now)) => ranges.others_unchanged(before, &old, now, &new),
        _ => true,
    };
    let undo = Undo(Saved::Ranges(ranges, before));
    if as_expected && unchanged {
        return Some(undo);
    }
    undo.undo(document);
    None
}

/// Applies a group of operations and scans the text again; `None` if that fails.
fn apply_group(
    document: &mut Document,
    ops: &[&Op],
    ranges: &mut ChangedRanges,
    before: &mut Option<Lazy>,
) -> Option<()> {
    let Ok(Plan::Do(mut edits)) = locate::plan(document, ops) else { return None };
    if edits.is_empty() {
        return Some(());
    }
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    if edits.windows(2).any(|pair| pair[1].span.start < pair[0].span.end) {
        return None;
    }
    let open_end = !document.text().ends_with('\n');
    if edits.len() > FEW && ranges.0.is_empty() {
        ranges.splice_all(document, &edits);
    } else {
        // From the last edit to the first, so that the offsets of the remaining edits stay valid.
        for edit in edits.iter().rev() {
            ranges.splice(document, edit);
        }
    }
    // `rewrite` handles files without a final line end.
    if open_end && document.text().ends_with('\n') {
        return None;
    }
    let read = document.scan_again()?;
    before.get_or_insert(read);
    Some(())
}

/// The ranges in which a text differs from its previous version, in order and not adjacent.
#[derive(Clone, Debug, Default)]
struct ChangedRanges(Vec<ChangedRange>);

#[derive(Clone, Debug)]
struct ChangedRange {
    new: Span,
    /// The offset of the old bytes in the old text.
    old_start: usize,
    /// The old bytes.
    old: String,
}

impl ChangedRanges {
    /// Applies an edit and merges it into the ranges.
    fn splice(&mut self, document: &mut Document, edit: &Edit) {
        let Span { start, end } = edit.span;
        let first = self.0.partition_point(|range| range.new.end < start);
        let last = self.0.partition_point(|range| range.new.start <= end);
        let meets = &self.0[first..last];
        let low = meets.first().map_or(start, |range| range.new.start.min(start));
        let high = meets.last().map_or(end, |range| range.new.end.max(end));
        let (mut old, mut at) = (String::new(), low);
        for range in meets {
            old += &document.text()[at..range.new.start];
            old += &range.old;
            at = range.new.end;
        }
        old += &document.text()[at..high];
        let moved = |place: usize| place + edit.text.len() - (end - start);
        let range =
            ChangedRange { new: Span::new(low, moved(high)), old_start: self.old_offset(low, first), old };
        document.splice(edit.span, &edit.text);
        self.0.splice(first..last, [range]);
        for range in &mut self.0[first + 1..] {
            range.new = Span::new(moved(range.new.start), moved(range.new.end));
        }
    }

    /// Applies many sorted edits to a text without changes. The text is copied once, and not once for each edit.
    fn splice_all(&mut self, document: &mut Document, edits: &[Edit]) {
        let mut new_end = 0;
        let mut old_end = 0;
        for Edit { span, text } in edits {
            let new_start = new_end + (span.start - old_end);
            new_end = new_start + text.len();
            old_end = span.end;
            let old = span.of(document.text());
            match self.0.last_mut().filter(|last| last.new.end == new_start) {
                Some(last) => {
                    last.new = Span::new(last.new.start, new_end);
                    last.old += old;
                }
                None => {
                    let new = Span::new(new_start, new_end);
                    self.0.push(ChangedRange { new, old_start: span.start, old: old.to_owned() });
                }
            }
        }
        document.splice_all(edits.iter().map(|edit| (edit.span, edit.text.as_str())));
    }

    /// The old offset of a byte that follows this many ranges.
    fn old_offset(&self, now: usize, behind: usize) -> usize {
        match behind.checked_sub(1).map(|last| &self.0[last]) {
            Some(range) => range.old_start + range.old.len() + (now - range.new.end),
            None => now,
        }
    }

    /// The old span of unchanged bytes; `None` if any of them changed.
    fn old_span(&self, now: Span) -> Option<Span> {
        let behind = self.0.partition_point(|range| range.new.end <= now.start);
        let whole = self.0.get(behind).is_none_or(|next| now.end <= next.new.start);
        let start = self.old_offset(now.start, behind);
        whole.then(|| Span::new(start, start + now.len()))
    }

    /// True if all entries that no operation names have the same bytes and the scanner reads them the same way.
    fn others_unchanged(&self, before: &Lazy, old: &Touched, now: &Lazy, new: &Touched) -> bool {
        Kind::ALL.into_iter().all(|kind| {
            let (before, now) = (before.entries(kind), now.entries(kind));
            let was = old.others(kind, before.len()).map(|index| before[index]);
            let is = new.others(kind, now.len()).map(|index| now[index]);
            was.map(Some).eq(is.map(|mut entry| {
                let dash = entry.dash - entry.span.start;
                let name = entry.name.span.start - entry.span.start;
                entry.span = self.old_span(entry.span)?;
                entry.dash = entry.span.start + dash;
                let start = entry.span.start + name;
                entry.name.span = Span::new(start, start + entry.name.span.len());
                Some(entry)
            }))
        })
    }

    /// Removes ranges whose bytes equal the old ones, because a later edit reverted an earlier one.
    fn forget_unchanged(&mut self, text: &str) {
        self.0.retain(|range| range.new.of(text) != range.old);
    }

    fn take_back(self, document: &mut Document) {
        let edits = self.0.iter().map(|range| (range.new, range.old.as_str()));
        match self.0.len() > FEW {
            true => document.splice_all(edits),
            false => edits.rev().for_each(|(span, old)| document.splice(span, old)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::PathStep;
    use super::*;
    use serde_json::{Map, Value, json};

    const TEXT: &str = "apiVersion: v1
clusters:
- cluster:
    server: https://a
  name: a
- cluster:
    server: https://b
  name: b
contexts:
# the first
- context:
    cluster: a
    user: u
  name: a
- context:
    cluster: b
    user: u
  name: b
# the last
- context:
    cluster: b
    user: u
  name: c
current-context: a
kind: Config
";

    fn document(text: &str) -> Document {
        Document::parse(text.as_bytes().to_vec()).unwrap()
    }

    fn top(value: &str) -> Op {
        Op::SetTop { key: "current-context".to_owned(), value: value.into() }
    }

    fn context(name: &str, key: &str, value: &str) -> Op {
        let path = vec![PathStep::Key(key.to_owned())];
        Op::Set { kind: Kind::Context, name: name.to_owned(), path, value: value.into() }
    }

    fn ops() -> Vec<Vec<Op>> {
        let (kind, name) = (Kind::Context, "b".to_owned());
        let body = |value: Value| value.as_object().cloned().unwrap_or_else(Map::new);
        let key = || "current-context".to_owned();
        vec![
            vec![top("b")],
            vec![top("b"), context("b", "namespace", "n")],
            vec![context("b", "namespace", "n"), context("b", "namespace", "longer"), top("c")],
            vec![context("a", "cluster", "b"), context("c", "user", "v"), context("b", "user", "v")],
            vec![Op::Remove { kind, name: name.clone() }],
            vec![Op::Remove { kind, name: "c".to_owned() }, top("b")],
            vec![Op::Rename { kind, from: name.clone(), to: "longer".to_owned() }],
            vec![Op::Insert { kind, name: "d".to_owned(), body: body(json!({"cluster": "a"})) }],
            vec![Op::Insert { kind: Kind::User, name: "u".to_owned(), body: body(json!({"token": "t"})) }],
            vec![Op::UnsetTop { key: key() }, top("b")],
            vec![Op::UnsetTop { key: key() }],
        ]
    }

    #[test]
    fn edits_in_place_equal_those_of_a_copy_and_can_be_undone() {
        for ops in ops() {
            let mut document = document(TEXT);
            let rewritten = super::super::rewrite(&document, &ops).unwrap().expect("a change");
            let undo = apply(&mut document, &ops).unwrap_or_else(|| panic!("not in place: {ops:?}"));
            assert_eq!(document.text(), rewritten.text(), "{ops:?}");
            let read = Document::parse(document.render()).unwrap();
            assert_eq!(format!("{read:?}"), format!("{document:?}"));
            assert!(!undo.is_empty());
            undo.undo(&mut document);
            assert_eq!(format!("{document:?}"), format!("{:?}", self::document(TEXT)));
        }
    }

    #[test]
    fn an_edit_that_is_reverted_is_not_a_change() {
        let mut document = document(TEXT);
        assert!(apply(&mut document, &[top("b"), top("a")]).expect("in place").is_empty());
        assert!(apply(&mut document, &[top("a")]).expect("in place").is_empty());
        assert!(apply(&mut document, &[]).expect("in place").is_empty());
        assert_eq!(document.text(), TEXT);
    }

    #[test]
    fn a_result_that_the_scanner_does_not_read_is_undone() {
        let mut document = document(TEXT);
        for ops in [vec![top("b"), top("\u{e9}")], vec![top("b"), context("no", "user", "u")]] {
            assert!(apply(&mut document, &ops).is_none());
            assert_eq!(format!("{document:?}"), format!("{:?}", self::document(TEXT)));
        }
        let mut open = self::document(TEXT.trim_end());
        assert!(apply(&mut open, &[Op::UnsetTop { key: "kind".to_owned() }]).is_none());
        assert_eq!(open.text(), TEXT.trim_end());
    }

    #[test]
    fn ranges_map_new_offsets_to_old_ones() {
        let mut document = document("a: bcdefghi\n");
        let mut ranges = ChangedRanges::default();
        let mut splice = |start, end, text: &str| {
            ranges.splice(&mut document, &Edit { span: Span::new(start, end), text: text.to_owned() });
        };
        splice(4, 6, "XXXX");
        splice(9, 10, "");
        splice(7, 8, "YY");
        assert_eq!(document.text(), "a: bXXXYYeghi\n");
        assert_eq!(ranges.old_span(Span::new(0, 4)), Some(Span::new(0, 4)));
        assert_eq!(ranges.old_span(Span::new(3, 5)), None);
        assert_eq!(ranges.old_span(Span::new(9, 10)), Some(Span::new(6, 7)));
        assert_eq!(ranges.old_span(Span::new(9, 11)), None);
        assert_eq!(ranges.old_span(Span::new(10, 13)), Some(Span::new(8, 11)));
        ranges.take_back(&mut document);
        assert_eq!(document.text(), "a: bcdefghi\n");
    }
}
