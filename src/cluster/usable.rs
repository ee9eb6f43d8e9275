//! The checks that kubectl makes before it connects: `ConfirmUsable` of client-go (`clientcmd/validation.go`), in its
//! order.

use super::failure::Failure;
use super::target::{Entry, Target};
use crate::kubeconfig::schema::key;
use crate::kubeconfig::typed::User;
use serde_json::Value;

/// Fails if kubectl would refuse this target.
///
/// # Errors
/// [`Failure::Kubeconfig`], or a file that cannot be read.
pub(super) fn confirm(target: &Target) -> Result<(), Failure> {
    cluster(&target.cluster)?;
    user(target)
}

fn has(entry: &Entry, field: &str) -> bool {
    !entry.text(field).is_empty()
}

/// Rejects a field that is set both as a file and as data.
fn one_of_two(entry: &Entry, field: &str, whose: &str) -> Result<(), Failure> {
    let data = format!("{field}-data");
    match has(entry, field) && has(entry, &data) {
        true => Err(Failure::Kubeconfig(format!("{whose} has both `{field}` and `{data}`"))),
        false => Ok(()),
    }
}

fn cluster(cluster: &Entry) -> Result<(), Failure> {
    one_of_two(cluster, key::CERTIFICATE_AUTHORITY, "its cluster")?;
    if has(cluster, key::CERTIFICATE_AUTHORITY) {
        cluster.read(cluster.text(key::CERTIFICATE_AUTHORITY))?;
    }
    Ok(())
}

fn user(target: &Target) -> Result<(), Failure> {
    let user = &target.user;
    let whose = format!("user `{}`", target.user_name);
    let refuse = |what: &str| Err(Failure::Kubeconfig(format!("{whose} {what}")));
    if has(user, key::CLIENT_CERTIFICATE) || has(user, key::CLIENT_CERTIFICATE_DATA) {
        one_of_two(user, key::CLIENT_CERTIFICATE, &whose)?;
        one_of_two(user, key::CLIENT_KEY, &whose)?;
        if !has(user, key::CLIENT_KEY) && !has(user, key::CLIENT_KEY_DATA) {
            return refuse("has a client certificate without a key");
        }
        for field in [key::CLIENT_CERTIFICATE, key::CLIENT_KEY].into_iter().filter(|field| has(user, field)) {
            user.read(user.text(field))?;
        }
    }
    if let Some(exec) = User(&user.body).exec() {
        if User(&user.body).auth_provider().is_some() {
            return refuse("has both an exec entry and an auth-provider");
        }
        if exec.command().is_empty() {
            return refuse("has an exec entry without a command");
        }
        if exec.api_version().is_empty() {
            return refuse("has an exec entry without an apiVersion");
        }
        if exec.env().any(|(name, _)| name.is_empty()) {
            return refuse("has an exec entry with a variable without a name");
        }
        match exec.interactive_mode() {
            "Never" | "IfAvailable" | "Always" => {}
            // Versions before `v1` default to IfAvailable.
            "" if exec.api_version() != "client.authentication.k8s.io/v1" => {}
            "" => return refuse("has an exec entry without an interactiveMode"),
            _ => return refuse("has an exec entry with an unknown interactiveMode"),
        }
    }
    if has(user, key::TOKEN) && (has(user, key::USERNAME) || has(user, key::PASSWORD)) {
        return refuse("has both a token and a password; only one of them is allowed");
    }
    let filled = |field: &str| match user.body.get(field) {
        Some(Value::Array(list)) => !list.is_empty(),
        Some(Value::Object(map)) => !map.is_empty(),
        Some(Value::String(text)) => !text.is_empty(),
        _ => false,
    };
    if !has(user, key::AS) && [key::AS_UID, key::AS_GROUPS, key::AS_USER_EXTRA].into_iter().any(filled) {
        return refuse("impersonates with `as-uid`, `as-groups` or `as-user-extra`, but has no `as`");
    }
    Ok(())
}
