//! `kcx credential copy`: copies a sealed credential to another user, or into another keychain.

use super::super::error::{Cause, Error, name};
use super::super::result::CredentialChange;
use super::super::{World, messages, terminal};
use super::keychains::{Keychains, StoreArgs, chosen, keychain_failure};
use super::sealing::forget;
use super::users;
use crate::credential::{KeychainError, entry, plan, record};
use crate::kubeconfig::Kind;
use crate::kubeconfig::change::Change;
use crate::kubeconfig::schema::key;
use crate::kubeconfig::typed::{Exec, User};
use crate::secret::Secret;

/// Copy a sealed credential to another user, or into another keychain
///
/// With TO, that user gets its own copy; it is created if it does not exist. Without TO, USER uses the copy from then
/// on: this moves a credential to another keychain.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct CopyArgs {
    /// The sealed user
    #[arg(value_name = "USER")]
    pub user: String,

    /// The user that gets the copy
    #[arg(value_name = "TO")]
    pub to: Option<String>,

    /// The keychain of the copy.
    #[command(flatten)]
    pub store: StoreArgs,
}

/// Copies the credential.
///
/// # Errors
/// Exit code 4 if the other user has a credential, 6 for failures of a keychain.
pub(super) fn run(args: &CopyArgs, world: &mut World<'_>) -> Result<(), Error> {
    let loaded = world.load_own()?;
    let (user, old) = users::sealed(&args.user, &loaded.merged)?;
    let to = args.to.as_deref().unwrap_or(&args.user);
    if args.to.is_some() {
        taken(to, &loaded.merged)?;
    }
    let mut keychains = Keychains::new(&args.store);
    let who = format!("user {}", name(&args.user));
    let mut bundle = users::fetch(&old, &who, &mut keychains, world)?;
    let mut new = chosen(&args.store, world)?;
    if args.to.is_none() && new.place == old.place {
        let message = format!("the credential of {who} is already in {}", new.place.word());
        return Err(Error::new(Cause::Usage, message)
            .hint("name another place with `--store`, or another user with TO"));
    }
    new.id = entry::new_id(to)
        .map_err(|keychain_error| keychain_failure(&keychain_error, new.place, "a new name"))?;
    if args.to.is_some() {
        bundle.user = to.to_owned();
        // The original text belongs to the old user.
        bundle.was = Secret::default();
    } else {
        bundle.now = bundle.now.replace(&old.id, &new.id);
        // The new entry has another `--store`, or none.
        bundle.was = Secret::default();
    }
    let command = match User(&user.body).exec().map(Exec::command) {
        Some(command) if entry::is_current(&user.body, bundle.binding.wants_cluster()) => command.to_owned(),
        _ => super::command::chosen(None, world)?,
    };
    let keychain = keychains.get(&new, terminal::can_ask(world), world)?;
    let what = format!("the credential of user {}", name(to));
    let kept =
        bundle.encode(&new.id).ok_or_else(|| keychain_failure(&KeychainError::Altered, new.place, &what))?;
    record::put(&*keychain, &new.id, &entry::label(to, &bundle.file), &kept)
        .map_err(|keychain_error| keychain_failure(&keychain_error, new.place, &what))?;
    drop(loaded);
    let edited = world.edit_own(|merged| {
        let exec = new.exec(&command, bundle.binding.wants_cluster());
        if args.to.is_some() && merged.find(Kind::User, to).is_none() {
            let body = [("exec".to_owned(), exec)].into_iter().collect();
            return Ok(vec![Change::Put { kind: Kind::User, name: to.to_owned(), body }]);
        }
        if args.to.is_some() {
            taken(to, merged)?;
        }
        let user = users::named(&[to.to_owned()], merged)?.into_iter().next();
        let user = user.ok_or_else(|| Error::not_found(merged, Kind::User, to))?;
        let ops = plan::seal_ops(to, exec, []);
        Ok(ops.into_iter().map(|op| Change::At { source: user.source, op }).collect())
    });
    if let Err(error) = edited {
        forget(&[new.id], &keychain, &world.own_store());
        return Err(error);
    }
    world.note_credential(CredentialChange::Stored, Some(to), &new);
    let (place, whom) = (new.place.word(), bundle.binding.shown());
    world.done(&format!("user {} now has a copy in {place}, for {whom}", name(to)));
    if args.to.is_none() {
        world.hint(&format!(
            "`kcx credential remove {} --store {}` removes the old one",
            messages::shell_word(&old.id),
            old.place.word()
        ));
    }
    Ok(())
}

/// Fails if a user has a credential already.
fn taken(to: &str, merged: &crate::kubeconfig::Merged) -> Result<(), Error> {
    let Some(user) = users::named(&[to.to_owned()], merged)?.into_iter().next() else { return Ok(()) };
    let has = |field: &str| user.body.get(field).is_some_and(|value| !value.is_null() && value != "");
    let others = [key::EXEC, key::AUTH_PROVIDER, key::USERNAME, key::PASSWORD];
    match plan::FIELDS.iter().chain(&others).find(|field| has(field)) {
        None => Ok(()),
        Some(field) => {
            let message =
                format!("user {} already has a credential (`{field}`); nothing was copied", name(to));
            Err(Error::new(Cause::Conflict, message).hint("name another user"))
        }
    }
}
