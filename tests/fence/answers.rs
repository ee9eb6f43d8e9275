//! Answers of a cluster that try to carry something past the filter, and answers that must come through as they are.
//!
//! `MARK` is in all that must not be seen. Each answer comes whole, byte by byte, and in pieces.

use super::fence;
use crate::generate::Random;
use crate::laws_random::{seeds, tell};
use kcx::cluster::filter::{Filter, Held, ITEM, Rules, Scope};
use serde_json::{Value, json};
use std::sync::Arc;

const MARK: &str = "bWFyaw";

/// The scope that a path leads to, under `--namespaces a,b`.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Path {
    /// Without `--namespaces`.
    All,
    Within,
    Across,
    Themselves,
}

fn rules(flags: &str, path: Path) -> Rules {
    let names = || vec!["a".to_owned(), "b".to_owned()].into();
    let scope = match path {
        Path::All => Scope::All,
        Path::Within => Scope::Within(names()),
        Path::Across => Scope::Across(names()),
        Path::Themselves => Scope::Themselves(names()),
    };
    Rules { hidden: fence(flags).hidden, scope, seal: Arc::new(|text| format!("sealed-{}", text.len())) }
}

/// What comes through: the same, however the bytes come.
fn through(rules: &Rules, is_watch: bool, bytes: &[u8]) -> Result<Vec<u8>, Held> {
    let run = |step: usize| {
        let mut filter = if is_watch { Filter::watch(rules.clone()) } else { Filter::answer(rules.clone()) };
        let mut out = Vec::new();
        for chunk in bytes.chunks(step) {
            if let Err(held) = filter.push(chunk, &mut out) {
                return (out, Err(held));
            }
        }
        let end = filter.finish(&mut out);
        (out, end)
    };
    let (out, end) = run(bytes.len().max(1));
    for step in [1, 2, 3, 7, 64] {
        assert_eq!(run(step), (out.clone(), end), "in steps of {step}: {}", String::from_utf8_lossy(bytes));
    }
    assert!(!String::from_utf8_lossy(&out).contains(MARK), "{}", String::from_utf8_lossy(&out));
    end.map(|()| out)
}

fn json_of(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// Items with a Secret in them, each for a list that has its kind before its items and one that has it after.
const SECRET_ITEMS: [&str; 52] = [
    r#"{"kind":"ConfigMap","apiVersion":"v1","metadata":{"annotations":{"x":"apiVersion: v1\nkind: Secret\ndata:\n  k: bWFyaw\n"}}}"#,
    r#"{"kind":"ConfigMap","apiVersion":"v1","metadata":{},"data":{"all.yaml":"kind: Pod\nmetadata: {}\n---\nkind: \"Secret\"\nstringData: {k: bWFyaw}\n"}}"#,
    r#"{"kind":"HelmRelease","apiVersion":"helm.example/v2","metadata":{},"spec":{"manifests":["{kind: Secret, data: {k: bWFyaw}}"]}}"#,
    r#"{"kind":"Script","apiVersion":"x/v1","metadata":{},"spec":{"run":"kubectl apply -f - <<EOF\r\ndata:\r\n  k: bWFyaw\r\nkind: Secret\r\nEOF\r\n"}}"#,
    r#"{"kind":"X","apiVersion":"x/v1","metadata":{},"a":["{\"a\":\"kind: Secret\\ndata: {k: bWFyaw}\"}"]}"#,
    r#"{"kind":"X","apiVersion":"x/v1","metadata":{},"a":"see: {\"data\":{\"k\":\"bWFyaw\"},\"kind\":\"Secret\",\"apiVersion\":\"v1\"}"}"#,
    r#"{"kind":"X","apiVersion":"x/v1","metadata":{},"a":"[{\"data\":{\"k\":\"bWFyaw\"},\"kind\":\"Secret\",\"apiVersion\":\"v1\"}]"}"#,
    r#"{"kind":"X","apiVersion":"x/v1","metadata":{},"a":"\n{\"data\":{\"k\":\"bWFyaw\"},\"kind\":\"Secret\",\"apiVersion\":\"v1\"}"}"#,
    r#"{"kind":"X","apiVersion":"x/v1","metadata":{},"a":"{}\n{\"data\":{\"k\":\"bWFyaw\"},\"kind\":\"Secret\",\"apiVersion\":\"v1\"}"}"#,
    r#"{"kind":"X","apiVersion":"x/v1","metadata":{},"a":"kin\u0064: Secret\ndata:\n  k: bWFyaw"}"#,
    r#"{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"data\":{\"k\":\"bWFyaw\"}}\n"}}}"#,
    r#"{"kind":"X","apiVersion":"x/v1","metadata":{},"a":["{\"a\":\"{\\\"data\\\":{\\\"k\\\":\\\"bWFyaw\\\"},\\\"kind\\\":\\\"Secret\\\",\\\"apiVersion\\\":\\\"v1\\\"}\"}"]}"#,
    r#"{"kind":"Secret","apiVersion":"v1","metadata":{"name":"s"},"data":{"k":"bWFyaw"}}"#,
    r#"{"apiVersion":"v1","kind":"Secret","data":{"k":"bWFyaw"},"metadata":{"name":"s"}}"#,
    r#"{"data":{"k":"bWFyaw"},"metadata":{"name":"s"},"kind":"Secret","apiVersion":"v1"}"#,
    r#"{"k\u0069nd":"Secret","apiVersion":"v1","metadata":{"name":"s"},"data":{"k":"bWFyaw"}}"#,
    r#"{"kind":"S\u0065cret","apiVersion":"v1","metadata":{"name":"s"},"data":{"k":"bWFyaw"}}"#,
    r#"{"kind":"Secret","api\u0056ersion":"v1","metadata":{"name":"s"},"data":{"k":"bWFyaw"}}"#,
    r#"{"kind":"secret","apiVersion":"v1","metadata":{"name":"s"},"data":{"k":"bWFyaw"}}"#,
    r#"{"kind":"SECRET","apiVersion":"v1","metadata":{"name":"s"},"data":{"k":"bWFyaw"}}"#,
    r#"{"kind":"Secret","apiVersion":"example.com/v1","metadata":{"name":"s"},"data":{"k":"bWFyaw"}}"#,
    r#"{"kind":"Secret","metadata":{"name":"s"},"data":{"k":"bWFyaw"}}"#,
    r#"{"kind":"Secret","apiVersion":null,"metadata":{"name":"s"},"data":{"k":"bWFyaw"}}"#,
    r#"{"kind":"Pod","kind":"Secret","apiVersion":"v1","metadata":{"name":"s"},"data":{"k":"bWFyaw"}}"#,
    r#"{"kind":"Secret","kind":"Pod","apiVersion":"v1","metadata":{"name":"s"},"data":{"k":"bWFyaw"}}"#,
    r#"{"kind":"Pod","Kind":"Secret","apiVersion":"v1","metadata":{"name":"s"},"data":{"k":"bWFyaw"}}"#,
    r#"{"KIND":"Secret","apiVersion":"v1","metadata":{"name":"s"},"data":{"k":"bWFyaw"}}"#,
    r#"{"kind":"Pod","k\u0069nd":"Secret","apiVersion":"v1","metadata":{},"data":{"k":"bWFyaw"}}"#,
    r#"{"kind":["Secret"],"apiVersion":"v1","metadata":{"name":"s"},"data":{"k":"bWFyaw"}}"#,
    r#"{"kind":{"a":"Secret"},"apiVersion":"v1","metadata":{"name":"s"},"data":{"k":"bWFyaw"}}"#,
    r#"{"kind":1,"apiVersion":"v1","metadata":{"name":"s"},"data":{"k":"bWFyaw"}}"#,
    r#"{"kind":"Pod","apiVersion":7,"metadata":{"name":"s"},"data":{"k":"bWFyaw"}}"#,
    r#"{"kind":"SecretList","apiVersion":"v1","items":[{"metadata":{},"data":{"k":"bWFyaw"}}]}"#,
    r#"{"kind":"List","apiVersion":"v1","items":[{"kind":"Secret","apiVersion":"v1","metadata":{},"data":{"k":"bWFyaw"}}]}"#,
    r#"{"kind":"Template","apiVersion":"template.openshift.io/v1","metadata":{},"objects":[{"kind":"Secret","apiVersion":"v1","data":{"k":"bWFyaw"}}]}"#,
    r#"{"kind":"ManifestWork","apiVersion":"work.open-cluster-management.io/v1","metadata":{},"spec":{"workload":{"manifests":[{"apiVersion":"v1","kind":"Secret","metadata":{},"stringData":{"k":"bWFyaw"}}]}}}"#,
    r#"{"kind":"X","apiVersion":"x/v1","metadata":{},"a":[[[{"data":{"k":"bWFyaw"},"kind":"Secret","apiVersion":"v1"}]]]}"#,
    r#"{"kind":"X","apiVersion":"x/v1","metadata":{"a":{"kind":"Secret","apiVersion":"v1","metadata":{"k":"bWFyaw"}}}}"#,
    r#"{"kind":"X","apiVersion":"x/v1","metadata":{},"a":{"kind":"Pod","kind":"Secret","apiVersion":"v1","data":{"k":"bWFyaw"}}}"#,
    r#"{"kind":"X","apiVersion":"x/v1","metadata":{},"a":{"k\u0069nd":"Secret","apiVersion":"v1","data":{"k":"bWFyaw"}}}"#,
    r#"{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","metadata":{},"spec":{"token":"bWFyaw"}}"#,
    r#"{"kind":"TokenRequest","apiVersion":"authentication.k8s.io/v1","metadata":{},"status":{"token":"bWFyaw"}}"#,
    r#"{"kind":"OAuthAccessToken","apiVersion":"oauth.openshift.io/v1","metadata":{"name":"bWFyaw"}}"#,
    r#"{"kind":"OAuthClient","apiVersion":"oauth.openshift.io/v1","metadata":{},"secret":"bWFyaw"}"#,
    r#"{"kind":"Token","apiVersion":"management.cattle.io/v3","metadata":{},"token":"bWFyaw"}"#,
    r#"{"kind":"ClusterRegistrationToken","apiVersion":"management.cattle.io/v3","metadata":{},"token":"bWFyaw"}"#,
    r#"{"kind":"Kubeconfig","apiVersion":"ext.cattle.io/v1","metadata":{},"status":{"value":"bWFyaw"}}"#,
    r#"{"kind":"InternalSecret","apiVersion":"core.gardener.cloud/v1beta1","metadata":{},"data":{"k":"bWFyaw"}}"#,
    r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"bWFyaw"},}"#,
    r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"bWFyaw"},"a":01}"#,
    r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"bWFyaw"} "a":1}"#,
    r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"bWFyaw"},"a":"\ud800"}"#,
];

#[test]
fn no_secret_comes_through_a_list() {
    const GOOD: &str = r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"good"}}"#;
    let rules = rules("--no-secrets", Path::All);
    for item in SECRET_ITEMS {
        for list in [
            format!(r#"{{"kind":"List","apiVersion":"v1","metadata":{{}},"items":[{GOOD},{item},{GOOD}]}}"#),
            format!(
                r#"{{"apiVersion":"v1","items":[ {GOOD} , {item} , {GOOD} ],"kind":"List","metadata":{{}}}}"#
            ),
        ] {
            let out = through(&rules, false, list.as_bytes()).unwrap();
            assert_eq!(
                json_of(&out)["items"],
                json!([json_of(GOOD.as_bytes()), json_of(GOOD.as_bytes())]),
                "{item}"
            );
        }
        // On its own it is no answer at all.
        let alone = through(&rules, false, item.as_bytes());
        assert!(alone.is_err() || json_of(&alone.unwrap())["items"] == json!([]), "{item}");
        let row = format!(r#"{{"cells":["bWFyaw"],"object":{item}}}"#);
        let table = format!(
            r#"{{"kind":"Table","apiVersion":"meta.k8s.io/v1","columnDefinitions":[],"rows":[{row},{{"cells":["x"],"object":{GOOD}}}]}}"#
        );
        let out = through(&rules, false, table.as_bytes()).unwrap();
        assert_eq!(
            json_of(&out)["rows"],
            json!([{"cells": ["x"], "object": json_of(GOOD.as_bytes())}]),
            "{item}"
        );
        for kind in ["ADDED", "MODIFIED", "DELETED"] {
            let events = format!(
                "{{\"type\":\"{kind}\",\"object\":{item}}}\n{{\"type\":\"{kind}\",\"object\":{GOOD}}}\n"
            );
            let out = through(&rules, true, events.as_bytes()).unwrap();
            assert_eq!(json_of(&out)["object"], json_of(GOOD.as_bytes()), "{item}");
        }
    }
}

/// Items that do not say that they are in `a` or `b`.
const FOREIGN_ITEMS: [&str; 24] = [
    r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"bWFyaw","namespace":"c"}}"#,
    r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"bWFyaw"}}"#,
    r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"bWFyaw","namespace":""}}"#,
    r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"bWFyaw","namespace":null}}"#,
    r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"bWFyaw","namespace":["a"]}}"#,
    r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"bWFyaw","namespace":{"a":"a"}}}"#,
    r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"bWFyaw","namespace":"A"}}"#,
    r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"bWFyaw","namespace":"a "}}"#,
    r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"bWFyaw","namespace":"a,b"}}"#,
    r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"bWFyaw","namespace":"a\u0000"}}"#,
    r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"bWFyaw","namespace":"a","namespace":"c"}}"#,
    r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"bWFyaw","namespace":"c","namespace":"a"}}"#,
    r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"bWFyaw","namespace":"a","Namespace":"c"}}"#,
    r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"bWFyaw","namespace":"a","n\u0061mespace":"c"}}"#,
    r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"bWFyaw","NAMESPACE":"a"}}"#,
    r#"{"kind":"Pod","apiVersion":"v1","metadata":{"namespace":"a"},"metadata":{"namespace":"c","name":"bWFyaw"}}"#,
    r#"{"kind":"Pod","apiVersion":"v1","metadata":{"namespace":"a"},"Metadata":{"namespace":"c","name":"bWFyaw"}}"#,
    r#"{"kind":"Pod","apiVersion":"v1","metadata":{"namespace":"a"},"m\u0065tadata":{"name":"bWFyaw"}}"#,
    r#"{"kind":"Pod","apiVersion":"v1","metadata":[{"name":"bWFyaw","namespace":"a"}]}"#,
    r#"{"kind":"Pod","apiVersion":"v1","metadata":null,"name":"bWFyaw","namespace":"a"}"#,
    r#"{"kind":"Pod","apiVersion":"v1","namespace":"a","x":"bWFyaw"}"#,
    r#"{"kind":"Pod","apiVersion":"v1","spec":{"metadata":{"namespace":"a"}},"x":"bWFyaw"}"#,
    r#"{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"bWFyaw"}}"#,
    r#"{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"bWFyaw","namespace":"c"}}"#,
];

#[test]
fn nothing_of_another_namespace_comes_through() {
    const GOOD: &str = r#"{"metadata":{"name":"good","namespace":"b"}}"#;
    let across = rules("", Path::Across);
    for item in FOREIGN_ITEMS {
        let list =
            format!(r#"{{"kind":"PodList","apiVersion":"v1","metadata":{{}},"items":[{item},{GOOD}]}}"#);
        let out = through(&across, false, list.as_bytes()).unwrap();
        assert_eq!(json_of(&out)["items"], json!([json_of(GOOD.as_bytes())]), "{item}");
        assert!(through(&across, false, item.as_bytes()).is_err(), "{item}");
        let events =
            format!("{{\"type\":\"ADDED\",\"object\":{item}}}{{\"object\":{GOOD},\"type\":\"DELETED\"}}");
        let out = through(&across, true, events.as_bytes()).unwrap();
        assert_eq!(json_of(&out)["type"], "DELETED", "{item}");
        // A row has the object, or its metadata, or nothing, which says nothing.
        for row in
            [format!(r#"{{"cells":["bWFyaw"],"object":{item}}}"#), r#"{"cells":["bWFyaw"]}"#.to_owned()]
        {
            let table = |rows: &str| {
                format!(
                    r#"{{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{{}},"columnDefinitions":[{{"name":"N"}}],"rows":[{rows}]}}"#
                )
            };
            let good = format!(r#"{{"cells":["x"],"object":{GOOD}}}"#);
            let out = through(&across, false, table(&format!("{row},{good}")).as_bytes()).unwrap();
            assert_eq!(json_of(&out)["rows"], json!([json_of(good.as_bytes())]), "{row}");
            // The first event has the columns, which the next one that comes through needs.
            let later =
                table(&good).replace(r#""columnDefinitions":[{"name":"N"}]"#, r#""columnDefinitions":null"#);
            let events = format!(
                "{{\"type\":\"ADDED\",\"object\":{}}}\n{{\"type\":\"ADDED\",\"object\":{later}}}\n",
                table(&row)
            );
            let out = json_of(&through(&across, true, events.as_bytes()).unwrap());
            assert_eq!(out["object"]["columnDefinitions"], json!([{"name": "N"}]), "{row}");
            assert_eq!(out["object"]["rows"], json!([json_of(good.as_bytes())]), "{row}");
        }
    }
    // By their names, namespaces are judged themselves.
    let list = r#"{"kind":"NamespaceList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"bWFyaw","namespace":"a"}},{"metadata":{"name":"bWFyaw"}},{"metadata":{}},{"metadata":{"name":"b"}}]}"#;
    let out = through(&rules("", Path::Themselves), false, list.as_bytes()).unwrap();
    assert_eq!(json_of(&out)["items"], json!([{"metadata": {"name": "a"}}, {"metadata": {"name": "b"}}]));
    // Where the path names the namespace, an object need not.
    let within = rules("", Path::Within);
    let list = r#"{"kind":"PodList","apiVersion":"v1","items":[{"metadata":{"name":"x"}},{"metadata":{"name":"bWFyaw","namespace":"c"}}]}"#;
    let out = through(&within, false, list.as_bytes()).unwrap();
    assert_eq!(json_of(&out)["items"], json!([{"metadata": {"name": "x"}}]));
}

/// Whole answers that are held back: with `--no-secrets`, and under `--namespaces` where the path names none.
const HELD: [&str; 36] = [
    r#"{"kind":"SecretList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"namespace":"a"},"data":{"k":"bWFyaw"}}]}"#,
    r#"{"kind":"SecretList","apiVersion":"v1","metadata":{},"items":null}"#,
    r#"{"kind":"PodList","kind":"SecretList","apiVersion":"v1","items":[{"metadata":{},"data":"bWFyaw"}]}"#,
    r#"{"kind":"PodList","apiVersion":"v1","items":[],"kind":"SecretList"}"#,
    r#"{"kind":"PodList","apiVersion":"v1","items":[],"Kind":"SecretList"}"#,
    r#"{"kind":"PodList","apiVersion":"v1","items":[],"items":[{"data":"bWFyaw"}]}"#,
    r#"{"kind":"PodList","apiVersion":"v1","items":[],"Items":[{"data":"bWFyaw"}]}"#,
    r#"{"kind":"PodList","apiVersion":"v1","items":[],"it\u0065ms":[{"data":"bWFyaw"}]}"#,
    r#"{"kind":"PodList","apiVersion":"v1","items":["bWFyaw"]}"#,
    r#"{"kind":"PodList","apiVersion":"v1","items":[["bWFyaw"]]}"#,
    r#"{"kind":"PodList","apiVersion":"v1","items":[null,1]}"#,
    r#"{"kind":"PodList","apiVersion":"v1","items":[{}{"a":"bWFyaw"}]}"#,
    r#"{"kind":"PodList","apiVersion":"v1","items":[,{"a":"bWFyaw"}]}"#,
    r#"{"kind":"PodList","apiVersion":"v1","items":[{}],"x":{"kind":"Secret","apiVersion":"v1","data":{"k":"bWFyaw"}}}"#,
    r#"{"kind":"PodList","apiVersion":"v1","x":[{"kind":"Secret","apiVersion":"v1","data":{"k":"bWFyaw"}}],"items":[]}"#,
    r#"{"kind":"PodList","apiVersion":"v1","items":[{}]"#,
    r#"{"kind":"PodList","apiVersion":"v1","items":[{"a":"x"}"#,
    r#"{"kind":"PodList","apiVersion":"v1","items":[]}{"kind":"Secret","data":"bWFyaw"}"#,
    r#"{"kind":"PodList","apiVersion":"v1","items":[]} bWFyaw"#,
    r#"{"kind":"PodList","apiVersion":"v1","items":[]}]"#,
    r#"[{"kind":"Secret","apiVersion":"v1","data":{"k":"bWFyaw"}}]"#,
    r#""bWFyaw""#,
    "bWFyaw",
    "",
    " \n",
    "null",
    "k8s\0\n\x0c\n\x02v1\x12\x06SecretbWFyaw",
    "\u{1f}\u{8b}bWFyaw",
    "\u{feff}{\"kind\":\"Pod\",\"x\":\"bWFyaw\"}",
    "apiVersion: v1\nkind: Secret\ndata: {k: bWFyaw}\n",
    "--boundary\r\n{\"kind\":\"Secret\",\"data\":\"bWFyaw\"}",
    r#"{kind:"Pod","x":"bWFyaw"}"#,
    r#"{'kind':'Pod','x':'bWFyaw'}"#,
    r#"{"kind":"Pod" "x":"bWFyaw"}"#,
    r#"{"kind":"Pod","x":"bWFyaw""#,
    r#"{"a":"bWFyaw","a":1}"#,
];

#[test]
fn an_answer_that_cannot_be_split_is_held() {
    for answer in HELD {
        let out = through(&rules("--no-secrets", Path::All), false, answer.as_bytes());
        assert!(out.is_err(), "{answer}: {out:?}");
    }
    for answer in &HELD[21..] {
        let out = through(&rules("", Path::Across), false, answer.as_bytes());
        assert!(out.is_err(), "{answer}: {out:?}");
    }
    let secret = r#"{"kind":"Secret","apiVersion":"v1","data":{"k":"bWFyaw"}}"#;
    let (open, close) = ("[".repeat(200), "]".repeat(200));
    let deep = format!(r#"{{"kind":"Pod","apiVersion":"v1","x":{open}{secret}{close}}}"#);
    assert!(through(&rules("--no-secrets", Path::All), false, deep.as_bytes()).is_err());
    // Neither UTF-8 nor a number of Go.
    let odd = [b"{\"kind\":\"Pod\",\"x\":\"bWFyaw\xff\"}".as_slice(), b"{\"kind\":\"Pod\",\"bWFyaw\":+1}"];
    assert!(odd.iter().all(|odd| through(&rules("--no-secrets", Path::All), false, odd).is_err()));
}

/// Streams that are no events, or that are not to be understood.
#[test]
fn an_event_that_is_not_understood_is_left_out() {
    for stream in [
        r#"{"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"bWFyaw"}},"x":1}"#,
        r#"{"type":"ADDED","type":"ADDED","object":{"kind":"Pod","apiVersion":"v1","x":"bWFyaw"}}"#,
        r#"{"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1"},"object":{"kind":"Secret","x":"bWFyaw"}}"#,
        r#"{"type":"ADDED","Object":{"kind":"Pod","apiVersion":"v1","x":"bWFyaw"}}"#,
        r#"{"Type":"ADDED","object":{"kind":"Pod","apiVersion":"v1","x":"bWFyaw"}}"#,
        r#"{"type":"added","object":{"kind":"Pod","apiVersion":"v1","x":"bWFyaw"}}"#,
        r#"{"type":"OTHER","object":{"kind":"Pod","apiVersion":"v1","x":"bWFyaw"}}"#,
        r#"{"type":1,"object":{"kind":"Pod","apiVersion":"v1","x":"bWFyaw"}}"#,
        r#"{"object":{"kind":"Pod","apiVersion":"v1","x":"bWFyaw"}}"#,
        r#"{"type":"ADDED","object":"bWFyaw"}"#,
        r#"{"type":"ADDED","object":[{"kind":"Pod","apiVersion":"v1","x":"bWFyaw"}]}"#,
        r#"{"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1","x":"bWFyaw",}}"#,
        r#"{"kind":"Secret","apiVersion":"v1","data":{"k":"bWFyaw"}}"#,
        r#"{"kind":"SecretList","apiVersion":"v1","items":[{"data":{"k":"bWFyaw"}}]}"#,
    ] {
        assert_eq!(
            through(&rules("--no-secrets", Path::All), true, stream.as_bytes()),
            Ok(Vec::new()),
            "{stream}"
        );
    }
    for stream in
        ["[]", "bWFyaw", "\0\0\0\u{1}k8s\0bWFyaw", "{\"type\":\"ADDED\",\"object\":{\"x\":\"bWFyaw\""]
    {
        assert!(through(&rules("--no-secrets", Path::All), true, stream.as_bytes()).is_err(), "{stream}");
    }
    let error = r#"{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","code":410}}"#;
    for path in [Path::All, Path::Across] {
        assert_eq!(
            through(&rules("--no-secrets", path), true, error.as_bytes()),
            Ok(format!("{error}\n").into_bytes())
        );
        let odd = error.replace("Status", "Pod").replace("410", "\"bWFyaw\"");
        assert!(through(&rules("--no-secrets", path), true, odd.as_bytes()).is_err());
    }
    // A bookmark is no object: of what is in one, only the place and the end of the first events are passed on.
    let bookmark = r#"{"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"bWFyaw","namespace":"c","resourceVersion":"7","annotations":{"k8s.io/initial-events-end":"true","x":"bWFyaw"}},"spec":{"x":"bWFyaw"}}}"#;
    let out = through(&rules("--no-secrets", Path::Across), true, bookmark.as_bytes()).unwrap();
    assert_eq!(
        json_of(&out),
        json!({"type": "BOOKMARK", "object": {"kind": "Pod", "apiVersion": "v1", "metadata": {
            "resourceVersion": "7", "creationTimestamp": null, "annotations": {"k8s.io/initial-events-end": "true"},
        }}})
    );
}

#[test]
fn what_may_be_seen_comes_through_as_it_is() {
    for (path, answer) in [
        (
            Path::All,
            r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"x","labels":{"Name":"n","kind":"Secret"}},"spec":{"a":[1,-2.5e3,true,null,"\u00fc\ud83d\ude00"]}}"#,
        ),
        (
            Path::All,
            r#"{"kind":"PodList","apiVersion":"v1","metadata":{"continue":"c","remainingItemCount":3},"items":[{"metadata":{"name":"x"}},{"metadata":{"name":"y"}}]}"#,
        ),
        (
            Path::All,
            r#"{"apiVersion":"stable.example.com/v1","items":[{"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"name":"x"}}],"kind":"CronTabList","metadata":{"resourceVersion":"1"}}"#,
        ),
        (Path::All, r#"{"kind":"List","apiVersion":"v1","items":[]}"#),
        (Path::All, r#"{"kind":"PodList","apiVersion":"v1","items":null}"#),
        (
            Path::All,
            r#"{"kind":"Table","apiVersion":"meta.k8s.io/v1","columnDefinitions":[{"name":"N"}],"rows":[{"cells":["x"]},{"cells":["y"],"object":{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{}}}]}"#,
        ),
        // References to a Secret are not the Secret.
        (
            Path::All,
            r#"{"kind":"X","apiVersion":"x/v1","metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"Secret","name":"s","uid":"u"}]}}"#,
        ),
        (
            Path::All,
            r#"{"kind":"Event","apiVersion":"v1","metadata":{},"involvedObject":{"kind":"Secret","namespace":"a","name":"s","apiVersion":"v1"}}"#,
        ),
        (
            Path::All,
            r#"{"kind":"CustomResourceDefinition","apiVersion":"apiextensions.k8s.io/v1","metadata":{},"spec":{"names":{"kind":"Secret"},"schema":{"kind":{"type":"string"},"apiVersion":{"type":"string"},"data":{}}}}"#,
        ),
        (
            Path::All,
            r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","reason":"NotFound","code":404}"#,
        ),
        (
            Path::All,
            r#"{"kind":"SealedSecret","apiVersion":"bitnami.com/v1alpha1","metadata":{"name":"x"},"spec":{"encryptedData":{"k":"v"}}}"#,
        ),
        (
            Path::Across,
            r#"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}"#,
        ),
        (Path::Within, r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"x","namespace":"a"}}"#),
        (
            Path::Within,
            r#"{"kind":"Scale","apiVersion":"autoscaling/v1","metadata":{"name":"x"},"spec":{"replicas":1}}"#,
        ),
        (Path::Themselves, r#"{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"a"}}"#),
    ] {
        let out = through(&rules("--no-secrets --hide configmaps", path), false, answer.as_bytes());
        assert_eq!(out.map(|out| String::from_utf8(out).unwrap()), Ok(format!("{answer}\n")));
    }
    let event = r#"{"type":"MODIFIED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"x","namespace":"a"},"spec":{"s":"}\"{"}}}"#;
    let stream = format!("{event}\n{event}\n");
    let out = through(&rules("--no-secrets", Path::Across), true, stream.as_bytes());
    assert_eq!(out, Ok(stream.into_bytes()));
}

/// How many there are elsewhere, and where a list goes on, is told by the metadata of a list.
#[test]
fn a_list_says_nothing_of_what_is_left_out() {
    let list = r#"{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7","continue":"bWFyaw","remainingItemCount":3,"x":"bWFyaw"},"items":[]}"#;
    let want = json!({"resourceVersion": "7", "continue": "sealed-6"});
    for path in [Path::Across, Path::Themselves] {
        let out = through(&rules("", path), false, list.as_bytes()).unwrap();
        assert_eq!(json_of(&out)["metadata"], want);
        let expired = r#"{"kind":"Status","apiVersion":"v1","metadata":{"continue":"bWFyaw"},"reason":"Expired","code":410}"#;
        let out = through(&rules("", path), false, expired.as_bytes()).unwrap();
        assert_eq!(json_of(&out)["metadata"], json!({"continue": "sealed-6"}));
    }
    let last = list.replace("\"continue\":\"bWFyaw\"", "\"continue\":\"\"");
    let out = through(&rules("", Path::Across), false, last.as_bytes()).unwrap();
    assert_eq!(json_of(&out)["metadata"]["continue"], "");
}

#[test]
fn what_is_too_large_is_left_out() {
    let large = "x".repeat(ITEM);
    let item = |name: &str, text: &str| {
        format!(
            r#"{{"kind":"Pod","apiVersion":"v1","metadata":{{"name":"{name}","namespace":"a"}},"x":"{text}"}}"#
        )
    };
    let across = rules("--no-secrets", Path::Across);
    let run = |is_watch: bool, text: String| {
        let mut filter =
            if is_watch { Filter::watch(across.clone()) } else { Filter::answer(across.clone()) };
        let mut out = Vec::new();
        let end = text.as_bytes().chunks(1 << 16).try_for_each(|chunk| filter.push(chunk, &mut out));
        end.and_then(|()| filter.finish(&mut out)).map(|()| out)
    };
    let (small, large) = (item("small", ""), item("bWFyaw", &large));
    let list = format!(r#"{{"kind":"List","apiVersion":"v1","items":[{small},{large},{small}]}}"#);
    assert_eq!(json_of(&run(false, list).unwrap())["items"].as_array().unwrap().len(), 2);
    assert!(matches!(run(false, large.clone()), Err(Held::Unclear(_))));
    let events = format!(r#"{{"type":"ADDED","object":{large}}}{{"type":"ADDED","object":{small}}}"#);
    assert_eq!(json_of(&run(true, events).unwrap())["object"]["metadata"]["name"], "small");
}

/// Arbitrary changes to answers neither panic nor let a marked object through.
#[test]
fn arbitrary_answers_are_filtered_or_held() {
    let secret = r#"{"kind":"Secret","apiVersion":"v1","metadata":{"name":"s","namespace":"a"},"data":{"k":"SECRETS"}}"#;
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "null",
        "\"kind\"",
        "\"items\"",
        "\"rows\"",
        " ",
        "\u{0}",
        "ü",
    ];
    let (mut kept, mut cases) = (0, 0);
    for seed in seeds(6_000) {
        let mut random = Random::new(seed);
        let good = r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p","namespace":"a"}}"#;
        let list = format!(
            r#"{{"kind":"List","apiVersion":"v1","metadata":{{}},"items":[{good},{secret},{good}]}}"#
        );
        let mut bytes =
            if random.one_in(2) { list } else { format!("{{\"type\":\"ADDED\",\"object\":{good}}}\n{list}") }
                .into_bytes();
        for _ in 0..random.below(3) {
            let at = random.below(bytes.len());
            match random.below(3) {
                0 => drop(bytes.remove(at)),
                1 => bytes.truncate(at.max(1)),
                _ => drop(bytes.splice(at..at, random.pick(&pieces).bytes())),
            }
        }
        let whole = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
        cases += 1;
        for is_watch in [false, true] {
            if let Ok(out) = through(&rules("--no-secrets", Path::All), is_watch, &bytes) {
                kept += 1;
                let seen = out.windows(7).any(|part| part == b"SECRETS");
                assert!(!(seen && whole), "seed {seed}: {}", String::from_utf8_lossy(&bytes));
            }
        }
    }
    tell("answers", cases);
    assert!(kept > cases / 20, "{kept} of {cases}");
}
