//! `kcx use -2`, `kcx history --switches`, and `session: restore`: where a shell was before, and where a new one begins.

use crate::common::{Sandbox, THREE};
use kcx::session::{Session, hook};
use std::fs;
use std::path::PathBuf;

/// Four contexts; one has an odd name.
fn kubeconfig() -> String {
    let more = "contexts:\n- {name: 'a\tb', context: {cluster: c-dev, user: u-dev}}\n- {name: '-2', context: {cluster: c-dev, user: u-dev}}\n";
    THREE.replace("contexts:\n", more)
}

/// A shell with the hook.
fn shell(sandbox: &mut Sandbox) {
    let config = sandbox.path().join(".kube/config");
    let files = std::slice::from_ref(&config);
    let session = Session::create(&sandbox.env, std::process::id(), files, None).unwrap();
    sandbox.env.kubeconfig = Some(hook::list(&session, files));
    sandbox.env.session = Some(session.folder().into());
}

fn current(sandbox: &Sandbox) -> String {
    sandbox.run("current -o name").0.lines().next().unwrap().to_owned()
}

#[test]
fn a_number_goes_back_so_many_contexts() {
    for in_session in [false, true] {
        let mut sandbox = Sandbox::with(&kubeconfig());
        if in_session {
            shell(&mut sandbox);
        }
        for name in ["prod-eu1", "stale", "a\tb"] {
            sandbox.run_words(&["use", name]);
        }
        // dev, prod-eu1, stale, and now a tab b.
        for (words, want) in [
            ("use -2", "prod-eu1"),
            ("-2", "stale"),
            ("-q -1", "prod-eu1"),
            ("use -3 -n web", "dev"),
            ("ctx -", "prod-eu1"),
            ("use -y -2", "stale"),
        ] {
            let outcome = sandbox.run(words).0;
            assert!(outcome.contains("--- exit 0"), "{words}: {outcome}");
            assert_eq!(current(&sandbox), want, "{words}: {outcome}");
        }
        let outcome = sandbox.run("use -9").0;
        let want = "error: there is no context 9 switches back: only 3 are recorded\n\
            hint: `kcx history --switches` lists them\n--- exit 3";
        assert!(outcome.contains(want), "{outcome}");
        assert_eq!(current(&sandbox), "stale");
        assert!(sandbox.run("use -0").0.contains("no context named `-0`"));
        // Behind `--` it is a name, and what is no number is a flag.
        assert!(sandbox.run("use -- -2").0.contains("switched to context `-2`"));
        assert!(sandbox.run("-- -2").0.contains("already on context `-2`"));
        for words in ["use -2x", "use --2"] {
            assert!(sandbox.run(words).0.contains("--- exit 2"), "{words}");
        }
    }
}

#[test]
fn a_context_that_is_gone_is_named_and_nothing_switched() {
    let sandbox = Sandbox::with(THREE);
    for words in ["use prod-eu1", "use stale", "delete prod-eu1"] {
        sandbox.run(words);
    }
    let outcome = sandbox.run("use -1").0;
    assert!(outcome.contains("error: the previous context `prod-eu1` no longer exists"), "{outcome}");
    assert!(sandbox.run("use -2").0.contains("switched to context `dev`"));
    // A new shell has none.
    let outcome = Sandbox::with(THREE).run("use -2").0;
    assert!(outcome.contains("error: no previous context: no switch is recorded for"), "{outcome}");
}

#[test]
fn the_switches_are_listed_with_the_numbers_that_go_back() {
    let mut sandbox = Sandbox::with(&kubeconfig());
    let nothing = "--- stderr\nthis shell has not switched yet; `kcx history --switches --all` lists the switches of all \
        shells\n--- exit 0\nno file changed\n";
    assert_eq!(sandbox.run("history --switches").0, nothing);
    sandbox.run("use stale");
    shell(&mut sandbox);
    for words in ["use prod-eu1", "ns shop", "use dev", "use prod-eu1"] {
        sandbox.run(words);
    }
    sandbox.run_words(&["use", "a\tb"]);
    let id = Session::all(&sandbox.env)[0].id();
    sandbox.run("history --switches").shows(
        "
BACK   WHEN       CONTEXT    NAMESPACE   WHERE
       just now   a\\tb                   this shell
-      just now   prod-eu1   shop        this shell
-2     just now   dev                    this shell
       just now   prod-eu1   shop        this shell
       just now   prod-eu1   web         this shell
--- stderr
--- exit 0
no file changed
",
    );
    let all = sandbox.run("history --switches --all").0;
    assert!(all.contains("       just now   stale                  ~/.kube/config\n--- stderr"), "{all}");
    // Another shell sees whose they are.
    shell(&mut sandbox);
    let all = sandbox.run("history --switches --all").0;
    assert!(all.contains(&format!("prod-eu1   shop        shell {id}\n")), "{all}");
    // It has not switched, so it goes back by the switches of all shells.
    let here = sandbox.run("history --switches").0;
    assert!(
        here.contains("\n       just now   stale ") && here.contains(" ~/.kube/config\n--- stderr"),
        "{here}"
    );
    let json = sandbox.run("history --switches --all -o json").0;
    let json: serde_json::Value = serde_json::from_str(json.split("--- stderr").next().unwrap()).unwrap();
    let row = &json[1];
    assert_eq!(
        (&row["context"], &row["from"], &row["namespace"]),
        (&"prod-eu1".into(), &"dev".into(), &"shop".into())
    );
    assert_eq!(
        (&row["session"], &row["file"], &row["here"]),
        (&id.into(), &serde_json::Value::Null, &false.into())
    );
    assert!(row["at"].as_str().is_some_and(|at| at.ends_with('Z')), "{row}");
    assert!(sandbox.run("history --all").0.contains("--- exit 2"));
}

#[test]
fn the_numbers_are_completed_with_their_contexts() {
    let mut sandbox = Sandbox::with(THREE);
    shell(&mut sandbox);
    for words in ["use prod-eu1", "use stale"] {
        sandbox.run(words);
    }
    for words in ["__complete use -", "__complete -"] {
        let offered = sandbox.run(words).0;
        assert!(offered.starts_with("-\tcontext: prod-eu1\n-2\tcontext: dev\n--"), "{words}: {offered}");
    }
    assert_eq!(sandbox.run("__complete use -2").0.lines().next(), Some("-2\tcontext: dev"));
    // One is enough, and flags begin with two dashes.
    for words in ["__complete use -2 -", "__complete use --", "__complete get -"] {
        let offered = sandbox.run(words).0;
        assert!(!offered.contains("context: "), "{words}: {offered}");
    }
    assert!(sandbox.run_words(&["__complete", "use", "-2", ""]).0.starts_with(":4\n"));
}

#[test]
fn a_switch_of_an_earlier_version_has_no_time() {
    let sandbox = Sandbox::with(THREE);
    let config = sandbox.path().join(".kube/config");
    let line = format!("{{\"in\":{config:?},\"context\":\"dev\",\"from\":\"stale\",\"namespace\":\"\"}}\n");
    let sandbox = sandbox.file("state/history.jsonl", &line);
    let listed = sandbox.run("history --switches").0;
    assert!(listed.contains("              dev "), "{listed}");
    assert!(sandbox.run("history --switches -o json").0.contains("\"at\": null"));
    assert!(sandbox.run("use -1").0.contains("switched to context `stale`"));
}

/// A new terminal: what the hook says at its start, and the context in its overlay.
fn terminal(sandbox: &mut Sandbox) -> (String, String) {
    (sandbox.env.kubeconfig, sandbox.env.session) = (None, None);
    (sandbox.env.stdin_is_terminal, sandbox.env.stderr_is_terminal) = (true, true);
    let before = Session::all(&sandbox.env);
    let outcome = sandbox.run("init bash --no-completions").0;
    let said = outcome.split("--- stderr\n").nth(1).unwrap().split("--- exit").next().unwrap().to_owned();
    let new = Session::all(&sandbox.env).into_iter().find(|it| !before.contains(it)).unwrap();
    let files: Vec<PathBuf> = new.files().unwrap();
    sandbox.env.kubeconfig = Some(hook::list(&new, &files));
    sandbox.env.session = Some(new.folder().into());
    (sandbox.env.stdin_is_terminal, sandbox.env.stderr_is_terminal) = (false, false);
    let prompt = sandbox.run("prompt").0.lines().next().unwrap_or_default().replace("--- stderr", "");
    (said, prompt)
}

fn restoring(setting: &str) -> Sandbox {
    with_settings(&format!("session: {setting}\n"))
}

fn with_settings(settings: &str) -> Sandbox {
    let mut sandbox = Sandbox::with(THREE).file("settings/config.yaml", settings);
    sandbox.env.config = Some(sandbox.path().join("settings"));
    sandbox
}

#[test]
fn a_new_terminal_starts_where_the_last_one_was() {
    let starts = |sandbox: &mut Sandbox, on: &str| {
        let (said, prompt) = terminal(sandbox);
        // A single file tells what it lacks.
        let tells = sandbox.run("settings show -o json").0.contains("single-file");
        assert!(said.is_empty() || tells, "{said}");
        assert_eq!(prompt, on);
    };
    for setting in ["restore", "[restore]", "[list, restore]", "[restore, single-file]"] {
        let mut sandbox = restoring(setting);
        starts(&mut sandbox, "dev:default");
        sandbox.run("use prod-eu1 -n shop");
        starts(&mut sandbox, "prod-eu1:shop");
        sandbox.run("ns web");
        starts(&mut sandbox, "prod-eu1:web");
        // A switch of all shells is no terminal's.
        sandbox.run("use stale --global");
        starts(&mut sandbox, "prod-eu1:web");
        // Who follows the kubeconfig again goes on doing so.
        sandbox.run("use --unset");
        // Its cluster does not exist.
        starts(&mut sandbox, "stale?");
    }
    for setting in ["list", "single-file", "[list]", "[]"] {
        let mut sandbox = restoring(setting);
        terminal(&mut sandbox);
        sandbox.run("use prod-eu1");
        assert_eq!(terminal(&mut sandbox).1, "dev:default", "{setting}");
    }
}

#[test]
fn a_script_and_a_shell_in_a_shell_restore_nothing() {
    let mut sandbox = restoring("restore");
    terminal(&mut sandbox);
    sandbox.run("use prod-eu1");
    // The context of the parent, which has not switched after another terminal has.
    let parent = sandbox.env.clone();
    terminal(&mut sandbox);
    sandbox.run("use stale");
    sandbox.env = parent;
    sandbox.env.stdin_is_terminal = true;
    let before = Session::all(&sandbox.env);
    sandbox.env.parent = 1;
    sandbox.run("init bash --no-completions");
    let new = Session::all(&sandbox.env).into_iter().find(|it| !before.contains(it)).unwrap();
    assert!(fs::read_to_string(new.overlay()).unwrap().contains("current-context: prod-eu1\n"));
    // Without a terminal.
    (sandbox.env.kubeconfig, sandbox.env.session) = (None, None);
    sandbox.env.stdin_is_terminal = false;
    let before = Session::all(&sandbox.env);
    sandbox.run("init bash --no-completions");
    let new = Session::all(&sandbox.env).into_iter().find(|it| !before.contains(it)).unwrap();
    assert!(!fs::read_to_string(new.overlay()).unwrap().contains("current-context"));
}

#[test]
fn what_cannot_be_restored_is_said_in_one_line() {
    let protected = "session: restore\nrules: [{match: 'prod*', confirm: yes}]\n";
    let mut sandbox = with_settings(protected);
    terminal(&mut sandbox);
    sandbox.run("use prod-eu1 --yes-i-mean prod-eu1");
    let said = "this shell starts on `dev`: the context of the last terminal, `prod-eu1`, is protected; \
        `kcx use prod-eu1` switches to it\n";
    assert_eq!(terminal(&mut sandbox), (said.to_owned(), "dev:default".to_owned()));
    sandbox.run("use stale");
    sandbox.run("delete stale -y");
    let said = "this shell starts on `dev`: the context of the last terminal, `stale`, no longer exists\n";
    assert_eq!(terminal(&mut sandbox), (said.to_owned(), "dev:default".to_owned()));
}

#[test]
fn a_discovered_context_is_restored_only_with_a_permission() {
    let mut sandbox = restoring("restore");
    let found = "contexts: [{name: found, context: {cluster: f, user: f}}]\nclusters: [{name: f, cluster: {server: 'https://f'}}]\n\
        users: [{name: f, user: {exec: {command: ./x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}}}]\n";
    sandbox = sandbox.file(".kube/config.d/found.yaml", found);
    terminal(&mut sandbox);
    assert!(sandbox.run("use found --allow-exec").0.contains("switched to context `found`"));
    assert_eq!(terminal(&mut sandbox), (String::new(), "found:default".to_owned()));
    // The permission is for the entries as they were.
    sandbox = sandbox.file(".kube/config.d/found.yaml", &found.replace("./x", "./y"));
    let said = "this shell starts on `dev`: the context of the last terminal, `found`, needs a permission; \
        `kcx use found` switches to it\n";
    assert_eq!(terminal(&mut sandbox), (said.to_owned(), "dev:default".to_owned()));
}

#[test]
fn the_words_of_the_setting_are_checked() {
    for (setting, want) in [
        ("restored", "`session` must be `list`, `single-file` or `restore`"),
        ("[list, single-file]", "`session` must be `list` or `single-file`, not both"),
        ("{restore: true}", "`session` must be `list`, `single-file` or `restore`"),
        ("true", "`session` must be `list`, `single-file` or `restore`"),
    ] {
        let outcome = restoring(setting).run("settings check").0;
        assert!(outcome.contains(want), "{setting}: {outcome}");
    }
}
