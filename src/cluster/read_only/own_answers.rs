//! The proxy's own answers, in a form that Kubernetes clients display.

use super::RequestError;
use super::body::{ProxyBody, ProxyResponse};
use crate::cluster::fence::Flag;
use crate::cluster::read_only_policy::Refused;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;

impl RequestError {
    /// The answer to a request for this path.
    ///
    /// client-go reads the reason of a failure from a `Status`, except during discovery (resource types, OpenAPI):
    /// there it shows only plain text.
    pub(super) fn answer(&self, path: &str) -> ProxyResponse {
        let (code, reason, text) = match self {
            RequestError::Refused(refused) => (StatusCode::FORBIDDEN, "Forbidden", words(refused)),
            RequestError::NoResponse(why) => {
                let text = format!("kcx exec --read-only got no response from the cluster: {why}");
                (StatusCode::BAD_GATEWAY, "ServiceUnavailable", text)
            }
        };
        if is_discovery(path) { plain(code, text) } else { status(code, reason, &text) }
    }
}

/// Why a request is refused, by which flag, and what to do.
fn words(refused: &Refused) -> String {
    let Refused { why, may_be_dry, flag } = refused;
    let todo = match flag {
        Flag::ReadOnly if *may_be_dry => "; a dry run (`--dry-run=server`) passes",
        Flag::ReadOnly => "",
        Flag::NoSecrets => "; only a run of kcx without --no-secrets can read them",
        Flag::Hide => "; only a run of kcx without this --hide can read them",
        Flag::Namespaces => {
            "; only what is in these namespaces can be read, unless kcx is started with others"
        }
        Flag::Verbs => "; only a run of kcx with other --verbs can do this",
    };
    match flag {
        Flag::ReadOnly => format!("kcx exec --read-only passes only reads: {why}{todo}"),
        flag => format!("refused by kcx {}: {why}{todo}", flag.text()),
    }
}

/// An error of the cluster whose text is not passed on.
pub(super) fn without_text(code: StatusCode, words: &str) -> ProxyResponse {
    let reason = match code {
        StatusCode::NOT_FOUND => "NotFound",
        StatusCode::FORBIDDEN => "Forbidden",
        _ => "",
    };
    status(code, reason, words)
}

/// The answer to a client without the proxy's token; the connection is closed after it.
pub(super) fn unauthorized() -> ProxyResponse {
    let text = "kcx: this proxy accepts only the command that it was started for";
    let mut answer = status(StatusCode::UNAUTHORIZED, "Unauthorized", text);
    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    answer
}

/// True for the discovery requests that client-go sends before it requests a resource.
fn is_discovery(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        ["api", rest @ ..] => rest.len() < 2,
        ["apis", rest @ ..] => rest.len() < 3,
        ["version" | "openapi", ..] => true,
        _ => false,
    }
}

fn plain(code: StatusCode, text: String) -> ProxyResponse {
    let mut answer = Response::new(ProxyBody::own(text));
    *answer.status_mut() = code;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    answer
}

/// A `Status` object.
fn status(code: StatusCode, reason: &str, message: &str) -> ProxyResponse {
    let text = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code.as_u16(),
    });
    let mut answer = Response::new(ProxyBody::own(text.to_string()));
    *answer.status_mut() = code;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}
