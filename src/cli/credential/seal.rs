//! `kcx credential seal`: moves secrets into a keychain, and replaces them by an entry that refers to it.

use super::super::error::{Cause, Error, name, path};
use super::super::{World, messages};
pub use super::args::SealArgs;
use super::keychains::Keychains;
use super::rebind;
use super::sealing::{Sealer, moved};
use super::users::{self, User};
use crate::credential::plan::{self, NotSealable, SealAssessment};
use crate::kubeconfig::Merged;
use crate::secret::Secret;
use std::collections::BTreeMap;

/// Seals users.
///
/// # Errors
/// Exit code 6 for failures of the keychain; the kubeconfig is then unchanged.
pub fn run(args: &SealArgs, world: &mut World<'_>) -> Result<(), Error> {
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
        match plan::assess(&user.body, args.files) {
            SealAssessment::Ready(fields) => ready.push((user, fields)),
            SealAssessment::Sealed(reference) => sealed.push((user, reference)),
            SealAssessment::Nothing if args.all => {}
            SealAssessment::Nothing => {
                world.done(&format!("user {} has no secret in a kubeconfig", name(&user.name)));
            }
            SealAssessment::Files(fields) => {
                let said =
                    format!("user {} has its secrets in files (`{}`)", name(&user.name), fields.join("`, `"));
                world.warn(&format!("{said}; it stays as it is"));
                world.hint("`--files` seals their contents");
            }
            SealAssessment::Refused(reason) => {
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
    let mut sealing = Sealer::new(args, world)?;
    for (user, fields) in ready {
        let added = values(&user, &fields, &loaded.merged)
            .and_then(|values| sealing.add(&user, values, false, &loaded.merged, world));
        if let Err(error) = added {
            stays(error, args.all, world)?;
        }
    }
    drop(loaded);
    if sealing.is_empty() { nothing(args, world) } else { sealing.seal(args, keychains, world) }
}

fn nothing(args: &SealArgs, world: &mut World<'_>) -> Result<(), Error> {
    if args.all {
        world.done("there is nothing to seal");
    }
    Ok(())
}

/// Handles a user that cannot be sealed: with several users it is a warning, with one it is an error.
fn stays(error: Error, all: bool, world: &mut World<'_>) -> Result<(), Error> {
    if all && error.cause == Cause::Failed {
        world.warn(&format!("{}; it stays as it is", error.message));
        return Ok(());
    }
    Err(Error { message: format!("{}; nothing was sealed", error.message), ..error })
}

/// The values of a user's fields in the kubeconfig.
fn values(user: &User, fields: &[&'static str], merged: &Merged) -> Result<BTreeMap<String, Secret>, Error> {
    let document = user.document(merged).ok_or_else(|| moved(user))?;
    plan::values(document, user.index, fields).map_err(|reason| refused(user, reason))
}

fn refused(user: &User, reason: NotSealable) -> Error {
    let who = messages::shell_word(&user.name);
    let message = format!("user {} of {} cannot be sealed: {reason}", name(&user.name), path(&user.file));
    let error = Error::new(Cause::Failed, message);
    match reason {
        NotSealable::NeedsFiles(_) => error.hint("`--files` seals its content too"),
        NotSealable::Shadowed("token") => error.hint(format!(
            "`kcx credential set {who}` stores a new token; `kcx config unset users.{who}.token` removes this one"
        )),
        NotSealable::Shadowed(field) => error.hint(format!("`kcx config unset users.{who}.{field}` removes it")),
        NotSealable::Password => error.hint("use a token or a client certificate: Kubernetes no longer supports passwords"),
        _ => error,
    }
}
