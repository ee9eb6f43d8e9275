//! Credential plugins, asked by `kcx status` and `kcx whoami`: real programs, run as kubectl runs them.

use crate::api_server::{ApiServer, Setup, User, base64, kubeconfig};
use crate::common::Sandbox;
use std::fs;
use std::os::unix::fs::PermissionsExt;

const V1: &str = "client.authentication.k8s.io/v1";

/// A sandbox with a plugin of this script beside the kubeconfig; `more` is the rest of the exec entry.
fn sandbox(server: &ApiServer, script: &str, more: &str) -> Sandbox {
    let user = format!("{{exec: {{apiVersion: {V1}, command: ./plugin, interactiveMode: Never{more}}}}}");
    let text = kubeconfig(&[("a", &server.cluster(), &user), ("b", &server.cluster(), &user)]);
    let sandbox = Sandbox::with(&text).file(".kube/plugin", &format!("#!/bin/sh\n{script}\n"));
    let plugin = sandbox.path().join(".kube/plugin");
    fs::set_permissions(plugin, fs::Permissions::from_mode(0o755)).unwrap();
    sandbox
}

/// A script that prints a credential with this status, and notes that it ran.
fn prints(status: &str) -> String {
    format!(
        "echo run >>\"${{0%/*}}/runs\"\ncat <<EOF\n{{\"apiVersion\": \"{V1}\", \"kind\": \"ExecCredential\", \"status\": {status}}}\nEOF"
    )
}

fn runs(sandbox: &Sandbox) -> usize {
    fs::read_to_string(sandbox.path().join(".kube/runs")).unwrap_or_default().lines().count()
}

#[test]
fn a_plugin_runs_once_for_all_who_share_it() {
    let server = ApiServer::good();
    let sandbox = sandbox(&server, &prints("{\"token\": \"secret-token\"}"), "");
    let text = sandbox.run("status").0;
    assert!(text.contains("--- exit 0") && text.matches("jane").count() == 2, "{text}");
    assert_eq!(runs(&sandbox), 1);

    let old = prints("{\"token\": \"secret-token\", \"expirationTimestamp\": \"2020-01-01T00:00:00Z\"}");
    let sandbox = self::sandbox(&server, &old, "");
    assert!(sandbox.run("status").0.contains("--- exit 0"));
    assert_eq!(runs(&sandbox), 2);
}

#[test]
fn a_plugin_gets_what_kubectl_gives_it() {
    let server = ApiServer::good();
    let script = format!(
        "printf '%s' \"$KUBERNETES_EXEC_INFO\" >\"${{0%/*}}/info\"\nprintf '%s|%s' \"$1\" \"$GREETING\" >\"${{0%/*}}/seen\"\n{}",
        prints("{\"token\": \"secret-token\"}")
    );
    let more = ", args: ['a b'], env: [{name: GREETING, value: hello}], provideClusterInfo: true";
    let sandbox = sandbox(&server, &script, more);
    let text = sandbox.run("whoami -o name").0;
    assert!(text.starts_with("jane\n--- stderr\n--- exit 0"), "{text}");
    let read = |name: &str| fs::read_to_string(sandbox.path().join(".kube").join(name)).unwrap();
    assert_eq!(read("seen"), "a b|hello");
    let info: serde_json::Value = serde_json::from_str(&read("info")).unwrap();
    assert_eq!(info["apiVersion"], V1);
    assert_eq!(info["spec"]["interactive"], false);
    assert_eq!(info["spec"]["cluster"]["server"], server.url());
    assert_eq!(info["spec"]["cluster"]["certificate-authority-data"], base64(&server.authority.pem()));
}

#[test]
fn a_plugin_may_give_a_certificate() {
    let server = ApiServer::start(Setup { demands_certificate: true, ..Setup::default() });
    let login = server.authority.client("carol", &["ops"], 7);
    let text = |pem: &str| serde_json::Value::from(pem).to_string();
    let status = format!(
        "{{\"clientCertificateData\": {}, \"clientKeyData\": {}}}",
        text(&login.certificate),
        text(&login.key)
    );
    // A backslash is plain in a here-document that is quoted.
    let script = prints(&status).replace("<<EOF", "<<'EOF'");
    let answer = sandbox(&server, &script, "").run("status a").0;
    assert!(answer.contains("7 d  carol"), "{answer}");
}

#[test]
fn plugins_that_fail_are_told_without_what_they_printed() {
    let server = ApiServer::good();
    let said = |script: &str| {
        let text = sandbox(&server, script, "").run("whoami").0;
        assert!(!text.contains("secret-token") && text.contains("--- exit 1"), "{text}");
        text
    };
    let text = said("printf 'first line\\n\\033[31mToken has expired\\n' >&2; echo secret-token; exit 255");
    let line = "`./plugin` failed with exit code 255: first line; \\x1b[31mToken has expired";
    assert!(text.contains(line), "{text}");
    for (script, why) in [
        ("echo secret-token", "its output is not an ExecCredential"),
        ("true", "its output is not an ExecCredential"),
        (
            prints("{\"token\": \"secret-token\"}").replace("/v1", "/v1beta1").as_str(),
            "not an ExecCredential of",
        ),
        (&prints("null"), "its output has no `status`"),
        (&prints("{}"), "neither a token nor a certificate"),
        (
            &prints("{\"clientKeyData\": \"secret-token\"}"),
            "a certificate without a key, or a key without a certificate",
        ),
        (&prints("{\"token\": \"secret-token\", \"expirationTimestamp\": \"soon\"}"), "not an RFC 3339 time"),
    ] {
        let text = said(script);
        assert!(text.contains(why), "{text}");
    }
    let text = said(&prints("{\"token\": \"secret-token\\nx\"}").replace("<<EOF", "<<'EOF'"));
    assert!(text.contains("a token that contains a line break"), "{text}");
}

#[test]
fn plugins_that_are_missing_or_slow_or_want_to_ask_are_told() {
    let server = ApiServer::good();
    let exec = |more: &str| {
        let user = format!("{{exec: {{apiVersion: {V1}, {more}}}}}");
        let mut sandbox = Sandbox::with(&server.kubeconfig(&user));
        sandbox.env.path = std::env::var_os("PATH");
        sandbox.run("whoami --timeout 300ms").0
    };
    let text = exec("command: kcx-no-such-plugin, installHint: \"get it\\x1b[2J\", interactiveMode: Never");
    assert!(
        text.contains("its credential plugin `kcx-no-such-plugin` is not installed\nhint: get it\\x1b[2J\n"),
        "{text}"
    );
    let text = exec("command: sh, args: [-c, 'exec tail -f /dev/null'], interactiveMode: Never");
    assert!(text.contains("timed out after 300 ms: its credential plugin is still running"), "{text}");
    let text = exec("command: sh, interactiveMode: Always");
    assert!(text.contains("`sh` must prompt you, and there is no terminal"), "{text}");
}

#[test]
fn what_is_written_down_counts_before_a_plugin() {
    let setup = Setup { passwords: vec![("bob".into(), "word".into())], ..Setup::default() };
    let server = ApiServer::start(Setup {
        tokens: vec![("secret-token".to_owned(), User::new("jane", &[]))],
        ..setup
    });
    for (user, who) in [("token: secret-token", "jane"), ("username: bob, password: word", "bob")] {
        let user = format!(
            "{{{user}, exec: {{apiVersion: {V1}, interactiveMode: Never, command: kcx-no-such-plugin}}}}"
        );
        let text = Sandbox::with(&server.kubeconfig(&user)).run("whoami -o name").0;
        assert!(text.starts_with(&format!("{who}\n")), "{text}");
    }
}
