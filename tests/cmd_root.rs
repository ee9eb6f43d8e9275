//! `kcx` alone, words that are no command, help, files that cannot be read, locks.

use crate::common::{Sandbox, THREE};
use std::io::Write;
use std::time::{Duration, SystemTime};

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
        }
    },
    {
        "name": "prod-eu1",
        "context": {
            "cluster": "c-prod",
            "user": "u-prod",
            "namespace": "web"
        }
    },
    {
        "name": "stale",
        "context": {
            "cluster": "gone",
            "user": "u-dev"
        }
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
there are no contexts in `@DIR@/.kube/config`; `kcx demo` shows kcx at work
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
error: unexpected argument '--bogus' found

Usage: kcx [OPTIONS] [COMMAND]

For more information, try '--help'.
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
fn a_file_that_is_no_kubeconfig() {
    let sandbox = Sandbox::with("contexts:\n- name: a\n  context: {cluster: c\ntoken: s3cr3t\n");
    sandbox.run("").shows(r"
--- stderr
error: cannot read `@DIR@/.kube/config`: line 4, column 6: while parsing a flow mapping, did not find expected ',' or '}'
   |
 4 | token: ******
   |      ^
hint: fix the file, or name another one with `--kubeconfig`
--- exit 1
no file changed
");
    sandbox.run("get").shows(r"
--- stderr
error: cannot read `@DIR@/.kube/config`: line 4, column 6: while parsing a flow mapping, did not find expected ',' or '}'
   |
 4 | token: ******
   |      ^
hint: fix the file, or name another one with `--kubeconfig`
--- exit 1
no file changed
");
    sandbox.run("use a").shows(r"
--- stderr
error: cannot read `@DIR@/.kube/config`: line 4, column 6: while parsing a flow mapping, did not find expected ',' or '}'; nothing was written
   |
 4 | token: ******
   |      ^
hint: fix the file, or name another one with `--kubeconfig`
--- exit 1
no file changed
");
    sandbox.run("ns a").shows(r"
--- stderr
error: cannot read `@DIR@/.kube/config`: line 4, column 6: while parsing a flow mapping, did not find expected ',' or '}'; nothing was written
   |
 4 | token: ******
   |      ^
hint: fix the file, or name another one with `--kubeconfig`
--- exit 1
no file changed
");
    sandbox.run("current -o name").shows(r"
--- stderr
error: cannot read `@DIR@/.kube/config`: line 4, column 6: while parsing a flow mapping, did not find expected ',' or '}'
   |
 4 | token: ******
   |      ^
hint: fix the file, or name another one with `--kubeconfig`
--- exit 1
no file changed
");
}

#[test]
fn several_files_that_cannot_be_read() {
    let sandbox = Sandbox::new()
        .file("a.yaml", "contexts: 1\n")
        .file("b.yaml", "users:\n- name: u\n  user: {token: [s3cr3t]}\n")
        .kubeconfig(&["a.yaml", "b.yaml"]);
    sandbox.run("get").shows(r"
--- stderr
error: cannot read `@DIR@/a.yaml`: line 1, column 11: `contexts` must be a list, this is a number to YAML 1.1 (quote it to make it a string)
   |
 1 | contexts: 1
   |           ^
error: cannot read `@DIR@/b.yaml`: line 3, column 17: `users[0].user.token` must be a string, this is a list
   |
 3 |   user: {*****: [******]}
   |                 ^^^^^^^^
hint: fix the file, or leave it out of KUBECONFIG for now
--- exit 1
no file changed
");
    sandbox.run("use a").shows(r"
--- stderr
error: cannot read `@DIR@/a.yaml`: line 1, column 11: `contexts` must be a list, this is a number to YAML 1.1 (quote it to make it a string); nothing was written
   |
 1 | contexts: 1
   |           ^
error: cannot read `@DIR@/b.yaml`: line 3, column 17: `users[0].user.token` must be a string, this is a list
   |
 3 |   user: {*****: [******]}
   |                 ^^^^^^^^
hint: fix the file, or leave it out of KUBECONFIG for now
--- exit 1
no file changed
");
}

#[test]
fn a_held_lock_is_said_and_can_be_broken() {
    let sandbox = Sandbox::with(THREE).file(".kube/config.lock", "");
    let lock = std::fs::File::options().write(true).open(sandbox.path().join(".kube/config.lock")).unwrap();
    lock.set_modified(SystemTime::now() - Duration::from_secs(3900)).unwrap();
    sandbox.run("use prod-eu1 --lock-timeout 0").shows(
        r"
--- stderr
error: kubectl or another program has held `@DIR@/.kube/config.lock` for 1 h 5 min; nothing was written
hint: kcx did not wait; `--lock-timeout 30s` waits longer
hint: if no such program is running any more, `--break-lock` removes the lock first
--- exit 5
no file changed
",
    );
    sandbox.run("use prod-eu1 --lock-timeout 20ms").shows(
        r"
--- stderr
error: kubectl or another program has held `@DIR@/.kube/config.lock` for 1 h 5 min; nothing was written
hint: kcx waited 20 ms; `--lock-timeout 30s` waits longer
hint: if no such program is running any more, `--break-lock` removes the lock first
--- exit 5
no file changed
",
    );
    sandbox.run("config use-context prod-eu1 --lock-timeout 0").shows(
        r"
--- stderr
error: open @DIR@/.kube/config.lock: file exists
--- exit 1
no file changed
",
    );
    sandbox.run("use prod-eu1 --lock-timeout 0 --break-lock-after 2h").shows(
        r"
--- stderr
error: kubectl or another program has held `@DIR@/.kube/config.lock` for 1 h 5 min; nothing was written
hint: kcx did not wait; `--lock-timeout 30s` waits longer
hint: if no such program is running any more, `--break-lock` removes the lock first
--- exit 5
no file changed
",
    );
    sandbox.run("use dev").shows(
        r"
--- stderr
already on context `dev`
--- exit 0
no file changed
",
    );
    sandbox.run("use prod-eu1 --break-lock-after 1h").shows(
        r"
--- stderr
switched to context `prod-eu1`, namespace `web`
--- exit 0
--- .kube/config
-current-context: dev # for now
+current-context: prod-eu1 # for now
--- .kube/config.lock
",
    );
}

#[test]
fn a_breakable_lock_is_broken_on_demand() {
    let sandbox = Sandbox::with(THREE).file(".kube/config.lock", "");
    sandbox.run("use prod-eu1 --break-lock").shows(
        r"
--- stderr
switched to context `prod-eu1`, namespace `web`
--- exit 0
--- .kube/config
-current-context: dev # for now
+current-context: prod-eu1 # for now
--- .kube/config.lock
",
    );
}

#[test]
fn an_edit_that_would_reformat_is_refused() {
    let sandbox = Sandbox::with(
        "contexts:\n- name: a\n  context: &shared\n    namespace: x\n- name: b\n  context: *shared\ncurrent-context: a\n",
    );
    sandbox.run("ns y").shows(r"
--- stderr
error: cannot edit `@DIR@/.kube/config` safely, and nothing was written: line 4, column 5: this value has an anchor, and would change wherever it is repeated
   |
 4 |     namespace: x
   |     ^^^^^^^^^^^^
hint: make this change by hand; kcx never reformats a file
--- exit 1
no file changed
");
}

#[test]
fn memory_that_cannot_be_kept_fails_no_switch() {
    let mut sandbox = Sandbox::with(THREE).file("file", "");
    sandbox.env.state = Some(sandbox.path().join("file/state"));
    sandbox.run("use prod-eu1").shows(
        r"
--- stderr
warning: `-` will not lead back from here: `@DIR@/file/state` cannot be written: not a directory
switched to context `prod-eu1`, namespace `web`
--- exit 0
--- .kube/config
-current-context: dev # for now
+current-context: prod-eu1 # for now
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
fn a_closed_pipe_is_no_failure() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let sandbox = Sandbox::with(THREE);
    for words in [vec![], vec!["get"], vec!["current"], vec!["demo"], vec!["--help"]] {
        let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
        let mut err = Vec::new();
        assert_eq!(kcx::cli::run(&words, &sandbox.env, &mut Closed, &mut err), 0, "{words:?}");
        assert_eq!(String::from_utf8(err).unwrap(), "", "{words:?}");
    }
}

#[test]
fn help_names_every_command() {
    let help = Sandbox::new().run("--help").0;
    for command in kcx::cli::args::COMMANDS {
        assert!(help.contains(command), "{command}: {help}");
    }
    assert_eq!(Sandbox::new().run("help").0, help);
}

#[test]
fn a_full_disk_behind_stdout_is_said() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
    }
    let sandbox = Sandbox::with(THREE);
    let mut err = Vec::new();
    assert_eq!(kcx::cli::run(&["get".to_owned()], &sandbox.env, &mut Full, &mut err), 1);
    assert_eq!(String::from_utf8(err).unwrap(), "error: cannot write the answer: no storage space\n");
}

#[test]
fn a_folder_is_no_kubeconfig() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("--kubeconfig @DIR@/.kube use dev").shows(
        r"
--- stderr
error: cannot read `@DIR@/.kube`: is a directory; nothing was written
hint: make it a file you can read, or name another one with `--kubeconfig`
--- exit 1
no file changed
",
    );
}
