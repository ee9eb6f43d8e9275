//! The resource of a path, and what is allowed there: lists of known reads, and of resources that honour a dry run.
//!
//! What is on no list is refused. A `GET` of a resource passes in every group, because custom resources are read that
//! way. A `GET` of a sub-resource may open a connection, return a credential or start something, so only known ones
//! pass.

/// The resource of a path, parsed as kube-apiserver's `RequestInfo` parses it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Resource<'p> {
    pub(super) group: &'p str,
    pub(super) version: &'p str,
    pub(super) namespace: Option<&'p str>,
    pub(super) name: &'p str,
    pub(super) item: Option<&'p str>,
    pub(super) sub: Option<&'p str>,
    /// The path continues after the sub-resource.
    pub(super) continues: bool,
    /// It is below the deprecated prefix `watch`, so the answer is a watch.
    pub(super) is_old_watch: bool,
}

/// Sub-resources that open a connection to a pod, a node, a service or a virtual machine.
const CONNECTIONS: [&str; 4] = ["attach", "exec", "portforward", "proxy"];

/// Sub-resources of every group that only show and change a part of the object. CustomResourceDefinitions have no
/// others.
const PARTS: [&str; 2] = ["scale", "status"];

/// Further readable sub-resources: group, resource, sub-resource.
const READ: [(&str, &str, &str); 6] = [
    ("", "pods", "ephemeralcontainers"),
    ("", "pods", "log"),
    ("", "pods", "resize"),
    ("apps.openshift.io", "deploymentconfigs", "log"),
    ("build.openshift.io", "builds", "log"),
    ("certificates.k8s.io", "certificatesigningrequests", "approval"),
];

/// Further sub-resources that honour a dry run. `token` is not one: it creates a credential.
const DRY: [(&str, &str, &str); 6] = [
    ("", "namespaces", "finalize"),
    ("", "pods", "binding"),
    ("", "pods", "ephemeralcontainers"),
    ("", "pods", "eviction"),
    ("", "pods", "resize"),
    ("certificates.k8s.io", "certificatesigningrequests", "approval"),
];

/// Resources that are queried by `POST` and change nothing.
const REVIEWS: [(&str, &str); 6] = [
    ("authentication.k8s.io", "selfsubjectreviews"),
    ("authentication.k8s.io", "tokenreviews"),
    ("authorization.k8s.io", "localsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectrulesreviews"),
    ("authorization.k8s.io", "subjectaccessreviews"),
];

/// The groups that kube-apiserver serves itself, and therefore with dry runs. Source: kubernetes `pkg/controlplane`.
const OWN: [&str; 24] = [
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "extensions",
    "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
    "storagemigration.k8s.io",
];

impl<'p> Resource<'p> {
    /// `/api/v1/…`, `/apis/GROUP/VERSION/…`; then `namespaces/NS/RESOURCE/NAME/SUB` or `RESOURCE/NAME/SUB`.
    pub(super) fn of(parts: &[&'p str]) -> Option<Resource<'p>> {
        let (group, version, rest) = match parts {
            ["api", version, rest @ ..] => ("", *version, rest),
            ["apis", group, version, rest @ ..] => (*group, *version, rest),
            _ => return None,
        };
        // `watch` is a deprecated prefix, and still understood.
        let (rest, is_old_watch) = match rest.strip_prefix(&["watch"]) {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let (namespace, rest) = match rest {
            // A resource in a namespace, unless the path is the namespace itself or its sub-resource.
            ["namespaces", namespace, below, ..] if !matches!(*below, "status" | "finalize") => {
                (Some(*namespace), &rest[2..])
            }
            rest => (None, rest),
        };
        let (name, rest) = rest.split_first()?;
        Some(Resource {
            group,
            version,
            namespace,
            name,
            item: rest.first().copied(),
            sub: rest.get(1).copied(),
            continues: rest.len() > 2,
            is_old_watch,
        })
    }

    /// Why no request is allowed here.
    pub(super) fn closed(&self) -> Option<String> {
        if let Some(sub) = self.sub.filter(|sub| CONNECTIONS.contains(sub)) {
            return Some(format!("`{sub}` opens a connection into the cluster"));
        }
        // The deprecated proxy API: `/api/v1/proxy/…` and the like.
        if matches!(self.name, "proxy" | "redirect") {
            return Some("it is for the proxy API of the cluster".to_owned());
        }
        // KubeVirt starts and stops things there with a plain `GET`.
        if self.group.starts_with("subresources.") {
            return Some(format!("any request to group `{}` may start an action", self.group));
        }
        self.continues.then(|| "its path continues after the sub-resource".to_owned())
    }

    /// True if a `GET` only reads.
    pub(super) fn is_readable(&self) -> bool {
        // A metric is requested like a sub-resource of the measured object.
        self.group == "custom.metrics.k8s.io" || self.is_part_or(&READ)
    }

    /// True for the log of a container or build: text, not JSON.
    pub(super) fn is_log(&self) -> bool {
        self.sub.is_some_and(|sub| sub == "log" && READ.contains(&(self.group, self.name, sub)))
    }

    /// True if a `POST` is a query.
    pub(super) fn is_review(&self) -> bool {
        self.item.is_none() && REVIEWS.contains(&(self.group, self.name))
    }

    /// True for the eviction of a pod.
    pub(super) fn is_eviction(&self) -> bool {
        (self.group, self.name, self.sub) == ("", "pods", Some("eviction"))
    }

    /// True if a dry run is honoured here, provided that the group's server supports dry runs.
    pub(super) fn has_dry_run(&self) -> bool {
        self.is_part_or(&DRY)
    }

    /// True for a group that kube-apiserver serves itself.
    pub(super) fn is_own(&self) -> bool {
        OWN.contains(&self.group)
    }

    fn is_part_or(&self, list: &[(&str, &str, &str)]) -> bool {
        self.sub.is_none_or(|sub| PARTS.contains(&sub) || list.contains(&(self.group, self.name, sub)))
    }
}

/// True for a path without a resource that is a plain read: discovery, health, metrics and API documents.
pub(super) fn is_readable(parts: &[&str]) -> bool {
    matches!(
        parts,
        [] | ["version" | "metrics" | "statusz" | "flagz"]
            | ["healthz" | "livez" | "readyz" | "openapi" | ".well-known", ..]
            | ["metrics", "slis"]
            | ["openid", "v1", "jwks"]
            | ["api"]
            | ["api", _]
            | ["apis"]
            | ["apis", _]
            | ["apis", _, _]
    )
}

/// True for what tells which types there are, and the version.
pub(super) fn is_discovery(parts: &[&str]) -> bool {
    matches!(
        parts,
        ["version"] | ["openapi", ..] | ["api"] | ["api", _] | ["apis"] | ["apis", _] | ["apis", _, _]
    )
}

/// True for a readable path without a resource that tells nothing about objects.
pub(super) fn is_without_objects(parts: &[&str]) -> bool {
    is_discovery(parts) || matches!(parts, [] | ["healthz" | "livez" | "readyz", ..])
}
