//! The body of an entry as kubectl writes it, read line by line: a full parser takes several times as long for these few
//! lines, and a picker, a completion or a merge wants thousands of them.
//!
//! Only for entries that the scanner has accepted, and only where each value is a word that no YAML reader could take for
//! anything else; `None` sends the entry to the full parser.

use super::decode::{self, Body};
use super::resolve;
use super::schema::{Kind, Type};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Reads the body out of a whole entry, its dash included. What it says is said as it stands there, so this is the
/// canonical body and the whole meaning in one.
pub(super) fn body(kind: Kind, entry: &str) -> Option<Body> {
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
            within = text.strip_suffix(':') == Some(kind.word());
            // The scanner has seen that the only other key is the name.
            if !within && !text.starts_with("name: ") {
                return None;
            }
        } else if within && *inner.get_or_insert(depth) == depth {
            let (key, value) = text.split_once(": ")?;
            found.push((key, value));
        } else {
            return None;
        }
    }
    let mut body = Body::new();
    for field in kind.body().fields {
        if let Some(at) = found.iter().position(|(key, _)| *key == field.name) {
            let (key, text) = found.swap_remove(at);
            let value = match field.ty {
                Type::String => Value::from(word(text)?),
                Type::Bytes => Value::from(bytes(text)?),
                _ => return None,
            };
            body.insert(key.to_owned(), value);
        }
    }
    found.is_empty().then_some(body)
}

/// Base64 that is written in one way only; that it is some, the scanner has seen.
fn bytes(text: &str) -> Option<&str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    let last = text.get(text.len().checked_sub(4)?..)?;
    let same = decode::base64(last).is_some_and(|bytes| STANDARD.encode(bytes) == last);
    (same && text.bytes().all(plain) && resolve::is_string(text)).then_some(text)
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
    use super::super::schema::Kind;
    use serde_json::Value;

    fn context(entry: &str) -> Option<super::Body> {
        super::body(Kind::Context, entry)
    }

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
    fn reads_clusters_and_users() {
        for (kind, entry, want) in [
            (
                Kind::Cluster,
                "- cluster:\n    certificate-authority-data: Q0E=\n    server: https://a:6443\n  name: c\n",
                Some(json!({"server": "https://a:6443", "certificate-authority-data": "Q0E="})),
            ),
            (Kind::User, "- name: u\n  user:\n    token: a.b-c\n", Some(json!({"token": "a.b-c"}))),
            // Unused bits, a number, no base64 of four digits, a command.
            (Kind::User, "- name: u\n  user:\n    client-key-data: Q0F=\n", None),
            (Kind::User, "- name: u\n  user:\n    client-key-data: 1234\n", None),
            (Kind::User, "- name: u\n  user:\n    client-key-data: ''\n", None),
            (Kind::User, "- name: u\n  user:\n    exec:\n      command: a\n", None),
            (Kind::Cluster, "- cluster:\n    insecure-skip-tls-verify: true\n  name: c\n", None),
            (Kind::Cluster, "- context:\n    cluster: a\n  name: c\n", None),
        ] {
            assert_eq!(super::body(kind, entry).map(Value::Object), want, "{entry}");
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
