//! `config set-cluster NAME`.

use super::super::super::credential::BindingSnapshot;
use super::super::call::Call;
use super::super::failure::ConfigError;
use super::file_ref;
use super::set_context::put;
use crate::codec::base64;
use crate::kubeconfig::change::Change;
use crate::kubeconfig::schema::key;
use crate::kubeconfig::{Body, Kind, Merged};
use crate::printer::quote;
use serde_json::Value;
use std::path::Path;

pub(in super::super) fn run(call: &mut Call<'_, '_>) -> Result<(), ConfigError> {
    let [name] = call.typed.args.as_slice() else { return Err(call.unexpected_args()) };
    let name = name.clone();
    if name.is_empty() {
        return Err(ConfigError::new("you must specify a non-empty cluster name"));
    }
    let flags = &call.typed.flags;
    let insecure = flags.bool(key::INSECURE_SKIP_TLS_VERIFY) == Some(true);
    let authority = flags.string(key::CERTIFICATE_AUTHORITY).map(str::to_owned);
    if insecure && authority.as_deref().is_some_and(|path| !path.is_empty()) {
        return Err(ConfigError::new(
            "you cannot specify a certificate authority and insecure mode at the same time",
        ));
    }
    let mut embedded = None;
    if flags.bool("embed-certs") == Some(true) {
        let Some(path) = authority.as_deref().filter(|path| !path.is_empty()) else {
            return Err(ConfigError::new("you must specify a --certificate-authority to embed"));
        };
        embedded = Some(embed(key::CERTIFICATE_AUTHORITY, path, &call.world.env.cwd)?);
    }
    let [server, tls, proxy] =
        ["server", key::TLS_SERVER_NAME, key::PROXY_URL].map(|flag| flags.string(flag).map(str::to_owned));
    let (store, world) = (&call.store, &*call.world);
    let env = world.env;
    let mut bindings = BindingSnapshot::default();
    let report = store.edit(|merged: &Merged| -> Result<_, ConfigError> {
        bindings = BindingSnapshot::of(merged, world);
        let mut body = match merged.find(Kind::Cluster, &name) {
            Some(entry) => merged.body(entry)?.into_owned(),
            None => Body::new(),
        };
        let before = body.clone();
        if server.is_some() {
            put(&mut body, key::SERVER, server.as_deref());
            // `tls-server-name` belonged to the old server.
            body.shift_remove(key::TLS_SERVER_NAME);
        }
        put(&mut body, key::TLS_SERVER_NAME, tls.as_deref());
        body.shift_remove(key::INSECURE_SKIP_TLS_VERIFY);
        if insecure {
            body.insert(key::INSECURE_SKIP_TLS_VERIFY.to_owned(), Value::Bool(true));
            body.shift_remove(key::CERTIFICATE_AUTHORITY);
            body.shift_remove(key::CERTIFICATE_AUTHORITY_DATA);
        }
        if let Some(path) = &authority {
            put_file(&mut body, key::CERTIFICATE_AUTHORITY, path, embedded.as_deref(), env);
            body.shift_remove(key::INSECURE_SKIP_TLS_VERIFY);
        }
        put(&mut body, key::PROXY_URL, proxy.as_deref());
        if body != before {
            file_ref::relativize(
                &mut body,
                Kind::Cluster,
                &file_ref::base(merged, store, env, Kind::Cluster, &name),
            );
        }
        Ok(vec![Change::Put { kind: Kind::Cluster, name: name.clone(), body }])
    })?;
    call.world.tell_notes(&report);
    bindings.update(store, call.world);
    Ok(call.world.print(&format!("Cluster {} set.\n", quote::go(&name)))?)
}

/// What Go calls the question for the attributes of a file.
const STAT: &str = if cfg!(windows) { "GetFileAttributesEx" } else { "stat" };

/// The content of a file to embed. kubectl treats an unreadable file as empty; kcx fails.
pub(super) fn embed(flag: &str, path: &str, cwd: &Path) -> Result<Vec<u8>, ConfigError> {
    let file = cwd.join(path);
    let words = super::super::super::messages::go_error;
    file.metadata().map_err(|error| {
        ConfigError::new(format!("could not stat {flag} file {path}: {STAT} {path}: {}", words(&error)))
    })?;
    match crate::file::read_given(&file, 1 << 24) {
        Ok((bytes, _)) => Ok(bytes),
        Err(error) => Err(ConfigError::new(format!("could not read {flag} file {path}: {}", words(&error)))),
    }
}

/// Sets a certificate or key: its content if it is embedded, else the absolute path. The other field is removed.
pub(super) fn put_file(
    body: &mut Body,
    field: &str,
    path: &str,
    embedded: Option<&[u8]>,
    env: &crate::env::Env,
) {
    let data = format!("{field}-data");
    match embedded {
        Some(bytes) => {
            body.shift_remove(field);
            match bytes.is_empty() {
                true => drop(body.shift_remove(&data)),
                false => drop(body.insert(data, Value::from(base64::encode(bytes)))),
            }
        }
        None => {
            body.shift_remove(&data);
            // kubectl would replace an empty path by the working folder.
            let path = if path.is_empty() {
                String::new()
            } else {
                env.absolute(Path::new(path)).to_string_lossy().into_owned()
            };
            put(body, field, Some(&path));
        }
    }
}
