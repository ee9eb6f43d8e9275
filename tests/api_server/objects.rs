//! Objects of a few types, the same wherever one looks: enough for a client to read, watch and write.

use super::answers::Answer;
use hyper::{Method, Response};
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// Group and version, plural, kind, whether it is in a namespace.
const TYPES: [(&str, &str, &str, bool); 7] = [
    ("v1", "pods", "Pod", true),
    ("v1", "configmaps", "ConfigMap", true),
    ("v1", "secrets", "Secret", true),
    ("v1", "serviceaccounts", "ServiceAccount", true),
    ("v1", "services", "Service", true),
    ("v1", "nodes", "Node", false),
    ("apps/v1", "deployments", "Deployment", true),
];

/// The resources of a group and version, for discovery.
pub(super) fn resources(group_version: &str) -> Vec<Value> {
    let verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    let of = |(_, name, kind, namespaced): &(&str, &str, &str, bool)| json!({"name": name, "singularName": kind.to_lowercase(), "namespaced": namespaced, "kind": kind, "verbs": verbs});
    TYPES.iter().filter(|(group, ..)| *group == group_version).map(of).collect()
}

/// The answer to a request about such an object.
pub(super) fn answer(method: &Method, parts: &[&str], watch: bool, body: &[u8]) -> Option<Response<Answer>> {
    let (group_version, rest) = match parts {
        ["api", "v1", rest @ ..] => ("v1", rest),
        ["apis", "apps", "v1", rest @ ..] => ("apps/v1", rest),
        _ => return None,
    };
    let (namespace, rest) = match rest {
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (*namespace, rest),
        rest => ("", rest),
    };
    let (name, rest) = rest.split_first()?;
    let (_, _, kind, _) =
        TYPES.iter().find(|(group, plural, ..)| *group == group_version && plural == name)?;
    let object = |name: &str| {
        let mut object = json!({
            "kind": kind, "apiVersion": group_version,
            "metadata": {"name": name, "uid": "u-1", "resourceVersion": "17", "creationTimestamp": "2025-08-13T14:30:00Z"},
        });
        if !namespace.is_empty() {
            object["metadata"]["namespace"] = namespace.into();
        }
        if *kind == "Pod" {
            object["spec"] = json!({"containers": [{"name": "main", "image": "none"}], "nodeName": "n"});
            object["status"] = json!({"phase": "Running", "podIP": "10.0.0.1"});
        }
        object
    };
    let text = |value: Value| Answer::whole(value.to_string() + "\n");
    let answer = match (method, rest) {
        (&Method::GET, [_, "log"]) => streamed(&["first line\n", "second line\n"], false),
        (&Method::GET, []) if watch => {
            let event = json!({"type": "ADDED", "object": object("one")}).to_string() + "\n";
            streamed(&[&event], true)
        }
        (&Method::GET, []) => text(json!({
            "kind": format!("{kind}List"), "apiVersion": group_version, "metadata": {"resourceVersion": "4711"},
            "items": [object("one")],
        })),
        (&Method::POST, []) => {
            let sent: Value = serde_json::from_slice(body).unwrap_or_default();
            text(object(sent["metadata"]["name"].as_str().unwrap_or("new")))
        }
        (_, [name, ..]) => text(object(name)),
        _ => return None,
    };
    let mut answer = Response::new(answer);
    let kind = if rest.last() == Some(&"log") { "text/plain" } else { "application/json" };
    answer.headers_mut().insert("content-type", kind.parse().unwrap());
    Some(answer)
}

/// Parts that are sent one by one, each when the one before was taken; the end comes, or it does not.
pub(super) fn streamed(parts: &[&str], endless: bool) -> Answer {
    let (sender, answer) = Answer::parts();
    let parts: Vec<String> = parts.iter().map(|&part| part.to_owned()).collect();
    tokio::spawn(async move {
        for part in parts {
            let sent: Result<(), mpsc::error::SendError<_>> = sender.send(Ok(part.into())).await;
            if sent.is_err() {
                return;
            }
            // All places are free when the part has gone to the connection.
            if sender.reserve_many(sender.max_capacity()).await.is_err() {
                return;
            }
        }
        if endless {
            sender.closed().await;
        }
    });
    answer
}
