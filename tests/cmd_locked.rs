//! A shell that is locked to a context: what kcx refuses there, and what it still does.

use crate::common::{Sandbox, THREE};
use kcx::cli::command_line::COMMANDS;
use std::collections::BTreeSet;
use std::fs;

/// As `kcx shell --locked dev` starts it: its file has one context, and the user's own file is out of sight.
fn locked() -> Sandbox {
    let mut sandbox =
        Sandbox::with(THREE).file("new.yaml", "current-context: x\n").file("set/config.yaml", RULES);
    fs::copy(sandbox.path().join(".kube/config"), sandbox.path().join("other.yaml")).unwrap();
    sandbox.run("export dev -O @DIR@/locked.yaml");
    #[cfg(unix)]
    for (target, link) in [(".kube/config", "link.yaml"), ("nowhere.yaml", "loose.yaml")] {
        std::os::unix::fs::symlink(sandbox.path().join(target), sandbox.path().join(link)).unwrap();
    }
    sandbox.env.config = Some(sandbox.path().join("set"));
    sandbox.env.kubeconfig = Some(sandbox.path().join("locked.yaml").into());
    sandbox.env.locked_file = Some(sandbox.path().join("locked.yaml"));
    sandbox.env.locked = Some("dev".into());
    sandbox
}

const RULES: &str = "rules: [{match: dev, confirm: yes}]\ndiscovery: [~/.kube/found-*.yaml]\n";

/// What leads to another cluster, and what changes the user's own files.
const REFUSED: &[&str] = &[
    "use prod-eu1",
    "use dev",
    "use -",
    "use --unset",
    "use --global prod-eu1",
    "use --kubeconfig @DIR@/other.yaml prod-eu1",
    "ctx prod-eu1",
    "prod-eu1",
    "-",
    "-2",
    "shell prod-eu1",
    "shell dev",
    "shell dev --read-only",
    "env prod-eu1",
    "env dev",
    "exec --global -- true",
    "exec --kubeconfig @DIR@/other.yaml prod-eu1 -- true",
    "status --kubeconfig @DIR@/other.yaml",
    "whoami --kubeconfig @DIR@/other.yaml prod-eu1",
    "ns shop --kubeconfig @DIR@/other.yaml",
    "export --kubeconfig @DIR@/other.yaml prod-eu1",
    "split @DIR@/new --kubeconfig @DIR@/other.yaml",
    "get namespaces --kubeconfig @DIR@/other.yaml",
    "config view --raw --kubeconfig=@DIR@/other.yaml",
    "config view --flatten --kubeconfig=@DIR@/other.yaml",
    "credential get u-prod --kubeconfig @DIR@/other.yaml",
    // What would overwrite a file, or make one that other shells use.
    "export dev -O @DIR@/.kube/config -y",
    "export dev -O @DIR@/link.yaml -y",
    "export dev -O @DIR@/loose.yaml",
    "export dev -O @DIR@/other.yaml -y",
    "export dev -O @DIR@/.kube/found-new.yaml",
    "export dev -O @DIR@/set/new.yaml",
    "export --all --dir @DIR@/set",
    "merge @DIR@/new.yaml -O @DIR@/.kube/config -y",
    "merge @DIR@/new.yaml @DIR@/other.yaml -O @DIR@/other.yaml -y",
    "split @DIR@/set",
    "config use-context prod-eu1",
    "config set current-context prod-eu1",
    "config unset current-context",
    "config set-cluster c-dev --server=https://evil.example",
    "config set-context --current --cluster=c-prod",
    "config set-context --current --namespace=x --user=u",
    "config set-context other --namespace=x",
    "config set-credentials u-dev --token=x",
    "config rename-context dev prod",
    "config delete-context dev",
    "config delete-cluster c-dev",
    "config delete-user u-dev",
    "config set-context dev --namespace=x --kubeconfig=@DIR@/other.yaml",
    "copy dev two",
    "rename dev two",
    "delete dev -y",
    "prune -y",
    "edit dev",
    "import new.yaml",
    "import new.yaml --set-current",
    "sync",
    "undo",
    "settings edit",
    "source add lab dir @DIR@/lab",
    "source remove lab",
    "protect lift 10m dev",
    "protect restore",
    "init bash --install",
    "lint --fix",
    "credential seal dev",
    "credential set u-dev",
    "credential remove u-dev",
];

/// What looks, and what stays on the cluster.
const DONE: &[&str] = &[
    "",
    "get",
    "list",
    "current",
    "completions bash",
    "config view",
    "config get-contexts",
    "config current-context",
    "config set-context --current --namespace=shop",
    "ns web",
    "exec dev --yes-i-mean dev -- true",
    "export dev",
    "diff dev dev",
    "doctor",
    "lint",
    "validate",
    "lint --fix --dry-run",
    "history",
    "help",
    "init bash",
    "merge new.yaml",
    "prompt",
    "protect",
    "settings",
    "settings check",
    "source list",
    "split --dry-run",
    "version",
    "import new.yaml --dry-run",
    "delete dev --dry-run",
    "undo --dry-run",
    "credential list",
];

#[test]
fn a_locked_shell_refuses_what_leads_elsewhere_and_what_changes_the_users_own_files() {
    for words in REFUSED {
        let said = locked().run(words).0;
        assert!(said.contains("error: this shell is locked to context `dev`; no"), "{words}: {said}");
        assert!(said.contains("hint: `exit` leaves it\n"), "{words}: {said}");
        assert!(said.ends_with("--- exit 1\nno file changed\n"), "{words}: {said}");
    }
}

#[test]
fn a_locked_shell_does_what_stays_on_its_cluster() {
    for words in DONE {
        let said = locked().run(words).0;
        assert!(!said.contains("is locked to"), "{words}: {said}");
        let (_, changes) = said.rsplit_once("--- exit ").unwrap();
        assert!(
            changes.contains("no file changed") || words.contains("shop") || *words == "ns web",
            "{words}: {said}"
        );
    }
}

/// A `KUBECONFIG` that a program sets is as good as `--kubeconfig`.
#[test]
fn another_kubeconfig_in_a_locked_shell_gives_no_credential_and_no_cluster() {
    for list in [Some("other.yaml"), Some("locked.yaml:other.yaml"), Some(""), None] {
        let mut sandbox = locked();
        let paths = |list: &str| list.split(':').map(|name| sandbox.path().join(name)).collect::<Vec<_>>();
        let joined = list.map(|list| match list {
            "" => std::ffi::OsString::new(),
            list => std::env::join_paths(paths(list)).unwrap(),
        });
        sandbox.env.kubeconfig = joined;
        for words in [
            "exec prod-eu1 -- true",
            "status prod-eu1",
            "whoami prod-eu1",
            "export prod-eu1",
            "export prod-eu1 -O @DIR@/new-file.yaml",
            "split @DIR@/new",
            "get namespaces",
            "ns shop",
            "config view --raw",
            "config view --flatten",
            "credential get u-prod",
        ] {
            let said = sandbox.run(words).0;
            assert!(
                said.contains("error: this shell is locked to context `dev`; no"),
                "{list:?} {words}: {said}"
            );
            assert!(
                said.contains("`KUBECONFIG` is not the file of this shell any more\n"),
                "{list:?} {words}: {said}"
            );
            assert!(said.ends_with("--- exit 1\nno file changed\n"), "{list:?} {words}: {said}");
        }
        for words in ["get", "config view", "config get-contexts", "current", "diff dev prod-eu1"] {
            let said = sandbox.run(words).0;
            assert!(!said.contains("is locked to"), "{list:?} {words}: {said}");
        }
        let said = sandbox.run("__as kubens").0;
        assert!(said.contains("this shell is locked to context `dev`; no cluster was asked"), "{said}");
    }
    // The file of the shell, spelled in another way.
    let mut sandbox = locked();
    sandbox.env.kubeconfig = Some(sandbox.path().join("set/../locked.yaml").into());
    for words in ["export dev", "export dev --kubeconfig @DIR@/locked.yaml", "config view --raw"] {
        let said = sandbox.run(words).0;
        assert!(!said.contains("is locked to") && said.contains("token"), "{words}: {said}");
    }
}

/// Files of its own are free.
#[test]
fn a_locked_shell_writes_new_files() {
    for words in [
        "export dev -O @DIR@/one.yaml",
        "split @DIR@/lots",
        "merge @DIR@/locked.yaml @DIR@/new.yaml -O @DIR@/two.yaml",
    ] {
        let said = locked().run(words).0;
        assert!(said.contains("--- exit 0\n") && !said.contains("no file changed"), "{words}: {said}");
    }
    let sandbox = locked();
    sandbox.run("export dev -O @DIR@/one.yaml");
    let said = sandbox.run("export dev -O @DIR@/one.yaml -y").0;
    assert!(said.contains("already contains") && said.contains("--- exit 0"), "{said}");
}

/// The refusal names the context of the lock, whatever a program has made the current one of its file.
#[test]
fn kubectx_names_the_locked_context() {
    let sandbox = locked();
    let file = sandbox.path().join("locked.yaml");
    let text = fs::read_to_string(&file).unwrap().replace("current-context: dev", "current-context: x");
    fs::write(&file, text).unwrap();
    let said = sandbox.run("__as kubectx prod-eu1").0;
    assert!(said.contains("you are in a locked single-context shell (\"dev\")"), "{said}");
}

/// A command that neither list has is not decided.
#[test]
fn each_command_is_in_one_of_the_lists() {
    let first = |words: &&str| words.split(' ').next().unwrap_or_default().to_owned();
    let known: BTreeSet<String> = REFUSED.iter().chain(DONE).map(first).collect();
    // These query the cluster, or start a shell of their own.
    let others = ["demo", "status", "whoami"];
    for command in COMMANDS.iter().filter(|command| !others.contains(command)) {
        assert!(known.contains(*command), "{command}");
    }
}

#[test]
fn what_cannot_be_seen_is_explained_by_the_lock() {
    locked().run("get prod-eu1").shows(
        "
--- stderr
error: no context named `prod-eu1`
hint: the only context is `dev`
hint: this shell is locked to context `dev`, and sees no other
--- exit 3
no file changed
",
    );
    let said = locked().run("exec prod-eu1 -- true").0;
    assert!(
        said.contains("hint: this shell is locked to context `dev`, and sees no other\n--- exit 3\n"),
        "{said}"
    );
    let said = locked().run("__as kubectx prod-eu1").0;
    assert!(said.contains("you are in a locked single-context shell (\"dev\")"), "{said}");
}

/// A start-up file that sets `KUBECONFIG` does not lead the shell elsewhere: the hook below it does.
#[test]
fn the_hook_of_a_locked_shell_goes_back_to_its_file() {
    let mut sandbox = locked();
    let warning = "warning: KUBECONFIG was set in a shell that is locked to context `dev`, and is back on the file of this shell\n";
    sandbox.env.kubeconfig = Some(sandbox.path().join("other.yaml").into());
    for words in ["init bash --no-completions", "__session nushell 4242", "__sync bash"] {
        let said = sandbox.run(words).0;
        assert!(said.contains(warning), "{words}: {said}");
    }
    let said = sandbox.run("init bash --no-completions").0;
    let list = said.lines().find(|line| line.starts_with("__kcx_new_list=")).unwrap();
    assert!(list.contains("@DIR@/locked.yaml") && !list.contains("other.yaml"), "{list}");
    // What has the file already is not told anything.
    let said = locked().run("init bash --no-completions").0;
    assert!(!said.contains("warning"), "{said}");
    // Without the name of the file nothing can be put back, and nothing is.
    sandbox.env.locked_file = None;
    assert!(!sandbox.run("init bash --no-completions").0.contains("warning"));
}

#[test]
fn the_prompt_says_that_a_shell_is_locked() {
    let mut sandbox = locked();
    let prompt = |sandbox: &Sandbox, words: &str| {
        let said = sandbox.run(&format!("prompt {words}")).0;
        said.split("--- stderr").next().unwrap().to_owned()
    };
    assert_eq!(prompt(&sandbox, ""), "dev:default (locked)");
    for shell in ["bash", "elvish", "fish", "nushell", "plain", "powershell", "tmux", "zsh"] {
        let said = prompt(&sandbox, &format!("--shell {shell}"));
        assert!(said.contains("dev:default (locked)"), "{shell}: {said}");
    }
    for hook in ["bash", "elvish", "fish", "nushell", "powershell", "zsh"] {
        assert!(sandbox.run(&format!("__sync {hook}")).0.contains("dev:default (locked)"), "{hook}");
    }
    assert!(
        prompt(&sandbox, "-o json")
            .contains("\"locked\": true,\n    \"readOnly\": false,\n    \"mode\": \"locked\"")
    );
    assert_eq!(prompt(&sandbox, "--format {context}{_mode}"), "dev_locked");
    sandbox.env.read_only = true;
    assert_eq!(prompt(&sandbox, ""), "dev:default (read-only)");
    // A kubeconfig that was set by hand leads to another context, which the lock does not hold.
    sandbox.env.kubeconfig = Some(sandbox.path().join("other.yaml").into());
    fs::write(
        sandbox.path().join("other.yaml"),
        THREE.replace("current-context: dev", "current-context: prod-eu1"),
    )
    .unwrap();
    assert_eq!(prompt(&sandbox, ""), "prod-eu1:web");
}

#[test]
fn the_prompt_says_that_protection_is_lifted() {
    let mut sandbox = Sandbox::with(THREE).file("set/config.yaml", RULES);
    sandbox.env.config = Some(sandbox.path().join("set"));
    let prompt = |words: &str| sandbox.run(&format!("prompt {words}")).0;
    assert!(prompt("").starts_with("dev:default---"), "{}", prompt(""));
    assert!(prompt("-o json").contains("\"liftedForSeconds\": null"));
    sandbox.run("protect lift 10m dev");
    assert!(prompt("").starts_with("dev:default (lifted)---"));
    assert!(prompt("--shell fish").starts_with("\u{1b}[1;31;7mdev:default (lifted)\u{1b}[0m"));
    assert!(prompt("--shell tmux").starts_with("#[fg=red,bold,reverse]dev:default (lifted)"));
    let json = prompt("-o json");
    assert!(json.contains("\"mode\": \"lifted\"") && !json.contains("\"liftedForSeconds\": null"), "{json}");
    // The hook asks again when the time is over, and watches the folder in which the lifts are.
    let said = sandbox.run("__sync bash").0;
    let left =
        said.lines().find_map(|line| line.strip_prefix("__kcx_left='")?.strip_suffix('\'')?.parse().ok());
    assert!(left.is_some_and(|left: u64| (590..=600).contains(&left)), "{said}");
    assert!(sandbox.run("__sync fish").0.contains("@DIR@/state/lifted"));
    sandbox.run("protect restore");
    assert!(prompt("").starts_with("dev:default---"));
    let said = sandbox.run("__sync bash").0;
    assert!(said.contains("__kcx_left=''\n"), "{said}");
}
