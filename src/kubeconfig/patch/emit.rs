//! Renders values as YAML or JSON text in the layout of the file that they are inserted into.

use super::super::decode::Body;
use super::super::scan;
use super::super::schema::Kind;
use super::super::span::Style;
use crate::yaml11;
use serde_json::{Map, Value};
use std::fmt::Write;

/// The layout of a file.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// The line end: `\n`, `\r\n`, or `\r` if the file has no other.
    pub(super) newline: &'static str,
    /// The indentation of a mapping relative to its key.
    pub(super) step: usize,
    /// The indentation of a list relative to its key; 0 in files that kubectl writes.
    pub(super) dash: usize,
    /// True if all strings and keys are in double quotes.
    pub(super) json: bool,
}

/// Renders a scalar in the style of the one it replaces, if possible; `flow`: inside a flow collection.
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

/// Renders the key of a mapping.
pub(super) fn key(text: &str, flow: bool, json: bool) -> String {
    string(text, Style::Plain, flow, json)
}

/// True if every YAML reader reads this text without quotes as the same string.
fn plain(text: &str, flow: bool) -> bool {
    // Long texts are certificates; `is_base64` checks many bytes at a time.
    if text.starts_with(|c: char| c.is_ascii_alphanumeric()) && scan::is_base64(text) {
        return yaml11::is_string(text);
    }
    let starts = |c: char| c.is_alphanumeric() || "/._~".contains(c);
    let goes_on = |c: char| c.is_alphanumeric() || "/._~-+:@=%".contains(c) || (!flow && ",;()".contains(c));
    text.starts_with(starts)
        && text.chars().all(goes_on)
        && !text.ends_with(':')
        && !(flow && text.contains("::"))
        && yaml11::is_string(text)
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

/// Renders a text in double quotes that are valid in both YAML and JSON. go-yaml does not support `\/` and surrogate
/// pairs.
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

/// Renders a value in flow style on one line; `compact`: without blanks after commas and colons.
pub(super) fn flow(value: &Value, json: bool, compact: bool) -> String {
    let (comma, colon) = if compact { (",", ":") } else { (", ", ": ") };
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| flow(item, json, compact)).collect();
            format!("[{}]", items.join(comma))
        }
        Value::Object(map) => {
            let pair = |(name, value): (&String, &Value)| {
                format!("{}{colon}{}", key(name, true, json), flow(value, json, compact))
            };
            format!("{{{}}}", map.iter().map(pair).collect::<Vec<_>>().join(comma))
        }
        other => scalar(other, Style::Plain, true, json),
    }
}

/// Renders a mapping as lines with keys in this column. Every line ends with a line end. The first line has no
/// indentation if `continued`.
pub(super) fn mapping(map: &Map<String, Value>, column: usize, continued: bool, layout: &Layout) -> String {
    let mut lines = BlockWriter::new(layout);
    lines.mapping(map, column, continued);
    lines.text
}

/// Renders what follows the colon of a key in this column, including the line end.
pub(super) fn after_colon(value: &Value, column: usize, layout: &Layout) -> String {
    let mut lines = BlockWriter::new(layout);
    lines.after_colon(value, column);
    lines.text
}

/// Appends lines in block style to `text`. Every line ends with the layout's line end.
pub(super) struct BlockWriter<'l> {
    pub(super) text: String,
    layout: &'l Layout,
}

impl<'l> BlockWriter<'l> {
    pub(super) fn new(layout: &'l Layout) -> BlockWriter<'l> {
        BlockWriter { text: String::new(), layout }
    }

    /// Appends an item of a list with its dash in this column and its content `inner` columns after the dash.
    pub(super) fn item(&mut self, value: &Value, column: usize, inner: usize) {
        self.dash(column, inner);
        match value {
            Value::Object(map) if !map.is_empty() => self.mapping(map, column + inner, true),
            Value::Array(items) if !items.is_empty() => {
                self.text.push_str(&flow(value, self.layout.json, false));
                self.end();
            }
            other => self.scalar(other),
        }
    }

    /// Appends an entry of one of the three lists with its dash in this column.
    pub(super) fn entry(
        &mut self,
        entry: (Kind, &str, &Body),
        name_first: bool,
        column: usize,
        inner: usize,
    ) {
        let (kind, name, body) = entry;
        self.dash(column, inner);
        let column = column + inner;
        for (nth, is_name) in [name_first, !name_first].into_iter().enumerate() {
            self.key(if is_name { "name" } else { kind.word() }, if nth == 0 { 0 } else { column });
            match is_name {
                true => self.after_colon(&Value::from(name), column),
                false => self.within(body, column),
            }
        }
    }

    /// Appends the lines of an entry of another file unchanged if indentation and line ends match; otherwise returns
    /// false and appends nothing.
    pub(super) fn paste(&mut self, lines: &str, column: usize) -> bool {
        let dash = lines.len() - lines.trim_start_matches(' ').len();
        let returns = self.layout.newline == "\r\n";
        let ends = memchr::memchr_iter(b'\n', lines.as_bytes());
        let alike = |end: usize| lines[..end].ends_with('\r') == returns;
        if self.layout.json || self.layout.newline == "\r" || dash != column || !ends.into_iter().all(alike) {
            return false;
        }
        self.text.push_str(lines);
        if !lines.ends_with('\n') {
            self.end();
        }
        true
    }

    fn mapping(&mut self, map: &Map<String, Value>, column: usize, continued: bool) {
        for (index, (name, value)) in map.iter().enumerate() {
            self.key(name, if index == 0 && continued { 0 } else { column });
            self.after_colon(value, column);
        }
    }

    /// Appends a mapping as the value of a key in this column.
    fn within(&mut self, map: &Map<String, Value>, column: usize) {
        if map.is_empty() {
            self.text.push_str(" {}");
            return self.end();
        }
        self.end();
        self.mapping(map, column + self.layout.step, false);
    }

    fn after_colon(&mut self, value: &Value, column: usize) {
        match value {
            Value::Object(map) => self.within(map, column),
            Value::Array(items) if !items.is_empty() => {
                self.end();
                for item in items {
                    self.item(item, column + self.layout.dash, 2);
                }
            }
            other => {
                self.text.push(' ');
                self.scalar(other);
            }
        }
    }

    fn scalar(&mut self, value: &Value) {
        match value {
            // Long texts, such as certificates, are not copied twice.
            Value::String(text) if !self.layout.json && plain(text, false) => self.text.push_str(text),
            other => self.text.push_str(&scalar(other, Style::Plain, false, self.layout.json)),
        }
        self.end();
    }

    fn key(&mut self, name: &str, indent: usize) {
        self.blanks(indent);
        self.text.push_str(&key(name, false, self.layout.json));
        self.text.push(':');
    }

    fn dash(&mut self, column: usize, inner: usize) {
        self.blanks(column);
        self.text.push('-');
        self.blanks(inner - 1);
    }

    fn blanks(&mut self, count: usize) {
        self.text.extend(std::iter::repeat_n(' ', count));
    }

    fn end(&mut self) {
        self.text.push_str(self.layout.newline);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_are_not_strings_without_quotes_are_quoted() {
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
    fn the_quotes_of_the_replaced_scalar_are_kept() {
        assert_eq!(scalar(&Value::from("it's"), Style::Single, false, false), "'it''s'");
        assert_eq!(scalar(&Value::from("a\tb"), Style::Single, false, false), "\"a\\tb\"");
        assert_eq!(scalar(&Value::from("dev"), Style::Double, false, false), "\"dev\"");
    }
}
