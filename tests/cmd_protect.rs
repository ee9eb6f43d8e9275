//! Protected contexts: what asks, what refuses without a terminal, and what is lifted for a while.

use crate::common::{Sandbox, THREE};

const RULES: &str = "\
rules:
- {match: 'prod-*', label: PROD, confirm: type-name}
- {match: stale, confirm: yes}
";

fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::with(THREE).file("set/config.yaml", RULES);
    sandbox.env.config = Some(sandbox.path().join("set"));
    sandbox
}

#[test]
fn without_a_terminal_the_context_has_to_be_named() {
    let sandbox = sandbox();
    sandbox.run("use prod-eu1").shows(
        "
--- stderr
error: `prod-eu1` is protected; nothing was switched
hint: `--yes-i-mean prod-eu1` confirms it here
hint: `kcx protect lift 10m prod-eu1` stops kcx asking about it for 10 minutes
--- exit 2
no file changed
",
    );
    for words in [
        "prod-eu1",
        "use prod-eu1 -y",
        "use prod-eu1 --yes-i-mean dev",
        "use prod-eu1 --yes-i-mean other-*",
        "shell prod-eu1",
        "exec prod-* -- touch run",
        "exec * --parallel 2 -- touch run",
        "delete prod-eu1",
        "delete prod-* -y",
        "rename prod-eu1 free",
        "prune --contexts",
    ] {
        let said = sandbox.run(words).0;
        assert!(said.contains("protected; no"), "{words}: {said}");
        assert!(said.ends_with("--- exit 2\nno file changed\n"), "{words}: {said}");
    }
    sandbox.run("exec * -- true").shows(
        "
--- stderr
error: `prod-eu1`, `stale` are protected; nothing was run
hint: `--yes-i-mean prod-eu1 --yes-i-mean stale` confirms them here
hint: `kcx protect lift 10m '*'` stops kcx asking about them for 10 minutes
--- exit 2
no file changed
",
    );
    // What asks nothing, and what changes nothing.
    for words in ["use dev", "delete dev --dry-run", "exec prod-* --dry-run -- true", "use nope"] {
        assert!(!sandbox.run(words).0.contains("protected"), "{words}");
    }
    assert!(sandbox.run("use prod-eu1 --yes-i-mean prod-eu1").0.contains("switched to context `prod-eu1`"));
    // Whoever is there stays there.
    assert!(sandbox.run("use prod-eu1").0.contains("already on context `prod-eu1`"));
    assert!(sandbox.run("use prod-eu1 -n shop").0.contains("namespace `shop`"));
    assert!(sandbox.run("use dev").0.contains("switched to context `dev`"));
    assert!(sandbox.run("use -").0.contains("protected"), "the way back is guarded too");
    assert!(sandbox.run("exec prod-eu1 --yes-i-mean prod-eu1 -- true").0.contains("--- exit 0\n"));
    // kubectl's own words are kubectl's.
    assert!(sandbox.run("config use-context prod-eu1").0.contains("--- exit 0\n"));
}

#[test]
fn it_is_lifted_for_a_while() {
    let sandbox = sandbox();
    sandbox.run("protect").shows(
        "
NAME       LABEL   CONFIRM     LIFTED
prod-eu1   PROD    type-name
stale              yes
--- stderr
--- exit 0
no file changed
",
    );
    sandbox
        .run("protect lift 10m prod-eu1")
        .shows("--- stderr\nkcx does not ask about `prod-eu1` for 10 min\n--- exit 0\nno file changed\n");
    let listed = sandbox.run("protect").0;
    assert!(
        listed.contains("prod-eu1   PROD    type-name   for 9 min 5") || listed.contains("for 10 min"),
        "{listed}"
    );
    assert!(sandbox.run("exec prod-eu1 -- true").0.contains("--- exit 0\n"));
    sandbox
        .run("protect restore")
        .shows("--- stderr\nkcx asks about `prod-eu1` again\n--- exit 0\nno file changed\n");
    assert!(sandbox.run("use prod-eu1").0.contains("protected"));
    // A time that is over, and one of a clock that was set back.
    assert!(sandbox.run("protect lift 10m prod-eu1").0.contains("exit 0"));
    let folder = sandbox.path().join("state/lifted");
    let note = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    for (from, until) in [(0, 1), (u64::MAX - 1, u64::MAX)] {
        std::fs::write(&note, format!("{{\"context\": \"prod-eu1\", \"from\": {from}, \"until\": {until}}}"))
            .unwrap();
        assert!(sandbox.run("use prod-eu1").0.contains("protected"));
    }
    for (words, want) in [
        (
            "protect lift 10m dev",
            "error: context `dev` is not protected\nhint: `kcx protect` lists those that are\n--- exit 3",
        ),
        ("protect lift 25h prod-eu1", "error: protection can be lifted for 24 hours at most\n"),
        ("protect lift 0 prod-eu1", "exit 2"),
        ("protect lift 10m nope", "exit 3"),
    ] {
        let said = sandbox.run(words).0;
        assert!(said.contains(want), "{words}: {said}");
    }
    let json = sandbox.run("protect -o json").0;
    assert!(
        json.contains("\"liftedForSeconds\": null") && json.contains("\"confirm\": \"type-name\""),
        "{json}"
    );
    let none = Sandbox::with(THREE).run("protect").0;
    assert!(none.contains("no context is protected: no rule in the settings has `confirm`\n"), "{none}");
}

#[test]
fn the_label_is_shown_and_settings_that_cannot_be_read_protect() {
    let sandbox = sandbox();
    sandbox.run("config use-context prod-eu1");
    let format = "prompt --format {context}{_[label]}";
    assert!(sandbox.run(format).0.starts_with("prod-eu1_[PROD]"), "{}", sandbox.run(format).0);
    let broken = sandbox.file("set/config.yaml", "rules: [{match: 'prod-*', confirm: maybe}]\n");
    let said = broken.run("use prod-eu1").0;
    assert!(said.contains("`rules[0].confirm` must be `type-name`, `yes` or `none`\n"), "{said}");
    assert!(said.ends_with("--- exit 1\nno file changed\n"), "{said}");
    let broken = broken.file("set/config.yaml", "rules: [{label: x}]\n");
    assert!(broken.run("exec dev -- true").0.contains("`rules[0].match` is missing\n"));
}

/// Contexts of these names, none of them current.
fn with_names(names: &[String]) -> Sandbox {
    let entries: String = names.iter().map(|name| format!("- {{name: {name}, context: {{}}}}\n")).collect();
    let mut sandbox = Sandbox::with(&format!("contexts:\n{entries}"))
        .file("set/config.yaml", "rules: [{match: '*-prod-*', confirm: yes}]\n");
    sandbox.env.config = Some(sandbox.path().join("set"));
    sandbox
}

#[test]
fn many_protected_contexts_are_cut_and_confirmed_by_pattern() {
    let mut names: Vec<String> = (0..100).map(|at| format!("eu-prod-{at}")).collect();
    names.push("dev".to_owned());
    let sandbox = with_names(&names);
    sandbox.run("exec *-prod-* -- true").shows(
        "
--- stderr
error: `eu-prod-0`, `eu-prod-1`, `eu-prod-10`, `eu-prod-11`, `eu-prod-12` and 95 more are protected; nothing was run
hint: `--yes-i-mean NAME` confirms one of them here; repeat it for each
hint: `kcx protect lift 10m '*-prod-*'` stops kcx asking about them for 10 minutes
--- exit 2
no file changed
",
    );
    sandbox.run("exec * -- true").shows(
        "
--- stderr
error: `eu-prod-0`, `eu-prod-1`, `eu-prod-10`, `eu-prod-11`, `eu-prod-12` and 95 more are protected; nothing was run
hint: `--yes-i-mean NAME` confirms one of them here; repeat it for each
hint: `kcx protect lift 10m '*'` stops kcx asking about them for 10 minutes
--- exit 2
no file changed
",
    );
    sandbox.run("exec --regex .*prod.* -- true").shows(
        "
--- stderr
error: `eu-prod-0`, `eu-prod-1`, `eu-prod-10`, `eu-prod-11`, `eu-prod-12` and 95 more are protected; nothing was run
hint: `--yes-i-mean NAME` confirms one of them here; repeat it for each
hint: `kcx protect lift 10m NAME…` stops kcx asking about them for 10 minutes
--- exit 2
no file changed
",
    );
    sandbox.run("delete *-prod-* dev -y").shows(
        "
--- stderr
error: `eu-prod-0`, `eu-prod-1`, `eu-prod-10`, `eu-prod-11`, `eu-prod-12` and 95 more are protected; nothing was deleted
hint: `--yes-i-mean NAME` confirms one of them here; repeat it for each
hint: `kcx protect lift 10m '*-prod-*'` stops kcx asking about them for 10 minutes
--- exit 2
no file changed
",
    );
    sandbox.run("exec *-prod-* --yes-i-mean *-prod-* -- true").shows(
        "
--- stderr
error: `--yes-i-mean` takes the name of a context, and `*-prod-*` is a pattern; nothing was run
hint: `kcx protect lift 10m '*-prod-*'` stops kcx asking about those contexts for 10 minutes
--- exit 2
no file changed
",
    );
    sandbox.run("exec dev eu-prod-1 eu-prod-2 -- true").shows(
        "
--- stderr
error: `eu-prod-1`, `eu-prod-2` are protected; nothing was run
hint: `--yes-i-mean eu-prod-1 --yes-i-mean eu-prod-2` confirms them here
hint: `kcx protect lift 10m eu-prod-1 eu-prod-2` stops kcx asking about them for 10 minutes
--- exit 2
no file changed
",
    );
    // Of a pattern, what is protected is lifted.
    let lifted = sandbox.run("protect lift 10m eu-prod-1* d*").0;
    assert!(lifted.contains("error: no context that matches `d*` is protected"), "{lifted}");
    sandbox.run("protect lift 10m *").shows(
        "
--- stderr
kcx does not ask about `eu-prod-0`, `eu-prod-1`, `eu-prod-10`, `eu-prod-11`, `eu-prod-12` and 95 more for 10 min
--- exit 0
no file changed
",
    );
    assert!(!sandbox.run("exec *-prod-* -- true").0.contains("protected"));
    assert_eq!(sandbox.run("protect").0.matches("   for ").count(), 100);
    assert!(sandbox.run("protect restore").0.contains(" and 95 more again\n"));
    // A name with the signs of a pattern is a name.
    let odd = with_names(&["'a-prod-*'".to_owned()]);
    assert!(odd.run("use a-prod-* --yes-i-mean a-prod-*").0.contains("switched to"));
}

#[test]
fn the_old_spellings_ask_as_well() {
    for (rules, confirm) in [
        ("protect: [{match: 'prod-*'}]\n", "type-name"),
        ("protect: [{match: 'prod-*', confirm: yes}]\nrules: [{match: '*', confirm: none}]\n", "yes"),
        ("rules: [{match: 'prod-*', danger: true}]\n", "type-name"),
        ("rules: [{match: 'prod-*', danger: false, confirm: yes}]\n", "yes"),
        ("rules: [{match: 'prod-*', danger: true, confirm: yes}]\n", "yes"),
    ] {
        let sandbox = sandbox().file("set/config.yaml", rules);
        let listed = sandbox.run("protect").0;
        assert!(listed.contains(&format!("prod-eu1           {confirm}\n")), "{rules}: {listed}");
        assert!(!listed.contains("dev"), "{rules}: {listed}");
        assert!(sandbox.run("use prod-eu1").0.contains("`prod-eu1` is protected"), "{rules}");
    }
    // Without a question there is only the color.
    let sandbox = sandbox().file("set/config.yaml", "rules: [{match: '*', danger: true, confirm: none}]\n");
    assert!(sandbox.run("protect").0.contains("no context is protected"));
    assert!(sandbox.run("prompt --shell fish").0.starts_with("\u{1b}[31mdev"));
}
