//! Tools that create clusters and write kubeconfigs, played by `tests/writers.py`, in the same places as the clients of
//! `follows`. Nothing that they write is lost, and a cluster, its user and its context are moved together.

use crate::follows::{COLUMNS, Column, HOOK, World, same_in_page, table};
use crate::tools::{complaint, fine, python_client, two_days_pass, which};
use kcx::kubeconfig::{Document, Kind};
use std::fmt::Write;
use std::fs;

/// A tool, the name of its context and cluster, and the name of its user.
const KIND: (&str, &str, &str) = ("kind", "kind-kind", "kind-kind");
const MINIKUBE: (&str, &str, &str) = ("minikube", "minikube", "minikube");
const K3D: (&str, &str, &str) = ("k3d", "k3d-mine", "admin@k3d-mine");
const GCLOUD: (&str, &str, &str) = ("gcloud", "gke_project_zone_mine", "gke_project_zone_mine");
const AZ: (&str, &str, &str) = ("az", "aks", "clusterUser_group_aks");

/// The rows of the table: its title, the tool, and what it does.
const ROWS: [(&str, (&str, &str, &str), &str); 9] = [
    ("`kind create cluster`", KIND, "create"),
    ("`kind delete cluster`", KIND, "delete"),
    ("`minikube start`", MINIKUBE, "create"),
    ("`minikube status`", MINIKUBE, "status"),
    ("`minikube delete`", MINIKUBE, "delete"),
    ("`k3d cluster create`", K3D, "create"),
    ("`k3d cluster delete`", K3D, "delete"),
    ("`gcloud … get-credentials`", GCLOUD, "create"),
    ("`az aks get-credentials`", AZ, "create"),
];

/// The program of a tool's action.
fn program(world: &World, tool: &str, action: &str) -> String {
    let name = format!("{tool}-{action}");
    let writers = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/writers.py");
    let python = format!("PYTHONPATH='{}' exec '{}'", python_client(), which("python3"));
    world.program(&name, &format!("#!/bin/sh\n{python} '{writers}' {tool} {action} \"$@\"\n"));
    name
}

/// Which of a tool's entries are in the user's own file.
fn entries(world: &World, (_, name, user): (&str, &str, &str)) -> [bool; 3] {
    let text = fs::read(world.home.path(".kube/config")).unwrap();
    let config = Document::parse(text).unwrap();
    for (kind, others) in
        [(Kind::Context, ["dev", "prod", "staging"]), (Kind::Cluster, ["c-dev", "c-prod", "c-staging"])]
    {
        for other in others {
            assert!(config.find(kind, other).is_some(), "{other} is lost: {}", config.text());
        }
    }
    [(Kind::Cluster, name), (Kind::User, user), (Kind::Context, name)]
        .map(|(kind, name)| config.find(kind, name).is_some())
}

/// The files that a text names, and that hold this name.
fn named_files(said: &str, name: &str) -> Vec<String> {
    let words = said.split(['`', ' ', '\n']).filter(|word| word.starts_with('/') || word.starts_with("~/"));
    let holds = |path: &&str| fs::read_to_string(path).is_ok_and(|text| text.contains(name));
    words.map(|word| word.trim_end_matches([',', ';', ':', '.'])).filter(holds).map(str::to_owned).collect()
}

fn cell(
    world: &World,
    tool: (&str, &str, &str),
    action: &str,
    column: &Column,
) -> Result<&'static str, String> {
    world.reset();
    let _ = program(world, tool.0, "create");
    if action != "create" {
        let made = format!("{}-create && kubectl config use-context dev >/dev/null", tool.0);
        fine(&world.bash(&made).output().unwrap());
        assert_eq!(entries(world, tool), [true; 3], "{tool:?}");
    }
    let ran = (column.2)(world, &program(world, tool.0, action));
    // What a job has written is found by a later shell.
    two_days_pass(world.home.dir.path());
    let later = world.bash(HOOK).output().unwrap();
    fine(&later);
    let said = format!("{}{}", ran.complained, complaint(&later));
    let what = || format!("exit {}, {}{said}", ran.success, ran.printed);
    match (action, entries(world, tool)) {
        ("status", [true, true, true]) if ran.success => Ok("follows"),
        ("status", [true, true, true]) => Ok("fails"),
        ("create", [true, true, true]) if !ran.success => Err(what()),
        ("create", [true, true, true]) => {
            let is_said = said.contains("moved from this shell's overlay into")
                && [("cluster", tool.1), ("user", tool.2), ("context", tool.1)]
                    .iter()
                    .all(|(kind, name)| said.contains(&format!("{kind} `{name}`")));
            if is_said { Ok("follows") } else { Err(format!("not said: {}", what())) }
        }
        ("create", [false, false, false]) if !named_files(&said, tool.1).is_empty() => Ok("asks"),
        ("create", [false, false, false]) if tool.0 == "k3d" && ran.complained.contains("WARN") => {
            Ok("fails")
        }
        ("delete", [false, false, false]) => Ok("follows"),
        ("delete", [true, true, true])
            if !ran.success
                || ["WARN", "changed its copy"].iter().any(|word| ran.complained.contains(word)) =>
        {
            Ok("fails")
        }
        ("delete", [true, true, true]) => Ok("leaves"),
        (_, entries) => Err(format!("{entries:?}: {}", what())),
    }
}

#[test]
fn what_a_tool_writes_is_never_lost() {
    let world = World::new();
    let (mut rows, mut wrong) = (Vec::new(), String::new());
    for (title, tool, action) in ROWS {
        let mut row = format!("| {title} |");
        for column in &COLUMNS {
            let cell = cell(&world, tool, action, column).unwrap_or_else(|error| {
                writeln!(wrong, "{title}, {}: {error}", column.0).unwrap();
                "LOST"
            });
            write!(row, " {cell} |").unwrap();
        }
        rows.push(row + "\n");
    }
    let table = table("tool", &rows);
    assert!(wrong.is_empty(), "{wrong}{table}");
    same_in_page("follows_writers", &table);
}

/// At the next prompt the shell shows the context that kubectl is on, whatever a tool has done to it.
#[test]
fn the_prompt_shows_the_context_that_a_tool_has_selected() {
    let world = World::new();
    let lose = [
        "",
        "rm $KCX_SESSION/kcx-overlay.yaml; ",
        ": >$KCX_SESSION/kcx-overlay.yaml; ",
        "rm -r $KCX_SESSION; ",
    ];
    for (tool, name, _) in [KIND, MINIKUBE, GCLOUD, AZ] {
        let short = if tool == "gcloud" { "mine" } else { name };
        for lose in lose {
            world.reset();
            let mut script = format!("{HOOK} kcx ns -q shop; {lose}{}; ", program(&world, tool, "create"));
            if matches!(tool, "kind" | "minikube") {
                let again = format!("echo --; {}; ", program(&world, tool, "delete"));
                script = script.clone() + SHOW + &again + SHOW;
            } else {
                script += SHOW;
            }
            let output = world.bash(&script).output().unwrap();
            let shown = fine(&output);
            let (created, deleted) = shown.split_once("--\n").unwrap_or((&shown, ""));
            let what = format!("{tool}, {lose}: {shown}{}", complaint(&output));
            assert!(created.contains(&format!("prompt: {short}:")), "{what}");
            assert!(created.ends_with(&format!("kubectl: {name}\nkcx: {name}\n")), "{what}");
            if !deleted.is_empty() {
                let line = |what: &str| {
                    deleted.lines().find_map(|line| line.strip_prefix(what)).unwrap_or_default().to_owned()
                };
                assert_eq!(line("kubectl: "), line("kcx: "), "{what}");
                assert!(line("prompt: ").starts_with(&line("kubectl: ")), "{what}");
            }
        }
    }
}

/// Plays a prompt, and shows its text and what kubectl and kcx take for the current context.
const SHOW: &str = "eval \"$(kcx __sync bash)\"; echo \"prompt: $KCX_PROMPT\"; \
    echo \"kubectl: $(kubectl config current-context 2>/dev/null)\"; echo \"kcx: $(kcx current -o name 2>/dev/null)\"; ";

/// `az aks get-credentials --admin` for a cluster that was made anew: its context has another user than before.
#[test]
fn a_cluster_that_was_made_again_comes_with_its_context_and_user() {
    let world = World::new();
    let (tool, name, user) = AZ;
    let old = format!(
        "clusters:\n- name: {name}\n  cluster: {{server: 'https://127.0.0.1:7999'}}\nusers:\n- name: me\n  user: {{token: mine}}\ncontexts:\n- name: {name}\n  context: {{cluster: {name}, user: me, namespace: cart}}\n"
    );
    world.home.write("old", old);
    let script = format!(
        "kcx import old >/dev/null 2>&1; {HOOK} {} 7999; {SHOW} kcx use -q dev; kcx use -q {name}; {SHOW} kubectl config view --minify -o 'jsonpath={{..context}} {{..user}}'",
        program(&world, tool, "create")
    );
    let output = world.bash(&script).output().unwrap();
    let shown = fine(&output);
    let what = format!("{shown}{}", complaint(&output));
    assert!(complaint(&output).contains(&format!("context `{name}`")), "{what}");
    assert!(shown.contains(&format!("\"user\":\"{user}\"")), "{what}");
}
