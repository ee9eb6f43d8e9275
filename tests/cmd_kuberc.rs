//! kubectl's preferences decide which credential plugins kcx starts. `tests/real` compares that with kubectl itself.

use crate::api_server::{ApiServer, kubeconfig};
use crate::common::Sandbox;
use std::fs;
use std::os::unix::fs::PermissionsExt;

const V1: &str = "client.authentication.k8s.io/v1";
const HEAD: &str = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n";

/// Every command that can start a plugin.
const COMMANDS: [&str; 6] = [
    "status",
    "whoami",
    "get namespaces",
    "ns dev --check",
    "exec a --read-only -- true",
    "exec * --read-only -- true",
];

/// A sandbox with this kuberc and a plugin that records its run.
fn sandbox(server: &ApiServer, kuberc: &str) -> Sandbox {
    let user = format!("{{exec: {{apiVersion: {V1}, command: ./plug, interactiveMode: Never}}}}");
    let script = format!(
        "#!/bin/sh\necho run >>\"${{0%/*}}/runs\"\n\
         echo '{{\"apiVersion\": \"{V1}\", \"kind\": \"ExecCredential\", \"status\": {{\"token\": \"secret-token\"}}}}'\n"
    );
    let text = kubeconfig(&[("a", &server.cluster(), &user)]);
    let mut sandbox = Sandbox::with(&text).file(".kube/plug", &script).file(".kube/kuberc", kuberc);
    fs::set_permissions(sandbox.path().join(".kube/plug"), fs::Permissions::from_mode(0o755)).unwrap();
    sandbox.env.kuberc = None;
    sandbox.env.path = std::env::var_os("PATH");
    sandbox
}

fn ran(sandbox: &Sandbox) -> bool {
    fs::remove_file(sandbox.path().join(".kube/runs")).is_ok()
}

/// The output of a command.
fn said(sandbox: &Sandbox, command: &str) -> String {
    sandbox.run(command).0
}

#[test]
fn a_plugin_that_kuberc_forbids_is_started_by_no_command() {
    let server = ApiServer::good();
    let forbid = sandbox(&server, &format!("{HEAD}credentialPluginPolicy: DenyAll\n"));
    for command in COMMANDS {
        let said = said(&forbid, command);
        assert!(!ran(&forbid), "{command}");
        assert!(
            said.contains("@DIR@/.kube/plug\" not allowed: policy set to \"DenyAll\""),
            "{command}: {said}"
        );
        assert!(said.contains("--- exit 1\n"), "{command}: {said}");
    }
    let allow = sandbox(&server, HEAD);
    for command in COMMANDS {
        let said = said(&allow, command);
        assert!(ran(&allow), "{command}: {said}");
    }
}

#[test]
fn a_policy_that_kubectl_refuses_stops_every_plugin() {
    let server = ApiServer::good();
    let list = "credentialPluginAllowlist: [{command: plug}]\n";
    for (body, why) in [
        ("credentialPluginPolicy: Bogus\n".to_owned(), "unknown plugin policy: \"Bogus\""),
        ("credentialPluginPolicy: Allowlist\n".to_owned(), "but allowlist is unspecified"),
        (list.to_owned(), "plugin policy is \"\" but allowlist is non-nil"),
        ("aliases: [{name: 'q1', command: get}]\n".to_owned(), "invalid alias name"),
    ] {
        let sandbox = sandbox(&server, &format!("{HEAD}{body}"));
        let said = said(&sandbox, "whoami");
        assert!(!ran(&sandbox) && said.contains(why), "{said}");
        assert!(said.contains("every kubectl command fails with `@DIR@/.kube/kuberc`"), "{said}");
    }
}

#[test]
fn preferences_that_are_switched_off_forbid_nothing() {
    let server = ApiServer::good();
    let mut sandbox = sandbox(&server, &format!("{HEAD}credentialPluginPolicy: DenyAll\n"));
    sandbox.env.kuberc_disabled = true;
    said(&sandbox, "status");
    assert!(ran(&sandbox));
    sandbox.env.kuberc_disabled = false;
    sandbox.env.kuberc = Some("off".into());
    said(&sandbox, "status");
    assert!(ran(&sandbox));
    // `KUBERC` names a missing file: kubectl refuses to run.
    sandbox.env.kuberc = Some("absent".into());
    let text = said(&sandbox, "status");
    assert!(!ran(&sandbox) && text.contains("open absent: no such file or directory"), "{text}");
}

#[test]
fn a_user_without_a_plugin_is_asked_for_no_preferences() {
    let server = ApiServer::good();
    let text = kubeconfig(&[("a", &server.cluster(), "{token: secret-token}")]);
    let mut sandbox =
        Sandbox::with(&text).file(".kube/kuberc", &format!("{HEAD}credentialPluginPolicy: Bogus\n"));
    sandbox.env.kuberc = None;
    assert!(said(&sandbox, "whoami -o name").starts_with("jane\n"));
}

#[test]
fn a_program_in_a_folder_named_from_the_working_one_is_not_started() {
    let server = ApiServer::good();
    let user = format!("{{exec: {{apiVersion: {V1}, command: plug, interactiveMode: Never}}}}");
    let mut found =
        sandbox(&server, HEAD).file(".kube/config", &kubeconfig(&[("a", &server.cluster(), &user)]));
    found.env.path = Some(".kube".into());
    assert!(said(&found, "status").contains("`plug` is not installed"));
    assert!(!ran(&found));
    found.env.path = Some(found.path().join(".kube").into());
    said(&found, "status");
    assert!(ran(&found));
}

#[test]
fn kcx_config_obeys_the_switch_of_kubectls_feature() {
    let output = "defaults: [{command: config view, options: [{name: output, default: json}]}]\n";
    let mut sandbox = Sandbox::with("current-context: a\n").file(".kube/kuberc", &format!("{HEAD}{output}"));
    sandbox.env.kuberc = None;
    assert!(said(&sandbox, "config view").starts_with("{\n"));
    sandbox.env.kuberc_disabled = true;
    assert!(said(&sandbox, "config view").starts_with("apiVersion: v1\n"));
    // A broken kuberc is not mentioned either, and the flag does not exist.
    let broken = sandbox.file(".kube/kuberc", "[");
    assert!(said(&broken, "config current-context").starts_with("a\n--- stderr\n--- exit 0\n"));
    for line in ["config view --kuberc x", "--kuberc=x config view"] {
        let text = said(&broken, line);
        assert!(text.contains("error: unknown flag: --kuberc\n") && text.contains("--- exit 1\n"), "{text}");
    }
}
