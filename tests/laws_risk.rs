//! The law of risks: an import or a merge reports exactly the pairs that it combines and that did not come together,
//! and each program, variable and token file that becomes part of a kubeconfig. The expectation is computed
//! independently from the files before and after.

use crate::generate::{Random, kubeconfig, mutate};
use crate::laws_random::{seeds, tell};
use kcx::kubeconfig::change::{Targets, route};
use kcx::kubeconfig::import::{FoundIn, Naming, Outcome, Plan, Policy, plan, update};
use kcx::kubeconfig::risk::{Brought, Index, Risk, What, assess};
use kcx::kubeconfig::{Body, Document, Kind, Merged, Source, View, patch};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const POLICIES: [Policy; 5] = [Policy::Fail, Policy::Skip, Policy::Overwrite, Policy::Rename, Policy::Update];

/// Few names and few bodies, so that two kubeconfigs have much in common.
const NAMES: [&str; 3] = ["a", "b", "prod-2"];

fn cluster(random: &mut Random) -> Value {
    match random.below(6) {
        0 => json!({"server": "https://1"}),
        1 => json!({"server": "https://2"}),
        2 => json!({"server": "https://1", "certificate-authority-data": "Q0E="}),
        3 => json!({"server": "https://1", "insecure-skip-tls-verify": true}),
        4 => json!({"server": "https://1", "proxy-url": "http://p"}),
        _ => json!({"server": "https://1", "tls-server-name": "x"}),
    }
}

fn user(random: &mut Random) -> Value {
    match random.below(9) {
        0 => json!({"token": "1"}),
        1 => json!({"token": "2"}),
        2 => json!({"tokenFile": "/t"}),
        3 => {
            json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "aws", "args": ["x"]}})
        }
        4 => json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "/bin/sh",
            "env": [{"name": "LD_PRELOAD", "value": "x"}, {"name": "AWS_PROFILE", "value": "dev"}]}}),
        5 => {
            json!({"auth-provider": {"name": "gcp", "config": {"cmd-path": "/bin/sh", "cmd-args": "-c id"}}})
        }
        6 => json!({"client-certificate": "/c", "client-key": "/k"}),
        7 => json!({"username": "u", "password": "p"}),
        _ => json!({}),
    }
}

fn random(random: &mut Random) -> Document {
    let mut lists = serde_json::Map::new();
    for kind in Kind::ALL {
        let mut list = Vec::new();
        for name in NAMES {
            if random.one_in(3) {
                continue;
            }
            let body = match kind {
                Kind::Cluster => cluster(random),
                Kind::User => user(random),
                Kind::Context => {
                    let mut named = || ["a", "b", "prod-2", "nobody", ""][random.below(5)];
                    json!({"cluster": named(), "user": named()})
                }
            };
            list.push(json!({"name": name, kind.word(): body}));
        }
        lists.insert(kind.list().to_owned(), Value::Array(list));
    }
    Document::parse(serde_json::to_vec(&lists).unwrap()).unwrap()
}

fn merged(document: &Document) -> Merged {
    Merged::new(vec![Source { path: "config".into(), document: Some(document.clone()) }])
}

fn view(document: &Document) -> View {
    View::of(&merged(document)).unwrap()
}

fn body<'v>(view: &'v View, kind: Kind, name: &str) -> Option<&'v Body> {
    view.lists[kind].get(name).map(|shown| &shown.body)
}

fn named(context: &Body, kind: Kind) -> &str {
    context.get(kind.word()).and_then(Value::as_str).unwrap_or_default()
}

/// A context's cluster and user: their names and bodies.
type Triple<'v> = (&'v str, &'v str, Option<&'v Body>, Option<&'v Body>);

fn triple<'v>(view: &'v View, context: &str) -> Option<Triple<'v>> {
    let context = body(view, Kind::Context, context)?;
    let (cluster, user) = (named(context, Kind::Cluster), named(context, Kind::User));
    Some((cluster, user, body(view, Kind::Cluster, cluster), body(view, Kind::User, user)))
}

/// The names in a source of the entry with this name here, according to the plan.
fn called<'p>(plan: &'p Plan, origin: usize, kind: Kind, name: &str) -> Vec<&'p str> {
    let of = |entry_plan: &&kcx::kubeconfig::import::EntryPlan| {
        entry_plan.origin.to_str() == Some(&origin.to_string())
            && entry_plan.kind == kind
            && entry_plan.name == name
            // A cluster or user still came along if it was skipped as a duplicate or as unused.
            && (kind != Kind::Context || entry_plan.outcome != Outcome::Skipped)
    };
    plan.entries.iter().filter(of).map(|entry_plan| entry_plan.from.as_str()).collect()
}

/// True if an entry here is that of a source with settings that the user had before, as after an update: not with another server, nor
/// with another login.
fn is_adapted(kind: Kind, source: &Body, before: &Body, here: &Body) -> bool {
    let updated = update(kind, before, source);
    let login =
        ["client-certificate", "client-key", "token", "username", "password", "auth-provider", "exec"];
    let is_login = |field: &String| !field.contains('.') && login.iter().any(|it| field.starts_with(it));
    updated.body == *here
        && match kind {
            Kind::Cluster => source.contains_key("server"),
            Kind::User => !updated.fields.kept.iter().any(is_login),
            Kind::Context => false,
        }
}

/// True if this source has these very entries under names that map to these.
fn vouches(
    (plan, policy, before): (&Plan, Policy, &View),
    source: &View,
    origin: usize,
    context: Option<&str>,
    now: &Triple<'_>,
) -> bool {
    let (cluster, user, cluster_body, user_body) = now;
    let has = |kind: Kind, name: &str, want: Option<&Body>| -> Option<BTreeSet<String>> {
        let Some(want) = want else { return Some(BTreeSet::from([name.to_owned()])) };
        let froms = called(plan, origin, kind, name);
        let found: BTreeSet<String> = froms
            .into_iter()
            .filter(|from| {
                let old = body(before, kind, name).filter(|_| policy != Policy::Skip);
                body(source, kind, from)
                    .is_some_and(|it| it == want || old.is_some_and(|old| is_adapted(kind, it, old, want)))
            })
            .map(str::to_owned)
            .collect();
        (!found.is_empty()).then_some(found)
    };
    let (Some(clusters), Some(users)) =
        (has(Kind::Cluster, cluster, *cluster_body), has(Kind::User, user, *user_body))
    else {
        return false;
    };
    let Some(context) = context else { return true };
    called(plan, origin, Kind::Context, context).into_iter().any(|from| {
        body(source, Kind::Context, from).is_some_and(|context| {
            clusters.contains(named(context, Kind::Cluster)) && users.contains(named(context, Kind::User))
        })
    })
}

fn borrows(risks: &[Risk], context: &str) -> bool {
    risks.iter().any(|risk| {
        risk.name == context && matches!(risk.what, What::BorrowedUser { .. } | What::BorrowedCluster { .. })
    })
}

/// What any old or new client would run or send for this user.
fn dangers(user: &Body) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    if let Some(exec) = user.get("exec") {
        found.push(("program", exec["command"].as_str().unwrap().to_owned()));
        for variable in exec["env"].as_array().into_iter().flatten() {
            found.push(("variable", variable["name"].as_str().unwrap().to_owned()));
        }
    }
    if let Some(program) = user.get("auth-provider").and_then(|it| it["config"].get("cmd-path")) {
        found.push(("program", program.as_str().unwrap().to_owned()));
    }
    if let Some(file) = user.get("tokenFile") {
        found.push(("token-file", file.as_str().unwrap().to_owned()));
    }
    found
}

fn reports(risks: &[Risk], user: &str, (word, what): &(&str, String)) -> bool {
    risks.iter().any(|risk| {
        let value = match &risk.what {
            What::Program { command, .. } => command,
            What::Variable { variable, .. } => variable,
            What::File { path, .. } => path,
            _ => return false,
        };
        risk.kind == Kind::User && risk.name == user && risk.what.word() == *word && value == what
    })
}

#[test]
fn exactly_the_references_between_files_are_reported() {
    let (mut cases, mut borrowed, mut clean) = (0_u64, 0_u64, 0_u64);
    for seed in seeds(3_000) {
        let mut chance = Random::new(seed);
        let into = random(&mut chance);
        let sources: Vec<View> = (0..1 + chance.below(2))
            .map(|at| {
                let mut view = view(&random(&mut chance));
                if chance.one_in(3) {
                    let naming =
                        [Naming::Affix("", "-2"), Naming::Affix("x", ""), Naming::Template("{user}-2")];
                    let naming = naming[chance.below(3)];
                    view = naming.apply(view.clone(), FoundIn::default()).unwrap_or(view);
                }
                view.lists.values_mut().flat_map(|list| list.values_mut()).for_each(|shown| {
                    shown.origin = at.to_string().into();
                });
                view
            })
            .collect();
        let policy = POLICIES[chance.below(5)];
        let here = merged(&into);
        let plan = plan(&here, &sources, policy).unwrap();
        if plan.conflicts().next().is_some() {
            continue;
        }
        let targets = Targets { current: 0, default: 0, explicit: false };
        let ops = route(&here, plan.changes.clone(), targets).unwrap().pop().unwrap();
        let Ok(after) = patch::apply(&into, &ops) else { continue };
        let brought: Vec<Brought<'_>> =
            sources.iter().zip(&plan.names).map(|(view, names)| Brought::named(view, names)).collect();
        let planned = Index::edited(&here, &plan.changes, 0);
        let risks = assess(&Index::of(&here), &planned, &brought).unwrap();
        let written = merged(&after);
        assert_eq!(assess(&Index::of(&here), &Index::of(&written), &brought).unwrap(), risks, "seed {seed}");
        let (before, after) = (view(&into), view(&after));
        for context in after.lists[Kind::Context].keys() {
            let now = triple(&after, context).unwrap();
            let was = triple(&before, context);
            let is_new = was.is_none_or(|was| (was.0, was.1) != (now.0, now.1));
            let brings = |context: Option<&str>| {
                sources
                    .iter()
                    .enumerate()
                    .any(|(at, source)| vouches((&plan, policy, &before), source, at, context, &now))
            };
            let same = |kind: Kind, name: &str, now: Option<&Body>| body(&before, kind, name) == now;
            let (same_cluster, same_user) =
                (same(Kind::Cluster, now.0, now.2), same(Kind::User, now.1, now.3));
            // A password that the user has already could have been guessed.
            let is_combined = || {
                let old = &before.lists[Kind::Context];
                old.values()
                    .any(|it| (named(&it.body, Kind::Cluster), named(&it.body, Kind::User)) == (now.0, now.1))
            };
            let guessed = same_user
                && now.3.is_some_and(|user| user.contains_key("password"))
                && !(same_cluster && is_combined());
            let fine = was == Some(now)
                || !guessed && brings(is_new.then_some(context.as_str()))
                || !same_cluster && !same_user && brings(None)
                || now.2.is_none() && now.3.is_none()
                // Two sources have updated the cluster, and there is no credential.
                || !is_new && !same_cluster && now.3.is_none();
            let said = || format!("{}\n{sources:?}\n{:?}\n{risks:?}", into.text(), plan.entries);
            assert_eq!(borrows(&risks, context), !fine, "seed {seed}, {policy:?}, {context}: {}", said());
            if fine {
                clean += 1;
            } else {
                borrowed += 1;
            }
            // An unchanged user that would log in to another cluster.
            if let (false, Some(user)) = (was == Some(now), now.3) {
                let missing: Vec<_> =
                    dangers(user).into_iter().filter(|it| !reports(&risks, now.1, it)).collect();
                assert!(!fine || missing.is_empty(), "seed {seed}, {context}: {missing:?}");
            }
        }
        for (name, shown) in &after.lists[Kind::User] {
            if body(&before, Kind::User, name) == Some(&shown.body) {
                continue;
            }
            for danger in dangers(&shown.body) {
                assert!(reports(&risks, name, &danger), "seed {seed}: {name}: {danger:?}");
            }
        }
        cases += 1;
    }
    tell(&format!("risks ({borrowed} borrowed, {clean} not)"), cases);
    assert!(borrowed > cases / 10 && clean > cases / 10, "{borrowed}, {clean} of {cases}");
}

#[test]
fn assessing_a_hostile_kubeconfig_never_panics_and_is_deterministic() {
    let mut cases = 0;
    for seed in seeds(1_000) {
        let mut chance = Random::new(seed);
        let mut odd = || {
            let text = kubeconfig(&mut chance, true);
            let text = if chance.one_in(2) { mutate(&mut chance, &text) } else { text };
            Document::parse(text.into_bytes()).ok()
        };
        let (Some(into), Some(from)) = (odd(), odd()) else { continue };
        let from = view(&from);
        let here = merged(&into);
        for policy in POLICIES {
            let plan = plan(&here, std::slice::from_ref(&from), policy).unwrap();
            let brought = [Brought::named(&from, &plan.names[0])];
            let risks =
                || assess(&Index::of(&here), &Index::edited(&here, &plan.changes, 0), &brought).unwrap();
            assert_eq!(risks(), risks(), "seed {seed}");
            let foreign = from.lists[Kind::User].iter();
            for (name, shown) in foreign.filter(|_| policy == Policy::Overwrite) {
                let old = view(&into);
                let old = body(&old, Kind::User, name).and_then(|old| old.get("exec")).cloned();
                let command = shown.body.get("exec").and_then(|exec| exec.get("command")?.as_str());
                if let Some(command) =
                    command.filter(|it| !it.is_empty() && old.as_ref() != shown.body.get("exec"))
                {
                    let found = risks()
                        .iter()
                        .any(|risk| matches!(&risk.what, What::Program { command: it, .. } if it == command));
                    assert!(found, "seed {seed}: {command}");
                }
            }
        }
        cases += 1;
    }
    tell("hostile risks", cases);
}
