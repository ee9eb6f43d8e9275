//! Management clusters: the real kubectl asks the tests' own API server for Secrets of Cluster API and for ClusterProfiles.

use super::home;
use crate::api_server::{ApiServer, Behaviour, Setup, base64};
use crate::tools::{Home, KCX, complaint, fine, kubectl, which};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Output;

const PROFILES: &str = "/apis/multicluster.x-k8s.io/v1alpha1";

/// A server with these Secrets and ClusterProfiles.
fn server(secrets: &[Value], profiles: &[Value]) -> ApiServer {
    let resource = |plural: &str, kind: &str| json!({"name": plural, "singularName": kind.to_lowercase(), "namespaced": true, "kind": kind, "verbs": ["get", "list"]});
    let list = |kind: &str, version: &str, items: &[Value]| json!({"kind": kind, "apiVersion": version, "metadata": {"resourceVersion": "4711"}, "items": items});
    let resources = |version: &str, resource: Value| json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": [resource]});
    let version = json!({"groupVersion": "multicluster.x-k8s.io/v1alpha1", "version": "v1alpha1"});
    let group = json!({"name": "multicluster.x-k8s.io", "versions": [version], "preferredVersion": version});
    let mut setup = Setup::default();
    for secret in secrets {
        let text = |place: &str| secret.pointer(place).and_then(Value::as_str).unwrap();
        let path =
            format!("/api/v1/namespaces/{}/secrets/{}", text("/metadata/namespace"), text("/metadata/name"));
        setup = setup.with(&path, Behaviour::Body(secret.to_string()));
    }
    for (path, body) in [
        ("/api/v1/secrets".to_owned(), list("SecretList", "v1", secrets)),
        ("/api/v1".to_owned(), resources("v1", resource("secrets", "Secret"))),
        (
            format!("{PROFILES}/clusterprofiles"),
            list("ClusterProfileList", "multicluster.x-k8s.io/v1alpha1", profiles),
        ),
        (
            PROFILES.to_owned(),
            resources("multicluster.x-k8s.io/v1alpha1", resource("clusterprofiles", "ClusterProfile")),
        ),
        ("/apis".to_owned(), json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": [group]})),
    ] {
        setup = setup.with(&path, Behaviour::Body(body.to_string()));
    }
    ApiServer::start(setup)
}

/// A home whose kubeconfig leads to this server, with the real kubectl as `kubectl`.
fn managed(server: &ApiServer, sources: &str) -> Home {
    let home = home(sources);
    symlink(which(&kubectl()), home.path("bin/kubectl")).unwrap();
    lead(&home, server);
    home
}

fn lead(home: &Home, server: &ApiServer) {
    let text = server.kubeconfig("{token: secret-token}");
    home.write(
        ".kube/config",
        text.replace("name: test", "name: mgmt").replace("context: test", "context: mgmt"),
    );
}

fn kcx(home: &Home, words: &[&str]) -> Output {
    let path = format!("{}:{}", home.path("bin").display(), std::env::var("PATH").unwrap());
    home.command(KCX, home.path(".kube/config"))
        .env_remove("KUBECONFIG")
        .env("PATH", path)
        .args(words)
        .output()
        .unwrap()
}

/// What the real kubectl reads in the file of the source `s`.
fn seen(home: &Home) -> Value {
    let view = ["config", "view", "--raw", "-o", "json"];
    serde_json::from_str(&fine(&home.kubectl(&home.path(".kube/config.d/s.yaml"), &view))).unwrap()
}

/// Without what is null: an API server leaves it out.
fn without_null(mut object: Value) -> Value {
    for place in ["", "/metadata"] {
        let fields = object.pointer_mut(place).and_then(Value::as_object_mut).unwrap();
        fields.retain(|_, value| !value.is_null());
    }
    object
}

fn secret(namespace: &str, name: &str, version: &str, labels: &Value, data: &Value) -> Value {
    without_null(json!({
        "kind": "Secret", "apiVersion": "v1", "type": "cluster.x-k8s.io/secret", "data": data,
        "metadata": {"namespace": namespace, "name": name, "uid": format!("u-{name}"), "resourceVersion": version, "labels": labels},
    }))
}

/// The Secret of a cluster with a kubeconfig as Cluster API writes it.
fn kubeconfig_of(cluster: &str, server: &str, version: &str) -> Value {
    let text = format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- {{name: {cluster}, cluster: {{server: '{server}'}}}}\nusers:\n\
         - {{name: {cluster}-admin, user: {{token: t}}}}\ncontexts:\n\
         - {{name: {cluster}-admin@{cluster}, context: {{cluster: {cluster}, user: {cluster}-admin}}}}\n"
    );
    let labels = json!({"cluster.x-k8s.io/cluster-name": cluster});
    secret("fleet", &format!("{cluster}-kubeconfig"), version, &labels, &json!({"value": base64(&text)}))
}

#[test]
fn the_secrets_of_cluster_api_are_followed() {
    let authority = secret(
        "fleet",
        "lab-ca",
        "3",
        &json!({"cluster.x-k8s.io/cluster-name": "lab"}),
        &json!({"tls.crt": "Q0E="}),
    );
    let empty = secret("fleet", "new-kubeconfig", "3", &Value::Null, &Value::Null);
    let (lab, shop) =
        (kubeconfig_of("lab", "https://lab:6443", "7"), kubeconfig_of("shop", "https://shop:6443", "8"));
    let first = server(&[authority.clone(), empty, lab.clone(), shop], &[]);
    let home = managed(&first, "- {name: s, capi: {context: mgmt}}\n");
    let tested = fine(&kcx(&home, &["source", "test", "s"]));
    assert_eq!(
        tested,
        "fleet/lab-kubeconfig: `lab-admin@lab` cluster=lab namespace=fleet provider=capi\n\
         fleet/shop-kubeconfig: `shop-admin@shop` cluster=shop namespace=fleet provider=capi\n"
    );
    fine(&kcx(&home, &["sync"]));
    let read = seen(&home);
    assert_eq!(read["clusters"][0]["cluster"]["server"], "https://lab:6443");
    let extension = &read["contexts"][0]["context"]["extensions"][0]["extension"];
    assert_eq!(extension["changed"], "u-lab-kubeconfig.7", "{read}");
    // What has the same version is not fetched again.
    let asked = |server: &ApiServer| server.lines().iter().filter(|line| line.contains("/secrets/")).count();
    let before = asked(&first);
    fine(&kcx(&home, &["sync"]));
    assert_eq!(asked(&first), before);

    // One is re-created elsewhere, one is deleted.
    let second = server(&[kubeconfig_of("lab", "https://new:6443", "9"), authority], &[]);
    lead(&home, &second);
    fine(&kcx(&home, &["sync", "--prune"]));
    let read = seen(&home);
    assert_eq!(read["clusters"].as_array().unwrap().len(), 1, "{read}");
    assert_eq!(read["clusters"][0]["cluster"]["server"], "https://new:6443");

    // Who may not read them is told so.
    let third = ApiServer::start(Setup::default().with("/api/v1/secrets", Behaviour::Forbidden));
    lead(&home, &third);
    let output = kcx(&home, &["sync", "--prune", "-y"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        complaint(&output).to_lowercase().contains("forbidden")
            || complaint(&output).contains("Error from server"),
        "{}",
        complaint(&output)
    );
    assert_eq!(seen(&home), read);
}

#[test]
fn cluster_profiles_are_followed_and_kubectl_runs_their_plugin() {
    let member = ApiServer::good();
    let pem = base64(&member.authority.pem());
    let cluster = |name: &str| {
        json!({
            "server": member.url(), "certificate-authority-data": pem,
            "extensions": [{"name": "client.authentication.k8s.io/exec", "extension": {"clusterName": name}}],
        })
    };
    let profile = |name: &str, labels: Value, status: Value| {
        without_null(json!({
            "kind": "ClusterProfile", "apiVersion": "multicluster.x-k8s.io/v1alpha1",
            "metadata": {"namespace": "fleet", "name": name, "uid": "u", "resourceVersion": "1", "labels": labels},
            "spec": {"clusterManager": {"name": "ocm"}}, "status": status,
        }))
    };
    let old = json!({"name": "ocm", "cluster": {"server": "https://old"}});
    let hub = server(
        &[],
        &[
            profile(
                "one",
                json!({"env": "prod"}),
                json!({
                    "accessProviders": [{"name": "other", "cluster": {"server": "https://other"}}, {"name": "ocm", "cluster": cluster("one")}],
                    "credentialProviders": [old],
                }),
            ),
            profile(
                "two",
                Value::Null,
                json!({"credentialProviders": [{"name": "ocm", "cluster": cluster("two")}]}),
            ),
            profile(
                "elsewhere",
                Value::Null,
                json!({"accessProviders": [{"name": "other", "cluster": {"server": "https://other"}}]}),
            ),
            profile("unknown", Value::Null, Value::Null),
        ],
    );
    // A plugin that is told which cluster it logs in to.
    let script = "case $KUBERNETES_EXEC_INFO in *'\"clusterName\":\"one\"'*) ;; *) echo \"not one\" >&2; exit 1 ;; esac; \
                  [ \"$0\" = 'a \"b\"' ] || exit 2; \
                  echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"secret-token\"}}'";
    let source = json!([{
        "name": "s", "allow-exec": ["sh"],
        "cluster-profile": {"provider": "ocm", "command": "sh", "args": ["-c", script, "a \"b\""]},
    }]);
    let home = managed(&hub, "");
    home.write(".config/kcx/config.yaml", json!({"sources": source}).to_string());
    assert_eq!(fine(&kcx(&home, &["source", "test", "s"])), "fleet/one: `one` env=prod\nfleet/two: `two`\n");
    fine(&kcx(&home, &["sync"]));
    assert_eq!(seen(&home)["users"][0]["user"]["exec"]["interactiveMode"], "Never");
    let file = home.path(".kube/config.d/s.yaml");
    let ask = |context: &str| home.kubectl(&file, &["--context", context, "get", "namespaces", "-o", "name"]);
    assert!(fine(&ask("one")).contains("namespace/default"));
    assert!(complaint(&ask("two")).contains("not one"));
    let before = fs::read(&file).unwrap();
    fine(&kcx(&home, &["sync"]));
    assert_eq!(fs::read(&file).unwrap(), before);
}
