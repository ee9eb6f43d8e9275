//! The law of names: after a separate type, `VERB TYPE NAME` means the entry of that type and name or none, whatever
//! the name contains; and a completed word means the entry that it was offered for.

use crate::common::Sandbox;
use crate::generate::Random;
use crate::laws_random::{seeds, tell};
use kcx::kubeconfig::{Document, Kind, Merged, PerKind, Source};
use serde_json::json;
use std::fs;

const PARTS: [&str; 24] = [
    "user",
    "users",
    "context",
    "contexts",
    "ctx",
    "cluster",
    "clusters",
    "ns",
    "namespaces",
    "/",
    "/",
    "/",
    "host",
    "api:6443",
    "bob",
    ".",
    "..",
    "-",
    "--",
    " ",
    "ünï",
    "'",
    "=",
    "@",
];

/// A name of any shape.
fn name(random: &mut Random) -> String {
    (0..random.below(5)).map(|_| random.pick(&PARTS)).collect()
}

type Names = PerKind<Vec<String>>;

/// A kubeconfig with random names of each kind, many of them shared; each context has its own cluster and user.
fn names(random: &mut Random) -> Names {
    let mut all: Names = Default::default();
    for list in all.values_mut() {
        for _ in 0..=random.below(4) {
            let name = name(random);
            if !list.contains(&name) {
                list.push(name);
            }
        }
    }
    for (from, to) in [(0, 1), (1, 2), (2, 0)] {
        if let Some(known) = all[Kind::ALL[from]].first().cloned() {
            let typed = format!("{}/{known}", random.pick(&["user", "cluster", "context"]));
            for name in [known, typed] {
                if !all[Kind::ALL[to]].contains(&name) {
                    all[Kind::ALL[to]].push(name);
                }
            }
        }
    }
    all
}

fn text(names: &Names) -> String {
    let list = |kind: Kind, body: serde_json::Value| -> Vec<serde_json::Value> {
        names[kind].iter().map(|name| json!({"name": name, kind.word(): body})).collect()
    };
    json!({
        "apiVersion": "v1", "kind": "Config",
        "clusters": list(Kind::Cluster, json!({"server": "https://a.example"})),
        "users": list(Kind::User, json!({"token": "t"})),
        "contexts": list(Kind::Context, json!({"cluster": "", "user": ""})),
    })
    .to_string()
}

/// The names that the file has now.
fn now(sandbox: &Sandbox) -> Names {
    let bytes = fs::read(sandbox.path().join(".kube/config")).unwrap();
    let merged =
        Merged::new(vec![Source { path: "f".into(), document: Some(Document::parse(bytes).unwrap()) }]);
    let mut names: Names = Default::default();
    for kind in Kind::ALL {
        names[kind] = merged.names(kind).into_iter().map(str::to_owned).collect();
    }
    names
}

fn run(sandbox: &Sandbox, words: &[&str]) -> (i32, String, String) {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = kcx::cli::run(&words, &sandbox.env, &mut out, &mut err);
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

fn sorted(names: &Names) -> Names {
    let mut names = names.clone();
    names.values_mut().for_each(|list| list.sort());
    names
}

#[test]
fn a_name_after_a_type_is_literal_and_undo_restores_the_entry() {
    let (mut cases, mut absent) = (0, 0);
    for seed in seeds(300) {
        let random = &mut Random::new(seed);
        let before = names(random);
        let text = text(&before);
        let sandbox = Sandbox::with(&text);
        let kind = Kind::ALL[random.below(3)];
        let wanted = match random.one_in(4) {
            true => name(random),
            false => before[kind][random.below(before[kind].len())].clone(),
        };
        let is_there = before[kind].contains(&wanted);
        let word = if random.one_in(2) { kind.word() } else { kind.list() };
        let told = format!("seed {seed}: {word} {wanted:?} in {text}");
        let mut want = before.clone();
        let verb = *random.pick(&[&"delete", &"rename", &"copy", &"get"]);
        let (code, out, err) = match verb {
            "get" => run(&sandbox, &["get", "-o", "json", "--", word, &wanted]),
            "delete" => run(&sandbox, &["delete", "--keep", "--", word, &wanted]),
            verb => run(&sandbox, &[verb, "--", word, &wanted, "a new name"]),
        };
        let list = &mut want[kind];
        match verb {
            _ if !is_there => absent += 1,
            "get" => {
                let found: serde_json::Value = serde_json::from_str(&out).unwrap();
                assert_eq!(
                    (found.as_array().unwrap().len(), &found[0]["name"]),
                    (1, &json!(wanted)),
                    "{told}"
                );
            }
            "delete" => list.retain(|name| *name != wanted),
            "rename" => {
                list.iter_mut().filter(|name| **name == wanted).for_each(|it| *it = "a new name".into());
            }
            _ => list.push("a new name".into()),
        }
        assert_eq!(code, if is_there { 0 } else { 3 }, "{told}: {verb}: {err}");
        assert_eq!(sorted(&now(&sandbox)), sorted(&want), "{told}: {verb}: {err}");
        if want != before {
            let (code, _, err) = run(&sandbox, &["undo", "-y"]);
            assert_eq!(code, 0, "{told}: {err}");
            assert_eq!(fs::read_to_string(sandbox.path().join(".kube/config")).unwrap(), text, "{told}");
        }
        cases += 1;
    }
    tell("names behind a type", cases);
    assert!(cases < 100 || absent > 10, "{absent} of {cases}");
}

#[test]
fn a_completed_operand_selects_the_completed_entry() {
    let (mut cases, mut offered) = (0, 0);
    for seed in seeds(150) {
        let random = &mut Random::new(seed);
        let before = names(random);
        let text = text(&before);
        let sandbox = Sandbox::with(&text);
        let kind = Kind::ALL[random.below(3)];
        for (typed, kind) in [(None, None), (Some(kind.word()), Some(kind))] {
            let start = if typed.is_none() { format!("{}/", kind_word(random)) } else { String::new() };
            let line: Vec<&str> =
                ["__completeNoDesc", "delete"].into_iter().chain(typed).chain([start.as_str()]).collect();
            let (_, out, _) = run(&sandbox, &line);
            for word in out.lines().filter(|line| !line.starts_with(':')) {
                offered += 1;
                let sandbox = Sandbox::with(&text);
                let line: Vec<&str> = ["delete", "--keep"].into_iter().chain(typed).chain([word]).collect();
                let (code, _, err) = run(&sandbox, &line);
                let told = format!("seed {seed}: {line:?} in {text}: {err}");
                assert_eq!(code, 0, "{told}");
                let after = now(&sandbox);
                let gone: Vec<(Kind, &String)> = Kind::ALL
                    .into_iter()
                    .flat_map(|kind| before[kind].iter().map(move |name| (kind, name)))
                    .filter(|(kind, name)| !after[*kind].contains(name))
                    .collect();
                let [(of, name)] = gone[..] else { panic!("{told}: {gone:?}") };
                let literal = name == word && kind.is_none_or(|kind| kind == of);
                let by_type = kind.is_none() && word.split_once('/').is_some_and(|(_, rest)| rest == name);
                assert!(literal || by_type, "{told}: {of:?} {name}");
            }
        }
        cases += 1;
    }
    tell("names offered", cases);
    assert!(offered > cases, "{offered} in {cases}");
}

fn kind_word(random: &mut Random) -> &'static str {
    random.pick(&["user", "cluster", "context"])
}
