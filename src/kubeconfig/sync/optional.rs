//! The optional fields of clusters and users: those that a source set and no longer sets are removed. Other fields are replaced,
//! or belong to the credentials, which are replaced together.

use super::super::decode::Body;
use super::super::schema::{Kind, key};
use super::super::typed::User;
use serde_json::Value;
use std::collections::BTreeSet;

const OF_CLUSTERS: [&str; 6] = [
    key::CERTIFICATE_AUTHORITY,
    key::CERTIFICATE_AUTHORITY_DATA,
    key::DISABLE_COMPRESSION,
    key::INSECURE_SKIP_TLS_VERIFY,
    key::PROXY_URL,
    key::TLS_SERVER_NAME,
];

const OF_USERS: [&str; 4] = [key::AS, key::AS_GROUPS, key::AS_UID, key::AS_USER_EXTRA];

fn fields(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Cluster => &OF_CLUSTERS,
        Kind::User => &OF_USERS,
        Kind::Context => &[],
    }
}

/// The name of a variable of a user's program, as reports have it.
fn variable(name: &str) -> String {
    format!("{}.{}.{name}", key::EXEC, key::ENV)
}

fn variables(body: &Body) -> impl Iterator<Item = &str> {
    User(body).exec().into_iter().flat_map(|exec| exec.env().map(|(name, _)| name))
}

/// The optional fields of an entry, as [`Provenance::optional`](super::super::provenance::Provenance::optional) names them.
pub(super) fn of(kind: Kind, body: &Body) -> Vec<String> {
    let named = fields(kind).iter().filter(|field| body.contains_key(**field)).map(|it| (*it).to_owned());
    let variables = variables(body).filter(|_| kind == Kind::User).map(variable);
    named.chain(variables).map(|field| format!("{}.{field}", kind.word())).collect()
}

/// Removes the optional fields that the source had set, and that its new version of the entry does not have; returns them.
pub(super) fn take_back(kind: Kind, old: &mut Body, new: &Body, had: &BTreeSet<String>) -> Vec<String> {
    let is_had = |field: &str| had.contains(&format!("{}.{field}", kind.word()));
    let mut gone = Vec::new();
    for field in fields(kind).iter().filter(|field| is_had(field) && !new.contains_key(**field)) {
        if old.shift_remove(*field).is_some() {
            gone.push((*field).to_owned());
        }
    }
    if kind != Kind::User {
        return gone;
    }
    let Some(exec) = old.get_mut(key::EXEC).and_then(Value::as_object_mut) else { return gone };
    let Some(env) = exec.get_mut(key::ENV).and_then(Value::as_array_mut) else { return gone };
    env.retain(|it| {
        let name = it.get(key::NAME).and_then(Value::as_str).unwrap_or_default();
        let is_gone = is_had(&variable(name)) && variables(new).all(|new| new != name);
        if is_gone {
            gone.push(variable(name));
        }
        !is_gone
    });
    if env.is_empty() {
        exec.shift_remove(key::ENV);
    }
    gone
}
