//! Who owns a sealed credential. An entry that refers to it may have been copied into a foreign kubeconfig.

use super::super::World;
use super::super::error::{Cause, Error, name, path};
use super::list;
use super::user_clusters::UserClusters;
use super::users::{self, User};
use crate::credential::Binding;
use crate::credential::Bundle;
use crate::credential::entry::Reference;
use crate::kubeconfig::{Merged, ParseError};
use crate::printer::quote::shell;
use std::path::Path;

/// The owner of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// This user: the credential was sealed for it; it may have been renamed or moved to another file since.
    User,
    /// Another user of these kubeconfigs, or unknown because several users refer to it.
    Neighbour,
    /// A user in the file where it was sealed, which still refers to it; this is another file.
    Elsewhere,
}

impl Owner {
    /// The owner of the credential that this user's entry refers to.
    ///
    /// # Errors
    /// As [`Document::body`](crate::kubeconfig::Document::body).
    pub(super) fn of(
        user: &User,
        reference: &Reference,
        bundle: &Bundle,
        merged: &Merged,
        world: &World<'_>,
    ) -> Result<Owner, ParseError> {
        let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let here = real(Path::new(&bundle.file)) == real(&world.env.absolute(&user.file));
        if here && user.name == bundle.user {
            return Ok(Owner::User);
        }
        if !here && list::leads(&bundle.file, &reference.id) {
            return Ok(Owner::Elsewhere);
        }
        // If no other user refers to it, this user was renamed or moved to another file.
        let leads = |it: &User| it.reference().is_some_and(|it| it.id == reference.id);
        let other = |it: &User| (&it.name, &it.file) != (&user.name, &user.file);
        let shared = user.name != bundle.user && users::all(merged)?.iter().any(|it| leads(it) && other(it));
        Ok(if shared { Owner::Neighbour } else { Owner::User })
    }
}

/// Fails if a user's entry refers to a credential of another user, or if its contexts name a cluster that the
/// credential is not bound to.
///
/// # Errors
/// The reason only; the caller adds what was not done.
pub(super) fn check(
    user: &User,
    reference: &Reference,
    bundle: &Bundle,
    merged: &Merged,
    world: &World<'_>,
) -> Result<(), Error> {
    let (who, typed) = (name(&user.name), shell(&user.name));
    let owner = Owner::of(user, reference, bundle, merged, world)?;
    let foreign =
        owner == Owner::Elsewhere || owner == Owner::Neighbour && bundle.binding == Binding::Unbound;
    if foreign {
        let (other, file) = (name(&bundle.user), path(Path::new(&bundle.file)));
        let message = format!("user {who} refers to the credential of user {other} of {file}");
        return Err(Error::new(Cause::Failed, message).hint(format!(
            "`kcx credential copy {} NAME` gives another user a credential of its own",
            shell(&bundle.user)
        )));
    }
    let user_clusters = UserClusters::of(merged, world)?;
    if let Some((_, cluster)) =
        user_clusters.named(&user.name).find(|(_, cluster)| !bundle.binding.covers(cluster))
    {
        let message = format!(
            "a context uses user {who} with {}, but its credential is sealed for {}",
            bundle.binding.shown_beside(cluster),
            bundle.binding.shown()
        );
        return Err(Error::new(Cause::Failed, message).hint(format!(
            "`kcx credential seal {typed}` seals it for the clusters that its contexts name now"
        )));
    }
    Ok(())
}
