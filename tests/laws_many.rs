//! Many operations in one list do what the same operations do one after the other.

use crate::corpus::{REFUSED, fixtures, name};
use crate::laws::document;
use kcx::kubeconfig::patch::{self, Op, PathStep};
use kcx::kubeconfig::{Document, Kind};
use std::fs;

/// Removals of the entries that are chosen by their place, and changes of the others.
fn ops(document: &Document, is_removed: &dyn Fn(usize, usize) -> bool) -> Vec<Op> {
    let mut ops = Vec::new();
    for kind in [Kind::Context, Kind::Cluster, Kind::User] {
        let count = document.len(kind);
        for (at, name) in document.names(kind).enumerate() {
            let (name, key) = (name.to_owned(), |key: &str| vec![PathStep::Key(key.to_owned())]);
            match kind {
                _ if is_removed(at, count) => ops.push(Op::Remove { kind, name }),
                Kind::Cluster => {
                    let value = "https://new.example".into();
                    ops.push(Op::Set { kind, name, path: key("server"), value });
                }
                Kind::User => ops.push(Op::Unset { kind, name, path: key("token") }),
                Kind::Context => {
                    for value in ["one", "two"] {
                        let (name, value) = (name.clone(), value.into());
                        ops.push(Op::Set { kind, name, path: key("namespace"), value });
                    }
                    ops.push(Op::Unset { kind, name, path: key("user") });
                }
            }
        }
    }
    ops
}

#[test]
fn many_operations_do_what_one_after_the_other_does() {
    let choices: [&dyn Fn(usize, usize) -> bool; 6] = [
        &|_, _| true,
        &|_, _| false,
        &|at, _| at % 2 == 0,
        &|at, count| at + 1 < count,
        &|at, _| at > 0,
        &|at, count| at % 5 < 3 && count > 2,
    ];
    let (mut done, mut refused) = (0, Vec::new());
    for path in fixtures("valid").into_iter().filter(|path| !REFUSED.contains(&name(path))) {
        let before = document(&fs::read(&path).unwrap());
        if before.text().len() > 40_000 {
            continue;
        }
        for (nth, choice) in choices.iter().enumerate() {
            let ops = ops(&before, choice);
            let one_by_one = ops
                .iter()
                .try_fold(before.clone(), |document, op| patch::apply(&document, std::slice::from_ref(op)));
            let at_once = patch::apply(&before, &ops);
            match (one_by_one, at_once) {
                (Ok(one_by_one), Ok(at_once)) => {
                    assert_eq!(one_by_one.text(), at_once.text(), "{}, choice {nth}", path.display());
                    done += 1;
                }
                (Ok(_), Err(reason)) => refused.push(format!("{}, choice {nth}: {reason}", path.display())),
                (Err(_), _) => {}
            }
        }
    }
    assert!(refused.is_empty(), "{refused:#?}");
    assert!(done > 500, "{done}");
}

/// A file in kubectl's style, which is edited in place.
#[test]
fn a_thousand_entries_are_removed_and_changed_at_once() {
    let mut text = "apiVersion: v1\nclusters: []\ncontexts:\n".to_owned();
    for at in 0..1000 {
        text += &format!("# about {at}\n- context:\n    cluster: c\n    user: u\n  name: n{at}\n");
    }
    text += "current-context: n1\nkind: Config\nusers: []\n";
    let before = document(text.as_bytes());
    let (kind, path) = (Kind::Context, vec![PathStep::Key("cluster".to_owned())]);
    let op = |at: usize| match at % 4 {
        0 => Op::Remove { kind, name: format!("n{at}") },
        _ => Op::Set { kind, name: format!("n{at}"), path: path.clone(), value: format!("c{at}").into() },
    };
    let ops: Vec<Op> = (0..1000).map(op).collect();
    let mut expected = "apiVersion: v1\nclusters: []\ncontexts:\n".to_owned();
    for at in (0..1000).filter(|at| at % 4 > 0) {
        expected += &format!("# about {at}\n- context:\n    cluster: c{at}\n    user: u\n  name: n{at}\n");
    }
    expected += "current-context: n1\nkind: Config\nusers: []\n";
    let mut document = before.clone();
    let undo = patch::apply_in_place(&mut document, &ops).unwrap();
    assert_eq!(document.text(), expected);
    undo.undo(&mut document);
    assert_eq!(document.text(), text);
    let all: Vec<Op> = (0..1000).map(|at| Op::Remove { kind, name: format!("n{at}") }).collect();
    let none = patch::apply(&before, &all).unwrap();
    assert_eq!(
        none.text(),
        "apiVersion: v1\nclusters: []\ncontexts: []\ncurrent-context: n1\nkind: Config\nusers: []\n"
    );
}
