//! Short-lived credentials with the real kubectl, on a terminal, and interrupted.

use crate::api_server::{AccountSetup, ApiServer, Behaviour, Setup};
use crate::screen::{Screen, wait_until};
use crate::tools::{Home, KCX, complaint, fine};
use rustix::process::{Pid, Signal, kill_process};
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::Duration;

const TOKEN: &str = "{token: secret-token}";
const VIEWER: [&str; 6] =
    ["export", "test", "--as-service-account", "shop/viewer", "--create-viewer", "--yes"];

fn setup() -> Setup {
    Setup { accounts: Some(AccountSetup::default()), ..Setup::default() }
}

#[test]
fn kubectl_reads_with_the_exported_file_until_the_account_is_revoked() {
    let server = ApiServer::start(setup());
    let home = Home::new();
    let own = home.write("config", server.kubeconfig(TOKEN));
    let file = home.path("viewer.yaml");
    let out = ["-O", file.to_str().unwrap()];
    fine(&home.kcx(&own, &[VIEWER.as_slice(), &out].concat()));
    let who = fine(&home.kubectl(&file, &["auth", "whoami"]));
    assert!(who.contains("system:serviceaccount:shop:viewer"), "{who}");
    let pods = fine(&home.kubectl(&file, &["get", "pods", "-o", "name"]));
    assert_eq!(pods, "pod/one\n");
    for refused in [
        ["get", "secrets", "-n", "shop"].as_slice(),
        &["get", "pods", "-n", "web"],
        &["delete", "pod", "one", "-n", "shop"],
        &["create", "configmap", "x", "-n", "shop"],
    ] {
        let said = complaint(&home.kubectl(&file, refused));
        assert!(said.contains("system:serviceaccount:shop:viewer") && said.contains("forbidden"), "{said}");
    }
    let revoke = ["export", "test", "--as-service-account", "shop/viewer", "--revoke", "-y"];
    fine(&home.kcx(&own, &revoke));
    let said = complaint(&home.kubectl(&file, &["get", "pods"]));
    assert!(said.contains("You must be logged in to the server"), "{said}");
}

#[test]
fn kubectl_is_refused_after_the_end_of_the_token() {
    let server = ApiServer::start(setup());
    let home = Home::new();
    let own = home.write("config", server.kubeconfig(TOKEN));
    let file = home.path("viewer.yaml");
    let out = ["--duration", "10m", "-O", file.to_str().unwrap()];
    fine(&home.kcx(&own, &[VIEWER.as_slice(), &out].concat()));
    fine(&home.kubectl(&file, &["get", "pods"]));
    server.later(Duration::from_secs(601));
    let said = complaint(&home.kubectl(&file, &["get", "pods"]));
    assert!(said.contains("You must be logged in to the server"), "{said}");
}

#[test]
fn a_terminal_is_asked_before_an_account_is_created_or_deleted() {
    let server = ApiServer::start(setup());
    let screen = Screen::new(&[(".kube/config", &server.kubeconfig(TOKEN))]);
    screen.start("bash --norc --noprofile", 100, 20);
    let pane = screen.main();
    pane.wait_for("$");
    let ask = |flags: &str, question: &str, answer: &str, code: &str| {
        pane.press(&["C-l"]);
        pane.text(&format!("kcx export --as-service-account shop/v {flags}; echo \"left: $?\""));
        pane.press(&["Enter"]);
        pane.wait_for(question);
        pane.press(&[answer]);
        pane.wait_for(&format!("left: {code}"))
    };
    let create = "--create-viewer -O v.yaml";
    let question = "Create them in the cluster of context `test`?";
    let seen = ask(create, question, "n", "1");
    assert!(
        seen.contains("would create service account `shop/v`") && seen.contains("nothing was created"),
        "{seen}"
    );
    pane.press(&["C-l"]);
    pane.text(&format!("kcx export --as-service-account shop/v {create}"));
    pane.press(&["Enter"]);
    pane.wait_for(question);
    pane.press(&["C-c"]);
    pane.text("echo \"left: $?\"");
    pane.press(&["Enter"]);
    pane.wait_for("left: 130");
    assert!(server.objects().is_empty() && !screen.path("v.yaml").exists());
    ask(create, question, "y", "0");
    assert!(screen.read("v.yaml").contains("name: shop/v@c-test"));
    ask("--revoke", "Delete them in the cluster of context `test`?", "n", "1");
    assert_eq!(server.objects().len(), 2);
    ask("--revoke", "Delete them in the cluster of context `test`?", "y", "0");
    assert!(server.objects().is_empty());
}

#[test]
fn ctrl_c_while_the_cluster_is_silent_leaves_no_file() {
    let token = "/api/v1/namespaces/shop/serviceaccounts/viewer/token";
    let server = ApiServer::start(setup().with(token, Behaviour::Silent));
    let home = Home::new();
    let own = home.write("config", server.kubeconfig(TOKEN));
    let file = home.path("viewer.yaml");
    let out = ["--timeout", "10m", "-O", file.to_str().unwrap()];
    let mut command = home.command(KCX, &own);
    command.args([VIEWER.as_slice(), &out].concat());
    let mut child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    assert!(wait_until(|| server.lines().iter().any(|line| line.contains(token))), "no token is requested");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let status = child.wait().unwrap();
    assert!(status.signal() == Some(2) || status.code() == Some(130), "{status:?}");
    assert!(!file.exists());
    // The account is there, and the same command goes on.
    assert_eq!(server.objects().len(), 2);
}
