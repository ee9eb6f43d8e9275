//! Kubeconfigs full of secrets, as one value, spelled in any style: block, flow, JSON, with anchors.
//!
//! Every secret is a text of its own, so that it can be looked for wherever kcx says something.

use super::Random;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::fmt::Write;

/// A text and the secrets in it.
pub(crate) struct Secretive {
    pub(crate) text: String,
    /// Those that redaction hides.
    pub(crate) hidden: Vec<String>,
    /// All.
    pub(crate) all: Vec<String>,
}

const NAMES: [&str; 14] = [
    "prod",
    "y",
    "0777",
    "a b",
    "it's",
    "say \"hi\"",
    "back\\slash",
    "a/b:c@d",
    "line\nbreak",
    "tab\there",
    "é—漢",
    "# no comment",
    "\u{1b}[31m",
    "{curly}, [square]",
];

pub(crate) fn secretive(random: &mut Random) -> Secretive {
    let (mut hidden, mut all) = (Vec::new(), Vec::new());
    let mut secret = |random: &mut Random, data: bool, hides: bool| {
        let mut text = format!("SECRET{:012x}", random.below(1 << 40));
        if data {
            text = STANDARD.encode(text);
        }
        if hides {
            hidden.push(text.clone());
        }
        all.push(text.clone());
        json!(text)
    };
    let mut users = Vec::new();
    for at in 0..=random.below(3) {
        let mut body = serde_json::Map::new();
        let mut put = |key: &str, value: Value| drop(body.insert(key.to_owned(), value));
        if random.one_in(2) {
            put("token", secret(random, false, true));
        }
        if random.one_in(3) {
            put("username", json!("somebody"));
            put("password", secret(random, false, true));
        }
        if random.one_in(3) {
            put("client-certificate-data", secret(random, true, true));
            put("client-key-data", secret(random, true, true));
        }
        if random.one_in(3) {
            let env =
                json!([{"name": "PASS", "value": secret(random, false, false)}, {"name": "B", "value": ""}]);
            let args = json!(["--token", secret(random, false, false)]);
            put(
                "exec",
                json!({"apiVersion": "client.authentication.k8s.io/v1", "command": "c", "args": args, "env": env}),
            );
        }
        if random.one_in(4) {
            put(
                "auth-provider",
                json!({"name": "oidc", "config": {"client-secret": secret(random, false, false), "id-token": secret(random, false, false)}}),
            );
        }
        if random.one_in(4) {
            put(
                "extensions",
                json!([{"name": "e", "extension": {"api-key": [secret(random, false, false), 1, null, true, 1.5]}}]),
            );
        }
        let entry = json!({"name": format!("{}{at}", random.pick(&NAMES)), "user": body});
        users.push(entry);
    }
    let list = |random: &mut Random, word: &str, body: &dyn Fn(&mut Random) -> Value| {
        let entries = (0..random.below(4))
            .map(|at| json!({"name": format!("{}{at}", random.pick(&NAMES)), word: body(random)}))
            .collect::<Vec<_>>();
        json!(entries)
    };
    let clusters = list(
        random,
        "cluster",
        &|random| json!({"server": random.pick(&["https://a", "https://10.0.0.1:6443", ""]), "x-unknown": [1, {"a": "b"}]}),
    );
    let contexts = list(
        random,
        "context",
        &|random| json!({"cluster": random.pick(&NAMES), "user": random.pick(&NAMES), "namespace": random.pick(&NAMES)}),
    );
    let mut sections = vec![
        ("apiVersion", json!("v1")),
        ("kind", json!("Config")),
        ("clusters", clusters),
        ("contexts", contexts),
        ("users", json!(users)),
        ("current-context", json!(random.pick(&NAMES))),
        ("preferences", json!({})),
    ];
    for at in 0..sections.len() {
        let other = random.below(sections.len());
        sections.swap(at, other);
    }
    let whole: Value = sections.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let mut text = match random.below(5) {
        0 => whole.to_string(),
        1 => serde_json::to_string_pretty(&whole).unwrap(),
        2 => flow(random, &whole),
        _ => {
            let mut out = String::new();
            block(random, &mut out, &whole, 0);
            out
        }
    };
    if random.one_in(4) {
        text.push('\n');
    }
    if random.one_in(6) {
        text = text.replace('\n', "\r\n");
    }
    if random.one_in(8) {
        text.insert(0, '\u{feff}');
    }
    Secretive { text, hidden, all }
}

/// A scalar in quotes, or plain where that is surely the same.
fn scalar(random: &mut Random, value: &Value) -> String {
    match value {
        Value::String(text) => {
            let plain = text.len() > 6 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'=');
            let printable = text.chars().all(|c| !c.is_control());
            match random.below(4) {
                0 | 1 if plain => text.clone(),
                2 if printable => format!("'{}'", text.replace('\'', "''")),
                _ => value.to_string(),
            }
        }
        other => other.to_string(),
    }
}

fn flow(random: &mut Random, value: &Value) -> String {
    let gap = random.pick(&["", " ", "\n   ", "  # why\n  "]).to_owned();
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| flow(random, item)).collect();
            format!("[{gap}{}]", items.join(", "))
        }
        Value::Object(map) => {
            let pairs: Vec<String> =
                map.iter().map(|(key, value)| format!("\"{key}\": {}", flow(random, value))).collect();
            format!("{{{gap}{}}}", pairs.join(","))
        }
        other => scalar(random, other),
    }
}

fn block(random: &mut Random, out: &mut String, value: &Value, column: usize) {
    let indent = " ".repeat(column);
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                if random.one_in(8) {
                    let _ = writeln!(out, "{indent}# about {key}");
                }
                let _ = write!(out, "{indent}{key}:");
                inside(random, out, value, column);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                let mut inner = String::new();
                block(random, &mut inner, item, column + 2);
                if inner.trim_start().starts_with('#') || !item.is_object() {
                    let _ = writeln!(out, "{indent}- {}", flow(random, item).replace('\n', "\n       "));
                } else {
                    let _ = write!(out, "{indent}- {}", inner.trim_start_matches(' '));
                }
            }
        }
        other => {
            let _ = writeln!(out, "{indent}{other}");
        }
    }
}

/// What stands behind a colon.
fn inside(random: &mut Random, out: &mut String, value: &Value, column: usize) {
    let empty =
        value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(|map| map.is_empty());
    if empty || !(value.is_array() || value.is_object()) {
        let note = if random.one_in(10) { " # note" } else { "" };
        let anchor = if random.one_in(20) { format!(" &a{column}") } else { String::new() };
        let _ = writeln!(out, "{anchor} {}{note}", scalar(random, value));
    } else if random.one_in(8) {
        let text = flow(random, value).replace('\n', &format!("\n{} ", " ".repeat(column)));
        let _ = writeln!(out, " {text}");
    } else {
        out.push('\n');
        let deeper = if value.is_array() { random.below(2) * 2 } else { 2 + random.below(2) * 2 };
        block(random, out, value, column + deeper);
    }
}
