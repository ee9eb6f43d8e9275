//! Provisioning as scripts do it, beside the real kubectl: clusters imported by several processes at once, and files
//! merged into what kubectl would have made of them.

use crate::generate::{Random, kubeconfig};
use crate::tools::{Home, KCX, complaint, fine, kubectl};
use base64::Engine;
use kcx::kubeconfig::Document;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

const MINE: &str = "# the team's\nkind: Config\nclusters:\n- name: mine # stays\n  cluster: {server: 'https://mine'}\ncontexts:\n- name: mine\n  context: {cluster: mine, user: mine}\nusers:\n- name: mine\n  user: {token: t}\ncurrent-context: mine\n";

/// What k3s writes: everything is called `default`.
fn k3s(n: usize) -> String {
    let server = format!("https://10.0.{}.{}:6443", n / 256, n % 256);
    let text = format!(
        "apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: Q0E=\n    server: {server}\n  name: default\ncontexts:\n- context:\n    cluster: default\n    user: default\n  name: default\ncurrent-context: default\nkind: Config\npreferences: {{}}\nusers:\n- name: default\n  user:\n    token: token-{n}\n"
    );
    match n % 4 {
        // The value of a Secret.
        0 => base64::engine::general_purpose::STANDARD.encode(text),
        _ => text,
    }
}

fn import(home: &Home, path: &Path, n: usize) -> Output {
    let mut command = home.command(KCX, path);
    let name = format!("edge-{n}");
    command.args(["import", "-", "--name", &name, "-o", "json", "--lock-timeout", "120s"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(k3s(n).as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn two_hundred_clusters_by_eight_processes_and_kubectl_reading() {
    const COUNT: usize = 200;
    let home = Home::new();
    let path = home.write("config", MINE);
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (home, path) = (&home, &path);
    let reads = thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut reads = 0;
            while !stop.load(Ordering::Relaxed) {
                let seen =
                    fine(&home.kubectl(path, &["config", "view", "-o", "jsonpath={.contexts[*].name}"]));
                assert!(seen.split(' ').any(|name| name == "mine"), "{seen}");
                reads += 1;
            }
            reads
        });
        let workers: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    while let Some(n) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&n| n < COUNT) {
                        let report = fine(&import(home, path, n));
                        assert!(report.contains("\"changed\": true"), "{report}");
                    }
                })
            })
            .collect();
        let done: Vec<_> = workers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        stop.store(true, Ordering::Relaxed);
        done.into_iter().for_each(|worker| worker.unwrap());
        reader.join().unwrap()
    });
    println!("{COUNT} imports, {reads} reads by kubectl");
    let before = fs::read(path).unwrap();
    for n in 0..10 {
        let report = fine(&import(home, path, n * 20));
        assert!(report.contains("\"changed\": false"), "{report}");
    }
    assert_eq!(fs::read(path).unwrap(), before, "the same again changes nothing");
    let text = String::from_utf8(before).unwrap();
    assert!(text.starts_with("# the team's\n") && text.contains("- name: mine # stays\n"), "{text}");
    for n in 0..COUNT {
        let query = format!("jsonpath={{.contexts[?(@.name==\"edge-{n}\")].context}}");
        assert!(text.contains(&format!("token: token-{n}\n")), "{n}");
        if n % 50 == 0 {
            let seen = fine(&home.kubectl(path, &["config", "view", "-o", &query]));
            assert_eq!(seen, format!("{{\"cluster\":\"edge-{n}\",\"user\":\"edge-{n}\"}}"));
        }
    }
    let clash = home.command(KCX, path).args(["import", "other", "--name", "edge-1"]).output().unwrap();
    assert_eq!(clash.status.code(), Some(1), "{}", complaint(&clash));
    home.write("other", k3s(7));
    let clash = home.command(KCX, path).args(["import", "other", "--name", "edge-1"]).output().unwrap();
    assert_eq!(clash.status.code(), Some(4), "{}", complaint(&clash));
}

/// Pairs and triples of random files: 30, or a thousand with `KCX_LONG=1`.
#[test]
fn a_merge_is_what_kubectl_makes_of_the_list() {
    let count = if std::env::var_os("KCX_LONG").is_some() { 1_000 } else { 30 };
    let home = Home::new();
    let (mut compared, mut refused) = (0, 0);
    for seed in 0.. {
        if compared == count {
            break;
        }
        let files: Vec<_> = (0..2 + seed % 2)
            .map(|at| {
                let text = kubeconfig(&mut Random::new(seed * 3 + at), seed % 5 == 0);
                home.write(&format!("{at}.yaml"), text)
            })
            .collect();
        if !files.iter().all(|file| Document::parse(fs::read(file).unwrap()).is_ok()) {
            continue;
        }
        let merged = home.path("merged");
        let names: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
        let words = [&["merge", "-q", "-y", "-O", merged.to_str().unwrap()], names.as_slice()].concat();
        let output = home.command(KCX, "").args(&words).output().unwrap();
        if complaint(&output).contains("cannot edit") {
            refused += 1;
            continue;
        }
        fine(&output);
        let view = ["config", "view", "--raw", "--merge", "-o", "json"];
        let list = std::env::join_paths(&files).unwrap();
        let want = home.command(&kubectl(), list).args(view).output().unwrap();
        let have = home.kubectl(&merged, &view);
        if !want.status.success() {
            // kubectl refuses to print what it has read: control characters.
            assert!(!have.status.success(), "{names:?}");
            continue;
        }
        let plain = |output: &Output| fine(output).replace('\u{85}', " ");
        assert_eq!(plain(&have), plain(&want), "seed {seed}");
        compared += 1;
    }
    println!("{compared} merges compared, {refused} refused");
    assert!(refused < compared / 20, "{refused} refused");
}

#[test]
fn flatten_is_kubectls() {
    let home = Home::new();
    home.write("ca.pem", "CA\n");
    home.write("key.pem", "KEY\n");
    let one = home.write("one", "clusters:\n- name: c\n  cluster: {certificate-authority: ca.pem}\n");
    let two = home.write(
        "two",
        "users:\n- name: u\n  user: {client-key: key.pem, client-certificate: ca.pem, tokenFile: t}\n",
    );
    let merged = home.path("merged");
    let words = ["merge", "one", "two", "--flatten", "-O", "merged"];
    fine(&home.command(KCX, "").args(words).output().unwrap());
    let view = ["config", "view", "--raw", "--flatten", "-o", "json"];
    let list = std::env::join_paths([&one, &two]).unwrap();
    let want = fine(&home.command(&kubectl(), list).args(view).output().unwrap());
    assert_eq!(fine(&home.kubectl(&merged, &["config", "view", "--raw", "-o", "json"])), want);
}
