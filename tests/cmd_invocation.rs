//! The front door: flags hold wherever they stand, and only the word in the place of the command is the command.

use crate::common::{Sandbox, THREE};
use std::time::{Duration, Instant};

fn history(sandbox: &Sandbox) -> Vec<String> {
    let told = sandbox.run("history").0;
    let (table, _) = told.split_once("--- stderr").unwrap();
    // Which change, when, which command.
    let columns =
        |line: &str| line.split("  ").map(str::trim).filter(|it| !it.is_empty()).nth(2).map(str::to_owned);
    table.lines().skip(1).filter_map(columns).collect()
}

#[test]
fn no_journal_holds_on_both_sides_of_a_name() {
    for line in [
        "--no-journal stale",
        "--no-journal stale -n web",
        "stale --no-journal",
        "stale -n web --no-journal",
        "-q --no-journal stale --color never",
        "--no-journal use stale",
    ] {
        let sandbox = Sandbox::with(THREE);
        assert!(sandbox.run(line).0.contains("--- exit 0"), "{line}");
        assert!(history(&sandbox).is_empty(), "{line}: {:?}", history(&sandbox));
    }
}

#[test]
fn the_lock_is_waited_for_as_long_as_was_said() {
    for line in [
        "stale --lock-timeout 0",
        "--lock-timeout 0 stale",
        "stale -n z --lock-timeout=0",
        "use stale --lock-timeout 0",
    ] {
        let sandbox = Sandbox::with(THREE).file(".kube/config.lock", "");
        let begun = Instant::now();
        let outcome = sandbox.run(line).0;
        assert!(outcome.contains("kcx did not wait") && outcome.contains("--- exit 5"), "{line}: {outcome}");
        assert!(begun.elapsed() < Duration::from_secs(4), "{line}");
    }
    for line in [
        "stale --break-lock",
        "--break-lock stale",
        "-q stale -n z --break-lock",
        "stale --break-lock-after 0",
    ] {
        let sandbox = Sandbox::with(THREE).file(".kube/config.lock", "");
        let begun = Instant::now();
        let outcome = sandbox.run(line).0;
        assert!(outcome.contains("--- exit 0"), "{line}: {outcome}");
        assert!(begun.elapsed() < Duration::from_secs(4), "{line}");
    }
}

#[test]
fn a_name_is_looked_for_in_the_file_that_the_line_names() {
    let other = "contexts:\n- name: x\n  context: {cluster: c, user: u}\n";
    for line in [
        "x --kubeconfig @DIR@/f",
        "--kubeconfig @DIR@/f x",
        "x --kubeconfig=@DIR@/f -n web",
        "use x --kubeconfig @DIR@/f",
    ] {
        let sandbox = Sandbox::with(THREE).file("f", other);
        let outcome = sandbox.run(line).0;
        assert!(
            outcome.contains("switched to context `x`") && outcome.contains("--- f\n"),
            "{line}: {outcome}"
        );
    }
    let sandbox = Sandbox::with(THREE).file("f", other);
    // The only context that is known is the one of the file.
    sandbox.run("dev --kubeconfig @DIR@/f --bogus").shows(
        r"
--- stderr
error: `dev` is neither a command nor a context
hint: the only context is `x`
--- exit 3
no file changed
",
    );
}

#[test]
fn a_mistyped_command_is_told_first_whatever_else_is_wrong() {
    for line in ["delte context dev --dry-run", "delte -o wide", "delte --help", "-o json delte", "delte"] {
        Sandbox::with(THREE).run(line).shows(
            r"
--- stderr
error: `delte` is neither a command nor a context
hint: did you mean the command `kcx delete`? `kcx --help` lists all commands
hint: `kcx get` lists all 3
--- exit 3
no file changed
",
        );
    }
}

#[test]
fn the_history_names_the_command_that_ran() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("dev -n delete");
    sandbox.run("--kubeconfig @DIR@/.kube/config rename context stale lint");
    sandbox.run("config rename-context lint view");
    assert_eq!(history(&sandbox), ["kcx config rename-context", "kcx rename", "kcx use"]);
}

#[test]
fn a_prompt_never_speaks_up_whatever_stands_before_it() {
    for line in [
        "prompt --bogus",
        "--color never prompt --bogus",
        "--kubeconfig @DIR@/.kube/config prompt --bogus",
        "--color prompt prompt",
        "--bogus prompt",
        "-qo nonsense prompt",
        "prompt dev",
    ] {
        let outcome = Sandbox::with(THREE).run(line).0;
        assert_eq!(outcome, "kcx?--- stderr\n--- exit 0\nno file changed\n", "{line}");
    }
    for line in ["--kubeconfig @DIR@/.kube/config prompt", "-o sarif prompt", "--lock-timeout 0 prompt -q"] {
        let outcome = Sandbox::with(THREE).run(line).0;
        assert_eq!(outcome, "dev:default--- stderr\n--- exit 0\nno file changed\n", "{line}");
    }
}

#[test]
fn only_the_place_of_the_command_makes_a_command() {
    let text = THREE.replace("name: stale", "name: prompt");
    let sandbox = Sandbox::with(&text);
    let outcome = sandbox.run("use prompt -n delete").0;
    assert!(outcome.contains("switched to context `prompt`, namespace `delete`"), "{outcome}");
    // Behind `--` no word is a command.
    let outcome = sandbox.run("-- prompt").0;
    assert!(outcome.contains("already on context `prompt`"), "{outcome}");
    let outcome = sandbox.run("use prompt --bogus").0;
    assert!(outcome.contains("--bogus") && outcome.contains("--- exit 2"), "{outcome}");
}

#[test]
fn the_words_of_another_program_are_no_flags() {
    let sandbox = Sandbox::with(THREE);
    let outcome = sandbox.run("exec dev --dry-run -- kubectl -q --kubeconfig none -o nonsense").0;
    assert!(
        outcome.contains("would run in context `dev`: kubectl -q --kubeconfig none -o nonsense"),
        "{outcome}"
    );
}

#[test]
fn config_takes_the_flags_about_writing_on_both_sides() {
    for line in [
        "--lock-timeout 0 config use-context stale",
        "config use-context --lock-timeout 0 stale",
        "-q config use-context stale --lock-timeout=0",
    ] {
        let sandbox = Sandbox::with(THREE).file(".kube/config.lock", "");
        let begun = Instant::now();
        let outcome = sandbox.run(line).0;
        assert!(outcome.contains("--- exit 1") && outcome.contains("file exists"), "{line}: {outcome}");
        assert!(begun.elapsed() < Duration::from_secs(4), "{line}");
    }
    // kubectl takes any word for a token.
    let sandbox = Sandbox::with(THREE);
    let outcome = sandbox.run("config set-credentials u-dev --token --no-journal").0;
    assert!(outcome.contains(r#"token: "--no-journal""#), "{outcome}");
    assert_eq!(history(&sandbox), ["kcx config set-credentials"]);
}
