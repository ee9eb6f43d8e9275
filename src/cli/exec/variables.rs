//! Variables that make programs use a cluster or a kubeconfig other than that of the run.

use crate::env::leading::LEADING;
use std::ffi::{OsStr, OsString};
use std::process::Command;

/// Each names a server, a credential or another part of a login. Sources: helm `pkg/cli/environment.go`; Terraform's and
/// `OpenTofu`'s provider and backend `kubernetes`; Ansible's `kubernetes.core` (`K8S_AUTH_*`, whatever the option).
const ASTRAY: [&str; 20] = [
    "HELM_KUBEAPISERVER",
    "HELM_KUBEASGROUPS",
    "HELM_KUBEASUSER",
    "HELM_KUBECAFILE",
    "HELM_KUBEINSECURE_SKIP_TLS_VERIFY",
    "HELM_KUBETLS_SERVER_NAME",
    "HELM_KUBETOKEN",
    "KUBE_CLIENT_CERT_DATA",
    "KUBE_CLIENT_KEY_DATA",
    "KUBE_CLUSTER_CA_CERT_DATA",
    "KUBE_CTX_AUTH_INFO",
    "KUBE_CTX_CLUSTER",
    "KUBE_HOST",
    "KUBE_IN_CLUSTER_CONFIG",
    "KUBE_INSECURE",
    "KUBE_PASSWORD",
    "KUBE_PROXY_URL",
    "KUBE_TLS_SERVER_NAME",
    "KUBE_TOKEN",
    "KUBE_USER",
];

/// All variables with this prefix do the same.
const ASTRAY_PREFIX: &str = "K8S_AUTH_";

/// The cluster of the pod that kcx runs in, which every client library falls back to, and the settings of the Java client
/// fabric8, which override the kubeconfig. Removed only with `--read-only`: a command may use that cluster on purpose.
const IN_CLUSTER: [&str; 12] = [
    "KUBERNETES_AUTH_",
    "KUBERNETES_CERTS_",
    "KUBERNETES_DISABLE_AUTOCONFIG",
    "KUBERNETES_DISABLE_HOSTNAME_VERIFICATION",
    "KUBERNETES_IMPERSONATE_",
    "KUBERNETES_KEYSTORE_",
    "KUBERNETES_MASTER",
    "KUBERNETES_OAUTH_",
    "KUBERNETES_PORT",
    "KUBERNETES_SERVICE_",
    "KUBERNETES_TRUSTSTORE_",
    "KUBERNETES_TRUST_CERTIFICATES",
];

/// Variables of helm, skaffold, Ansible and Terraform that override the current context.
const CONTEXT: [&str; 4] = ["HELM_KUBECONTEXT", "SKAFFOLD_KUBE_CONTEXT", "K8S_AUTH_CONTEXT", "KUBE_CTX"];

/// Variables of Terraform, Ansible, skaffold and fabric8 with the path of one kubeconfig. A list of files is given to Terraform in
/// [`FILE_LIST`]; the others read `KUBECONFIG` if theirs is not set.
const ONE_FILE: [&str; 4] =
    ["KUBE_CONFIG_PATH", "K8S_AUTH_KUBECONFIG", "SKAFFOLD_KUBECONFIG", "KUBERNETES_KUBECONFIG"];

/// Terraform's variable with a list of kubeconfigs.
const FILE_LIST: &str = "KUBE_CONFIG_PATHS";

/// The kubeconfig of a run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Kubeconfig {
    /// A list of files, the overlay first.
    List,
    /// One file.
    Single,
    /// One file that cannot be switched.
    Locked,
    /// One file for a read-only proxy.
    Proxied,
}

/// Makes a command use this kubeconfig and this context, whatever is in the environment: `known` are the names there.
pub(in super::super) fn lead(
    command: &mut Command,
    kubeconfig: Kubeconfig,
    file: &OsStr,
    context: &str,
    known: &[OsString],
) {
    for variable in ASTRAY {
        command.env_remove(variable);
    }
    let begins = |name: &OsString, prefix: &str| name.as_encoded_bytes().starts_with(prefix.as_bytes());
    for name in known {
        let in_cluster = || IN_CLUSTER.iter().any(|prefix| begins(name, prefix));
        if begins(name, ASTRAY_PREFIX) || kubeconfig == Kubeconfig::Proxied && in_cluster() {
            command.env_remove(name);
        }
    }
    for variable in CONTEXT {
        command.env(variable, context);
    }
    command.env("KUBECONFIG", file).env(FILE_LIST, file);
    for variable in ONE_FILE {
        match kubeconfig {
            Kubeconfig::List => command.env_remove(variable),
            Kubeconfig::Single | Kubeconfig::Locked | Kubeconfig::Proxied => command.env(variable, file),
        };
    }
}

/// Variables with these prefixes mark a shell of kubie, and a shell that kubectx has locked.
const MARKS: [&str; 3] = ["KUBIE_", "KUBECTX_ISOLATED_SHELL", "KUBECTX_READONLY_SHELL"];

/// Removes what leads elsewhere than to the context of a shell, which can be switched: `known` are the names in the
/// environment. Returns those that were there.
pub(in super::super) fn clear(command: &mut Command, known: &[OsString]) -> Vec<String> {
    let names = LEADING.iter().map(|(name, ..)| *name).chain(ASTRAY).chain(CONTEXT).chain(ONE_FILE);
    let names: Vec<&str> = names.chain([FILE_LIST]).collect();
    let mut cleared = Vec::new();
    for name in known.iter().filter_map(|name| name.to_str()) {
        let prefixes = || MARKS.iter().chain([&ASTRAY_PREFIX]).any(|prefix| name.starts_with(prefix));
        if names.contains(&name) || prefixes() {
            command.env_remove(name);
            cleared.push(name.to_owned());
        }
    }
    cleared.sort();
    cleared
}

/// Marks a shell or a run that is locked to a context with this file, for kcx and for kubectx.
pub(in super::super) fn mark_locked(command: &mut Command, context: &str, file: &OsStr, reads_only: bool) {
    command.env("KCX_LOCKED", context).env("KCX_LOCKED_FILE", file).env("KUBECTX_ISOLATED_SHELL", "1");
    if reads_only {
        command.env("KCX_READ_ONLY", "1").env("KUBECTX_READONLY_SHELL", "1");
    }
}
