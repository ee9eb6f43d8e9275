//! Determines which users can be sealed, and the operations that seal and unseal them.

use super::Bundle;
use super::entry::Reference;
use crate::kubeconfig::Body;
use crate::kubeconfig::patch::{Op, PathStep};
use crate::kubeconfig::schema::key;
use crate::kubeconfig::{Document, Kind};
use crate::secret::Secret;
use serde_json::Value;
use std::collections::BTreeMap;

/// Whether and how a user can be sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SealAssessment {
    /// It is sealed already.
    Sealed(Reference),
    /// It has no secret, neither in the kubeconfig nor in files that it names.
    Nothing,
    /// Its secrets are only in files; these fields name them.
    Files(Vec<&'static str>),
    /// It can be sealed; these fields are removed.
    Ready(Vec<&'static str>),
    /// It cannot be sealed.
    Refused(NotSealable),
}

/// Why a user cannot be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSealable {
    /// An exec plugin cannot deliver a password.
    #[error("it logs in with username and password, which an exec plugin cannot deliver to kubectl")]
    Password,
    /// An exec plugin cannot deliver the secrets of an auth-provider.
    #[error(
        "it logs in with an auth-provider, which stores its secrets itself and cannot be combined with an exec plugin"
    )]
    AuthProvider,
    /// It has an exec plugin, and a secret that takes precedence over it.
    #[error("it has an exec plugin of its own in addition to the secret")]
    Exec,
    /// It is sealed, but another field takes precedence in kubectl.
    #[error("it is sealed, but `{0}` was set later, and kubectl uses that")]
    Shadowed(&'static str),
    /// Another part of the credential is in a file, which would take precedence.
    #[error("`{0}` names a file, which kubectl would use instead of the sealed credential")]
    NeedsFiles(&'static str),
    /// A key without a certificate, or the other way round.
    #[error("it has a client key without a client certificate, or the reverse")]
    Half,
    /// A value is not a string.
    #[error("`{0}` is not a string")]
    NotText(&'static str),
}

/// The fields that make up a credential.
pub const FIELDS: [&str; 6] = [
    key::CLIENT_CERTIFICATE,
    key::CLIENT_CERTIFICATE_DATA,
    key::CLIENT_KEY,
    key::CLIENT_KEY_DATA,
    "token",
    key::TOKEN_FILE,
];
/// The fields of [`FIELDS`] that name files.
pub const FILES: [&str; 3] = [key::CLIENT_CERTIFICATE, key::CLIENT_KEY, key::TOKEN_FILE];

/// Assesses the canonical body of a user. With `files`, secrets in files are sealed too.
#[must_use]
pub fn assess(body: &Body, files: bool) -> SealAssessment {
    let has = |field: &str| match body.get(field) {
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Null) | None => false,
        Some(_) => true,
    };
    let there: Vec<&'static str> = FIELDS.into_iter().filter(|field| has(field)).collect();
    let secret = has(key::TOKEN) || has(key::CLIENT_KEY_DATA);
    if let Some(reference) = Reference::of(body) {
        // A token, or a certificate with a key, takes precedence over the exec entry.
        let hides =
            there.iter().find(|field| field.starts_with("token") || field.starts_with(key::CLIENT_KEY));
        return match hides {
            Some(field) => SealAssessment::Refused(NotSealable::Shadowed(field)),
            None => SealAssessment::Sealed(reference),
        };
    }
    if has(key::EXEC) {
        return if secret { SealAssessment::Refused(NotSealable::Exec) } else { SealAssessment::Nothing };
    }
    if has(key::AUTH_PROVIDER) {
        return SealAssessment::Refused(NotSealable::AuthProvider);
    }
    if has(key::USERNAME) || has(key::PASSWORD) {
        return SealAssessment::Refused(NotSealable::Password);
    }
    let named: Vec<&'static str> = there.iter().copied().filter(|field| FILES.contains(field)).collect();
    let in_files = named.iter().any(|field| *field != key::CLIENT_CERTIFICATE);
    if !secret && !in_files {
        return SealAssessment::Nothing;
    }
    if !files && !named.is_empty() {
        return match secret {
            true => SealAssessment::Refused(NotSealable::NeedsFiles(named[0])),
            false => SealAssessment::Files(named),
        };
    }
    let certificate = has(key::CLIENT_CERTIFICATE) || has(key::CLIENT_CERTIFICATE_DATA);
    let key = has(key::CLIENT_KEY) || has(key::CLIENT_KEY_DATA);
    if certificate != key {
        return SealAssessment::Refused(NotSealable::Half);
    }
    SealAssessment::Ready(there)
}

/// The operations that seal a user. The new entry is set first, so that the user's body is never empty.
#[must_use]
pub fn seal_ops(user: &str, exec: Value, fields: impl IntoIterator<Item = String>) -> Vec<Op> {
    let (kind, name) = (Kind::User, user.to_owned());
    let path = |field: &str| vec![PathStep::Key(field.to_owned())];
    let set = Op::Set { kind, name: name.clone(), path: path("exec"), value: exec };
    let unset = fields.into_iter().map(|field| Op::Unset { kind, name: name.clone(), path: path(&field) });
    std::iter::once(set).chain(unset).collect()
}

/// The operations that restore a user's fields.
#[must_use]
pub fn unseal_ops(user: &str, bundle: &Bundle) -> Vec<Op> {
    let (kind, name) = (Kind::User, user.to_owned());
    let path = |field: &str| vec![PathStep::Key(field.to_owned())];
    let set = bundle.fields.iter().filter_map(|(field, value)| {
        let value = Value::from(value.text()?);
        Some(Op::Set { kind, name: name.clone(), path: path(field), value })
    });
    let unset = Op::Unset { kind, name: name.clone(), path: path("exec") };
    set.chain([unset]).collect()
}

/// Like [`unseal_ops`], but restores the original text; `None` if the text that replaced it is not found exactly once.
#[must_use]
pub fn restore_text(user: &str, bundle: &Bundle, text: &str) -> Option<Op> {
    let was = bundle.was.text().filter(|was| !was.is_empty())?;
    let mut places = text.match_indices(bundle.now.as_str());
    (!bundle.now.is_empty() && places.next().is_some() && places.next().is_none()).then(|| Op::ReplaceText {
        kind: Kind::User,
        name: user.to_owned(),
        old: bundle.now.clone(),
        new: was.to_owned(),
        effect: unseal_ops(user, bundle),
    })
}

/// The part in which two texts differ: the old and the new bytes.
#[must_use]
pub fn difference(before: &str, after: &str) -> (String, String) {
    let head = before.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count();
    let head = (0..=head).rev().find(|&at| before.is_char_boundary(at) && after.is_char_boundary(at));
    let head = head.unwrap_or(0);
    let most = before.len().min(after.len()) - head;
    let tail = before.bytes().rev().zip(after.bytes().rev()).take(most).take_while(|(a, b)| a == b).count();
    let whole = |tail: &usize| {
        before.is_char_boundary(before.len() - tail) && after.is_char_boundary(after.len() - tail)
    };
    let tail = (0..=tail).rev().find(whole).unwrap_or(0);
    (before[head..before.len() - tail].to_owned(), after[head..after.len() - tail].to_owned())
}

/// The values of a user's fields in a document.
///
/// # Errors
/// A field is not a string.
pub fn values(
    document: &Document,
    index: usize,
    fields: &[&'static str],
) -> Result<BTreeMap<String, Secret>, NotSealable> {
    let Ok(mut entry) = document.value(Kind::User, index) else { return Err(NotSealable::NotText("user")) };
    let mut values = BTreeMap::new();
    for field in fields {
        let value = entry.get_mut(key::USER).and_then(|body| body.get_mut(*field)).map(Value::take);
        let Some(Value::String(text)) = value else { return Err(NotSealable::NotText(field)) };
        values.insert((*field).to_owned(), Secret::from(text));
    }
    Ok(values)
}
