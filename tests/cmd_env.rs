//! `kcx env`: the exports that pin a context in a directory.

use crate::common::{Sandbox, THREE};
use kcx::env::leading;
use kcx::session::Session;
use std::fs;
use std::time::{Duration, SystemTime};

/// Runs it, with the name of the session replaced.
fn run(sandbox: &Sandbox, words: &str) -> String {
    let mut text = sandbox.run(words).0;
    for session in Session::all(&sandbox.env) {
        text = text.replace(&session.id(), "env-ID");
    }
    text
}

/// `KUBECONFIG` as it is exported.
fn listed() -> String {
    let (overlay, guard) = ("@DIR@/state/sessions/env-ID/kcx-overlay.yaml", "@DIR@/state/guards/env-ID.yaml");
    format!("{overlay}:{guard}:@DIR@/.kube/config:{guard}:{overlay}")
}

fn only(sandbox: &Sandbox) -> Session {
    let all = Session::all(&sandbox.env);
    assert_eq!(all.len(), 1, "{all:?}");
    all[0].clone()
}

#[test]
fn prints_the_exports_for_each_shell() {
    for (shell, command) in [
        ("bash", "export KUBECONFIG='@LIST@'\n"),
        ("zsh", "export KUBECONFIG='@LIST@'\n"),
        ("fish", "set -gx KUBECONFIG '@LIST@'\n"),
        ("elvish", "set-env KUBECONFIG '@LIST@'\n"),
        ("powershell", "$env:KUBECONFIG = '@LIST@'\n"),
        ("nushell", "{\"KUBECONFIG\":\"@LIST@\"}\n"),
    ] {
        let sandbox = Sandbox::with(THREE);
        let want = command.replace("@LIST@", &listed()) + "--- stderr\n--- exit 0\nno file changed\n";
        assert_eq!(run(&sandbox, &format!("env prod-eu1 -n shop --shell {shell}")), want);
        let overlay = fs::read_to_string(only(&sandbox).overlay()).unwrap();
        assert!(
            overlay.contains("current-context: prod-eu1\n") && overlay.contains("namespace: shop\n"),
            "{overlay}"
        );
        assert!(!overlay.contains("server"), "{overlay}");
    }
}

#[test]
fn the_same_pin_is_always_the_same_file_and_is_right_again_after_anything() {
    let sandbox = Sandbox::with(THREE);
    let first = run(&sandbox, "env prod-eu1");
    let session = only(&sandbox);
    let text = fs::read_to_string(session.overlay()).unwrap();
    fs::write(session.overlay(), text.replace("prod-eu1", "dev")).unwrap();
    assert_eq!(run(&sandbox, "env prod-eu1"), first);
    assert_eq!(fs::read_to_string(session.overlay()).unwrap(), text);
    fs::remove_file(session.overlay()).unwrap();
    assert_eq!(run(&sandbox, "env prod-eu1"), first);
    assert_eq!(fs::read_to_string(session.overlay()).unwrap(), text);
    fs::remove_dir_all(session.folder()).unwrap();
    fs::remove_file(session.guard()).unwrap();
    assert_eq!(run(&sandbox, "env prod-eu1"), first);
    assert_eq!(fs::read_to_string(session.overlay()).unwrap(), text);
    run(&sandbox, "env prod-eu1 -n shop");
    run(&sandbox, "env dev");
    assert_eq!(Session::all(&sandbox.env).len(), 3);
}

#[test]
fn it_is_kept_for_a_year_after_it_was_printed_last() {
    for (days, kept) in [(360, true), (370, false)] {
        let sandbox = Sandbox::with(THREE);
        run(&sandbox, "env prod-eu1");
        let session = only(&sandbox);
        let then = SystemTime::now() - Duration::from_secs(days * 24 * 60 * 60);
        let files = fs::read_dir(session.folder()).unwrap().map(|file| file.unwrap().path());
        for path in files.chain([session.guard().to_owned(), session.folder().to_owned()]) {
            fs::File::open(path).unwrap().set_modified(then).unwrap();
        }
        // A shell that starts looks for sessions that nobody uses.
        assert!(sandbox.run("init bash --no-completions").0.contains("--- exit 0\n"));
        assert_eq!(session.overlay().exists() && session.guard().exists(), kept, "{days}");
        assert_eq!(session.folder().exists() || session.guard().exists(), kept, "{days}");
    }
}

#[test]
fn an_unknown_context_and_none_are_errors() {
    Sandbox::with(THREE).run("env prod-eu").shows(
        r"
--- stderr
error: no context named `prod-eu`
hint: did you mean `prod-eu1`? `kcx get` lists all 3
--- exit 3
no file changed
",
    );
    Sandbox::with("contexts: [{name: a, context: {}}]\n").run("env").shows(
        r"
--- stderr
error: there is no current context, and none was named
hint: `kcx env NAME` pins one; the only context is `a`
--- exit 3
no file changed
",
    );
    Sandbox::with(THREE).run("env -o json").shows(
        r"
--- stderr
error: `kcx env` prints shell code and does not support `-o`
hint: `kcx current -o json` prints the current context
--- exit 2
no file changed
",
    );
}

#[test]
fn variables_that_lead_elsewhere_are_unset() {
    let mut sandbox = Sandbox::with(THREE);
    let set = [("HELM_KUBECONTEXT", "dev"), ("HELM_NAMESPACE", "shop"), ("KUBE_TOKEN", "t")];
    let value = |name: &str| set.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).into());
    sandbox.env.leading = leading::set(value);
    let text = run(&sandbox, "env prod-eu1 -n shop");
    assert!(text.starts_with("unset HELM_KUBECONTEXT\nunset KUBE_TOKEN\nexport KUBECONFIG="), "{text}");
    let text = run(&sandbox, "env dev --shell fish");
    assert!(text.starts_with("set -e HELM_NAMESPACE\nset -e KUBE_TOKEN\nset -gx KUBECONFIG"), "{text}");
}

#[test]
fn a_protected_context_needs_its_name_off_a_terminal() {
    let mut sandbox =
        Sandbox::with(THREE).file("settings/config.yaml", "rules: [{match: '*prod*', confirm: type-name}]\n");
    sandbox.env.config = Some(sandbox.path().join("settings"));
    let refused = sandbox.run("env prod-eu1").0;
    assert!(refused.contains("--yes-i-mean prod-eu1") && !refused.contains("export"), "{refused}");
    assert!(run(&sandbox, "env prod-eu1 --yes-i-mean prod-eu1").starts_with("export KUBECONFIG="));
}

#[test]
fn without_the_hook_nothing_switches_the_directory_for_other_shells() {
    let mut sandbox = Sandbox::with(THREE);
    run(&sandbox, "env prod-eu1");
    let session = only(&sandbox);
    let files = vec![sandbox.path().join(".kube/config")];
    sandbox.env.kubeconfig = Some(kcx::session::hook::list(&session, &files));
    for words in ["use dev", "ns shop"] {
        sandbox.run(words).shows(
            r"
--- stderr
error: the context here was set by `kcx env`, for all shells in this directory; nothing was switched
hint: set another one there, or switch at the next prompt of a shell with the hook
--- exit 1
no file changed
",
        );
    }
    assert_eq!(sandbox.run("current -o name").0, "prod-eu1\n--- stderr\n--- exit 0\nno file changed\n");
    // The hook of a shell lays its own session over it, on the same context.
    let first = Session::create(&sandbox.env, std::process::id(), &files, None).unwrap();
    let (pid, folder) = (std::process::id(), first.folder().display());
    let text = sandbox.run(&format!("__sync zsh - {pid} {folder}")).0;
    assert!(text.contains("KCX_PROMPT='prod-eu1:web'\n") && text.contains("export KUBECONFIG="), "{text}");
    assert!(!text.contains(&session.id()), "{text}");
}
