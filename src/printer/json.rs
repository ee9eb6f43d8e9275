//! Renders JSON as Go's `encoding/json`: for `kubectl config view -o json` and for objects in jsonpath output.
//!
//! This module renders numbers and strings; the caller chooses the keys and their order.

use std::fmt::Write as _;

use serde_json::{Number, Value};

use super::{float, golang, quote};

/// Prints a value with an indentation of four blanks and a final line break. Keys keep their order.
///
/// ```
/// let value = serde_json::json!({"kind": "Config", "clusters": [], "users": [{"name": "<a>"}]});
/// let text = r#"{
///     "kind": "Config",
///     "clusters": [],
///     "users": [
///         {
///             "name": "\u003ca\u003e"
///         }
///     ]
/// }
/// "#;
/// assert_eq!(kcx::printer::json::print(&value), text);
/// ```
#[must_use]
pub fn print(value: &Value) -> String {
    let mut out = String::new();
    indented(&mut out, value, 0);
    out.push('\n');
    out
}

/// Like [`print()`], with `\u` escapes for characters that are not visible (see [`quote::visible`]). The value is the
/// same.
///
/// ```
/// let value = serde_json::json!({"name": "a\u{9b}b\u{202e}c\u{e0041}"});
/// let text = kcx::printer::json::visible(&value);
/// assert_eq!(text, "{\n    \"name\": \"a\\u009bb\\u202ec\\udb40\\udc41\"\n}\n");
/// ```
#[must_use]
pub fn visible(value: &Value) -> String {
    escaped(&print(value))
}

/// Replaces characters that are not visible, except line breaks, in a JSON text by `\u` escapes.
#[must_use]
pub fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' || quote::is_visible(c) {
            out.push(c);
        } else {
            // In JSON, such characters occur only in strings.
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

/// Prints a value on one line with keys sorted bytewise, as kubectl's jsonpath prints objects and lists. As there,
/// every number is a float64, so integers beyond 2^53 are rounded.
///
/// ```
/// let value = serde_json::json!({"user": "u", "cluster": "c"});
/// assert_eq!(kcx::printer::json::compact(&value), r#"{"cluster":"c","user":"u"}"#);
/// ```
#[must_use]
pub fn compact(value: &Value) -> String {
    let mut out = String::new();
    on_one_line(&mut out, value, rounded);
    out
}

/// Prints a list as `jsonpath-as-json`: indented, with sorted keys, and every number as a float64.
pub(super) fn list(values: &[Value]) -> String {
    let mut out = String::new();
    indented(&mut out, &as_float64(&Value::Array(values.to_vec())), 0);
    out
}

fn as_float64(value: &Value) -> Value {
    match value {
        Value::Number(integer) => {
            integer.as_f64().and_then(Number::from_f64).map_or(Value::Null, Value::Number)
        }
        Value::Array(items) => Value::Array(items.iter().map(as_float64).collect()),
        Value::Object(map) => Value::Object(
            golang::sorted(map).into_iter().map(|(key, value)| (key.clone(), as_float64(value))).collect(),
        ),
        other => other.clone(),
    }
}

/// Renders a number as Go: integral values without a fraction, an exponent below 1e-6 and from 1e21.
pub(super) fn number(number: &Number) -> String {
    if number.is_f64() { float::json(number) } else { number.to_string() }
}

/// Renders a number after conversion to float64, as in jsonpath.
fn rounded(integer: &Number) -> String {
    let float = integer.as_f64().and_then(Number::from_f64);
    number(float.as_ref().unwrap_or(integer))
}

fn indented(out: &mut String, value: &Value, level: usize) {
    let line = |out: &mut String, level: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("    ", level));
    };
    match value {
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                out.push(if index == 0 { '[' } else { ',' });
                line(out, level + 1);
                indented(out, item, level + 1);
            }
            line(out, level);
            out.push(']');
        }
        Value::Object(map) if !map.is_empty() => {
            for (index, (key, value)) in map.iter().enumerate() {
                out.push(if index == 0 { '{' } else { ',' });
                line(out, level + 1);
                string(out, key);
                out.push_str(": ");
                indented(out, value, level + 1);
            }
            line(out, level);
            out.push('}');
        }
        _ => on_one_line(out, value, number),
    }
}

fn on_one_line(out: &mut String, value: &Value, number: fn(&Number) -> String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(value) => out.push_str(&number(value)),
        Value::String(text) => string(out, text),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                on_one_line(out, item, number);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (index, (key, value)) in golang::sorted(map).into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                string(out, key);
                out.push(':');
                on_one_line(out, value, number);
            }
            out.push('}');
        }
    }
}

/// Renders a string. Go also escapes characters that are special in HTML and JavaScript.
fn string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\x1f' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn integers_are_exact_except_in_jsonpath() {
        for (value, exact, jsonpath) in [
            (json!(u64::MAX), "18446744073709551615\n", "18446744073709552000"),
            (json!(i64::MIN), "-9223372036854775808\n", "-9223372036854776000"),
            (json!(9_007_199_254_740_993_u64), "9007199254740993\n", "9007199254740992"),
            (json!(1.0), "1\n", "1"),
        ] {
            assert_eq!(print(&value), exact);
            assert_eq!(compact(&value), jsonpath);
        }
    }

    #[test]
    fn strings_are_escaped_as_in_go() {
        let text = "\0\x07\x08\t\n\x0b\x0c\r\x1b\x1f \"\\/<>&'\u{7f}\u{85}\u{2028}\u{2029}\u{feff}é😀";
        let want = "\"\\u0000\\u0007\\b\\t\\n\\u000b\\f\\r\\u001b\\u001f \\\"\\\\/\\u003c\\u003e\\u0026'\
                    \u{7f}\u{85}\\u2028\\u2029\u{feff}é😀\"";
        assert_eq!(compact(&json!(text)), want);
    }

    #[test]
    fn indented_keys_keep_their_order() {
        let value = json!({"b": {}, "a": [[], [1, null]]});
        let want = "{\n    \"b\": {},\n    \"a\": [\n        [],\n        [\n            1,\n            null\n        ]\n    ]\n}\n";
        assert_eq!(print(&value), want);
    }
}
