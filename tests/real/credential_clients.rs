//! Sealed credentials as others meet them: the real kubectl and kube-rs, each by its own code for plugins, before a TLS
//! server that wants the right credential.

use crate::api_server::{ApiServer, Setup, User, base64};
use crate::keychain::Desktop;
use crate::tools::{KCX, complaint, fine, kubectl};
use serde_json::{Value, json};
use std::fs;
use std::process::{Command, Output};

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

/// Those who ask, each with what it says to it.
fn ask(desktop: &Desktop) -> [(&'static str, Output); 2] {
    // By its bare name, kcx is found here.
    let path = format!("{}:{}", desktop.home.path("bin").display(), std::env::var("PATH").unwrap());
    let in_path = |mut command: Command| command.env("PATH", &path).output().unwrap();
    let mut ours = desktop.command(std::env::current_exe().unwrap().to_str().unwrap());
    ours.env(FILE, desktop.config());
    ours.args(["--exact", "credential_clients::child_kube_rs", "--nocapture"]);
    let mut theirs = desktop.command(&kubectl());
    theirs.args([
        "auth",
        "whoami",
        "-o",
        &format!("jsonpath={ANSWER}{{.status.userInfo.username}}{{'\\n'}}"),
    ]);
    [("kubectl", in_path(theirs)), ("kube-rs", in_path(ours))]
}

#[track_caller]
fn works(desktop: &Desktop, name: &str) {
    for (client, output) in ask(desktop) {
        let said = fine(&output);
        let answer = said.lines().find_map(|line| line.split_once(ANSWER)).map(|(_, name)| name);
        assert_eq!(answer, Some(name), "{client}: {said}{}", complaint(&output));
    }
}

/// Both show what kcx says.
#[track_caller]
fn fails(desktop: &Desktop, wanted: &[&str]) {
    for (client, output) in ask(desktop) {
        let said = complaint(&output);
        assert!(!output.status.success(), "{client}");
        for wanted in wanted {
            assert!(said.contains(wanted), "{client} does not say `{wanted}` but: {said}");
        }
    }
}

/// A user's whole life: in plain text, sealed, locked, unlocked, unsealed, sealed again, lost, and kept anew.
fn lives(server: &ApiServer, user: &str, name: &str, command: &str, secrets: &[&str], anew: &[(&str, &str)]) {
    let mut desktop = Desktop::with_passphrase("horse");
    fs::create_dir(desktop.home.path("bin")).unwrap();
    std::os::unix::fs::symlink(KCX, desktop.home.path("bin/kcx")).unwrap();
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
    fails(&desktop, &["there is no keychain", "a Secret Service must run in this session"]);
    // The locked one, which the bus has started, would stand in the way.
    desktop.log_in();
    desktop.unlock("horse");
    works(&desktop, name);

    fine(&desktop.kcx(&["credential", "unseal", "--all"]));
    assert_eq!(fs::read_to_string(desktop.config()).unwrap(), plain);
    works(&desktop, name);

    fine(&desktop.kcx(&seal));
    fine(&desktop.command("secret-tool").args(["clear", "service", "kcx"]).output().unwrap());
    fails(&desktop, &["is not in the keychain any more", "kcx credential set"]);
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
    let wrong = Desktop::new();
    fs::write(wrong.config(), server.kubeconfig("{token: tok-of-another}")).unwrap();
    fails(&wrong, &["nauthorized"]);
    lives(&server, &format!("{{token: {TOKEN}}}"), "jane", "kcx", &[TOKEN], &[("token", TOKEN)]);
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
    lives(&server, &user, "carol", KCX, &[&certificate, &key], &anew);
    // No other way leads in.
    assert!(server.seen().iter().all(|seen| seen.header("authorization").is_none()));
}
