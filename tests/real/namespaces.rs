//! `kcx ns` on a terminal: the list as a person sees it, while the cluster answers or does not.

use crate::api_server::{ApiServer, Behaviour, Connection, Setup};
use crate::screen::Screen;
use std::fs;
use std::os::unix::fs::PermissionsExt;

const TOKEN: &str = "{token: secret-token}";

fn screen(server: &ApiServer) -> Screen {
    let screen = Screen::new(&[(".kube/config", &server.kubeconfig(TOKEN))]);
    screen.start("bash --norc --noprofile", 70, 14);
    screen.main().wait_for("$");
    screen
}

#[test]
fn the_cluster_fills_the_list_while_it_is_open_and_memory_the_next_one() {
    let mut server = ApiServer::good();
    let screen = screen(&server);
    let pane = screen.main();
    pane.text("kcx ns");
    pane.press(&["Enter"]);
    pane.wait("the namespaces of the cluster", |seen| seen.contains(" 6/6") && seen.contains("kube-system"));
    pane.text("shop");
    pane.wait("one that fits", |seen| seen.contains(" 1/6"));
    pane.press(&["Enter"]);
    pane.wait_for("switched to namespace `shop` in context `test`");
    // Gone: what it said last is there at once, and a name can be typed all the same.
    server.stop();
    pane.press(&["C-l"]);
    pane.text("kcx ns");
    pane.press(&["Enter"]);
    pane.wait("what was remembered", |seen| {
        seen.contains("cannot list namespaces: refused, 6/6") && seen.contains("kube-system")
    });
    pane.text("brand-new");
    pane.press(&["Enter"]);
    pane.wait_for("switched to namespace `brand-new` in context `test`");
}

#[test]
fn a_cluster_that_says_no_or_nothing_is_no_hindrance() {
    let forbidden = Setup::default().with("/api/v1/namespaces", Behaviour::Forbidden);
    let silent = Setup { connection: Connection::Silent, ..Setup::default() };
    for (setup, said) in
        [(forbidden, "cannot list namespaces: forbidden, "), (silent, "querying the cluster, ")]
    {
        let server = ApiServer::start(setup);
        let screen = screen(&server);
        let pane = screen.main();
        pane.text("kcx ns");
        pane.press(&["Enter"]);
        pane.wait(said, |seen| seen.contains(said) && seen.contains("default"));
        pane.text("web");
        pane.press(&["Enter"]);
        pane.wait_for("switched to namespace `web` in context `test`");
    }
}

/// The request behind the open list obeys kuberc: a plugin that is not allowed does not run, and the list says why.
#[test]
fn a_plugin_that_kuberc_forbids_is_not_run_for_the_list() {
    let head = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\ncredentialPluginPolicy:";
    let forbidden = "cannot list namespaces: kuberc forbids its plugin, ";
    for (policy, forbids) in [
        ("DenyAll", true),
        ("Allowlist\ncredentialPluginAllowlist: [{command: other}]", true),
        ("Bogus", true),
        ("Allowlist\ncredentialPluginAllowlist: [{command: plug}]", false),
        ("AllowAll", false),
    ] {
        let server = ApiServer::good();
        let user =
            "{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: plug}}";
        let kuberc = format!("{head} {policy}\n");
        let screen = Screen::new(&[(".kube/config", &server.kubeconfig(user)), (".kube/kuberc", &kuberc)]);
        let plugin = "#!/bin/sh\n: > \"$HOME/ran\"\necho '{\"kind\":\"ExecCredential\",\
             \"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"secret-token\"}}'\n";
        fs::write(screen.path("bin/plug"), plugin).unwrap();
        fs::set_permissions(screen.path("bin/plug"), fs::Permissions::from_mode(0o755)).unwrap();
        screen.start("bash --norc --noprofile", 80, 14);
        let pane = screen.main();
        pane.wait_for("$");
        pane.text("kcx ns");
        pane.press(&["Enter"]);
        match forbids {
            true => drop(pane.wait(forbidden, |seen| seen.contains(forbidden))),
            false => drop(pane.wait("the cluster's own", |seen| seen.contains("kube-system"))),
        }
        assert_eq!(screen.path("ran").exists(), !forbids, "{policy}");
        pane.press(&["Escape"]);
    }
}
