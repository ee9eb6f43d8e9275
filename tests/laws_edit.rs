//! Every kind of edit on every file of the corpus: done by the laws, or refused by name.

use crate::corpus::{REFUSED, fixtures, name};
use crate::laws::{Ask, Via, check, document, meaning, names};
use kcx::kubeconfig::{Document, Kind};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;

/// A new body for each kind, as kubectl would print it.
fn new_body(kind: Kind) -> Value {
    match kind {
        Kind::Cluster => json!({"server": "https://new.example:6443"}),
        Kind::User => json!({"token": "new-token"}),
        Kind::Context => json!({"cluster": "new", "user": "new", "namespace": "kube-system"}),
    }
}

fn exec() -> Value {
    json!({
        "command": "kcx",
        "args": ["credential", "exec", "--user=a b"],
        "env": [{"name": "A", "value": "yes"}],
        "apiVersion": "client.authentication.k8s.io/v1",
        "provideClusterInfo": true,
        "interactiveMode": "Never",
    })
}

/// Every kind of edit, on the first and the last entry of each list.
pub(crate) fn asks(before: &Document) -> Vec<Ask> {
    let meaning = meaning(before);
    let mut asks = vec![Ask::Current("another".into()), Ask::Current("no".into()), Ask::NoCurrent];
    for kind in Kind::ALL {
        let names = names(&meaning, kind);
        asks.push(Ask::Insert { kind, name: "brand-new".into(), body: new_body(kind) });
        let mut ends = vec![names.first(), names.last()];
        ends.dedup();
        for name in ends.into_iter().flatten() {
            asks.push(Ask::Rename { kind, from: name.clone(), to: "brand-new".into() });
            asks.push(Ask::Remove { kind, name: name.clone() });
            let fields: &[(&str, Value)] = match kind {
                Kind::Cluster => &[("server", json!("https://other.example"))],
                Kind::User => &[("token", json!("1e3")), ("exec", exec())],
                Kind::Context => &[("namespace", json!("kube-system")), ("cluster", json!("c # 1"))],
            };
            for (key, value) in fields {
                asks.push(Ask::Put { kind, name: name.clone(), key, value: value.clone() });
            }
            match kind {
                Kind::Cluster => {}
                Kind::User => asks.push(Ask::Drop { kind, name: name.clone(), key: "token" }),
                Kind::Context => asks.push(Ask::Drop { kind, name: name.clone(), key: "namespace" }),
            }
            let user = meaning[kind.list()].as_array().unwrap().iter().find(|e| e["name"] == **name).unwrap();
            if let Some(args) = user["user"]["exec"]["args"].as_array().filter(|args| !args.is_empty()) {
                for index in [0, args.len()] {
                    asks.push(Ask::Arg { user: name.clone(), index, value: "--new".into() });
                }
            }
        }
    }
    asks
}

/// The files of which kcx refuses some edits, and why. Any edit of any other file is done.
const TABLE: &[(&str, &str)] = &[
    ("block-at-end-blanks.yaml", "the line of blanks in which the file ends is text of its block"),
    (
        "comment-behind-bracket-or-quote.yaml",
        "a list in the place of `[]` would run into the comment that touches it",
    ),
    ("empty-first-document.yaml", "kubectl sees only the empty document in front of the full one"),
    ("explicit-keys.yaml", "keys spelled with a question mark are kept, not removed"),
    ("merge-keys.yaml", "what a merge key brings along cannot be taken away"),
    ("null-bodies.yaml", "an entry that is nothing but a dash has no place for a name"),
    ("tags-behind-line-separators.yaml", "values with a tag"),
    ("tags.yaml", "values with a tag"),
    ("yaml-1.1-directive.yaml", "values with a tag"),
];

#[test]
fn every_edit_of_every_corpus_file_obeys_the_laws_or_is_refused() {
    let mut broken = Vec::new();
    let mut refused: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut done = 0;
    for path in fixtures("valid") {
        let file = name(&path).to_owned();
        if REFUSED.contains(&file.as_str()) {
            continue;
        }
        let before = document(&fs::read(&path).unwrap());
        // One of five in a long file: it is all the same there.
        let step = if before.text().len() > 40_000 { 5 } else { 1 };
        for (at, ask) in asks(&before).into_iter().enumerate().step_by(step) {
            let ways: &[Via] = if at % 3 == 0 { &[Via::Ops, Via::Changes] } else { &[Via::Changes] };
            for &via in ways {
                match check(&before, &ask, via) {
                    Ok(Ok(_)) => done += 1,
                    Ok(Err(reason)) => {
                        let reason = format!("{reason:?}").chars().take(60).collect::<String>();
                        refused.entry(file.clone()).or_default().push(format!("{reason}: {ask:?}"));
                    }
                    Err(law) => broken.push(format!("{file}: {law}")),
                }
            }
        }
    }
    assert!(broken.is_empty(), "{} broken of {done}: {}", broken.len(), broken[0]);
    let found: Vec<&str> = refused.keys().map(String::as_str).collect();
    let listed: Vec<&str> = TABLE.iter().map(|&(file, _)| file).collect();
    assert_eq!(found, listed, "{refused:#?}");
    let count: usize = refused.values().map(Vec::len).sum();
    assert!(count < done / 50, "{count} of {done} refused: {refused:#?}");
}

#[test]
fn a_comment_between_two_patches_is_not_changed() {
    let before = document(b"users:\n- name: a\n  user: null # a: b - c, and more\n");
    let ask = Ask::Put { kind: Kind::User, name: "a".into(), key: "token", value: json!("'") };
    for via in [Via::Ops, Via::Changes] {
        assert!(matches!(check(&before, &ask, via), Ok(Ok(_))), "{:?}", check(&before, &ask, via));
    }
}

#[test]
fn a_file_without_a_final_line_end_stays_without_one() {
    let start = "apiVersion: v1\nkind: Config\ncontexts:\n- context:\n  name: 'z9'";
    for ends in ["\n\n", "\n\r\n", "\r\n\r\n"] {
        let before = document(format!("{start}{ends}current-context: x").as_bytes());
        for via in [Via::Ops, Via::Changes] {
            let done = check(&before, &Ask::NoCurrent, via);
            assert!(matches!(done, Ok(Ok(_))), "{done:?}");
        }
    }
}

#[test]
fn the_span_of_a_tagged_key_starts_at_the_tag() {
    let text = "apiVersion: v1\nkind: Config\ncontexts:\n- name: a\n  context:\n     !!str cluster: \n     namespace: b\n";
    let before = document(text.as_bytes());
    let (kind, name) = (Kind::Context, "a".to_owned());
    for ask in [
        Ask::Put { kind, name: name.clone(), key: "user", value: json!("x") },
        Ask::Put { kind, name: name.clone(), key: "namespace", value: json!("x") },
        Ask::Drop { kind, name, key: "namespace" },
    ] {
        for via in [Via::Ops, Via::Changes] {
            let done = check(&before, &ask, via);
            assert!(matches!(done, Ok(Ok(_))), "{done:?}");
        }
    }
}
