//! How an outcome is written as a string literal: as the literal it replaces was.

use std::ops::Range;

/// What stays on one line, in characters.
const SHORT: usize = 90;

/// The literal for an outcome, and the part of the source that it replaces.
pub(super) fn written(source: &str, old: Range<usize>, value: &str, got: &str) -> (Range<usize>, String) {
    let text = &source[old.clone()];
    if text.contains('\n') || text.starts_with('r') {
        return (old, block(text, value, got));
    }
    let short = escaped(got);
    match alone(source, &old) {
        // As rustfmt breaks it.
        Some((whole, indent)) if short.len() > SHORT || got.matches('\n').count() > 4 => {
            let (block, indent) = (block(text, "\n", got), " ".repeat(indent));
            (whole, format!("\n{indent}    {block},\n{indent}"))
        }
        _ => (old, format!("\"{short}\"")),
    }
}

/// Several lines, each in one of the source.
fn block(old: &str, value: &str, got: &str) -> String {
    let is_odd = |c: char| c.is_control() && c != '\n' || ('\u{200b}'..='\u{200f}').contains(&c);
    if got.contains(is_odd)
        || got.contains(|c| ('\u{2028}'..='\u{202e}').contains(&c))
        || got.contains('\u{feff}')
    {
        // A raw string shows none of these, and may not have them.
        let lines: Vec<String> = got.split('\n').map(escaped).collect();
        return format!("\"\n{}\"", lines.join("\n"));
    }
    let is_plain = !got.contains(['"', '\\']);
    // `"\` opens a literal whose first line is the next; white space behind it would be skipped.
    if old.starts_with("\"\\\n")
        && is_plain
        && !got.starts_with(char::is_whitespace)
        && !value.starts_with('\n')
    {
        return format!("\"\\\n{got}\"");
    }
    if !old.starts_with('r') && is_plain {
        return format!("\"\n{got}\"");
    }
    let mut hashes = String::new();
    while got.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"\n{got}\"{hashes}")
}

/// The outcome with what a literal of one line cannot have.
fn escaped(got: &str) -> String {
    got.chars()
        .map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            '\n' | '\r' | '\t' => c.escape_debug().to_string(),
            // Marks that are not seen or that turn what follows.
            _ if c.is_control() || c == '\u{feff}' => c.escape_unicode().to_string(),
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' => c.escape_unicode().to_string(),
            _ => c.to_string(),
        })
        .collect()
}

/// What stands between the parentheses of a call, if that is the literal alone and on the same line, and how far the line is
/// indented.
fn alone(source: &str, literal: &Range<usize>) -> Option<(Range<usize>, usize)> {
    let is_alone = source[..literal.start].ends_with('(') && source[literal.end..].starts_with(')');
    let line = source[..literal.start].lines().next_back()?;
    is_alone.then(|| (literal.clone(), line.len() - line.trim_start().len()))
}
