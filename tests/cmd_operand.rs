//! Names that look like `TYPE/NAME`: after a type they are literal, without one a context takes precedence, and an
//! ambiguous word is refused.

use crate::api_server::{ApiServer, Setup};
use crate::common::Sandbox;

const TYPED: &str = "\
apiVersion: v1
kind: Config
clusters:
- {name: c, cluster: {server: 'https://a'}}
- {name: cluster/east, cluster: {server: 'https://e'}}
users:
- {name: user/host, user: {token: one}}
- {name: host, user: {token: two}}
contexts:
- {name: user/api:6443/bob, context: {cluster: c, user: ''}}
- {name: context/prod, context: {cluster: c, user: ''}}
- {name: prod, context: {cluster: c, user: ''}}
- {name: users/host, context: {cluster: c, user: ''}}
";

#[track_caller]
fn says(line: &str, want: &[&str], exit: i32) -> String {
    let said = Sandbox::with(TYPED).run(line).0;
    for want in want {
        assert!(said.contains(want), "{line}: {said}");
    }
    assert!(said.contains(&format!("--- exit {exit}\n")), "{line}: {said}");
    said
}

#[test]
fn a_type_of_its_own_makes_the_name_literal() {
    says("delete user user/host", &["deleted user `user/host`", "-- {name: user/host, user"], 0);
    says("delete users host", &["deleted user `host`"], 0);
    says("delete context context/prod --keep", &["deleted context `context/prod`"], 0);
    says("delete context user/api:6443/bob --keep", &["deleted context `user/api:6443/bob`"], 0);
    says("get users user/host -o name", &["user/host\n--- stderr"], 0);
    says("get clusters cluster/east -o name", &["cluster/east\n--- stderr"], 0);
    says("rename user user/host u", &["user `user/host` is now named `u`"], 0);
    says("copy cluster cluster/east e2", &["cluster `e2` is a copy of `cluster/east`"], 0);
    says("delete user user/nobody", &["no user named `user/nobody`", "no file changed"], 3);
    says("edit cluster cluster/west", &["no cluster named `cluster/west`", "no file changed"], 3);
    says("rename context . x", &["no context named `.`", "no file changed"], 3);
}

#[test]
fn a_name_alone_is_a_context_before_it_is_a_type_and_a_name() {
    says("rename user/api:6443/bob bob", &["context `user/api:6443/bob` is now named `bob`"], 0);
    says("get user/api:6443/bob -o name", &["user/api:6443/bob\n--- stderr"], 0);
    says("delete user/api:6443/bob --keep", &["deleted context `user/api:6443/bob`"], 0);
    says("delete user/host", &["deleted user `host`"], 0);
    says("delete user/user/host", &["deleted user `user/host`"], 0);
    says("get cluster/cluster/east -o name", &["cluster/east\n--- stderr"], 0);
}

#[test]
fn a_name_that_can_mean_two_entries_is_refused_with_both_spellings() {
    let both = |verb: &str| [format!("`kcx {verb} context users/host`"), format!("`kcx {verb} user host`")];
    for (verb, line) in [
        ("delete", "delete users/host"),
        ("get", "get users/host"),
        ("edit", "edit users/host"),
        ("rename", "rename users/host x"),
        ("copy", "copy users/host x"),
    ] {
        let both = both(verb);
        let hints: Vec<&str> = both.iter().map(String::as_str).collect();
        says(
            line,
            &[
                hints[0],
                hints[1],
                "no file changed",
                "`users/host` is a context, but there is also a user `host`",
            ],
            2,
        );
    }
    says("delete context/prod -y", &["`kcx delete context context/prod`", "`kcx delete context prod`"], 2);
    says("delete users/h* -y", &["matches contexts and also users", "no file changed"], 2);
}

#[test]
fn names_that_begin_with_a_dash_stand_behind_two() {
    let dash = TYPED.replace("name: host", "name: -host").replace("name: prod", "name: --");
    let run = |line: &str| Sandbox::with(&dash).run(line).0;
    assert!(run("delete user -- -host").contains("deleted user `-host`"));
    assert!(run("rename -- user/-host x").contains("user `-host` is now named `x`"));
    assert!(run("get -o name -- context --").contains("--\n--- stderr\n--- exit 0"));
    // Offered only if it is not a flag.
    assert!(run("__completeNoDesc delete user h").starts_with(":4\n"));
    assert!(!run("__completeNoDesc delete user user").contains("-host"));
    assert!(run("__completeNoDesc delete user -- -h").starts_with("-host\n:4\n"));
}

#[test]
fn completion_offers_what_means_the_entry() {
    let offered = |line: &str| Sandbox::with(TYPED).run(&format!("__completeNoDesc {line}")).0;
    assert!(offered("delete user user/").starts_with("user/host\n:4\n"));
    // Only the type distinguishes the context of this name from the user.
    assert!(offered("delete users/").starts_with("users/user/host\n:4\n"), "{}", offered("delete users/"));
    let typed = offered("delete user/");
    assert!(typed.starts_with("user/host\nuser/user/host\nuser/api:6443/bob\n:4\n"), "{typed}");
    let first = offered("edit p");
    assert!(first.starts_with("prod\n"), "{first}");
}

#[test]
fn get_takes_patterns_where_there_is_no_such_name() {
    says("get *prod -o name", &["context/prod\nprod\n--- stderr"], 0);
    says("get users *host -o name", &["host\nuser/host\n--- stderr"], 0);
    says("get users x* host -o name", &["host\n--- stderr", "no user matches `x*`"], 3);
    says("get clusters [c-d] -o name", &["c\n--- stderr"], 0);
}

#[test]
fn namespaces_are_given_as_entries_are() {
    let server = ApiServer::start(Setup::default());
    let sandbox = Sandbox::with(&server.kubeconfig("{token: secret-token}"));
    for line in
        ["get ns/web", "get namespace/web", "get namespaces/web", "get ns web", "get ns w*", "get ns/w*"]
    {
        let said = sandbox.run(&format!("{line} -o name")).0;
        assert!(said.starts_with("web\n--- stderr\n--- exit 0\n"), "{line}: {said}");
    }
    let said = sandbox.run("get ns kube-* web -o name").0;
    assert!(
        said.starts_with("kube-node-lease\nkube-public\nkube-system\nweb\n--- stderr\n--- exit 0\n"),
        "{said}"
    );
    let said = sandbox.run("get ns team-* web").0;
    assert!(
        said.contains("error: no namespace matches `team-*` in context `test`")
            && said.contains("--- exit 3"),
        "{said}"
    );
    let said = sandbox.run("get ns/web test").0;
    assert!(
        said.contains("takes one type at a time; `ns/web` and `test` were given")
            && said.contains("--- exit 2"),
        "{said}"
    );
    // A context with exactly that name takes precedence.
    let asked = server.connections();
    let named = Sandbox::with(&TYPED.replace("name: prod", "name: ns/web"));
    assert!(named.run("get ns/web -o name").0.starts_with("ns/web\n--- stderr\n--- exit 0\n"));
    assert_eq!(server.connections(), asked);
}
