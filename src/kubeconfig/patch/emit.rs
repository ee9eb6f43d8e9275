//! New YAML and JSON text, in the style of the file it goes into.

use super::super::resolve;
use super::super::span::Style;
use serde_json::{Map, Value};
use std::fmt::Write;

/// How a file is laid out.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// The line end: `\n`, `\r\n` or, where there is no other, `\r`.
    pub(super) newline: &'static str,
    /// Blanks by which a mapping is indented under its key.
    pub(super) step: usize,
    /// Blanks by which a list is indented under its key; kubectl's own files have none.
    pub(super) dash: usize,
    /// Every string and key in double quotes.
    pub(super) json: bool,
}

/// A scalar as it may stand in a block or flow collection.
pub(super) fn scalar(value: &Value, like: Style, flow: bool, json: bool) -> String {
    match value {
        Value::String(text) => string(text, like, flow, json),
        Value::Null => "null".to_owned(),
        Value::Array(_) => "[]".to_owned(),
        Value::Object(_) => "{}".to_owned(),
        other => other.to_string(),
    }
}

fn string(text: &str, like: Style, flow: bool, json: bool) -> String {
    if json || like == Style::Double {
        return double(text);
    }
    if like == Style::Single && printable(text) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    if plain(text, flow) { text.to_owned() } else { double(text) }
}

/// A mapping's key.
pub(super) fn key(text: &str, flow: bool, json: bool) -> String {
    string(text, Style::Plain, flow, json)
}

/// True for text that every YAML reader there is takes for this very string without quotes.
fn plain(text: &str, flow: bool) -> bool {
    let starts = |c: char| c.is_alphanumeric() || "/._~".contains(c);
    let goes_on = |c: char| c.is_alphanumeric() || "/._~-+:@=%".contains(c) || (!flow && ",;()".contains(c));
    text.starts_with(starts)
        && text.chars().all(goes_on)
        && !text.ends_with(':')
        && !(flow && text.contains("::"))
        && resolve::is_string(text)
        && !text.starts_with("...")
        && (!text.starts_with(|c: char| c.is_ascii_digit())
            || !text.contains(':')
            || text.contains(|c: char| c.is_alphabetic()))
}

fn printable(text: &str) -> bool {
    text.chars().all(|c| {
        c == ' '
            || (!c.is_control() && !c.is_whitespace() && !matches!(c, '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}'))
    })
}

/// Double quotes as both YAML and JSON read them; go-yaml knows no `\/` and no surrogate pairs.
fn double(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control()
                || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}') =>
            {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A whole value on one line.
pub(super) fn flow(value: &Value, json: bool, tight: bool) -> String {
    let (comma, colon) = if tight { (",", ":") } else { (", ", ": ") };
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| flow(item, json, tight)).collect();
            format!("[{}]", items.join(comma))
        }
        Value::Object(map) => {
            let pair = |(name, value): (&String, &Value)| {
                format!("{}{colon}{}", key(name, true, json), flow(value, json, tight))
            };
            format!("{{{}}}", map.iter().map(pair).collect::<Vec<_>>().join(comma))
        }
        other => scalar(other, Style::Plain, true, json),
    }
}

/// The lines of a mapping whose keys stand in this column. Each line ends with the line end; the first has no indent
/// where `continued`, because something stands in front of it.
pub(super) fn mapping(map: &Map<String, Value>, column: usize, continued: bool, layout: &Layout) -> String {
    let mut out = String::new();
    for (index, (name, value)) in map.iter().enumerate() {
        if index > 0 || !continued {
            out.push_str(&" ".repeat(column));
        }
        out.push_str(&key(name, false, layout.json));
        out.push(':');
        out.push_str(&after_colon(value, column, layout));
    }
    out
}

/// What follows the colon of a key in this column, up to and with the line end.
pub(super) fn after_colon(value: &Value, column: usize, layout: &Layout) -> String {
    match value {
        Value::Object(map) if !map.is_empty() => {
            format!("{}{}", layout.newline, mapping(map, column + layout.step, false, layout))
        }
        Value::Array(items) if !items.is_empty() => {
            let lines: String = items.iter().map(|one| item(one, column + layout.dash, 2, layout)).collect();
            format!("{}{lines}", layout.newline)
        }
        other => format!(" {}{}", scalar(other, Style::Plain, false, layout.json), layout.newline),
    }
}

/// The lines of a list's item whose dash stands in this column, its content `inner` columns behind.
pub(super) fn item(value: &Value, column: usize, inner: usize, layout: &Layout) -> String {
    let dash = format!("{}-{}", " ".repeat(column), " ".repeat(inner - 1));
    match value {
        Value::Object(map) if !map.is_empty() => {
            format!("{dash}{}", mapping(map, column + inner, true, layout))
        }
        Value::Array(items) if !items.is_empty() => {
            format!("{dash}{}{}", flow(value, layout.json, false), layout.newline)
        }
        other => format!("{dash}{}{}", scalar(other, Style::Plain, false, layout.json), layout.newline),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kubectl_would_not_read_as_a_string_is_quoted() {
        for text in [
            "",
            "y",
            "No",
            "123",
            "1e3",
            "0o17",
            "~",
            "null",
            "a: b",
            "a #b",
            " a",
            "a ",
            "- a",
            "#a",
            "*a",
            "&a",
            "a:",
            "@a",
            "x\ny",
            "\u{1b}[31m",
            "1:30",
            "?",
            "{",
            "%a",
            "a b",
        ] {
            let out = scalar(&Value::from(text), Style::Plain, false, false);
            assert!(out.starts_with('"') && out.ends_with('"'), "{text:?} became {out}");
        }
        for text in [
            "prod",
            "arn:aws:eks:eu-west-1:1:cluster/prod",
            "https://10.0.0.1:6443",
            "é",
            "kube:admin/api-x:6443",
            "a=b",
            "Q0E=",
            "admin@k8s",
        ] {
            assert_eq!(scalar(&Value::from(text), Style::Plain, false, false), text);
        }
    }

    #[test]
    fn a_quoted_neighbour_keeps_its_quotes() {
        assert_eq!(scalar(&Value::from("it's"), Style::Single, false, false), "'it''s'");
        assert_eq!(scalar(&Value::from("a\tb"), Style::Single, false, false), "\"a\\tb\"");
        assert_eq!(scalar(&Value::from("dev"), Style::Double, false, false), "\"dev\"");
    }
}
