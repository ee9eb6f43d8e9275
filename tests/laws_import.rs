//! Laws of importing and merging, on random kubeconfigs.

use crate::generate::{Random, kubeconfig};
use crate::laws_random::{seeds, tell};
use kcx::kubeconfig::change::{Targets, route};
use kcx::kubeconfig::import::{Outcome, Policy, plan};
use kcx::kubeconfig::merge::{MergeError, merge};
use kcx::kubeconfig::{Document, Kind, Merged, Source, View, patch};
use serde_json::Value;

const POLICIES: [Policy; 5] = [Policy::Fail, Policy::Skip, Policy::Overwrite, Policy::Rename, Policy::Update];

/// A random kubeconfig; every third is taken from a few, so that two have entries in common.
fn random(seed: u64) -> Option<Document> {
    let seed = if seed.is_multiple_of(3) { seed % 9 } else { seed };
    Document::parse(kubeconfig(&mut Random::new(seed), seed.is_multiple_of(2)).into_bytes()).ok()
}

fn merged(document: &Document) -> Merged {
    Merged::new(vec![Source { path: "config".into(), document: Some(document.clone()) }])
}

fn view(document: &Document) -> View {
    View::of(&merged(document)).unwrap()
}

fn value(document: &Document) -> Value {
    view(document).to_value()
}

/// What an import makes of a document; none where the document cannot be edited.
fn import(into: &Document, from: &View, policy: Policy) -> Option<Document> {
    let here = merged(into);
    let plan = plan(&here, std::slice::from_ref(from), policy).unwrap();
    let targets = Targets { current: 0, default: 0, explicit: false };
    let ops = route(&here, plan.changes.clone(), targets).unwrap().pop().unwrap();
    patch::apply(into, &ops).ok()
}

#[test]
fn an_import_is_idempotent_and_no_policy_loses_an_entry_silently() {
    let (mut cases, mut refused) = (0, 0);
    for seed in seeds(300) {
        let (Some(into), Some(from)) = (random(seed), random(seed.wrapping_mul(7) + 1)) else { continue };
        let from = view(&from);
        for policy in POLICIES {
            let before = plan(&merged(&into), std::slice::from_ref(&from), policy).unwrap();
            let count: usize = from.lists.values().map(|list| list.len()).sum();
            assert_eq!(before.entries.len(), count, "seed {seed}, {policy:?}");
            if before.conflicts().next().is_some() {
                assert!(before.changes.is_empty() && policy == Policy::Fail, "seed {seed}");
                continue;
            }
            let Some(after) = import(&into, &from, policy) else {
                refused += 1;
                continue;
            };
            let (old, new) = (view(&into), view(&after));
            for entry_plan in &before.entries {
                let there = new.lists[entry_plan.kind].get(&entry_plan.name);
                let was = old.lists[entry_plan.kind].get(&entry_plan.name);
                match entry_plan.outcome {
                    Outcome::Added | Outcome::Overwritten | Outcome::Updated => {
                        let incoming = &from.lists[entry_plan.kind][&entry_plan.from].body;
                        let there = &there.unwrap().body;
                        if entry_plan.kind != Kind::Context && entry_plan.outcome != Outcome::Updated {
                            assert_eq!(there, incoming, "seed {seed}, {policy:?}, {entry_plan:?}");
                        }
                        assert_eq!(was.is_none(), entry_plan.outcome == Outcome::Added, "seed {seed}");
                    }
                    Outcome::Identical => assert_eq!(there, was, "seed {seed}, {policy:?}"),
                    Outcome::Skipped => assert_eq!(there, was, "seed {seed}, {policy:?}, {entry_plan:?}"),
                    Outcome::Conflict => panic!("seed {seed}"),
                }
            }
            // What was there and is not part of the import stays as it was.
            for kind in Kind::ALL {
                for (name, shown) in &old.lists[kind] {
                    let touched = before.entries.iter().any(|it| it.kind == kind && it.name == *name);
                    let there = new.lists[kind].get(name);
                    assert!(touched || there == Some(shown), "seed {seed}, {policy:?}: {name}");
                }
            }
            let again = plan(&merged(&after), std::slice::from_ref(&from), policy).unwrap();
            assert!(again.changes.is_empty(), "seed {seed}, {policy:?}: {:?}", again.changes);
            cases += 1;
        }
    }
    tell("imports", cases);
    assert!(refused < cases / 20, "{refused} refused, {cases} cases");
}

/// Every entry of a context's own kubeconfig is in it, and nothing is lost on the way there and back.
#[test]
fn an_exported_and_imported_kubeconfig_is_unchanged() {
    let mut cases = 0;
    for seed in seeds(300) {
        let Some(document) = random(seed) else { continue };
        let all = view(&document);
        for context in all.lists[Kind::Context].keys() {
            let Ok(own) = all.only(&[context]) else { continue };
            let plan = plan(&merged(&document), &[own], Policy::Fail).unwrap();
            assert!(
                plan.entries.iter().all(|entry_plan| entry_plan.outcome == Outcome::Identical),
                "seed {seed}: {context}: {:?}",
                plan.entries
            );
            cases += 1;
        }
    }
    tell("exports", cases);
    assert!(cases > 20, "{cases}");
}

fn union(documents: &[&Document]) -> Option<Document> {
    let sources = documents
        .iter()
        .map(|document| Source { path: "config".into(), document: Some((*document).clone()) });
    merge(sources.collect(), None, Ok::<_, MergeError>).ok().map(|union| union.document)
}

#[test]
fn merging_is_associative_and_equals_kubectls() {
    let (mut cases, mut refused) = (0, 0);
    for seed in seeds(300) {
        let documents = [random(seed), random(seed * 5 + 1), random(seed * 11 + 2)];
        let [Some(a), Some(b), Some(c)] = &documents else { continue };
        let list = Merged::new(
            [a, b, c].map(|it| Source { path: "config".into(), document: Some(it.clone()) }).into(),
        );
        let want = View::of(&list).unwrap().to_value();
        let left = union(&[a, b]).and_then(|ab| union(&[&ab, c]));
        let right = union(&[b, c]).and_then(|bc| union(&[a, &bc]));
        let whole = union(&[a, b, c]);
        for found in [left, right, whole] {
            match found {
                Some(found) => assert_eq!(value(&found), want, "seed {seed}"),
                None => refused += 1,
            }
            cases += 1;
        }
    }
    tell("merges", cases);
    assert!(refused < cases / 20, "{refused} refused, {cases} cases");
}
