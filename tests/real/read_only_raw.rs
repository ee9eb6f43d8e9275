//! `kcx exec --read-only` at the byte level: malformed requests to the proxy, and what reaches the server.

use crate::api_server::kubeconfig;
use crate::behind_proxy::BehindProxy;
use crate::tools::Home;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A server without TLS that records every request unchanged, and answers some paths strangely.
struct Upstream {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
}

const CUSTOM: &str = "/apis/apiregistration.k8s.io/v1/apiservices/";

impl Upstream {
    fn start() -> Upstream {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let upstream = Upstream { address: listener.local_addr().unwrap(), seen: Arc::default() };
        let seen = upstream.seen.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = seen.clone();
                std::thread::spawn(move || while answer(&stream, &seen).is_some() {});
            }
        });
        upstream
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|raw| String::from_utf8_lossy(raw).into_owned()).collect()
    }

    /// The targets of the requests so far.
    fn targets(&self) -> Vec<String> {
        self.seen().iter().map(|raw| raw.split(' ').nth(1).unwrap().to_owned()).collect()
    }
}

/// Reads one request and answers it; `None` at the end of the connection.
fn answer(mut stream: &TcpStream, seen: &Mutex<Vec<Vec<u8>>>) -> Option<()> {
    let mut raw = Vec::new();
    while !raw.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        raw.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&raw).to_lowercase();
    let length = head
        .split("content-length: ")
        .nth(1)
        .map_or(0, |rest| rest.split("\r\n").next().unwrap().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    raw.extend(body);
    let target = String::from_utf8_lossy(&raw).split(' ').nth(1).unwrap().to_owned();
    let is_head = raw.starts_with(b"HEAD ");
    seen.lock().unwrap().push(raw);
    let entry = |name: &str, service: &str| {
        format!("{{\"kind\":\"APIService\",\"metadata\":{{\"name\":\"{name}\"}},\"spec\":{{{service}}}}}")
    };
    let (code, text) = match target.strip_prefix(CUSTOM) {
        Some("v1.own.example.com") => (200, entry("v1.own.example.com", "\"group\":\"own.example.com\"")),
        Some("v1.null.example.com") => (200, entry("v1.null.example.com", "\"service\":null")),
        Some("v1.other.example.com") => (200, entry("v1.other.example.com", "\"service\":{\"name\":\"x\"}")),
        Some("v1.wrong.example.com") => (200, entry("v1.own.example.com", "")),
        Some("v1.odd.example.com") => (200, "[]".to_owned()),
        Some("v1.forbidden.example.com") => (403, "{}".to_owned()),
        Some(_) => (404, "{}".to_owned()),
        None => (200, "{}".to_owned()),
    };
    let mut said = match target.as_str() {
        "/api/v1/nodes/switch" => {
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n".to_owned()
        }
        "/api/v1/nodes/hint" => "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".to_owned(),
        _ => String::new(),
    };
    if !said.contains(" 101 ") {
        said += &format!(
            "HTTP/1.1 {code} OK\r\nContent-Type: application/json\r\nSet-Cookie: a=b\r\nWWW-Authenticate: Basic\r\n\
             Location: http://elsewhere/\r\nConnection: hop\r\nHop: x\r\nWarning: 299 - \"old\"\r\nContent-Length: {}\r\n\r\n",
            text.len()
        );
        if !is_head {
            said += &text;
        }
    }
    stream.write_all(said.as_bytes()).ok()
}

/// A command behind a proxy to this server.
fn behind(home: &Home, upstream: &Upstream) -> BehindProxy {
    let cluster = format!("{{server: 'http://{}'}}", upstream.address);
    let file = home.write("config", kubeconfig(&[("test", &cluster, "{token: real-token}")]));
    BehindProxy::start(home, &file, &["--read-only"])
}

#[test]
fn what_reaches_the_server_is_what_was_judged() {
    let (home, upstream) = (Home::new(), Upstream::start());
    let proxy = behind(&home, &upstream);
    let vectors = include_str!("../proxy/vectors.jsonl").lines().enumerate();
    let vectors = vectors.map(|(at, line)| (at, serde_json::from_str::<serde_json::Value>(line).unwrap()));
    let mut sent = Vec::new();
    for (_, vector) in vectors.filter(|(at, vector)| vector["ordinary"] == true || at % 20 == 0) {
        let target: Vec<u8> =
            vector["target"].as_str().unwrap().chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        let before = upstream.targets().len();
        let answer = proxy.ask(&[b"GET ", target.as_slice()].concat(), "", "");
        let new = upstream.targets().split_off(before);
        if answer.starts_with("HTTP/1.1 200 ") {
            // hyper removes a fragment first.
            let target = String::from_utf8(target).unwrap();
            assert_eq!(new, [target.split('#').next().unwrap()]);
            sent.push(target);
        } else {
            assert_eq!(new, Vec::<String>::new(), "{target:?} was answered with {answer}");
            // The dry runs of `DELETE` and the like are not readable paths.
            let is_custom = vector["target"].as_str().unwrap().contains("dryRun");
            assert!(vector["ordinary"] != true || is_custom, "{answer}");
        }
    }
    assert!(sent.len() > 60, "{sent:?}");
    // Without TLS the credential stays here, as with kubectl; the proxy's own token always does.
    let login = |line: &str| line.to_ascii_lowercase().starts_with("authorization:");
    assert!(upstream.seen().iter().all(|raw| !raw.lines().any(login)));
    proxy.end();
}

#[test]
fn a_dry_run_that_go_takes_for_none_stays_here() {
    let (home, upstream) = (Home::new(), Upstream::start());
    let proxy = behind(&home, &upstream);
    let json = "Content-Type: application/json\r\nContent-Length: 2\r\n";
    for line in [
        "POST /api/v1/namespaces?dryRun=All;",
        "POST /api/v1/namespaces?dryRun=All;x=1",
        "PUT /api/v1/namespaces/x/configmaps/c?a;dryRun=All",
        "PATCH /api/v1/namespaces/x?;dryRun=All",
        "POST /api/v1/namespaces?dryRun=All&;",
        "POST /api/v1/namespaces?dryRun=All&dryRun=All",
        "POST /api/v1/namespaces?dryRun=All&&a=b",
        "POST /api/v1/namespaces?dry%52un=All",
        "POST http://x/api/v1/namespaces?dryRun=All",
        "POST /api/v1/namespaces/x/serviceaccounts/s/token?dryRun=All",
    ] {
        assert_eq!(proxy.code(line, json, "{}"), "403", "{line}");
    }
    for headers in [
        "X-HTTP-Method-Override: DELETE\r\n",
        "X_HTTP_Method_Override: DELETE\r\n",
        "X-Remote-User: root\r\nX-Remote-Group: system:masters\r\n",
        "Impersonate-User: root\r\n",
        "Upgrade: websocket\r\n",
        "Connection: authorization\r\n",
        "X-Original-URL: /api/v1/nodes/n/proxy\r\n",
        "Host: y\r\n",
        "Content-Encoding: gzip\r\n",
        "Content-Length: 2\r\n\r\n{}",
        "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n",
    ] {
        assert_eq!(proxy.code("GET /api/v1/pods", headers, ""), "403", "{headers}");
    }
    let dry = "{\"dryRun\":[\"All\"]}";
    let deletion = |kind: &str| {
        proxy.code("DELETE /api/v1/nodes/n", &format!("Content-Length: {}\r\n{kind}", dry.len()), dry)
    };
    assert_eq!(deletion("Content-Type: application/yaml\r\n"), "403");
    assert_eq!(deletion("Content-Encoding: gzip\r\n"), "403");
    assert_eq!(upstream.targets(), Vec::<String>::new());
    assert_eq!(deletion("Content-Type: application/json\r\n"), "200");
    assert_eq!(proxy.code("POST /api/v1/namespaces?dryRun=All", json, "{}"), "200");
    assert_eq!(upstream.targets(), ["/api/v1/nodes/n", "/api/v1/namespaces?dryRun=All"]);
    // Each refusal is reported once, and their number is limited.
    let said = proxy.end();
    assert!(
        said.contains("warning: refused for context `test`: POST /api/v1/namespaces: its query has a `;`\n"),
        "{said}"
    );
    assert!(
        said.lines().count() <= 12 && said.ends_with("more requests for context `test` failed\n"),
        "{said}"
    );
}

#[test]
fn one_request_is_one_and_no_byte_of_it_becomes_another() {
    let (home, upstream) = (Home::new(), Upstream::start());
    let proxy = behind(&home, &upstream);
    let hidden =
        "DELETE /api/v1/namespaces/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer real-token\r\n\r\n";
    // A length with an encoding, two lengths, invalid encodings, an invalid chunk.
    for headers in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: +5\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding:\u{b}chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    ] {
        let before = upstream.targets().len();
        let answer = proxy.ask(b"POST /api/v1/namespaces?dryRun=All", headers, &format!("0\r\n\r\n{hidden}"));
        // If both are there, hyper uses the encoding, drops the length, and closes the connection (RFC 9112, 6.3).
        let new = upstream.seen().split_off(before);
        if answer.starts_with("HTTP/1.1 200 ") {
            let [one] = new.as_slice() else { panic!("{headers}: {new:?}") };
            assert!(headers.contains("Content-Length: 5\r\n") && headers.contains(": chunked"), "{headers}");
            assert!(
                one.starts_with("POST /api/v1/namespaces?dryRun=All HTTP/1.1\r\n")
                    && one.ends_with("\r\n\r\n"),
                "{one}"
            );
            assert!(!one.contains("DELETE"), "{one}");
        } else {
            assert_eq!(new, Vec::<String>::new(), "{headers}: {answer}");
        }
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{headers}: {answer}");
    }
    let before = upstream.targets().len();
    // Only the exact token, in the right header, on its own.
    let bare = |headers: &str| {
        proxy.send(format!("GET /api/v1/pods HTTP/1.1\r\nHost: x\r\n{headers}\r\n").as_bytes())
    };
    let token = proxy.token();
    for headers in [
        String::new(),
        "Authorization: Bearer real-token\r\n".to_owned(),
        format!("Authorization: Bearer {token}x\r\n"),
        format!("Authorization: Bearer {}\r\n", &token[1..]),
        format!("Authorization: bearer {token}\r\n"),
        format!("Authorization: Basic x\r\nAuthorization: Bearer {token}\r\n"),
        format!("Cookie: token={token}\r\n"),
    ] {
        assert!(bare(&headers).starts_with("HTTP/1.1 401 "), "{headers}");
    }
    assert_eq!(upstream.targets().len(), before);
    // A body that is too large is refused without reading it to its end.
    let big = proxy.ask(
        b"POST /api/v1/namespaces?dryRun=All",
        "Content-Length: 5000000\r\n",
        &"x".repeat(5_000_000),
    );
    assert!(big.is_empty() || big.starts_with("HTTP/1.1 403 "), "{big}");
    assert_eq!(upstream.targets().len(), before);
    proxy.end();
}

#[test]
fn headers_pass_by_name_alone() {
    let (home, upstream) = (Home::new(), Upstream::start());
    let proxy = behind(&home, &upstream);
    let answer = proxy.ask(
        b"GET /api/v1/pods",
        "Accept: application/json\r\nCookie: a=b\r\nX-Any: thing\r\nExpect: 100-continue\r\n",
        "",
    );
    let answer = answer.to_lowercase();
    assert!(answer.contains("warning: 299") && answer.contains("content-type: application/json"), "{answer}");
    for held in ["set-cookie", "www-authenticate", "location", "hop"] {
        assert!(!answer.contains(held), "{held}: {answer}");
    }
    let seen = upstream.seen()[0].to_lowercase();
    assert!(
        seen.starts_with("get /api/v1/pods http/1.1\r\n") && seen.contains("accept: application/json\r\n"),
        "{seen}"
    );
    for held in ["cookie", "x-any", "expect", proxy.token(), "host: x"] {
        assert!(!seen.contains(held), "{held}: {seen}");
    }
    let answer = proxy.ask(b"HEAD /api/v1/pods", "", "");
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n"), "{answer}");
    // A protocol switch is never a read, whoever starts it; an informational answer is not the final one.
    assert_eq!(proxy.code("GET /api/v1/nodes/switch", "", ""), "502");
    assert_eq!(proxy.code("GET /api/v1/nodes/hint", "", ""), "200");
    proxy.end();
}

#[test]
fn a_dry_run_of_a_group_of_its_own_is_let_through_if_kube_apiserver_serves_it() {
    let (home, upstream) = (Home::new(), Upstream::start());
    let proxy = behind(&home, &upstream);
    let ask = |group: &str| {
        let line = format!("POST /apis/{group}/v1/namespaces/x/things?dryRun=All");
        proxy.ask(line.as_bytes(), "Content-Length: 2\r\n", "{}")
    };
    for group in ["own.example.com", "null.example.com"] {
        assert!(ask(group).starts_with("HTTP/1.1 200 "), "{group}");
    }
    for (group, why) in [
        ("other.example.com", "an API server of its own serves v1.other.example.com"),
        ("forbidden.example.com", "the cluster responded with status 403"),
        ("gone.example.com", "the cluster responded with status 404"),
        ("wrong.example.com", "the response is not an APIService"),
        ("odd.example.com", "the response is not an APIService"),
        ("UPPER.example.com", "its path is not the path of an API"),
    ] {
        let answer = ask(group);
        assert!(answer.starts_with("HTTP/1.1 403 ") && answer.contains(why), "{group}: {answer}");
    }
    let writes = upstream.targets().into_iter().filter(|target| target.contains("dryRun"));
    let group = |target: String| target.split('/').nth(2).unwrap().to_owned();
    assert_eq!(writes.map(group).collect::<Vec<_>>(), ["own.example.com", "null.example.com"]);
    proxy.end();
}
