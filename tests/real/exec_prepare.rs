//! `kcx exec` if some contexts cannot be prepared: the others run, and each failure is reported.

use crate::api_server::{ApiServer, kubeconfig};
use crate::tools::{Home, KCX, complaint, sessions};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

/// Contexts `a` and `z`, which lead to a server, and between them every kind that does not.
struct World {
    home: Home,
    _server: ApiServer,
}

/// The fault of each, and a part of kcx's message.
const BAD: [(&str, &str); 7] = [
    ("c-nul\0name", "its name contains a NUL character"),
    ("d-nocluster", "its cluster `gone` does not exist"),
    ("e-nouser", "its user `gone` does not exist"),
    ("f-missing", "its credential plugin `no-such-plugin` is not installed"),
    ("g-failing", "its credential plugin `false` failed with exit code 1"),
    ("h-proxy", "the `proxy-url` of its cluster is not a valid URL"),
    ("i-server", "has no server"),
];

impl World {
    fn new() -> World {
        let server = ApiServer::good();
        let (cluster, token) = (server.cluster(), "{token: secret-token}");
        let plugin = |command: &str| {
            format!(
                "{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: '{command}', interactiveMode: Never}}}}"
            )
        };
        let proxied = cluster.replacen('{', "{proxy-url: 'ftp://x', ", 1);
        let (missing, failing) = (plugin("no-such-plugin"), plugin("false"));
        let mut text = kubeconfig(&[
            ("a", &cluster, token),
            ("z", &cluster, token),
            ("f-missing", &cluster, &missing),
            ("g-failing", &cluster, &failing),
            ("h-proxy", &proxied, token),
            ("i-server", "{}", token),
        ]);
        text = text.replacen(
            "contexts:\n",
            "contexts:\n\
             - {name: \"c-nul\\0name\", context: {cluster: c-a, user: u-a}}\n\
             - {name: d-nocluster, context: {cluster: gone, user: u-a}}\n\
             - {name: e-nouser, context: {cluster: c-a, user: gone}}\n",
            1,
        );
        let home = Home::new();
        home.write("config", text);
        fs::create_dir(home.path("run")).unwrap();
        fs::set_permissions(home.path("run"), fs::Permissions::from_mode(0o700)).unwrap();
        World { home, _server: server }
    }

    fn exec(&self, words: &[&str]) -> Output {
        let mut command = self.home.command(KCX, self.home.path("config"));
        let output =
            command.env("XDG_RUNTIME_DIR", self.home.path("run")).arg("exec").args(words).output().unwrap();
        assert_eq!(sessions(self.home.dir.path()).len(), 0, "every session is gone");
        output
    }
}

const ECHO: [&str; 4] = ["--", "sh", "-c", "echo $HELM_KUBECONTEXT is here"];

#[test]
fn the_others_run_and_each_is_reported() {
    let world = World::new();
    for flags in [&["*", "--read-only"][..], &["*", "--read-only", "--parallel", "4"]] {
        let output = world.exec(&[flags, &ECHO].concat());
        let (said, out) = (complaint(&output), String::from_utf8(output.stdout).unwrap());
        assert_eq!(output.status.code(), Some(1));
        let mut lines: Vec<&str> = out.lines().map(|line| line.rsplit("| ").next().unwrap()).collect();
        lines.sort_unstable();
        assert_eq!(lines, ["a is here", "z is here"], "{said}");
        for (_, why) in BAD {
            assert!(said.contains(why), "{why}: {said}");
        }
        let last = said.lines().last().unwrap();
        assert!(
            last.starts_with("error: failed in 7 of 9: ") && last.contains("`d-nocluster` (not started)"),
            "{said}"
        );
        assert!(!said.contains('\0'), "{said}");
    }
}

#[test]
fn the_report_is_whole() {
    let world = World::new();
    for parallel in ["1", "3"] {
        let words = ["*", "--read-only", "--parallel", parallel, "-o", "json"];
        let output = world.exec(&[&words[..], &ECHO].concat());
        assert_eq!(output.status.code(), Some(1));
        let report: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report.len(), 9);
        for run in &report {
            let context = run["context"].as_str().unwrap();
            match BAD.iter().find(|(name, _)| *name == context) {
                Some((_, why)) => {
                    assert!(run["error"].as_str().unwrap().contains(why), "{run}");
                    let rest = ["status", "exitCode", "stdout", "stderr"].map(|field| run[field].clone());
                    assert_eq!(rest, [json!("failed"), json!(1), json!(""), json!("")], "{run}");
                }
                None => {
                    assert_eq!(run["stdout"], format!("{context} is here\n"));
                    assert_eq!((&run["status"], run.get("error")), (&json!("succeeded"), None));
                }
            }
        }
    }
    // A single one fails as before, and its report is complete, too.
    let output = world.exec(&[&["f-missing", "--read-only"][..], &ECHO].concat());
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    assert_eq!(
        complaint(&output),
        "error: cannot query the cluster of context `f-missing`: its credential plugin `no-such-plugin` is not installed\n"
    );
    let output = world.exec(&[&["f-missing", "--read-only", "-o", "json"][..], &ECHO].concat());
    let report: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &report[0]["status"]), (Some(1), &json!("failed")));
}

#[test]
fn without_a_proxy_a_name_with_nul_is_one_failure_of_many() {
    let world = World::new();
    let output = world.exec(&[&["*"][..], &ECHO].concat());
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stdout.clone()).unwrap().lines().count(), 8);
    let said = complaint(&output);
    assert!(said.ends_with("(not started)\n") && said.contains("error: failed in 1 of 9: "), "{said}");
    // Whether or not a file can be made for the dangling ones, the others run.
    let output = world.exec(&[&["*", "--single-file"][..], &ECHO].concat());
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("a is here\n") && said.contains("z is here\n"), "{said}");
    // A missing command is a different failure, and ends everything.
    let output = world.exec(&["a", "z", "--read-only", "--", "no-such-program"]);
    assert_eq!(output.status.code(), Some(127));
    assert_eq!(
        complaint(&output),
        "`a`:\nerror: cannot start `no-such-program`: no such file or directory; did not run: `a`, `z`\n"
    );
}

#[test]
fn a_sibling_that_runs_is_not_ended() {
    let world = World::new();
    let script = "echo begun; sleep 1; echo $HELM_KUBECONTEXT is here";
    let words = ["a", "d-nocluster", "f-missing", "z", "--read-only", "--parallel", "4", "-o", "json", "--"];
    let output = world.exec(&[&words[..], &["sh", "-c", script]].concat());
    let report: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    for (at, name) in [(0, "a"), (3, "z")] {
        assert_eq!(report[at]["stdout"], format!("begun\n{name} is here\n"));
    }
}

#[test]
fn with_fail_fast_no_more_are_started() {
    let world = World::new();
    let output = world.exec(&[&["a", "d-nocluster", "z", "--read-only", "--fail-fast"][..], &ECHO].concat());
    assert_eq!(String::from_utf8(output.stdout.clone()).unwrap(), "a is here\n");
    let said = complaint(&output);
    assert!(
        said.ends_with("error: failed in 1 of 3: `d-nocluster` (not started); 1 did not run: `z`\n"),
        "{said}"
    );
}
