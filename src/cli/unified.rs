//! Changes of files as a unified diff with masked secrets.

use super::messages;
use crate::store::Preview;
use similar::TextDiff;

/// The length to which a line is cut, in characters.
const WIDTH: usize = 100;
/// The number of unchanged lines around a change.
const CONTEXT: usize = 3;

/// The diff of all files. The original lines are compared and shown masked, so a changed secret may appear as two equal
/// lines.
pub(super) fn print(previews: &[Preview]) -> String {
    let mut text = String::new();
    for preview in previews {
        let (old, new): (Vec<&str>, Vec<&str>) =
            (preview.before.text().lines().collect(), preview.after.text().lines().collect());
        let shown = [&preview.before, &preview.after]
            .map(|document| document.masked_lines().into_iter().map(cut).collect::<Vec<String>>());
        let file = messages::path(&preview.path);
        text += &format!("--- {file}\n+++ {file}\n");
        let diff = TextDiff::from_slices(&old, &new);
        for group in diff.grouped_ops(CONTEXT) {
            let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
            let range = |from: std::ops::Range<usize>, to: std::ops::Range<usize>| match to.end - from.start {
                0 => format!("{},0", from.start),
                1 => format!("{}", from.start + 1),
                count => format!("{},{count}", from.start + 1),
            };
            let old = range(first.old_range(), last.old_range());
            let new = range(first.new_range(), last.new_range());
            text += &format!("@@ -{old} +{new} @@\n");
            for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
                let (sign, line) = match (change.old_index(), change.new_index()) {
                    (Some(_), Some(at)) => (' ', shown[1].get(at)),
                    (Some(at), None) => ('-', shown[0].get(at)),
                    (None, at) => ('+', at.and_then(|at| shown[1].get(at))),
                };
                text += &format!("{sign}{}\n", line.map_or("", String::as_str));
            }
        }
    }
    text
}

fn cut(line: String) -> String {
    match line.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
