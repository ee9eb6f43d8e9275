//! `kcx exec --read-only`, with the real kubectl behind it: every verb is tried, and what changes something never reaches
//! the server.

use crate::api_server::{ApiServer, Setup, Shown, User, kubeconfig};
use crate::tools::{Home, complaint, fine};
use std::process::Output;

const TOKEN: &str = "{token: secret-token}";

struct Run {
    server: ApiServer,
    home: Home,
}

impl Run {
    fn new() -> Run {
        let tokens = vec![("secret-token".to_owned(), User::new("jane", &["system:masters"]))];
        let server = ApiServer::start(Setup { tokens, ..Setup::default() });
        Run { server, home: Home::new() }
    }

    /// `kcx exec test --read-only -- WORDS`.
    fn exec(&self, words: &[&str]) -> Output {
        let text = kubeconfig(&[("test", &self.server.cluster(), TOKEN)]);
        let file = self.home.write("config", text.replace("user: u-test}", "user: u-test, namespace: shop}"));
        let words: Vec<&str> =
            ["exec", "test", "--read-only", "--"].into_iter().chain(words.iter().copied()).collect();
        self.home.kcx(&file, &words)
    }

    fn kubectl(&self, words: &[&str]) -> Output {
        let kubectl = crate::tools::kubectl();
        let words: Vec<&str> = [kubectl.as_str()].into_iter().chain(words.iter().copied()).collect();
        self.exec(&words)
    }

    /// What reached the server and is no reading.
    fn written(&self) -> Vec<String> {
        let reads = |line: &String| {
            line.starts_with("GET ") || line.contains("reviews HTTP/") || line.contains("dryRun=All")
        };
        self.server.lines().into_iter().filter(|line| !reads(line)).collect()
    }
}

#[test]
fn kubectl_reads_through_the_proxy_without_the_credential() {
    let run = Run::new();
    for (words, wanted) in [
        (&["get", "pods"][..], "one"),
        (&["get", "pods", "-o", "yaml"], "namespace: shop"),
        (&["get", "namespaces", "--chunk-size", "2"], "kube-system"),
        (&["describe", "pod", "one"], "Name:"),
        (&["logs", "one", "-f"], "first line\nsecond line"),
        (&["version"], "Server Version: v1.33.4"),
        (&["api-resources"], "deployments"),
        (&["auth", "whoami"], "jane"),
        (&["auth", "can-i", "delete", "pods"], "yes"),
        (&["get", "--raw", "/readyz"], "ok"),
        (&["config", "current-context"], "test"),
        (&["create", "configmap", "new", "--dry-run=server"], "created (server dry run)"),
        (&["delete", "pod", "one", "--dry-run=server", "--wait=false"], "deleted"),
        (&["label", "pod", "one", "a=b", "--dry-run=server"], "labeled (server dry run)"),
    ] {
        let output = run.kubectl(words);
        assert!(
            fine(&output).contains(wanted),
            "kubectl {words:?}: {}",
            String::from_utf8_lossy(&output.stdout)
        );
    }
    // A watch comes as it happens, and the proxy ends with the command.
    let watch = "timeout 20 \"$KUBECTL\" get pods --watch --output name | head -n 1";
    let output = run.exec(&["env", &format!("KUBECTL={}", crate::tools::kubectl()), "sh", "-c", watch]);
    assert_eq!(fine(&output), "pod/one\n");
    // kubectl says in the body of a deletion that it is dry, and nowhere else.
    assert_eq!(run.written(), ["DELETE /api/v1/namespaces/shop/pods/one HTTP/2.0"]);
    let seen = run.server.seen();
    assert!(seen.iter().all(|seen| seen.header("authorization") == Some("Bearer secret-token")));
    // The command is told of a proxy on this machine, and has a token that opens nothing else.
    let shown = fine(&run.exec(&["sh", "-c", "cat \"$KUBECONFIG\"; stat -c %a \"$KUBECONFIG\"; env"]));
    assert!(shown.contains("server: https://127.0.0.1:") && shown.contains("\n600\n"), "{shown}");
    assert!(!shown.contains("secret-token") && !shown.contains(&run.server.url()), "{shown}");
}

#[test]
fn whatever_changes_something_stops_at_the_proxy() {
    let run = Run::new();
    run.home.write("pod.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: new}\n");
    let no = "kcx exec --read-only passes only reads";
    for words in [
        &["create", "configmap", "new"][..],
        &["create", "-f", "pod.yaml", "--validate=false"],
        &["apply", "-f", "pod.yaml", "--validate=false"],
        &["apply", "-f", "pod.yaml", "--validate=false", "--server-side"],
        &["replace", "-f", "pod.yaml", "--validate=false"],
        &["delete", "pod", "one", "--wait=false"],
        &["delete", "pods", "--all", "--wait=false"],
        &["delete", "pod", "one", "--force", "--grace-period=0"],
        &["label", "pod", "one", "a=b"],
        &["annotate", "pod", "one", "a=b"],
        &["patch", "pod", "one", "-p", "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}"],
        &["cordon", "one"],
        &["taint", "node", "one", "a=b:NoSchedule"],
        &["run", "new", "--image", "none"],
        &["create", "token", "default"],
        &["exec", "one", "--", "true"],
        &["attach", "one"],
        &["cp", "one:/etc/hostname", "out"],
        &["port-forward", "one", ":80"],
        &["get", "--raw", "/api/v1/namespaces/shop/pods/one/proxy/"],
        &["get", "--raw", "/api/v1/namespaces/shop/pods/one/%65xec?command=sh"],
        &["get", "--raw", "/api/v1/namespaces/shop/services/one/proxy/"],
        &["get", "--raw", "/api/v1/nodes/one/proxy/pods"],
        &["create", "--raw", "/api/v1/namespaces", "-f", "pod.yaml"],
        &["delete", "--raw", "/api/v1/namespaces/shop"],
        &["replace", "--raw", "/api/v1/namespaces/shop", "-f", "pod.yaml"],
        &["get", "pods", "--as", "root"],
    ] {
        let output = run.kubectl(words);
        let said = complaint(&output);
        // `kubectl cordon` says that it could not, and exits with 0.
        assert!(!output.status.success() || words[0] == "cordon", "kubectl {words:?} succeeded");
        // kubectl keeps no reason of a refusal that meets it while it looks for the types there are.
        let forbidden = words.contains(&"--as") && said.contains("Error from server (Forbidden)");
        assert!(said.contains(no) || forbidden, "kubectl {words:?} said {said}");
    }
    assert_eq!(run.written(), Vec::<String>::new());
    let doors = ["/exec", "/attach", "/portforward", "/proxy", "/%65xec"];
    assert!(run.server.lines().iter().all(|line| doors.iter().all(|door| !line.contains(door))));
}

#[test]
fn who_has_no_token_gets_nothing() {
    let run = Run::new();
    // The same file, with another token: another process that has found the port.
    let script = "sed 's/token: .*/token: stolen/' \"$KUBECONFIG\" >stolen; \"$KUBECTL\" --kubeconfig stolen get pods; \
                  sed '/token: /d' \"$KUBECONFIG\" >stolen; \"$KUBECTL\" --kubeconfig stolen --username a --password b get pods";
    let output = run.exec(&["env", &format!("KUBECTL={}", crate::tools::kubectl()), "sh", "-c", script]);
    assert!(!output.status.success());
    let said = complaint(&output);
    assert!(said.contains("You must be logged in to the server") || said.contains("Unauthorized"), "{said}");
    assert_eq!(run.server.connections(), 0);
    // Nothing listens any more once the command has ended.
    let address = fine(&run.exec(&["sh", "-c", "sed -n 's/.*server: https:..//p' \"$KUBECONFIG\""]));
    assert!(std::net::TcpStream::connect(address.trim()).is_err());
}

#[test]
fn the_reason_reaches_the_user_also_during_discovery() {
    let text = |cluster: &str| kubeconfig(&[("test", cluster, TOKEN)]);
    let server = ApiServer::good();
    let mut gone = ApiServer::good();
    gone.stop();
    let unknown_host = "{server: 'https://no-such-host.invalid'}";
    let stranger = ApiServer::start(Setup { certificate: Shown::Stranger, ..Setup::default() });
    for (cluster, why) in [
        (gone.cluster(), format!("{} refused the connection", gone.address)),
        (unknown_host.to_owned(), "cannot resolve the host name `no-such-host.invalid`".to_owned()),
        (stranger.cluster(), "the certificate of the server".to_owned()),
        (server.cluster().replace("https:", "http:"), "no response from the cluster".to_owned()),
    ] {
        let home = Home::new();
        let file = home.write("config", text(&cluster));
        for words in [
            &["get", "pods"][..],
            &["api-resources"],
            &["version"],
            &["delete", "pod", "one"],
            &["get", "--raw", "/api"],
        ] {
            let kubectl = crate::tools::kubectl();
            let words = [&["exec", "test", "--read-only", "--", &kubectl], words].concat();
            let output = home.kcx(&file, &words);
            let said = complaint(&output);
            assert!(!output.status.success() && !said.contains("(\"unknown\")"), "{words:?}: {said}");
            let (mine, kubectls): (Vec<&str>, Vec<&str>) =
                said.lines().partition(|line| line.starts_with("warning: "));
            assert!(
                kubectls.iter().any(|line| line.contains("kcx exec --read-only got no response")),
                "{words:?}: {said}"
            );
            // kcx repeats it, once.
            assert_eq!(mine.len(), 1, "{words:?}: {said}");
            let begin = "warning: no response from the cluster of context `test`: ";
            assert!(mine[0].starts_with(begin) && mine[0].contains(&why), "{words:?}: {said}");
        }
    }
}

#[test]
fn what_is_refused_is_told_once_each_and_a_dry_run_only_where_there_is_one() {
    let run = Run::new();
    let output = run.kubectl(&["delete", "pod", "one", "--wait=false"]);
    let said = complaint(&output);
    assert!(said.contains("it changes something; a dry run (`--dry-run=server`) passes\n"), "{said}");
    let line = "warning: refused for context `test`: DELETE /api/v1/namespaces/shop/pods/one: it changes something\n";
    assert!(said.ends_with(line) && said.matches("warning:").count() == 1, "{said}");
    for words in [
        &["create", "token", "default"][..],
        &["rollout", "restart", "deployment", "one"],
        &["get", "pods", "--as", "root"],
    ] {
        let said = complaint(&run.kubectl(words));
        assert!(said.contains("kcx exec --read-only passes only reads"), "{words:?}: {said}");
        assert!(
            !said.contains("dry run (") && said.contains("warning: refused for context `test`: "),
            "{words:?}: {said}"
        );
    }
    // Nothing was refused, so nothing is printed.
    assert_eq!(complaint(&run.kubectl(&["get", "pods"])), "");
    // The JSON report contains it.
    let file = run.home.path("config");
    let script = format!(
        "{0} delete pod one --wait=false; {0} delete pod one --wait=false; true",
        crate::tools::kubectl()
    );
    let output =
        run.home.kcx(&file, &["exec", "test", "--read-only", "-o", "json", "--", "sh", "-c", &script]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let refused = serde_json::json!([{"request": "DELETE /api/v1/namespaces/shop/pods/one", "reason": "it changes something"}]);
    assert_eq!(report[0]["refused"], refused, "{report}");
}

#[test]
fn discovery_is_kept_in_the_run_and_goes_with_it() {
    let run = Run::new();
    fine(&run.kubectl(&["get", "pods"]));
    let caches = || run.home.path(".kube/cache").exists();
    assert!(!caches(), "kubectl left a cache in the home");
    let words = [
        "env",
        &format!("KUBECTL={}", crate::tools::kubectl()),
        "sh",
        "-c",
        "$KUBECTL get pods >/dev/null; ls -d \"$KUBECACHEDIR\"/discovery/*; stat -c %a \"$(dirname \"$KUBECACHEDIR\")\"",
    ];
    let said = fine(&run.exec(&words));
    let mut lines = said.lines();
    let cache = lines.next().unwrap();
    assert!(cache.contains("/discovery/127.0.0.1_") && lines.next() == Some("700"), "{said}");
    assert!(!std::path::Path::new(cache).exists() && !caches(), "{cache}");
    // Without a proxy the user's own cache is used.
    let said = fine(
        &run.home
            .kcx(&run.home.path("config"), &["exec", "test", "--", "sh", "-c", "echo \"[$KUBECACHEDIR]\""]),
    );
    assert_eq!(said, "[]\n");
}

#[test]
fn no_core_file_holds_the_credential() {
    let run = Run::new();
    let file = run.home.write("config", kubeconfig(&[("test", &run.server.cluster(), TOKEN)]));
    let after = |script: &str| {
        let line =
            format!("ulimit -c unlimited; {} exec test --read-only -- sh -c '{script}'", crate::tools::KCX);
        run.home.command("sh", &file).args(["-c", &line]).output().unwrap()
    };
    // kcx itself is killed meanwhile.
    let output = after("kill -ABRT $PPID");
    assert_eq!(
        std::os::unix::process::ExitStatusExt::signal(&output.status).or(output.status.code()),
        Some(134)
    );
    assert!(!complaint(&output).contains("core dumped"), "{}", complaint(&output));
    let files = std::fs::read_dir(run.home.path(".")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(files.into_iter().all(|name| !name.to_string_lossy().starts_with("core")));
}
