//! Decides whether a kubeconfig is complete, for a text whose end may be missing.

use crate::codec::base64;
use crate::kubeconfig::schema::key;
use crate::kubeconfig::{Body, Document, Kind, ParseError};
use serde_json::Value;

/// True if a context names a cluster or a user that the documents lack.
pub(super) fn dangles(documents: &[&Document]) -> Result<bool, ParseError> {
    let has = |kind: Kind, name: &str| documents.iter().any(|document| document.find(kind, name).is_some());
    for document in documents {
        for at in 0..document.len(Kind::Context) {
            let body = document.body(Kind::Context, at)?;
            for kind in [Kind::Cluster, Kind::User] {
                let named = body.get(kind.word()).and_then(Value::as_str).unwrap_or_default();
                if !named.is_empty() && !has(kind, named) {
                    return Ok(true);
                }
            }
        }
    }
    Ok(false)
}

/// True if an entry has no name.
pub(super) fn has_nameless(document: &Document) -> bool {
    Kind::ALL.into_iter().any(|kind| document.names(kind).any(str::is_empty))
}

/// True if every entry has what it needs, and there is a context.
pub(super) fn is_whole(documents: &[&Document]) -> Result<bool, ParseError> {
    if dangles(documents)? || documents.iter().all(|document| document.len(Kind::Context) == 0) {
        return Ok(false);
    }
    let is_there = |context: &str| documents.iter().any(|it| it.find(Kind::Context, context).is_some());
    for document in documents {
        if !document.current_context().is_empty() && !is_there(document.current_context()) {
            return Ok(false);
        }
        for kind in Kind::ALL {
            for at in 0..document.len(kind) {
                if document.name(kind, at).is_empty() || !has_all(kind, &*document.body(kind, at)?) {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

fn has_all(kind: Kind, body: &Body) -> bool {
    let is_set = |key: &str| body.get(key).and_then(Value::as_str).is_some_and(|value| !value.is_empty());
    let needed = match kind {
        Kind::Cluster => is_set("server"),
        Kind::Context => is_set("cluster"),
        Kind::User => {
            let certificate = body.contains_key(key::CLIENT_CERTIFICATE_DATA);
            !body.is_empty() && (!certificate || body.contains_key(key::CLIENT_KEY_DATA))
        }
    };
    let data = body.iter().filter(|(key, _)| key.ends_with("-data")).filter_map(|(_, value)| value.as_str());
    needed && data.map(base64::decode).all(|bytes| bytes.is_ok_and(|bytes| is_whole_pem(&bytes)))
}

/// False for PEM without its last line.
fn is_whole_pem(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let (begun, ended) = (text.matches("-----BEGIN ").count(), text.matches("-----END ").count());
    begun == ended && (ended == 0 || text.trim_end().ends_with("-----"))
}
