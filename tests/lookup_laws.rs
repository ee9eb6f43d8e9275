//! A lookup in indexed files gives the same answers as loading them whole.

use crate::corpus::fixtures;
use crate::generate::{Random, kubeconfig};
use kcx::env::Env;
use kcx::file::LockOptions;
use kcx::kubeconfig::{Kind, Merged, scan};
use kcx::store::{Precedence, Store};
use std::fs;
use std::path::{Path, PathBuf};

fn names_and_bodies(merged: &Merged, kind: Kind) -> Vec<(String, String)> {
    let body = |at| serde_json::to_string(merged.body(at).unwrap().as_ref()).unwrap();
    merged.entries(kind).into_iter().map(|at| (merged.name(at).to_owned(), body(at))).collect()
}

/// True if the scanner reads it, or there is nothing to read.
fn is_narrow(file: &PathBuf) -> bool {
    !file.exists() || fs::read_to_string(file).is_ok_and(|text| scan::skeleton(&text).is_some())
}

/// Asks both ways about these files, in this order; true if no question had a file read whole.
fn compare(files: &[PathBuf], what: &str) -> bool {
    let list = std::env::join_paths(files).unwrap();
    let env = Env { kubeconfig: Some(list), home: Some("/nowhere".into()), ..Env::default() };
    let store = Store::new(Precedence::new(None, &env), LockOptions::default(), &env);
    let (lookup, load) = (store.lookup(), store.load());
    let (Ok(mut lookup), Ok(loaded)) = (lookup, load) else {
        assert!(store.lookup().is_err() && store.load().is_err(), "{what}");
        return false;
    };
    // The fast way is taken wherever it can be, and left by no question.
    let streamed = files.iter().all(is_narrow);
    assert_eq!(lookup.is_streamed(), streamed, "{what}");
    let merged = &loaded.merged;
    assert_eq!(lookup.current_context(), merged.current_context(), "{what}");
    assert_eq!(lookup.is_empty(), merged.is_empty(), "{what}");
    for kind in Kind::ALL {
        for (name, body) in names_and_bodies(merged, kind) {
            assert!(lookup.has(kind, &name), "{what}: {name}");
            let seen = lookup.body(kind, &name).unwrap().unwrap();
            assert_eq!(serde_json::to_string(&seen).unwrap(), body, "{what}: {name}");
        }
        assert_eq!(lookup.body(kind, "no such name").unwrap(), None, "{what}");
    }
    let contexts = lookup.contexts().unwrap();
    assert_eq!(contexts.current_context(), merged.current_context(), "{what}");
    assert_eq!(names_and_bodies(contexts, Kind::Context), names_and_bodies(merged, Kind::Context), "{what}");
    let places = |merged: &Merged| -> Vec<PathBuf> {
        merged.entries(Kind::Context).into_iter().map(|at| merged.path(at).to_owned()).collect()
    };
    assert_eq!(places(contexts), places(merged), "{what}");
    assert_eq!(lookup.is_streamed(), streamed, "{what}");
    streamed
}

#[test]
fn lookups_in_corpus_files_equal_full_parsing() {
    let files = fixtures("valid");
    for file in &files {
        compare(std::slice::from_ref(file), &file.display().to_string());
    }
    for pair in files.windows(3) {
        compare(pair, &format!("{pair:?}"));
    }
}

#[test]
fn lookups_in_random_files_equal_full_parsing() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let mut streamed = 0;
    for seed in 0..400 {
        let random = &mut Random::new(seed);
        let (a, b) = (kubeconfig(random, false), kubeconfig(random, false));
        let missing = Path::new("/nowhere/at/all").to_owned();
        let files = [write("a", &a), missing, write("b", &b)];
        streamed += usize::from(compare(&files, &format!("seed {seed}\n{a}\n{b}")));
    }
    assert!((50..350).contains(&streamed), "{streamed} of 400 were streamed");
}

/// A file that is rewritten between the look and the question is read anew.
#[test]
fn a_file_replaced_between_lookups_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config");
    let text = |name: &str| format!("contexts:\n- context:\n    cluster: c-{name}\n  name: {name}\n");
    let env = Env { kubeconfig: Some(path.clone().into()), ..Env::default() };
    let store = Store::new(Precedence::new(None, &env), LockOptions::default(), &env);
    for question in 0..2 {
        fs::write(&path, text("old")).unwrap();
        let mut lookup = store.lookup().unwrap();
        fs::write(&path, text("new")).unwrap();
        if question == 0 {
            assert_eq!(lookup.contexts().unwrap().names(Kind::Context), ["new"]);
        } else {
            assert_eq!(lookup.body(Kind::Context, "old").unwrap(), None);
            assert_eq!(lookup.body(Kind::Context, "new").unwrap().unwrap()["cluster"], "c-new");
        }
    }
}
