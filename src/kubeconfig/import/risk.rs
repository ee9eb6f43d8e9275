//! What a kubeconfig from elsewhere could do here: run programs, read files, talk to servers that nobody has checked.

use super::super::decode::Body;
use super::super::schema::Kind;
use serde_json::Value;

/// One thing to look at before an entry is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Risk {
    /// This program is run, with these words, whenever the user is needed.
    Exec(String, Vec<String>),
    /// It is run with this variable set to this.
    Variable(String, String),
    /// Credentials come from a plugin of this name, inside older clients.
    AuthProvider(String),
    /// This field names this file.
    File(&'static str, String),
    /// The server's certificate is not checked.
    Unchecked,
    /// Nothing is encrypted on the way to this server.
    Plain(String),
    /// All goes through this proxy.
    Proxy(String),
}

/// What there is to look at in an entry.
///
/// ```
/// use kcx::kubeconfig::Kind;
/// use kcx::kubeconfig::import::{Risk, risks};
/// let body = serde_json::json!({"exec": {"command": "aws", "args": ["eks", "get-token"]}});
/// let body = body.as_object().expect("a mapping");
/// assert_eq!(risks(Kind::User, body), [Risk::Exec("aws".into(), vec!["eks".into(), "get-token".into()])]);
/// ```
#[must_use]
pub fn risks(kind: Kind, body: &Body) -> Vec<Risk> {
    let text = |body: &Body, key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut risks = Vec::new();
    if let Some(Value::Object(exec)) = body.get("exec") {
        let args = exec.get("args").and_then(Value::as_array).into_iter().flatten();
        let args = args.filter_map(Value::as_str).map(str::to_owned).collect();
        risks.push(Risk::Exec(text(exec, "command"), args));
        for variable in exec.get("env").and_then(Value::as_array).into_iter().flatten() {
            if let Value::Object(variable) = variable {
                risks.push(Risk::Variable(text(variable, "name"), text(variable, "value")));
            }
        }
    }
    if let Some(Value::Object(provider)) = body.get("auth-provider") {
        risks.push(Risk::AuthProvider(text(provider, "name")));
    }
    for field in kind.body().fields.iter().filter(|field| field.file) {
        let path = text(body, field.name);
        if !path.is_empty() {
            risks.push(Risk::File(field.name, path));
        }
    }
    if kind == Kind::Cluster {
        if body.get("insecure-skip-tls-verify") == Some(&Value::Bool(true)) {
            risks.push(Risk::Unchecked);
        }
        let server = text(body, "server");
        if server.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:")) {
            risks.push(Risk::Plain(server));
        }
        let proxy = text(body, "proxy-url");
        if !proxy.is_empty() {
            risks.push(Risk::Proxy(proxy));
        }
    }
    risks
}
