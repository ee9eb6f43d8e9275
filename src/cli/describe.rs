//! What lists and previews say of an entry.

use crate::codec::{base64, duration};
use crate::kubeconfig::token::Claims;
use crate::kubeconfig::typed::User;
use crate::kubeconfig::{Body, certificate};

/// How the user is authenticated. Arguments may be secrets, so only the name of a program is shown.
pub(super) fn auth(body: &Body) -> String {
    let user = User(body);
    let mut methods = Vec::new();
    for (has, method) in [
        (user.has_client_certificate(), "cert"),
        (!user.token().is_empty() || !user.token_file().is_empty(), "token"),
        (!user.username().is_empty() || !user.password().is_empty(), "password"),
    ] {
        if has {
            methods.push(method.to_owned());
        }
    }
    if let Some(exec) = user.exec() {
        methods.push(format!("exec {}", exec.command().rsplit(['/', '\\']).next().unwrap_or_default()));
    }
    if let Some(provider) = user.auth_provider() {
        methods.push(provider.name().to_owned());
    }
    if methods.is_empty() { "none".to_owned() } else { methods.join(", ") }
}

/// When the client certificate of a user expires, in seconds since 1970 UTC; `None` if it is not in the kubeconfig itself.
pub(super) fn certificate_end(body: &Body) -> Option<i64> {
    let data = User(body).client_certificate_data();
    certificate::expiry(&base64::decode(data).ok()?)
}

/// When the token of a user expires, in seconds since 1970 UTC; `None` if it is not in the kubeconfig itself, or does not say
/// so. If there is also a file, kubectl uses that.
pub(super) fn token_end(body: &Body) -> Option<i64> {
    let user = User(body);
    if user.token_file().is_empty() { Claims::of(user.token())?.expires } else { None }
}

/// `expires in 3 d`, or `expired 3 d ago`.
pub(super) fn until(end: i64, now: i64) -> String {
    if end >= now {
        format!("expires in {}", duration::words(end.saturating_sub(now)))
    } else {
        format!("expired {} ago", duration::words(now.saturating_sub(end)))
    }
}
