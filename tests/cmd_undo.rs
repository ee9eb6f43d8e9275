//! `kcx undo` and `kcx history`: the journal of changes, and the way back.

use crate::common::{Sandbox, THREE};
use kcx::session::{Session, StoredSelection, hook};
use std::fs;

fn config(sandbox: &Sandbox) -> String {
    fs::read_to_string(sandbox.path().join(".kube/config")).unwrap()
}

/// The names in the journal's folder.
fn records(sandbox: &Sandbox) -> Vec<String> {
    let Ok(entries) = fs::read_dir(sandbox.path().join("state/journal")) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn run(sandbox: &Sandbox, words: &str) -> i32 {
    let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
    kcx::cli::run(&words, &sandbox.env, &mut Vec::new(), &mut Vec::new())
}

/// How long ago is never the same.
fn told(sandbox: &Sandbox, words: &str) -> String {
    let outcome = sandbox.run(words).0;
    let mut text = String::new();
    for line in outcome.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let ago = words.iter().position(|word| word.starts_with("ago") || *word == "just");
        match ago {
            Some(at) if words[at] == "just" => text += &line.replace("just now", "AGO"),
            Some(at) => {
                let old = words[at - 2..=at].join(" ");
                text += &line.replace(old.trim_end_matches(['.', ')', ':', ',', ';']), "AGO");
            }
            None => text += line,
        }
        text.push('\n');
    }
    text
}

#[test]
fn the_last_change_is_taken_back_to_the_byte() {
    let sandbox = Sandbox::with(THREE);
    for command in [
        "delete prod-eu1 -q",
        "rename dev development -q",
        "use stale -n web -q",
        "copy user u-dev other -q",
        "prune --contexts -q",
        "config set-cluster c-new --server=https://new",
        "config set users.u-dev.token another",
        "config unset current-context",
    ] {
        assert_eq!(run(&sandbox, command), 0, "{command}");
        assert_ne!(config(&sandbox), THREE, "{command}");
        assert_eq!(run(&sandbox, "undo -q"), 0, "{command}");
        assert_eq!(config(&sandbox), THREE, "{command}");
    }
}

#[test]
fn several_changes_are_taken_back_at_once_or_one_by_one() {
    let sandbox = Sandbox::with(THREE);
    let commands = ["use stale -q", "rename user u-dev me -q", "delete prod-eu1 -q"];
    let mut steps = vec![config(&sandbox)];
    for command in commands {
        assert_eq!(run(&sandbox, command), 0);
        steps.push(config(&sandbox));
    }
    for before in steps.iter().rev().skip(1) {
        assert_eq!(run(&sandbox, "undo -q"), 0);
        assert_eq!(config(&sandbox), *before);
    }
    let nothing = sandbox.run("undo");
    nothing.shows(
        "
--- stderr
error: there is no change to undo
hint: `kcx history` lists the recorded changes
--- exit 3
no file changed
",
    );
    // What was undone is done again: the undoing of the first change was the last one.
    for after in &steps[1..] {
        let id = records(&sandbox).len() - 2 * (steps.iter().position(|step| step == after).unwrap() - 1);
        assert_eq!(run(&sandbox, &format!("undo --change {id} -q")), 0, "{id}");
        assert_eq!(config(&sandbox), *after);
    }
    assert_eq!(run(&sandbox, "undo 3 -q"), 0);
    assert_eq!(config(&sandbox), THREE);
    assert_eq!(run(&sandbox, "undo 1 -q"), 3);
}

#[test]
fn undo_says_what_it_took_back() {
    let sandbox = Sandbox::with(THREE);
    run(&sandbox, "use stale -n web -q");
    assert_eq!(
        told(&sandbox, "undo"),
        "\
--- stderr
undid change 1 (`kcx use`, AGO), which switched from `dev` to `stale`, set `namespace` of context `stale` to `web`
the current context is now `dev`
--- exit 0
--- .kube/config
-    namespace: web
-    user: u-dev
-  name: stale
-current-context: stale # for now
+    user: u-dev
+  name: stale
+current-context: dev # for now
"
    );
}

#[test]
fn a_dry_run_shows_what_would_change_and_no_secret() {
    let sandbox = Sandbox::with(THREE);
    run(&sandbox, "config set users.u-dev.token a-token-that-is-new");
    sandbox.run("undo --dry-run").shows(
        "
--- @DIR@/.kube/config
+++ @DIR@/.kube/config
@@ -26,7 +26,7 @@
 users:
 - name: u-dev
   user:
-    token: *******************
+    token: ******
 - name: u-prod
   user:
     exec:
--- stderr
dry run, nothing was written: would undo change 1
--- exit 0
no file changed
",
    );
}

#[test]
fn a_file_that_changed_elsewhere_is_taken_back_where_it_is_as_it_was_left() {
    let sandbox = Sandbox::with(THREE);
    run(&sandbox, "config set users.u-dev.token another");
    let text = config(&sandbox).replace("https://dev.example", "https://dev2.example");
    let sandbox = sandbox.file(".kube/config", &format!("# by hand\n{text}"));
    assert_eq!(run(&sandbox, "undo -q"), 0);
    let want = THREE.replace("https://dev.example", "https://dev2.example");
    assert_eq!(config(&sandbox), format!("# by hand\n{want}"));
}

#[test]
fn a_place_that_changed_since_is_left_alone() {
    let sandbox = Sandbox::with(THREE);
    run(&sandbox, "config set users.u-dev.token another");
    let text = config(&sandbox).replace("token: another", "token: by-hand");
    let sandbox = sandbox.file(".kube/config", &text);
    assert_eq!(
        told(&sandbox, "undo"),
        "\
--- stderr
error: `@DIR@/.kube/config` has changed since change 1 (`kcx config set`, AGO) in the same place; nothing was written
hint: what it did: set `token` of user `u-dev`, in `@DIR@/.kube/config`; undo it by hand
--- exit 4
no file changed
"
    );
}

#[test]
fn one_change_is_taken_back_out_of_order() {
    let sandbox = Sandbox::with(THREE);
    run(&sandbox, "config set users.u-dev.token another");
    run(&sandbox, "config set clusters.c-dev.server https://new");
    assert_eq!(run(&sandbox, "undo --change 1 -q"), 0);
    assert_eq!(config(&sandbox), THREE.replace("https://dev.example", "https://new"));
    sandbox.run("undo --change 1").shows(
        "
--- stderr
error: change 1 is already undone; nothing was written
hint: `kcx history` lists the changes; an undo is a change too, and can be undone
--- exit 4
no file changed
",
    );
    sandbox.run("undo --change 9").shows(
        "
--- stderr
error: there is no change 9; nothing was written
hint: `kcx history` lists the recorded changes
--- exit 3
no file changed
",
    );
}

#[test]
fn a_file_that_kcx_made_goes_again_and_one_over_two_files_comes_back_whole() {
    let sandbox = Sandbox::new();
    run(&sandbox, "config set-cluster c --server=https://c");
    assert!(sandbox.path().join(".kube/config").exists());
    assert_eq!(run(&sandbox, "undo -q"), 0);
    assert!(!sandbox.path().join(".kube/config").exists());
    // And there it is again.
    assert_eq!(run(&sandbox, "undo --change 2 -q"), 0);
    assert!(config(&sandbox).contains("https://c"));

    let second = THREE.replace("name: dev", "name: other");
    let sandbox = Sandbox::new().file("one", THREE).file("two", &second).kubeconfig(&["one", "two"]);
    assert_eq!(run(&sandbox, "rename cluster c-prod shop -q"), 0);
    assert_eq!(run(&sandbox, "undo -q"), 0);
    let read = |name| fs::read_to_string(sandbox.path().join(name)).unwrap();
    assert_eq!((read("one"), read("two")), (THREE.to_owned(), second));
}

#[test]
fn a_file_that_was_written_whole_gets_its_old_content_back() {
    let sandbox = Sandbox::with(THREE).file("out", "kind: Config\n");
    assert_eq!(run(&sandbox, &format!("export dev -y -q -O {}/out", sandbox.path().display())), 0);
    assert_eq!(run(&sandbox, "undo -q"), 0);
    assert_eq!(fs::read_to_string(sandbox.path().join("out")).unwrap(), "kind: Config\n");
}

#[test]
fn history_lists_the_changes_and_never_a_value() {
    let sandbox = Sandbox::with(THREE);
    run(&sandbox, "config set-credentials u-dev --token=hunter2hunter2");
    run(&sandbox, "use stale -n web");
    run(&sandbox, "undo -q");
    let text = told(&sandbox, "history");
    let columns: Vec<String> =
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        columns,
        [
            "CHANGE WHEN COMMAND WHAT FILE",
            "3 AGO kcx undo undid 2 ~/.kube/config",
            "2 AGO kcx use switched from `dev` to `stale`, 1 more (undone) ~/.kube/config",
            "1 AGO kcx config set-credentials set `token` of user `u-dev` ~/.kube/config",
            "--- stderr",
            "--- exit 0",
            "no file changed",
        ]
    );
    let json = sandbox.run("history -o json").0;
    assert!(!json.contains("hunter2") && !json.contains("s3cr3t"), "{json}");
    let (json, _) = json.split_once("--- stderr").unwrap();
    let json: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(json[0]["undoes"], serde_json::json!([2]));
    assert_eq!(json[1]["undone"], true);
    assert_eq!(
        json[1]["operations"][0],
        serde_json::json!({"do": "set", "field": "current-context", "from": "dev", "to": "stale", "file": "@DIR@/.kube/config"})
    );
    assert_eq!(
        json[2]["operations"][0],
        serde_json::json!({"do": "set", "kind": "user", "name": "u-dev", "field": "token", "file": "@DIR@/.kube/config"})
    );
    assert_eq!(json[2]["files"][0]["path"], "@DIR@/.kube/config");
    assert!(json[2]["at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(json[2]["files"][0]["before"], json[2]["files"][0]["before"]);
    sandbox.run("history -o name").shows("3\n2\n1\n--- stderr\n--- exit 0\nno file changed\n");
}

#[test]
fn what_changes_nothing_is_not_noted_and_nothing_is_where_it_is_turned_off() {
    let sandbox = Sandbox::with(THREE);
    run(&sandbox, "use dev");
    run(&sandbox, "config set-context nowhere --help");
    run(&sandbox, "delete nobody");
    run(&sandbox, "get");
    assert!(records(&sandbox).is_empty());
    assert_eq!(run(&sandbox, "use stale --no-journal -q"), 0);
    assert_eq!(run(&sandbox, "config --no-journal use-context dev"), 0);
    assert!(records(&sandbox).is_empty());

    let mut sandbox = Sandbox::with(THREE).file("settings/config.yaml", "journal: off\n");
    sandbox.env.config = Some(sandbox.path().join("settings"));
    assert_eq!(run(&sandbox, "use stale -q"), 0);
    assert!(records(&sandbox).is_empty());
    sandbox.run("history").shows(
        "
--- stderr
no changes are recorded, and kcx records none
--- exit 0
no file changed
",
    );
}

#[cfg(unix)]
#[test]
fn the_journal_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::with(THREE);
    run(&sandbox, "delete prod-eu1 -q");
    let mode = |path: &str| fs::metadata(sandbox.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("state/journal"), 0o700);
    assert_eq!(mode("state/journal/0000000001.json"), 0o600);
}

#[test]
fn a_journal_that_cannot_be_written_stops_nothing_and_is_said() {
    let sandbox = Sandbox::with(THREE).file("state", "in the way");
    sandbox.run("rename dev development").shows(
        "
--- stderr
warning: `kcx undo` cannot undo this change: `@DIR@/state/journal` cannot be written: not a directory
context `dev` is now named `development`
--- exit 0
--- .kube/config
-  name: dev
-- context:
-    cluster: c-prod
-    namespace: web # the shop
-    user: u-prod
-  name: prod-eu1
-- context:
-    cluster: gone
-    user: u-dev
-  name: stale
-current-context: dev # for now
+  name: development
+- context:
+    cluster: c-prod
+    namespace: web # the shop
+    user: u-prod
+  name: prod-eu1
+- context:
+    cluster: gone
+    user: u-dev
+  name: stale
+current-context: development # for now
",
    );
}

#[test]
fn the_journal_holds_the_old_bytes_and_not_the_new_ones() {
    let sandbox = Sandbox::with(THREE);
    run(&sandbox, "config set users.u-dev.token brand-new-secret");
    let text = fs::read_to_string(sandbox.path().join("state/journal/0000000001.json")).unwrap();
    assert!(text.contains("s3cr3t") && !text.contains("brand-new"), "{text}");
}

#[test]
fn what_holds_a_secret_is_scrubbed() {
    let sandbox = Sandbox::with(THREE);
    run(&sandbox, "config set users.u-dev.token the-first-secret-token");
    run(&sandbox, "config set users.u-dev.token the-second");
    run(&sandbox, "use stale -q");
    let scrubbed = kcx::store::journal::scrub(&sandbox.env, &[b"the-first-secret-token"]).unwrap();
    assert_eq!(scrubbed, 1);
    assert_eq!(records(&sandbox), ["0000000001.json", "0000000003.json"]);
    // A part of one is enough.
    assert_eq!(kcx::store::journal::scrub(&sandbox.env, &[b"xx s3cr3t xx"]).unwrap(), 0, "too short");
    assert_eq!(kcx::store::journal::scrub(&sandbox.env, &[b"s3cr3t"]).unwrap(), 1);
    assert_eq!(records(&sandbox), ["0000000003.json"]);
}

#[test]
fn the_journal_is_bounded() {
    let sandbox = Sandbox::with(THREE);
    for round in 0..520 {
        let context = ["stale", "dev"][round % 2];
        assert_eq!(run(&sandbox, &format!("use {context} -q")), 0);
    }
    let kept = records(&sandbox);
    assert!((500..=515).contains(&kept.len()), "{}", kept.len());
    assert_eq!(kept.last().map(String::as_str), Some("0000000520.json"));
}

#[test]
fn a_change_that_never_came_to_pass_is_passed_over() {
    let sandbox = Sandbox::with(THREE);
    run(&sandbox, "use stale -q");
    let switched = config(&sandbox);
    run(&sandbox, "delete prod-eu1 -q");
    // As if kcx had been killed after the record was written and before the file was.
    let sandbox = sandbox.file(".kube/config", &switched);
    assert_eq!(run(&sandbox, "undo -q"), 0);
    assert_eq!(config(&sandbox), THREE);
}

#[test]
fn a_switch_and_a_namespace_are_named_from_and_to() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("use prod-eu1");
    sandbox.run("ns shop");
    sandbox.run("use --unset");
    let history = sandbox.run("history").0;
    for said in [
        "switched from `dev` to `prod-eu1`",
        "set `namespace` of context `prod-eu1` from `web` to `shop`",
        "unset the current context `prod-eu1`",
    ] {
        assert!(history.contains(said), "{said}: {history}");
    }
    let undone = sandbox.run("undo 3").0;
    assert!(undone.contains("\nthe current context is now `dev`\n"), "{undone}");
    let json = sandbox.run("history -o json").0;
    assert!(json.contains("\"from\": \"dev\"") && json.contains("\"to\": \"prod-eu1\""), "{json}");
}

#[test]
fn undo_tells_the_current_context_of_the_kubeconfig_from_that_of_the_shell() {
    let mut sandbox = Sandbox::with(THREE);
    run(&sandbox, "use stale -q");
    let files = [sandbox.path().join(".kube/config")];
    let selection = StoredSelection { context: "prod-eu1".to_owned(), body: None };
    let session = Session::create(&sandbox.env, std::process::id(), &files, Some(&selection)).unwrap();
    sandbox.env.kubeconfig = Some(hook::list(&session, &files));
    let undone = told(&sandbox, "undo");
    let said = "\nthe current context of the kubeconfig is now `dev`, and this shell stays on `prod-eu1`\n";
    assert!(undone.contains(said), "{undone}");
}
