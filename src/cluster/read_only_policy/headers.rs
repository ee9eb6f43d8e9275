//! The headers of a request: which ones change its meaning, and which are passed on.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// Headers that may appear once: of two values, one side could take the first and the other the second.
const SINGLE: [HeaderName; 7] = [
    header::AUTHORIZATION,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::HOST,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
];

/// Headers that change the method, the path or the user of a request, for kube-apiserver or a gateway before it.
/// Compared with `-` for `_`: some servers treat them as the same.
const OVERRIDES: [(&str, &str); 8] = [
    ("impersonate-", "it impersonates another user"),
    // The headers by which front proxies pass the user (`--requestheader-username-headers` and the like).
    ("x-remote-", "it names its user, which only a proxy in front of the API server may do"),
    ("x-forwarded-", "it names its sender, which only a proxy in front of the API server may do"),
    ("forwarded", "it names its sender, which only a proxy in front of the API server may do"),
    ("x-http-method", "one of its headers asks for another method"),
    ("x-method", "one of its headers asks for another method"),
    ("x-original-", "one of its headers asks for another path or method"),
    ("x-rewrite-", "one of its headers asks for another path or method"),
];

/// The headers passed on to the cluster. A header unknown to kube-apiserver may mean something to a gateway.
const ONWARD: [&str; 15] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "audit-id",
    "cache-control",
    "content-type",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "kubectl-command",
    "kubectl-session",
    "pragma",
    "traceparent",
    "tracestate",
    "user-agent",
];

/// Why a request with these headers is refused, whatever its target.
pub(super) fn odd(headers: &HeaderMap) -> Option<String> {
    if headers.contains_key(header::UPGRADE) {
        return Some("it upgrades the connection, which could then carry anything".to_owned());
    }
    for name in headers.keys() {
        let plain = name.as_str().replace('_', "-");
        if let Some((_, why)) = OVERRIDES.iter().find(|(begin, _)| plain.starts_with(begin)) {
            return Some(format!("{why} (`{name}`)"));
        }
    }
    if let Some(twice) = SINGLE.iter().find(|name| headers.get_all(*name).iter().count() > 1) {
        return Some(format!("it has the header `{twice}` twice"));
    }
    let text = |name: HeaderName| headers.get(name).map(|value| value.as_bytes().to_ascii_lowercase());
    if text(header::TRANSFER_ENCODING).is_some_and(|coding| coding != b"chunked")
        || headers.contains_key(header::TRANSFER_ENCODING) && headers.contains_key(header::CONTENT_LENGTH)
    {
        return Some("the length of its body is ambiguous".to_owned());
    }
    if text(header::CONTENT_ENCODING).is_some_and(|coding| coding != b"identity") {
        return Some("its body is compressed".to_owned());
    }
    // The client's `Connection` header may only name headers of the connection to this proxy.
    let connection = text(header::CONNECTION).unwrap_or_default();
    let known = |option: &[u8]| matches!(option.trim_ascii(), b"" | b"keep-alive" | b"close" | b"te");
    if !connection.split(|byte| *byte == b',').all(known) {
        return Some("its `connection` header removes other headers".to_owned());
    }
    None
}

/// Commands of kubectl that change something and have no `--dry-run`, as the header `Kubectl-Command` names them.
const NEVER_DRY: [&str; 9] = [
    "certificate approve",
    "certificate deny",
    "cp",
    "create token",
    "debug",
    "edit",
    "rollout pause",
    "rollout restart",
    "rollout resume",
];

/// True for a kubectl command without a dry run.
pub(super) fn is_never_dry(headers: &HeaderMap) -> bool {
    let command = headers.get("kubectl-command").and_then(|value| value.to_str().ok()).unwrap_or_default();
    NEVER_DRY.contains(&command.strip_prefix("kubectl ").unwrap_or(command))
}

/// True if the content type of a body is JSON or missing.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else { return true };
    let kind = kind.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
    kind.trim_ascii().eq_ignore_ascii_case(b"application/json")
}

/// The headers that are passed on to the cluster.
#[must_use]
pub fn onward(headers: &HeaderMap) -> HeaderMap {
    let passed = headers.iter().filter(|(name, _)| ONWARD.contains(&name.as_str()));
    passed.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Has the answer come as JSON that is not compressed, so that it can be searched. What a client asked for beside the
/// format (a table, metadata alone) stays.
pub fn json_only(headers: &mut HeaderMap) {
    let asked: Vec<String> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').filter_map(as_json))
        .collect();
    let mut kept: Vec<&str> = Vec::new();
    for form in asked.iter().map(String::as_str).chain([JSON]) {
        if !kept.contains(&form) {
            kept.push(form);
        }
    }
    headers.remove(header::ACCEPT_ENCODING);
    // Its characters were in a header before.
    if let Ok(value) = HeaderValue::from_str(&kept.join(",")) {
        headers.insert(header::ACCEPT, value);
    }
}

const JSON: &str = "application/json";

/// A form of an answer, as JSON: `application/json;as=Table;v=v1;g=meta.k8s.io` for one in protobuf.
fn as_json(form: &str) -> Option<String> {
    let mut parts = form.split(';').map(str::trim);
    let kind = parts.next()?.to_ascii_lowercase();
    if kind != "*/*" && !kind.starts_with("application/") {
        return None;
    }
    let known = |part: &&str| {
        let value = part.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
        matches!(value, Some(("as" | "g" | "v", value)) if plain(value))
    };
    let kept: Vec<&str> = parts.filter(known).collect();
    Some([&[JSON], kept.as_slice()].concat().join(";"))
}

/// The headers of an answer that are passed back, without those about connections, logins or client state.
#[must_use]
pub fn back(headers: &HeaderMap) -> HeaderMap {
    const HELD: [&str; 16] = [
        "alt-svc",
        "authentication-info",
        "connection",
        "content-length",
        "keep-alive",
        "location",
        "proxy-authenticate",
        "proxy-authentication-info",
        "proxy-connection",
        "set-cookie",
        "set-cookie2",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "www-authenticate",
    ];
    let named: Vec<String> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(|name| name.trim().to_ascii_lowercase()))
        .collect();
    let passed = headers.iter().filter(|(name, _)| {
        !HELD.contains(&name.as_str()) && !named.iter().any(|named| named == name.as_str())
    });
    passed.map(|(name, value)| (name.clone(), value.clone())).collect()
}
