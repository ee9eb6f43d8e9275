//! The documents of a text that kubectl does not read: their secrets are not shown either.

use super::super::parse;
use super::super::schema::Kind;
use super::super::span::Span;
use super::super::tree::Tree;
use super::{hide_value, is_in};
use crate::yaml11::LINE_ENDS;
use serde_json::Value;

/// The documents that kubectl does not read, each with the marker that begins it; empty ones are included.
///
/// Markers are lines that begin with `---` or `...`: no YAML value can contain such a line (YAML 1.2, 9.1.2).
pub(in crate::kubeconfig) fn others(text: &str, tree: &Tree) -> Vec<Span> {
    let (mut parts, mut start, mut at) = (Vec::new(), 0, 0);
    for line in text.split_inclusive(LINE_ENDS) {
        let behind = line.strip_prefix("---").or_else(|| line.strip_prefix("..."));
        if behind.is_some_and(|behind| behind.is_empty() || behind.starts_with(char::is_whitespace)) {
            parts.push(Span::new(start, at));
            // After an end marker, the rest of its line is empty.
            start = if line.starts_with('.') { at + 3 } else { at };
        }
        at += line.len();
    }
    parts.push(Span::new(start, text.len()));
    let root =
        tree.root().map(|root| tree.node(root).span).filter(|span| !span.is_empty()).map(|span| span.start);
    parts.retain(|part| !part.of(text).trim().is_empty());
    match root {
        // Text before the first document is not a document: directives and comments.
        Some(root) => parts.retain(|part| root < part.start),
        // The first document is empty: a marker, or only comments.
        None if !parts.is_empty() => drop(parts.remove(0)),
        None => {}
    }
    parts
}

/// True if a document that kubectl does not read contains a secret. In one that is not valid YAML, any line may be one.
pub(in crate::kubeconfig) fn hold_secrets(text: &str, tree: &Tree) -> bool {
    others(text, tree).into_iter().map(|part| part.of(text)).any(|part| match value(part) {
        Some(value) => holds_secrets(&value),
        None => !super::text::spans(part).is_empty(),
    })
}

/// The value of one of the [`others`]; `None` if it cannot be parsed.
pub(in crate::kubeconfig) fn value(part: &str) -> Option<Value> {
    let tree = parse::tree(part).ok()?;
    tree.root().map_or(Some(Value::Null), |root| tree.value(part, root).ok())
}

fn holds_secrets(value: &Value) -> bool {
    let Value::Object(map) = value else { return changes(value) };
    let listed = |kind: Kind| {
        let items = map.get(kind.list()).and_then(Value::as_array).into_iter().flatten();
        items
            .filter_map(move |item| item.get(kind.word())?.as_object())
            .any(move |body| is_in(body.clone(), kind))
    };
    let manifest = map.get("kind").is_some_and(|kind| kind == "Secret");
    let data = ["data", "stringData"].iter().any(|key| map.get(*key).is_some_and(Value::is_object));
    let is_list = |key: &str| Kind::from_list(key).is_some();
    Kind::ALL.into_iter().any(listed)
        || manifest && data
        || map.iter().any(|(key, value)| !is_list(key) && changes(&serde_json::json!({key.as_str(): value})))
}

fn changes(value: &Value) -> bool {
    let mut hidden = value.clone();
    hide_value("", false, &mut hidden);
    hidden != *value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_other_documents_from_its_marks_on() {
        for (text, want) in [
            ("a: 1\n", &[][..]),
            ("---\na: 1\n", &[]),
            ("# x\n---\na: 1\n...\n", &[]),
            ("a: 1\n---\nb: 2\n", &["---\nb: 2\n"]),
            ("a: 1\n... \n\nb: 2\n--- {c: 3}\n", &[" \n\nb: 2\n", "--- {c: 3}\n"]),
            ("---\n---\nb: 2\n", &["---\nb: 2\n"]),
            ("a: |\n  ---\n  x\n--- # y\n", &["--- # y\n"]),
            ("", &[]),
        ] {
            let tree = parse::tree(text).unwrap();
            let found: Vec<&str> = others(text, &tree).into_iter().map(|part| part.of(text)).collect();
            assert_eq!(found, want, "{text:?}");
        }
    }

    #[test]
    fn secrets_in_other_documents_are_found() {
        for (second, want) in [
            ("users: [{name: v, user: {token: x}}]", true),
            ("users: [{name: v, user: {tokenFile: x}}]", false),
            ("clusters: [{name: v, cluster: {server: 'https://me:x@h'}}]", true),
            ("kind: Secret\ndata: {config: eA==}", true),
            ("password: x", true),
            ("- {client-secret: x}", true),
            ("[{token: x", true),
            ("[{region: x", false),
            ("kind: ConfigMap\ndata: {a: b}", false),
        ] {
            let text = format!("kind: Config\n---\n{second}\n");
            assert_eq!(hold_secrets(&text, &parse::tree(&text).unwrap()), want, "{second}");
        }
    }
}
