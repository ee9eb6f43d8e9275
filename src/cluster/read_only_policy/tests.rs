//! Which requests pass, one by one.

use super::*;
use http::HeaderValue;

fn asked(line: &str, body: &str) -> Result<Passed, Refused> {
    asked_with(line, &[], body)
}

/// The same with headers.
fn asked_with(line: &str, headers: &[(&str, &str)], body: &str) -> Result<Passed, Refused> {
    let (method, target) = line.split_once(' ').unwrap();
    let Ok(uri) = target.parse() else { return no("the library takes it for no target") };
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name: http::HeaderName = name.parse().unwrap();
        map.append(name, HeaderValue::from_str(value).unwrap());
    }
    judge(&method.parse().unwrap(), &uri, &map, body.as_bytes())
}

#[test]
fn reading_is_let_through() {
    for line in [
        "GET /",
        "GET /version",
        "GET /version/",
        "GET /api",
        "GET /apis/apps/v1",
        "GET /openapi/v3/apis/apps/v1?hash=1",
        "GET /readyz/etcd?verbose",
        "GET /.well-known/openid-configuration",
        "GET /openid/v1/jwks",
        "HEAD /api/v1/nodes/n",
        "OPTIONS /api/v1/pods",
        "GET /api/v1/namespaces/x/pods?watch=true",
        "GET /api/v1/namespaces/x/pods?labelSelector=app%3Dweb%2Ctier+in+%28a%2Cb%29&limit=500",
        "GET /api/v1/namespaces/x/pods/p/log?follow=true",
        "GET /api/v1/namespaces/x/pods/p/status",
        "GET /api/v1/watch/namespaces/x/pods",
        "GET /api/v1/namespaces/x/pods/exec",
        "GET /api/v1/namespaces/x/status",
        "GET /apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode",
        "GET /apis/apps/v1/namespaces/x/deployments/d/scale",
        "GET /apis/stable.example.com/v1/namespaces/x/crontabs/c",
        "GET /apis/stable.example.com/v1/namespaces/x/crontabs/c/status",
        "GET /apis/stable.example.com/v1/crontabs/c/scale",
        "GET /apis/metrics.k8s.io/v1beta1/nodes",
        "GET /apis/custom.metrics.k8s.io/v1beta1/namespaces/x/pods/*/http_requests",
        "GET /api/v1/namespaces/proxy",
    ] {
        assert_eq!(asked(line, ""), Ok(Passed::Reads), "{line}");
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
        assert_eq!(asked(line, "{}"), Ok(Passed::Reads), "{line}");
    }
    for line in [
        "POST /apis/evil.test/v1/selfsubjectaccessreviews",
        "POST /api/v1/selfsubjectaccessreviews",
        "PUT /apis/authentication.k8s.io/v1/tokenreviews",
        "POST /apis/authentication.k8s.io/v1/tokenreviews/x",
        "POST /apis/authentication.k8s.io/v1/tokenreviews?a;b",
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
            "/api/v1/redirect/nodes/n?dryRun=All",
            "/api/v1/namespaces/x//pods/p/exec?dryRun=All",
            "/api/v1/namespaces/x/./pods/p/exec?dryRun=All",
            "/api/v1/a/../namespaces/x/pods/p/exec?dryRun=All",
            "/api/v1/namespaces/x/pods/p/%zz?dryRun=All",
            "/api/v1/namespaces/x/pods/p\\exec?dryRun=All",
            "/api/v1/namespaces/x/pods/p%EF%BC%8Fexec?dryRun=All",
            "/api/v1/namespaces/x/pods/p;a=b?dryRun=All",
            // Unknown sub-resources, and those of other servers, some of which act on GET.
            "/api/v1/namespaces/x/pods/p/console?dryRun=All",
            "/api/v1/namespaces/x/serviceaccounts/s/token?dryRun=All",
            "/apis/subresources.kubevirt.io/v1/namespaces/x/virtualmachineinstances/v/console?dryRun=All",
            "/apis/subresources.kubevirt.io/v1/namespaces/x/virtualmachineinstances/v/vnc?dryRun=All",
            "/apis/subresources.kubevirt.io/v1/namespaces/x/virtualmachineinstances/v/usbredir?dryRun=All",
            "/apis/subresources.kubevirt.io/v1/start-cluster-profiler?dryRun=All",
            "/apis/stable.example.com/v1/namespaces/x/crontabs/c/shell?dryRun=All",
            "/apis/stable.example.com/v1/namespaces/x/crontabs/c/log?dryRun=All",
            "/apis/cluster.karmada.io/v1alpha1/clusters/c/proxy/api/v1/nodes?dryRun=All",
            "/apis/clusterpedia.io/v1beta1/resources/clusters/c/api/v1/pods?dryRun=All",
            "/debug/pprof/profile?dryRun=All",
            "/k8s/clusters/c/api/v1/pods?dryRun=All",
            "/logs/kube-apiserver.log?dryRun=All",
            "/ui?dryRun=All",
        ] {
            assert!(asked(&format!("{method} {path}"), "").is_err(), "{method} {path}");
        }
    }
    for line in [
        "CONNECT /api/v1/pods",
        "TRACE /api/v1/pods",
        "BREW /api/v1/pods?dryRun=All",
        "get /api/v1/pods",
        "GET http://127.0.0.1/api/v1/pods",
        "GET *",
        "OPTIONS *",
        "GET ?dryRun=All",
        "GET api/v1/pods",
    ] {
        assert!(asked(line, "").is_err(), "{line}");
    }
    assert!(asked("GET /api/v1/pods", "{}").is_err());
}

#[test]
fn headers_make_no_other_request_of_it() {
    for (name, value) in [
        ("upgrade", "websocket"),
        ("Upgrade", "SPDY/3.1"),
        ("upgrade", ""),
        ("impersonate-user", "root"),
        ("Impersonate-Extra-scopes", "all"),
        ("impersonate_user", "root"),
        ("x-remote-user", "root"),
        ("X-Remote-Group", "system:masters"),
        ("x-remote-extra-scopes", "all"),
        ("x-remote-uid", "0"),
        ("X_Remote_User", "root"),
        ("x-forwarded-user", "root"),
        ("x-forwarded-for", "10.0.0.1"),
        ("forwarded", "for=10.0.0.1"),
        ("x-http-method-override", "DELETE"),
        ("X-HTTP-Method", "DELETE"),
        ("x-method-override", "DELETE"),
        ("x_http_method_override", "DELETE"),
        ("x-original-url", "/api/v1/namespaces/x/pods/p/exec"),
        ("x-rewrite-url", "/api/v1/namespaces/x/pods/p/exec"),
        ("content-encoding", "gzip"),
        ("transfer-encoding", "gzip, chunked"),
        ("transfer-encoding", "xchunked"),
        ("connection", "authorization"),
        ("connection", "keep-alive, content-type"),
    ] {
        assert!(asked_with("GET /api/v1/pods", &[(name, value)], "").is_err(), "{name}: {value}");
    }
    for twice in ["host", "content-type", "content-length", "transfer-encoding", "authorization"] {
        assert!(asked_with("GET /api/v1/pods", &[(twice, "1"), (twice, "1")], "").is_err(), "{twice}");
    }
    let both = [("transfer-encoding", "chunked"), ("content-length", "2")];
    assert!(asked_with("POST /api/v1/namespaces?dryRun=All", &both, "{}").is_err());
    let ordinary = [
        ("host", "127.0.0.1:1"),
        ("authorization", "Bearer x"),
        ("accept", "application/json"),
        ("accept", "text/plain"),
        ("connection", "Keep-Alive"),
        ("transfer-encoding", "chunked"),
        ("user-agent", "kubectl"),
        ("x-anything", "else"),
    ];
    assert_eq!(asked_with("GET /api/v1/pods", &ordinary, ""), Ok(Passed::Reads));
}

#[test]
fn headers_that_are_not_known_stay_here() {
    let mut all = HeaderMap::new();
    for name in ["authorization", "cookie", "host", "x-anything", "expect", "te", "proxy-authorization"] {
        all.insert(name, HeaderValue::from_static("x"));
    }
    assert!(onward(&all).is_empty());
    all.append("accept", HeaderValue::from_static("a"));
    all.append("accept", HeaderValue::from_static("b"));
    assert_eq!(onward(&all).get_all("accept").iter().collect::<Vec<_>>(), ["a", "b"]);
    let mut answer = HeaderMap::new();
    for name in ["set-cookie", "www-authenticate", "location", "connection", "transfer-encoding", "hop"] {
        answer.insert(name, HeaderValue::from_static("hop"));
    }
    assert!(back(&answer).is_empty());
    answer.append("warning", HeaderValue::from_static("a"));
    answer.append("warning", HeaderValue::from_static("b"));
    assert_eq!(back(&answer).get_all("warning").iter().count(), 2);
}

#[test]
fn writing_is_let_through_dry_alone() {
    let group = |group: &str| Passed::DryRunOf { group: group.to_owned(), version: "v1".to_owned() };
    for (line, body, passed) in [
        ("POST /api/v1/namespaces?dryRun=All", "{}", Passed::DryRun),
        ("PATCH /apis/apps/v1/namespaces/x/deployments/d?fieldManager=k&dryRun=All", "{}", Passed::DryRun),
        ("PATCH /apis/apps/v1/namespaces/x/deployments/d/scale?dryRun=All", "{}", Passed::DryRun),
        ("POST /api/v1/namespaces/x/pods/p/eviction?dryRun=All", "{}", Passed::DryRun),
        (
            "POST /api/v1/namespaces/x/pods/p/eviction",
            "{\"kind\":\"Eviction\",\"metadata\":{\"name\":\"p\"},\"deleteOptions\":{\"dryRun\":[\"All\"]}}",
            Passed::DryRun,
        ),
        ("DELETE /api/v1/namespaces/x?dryRun=All", "", Passed::DryRun),
        ("DELETE /api/v1/namespaces/x", "{\"kind\":\"DeleteOptions\",\"dryRun\":[\"All\"]}", Passed::DryRun),
        (
            "PATCH /apis/stable.example.com/v1/namespaces/x/crontabs/c?dryRun=All",
            "{}",
            group("stable.example.com"),
        ),
        (
            "PUT /apis/stable.example.com/v1/namespaces/x/crontabs/c/status?dryRun=All",
            "{}",
            group("stable.example.com"),
        ),
    ] {
        assert_eq!(asked(line, body), Ok(passed), "{line}");
    }
    for (line, body) in [
        ("POST /api/v1/namespaces", "{}"),
        ("POST /api/v1/namespaces?dryRun=", "{}"),
        ("POST /api/v1/namespaces?dryRun", "{}"),
        ("POST /api/v1/namespaces?dryRun=all", "{}"),
        ("POST /api/v1/namespaces?dryrun=All", "{}"),
        ("POST /api/v1/namespaces?dryRun=%41ll", "{}"),
        ("POST /api/v1/namespaces?dry%52un=All", "{}"),
        ("POST /api/v1/namespaces?dryRun=All&dryRun=None", "{}"),
        ("POST /api/v1/namespaces?dryRun=All&dryRun=All", "{}"),
        ("POST /api/v1/namespaces?dryRun=All&DryRun=None", "{}"),
        ("POST /api/v1/namespaces?x=dryRun=All", "{}"),
        // Go drops a pair with a raw `;`.
        ("POST /api/v1/namespaces?dryRun=All;", "{}"),
        ("POST /api/v1/namespaces?dryRun=All;x=1", "{}"),
        ("POST /api/v1/namespaces?;dryRun=All", "{}"),
        ("POST /api/v1/namespaces?dryRun=All&;", "{}"),
        ("PUT /api/v1/namespaces/x/configmaps/c?a;dryRun=All", "{}"),
        ("DELETE /api/v1/namespaces/x?dryRun=All;", ""),
        ("POST /api/v1/namespaces?dryRun=All&", "{}"),
        ("POST /api/v1/namespaces?&dryRun=All", "{}"),
        ("POST /api/v1/namespaces?dryRun=All&_method=DELETE", "{}"),
        ("POST /api/v1/namespaces?dryRun=All%00", "{}"),
        ("POST /api/v1/namespaces?dryRun=All+", "{}"),
        ("PUT /api/v1/namespaces/x/configmaps/c", "{\"dryRun\":[\"All\"]}"),
        ("POST /api/v1/namespaces/x/pods/p/eviction", "{\"deleteOptions\":{}}"),
        ("POST /api/v1/namespaces/x/pods/p/eviction", "{\"deleteOptions\":null}"),
        ("POST /api/v1/namespaces/x/pods/p/eviction", "{\"deleteOptions\":{\"dryRun\":[]}}"),
        ("POST /api/v1/namespaces/x/pods/p/eviction", "{\"dryRun\":[\"All\"]}"),
        (
            "POST /api/v1/namespaces/x/pods/p/eviction",
            "{\"metadata\":{\"deleteOptions\":{\"dryRun\":[\"All\"]}}}",
        ),
        (
            "POST /api/v1/namespaces/x/pods/p/eviction",
            "{\"deleteOptions\":{\"dryRun\":[\"All\"]},\"deleteoptions\":{}}",
        ),
        ("POST /api/v1/namespaces/x/pods/p/eviction?dryRun=", "{\"deleteOptions\":{\"dryRun\":[\"All\"]}}"),
        ("POST /api/v1/namespaces/x/pods/p/binding", "{\"deleteOptions\":{\"dryRun\":[\"All\"]}}"),
        ("DELETE /api/v1/namespaces/x/pods/p", "{\"deleteOptions\":{\"dryRun\":[\"All\"]}}"),
        ("DELETE /api/v1/namespaces/x?dryRun=All", "{}"),
        ("DELETE /api/v1/namespaces/x?dryRun=All", "{\"dryRun\":[]}"),
        ("DELETE /api/v1/namespaces/x?dryRun=All", "{\"dryRun\":null}"),
        ("DELETE /api/v1/namespaces/x?dryRun=All", "{\"dryRun\":\"All\"}"),
        ("DELETE /api/v1/namespaces/x?dryRun=All", "{\"dryRun\":[\"All\"],\"dryrun\":[]}"),
        ("DELETE /api/v1/namespaces/x?dryRun=All", "{\"dryRun\":[],\"dryRun\":[\"All\"]}"),
        ("DELETE /api/v1/namespaces/x?dryRun=All", "{\"dryRun\":[\"All\"],\"dryRun\":[\"All\"]}"),
        ("DELETE /api/v1/namespaces/x?dryRun=All", "{\"dryRun\":[\"All\"]}{}"),
        ("DELETE /api/v1/namespaces/x?dryRun=All", "{\"kind\":1,\"Kind\":2,\"dryRun\":[\"All\"]}"),
        ("DELETE /api/v1/namespaces/x?dryRun=All", "[{\"dryRun\":[\"All\"]}]"),
        ("DELETE /api/v1/namespaces/x?dryRun=All", "k8s\0"),
        ("DELETE /api/v1/namespaces/x?dryRun=All", " "),
        ("DELETE /api/v1/namespaces/x/pods?dryRun=All", "dryRun: [All]"),
        ("POST /api/v1/namespaces/x/serviceaccounts/s/token?dryRun=All", "{}"),
        ("PUT /apis/subresources.kubevirt.io/v1/namespaces/x/virtualmachines/v/start?dryRun=All", "{}"),
        ("POST /version?dryRun=All", "{}"),
        ("POST /apis?dryRun=All", "{}"),
    ] {
        assert!(asked(line, body).is_err(), "{line} {body}");
    }
    let dry = "{\"dryRun\":[\"All\"]}";
    for kind in
        ["application/yaml", "application/vnd.kubernetes.protobuf", "application/cbor", "text/plain", ""]
    {
        let answer = asked_with("DELETE /api/v1/namespaces/x", &[("content-type", kind)], dry);
        assert!(answer.is_err(), "{kind}");
    }
    for kind in ["application/json", "Application/JSON; charset=utf-8"] {
        let answer = asked_with("DELETE /api/v1/namespaces/x", &[("content-type", kind)], dry);
        assert_eq!(answer, Ok(Passed::DryRun), "{kind}");
    }
}

#[test]
fn a_dry_run_is_offered_only_where_there_is_one() {
    let offered = |line| asked(line, "{}").unwrap_err().may_be_dry;
    for line in ["POST /api/v1/namespaces", "DELETE /api/v1/nodes/n", "PUT /apis/a.b/v1/cs/c/status"] {
        assert!(offered(line), "{line}");
    }
    for command in
        ["kubectl rollout restart", "rollout restart", "kubectl edit", "kubectl certificate approve"]
    {
        let answer = asked_with("PATCH /apis/apps/v1/deployments/d", &[("kubectl-command", command)], "{}");
        assert!(!answer.unwrap_err().may_be_dry, "{command}");
    }
    for line in [
        "POST /api/v1/namespaces/x/serviceaccounts/s/token",
        "POST /api/v1/namespaces/x/pods/p/exec",
        "POST /version",
        "PUT /apis/a.b/v1/cs/c/restart",
        "POST /api/v1/namespaces?;",
    ] {
        assert!(!offered(line), "{line}");
    }
}
