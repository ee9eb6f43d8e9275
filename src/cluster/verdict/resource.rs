//! What a path is about, and what may be done there: lists of what is known to read, and to honour a dry run.
//!
//! What is on no list is refused. A `GET` of a resource is let through in every group, for that is what custom resources
//! are read by; a `GET` of a sub-resource may open a connection, hand out a credential or start something, and only
//! those are let through that are known.

/// What a path of a resource is about, as kube-apiserver's `RequestInfo` takes it apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Resource<'p> {
    pub(super) group: &'p str,
    pub(super) version: &'p str,
    pub(super) name: &'p str,
    pub(super) item: Option<&'p str>,
    pub(super) sub: Option<&'p str>,
    /// There is more behind the sub-resource.
    pub(super) leads_on: bool,
}

/// Sub-resources that open a connection into a pod, a node, a service or a virtual machine.
const DOORS: [&str; 4] = ["attach", "exec", "portforward", "proxy"];

/// Sub-resources of every group that only show and change a part of the object: CustomResourceDefinitions have no others.
const PARTS: [&str; 2] = ["scale", "status"];

/// Further sub-resources that can be read: group, resource, sub-resource.
const READ: [(&str, &str, &str); 6] = [
    ("", "pods", "ephemeralcontainers"),
    ("", "pods", "log"),
    ("", "pods", "resize"),
    ("apps.openshift.io", "deploymentconfigs", "log"),
    ("build.openshift.io", "builds", "log"),
    ("certificates.k8s.io", "certificatesigningrequests", "approval"),
];

/// Further sub-resources that honour a dry run. `token` is none: it makes a credential.
const DRY: [(&str, &str, &str); 6] = [
    ("", "namespaces", "finalize"),
    ("", "pods", "binding"),
    ("", "pods", "ephemeralcontainers"),
    ("", "pods", "eviction"),
    ("", "pods", "resize"),
    ("certificates.k8s.io", "certificatesigningrequests", "approval"),
];

/// Questions that are asked by `POST` and change nothing.
const REVIEWS: [(&str, &str); 6] = [
    ("authentication.k8s.io", "selfsubjectreviews"),
    ("authentication.k8s.io", "tokenreviews"),
    ("authorization.k8s.io", "localsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectrulesreviews"),
    ("authorization.k8s.io", "subjectaccessreviews"),
];

/// The groups that kube-apiserver serves by itself, and therefore with dry runs. Source: kubernetes `pkg/controlplane`.
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
        // `watch` was a prefix once, and still is understood.
        let rest = rest.strip_prefix(&["watch"]).unwrap_or(rest);
        let rest = match rest {
            // What is below a namespace, unless it is the namespace's own.
            ["namespaces", _, below, ..] if !matches!(*below, "status" | "finalize") => &rest[2..],
            rest => rest,
        };
        let (name, rest) = rest.split_first()?;
        Some(Resource {
            group,
            version,
            name,
            item: rest.first().copied(),
            sub: rest.get(1).copied(),
            leads_on: rest.len() > 2,
        })
    }

    /// Why nothing at all may be done here.
    pub(super) fn closed(&self) -> Option<String> {
        if let Some(door) = self.sub.filter(|sub| DOORS.contains(sub)) {
            return Some(format!("`{door}` opens a connection into the cluster"));
        }
        // The API of long ago: `/api/v1/proxy/…` and its like.
        if matches!(self.name, "proxy" | "redirect") {
            return Some("it leads through the cluster to somewhere else".to_owned());
        }
        // KubeVirt starts and stops things there by `GET` alone.
        if self.group.starts_with("subresources.") {
            return Some(format!("group `{}` acts on whatever is asked", self.group));
        }
        self.leads_on.then(|| "its path leads further than to a sub-resource".to_owned())
    }

    /// True if a `GET` only reads.
    pub(super) fn is_readable(&self) -> bool {
        // A metric is asked for as if it were a sub-resource of what it measures.
        self.group == "custom.metrics.k8s.io" || self.is_part_or(&READ)
    }

    /// True if a `POST` is a question.
    pub(super) fn is_review(&self) -> bool {
        self.item.is_none() && REVIEWS.contains(&(self.group, self.name))
    }

    /// True for the eviction of a pod.
    pub(super) fn is_eviction(&self) -> bool {
        (self.group, self.name, self.sub) == ("", "pods", Some("eviction"))
    }

    /// True if a dry run is one here, for a group whose server honours dry runs.
    pub(super) fn has_dry_run(&self) -> bool {
        self.is_part_or(&DRY)
    }

    /// True for a group that kube-apiserver serves by itself.
    pub(super) fn is_own(&self) -> bool {
        OWN.contains(&self.group)
    }

    fn is_part_or(&self, list: &[(&str, &str, &str)]) -> bool {
        self.sub.is_none_or(|sub| PARTS.contains(&sub) || list.contains(&(self.group, self.name, sub)))
    }
}

/// True for a path without a resource that only reads: discovery, health, metrics and the documents of the API.
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
