//! Which contexts a command means: names, patterns, and what is left out.

use crate::common::Sandbox;
use serde_json::Value;

const FIVE: &str = "\
apiVersion: v1
kind: Config
clusters:
- {name: c, cluster: {server: 'https://127.0.0.1:1'}}
users:
- {name: u, user: {token: t}}
contexts:
- {name: dev, context: {cluster: c, user: u}}
- {name: prod-eu, context: {cluster: c, user: u}}
- {name: prod-us, context: {cluster: c, user: u}}
- {name: '!odd', context: {cluster: c, user: u}}
- {name: stage, context: {cluster: c, user: u}}
current-context: dev
";

/// The contexts that these words mean to a verb.
fn meant(sandbox: &Sandbox, verb: &str, words: &[&str]) -> Vec<String> {
    let (before, after): (&[&str], &[&str]) = match verb {
        "exec" => (&["exec", "--dry-run", "-o", "json"], &["--", "true"]),
        "delete" => (&["delete", "--keep", "--dry-run", "-o", "json"], &[]),
        "export" => (&["export", "-o", "json"], &[]),
        "get" => (&["get", "-o", "json"], &[]),
        "status" => (&["status", "-o", "json"], &[]),
        _ => unreachable!(),
    };
    let said = sandbox.run_words(&[before, words, after].concat()).0;
    let text = said.split("--- stderr").next().unwrap();
    let value: Value = serde_json::from_str(text).unwrap_or_else(|_| panic!("{verb} {words:?}: {said}"));
    let (list, field) = match verb {
        "export" => (&value["contexts"], "name"),
        "get" => (&value, "name"),
        "delete" => (&value["operations"], "name"),
        _ => (&value, "context"),
    };
    let mut names: Vec<String> = list
        .as_array()
        .unwrap_or_else(|| panic!("{verb}: {said}"))
        .iter()
        .filter(|item| verb != "delete" || item["do"] == "remove")
        .map(|item| item[field].as_str().unwrap_or_default().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn every_verb_leaves_out_what_it_is_told_to() {
    let sandbox = Sandbox::with(FIVE);
    for verb in ["exec", "delete", "export", "get", "status"] {
        for (words, want) in [
            (&["*", "!prod-*"][..], &["!odd", "dev", "stage"][..]),
            // The order does not matter.
            (&["!prod-*", "*"], &["!odd", "dev", "stage"]),
            (&["*", "--exclude", "prod-*", "--exclude=dev"], &["!odd", "stage"]),
            (&["--exclude", "prod-us", "prod-*", "dev"], &["dev", "prod-eu"]),
            (&["prod-*", "!prod-us"], &["prod-eu"]),
            // A context of exactly that name is meant by its name, and can be left out itself.
            (&["!odd", "dev"], &["!odd", "dev"]),
            (&["*", "!!odd", "!prod-*"], &["dev", "stage"]),
            (&["*", "--exclude", "!odd", "!prod-*"], &["dev", "stage"]),
            // What is left out need not have been selected.
            (&["dev", "!prod-eu"], &["dev"]),
        ] {
            assert_eq!(meant(&sandbox, verb, words), want, "{verb} {words:?}");
        }
    }
}

#[test]
fn alone_an_exclusion_means_all_others_where_nothing_can_happen_to_them() {
    let sandbox = Sandbox::with(FIVE);
    for verb in ["export", "get", "status"] {
        for words in [&["!prod-*", "!!odd"][..], &["--exclude", "prod-*", "--exclude", "!odd"]] {
            assert_eq!(meant(&sandbox, verb, words), ["dev", "stage"], "{verb}");
        }
    }
    sandbox.run("delete !prod-* --exclude dev").shows(
        "
--- stderr
error: it was named what to leave out, but not of what; nothing was deleted
hint: `kcx delete '*' '!prod-*' --exclude dev` means all others
--- exit 2
no file changed
",
    );
    sandbox.run("exec !prod-* -- true").shows(
        "
--- stderr
error: it was named what to leave out, but not of what; nothing was run
hint: `kcx exec '*' '!prod-*' -- CMD…` means all others
--- exit 2
no file changed
",
    );
    sandbox.run("exec --exclude prod --regex -- true").shows(
        "
--- stderr
error: it was named what to leave out, but not of what; nothing was run
hint: `kcx exec . --exclude prod -- CMD…` means all others
--- exit 2
no file changed
",
    );
}

#[test]
fn what_leaves_nothing_out_is_an_error() {
    let sandbox = Sandbox::with(FIVE);
    for (words, want) in [
        (
            "exec * !prod-eo -- true",
            "error: no context named `prod-eo`, which was to be left out\nhint: did you mean `prod-eu`?",
        ),
        ("exec * !prdo-* -- true", "error: no context matches `prdo-*`, which was to be left out\n"),
        ("exec * --exclude prdo-* -- true", "error: no context matches `prdo-*`, which was to be left out\n"),
        ("delete * !prodeu -y", "error: no context named `prodeu`, which was to be left out\n"),
        ("status !prdo", "error: no context named `prdo`, which was to be left out\n"),
        ("export * !prdo", "error: no context named `prdo`, which was to be left out\n"),
        ("get users u !v", "error: no user named `v`, which was to be left out\n"),
        ("get user/u !user/v", "error: no user named `v`, which was to be left out\n"),
        ("exec . !^rod --regex -- true", "error: no context matches `^rod`, which was to be left out\n"),
        ("exec prod-* !prod-* -- true", "error: no context is left: all that were selected are left out\n"),
        ("get !*", "error: no context is left: all that were selected are left out\n"),
    ] {
        let said = sandbox.run(words).0;
        assert!(said.contains(want), "{words}: {said}");
        assert!(said.ends_with("--- exit 3\nno file changed\n"), "{words}: {said}");
    }
    let said = sandbox.run("exec . !a( --regex -- true").0;
    assert!(said.contains("`a(` is not a valid regular expression") && said.contains("exit 2"), "{said}");
}

#[test]
fn regular_expressions_leave_out_too() {
    let sandbox = Sandbox::with(FIVE);
    assert_eq!(meant(&sandbox, "exec", &["--regex", ".", "!^prod", "--exclude", "odd$"]), ["dev", "stage"]);
    assert_eq!(meant(&sandbox, "exec", &["--regex", "^prod", "!us$"]), ["prod-eu"]);
}

#[test]
fn clusters_users_and_typed_names_are_left_out_too() {
    let text = FIVE.replace("- {name: u, ", "- {name: admin, user: {token: t}}\n- {name: u, ");
    let sandbox = Sandbox::with(&text);
    assert_eq!(meant(&sandbox, "get", &["users", "!adm*"]), ["u"]);
    assert_eq!(meant(&sandbox, "get", &["user/*", "!user/admin"]), ["u"]);
    assert_eq!(meant(&sandbox, "get", &["!user/u"]), ["admin"]);
}

#[test]
fn a_protected_context_that_is_left_out_is_not_asked_about() {
    let mut sandbox =
        Sandbox::with(FIVE).file("set/config.yaml", "rules: [{match: 'prod-*', confirm: yes}]\n");
    sandbox.env.config = Some(sandbox.path().join("set"));
    let said = sandbox.run("delete * !prod-* -y").0;
    assert!(said.contains("deleted context `stage`") && !said.contains("deleted context `prod"), "{said}");
    // `kcx protect lift '*'` would lift more than what is asked about.
    let said = sandbox.run("exec * !prod-us -- true").0;
    assert!(said.contains("hint: `--yes-i-mean prod-eu` confirms it here\n"), "{said}");
    assert!(said.contains("`kcx protect lift 10m prod-eu` stops"), "{said}");
    let said = sandbox.run("protect lift 10m * !prod-us").0;
    assert!(said.contains("kcx does not ask about `prod-eu` for"), "{said}");
    assert!(sandbox.run("protect lift 10m !prod-us").0.contains("not of what; nothing was lifted"));
}
