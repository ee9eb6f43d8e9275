//! Findings as text: message, place, the line with a caret, and a hint. Secrets in the line are masked.

use super::super::World;
use super::super::error::Error;
use super::super::messages;
use super::Found;
use crate::kubeconfig::Position;
use crate::kubeconfig::lint::{Code, Fixability, Severity};
use crate::printer::wrap;
use annotate_snippets::{AnnotationKind, Element, Level, Origin, Renderer, Snippet};
use std::collections::HashMap;
use std::path::Path;

/// The number of findings per code and file that are shown completely; the others are counted.
const SHOWN: usize = 5;

/// Prints them.
///
/// # Errors
/// stdout is closed or full.
pub(super) fn print(found: &[Found<'_>], world: &mut World<'_>) -> Result<(), Error> {
    let renderer = if world.colors_stdout() { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(world.env.columns.unwrap_or(140));
    let mut text = String::new();
    let mut counts: HashMap<(&Path, Code), usize> = HashMap::new();
    for it in found {
        let count = counts.entry((it.group.path(&it.finding), it.finding.code)).or_default();
        *count += 1;
        if *count <= SHOWN {
            text += &one(it, &renderer, world.env.columns);
            text += "\n\n";
        }
    }
    let mut more: Vec<_> = counts.into_iter().filter(|(_, count)| *count > SHOWN).collect();
    more.sort_unstable();
    for ((path, code), count) in more {
        let file = messages::path(path);
        let (title, rest) = (code.rule().title, count - SHOWN);
        text += &format!("{code}: {rest} more like this in {file} ({title}); -o json lists all\n");
    }
    Ok(world.print(&text)?)
}

fn one(found: &Found<'_>, renderer: &Renderer, columns: Option<usize>) -> String {
    let Found { group, finding } = found;
    let rule = finding.code.rule();
    let level = match rule.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let file = messages::path(group.path(finding));
    let mut report = level
        .primary_title(finding.message.as_str())
        .id(finding.code.to_string())
        .elements(Vec::<Element<'_>>::new());
    let place = group.place(finding);
    match &place {
        Some(place) => {
            let byte =
                |chars: usize| place.excerpt.char_indices().nth(chars).map_or(place.excerpt.len(), |it| it.0);
            let span = byte(place.caret)..byte(place.caret + place.width);
            let line = Snippet::source(place.excerpt.as_str())
                .line_start(place.position.line)
                .annotation(AnnotationKind::Primary.span(span));
            // A long line is cut to its middle, and its columns differ from those of the file.
            let whole = place.caret + 1 == place.position.column;
            report = match whole {
                true => report.element(line.path(file)),
                false => {
                    let Position { line: at, column } = place.position;
                    report.element(Origin::path(file).line(at).char_column(column)).element(line)
                }
            };
        }
        None => report = report.element(Origin::path(file)),
    }
    let hint = finding.hint.as_deref().unwrap_or(rule.help);
    let hint = wrapped(hint, columns);
    report = report.element(Level::HELP.message(hint.as_str()));
    let is_file = group.precedence.is_some();
    match (is_file, finding.fixability()) {
        (true, Fixability::Safe) => report = report.element(Level::HELP.message("`kcx lint --fix` fixes it")),
        (true, Fixability::Unsafe) => {
            report = report.element(Level::HELP.message("`kcx lint --unsafe-fixes` may fix it"));
        }
        _ => {}
    }
    renderer.render(&[report])
}

/// A text with line breaks between words, for a terminal of this width.
fn wrapped(text: &str, columns: Option<usize>) -> String {
    /// What stands before the text: the margin, and `= help: `.
    const BEFORE: usize = 14;
    let Some(width) = columns.map(|columns| columns.saturating_sub(BEFORE).max(20)) else {
        return text.to_owned();
    };
    wrap::words(text, width).join("\n")
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn help_is_broken_between_words() {
        assert_eq!(wrapped("aaaa bbbb cccc dddd eeee ffff", Some(34)), "aaaa bbbb cccc dddd\neeee ffff");
        assert_eq!(wrapped("a b", Some(80)), "a b");
        assert_eq!(wrapped("a b", None), "a b");
    }
}
