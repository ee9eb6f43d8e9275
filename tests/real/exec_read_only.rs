//! `kcx exec --read-only` over several contexts: prepared side by side, ended by Ctrl-C, and what is read once for all.

use crate::api_server::{ApiServer, kubeconfig};
use crate::screen::wait_until;
use crate::tools::{Home, KCX, complaint, fine, sessions};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

struct World {
    home: Home,
    _server: ApiServer,
}

impl World {
    /// Contexts of one server, each with a plugin that runs this script; `$1` is the context.
    fn new(contexts: &[&str], script: &str) -> World {
        let server = ApiServer::good();
        let home = Home::new();
        let plugin = home.write("plugin", format!("#!/bin/sh\ncd '{}'\n{script}\n", home.path("").display()));
        fs::set_permissions(&plugin, fs::Permissions::from_mode(0o700)).unwrap();
        let users = contexts.iter().map(|context| {
            format!(
                "{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: '{}', args: [{context}], interactiveMode: Never}}}}",
                plugin.display()
            )
        });
        let (users, cluster): (Vec<String>, String) = (users.collect(), server.cluster());
        let entries: Vec<_> = contexts
            .iter()
            .zip(&users)
            .map(|(context, user)| (*context, cluster.as_str(), user.as_str()))
            .collect();
        home.write("config", kubeconfig(&entries));
        fs::create_dir(home.path("run")).unwrap();
        fs::set_permissions(home.path("run"), fs::Permissions::from_mode(0o700)).unwrap();
        World { home, _server: server }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.home.command(KCX, self.home.path("config"));
        command.env("XDG_RUNTIME_DIR", self.home.path("run")).arg("exec").args(words);
        command
    }

    fn pipes(&self, names: &[&str]) {
        for name in names {
            let mode = rustix::fs::Mode::from(0o600);
            rustix::fs::mknodat(rustix::fs::CWD, self.home.path(name), rustix::fs::FileType::Fifo, mode, 0)
                .unwrap();
        }
    }

    fn sessions(&self) -> usize {
        sessions(self.home.dir.path()).len()
    }
}

const ANSWER: &str = "echo '{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": \"ExecCredential\", \"status\": {\"token\": \"secret-token\"}}'";

/// Each plugin answers only once all three run: `a` meets `b`, `b` meets `c`, and `c` meets `a`.
#[test]
fn contexts_are_prepared_side_by_side() {
    let meet = "case $1 in a) echo >b; read x <a;; b) echo >c; read x <b;; c) read x <c; echo >a;; esac";
    let world = World::new(&["a", "b", "c"], &format!("{meet}\n{ANSWER}"));
    world.pipes(&["a", "b", "c"]);
    for flags in [&["--parallel", "1"][..], &["--parallel", "3"]] {
        let words =
            [&["*", "--read-only", "-o", "json"], flags, &["--", "sh", "-c", "echo $HELM_KUBECONTEXT"]];
        let report: Vec<Value> =
            serde_json::from_str(&fine(&world.command(&words.concat()).output().unwrap())).unwrap();
        let said: Vec<&Value> = report.iter().map(|run| &run["stdout"]).collect();
        assert_eq!(said, ["a\n", "b\n", "c\n"]);
    }
}

/// The plugin of `a` answers only once the command has run in `z`.
#[test]
fn a_slow_plugin_does_not_delay_the_others() {
    let world = World::new(&["a", "z"], &format!("[ $1 = z ] || read x <ran\n{ANSWER}"));
    world.pipes(&["ran"]);
    let script = format!("[ $HELM_KUBECONTEXT = a ] || echo >'{}'", world.home.path("ran").display());
    let words = ["a", "z", "--read-only", "--parallel", "2", "--", "sh", "-c", &script];
    fine(&world.command(&words).output().unwrap());
    assert_eq!(world.sessions(), 0);
}

/// Several plugins that fail at different times are told in the order of the contexts.
#[test]
fn failures_are_told_in_order() {
    // `a` reads until `c` has ended.
    let script = format!(
        "case $1 in a) cat <failed;; c) exec 3>failed;; d) {ANSWER}; exit;; esac\necho \"no login for $1\" >&2; exit 1"
    );
    let world = World::new(&["a", "b", "c", "d"], &script);
    world.pipes(&["failed"]);
    for parallel in ["1", "4"] {
        let output = world
            .command(&["*", "--read-only", "--parallel", parallel, "--", "echo", "ran"])
            .output()
            .unwrap();
        let said = complaint(&output);
        let failed: Vec<&str> = said.lines().filter_map(|line| line.split("no login for ").nth(1)).collect();
        assert_eq!(failed, ["a", "b", "c"], "{said}");
        assert_eq!(
            (output.status.code(), String::from_utf8(output.stdout).unwrap().as_str()),
            (Some(1), "d | ran\n")
        );
    }
}

#[test]
fn ctrl_c_ends_a_plugin_that_hangs() {
    let world = World::new(&["a", "b"], "echo $$ >pid.$1; mv pid.$1 pid-$1; read x <never");
    world.pipes(&["never"]);
    let mut command = world.command(&["*", "--read-only", "--", "true"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pids = ["pid-a", "pid-b"].map(|name| {
        let file = world.home.path(name);
        assert!(wait_until(|| file.exists()), "{name} has not come");
        fs::read_to_string(file).unwrap().trim().to_owned()
    });
    let began = Instant::now();
    fine(&Command::new("kill").args(["-INT", &child.id().to_string()]).output().unwrap());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", complaint(&output));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    // A killed process ends when the kernel gets to it. A zombie still has its entry there, but no command line.
    for pid in pids {
        let line = || fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        assert!(wait_until(|| !line().contains("plugin")), "{}", line());
    }
    assert_eq!(world.sessions(), 0);
}

/// What decides whether a plugin may run (kuberc, the settings) is read as often for twelve contexts as for one. The plugins
/// fail, because the end of a run reads the settings once more.
#[test]
fn what_decides_is_read_once() {
    let contexts: Vec<String> = (0..12).map(|at| format!("c{at}")).collect();
    let contexts: Vec<&str> = contexts.iter().map(String::as_str).collect();
    let world = World::new(&contexts, "exit 1");
    for folder in [".kube/config.d", ".config/kcx"] {
        fs::create_dir_all(world.home.path(folder)).unwrap();
    }
    world.home.write(".kube/config.d/other.yaml", "kind: Config\n");
    world.home.write(".kube/kuberc", "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n");
    world.home.write(".config/kcx/config.yaml", "discovery: ['~/.kube/config.d/*.yaml']\n");
    let list = format!(
        "{}:{}",
        world.home.path("config").display(),
        world.home.path(".kube/config.d/other.yaml").display()
    );
    let trace = world.home.path("trace");
    let opened = |words: &[&str]| {
        let mut command = world.home.command("strace", &list);
        command.env("XDG_RUNTIME_DIR", world.home.path("run"));
        command.args(["-f", "-e", "trace=openat", "-o"]).arg(&trace).arg(KCX).args(words);
        assert_eq!(command.output().unwrap().status.code(), Some(1));
        let text = fs::read_to_string(&trace).unwrap();
        ["/kuberc\"", "/kcx/config.yaml\""]
            .map(|file| text.lines().filter(|line| line.contains(file)).count())
    };
    let status = [opened(&["status", "c0"]), opened(&["status"])];
    assert_eq!(status[0], status[1]);
    assert!(status[0].iter().all(|count| *count > 0), "{status:?}");
    let exec = ["c0", "*"].map(|pattern| opened(&["exec", pattern, "--read-only", "--", "true"]));
    assert_eq!(exec[0], exec[1]);
    assert!(exec[0].iter().all(|count| *count > 0), "{exec:?}");
}

/// What leads clients of many kinds past the kubeconfig is gone; what names a kubeconfig names that of the proxy.
#[test]
fn no_variable_leads_past_the_proxy() {
    let world = World::new(&["a"], ANSWER);
    let astray = [
        "HELM_KUBEAPISERVER",
        "HELM_KUBETOKEN",
        "K8S_AUTH_HOST",
        "K8S_AUTH_API_KEY",
        "K8S_AUTH_ANYTHING",
        "KUBE_HOST",
        "KUBE_TOKEN",
        "KUBE_CTX_CLUSTER",
        "KUBERNETES_MASTER",
        "KUBERNETES_SERVICE_HOST",
        "KUBERNETES_SERVICE_PORT",
        "KUBERNETES_PORT_443_TCP",
        "KUBERNETES_AUTH_TOKEN",
    ];
    let named =
        ["KUBE_CONFIG_PATH", "KUBE_CONFIG_PATHS", "K8S_AUTH_KUBECONFIG", "SKAFFOLD_KUBECONFIG", "KUBECONFIG"];
    let contexts = ["HELM_KUBECONTEXT", "K8S_AUTH_CONTEXT", "KUBE_CTX", "SKAFFOLD_KUBE_CONTEXT"];
    let env = |words: &[&str]| {
        let mut command = world.command(words);
        for name in astray.iter().chain(&named[..4]).chain(&contexts) {
            command.env(name, "/else/where");
        }
        fine(&command.args(["--", "env"]).output().unwrap())
    };
    let value = |text: &str, name: &str| {
        text.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix('=')?.to_owned()))
    };
    let said = env(&["a", "--read-only"]);
    assert!(!said.contains("/else/where"), "{said}");
    let file = value(&said, "KUBECONFIG");
    let sessions = world.home.path(".local/state/kcx/sessions");
    assert!(file.as_ref().is_some_and(|file| file.starts_with(sessions.to_str().unwrap())), "{said}");
    for name in named {
        assert_eq!(value(&said, name), file, "{name}");
    }
    for name in contexts {
        assert_eq!(value(&said, name).as_deref(), Some("a"), "{name}");
    }
    // Without a proxy the list leads, and a command may use the cluster that it runs in.
    let said = env(&["a"]);
    let left: Vec<&str> = said.lines().filter(|line| line.ends_with("=/else/where")).collect();
    assert!(left.iter().all(|line| line.starts_with("KUBERNETES_")) && left.len() == 5, "{left:?}");
    assert_eq!(value(&said, "KUBE_CONFIG_PATHS"), value(&said, "KUBECONFIG"));
    for name in ["KUBE_CONFIG_PATH", "K8S_AUTH_KUBECONFIG"] {
        assert_eq!(value(&said, name), None, "{name}");
    }
}

/// Reading it would never end.
#[test]
fn a_copy_that_has_become_a_pipe_is_not_read() {
    let world = World::new(&["a"], ANSWER);
    let mut command = world.home.command("timeout", world.home.path("config"));
    command.env("XDG_RUNTIME_DIR", world.home.path("run")).args([
        "60",
        KCX,
        "exec",
        "a",
        "--single-file",
        "--",
    ]);
    let output = command.args(["sh", "-c", "rm \"$KUBECONFIG\"; mkfifo \"$KUBECONFIG\""]).output().unwrap();
    assert_eq!(
        (complaint(&output).as_str(), output.status.code()),
        (
            "warning: a program changed its single file, which cannot be read as a kubeconfig (is a pipe, not a file) and could not be kept: is a pipe, not a file\n",
            Some(0)
        )
    );
    assert_eq!(world.sessions(), 0);
}
