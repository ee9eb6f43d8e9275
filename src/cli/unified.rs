//! Changes of files as a unified diff with masked secrets.

use super::messages;
use crate::kubeconfig::{Document, Span};
use crate::store::Preview;
use crate::store::line_diff::{DiffOp, group_diff_ops, line_diff};
use std::borrow::Cow;
use std::ops::Range;

/// The length to which a line is cut, in characters.
const WIDTH: usize = 100;
/// The number of unchanged lines around a change.
const CONTEXT: usize = 3;

/// The diff of all files. The original lines are compared and shown masked, so a changed secret may appear as two equal
/// lines.
pub(super) fn print(previews: &[Preview]) -> String {
    previews.iter().map(print_file).collect()
}

fn print_file(preview: &Preview) -> String {
    let (old, new) = (Lines::of(&preview.before), Lines::of(&preview.after));
    // A file may have 600,000 lines, and those before the first change need not be compared again. Those behind the last
    // change must be: they decide which of several equal lines count as new.
    let equal = old.texts.iter().zip(&new.texts).take_while(|(one, other)| one == other).count();
    let head = equal.saturating_sub(CONTEXT);
    let groups = group_diff_ops(line_diff(&old.texts[head..], &new.texts[head..], None), CONTEXT);
    let ranges = |range: fn(&DiffOp) -> Range<usize>| -> Vec<Range<usize>> {
        let bounds = groups.iter().filter_map(|group| Some((range(group.first()?), range(group.last()?))));
        bounds.map(|(first, last)| head + first.start..head + last.end).collect()
    };
    let (old_ranges, new_ranges) = (ranges(DiffOp::old_range), ranges(DiffOp::new_range));
    let (old_shown, new_shown) = (old.masked(&old_ranges), new.masked(&new_ranges));
    let file = messages::path(&preview.path);
    let mut text = format!("--- {file}\n+++ {file}\n");
    let hunks = groups.iter().zip(old_ranges.iter().zip(old_shown)).zip(new_ranges.iter().zip(new_shown));
    for ((group, (old_range, old_shown)), (new_range, new_shown)) in hunks {
        text += &format!("@@ -{} +{} @@\n", shown_range(old_range), shown_range(new_range));
        let mut print = |sign: char, lines: Range<usize>, from: &Range<usize>, shown: &[String]| {
            for at in lines {
                let line = shown.get(head + at - from.start).map_or(Cow::default(), |line| cut(line));
                text += &format!("{sign}{line}\n");
            }
        };
        for op in group {
            if matches!(op, DiffOp::Equal { .. }) {
                print(' ', op.new_range(), new_range, &new_shown);
            } else {
                print('-', op.old_range(), old_range, &old_shown);
                print('+', op.new_range(), new_range, &new_shown);
            }
        }
    }
    text
}

/// A range of lines as in the head of a hunk.
fn shown_range(lines: &Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        count => format!("{},{count}", lines.start + 1),
    }
}

/// The lines of a document.
struct Lines<'d> {
    document: &'d Document,
    /// Without their ends, for comparison.
    texts: Vec<&'d [u8]>,
    /// The offsets at which they start.
    starts: Vec<usize>,
}

impl<'d> Lines<'d> {
    fn of(document: &'d Document) -> Lines<'d> {
        let (mut texts, mut starts, mut at) = (Vec::new(), Vec::new(), 0);
        for line in document.text().split_inclusive('\n') {
            starts.push(at);
            at += line.len();
            let text = line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line));
            texts.push(text.as_bytes());
        }
        Lines { document, texts, starts }
    }

    /// These ranges of lines, with masked secrets.
    fn masked(&self, ranges: &[Range<usize>]) -> Vec<Vec<String>> {
        let offset = |line: usize| self.starts.get(line).copied().unwrap_or(self.document.text().len());
        let parts: Vec<Span> =
            ranges.iter().map(|range| Span::new(offset(range.start), offset(range.end))).collect();
        self.document.masked_lines(&parts)
    }
}

fn cut(line: &str) -> Cow<'_, str> {
    match line.char_indices().nth(WIDTH) {
        Some((end, _)) => Cow::Owned(format!("{}…", &line[..end])),
        None => Cow::Borrowed(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_entry_is_shown_from_its_first_line_on() {
        let entry = |name: &str| format!("- name: {name}\n  user:\n    exec:\n      command: aws\n");
        let document = |names: &[&str]| {
            let text =
                format!("kind: Config\nusers:\n{}", names.iter().map(|name| entry(name)).collect::<String>());
            Document::parse(text.into_bytes()).unwrap()
        };
        let preview = |before: &[&str], after: &[&str]| {
            print(&[Preview {
                path: "f".into(),
                before: document(before),
                after: document(after),
                operations: Vec::new(),
            }])
        };
        let added = "+- name: c\n+  user:\n+    exec:\n+      command: aws\n";
        let around = "   user:\n     exec:\n       command: aws\n";
        let end = preview(&["a", "b"], &["a", "b", "c"]);
        assert_eq!(end, format!("--- f\n+++ f\n@@ -8,3 +8,7 @@\n{around}{added}"));
        let middle = preview(&["a", "b"], &["a", "c", "b"]);
        let rest = " - name: b\n   user:\n     exec:\n";
        assert_eq!(middle, format!("--- f\n+++ f\n@@ -4,6 +4,10 @@\n{around}{added}{rest}"));
    }
}
