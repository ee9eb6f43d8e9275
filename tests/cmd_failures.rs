//! What every command says when files, locks or streams fail it.

use crate::common::{Sandbox, THREE};
use std::io::Write;
use std::time::{Duration, SystemTime};

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
    sandbox.run("get").shows(
        r"
--- stderr
error: cannot read `@DIR@/a.yaml`: line 1, column 11: `contexts` must be a list, this is a number
   |
 1 | contexts: 1
   |           ^
error: cannot read `@DIR@/b.yaml`: line 3, column 17: `users[0].user.token` must be a string, this is a list
   |
 3 |   user: {token: [******]}
   |                 ^^^^^^^^
hint: fix the file, or remove it from KUBECONFIG for now
--- exit 1
no file changed
",
    );
    sandbox.run("use a").shows(r"
--- stderr
error: cannot read `@DIR@/a.yaml`: line 1, column 11: `contexts` must be a list, this is a number; nothing was written
   |
 1 | contexts: 1
   |           ^
error: cannot read `@DIR@/b.yaml`: line 3, column 17: `users[0].user.token` must be a string, this is a list
   |
 3 |   user: {token: [******]}
   |                 ^^^^^^^^
hint: fix the file, or remove it from KUBECONFIG for now
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
hint: `kcx shell NAME` and `kcx exec NAME -- CMD` switch without writing the kubeconfig
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
hint: `kcx shell NAME` and `kcx exec NAME -- CMD` switch without writing the kubeconfig
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
hint: `kcx shell NAME` and `kcx exec NAME -- CMD` switch without writing the kubeconfig
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
    let sandbox =
        Sandbox::with("contexts:\n- name: a\n  context:\n    namespace: !!str x\ncurrent-context: a\n");
    sandbox.run("ns y").shows(r"
--- stderr
error: cannot edit `@DIR@/.kube/config` safely, and nothing was written: line 4, column 22: this value has a YAML tag
   |
 4 |     namespace: !!str x
   |                      ^
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
warning: `kcx undo` cannot undo this change: `@DIR@/file/state/journal` cannot be written: not a directory
warning: `-` will not return to this context: cannot write `@DIR@/file/state`: not a directory
switched to context `prod-eu1`, namespace `web`
--- exit 0
--- .kube/config
-current-context: dev # for now
+current-context: prod-eu1 # for now
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
    assert_eq!(String::from_utf8(err).unwrap(), "error: cannot write the output: no storage space\n");
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

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_created() {
    let sandbox = Sandbox::with(THREE);
    std::os::unix::fs::symlink("nowhere", sandbox.path().join("link")).unwrap();
    let import = "import .kube/config --allow-exec=/usr/local/bin/aws --into @DIR@/link/deep/config";
    sandbox.run(import).shows(
        r"
--- stderr
warning: user `u-prod` runs `/usr/local/bin/aws eks get-token`, which does not exist
warning: context `stale` names cluster `gone`, which does not exist
error: cannot create the folder `@DIR@/link`: file exists; nothing was written
--- exit 1
no file changed
",
    );
    let set = "config set-cluster c --server https://a.example --kubeconfig @DIR@/link/config";
    sandbox.run(set).shows(
        r"
--- stderr
error: mkdir @DIR@/link: file exists
--- exit 1
no file changed
",
    );
}
