//! Much at once: long lists and many watches, in little memory.

use super::{TOKEN, World};
use crate::api_server::Setup;
use crate::behind_proxy::{BehindProxy, RawClient};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};

/// The most memory that a process had, in KiB.
fn peak(pid: u32) -> usize {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn long_lists_and_many_watches_need_little_memory() {
    let world = World::with(Setup { leases: 10_000, ..Setup::default() });
    let flags = ["--no-secrets", "--namespaces", "shop"];
    let proxy = BehindProxy::start(&world.home, &world.file, &flags);
    // Each watch has shown its first event, and goes on.
    let mut watches = Vec::new();
    for _ in 0..50 {
        let mut stream = BufReader::new(proxy.client().connect());
        let head = proxy.client().head("GET /api/v1/pods?watch=true", "");
        stream.get_mut().write_all(head.as_bytes()).unwrap();
        let mut line = String::new();
        while !line.contains("\"type\":\"ADDED\"") {
            line.clear();
            assert!(stream.read_line(&mut line).unwrap() > 0);
        }
        watches.push(stream);
    }
    let direct = RawClient::direct(&world.server, TOKEN);
    for path in ["/apis/coordination.k8s.io/v1/namespaces/shop/leases", "/apis/coordination.k8s.io/v1/leases"]
    {
        let line = format!("GET {path}");
        let (through, direct) = (proxy.client().request(&line, "", ""), direct.request(&line, "", ""));
        assert!(through.body.len() > 19_000_000 && through.is_whole, "{}", through.body.len());
        assert_eq!(through.json()["items"], direct.json()["items"]);
    }
    // A client that does not read its answer keeps the proxy waiting, not collecting.
    let mut slow = proxy.client().connect();
    slow.write_all(proxy.client().head("GET /apis/coordination.k8s.io/v1/leases", "").as_bytes()).unwrap();
    let again = proxy.client().request("GET /apis/coordination.k8s.io/v1/leases?limit=2000", "", "");
    assert!(again.is_whole);
    let peak = peak(proxy.pid());
    assert!(peak <= 64 << 10, "{peak} KiB");
    drop((watches, slow));
    proxy.end();
}

/// Every program of the machine can connect to the proxy, and keep its connections.
#[test]
fn connections_without_the_token_do_not_keep_others_out() {
    let world = World::new();
    let proxy = BehindProxy::start(&world.home, &world.file, &["--read-only"]);
    let good = proxy.client().request("GET /api/v1/namespaces/shop/pods", "", "");
    assert_eq!(good.status, 200);
    // Some have begun to speak HTTP/2, the others say nothing.
    let mut unauthenticated = Vec::new();
    for at in 0..520 {
        let mut stream = proxy.client().connect_speaking(if at % 3 == 0 { b"h2" } else { b"http/1.1" });
        let begin: &[u8] =
            if at % 3 == 0 { b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0" } else { b"" };
        stream.write_all(begin).unwrap();
        // Until the handshake is over.
        stream.conn.complete_io(&mut stream.sock).unwrap();
        unauthenticated.push(stream);
    }
    // A connection that was there before, and a new one.
    for _ in 0..2 {
        assert_eq!(proxy.client().request("GET /api/v1/namespaces/shop/pods", "", "").status, 200);
        proxy.client().forget();
    }
    // The proxy ends them all.
    for mut stream in unauthenticated {
        let mut rest = Vec::new();
        let ended = stream.read_to_end(&mut rest);
        let is_late = |error: &std::io::Error| error.kind() == std::io::ErrorKind::WouldBlock;
        assert!(!ended.as_ref().is_err_and(is_late), "{ended:?}");
    }
    proxy.end();
}

/// More watches than a server takes over one connection of HTTP/2.
#[test]
fn many_watches_do_not_wait_for_each_other() {
    let world = World::new();
    let proxy = BehindProxy::start(&world.home, &world.file, &["--no-secrets"]);
    let mut watches = Vec::new();
    for _ in 0..260 {
        let mut stream = BufReader::new(proxy.client().connect());
        let head = proxy.client().head("GET /api/v1/namespaces/shop/pods?watch=true", "");
        stream.get_mut().write_all(head.as_bytes()).unwrap();
        let mut line = String::new();
        assert!(stream.read_line(&mut line).unwrap() > 0 && line.starts_with("HTTP/1.1 200 "), "{line}");
        watches.push(stream);
    }
    drop(watches);
    proxy.end();
}
