//! The body of a context as kubectl writes it, read line by line: a full parser takes several times as long for these
//! four lines, and a picker or a completion wants thousands of them.
//!
//! Only for entries that the scanner has accepted, and only where each value is a word that no YAML reader could take for
//! anything else; `None` sends the entry to the full parser.

use super::decode::Body;
use super::resolve;
use super::schema::{Kind, Type};
use serde_json::Value;

/// Reads the body out of a whole entry, its dash included.
pub(super) fn context(entry: &str) -> Option<Body> {
    let indent = entry.len() - entry.trim_start_matches(' ').len();
    let mut inner = None;
    let mut within = false;
    let mut found: Vec<(&str, &str)> = Vec::new();
    for (at, line) in entry.lines().enumerate() {
        let text = line.trim_start_matches(' ');
        let depth = line.len() - text.len();
        let (depth, text) = match text.strip_prefix("- ").filter(|_| at == 0) {
            Some(text) if depth == indent && !text.starts_with(' ') => (depth + 2, text),
            Some(_) => return None,
            None if at == 0 || depth <= indent => return None,
            None => (depth, text),
        };
        if depth == indent + 2 {
            within = text == "context:";
            // The scanner has seen that the only other key is the name.
            if !within && !text.starts_with("name: ") {
                return None;
            }
        } else if within && *inner.get_or_insert(depth) == depth {
            let (key, value) = text.split_once(": ")?;
            found.push((key, word(value)?));
        } else {
            return None;
        }
    }
    let mut body = Body::new();
    for field in Kind::Context.body().fields.iter().filter(|field| matches!(field.ty, Type::String)) {
        if let Some(at) = found.iter().position(|(key, _)| *key == field.name) {
            let (key, value) = found.swap_remove(at);
            body.insert(key.to_owned(), Value::from(value));
        }
    }
    found.is_empty().then_some(body)
}

/// A plain scalar that is a string and nothing else.
fn word(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._:/@-".contains(byte);
    let fits = bytes.first()?.is_ascii_alphanumeric() && bytes.iter().all(plain) && !text.ends_with(':');
    (fits && resolve::is_string(text)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::context;
    use serde_json::json;

    #[test]
    fn reads_what_kubectl_writes() {
        for (entry, want) in [
            (
                "- context:\n    cluster: arn:aws:eks:x:1:cluster/a\n    namespace: web\n    user: u\n  name: 'a: b'\n",
                json!({"cluster": "arn:aws:eks:x:1:cluster/a", "user": "u", "namespace": "web"}),
            ),
            (
                "  - name: a\n    context:\n      user: u\n      cluster: c",
                json!({"cluster": "c", "user": "u"}),
            ),
            ("- context:\r\n    cluster: c\r\n  name: a\r\n", json!({"cluster": "c"})),
        ] {
            assert_eq!(context(entry).map(serde_json::Value::Object), Some(want), "{entry}");
        }
    }

    #[test]
    fn leaves_everything_else_to_the_parser() {
        for entry in [
            "- context:\n    cluster: 'c'\n  name: a\n",
            "- context:\n    cluster: yes\n  name: a\n",
            "- context:\n    cluster: 12\n  name: a\n",
            "- context:\n    cluster: c # why\n  name: a\n",
            "- context:\n    cluster: c\n    cluster: d\n  name: a\n",
            "- context:\n    cluster: c\n      d\n  name: a\n",
            "- context:\n    cluster:\n    user: u\n  name: a\n",
            "- context:\n    other: c\n  name: a\n",
            "- context:\n    extensions:\n    - extension: x\n      name: y\n  name: a\n",
            "- context: {cluster: c}\n  name: a\n",
            "- context:\n    cluster: c\n  name: a\n# why\n",
            "- context:\n    cluster: c\n  name: a\n\n",
            "-   context:\n        cluster: c\n    name: a\n",
            "- context:\n    cluster: c:\n  name: a\n",
            "cluster: c\n",
        ] {
            assert_eq!(context(entry), None, "{entry}");
        }
    }
}
