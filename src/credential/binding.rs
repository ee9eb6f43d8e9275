//! The clusters that a sealed credential is for, and the check whether a cluster is one of them.
//!
//! Two clusters are the same if everything that decides who receives the credential is equal: the server, its
//! certificate authority, the name that its certificate must have, the proxy, and whether the certificate is checked at
//! all. Names of entries do not count: a foreign kubeconfig can choose them.

use crate::codec::{base64, hash::sha256};
use crate::kubeconfig::schema::key;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::io;

/// The largest authority that a client can pass to a plugin, in bytes: it is base64 in an environment variable, which
/// Linux limits to 128 KiB (`MAX_ARG_STRLEN`, execve(2)).
pub const AUTHORITY_ROOM: usize = 94 << 10;

/// The properties of a cluster that a credential is bound to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Cluster {
    /// The server's URL, normalised.
    pub server: String,
    /// The SHA-256 of the authority's bytes, in hexadecimal; empty for the system's authorities.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub authority: String,
    /// The name that the server's certificate must have; empty for the host of the URL.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tls_server_name: String,
    /// The proxy's URL, normalised; empty without a proxy.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub proxy_url: String,
    /// True if the server's certificate is not checked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub insecure_skip_tls_verify: bool,
}

/// The clusters that get a credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Binding {
    /// Every cluster: version 0.1.0 sealed it without recording clusters.
    #[default]
    Unbound,
    /// Every cluster: the user asked for that.
    AnyCluster,
    /// Exactly these clusters.
    Clusters(Vec<Cluster>),
}

/// Why a cluster cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum Unclear {
    /// A field has the wrong type.
    #[error("`{0}` has a value of the wrong type")]
    Type(&'static str),
    /// There is no server.
    #[error("it has no server")]
    NoServer,
    /// The authority's data is not valid base64.
    #[error("`certificate-authority-data` is not valid base64")]
    Base64,
    /// The authority's file cannot be read.
    #[error("cannot read the certificate authority")]
    Authority(#[source] io::Error),
}

impl Cluster {
    /// The cluster of a kubeconfig entry, or of `spec.cluster` of an ExecCredential: both have the same field names.
    /// `read` returns the content of the `certificate-authority` file; as in kubectl, the data beside it takes
    /// precedence.
    ///
    /// ```
    /// use kcx::credential::binding::Cluster;
    /// use serde_json::json;
    /// let of = |value: serde_json::Value| {
    ///     Cluster::of(value.as_object().unwrap(), |_| Ok(b"ca".to_vec())).unwrap()
    /// };
    /// let cluster = of(json!({"server": "https://API.example:443/", "certificate-authority": "ca.crt"}));
    /// assert_eq!(cluster, of(json!({"server": "https://api.example", "certificate-authority-data": "Y2E="})));
    /// ```
    ///
    /// # Errors
    /// See [`Unclear`].
    pub fn of(
        body: &Map<String, Value>,
        read: impl FnOnce(&str) -> io::Result<Vec<u8>>,
    ) -> Result<Cluster, Unclear> {
        let text = |field: &'static str| match body.get(field) {
            None | Some(Value::Null) => Ok(""),
            Some(Value::String(text)) => Ok(text.as_str()),
            Some(_) => Err(Unclear::Type(field)),
        };
        let insecure_skip_tls_verify = match body.get(key::INSECURE_SKIP_TLS_VERIFY) {
            None | Some(Value::Null) => false,
            Some(Value::Bool(insecure)) => *insecure,
            Some(_) => return Err(Unclear::Type(key::INSECURE_SKIP_TLS_VERIFY)),
        };
        let server = text(key::SERVER)?;
        if server.is_empty() {
            return Err(Unclear::NoServer);
        }
        let authority = match (text(key::CERTIFICATE_AUTHORITY_DATA)?, text(key::CERTIFICATE_AUTHORITY)?) {
            ("", "") => String::new(),
            ("", file) => sha256(&read(file).map_err(Unclear::Authority)?),
            (data, _) => sha256(&base64::decode(data).map_err(|_| Unclear::Base64)?),
        };
        Ok(Cluster {
            server: normalised(server),
            authority,
            tls_server_name: text(key::TLS_SERVER_NAME)?.to_owned(),
            proxy_url: normalised(text(key::PROXY_URL)?),
            insecure_skip_tls_verify,
        })
    }

    /// The server for a message: without a login, and safe to print on a terminal.
    #[must_use]
    pub fn shown(&self) -> String {
        shown(&self.server)
    }

    /// The first difference between two clusters, in words; `None` if they are equal.
    #[must_use]
    pub fn difference(&self, other: &Cluster) -> Option<&'static str> {
        if self.server != other.server {
            let ((login, rest), (other, others)) =
                (without_login(&self.server), without_login(&other.server));
            Some(match (login, other) {
                _ if rest != others => "another server",
                (false, _) => "a login in its URL",
                (_, false) => "no login in its URL",
                _ => "another login in its URL",
            })
        } else if self.insecure_skip_tls_verify != other.insecure_skip_tls_verify {
            Some(if other.insecure_skip_tls_verify {
                "no check of the server's certificate"
            } else {
                "a check of the server's certificate"
            })
        } else if self.authority != other.authority {
            Some("another certificate authority")
        } else if self.tls_server_name != other.tls_server_name {
            Some("another tls-server-name")
        } else if self.proxy_url != other.proxy_url {
            Some("another proxy")
        } else {
            None
        }
    }
}

impl Binding {
    /// True if this cluster gets the credential.
    #[must_use]
    pub fn covers(&self, cluster: &Cluster) -> bool {
        match self {
            Binding::Unbound | Binding::AnyCluster => true,
            Binding::Clusters(clusters) => clusters.contains(cluster),
        }
    }

    /// True if clients must say which cluster they ask for.
    #[must_use]
    pub fn wants_cluster(&self) -> bool {
        *self != Binding::AnyCluster
    }

    /// The clusters of the binding; empty if every cluster gets the credential.
    #[must_use]
    pub fn clusters(&self) -> &[Cluster] {
        match self {
            Binding::Unbound | Binding::AnyCluster => &[],
            Binding::Clusters(clusters) => clusters,
        }
    }

    /// The servers for a message: `https://a and https://b`.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Binding::Unbound | Binding::AnyCluster => "every cluster".to_owned(),
            Binding::Clusters(clusters) if clusters.is_empty() => "no cluster".to_owned(),
            Binding::Clusters(clusters) => listed(clusters.iter().map(Cluster::shown)),
        }
    }

    /// A cluster that does not get the credential, for a message that also names those that do: if one of them has the
    /// same server, the first difference follows.
    #[must_use]
    pub fn shown_beside(&self, other: &Cluster) -> String {
        let shown = other.shown();
        let near = self.clusters().iter().filter(|cluster| cluster.shown() == shown);
        match near.filter_map(|cluster| cluster.difference(other)).next() {
            Some(difference) => format!("{shown} with {difference}"),
            None => shown,
        }
    }

    /// The clusters of an earlier binding that do not get the credential any more, for a message that also names this
    /// one; `None` if all of them still get it.
    #[must_use]
    pub fn shown_lost(&self, earlier: &Binding) -> Option<String> {
        let lost = earlier.clusters().iter().filter(|cluster| !self.covers(cluster));
        Some(listed(lost.map(|cluster| self.shown_beside(cluster)))).filter(|lost| !lost.is_empty())
    }
}

/// `a, b and c`, without repetitions.
fn listed(words: impl Iterator<Item = String>) -> String {
    let mut list: Vec<String> = Vec::new();
    for word in words {
        if !list.contains(&word) {
            list.push(word);
        }
    }
    match list.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// A URL for a message, without the login: it may contain a password.
fn shown(url: &str) -> String {
    crate::printer::quote::visible(&without_login(url).1).into_owned()
}

/// True if a URL has a part before an `@` in its authority (RFC 3986, 3.2.1), and the URL without that part.
fn without_login(url: &str) -> (bool, String) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let login = rest[..end].rfind('@');
    let bare = login.map_or(rest, |at| &rest[at + 1..]);
    let separator = if scheme.is_empty() { "" } else { "://" };
    (login.is_some(), format!("{scheme}{separator}{bare}"))
}

/// A URL in one canonical form: scheme and host in lower case, no default port, no trailing slash (RFC 3986, 6.2). A
/// URL with a login or another unusual authority stays unchanged: clients do not agree on where it leads.
fn normalised(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.trim_end_matches('/').to_owned() };
    let scheme = scheme.to_ascii_lowercase();
    let port = match scheme.as_str() {
        "http" => ":80",
        "https" => ":443",
        "socks5" | "socks5h" => ":1080",
        _ => return url.to_owned(),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
    let behind_host = authority.rsplit(']').next().unwrap_or_default();
    if authority.is_empty() || !authority.chars().all(plain) || behind_host.matches(':').count() > 1 {
        return url.to_owned();
    }
    let host = authority.strip_suffix(port).unwrap_or(authority).to_ascii_lowercase();
    format!("{scheme}://{host}{}", path.trim_end_matches('/'))
}

#[cfg(test)]
mod tests;
