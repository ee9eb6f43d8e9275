//! Variables that lead programs past the context in force: to another context, namespace, kubeconfig or login.
//!
//! They are inherited from a start-up file, from CI or from another tool, and win over `KUBECONFIG`. `kcx exec` sets or
//! removes more than these (`cli/exec/variables.rs`): it also covers the parts of a login that lead nowhere by themselves.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What a variable overrides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leads {
    /// The current context.
    Context,
    /// The namespace.
    Namespace,
    /// The list of kubeconfigs.
    Kubeconfig,
    /// The server or the credential. The value may be a secret.
    Login,
}

/// A variable that is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadingVariable {
    /// Its name.
    pub name: &'static str,
    /// The program that reads it.
    pub program: &'static str,
    /// What it overrides.
    pub leads: Leads,
    /// Its value; empty for a login.
    pub value: String,
}

/// All that are known: name, program, what it overrides. Sources: helm `pkg/cli/environment.go`; skaffold's flags; Terraform's
/// and `OpenTofu`'s provider `kubernetes`; Ansible's `kubernetes.core`; fabric8's `Config`; kubie's start-up file for bash.
///
/// kubectx has none: its markers make it refuse to switch, and lead nowhere.
pub const LEADING: [(&str, &str, Leads); 24] = [
    ("HELM_KUBECONTEXT", "helm", Leads::Context),
    ("HELM_NAMESPACE", "helm", Leads::Namespace),
    ("HELM_KUBEAPISERVER", "helm", Leads::Login),
    ("HELM_KUBETOKEN", "helm", Leads::Login),
    ("HELM_KUBEASUSER", "helm", Leads::Login),
    ("SKAFFOLD_KUBE_CONTEXT", "skaffold", Leads::Context),
    ("SKAFFOLD_NAMESPACE", "skaffold", Leads::Namespace),
    ("SKAFFOLD_KUBECONFIG", "skaffold", Leads::Kubeconfig),
    ("K8S_AUTH_CONTEXT", "Ansible", Leads::Context),
    ("K8S_AUTH_KUBECONFIG", "Ansible", Leads::Kubeconfig),
    ("K8S_AUTH_HOST", "Ansible", Leads::Login),
    ("K8S_AUTH_API_KEY", "Ansible", Leads::Login),
    ("KUBE_CTX", "Terraform", Leads::Context),
    ("KUBE_CTX_CLUSTER", "Terraform", Leads::Login),
    ("KUBE_CTX_AUTH_INFO", "Terraform", Leads::Login),
    ("KUBE_CONFIG_PATH", "Terraform", Leads::Kubeconfig),
    ("KUBE_CONFIG_PATHS", "Terraform", Leads::Kubeconfig),
    ("KUBE_HOST", "Terraform", Leads::Login),
    ("KUBE_TOKEN", "Terraform", Leads::Login),
    ("KUBE_USER", "Terraform", Leads::Login),
    ("KUBERNETES_KUBECONFIG", "the Java client", Leads::Kubeconfig),
    ("KUBERNETES_MASTER", "the Java client", Leads::Login),
    ("KUBERNETES_AUTH_TOKEN", "the Java client", Leads::Login),
    ("KUBIE_KUBECONFIG", "kubie", Leads::Kubeconfig),
];

/// Those that are set and not empty, by their values.
///
/// ```
/// use kcx::env::leading::{Leads, set};
/// let found = set(|name| (name == "HELM_KUBETOKEN").then(|| "secret".into()));
/// assert_eq!((found[0].name, found[0].leads, found[0].value.as_str()), ("HELM_KUBETOKEN", Leads::Login, ""));
/// ```
#[must_use]
pub fn set(value: impl Fn(&str) -> Option<OsString>) -> Vec<LeadingVariable> {
    let found = LEADING.into_iter().filter_map(|(name, program, leads)| {
        let value = value(name).filter(|value| !value.is_empty())?;
        let value = if leads == Leads::Login { String::new() } else { value.to_string_lossy().into_owned() };
        Some(LeadingVariable { name, program, leads, value })
    });
    found.collect()
}

/// Those of the variables that lead elsewhere than to this context and namespace. `follows` are the files whose own current
/// context this is; none if a shell has chosen it.
#[must_use]
pub fn elsewhere<'v>(
    variables: &'v [LeadingVariable],
    context: &str,
    namespace: &str,
    follows: &[PathBuf],
) -> Vec<&'v LeadingVariable> {
    let namespace = if namespace.is_empty() { "default" } else { namespace };
    let leads = |variable: &&LeadingVariable| match variable.leads {
        Leads::Context => variable.value != context,
        Leads::Namespace => variable.value != namespace,
        Leads::Kubeconfig => !follows.iter().any(|file| file == Path::new(&variable.value)),
        Leads::Login => true,
    };
    variables.iter().filter(leads).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_names_the_context_in_force_leads_nowhere_else() {
        let all = [
            ("HELM_KUBECONTEXT", "prod"),
            ("HELM_NAMESPACE", "default"),
            ("KUBE_CONFIG_PATH", "/a"),
            ("KUBE_TOKEN", "x"),
            ("KUBE_CTX", ""),
        ];
        let value =
            |name: &str| all.iter().find(|(it, _)| *it == name).map(|(_, value)| OsString::from(value));
        let variables = set(value);
        let names = |context, namespace, follows: &[&str]| {
            let follows: Vec<PathBuf> = follows.iter().map(PathBuf::from).collect();
            let found = elsewhere(&variables, context, namespace, &follows);
            found.iter().map(|variable| variable.name).collect::<Vec<_>>()
        };
        assert_eq!(names("prod", "", &["/a"]), ["KUBE_TOKEN"]);
        assert_eq!(names("prod", "", &["/b"]), ["KUBE_CONFIG_PATH", "KUBE_TOKEN"]);
        let all = ["HELM_KUBECONTEXT", "HELM_NAMESPACE", "KUBE_CONFIG_PATH", "KUBE_TOKEN"];
        assert_eq!(names("dev", "web", &[]), all);
    }
}
