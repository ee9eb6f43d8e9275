//! Applies a [`Fence`] to a request that only reads: is it within the fence, and must its answer be searched?

use super::request_target::RequestTarget;
use super::resource::{self, Resource};
use super::{Passed, Refused};
use crate::cluster::fence::{Fence, Flag, Verb};
use crate::cluster::filter::Scope;
use http::Method;
use std::sync::Arc;

/// A request within the fence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// What it does.
    pub verb: Verb,
    /// What happens to its answer.
    pub answer: Answer,
}

/// What happens to an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is passed on as it is.
    AsIs,
    /// What must not be seen is left out of it.
    Filtered {
        /// The namespaces of its objects.
        scope: Scope,
        /// It consists of events.
        is_watch: bool,
    },
}

/// Resources of the cluster that every cluster has. Of others the objects tell it: they have no namespace.
const OF_CLUSTER: [(&str, &str); 24] = [
    ("", "componentstatuses"),
    ("", "nodes"),
    ("", "persistentvolumes"),
    ("admissionregistration.k8s.io", "mutatingadmissionpolicies"),
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"),
    ("admissionregistration.k8s.io", "validatingadmissionpolicies"),
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"),
    ("apiextensions.k8s.io", "customresourcedefinitions"),
    ("apiregistration.k8s.io", "apiservices"),
    ("certificates.k8s.io", "certificatesigningrequests"),
    ("certificates.k8s.io", "clustertrustbundles"),
    ("flowcontrol.apiserver.k8s.io", "flowschemas"),
    ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"),
    ("metrics.k8s.io", "nodes"),
    ("networking.k8s.io", "ingressclasses"),
    ("node.k8s.io", "runtimeclasses"),
    ("rbac.authorization.k8s.io", "clusterrolebindings"),
    ("rbac.authorization.k8s.io", "clusterroles"),
    ("resource.k8s.io", "deviceclasses"),
    ("resource.k8s.io", "resourceslices"),
    ("scheduling.k8s.io", "priorityclasses"),
    ("storage.k8s.io", "csidrivers"),
    ("storage.k8s.io", "storageclasses"),
    ("storage.k8s.io", "volumeattachments"),
];

/// What a request does, whether it passes or not.
#[must_use]
pub fn verb_of(method: &Method, target: &RequestTarget, passed: Option<&Passed>) -> Verb {
    let segments = target.segments();
    let resource = Resource::of(&segments);
    let Some(resource) = resource else {
        let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        return match resource::is_discovery(&segments) {
            _ if !reads => Verb::Other,
            true => Verb::Discover,
            false => Verb::Get,
        };
    };
    match *method {
        Method::GET | Method::HEAD | Method::OPTIONS => match resource.sub {
            // A custom metric may have this name, too.
            Some(_) if resource.is_log() => Verb::Logs,
            Some(_) => Verb::Get,
            None if resource.is_old_watch || watches(target) == Some(true) => Verb::Watch,
            None if resource.item.is_some() => Verb::Get,
            None => Verb::List,
        },
        _ => match passed {
            Some(Passed::DryRun | Passed::DryRunOf { .. }) => Verb::DryRun,
            Some(Passed::Reads) => Verb::Review,
            None => Verb::Other,
        },
    }
}

/// Whether the query asks for a watch, as kube-apiserver reads it; `None` if readers differ about the value.
fn watches(target: &RequestTarget) -> Option<bool> {
    match target.value("watch") {
        None | Some("false" | "0") => Some(false),
        Some("true" | "1") => Some(true),
        Some(_) => None,
    }
}

/// Decides whether a request that only reads is within the fence.
///
/// # Errors
/// It is refused, with the reason and the flag.
pub fn admit(
    method: &Method,
    target: &RequestTarget,
    passed: &Passed,
    fence: &Fence,
) -> Result<Admitted, Refused> {
    let segments = target.segments();
    let resource = Resource::of(&segments);
    let verb = verb_of(method, target, Some(passed));
    if let Some(resource) = &resource
        && let Some(by) = fence.hidden.resource(resource.group, resource.name, resource.sub)
    {
        return refused(by.into(), format!("`{}` are hidden", shown(resource)));
    }
    if *fence != Fence::default() {
        if watches(target).is_none() {
            return refused(Flag::ReadOnly, "the value of `watch` in its query is ambiguous".to_owned());
        }
        // Names of resources and metrics are plain text; another letter may count as one of these somewhere.
        if resource.as_ref().is_some_and(|it| !it.name.bytes().all(|byte| byte.is_ascii_graphic())) {
            return refused(Flag::ReadOnly, "its path is not the path of an API".to_owned());
        }
        let is_item = resource.as_ref().is_some_and(|it| it.item.is_some() && !it.is_old_watch);
        if is_item && watches(target) == Some(true) {
            return refused(
                Flag::ReadOnly,
                "it watches one object by its path, which is ambiguous".to_owned(),
            );
        }
    }
    if let Some(verbs) = fence.verbs.as_ref().filter(|verbs| !verbs.allows(verb)) {
        return refused(Flag::Verbs, format!("`{}` is not one of {verbs}", verb.name()));
    }
    let scope = match &fence.namespaces {
        None => Scope::All,
        Some(names) => scope(method, &segments, resource.as_ref(), verb, names)?,
    };
    let is_text = verb == Verb::Logs || resource.is_none();
    let answer = match fence.judges_answers() && !is_text {
        true => Answer::Filtered { scope, is_watch: verb == Verb::Watch },
        false => Answer::AsIs,
    };
    Ok(Admitted { verb, answer })
}

/// The namespaces that the answer may be about.
fn scope(
    method: &Method,
    segments: &[&str],
    resource: Option<&Resource<'_>>,
    verb: Verb,
    names: &Arc<[String]>,
) -> Result<Scope, Refused> {
    let no = |why: String| refused(Flag::Namespaces, why);
    let Some(resource) = resource else {
        return match resource::is_without_objects(segments) {
            true => Ok(Scope::All),
            false => no("it is about the whole cluster".to_owned()),
        };
    };
    let is_known = |name: &str| names.iter().any(|known| known == name);
    if let Some(namespace) = resource.namespace {
        return match is_known(namespace) {
            true => Ok(Scope::Within(names.clone())),
            false => no(format!("namespace `{namespace}` is not one of {}", names.join(","))),
        };
    }
    if verb == Verb::Review {
        // Of oneself; others are asked about in one of the namespaces.
        return match resource.name.starts_with("self") {
            true => Ok(Scope::All),
            false => no("it asks about the whole cluster".to_owned()),
        };
    }
    let is_namespace = (resource.group, resource.name) == ("", "namespaces");
    match resource.item {
        Some(name) if is_namespace && is_known(name) => Ok(Scope::Themselves(names.clone())),
        Some(name) if is_namespace => no(format!("namespace `{name}` is not one of {}", names.join(","))),
        Some(_) => no(format!("`{}` are objects of the cluster", shown(resource))),
        None if verb == Verb::DryRun || *method == Method::OPTIONS => {
            no("it is about the whole cluster".to_owned())
        }
        None if is_namespace => Ok(Scope::Themselves(names.clone())),
        None if OF_CLUSTER.contains(&(resource.group, resource.name)) => {
            no(format!("`{}` are objects of the cluster", shown(resource)))
        }
        None => Ok(Scope::Across(names.clone())),
    }
}

fn shown(resource: &Resource<'_>) -> String {
    match (resource.group, resource.sub) {
        ("", None) => resource.name.to_owned(),
        ("", Some(sub)) => format!("{}/{sub}", resource.name),
        (group, None) => format!("{}.{group}", resource.name),
        (group, Some(sub)) => format!("{}.{group}/{sub}", resource.name),
    }
}

fn refused<T>(flag: Flag, why: String) -> Result<T, Refused> {
    Err(Refused { why, may_be_dry: false, flag })
}
