//! Which users can be sealed, what of them goes, and how it comes back.

use super::Bundle;
use super::entry::Reference;
use crate::kubeconfig::Body;
use crate::kubeconfig::patch::{Op, PathStep};
use crate::kubeconfig::{Document, Kind};
use crate::secret::Secret;
use serde_json::Value;
use std::collections::BTreeMap;

/// What can be done with a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is sealed already.
    Sealed(Reference),
    /// It has no secret in the kubeconfig, nor in files that it names.
    Nothing,
    /// Its secrets are in files only: the fields that name them.
    Files(Vec<&'static str>),
    /// These fields go.
    Ready(Vec<&'static str>),
    /// It cannot be sealed.
    Refused(Reason),
}

/// Why a user cannot be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// exec cannot deliver a password.
    #[error("it logs in with username and password, which an exec plugin cannot deliver to kubectl")]
    Password,
    /// exec cannot deliver what an auth-provider keeps.
    #[error(
        "it logs in by an auth-provider, which keeps its secrets itself and cannot stand beside an exec plugin"
    )]
    AuthProvider,
    /// It has a plugin of its own, and a secret that hides it.
    #[error("it has an exec plugin of its own beside the secret")]
    Exec,
    /// It is sealed, and a field beside that hides it from kubectl.
    #[error("it is sealed, but `{0}` was set beside that since, and counts for kubectl")]
    Shadowed(&'static str),
    /// The rest is in a file that stays.
    #[error("`{0}` names a file, and would hide the sealed credential from kubectl")]
    NeedsFiles(&'static str),
    /// A key without a certificate, or the other way round.
    #[error("it has a client key or a client certificate without the other")]
    Half,
    /// A value that is no text.
    #[error("`{0}` is not written as text")]
    NotText(&'static str),
}

/// The fields that make up a credential, and the files among them.
pub const FIELDS: [&str; 6] =
    ["client-certificate", "client-certificate-data", "client-key", "client-key-data", "token", "tokenFile"];
/// Those of them that name files.
pub const FILES: [&str; 3] = ["client-certificate", "client-key", "tokenFile"];

/// Looks at the canonical body of a user; `files`: what is in files goes, too.
#[must_use]
pub fn judge(body: &Body, files: bool) -> Verdict {
    let has = |field: &str| match body.get(field) {
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Null) | None => false,
        Some(_) => true,
    };
    let there: Vec<&'static str> = FIELDS.into_iter().filter(|field| has(field)).collect();
    let secret = has("token") || has("client-key-data");
    if let Some(reference) = Reference::of(body) {
        // A certificate and a key together hide it, or a token.
        let hides = there.iter().find(|field| field.starts_with("token") || field.starts_with("client-key"));
        return match hides {
            Some(field) => Verdict::Refused(Reason::Shadowed(field)),
            None => Verdict::Sealed(reference),
        };
    }
    if has("exec") {
        return if secret { Verdict::Refused(Reason::Exec) } else { Verdict::Nothing };
    }
    if has("auth-provider") {
        return Verdict::Refused(Reason::AuthProvider);
    }
    if has("username") || has("password") {
        return Verdict::Refused(Reason::Password);
    }
    let named: Vec<&'static str> = there.iter().copied().filter(|field| FILES.contains(field)).collect();
    let in_files = named.iter().any(|field| *field != "client-certificate");
    if !secret && !in_files {
        return Verdict::Nothing;
    }
    if !files && !named.is_empty() {
        return match secret {
            true => Verdict::Refused(Reason::NeedsFiles(named[0])),
            false => Verdict::Files(named),
        };
    }
    let certificate = has("client-certificate") || has("client-certificate-data");
    let key = has("client-key") || has("client-key-data");
    if certificate != key {
        return Verdict::Refused(Reason::Half);
    }
    Verdict::Ready(there)
}

/// The changes that seal a user: the new entry first, so that its place in the text is never empty.
#[must_use]
pub fn seal_ops(user: &str, exec: Value, fields: impl IntoIterator<Item = String>) -> Vec<Op> {
    let (kind, name) = (Kind::User, user.to_owned());
    let path = |field: &str| vec![PathStep::Key(field.to_owned())];
    let set = Op::Set { kind, name: name.clone(), path: path("exec"), value: exec };
    let unset = fields.into_iter().map(|field| Op::Unset { kind, name: name.clone(), path: path(&field) });
    std::iter::once(set).chain(unset).collect()
}

/// The changes that bring a user's fields back.
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

/// [`unseal_ops`], by the very bytes that were there, where the text still has those that stand in their place.
#[must_use]
pub fn respell(user: &str, bundle: &Bundle, text: &str) -> Option<Op> {
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

/// What differs between two texts: the bytes that were there, and those that are.
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

/// The values of a user's fields as they stand in a document.
///
/// # Errors
/// The field that is no text.
pub fn values(
    document: &Document,
    index: usize,
    fields: &[&'static str],
) -> Result<BTreeMap<String, Secret>, Reason> {
    let Ok(mut entry) = document.value(Kind::User, index) else { return Err(Reason::NotText("user")) };
    let mut values = BTreeMap::new();
    for field in fields {
        let value = entry.get_mut("user").and_then(|body| body.get_mut(*field)).map(Value::take);
        let Some(Value::String(text)) = value else { return Err(Reason::NotText(field)) };
        values.insert((*field).to_owned(), Secret::from(text));
    }
    Ok(values)
}
