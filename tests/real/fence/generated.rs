//! Requests generated from the server's own discovery document, with every verb and every sub-resource.

use super::{TOKEN, World, marks, shows_no_mark};
use crate::behind_proxy::{Answer, BehindProxy, RawClient};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TABLE: &str = "Accept: application/json;as=Table;v=v1;g=meta.k8s.io,application/json\r\n";
const PARTIAL: &str = "Accept: application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io\r\n";
const PROTOBUF: &str = "Accept: application/vnd.kubernetes.protobuf\r\nAccept-Encoding: gzip\r\n";
const CBOR: &str = "Accept: application/cbor\r\n";

/// A request: its line and its headers.
type Asked = (String, &'static str);

/// All requests for all resources that discovery names.
fn requests(client: &RawClient) -> Vec<Asked> {
    let get = |path: &str| client.request(&format!("GET {path}"), "", "").json();
    let mut paths = vec!["/api/v1".to_owned()];
    for group in get("/apis")["groups"].as_array().unwrap() {
        paths.push(format!("/apis/{}", group["preferredVersion"]["groupVersion"].as_str().unwrap()));
    }
    let mut asked: Vec<Asked> = vec![];
    let mut ask = |line: String, headers: &'static str| asked.push((line, headers));
    for path in
        ["/", "/api", "/apis", "/version", "/openapi/v3", "/openapi/v3/api/v1?hash=1", "/metrics", "/readyz"]
    {
        ask(format!("GET {path}"), "");
    }
    for path in paths {
        ask(format!("GET {path}"), "");
        for resource in get(&path)["resources"].as_array().unwrap() {
            let name = resource["name"].as_str().unwrap();
            let namespaced = resource["namespaced"] == true;
            if let Some((plural, sub)) = name.split_once('/') {
                let object = if namespaced {
                    format!("namespaces/shop/{plural}/one")
                } else {
                    format!("{plural}/one")
                };
                for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                    ask(format!("{method} {path}/{object}/{sub}"), "");
                }
                ask(format!("GET {path}/namespaces/other/{plural}/zq-foreign-mark-one/{sub}"), "");
                ask(format!("POST {path}/{object}/{sub}?dryRun=All"), "");
                continue;
            }
            let mut lists = vec![format!("{path}/{name}")];
            if namespaced {
                lists.extend(
                    ["shop", "other"].map(|namespace| format!("{path}/namespaces/{namespace}/{name}")),
                );
            }
            for list in &lists {
                for headers in ["", TABLE, PARTIAL, PROTOBUF, CBOR] {
                    ask(format!("GET {list}"), headers);
                }
                ask(format!("GET {list}?includeObject=Object"), TABLE);
                ask(format!("GET {list}?includeObject=None"), TABLE);
                ask(format!("GET {list}?limit=1"), "");
                ask(format!("GET {list}?watch=true&timeoutSeconds=1&allowWatchBookmarks=true"), "");
                ask(format!("GET {list}?watch=1&timeoutSeconds=1"), TABLE);
                ask(format!("HEAD {list}"), "");
                ask(format!("OPTIONS {list}"), "");
                ask(format!("POST {list}"), "");
                ask(format!("POST {list}?dryRun=All"), "");
                ask(format!("DELETE {list}"), "");
                for one in ["one", "zq-foreign-mark-one", "zq-cluster-mark-one", "other", "shop"] {
                    ask(format!("GET {list}/{one}"), "");
                }
                ask(format!("GET {list}/one"), TABLE);
                for method in ["PUT", "PATCH", "DELETE"] {
                    ask(format!("{method} {list}/one"), "");
                    ask(format!("{method} {list}/one?dryRun=All"), "");
                }
            }
            let watch = lists[lists.len() - 1].replace(&path, &format!("{path}/watch"));
            ask(format!("GET {watch}?timeoutSeconds=1"), "");
            ask(format!("GET {path}/watch/{name}?timeoutSeconds=1"), PROTOBUF);
        }
    }
    asked
}

fn is_hidden_kind(value: &Value) -> bool {
    let kind = value["kind"].as_str().unwrap_or_default();
    ["Secret", "Kubeconfig", "OAuthClient"].contains(&kind) || kind.ends_with("Token")
}

/// What is left of an object, row or event under these flags, by rules of this test's own.
fn is_left(value: &Value, wide: bool, flags: &[&str]) -> bool {
    let object = if value["object"].is_object() { &value["object"] } else { value };
    if flags.contains(&"--no-secrets") {
        let inside = object["objects"].as_array().into_iter().flatten();
        let applied = &object["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"];
        let applied = applied.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        if is_hidden_kind(object) || is_hidden_kind(&applied) || inside.into_iter().any(is_hidden_kind) {
            return false;
        }
    }
    let namespace = object["metadata"]["namespace"].as_str();
    match (flags.contains(&"--namespaces") && wide, namespace) {
        (true, None) => {
            let is_namespace = object["kind"] == "Namespace"
                || object["metadata"]["uid"]
                    .as_str()
                    .is_some_and(|uid| ["uid-shop", "uid-web"].contains(&uid));
            is_namespace && ["shop", "web"].contains(&object["metadata"]["name"].as_str().unwrap_or_default())
        }
        (true, Some(namespace)) => ["shop", "web"].contains(&namespace),
        (false, _) => true,
    }
}

/// The answer without the proxy, and without what must not be seen.
fn expected(direct: &Answer, wide: bool, flags: &[&str]) -> Value {
    let mut value = direct.json();
    for list in ["items", "rows"] {
        if let Some(items) = value[list].as_array_mut() {
            items.retain(|item| is_left(item, wide, flags));
        } else if let Some(fields) = value.as_object_mut() {
            // Indexing has put it there.
            fields.retain(|key, _| key != list);
        }
    }
    value
}

/// A list across namespaces tells neither its length nor where it goes on.
fn without_counts(mut value: Value) -> Value {
    if let Some(metadata) = value["metadata"].as_object_mut() {
        metadata.retain(|key, _| !["continue", "remainingItemCount"].contains(&key.as_str()));
    }
    value
}

fn events(answer: &Answer) -> Vec<Value> {
    let text = answer.text();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Compares an answer that came through with the one without the proxy.
fn compare(line: &str, direct: &Answer, through: &Answer, flags: &[&str]) {
    let wide = !line.contains("/namespaces/")
        || line.contains("/namespaces/shop?")
        || line.ends_with("/namespaces/shop");
    if line.contains("watch") {
        let events = |answer| events(answer).into_iter().filter(|event| event["type"] != "BOOKMARK");
        let rows = |event: Value| match event["object"]["rows"].as_array() {
            Some(rows) => rows[0]["object"].clone(),
            None => event["object"].clone(),
        };
        let wanted: Vec<Value> = events(direct).map(rows).filter(|it| is_left(it, wide, flags)).collect();
        let found: Vec<Value> = events(through).map(rows).collect();
        assert_eq!(found, wanted, "{line}");
        return;
    }
    if direct.head.contains("content-type: application/json") {
        let wanted = expected(direct, wide, flags);
        let (wanted, found) = match wide {
            true => (without_counts(wanted), without_counts(through.json())),
            false => (wanted, through.json()),
        };
        assert_eq!(found, wanted, "{line}");
    } else if !direct.head.contains("protobuf") {
        assert_eq!(through.text(), direct.text(), "{line}");
    }
}

/// Sends all requests under these flags, and compares what comes with what comes without the proxy.
fn run(flags: &[&str]) -> BTreeMap<&'static str, usize> {
    let world = World::new();
    let direct = RawClient::direct(&world.server, TOKEN);
    let all = requests(&direct);
    let before = world.server.lines().len();
    let proxy = BehindProxy::start(&world.home, &world.file, flags);
    let mut counts = BTreeMap::<&str, usize>::new();
    let mut passed = Vec::new();
    for (line, headers) in &all {
        let body = if line.starts_with("GET ")
            || line.starts_with("HEAD ")
            || line.starts_with("OPTIONS ")
            || line.starts_with("DELETE ")
        {
            ""
        } else {
            "{}"
        };
        let answer = proxy.client().request(line, headers, body);
        // A refusal repeats what was asked for.
        let mut shown = answer.text();
        if answer.status == 403 {
            for word in line.split(['/', '?', ' ']).filter(|word| word.contains("zq-")) {
                shown = shown.replace(word, "");
            }
        }
        shows_no_mark(shown.as_bytes(), flags, line);
        shows_no_mark(answer.head.as_bytes(), flags, line);
        *counts.entry("asked").or_default() += 1;
        let refused = answer.status == 403;
        *counts.entry(if refused { "refused" } else { "passed" }).or_default() += 1;
        if refused && !answer.body.is_empty() && answer.head.contains("application/json") {
            let status = answer.json();
            assert_eq!(
                (&status["kind"], &status["reason"]),
                (&json!("Status"), &json!("Forbidden")),
                "{line}"
            );
            assert!(status["message"].as_str().unwrap().contains("kcx"), "{line}: {status}");
        }
        assert!(answer.is_whole, "{line} broke off");
        if line.starts_with("GET ") && answer.status == 200 {
            passed.push((line, headers, answer));
        }
    }
    assert_eq!(world.written(), Vec::<String>::new());
    let seen = world.server.seen().split_off(before);
    if !marks(flags).is_empty() {
        for seen in &seen {
            let secret = ["/secrets", "tokens", "/kubeconfigs", "/oauthclients", "/tokenreviews"];
            let asks = flags.contains(&"--no-secrets") && secret.iter().any(|name| seen.line.contains(name));
            let away = flags.contains(&"--namespaces") && seen.line.contains("/namespaces/other");
            assert!(!asks && !away, "{}", seen.line);
        }
    }
    for (line, headers, answer) in passed {
        let without = direct.request(line, headers, "");
        compare(line, &without, &answer, flags);
        *counts.entry("compared").or_default() += 1;
    }
    proxy.end();
    counts
}

#[test]
fn no_secret_comes_through_and_reads_are_equal() {
    let counts = run(&["--no-secrets"]);
    assert!(counts["asked"] > 2000 && counts["compared"] > 800 && counts["refused"] > 600, "{counts:?}");
}

#[test]
fn no_other_namespace_comes_through_and_reads_are_equal() {
    let counts = run(&["--namespaces", "shop,web"]);
    assert!(counts["asked"] > 2000 && counts["compared"] > 500 && counts["refused"] > 900, "{counts:?}");
}

#[test]
fn both_limits_hold_together() {
    let counts = run(&["--no-secrets", "--namespaces", "shop,web"]);
    assert!(counts["asked"] > 2000 && counts["compared"] > 400 && counts["refused"] > 1000, "{counts:?}");
}

#[test]
fn without_limits_every_read_is_equal() {
    let counts = run(&["--read-only"]);
    assert!(counts["asked"] > 2000 && counts["compared"] > 1000 && counts["refused"] > 500, "{counts:?}");
}
