//! Kinds that are hidden, by the name of the resource in a path and by the kind in an object.

/// Kinds that are hidden.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// Secrets and tokens.
    secrets: bool,
    kinds: Vec<HiddenKind>,
}

/// Which flag hides a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HiddenBy {
    /// `--no-secrets`
    NoSecrets,
    /// `--hide`
    Hide,
}

/// A kind that was named: `configmaps`, `ConfigMap` or `certificates.cert-manager.io`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct HiddenKind {
    /// The plural, or the kind in lower case.
    name: String,
    /// Without one, every group.
    group: Option<String>,
    /// As it was typed, in lower case, without the group.
    typed: String,
    /// What a cluster has under this name.
    served: Vec<ServedKind>,
}

/// A kind that a cluster has. All names are in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedKind {
    /// Its group; empty for the core group.
    pub group: String,
    /// The name of the resource in paths.
    pub plural: String,
    /// The name of one; may be empty.
    pub singular: String,
    /// The kind of its objects.
    pub kind: String,
    /// Short names.
    pub short: Vec<String>,
}

/// A name that no kind of a cluster has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cluster has no kind of this name")]
pub struct NoSuchKind {
    /// The name, as in the list of those to hide.
    pub name: String,
    /// All names that there are.
    pub known: Vec<String>,
}

/// A text that names no kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not the name of a kind, such as `configmaps` or `certificates.cert-manager.io`")]
pub struct UnknownKind;

/// Resources that are or contain a credential, whatever their group, besides those whose name ends with `tokens`: Secrets
/// (also Gardener's), OpenShift's clients of OAuth, Rancher's kubeconfigs.
const SECRET_RESOURCES: [&str; 6] =
    ["secrets", "internalsecrets", "oauthclients", "kubeconfigs", "tokenreviews", "tokenrequests"];
/// Their kinds in lower case, besides those that end with `token`.
const SECRET_KINDS: [&str; 6] =
    ["secret", "internalsecret", "oauthclient", "kubeconfig", "tokenreview", "tokenrequest"];

/// kubectl's short names of the kinds that kube-apiserver serves itself.
const SHORT: [(&str, &str); 26] = [
    ("cj", "cronjobs"),
    ("cm", "configmaps"),
    ("cr", "clusterroles"),
    ("crd", "customresourcedefinitions"),
    ("crds", "customresourcedefinitions"),
    ("csr", "certificatesigningrequests"),
    ("deploy", "deployments"),
    ("ds", "daemonsets"),
    ("ep", "endpoints"),
    ("ev", "events"),
    ("hpa", "horizontalpodautoscalers"),
    ("ing", "ingresses"),
    ("limits", "limitranges"),
    ("netpol", "networkpolicies"),
    ("no", "nodes"),
    ("ns", "namespaces"),
    ("pc", "priorityclasses"),
    ("pdb", "poddisruptionbudgets"),
    ("po", "pods"),
    ("pv", "persistentvolumes"),
    ("pvc", "persistentvolumeclaims"),
    ("quota", "resourcequotas"),
    ("rc", "replicationcontrollers"),
    ("rs", "replicasets"),
    ("sa", "serviceaccounts"),
    ("sts", "statefulsets"),
];

impl Hidden {
    /// Hides Secrets and tokens, if `secrets` is true, and these kinds.
    ///
    /// # Errors
    /// The first text that names no kind.
    pub fn of(secrets: bool, kinds: &[String]) -> Result<Hidden, (&str, UnknownKind)> {
        let kinds = kinds.iter().map(|text| HiddenKind::read(text).ok_or((text.as_str(), UnknownKind)));
        Ok(Hidden { secrets, kinds: kinds.collect::<Result<_, _>>()? })
    }

    /// True if kinds were named, which a cluster may not have.
    #[must_use]
    pub fn names_kinds(&self) -> bool {
        !self.kinds.is_empty()
    }

    /// Takes the names of a cluster for the kinds that were named: its own short names, and plurals that cannot be guessed.
    ///
    /// # Errors
    /// The first name that no kind of the cluster has.
    pub fn resolve(&mut self, served: &[ServedKind]) -> Result<(), NoSuchKind> {
        for kind in &mut self.kinds {
            kind.served = served.iter().filter(|it| kind.means(it)).cloned().collect();
            if kind.served.is_empty() {
                let group = kind.group.iter().map(|group| format!(".{group}"));
                let mut known: Vec<String> = served.iter().map(|it| it.plural.clone()).collect();
                known.sort();
                known.dedup();
                return Err(NoSuchKind { name: kind.typed.clone() + &group.collect::<String>(), known });
            }
        }
        Ok(())
    }

    /// True if nothing is hidden.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.secrets && self.kinds.is_empty()
    }

    /// True if Secrets and tokens are hidden.
    #[must_use]
    pub fn hides_secrets(&self) -> bool {
        self.secrets
    }

    /// Which flag hides a resource of a path.
    #[must_use]
    pub fn resource(&self, group: &str, resource: &str, sub: Option<&str>) -> Option<HiddenBy> {
        let plain = resource.to_lowercase();
        let is_secret = SECRET_RESOURCES.contains(&plain.as_str())
            || plain.ends_with("tokens")
            || sub.is_some_and(|sub| sub.eq_ignore_ascii_case("token"));
        if self.secrets && is_secret {
            return Some(HiddenBy::NoSecrets);
        }
        let hides = |kind: &HiddenKind| {
            let is_served = |it: &ServedKind| it.plural == plain && it.group.eq_ignore_ascii_case(group);
            kind.fits_group(Some(group)) && (kind.name == plain || plural(&kind.name) == plain)
                || kind.served.iter().any(is_served)
        };
        self.kinds.iter().any(hides).then_some(HiddenBy::Hide)
    }

    /// Which flag hides an object of this kind, or a list of such objects. An object without a group is hidden if any
    /// group is.
    #[must_use]
    pub fn kind(&self, group: Option<&str>, kind: &str) -> Option<HiddenBy> {
        let plain = kind.to_lowercase();
        let item = plain.strip_suffix("list").filter(|item| !item.is_empty());
        [Some(plain.as_str()), item].into_iter().flatten().find_map(|kind| {
            if self.secrets && (SECRET_KINDS.contains(&kind) || kind.ends_with("token")) {
                return Some(HiddenBy::NoSecrets);
            }
            let hides = |it: &HiddenKind| {
                let is_served = |served: &ServedKind| {
                    served.kind == kind && group.is_none_or(|group| served.group.eq_ignore_ascii_case(group))
                };
                it.fits_group(group) && (it.name == kind || it.name == plural(kind))
                    || it.served.iter().any(is_served)
            };
            self.kinds.iter().any(hides).then_some(HiddenBy::Hide)
        })
    }
}

impl HiddenKind {
    fn read(text: &str) -> Option<HiddenKind> {
        let (name, group) = match text.split_once('.') {
            Some((name, group)) => (name, Some(group.to_lowercase())),
            None => (text, None),
        };
        let name = name.to_lowercase();
        let fits = |text: &str, more: &str| {
            let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || more.contains(c);
            !text.is_empty() && text.len() <= 253 && text.chars().all(known)
        };
        if !fits(&name, "-") || group.as_deref().is_some_and(|group| !fits(group, "-.")) {
            return None;
        }
        let long = SHORT.iter().find(|(short, _)| *short == name).map(|(_, long)| (*long).to_owned());
        Some(HiddenKind {
            name: long.unwrap_or_else(|| name.clone()),
            group,
            typed: name,
            served: Vec::new(),
        })
    }

    fn means(&self, served: &ServedKind) -> bool {
        let names = [&served.plural, &served.singular, &served.kind];
        let is_named = |name: &String| names.contains(&name) || served.short.contains(name);
        self.fits_group(Some(&served.group)) && [&self.name, &self.typed].into_iter().any(is_named)
    }

    fn fits_group(&self, group: Option<&str>) -> bool {
        match (self.group.as_deref(), group) {
            (Some(own), Some(group)) => own.eq_ignore_ascii_case(group),
            _ => true,
        }
    }
}

/// The plural that apimachinery guesses for a kind (`meta.UnsafeGuessKindToResource`).
fn plural(kind: &str) -> String {
    match kind.chars().last() {
        Some('s') => format!("{kind}es"),
        Some('y') => format!("{}ies", &kind[..kind.len() - 1]),
        _ => format!("{kind}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(secrets: bool, kinds: &[&str]) -> Hidden {
        let kinds: Vec<String> = kinds.iter().map(|&kind| kind.to_owned()).collect();
        Hidden::of(secrets, &kinds).unwrap()
    }

    #[test]
    fn secrets_and_tokens_are_hidden_in_every_group() {
        let hidden = hidden(true, &[]);
        for (group, resource, sub) in [
            ("", "secrets", None),
            ("", "Secrets", None),
            ("example.com", "secrets", None),
            ("", "serviceaccounts", Some("token")),
            ("authentication.k8s.io", "tokenreviews", None),
            ("authentication.k8s.io", "tokenrequests", None),
            ("oauth.openshift.io", "oauthaccesstokens", None),
            ("oauth.openshift.io", "oauthauthorizetokens", None),
            ("oauth.openshift.io", "useroauthaccesstokens", None),
            ("oauth.openshift.io", "oauthclients", None),
            ("management.cattle.io", "tokens", None),
            ("management.cattle.io", "clusterregistrationtokens", None),
            ("ext.cattle.io", "kubeconfigs", None),
            ("cluster.cattle.io", "clusterauthtokens", None),
            ("core.gardener.cloud", "internalsecrets", None),
        ] {
            assert_eq!(hidden.resource(group, resource, sub), Some(HiddenBy::NoSecrets), "{resource}");
        }
        for kind in
            ["Secret", "SecretList", "TokenReview", "UserOAuthAccessToken", "Token", "TokenList", "secret"]
        {
            assert_eq!(hidden.kind(Some(""), kind), Some(HiddenBy::NoSecrets), "{kind}");
            assert_eq!(hidden.kind(None, kind), Some(HiddenBy::NoSecrets), "{kind}");
        }
        for (resource, kind) in [
            ("configmaps", "ConfigMap"),
            ("sealedsecrets", "SealedSecret"),
            ("externalsecrets", "ExternalSecret"),
        ] {
            assert_eq!(
                (hidden.resource("", resource, None), hidden.kind(None, kind)),
                (None, None),
                "{kind}"
            );
        }
        assert_eq!(hidden.kind(None, "List"), None);
    }

    #[test]
    fn a_kind_has_the_names_that_the_cluster_gives_it() {
        let served = |group: &str, plural: &str, kind: &str, short: &[&str]| ServedKind {
            group: group.to_owned(),
            plural: plural.to_owned(),
            singular: kind.to_owned(),
            kind: kind.to_owned(),
            short: short.iter().map(|&short| short.to_owned()).collect(),
        };
        let all = [
            served("", "configmaps", "configmap", &["cm"]),
            served("cert-manager.io", "certificates", "certificate", &["cert", "certs"]),
            served("internal.example.com", "certificates", "certificate", &[]),
            served("example.com", "oxen", "ox", &["herd"]),
        ];
        for (text, group, resource, kind) in [
            ("cm", "", "configmaps", "ConfigMap"),
            ("certs", "cert-manager.io", "certificates", "Certificate"),
            ("certificate", "internal.example.com", "certificates", "CertificateList"),
            ("ox", "example.com", "oxen", "Ox"),
            ("oxen.example.com", "example.com", "oxen", "OxList"),
            ("herd", "example.com", "oxen", "ox"),
        ] {
            let mut hidden = hidden(false, &[text]);
            hidden.resolve(&all).unwrap();
            assert_eq!(hidden.resource(group, resource, None), Some(HiddenBy::Hide), "{text}");
            assert_eq!(hidden.kind(Some(group), kind), Some(HiddenBy::Hide), "{text}");
            assert_eq!(hidden.resource("", "pods", None), None);
        }
        let mut short = hidden(false, &["cert"]);
        short.resolve(&all).unwrap();
        assert_eq!(short.resource("internal.example.com", "certificates", None), None);
        for text in ["confgmaps", "cm.example.com", "Certificates.other.io"] {
            let no = hidden(false, &["cm", text]).resolve(&all).unwrap_err();
            assert_eq!(no.name, text.to_lowercase());
            assert_eq!(no.known, ["certificates", "configmaps", "oxen"]);
        }
    }

    #[test]
    fn a_kind_is_named_as_kubectl_names_it() {
        for (text, group, resource, kind) in [
            ("configmaps", "", "configmaps", "ConfigMap"),
            ("configmap", "", "configmaps", "ConfigMapList"),
            ("ConfigMap", "other", "configmaps", "ConfigMap"),
            ("cm", "", "configmaps", "ConfigMap"),
            ("certificates.cert-manager.io", "cert-manager.io", "certificates", "Certificate"),
            ("Certificate.cert-manager.io", "cert-manager.io", "certificates", "CertificateList"),
            ("ingresses", "networking.k8s.io", "ingresses", "Ingress"),
            ("ingress", "networking.k8s.io", "ingresses", "Ingress"),
            ("networkpolicy", "networking.k8s.io", "networkpolicies", "NetworkPolicy"),
            ("endpoints", "", "endpoints", "Endpoints"),
        ] {
            let hidden = hidden(false, &[text]);
            assert_eq!(hidden.resource(group, resource, None), Some(HiddenBy::Hide), "{text} {resource}");
            assert_eq!(hidden.kind(Some(group), kind), Some(HiddenBy::Hide), "{text} {kind}");
            assert_eq!(hidden.resource("", "pods", None), None);
        }
        let hidden = hidden(false, &["certificates.cert-manager.io"]);
        assert_eq!(hidden.resource("other.io", "certificates", None), None);
        assert_eq!(hidden.kind(Some("other.io"), "Certificate"), None);
        assert_eq!(hidden.kind(None, "Certificate"), Some(HiddenBy::Hide));
        for wrong in ["", ".", "a b", "pods.", ".group", "a/b", "pods,x", "*"] {
            assert_eq!(Hidden::of(false, &[wrong.to_owned()]), Err((wrong, UnknownKind)), "{wrong}");
        }
    }
}
