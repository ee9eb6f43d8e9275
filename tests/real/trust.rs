//! Foreign entries, on a terminal: everything is shown, one question is asked, and a no changes nothing.

use crate::screen::{Pane, Screen};
use crate::tools::TWO;

const FOREIGN: &str = "\
clusters: [{name: x, cluster: {server: 'https://evil.example'}}]
users: [{name: x, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, interactiveMode: Never}}}]
contexts: [{name: x, context: {cluster: x, user: x}}, {name: x2, context: {cluster: x, user: u}}]
";

/// Runs a command that asks, and gives this answer; returns what was shown before it.
fn ask(pane: &Pane<'_>, command: &str, question: &str, answer: &str) -> String {
    pane.press(&["C-l"]);
    pane.text(&format!("{command}; echo \"left: $?\""));
    pane.press(&["Enter"]);
    let seen = pane.wait_for(question);
    pane.wait_for("[y/N]");
    pane.text(answer);
    seen
}

#[test]
fn an_import_asks_one_question_about_all_of_it() {
    let screen = Screen::new(&[(".kube/config", TWO), ("x.yaml", FOREIGN)]);
    screen.start("bash --norc --noprofile", 200, 20);
    let pane = screen.main();
    pane.wait_for("$");
    let seen = ask(&pane, "kcx import ~/x.yaml", "Import this anyway?", "n");
    assert!(seen.contains("user `x` runs `aws`"), "{seen}");
    assert!(seen.contains("would log in at `https://evil.example` as your user `u`"), "{seen}");
    let seen = pane.wait_for("left: 1");
    assert!(seen.contains("nothing was imported") && !seen.contains("left: 130"), "{seen}");
    assert_eq!(screen.read(".kube/config"), TWO);
    ask(&pane, "kcx import ~/x.yaml", "Import this anyway?", "y");
    pane.wait_for("left: 0");
    assert!(screen.read(".kube/config").contains("evil.example"));
    ask(
        &pane,
        "kcx delete x x2 -q -y; kcx merge -O ~/.kube/config ~/.kube/config ~/x.yaml",
        "Write this anyway?",
        "n",
    );
    pane.wait_for("left: 1");
    assert!(!screen.read(".kube/config").contains("aws"));
}

#[test]
fn a_context_that_was_found_is_asked_about_once() {
    let screen = Screen::new(&[(".kube/config", TWO), (".kube/config.d/x.yaml", FOREIGN)]);
    screen.start("bash --norc --noprofile", 200, 20);
    let pane = screen.main();
    pane.wait_for("$");
    ask(&pane, "kcx use x", "Switch to it anyway?", "n");
    pane.wait_for("left: 1");
    ask(&pane, "kcx use x", "Switch to it anyway?", "y");
    pane.wait_for("left: 0");
    pane.press(&["C-l"]);
    pane.text("kcx use a -q; kcx use x -q; echo \"then: $?\"");
    pane.press(&["Enter"]);
    pane.wait_for("then: 0");
}

#[test]
fn what_another_program_wrote_is_asked_about_by_a_command_that_changes_something() {
    let screen = Screen::new(&[(".kube/config", TWO), (".bashrc", "PS1='$ '\neval \"$(kcx init bash)\"\n")]);
    screen.start("bash --noprofile", 200, 24);
    let pane = screen.main();
    pane.wait_for("$");
    let helper = "--exec-command=/bin/sh --exec-api-version=client.authentication.k8s.io/v1beta1";
    pane.text(&format!("kubectl config set-credentials helper {helper}; kcx get; echo \"got: $?\""));
    pane.press(&["Enter"]);
    let seen = pane.wait_for("got: 0");
    assert!(seen.contains("need your permission") && !seen.contains("[y/N]"), "{seen}");
    assert_eq!(screen.read(".kube/config"), TWO);
    let seen = ask(&pane, "kcx ns x", "Move them to your kubeconfig?", "n");
    assert!(seen.contains("user `helper` runs `/bin/sh`"), "{seen}");
    pane.wait_for("left: 0");
    assert_eq!(screen.read(".kube/config"), TWO);
    // A declined question does not come again.
    pane.press(&["C-l"]);
    pane.text("kcx ns y; echo \"then: $?\"");
    pane.press(&["Enter"]);
    let seen = pane.wait_for("then: 0");
    assert!(!seen.contains("[y/N]") && !seen.contains("permission"), "{seen}");
}
