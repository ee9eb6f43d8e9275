//! `kcx credential remove`: deletes a sealed credential.

use super::super::error::{Cause, Error, name};
use super::super::{World, terminal};
use super::keychains::{Keychains, StoreArgs, folder_of, keychain_failure};
use super::{list, users};
use crate::credential::entry::{self, Reference};
use crate::credential::folder::Folder;
use crate::credential::{KeychainError, record};
use crate::kubeconfig::Kind;
use crate::kubeconfig::change::Change;
use crate::kubeconfig::patch::{Op, PathStep};

/// Delete sealed credentials permanently
///
/// The `exec` entry that refers to it is removed from the kubeconfig too, so the user is left without a credential.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct RemoveArgs {
    /// Sealed users, or IDs of credentials as shown by `kcx credential list -o wide`
    #[arg(value_name = "USER|ID", required = true)]
    pub users: Vec<String>,

    /// The keychain.
    #[command(flatten)]
    pub store: StoreArgs,
}

/// Deletes the credentials.
///
/// # Errors
/// Exit code 3 for an unknown user or credential, 1 if the user declines, 6 for failures of the keychain.
pub(super) fn run(args: &RemoveArgs, world: &mut World<'_>) -> Result<(), Error> {
    let mut keychains = Keychains::new(&args.store);
    let chosen = super::keychains::chosen(&args.store, world)?;
    let loaded = world.load_own()?;
    let mut references = Vec::new();
    for word in &args.users {
        if loaded.merged.find(Kind::User, word).is_some() {
            references.push((users::sealed(word, &loaded.merged)?.1, Some(word.as_str())));
            continue;
        }
        let known =
            users::all(&loaded.merged)?.iter().filter_map(users::User::reference).find(|it| it.id == *word);
        if let Some(known) = known {
            references.push((known, None));
            continue;
        }
        let reference = Reference { id: word.clone(), ..chosen.clone() };
        if !entry::is_id(word) {
            return Err(Error::not_found(&loaded.merged, Kind::User, word));
        }
        if !exists(&reference, &mut keychains, world)? {
            return Err(Error::not_found(&loaded.merged, Kind::User, word)
                .hint("`kcx credential list -o wide` shows the ids of credentials"));
        }
        references.push((reference, None));
    }
    let leads = |it: &users::User| {
        it.reference().is_some_and(|it| references.iter().any(|(gone, _)| gone.id == it.id))
    };
    for other in users::all(&loaded.merged)?.iter().filter(|it| leads(it) && !args.users.contains(&it.name)) {
        world.warn(&format!("user {} has the same credential and loses it too", name(&other.name)));
    }
    drop(loaded);
    if !world.globals.yes {
        let message = "removing a credential cannot be undone; none was removed";
        if !terminal::can_ask(world) {
            return Err(Error::new(Cause::Usage, message).hint("`-y` removes it"));
        }
        let what: Vec<String> = args.users.iter().map(|word| name(word)).collect();
        terminal::ask(&format!("Permanently remove {}?", what.join(", ")))?
            .demand("none was removed", world)?;
    }
    world.edit_own_unrecorded(|merged| {
        let users = users::all(merged)?;
        let path = vec![PathStep::Key("exec".to_owned())];
        Ok(users
            .iter()
            .filter(|user| leads(user))
            .map(|user| Change::At {
                source: user.source,
                op: Op::Unset { kind: Kind::User, name: user.name.clone(), path: path.clone() },
            })
            .collect())
    })?;
    for (reference, user) in &references {
        list::remove(reference, *user, &mut keychains, world)?;
        world.done(&format!("removed {} from {}", name(&reference.id), reference.place.word()));
    }
    Ok(())
}

/// True if the store has the credential. A store that is not there has none, and a name that no encrypted file has needs
/// no passphrase.
fn exists(reference: &Reference, keychains: &mut Keychains, world: &mut World<'_>) -> Result<bool, Error> {
    if let Some(folder) = folder_of(reference, world)
        && let Ok(names) = Folder::names(&folder)
    {
        return Ok(names.iter().any(|name| record::owner(name) == reference.id));
    }
    let keychain = keychains.get(reference, terminal::can_ask(world), world)?;
    match keychain.read(&reference.id) {
        Err(KeychainError::NotFound | KeychainError::Missing(_)) => Ok(false),
        Ok(_) | Err(KeychainError::Altered | KeychainError::TooLarge(_)) => Ok(true),
        Err(error) => {
            Err(keychain_failure(&error, reference.place, &format!("the credential {}", name(&reference.id))))
        }
    }
}
