//! The checks that kubectl makes before it connects: `ConfirmUsable` of client-go (`clientcmd/validation.go`), in its
//! order.

use super::failure::Failure;
use super::target::{Entry, Target};
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
    one_of_two(cluster, "certificate-authority", "its cluster")?;
    if has(cluster, "certificate-authority") {
        cluster.read(cluster.text("certificate-authority"))?;
    }
    Ok(())
}

fn user(target: &Target) -> Result<(), Failure> {
    let user = &target.user;
    let whose = format!("user `{}`", target.user_name);
    let refuse = |what: &str| Err(Failure::Kubeconfig(format!("{whose} {what}")));
    if has(user, "client-certificate") || has(user, "client-certificate-data") {
        one_of_two(user, "client-certificate", &whose)?;
        one_of_two(user, "client-key", &whose)?;
        if !has(user, "client-key") && !has(user, "client-key-data") {
            return refuse("has a client certificate without a key");
        }
        for field in ["client-certificate", "client-key"].into_iter().filter(|field| has(user, field)) {
            user.read(user.text(field))?;
        }
    }
    if let Some(Value::Object(exec)) = user.body.get("exec") {
        let text = |field: &str| exec.get(field).and_then(Value::as_str).unwrap_or_default();
        if matches!(user.body.get("auth-provider"), Some(Value::Object(_))) {
            return refuse("has both an exec entry and an auth-provider");
        }
        if text("command").is_empty() {
            return refuse("has an exec entry without a command");
        }
        if text("apiVersion").is_empty() {
            return refuse("has an exec entry without an apiVersion");
        }
        let variables = exec.get("env").and_then(Value::as_array).into_iter().flatten();
        if variables.into_iter().any(|pair| pair["name"].as_str().unwrap_or_default().is_empty()) {
            return refuse("has an exec entry with a variable without a name");
        }
        match text("interactiveMode") {
            "Never" | "IfAvailable" | "Always" => {}
            // Versions before `v1` default to IfAvailable.
            "" if text("apiVersion") != "client.authentication.k8s.io/v1" => {}
            "" => return refuse("has an exec entry without an interactiveMode"),
            _ => return refuse("has an exec entry with an unknown interactiveMode"),
        }
    }
    if has(user, "token") && (has(user, "username") || has(user, "password")) {
        return refuse("has both a token and a password; only one of them is allowed");
    }
    let filled = |field: &str| match user.body.get(field) {
        Some(Value::Array(list)) => !list.is_empty(),
        Some(Value::Object(map)) => !map.is_empty(),
        Some(Value::String(text)) => !text.is_empty(),
        _ => false,
    };
    if !has(user, "as") && ["as-uid", "as-groups", "as-user-extra"].into_iter().any(filled) {
        return refuse("impersonates with `as-uid`, `as-groups` or `as-user-extra`, but has no `as`");
    }
    Ok(())
}
