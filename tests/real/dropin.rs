//! kcx as kubectx: beside Debian's.

use crate::tools::{Home, KCX, complaint, fine, kubectl, which};
use std::os::unix::fs::symlink;
use std::process::Output;

const CONFIG: &str = "\
apiVersion: v1
kind: Config
clusters:
- name: c
  cluster: {server: 'https://c.example'}
users:
- name: u
  user: {token: t}
contexts:
- name: dev
  context: {cluster: c, user: u}
- name: prod
  context: {cluster: c, user: u, namespace: web}
- name: staging
  context: {cluster: c, user: u}
current-context: dev
";

/// A home where kubectl is the real one, and kubectx is kcx.
fn home(config: &str) -> Home {
    let home = Home::new();
    home.write("config", config);
    // Debian's remembers there.
    std::fs::create_dir(home.path(".kube")).unwrap();
    let kubectl = std::fs::canonicalize(which(&kubectl())).unwrap();
    for (program, name) in [(kubectl.to_str().unwrap(), "kubectl"), (KCX, "kubectx")] {
        symlink(program, home.path(name)).unwrap();
    }
    home
}

fn run(home: &Home, program: &str, words: &[&str]) -> Output {
    let mut command = home.command(program, home.path("config"));
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", home.dir.path().display());
    command.env("PATH", path).env("NO_PROXY", "*").args(words).output().unwrap()
}

/// What a kubeconfig says, as the real kubectl reads it.
fn meaning(home: &Home) -> String {
    fine(&home.kubectl(&home.path("config"), &["config", "view", "--raw", "-o", "json"]))
}

#[test]
fn does_what_debians_kubectx_does() {
    let debians = which("kubectx");
    let (theirs, ours) = (home(CONFIG), home(CONFIG));
    let own = ours.path("kubectx").to_str().unwrap().to_owned();
    for words in [
        &[][..],
        &["prod"],
        &["-c"],
        &["-"],
        &["-c"],
        &["-"],
        &["nowhere"],
        &["live=prod"],
        &["-c"],
        &["test=."],
        &["x=nowhere"],
        &["-d", "dev"],
        &["-d", "nowhere"],
        &["-d", "test", "staging"],
        &[],
        &["-u"],
        &["-c"],
        &["--no-such-flag"],
    ] {
        let (their, our) = (run(&theirs, &debians, words), run(&ours, &own, words));
        assert_eq!(
            our.status.success(),
            their.status.success(),
            "{words:?}\n{}\n{}",
            complaint(&their),
            complaint(&our)
        );
        let out = |output: &Output| String::from_utf8_lossy(&output.stdout).into_owned();
        // Later ones talk on stderr.
        if matches!(words, [] | ["-c"]) && our.status.success() {
            assert_eq!(out(&our), out(&their), "{words:?}");
        }
        assert_eq!(meaning(&ours), meaning(&theirs), "{words:?}");
    }
}
