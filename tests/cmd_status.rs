//! `kcx status`, `kcx whoami`: clusters that answer, and all the ways in which others do not.

use crate::api_server::{
    ApiServer, Behaviour, Connection, Http, Proxy, ProxySetup, Setup, Shown, User, base64, kubeconfig,
};
use crate::common::Sandbox;
use serde_json::Value;
use std::collections::HashSet;
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

const TOKEN: &str = "{token: secret-token}";

/// The reports of `kcx status -o json` on a kubeconfig of this text.
fn report(sandbox: &Sandbox, flags: &str) -> Vec<Value> {
    let text = sandbox.run(&format!("status -o json {flags}")).0;
    assert!(!text.contains("secret-token"), "{text}");
    let json = text.split("--- stderr").next().unwrap();
    serde_json::from_str::<Value>(json).unwrap().as_array().unwrap().clone()
}

/// Why the cluster of the only context of this text cannot be queried: the word and the line.
fn failure(text: &str, flags: &str) -> (String, String) {
    let sandbox = Sandbox::with(text);
    let report = report(&sandbox, flags);
    let text = |field: &str| report[0][field].as_str().unwrap_or_default().to_owned();
    assert_eq!(report[0]["ok"], false, "{report:?}");
    (text("reason"), text("message"))
}

#[track_caller]
fn fails(text: &str, reason: &str, message: &str) {
    let said = failure(text, "");
    assert!(said.0 == reason && said.1.contains(message), "{said:?}");
}

/// What changes from run to run, taken out.
fn steady(text: &str) -> String {
    let mut steady = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split("  ").collect();
        let kept =
            words.into_iter().map(str::trim).map(|word| if word.ends_with(" ms") { "? ms" } else { word });
        steady.push(kept.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("  "));
    }
    steady.join("\n")
}

#[test]
fn clusters_tell_who_they_are_and_who_one_is() {
    let (one, two) = (ApiServer::good(), ApiServer::start(Setup { http: Http::One, ..Setup::default() }));
    let login = two.authority.client("carol", &["ops"], 30);
    let certificate = format!(
        "{{client-certificate-data: {}, client-key-data: {}}}",
        base64(&login.certificate),
        base64(&login.key)
    );
    let text = kubeconfig(&[("one", &one.cluster(), TOKEN), ("two", &two.cluster(), &certificate)]);
    let sandbox = Sandbox::with(&text);
    assert_eq!(
        steady(&sandbox.run("status").0),
        "NAME  STATUS  VERSION  LATENCY  VALID  USER\n\
         * one  ok  v1.33.4  ? ms  jane\n\
         two  ok  v1.33.4  ? ms  30 d  carol\n\
         --- stderr\n--- exit 0\nno file changed"
    );
    let wide = sandbox.run("status t* -o wide").0;
    assert!(wide.contains("carol  ops,system:authenticated"), "{wide}");
    let report = report(&sandbox, "");
    assert_eq!(report[1]["groups"], serde_json::json!(["ops", "system:authenticated"]));
    assert_eq!((&report[1]["certificateDaysLeft"], &report[0]["server"]), (&30.into(), &one.url().into()));
    sandbox.run("status -o name").shows("one\ntwo\n--- stderr\n--- exit 0\nno file changed\n");
    sandbox.run("status nope").shows(
        "--- stderr\nerror: no context named `nope`\nhint: `kcx get` lists all 2\n--- exit 3\nno file changed\n",
    );
}

#[test]
fn labels_and_colors_come_from_the_settings() {
    let (one, two) = (ApiServer::good(), ApiServer::good());
    let text = kubeconfig(&[("one", &one.cluster(), TOKEN), ("two", &two.cluster(), TOKEN)]);
    let rules = "rules: [{match: one, label: PRODUCTION, confirm: yes}]\n";
    let mut sandbox = Sandbox::with(&text).file("set/config.yaml", rules);
    sandbox.env.config = Some(sandbox.path().join("set"));
    assert_eq!(
        steady(&sandbox.run("status").0),
        "NAME  LABEL  STATUS  VERSION  LATENCY  VALID  USER\n\
         * one  PRODUCTION  ok  v1.33.4  ? ms  jane\n\
         two  ok  v1.33.4  ? ms  jane\n\
         --- stderr\n--- exit 0\nno file changed"
    );
    let table = sandbox.run("status").0;
    let starts: Vec<Option<usize>> =
        table.lines().take(3).map(|line| line.find("v1.33").or(line.find("VERSION"))).collect();
    assert!(starts.iter().all(|start| *start == starts[0] && start.is_some()), "{table}");
    let colored = sandbox.run("status --color always").0;
    assert!(
        colored.contains("* \u{1b}[1;31mone\u{1b}[0m   \u{1b}[1;31mPRODUCTION\u{1b}[0m  \u{1b}[32mok"),
        "{colored}"
    );
    let report = report(&sandbox, "");
    assert_eq!((&report[0]["label"], &report[0]["protected"]), (&"PRODUCTION".into(), &true.into()));
    assert_eq!((&report[1]["label"], &report[1]["protected"]), (&Value::Null, &false.into()));
}

#[test]
fn a_table_with_labels_fits_80_columns() {
    let server = ApiServer::start(Setup {
        tokens: vec![("secret-token".to_owned(), User::new("arn:aws:iam::111122223333:role/admin", &[]))],
        ..Setup::default()
    });
    let names = ["arn:aws:eks:eu-west-1:111122223333:cluster/main", "gke_acme-prod_europe-west1_checkout"];
    let cluster = server.cluster();
    let text = kubeconfig(&names.map(|name| (name, cluster.as_str(), TOKEN)));
    let mut sandbox = Sandbox::with(&text).file(
        "set/config.yaml",
        "rules: [{match: 'arn*', label: PRODUCTION-EU}, {match: '*', label: STAGING}]\n",
    );
    sandbox.env.config = Some(sandbox.path().join("set"));
    sandbox.env.columns = Some(80);
    let table = sandbox.run("status").0;
    let lines: Vec<&str> = table.lines().take(3).collect();
    assert!(lines.iter().all(|line| line.chars().count() <= 80), "{table}");
    assert!(
        lines[1].contains("  PRODUCTION-EU  ok ") && lines[2].contains("  STAGING        ok "),
        "{table}"
    );
    sandbox.env.columns = Some(45);
    let table = sandbox.run("status").0;
    assert!(table.lines().take(3).all(|line| line.chars().count() <= 45), "{table}");
    assert!(table.contains("  PRODUCTIO…  ok ") && table.contains("  STAGING     ok "), "{table}");
    assert!(sandbox.run("status -o wide").0.contains("  PRODUCTION-EU  ok "));
}

#[test]
fn whoami_asks_for_one_context() {
    let tokens = vec![("root".to_owned(), User::new("root", &["system:masters"]))];
    let setup = Setup { tokens, passwords: vec![("bob".into(), "pass:word".into())], ..Setup::default() };
    let server = ApiServer::start(setup);
    let cluster = server.cluster();
    let text = kubeconfig(&[
        ("test", &cluster, "{token: root, as: eve, as-groups: [a, b]}"),
        ("basic", &cluster, "{username: bob, password: 'pass:word'}"),
        ("wrong", &cluster, "{token: outdated}"),
    ]);
    let sandbox = Sandbox::with(&text);
    sandbox.run("whoami").shows(
        "context  test\nuser     eve\ngroups   a, b, system:authenticated\n--- stderr\n--- exit 0\nno file changed\n",
    );
    sandbox.run("whoami basic -o name").shows("bob\n--- stderr\n--- exit 0\nno file changed\n");
    sandbox.run("whoami wrong").shows(
        "
--- stderr
error: cannot query the cluster of context `wrong`: the cluster rejected the credential (401)
hint: log in again with the tool that created this user entry
--- exit 1
no file changed
",
    );
    assert!(server.seen().iter().all(|seen| seen.header("user-agent").unwrap().starts_with("kcx/")));
}

#[test]
fn files_and_server_names_count_as_for_kubectl() {
    let server = ApiServer::start(Setup { certificate: Shown::WrongName, ..Setup::default() });
    let cluster = format!(
        "{{server: '{}', certificate-authority: pki/ca.pem, tls-server-name: kubernetes.default}}",
        server.url()
    );
    let login = server.authority.client("carol", &[], 3);
    let text = kubeconfig(&[
        ("file", &cluster, "{tokenFile: token, token: not-this-one}"),
        ("cert", &cluster, "{client-certificate: pki/cert.pem, client-key: pki/key.pem}"),
        ("gone", &cluster, "{tokenFile: missing}"),
        ("skip", &format!("{{server: '{}', insecure-skip-tls-verify: true}}", server.url()), TOKEN),
    ]);
    let sandbox = Sandbox::with(&text)
        .file(".kube/pki/ca.pem", &server.authority.pem())
        .file(".kube/pki/cert.pem", &login.certificate)
        .file(".kube/pki/key.pem", &login.key)
        .file(".kube/token", "secret-token\n");
    let text = steady(&sandbox.run("status").0);
    assert!(text.contains("file  ok  v1.33.4  ? ms  jane"), "{text}");
    assert!(text.contains("cert  ok  v1.33.4  ? ms  3 d  carol"), "{text}");
    assert!(text.contains("skip  ok  v1.33.4  ? ms  jane"), "{text}");
    assert!(
        text.contains("gone  failed  cannot read `@DIR@/.kube/missing`: no such file or directory"),
        "{text}"
    );
    assert!(text.contains("error: 1 of 4 contexts failed: `gone`\n--- exit 1"), "{text}");
}

#[test]
fn certificates_that_are_wrong_are_told_with_their_names() {
    for (certificate, message) in [
        (
            Shown::WrongName,
            "the certificate of the server is for kubernetes, kubernetes.default and 1 more, not for 127.0.0.1",
        ),
        (Shown::Expired, "the certificate of the server expired 2 d ago"),
        (Shown::NotYet, "the certificate of the server is not valid yet"),
        (Shown::Stranger, "not signed by an authority that the kubeconfig trusts"),
    ] {
        let server = ApiServer::start(Setup { certificate, ..Setup::default() });
        fails(&server.kubeconfig(TOKEN), "tls", message);
    }
    let server = ApiServer::start(Setup { demands_certificate: true, ..Setup::default() });
    fails(&server.kubeconfig(TOKEN), "tls", "the server requires a client certificate");
}

#[test]
fn connections_that_fail_are_told() {
    let with = |connection| ApiServer::start(Setup { connection, ..Setup::default() });
    fails(&with(Connection::NotTls).kubeconfig(TOKEN), "tls", "the server does not speak TLS");
    fails(&with(Connection::Closed).kubeconfig(TOKEN), "closed", "was closed before the response");
    fails(&with(Connection::HalfHandshake).kubeconfig(TOKEN), "closed", "was closed before the response");
    let mut server = ApiServer::good();
    let text = server.kubeconfig(TOKEN);
    server.stop();
    fails(&text, "refused", &format!("{} refused the connection", server.address));
    let server = with(Connection::Silent);
    let said = failure(&server.kubeconfig(TOKEN), "--timeout 300ms");
    assert_eq!(said, ("timeout".into(), "timed out after 300 ms: the server did not respond".into()));
    // A label of a name has at most 63 letters: no resolver is asked for this one.
    let host = format!("{}.invalid", "a".repeat(64));
    let cluster = format!("{{server: 'https://{host}:6443', tls-server-name: a.test}}");
    fails(&kubeconfig(&[("a", &cluster, TOKEN)]), "dns", &format!("cannot resolve the host name `{host}`"));
    // Like kubectl, kcx does not send a token over an unencrypted connection.
    let plain = with(Connection::Plain);
    fails(&plain.kubeconfig(TOKEN), "anonymous", "no credential is sent over plain HTTP");
    assert!(plain.seen().iter().all(|seen| seen.header("authorization").is_none()));
}

#[test]
fn answers_that_are_wrong_are_told() {
    let with = |path, behaviour| ApiServer::start(Setup::default().with(path, behaviour));
    for (behaviour, reason, message) in [
        (Behaviour::Unauthorized, "unauthorized", "rejected the credential (401)"),
        (Behaviour::Unavailable { times: 9 }, "error", "status 503: apiserver is shutting down"),
        (Behaviour::TooMany { seconds: 90, times: 9 }, "busy", "too busy (429); retry in 1 min 30 s"),
        (Behaviour::HalfClosed, "closed", "was closed before the response"),
        (
            Behaviour::Html,
            "not-kubernetes",
            "this is not a Kubernetes API server: the response is an HTML page",
        ),
        (Behaviour::Body("hello".into()), "not-kubernetes", "the response is not JSON"),
        (Behaviour::Body("{}".into()), "not-kubernetes", "no version in the response"),
        (
            Behaviour::Redirect("https://login.test".into()),
            "not-kubernetes",
            "it redirects to login.test, another server",
        ),
    ] {
        fails(&with("/version", behaviour).kubeconfig(TOKEN), reason, message);
    }
    for behaviour in [Behaviour::Silent, Behaviour::NoBody] {
        let server = with("/version", behaviour);
        let said = failure(&server.kubeconfig(TOKEN), "--timeout 300ms");
        assert_eq!(said.1, "timed out after 300 ms: the server did not respond");
    }
    let forbidden = with("/", Behaviour::Forbidden);
    fails(&forbidden.kubeconfig(TOKEN), "forbidden", "not allowed (403): forbidden: User \"jane\"");
    // Who may ask for less still gets that.
    let server = with("/version", Behaviour::Forbidden);
    let report_of = |server: &ApiServer| report(&Sandbox::with(&server.kubeconfig(TOKEN)), "")[0].clone();
    let found = report_of(&server);
    assert_eq!(
        (&found["ok"], &found["version"], &found["user"]),
        (&true.into(), &Value::Null, &"jane".into())
    );
    let found = report_of(&with("/apis/authentication", Behaviour::NotFound));
    assert_eq!((&found["ok"], &found["user"]), (&true.into(), &Value::Null));
    // What comes late, or the second time, comes all the same.
    let server = with("/version", Behaviour::Slow(Duration::from_millis(50)));
    assert_eq!(report_of(&server)["ok"], true);
    let server = with("/version", Behaviour::TooMany { seconds: 0, times: 2 });
    assert_eq!(report_of(&server)["ok"], true);
    assert_eq!(server.lines().iter().filter(|line| line.contains("/version")).count(), 3);
}

#[test]
fn proxies_lead_on_or_are_named() {
    let server = ApiServer::good();
    let through = |url: &str| {
        let cluster = format!(
            "{{server: 'https://api.cluster.test:6443', certificate-authority-data: {}, proxy-url: '{url}'}}",
            base64(&server.authority.pem())
        );
        kubeconfig(&[("test", &cluster, TOKEN)])
    };
    let login = Some("me:p@ss".to_owned());
    let leads_to = Some(server.address);
    let proxy = Proxy::start(ProxySetup { leads_to, login, ..ProxySetup::default() });
    for url in ["http://me:p%40ss@", "socks5://", "SOCKS5://"].map(|url| format!("{url}{}", proxy.address)) {
        let found = report(&Sandbox::with(&through(&url)), "");
        assert_eq!(found[0]["user"], "jane", "{url} {found:?}");
    }
    assert_eq!(proxy.asked(), vec!["api.cluster.test:6443"; 3]);
    let demanded = format!("the connection through the proxy {} failed: it requires a login", proxy.address);
    fails(&through(&format!("http://{}", proxy.address)), "proxy", &demanded);
    let refuses = Some("403 Forbidden".to_owned());
    let no = Proxy::start(ProxySetup { refuses, ..ProxySetup::default() });
    fails(&through(&format!("http://{}", no.address)), "proxy", "failed: it refused this server");
    let silent = Proxy::start(ProxySetup { silent: true, ..ProxySetup::default() });
    let said = failure(&through(&format!("http://{}", silent.address)), "--timeout 300ms");
    assert_eq!(said.1, "timed out after 300 ms: the proxy did not connect to the server");
    let gone = {
        let mut gone = ApiServer::good();
        gone.stop();
        gone.address
    };
    fails(&through(&format!("http://{gone}")), "proxy", &format!("cannot connect to the proxy {gone}"));
    fails(&through(&format!("socks5://{gone}")), "proxy", &format!("cannot connect to the proxy {gone}"));
    fails(
        &through("ftp://proxy.test"),
        "kubeconfig",
        "the `proxy-url` of its cluster is not a valid URL with the scheme http, https or socks5",
    );
    let named = through(&format!("socks5h://{}", proxy.address));
    fails(
        &named,
        "kubeconfig",
        "the `proxy-url` of its cluster is not a valid URL with the scheme http, https or socks5",
    );

    // The environment names one, too; the cluster's own word comes first, and this machine is never asked that way.
    let cluster = format!(
        "{{server: 'https://api.cluster.test:6443', certificate-authority-data: {}}}",
        base64(&server.authority.pem())
    );
    let open = Proxy::start(ProxySetup { leads_to, ..ProxySetup::default() });
    let mut sandbox = Sandbox::with(&kubeconfig(&[("a", &cluster, TOKEN), ("b", &server.cluster(), TOKEN)]));
    sandbox.env.https_proxy = Some(open.address.to_string().into());
    let found = report(&sandbox, "");
    assert_eq!((&found[0]["ok"], &found[1]["ok"]), (&true.into(), &true.into()), "{found:?}");
    assert_eq!(open.asked(), ["api.cluster.test:6443"]);
}

#[test]
fn kubeconfigs_that_lead_nowhere_are_told() {
    for (cluster, user, message) in [
        ("{server: ''}", TOKEN, "cluster `c-a` has no server"),
        ("{server: 'https://'}", TOKEN, "the server of cluster `c-a` is not a valid"),
        ("{server: 'ftp://a.test'}", TOKEN, "the server of cluster `c-a` is not a valid"),
        (
            "{server: 'https://127.0.0.1:1', certificate-authority-data: aGVsbG8=}",
            TOKEN,
            "its certificate authority cannot be used: there is no PEM block in it",
        ),
        (
            "{server: 'https://127.0.0.1:1'}",
            "{client-certificate-data: aGVsbG8=}",
            "a client certificate without a key",
        ),
        ("{server: 'https://127.0.0.1:1'}", "{token: \"a\\nb\"}", "a token that contains a line break"),
        ("{server: 'https://127.0.0.1:1'}", "{token: a, username: b}", "only one of them is allowed"),
        (
            "{server: 'https://127.0.0.1:1'}",
            "{auth-provider: {name: gcp}}",
            "the auth-provider `gcp`, which kubectl",
        ),
        (
            "{server: 'https://127.0.0.1:1'}",
            "{exec: {command: x, apiVersion: a/v1alpha1, interactiveMode: Never}}",
            "no longer supports the apiVersion",
        ),
    ] {
        let said = failure(&kubeconfig(&[("a", cluster, user)]), "");
        assert!(said.1.contains(message), "{said:?}");
    }
    let dangling = "contexts:\n- {name: a, context: {cluster: c, user: u}}\n";
    fails(dangling, "kubeconfig", "its cluster `c` does not exist");
    let said = Sandbox::with(dangling).run("status").0;
    assert!(said.contains("`kcx prune --contexts` removes contexts that lead nowhere"), "{said}");
}

/// A listener whose queue is full: who connects now is not even refused.
fn full() -> (tokio::runtime::Runtime, tokio::net::TcpListener, Vec<std::net::TcpStream>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let guard = runtime.enter();
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind((std::net::Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let listener = socket.listen(0).unwrap();
    drop(guard);
    let (address, mut queue) = (listener.local_addr().unwrap(), Vec::new());
    while let Ok(stream) = std::net::TcpStream::connect_timeout(&address, Duration::from_millis(300)) {
        queue.push(stream);
        assert!(queue.len() < 100, "the queue has no end");
    }
    (runtime, listener, queue)
}

#[test]
fn many_are_asked_at_a_time_and_black_holes_cost_their_time_once() {
    let good = ApiServer::good();
    let silent = ApiServer::start(Setup { connection: Connection::Silent, ..Setup::default() });
    let (_runtime, full, _queue) = full();
    let full = format!("{{server: 'https://{}'}}", full.local_addr().unwrap());
    let names: Vec<String> = (0..100).map(|at| format!("c{at:02}")).collect();
    let cluster = |at: usize| match at % 10 {
        3 => silent.cluster(),
        7 => full.clone(),
        _ => good.cluster(),
    };
    let clusters: Vec<String> = (0..100).map(cluster).collect();
    let contexts: Vec<(&str, &str, &str)> =
        names.iter().zip(&clusters).map(|(name, cluster)| (name.as_str(), cluster.as_str(), TOKEN)).collect();
    let sandbox = Sandbox::with(&kubeconfig(&contexts));
    let began = std::time::Instant::now();
    // Long enough for the others on a machine that does much else.
    let report = report(&sandbox, "--timeout 6s");
    let took = began.elapsed();
    let said = |at: usize| report[at]["message"].as_str().unwrap_or_default().to_owned();
    for (at, found) in report.iter().enumerate() {
        assert_eq!(found["context"], names[at].as_str());
        assert_eq!(found["ok"], !matches!(at % 10, 3 | 7), "{found}");
    }
    assert_eq!(said(3), "timed out after 6 s: the server did not respond");
    assert_eq!(said(7), "timed out after 6 s: the connection was not accepted");
    // One after the other they would take two minutes.
    assert!(took < Duration::from_secs(40), "{took:?}");
}

#[test]
fn hints_come_with_one_context_and_those_about_another_server_first() {
    let server = ApiServer::good();
    let stranger = ApiServer::start(Setup { certificate: Shown::WrongName, ..Setup::default() });
    let cluster = server.cluster();
    let plain = cluster.replace("https://", "http://");
    let system = format!("{{server: '{}'}}", stranger.url());
    let text = kubeconfig(&[
        ("unauth", &cluster, "{token: outdated}"),
        ("plain", &plain, TOKEN),
        ("empty", "{server: ''}", TOKEN),
        ("login", &system, TOKEN),
        ("unauth-2", &cluster, "{token: outdated}"),
    ]);
    let mut sandbox = Sandbox::with(&text).file("system.pem", &stranger.authority.pem());
    sandbox.env.ssl_cert_file = Some(sandbox.path().join("system.pem"));
    sandbox.env.ssl_cert_dir = Some(sandbox.path().join("none").into());
    let said = |words: &str| sandbox.run(words).0.split_once("--- stderr\n").unwrap().1.to_owned();
    assert_eq!(
        said("status unauth"),
        "hint: log in again with the tool that created this user entry\n--- exit 1\nno file changed\n"
    );
    let all = said("status");
    let lines: Vec<&str> = all.lines().collect();
    assert_eq!(lines[0], "error: 5 of 5 contexts failed");
    assert!(lines[1].starts_with("hint: `login`: another server responded"), "{all}");
    assert!(lines[2].starts_with("hint: `empty`: "), "{all}");
    assert!(lines[3].starts_with("hint: `plain`: "), "{all}");
    assert_eq!(lines[4], "hint: 1 more hint is in `kcx status -o json`");
}

/// Contexts as clouds name them, half of which work; in the second half the first word differs, or only the middle.
const CLOUDS: [&str; 8] = [
    "arn:aws:eks:eu-central-1:111122223333:cluster/main",
    "arn:aws:eks:eu-central-1:444455556666:cluster/main",
    "gke_acme-dev_europe-west1_checkout",
    "gke_acme-prod_europe-west1_checkout",
    "shop/api-a-example-com:6443/kube:admin",
    "shop/api-b-example-com:6443/kube:admin",
    "開発環境のクラスタ名前空間その一です",
    "本番環境のクラスタ名前空間その一です",
];

#[test]
fn rows_never_wrap_and_names_differ_on_a_narrow_terminal() {
    let server = ApiServer::good();
    let (good, bad) =
        (server.cluster(), "{server: 'https://does-not-exist.invalid:6443', proxy-url: 'ftp://a-proxy'}");
    let contexts: Vec<(&str, &str, &str)> = CLOUDS
        .iter()
        .enumerate()
        .map(|(at, name)| (*name, if at % 2 == 0 { good.as_str() } else { bad }, TOKEN))
        .collect();
    let mut sandbox = Sandbox::with(&kubeconfig(&contexts));
    for columns in [40, 60, 80, 100] {
        sandbox.env.columns = Some(columns);
        let said = sandbox.run("status").0;
        let (table, _) = said.split_once("--- stderr").unwrap();
        assert!(table.lines().all(|line| line.width() <= columns), "{columns}\n{table}");
        let starts = |line: &&str| line.contains("  ok  ") || line.contains("  failed");
        let names: HashSet<&str> =
            table.lines().filter(starts).map(|line| line[2..].split("  ").next().unwrap()).collect();
        assert_eq!(names.len(), CLOUDS.len(), "{columns}\n{table}");
        assert!(columns < 60 || table.contains("  v1.33.4"), "{table}");
        // Words stay whole.
        assert!(table.contains("kubeconfig") || table.contains("scheme"), "{table}");
    }
}
