//! `kcx credential seal`: secrets go into a keychain, and an entry that leads there takes their place.

use super::super::error::{Cause, Error, name, path};
use super::super::{World, words};
use super::keychains::{Keychains, StoreArgs};
use super::rebind;
use super::users::{self, User};
use super::vault::{Vault, moved};
use crate::credential::plan::{self, Reason, Verdict};
use crate::kubeconfig::Merged;
use crate::secret::Secret;
use std::collections::BTreeMap;

/// Move the secrets of users from the kubeconfig into the keychain
///
/// Moves tokens, and client keys with their certificates. An `exec` entry takes their place: kubectl, helm and other clients
/// then ask `kcx-credential`. It gives the credential only to the clusters that the user's contexts name now. Sealing a
/// sealed user again replaces that list of clusters; `--all` does so only for users sealed by version 0.1.0, which have no
/// list. Passwords stay: no plugin can deliver them.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct SealArgs {
    /// Users, or patterns: `'prod-*'`
    #[arg(value_name = "USER")]
    pub users: Vec<String>,

    /// All users; those that cannot be sealed are named and stay as they are
    #[arg(long, conflicts_with = "users")]
    pub all: bool,

    /// What is in the files that a user names, too; the files themselves stay where they are
    #[arg(long)]
    pub files: bool,

    /// Print what would change, secrets masked, and write nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Give the credential to every cluster: for clients that do not tell the plugin which cluster they talk to
    #[arg(long)]
    pub any_cluster: bool,

    /// The command that clients run [default: `kcx-credential` if PATH finds the one beside this kcx, else its path]
    #[arg(long, value_name = "COMMAND")]
    pub command: Option<String>,

    /// Add `kcx-credential` to the allowlist in your kuberc if kubectl's policy for credential plugins would refuse it
    #[arg(long)]
    pub to_kuberc: bool,

    /// The keychain.
    #[command(flatten)]
    pub store: StoreArgs,
}

/// Seals them.
///
/// # Errors
/// Exit code 6 for troubles with the keychain; the kubeconfig is as it was then.
pub fn run(args: &SealArgs, world: &mut World<'_>) -> Result<(), Error> {
    super::super::refuse_output("credential seal", world)?;
    seal(args, &mut Keychains::new(&args.store), world)
}

/// [`run`] with these keychains.
///
/// # Errors
/// As [`run`].
pub fn seal(args: &SealArgs, keychains: &mut Keychains, world: &mut World<'_>) -> Result<(), Error> {
    let loaded = world.load_own()?;
    let names = users::asked(&args.users, args.all, "seal", &loaded.merged)?;
    let (mut ready, mut sealed) = (Vec::new(), Vec::new());
    for user in users::named(&names, &loaded.merged)? {
        match plan::judge(&user.body, args.files) {
            Verdict::Ready(fields) => ready.push((user, fields)),
            Verdict::Sealed(reference) => sealed.push((user, reference)),
            Verdict::Nothing if args.all => {}
            Verdict::Nothing => {
                world.done(&format!("user {} has no secret in a kubeconfig", name(&user.name)));
            }
            Verdict::Files(fields) => {
                let said =
                    format!("user {} has its secrets in files (`{}`)", name(&user.name), fields.join("`, `"));
                world.warn(&format!("{said}, and stays as it is"));
                world.hint("`--files` takes what is in them");
            }
            Verdict::Refused(reason) => {
                stays(refused(&user, reason), args.all, world)?;
            }
        }
    }
    let bound = !sealed.is_empty() && rebind::run(sealed, args, &loaded.merged, keychains, world)?;
    if ready.is_empty() {
        return if bound { Ok(()) } else { nothing(args, world) };
    }
    // The entries of sealed users may have been rewritten.
    let loaded = if bound { world.load_own()? } else { loaded };
    let mut vault = Vault::new(args, world)?;
    for (user, fields) in ready {
        let added = values(&user, &fields, &loaded.merged)
            .and_then(|values| vault.add(&user, values, false, &loaded.merged, world));
        if let Err(error) = added {
            stays(error, args.all, world)?;
        }
    }
    drop(loaded);
    if vault.is_empty() { nothing(args, world) } else { vault.seal(args, keychains, world) }
}

fn nothing(args: &SealArgs, world: &mut World<'_>) -> Result<(), Error> {
    if args.all {
        world.done("there is nothing to seal");
    }
    Ok(())
}

/// A user that cannot be sealed: of all it is told, alone it is the end.
fn stays(error: Error, all: bool, world: &mut World<'_>) -> Result<(), Error> {
    if all && error.cause == Cause::Failed {
        world.warn(&format!("{}; it stays as it is", error.message));
        return Ok(());
    }
    Err(Error { message: format!("{}; nothing was sealed", error.message), ..error })
}

/// The values of a user's fields, as they stand there.
fn values(user: &User, fields: &[&'static str], merged: &Merged) -> Result<BTreeMap<String, Secret>, Error> {
    let document = user.document(merged).ok_or_else(|| moved(user))?;
    plan::values(document, user.index, fields).map_err(|reason| refused(user, reason))
}

fn refused(user: &User, reason: Reason) -> Error {
    let who = words::shell_word(&user.name);
    let message = format!("user {} of {} cannot be sealed: {reason}", name(&user.name), path(&user.file));
    let error = Error::new(Cause::Failed, message);
    match reason {
        Reason::NeedsFiles(_) => error.hint("`--files` takes what is in it, too"),
        Reason::Shadowed("token") => error.hint(format!(
            "`kcx credential set {who}` keeps a new token; `kcx config unset users.{who}.token` removes this one"
        )),
        Reason::Shadowed(field) => error.hint(format!("`kcx config unset users.{who}.{field}` removes it")),
        Reason::Password => error.hint("ask for a token or a client certificate: Kubernetes itself has dropped passwords"),
        _ => error,
    }
}
