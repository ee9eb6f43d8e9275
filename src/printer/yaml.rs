//! Renders YAML as `kubectl config view` prints it and kubectl writes it to kubeconfigs.
//!
//! The layout is that of go-yaml v2's emitter (`emitterc.go`, `encode.go`), which `sigs.k8s.io/yaml` uses: keys in
//! natural order, lists not indented below their key, text folded after column 80. `scalar` chooses the style of
//! strings, `order` sorts keys.
//!
//! kubectl fails for some characters (DEL, C1 controls, U+FFFE) and replaces NEL; kcx prints escapes that go-yaml reads
//! back exactly.

mod order;
mod scalar;

use serde_json::{Map, Number, Value};

use super::{float, json};
use crate::yaml11::{self, Plain};
use scalar::{ScalarStyle, is_break};

/// The column after which text is folded.
const WIDTH: usize = 80;
/// The indentation of a level relative to the level above.
const STEP: usize = 2;
/// The maximum length of a simple key in bytes; longer keys are written with `?`.
const SIMPLE_KEY: usize = 128;

/// Prints a value as YAML, with the keys of mappings in go-yaml's natural order.
///
/// ```
/// use serde_json::json;
/// let config = json!({"kind": "Config", "users": null, "clusters": [{"name": "yes", "port": 1}]});
/// assert_eq!(
///     kcx::printer::yaml::print(&config),
///     "clusters:\n- name: \"yes\"\n  port: 1\nkind: Config\nusers: null\n",
/// );
/// ```
#[must_use]
pub fn print(value: &Value) -> String {
    emitted(value, scalar::Escapes::Needed)
}

/// Like [`print()`], with characters that are not visible (see [`crate::printer::quote::visible`]) escaped in double
/// quotes. The value is the same.
///
/// ```
/// let value = serde_json::json!({"name": "a\u{9b}b\u{202e}c"});
/// assert_eq!(kcx::printer::yaml::visible(&value), "name: \"a\\x9Bb\\u202Ec\"\n");
/// ```
#[must_use]
pub fn visible(value: &Value) -> String {
    emitted(value, scalar::Escapes::Invisible)
}

fn emitted(value: &Value, escapes: scalar::Escapes) -> String {
    let mut emitter = Emitter { out: String::new(), column: 0, whitespace: true, indention: true, escapes };
    emitter.node(value, None, NodePosition::Item);
    emitter.line(0);
    emitter.out
}

/// Renders a number as go-yaml after reading it from JSON, where `1e18` is an integer and `1e20` is a float.
fn number(number: &Number) -> String {
    let text = json::number(number);
    match yaml11::plain(&text) {
        Plain::Float(float) => Number::from_f64(float).as_ref().map_or(text, float::yaml),
        Plain::Int(int) => int.to_string(),
        _ => text,
    }
}

/// The position of a node. A list is indented less as the value of a key.
#[derive(Clone, Copy, PartialEq)]
enum NodePosition {
    /// An item of a list, or the root.
    Item,
    /// The key or the value of a mapping.
    Mapping,
    /// A key on the same line as its value; it is not folded.
    SimpleKey,
}

struct Emitter {
    out: String,
    /// The number of characters since the last line break.
    column: usize,
    /// True if no blank is required before the next token.
    whitespace: bool,
    /// True if the line contains only indentation, `-` and `?`.
    indention: bool,
    /// The characters to escape.
    escapes: scalar::Escapes,
}

impl Emitter {
    /// Writes a node of a collection with this indentation; `None` for the root.
    fn node(&mut self, value: &Value, indent: Option<usize>, position: NodePosition) {
        match value {
            Value::Null => self.indicator("null", true),
            Value::Bool(value) => self.indicator(if *value { "true" } else { "false" }, true),
            Value::Number(value) => self.indicator(&number(value), true),
            Value::String(text) => self.scalar(text, indent, position),
            Value::Array(items) if items.is_empty() => self.indicator("[]", true),
            Value::Object(map) if map.is_empty() => self.indicator("{}", true),
            Value::Array(items) => self.list(items, indent, position),
            Value::Object(map) => self.mapping(map, indent),
        }
    }

    fn list(&mut self, items: &[Value], indent: Option<usize>, position: NodePosition) {
        let level_with_key = position == NodePosition::Mapping && !self.indention;
        let own = match indent {
            None => 0,
            Some(indent) if level_with_key => indent,
            Some(indent) => indent + STEP,
        };
        for item in items {
            self.line(own);
            self.mark("-");
            self.node(item, Some(own), NodePosition::Item);
        }
    }

    fn mapping(&mut self, map: &Map<String, Value>, indent: Option<usize>) {
        let own = indent.map_or(0, |indent| indent + STEP);
        for (key, value) in order::natural(map) {
            self.line(own);
            if key.len() <= SIMPLE_KEY && !key.chars().any(is_break) {
                self.scalar(key, Some(own), NodePosition::SimpleKey);
                self.indicator(":", false);
            } else {
                self.mark("?");
                self.scalar(key, Some(own), NodePosition::Mapping);
                self.line(own);
                self.mark(":");
            }
            self.node(value, Some(own), NodePosition::Mapping);
        }
    }

    fn scalar(&mut self, text: &str, indent: Option<usize>, position: NodePosition) {
        let indent = indent.unwrap_or(0) + STEP;
        let fold = position != NodePosition::SimpleKey;
        // Most of a kubeconfig is certificates and keys.
        if scalar::is_word(text) {
            self.blank();
            self.out.push_str(text);
            self.column += text.len();
            self.whitespace = false;
            self.indention = false;
            return;
        }
        match scalar::style(text, self.escapes) {
            ScalarStyle::Plain => {
                self.blank();
                self.folded(text, indent, fold, false);
            }
            ScalarStyle::Single => {
                self.indicator("'", true);
                self.folded(text, indent, fold, true);
                self.indicator("'", false);
            }
            ScalarStyle::Double => {
                self.indicator("\"", true);
                self.escaped(text, indent, fold);
                self.indicator("\"", false);
            }
            ScalarStyle::Literal => {
                self.indicator("|", true);
                self.indicator(scalar::literal_indicators(text), false);
                self.literal(text, indent);
                return;
            }
        }
        self.whitespace = false;
        self.indention = false;
    }

    /// Writes plain or single-quoted text.
    fn folded(&mut self, text: &str, indent: usize, fold: bool, quoted: bool) {
        let mut after_blank = false;
        let mut after_break = false;
        for (at, c) in text.char_indices() {
            if c == ' ' {
                let inside = at > 0 && at + 1 < text.len();
                let single = !after_blank && !text[at + 1..].starts_with(' ');
                if fold && single && inside && self.column > WIDTH {
                    self.line(indent);
                } else {
                    self.put(c);
                }
                after_blank = true;
            } else if is_break(c) {
                self.line_break(c);
                self.indention = true;
                after_break = true;
            } else {
                if after_break {
                    self.line(indent);
                }
                if c == '\'' && quoted {
                    self.put(c);
                }
                self.put(c);
                self.indention = false;
                after_blank = false;
                after_break = false;
            }
        }
    }

    fn escaped(&mut self, text: &str, indent: usize, fold: bool) {
        let mut after_blank = false;
        for (at, c) in text.char_indices() {
            let inside = at > 0 && at + 1 < text.len();
            if let Some(escape) = scalar::escape(text, c, self.escapes) {
                escape.chars().for_each(|c| self.put(c));
                after_blank = false;
            } else if c == ' ' && fold && !after_blank && self.column > WIDTH && inside {
                self.line(indent);
                if text[at + 1..].starts_with(' ') {
                    self.put('\\');
                }
                after_blank = true;
            } else {
                self.put(c);
                after_blank = c == ' ';
            }
        }
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.line_break('\n');
        self.indention = true;
        self.whitespace = true;
        let mut after_break = true;
        for c in text.chars() {
            if is_break(c) {
                self.line_break(c);
            } else {
                if after_break {
                    self.line(indent);
                }
                self.put(c);
            }
            after_break = is_break(c);
            self.indention = after_break;
        }
    }

    /// Goes to column `indent` of this line if it is still free, else of the next.
    fn line(&mut self, indent: usize) {
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.line_break('\n');
        }
        while self.column < indent {
            self.put(' ');
        }
        self.whitespace = true;
        self.indention = true;
    }

    /// Writes `-`, `?` or `:` such that a collection may begin on the same line.
    fn mark(&mut self, mark: &str) {
        let indention = self.indention;
        self.indicator(mark, true);
        self.indention = indention;
    }

    fn indicator(&mut self, text: &str, apart: bool) {
        if apart {
            self.blank();
        }
        text.chars().for_each(|c| self.put(c));
        self.whitespace = false;
        self.indention = false;
    }

    fn blank(&mut self) {
        if !self.whitespace {
            self.put(' ');
        }
    }

    fn put(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }

    fn line_break(&mut self, c: char) {
        self.out.push(c);
        self.column = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(cases: &[(Value, &str)]) {
        for (value, want) in cases {
            assert_eq!(print(value), *want, "{value}");
        }
    }

    #[test]
    fn collections_are_printed_as_by_go_yaml() {
        check(&[
            (json!(null), "null\n"),
            (json!([]), "[]\n"),
            (json!({"b": {}, "a": []}), "a: []\nb: {}\n"),
            (json!({"c": [[1, [2]], {"d": [{"e": null}]}]}), "c:\n- - 1\n  - - 2\n- d:\n  - e: null\n"),
            (json!({"g": {"h": {"i": ""}}}), "g:\n  h:\n    i: \"\"\n"),
            (json!({"yes": 2, "": 3, "a: b": 4, "<<": 7}), "\"\": 3\n<<: 7\n'a: b': 4\n\"yes\": 2\n"),
        ]);
    }

    #[test]
    fn numbers_are_printed_as_by_go_yaml() {
        check(&[
            (json!([1.0, 1e18, 1e19]), "- 1\n- 1000000000000000000\n- 10000000000000000000\n"),
            (json!([2.5, 123_456_789.5, -0.0]), "- 2.5\n- 1.234567895e+08\n- 0\n"),
            (json!([1e20, 1e-7]), "- 1e+20\n- 1e-07\n"),
            (json!([u64::MAX, i64::MIN]), "- 18446744073709551615\n- -9223372036854775808\n"),
        ]);
    }

    #[test]
    fn text_folds_after_column_80() {
        let (x, y) = ("x".repeat(40), "y".repeat(40));
        check(&[
            (json!({"k": format!("{x} {y} one two  three")}), &format!("k: {x} {y}\n  one two  three\n")),
            (json!({"k": format!("'{x} {y} it's  two ")}), &format!("k: '''{x} {y}\n  it''s  two '\n")),
            (json!({"k": format!("\t{x} {y} a  b ")}), &format!("k: \"\\t{x} {y}\n  a  b \"\n")),
            (json!({"k": format!("\t{x} {y}  b c")}), &format!("k: \"\\t{x} {y}\n  \\ b c\"\n")),
            (json!({"k": format!("{x} {y}  b c")}), &format!("k: {x} {y}  b\n  c\n")),
            (json!({"k": format!("{x}{x}{y} {y}")}), &format!("k: {x}{x}{y}\n  {y}\n")),
            (json!({(format!("{x} {y} a b")): 1}), &format!("{x} {y} a b: 1\n")),
        ]);
    }

    #[test]
    fn texts_of_several_lines_are_literal_blocks() {
        check(&[
            (json!({"k": "one\ntwo\n"}), "k: |\n  one\n  two\n"),
            (json!({"k": "one\n\n", "l": 1}), "k: |+\n  one\n\nl: 1\n"),
            (json!({"k": "  one\n\ntwo"}), "k: |2-\n    one\n\n  two\n"),
            (json!({"k": "\n"}), "k: |2+\n\n"),
            (json!(["one\ntwo"]), "- |-\n  one\n  two\n"),
            (json!({"k": "a\u{2029}\n b"}), "k: |-\n  a\u{2029}\n   b\n"),
            (json!({"k": "a\u{2028}b c"}), "k: 'a\u{2028}  b c'\n"),
            (json!({"k": "a \nb\tc"}), "k: \"a \\nb\\tc\"\n"),
        ]);
    }

    #[test]
    fn long_keys_and_keys_of_several_lines_have_a_question_mark() {
        let (fits, too_long) = ("y".repeat(128), "x".repeat(129));
        check(&[
            (json!({"a\nb": 1}), "? |-\n  a\n  b\n: 1\n"),
            (json!({"a\u{2028}b": {"c": "d"}}), "? 'a\u{2028}  b'\n: c: d\n"),
            (json!({(fits.clone()): [1]}), &format!("{fits}:\n- 1\n")),
            (json!({(too_long.clone()): [1]}), &format!("? {too_long}\n: - 1\n")),
        ]);
    }

    #[test]
    fn every_character_has_an_escape() {
        check(&[
            (json!("\0\x07\x08\t\x0b\x0c\r\x1b\x1f"), "\"\\0\\a\\b\\t\\v\\f\\r\\e\\x1F\"\n"),
            (json!("a\u{feff}😀\t\"\\\u{2028}"), "\"a\\uFEFF\\U0001F600\\t\\\"\\\\\\L\"\n"),
            // go-yaml escapes all characters after an initial byte order mark.
            (json!("\u{feff}ab c"), "\"\\uFEFF\\x61\\x62\\x20\\x63\"\n"),
            // kubectl fails for all of these except NEL, which it replaces by a blank.
            (json!("\u{7f}\u{80}\u{85}\u{fffe}"), "\"\\x7F\\x80\\N\\uFFFE\"\n"),
        ]);
    }
}
