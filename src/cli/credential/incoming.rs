//! `kcx import --seal`: stores the secrets of imported users in the keychain before anything is written.

use super::super::World;
use super::super::error::{Error, name};
use super::args::SealArgs;
use super::keychains::Keychains;
use super::sealing::{Sealer, forget};
use super::user_clusters::UserClusters;
use super::users;
use crate::credential::plan::{self, SealAssessment};
use crate::credential::{Bundle, Keychain, KeychainError, entry, record};
use crate::kubeconfig::schema::key;
use crate::kubeconfig::{Body, Kind, Merged, View};
use crate::secret::Secret;
use crate::store::Store;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Imported users whose secrets are sealed.
pub(in super::super) struct Incoming {
    keychain: Arc<dyn Keychain>,
    place: crate::credential::CredentialStore,
    taken: BTreeMap<String, Bundle>,
}

impl Incoming {
    /// Removes the secrets from the imported entries. A user that already exists, sealed and with the same secrets, is left
    /// unchanged, so that a second import changes nothing.
    ///
    /// # Errors
    /// Exit code 6 if there is no keychain.
    pub(in super::super) fn take(
        views: &mut [View],
        merged: &Merged,
        to_kuberc: bool,
        dry_run: bool,
        world: &mut World<'_>,
    ) -> Result<Incoming, Error> {
        let sealing = Sealer::new(&SealArgs { to_kuberc, dry_run, ..SealArgs::default() }, world)?;
        let mut keychains = Keychains::default();
        let keychain = keychains.get(&sealing.chosen, super::super::terminal::can_ask(world), world)?;
        let mut incoming = Incoming { keychain, place: sealing.chosen.place, taken: BTreeMap::new() };
        for view in views {
            let user_clusters = UserClusters::incoming(view, merged, world.env)?;
            for (user, shown) in &mut view.lists[Kind::User] {
                match plan::assess(&shown.body, false) {
                    SealAssessment::Ready(fields) => {
                        let mut bundle = bundle(user, &shown.body, &fields, merged, world);
                        bundle.binding = user_clusters.binding(user);
                        if let Some(known) = known(user, &bundle, merged, &mut keychains, world)? {
                            shown.body = known;
                            continue;
                        }
                        let (reference, exec) = sealing.reference(user)?;
                        fields.iter().for_each(|field| drop(shown.body.shift_remove(*field)));
                        shown.body.insert(key::EXEC.to_owned(), exec);
                        incoming.taken.insert(reference.id, bundle);
                    }
                    SealAssessment::Nothing | SealAssessment::Sealed(_) => {}
                    SealAssessment::Files(fields) => world.warn(&format!(
                        "user {} has its secrets in files (`{}`), and is not sealed; `--embed-certs` embeds them",
                        name(user),
                        fields.join("`, `")
                    )),
                    SealAssessment::Refused(reason) => {
                        world.warn(&format!("user {} is imported in plain text: {reason}", name(user)));
                    }
                }
            }
        }
        Ok(incoming)
    }

    /// True if the user's entry runs kcx's own plugin and was created here.
    #[must_use]
    pub(in super::super) fn made(&self, body: &Body) -> bool {
        entry::Reference::of(body).is_some_and(|it| self.taken.contains_key(&it.id))
    }

    /// Stores the secrets of the users that will be written.
    ///
    /// # Errors
    /// Exit code 6; no secret is stored then.
    pub(in super::super) fn keep<'b>(&mut self, bodies: impl Iterator<Item = &'b Body>) -> Result<(), Error> {
        let ids: Vec<String> = bodies.filter_map(entry::Reference::of).map(|it| it.id).collect();
        self.taken.retain(|id, _| ids.contains(id));
        for (id, bundle) in &self.taken {
            let kept = bundle.encode(id).ok_or(KeychainError::Altered);
            let label = entry::label(&bundle.user, &bundle.file);
            if let Err(keychain_error) = kept.and_then(|kept| record::put(&*self.keychain, id, &label, &kept))
            {
                for id in self.taken.keys() {
                    let _ = record::remove(&*self.keychain, id);
                }
                let what = format!("the credential of user {}", name(&bundle.user));
                let error = super::keychains::keychain_failure(&keychain_error, self.place, &what);
                return Err(Error { message: format!("{}; nothing was imported", error.message), ..error });
            }
        }
        Ok(())
    }

    /// Removes stored secrets that no kubeconfig refers to after the import.
    pub(in super::super) fn settle(&self, store: &Store) {
        let ids: Vec<String> = self.taken.keys().cloned().collect();
        if !ids.is_empty() {
            forget(&ids, &self.keychain, store);
        }
    }
}

fn bundle(user: &str, body: &Body, fields: &[&str], merged: &Merged, world: &World<'_>) -> Bundle {
    let value = |field: &&str| Some(((*field).to_owned(), Secret::from(body.get(*field)?.as_str()?)));
    let file = merged.sources().first().map(|source| world.env.absolute(&source.path));
    Bundle {
        user: user.to_owned(),
        file: file.unwrap_or_default().to_string_lossy().into_owned(),
        fields: fields.iter().filter_map(value).collect(),
        ..Bundle::default()
    }
}

/// The body of an existing user that is sealed with the same secrets.
fn known(
    user: &str,
    bundle: &Bundle,
    merged: &Merged,
    keychains: &mut Keychains,
    world: &mut World<'_>,
) -> Result<Option<Body>, Error> {
    let Some(here) = users::named(&[user.to_owned()], merged)?.into_iter().next() else { return Ok(None) };
    let Some(reference) = here.reference() else { return Ok(None) };
    let Ok(kept) = users::fetch(&reference, &name(user), keychains, world) else { return Ok(None) };
    let same = (kept.token(), kept.certificate(), kept.key())
        == (bundle.token(), bundle.certificate(), bundle.key());
    Ok(same.then_some(here.body))
}
