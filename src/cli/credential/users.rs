//! The users of the loaded kubeconfigs, with the references of sealed ones.

use super::super::World;
use super::super::error::{Cause, Error, name};
use super::super::select::{Pool, SelectFlags, Selector};
use super::Keychains;
use super::keychains::keychain_failure;
use crate::credential::entry::Reference;
use crate::credential::{Bundle, record};
use crate::kubeconfig::{Body, Document, Kind, Merged, ParseError};
use crate::settings::Settings;
use std::collections::HashSet;
use std::path::PathBuf;

/// One user in one file.
#[derive(Clone, Debug)]
pub(super) struct User {
    /// The index of the file.
    pub(super) source: usize,
    /// The file.
    pub(super) file: PathBuf,
    /// The index in the file's list.
    pub(super) index: usize,
    /// The user's name.
    pub(super) name: String,
    /// The canonical body.
    pub(super) body: Body,
}

impl User {
    /// The reference of its entry, if it is sealed.
    pub(super) fn reference(&self) -> Option<Reference> {
        Reference::of(&self.body)
    }

    /// The document that contains the entry.
    pub(super) fn document<'m>(&self, merged: &'m Merged) -> Option<&'m Document> {
        merged.sources()[self.source].document.as_ref()
    }
}

/// All users with these names, including those hidden by another file: their secrets are in plain text too.
///
/// # Errors
/// As [`Document::body`](crate::kubeconfig::Document::body).
pub(super) fn named(names: &[String], merged: &Merged) -> Result<Vec<User>, ParseError> {
    let wanted: HashSet<&str> = names.iter().map(String::as_str).collect();
    let mut found = Vec::new();
    for (source, it) in merged.sources().iter().enumerate() {
        let Some(document) = &it.document else { continue };
        for index in 0..document.len(Kind::User) {
            let name = document.name(Kind::User, index);
            if wanted.contains(name) {
                found.push(User {
                    source,
                    file: it.path.clone(),
                    index,
                    name: name.to_owned(),
                    body: document.body(Kind::User, index)?.into_owned(),
                });
            }
        }
    }
    Ok(found)
}

/// All users.
///
/// # Errors
/// As [`Document::body`](crate::kubeconfig::Document::body).
pub(super) fn all(merged: &Merged) -> Result<Vec<User>, ParseError> {
    let names: Vec<String> = merged.names(Kind::User).into_iter().map(str::to_owned).collect();
    named(&names, merged)
}

/// The requested names; with `--all`, all names.
///
/// # Errors
/// Exit code 2 if there are none, 3 for an unknown user.
pub(super) fn asked(
    words: &[String],
    everybody: bool,
    verb: &str,
    merged: &Merged,
) -> Result<Vec<String>, Error> {
    match (words, everybody) {
        ([], false) => Err(Error::new(Cause::Usage, format!("no user was named; nothing was {verb}ed"))
            .hint(format!("`kcx credential {verb} USER…`, or `--all`"))
            .hint(super::super::error::known(merged, Kind::User, ""))),
        ([], true) => Ok(merged.names(Kind::User).into_iter().map(str::to_owned).collect()),
        (words, _) => Selector::of(words, SelectFlags::NONE, &Settings::default())
            .names(&Pool::entries(Kind::User, merged)),
    }
}

/// The ids that these kubeconfigs refer to.
///
/// # Errors
/// As [`Document::body`](crate::kubeconfig::Document::body).
pub(super) fn references(merged: &Merged) -> Result<HashSet<String>, ParseError> {
    Ok(all(merged)?.iter().filter_map(User::reference).map(|reference| reference.id).collect())
}

/// The sealed user with this name that is in force.
///
/// # Errors
/// Exit code 3 if there is no such user, 1 if it is not sealed.
pub(super) fn sealed(wanted: &str, merged: &Merged) -> Result<(User, Reference), Error> {
    let user = named(&[wanted.to_owned()], merged)?.into_iter().next();
    let user = user.ok_or_else(|| Error::not_found(merged, Kind::User, wanted))?;
    match user.reference() {
        Some(reference) => Ok((user, reference)),
        None => Err(Error::new(Cause::Failed, format!("user {} is not sealed", name(wanted)))
            .hint(format!("`kcx credential seal {}` seals it", super::super::messages::shell_word(wanted)))),
    }
}

/// Reads the stored credential of a user.
///
/// # Errors
/// Exit code 6.
pub(super) fn fetch(
    reference: &Reference,
    who: &str,
    keychains: &mut Keychains,
    world: &mut World<'_>,
) -> Result<Bundle, Error> {
    let ask = super::super::terminal::can_ask(world);
    fetch_with(reference, who, ask, keychains, world)
}

/// [`fetch`], with or without asking for a passphrase.
///
/// # Errors
/// Exit code 6.
pub(super) fn fetch_with(
    reference: &Reference,
    who: &str,
    ask: bool,
    keychains: &mut Keychains,
    world: &mut World<'_>,
) -> Result<Bundle, Error> {
    let keychain = keychains.get(reference, ask, world)?;
    let what = format!("the credential of {who}");
    let kept = record::get(&*keychain, &reference.id)
        .map_err(|keychain_error| keychain_failure(&keychain_error, reference.place, &what))?;
    Bundle::decode(&kept, &reference.id)
        .ok_or_else(|| keychain_failure(&crate::credential::KeychainError::Altered, reference.place, &what))
}
