//! The output of a source's program: one JSON object a line.

use super::{Listed, SourceError};
use crate::file::limits;
use serde_json::Value;
use std::collections::HashSet;

/// The largest list, in bytes. It may contain the kubeconfigs.
pub(super) const LIST_LIMIT: u64 = 64 << 20;
/// The largest kubeconfig, in bytes.
pub(super) const GET_LIMIT: u64 = limits::KUBECONFIG;
/// The longest id, in bytes.
const ID_LIMIT: usize = 1024;

/// The clusters in the output of `PROG list`.
pub(super) fn list(output: &[u8]) -> Result<Vec<Listed>, SourceError> {
    let text = std::str::from_utf8(output)
        .map_err(|_| SourceError::Protocol("its list is not UTF-8 text".to_owned()))?;
    let (mut list, mut ids) = (Vec::new(), HashSet::new());
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |what: &str| SourceError::Protocol(format!("line {} of its list {what}", at + 1));
        let value: Value = serde_json::from_str(line).map_err(|_| wrong("is not a JSON object"))?;
        let object = value.as_object().ok_or_else(|| wrong("is not a JSON object"))?;
        let one_line = |key: &str| match object.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => scalar(value)
                .filter(|text| !text.chars().any(char::is_control))
                .map(Some)
                .ok_or_else(|| wrong(&format!("has a `{key}` that is not one line of text"))),
        };
        let id = one_line("id")?.ok_or_else(|| wrong("has no `id`"))?;
        if id.is_empty() || id.len() > ID_LIMIT || id.starts_with('-') {
            return Err(wrong("has an `id` that is empty, too long, or starts with `-`"));
        }
        if !ids.insert(id.clone()) {
            return Err(wrong("has the `id` of an earlier line"));
        }
        let mut cluster =
            Listed { id, name: one_line("name")?, changed: one_line("changed")?, ..Listed::default() };
        cluster.name = cluster.name.filter(|name| !name.is_empty());
        match object.get("labels") {
            None | Some(Value::Null) => {}
            Some(Value::Object(labels)) => {
                // kcx itself gives each context these labels.
                let is_own = |key: &str| ["gone", "source"].contains(&key);
                for (key, value) in labels.iter().filter(|(key, value)| !value.is_null() && !is_own(key)) {
                    let text = scalar(value).ok_or_else(|| wrong("has a label that is not text"))?;
                    cluster.labels.insert(key.clone(), text);
                }
            }
            Some(_) => return Err(wrong("has `labels` that are not a mapping")),
        }
        match object.get("kubeconfig") {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => cluster.kubeconfig = Some(text.clone().into_bytes()),
            // JSON is YAML.
            Some(value @ Value::Object(_)) => cluster.kubeconfig = Some(value.to_string().into_bytes()),
            Some(_) => return Err(wrong("has a `kubeconfig` that is neither text nor an object")),
        }
        list.push(cluster);
    }
    Ok(list)
}

/// A scalar as text.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read() {
        let text = r#"{"id": "eu/a", "name": "a", "labels": {"env": "prod", "size": 3, "x": null}, "changed": 7}

{"id": "b", "unknown": [1], "kubeconfig": {"kind": "Config"}}
"#;
        let list = list(text.as_bytes()).unwrap();
        assert_eq!(
            (list[0].id.as_str(), list[0].name.as_deref(), list[0].changed.as_deref()),
            ("eu/a", Some("a"), Some("7"))
        );
        assert_eq!(
            list[0].labels.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>(),
            ["env=prod", "size=3"]
        );
        assert_eq!(list[1].kubeconfig.as_deref(), Some(br#"{"kind":"Config"}"#.as_slice()));
    }

    #[test]
    fn what_breaks_the_protocol_is_named_with_its_line() {
        for (text, error) in [
            ("{\"id\": \"a\"}\nnonsense", "line 2 of its list is not a JSON object"),
            ("[]", "line 1 of its list is not a JSON object"),
            ("{}", "line 1 of its list has no `id`"),
            ("{\"id\": \"\"}", "has an `id` that is empty"),
            ("{\"id\": \"-x\"}", "starts with `-`"),
            ("{\"id\": \"a\\nb\"}", "has a `id` that is not one line of text"),
            ("{\"id\": [1]}", "has a `id` that is not one line"),
            ("{\"id\": \"a\"}\n{\"id\": \"a\"}", "line 2 of its list has the `id` of an earlier line"),
            ("{\"id\": \"a\", \"labels\": []}", "has `labels` that are not a mapping"),
            ("{\"id\": \"a\", \"labels\": {\"x\": {}}}", "has a label that is not text"),
            ("{\"id\": \"a\", \"kubeconfig\": 1}", "has a `kubeconfig` that is neither"),
        ] {
            let found = list(text.as_bytes()).unwrap_err().to_string();
            assert!(found.contains(error), "{text}: {found}");
        }
        assert!(list(b"\xff").is_err());
        assert!(list(b"\n\n").unwrap().is_empty());
    }
}
