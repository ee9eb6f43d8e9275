//! Warnings about sealed credentials, which stay in the keychain when their users are copied or exported.

use super::super::World;
use super::super::error::name;
use crate::credential::entry::Reference;
use crate::kubeconfig::{Body, Document, Kind, View};

/// Warns about users of exported kubeconfigs with sealed credentials, which are not exported.
pub(in super::super) fn leaves<'v>(views: impl IntoIterator<Item = &'v View>, world: &mut World<'_>) {
    let users = views.into_iter().flat_map(|view| &view.lists[Kind::User]);
    let sealed = users.filter(|(_, user)| Reference::of(&user.body).is_some());
    stale_age(sealed.map(|(user, _)| name(user)).collect(), world);
}

/// Like [`leaves`], for a merged kubeconfig.
pub(in super::super) fn merged(document: &Document, world: &mut World<'_>) {
    let sealed =
        |index: &usize| document.body(Kind::User, *index).is_ok_and(|body| Reference::of(&body).is_some());
    let users = (0..document.len(Kind::User)).filter(sealed);
    stale_age(users.map(|index| name(document.name(Kind::User, index))).collect(), world);
}

fn stale_age(mut left: Vec<String>, world: &mut World<'_>) {
    left.sort();
    left.dedup();
    if left.is_empty() {
        return;
    }
    let (users, verb) = if left.len() == 1 { ("user", "is") } else { ("users", "are") };
    world.warn(&format!(
        "{users} {} {verb} sealed: on another machine, kcx will not find the credential",
        left.join(", ")
    ));
    world
        .hint("`kcx credential unseal` writes it into the file before the export; `kcx credential set` stores one on that machine");
}

/// Warns that a copy of a sealed user refers to the same credential.
pub(in super::super) fn shared(body: &Body, from: &str, to: &str, world: &mut World<'_>) {
    if Reference::of(body).is_some() {
        world.warn(&format!("users {} and {} share one sealed credential", name(from), name(to)));
        world.hint("`kcx credential copy` gives a user one of its own");
    }
}
