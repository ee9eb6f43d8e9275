//! Rebinds sealed credentials when kcx changes their clusters. If the keychain would prompt for that, kcx prints the command
//! to type instead.

use super::super::World;
use super::super::error::name;
use super::keychains::Keychains;
use super::user_clusters::UserClusters;
use super::users::{self, User};
use crate::credential::binding::Cluster;
use crate::credential::entry::{self, Reference};
use crate::credential::{Binding, record};
use crate::kubeconfig::Merged;
use crate::printer::quote::shell;
use crate::store::Store;
use memchr::memmem;
use std::collections::BTreeMap;

/// The clusters of sealed users before a change.
#[derive(Debug, Default)]
pub(in super::super) struct BindingSnapshot {
    users: Vec<(User, Reference, BTreeMap<String, Cluster>)>,
}

impl BindingSnapshot {
    /// Records the current state. If nothing is sealed, this costs only a text search.
    pub(in super::super) fn of(merged: &Merged, world: &World<'_>) -> BindingSnapshot {
        // Each sealed user runs a command or has an argument with this word. Three letters occur in any long base64.
        let mut documents = merged.sources().iter().filter_map(|source| source.document.as_ref());
        if !documents.any(|document| memmem::find(document.text().as_bytes(), b"credential").is_some()) {
            return BindingSnapshot::default();
        }
        let Ok(all) = users::all(merged) else { return BindingSnapshot::default() };
        let sealed = all.into_iter().filter_map(|user| Some((user.reference()?, user)));
        let sealed: Vec<(Reference, User)> = sealed.collect();
        if sealed.is_empty() {
            return BindingSnapshot::default();
        }
        let Ok(user_clusters) = UserClusters::of(merged, world) else { return BindingSnapshot::default() };
        let with_clusters = sealed.into_iter().map(|(reference, user)| {
            let clusters = clusters(&user_clusters, &user.name);
            (user, reference, clusters)
        });
        BindingSnapshot { users: with_clusters.collect() }
    }

    /// After the user's own change: rebinds each credential whose cluster was changed.
    pub(in super::super) fn update(self, store: &Store, world: &mut World<'_>) {
        self.compare(store, world, true);
    }

    /// After a change by another program: rebinds nothing, but warns.
    pub(in super::super) fn report(self, store: &Store, world: &mut World<'_>) {
        self.compare(store, world, false);
    }

    fn compare(self, store: &Store, world: &mut World<'_>, follow: bool) {
        if self.users.is_empty() {
            return;
        }
        let Ok(loaded) = store.without_overlays().load() else { return };
        let Ok(user_clusters) = UserClusters::of(&loaded.merged, world) else { return };
        let mut keychains = Keychains::default();
        for (user, reference, before) in self.users {
            let after = clusters(&user_clusters, &user.name);
            let changed: Vec<(&Cluster, &Cluster)> = before
                .iter()
                .filter_map(|(name, old)| Some((old, after.get(name)?)))
                .filter(|(old, new)| old != new)
                .collect();
            let new: Vec<&Cluster> = after
                .iter()
                .filter(|(name, _)| !before.contains_key(*name))
                .map(|(_, cluster)| cluster)
                .collect();
            if changed.is_empty() && new.is_empty() {
                continue;
            }
            let bound = if follow && !changed.is_empty() {
                moved(&reference, &changed, &mut keychains, world)
            } else {
                known(&reference, &mut keychains, world)
            };
            let who = name(&user.name);
            let left: Vec<String> = match &bound {
                Some(binding) => {
                    let left = after.values().filter(|it| !binding.covers(it));
                    left.map(|it| binding.shown_beside(it)).collect()
                }
                None => changed.iter().map(|(_, new)| *new).chain(new).map(Cluster::shown).collect(),
            };
            match bound {
                Some(binding)
                    if left.is_empty() && follow && !changed.is_empty() && binding != Binding::Unbound =>
                {
                    world
                        .done(&format!("the credential of user {who} is now sealed for {}", binding.shown()));
                }
                _ if left.is_empty() => {}
                _ => {
                    world.warn(&format!(
                        "a context now uses user {who} with {}, and its credential is not sealed for that cluster",
                        left.join(", ")
                    ));
                    world.hint(&format!(
                        "`kcx credential seal {}` seals it for that cluster too",
                        shell(&user.name)
                    ));
                }
            }
        }
    }
}

fn clusters(user_clusters: &UserClusters, user: &str) -> BTreeMap<String, Cluster> {
    user_clusters.named(user).map(|(name, cluster)| (name.to_owned(), cluster.clone())).collect()
}

/// The clusters of a credential, if the keychain returns them without a prompt.
fn known(reference: &Reference, keychains: &mut Keychains, world: &mut World<'_>) -> Option<Binding> {
    users::fetch_with(reference, "", false, keychains, world).ok().map(|bundle| bundle.binding)
}

/// Rebinds a credential to its changed clusters. Returns the new binding; `None` if the keychain cannot do that without a
/// prompt.
fn moved(
    reference: &Reference,
    changed: &[(&Cluster, &Cluster)],
    keychains: &mut Keychains,
    world: &mut World<'_>,
) -> Option<Binding> {
    let mut bundle = users::fetch_with(reference, "", false, keychains, world).ok()?;
    let Binding::Clusters(clusters) = &mut bundle.binding else { return Some(bundle.binding) };
    let mut some = false;
    for (old, new) in changed {
        // Another program added this cluster.
        if let Some(known) = clusters.iter_mut().find(|known| known == old) {
            *known = (*new).clone();
            some = true;
        }
    }
    if some {
        let kept = bundle.encode(&reference.id)?;
        let keychain = keychains.get(reference, false, world).ok()?;
        record::put(&*keychain, &reference.id, &entry::label(&bundle.user, &bundle.file), &kept).ok()?;
    }
    Some(bundle.binding)
}
