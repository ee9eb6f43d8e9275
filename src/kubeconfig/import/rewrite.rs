//! Replaces values that provisioning tools often get wrong: server address, certificate verification, namespace.

use super::super::decode::Body;
use super::super::schema::Kind;
use super::super::schema::key;
use super::super::view::View;
use serde_json::Value;
use std::fmt;

/// The values to set in clusters and contexts; `None` leaves a value unchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewrite {
    /// `server` of the only cluster.
    pub server: Option<String>,
    /// `tls-server-name` of the only cluster.
    pub tls_server_name: Option<String>,
    /// Sets `insecure-skip-tls-verify` and removes the certificate authority.
    pub insecure: bool,
    /// `certificate-authority` of the only cluster; replaces `certificate-authority-data`.
    pub ca: Option<String>,
    /// `namespace` of all contexts.
    pub namespace: Option<String>,
}

/// The reason why the values cannot be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RewriteError {
    /// Values for a single cluster were given, and there is this number of clusters.
    Clusters(usize),
}

impl std::error::Error for RewriteError {}

impl fmt::Display for RewriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RewriteError::Clusters(0) => f.write_str("there is no cluster to give this address"),
            RewriteError::Clusters(count) => write!(f, "one address was given for {count} clusters"),
        }
    }
}

impl Rewrite {
    /// Sets the values in a view.
    ///
    /// ```
    /// use kcx::kubeconfig::import::Rewrite;
    /// use kcx::kubeconfig::{Document, Kind, Merged, Source, View};
    /// let text = "clusters: [{name: default, cluster: {server: 'https://127.0.0.1:6443'}}]";
    /// let document = Document::parse(text.as_bytes().to_vec())?;
    /// let mut view = View::of(&Merged::new(vec![Source { path: "k3s.yaml".into(), document: Some(document) }]))?;
    /// let rewrite = Rewrite { server: Some("https://edge.example:6443".into()), ..Rewrite::default() };
    /// rewrite.apply(&mut view).expect("there is one cluster");
    /// let cluster = &view.lists[Kind::Cluster]["default"];
    /// assert_eq!(cluster.body["server"], "https://edge.example:6443");
    /// # Ok::<(), kcx::kubeconfig::ParseError>(())
    /// ```
    ///
    /// # Errors
    /// See [`RewriteError`].
    pub fn apply(&self, view: &mut View) -> Result<(), RewriteError> {
        let clusters = &mut view.lists[Kind::Cluster];
        let one_only = self.server.is_some() || self.tls_server_name.is_some() || self.ca.is_some();
        if one_only && clusters.len() != 1 {
            return Err(RewriteError::Clusters(clusters.len()));
        }
        for entry in clusters.values_mut() {
            self.cluster(&mut entry.body);
        }
        for entry in view.lists[Kind::Context].values_mut() {
            set(&mut entry.body, "namespace", self.namespace.as_deref());
        }
        Ok(())
    }

    fn cluster(&self, body: &mut Body) {
        set(body, key::SERVER, self.server.as_deref());
        set(body, key::TLS_SERVER_NAME, self.tls_server_name.as_deref());
        if self.insecure || self.ca.is_some() {
            for key in
                [key::CERTIFICATE_AUTHORITY, key::CERTIFICATE_AUTHORITY_DATA, key::INSECURE_SKIP_TLS_VERIFY]
            {
                body.shift_remove(key);
            }
        }
        set(body, key::CERTIFICATE_AUTHORITY, self.ca.as_deref());
        if self.insecure {
            body.insert(key::INSECURE_SKIP_TLS_VERIFY.to_owned(), Value::Bool(true));
        }
    }
}

fn set(body: &mut Body, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        body.insert(key.to_owned(), Value::from(value));
    }
}
