//! `kcx credential unseal`: restores sealed secrets in the kubeconfig, with their original text.
//!
//! The order is the reverse of sealing: the kubeconfig is written and read again before the keychain is changed.

use super::super::error::{Cause, Error, name, path};
use super::super::result::CredentialChange;
use super::super::{World, terminal};
use super::keychains::{Keychains, StoreArgs};
use super::owner;
use super::users::{self, User};
use crate::codec::base64;
use crate::credential::entry::Reference;
use crate::credential::plan::{self, FILES};
use crate::credential::{Bundle, record};
use crate::kubeconfig::Merged;
use crate::kubeconfig::change::Change;
use crate::kubeconfig::patch;
use crate::kubeconfig::schema::key;
use crate::secret::Secret;
use std::path::Path;

/// Write sealed credentials back into the kubeconfig
///
/// The text becomes byte for byte what it was, if it was not changed since. The credentials are then removed from the
/// keychain.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct UnsealArgs {
    /// Users, or patterns: `'prod-*'`
    #[arg(value_name = "USER")]
    pub users: Vec<String>,

    /// All sealed users
    #[arg(long, conflicts_with = "users")]
    pub all: bool,

    /// Do not remove the credentials from the keychain
    #[arg(long)]
    pub keep: bool,

    /// Print what would change, with secrets masked, and write nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Read the passphrase of the encrypted files from the first line of this file
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<String>,
}

/// Unseals users.
///
/// # Errors
/// Exit code 6 if the keychain does not return one of the credentials; the kubeconfig is then unchanged.
pub fn run(args: &UnsealArgs, world: &mut World<'_>) -> Result<(), Error> {
    let store = StoreArgs { store: None, passphrase_file: args.passphrase_file.clone() };
    unseal(args, &mut Keychains::new(&store), world)
}

/// [`run`] with these keychains.
///
/// # Errors
/// As [`run`].
pub fn unseal(args: &UnsealArgs, keychains: &mut Keychains, world: &mut World<'_>) -> Result<(), Error> {
    let loaded = world.load_own()?;
    let names = users::asked(&args.users, args.all, "unseal", &loaded.merged)?;
    let (mut fetched, mut stays) = (Vec::new(), false);
    for user in users::named(&names, &loaded.merged)? {
        let Some(reference) = user.reference() else {
            if !args.all {
                world.done(&format!("user {} is not sealed", name(&user.name)));
            }
            continue;
        };
        let who = format!("user {}", name(&user.name));
        let bundle = users::fetch(&reference, &who, keychains, world)?;
        match admit(&user, &reference, &bundle, &loaded.merged, world) {
            Ok(()) => fetched.push((user, reference, bundle)),
            Err(error) if args.all && error.cause == Cause::Failed => {
                world.warn(&format!("{}; it stays sealed", error.message));
                error.hints.iter().for_each(|hint| world.hint(hint));
                stays = true;
            }
            Err(error) => return Err(error),
        }
    }
    drop(loaded);
    if fetched.is_empty() && stays {
        return Err(Error::silent(1));
    }
    if fetched.is_empty() {
        if args.all {
            world.done("no user is sealed");
        }
        return Ok(());
    }
    for (user, _, bundle) in &mut fetched {
        as_data(bundle, user, world);
    }
    if args.dry_run {
        let previews = world.own_store().preview(|merged| changes(&fetched, merged));
        let previews =
            previews.map_err(|error| Error::not_committed(error, false, world.lock_options().timeout))?;
        return world.print_preview(&previews);
    }
    world.edit_own_unrecorded(|merged| changes(&fetched, merged))?;
    // The kubeconfig is verified again before the only other copy is removed.
    let used = users::references(&world.load_own()?.merged)?;
    for (user, reference, _) in &fetched {
        let (who, file) = (name(&user.name), path(&user.file));
        world.done(&format!("unsealed user {who} of {file}"));
        if args.keep || used.contains(&reference.id) {
            continue;
        }
        let ask = super::super::terminal::can_ask(world);
        let removed = keychains.get(reference, ask, world)?;
        if let Err(keychain_error) = record::remove(&*removed, &reference.id) {
            world.warn(&format!("the keychain still has the credential of user {who}: {keychain_error}"));
            world.hint("`kcx credential list --prune` removes it");
        } else {
            world.note_credential(CredentialChange::Removed, Some(&user.name), reference);
        }
    }
    world.warn("the kubeconfig has these secrets in plain text again");
    if stays { Err(Error::silent(1)) } else { Ok(()) }
}

/// Allows a credential to be written back under the user that it was sealed for. An entry that refers to it may have
/// been copied into a foreign kubeconfig: then the user is asked, and must be at a terminal.
fn admit(
    user: &User,
    reference: &Reference,
    bundle: &Bundle,
    merged: &Merged,
    world: &mut World<'_>,
) -> Result<(), Error> {
    let Err(error) = owner::check(user, reference, bundle, merged, world) else { return Ok(()) };
    if !terminal::can_ask(world) {
        let error = Error { message: format!("{}; nothing was unsealed", error.message), ..error };
        return Err(error.hint("on a terminal, kcx asks whether to write it anyway"));
    }
    world.warn(&error.message);
    let question = format!("Write the secret in plain text under user {} anyway?", name(&user.name));
    if world.globals.yes { Ok(()) } else { terminal::ask(&question)?.demand("nothing was unsealed", world) }
}

fn changes(fetched: &[(User, Reference, Bundle)], merged: &Merged) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    let all = users::all(merged)?;
    for (user, reference, bundle) in fetched {
        let same =
            |it: &&User| it.file == user.file && it.reference().is_some_and(|it| it.id == reference.id);
        // Other users may share the credential. A user that was renamed in the meantime was not requested.
        let named = |it: &&User| same(it) && it.name == user.name;
        let renamed = |it: &&User| same(it) && fetched.iter().all(|(user, ..)| user.name != it.name);
        // Another process has unsealed it.
        let Some(now) = all.iter().find(named).or_else(|| all.iter().find(renamed)) else { continue };
        let Some(document) = now.document(merged) else { continue };
        let respelled = plan::restore_text(&now.name, bundle, document.text())
            .filter(|op| patch::apply(document, std::slice::from_ref(op)).is_ok());
        let ops = match respelled {
            Some(op) => vec![op],
            None => plan::unseal_ops(&now.name, bundle),
        };
        changes.extend(ops.into_iter().map(|op| Change::At { source: now.source, op }));
    }
    Ok(changes)
}

/// If a file of the original entry no longer exists, its content is written as data instead of its path.
fn as_data(bundle: &mut Bundle, user: &User, world: &World<'_>) {
    for field in FILES {
        let Some(named) = bundle.fields.get(field).and_then(Secret::text) else { continue };
        let Some(content) = bundle.files.get(field) else { continue };
        if world.env.beside(&user.file, named).exists() || Path::new(named).as_os_str().is_empty() {
            continue;
        }
        let (data, value) = match field {
            key::TOKEN_FILE => ("token".to_owned(), bundle.token().unwrap_or_default()),
            _ => (format!("{field}-data"), Secret::from(base64::encode(content.bytes()))),
        };
        bundle.fields.remove(field);
        bundle.fields.insert(data, value);
        bundle.was = Secret::default();
    }
}
