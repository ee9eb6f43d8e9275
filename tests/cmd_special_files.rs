//! Pipes, sockets, devices, folders and endless files in place of a file: an immediate error, and nothing blocks.

use crate::common::{Sandbox, THREE};
use kcx::session::{Session, hook};
use rustix::fs::{CWD, FileType, mknodat};
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// The result of a call that must not block.
#[track_caller]
fn at_once<T: Send + 'static>(what: &str, call: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, outcome) = mpsc::channel();
    std::thread::spawn(move || done.send(call()));
    outcome.recv_timeout(Duration::from_secs(20)).unwrap_or_else(|_| panic!("{what} waits"))
}

fn pipe(path: &Path) {
    let _ = fs::remove_file(path);
    mknodat(CWD, path, FileType::Fifo, 0o600.into(), 0).unwrap();
}

/// What replaces the file, kcx's name for it, and how it is created.
type Thing = (&'static str, fn(&Path));

const THINGS: [Thing; 6] = [
    ("is a pipe, not a file", pipe),
    ("is a socket, not a file", |path| drop(UnixListener::bind(path).unwrap())),
    ("is a device, not a file", |path| symlink("/dev/zero", path).unwrap()),
    ("is a directory", |path| fs::create_dir(path).unwrap()),
    ("is a pipe, not a file", |path| {
        pipe(&path.with_extension("pipe"));
        symlink(path.with_extension("pipe"), path).unwrap();
    }),
    ("file too large", |path| fs::File::create(path).unwrap().set_len(1 << 42).unwrap()),
];

fn put(sandbox: &Sandbox, name: &str, make: fn(&Path)) -> PathBuf {
    let path = sandbox.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    make(&path);
    path
}

#[test]
fn a_kubeconfig_that_is_no_file_is_an_error_and_the_prompt_does_not_wait() {
    for (said, make) in THINGS {
        let sandbox = Sandbox::with(THREE);
        put(&sandbox, "odd", make);
        let sandbox = sandbox.kubeconfig(&["odd", ".kube/config"]);
        at_once(said, move || {
            for words in [
                "get",
                "use dev",
                "current",
                "ns web",
                "config get-contexts",
                "rename dev x",
                "edit",
                "export dev",
            ] {
                let outcome = sandbox.run(words).0;
                assert!(outcome.contains(said) && outcome.contains("no file changed"), "{words}: {outcome}");
                assert!(!outcome.contains("exit 0"), "{words}: {outcome}");
            }
            // These commands print nothing.
            for words in ["prompt", "__complete use ", "__sync bash"] {
                assert!(sandbox.run(words).0.contains("exit 0"), "{words}");
            }
            for words in
                ["lint", "lint @DIR@/odd", "get --kubeconfig @DIR@/odd", "config view --kubeconfig=@DIR@/odd"]
            {
                let outcome = sandbox.run(words).0;
                // `lint` searches a folder.
                let folder = words.starts_with("lint ") && outcome.contains("no kubeconfig in this folder");
                assert!(folder || outcome.contains(said), "{words}: {outcome}");
            }
        });
    }
}

#[test]
fn a_source_that_is_no_file_is_an_error() {
    for (said, make) in THINGS {
        let sandbox = Sandbox::with(THREE);
        put(&sandbox, "odd", make);
        if said == "is a directory" {
            continue;
        }
        at_once(said, move || {
            for words in [
                "import odd",
                "merge @DIR@/odd @DIR@/.kube/config",
                "diff odd",
                "diff .kube/config odd",
                "import --dry-run odd",
                "config set-cluster c-dev --certificate-authority=odd --embed-certs=true",
                "config view -o go-template-file=odd",
                "credential set u-dev --token-file odd",
            ] {
                let outcome = sandbox.run(words).0;
                assert!(
                    outcome.contains("no file changed") && !outcome.contains("exit 0"),
                    "{words}: {outcome}"
                );
                assert!(outcome.contains(said) || words.starts_with("credential"), "{words}: {outcome}");
            }
        });
    }
}

#[test]
fn what_an_entry_names_is_read_as_a_file_or_not_at_all() {
    for (said, make) in THINGS {
        let text = "kind: Config\nclusters:\n- name: c\n  cluster: {server: 'https://c', certificate-authority: odd}\n\
                    contexts:\n- name: a\n  context: {cluster: c}\ncurrent-context: a\n";
        let sandbox = Sandbox::new().file("config", text).kubeconfig(&["config"]);
        put(&sandbox, "odd", make);
        at_once(said, move || {
            for words in
                ["export a --flatten", "config view --flatten", "import config --embed-certs --into new"]
            {
                let outcome = sandbox.run(words).0;
                assert!(outcome.contains(said) && outcome.contains("no file changed"), "{words}: {outcome}");
            }
            assert!(sandbox.run("lint").0.contains("--- exit"));
        });
    }
}

/// Settings, kuberc and kcx's own state: a switch works even if they cannot be read.
#[test]
fn no_file_of_kcxs_own_is_waited_for() {
    for (said, make) in THINGS {
        for name in [
            "settings/config.yaml",
            "state/history.jsonl",
            "state/journal/0000000001.json",
            ".kube/kuberc",
            ".kube/.kubeconfig",
            ".kube/kubectx",
            ".kube/.config.kcx-left",
            "d/odd.yaml",
            "state/lifted/x",
        ] {
            let mut sandbox = Sandbox::with(THREE);
            put(&sandbox, name, make);
            sandbox.env.config = Some(sandbox.path().join("settings"));
            if name.starts_with("d/") {
                sandbox = sandbox.file("settings/config.yaml", "discovery: ['~/d/*']\n");
            }
            if name.ends_with("kuberc") {
                sandbox.env.kuberc = None;
            }
            at_once(&format!("{name}: {said}"), move || {
                for words in [
                    "prompt",
                    "use prod-eu1",
                    "use -",
                    "ns web",
                    "get",
                    "history",
                    "undo",
                    "__as kubectx -",
                    "config get-contexts",
                    "__complete use ",
                    "init bash",
                ] {
                    let outcome = sandbox.run(words).0;
                    let settings = name.starts_with("settings");
                    let failed = outcome.contains("--- exit 1") || outcome.contains("--- exit 2");
                    assert!(settings || !failed || !words.starts_with("use p"), "{name} {words}: {outcome}");
                }
            });
        }
    }
}

#[test]
fn no_file_of_a_session_is_waited_for() {
    for (said, make) in THINGS {
        for name in ["kcx-overlay.yaml", "owner", "pinned", "files", "shell", "seen-0"] {
            let mut sandbox = Sandbox::with(THREE);
            let config = sandbox.path().join(".kube/config");
            let session =
                Session::create(&sandbox.env, std::process::id(), std::slice::from_ref(&config), None)
                    .unwrap();
            sandbox.env.kubeconfig = Some(hook::list(&session, &[config]));
            let path = session.folder().join(name);
            let _ = fs::remove_file(&path);
            make(&path);
            at_once(&format!("{name}: {said}"), move || {
                for words in
                    ["prompt", "use prod-eu1", "ns x", "get", "__sync bash", "init bash", "rename dev x"]
                {
                    assert!(sandbox.run(words).0.contains("--- exit"), "{name} {words}");
                }
            });
        }
    }
}

#[test]
fn a_lock_that_is_none_says_the_way_out() {
    let sandbox = Sandbox::with(THREE);
    let lock = sandbox.path().join(".kube/config.lock");
    let kept = sandbox.path().join("kept");
    fs::write(&kept, "kept").unwrap();
    symlink(&kept, &lock).unwrap();
    let said = sandbox.run("rename dev x --lock-timeout 0s").0;
    assert!(said.contains("exit 5") && said.contains("`--break-lock` removes the lock first"), "{said}");
    let said = sandbox.run("rename dev x --break-lock").0;
    assert!(said.contains("exit 0") && lock.symlink_metadata().is_err(), "{said}");
    assert_eq!(fs::read_to_string(&kept).unwrap(), "kept");
    fs::create_dir(&lock).unwrap();
    for words in ["rename x y", "rename x y --break-lock"] {
        sandbox.run(words).shows(
            "
--- stderr
error: `@DIR@/.kube/config.lock` is a folder, but must be a lock file; nothing was written
hint: `rmdir @DIR@/.kube/config.lock` removes it if it is empty; kcx and kubectl never create such a folder
--- exit 5
no file changed
",
        );
    }
    assert!(sandbox.run("config delete-context x").0.contains("config.lock: file exists"));
}

/// A pipe is read if the user names it: `-`, `/dev/stdin`, and what a shell makes of `<(COMMAND)`.
#[test]
fn a_pipe_that_the_user_names_is_read() {
    let sandbox = Sandbox::with(THREE).file("one", "contexts: [{name: one, context: {}}]\n");
    let bash = |script: &str| {
        let output = Command::new("bash")
            .args(["-c", script, env!("CARGO_BIN_EXE_kcx")])
            .current_dir(sandbox.path())
            .env_clear()
            .env("HOME", sandbox.path())
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    for (script, want) in [
        ("cat one | $0 import --dry-run -", "one"),
        ("cat one | $0 import --dry-run /dev/stdin", "one"),
        ("$0 import --dry-run <(cat one)", "one"),
        ("$0 merge <(cat one) .kube/config", "prod-eu1"),
        ("$0 diff <(cat .kube/config); echo code $?", "code 0"),
        ("$0 diff .kube/config /dev/stdin <.kube/config; echo code $?", "code 0"),
        ("$0 lint <(cat .kube/config)", "KCX"),
        ("$0 --kubeconfig <(cat one) get -o name", "one"),
        ("$0 config view --kubeconfig /dev/stdin < one", "name: one"),
        (
            "$0 config set-cluster c --certificate-authority=<(echo CA) --embed-certs; grep -c Q0EK .kube/config",
            "1",
        ),
        // A file of the environment is read at every prompt.
        ("KUBECONFIG=<(cat one) $0 get", "is a pipe, not a file"),
        ("KUBECONFIG=<(cat one) $0 get", "a kubeconfig must be a file: save it as one"),
        ("KUBECONFIG=/dev/null $0 get", "there are no contexts"),
    ] {
        let said = bash(script);
        assert!(said.contains(want), "{script}: {said}");
    }
}
