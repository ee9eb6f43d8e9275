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

/// What kcx will not do, in which file, and why. Anything not listed is done.
const TABLE: &[(&str, &str)] = &[];

#[test]
fn every_edit_of_every_file_is_done_by_the_laws_or_refused_by_name() {
    let mut broken = Vec::new();
    let mut refused: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut done = 0;
    for path in fixtures("valid") {
        let file = name(&path).to_owned();
        if REFUSED.contains(&file.as_str()) {
            continue;
        }
        let before = document(&fs::read(&path).unwrap());
        for ask in asks(&before) {
            for via in [Via::Ops, Via::Changes] {
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
    if let Ok(path) = std::env::var("KCX_DUMP") {
        fs::write(
            &path,
            format!(
                "{done} done\n{}\n{}",
                refused.iter().map(|(f, r)| format!("{f}:\n  {}\n", r.join("\n  "))).collect::<String>(),
                broken.join("\n======\n")
            ),
        )
        .unwrap();
    }
    let found: Vec<(&str, String)> =
        refused.iter().map(|(file, reasons)| (file.as_str(), format!("{}", reasons.len()))).collect();
    let listed: Vec<(&str, String)> = TABLE.iter().map(|&(file, why)| (file, why.to_owned())).collect();
    assert!(broken.is_empty(), "{} broken of {done}: {}", broken.len(), broken[0]);
    assert_eq!(found, listed, "{done} done");
}
