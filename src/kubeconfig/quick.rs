//! An entry as kubectl, kind and the clouds write it, read line by line: a full parser takes many times as long for these
//! few lines, and a picker, a completion or a merge wants thousands of them.
//!
//! Only for entries that the scanner has accepted, and only where each scalar is one that no YAML reader could take for
//! anything else; `None` sends the entry to the full parser.

use super::decode::{self, Body};
use super::resolve::{self, Plain};
use super::scan;
use super::schema::{Kind, Struct, Type};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// The whole meaning of an entry, read from its whole lines.
pub(super) fn value(entry: &str) -> Option<Value> {
    let mut lines = Lines { rest: entry, depth: 0, text: "" };
    lines.next();
    let item = lines.dash(lines.depth)?;
    let value = lines.mapping(item)?;
    lines.text.is_empty().then_some(Value::Object(value))
}

/// The canonical body of an entry whose keys are all known.
pub(super) fn body(kind: Kind, entry: &str) -> Option<Body> {
    let Value::Object(mut item) = value(entry)? else { return None };
    let body = item.swap_remove(kind.word());
    // But for the name.
    if item.len() != 1 || !item.contains_key("name") {
        return None;
    }
    match body {
        Some(Value::Object(body)) => canonical(body, kind.body()),
        Some(Value::Null) | None => Some(Body::new()),
        Some(_) => None,
    }
}

/// What `decode` makes of a mapping, where that is plain.
fn canonical(map: Map<String, Value>, schema: &'static Struct) -> Option<Body> {
    let mut fields = [const { None }; 16];
    for (key, value) in map {
        let at = schema.index(key.as_bytes())?;
        let value = match (schema.fields[at].ty, value) {
            (_, Value::Null) | (Type::Bool, Value::Bool(false)) => continue,
            (Type::String, Value::String(text)) if text.is_empty() => continue,
            (Type::Bytes, Value::String(text)) if !is_canonical(&text) => return None,
            (Type::Strings, Value::Array(list)) if !list.iter().all(Value::is_string) => return None,
            (Type::Structs(inner), Value::Array(list)) => {
                let item = |item| match item {
                    Value::Object(map) => canonical(map, inner).map(Value::Object),
                    _ => None,
                };
                Value::Array(list.into_iter().map(item).collect::<Option<_>>()?)
            }
            (Type::Struct(inner), Value::Object(map)) => Value::Object(canonical(map, inner)?),
            (Type::String | Type::Bytes, value @ Value::String(_))
            | (Type::Bool, value @ Value::Bool(_))
            | (Type::Strings, value @ Value::Array(_)) => value,
            _ => return None,
        };
        *fields.get_mut(at)? = Some((key, value));
    }
    let mut body: Body = fields.into_iter().flatten().collect();
    decode::fill_mode(schema, &mut body);
    Some(body)
}

/// True for base64 that is written in the one way there is; that it is some, the scanner has seen.
fn is_canonical(text: &str) -> bool {
    let last = text.len().checked_sub(4).and_then(|at| text.get(at..));
    last.is_some_and(|last| decode::base64(last).is_some_and(|bytes| STANDARD.encode(bytes) == last))
}

/// The lines of a text, with one of them in view.
struct Lines<'t> {
    rest: &'t str,
    /// The column at which the text of the line starts.
    depth: usize,
    /// The line, without its indent; empty at the end, or where a line is blank.
    text: &'t str,
}

impl<'t> Lines<'t> {
    /// Goes on to the next line.
    fn next(&mut self) {
        let (line, rest) = match memchr::memchr(b'\n', self.rest.as_bytes()) {
            Some(at) => (&self.rest[..at], &self.rest[at + 1..]),
            None => (self.rest, ""),
        };
        let line = line.strip_suffix('\r').unwrap_or(line);
        self.text = line.trim_start_matches(' ');
        self.depth = line.len() - self.text.len();
        self.rest = rest;
        // A blank line is as unusual as a comment.
        if self.text.is_empty() && !rest.is_empty() {
            self.text = "#";
        }
    }

    fn is_item(&self) -> bool {
        self.text.starts_with("- ")
    }

    /// Goes past the dash in this column, and gives the column of what is behind it.
    fn dash(&mut self, column: usize) -> Option<usize> {
        let text =
            self.text.strip_prefix("- ").filter(|text| self.depth == column && !text.starts_with(' '))?;
        self.text = text;
        self.depth = column + 2;
        Some(self.depth)
    }

    /// The mapping whose keys stand in this column, from the line in view on.
    fn mapping(&mut self, column: usize) -> Option<Map<String, Value>> {
        let mut map = Map::new();
        while self.depth == column && !self.text.is_empty() {
            let (key, text) = key(self.text)?;
            if map.insert(key.to_owned(), self.after_key(column, text)?).is_some() {
                return None;
            }
        }
        (self.depth < column || self.text.is_empty()).then_some(map)
    }

    /// What follows the colon of a key in this column.
    fn after_key(&mut self, column: usize, text: &str) -> Option<Value> {
        self.next();
        if !text.is_empty() {
            return scalar(text);
        }
        if self.text.is_empty() {
            Some(Value::Null)
        } else if self.is_item() && self.depth >= column {
            self.list(self.depth).map(Value::Array)
        } else if self.depth > column {
            self.mapping(self.depth).map(Value::Object)
        } else {
            Some(Value::Null)
        }
    }

    /// The list whose dashes stand in this column.
    fn list(&mut self, column: usize) -> Option<Vec<Value>> {
        let mut list = Vec::new();
        while self.depth == column && self.is_item() {
            let inner = self.dash(column)?;
            list.push(if key(self.text).is_some() {
                Value::Object(self.mapping(inner)?)
            } else {
                let text = self.text;
                self.next();
                scalar(text)?
            });
        }
        (self.depth <= column || self.text.is_empty()).then_some(list)
    }
}

/// The key at the start of a line, and what is behind its colon.
fn key(line: &str) -> Option<(&str, &str)> {
    let (key, text) = line.split_at_checked(memchr::memchr(b':', line.as_bytes())?)?;
    let text = &text[1..];
    let text = if text.is_empty() { text } else { text.strip_prefix(' ').filter(|text| !text.is_empty())? };
    (is_word(key) && resolve::is_string(key)).then_some((key, text))
}

/// A scalar that every reader takes for the same.
fn scalar(text: &str) -> Option<Value> {
    let quoted = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    if let Some(inner) = quoted('\'').or_else(|| quoted('"')) {
        return (!inner.contains(['\'', '"', '\\'])).then(|| Value::from(inner));
    }
    match text {
        "{}" => return Some(Value::Object(Map::new())),
        "[]" => return Some(Value::Array(Vec::new())),
        "true" => return Some(Value::Bool(true)),
        "false" => return Some(Value::Bool(false)),
        _ => {}
    }
    if !is_word(text) {
        return None;
    }
    match resolve::plain(text) {
        Plain::Str => Some(Value::from(text)),
        Plain::Null => Some(Value::Null),
        _ => None,
    }
}

/// True for text without anything that means something to YAML: letters, digits, some signs, and words of these.
fn is_word(text: &str) -> bool {
    let bytes = text.as_bytes();
    let starts = match bytes {
        [b'-', second, ..] => second.is_ascii_alphabetic() || *second == b'-',
        [first, ..] => first.is_ascii_alphanumeric() || b"/+~".contains(first),
        [] => false,
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/+=._:@~%,-".contains(&byte);
    let goes_on = |(at, &byte): (usize, &u8)| {
        let letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
        plain(byte) || byte == b' ' && letter(at - 1) && letter(at + 1)
    };
    // Long ones are certificates, and that they are is seen many bytes at a time.
    starts && (scan::is_base64(text) || bytes.iter().enumerate().skip(1).all(goes_on)) && !text.ends_with(':')
}

#[cfg(test)]
mod tests {
    use super::super::schema::Kind;
    use serde_json::{Value, json};

    fn body(kind: Kind, entry: &str) -> Option<Value> {
        super::body(kind, entry).map(Value::Object)
    }

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
            ("- context:\n    cluster: 'c'\n    user: \"\"\n  name: a\n", json!({"cluster": "c"})),
            ("- context:\n    cluster:\n    user: u\n  name: a\n", json!({"user": "u"})),
            ("- name: a\n  context: {}\n", json!({})),
            ("- name: a\n  context:\n", json!({})),
            ("- name: a\n", json!({})),
        ] {
            assert_eq!(body(Kind::Context, entry), Some(want), "{entry}");
        }
    }

    #[test]
    fn reads_clusters_and_users() {
        let exec = "- name: u\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n      \
                    args:\n      - --region\n      - eu\n      command: aws\n      env:\n      - name: A\n        value: b c\n      \
                    provideClusterInfo: false\n";
        for (kind, entry, want) in [
            (
                Kind::Cluster,
                "- cluster:\n    certificate-authority-data: Q0E=\n    server: https://a:6443\n  name: c\n",
                Some(json!({"server": "https://a:6443", "certificate-authority-data": "Q0E="})),
            ),
            (
                Kind::Cluster,
                "- cluster:\n    insecure-skip-tls-verify: true\n  name: c\n",
                Some(json!({"insecure-skip-tls-verify": true})),
            ),
            (Kind::User, "- name: u\n  user:\n    token: a.b-c\n", Some(json!({"token": "a.b-c"}))),
            (
                Kind::User,
                exec,
                Some(json!({"exec": {
                    "command": "aws",
                    "args": ["--region", "eu"],
                    "env": [{"name": "A", "value": "b c"}],
                    "apiVersion": "client.authentication.k8s.io/v1beta1",
                    "interactiveMode": "IfAvailable",
                }})),
            ),
            (
                Kind::User,
                "- name: u\n  user:\n    exec:\n      args: null\n      command: a\n      env:\n    token: t\n",
                Some(json!({"token": "t", "exec": {"command": "a"}})),
            ),
            // Unused bits, a number, no base64 of four digits, something nobody knows.
            (Kind::User, "- name: u\n  user:\n    client-key-data: Q0F=\n", None),
            (Kind::User, "- name: u\n  user:\n    client-key-data: 1234\n", None),
            (Kind::User, "- name: u\n  user:\n    client-key-data: ''\n", None),
            (Kind::User, "- name: u\n  user:\n    exec:\n      comand: a\n", None),
            (Kind::User, "- name: u\n  user:\n    exec:\n      args:\n      - 1\n", None),
            (Kind::User, "- name: u\n  user:\n    exec:\n      args:\n        - a\n      - b\n", None),
            (Kind::Cluster, "- context:\n    cluster: a\n  name: c\n", None),
        ] {
            assert_eq!(body(kind, entry), want, "{entry}");
        }
    }

    #[test]
    fn reads_the_whole_meaning() {
        let entry = "- name: u\n  more:\n  - a: [] \n";
        assert_eq!(super::value(entry), None);
        assert_eq!(
            super::value(
                "- name: u\n  more:\n  - a: []\n    b:\n      c: {}\n  - x\n  user:\n    token: null\n"
            ),
            Some(json!({"name": "u", "more": [{"a": [], "b": {"c": {}}}, "x"], "user": {"token": null}})),
        );
    }

    #[test]
    fn leaves_everything_else_to_the_parser() {
        for entry in [
            "- context:\n    cluster: yes\n  name: a\n",
            "- context:\n    cluster: 12\n  name: a\n",
            "- context:\n    cluster: c # why\n  name: a\n",
            "- context:\n    cluster: 'c' # it's\n  name: a\n",
            "- context:\n    cluster: 'c''d'\n  name: a\n",
            "- context:\n    cluster: \"c\\n\"\n  name: a\n",
            "- context:\n    cluster: c\n    cluster: d\n  name: a\n",
            "- context:\n    cluster: c\n      d\n  name: a\n",
            "- context:\n    other: c\n  name: a\n",
            "- context:\n    extensions:\n    - extension: x\n      name: y\n  name: a\n",
            "- context: {cluster: c}\n  name: a\n",
            "- context:\n    cluster: c\n  name: a\n# why\n",
            "- context:\n\n    cluster: c\n  name: a\n",
            "-   context:\n        cluster: c\n    name: a\n",
            "- context:\n    cluster: c:\n  name: a\n",
            "- context:\n    cluster: - c\n  name: a\n",
            "- context:\n    cluster: a  b\n  name: a\n",
            "- context:\n    cluster: &a b\n  name: a\n",
            "- context:\n    <<: b\n  name: a\n",
            "- context:\n    y: b\n  name: a\n",
            "cluster: c\n",
        ] {
            assert_eq!(body(Kind::Context, entry), None, "{entry}");
        }
    }
}
