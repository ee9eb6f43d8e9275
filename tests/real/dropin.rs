//! kcx as kubectx and kubens: beside Debian's kubectx, and with the real kubectl asking a server.

use crate::tools::{Home, KCX, complaint, fine, kubectl, which};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
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

/// A home where kubectl is the real one, and kubectx and kubens are kcx.
fn home(config: &str) -> Home {
    let home = Home::new();
    home.write("config", config);
    // Debian's remembers there.
    std::fs::create_dir(home.path(".kube")).unwrap();
    let kubectl = std::fs::canonicalize(which(&kubectl())).unwrap();
    for (program, name) in [(kubectl.to_str().unwrap(), "kubectl"), (KCX, "kubectx"), (KCX, "kubens")] {
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

/// Serves two pages of namespaces, and notes what was asked for.
fn server() -> (String, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let mut asked = Vec::new();
        while asked.len() < 2 {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            let Some(first) = lines.next() else { continue };
            let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
            lines.by_ref().take_while(|line| !line.is_empty()).for_each(drop);
            let item = |name: &str| format!(r#"{{"metadata":{{"name":"{name}"}}}}"#);
            let (items, next) = match path.contains("continue=") {
                false => ([item("default"), item("kube-system")].join(","), "a/b+c"),
                true => (item("web"), ""),
            };
            let body = format!(
                r#"{{"kind":"NamespaceList","apiVersion":"v1","metadata":{{"continue":"{next}"}},"items":[{items}]}}"#
            );
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            )
            .unwrap();
            // kubectl asks for the server's version, too.
            if path.starts_with("/api/") {
                asked.push(path);
            }
        }
        asked
    });
    (address, served)
}

#[test]
fn kubens_lists_what_kubectl_is_told() {
    let (address, served) = server();
    let home = home(&CONFIG.replace("https://c.example", &address));
    let output = run(&home, home.path("kubens").to_str().unwrap(), &[]);
    assert_eq!(fine(&output), "default\nkube-system\nweb\n");
    assert_eq!(
        served.join().unwrap(),
        ["/api/v1/namespaces?limit=500", "/api/v1/namespaces?continue=a%2Fb%2Bc&limit=500"]
    );
    // Nobody answers any more: it is said, and what needs no cluster still works.
    let output = run(&home, home.path("kubens").to_str().unwrap(), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(complaint(&output).starts_with("error: could not list namespaces (is the cluster accessible?)"));
    let output = run(&home, home.path("kubens").to_str().unwrap(), &["shop"]);
    assert_eq!(complaint(&output), "✔ Active namespace is \"shop\"\n");
}
