//! The `exec` entry that stands for the secret of a user in a single file (`kcx exec --single-file`): it names the user's
//! own kubeconfig, from which `kcx-credential own` reads the secret when a client asks.
//!
//! A foreign kubeconfig can contain such an entry. So a user of a file is given only to the clusters that a context of the
//! same file names together with that user, and paths of token files are not followed.

use super::binding::Cluster;
use super::entry::{self, PROGRAM};
use super::plan::{FIELDS, NotSealable};
use super::{Binding, Bundle};
use crate::kubeconfig::schema::key;
use crate::kubeconfig::{Body, Document, Kind, ParseError};
use crate::secret::Secret;
use serde_json::{Value, json};
use std::io;
use std::path::Path;

/// A user of a kubeconfig, as the arguments of `kcx-credential own` name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnUser {
    /// The absolute path of the kubeconfig.
    pub file: String,
    /// The name of the user.
    pub user: String,
}

/// The verb of [`PROGRAM`].
pub const VERB: &str = "own";
const FILE: &str = "--file=";
const USER: &str = "--user=";

impl OwnUser {
    /// Parses the arguments after `kcx-credential own`; `None` if [`OwnUser::exec`] would not write them.
    ///
    /// ```
    /// use kcx::credential::own::OwnUser;
    /// assert!(OwnUser::parse(&["--file=/home/me/.kube/config", "--user=me"]).is_some());
    /// assert!(OwnUser::parse(&["--file=.kube/config", "--user=me"]).is_none());
    /// ```
    #[must_use]
    pub fn parse(words: &[&str]) -> Option<OwnUser> {
        let [file, user] = words else { return None };
        let file = file.strip_prefix(FILE).filter(|file| Path::new(file).is_absolute())?;
        Some(OwnUser { file: file.to_owned(), user: user.strip_prefix(USER)?.to_owned() })
    }

    /// The user in a user's body, if its `exec` runs [`PROGRAM`] for one.
    #[must_use]
    pub fn of(body: &Body) -> Option<OwnUser> {
        let words = entry::words(body, PROGRAM)?;
        OwnUser::parse(words.strip_prefix(&[VERB])?)
    }

    /// The complete `exec` entry with this command.
    #[must_use]
    pub fn exec(&self, command: &str) -> Value {
        json!({
            "apiVersion": "client.authentication.k8s.io/v1",
            "args": [VERB, format!("{FILE}{}", self.file), format!("{USER}{}", self.user)],
            "command": command,
            (key::INSTALL_HINT): "kcx's program kcx-credential reads this user's credential from your own kubeconfig.",
            (key::INTERACTIVE_MODE): "Never",
            (key::PROVIDE_CLUSTER_INFO): true,
        })
    }

    /// Replaces the credential in a user's body by this entry. What is no credential, such as an impersonation, stays.
    pub fn replace_credential(&self, body: &mut Body, command: &str) {
        for field in FIELDS {
            body.shift_remove(field);
        }
        body.insert(key::EXEC.to_owned(), self.exec(command));
    }
}

fn has(body: &Body, field: &str) -> bool {
    !matches!(body.get(field), None | Some(Value::Null)) && body.get(field) != Some(&Value::from(""))
}

/// True if a user's body contains a secret that a plugin can deliver instead. A plugin of its own does not count, nor does
/// a path: neither is a secret.
///
/// # Errors
/// It contains a secret that no plugin can deliver.
pub fn has_secret(body: &Body) -> Result<bool, NotSealable> {
    let has = |field| has(body, field);
    if has(key::PASSWORD) {
        return Err(NotSealable::Password);
    }
    if has(key::AUTH_PROVIDER) {
        return Err(NotSealable::AuthProvider);
    }
    if !has(key::TOKEN) && !has(key::CLIENT_KEY_DATA) {
        return Ok(false);
    }
    // A client prefers this file to a plugin.
    if has(key::TOKEN_FILE) {
        return Err(NotSealable::NeedsFiles(key::TOKEN_FILE));
    }
    let certificate = has(key::CLIENT_CERTIFICATE) || has(key::CLIENT_CERTIFICATE_DATA);
    if certificate != (has(key::CLIENT_KEY) || has(key::CLIENT_KEY_DATA)) {
        return Err(NotSealable::Half);
    }
    Ok(true)
}

/// Reads a file that a kubeconfig names.
type Read<'r> = &'r dyn Fn(&str) -> io::Result<Vec<u8>>;

/// As [`bundle`], of the bytes of a kubeconfig.
///
/// # Errors
/// As [`bundle`]; also if they are not a kubeconfig.
pub fn bundle_of(kubeconfig: Vec<u8>, user: &str, read: Read<'_>) -> Result<Option<Bundle>, OwnError> {
    bundle(&Document::parse(kubeconfig)?, user, read)
}

/// The credential of a user of this kubeconfig, for the clusters that its contexts name with the user. `None` if it has no
/// such user, or the user has no secret. `read` returns the content of a certificate or key file.
///
/// # Errors
/// An entry or a file cannot be read.
pub fn bundle(document: &Document, user: &str, read: Read<'_>) -> Result<Option<Bundle>, OwnError> {
    let Some(index) = document.find(Kind::User, user) else { return Ok(None) };
    let mut body = document.body(Kind::User, index)?.into_owned();
    if has_secret(&body) != Ok(true) {
        return Ok(None);
    }
    let mut bundle =
        Bundle { user: user.to_owned(), binding: binding(document, user, read)?, ..Bundle::default() };
    for field in [key::TOKEN, key::CLIENT_CERTIFICATE_DATA, key::CLIENT_KEY_DATA] {
        if let Some(Value::String(value)) = body.get_mut(field).map(Value::take)
            && !value.is_empty()
        {
            bundle.fields.insert(field.to_owned(), Secret::from(value));
        }
    }
    for field in [key::CLIENT_CERTIFICATE, key::CLIENT_KEY] {
        let path = body.get(field).and_then(Value::as_str).filter(|path| !path.is_empty());
        if let Some(path) = path.filter(|_| !bundle.fields.contains_key(&format!("{field}-data"))) {
            let bytes = read(path).map_err(|error| OwnError::File(path.to_owned(), error))?;
            bundle.files.insert(field.to_owned(), Secret::from(bytes));
        }
    }
    Ok(Some(bundle))
}

/// The clusters that contexts of this kubeconfig name together with a user. A cluster that cannot be compared is left out.
///
/// # Errors
/// An entry cannot be read.
pub fn binding(document: &Document, user: &str, read: Read<'_>) -> Result<Binding, ParseError> {
    let mut clusters = Vec::new();
    for index in 0..document.len(Kind::Context) {
        let context = document.body(Kind::Context, index)?;
        let text = |field: &str| context.get(field).and_then(Value::as_str).unwrap_or_default();
        if text(key::USER) != user {
            continue;
        }
        let Some(index) = document.find(Kind::Cluster, text(key::CLUSTER)) else { continue };
        let cluster = document.body(Kind::Cluster, index)?;
        if let Ok(cluster) = Cluster::of(&cluster, read)
            && !clusters.contains(&cluster)
        {
            clusters.push(cluster);
        }
    }
    Ok(Binding::Clusters(clusters))
}

/// Why the credential of a user cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum OwnError {
    /// The file, or an entry of it, is not valid.
    #[error("it is not a kubeconfig")]
    Parse(#[from] ParseError),
    /// A file that the user names cannot be read.
    #[error("cannot read {0}")]
    File(String, #[source] io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "\
clusters:
- {name: c, cluster: {server: 'https://c.example'}}
- {name: d, cluster: {server: 'https://d.example'}}
contexts:
- {name: one, context: {cluster: c, user: me}}
- {name: two, context: {cluster: d, user: other}}
users:
- {name: me, user: {token: hunter2}}
- {name: other, user: {exec: {command: aws}}}
";

    fn none(_: &str) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }

    #[test]
    fn a_user_is_given_to_the_clusters_of_its_contexts_in_the_same_file() {
        let document = Document::parse(CONFIG.into()).unwrap();
        let bundle = |user| super::bundle(&document, user, &none).unwrap();
        let me = bundle("me").unwrap();
        assert_eq!(me.token(), Some("hunter2".into()));
        let cluster = |server| Cluster { server: format!("https://{server}"), ..Cluster::default() };
        assert!(me.binding.covers(&cluster("c.example")) && !me.binding.covers(&cluster("d.example")));
        assert!(bundle("other").is_none() && bundle("nobody").is_none());
    }

    #[test]
    fn what_no_plugin_can_deliver_is_told_from_what_one_can() {
        let of = |body: Value| has_secret(body.as_object().unwrap());
        for (body, expected) in [
            (json!({}), Ok(false)),
            (json!({"exec": {"command": "aws"}}), Ok(false)),
            (json!({"tokenFile": "/t", "client-certificate": "a", "client-key": "b"}), Ok(false)),
            (json!({"token": "t", "as": "root"}), Ok(true)),
            (json!({"token": "t", "exec": {"command": "aws"}}), Ok(true)),
            (json!({"client-certificate": "a", "client-key-data": "b"}), Ok(true)),
            (json!({"client-key-data": "b"}), Err(NotSealable::Half)),
            (json!({"token": "t", "tokenFile": "/t"}), Err(NotSealable::NeedsFiles("tokenFile"))),
            (json!({"username": "u", "password": "p"}), Err(NotSealable::Password)),
            (json!({"auth-provider": {"name": "oidc"}}), Err(NotSealable::AuthProvider)),
        ] {
            assert_eq!(of(body.clone()), expected, "{body}");
        }
    }

    #[test]
    fn the_entry_names_the_user_and_has_no_secret() {
        let own = OwnUser { file: "/home/me/.kube/config".to_owned(), user: "--it's me".to_owned() };
        let mut body = json!({"token": "hunter2", "client-key-data": "aGk=", "as": "root"});
        let body = body.as_object_mut().unwrap();
        own.replace_credential(body, "/opt/kcx-credential");
        assert_eq!(OwnUser::of(body), Some(own));
        assert_eq!(body.keys().collect::<Vec<_>>(), ["as", "exec"]);
    }
}
