//! kcx and kubectl agree on some 300 clusters and users (`clusters/cases.txt`), on servers of the test
//! (`clusters/server.py`: keys and certificates of every kind by OpenSSL, redirects, proxies).

use crate::screen::wait_until;
use crate::tools::{Home, KCX, kubectl};
use serde_json::Value;
use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// One line of `cases.txt`.
struct Case {
    /// Why kcx differs from kubectl; empty if it does not.
    differs: String,
    name: String,
    cluster: String,
    user: String,
    variables: Vec<(String, String)>,
}

/// The servers, and the folder with the certificates.
struct Servers {
    home: Home,
    running: Child,
    ports: HashMap<String, u16>,
}

impl Servers {
    fn start() -> Servers {
        let home = Home::new();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/real/clusters/server.py");
        let mut command = Command::new("python3");
        command.arg(script).arg(home.dir.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut running = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(running.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n", "the servers do not start");
        let ports = serde_json::from_slice(&fs::read(home.path("ports.json")).unwrap()).unwrap();
        Servers { home, running, ports }
    }

    fn case(&self, line: &str) -> Case {
        let mut parts: Vec<&str> = line.split(" | ").map(str::trim).collect();
        let differs = parts[0].strip_prefix("differs: ").map(str::to_owned);
        if differs.is_some() {
            parts.remove(0);
        }
        let user = match parts[2] {
            "{}" => "{token: good}",
            "none" => "{}",
            user => user,
        };
        let variables = self.filled(parts.get(3).unwrap_or(&""));
        let pair = |word: &str| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        Case {
            differs: differs.unwrap_or_default(),
            name: parts[0].to_owned(),
            cluster: self.cluster(parts[1]),
            user: self.filled(user),
            variables: variables.split_whitespace().filter_map(pair).collect(),
        }
    }

    fn cluster(&self, text: &str) -> String {
        let (text, authority) = match text.split_once(", ca: ") {
            None => (text.to_owned(), "ca"),
            Some((before, rest)) => {
                let end = rest.find([',', '}']).unwrap();
                (format!("{before}{}", &rest[end..]), &rest[..end])
            }
        };
        let body = self.filled(text.strip_suffix('}').unwrap());
        match authority {
            "none" => format!("{body}}}"),
            name => format!("{body}, certificate-authority: {}/{name}.crt}}", self.home.dir.path().display()),
        }
    }

    /// Replaces `@NAME`, `#NAME`, `$F` and `%FILE`.
    fn filled(&self, text: &str) -> String {
        let folder = self.home.dir.path();
        let text = text.replace("$F", &folder.display().to_string());
        let mut filled = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find(['@', '#', '%']) {
            let (sign, behind) = rest[at..].split_at(1);
            let end = behind
                .find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c)))
                .unwrap_or(behind.len());
            let word = &behind[..end];
            let stands_for = match (sign, self.ports.get(word)) {
                ("@", Some(port)) => Some(format!("https://127.0.0.1:{port}")),
                ("#", Some(port)) => Some(port.to_string()),
                ("%", _) if !word.is_empty() => fs::read(folder.join(word))
                    .ok()
                    .map(|bytes| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes)),
                _ => None,
            };
            filled += &rest[..at];
            match stands_for {
                Some(value) => {
                    filled += &value;
                    rest = &behind[end..];
                }
                None => {
                    filled += sign;
                    rest = behind;
                }
            }
        }
        filled + rest
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        // It exits when its stdin is closed.
        drop(self.running.stdin.take());
        let _ = self.running.wait();
    }
}

/// The result of a case: `None` on success, else the class of the failure and its message.
type Verdict = Option<(&'static str, String)>;

fn of_kubectl(home: &Home, file: &Path, case: &Case) -> Verdict {
    let mut command = home.command(&kubectl(), file);
    command.args(["get", "--raw", "/version", "--request-timeout=20s"]).envs(case.variables.clone());
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    let has = |texts: &[&str]| texts.iter().any(|text| said.contains(text));
    let class = if has(&["proxyconnect", "Proxy Authentication", "socks connect"]) {
        "proxy"
    } else if has(&["x509: ", "remote error: tls", "first record does not look like a TLS"]) {
        "tls"
    } else if has(&["must be logged in"]) {
        "unauthorized"
    } else if has(&["getting credentials"]) {
        "plugin"
    } else if has(&["no such host"]) {
        "dns"
    } else {
        "other"
    };
    (!output.status.success()).then_some((class, said))
}

fn of_kcx(home: &Home, file: &Path, case: &Case) -> Verdict {
    let run = |arguments: &[&str]| {
        let mut command = home.command(KCX, file);
        command.args(arguments).envs(case.variables.clone()).stdin(Stdio::null()).output().unwrap()
    };
    let output = run(&["status", "-o", "json", "--timeout", "20s"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let list: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let answer = &list[0];
    let verdict = match answer["ok"].as_bool() {
        Some(true) => None,
        Some(false) => {
            let class = match answer["reason"].as_str().unwrap() {
                "proxy" => "proxy",
                "tls" => "tls",
                "unauthorized" => "unauthorized",
                "plugin" => "plugin",
                "dns" => "dns",
                _ => "other",
            };
            Some((class, answer["message"].as_str().unwrap().to_owned()))
        }
        // The kubeconfig cannot be read.
        None => Some(("other", said)),
    };
    assert_eq!(output.status.success(), verdict.is_none(), "{}", case.name);
    let who = run(&["whoami", "--timeout", "20s"]);
    assert_eq!(who.status.success(), verdict.is_none(), "whoami and status differ: {}", case.name);
    let words = verdict.as_ref().map(|(_, words)| words.as_str()).unwrap_or_default();
    let is_path = |pair: &[u8]| pair[0].is_ascii_alphabetic() && pair[3].is_ascii_alphabetic();
    let debug = words.contains("Error(")
        || words.contains("Other(")
        || words.contains(" { ")
        || words.as_bytes().windows(4).any(|part| &part[1..3] == b"::" && is_path(part));
    assert!(!debug, "{}: a library's own words: {words}", case.name);
    verdict
}

/// The two results, if they differ.
fn compare(case: &Case) -> Option<String> {
    let home = Home::new();
    let text = format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- {{name: c, cluster: {}}}\nusers:\n- {{name: u, user: {}}}\n\
         contexts:\n- {{name: x, context: {{cluster: c, user: u}}}}\ncurrent-context: x\n",
        case.cluster, case.user
    );
    let file = home.write("config", text);
    let (kubectl, kcx) = (of_kubectl(&home, &file, case), of_kcx(&home, &file, case));
    let alike = match (&kubectl, &kcx) {
        (None, None) => true,
        // It is enough that both fail if kubectl's message does not show the class, if kcx rejects a certificate before
        // it connects, or if kubectl does not mention the proxy.
        (Some(("other", _)), Some(_)) | (Some(_), Some(("other", _))) => true,
        (Some((one, _)), Some((two, _))) => one == two,
        _ => false,
    };
    match (alike, case.differs.is_empty()) {
        (true, true) | (false, false) => None,
        (false, true) => Some(format!("{}: kubectl: {kubectl:?}, kcx: {kcx:?}", case.name)),
        (true, false) => Some(format!("{}: does not differ any more: {kcx:?}", case.name)),
    }
}

#[test]
fn clusters_and_users_count_as_they_do_for_kubectl() {
    let servers = Servers::start();
    let lines = include_str!("clusters/cases.txt").lines();
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let cases: Vec<Case> = lines.map(|line| servers.case(line)).collect();
    assert!(cases.len() >= 300, "{}", cases.len());
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(text) = compare(case) {
                        wrong.lock().unwrap_or_else(PoisonError::into_inner).push(text);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    // kubectl sends its token to the target of a redirect. kcx does not.
    let log = fs::read_to_string(servers.home.path("log")).unwrap();
    let elsewhere = |line: &&str| line.starts_with("good2 ") || line.starts_with("plain ");
    let shown: Vec<&str> = log
        .lines()
        .filter(elsewhere)
        .filter(|line| line.contains(" kcx ") && line.contains("Bearer"))
        .collect();
    assert!(shown.is_empty(), "{shown:?}");
    assert!(log.lines().any(|line| line.contains(" kcx Bearer good")));
}

/// A kubeconfig whose user runs this script as its plugin, and whose server is a closed port.
fn with_plugin(home: &Home, script: &str) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let plugin = home.write("plugin", format!("#!/bin/sh\ncd \"${{0%/*}}\"\n{script}\n"));
    fs::set_permissions(&plugin, fs::Permissions::from_mode(0o755)).unwrap();
    let exec = "{apiVersion: client.authentication.k8s.io/v1, command: ./plugin, interactiveMode: Never}";
    let text = format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- {{name: c, cluster: {{server: 'https://127.0.0.1:1'}}}}\n\
         users:\n- {{name: u, user: {{exec: {exec}}}}}\ncontexts:\n- {{name: x, context: {{cluster: c, user: u}}}}\n\
         current-context: x\n"
    );
    home.write("config", text)
}

#[test]
fn a_plugin_that_ignores_the_time_limit_ends_with_all_that_it_started() {
    let home = Home::new();
    // A process that the plugin starts outlives its shell unless it is killed.
    let file = with_plugin(&home, "trap '' TERM INT\ntail -f /dev/null &\necho $! >below\nwait");
    let output = home.kcx(&file, &["status", "-o", "json", "--timeout", "700ms"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("its credential plugin is still running"), "{text}");
    let below = fs::read_to_string(home.path("below")).unwrap();
    let status = format!("/proc/{}/status", below.trim());
    // A process that has exited but was not waited for is a zombie.
    let runs = || fs::read_to_string(&status).is_ok_and(|text| !text.contains("State:\tZ"));
    assert!(wait_until(|| !runs()), "still there: {}", fs::read_to_string(&status).unwrap_or_default());
}

#[test]
fn no_core_dump_is_made_of_what_has_a_credential() {
    use std::os::unix::process::ExitStatusExt;
    for command in ["status", "whoami", "get namespaces", "ns x --check"] {
        let home = Home::new();
        let file = with_plugin(&home, "kill -ABRT $PPID\nexit 1");
        let script = format!("ulimit -c unlimited && exec \"$0\" {command}");
        let mut shell = home.command("sh", &file);
        let output = shell.args(["-c", &script, KCX]).stdin(Stdio::null()).output().unwrap();
        let status = output.status;
        assert!(status.signal() == Some(6) && !status.core_dumped(), "{command}: {status}");
    }
}
