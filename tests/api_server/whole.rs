//! A cluster with all types of Kubernetes and a few of others, objects in three namespaces, and marks in what a fence hides:
//! in every Secret and token, in every object of the namespace `other`, and in every object of the cluster.

use super::answers::Answer;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Response, StatusCode};
use serde_json::{Value, json};

/// In every Secret and token, as the text behind a base64 value and as it is.
pub(crate) const SECRET_MARK: &str = "zqSecretMark";
/// In the name of every object of the namespace `other`.
pub(crate) const FOREIGN_MARK: &str = "zq-foreign-mark";
/// In every object of the cluster, but for namespaces.
pub(crate) const CLUSTER_MARK: &str = "zq-cluster-mark";

/// The namespaces; `other` has the marked objects.
const NAMESPACES: [&str; 3] = ["other", "shop", "web"];

/// Group and version, resources: plural, kind, sub-resources. Those after `-` are of the cluster.
const TYPES: [(&str, &str); 30] = [
    (
        "v1",
        "configmaps:ConfigMap endpoints:Endpoints events:Event limitranges:LimitRange \
         persistentvolumeclaims:PersistentVolumeClaim:status pods:Pod:attach,binding,ephemeralcontainers,eviction,exec,log,portforward,proxy,resize,status \
         podtemplates:PodTemplate replicationcontrollers:ReplicationController:scale,status resourcequotas:ResourceQuota:status \
         secrets:Secret serviceaccounts:ServiceAccount:token services:Service:proxy,status - componentstatuses:ComponentStatus \
         nodes:Node:proxy,status persistentvolumes:PersistentVolume:status",
    ),
    (
        "admissionregistration.k8s.io/v1",
        "- mutatingwebhookconfigurations:MutatingWebhookConfiguration validatingadmissionpolicies:ValidatingAdmissionPolicy:status \
         validatingadmissionpolicybindings:ValidatingAdmissionPolicyBinding validatingwebhookconfigurations:ValidatingWebhookConfiguration",
    ),
    ("apiextensions.k8s.io/v1", "- customresourcedefinitions:CustomResourceDefinition:status"),
    ("apiregistration.k8s.io/v1", "- apiservices:APIService:status"),
    (
        "apps/v1",
        "controllerrevisions:ControllerRevision daemonsets:DaemonSet:status deployments:Deployment:scale,status \
         replicasets:ReplicaSet:scale,status statefulsets:StatefulSet:scale,status",
    ),
    ("autoscaling/v1", "horizontalpodautoscalers:HorizontalPodAutoscaler:status"),
    ("autoscaling/v2", "horizontalpodautoscalers:HorizontalPodAutoscaler:status"),
    ("batch/v1", "cronjobs:CronJob:status jobs:Job:status"),
    (
        "cert-manager.io/v1",
        "certificates:Certificate:status issuers:Issuer:status - clusterissuers:ClusterIssuer:status",
    ),
    ("certificates.k8s.io/v1", "- certificatesigningrequests:CertificateSigningRequest:approval,status"),
    ("coordination.k8s.io/v1", "leases:Lease"),
    ("discovery.k8s.io/v1", "endpointslices:EndpointSlice"),
    ("events.k8s.io/v1", "events:Event"),
    ("ext.cattle.io/v1", "- kubeconfigs:Kubeconfig tokens:Token"),
    (
        "flowcontrol.apiserver.k8s.io/v1",
        "- flowschemas:FlowSchema:status prioritylevelconfigurations:PriorityLevelConfiguration:status",
    ),
    ("management.cattle.io/v3", "clusterregistrationtokens:ClusterRegistrationToken - tokens:Token"),
    ("metrics.k8s.io/v1beta1", "pods:PodMetrics - nodes:NodeMetrics"),
    ("mixed.example.com/v1", "things:Thing"),
    (
        "networking.k8s.io/v1",
        "ingresses:Ingress:status networkpolicies:NetworkPolicy - ingressclasses:IngressClass ipaddresses:IPAddress \
         servicecidrs:ServiceCIDR:status",
    ),
    ("node.k8s.io/v1", "- runtimeclasses:RuntimeClass"),
    (
        "oauth.openshift.io/v1",
        "- oauthaccesstokens:OAuthAccessToken oauthclients:OAuthClient useroauthaccesstokens:UserOAuthAccessToken",
    ),
    ("policy/v1", "poddisruptionbudgets:PodDisruptionBudget:status"),
    (
        "rbac.authorization.k8s.io/v1",
        "rolebindings:RoleBinding roles:Role - clusterrolebindings:ClusterRoleBinding clusterroles:ClusterRole",
    ),
    (
        "resource.k8s.io/v1",
        "resourceclaims:ResourceClaim:status resourceclaimtemplates:ResourceClaimTemplate - deviceclasses:DeviceClass \
         resourceslices:ResourceSlice",
    ),
    ("scheduling.k8s.io/v1", "- priorityclasses:PriorityClass"),
    ("stable.example.com/v1", "crontabs:CronTab:scale,status - widgets:Widget:status"),
    (
        "storage.k8s.io/v1",
        "csistoragecapacities:CSIStorageCapacity - csidrivers:CSIDriver csinodes:CSINode storageclasses:StorageClass \
         volumeattachments:VolumeAttachment:status",
    ),
    ("subresources.kubevirt.io/v1", "virtualmachineinstances:VirtualMachineInstance:console,vnc"),
    ("authorization.k8s.io/v1", ""),
    ("authentication.k8s.io/v1", ""),
];

/// Short names that the tests use.
const SHORT: [(&str, &str); 3] =
    [("configmaps", "cm"), ("customresourcedefinitions", "crd"), ("namespaces", "ns")];

/// A type.
#[derive(Clone, Debug)]
struct Type {
    group_version: &'static str,
    plural: &'static str,
    kind: &'static str,
    subs: Vec<&'static str>,
    namespaced: bool,
}

impl Type {
    fn all() -> Vec<Type> {
        let mut types = Vec::new();
        for (group_version, words) in TYPES {
            let mut namespaced = true;
            for word in words.split_whitespace() {
                if word == "-" {
                    namespaced = false;
                    continue;
                }
                let mut parts = word.split(':');
                let (plural, kind) = (parts.next().unwrap(), parts.next().unwrap());
                let subs = parts.next().map(|subs| subs.split(',').collect()).unwrap_or_default();
                types.push(Type { group_version, plural, kind, subs, namespaced });
            }
        }
        types.push(Type {
            group_version: "v1",
            plural: "namespaces",
            kind: "Namespace",
            subs: vec!["finalize", "status"],
            namespaced: false,
        });
        types
    }

    fn is_secret(&self) -> bool {
        self.kind == "Secret"
            || self.kind.ends_with("Token")
            || ["Kubeconfig", "OAuthClient"].contains(&self.kind)
    }

    /// Go's typed lists have no kind in their items.
    fn is_typed(&self) -> bool {
        !["cert-manager.io", "example.com", "cattle.io"]
            .iter()
            .any(|group| self.group_version.contains(group))
    }

    /// The object of this name.
    fn object(&self, namespace: Option<&str>, name: &str) -> Value {
        let mut metadata = json!({
            "name": name, "uid": format!("uid-{name}"), "resourceVersion": "17",
            "creationTimestamp": "2025-08-13T14:30:00Z", "labels": {"app": "x"},
        });
        let mark = match namespace {
            Some("other") => FOREIGN_MARK,
            None if self.kind != "Namespace" => CLUSTER_MARK,
            _ => "no",
        };
        metadata["annotations"] = json!({"mark": mark});
        if let Some(namespace) = namespace {
            metadata["namespace"] = namespace.into();
        }
        let mut object = json!({"kind": self.kind, "apiVersion": self.group_version, "metadata": metadata});
        if self.is_secret() {
            object["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] = format!(
                "{{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"stringData\":{{\"p\":\"{SECRET_MARK}\"}}}}"
            )
            .into();
            object["data"] = json!({"password": super::base64(SECRET_MARK)});
            object["token"] = SECRET_MARK.into();
        }
        if self.kind == "Pod" {
            object["spec"] = json!({"containers": [{"name": "main", "image": "none"}], "nodeName": "n"});
            object["status"] = json!({"phase": "Running", "podIP": "10.0.0.1"});
        }
        if self.kind == "Namespace" {
            object["status"] = json!({"phase": "Active"});
        }
        object
    }

    /// All objects, of one namespace or of all, in the server's order.
    fn objects(&self, namespace: Option<&str>) -> Vec<Value> {
        if self.kind == "Namespace" {
            return NAMESPACES.iter().map(|name| self.object(None, name)).collect();
        }
        if !self.namespaced {
            return ["one", "two"].map(|name| self.object(None, &format!("{CLUSTER_MARK}-{name}"))).into();
        }
        let mut objects = Vec::new();
        for one in NAMESPACES.iter().filter(|one| namespace.is_none_or(|wanted| wanted == **one)) {
            let begin = if *one == "other" { FOREIGN_MARK.to_owned() + "-" } else { String::new() };
            objects.extend(["one", "two"].map(|name| self.object(Some(one), &format!("{begin}{name}"))));
            if self.kind == "Thing" {
                // What an aggregated API may show: objects of other types, and templates of them.
                let secret = find("v1", "secrets").object(Some(one), "inside");
                objects.push(json!({
                    "kind": "Thing", "apiVersion": self.group_version,
                    "metadata": {"name": format!("{begin}template"), "namespace": one}, "objects": [secret],
                }));
                objects.push(secret);
                objects.push(find("v1", "configmaps").object(Some(one), &format!("{begin}inside")));
            }
        }
        objects
    }
}

fn find(group_version: &str, plural: &str) -> Type {
    let mut types = Type::all().into_iter();
    types.find(|it| (it.group_version, it.plural) == (group_version, plural)).unwrap()
}

/// A request for this cluster.
pub(super) struct Request<'r> {
    pub(super) method: &'r Method,
    pub(super) parts: &'r [&'r str],
    pub(super) query: &'r [(String, String)],
    pub(super) accept: &'r str,
    pub(super) leases: usize,
}

type Answered = Response<Answer>;

fn print(code: StatusCode, kind: &'static str, text: String) -> Answered {
    let mut answer = Response::new(Answer::whole(text));
    *answer.status_mut() = code;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

fn ok(value: &Value) -> Answered {
    print(StatusCode::OK, "application/json", format!("{value}\n"))
}

fn failed(code: StatusCode, reason: &str) -> Answered {
    let value = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": reason, "reason": reason,
        "code": code.as_u16(),
    });
    print(code, "application/json", value.to_string())
}

impl Request<'_> {
    fn query(&self, wanted: &str) -> Option<&str> {
        self.query.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }

    /// The answer; `None` for what every server of the tests answers.
    pub(super) fn answer(&self) -> Option<Answered> {
        match self.parts {
            ["apis"] => Some(ok(&groups())),
            ["api", "v1"] => Some(ok(&resources("v1"))),
            ["apis", group, version] if *self.method == Method::GET => {
                let group_version = format!("{group}/{version}");
                let known = TYPES.iter().any(|(known, _)| *known == group_version);
                known.then(|| ok(&resources(&group_version)))
            }
            ["openapi", "v3"] => {
                Some(ok(&json!({"paths": {"api/v1": {"serverRelativeURL": "/openapi/v3/api/v1?hash=1"}}})))
            }
            ["openapi", "v3", "api", "v1"] => Some(ok(&schema())),
            ["metrics"] => {
                Some(print(StatusCode::OK, "text/plain", format!("objects{{name=\"{CLUSTER_MARK}\"}} 7\n")))
            }
            ["api", "v1", rest @ ..] => self.resource("v1", rest),
            ["apis", group, version, rest @ ..] => self.resource(&format!("{group}/{version}"), rest),
            _ => None,
        }
    }

    fn resource(&self, group_version: &str, rest: &[&str]) -> Option<Answered> {
        let (old_watch, rest) = match rest {
            ["watch", rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let (namespace, rest) = match rest {
            ["namespaces", namespace, below, ..] if !["status", "finalize"].contains(below) => {
                (Some(*namespace), &rest[2..])
            }
            rest => (None, rest),
        };
        let (plural, rest) = rest.split_first()?;
        let mut types = Type::all().into_iter();
        let kind = types.find(|it| it.group_version == group_version && it.plural == *plural)?;
        let named = self.query("fieldSelector").and_then(|text| text.strip_prefix("metadata.name%3D"));
        let mut objects = kind.objects(namespace);
        if kind.kind == "Lease" && self.leases > 0 {
            let lease = |at: usize| {
                let mut lease = kind.object(Some("shop"), &format!("lease-{at}"));
                lease["spec"] = json!({"holderIdentity": "x".repeat(1700)});
                lease
            };
            objects = (0..self.leases).map(lease).collect();
        }
        objects.retain(|it| named.is_none_or(|named| it["metadata"]["name"] == named));
        let is_watch = old_watch || matches!(self.query("watch"), Some("true" | "1"));
        match (self.method, rest) {
            (&Method::GET | &Method::HEAD, []) if is_watch => Some(self.watch(&objects)),
            (&Method::GET | &Method::HEAD, []) => Some(self.list(&kind, &objects)),
            (&Method::GET | &Method::HEAD, [name, sub @ ..]) => {
                let Some(object) = objects.iter().find(|it| it["metadata"]["name"] == *name) else {
                    return Some(failed(StatusCode::NOT_FOUND, "NotFound"));
                };
                match sub {
                    ["log"] => {
                        Some(print(StatusCode::OK, "text/plain", "first line\nsecond line\n".to_owned()))
                    }
                    [] | ["status" | "ephemeralcontainers" | "resize" | "approval"] => Some(self.one(object)),
                    ["scale"] => Some(ok(&json!({
                        "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": object["metadata"], "spec": {"replicas": 1},
                    }))),
                    _ => Some(ok(&json!({"kind": "Other", "apiVersion": "v1", "mark": SECRET_MARK}))),
                }
            }
            (&Method::OPTIONS, _) => Some(failed(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed")),
            (_, []) => Some(ok(&kind.object(namespace, "new"))),
            (_, [name, ..]) => Some(ok(&kind.object(namespace, name))),
        }
    }

    fn is_table(&self) -> bool {
        self.accept.contains("as=Table")
    }

    fn one(&self, object: &Value) -> Answered {
        if self.is_table() {
            return ok(&self.table(std::slice::from_ref(object), &json!({"resourceVersion": "17"}), true));
        }
        if self.accept.contains("as=PartialObjectMetadata;") {
            return ok(&partial(object));
        }
        self.encoded(object)
    }

    /// JSON, unless only something else is accepted.
    fn encoded(&self, value: &Value) -> Answered {
        let json = self.accept.is_empty() || self.accept.contains("json") || self.accept.contains("*/*");
        match json {
            true => ok(value),
            false => print(StatusCode::OK, "application/vnd.kubernetes.protobuf", format!("k8s\0{value}")),
        }
    }

    fn list(&self, kind: &Type, all: &[Value]) -> Answered {
        let key = |it: &Value| {
            format!(
                "{}/{}",
                it["metadata"]["namespace"].as_str().unwrap_or(""),
                it["metadata"]["name"].as_str().unwrap()
            )
        };
        let from = match self.query("continue").filter(|it| !it.is_empty()) {
            None => 0,
            Some(next) => {
                let next = next.replace("%3D", "=");
                match all.iter().position(|it| super::base64(&key(it)) == next) {
                    Some(at) => at,
                    None => return failed(StatusCode::GONE, "Expired"),
                }
            }
        };
        let limit =
            self.query("limit").and_then(|it| it.parse().ok()).filter(|it| *it > 0).unwrap_or(usize::MAX);
        let to = all.len().min(from.saturating_add(limit));
        let mut metadata = json!({"resourceVersion": "4711"});
        if to < all.len() {
            metadata["continue"] = super::base64(&key(&all[to])).into();
            metadata["remainingItemCount"] = (all.len() - to).into();
        }
        let page = &all[from..to];
        if self.is_table() {
            return ok(&self.table(page, &metadata, true));
        }
        if self.accept.contains("as=PartialObjectMetadataList") {
            let items: Vec<Value> = page.iter().map(partial).collect();
            return ok(&json!({
                "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata, "items": items,
            }));
        }
        let list = format!("{}List", kind.kind);
        if !kind.is_typed() {
            return self.encoded(
                &json!({"apiVersion": kind.group_version, "items": page, "kind": list, "metadata": metadata}),
            );
        }
        let items: Vec<Value> = page
            .iter()
            .map(|it| {
                let mut it = it.clone();
                it.as_object_mut().unwrap().retain(|key, _| key != "kind" && key != "apiVersion");
                it
            })
            .collect();
        self.encoded(
            &json!({"kind": list, "apiVersion": kind.group_version, "metadata": metadata, "items": items}),
        )
    }

    fn table(&self, page: &[Value], metadata: &Value, columns: bool) -> Value {
        let row = |it: &Value| {
            let object = match self.query("includeObject") {
                Some("None") => Value::Null,
                Some("Object") => it.clone(),
                _ => partial(it),
            };
            json!({"cells": [it["metadata"]["name"], it["metadata"]["annotations"]["mark"]], "object": object})
        };
        let column = |name: &str| json!({"name": name, "type": "string", "format": if name == "Name" { "name" } else { "" }, "description": "", "priority": 0});
        let columns = if columns { json!(["Name", "Mark"].map(column)) } else { Value::Null };
        json!({
            "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata, "columnDefinitions": columns,
            "rows": page.iter().map(row).collect::<Vec<_>>(),
        })
    }

    /// Each object is added; then the watch ends if it has a time limit.
    fn watch(&self, objects: &[Value]) -> Answered {
        let mut events: Vec<String> = Vec::new();
        for (at, object) in objects.iter().enumerate() {
            let shown = if self.is_table() {
                self.table(std::slice::from_ref(object), &json!({"resourceVersion": "17"}), at == 0)
            } else if self.accept.contains("as=PartialObjectMetadata") {
                partial(object)
            } else {
                object.clone()
            };
            events.push(json!({"type": "ADDED", "object": shown}).to_string() + "\n");
        }
        if let (Some("true" | "1"), Some(object)) = (self.query("allowWatchBookmarks"), objects.first()) {
            let mut bookmark = json!({
                "kind": object["kind"], "apiVersion": object["apiVersion"], "metadata": {"resourceVersion": "18"},
            });
            if self.query("sendInitialEvents") == Some("true") {
                bookmark["metadata"]["annotations"] = json!({"k8s.io/initial-events-end": "true"});
            }
            events.push(json!({"type": "BOOKMARK", "object": bookmark}).to_string() + "\n");
        }
        let parts: Vec<&str> = events.iter().map(String::as_str).collect();
        let mut answer =
            Response::new(super::objects::streamed(&parts, self.query("timeoutSeconds").is_none()));
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        answer
    }
}

fn partial(object: &Value) -> Value {
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"]})
}

fn groups() -> Value {
    let group = |(group_version, _): &(&str, &str)| {
        let (group, version) = group_version.split_once('/')?;
        let version = json!({"groupVersion": group_version, "version": version});
        Some(json!({"name": group, "versions": [version], "preferredVersion": version}))
    };
    let groups: Vec<Value> = TYPES.iter().filter_map(group).collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

fn resources(group_version: &str) -> Value {
    let verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    let mut list = Vec::new();
    for kind in Type::all().iter().filter(|it| it.group_version == group_version) {
        let singular = kind.kind.to_lowercase();
        let short = SHORT.iter().find(|(plural, _)| *plural == kind.plural);
        list.push(json!({"name": kind.plural, "shortNames": short.map(|(_, short)| [short]), "singularName": singular, "namespaced": kind.namespaced, "kind": kind.kind, "verbs": verbs, "categories": if ["pods", "services", "deployments"].contains(&kind.plural) { json!(["all"]) } else { Value::Null }}));
        for sub in &kind.subs {
            let verbs = ["create", "get", "patch", "update"];
            list.push(json!({"name": format!("{}/{sub}", kind.plural), "singularName": "", "namespaced": kind.namespaced, "kind": kind.kind, "verbs": verbs}));
        }
    }
    for (group, name, kind) in [
        ("authentication.k8s.io/v1", "selfsubjectreviews", "SelfSubjectReview"),
        ("authentication.k8s.io/v1", "tokenreviews", "TokenReview"),
        ("authorization.k8s.io/v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview"),
        ("authorization.k8s.io/v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview"),
        ("authorization.k8s.io/v1", "subjectaccessreviews", "SubjectAccessReview"),
    ] {
        if group == group_version {
            list.push(json!({"name": name, "singularName": "", "namespaced": false, "kind": kind, "verbs": ["create"]}));
        }
    }
    json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": list})
}

/// The schema of a Pod, as far as `kubectl explain` needs it.
fn schema() -> Value {
    json!({"openapi": "3.0.0", "info": {"title": "Kubernetes", "version": "v1.33.4"}, "paths": {
        "/api/v1/pods": {"get": {"x-kubernetes-group-version-kind": {"group": "", "kind": "Pod", "version": "v1"}, "x-kubernetes-action": "list"}},
    }, "components": {"schemas": {"io.k8s.api.core.v1.Pod": {
        "description": "Pod is a collection of containers", "type": "object",
        "properties": {"kind": {"type": "string", "description": "the kind"}},
        "x-kubernetes-group-version-kind": [{"group": "", "kind": "Pod", "version": "v1"}],
    }}}})
}
