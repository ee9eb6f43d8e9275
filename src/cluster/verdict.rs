//! What a read-only proxy lets through. Pure: a request's head and, where it decides, its body in, a verdict out.
//!
//! The path is read as kube-apiserver reads it (`RequestInfo`): decoded first, so that no other spelling leads past a
//! rule. What is not understood is refused.

use http::{HeaderMap, Method, header};
use serde_json::Value;

/// Why a request is refused, for whoever sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused(pub(super) String);

/// Sub-resources that act even where they are only read: they open a door into a pod, a node or a service.
const DOORS: [&str; 4] = ["attach", "exec", "portforward", "proxy"];

/// Sub-resources that honour a dry run. Those of other API servers may not know it, and `token` makes a credential.
const DRY: [&str; 9] = [
    "approval",
    "binding",
    "ephemeralcontainers",
    "eviction",
    "finalize",
    "resize",
    "rollback",
    "scale",
    "status",
];

/// Questions that are asked by `POST`, and change nothing.
const REVIEWS: [(&str, &str); 6] = [
    ("authentication.k8s.io", "selfsubjectreviews"),
    ("authentication.k8s.io", "tokenreviews"),
    ("authorization.k8s.io", "localsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectrulesreviews"),
    ("authorization.k8s.io", "subjectaccessreviews"),
];

/// Judges a request.
pub(super) fn verdict(
    method: &Method,
    path: &str,
    query: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(), Refused> {
    let no = |why: String| Err(Refused(why));
    if headers.contains_key(header::UPGRADE) || *method == Method::CONNECT {
        return no("it opens a connection of another kind, which can carry anything".to_owned());
    }
    if headers.keys().any(|name| name.as_str().starts_with("impersonate-")) {
        return no("it acts as somebody else".to_owned());
    }
    let Some(path) = decoded(path) else { return no("its path is not plain".to_owned()) };
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    // A slash at the end is the one empty part that a path may have.
    let inner =
        parts.split_last().map_or(&parts[..], |(last, rest)| if last.is_empty() { rest } else { &parts });
    if inner.iter().any(|part| matches!(*part, "" | "." | "..")) {
        return no("its path is not plain".to_owned());
    }
    let resource = Resource::of(inner);
    if let Some(door) = resource.as_ref().and_then(|it| it.sub).filter(|sub| DOORS.contains(sub)) {
        return no(format!("`{door}` opens a door into the cluster"));
    }
    // The API of long ago: `/api/v1/proxy/…` and its like.
    if let Some(Resource { name: "proxy" | "redirect", .. }) = resource {
        return no("it leads through the cluster to somewhere else".to_owned());
    }
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    if !matches!(*method, Method::POST | Method::PUT | Method::PATCH | Method::DELETE) {
        return no(format!("{method} is no method for reading"));
    }
    let Some(resource) = resource else { return no(format!("{method} changes something")) };
    let is_review = REVIEWS.contains(&(resource.group, resource.name));
    if *method == Method::POST && is_review && resource.item.is_none() {
        return Ok(());
    }
    let dry = match (method, body) {
        // Where there is a body, kube-apiserver takes the options of a deletion from it, and none from the query.
        (&Method::DELETE, body) if !body.is_empty() => dry_body(body),
        _ => dry_query(query),
    };
    match (dry, resource.sub) {
        (false, _) => {
            no(format!("{method} changes something; a dry run (`--dry-run=server`) is let through"))
        }
        (true, Some(sub)) if !DRY.contains(&sub) => no(format!("a dry run of `{sub}` may change something")),
        (true, _) => Ok(()),
    }
}

/// What a path is about.
struct Resource<'p> {
    group: &'p str,
    name: &'p str,
    item: Option<&'p str>,
    sub: Option<&'p str>,
}

impl<'p> Resource<'p> {
    /// `/api/v1/…`, `/apis/GROUP/VERSION/…`; then `namespaces/NS/RESOURCE/NAME/SUB` or `RESOURCE/NAME/SUB`.
    fn of(parts: &[&'p str]) -> Option<Resource<'p>> {
        let (group, rest) = match parts {
            ["api", _, rest @ ..] => ("", rest),
            ["apis", group, _, rest @ ..] => (*group, rest),
            _ => return None,
        };
        // `watch` was a prefix once, and still is understood.
        let rest = rest.strip_prefix(&["watch"]).unwrap_or(rest);
        let (name, rest) = rest.split_first()?;
        let rest = match rest {
            // What is below a namespace, unless it is the namespace's own.
            [_, below, ..] if *name == "namespaces" && !matches!(*below, "status" | "finalize") => {
                return Some(Resource::at(group, below, &rest[2..]));
            }
            rest => rest,
        };
        Some(Resource::at(group, name, rest))
    }

    fn at(group: &'p str, name: &'p str, rest: &[&'p str]) -> Resource<'p> {
        Resource { group, name, item: rest.first().copied(), sub: rest.get(1).copied() }
    }
}

/// A path with its `%41` and the like resolved, once, as Go's server does. None where that leaves no plain text.
fn decoded(path: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), path.as_bytes());
    while let [first, tail @ ..] = rest {
        if *first != b'%' {
            bytes.push(*first);
            rest = tail;
            continue;
        }
        let digits = tail.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = &tail[2..];
    }
    String::from_utf8(bytes).ok().filter(|text| !text.contains(|c: char| c.is_control() || c == '\\'))
}

/// True if the query asks for a dry run, and for nothing else by that name.
fn dry_query(query: &str) -> bool {
    let mut found = false;
    for pair in query.split(['&', ';']) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Some(name), Some(value)) = (decoded(name), decoded(value)) else { return false };
        if name.eq_ignore_ascii_case("dryRun") {
            if name != "dryRun" || value != "All" {
                return false;
            }
            found = true;
        }
    }
    found
}

/// True if `DeleteOptions` ask for a dry run. What is no JSON is not understood.
fn dry_body(body: &[u8]) -> bool {
    let options: Value = serde_json::from_slice(body).unwrap_or_default();
    let Value::Object(options) = options else { return false };
    // Go would take a field in another case for this one, too.
    let mut named = options.iter().filter(|(name, _)| name.eq_ignore_ascii_case("dryRun"));
    match (named.next(), named.next()) {
        (Some((name, Value::Array(values))), None) => {
            name == "dryRun" && !values.is_empty() && values.iter().all(|value| value == "All")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(line: &str, body: &str) -> Result<(), Refused> {
        let (method, rest) = line.split_once(' ').unwrap();
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        verdict(&method.parse().unwrap(), path, query, &HeaderMap::new(), body.as_bytes())
    }

    #[test]
    fn reading_is_let_through() {
        for line in [
            "GET /version",
            "GET /api",
            "GET /openapi/v3/apis/apps/v1?hash=1",
            "HEAD /api/v1/nodes/n",
            "OPTIONS /api/v1/pods",
            "GET /api/v1/namespaces/x/pods?watch=true",
            "GET /api/v1/namespaces/x/pods/p/log?follow=true",
            "GET /api/v1/watch/namespaces/x/pods",
            "GET /api/v1/namespaces/x/pods/exec",
            "GET /apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode",
            "GET /apis/apps/v1/namespaces/x/deployments/d/scale",
            "GET /api/v1/namespaces/proxy",
        ] {
            assert_eq!(asked(line, ""), Ok(()), "{line}");
        }
    }

    #[test]
    fn questions_by_post_are_let_through() {
        for line in [
            "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            "POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
            "POST /apis/authorization.k8s.io/v1/subjectaccessreviews",
            "POST /apis/authorization.k8s.io/v1/namespaces/x/localsubjectaccessreviews",
            "POST /apis/authentication.k8s.io/v1/selfsubjectreviews",
            "POST /apis/authentication.k8s.io/v1/tokenreviews",
        ] {
            assert_eq!(asked(line, "{}"), Ok(()), "{line}");
        }
        for line in [
            "POST /apis/evil.test/v1/selfsubjectaccessreviews",
            "POST /api/v1/selfsubjectaccessreviews",
            "PUT /apis/authentication.k8s.io/v1/tokenreviews",
            "POST /apis/authentication.k8s.io/v1/tokenreviews/x",
        ] {
            assert!(asked(line, "{}").is_err(), "{line}");
        }
    }

    #[test]
    fn doors_stay_shut_whatever_opens_them() {
        for method in ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH"] {
            for path in [
                "/api/v1/namespaces/x/pods/p/exec?command=sh&dryRun=All",
                "/api/v1/namespaces/x/pods/p/attach?dryRun=All",
                "/api/v1/namespaces/x/pods/p/portforward?dryRun=All",
                "/api/v1/namespaces/x/pods/p/proxy/a/b?dryRun=All",
                "/api/v1/namespaces/x/services/s:80/proxy?dryRun=All",
                "/api/v1/nodes/n/proxy/run/x/p/c?dryRun=All",
                "/api/v1/namespaces/x/pods/p/%65xec?dryRun=All",
                "/api/v1/namespaces/x/pods/p%2fexec?dryRun=All",
                "/api/v1/watch/namespaces/x/pods/p/exec?dryRun=All",
                "/api/v1/proxy/namespaces/x/pods/p?dryRun=All",
                "/api/v1/namespaces/x//pods/p/exec?dryRun=All",
                "/api/v1/namespaces/x/./pods/p/exec?dryRun=All",
                "/api/v1/a/../namespaces/x/pods/p/exec?dryRun=All",
                "/api/v1/namespaces/x/pods/p/%zz?dryRun=All",
                "/api/v1/namespaces/x/pods/p\\exec?dryRun=All",
            ] {
                assert!(asked(&format!("{method} {path}"), "").is_err(), "{method} {path}");
            }
        }
        let upgrade = |name: &'static str, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            verdict(&Method::GET, "/api/v1/pods", "", &headers, b"")
        };
        assert!(upgrade("upgrade", "websocket").is_err());
        assert!(upgrade("impersonate-user", "root").is_err());
        assert!(asked("CONNECT /api/v1/pods", "").is_err());
        assert!(asked("TRACE /api/v1/pods", "").is_err());
        assert!(asked("BREW /api/v1/pods?dryRun=All", "").is_err());
    }

    #[test]
    fn writing_is_let_through_dry_alone() {
        for (line, body) in [
            ("POST /api/v1/namespaces?dryRun=All", "{}"),
            ("PATCH /apis/apps/v1/namespaces/x/deployments/d?fieldManager=k&dryRun=All", "{}"),
            ("PUT /api/v1/namespaces/x/configmaps/c?dryRun=%41ll", "{}"),
            ("PATCH /apis/apps/v1/namespaces/x/deployments/d/scale?dryRun=All", "{}"),
            ("DELETE /api/v1/namespaces/x?dryRun=All", ""),
            ("DELETE /api/v1/namespaces/x", "{\"kind\":\"DeleteOptions\",\"dryRun\":[\"All\"]}"),
        ] {
            assert_eq!(asked(line, body), Ok(()), "{line}");
        }
        for (line, body) in [
            ("POST /api/v1/namespaces", "{}"),
            ("POST /api/v1/namespaces?dryRun=", "{}"),
            ("POST /api/v1/namespaces?dryRun=all", "{}"),
            ("POST /api/v1/namespaces?dryrun=All", "{}"),
            ("POST /api/v1/namespaces?dryRun=All&dryRun=None", "{}"),
            ("POST /api/v1/namespaces?x=dryRun=All", "{}"),
            ("PUT /api/v1/namespaces/x/configmaps/c", "{\"dryRun\":[\"All\"]}"),
            ("DELETE /api/v1/namespaces/x?dryRun=All", "{}"),
            ("DELETE /api/v1/namespaces/x?dryRun=All", "{\"dryRun\":[]}"),
            ("DELETE /api/v1/namespaces/x?dryRun=All", "{\"dryRun\":[\"All\"],\"dryrun\":[]}"),
            ("DELETE /api/v1/namespaces/x?dryRun=All", "k8s\0"),
            ("DELETE /api/v1/namespaces/x/pods?dryRun=All", "dryRun: [All]"),
            ("POST /api/v1/namespaces/x/serviceaccounts/s/token?dryRun=All", "{}"),
            ("PUT /apis/subresources.kubevirt.io/v1/namespaces/x/virtualmachines/v/start?dryRun=All", "{}"),
            ("POST /version?dryRun=All", "{}"),
        ] {
            assert!(asked(line, body).is_err(), "{line} {body}");
        }
    }
}
