//! The table of `.github/SECURITY.md`, line by line: what each command may run, connect to and change.
//!
//! Each command runs on a kubeconfig full of traps: a credential plugin and an old auth-provider command that leave a
//! mark, a server and a proxy that count connections, and a folder with a file that is named like kcx's overlays.

use crate::common::Sandbox;
use kcx::cli::command_line::COMMANDS;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A row of the table, and command lines for it: `@` is the folder of the test, `kcx` the program.
const LINES: [(&str, &[&str]); 39] = [
    ("completions", &["completions bash", "__complete use ", "__complete get users "]),
    ("config", &["config view", "config get-contexts", "config current-context", "config use-context other"]),
    ("copy", &["copy trap copied"]),
    (
        "credential",
        &["credential list --store=file", "credential seal token --store=file --passphrase-file=@/pass"],
    ),
    ("current", &["current", "current -o json", "current -o name"]),
    ("delete", &["delete other --dry-run", "delete other"]),
    ("demo", &["demo"]),
    ("diff", &["diff @/second.yaml", "diff @/kcx-overlay.yaml"]),
    ("doctor", &["doctor", "doctor --all", "doctor -o json"]),
    ("edit", &["edit other"]),
    ("env", &["env other -n web", "env trap --shell fish"]),
    ("exec", &["exec * --dry-run -- true", "exec * -- true"]),
    ("exec --read-only", &["exec trap --read-only -- kcx whoami"]),
    ("export", &["export", "export trap -o json"]),
    (
        "export --as-service-account",
        &[
            "export trap --as-service-account ci/viewer -O @/out.yaml",
            "export trap --as-service-account ci/viewer --create-viewer -y",
            "export trap --as-service-account ci/viewer --revoke -y",
        ],
    ),
    ("get", &["", "get", "get clusters -o yaml", "get users -o json", "list -o wide"]),
    ("get namespaces", &["get namespaces"]),
    ("history", &["history", "history -o json"]),
    ("import", &["import @/second.yaml --dry-run", "import @/second.yaml --allow-exec=/bin/sh"]),
    ("init", &["init bash", "init zsh", "init fish"]),
    ("lint", &["lint", "validate -o json", "lint @/kcx-overlay.yaml"]),
    ("merge", &["merge @/.kube/config @/second.yaml"]),
    ("merge -O", &["merge @/.kube/config @/plain.yaml -O @/.kube/config -y"]),
    ("ns", &["ns web"]),
    ("ns --check", &["ns web --check", "ns web"]),
    ("prompt", &["prompt", "prompt --format {context}{:namespace}{cluster}{user}"]),
    (
        "protect",
        &["protect", "protect check -- kubectl --context trap delete ns x", "protect check --line kubectl"],
    ),
    ("prune", &["prune"]),
    ("rename", &["rename other renamed"]),
    (
        "settings",
        &[
            "settings",
            "settings show -o json",
            "settings path",
            "settings check",
            "settings edit",
            "settings schema",
        ],
    ),
    ("shell", &["shell trap"]),
    (
        "source",
        &[
            "source add trap dir second*.yaml",
            "source list",
            "source test trap -o json",
            "source remove trap",
        ],
    ),
    ("split", &["split @/out"]),
    ("status", &["status"]),
    (
        "sync",
        &[
            "source add trap dir second*.yaml --into plain.yaml",
            "sync",
            "sync --allow-exec= --allow-file= --allow-env= --allow-user= --allow-cluster=",
        ],
    ),
    ("undo", &["rename other once", "undo"]),
    ("use", &["use other", "ctx other", "other"]),
    ("version", &["version", "version -o json"]),
    ("whoami", &["whoami"]),
];

/// The effects of a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Effects {
    runs: bool,
    connects: bool,
    changes: bool,
}

/// The table in the page.
fn table() -> BTreeMap<String, Effects> {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/.github/SECURITY.md")).unwrap();
    let (_, rest) = page.split_once("| command | runs | connects | changes |").unwrap();
    let rows = rest.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let says = |cell: &str| match cell {
            "yes" => true,
            "no" => false,
            other => panic!("{row}: {other}"),
        };
        let effects = Effects { runs: says(cells[1]), connects: says(cells[2]), changes: says(cells[3]) };
        (cells[0].trim_matches('`').to_owned(), effects)
    })
    .collect()
}

struct Trap {
    sandbox: Sandbox,
    /// The number of connections that the server has accepted and closed.
    connections: Arc<AtomicUsize>,
}

impl Trap {
    fn new() -> Trap {
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = server.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = connections.clone();
        std::thread::spawn(move || {
            for connection in server.incoming() {
                counter.fetch_add(1, Ordering::SeqCst);
                drop(connection);
            }
        });
        let sandbox = Sandbox::new();
        let mark = sandbox.path().join("mark");
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: trap\n\
             clusters:\n\
             - {{name: trap, cluster: {{server: 'https://127.0.0.1:{port}', insecure-skip-tls-verify: true}}}}\n\
             - {{name: unused, cluster: {{server: 'https://127.0.0.1:{port}', proxy-url: 'http://127.0.0.1:{port}'}}}}\n\
             contexts:\n\
             - {{name: trap, context: {{cluster: trap, user: plugin}}}}\n\
             - {{name: other, context: {{cluster: trap, user: token, namespace: shop}}}}\n\
             users:\n\
             - {{name: plugin, user: {{exec: {{apiVersion: client.authentication.k8s.io/v1, command: ./plugin, \
             interactiveMode: Never}}}}}}\n\
             - {{name: token, user: {{token: not-a-secret}}}}\n\
             - {{name: gcp, user: {{auth-provider: {{name: gcp, config: {{cmd-path: '{0}', cmd-args: x}}}}}}}}\n",
            sandbox.path().join(".kube/plugin").display(),
        );
        let second = text.replace("name: trap,", "name: second,").replace("trap, user", "second, user");
        let second = second.replace("name: other", "name: other-second").replace("name: plugin", "name: sh");
        let second = second.replace("user: plugin", "user: sh").replace("./plugin", "/bin/sh");
        let second = second
            .replace("name: token", "name: token-second")
            .replace("user: token,", "user: token-second,");
        let second: String =
            second.lines().filter(|line| !line.contains("gcp")).map(|line| format!("{line}\n")).collect();
        let plain = "clusters:\n- {name: plain, cluster: {server: 'https://plain.example'}}\n";
        let script = format!(
            "#!/bin/sh\necho run >>'{}'\necho '{{\"apiVersion\":\"client.authentication.k8s.io/v1\",\
             \"kind\":\"ExecCredential\",\"status\":{{\"token\":\"t\"}}}}'\n",
            mark.display()
        );
        let sandbox = sandbox
            .file(".kube/config", &text)
            .file("second.yaml", &second)
            .file("plain.yaml", plain)
            .file("kcx-overlay.yaml", &second)
            .file("pass", "correct horse\n")
            .file(".kube/plugin", &script);
        for (name, mode) in [(".kube/plugin", 0o755), ("pass", 0o600), (".kube/config", 0o600)] {
            fs::set_permissions(sandbox.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        Trap { sandbox, connections }
    }

    /// Runs one command line, and returns its effects.
    fn run(&self, line: &str, overlay: bool) -> (Effects, String) {
        let path = self.sandbox.path();
        let before = self.kubeconfigs();
        let _ = fs::remove_file(path.join("mark"));
        let kcx = env!("CARGO_BIN_EXE_kcx");
        let words = line.split(' ').map(|word| match word {
            "kcx" => kcx.to_owned(),
            word => word.replace('@', &path.to_string_lossy()),
        });
        let words: Vec<String> = if line.is_empty() { Vec::new() } else { words.collect() };
        let mut command = Command::new(kcx);
        command.args(&words).current_dir(path).env_clear().env("HOME", path).env("PATH", "/usr/bin:/bin");
        command.env("EDITOR", "sed -i s/shop/shop2/").env("SHELL", "/bin/true");
        if overlay {
            let list = [path.join("kcx-overlay.yaml"), path.join(".kube/config")];
            command.env("KUBECONFIG", std::env::join_paths(list).unwrap());
        }
        let output = command.stdin(Stdio::null()).output().unwrap();
        let connects = self.connections.swap(0, Ordering::SeqCst) > 0;
        let effects =
            Effects { runs: path.join("mark").exists(), connects, changes: before != self.kubeconfigs() };
        (effects, String::from_utf8_lossy(&output.stderr).into_owned())
    }

    fn kubeconfigs(&self) -> Vec<Vec<u8>> {
        let names = [".kube/config", "second.yaml", "plain.yaml", "kcx-overlay.yaml"];
        names.iter().map(|name| fs::read(self.sandbox.path().join(name)).unwrap()).collect()
    }
}

#[test]
fn the_table_has_every_command() {
    let aliases = ["ctx", "help", "list", "validate"];
    let table = table();
    let first: BTreeSet<&str> = table.keys().map(|line| line.split(' ').next().unwrap()).collect();
    let commands: BTreeSet<&str> =
        COMMANDS.into_iter().filter(|command| !aliases.contains(command)).collect();
    assert_eq!(first, commands);
    let tested: BTreeSet<&str> = LINES.iter().map(|(line, _)| *line).collect();
    assert_eq!(table.keys().map(String::as_str).collect::<BTreeSet<_>>(), tested);
}

#[test]
fn each_command_does_what_the_table_says_and_no_more() {
    let table = table();
    for (line, commands) in LINES {
        let trap = Trap::new();
        let (mut all, mut said) = (Effects::default(), String::new());
        for command in commands {
            let (effects, stderr) = trap.run(command, false);
            all.runs |= effects.runs;
            all.connects |= effects.connects;
            all.changes |= effects.changes;
            said += &format!("$ kcx {command}\n{stderr}");
        }
        assert_eq!(all, table[line], "{line}\n{said}");
    }
}

#[test]
fn a_file_that_is_named_like_an_overlay_is_a_kubeconfig_like_any_other() {
    let table = table();
    for (line, commands) in LINES.into_iter().filter(|(line, _)| !table[*line].changes) {
        for command in commands.iter().filter(|command| !command.contains("--read-only")) {
            let trap = Trap::new();
            let (effects, stderr) = trap.run(command, true);
            assert!(!effects.changes, "{line}: kcx {command}\n{stderr}");
            let beside: BTreeSet<_> = fs::read_dir(trap.sandbox.path())
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .filter(|name| ["owner", "pinned", "files", "seen-0"].contains(&name.as_str()))
                .collect();
            assert!(beside.is_empty(), "{line}: kcx {command}: {beside:?}");
        }
    }
}
