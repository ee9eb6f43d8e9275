//! The picker as a person sees it.

use crate::screen::{Pane, Screen, wait_until};

const CONFIG: &str = r#"apiVersion: v1
kind: Config
clusters:
- cluster: {server: "https://dev.example"}
  name: c-dev
- cluster: {server: "https://prod.example"}
  name: c-prod
contexts:
- context: {cluster: c-dev, user: u-dev}
  name: dev
- context: {cluster: c-prod, user: u-prod, namespace: web}
  name: prod-eu1
- context: {cluster: c-prod, user: u-prod, namespace: shop}
  name: prod-us1
- context: {cluster: c-dev, user: u-dev}
  name: "evil\e[2J\u202E 日本 עברית"
current-context: dev
users:
- name: u-dev
  user: {token: s3cr3t}
- name: u-prod
  user:
    exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, interactiveMode: Never}
"#;

fn shell(files: &[(&str, &str)], columns: u16, rows: u16) -> Screen {
    let screen = Screen::new(files);
    screen.start("bash --norc --noprofile", columns, rows);
    screen.main().wait_for("$");
    screen
}

/// The picker is open, and has drawn this count.
fn opened(pane: &Pane<'_>, count: &str) -> String {
    pane.wait(count, |seen| seen.lines().next().is_some_and(|line| line.ends_with(count)))
}

fn open(pane: &Pane<'_>, command: &str, count: &str) -> String {
    pane.press(&["C-l"]);
    pane.text(command);
    pane.press(&["Enter"]);
    opened(pane, count)
}

#[test]
fn a_few_letters_and_enter_switch() {
    let screen = shell(&[(".kube/config", CONFIG)], 50, 14);
    let pane = screen.main();
    let seen = open(&pane, "kcx", "4/4");
    assert_eq!(
        seen,
        format!(
            "context>{}4/4\n> evil\\x1b[2J\\u202e 日本 עברית\n *dev\n  prod-eu1\n  prod-us1\n\n\n\n\n\n{}\n  server  https://dev.example\n  user    u-dev (token)\n  file    {}\n",
            " ".repeat(39),
            "─".repeat(50),
            screen.path(".kube/config").display()
        )
    );
    pane.text("peu");
    let seen = opened(&pane, "1/4");
    assert!(seen.contains("> prod-eu1") && seen.contains("user       u-prod (exec aws)"), "{seen}");
    assert!(seen.contains("server     https://prod.example") && seen.contains("namespace  web"), "{seen}");
    pane.press(&["Enter"]);
    pane.wait_for("switched to context `prod-eu1`, namespace `web`");
    assert!(screen.read(".kube/config").contains("current-context: prod-eu1"));
    // What was used last is offered first; what is current is marked, and comes second.
    let seen = open(&pane, "kcx use", "4/4");
    assert!(seen.contains("\n *prod-eu1\n"), "{seen}");
    pane.press(&["Escape"]);
    // A letter that follows too soon makes another key of it.
    pane.wait("the first screen", |seen| !seen.contains("4/4"));
    assert!(pane.run("echo code $?").contains("code 130"));
}

#[test]
fn leaving_leaves_the_terminal_as_it_was() {
    let screen = shell(&[(".kube/config", CONFIG)], 60, 12);
    let pane = screen.main();
    let before = pane.run("stty -a | cksum");
    let keys: [&[&str]; 4] = [&["Escape"], &["C-c"], &["C-g"], &["p", "C-c"]];
    for keys in keys {
        open(&pane, "echo before; kcx", "4/4");
        pane.press(keys);
        pane.wait("the first screen", |seen| seen.contains("before\n") && !seen.contains("4/4"));
        assert!(pane.run("echo code $?").contains("code 130"), "{keys:?}");
        assert_eq!(pane.run("stty -a | cksum"), before, "{keys:?}");
    }
    // A signal ends it, too, and the shell says which.
    open(&pane, "echo $$ >pid; kcx", "4/4");
    let kcx = std::process::Command::new("pkill")
        .args(["-TERM", "-P", screen.read("pid").trim(), "kcx"])
        .status()
        .unwrap();
    assert!(kcx.success());
    pane.wait("the first screen", |seen| !seen.contains("4/4"));
    assert!(pane.run("echo code $?").contains("code 143"));
    assert_eq!(pane.run("stty -a | cksum"), before);
    assert!(screen.read(".kube/config").contains("current-context: dev"));
}

#[test]
fn ends_with_its_terminal() {
    // A terminal that goes away sends a signal; where that is ignored, as below `nohup`, keys end for ever.
    for before in ["", "trap '' HUP; "] {
        let screen = shell(&[(".kube/config", CONFIG)], 60, 12);
        open(&screen.main(), &format!("{before}sh -c 'echo $$ >pid; exec kcx'"), "4/4");
        let pid = screen.read("pid").trim().to_owned();
        let alive = || std::path::Path::new("/proc").join(&pid).exists();
        assert!(alive());
        screen.hang_up();
        assert!(wait_until(|| !alive()), "{before}kcx still runs as {pid}");
    }
}

#[test]
fn the_preview_tells_no_password() {
    let config = CONFIG.replace("https://dev.example", "https://me:s3cr3t@dev.example/a@b");
    let screen = shell(&[(".kube/config", &config)], 60, 14);
    let seen = open(&screen.main(), "kcx", "4/4");
    assert!(seen.contains("server  https://dev.example/a@b") && !seen.contains("s3cr3t"), "{seen}");
}

#[test]
fn follows_the_size_of_the_terminal() {
    let screen = shell(&[(".kube/config", CONFIG)], 60, 14);
    let pane = screen.main();
    open(&pane, "kcx", "4/4");
    screen.resize(20, 5);
    pane.wait("a small frame", |seen| seen.starts_with("context>         4/4\n") && !seen.contains("server"));
    screen.resize(80, 20);
    let seen = pane.wait("a large frame", |seen| seen.lines().next().is_some_and(|line| line.len() == 80));
    assert!(seen.contains("server  https://dev.example"), "{seen}");
    screen.resize(3, 1);
    pane.wait("the smallest frame", |seen| seen.trim_end() == "con");
    pane.press(&["Escape"]);
    pane.wait("the first screen", |seen| seen.trim_end() != "con");
    screen.resize(60, 14);
    assert!(pane.run("echo code $?").contains("code 130"));
}

#[test]
fn a_namespace_is_picked_or_typed() {
    let screen = shell(
        &[(".kube/config", &CONFIG.replace("current-context: dev", "current-context: prod-eu1"))],
        60,
        12,
    );
    let pane = screen.main();
    let seen = open(&pane, "kcx ns", "3/3");
    assert!(seen.contains("> shop\n *web\n  default\n"), "{seen}");
    pane.press(&["Enter"]);
    pane.wait_for("switched to namespace `shop` in context `prod-eu1`");
    open(&pane, "kcx ns", "3/3");
    pane.text("brand-new");
    opened(&pane, "0/3");
    pane.press(&["Enter"]);
    pane.wait_for("switched to namespace `brand-new` in context `prod-eu1`");
}

#[test]
fn ten_thousand_contexts_are_a_list_as_any_other() {
    let mut text =
        "apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    server: https://s\n  name: c\ncontexts:\n"
            .to_owned();
    for at in 0..10_000 {
        text += &format!(
            "- context:\n    cluster: c\n    user: u\n  name: team-{:02}-cluster-{at:05}\n",
            at % 97
        );
    }
    text += "current-context: team-00-cluster-00000\nusers:\n- name: u\n  user:\n    token: t\n";
    let screen = shell(&[(".kube/config", &text)], 60, 12);
    let pane = screen.main();
    open(&pane, "kcx", "10000/10000");
    pane.text("08765");
    pane.wait_for("> team-35-cluster-08765");
    pane.press(&["Enter"]);
    pane.wait_for("switched to context `team-35-cluster-08765`");
}

#[test]
fn fzf_is_used_where_the_user_says_so() {
    let screen = shell(&[(".kube/config", CONFIG)], 60, 14);
    let pane = screen.main();
    pane.run("export KCX_PICKER=fzf");
    pane.text("kcx");
    pane.press(&["Enter"]);
    let seen = pane.wait_for("4/4");
    assert!(seen.contains("evil\\x1b[2J\\u202e") && seen.contains("context>"), "{seen}");
    pane.text("prod-us1");
    pane.wait_for("1/4");
    pane.press(&["Enter"]);
    pane.wait_for("switched to context `prod-us1`, namespace `shop`");
    pane.press(&["C-l"]);
    pane.text("kcx use");
    pane.press(&["Enter"]);
    pane.wait_for("4/4");
    pane.press(&["Escape"]);
    pane.wait("the shell", |seen| seen.ends_with("$\n"));
    assert!(pane.run("echo code $?").contains("code 130"));
    assert!(pane.run("KCX_PICKER=mine kcx use").contains("KCX_PICKER is `mine`, which is not a picker"));
    assert!(pane.run("PATH=$HOME/bin kcx use").contains("cannot start `fzf`: no such file or directory"));
}

#[test]
fn a_terminal_that_only_prints_gets_a_numbered_list() {
    let screen = shell(&[(".kube/config", CONFIG)], 60, 14);
    let pane = screen.main();
    pane.press(&["C-l"]);
    pane.text("TERM=dumb kcx");
    pane.press(&["Enter"]);
    let seen = pane.wait_for("context (number or name):");
    assert!(seen.contains("2 * dev\n3   prod-eu1\n"), "{seen}");
    pane.text("3");
    pane.press(&["Enter"]);
    pane.wait_for("switched to context `prod-eu1`, namespace `web`");
}

#[test]
fn without_a_terminal_nothing_is_asked() {
    let screen = shell(&[(".kube/config", CONFIG)], 70, 14);
    let pane = screen.main();
    assert_eq!(pane.run("kcx </dev/null | head -1; kcx | tail -1"), "dev\nprod-us1");
    let seen = pane.run("kcx use </dev/null");
    assert!(seen.contains("error: no context was named"), "{seen}");
    let seen = pane.run("kcx ns </dev/null; echo code $?");
    assert!(seen.contains("error: no namespace was named") && seen.contains("code 2"), "{seen}");
}

#[test]
fn kubectx_asks_as_well() {
    let screen = shell(&[(".kube/config", CONFIG)], 60, 14);
    screen.link(crate::tools::KCX, "kubectx");
    let pane = screen.main();
    open(&pane, "kubectx", "4/4");
    pane.text("prod-us");
    opened(&pane, "1/4");
    pane.press(&["Enter"]);
    pane.wait_for("Switched to context \"prod-us1\".");
    open(&pane, "kubectx -d", "4/4");
    pane.text("prod");
    opened(&pane, "2/4");
    pane.press(&["Tab", "Tab"]);
    opened(&pane, "2 marked, 2/4");
    pane.press(&["Enter"]);
    pane.wait_for("Deleted context prod-us1.");
    pane.wait_for("Deleted context prod-eu1.");
    open(&pane, "kubectx", "2/2");
    pane.press(&["Escape"]);
    pane.wait_for("error: you did not choose any of the options");
    assert!(pane.run("KUBECTX_IGNORE_FZF=1 kubectx | head -1").contains("dev"));
}
