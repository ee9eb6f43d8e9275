//! The proxy's own answers, in a form that Kubernetes clients display.

use super::{ProxyResponse, RequestError};
use crate::cluster::read_only_policy::Refused;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::{Either, Full};
use serde_json::json;

impl RequestError {
    /// The answer to a request for this path.
    ///
    /// client-go reads the reason of a failure from a `Status`, except during discovery (resource types, OpenAPI):
    /// there it shows only plain text.
    pub(super) fn answer(&self, path: &str) -> ProxyResponse {
        let (code, reason, text) = match self {
            RequestError::Refused(Refused { why, may_be_dry }) => {
                let mut text = format!("kcx exec --read-only passes only reads: {why}");
                if *may_be_dry {
                    text += "; a dry run (`--dry-run=server`) passes";
                }
                (StatusCode::FORBIDDEN, "Forbidden", text)
            }
            RequestError::NoResponse(why) => {
                let text = format!("kcx exec --read-only got no response from the cluster: {why}");
                (StatusCode::BAD_GATEWAY, "ServiceUnavailable", text)
            }
        };
        if is_discovery(path) { plain(code, text) } else { status(code, reason, &text) }
    }
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
    let mut answer = Response::new(Either::Left(Full::from(text)));
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
    let mut answer = Response::new(Either::Left(Full::from(text.to_string())));
    *answer.status_mut() = code;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}
