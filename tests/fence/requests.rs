//! Requests that try to get past the fence, and requests that it must let through.

use super::fence;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use kcx::cluster::fence::{Flag, Verb};
use kcx::cluster::filter::Scope;
use kcx::cluster::read_only_policy::{Admitted, Answer, Refused, RequestTarget, admit, json_only, judge};

const SECRETS: &str = "--no-secrets";
const NAMESPACES: &str = "--namespaces a,b";
const HIDE: &str = "--hide configmaps,certificates.cert-manager.io";
const VERBS: &str = "--verbs get,list";

fn asked(flags: &str, line: &str, header: Option<(&str, &str)>, body: &str) -> Result<Admitted, Refused> {
    let (method, target) = line.split_once(' ').unwrap();
    let method: Method = method.parse().unwrap();
    let odd = || Refused { why: "no request".to_owned(), ..Refused::default() };
    let uri: Uri = target.parse().map_err(|_| odd())?;
    let mut headers = HeaderMap::new();
    if let Some((name, value)) = header {
        headers.insert(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let passed = judge(&method, &uri, &headers, body.as_bytes())?;
    let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let target = RequestTarget::read(path.as_bytes()).unwrap();
    admit(&method, &target, &passed, &fence(flags))
}

/// Flags and lines; every one is refused.
const REFUSED: [(&str, &str, &[&str]); 12] = [
    (
        "a Secret by its path",
        SECRETS,
        &[
            "GET /api/v1/secrets",
            "GET /api/v1/secrets?limit=500",
            "GET /api/v1/secrets/",
            "GET /api/v1/Secrets",
            "GET /api/v1/SECRETS",
            "GET /api/v1/namespaces/a/secrets",
            "GET /api/v1/namespaces/a/secrets/s",
            "GET /api/v1/namespaces/a/secrets/s/",
            "GET /api/v1/namespaces/a/secrets/s/status",
            "GET /api/v1/namespaces/a/secrets?watch=true",
            "GET /api/v1/namespaces/a/secrets?watch=1&resourceVersion=0",
            "GET /api/v1/namespaces/a/secrets?fieldSelector=metadata.name%3Ds",
            "GET /api/v1/namespaces/a/secrets?limit=1&continue=x",
            "GET /api/v1/watch/secrets",
            "GET /api/v1/watch/namespaces/a/secrets",
            "GET /api/v1/watch/namespaces/a/secrets/s",
            "HEAD /api/v1/namespaces/a/secrets/s",
            "OPTIONS /api/v1/namespaces/a/secrets",
            "GET /apis/example.com/v1/secrets",
            "GET /apis/example.com/v1/namespaces/a/secrets/s",
            "GET /apis/v1/v1/namespaces/a/secrets/s",
            "POST /api/v1/namespaces/a/secrets?dryRun=All",
            "PUT /api/v1/namespaces/a/secrets/s?dryRun=All",
            "PATCH /api/v1/namespaces/a/secrets/s?dryRun=All",
            "PATCH /api/v1/namespaces/a/secrets/s?dryRun=All&fieldManager=kubectl",
            "DELETE /api/v1/namespaces/a/secrets/s?dryRun=All",
            "DELETE /api/v1/namespaces/a/secrets?dryRun=All",
        ],
    ),
    (
        "tokens and what is like them",
        SECRETS,
        &[
            "POST /api/v1/namespaces/a/serviceaccounts/s/token?dryRun=All",
            "GET /api/v1/namespaces/a/serviceaccounts/s/token",
            "POST /apis/authentication.k8s.io/v1/tokenreviews",
            "POST /apis/authentication.k8s.io/v1/tokenreviews?dryRun=All",
            "POST /apis/authentication.k8s.io/v1/tokenrequests?dryRun=All",
            "GET /apis/oauth.openshift.io/v1/oauthaccesstokens",
            "GET /apis/oauth.openshift.io/v1/oauthauthorizetokens/t",
            "GET /apis/oauth.openshift.io/v1/useroauthaccesstokens",
            "GET /apis/oauth.openshift.io/v1/oauthclients/console",
            "GET /apis/management.cattle.io/v3/tokens",
            "GET /apis/management.cattle.io/v3/watch/tokens",
            "GET /apis/management.cattle.io/v3/namespaces/c/clusterregistrationtokens",
            "GET /apis/cluster.cattle.io/v3/namespaces/a/clusterauthtokens",
            "GET /apis/ext.cattle.io/v1/kubeconfigs",
            "GET /apis/ext.cattle.io/v1/tokens/t",
            "GET /apis/core.gardener.cloud/v1beta1/namespaces/a/internalsecrets/s",
        ],
    ),
    (
        "a target with two readings",
        SECRETS,
        &[
            "GET /api/v1/namespaces/a//secrets",
            "GET //api/v1/namespaces/a/secrets",
            "GET /api//v1/secrets",
            "GET /api/v1/namespaces/a/./secrets",
            "GET /api/v1/namespaces/a/pods/../secrets",
            "GET /api/v1/pods/../secrets",
            "GET /api/v1/namespaces/a/%73ecrets",
            "GET /api/v1/namespaces/a/secret%73",
            "GET /api/v1/namespaces/a%2Fsecrets",
            "GET /api/v1/namespaces/a%2fsecrets/s",
            "GET /api/v1%2Fsecrets",
            "GET /api/v1/namespaces/a/pods%2F..%2Fsecrets",
            "GET /api/v1/namespaces/a/%2e%2e/secrets",
            "GET /api/v1/namespaces/a/pods;/secrets",
            "GET /api/v1/namespaces/a/secrets;v=1",
            "GET /api/v1/namespaces/a/secrets%3Bx",
            "GET /api/v1/namespaces/a/pods\\secrets",
            "GET /api/v1/namespaces/a/secrets%00",
            "GET /api/v1/namespaces/a/secrets%0A",
            "GET /api/v1/namespaces/a/secrets%20",
            "GET /api/v1/namespaces/a/%C5%BFecrets",
            "GET /api/v1/namespaces/a/%EF%BD%93ecrets",
            "GET /api/v1/namespaces/a/secrets%3Flimit=1",
            "GET http://127.0.0.1/api/v1/secrets",
            "GET https://kubernetes.default/api/v1/secrets",
            "GET *",
            "GET /k8s/clusters/c-1/v1/secrets",
            "GET /v1/secrets",
            "GET /apis/v1/secrets/a/b/c/d",
            "GET /static/../api/v1/secrets",
            "GET /healthz/../api/v1/secrets",
            "GET /openapi/../api/v1/secrets",
        ],
    ),
    (
        "another way to the bytes of a Secret",
        SECRETS,
        &[
            "GET /api/v1/nodes/n/proxy/pods",
            "GET /api/v1/namespaces/a/pods/p/proxy/api/v1/secrets",
            "GET /api/v1/namespaces/default/services/https:kubernetes:443/proxy/api/v1/secrets",
            "GET /api/v1/proxy/namespaces/default/services/kubernetes/api/v1/secrets",
            "GET /api/v1/namespaces/a/pods/p/exec?command=cat&command=/var/run/secrets",
            "GET /api/v1/namespaces/a/pods/p/exec?command=env",
            "GET /api/v1/namespaces/a/pods/p/attach",
            "GET /api/v1/namespaces/a/pods/p/portforward",
            "GET /apis/cluster.karmada.io/v1alpha1/clusters/c/proxy/api/v1/secrets",
            "GET /apis/clusterpedia.io/v1beta1/resources/api/v1/secrets",
            "GET /apis/clusterpedia.io/v1beta1/resources/clusters/c/api/v1/namespaces/a/secrets",
            "GET /apis/proxy.open-cluster-management.io/v1beta1/namespaces/c/clusterstatuses/c/proxy/api/v1/secrets",
            "GET /logs/kube-apiserver-audit.log",
            "GET /debug/pprof/heap",
            "GET /configz",
            "GET /.well-known/../api/v1/secrets",
        ],
    ),
    (
        "kinds that were named",
        HIDE,
        &[
            "GET /api/v1/configmaps",
            "GET /api/v1/namespaces/a/configmaps/c",
            "GET /api/v1/watch/namespaces/a/configmaps",
            "GET /apis/example.com/v1/configmaps",
            "GET /apis/cert-manager.io/v1/certificates",
            "GET /apis/cert-manager.io/v1/namespaces/a/certificates/c/status",
            "PATCH /apis/cert-manager.io/v1/namespaces/a/certificates/c?dryRun=All",
            "HEAD /api/v1/namespaces/a/ConfigMaps/c",
        ],
    ),
    (
        "another namespace by its path",
        NAMESPACES,
        &[
            "GET /api/v1/namespaces/c/pods",
            "GET /api/v1/namespaces/c/pods/p",
            "GET /api/v1/namespaces/c/pods/p/log",
            "GET /api/v1/namespaces/c/pods/p/log?follow=true",
            "GET /api/v1/namespaces/c/pods/p/status",
            "GET /api/v1/namespaces/A/pods",
            "GET /api/v1/namespaces/a,b/pods",
            "GET /api/v1/namespaces/a%20/pods",
            "GET /api/v1/namespaces/*/pods",
            "GET /api/v1/namespaces/c",
            "GET /api/v1/namespaces/c/status",
            "GET /api/v1/namespaces/c?x=a",
            "GET /api/v1/watch/namespaces/c",
            "GET /api/v1/watch/namespaces/c/pods",
            "GET /api/v1/watch/namespaces/c/pods/p",
            "GET /api/v1/namespaces/a/../c/pods",
            "GET /api/v1/namespaces/a/pods/../../c/pods",
            "GET /api/v1/namespaces/a%2F..%2Fc/pods",
            "GET /api/v1/namespaces/a/namespaces/c/pods",
            "GET /apis/apps/v1/namespaces/c/deployments",
            "GET /apis/apps/v1/namespaces/c/deployments/d/scale",
            "GET /apis/stable.example.com/v1/namespaces/c/crontabs",
            "GET /apis/custom.metrics.k8s.io/v1beta1/namespaces/c/pods/*/requests",
            "HEAD /api/v1/namespaces/c/pods",
            "OPTIONS /api/v1/namespaces/c/pods",
            "POST /api/v1/namespaces/c/pods?dryRun=All",
            "PATCH /apis/apps/v1/namespaces/c/deployments/d?dryRun=All",
            "DELETE /api/v1/namespaces/c?dryRun=All",
            "DELETE /api/v1/namespaces/c/pods?dryRun=All",
            "POST /api/v1/namespaces/c/pods/p/eviction?dryRun=All",
            "POST /apis/authorization.k8s.io/v1/namespaces/c/localsubjectaccessreviews",
        ],
    ),
    (
        "objects of the cluster",
        NAMESPACES,
        &[
            "GET /api/v1/nodes",
            "GET /api/v1/nodes/n",
            "GET /api/v1/nodes?watch=true",
            "GET /api/v1/nodes/n/status",
            "GET /api/v1/persistentvolumes",
            "GET /api/v1/watch/nodes",
            "GET /apis/rbac.authorization.k8s.io/v1/clusterroles",
            "GET /apis/rbac.authorization.k8s.io/v1/clusterrolebindings/admin",
            "GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            "GET /apis/stable.example.com/v1/widgets/w",
            "GET /apis/stable.example.com/v1/namespaces/a",
            "GET /apis/metrics.k8s.io/v1beta1/nodes",
            "GET /apis/custom.metrics.k8s.io/v1beta1/nodes/*/load",
            "POST /api/v1/namespaces?dryRun=All",
            "POST /apis/rbac.authorization.k8s.io/v1/clusterroles?dryRun=All",
            "PATCH /api/v1/nodes/n?dryRun=All",
            "DELETE /api/v1/pods?dryRun=All",
            "POST /api/v1/pods?dryRun=All",
            "POST /apis/authorization.k8s.io/v1/subjectaccessreviews",
            "POST /apis/authentication.k8s.io/v1/tokenreviews",
            "OPTIONS /api/v1/pods",
            "GET /metrics",
            "GET /metrics/slis",
            "GET /flagz",
            "GET /statusz",
        ],
    ),
    (
        "a watch with two readings",
        NAMESPACES,
        &[
            "GET /api/v1/pods?watch=1&watch=0",
            "GET /api/v1/pods?watch=true&Watch=false",
            "GET /api/v1/pods?watch=",
            "GET /api/v1/pods?watch",
            "GET /api/v1/pods?watch=yes",
            "GET /api/v1/pods?watch=TRUE",
            "GET /api/v1/pods?watch=False",
            "GET /api/v1/pods?watch=t",
            "GET /api/v1/pods?watch=%31",
            "GET /api/v1/pods?w%61tch=1",
            "GET /api/v1/pods?;watch=1",
            "GET /api/v1/pods?watch=1;",
            "GET /api/v1/namespaces/a/pods/p?watch=1",
            "GET /api/v1/namespaces/a?watch=true",
        ],
    ),
    (
        "verbs that were not allowed",
        VERBS,
        &[
            "GET /api/v1/pods?watch=true",
            "GET /api/v1/namespaces/a/pods?watch=1",
            "GET /api/v1/watch/pods",
            "GET /api/v1/watch/namespaces/a/pods/p",
            "GET /api/v1/namespaces/a/pods/p/log",
            "GET /api/v1/namespaces/a/pods/p/log?follow=false",
            "GET /apis/apps.openshift.io/v1/namespaces/a/deploymentconfigs/d/log",
            "POST /api/v1/namespaces/a/pods?dryRun=All",
            "PATCH /apis/apps/v1/namespaces/a/deployments/d?dryRun=All",
            "DELETE /api/v1/namespaces/a/pods/p?dryRun=All",
            "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            "POST /apis/authentication.k8s.io/v1/selfsubjectreviews",
        ],
    ),
    (
        "verbs that were not allowed, the other way round",
        "--verbs logs",
        &[
            "GET /api/v1/pods",
            "GET /api/v1/namespaces/a/pods/p",
            "HEAD /api/v1/namespaces/a/pods/p",
            "OPTIONS /api/v1/namespaces/a/pods/p",
            "GET /api/v1/namespaces/a/pods/p/status",
            "GET /metrics",
        ],
    ),
    (
        "writes, whatever else is allowed",
        "--verbs get,list,watch,logs,dry-run,review",
        &[
            "POST /api/v1/namespaces/a/pods",
            "PUT /api/v1/namespaces/a/pods/p",
            "PATCH /api/v1/namespaces/a/pods/p",
            "DELETE /api/v1/namespaces/a/pods",
            "POST /api/v1/namespaces/a/pods?dryRun=All;",
            "POST /api/v1/namespaces/a/pods?dryRun=all",
            "GET /api/v1/namespaces/a/pods/p/exec?command=sh",
            "CONNECT /api/v1/namespaces/a/pods/p/exec",
            "TRACE /api/v1/pods",
        ],
    ),
    (
        "both at once",
        "--no-secrets --namespaces a,b",
        &[
            "GET /api/v1/namespaces/a/secrets",
            "GET /api/v1/secrets",
            "GET /api/v1/namespaces/c/configmaps",
            "GET /api/v1/watch/namespaces/b/secrets",
        ],
    ),
];

#[test]
fn what_is_beyond_the_fence_is_refused() {
    let mut count = 0;
    for (what, flags, lines) in REFUSED {
        for line in lines {
            let answer = asked(flags, line, None, "");
            assert!(answer.is_err(), "{what}: {line} passed: {answer:?}");
            count += 1;
        }
    }
    assert!(count >= 200, "{count} requests");
}

/// Headers that would make another request of a harmless one.
#[test]
fn no_header_leads_past_the_fence() {
    for header in [
        ("x-http-method-override", "DELETE"),
        ("x-http-method", "GET"),
        ("x-method-override", "WATCH"),
        ("x-original-url", "/api/v1/secrets"),
        ("x-original-uri", "/api/v1/secrets"),
        ("x-rewrite-url", "/api/v1/secrets"),
        ("x-forwarded-prefix", "/api/v1/namespaces/c"),
        ("x-remote-user", "system:admin"),
        ("x_remote_group", "system:masters"),
        ("impersonate-user", "system:admin"),
        ("impersonate-extra-scopes", "all"),
        ("upgrade", "SPDY/3.1"),
        ("upgrade", "websocket"),
        ("upgrade", "h2c"),
        ("connection", "upgrade"),
        ("connection", "accept"),
        ("content-encoding", "gzip"),
        ("transfer-encoding", "gzip, chunked"),
    ] {
        for flags in [SECRETS, NAMESPACES] {
            assert!(asked(flags, "GET /api/v1/pods", Some(header), "").is_err(), "{header:?}");
        }
    }
}

#[test]
fn what_is_within_the_fence_passes_and_its_answer_is_searched() {
    let names = || vec!["a".to_owned(), "b".to_owned()].into();
    let (within, across, themselves) =
        (Scope::Within(names()), Scope::Across(names()), Scope::Themselves(names()));
    let filtered = |scope: &Scope, is_watch| Answer::Filtered { scope: scope.clone(), is_watch };
    for (flags, line, verb, answer) in [
        ("", "GET /api/v1/secrets", Verb::List, Answer::AsIs),
        ("", "GET /api/v1/namespaces/a/pods/p?watch=yes", Verb::Get, Answer::AsIs),
        (VERBS, "GET /api/v1/secrets", Verb::List, Answer::AsIs),
        (VERBS, "GET /api/v1/namespaces/a/pods/p", Verb::Get, Answer::AsIs),
        (VERBS, "GET /apis", Verb::Discover, Answer::AsIs),
        ("--verbs logs", "GET /openapi/v3/api/v1?hash=1", Verb::Discover, Answer::AsIs),
        ("--verbs logs", "GET /api/v1", Verb::Discover, Answer::AsIs),
        ("--verbs logs", "GET /version", Verb::Discover, Answer::AsIs),
        (SECRETS, "GET /api/v1/pods", Verb::List, filtered(&Scope::All, false)),
        (SECRETS, "GET /api/v1/pods?watch=true&resourceVersion=1", Verb::Watch, filtered(&Scope::All, true)),
        (SECRETS, "GET /api/v1/watch/namespaces/a/pods/p", Verb::Watch, filtered(&Scope::All, true)),
        (SECRETS, "GET /api/v1/namespaces/a/pods/p/log?follow=true", Verb::Logs, Answer::AsIs),
        (SECRETS, "GET /api/v1/namespaces/secrets", Verb::Get, filtered(&Scope::All, false)),
        (SECRETS, "GET /apis/bitnami.com/v1alpha1/sealedsecrets", Verb::List, filtered(&Scope::All, false)),
        (SECRETS, "GET /metrics", Verb::Get, Answer::AsIs),
        (HIDE, "GET /api/v1/secrets", Verb::List, filtered(&Scope::All, false)),
        (HIDE, "GET /apis/other.io/v1/certificates", Verb::List, filtered(&Scope::All, false)),
        (NAMESPACES, "GET /api/v1/pods?limit=500&watch=false", Verb::List, filtered(&across, false)),
        (NAMESPACES, "GET /apis/stable.example.com/v1/crontabs", Verb::List, filtered(&across, false)),
        (NAMESPACES, "GET /api/v1/pods?watch=1", Verb::Watch, filtered(&across, true)),
        (NAMESPACES, "GET /api/v1/watch/pods", Verb::Watch, filtered(&across, true)),
        (NAMESPACES, "GET /api/v1/namespaces/b/pods", Verb::List, filtered(&within, false)),
        (NAMESPACES, "GET /api/v1/namespaces/b/pods/p/log", Verb::Logs, Answer::AsIs),
        (NAMESPACES, "GET /api/v1/namespaces", Verb::List, filtered(&themselves, false)),
        (NAMESPACES, "GET /api/v1/namespaces?watch=true", Verb::Watch, filtered(&themselves, true)),
        (NAMESPACES, "GET /api/v1/namespaces/a", Verb::Get, filtered(&themselves, false)),
        (NAMESPACES, "GET /api/v1/namespaces/a/status", Verb::Get, filtered(&themselves, false)),
        (NAMESPACES, "PATCH /api/v1/namespaces/a?dryRun=All", Verb::DryRun, filtered(&themselves, false)),
        (NAMESPACES, "POST /api/v1/namespaces/a/pods?dryRun=All", Verb::DryRun, filtered(&within, false)),
        (
            NAMESPACES,
            "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            Verb::Review,
            filtered(&Scope::All, false),
        ),
        // Only the logs of pods and builds are text: a metric may have that name.
        (
            SECRETS,
            "GET /apis/custom.metrics.k8s.io/v1beta1/namespaces/a/pods/p/log",
            Verb::Get,
            filtered(&Scope::All, false),
        ),
        (
            NAMESPACES,
            "GET /apis/custom.metrics.k8s.io/v1beta1/namespaces/a/pods/*/log",
            Verb::Get,
            filtered(&within, false),
        ),
        (NAMESPACES, "GET /readyz/etcd", Verb::Get, Answer::AsIs),
        (NAMESPACES, "GET /apis/apps/v1", Verb::Discover, Answer::AsIs),
    ] {
        assert_eq!(asked(flags, line, None, ""), Ok(Admitted { verb, answer }), "{flags} {line}");
    }
}

#[test]
fn the_refusal_names_its_flag() {
    for (flags, line, flag, why) in [
        (SECRETS, "GET /api/v1/namespaces/a/secrets", Flag::NoSecrets, "`secrets` are hidden"),
        (
            HIDE,
            "GET /apis/cert-manager.io/v1/certificates",
            Flag::Hide,
            "`certificates.cert-manager.io` are hidden",
        ),
        (NAMESPACES, "GET /api/v1/namespaces/c/pods", Flag::Namespaces, "namespace `c` is not one of a,b"),
        (NAMESPACES, "GET /api/v1/nodes", Flag::Namespaces, "`nodes` are objects of the cluster"),
        (VERBS, "GET /api/v1/pods?watch=true", Flag::Verbs, "`watch` is not one of get,list"),
        ("", "POST /api/v1/namespaces/a/pods", Flag::ReadOnly, "it changes something"),
    ] {
        let refused = asked(flags, line, None, "").unwrap_err();
        assert_eq!((refused.flag, refused.why.as_str()), (flag, why), "{line}");
    }
}

#[test]
fn the_answer_is_asked_for_as_json() {
    const TABLE: &str = "as=Table;v=v1;g=meta.k8s.io";
    for (asked, wanted) in [
        ("application/json", "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/yaml", "application/json"),
        ("application/vnd.kubernetes.protobuf", "application/json"),
        ("application/vnd.kubernetes.protobuf;stream=watch", "application/json"),
        ("application/json;stream=watch", "application/json"),
        (
            "application/cbor, application/vnd.kubernetes.protobuf;q=0.9,application/json;q=0.1",
            "application/json",
        ),
        ("application/cbor-seq", "application/json"),
        ("APPLICATION/VND.KUBERNETES.PROTOBUF", "application/json"),
        ("text/plain", "application/json"),
        ("text/html, application/xhtml+xml", "application/json"),
        (
            &format!(
                "application/json;{TABLE},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"
            ),
            &format!(
                "application/json;{TABLE},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"
            ),
        ),
        (
            &format!("application/vnd.kubernetes.protobuf;{TABLE}"),
            &format!("application/json;{TABLE},application/json"),
        ),
        (
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json",
        ),
        ("application/json;as=\"Table\";pretty=1", "application/json"),
        ("application/json;as=Table\u{7f}", "application/json"),
    ] {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_str(asked) {
            headers.insert("accept", value);
        }
        headers.insert("accept-encoding", HeaderValue::from_static("gzip"));
        json_only(&mut headers);
        assert_eq!(headers.get("accept").map(|value| value.to_str().unwrap()), Some(wanted), "{asked}");
        assert_eq!(headers.len(), 1);
    }
}
