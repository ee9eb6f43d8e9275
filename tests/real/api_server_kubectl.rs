//! The real kubectl as the client of the tests' own API server: what kcx is tested against is what kubectl meets.

use crate::api_server::{
    ApiServer, Behaviour, Connection, Http, Proxy, ProxySetup, Setup, Shown, User, base64, kubeconfig,
};
use crate::tools::{Home, complaint, fine};
use std::time::Duration;

const TOKEN: &str = "{token: secret-token}";

/// kubectl's answer, with a kubeconfig of this text.
fn kubectl(text: &str, words: &[&str]) -> std::process::Output {
    let home = Home::new();
    let file = home.write("config", text.as_bytes());
    home.kubectl(&file, words)
}

#[track_caller]
fn says(text: &str, words: &[&str], wanted: &str) {
    let output = kubectl(text, words);
    let said = complaint(&output);
    assert!(!output.status.success() && said.contains(wanted), "kubectl {words:?} said {said}");
}

/// kubectl has several words for it.
fn timed_out(said: &str) -> bool {
    ["timeout", "Timeout", "deadline"].iter().any(|word| said.contains(word))
}

#[test]
fn kubectl_reads_versions_namespaces_and_who_it_is() {
    let server = ApiServer::good();
    let config = server.kubeconfig(TOKEN);
    assert!(fine(&kubectl(&config, &["version"])).contains("Server Version: v1.33.4"));
    assert_eq!(fine(&kubectl(&config, &["get", "--raw", "/readyz"])), "ok");
    let names = ["get", "namespaces", "-o", "name", "--chunk-size", "2"];
    assert_eq!(fine(&kubectl(&config, &names)).lines().count(), 6);
    let pages = server.lines().iter().filter(|line| line.starts_with("GET /api/v1/namespaces?")).count();
    assert_eq!(pages, 3, "{:?}", server.lines());
    let table = fine(&kubectl(&config, &["get", "ns", "--chunk-size", "4"]));
    assert!(
        table.starts_with("NAME              STATUS   AGE\ndefault           Active   104d\n"),
        "{table}"
    );
    assert_eq!(table.lines().count(), 7);
    let who = fine(&kubectl(&config, &["auth", "whoami"]));
    assert!(who.contains("jane") && who.contains("[developers system:authenticated]"), "{who}");
    assert!(server.lines().iter().all(|line| line.ends_with("HTTP/2.0")), "{:?}", server.lines());
    says(&config, &["get", "ns", "nope"], "namespaces \"nope\" not found");
}

#[test]
fn kubectl_logs_in_by_certificate_password_and_impersonation() {
    let setup = Setup {
        http: Http::One,
        passwords: vec![("bob".to_owned(), "pass:word".to_owned())],
        tokens: vec![("root".to_owned(), User::new("root", &["system:masters"]))],
        ..Setup::default()
    };
    let server = ApiServer::start(setup);
    let login = server.authority.client("carol", &["ops", "dev"], 30);
    let certificate = format!(
        "{{client-certificate-data: {}, client-key-data: {}}}",
        base64(&login.certificate),
        base64(&login.key)
    );
    for (user, who) in [
        (certificate.as_str(), "[ops dev system:authenticated]"),
        ("{username: bob, password: 'pass:word'}", "bob"),
        ("{token: root, as: eve, as-groups: [a, b]}", "[a b system:authenticated]"),
    ] {
        let answer = fine(&kubectl(&server.kubeconfig(user), &["auth", "whoami"]));
        assert!(answer.contains(who), "{user}: {answer}");
    }
    assert!(server.lines().iter().all(|line| line.ends_with("HTTP/1.1")), "{:?}", server.lines());

    // In HTTP/2 kubectl sometimes has no more to say than that there was no connection.
    let strict = ApiServer::start(Setup { http: Http::One, demands_certificate: true, ..Setup::default() });
    says(&strict.kubeconfig(TOKEN), &["version"], "tls: certificate required");
}

#[test]
fn kubectl_meets_all_that_can_go_wrong() {
    let broken = |behaviour| ApiServer::start(Setup::default().with("/api/v1/namespaces", behaviour));
    let list = ["get", "--raw", "/api/v1/namespaces", "--request-timeout", "20s"];
    let server = broken(Behaviour::Unauthorized);
    says(&server.kubeconfig(TOKEN), &list, "You must be logged in to the server");
    let server = broken(Behaviour::Forbidden);
    let denied = "namespaces is forbidden: User \"jane\" cannot list resource \"namespaces\"";
    says(&server.kubeconfig(TOKEN), &list, denied);
    says(&server.kubeconfig("{token: wrong}"), &["version"], "You must be logged in to the server");
    let server = broken(Behaviour::TooMany { seconds: 1, times: 2 });
    assert!(fine(&kubectl(&server.kubeconfig(TOKEN), &list)).contains("kube-system"));
    // kubectl asks for the version, too, to warn of one that is too old.
    let asked = server.lines().into_iter().filter(|line| line.starts_with("GET /api/v1/namespaces"));
    assert_eq!(asked.count(), 3);
    let server = broken(Behaviour::HalfClosed);
    let said = complaint(&kubectl(&server.kubeconfig(TOKEN), &list));
    assert!(said.contains("stream error") || said.contains("unexpected EOF"), "{said}");
    let server = broken(Behaviour::Silent);
    let short = ["get", "--raw", "/api/v1/namespaces", "--request-timeout", "1s"];
    assert!(timed_out(&complaint(&kubectl(&server.kubeconfig(TOKEN), &short))));
    let server = broken(Behaviour::Slow(Duration::from_millis(200)));
    assert!(fine(&kubectl(&server.kubeconfig(TOKEN), &list)).contains("kube-system"));
    let server = broken(Behaviour::Expired);
    let paged = ["get", "ns", "-o", "name", "--chunk-size", "2"];
    says(&server.kubeconfig(TOKEN), &paged, "The provided continue parameter is too old");
}

#[test]
fn kubectl_refuses_certificates_and_connections_that_are_wrong() {
    for (certificate, wanted) in [
        (Shown::WrongName, "x509: certificate is valid for 10.96.0.1, not 127.0.0.1"),
        (Shown::Expired, "x509: certificate has expired or is not yet valid"),
        (Shown::NotYet, "x509: certificate has expired or is not yet valid"),
        (Shown::Stranger, "x509: certificate signed by unknown authority"),
    ] {
        let server = ApiServer::start(Setup { certificate, ..Setup::default() });
        says(&server.kubeconfig(TOKEN), &["version"], wanted);
    }
    let words = ["version", "--request-timeout", "20s"];
    for connection in [Connection::Closed, Connection::HalfHandshake] {
        let server = ApiServer::start(Setup { connection, ..Setup::default() });
        let said = complaint(&kubectl(&server.kubeconfig(TOKEN), &words));
        // Who closes with something unread resets the connection.
        assert!(said.contains("EOF") || said.contains("connection reset by peer"), "{said}");
    }
    let server = ApiServer::start(Setup { connection: Connection::NotTls, ..Setup::default() });
    says(&server.kubeconfig(TOKEN), &words, "tls: first record does not look like a TLS handshake");
    let server = ApiServer::start(Setup { connection: Connection::Silent, ..Setup::default() });
    let said = complaint(&kubectl(&server.kubeconfig(TOKEN), &["version", "--request-timeout", "1s"]));
    assert!(timed_out(&said), "{said}");
    let plain = Setup { connection: Connection::Plain, anonymous: true, ..Setup::default() };
    let who = fine(&kubectl(&ApiServer::start(plain).kubeconfig("{}"), &["auth", "whoami"]));
    assert!(who.contains("system:anonymous"), "{who}");
}

#[test]
fn kubectl_goes_through_the_proxies() {
    let server = ApiServer::good();
    let login = Some("me:secret".to_owned());
    let proxy = Proxy::start(ProxySetup { leads_to: Some(server.address), login, ..ProxySetup::default() });
    let through = |proxy_url: String| {
        let cluster = format!(
            "{{server: 'https://api.cluster.test:6443', certificate-authority-data: {}, proxy-url: '{proxy_url}'}}",
            base64(&server.authority.pem())
        );
        kubeconfig(&[("test", &cluster, TOKEN)])
    };
    for scheme in ["http", "socks5"] {
        let url = format!("{scheme}://me:secret@{}", proxy.address);
        assert!(fine(&kubectl(&through(url), &["version"])).contains("v1.33.4"), "{scheme}");
    }
    let asked = proxy.asked();
    assert!(asked.len() >= 2 && asked.iter().all(|target| target == "api.cluster.test:6443"), "{asked:?}");
    let url = format!("http://{}", proxy.address);
    says(&through(url), &["version"], "Proxy Authentication Required");
    let refuses = Some("403 Forbidden".to_owned());
    let proxy = Proxy::start(ProxySetup { refuses, ..ProxySetup::default() });
    says(&through(format!("http://{}", proxy.address)), &["version"], "Forbidden");
}
