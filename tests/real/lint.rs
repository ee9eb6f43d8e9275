//! `kcx lint` has an error about reading a file exactly where the real kubectl refuses to load it: over the corpus, and over
//! damaged files; 10,000 of them with `KCX_LONG=1`. And what it calls an error in use, kubectl refuses when it uses it.

#[path = "../lint/made.rs"]
mod made;

use crate::generate::{Random, kubeconfig, mutate};
use crate::tools::{Home, KCX, complaint};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Fails where only one of the two refuses; true where kcx does not read what kubectl loads, or kubectl loads by a slip.
fn compare(home: &Home, bytes: &[u8]) -> Result<bool, String> {
    let file = home.write("config", bytes);
    let output =
        home.kcx(&file, &["lint", "--select", "KCX00", "--fail-on", "never", "-o", "json", "config"]);
    let report: Value = serde_json::from_slice(&output.stdout).map_err(|_| complaint(&output))?;
    let found = |severity: &str| {
        report["findings"].as_array().unwrap().iter().any(|finding| finding["severity"] == severity)
    };
    // A warning: it is not read, but kubectl loads it.
    let doubtful = report["findings"].as_array().unwrap().iter().any(|finding| finding["code"] == "KCX008");
    let answer = home.kubectl(&file, &["config", "view"]);
    match found("error") != answer.status.success() {
        true => Ok(doubtful),
        // A slip of go-yaml's: behind its first 512 bytes it now and then drops a U+0000 that it means to refuse.
        false if answer.status.success() && bytes.iter().skip(512).any(|byte| *byte == 0) => Ok(true),
        false => Err(format!("{}: {report:#}", complaint(&answer))),
    }
}

#[test]
fn errors_are_found_where_kubectl_refuses_and_nowhere_else() {
    let long = std::env::var_os("KCX_LONG").is_some();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut cases: Vec<(String, Vec<u8>)> = Vec::new();
    for part in ["valid", "invalid"] {
        for entry in fs::read_dir(folder.join(part)).unwrap() {
            let path = entry.unwrap().path();
            cases.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    let corpus = cases.len();
    for seed in 0..if long { 10_000 } else { 300 } {
        let random = &mut Random::new(seed);
        let odd = random.one_in(3);
        let text = kubeconfig(random, odd);
        cases.push((format!("seed {seed}"), mutate(random, &text).into_bytes()));
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let home = Home::new();
        let (mut doubts, mut wrong) = (0, Vec::new());
        while let Some((name, bytes)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            match compare(&home, bytes) {
                Ok(doubtful) => doubts += usize::from(doubtful),
                Err(how) => wrong.push(format!("{name}: {how}")),
            }
        }
        (doubts, wrong)
    };
    let results: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    let wrong: Vec<String> = results.iter().flat_map(|(_, wrong)| wrong.clone()).collect();
    let doubts: usize = results.iter().map(|(doubts, _)| doubts).sum();
    println!(
        "{corpus} files of the corpus, {} damaged: {doubts} doubtful, {} wrong",
        cases.len() - corpus,
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(doubts * 50 < cases.len(), "{doubts} of {} cannot be told", cases.len());
}

/// Codes of errors, and what kubectl says to their fixtures.
const REFUSALS: [(&str, &str); 22] = [
    ("KCX103", "server localhost:8080 was refused"),
    ("KCX105", "context was not found for specified context: gone"),
    ("KCX201", "server localhost:8080 was refused"),
    ("KCX202", "unsupported protocol scheme"),
    ("KCX206", "invalid 'proxy-url'"),
    ("KCX207", "certificate-authority-data and certificate-authority are both specified"),
    ("KCX208", "unable to read certificate-authority"),
    ("KCX210", "specifying a root certificates file with the insecure flag is not allowed"),
    ("KCX301", "more than one authentication method found for a"),
    ("KCX302", "client-key-data or client-key must be specified for a"),
    ("KCX306", "authProvider cannot be provided in combination with an exec plugin for a"),
    ("KCX307", "command must be specified for a"),
    ("KCX308", "exec plugin: invalid apiVersion"),
    ("KCX309", "interactiveMode must be specified for a"),
    ("KCX310", "env variable name must be specified for a"),
    ("KCX315", "The gcp auth plugin has been removed"),
    ("KCX316", "requesting uid, groups or user-extra for a without impersonating a user"),
    ("KCX318", "invalid header field value"),
    ("KCX401", REFUSED),
    ("KCX405", "unable to load root certificates"),
    ("KCX406", "tls: failed to parse private key"),
    ("KCX407", "tls: private key does not match public key"),
];

/// Nobody listens there: all was well until then. That a certificate has ended, only the cluster says.
const REFUSED: &str = "server 127.0.0.1:1 was refused";

#[test]
fn what_is_an_error_in_use_kubectl_refuses_and_it_takes_the_clean_twin() {
    let made = made::Made::new();
    let home = Home::new();
    for (name, text) in
        [("ca.crt", &made.authority), ("client.crt", &made.client), ("client.key", &made.client_key)]
    {
        home.write(name, text);
    }
    home.write("token", "abc");
    for (code, phrase) in REFUSALS {
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/lint/{code}.txt"));
        let text = made.fill(&fs::read_to_string(fixture).unwrap()).replace("a.example:6443", "127.0.0.1:1");
        let mut parts = text.split("=== ").skip(1).map(|part| part.split_once('\n').unwrap().1);
        let (bad, clean) = (parts.next().unwrap(), parts.next().unwrap());
        let context = if bad.contains("name: b\n") { "b" } else { "a" };
        let context = if code == "KCX105" { vec![] } else { vec!["--context", context] };
        let get = [&context[..], &["get", "--raw", "/version", "--request-timeout=5s"]].concat();
        let answer = home.kubectl(&home.write("config", bad), &get);
        assert!(complaint(&answer).contains(phrase), "{code}: {}", complaint(&answer));
        // A plugin or a proxy would have to be there, and `oidc` asks its server.
        if !["exec:", "auth-provider:", "proxy-url:"].iter().any(|it| clean.contains(it)) {
            let get = ["get", "--raw", "/version", "--request-timeout=5s"];
            let answer = home.kubectl(&home.write("config", clean), &get);
            assert!(complaint(&answer).contains(REFUSED), "{code}: {}", complaint(&answer));
        }
    }
}

#[test]
fn what_may_not_be_read_or_written_ends_nothing_else() {
    let home = Home::new();
    let text = "clusters: [{name: a, cluster: {server: 'https://a'}}]\n";
    for folder in ["closed", "fixed", "open"] {
        fs::create_dir(home.path(folder)).unwrap();
        home.write(&format!("{folder}/kc"), text);
    }
    // An ordinary user: what is forbidden to others is not to root.
    let kcx = home.path("kcx");
    // By a process of its own: what another test starts meanwhile would hold the copy open for writing.
    assert!(Command::new("cp").arg(KCX).arg(&kcx).status().unwrap().success());
    let mut command = home.command(kcx.to_str().unwrap(), "");
    let root = ["", "closed", "fixed", "open", "closed/kc", "fixed/kc", "open/kc"]
        .iter()
        .all(|path| chown(home.path(path), Some(65534), Some(65534)).is_ok());
    if root {
        command.uid(65534).gid(65534);
    }
    let mode = |path: &str, mode| {
        fs::set_permissions(home.path(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("fixed/kc", 0o400);
    mode("fixed", 0o500);
    mode("closed", 0o000);
    let answer = command.args(["lint", "--fix", "closed", "fixed/kc", "open/kc"]).output().unwrap();
    mode("closed", 0o700);
    mode("fixed", 0o700);
    let said = complaint(&answer);
    let all = format!("{}{said}", String::from_utf8_lossy(&answer.stdout));
    assert!(all.contains("the folder cannot be read: permission denied"), "{all}");
    assert!(all.contains("fixed/kc") && said.contains("denied"), "{all}");
    assert_eq!(fs::read_to_string(home.path("fixed/kc")).unwrap(), text);
    assert!(fs::read_to_string(home.path("open/kc")).unwrap().contains("kind: Config"), "{all}");
    assert_eq!(answer.status.code(), Some(5), "{all}");
}
