//! The `ExecCredential` that kubectl and the client libraries read.
//!
//! Source: client-go `pkg/apis/clientauthentication` and `plugin/pkg/client/auth/exec/exec.go`.

use super::Bundle;
use super::expiry::rfc3339;
use crate::secret::Secret;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

const GROUP: &str = "client.authentication.k8s.io/";

/// The client's request in `KUBERNETES_EXEC_INFO`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `client.authentication.k8s.io/v1` or `/v1beta1`; the answer must have the same version.
    pub api_version: String,
    /// The user can be asked on stdin.
    pub interactive: bool,
    /// The cluster that asks (`spec.cluster`); `None` if the client does not say.
    pub cluster: Option<Map<String, Value>>,
}

/// Why a request cannot be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRequest {
    /// It is not an `ExecCredential`.
    #[error("KUBERNETES_EXEC_INFO is not an ExecCredential")]
    Format,
    /// Its version is unknown.
    #[error("KUBERNETES_EXEC_INFO has an apiVersion other than client.authentication.k8s.io/v1 and /v1beta1")]
    Version,
}

impl Request {
    /// Parses `KUBERNETES_EXEC_INFO`; `None` if a person has typed the command.
    ///
    /// ```
    /// use kcx::credential::answer::{BadRequest, Request};
    /// let info = r#"{"apiVersion":"client.authentication.k8s.io/v1beta1","spec":{"interactive":true}}"#;
    /// assert!(Request::parse(Some(info), false)?.interactive);
    /// assert_eq!(Request::parse(Some("{}"), false), Err(BadRequest::Version));
    /// # Ok::<(), BadRequest>(())
    /// ```
    ///
    /// # Errors
    /// See [`BadRequest`].
    pub fn parse(info: Option<&str>, terminal: bool) -> Result<Request, BadRequest> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Info {
            #[serde(default)]
            api_version: String,
            #[serde(default)]
            spec: Spec,
        }
        #[derive(Default, Deserialize)]
        struct Spec {
            #[serde(default)]
            interactive: bool,
            #[serde(default)]
            cluster: Option<Map<String, Value>>,
        }
        let Some(info) = info else {
            return Ok(Request { api_version: format!("{GROUP}v1"), interactive: terminal, cluster: None });
        };
        let info: Info = serde_json::from_str(info).map_err(|_| BadRequest::Format)?;
        match info.api_version.strip_prefix(GROUP) {
            Some("v1" | "v1beta1") => Ok(Request {
                api_version: info.api_version,
                interactive: info.spec.interactive,
                cluster: info.spec.cluster,
            }),
            _ => Err(BadRequest::Version),
        }
    }
}

/// The answer as JSON with a line break; `None` if the bundle has neither a token nor a certificate with a key.
#[must_use]
pub fn json(bundle: &Bundle, api_version: &str) -> Option<Secret> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct ExecCredential<'a> {
        kind: &'a str,
        api_version: &'a str,
        spec: Spec,
        status: Status<'a>,
    }
    #[derive(Serialize)]
    struct Spec {
        interactive: bool,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Status<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        expiration_timestamp: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        token: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        client_certificate_data: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        client_key_data: Option<&'a str>,
    }
    let (token, certificate, key) = (bundle.token(), bundle.certificate(), bundle.key());
    if token.is_none() && (certificate.is_none() || key.is_none()) {
        return None;
    }
    let answer = ExecCredential {
        kind: "ExecCredential",
        api_version,
        spec: Spec { interactive: false },
        status: Status {
            expiration_timestamp: bundle.expiry().and_then(rfc3339),
            token: token.as_ref().and_then(Secret::text),
            client_certificate_data: certificate.as_ref().and_then(Secret::text),
            client_key_data: key.as_ref().and_then(Secret::text),
        },
    };
    // The full capacity is allocated at once: growing the vector would leave copies of secrets in memory.
    let length = [&token, &certificate, &key].map(|part| part.as_ref().map_or(0, |part| part.bytes().len()));
    let mut bytes = Vec::with_capacity(2 * length.iter().sum::<usize>() + 512);
    serde_json::to_writer(&mut bytes, &answer).ok()?;
    bytes.push(b'\n');
    Some(Secret::from(bytes))
}
