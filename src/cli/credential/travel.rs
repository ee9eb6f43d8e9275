//! Sealed credentials stay where they are when their users are copied or exported: that is said.

use super::super::World;
use super::super::error::name;
use crate::credential::entry::Reference;
use crate::kubeconfig::{Body, Kind, View};

/// Says which users of exported kubeconfigs have left their credentials behind.
pub(in super::super) fn leaves<'v>(views: impl IntoIterator<Item = &'v View>, world: &mut World<'_>) {
    let mut left: Vec<String> = Vec::new();
    for view in views {
        let users = &view.lists[Kind::User as usize];
        left.extend(
            users.iter().filter(|(_, user)| Reference::of(&user.body).is_some()).map(|(user, _)| name(user)),
        );
    }
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
        .hint("`kcx credential unseal` before writes it into the file; `kcx credential set` keeps one there");
}

/// Says that a copy of a sealed user leads to the same credential.
pub(in super::super) fn shared(body: &Body, from: &str, to: &str, world: &mut World<'_>) {
    if Reference::of(body).is_some() {
        world.warn(&format!("users {} and {} share one sealed credential", name(from), name(to)));
        world.hint("`kcx credential copy` gives a user one of its own");
    }
}
