//! JSON as Go's encoder writes it: sorted keys, numbers as float64, `<`, `>` and `&` escaped.

use serde_json::{Map, Value};

use super::golang;

/// Appends `value` without blanks.
pub(super) fn compact(out: &mut String, value: &Value) {
    write(out, value, None);
}

/// Appends a list of values, indented by four.
pub(super) fn array(out: &mut String, values: &[Value]) {
    list(out, values, Some(0));
}

/// Returns the entries of a map in the order Go prints them.
pub(super) fn sorted(map: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_unstable_by_key(|(key, _)| key.as_str());
    entries
}

/// `indent` is the depth of the value when lines are broken.
fn write(out: &mut String, value: &Value, indent: Option<usize>) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&golang::json_number(number.as_f64().unwrap_or(f64::NAN))),
        Value::String(text) => string(out, text),
        Value::Array(values) => list(out, values, indent),
        Value::Object(map) if map.is_empty() => out.push_str("{}"),
        Value::Object(map) => {
            out.push('{');
            let inner = indent.map(|depth| depth + 1);
            for (index, (key, value)) in sorted(map).into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                line(out, inner);
                string(out, key);
                out.push_str(if indent.is_some() { ": " } else { ":" });
                write(out, value, inner);
            }
            line(out, indent);
            out.push('}');
        }
    }
}

fn list(out: &mut String, values: &[Value], indent: Option<usize>) {
    if values.is_empty() {
        return out.push_str("[]");
    }
    out.push('[');
    let inner = indent.map(|depth| depth + 1);
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        line(out, inner);
        write(out, value, inner);
    }
    line(out, indent);
    out.push(']');
}

fn line(out: &mut String, indent: Option<usize>) {
    if let Some(depth) = indent {
        out.push('\n');
        out.extend(std::iter::repeat_n("    ", depth));
    }
}

fn string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\x1f' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}
