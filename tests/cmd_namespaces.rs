//! Namespaces from the cluster: listed, checked, remembered; and who asks no cluster.

use crate::api_server::{ApiServer, Behaviour, Setup};
use crate::common::Sandbox;

const TOKEN: &str = "{token: secret-token}";

#[test]
fn namespaces_come_page_by_page_and_are_remembered() {
    let server = ApiServer::start(Setup { page: 2, ..Setup::default() });
    let sandbox = Sandbox::with(&server.kubeconfig(TOKEN));
    let text = sandbox.run("get namespaces").0;
    // The age depends on the current date.
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let lines: Vec<Vec<String>> = text.lines().take(7).map(words).collect();
    assert_eq!(lines[0], ["CURRENT", "NAME", "STATUS", "AGE"]);
    assert_eq!(lines[1][..3], ["*", "default", "Active"]);
    assert_eq!(lines[6][..2], ["web", "Active"]);
    assert!(lines[1][3].ends_with(['d', 'y']) && text.contains("--- exit 0"), "{text}");
    let pages: Vec<String> = server.lines();
    assert_eq!(
        pages,
        [
            "GET /api/v1/namespaces?limit=500 HTTP/1.1",
            "GET /api/v1/namespaces?limit=500&continue=2 HTTP/1.1",
            "GET /api/v1/namespaces?limit=500&continue=4 HTTP/1.1"
        ]
    );
    assert!(server.seen()[0].header("accept").unwrap().contains("PartialObjectMetadataList"));
    sandbox.run("get ns web shop -o name").shows("shop\nweb\n--- stderr\n--- exit 0\nno file changed\n");
    sandbox.run("get ns nope").shows(
        "--- stderr\nerror: no namespace named `nope` in context `test`\nhint: `kcx get namespaces` lists all\n\
         --- exit 3\nno file changed\n",
    );
    let json = sandbox.run("get ns default -o json").0;
    assert!(json.contains("\"name\": \"default\",\n") && json.contains("\"current\": true"), "{json}");
    assert!(
        json.contains("\"status\": \"Active\"") && json.contains("\"created\": \"2025-08-13T14:30:00Z\""),
        "{json}"
    );
    // Completion has them from memory.
    let asked = server.connections();
    let text = sandbox.run("__completeNoDesc ns kube-s").0;
    assert!(text.starts_with("kube-system\n:4\n"), "{text}");
    assert_eq!(server.connections(), asked);
}

#[test]
fn a_list_that_is_too_old_begins_anew() {
    let setup = Setup { page: 2, ..Setup::default() }.with("/api/v1/namespaces", Behaviour::Expired);
    let server = ApiServer::start(setup);
    let text = Sandbox::with(&server.kubeconfig(TOKEN)).run("get ns -o name").0;
    assert!(text.starts_with("default\nkube-node-lease\nkube-public\nkube-system\nshop\nweb\n---"), "{text}");
}

#[test]
fn lists_that_cannot_be_had_are_told() {
    let with = |behaviour| ApiServer::start(Setup::default().with("/api/v1/namespaces", behaviour));
    let server = with(Behaviour::Forbidden);
    Sandbox::with(&server.kubeconfig(TOKEN)).run("get ns").shows(
        "--- stderr\nerror: cannot query the cluster of context `test`: not allowed (403): namespaces is forbidden: User \"jane\" cannot \
         list resource \"namespaces\" in API group \"\" at the cluster scope\n\
         hint: `kcx ns NAME` switches without querying the cluster\n--- exit 1\nno file changed\n",
    );
    let endless =
        "{\"kind\": \"NamespaceList\", \"metadata\": {\"continue\": \"1\"}, \"items\": []}".to_owned();
    for behaviour in [Behaviour::Body("[]".into()), Behaviour::Body(endless), Behaviour::HalfClosed] {
        let text = Sandbox::with(&with(behaviour).kubeconfig(TOKEN)).run("get ns").0;
        assert!(text.contains("--- exit 1"), "{text}");
    }
    // What no namespace can be called is no namespace.
    let odd =
        "{\"kind\": \"NamespaceList\", \"items\": [{\"metadata\": {\"name\": \"a\\u001b[2J\"}}, {\"metadata\": {\"name\": \"ok\"}}]}"
            .to_owned();
    let text = Sandbox::with(&with(Behaviour::Body(odd)).kubeconfig(TOKEN)).run("get ns -o name").0;
    assert!(text.starts_with("ok\n---"), "{text}");
}

#[test]
fn ns_asks_only_to_check() {
    let server = ApiServer::good();
    let sandbox = Sandbox::with(&server.kubeconfig(TOKEN));
    assert!(sandbox.run("ns anything").0.contains("switched to namespace `anything`"));
    assert_eq!(server.connections(), 0);
    let text = sandbox.run("ns web --check").0;
    assert!(
        text.contains("switched to namespace `web` in context `test`") && text.contains("--- exit 0"),
        "{text}"
    );
    assert!(sandbox.run("get ns").0.contains("*         web"));
    sandbox.run("ns wbe --check").shows(
        "--- stderr\n\
         error: there is no namespace `wbe` in the cluster of context `test`; nothing was switched\n\
         hint: did you mean `web`? `kcx get namespaces` lists all\n--- exit 3\nno file changed\n",
    );
    let mut away = ApiServer::good();
    let sandbox = Sandbox::with(&away.kubeconfig(TOKEN));
    away.stop();
    let text = sandbox.run("ns web --check").0;
    assert!(text.contains("refused the connection; nothing was switched\nhint: without `--check`"), "{text}");
    assert!(text.contains("--- exit 1\nno file changed"), "{text}");
}

#[test]
fn other_commands_ask_no_cluster() {
    let server = ApiServer::good();
    let sandbox = Sandbox::with(&server.kubeconfig(TOKEN));
    for words in [
        "",
        "current",
        "current -o json",
        "get",
        "get clusters -o wide",
        "get users",
        "use test",
        "use -",
        "ns web",
        "ns -",
        "prompt",
        "config view",
        "config get-contexts",
        "export test",
        "diff",
        "prune --dry-run",
        "exec test -- true",
        "__complete ns ",
        "__complete status ",
        "rename test other",
        "copy other more",
        "delete more --dry-run",
    ] {
        sandbox.run(words);
    }
    assert_eq!(server.connections(), 0);
}
