//! The cluster and the user of a context.

use super::failure::Failure;
use super::tls::AuthorityPaths;
use crate::codec::base64;
use crate::env::Env;
use crate::file::limits;
use crate::kubeconfig::schema::key;
use crate::kubeconfig::{Body, Kind, Merged};
use http::Uri;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The cluster and the user of a context. Only the kubeconfig has been read.
#[derive(Clone)]
pub struct Target {
    /// The context.
    pub context: String,
    /// The server of its cluster, checked.
    pub(super) server: Uri,
    /// The name of the user's entry.
    pub(super) user_name: String,
    pub(super) cluster: Entry,
    pub(super) user: Entry,
    /// The proxy that the environment names for this server.
    pub(super) proxy: Option<String>,
    /// The location of the system's authorities.
    pub(super) authorities: AuthorityPaths,
}

/// The body of an entry, and the folder that its relative paths start at.
#[derive(Clone, Default)]
pub(super) struct Entry {
    pub(super) body: Body,
    folder: PathBuf,
}

impl Entry {
    fn of(merged: &Merged, kind: Kind, name: &str, env: &Env) -> Result<Option<Entry>, Failure> {
        let Some(entry) = merged.find(kind, name) else { return Ok(None) };
        let body = merged.body(entry).map_err(|error| Failure::Kubeconfig(error.to_string()))?.into_owned();
        let file = env.absolute(merged.path(entry));
        Ok(Some(Entry { body, folder: file.parent().map(Path::to_owned).unwrap_or_default() }))
    }

    pub(super) fn text(&self, field: &str) -> &str {
        self.body.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// A path of this entry, from the folder of its file: kubectl's rule.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        crate::path::clean(&self.folder.join(path))
    }

    /// Reads the file that a field names.
    pub(super) fn read(&self, path: &str) -> Result<Vec<u8>, Failure> {
        let path = self.path(path);
        match crate::file::read(&path, limits::CREDENTIAL) {
            Ok((bytes, _)) => Ok(bytes),
            Err(error) => Err(Failure::File(path, error.to_string())),
        }
    }

    /// The data of `FIELD-data`, else the content of the file that `FIELD` names.
    pub(super) fn material(&self, field: &str) -> Result<Option<Vec<u8>>, Failure> {
        let data = self.text(&format!("{field}-data"));
        if !data.is_empty() {
            return base64::decode(data)
                .map(Some)
                .map_err(|_| Failure::Kubeconfig(format!("`{field}-data` is not valid base64")));
        }
        match self.text(field) {
            "" => Ok(None),
            path => self.read(path).map(Some),
        }
    }
}

impl Target {
    /// Finds the cluster and the user of this context.
    ///
    /// # Errors
    /// An entry is missing, or the server is not a valid URL.
    pub fn of(merged: &Merged, context: &str, env: &Env) -> Result<Target, Failure> {
        let wrong = |text: String| Failure::Kubeconfig(text);
        let entry = merged.find(Kind::Context, context);
        let entry = entry.ok_or_else(|| wrong("the context does not exist".to_owned()))?;
        let field = |field| merged.text(entry, field).map_err(|error| wrong(error.to_string()));
        let (cluster_name, user_name) = (field(key::CLUSTER)?, field(key::USER)?);
        if cluster_name.is_empty() {
            return Err(Failure::Dangling("the context names no cluster".to_owned()));
        }
        let cluster = Entry::of(merged, Kind::Cluster, &cluster_name, env)?
            .ok_or_else(|| Failure::Dangling(format!("its cluster `{cluster_name}` does not exist")))?;
        // A context without a user is anonymous. A user that does not exist is an error.
        let user = match user_name.as_str() {
            "" => Entry::default(),
            name => Entry::of(merged, Kind::User, name, env)?
                .ok_or_else(|| Failure::Dangling(format!("its user `{name}` does not exist")))?,
        };
        let server = cluster.text(key::SERVER);
        if server.is_empty() {
            return Err(wrong(format!("cluster `{cluster_name}` has no server")));
        }
        let server = parse(server).ok_or_else(|| {
            wrong(format!("the server of cluster `{cluster_name}` is not a valid https:// or http:// URL"))
        })?;
        let proxy = super::no_proxy::proxy(&server, env);
        Ok(Target {
            context: context.to_owned(),
            server,
            user_name,
            cluster,
            user,
            proxy,
            authorities: AuthorityPaths::of(env),
        })
    }

    /// The server's URL without its path, but with a login.
    pub(super) fn base(&self) -> String {
        let authority = self.server.authority().map(http::uri::Authority::as_str).unwrap_or_default();
        let scheme = self.server.scheme_str().unwrap_or_default();
        format!("{scheme}://{authority}{}", self.server.path().trim_end_matches('/'))
    }

    /// True if the connection is encrypted. Otherwise client-go sends no credential, and ignores the cluster's
    /// certificate settings.
    pub(super) fn is_private(&self) -> bool {
        self.server.scheme_str() == Some("https")
    }

    /// True if the user has a credential.
    pub(super) fn has_credentials(&self) -> bool {
        let texts = [
            key::CLIENT_CERTIFICATE,
            key::CLIENT_CERTIFICATE_DATA,
            key::TOKEN,
            key::TOKEN_FILE,
            key::USERNAME,
        ];
        let objects = [key::EXEC, key::AUTH_PROVIDER];
        texts.into_iter().any(|field| !self.user.text(field).is_empty())
            || objects.into_iter().any(|field| matches!(self.user.body.get(field), Some(Value::Object(_))))
    }

    /// When the configured client certificate expires, in seconds since 1970 UTC.
    #[must_use]
    pub fn certificate_end(&self) -> Option<i64> {
        let pem = self.user.material(key::CLIENT_CERTIFICATE).ok()??;
        crate::kubeconfig::certificate::expiry(&pem)
    }

    /// The server without user information: the identity of a cluster.
    #[must_use]
    pub fn server(&self) -> String {
        plain(&self.server)
    }
}

/// The `server` of a cluster without a login, as [`Target::server`] gives it.
#[must_use]
pub fn server(text: &str) -> Option<String> {
    parse(text).map(|server| plain(&server))
}

/// client-go takes a bare `HOST:PORT`, too.
fn parse(server: &str) -> Option<Uri> {
    let full = if server.contains("://") { server.to_owned() } else { format!("http://{server}") };
    let is_server = |uri: &Uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
    };
    // `http` treats an invalid port as no port.
    let has_port = |uri: &Uri| {
        let authority = uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
        let place = authority.rsplit('@').next().unwrap_or_default();
        let port = place.rsplit(']').next().and_then(|rest| rest.split_once(':')).map(|(_, port)| port);
        port.is_none_or(|port| port.is_empty() || port.parse::<u16>().is_ok())
    };
    full.parse().ok().filter(is_server).filter(has_port)
}

fn plain(server: &Uri) -> String {
    let authority = server.authority().map(http::uri::Authority::as_str).unwrap_or_default();
    let address = authority.rsplit('@').next().unwrap_or_default();
    format!("{}://{address}{}", server.scheme_str().unwrap_or_default(), server.path().trim_end_matches('/'))
}
