//! `kcx` alone, words that are no command, `kcx config`, help.

use crate::common::{Sandbox, THREE};

#[test]
fn alone_it_lists() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("").shows(
        r"
dev
prod-eu1
stale
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("-o wide").shows(
        r"
CURRENT   NAME       CLUSTER   USER     NAMESPACE   SERVER                 FILE
*         dev        c-dev     u-dev                https://dev.example    @DIR@/.kube/config:11
          prod-eu1   c-prod    u-prod   web         https://prod.example   @DIR@/.kube/config:15
          stale      gone      u-dev                                       @DIR@/.kube/config:20
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("-o json").shows(
        r#"
[
    {
        "name": "dev",
        "context": {
            "cluster": "c-dev",
            "user": "u-dev"
        },
        "file": "@DIR@/.kube/config",
        "line": 11,
        "current": true,
        "server": "https://dev.example",
        "label": null,
        "protected": false,
        "source": null,
        "labels": {},
        "aliases": []
    },
    {
        "name": "prod-eu1",
        "context": {
            "cluster": "c-prod",
            "user": "u-prod",
            "namespace": "web"
        },
        "file": "@DIR@/.kube/config",
        "line": 15,
        "current": false,
        "server": "https://prod.example",
        "label": null,
        "protected": false,
        "source": null,
        "labels": {},
        "aliases": []
    },
    {
        "name": "stale",
        "context": {
            "cluster": "gone",
            "user": "u-dev"
        },
        "file": "@DIR@/.kube/config",
        "line": 20,
        "current": false,
        "server": "",
        "label": null,
        "protected": false,
        "source": null,
        "labels": {},
        "aliases": []
    }
]
--- stderr
--- exit 0
no file changed
"#,
    );
}

#[test]
fn alone_without_a_kubeconfig() {
    let sandbox = Sandbox::new();
    sandbox.run("").shows(
        r"
--- stderr
there is no kubeconfig: `@DIR@/.kube/config` does not exist
hint: `kcx import FILE` adds the contexts of a kubeconfig; `kcx demo` shows kcx at work
--- exit 0
no file changed
",
    );
}

#[test]
fn a_name_is_a_switch() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("prod-eu1").shows(
        r"
--- stderr
switched to context `prod-eu1`, namespace `web`
--- exit 0
--- .kube/config
-current-context: dev # for now
+current-context: prod-eu1 # for now
",
    );
    sandbox.run("dev -q").shows(
        r"
--- stderr
--- exit 0
--- .kube/config
-current-context: prod-eu1 # for now
+current-context: dev # for now
",
    );
    sandbox.run("prod-eu1 --kubeconfig @DIR@/.kube/config").shows(
        r"
--- stderr
switched to context `prod-eu1`, namespace `web`
--- exit 0
--- .kube/config
-current-context: dev # for now
+current-context: prod-eu1 # for now
",
    );
    sandbox.run("-- dev").shows(
        r"
--- stderr
switched to context `dev`
--- exit 0
--- .kube/config
-current-context: prod-eu1 # for now
+current-context: dev # for now
",
    );
}

#[test]
fn a_slip_names_what_it_could_have_been() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("prod-eu").shows(
        r"
--- stderr
error: `prod-eu` is neither a command nor a context
hint: did you mean `prod-eu1`? `kcx get` lists all 3
--- exit 3
no file changed
",
    );
    sandbox.run("curent").shows(
        r"
--- stderr
error: `curent` is neither a command nor a context
hint: did you mean the command `kcx current`? `kcx --help` lists all commands
hint: `kcx get` lists all 3
--- exit 3
no file changed
",
    );
    sandbox.run("nonsense").shows(
        r"
--- stderr
error: `nonsense` is neither a command nor a context
hint: `kcx get` lists all 3
--- exit 3
no file changed
",
    );
    sandbox.run("curent -o name").shows(
        r"
--- stderr
error: `curent` is neither a command nor a context
hint: did you mean the command `kcx current`? `kcx --help` lists all commands
hint: `kcx get` lists all 3
--- exit 3
no file changed
",
    );
    sandbox.run("--bogus").shows(
        r"
--- stderr
error: `kcx` has no flag `--bogus`
hint: `kcx --help` shows its flags and examples, `kcx help flags` those of all commands
--- exit 2
no file changed
",
    );
}

#[test]
fn config_is_kubectls() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("config current-context").shows(
        r"
dev
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("--kubeconfig @DIR@/.kube/config config current-context").shows(
        r"
dev
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("-n x config get-clusters").shows(
        r"
NAME
c-dev
c-prod
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("config --lock-timeout 1s use-context stale --break-lock").shows(
        r#"
Switched to context "stale".
--- stderr
--- exit 0
--- .kube/config
-current-context: dev # for now
+current-context: stale # for now
"#,
    );
    sandbox.run("use -").shows(
        r"
--- stderr
switched to context `dev`
--- exit 0
--- .kube/config
-current-context: stale # for now
+current-context: dev # for now
",
    );
    sandbox.run("config nonsense").shows(
        r#"
--- stderr
error: unknown command "nonsense"
See 'kcx config -h' for help and examples
--- exit 1
no file changed
"#,
    );
    sandbox.run("config use-context nope").shows(
        r#"
--- stderr
error: no context exists with the name: "nope"
--- exit 1
no file changed
"#,
    );
    sandbox.run("-q config current-context").shows(
        r"
dev
--- stderr
--- exit 0
no file changed
",
    );
}

#[test]
fn version_and_completion() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("--version").shows(
        r"
kcx 0.1.0
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("__complete config use-context p").shows(
        r"
prod-eu1
:4
--- stderr
Completion ended with directive: ShellCompDirectiveNoFileComp
--- exit 0
no file changed
",
    );
}

#[test]
fn messages_are_coloured_where_that_is_wanted() {
    let mut sandbox = Sandbox::with(THREE);
    sandbox.run("--color always use nope").shows(
        "\
--- stderr
\x1b[1;31merror:\x1b[0m no context named `nope`
\x1b[1;36mhint:\x1b[0m `kcx get` lists all 3
--- exit 3
no file changed
",
    );
    sandbox.env.stderr_is_terminal = true;
    sandbox.run("use nope").shows(
        "\
--- stderr
\x1b[1;31merror:\x1b[0m no context named `nope`
\x1b[1;36mhint:\x1b[0m `kcx get` lists all 3
--- exit 3
no file changed
",
    );
    sandbox.run("--color never use nope").shows(
        r"
--- stderr
error: no context named `nope`
hint: `kcx get` lists all 3
--- exit 3
no file changed
",
    );
    sandbox.env.no_color = true;
    sandbox.run("use nope").shows(
        r"
--- stderr
error: no context named `nope`
hint: `kcx get` lists all 3
--- exit 3
no file changed
",
    );
}

#[test]
fn help_names_every_command() {
    let help = Sandbox::new().run("--help").0;
    for command in kcx::cli::command_line::COMMANDS {
        assert!(help.contains(command), "{command}: {help}");
    }
    assert_eq!(Sandbox::new().run("help").0, help);
}
