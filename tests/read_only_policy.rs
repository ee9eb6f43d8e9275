//! The read-only proxy's verdict, tested against Go's parsing of request targets and with arbitrary requests.

use crate::generate::Random;
use crate::laws_random::{seeds, tell};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use kcx::cluster::read_only_policy::{Passed, RequestTarget, judge};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Go's parsing of a target: a line of `proxy/vectors.jsonl`. Each byte is one character.
#[derive(Deserialize)]
struct Vector {
    #[serde(default)]
    ordinary: bool,
    target: String,
    ok: bool,
    #[serde(default)]
    path: String,
    #[serde(default)]
    query: BTreeMap<String, Vec<String>>,
    clean: bool,
}

fn vectors() -> Vec<Vector> {
    let lines = include_str!("proxy/vectors.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The bytes that the characters stand for.
fn bytes(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

/// True if every byte has only one meaning.
fn is_plain(target: &[u8]) -> bool {
    let known = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~!$'()*+,:@/?&=%".contains(byte);
    target.starts_with(b"/") && target.iter().all(known)
}

/// Go's `url.QueryUnescape`; with a plus that stays one, its decoding of a path.
fn unescaped(text: &[u8], plus: u8) -> Option<Vec<u8>> {
    let (mut bytes, mut rest) = (Vec::new(), text);
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first == b'%' {
            let digits = tail.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(if *first == b'+' { plus } else { *first });
        }
    }
    Some(bytes)
}

/// Go's `URL.Path` of a target that begins with a slash; `None` if Go rejects it.
fn go_path(target: &[u8]) -> Option<Vec<u8>> {
    let is_control = |byte: &u8| *byte < b' ' || *byte == 0x7f;
    let path = target.split(|byte| *byte == b'?').next().unwrap();
    (target.starts_with(b"/") && !target.iter().any(is_control)).then(|| unescaped(path, b'+'))?
}

/// Go's `URL.Query()`.
fn go_query(target: &[u8]) -> BTreeMap<Vec<u8>, Vec<Vec<u8>>> {
    let at = target.iter().position(|byte| *byte == b'?').map_or(target.len(), |at| at + 1);
    let mut query = BTreeMap::<Vec<u8>, Vec<Vec<u8>>>::new();
    for pair in target[at..].split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, [].as_slice()),
        };
        if let (false, Some(name), Some(value)) =
            (pair.contains(&b';'), unescaped(name, b' '), unescaped(value, b' '))
        {
            query.entry(name).or_default().push(value);
        }
    }
    query
}

/// kcx and Go parse a target the same way, byte for byte, and every byte of it is plain.
fn agrees(target: &[u8], read: &RequestTarget) {
    let shown = String::from_utf8_lossy(target);
    assert!(is_plain(target), "{shown}");
    assert_eq!(Some(read.path().into_bytes()), go_path(target), "{shown}");
    let of = |text: &String| text.as_bytes().to_vec();
    let pairs = read.pairs().iter().map(|(name, value)| (of(name), vec![of(value)]));
    assert_eq!(pairs.collect::<BTreeMap<_, _>>(), go_query(target), "{shown}");
    if read.is_dry_run() {
        assert_eq!(go_query(target)[b"dryRun".as_slice()], [b"All"], "{shown}");
    }
}

#[test]
fn what_is_let_through_is_read_as_go_reads_it() {
    let vectors = vectors();
    let (mut read, mut dry, mut refused_dry) = (0, 0, 0);
    for vector in &vectors {
        let target = bytes(&vector.target);
        // This test's parser agrees with Go, too.
        let query: BTreeMap<_, _> = vector
            .query
            .iter()
            .map(|(name, values)| (bytes(name), values.iter().map(|value| bytes(value)).collect::<Vec<_>>()))
            .collect();
        if vector.ok && target.starts_with(b"/") {
            assert_eq!(go_path(&target), Some(bytes(&vector.path)), "{:?}", vector.target);
            assert_eq!(go_query(&target), query, "{:?}", vector.target);
        } else if target.starts_with(b"/") {
            assert_eq!(go_path(&target), None, "{:?}", vector.target);
        }
        let asks = vector.query.get("dryRun").is_some_and(|values| values == &["All"]);
        match RequestTarget::read(&target) {
            Ok(plain) => {
                assert!(vector.ok && vector.clean, "{:?}", vector.target);
                agrees(&target, &plain);
                assert_eq!(plain.is_dry_run(), asks, "{:?}", vector.target);
                (read, dry) = (read + 1, dry + usize::from(asks));
            }
            Err(odd) => {
                assert!(!vector.ordinary, "{}: {odd:?}", vector.target);
                refused_dry += usize::from(asks);
            }
        }
        // The same through the library that parses the request.
        let Ok(uri) = Uri::try_from(target.as_slice()) else { continue };
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let Ok(passed) = judge(&method, &uri, &HeaderMap::new(), b"") else { continue };
            // A fragment has been removed already.
            let judged = uri.path_and_query().unwrap().as_str().as_bytes();
            let whole = target.split(|byte| *byte == b'#').next().unwrap();
            assert_eq!(judged, whole, "{:?}", vector.target);
            agrees(judged, &RequestTarget::read(judged).unwrap());
            let is_dry = go_query(judged).get(b"dryRun".as_slice()).is_some_and(|values| values == &[b"All"]);
            assert!(passed == Passed::Reads && method == Method::GET || is_dry, "{:?}", vector.target);
        }
    }
    assert!(vectors.len() >= 2000, "{} vectors", vectors.len());
    assert!(read > 500 && dry > 100 && refused_dry > 100, "{read} read, {dry} dry, {refused_dry} refused");
    assert!(vectors.iter().filter(|vector| vector.ordinary).count() > 25);
}

const METHODS: [&str; 11] =
    ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "TRACE", "get", "BREW"];
/// Pieces of targets: of paths that act, of queries, and malformed ones.
const PIECES: [&str; 62] = [
    "/",
    "/api",
    "/v1",
    "/apis",
    "/apps",
    "/namespaces",
    "/x",
    "/pods",
    "/p",
    "/nodes",
    "/exec",
    "/proxy",
    "/status",
    "/log",
    "/scale",
    "/token",
    "/eviction",
    "/finalize",
    "/watch",
    "/version",
    "/openapi",
    "/subresources.kubevirt.io",
    "/stable.example.com",
    "/authorization.k8s.io",
    "/selfsubjectaccessreviews",
    "/authentication.k8s.io",
    "/tokenreviews",
    "?",
    "&",
    "=",
    "dryRun=All",
    "dryRun",
    "All",
    "limit=500",
    "labelSelector=a%3Db",
    "watch=true",
    ";",
    "#",
    "%",
    "%2",
    "%2F",
    "%2e",
    "%41",
    "%C3%BC",
    "%C0%AF",
    "%00",
    "%0A",
    "%25",
    "+",
    "%2B",
    ".",
    "..",
    "//",
    "\\",
    "*",
    ":",
    "@",
    "ü",
    "\u{0}",
    " ",
    "http://h",
    "\u{7f}",
];
const BODIES: [&str; 11] = [
    "",
    "",
    "",
    "{}",
    "{\"dryRun\":[\"All\"]}",
    "{\"dryRun\":[]}",
    "{\"dryRun\":[\"All\"],\"DryRun\":[]}",
    "{\"kind\":\"DeleteOptions\",\"dryRun\":[\"All\"]}",
    "{\"deleteOptions\":{\"dryRun\":[\"All\"]}}",
    "k8s\u{0}",
    "dryRun: [All]",
];
const HEADERS: [(&str, &str); 12] = [
    ("upgrade", "websocket"),
    ("impersonate-user", "root"),
    ("x-remote-user", "root"),
    ("x-http-method-override", "DELETE"),
    ("content-type", "application/json"),
    ("content-type", "application/yaml"),
    ("content-encoding", "gzip"),
    ("transfer-encoding", "chunked"),
    ("content-length", "1"),
    ("connection", "close"),
    ("accept", "*/*"),
    ("x-any", "thing"),
];

/// A target made of pieces, with some arbitrary bytes in it.
fn target(random: &mut Random) -> Vec<u8> {
    let mut target = if random.one_in(8) { Vec::new() } else { b"/".to_vec() };
    if random.one_in(2) {
        target = random
            .pick(&[
                "/api/v1/namespaces/x/pods",
                "/apis/apps/v1/namespaces/x/deployments/d",
                "/api/v1/nodes/n?dryRun=All",
                "/api/v1/namespaces/x/pods/p/eviction",
            ])
            .into();
    }
    for _ in 0..random.below(7) {
        target.extend_from_slice(random.pick(&PIECES).as_bytes());
    }
    if random.one_in(3) {
        for _ in 0..=random.below(3) {
            let byte = u8::try_from(random.below(256)).unwrap();
            target.insert(random.below(target.len() + 1), byte);
        }
    }
    target
}

/// No request causes a panic; what passes has one reading, and does no more than it may.
#[test]
fn an_arbitrary_request_is_read_in_one_way_or_refused() {
    let (mut passed, mut read, mut cases) = (0, 0, 0);
    for seed in seeds(60_000) {
        let mut random = Random::new(seed);
        let target = target(&mut random);
        cases += 1;
        if let Ok(plain) = RequestTarget::read(&target) {
            agrees(&target, &plain);
            read += 1;
        }
        let Ok(uri) = Uri::try_from(target.as_slice()) else { continue };
        let method: Method = random.pick(&METHODS).parse().unwrap();
        let body = random.pick(&BODIES);
        let mut headers = HeaderMap::new();
        for _ in 0..random.below(8).saturating_sub(5) {
            let (name, value) = HEADERS[random.below(HEADERS.len())];
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let Ok(verdict) = judge(&method, &uri, &headers, body.as_bytes()) else { continue };
        passed += 1;
        let case = format!("seed {seed}: {method} {uri} {headers:?} {body}");
        let judged = uri.path_and_query().unwrap().as_str().as_bytes();
        agrees(judged, &RequestTarget::read(judged).unwrap());
        let refused =
            ["upgrade", "impersonate-user", "x-remote-user", "x-http-method-override", "content-encoding"];
        assert!(!refused.iter().any(|name| headers.contains_key(*name)), "{case}");
        let path = String::from_utf8(go_path(judged).unwrap()).unwrap();
        let sub: Vec<&str> = path.split('/').collect();
        assert!(!sub.contains(&"..") && !sub.contains(&".") && !path.contains("//"), "{case}");
        let is_dry = match method {
            Method::DELETE if !body.is_empty() => {
                body.contains("\"dryRun\":[\"All\"]}") && !body.contains("deleteOptions")
            }
            Method::POST if body.contains("deleteOptions") && sub.contains(&"eviction") => true,
            _ => go_query(judged).get(b"dryRun".as_slice()).is_some_and(|values| values == &[b"All"]),
        };
        let is_question = method == Method::POST && path.contains("reviews");
        let reads = matches!(method, Method::GET | Method::HEAD | Method::OPTIONS);
        match verdict {
            Passed::Reads => assert!(is_question || reads && body.is_empty(), "{case}"),
            Passed::DryRun | Passed::DryRunOf { .. } => assert!(is_dry && !reads, "{case}"),
        }
    }
    tell(&format!("requests ({read} targets read, {passed} let through)"), cases);
    assert!(passed > cases / 100 && read > cases / 20, "{read} read, {passed} let through of {cases}");
}
