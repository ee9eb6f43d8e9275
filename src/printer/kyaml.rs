//! Renders KYAML as `kubectl config view -o kyaml` (`sigs.k8s.io/yaml/kyaml`): flow style with quoted strings.
//!
//! Keys are printed in the order of the value. In one case the output differs from kubectl: kubectl prints an
//! additional backslash before a line that begins with CR or a non-breaking space, which reads back as a backslash.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::unicode::{is_letter, is_print};
use super::{json, timestamp};

/// Prints a value as one KYAML document.
///
/// ```
/// let value = serde_json::json!({"kind": "Config", "no": [1, "a"], "users": [{"name": "u"}, {}]});
/// let text = "---\n{\n  kind: \"Config\",\n  \"no\": [\n    1,\n    \"a\",\n  ],\n  users: [{\n    name: \"u\",\n  }, {}],\n}\n";
/// assert_eq!(kcx::printer::kyaml::print(&value), text);
/// ```
#[must_use]
pub fn print(value: &Value) -> String {
    let mut out = String::from("---\n");
    node(&mut out, value, 0);
    out.push('\n');
    out
}

fn node(out: &mut String, value: &Value, level: usize) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(value) => out.push_str(&json::number(value)),
        Value::String(text) => string(out, text, level + 1),
        Value::Array(items) => list(out, items, level),
        Value::Object(map) => mapping(out, map, level),
    }
}

fn mapping(out: &mut String, map: &Map<String, Value>, level: usize) {
    if map.is_empty() {
        out.push_str("{}");
        return;
    }
    out.push_str("{\n");
    for (key, value) in map {
        indent(out, level + 1);
        if needs_quotes(key) {
            out.push('"');
            key.chars().for_each(|c| escaped(out, c, "\\t"));
            out.push('"');
        } else {
            out.push_str(key);
        }
        out.push_str(": ");
        node(out, value, level + 1);
        out.push_str(",\n");
    }
    indent(out, level);
    out.push('}');
}

/// A list that contains only collections is printed with their brackets on the same line; otherwise each item has its
/// own line.
fn list(out: &mut String, items: &[Value], level: usize) {
    out.push('[');
    if items.iter().all(|item| item.is_object() || item.is_array()) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            node(out, item, level);
        }
    } else {
        out.push('\n');
        for item in items {
            indent(out, level + 1);
            node(out, item, level + 1);
            out.push_str(",\n");
        }
        indent(out, level);
    }
    out.push(']');
}

/// A text of several lines is folded at its line breaks. A blank at the start of a line is escaped, because folding
/// would remove it.
fn string(out: &mut String, text: &str, level: usize) {
    out.push('"');
    if text.contains('\n') {
        for line in text.split_inclusive('\n') {
            out.push_str("\\\n");
            indent(out, level);
            out.push(if line.starts_with([' ', '\t']) { '\\' } else { ' ' });
            line.chars().for_each(|c| escaped(out, c, "\t"));
        }
        out.push_str("\\\n");
        indent(out, level);
    } else {
        text.chars().for_each(|c| escaped(out, c, "\t"));
    }
    out.push('"');
}

fn escaped(out: &mut String, c: char, tab: &str) {
    match c {
        '\t' => out.push_str(tab),
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        c if is_print(c) => out.push(c),
        '\0' => out.push_str("\\0"),
        '\x07' => out.push_str("\\a"),
        '\x08' => out.push_str("\\b"),
        '\n' => out.push_str("\\n"),
        '\x0b' => out.push_str("\\v"),
        '\x0c' => out.push_str("\\f"),
        '\r' => out.push_str("\\r"),
        '\x1b' => out.push_str("\\e"),
        '\u{85}' => out.push_str("\\N"),
        '\u{a0}' => out.push_str("\\_"),
        '\u{2028}' => out.push_str("\\L"),
        '\u{2029}' => out.push_str("\\P"),
        c => {
            let _ = match c as u32 {
                code @ (..0x20 | 0x7f) => write!(out, "\\x{code:02x}"),
                code @ ..=0xffff => write!(out, "\\u{code:04x}"),
                code => write!(out, "\\U{code:08x}"),
            };
        }
    }
}

fn indent(out: &mut String, level: usize) {
    out.extend(std::iter::repeat_n("  ", level));
}

/// A key is not quoted if every YAML reader reads it as a string.
fn needs_quotes(key: &str) -> bool {
    let inner = |at: usize| at > 0 && at + 1 < key.len();
    let bare = |(at, c): (usize, char)| {
        is_letter(c) || c.is_numeric() || c == '_' || matches!(c, '-' | '.' | '/') && inner(at)
    };
    key.is_empty() || !key.char_indices().all(bare) || is_ambiguous(key)
}

/// True for a word that some YAML readers read as null, a boolean, a number or a date.
fn is_ambiguous(word: &str) -> bool {
    let lower = word.to_lowercase();
    let known = ["null", "true", "t", "y", "yes", "on", "false", "f", "n", "no", "off"];
    known.contains(&lower.as_str()) || is_number(&lower.replace('_', "")) || timestamp::is_timestamp(word)
}

/// True for a lower-case text that Go's `ParseInt` with base 0 or `ParseFloat` accepts.
fn is_number(word: &str) -> bool {
    let word = word.strip_prefix('-').unwrap_or(word);
    let integer = |digits: &str, radix| {
        digits.bytes().all(|b| b.is_ascii_alphanumeric()) && i64::from_str_radix(digits, radix).is_ok()
    };
    if let Some(hex) = word.strip_prefix("0x") {
        return integer(hex, 16) || is_hex_float(hex);
    }
    if let Some(rest) = word.strip_prefix("0b") {
        return integer(rest, 2);
    }
    if let Some(rest) = word.strip_prefix("0o") {
        return integer(rest, 8);
    }
    match word {
        "inf" | "infinity" | "nan" => true,
        _ => {
            word.starts_with(|c: char| c.is_ascii_digit() || c == '.')
                && word.parse().is_ok_and(f64::is_finite)
        }
    }
}

/// True for Go's hexadecimal floats such as `1.8p-3`; the range of float64 is not checked.
fn is_hex_float(digits: &str) -> bool {
    let Some((mantissa, exponent)) = digits.split_once('p') else { return false };
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    !(whole.is_empty() && fraction.is_empty())
        && hex(whole)
        && hex(fraction)
        && !exponent.is_empty()
        && exponent.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Recorded from `kubectl config view -o kyaml`.
    #[test]
    fn strings_are_printed_as_by_kubectl() {
        for (text, want) in [
            ("", r#""""#),
            ("yes", r#""yes""#),
            ("a \"b\" \\ <é> 😀", r#""a \"b\" \\ <é> 😀""#),
            ("tab\there", "\"tab\there\""),
            ("\0\x07\x08\x0b\x0c\r\x1b\x1f", r#""\0\a\b\v\f\r\e\x1f""#),
            ("\u{a0}\u{200b}\u{2028}\u{2029}\u{feff}\u{e0001}", r#""\_\u200b\L\P\ufeff\U000e0001""#),
            ("a\nb", "\"\\\n     a\\n\\\n     b\\\n    \""),
            ("a\n", "\"\\\n     a\\n\\\n    \""),
            ("\n\n", "\"\\\n     \\n\\\n     \\n\\\n    \""),
            ("  a\n\tb \n", "\"\\\n    \\  a\\n\\\n    \\\tb \\n\\\n    \""),
        ] {
            assert_eq!(print(&json!({"k": text})), format!("---\n{{\n  k: {want},\n}}\n"), "{text:?}");
        }
    }

    /// kubectl fails for DEL, replaces NEL by a blank, and prints an additional backslash before the others.
    #[test]
    fn no_character_is_lost() {
        for (text, want) in [
            ("\u{7f}\u{85}\u{fffe}", r#""\x7f\N\ufffe""#),
            ("a\n\r\n\u{a0}b", "\"\\\n     a\\n\\\n     \\r\\n\\\n     \\_b\\\n    \""),
        ] {
            assert_eq!(print(&json!({"k": text})), format!("---\n{{\n  k: {want},\n}}\n"), "{text:?}");
        }
    }

    #[test]
    fn keys_are_bare_unless_ambiguous() {
        for key in [
            "a",
            "é",
            "a-b.c/d",
            "_",
            "0b2",
            "1e400",
            "0xffffffffffffffff",
            "yesno",
            "2024-13-01",
            "NaNa",
            "ot",
        ] {
            assert!(!needs_quotes(key), "{key}");
        }
        for key in [
            "", "yes", "N", "t", "F", "null", "~", "TRUE", "1", "1_000", "0x1F", "0b1", "0o7", "1e-5", "1.5",
            "inf", "nan", "_-3", "-a", "a-", ".a", "a b", "a:b", "2024-1-2", "1:30", "\n", "a\tb", "<<",
            "\u{301}", "0x1p3",
        ] {
            assert!(needs_quotes(key), "{key}");
        }
        assert_eq!(print(&json!({"a\tb\n": 1})), "---\n{\n  \"a\\tb\\n\": 1,\n}\n");
    }

    #[test]
    fn lists_of_collections_have_joined_brackets() {
        for (value, want) in [
            (json!([]), "[]"),
            (json!({}), "{}"),
            (json!([[], {}]), "[[], {}]"),
            (json!([[1], {"a": null}]), "[[\n  1,\n], {\n  a: null,\n}]"),
            (json!([[1], 2]), "[\n  [\n    1,\n  ],\n  2,\n]"),
            (json!([1.0, 1e21, 1e-7]), "[\n  1,\n  1e+21,\n  1e-7,\n]"),
        ] {
            assert_eq!(print(&value), format!("---\n{want}\n"));
        }
    }
}
