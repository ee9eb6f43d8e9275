//! `kcx export --as-service-account`: short-lived tokens, and the accounts that kcx creates and deletes.

use crate::api_server::{AccountSetup, ApiServer, Behaviour, Connection, Setup, kubeconfig};
use crate::common::{Outcome, Sandbox};
use serde_json::{Value, json};
use std::fs;
use std::time::Duration;

const TOKEN: &str = "{token: secret-token}";
const ACCOUNTS: &str = "/api/v1/namespaces/shop/serviceaccounts";
const BINDINGS: &str = "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings";

fn server(accounts: AccountSetup) -> ApiServer {
    ApiServer::start(Setup { accounts: Some(accounts), ..Setup::default() })
}

/// The account `shop/ci`, which kcx has not created.
fn ci() -> AccountSetup {
    AccountSetup { objects: vec![(ACCOUNTS, json!({"metadata": {"name": "ci"}}))], ..AccountSetup::default() }
}

struct World {
    server: ApiServer,
    sandbox: Sandbox,
}

impl World {
    fn new(accounts: AccountSetup) -> World {
        World::of(server(accounts))
    }

    fn of(server: ApiServer) -> World {
        let sandbox = Sandbox::with(&server.kubeconfig(TOKEN));
        World { server, sandbox }
    }

    /// `kcx export test --as-service-account WORDS`.
    fn export(&self, words: &str) -> Outcome {
        self.run(&format!("export test --as-service-account {words}"))
    }

    /// What kcx prints, without what differs from run to run.
    fn run(&self, words: &str) -> Outcome {
        let text = self.sandbox.run(words).0;
        assert!(!text.contains("secret-token"), "{text}");
        let authority = crate::api_server::base64(&self.server.authority.pem());
        Outcome(steady(&text.replace(&self.server.url(), "SERVER").replace(&authority, "AUTHORITY")))
    }

    #[track_caller]
    fn fails(&self, words: &str, code: i32, message: &str) {
        let said = self.export(words).0;
        let end = format!("--- exit {code}\nno file changed\n");
        assert!(said.starts_with("--- stderr\n") && said.ends_with(&end) && said.contains(message), "{said}");
    }

    /// The requests that change something.
    fn writes(&self) -> Vec<String> {
        self.server.lines().into_iter().filter(|line| !line.starts_with("GET ")).collect()
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.sandbox.path().join(file)).unwrap()
    }
}

/// The text without tokens, times and durations.
fn steady(text: &str) -> String {
    let token = regex_lite::Regex::new(r"eyJ[A-Za-z0-9_.-]+").unwrap();
    let time = regex_lite::Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").unwrap();
    let left = regex_lite::Regex::new(r"TIME, for [^\n]*").unwrap();
    let text = token.replace_all(text, "TOKEN");
    let text = time.replace_all(&text, "TIME");
    left.replace_all(&text, "TIME, for A WHILE").into_owned()
}

#[test]
fn a_kubeconfig_has_the_token_and_nothing_of_the_user() {
    let world = World::new(ci());
    world.export("shop/ci").shows(
        "
apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: AUTHORITY
    server: SERVER
  name: c-test
contexts:
- context:
    cluster: c-test
    namespace: shop
    user: shop/ci@c-test
  name: test
current-context: test
kind: Config
users:
- name: shop/ci@c-test
  user:
    token: TOKEN
--- stderr
its token is valid until TIME, for A WHILE
--- exit 0
no file changed
",
    );
    let json = world.run("export --as-service-account shop/ci -n web -o json -q").0;
    let json: Value = serde_json::from_str(json.split("--- stderr").next().unwrap()).unwrap();
    assert_eq!(json["contexts"][0]["context"]["namespace"], "web");
    assert_eq!(world.writes(), vec![format!("POST {ACCOUNTS}/ci/token HTTP/1.1"); 2]);
}

#[test]
fn a_file_for_its_owner_alone_is_renewed_only_on_request() {
    let world = World::new(ci());
    world.export("shop/ci -O out/ci.yaml").shows(
        "
--- stderr
exported context `test` as service account `shop/ci` to `out/ci.yaml`
its token is valid until TIME, for A WHILE
--- exit 0
--- out/ci.yaml
+apiVersion: v1
+clusters:
+- cluster:
+    certificate-authority-data: AUTHORITY
+    server: SERVER
+  name: c-test
+contexts:
+- context:
+    cluster: c-test
+    namespace: shop
+    user: shop/ci@c-test
+  name: test
+current-context: test
+kind: Config
+users:
+- name: shop/ci@c-test
+  user:
+    token: TOKEN
",
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let file = world.sandbox.path().join("out/ci.yaml");
        assert_eq!(fs::metadata(file).unwrap().mode() & 0o777, 0o600);
    }
    // No token is requested for a file that is not written.
    for (file, message) in [
        (
            "out/ci.yaml",
            "`out/ci.yaml` already exists with other content; nothing was written\nhint: `-y` replaces it",
        ),
        (".kube/config", "`.kube/config` is one of the kubeconfigs that are exported; nothing was written"),
    ] {
        world.fails(&format!("shop/ci -O {file}"), 4, message);
    }
    assert_eq!(world.writes().len(), 1);
    let before = world.read("out/ci.yaml");
    assert!(world.export("shop/ci -O out/ci.yaml -y").0.contains("+    token: TOKEN"));
    assert_ne!(world.read("out/ci.yaml"), before);
    let undone = world.run("undo").0;
    assert!(undone.contains("--- exit 0") && world.read("out/ci.yaml") == before, "{undone}");
}

#[test]
fn a_token_logs_in_until_it_ends() {
    let world = World::new(ci());
    world.export("shop/ci -O ci.yaml");
    let who = world.run("whoami --kubeconfig @DIR@/ci.yaml").0;
    assert!(who.contains("user     system:serviceaccount:shop:ci\n"), "{who}");
    world.server.later(Duration::from_secs(3590));
    assert!(world.run("whoami --kubeconfig @DIR@/ci.yaml").0.contains("--- exit 0"));
    world.server.later(Duration::from_secs(11));
    let who = world.run("whoami --kubeconfig @DIR@/ci.yaml").0;
    assert!(who.contains("the cluster rejected the credential (401)") && who.contains("--- exit 1"), "{who}");
}

#[test]
fn get_status_and_lint_show_when_a_token_ends() {
    let world = World::new(ci());
    world.export("shop/ci --duration 90m -O ci.yaml");
    let users = world.sandbox.run("get users --kubeconfig @DIR@/ci.yaml").0;
    assert!(
        users.contains("NAME             AUTH    TOKEN\nshop/ci@c-test   token   expires in 1 hour\n"),
        "{users}"
    );
    let json = |words: &str| -> Value {
        let text = world.sandbox.run(&format!("{words} -o json --kubeconfig @DIR@/ci.yaml")).0;
        serde_json::from_str::<Value>(text.split("--- stderr").next().unwrap()).unwrap()[0].clone()
    };
    let ends = |value: &Value| value["tokenExpires"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let left = ends(&json("get users")).as_second() - jiff::Timestamp::now().as_second();
    assert!((5000..=5400).contains(&left), "{left}");
    assert_eq!(ends(&json("status")), ends(&json("get users")));
    assert_eq!(json("get users")["certificateExpires"], Value::Null);
    let status = world.sandbox.run("status --kubeconfig @DIR@/ci.yaml").0;
    assert!(status.contains("    1 h  system:serviceaccount:shop:ci\n"), "{status}");
    // The claims of a token that ended in 2023.
    let end = crate::api_server::base64(r#"{"exp":1700000000,"sub":"system:serviceaccount:shop:ci"}"#);
    let token = format!("eyJhbGciOiJub25lIn0.{}.c2ln", end.trim_end_matches('='));
    let file = world.sandbox.path().join("old.yaml");
    fs::write(
        file,
        kubeconfig(&[("old", "{server: 'https://old.example'}", &format!("{{token: {token}}}"))]),
    )
    .unwrap();
    let users = world.sandbox.run("get users --kubeconfig @DIR@/old.yaml").0;
    assert!(users.contains("token   expired "), "{users}");
    let lint = world.sandbox.run("lint @DIR@/old.yaml").0;
    assert!(lint.contains("the token of user `u-old` (system:serviceaccount:shop:ci) expired "), "{lint}");
}

#[test]
fn a_cluster_may_give_more_or_less_than_was_asked_for() {
    for (lifetime, message) in [
        (7200, "warning: the cluster issued a token for 2 h, and not for 1 h\n"),
        (600, "warning: the cluster issued a token for 10 min, and not for 1 h\n"),
        (-5, "warning: the token expired at TIME, "),
    ] {
        let world = World::new(AccountSetup { lifetime: Some(lifetime), ..ci() });
        let said = world.export("shop/ci -O ci.yaml").0;
        assert!(said.contains(message) && said.contains("--- exit 0"), "{said}");
    }
    let world = World::new(AccountSetup { lifetime: Some(3630), ..ci() });
    assert!(!world.export("shop/ci").0.contains("warning"));
}

#[test]
fn what_the_cluster_needs_stays_and_what_is_the_users_goes() {
    let server = server(ci());
    let cluster = format!(
        "{{server: 'https://me:hunter2@127.0.0.1:{}', certificate-authority: pki/ca.pem, tls-server-name: api.cluster.test, \
         x-unknown: 1, extensions: [{{name: e, extension: {{token: hidden}}}}]}}",
        server.address.port()
    );
    let text = kubeconfig(&[("test", &cluster, TOKEN)]);
    let world = World { sandbox: Sandbox::with(&text), server };
    let missing =
        "cannot read `@DIR@/.kube/pki/ca.pem`: no such file or directory; nothing was exported\n--- exit 1";
    world.fails("shop/ci", 1, missing);
    assert!(world.server.lines().is_empty());
    let sandbox = world.sandbox.file(".kube/pki/ca.pem", &world.server.authority.pem());
    let world = World { sandbox, ..world };
    let said = world.export("shop/ci").0;
    let cluster = "\
clusters:
- cluster:
    certificate-authority-data: AUTHORITY
    server: SERVER
    tls-server-name: api.cluster.test
  name: c-test
";
    assert!(said.contains(cluster) && !said.contains("hunter2") && !said.contains("hidden"), "{said}");
}

#[test]
fn the_proxy_and_its_login_stay_and_are_named() {
    use crate::api_server::{Proxy, ProxySetup};
    let server = server(ci());
    let login = Some("me:hunter2".to_owned());
    let proxy = Proxy::start(ProxySetup { leads_to: Some(server.address), login, ..ProxySetup::default() });
    let url = format!("http://me:hunter2@{}", proxy.address);
    let cluster = server.cluster().replace('{', &format!("{{proxy-url: '{url}', "));
    let world = World { sandbox: Sandbox::with(&kubeconfig(&[("test", &cluster, TOKEN)])), server };
    let said = world.export("shop/ci").0;
    assert!(said.contains(&format!("    proxy-url: {url}\n")), "{said}");
    let warning =
        format!("warning: the exported kubeconfig has the login for the proxy `http://{}`\n", proxy.address);
    assert!(said.contains(&warning), "{said}");
}

#[test]
fn a_viewer_is_created_after_a_question_and_revoked() {
    let world = World::new(AccountSetup::default());
    world.export("shop/viewer -O v.yaml").shows(
        "
--- stderr
error: there is no service account `shop/viewer` in the cluster of context `test`; nothing was exported
hint: `--create-viewer` creates one that can read its namespace, after a question
--- exit 3
no file changed
",
    );
    let plan = "\
would create service account `shop/viewer`
would create role binding `kcx-view.viewer` in namespace `shop`: it can read this namespace with the cluster role `view`, which reads no Secrets
";
    let asked = world.writes().len();
    world.export("shop/viewer --create-viewer -O v.yaml").shows(
        "
--- stderr
would create service account `shop/viewer`
would create role binding `kcx-view.viewer` in namespace `shop`: it can read this namespace with the cluster role `view`, which reads no Secrets
error: changes in the cluster of context `test` need a confirmation; nothing was created
hint: `-y` creates them
--- exit 2
no file changed
",
    );
    let dry = world.export("shop/viewer --create-viewer -O v.yaml --dry-run").0;
    let token = "would request a token of service account `shop/viewer` for 1 h, and write `v.yaml`\n";
    assert_eq!(dry, format!("{plan}{token}--- stderr\n--- exit 0\nno file changed\n"));
    assert_eq!(world.writes().len(), asked);
    let done = world.export("shop/viewer --create-viewer -O v.yaml -y").0;
    let created = "\
--- stderr
created service account `shop/viewer`
created role binding `kcx-view.viewer` in namespace `shop`
exported context `test` as service account `shop/viewer` to `v.yaml`
";
    assert!(done.starts_with(created), "{done}");
    let object = |list: &str, name: &str| world.server.object(list, name).unwrap();
    for made in [object(ACCOUNTS, "viewer"), object(BINDINGS, "kcx-view.viewer")] {
        assert_eq!(made["metadata"]["labels"], json!({"app.kubernetes.io/managed-by": "kcx"}));
    }
    // The second time there is nothing to ask about.
    let again = world.export("shop/viewer --create-viewer").0;
    let existing = "\
--- stderr
service account `shop/viewer` exists already
role binding `kcx-view.viewer` in namespace `shop` exists already
its token is valid";
    assert!(again.contains(existing), "{again}");
    let own = "whoami --kubeconfig @DIR@/v.yaml";
    assert!(world.run(own).0.contains("user     system:serviceaccount:shop:viewer\n"));
    world.export("shop/viewer --revoke").shows(
        "
--- stderr
would delete role binding `kcx-view.viewer` in namespace `shop`
would delete service account `shop/viewer`
error: changes in the cluster of context `test` need a confirmation; nothing was revoked
hint: `-y` deletes them
--- exit 2
no file changed
",
    );
    world.export("shop/viewer --revoke -y").shows(
        "
--- stderr
deleted role binding `kcx-view.viewer` in namespace `shop`
deleted service account `shop/viewer`; its tokens are no longer valid
--- exit 0
no file changed
",
    );
    assert!(world.server.objects().is_empty(), "{:?}", world.server.objects());
    assert!(world.run(own).0.contains("the cluster rejected the credential (401)"));
    world.export("shop/viewer --revoke -y").shows(
        "
--- stderr
error: kcx has created no service account `shop/viewer` in the cluster of context `test`; nothing was revoked
--- exit 3
no file changed
",
    );
}

#[test]
fn all_namespaces_are_read_only_on_request() {
    let world = World::new(AccountSetup::default());
    world.export("shop/viewer --create-viewer -y -O one.yaml");
    let list = "get namespaces --kubeconfig @DIR@/one.yaml";
    assert!(world.run(list).0.contains("not allowed (403)"));
    let done = world.export("shop/viewer --create-viewer --cluster-wide -y -O one.yaml").0;
    assert!(done.contains("created cluster role binding `kcx-view.shop.viewer`\n"), "{done}");
    assert!(world.run(list).0.contains("kube-system"));
    let gone = world.export("shop/viewer --revoke -y").0;
    assert_eq!(gone.matches("deleted ").count(), 3, "{gone}");
    assert!(world.server.objects().is_empty());
}

#[test]
fn objects_that_kcx_has_not_created_are_left() {
    let own = |name: &str| json!({"name": name, "labels": {"app.kubernetes.io/managed-by": "kcx"}});
    let world = World::new(ci());
    world.export("shop/ci --create-viewer -y").shows(
        "
--- stderr
error: service account `shop/ci` exists, and kcx has not created it: it does not have the label `app.kubernetes.io/managed-by: kcx`; nothing was created
hint: without `--create-viewer` a token of it is exported
--- exit 4
no file changed
",
    );
    world.export("shop/ci --revoke -y").shows(
        "
--- stderr
error: service account `shop/ci` exists, and kcx has not created it: it does not have the label `app.kubernetes.io/managed-by: kcx`; nothing was revoked
hint: `kubectl delete serviceaccount ci -n shop` deletes it
--- exit 4
no file changed
",
    );
    assert!(world.writes().is_empty() && world.server.objects().len() == 1);
    // A binding that was changed, beside kcx's own account.
    let admin = json!({
        "metadata": own("kcx-view.ci"), "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "namespace": "shop", "name": "ci"}],
    });
    let objects = vec![(ACCOUNTS, json!({"metadata": own("ci")})), (BINDINGS, admin)];
    let world = World::new(AccountSetup { objects, ..AccountSetup::default() });
    world.fails(
        "shop/ci --create-viewer -y",
        4,
        "it was changed, and binds another role or other subjects; nothing was created",
    );
    assert!(world.writes().is_empty());
    let said = world.export("shop/ci --revoke -y").0;
    let left = "warning: kcx has not created role binding `kcx-view.ci` in namespace `shop`, and leaves it\n";
    assert!(said.contains(left) && said.contains("deleted service account `shop/ci`"), "{said}");
    assert_eq!(world.server.objects(), [format!("{BINDINGS}/kcx-view.ci")]);
}

#[test]
fn a_missing_right_is_named() {
    let denied = |denied| World::new(AccountSetup { denied, ..ci() });
    denied(vec!["create serviceaccounts/token"]).export("shop/ci").shows(
        r#"
--- stderr
error: cannot query the cluster of context `test`: not allowed (403): serviceaccounts/token is forbidden: User "jane" cannot create resource "serviceaccounts/token" in API group "" in the namespace "shop"; nothing was exported
hint: the user of context `test` needs the right to `create` `serviceaccounts/token` in namespace `shop`
--- exit 1
no file changed
"#,
    );
    let world = denied(vec!["create serviceaccounts"]);
    let right = "hint: the user of context `test` needs the right to `create` `serviceaccounts` in namespace `shop`\n";
    world.fails("shop/new --create-viewer -y", 1, right);
    let world = denied(vec!["create rolebindings"]);
    let said = world.export("shop/new --create-viewer -y").0;
    for part in [
        "--- stderr\ncreated service account `shop/new`\nerror: cannot query",
        "; role binding `kcx-view.new` in namespace `shop` was not created\n",
        "or the right to `bind` the cluster role `view`\n",
        "hint: the account has no rights yet; the same command goes on, `--revoke` deletes it\n",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let report = world.run("export --as-service-account shop/newer --create-viewer -y -o json -O x.yaml").0;
    assert!(report.contains("\"outcome\": \"created\"") && report.contains("--- exit 1"), "{report}");
    let done = world.export("shop/new --revoke -y").0;
    assert!(done.contains("deleted service account `shop/new`") && done.contains("--- exit 0"), "{done}");
    // Who may not see bindings of the whole cluster is told that one may stay.
    let world = denied(vec!["get clusterrolebindings"]);
    world.export("shop/new --create-viewer -y");
    let said = world.export("shop/new --revoke -y").0;
    let may_stay = "warning: you may not see whether there is a cluster role binding `kcx-view.shop.new`; if there is, it stays\n";
    assert!(said.contains(may_stay) && said.contains("--- exit 0"), "{said}");
    let world = denied(vec!["get serviceaccounts"]);
    assert!(world.export("shop/ci").0.contains("--- exit 0"));
    assert!(world.export("shop/ci --dry-run").0.contains("--- exit 0"));
    world.fails(
        "shop/ci --create-viewer -y",
        1,
        "needs the right to `get` `serviceaccounts` in namespace `shop`\n",
    );
}

#[test]
fn clusters_that_issue_no_token_say_why() {
    let token = format!("{ACCOUNTS}/ci/token");
    let with = |behaviour| {
        let setup = Setup { accounts: Some(ci()), ..Setup::default() }.with(&token, behaviour);
        World::of(ApiServer::start(setup))
    };
    let world = with(Behaviour::NotFound);
    world.export("shop/ci").shows(
        "
--- stderr
error: the cluster of context `test` issues no tokens of service accounts: it has no TokenRequest API; nothing was exported
hint: Kubernetes has that API from version 1.22 on
--- exit 1
no file changed
",
    );
    with(Behaviour::Unauthorized).fails(
        "shop/ci",
        1,
        "the cluster rejected the credential (401); nothing was exported\nhint: log in again",
    );
    with(Behaviour::Unavailable { times: 9 }).fails("shop/ci", 1, "responded with status 503");
    with(Behaviour::Html).fails("shop/ci", 1, "the response is an HTML page; nothing was exported");
    with(Behaviour::HalfClosed).fails("shop/ci", 1, "was closed before the response");
    with(Behaviour::Silent).fails(
        "shop/ci --timeout 300ms",
        1,
        "timed out after 300 ms: the server did not respond",
    );
    let world = World::new(ci());
    world.export("shop/ci --duration 5m").shows(
        r#"
--- stderr
error: no cluster issues a token for 5 min; nothing was exported
hint: `--duration 10m` is the shortest that Kubernetes accepts
--- exit 2
no file changed
"#,
    );
    assert!(world.server.lines().is_empty(), "{:?}", world.server.lines());
    world.fails(
        "nowhere/ci --create-viewer -y",
        3,
        "there is no namespace `nowhere` in the cluster of context `test`; nothing was created\n",
    );
    let mut world = World::new(ci());
    world.server.stop();
    world.fails("shop/ci", 1, " refused the connection; nothing was exported\n");
    let plain =
        Setup { connection: Connection::Plain, anonymous: true, accounts: Some(ci()), ..Setup::default() };
    let world = World::of(ApiServer::start(plain));
    world.fails(
        "shop/ci",
        1,
        "`SERVER`, is not reached over TLS, and no client sends a token there; nothing was exported\n",
    );
}

#[test]
fn answers_of_a_hostile_cluster_are_no_credential() {
    let end = "2099-01-01T00:00:00Z";
    let answer = |token: Value, expires: Value| {
        json!({"status": {"token": token, "expirationTimestamp": expires}}).to_string()
    };
    let no_token = "this is not a Kubernetes API server: the response has no token; nothing was exported\n";
    let unusable = "the response has a token that cannot be sent; nothing was exported\n";
    let no_end = "the response does not say until when the token is valid; nothing was exported\n";
    for (body, message) in [
        ("{}".to_owned(), no_token),
        ("[]".to_owned(), no_token),
        ("hello".to_owned(), "the response is not JSON; nothing was exported\n"),
        (answer(Value::Null, end.into()), no_token),
        (answer("".into(), end.into()), no_token),
        (answer("secret\n    exec: {command: evil}".into(), end.into()), unusable),
        (answer("secret\u{1b}]0;x\u{7}".into(), end.into()), unusable),
        (answer("secret".repeat(100_000).into(), end.into()), unusable),
        (answer("secret".into(), Value::Null), no_end),
        (answer("secret".into(), "\u{1b}[31msoon".into()), no_end),
        (answer("secret".into(), "999999-01-01T00:00:00Z".into()), no_end),
    ] {
        let setup = Setup { accounts: Some(ci()), ..Setup::default() };
        let setup = setup.with(&format!("{ACCOUNTS}/ci/token"), Behaviour::Body(body));
        let world = World::of(ApiServer::start(setup));
        world.fails("shop/ci -O ci.yaml", 1, message);
        assert!(!world.export("shop/ci").0.contains("secret"));
    }
    // A far end is shown, and that it was not asked for.
    let body = answer("opaque".into(), "9998-12-31T23:59:59Z".into());
    let setup = Setup { accounts: Some(ci()), ..Setup::default() };
    let world =
        World::of(ApiServer::start(setup.with(&format!("{ACCOUNTS}/ci/token"), Behaviour::Body(body))));
    let said = world.export("shop/ci -O ci.yaml").0;
    assert!(said.contains("and not for 1 h\n") && said.contains("--- exit 0"), "{said}");
    // An object under another name is not the one that was asked for.
    let body = json!({"metadata": {"name": "other", "uid": "u"}}).to_string();
    let setup = Setup { accounts: Some(AccountSetup::default()), ..Setup::default() };
    let world = World::of(ApiServer::start(setup.with(&format!("{ACCOUNTS}/ci"), Behaviour::Body(body))));
    world.fails(
        "shop/ci --revoke -y",
        1,
        "the response is not the ServiceAccount that was asked for; nothing was revoked\n",
    );
}

#[test]
fn objects_that_appear_in_the_meantime_are_not_touched() {
    let world = World::new(AccountSetup { taken: Some("POST rolebindings"), ..AccountSetup::default() });
    let said = world.export("shop/new --create-viewer -y").0;
    let message = "error: the cluster has changed in the meantime; role binding `kcx-view.new` in namespace `shop` was not created\nhint: try again\n";
    assert!(said.contains(message) && said.contains("--- exit 4"), "{said}");
    let world = World::new(AccountSetup { taken: Some("DELETE serviceaccounts"), ..AccountSetup::default() });
    world.export("shop/new --create-viewer -y");
    let said = world.export("shop/new --revoke -y").0;
    let message = "error: the cluster has changed in the meantime; service account `shop/new` was not deleted\nhint: try again\n";
    assert!(said.contains(message) && said.contains("--- exit 4"), "{said}");
    assert_eq!(world.server.objects(), [format!("{ACCOUNTS}/new")]);
}

#[test]
fn protected_contexts_and_locked_shells_are_not_changed() {
    let world = World::new(ci());
    let rules = "rules: [{match: test, confirm: type-name}]\n";
    let mut world = World { sandbox: world.sandbox.file("set/config.yaml", rules), ..world };
    world.sandbox.env.config = Some(world.sandbox.path().join("set"));
    world.export("shop/ci").shows(
        "
--- stderr
error: `test` is protected; nothing was exported
hint: `--yes-i-mean test` confirms it here
hint: `kcx protect lift 10m test` stops kcx asking about it for 10 minutes
--- exit 2
no file changed
",
    );
    world.fails("shop/ci --revoke -y", 2, "`test` is protected; nothing was revoked\n");
    assert!(world.export("shop/ci --dry-run").0.contains("would request a token"));
    assert!(world.writes().is_empty());
    assert!(world.export("shop/ci --yes-i-mean test").0.contains("--- exit 0"));
    world.sandbox.env.locked = Some("test".into());
    world.fails(
        "shop/ci --yes-i-mean test",
        1,
        "this shell is locked to context `test`; nothing was exported\n",
    );
}

#[test]
fn a_discovered_context_asks_about_its_program_first() {
    let server = server(ci());
    let user =
        "{exec: {apiVersion: client.authentication.k8s.io/v1, command: /opt/login, interactiveMode: Never}}";
    let found = kubeconfig(&[("test", &server.cluster(), user)]);
    let sandbox = Sandbox::with("apiVersion: v1\nkind: Config\n").file(".kube/config.d/found.yaml", &found);
    let world = World { server, sandbox };
    world.fails(
        "shop/ci",
        1,
        "user `u-test` would run `/opt/login`; nothing was exported\nhint: `--allow-exec=/opt/login`",
    );
    let permitted = "its credential plugin `/opt/login` is not installed; nothing was exported\n";
    for flag in ["--allow-exec=/opt/login", "--allow-exec /opt/login"] {
        world.fails(&format!("shop/ci {flag}"), 1, permitted);
    }
    assert!(world.server.lines().is_empty());
}

#[test]
fn words_that_make_no_sense_are_refused() {
    let world = World::new(ci());
    for (words, message) in [
        ("ci", "a service account is NAMESPACE/NAME, both of a-z, 0-9 and `-`"),
        ("shop/../x", "a service account is NAMESPACE/NAME"),
        ("shop/ci --all", "--all"),
        ("shop/ci --dir out", "--dir"),
        ("shop/ci --cluster-wide", "--create-viewer"),
        ("shop/ci --revoke --create-viewer", "--revoke"),
        ("shop/ci --duration 0", "longer than 0"),
        ("shop/ci -n Web", "`Web` is not a valid namespace name"),
        ("shop/ci -o name", "does not support `-o name`"),
    ] {
        world.fails(words, 2, message);
    }
    for words in
        ["export test --duration 1h", "export test --revoke", "export test --allow-exec=aws", "export -n web"]
    {
        let said = world.run(words).0;
        assert!(said.contains("--as-service-account") && said.contains("--- exit 2"), "{said}");
    }
    let text =
        kubeconfig(&[("one", &world.server.cluster(), TOKEN), ("two", &world.server.cluster(), TOKEN)]);
    let several = Sandbox::with(&text);
    let said = several.run("export * --as-service-account shop/ci").0;
    assert!(
        said.contains("`--as-service-account` takes one context, and these are 2; nothing was exported\n"),
        "{said}"
    );
    let said = several.run("export nope --as-service-account shop/ci").0;
    assert!(said.contains("no context named `nope`") && said.contains("--- exit 3"), "{said}");
    assert!(several.run("export t* --as-service-account shop/ci").0.contains("  name: two\n"));
    assert!(world.writes().iter().all(|line| line.contains("/token")));
}
