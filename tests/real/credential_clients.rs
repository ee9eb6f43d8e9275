//! Sealed credentials with real clients: kubectl, kube-rs, and the Python and JavaScript clients, each with its own
//! plugin code, and a TLS server that expects the right credential.

use crate::api_server::{ApiServer, Setup, User, base64};
use crate::keychain::Desktop;
use crate::tools::{KCX, KCX_CREDENTIAL, complaint, fine, js_client, kubectl, python_client, which};
use serde_json::{Value, json};
use std::fs;
use std::process::Output;

/// The kubeconfig that kube-rs is to ask with, in the role below.
const FILE: &str = "KCX_TEST_KUBE_RS";
/// What stands before its answer.
const ANSWER: &str = "the server says: ";

/// Asks the server who it is: kube-rs with nothing but a kubeconfig.
#[test]
fn child_kube_rs() {
    let Some(file) = std::env::var_os(FILE) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer: Value = runtime.block_on(async {
        let kubeconfig = kube::config::Kubeconfig::read_from(file).unwrap();
        let options = kube::config::KubeConfigOptions::default();
        let config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await.unwrap();
        let client = kube::Client::try_from(config).unwrap();
        let api = "authentication.k8s.io/v1";
        let review = json!({"kind": "SelfSubjectReview", "apiVersion": api, "metadata": {}});
        let request = http::Request::post(format!("/apis/{api}/selfsubjectreviews"))
            .header("content-type", "application/json")
            .body(review.to_string().into_bytes());
        client.request(request.unwrap()).await.unwrap()
    });
    println!("{ANSWER}{}", answer["status"]["userInfo"]["username"].as_str().unwrap());
}

const PYTHON: &str = "\
import sys
from kubernetes import client, config
config.load_kube_config(sys.argv[1])
what = {'api_version': 'authentication.k8s.io/v1', 'kind': 'SelfSubjectReview'}
review = client.AuthenticationV1Api().create_self_subject_review(client.V1SelfSubjectReview(**what))
print(sys.argv[2] + review.status.user_info.username)
";

const JS: &str = "\
const { KubeConfig, AuthenticationV1Api } = await import(process.argv[2] + '/@kubernetes/client-node/dist/index.js');
const config = new KubeConfig();
config.loadFromFile(process.argv[3]);
const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
const review = await config.makeApiClient(AuthenticationV1Api).createSelfSubjectReview({ body });
console.log(process.argv[4] + review.status.userInfo.username);
";

/// The clients that pass the cluster to a plugin.
const SAYING: [&str; 3] = ["kubectl", "kube-rs", "python"];

/// The output of a client that finds `kcx-credential` by its bare name.
fn ask(desktop: &Desktop, client: &str) -> Output {
    let path = format!("{}:{}", desktop.home.path("bin").display(), std::env::var("PATH").unwrap());
    let config = desktop.config();
    let mut command = match client {
        "kubectl" => {
            let mut command = desktop.command(&kubectl());
            let wanted = format!("jsonpath={ANSWER}{{.status.userInfo.username}}{{'\\n'}}");
            command.args(["auth", "whoami", "-o", &wanted]);
            command
        }
        "kube-rs" => {
            let mut command = desktop.command(std::env::current_exe().unwrap().to_str().unwrap());
            command.env(FILE, &config);
            command.args(["--exact", "credential_clients::child_kube_rs", "--nocapture"]);
            command
        }
        "python" => {
            let mut command = desktop.command(&which("python3"));
            command.env("PYTHONPATH", python_client()).arg("-c").arg(PYTHON).arg(&config).arg(ANSWER);
            command
        }
        _ => {
            let mut command = desktop.command(&which("node"));
            let script = desktop.home.write("ask.mjs", JS);
            let modules = format!("{}/node_modules", js_client());
            command.arg(script).arg(modules).arg(&config).arg(ANSWER);
            command
        }
    };
    command.env("PATH", &path).output().unwrap()
}

#[track_caller]
fn says(desktop: &Desktop, client: &str, name: &str) {
    let output = ask(desktop, client);
    let said = fine(&output);
    let answer = said.lines().find_map(|line| line.split_once(ANSWER)).map(|(_, name)| name);
    assert_eq!(answer, Some(name), "{client}: {said}{}", complaint(&output));
}

/// Asserts that it fails and shows kcx's message.
#[track_caller]
fn refused(desktop: &Desktop, client: &str, wanted: &[&str]) {
    let output = ask(desktop, client);
    let said = complaint(&output);
    assert!(!output.status.success(), "{client}");
    for wanted in wanted {
        assert!(said.contains(wanted), "{client} does not say `{wanted}` but: {said}");
    }
}

#[track_caller]
fn works(desktop: &Desktop, name: &str) {
    SAYING.iter().for_each(|client| says(desktop, client, name));
}

#[track_caller]
fn fails(desktop: &Desktop, wanted: &[&str]) {
    SAYING.iter().for_each(|client| refused(desktop, client, wanted));
}

/// A desktop on which `kcx-credential` is found by its bare name.
fn desktop(passphrase: &str) -> Desktop {
    let desktop = Desktop::with_passphrase(passphrase);
    fs::create_dir(desktop.home.path("bin")).unwrap();
    std::os::unix::fs::symlink(KCX_CREDENTIAL, desktop.home.path("bin/kcx-credential")).unwrap();
    desktop
}

/// A user's whole life: in plain text, sealed, locked, unlocked, unsealed, sealed again, lost, and kept anew.
fn lives(server: &ApiServer, user: &str, name: &str, command: &str, secrets: &[&str], anew: &[(&str, &str)]) {
    let mut desktop = desktop("horse");
    let plain = server.kubeconfig(user);
    fs::write(desktop.config(), &plain).unwrap();
    let seal = ["credential", "seal", "--all", "--command", command];
    works(&desktop, name);

    fine(&desktop.kcx(&seal));
    let sealed = fs::read_to_string(desktop.config()).unwrap();
    assert!(secrets.iter().all(|secret| plain.contains(secret) && !sealed.contains(secret)), "{sealed}");
    assert!(sealed.contains(&format!("command: {command}")), "{sealed}");
    works(&desktop, name);

    desktop.log_in();
    fails(&desktop, &["the keychain is locked", "unlock it"]);
    desktop.log_out();
    fails(&desktop, &["no keychain is available", "a Secret Service must run in this session"]);
    // The locked one, which the bus has started, would stand in the way.
    desktop.log_in();
    desktop.unlock("horse");
    works(&desktop, name);

    fine(&desktop.kcx(&["credential", "unseal", "--all"]));
    assert_eq!(fs::read_to_string(desktop.config()).unwrap(), plain);
    works(&desktop, name);

    fine(&desktop.kcx(&seal));
    fine(&desktop.command("secret-tool").args(["clear", "service", "kcx"]).output().unwrap());
    fails(&desktop, &["is no longer in the keychain", "kcx credential set"]);
    for (part, secret) in anew {
        fine(&desktop.kcx_reads(&["credential", "set", "u-test", "--part", part], secret.as_bytes()));
    }
    works(&desktop, name);
}

#[test]
fn a_token_is_the_right_one_before_the_server() {
    const TOKEN: &str = "tok-3f1d8c0e6b5a49d2";
    let tokens = vec![(TOKEN.to_owned(), User::new("jane", &["developers"]))];
    let server = ApiServer::start(Setup { tokens, ..Setup::default() });
    let wrong = desktop("");
    fs::write(wrong.config(), server.kubeconfig("{token: tok-of-another}")).unwrap();
    fails(&wrong, &["nauthorized"]);
    lives(&server, &format!("{{token: {TOKEN}}}"), "jane", "kcx-credential", &[TOKEN], &[("token", TOKEN)]);
    let bearer = format!("Bearer {TOKEN}");
    assert!(server.seen().iter().any(|seen| seen.header("authorization") == Some(&bearer)));
}

#[test]
fn a_certificate_is_the_right_one_before_the_server() {
    let server = ApiServer::start(Setup { demands_certificate: true, ..Setup::default() });
    let login = server.authority.client("carol", &["ops"], 30);
    let (certificate, key) = (base64(&login.certificate), base64(&login.key));
    let user = format!("{{client-certificate-data: {certificate}, client-key-data: {key}}}");
    let anew = [("certificate", login.certificate.as_str()), ("key", login.key.as_str())];
    lives(&server, &user, "carol", KCX_CREDENTIAL, &[&certificate, &key], &anew);
    // No other way leads in.
    assert!(server.seen().iter().all(|seen| seen.header("authorization").is_none()));
}

/// With each client that passes the cluster, the bound cluster gets the credential, however its authority is written,
/// and another server gets nothing.
#[test]
fn every_client_is_held_to_the_cluster_it_was_sealed_for() {
    const TOKEN: &str = "tok-90a1c53d77fe4b02";
    let tokens = vec![(TOKEN.to_owned(), User::new("jane", &[]))];
    let setup = Setup { tokens, ..Setup::default() };
    let (server, evil) = (ApiServer::start(setup.clone()), ApiServer::start(setup));
    let desktop = desktop("");
    fs::write(desktop.config(), server.kubeconfig(&format!("{{token: {TOKEN}}}"))).unwrap();
    fine(&desktop.kcx(&["credential", "seal", "--all", "--command", "kcx-credential"]));
    let sealed = fs::read_to_string(desktop.config()).unwrap();
    works(&desktop, "jane");

    let data = format!("certificate-authority-data: {}", base64(&server.authority.pem()));
    fs::write(desktop.home.path(".kube/ca.crt"), server.authority.pem()).unwrap();
    assert!(sealed.contains(&data), "{sealed}");
    fs::write(desktop.config(), sealed.replace(&data, "certificate-authority: ca.crt")).unwrap();
    works(&desktop, "jane");

    let foreign = sealed.replace(&server.url(), &evil.url()).replace(&data, "insecure-skip-tls-verify: true");
    fs::write(desktop.config(), foreign).unwrap();
    fails(&desktop, &[&server.url(), &evil.url(), "`kcx credential seal u-test`"]);
    fs::write(desktop.config(), sealed.replace(&data, "insecure-skip-tls-verify: true")).unwrap();
    fails(&desktop, &["no check of the server's certificate"]);
    assert!(evil.seen().iter().all(|seen| seen.header("authorization").is_none()));
}

/// The JavaScript client passes nothing to a plugin. If an entry set the variable, it would be believed: so this client
/// needs `--any-cluster`, which is never the default.
#[test]
fn the_javascript_client_says_no_cluster_and_gets_what_is_for_every_cluster() {
    const TOKEN: &str = "tok-1b6e0f2a9d3c4478";
    let tokens = vec![(TOKEN.to_owned(), User::new("jane", &[]))];
    let server = ApiServer::start(Setup { tokens, ..Setup::default() });
    let desktop = desktop("");
    fs::write(desktop.config(), server.kubeconfig(&format!("{{token: {TOKEN}}}"))).unwrap();
    says(&desktop, "javascript", "jane");
    fine(&desktop.kcx(&["credential", "seal", "--all", "--command", "kcx-credential"]));
    refused(
        &desktop,
        "javascript",
        &["does not say which cluster", "`kcx credential seal u-test --any-cluster`"],
    );
    fine(&desktop.kcx(&["credential", "seal", "u-test", "--any-cluster"]));
    says(&desktop, "javascript", "jane");
    works(&desktop, "jane");
}

/// Entries of version 0.1.0 run `kcx` itself.
#[test]
fn an_entry_of_version_0_1_0_goes_on_working() {
    const TOKEN: &str = "tok-6a2f4e8c01b7d593";
    let tokens = vec![(TOKEN.to_owned(), User::new("jane", &[]))];
    let server = ApiServer::start(Setup { tokens, ..Setup::default() });
    let desktop = desktop("");
    fs::write(desktop.config(), server.kubeconfig(&format!("{{token: {TOKEN}}}"))).unwrap();
    fine(&desktop.kcx(&["credential", "seal", "--all", "--any-cluster", "--command", "kcx-credential"]));
    std::os::unix::fs::symlink(KCX, desktop.home.path("bin/kcx")).unwrap();
    let sealed = fs::read_to_string(desktop.config()).unwrap();
    let old = sealed
        .replace("command: kcx-credential", "command: kcx")
        .replace("provideClusterInfo: true", "provideClusterInfo: false");
    let old =
        old.replacen("exec,", "credential, exec,", 1).replacen("- exec\n", "- credential\n      - exec\n", 1);
    fs::write(desktop.config(), &old).unwrap();
    assert!(old.contains("command: kcx\n") || old.contains("command: kcx,"), "{old}");
    works(&desktop, "jane");
    // As a plugin, kcx does nothing else.
    fs::write(
        desktop.config(),
        old.replace("credential, exec,", "exec, test, --, touch,")
            .replace("- credential\n      - exec\n", "- exec\n      - test\n      - --\n      - touch\n"),
    )
    .unwrap();
    fails(&desktop, &["KUBERNETES_EXEC_INFO is set"]);
}
