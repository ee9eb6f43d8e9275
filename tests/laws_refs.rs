//! Laws of deleting and renaming, on random kubeconfigs of several files.

use crate::generate::{Random, kubeconfig};
use crate::laws_random::{seeds, tell};
use kcx::kubeconfig::change::{Change, Targets, route};
use kcx::kubeconfig::{Document, Kind, Merged, Source, patch, refs};

/// One to three random files; few different ones, so that they have names in common.
fn merged(seed: u64) -> Option<Merged> {
    let text = |at| kubeconfig(&mut Random::new(seed % 40 + at), seed.is_multiple_of(2));
    let source = |at| {
        let document = Document::parse(text(at).into_bytes()).ok()?;
        Some(Source { path: format!("{at}").into(), document: Some(document) })
    };
    Some(Merged::new((0..=seed % 3).map(source).collect::<Option<_>>()?))
}

/// The files with the changes made; none where one cannot be edited.
fn after(merged: &Merged, changes: &[Change]) -> Option<Merged> {
    let ops = route(merged, changes.to_vec(), Targets { current: 0, default: 0, explicit: false }).unwrap();
    let sources = merged.sources().iter().zip(&ops).map(|(source, ops)| {
        let document = patch::apply(source.document.as_ref()?, ops).ok()?;
        Some(Source { path: source.path.clone(), document: Some(document) })
    });
    Some(Merged::new(sources.collect::<Option<_>>()?))
}

/// What contexts name and nobody has, hidden ones in files behind too: the file, the context, and what it names.
fn dangling(merged: &Merged) -> Vec<(usize, String, Kind, String)> {
    let mut found = Vec::new();
    for (at, source) in merged.sources().iter().enumerate() {
        let document = source.document.as_ref().unwrap();
        for (index, context) in document.names(Kind::Context).enumerate() {
            let body = document.body(Kind::Context, index).unwrap();
            for kind in [Kind::Cluster, Kind::User] {
                let named = body.get(kind.word()).and_then(|it| it.as_str()).unwrap_or_default();
                if !named.is_empty() && merged.find(kind, named).is_none() {
                    found.push((at, context.to_owned(), kind, named.to_owned()));
                }
            }
        }
    }
    found.sort();
    found
}

fn is_current_there(merged: &Merged) -> bool {
    let current = merged.current_context();
    current.is_empty() || merged.find(Kind::Context, current).is_some()
}

#[test]
fn a_deletion_creates_no_dangling_references() {
    let (mut cases, mut refused) = (0, 0);
    for seed in seeds(300) {
        let Some(before) = merged(seed) else { continue };
        let known = dangling(&before);
        let names: Vec<String> = before.names(Kind::Context).into_iter().map(str::to_owned).collect();
        let one = names.iter().map(std::slice::from_ref);
        for names in one.chain([names.as_slice()]) {
            for cascade in [true, false] {
                let deletion = refs::delete(&before, Kind::Context, names, cascade).unwrap();
                let Some(after) = after(&before, &deletion.changes) else {
                    refused += 1;
                    continue;
                };
                let left = dangling(&after);
                assert!(left.iter().all(|it| known.contains(it)), "seed {seed}: {names:?}: {left:?}");
                assert!(is_current_there(&after) || !is_current_there(&before), "seed {seed}: {names:?}");
                for name in names {
                    let again = deletion.resurfaced.iter().any(|(_, it, _)| it == name);
                    assert_eq!(after.find(Kind::Context, name).is_some(), again, "seed {seed}: {name}");
                }
                if !cascade {
                    let lists = [Kind::Cluster, Kind::User];
                    assert!(lists.iter().all(|kind| before.names(*kind) == after.names(*kind)));
                }
                cases += 1;
            }
        }
    }
    tell("deletions", cases);
    assert!(cases > 100 && refused < cases / 10, "{refused} refused, {cases} cases");
}

#[test]
fn references_follow_a_renamed_entry() {
    let (mut cases, mut refused) = (0, 0);
    for seed in seeds(300) {
        let Some(before) = merged(seed) else { continue };
        for kind in Kind::ALL {
            for name in before.names(kind) {
                let changes = refs::rename(&before, kind, name, "a new name").unwrap().unwrap();
                let Some(after) = after(&before, &changes) else {
                    refused += 1;
                    continue;
                };
                let (known, left) = (dangling(&before), dangling(&after));
                assert_eq!(known.len(), left.len(), "seed {seed}: {name}: {known:?} {left:?}");
                assert!(after.find(kind, "a new name").is_some());
                if kind != Kind::Context {
                    let old = refs::users_of(&before, kind, name).unwrap();
                    assert_eq!(
                        refs::users_of(&after, kind, "a new name").unwrap(),
                        old,
                        "seed {seed}: {name}"
                    );
                }
                assert_eq!(is_current_there(&before), is_current_there(&after), "seed {seed}: {name}");
                cases += 1;
            }
        }
    }
    tell("renamings", cases);
    assert!(cases > 100 && refused < cases / 10, "{refused} refused, {cases} cases");
}
