//! `kcx credential exec`: what kubectl and the client libraries run.
//!
//! Nothing but the answer goes to stdout. The kubeconfig is not read, no lock is waited for, and no session is looked at.

use super::super::World;
use super::super::error::{Cause, Error, name};
use super::keychains::{Keychains, StoreArgs};
use super::users;
use crate::credential::answer::{self, Request};
use crate::credential::entry::Reference;
use crate::credential::keychain;
use std::time::SystemTime;

/// Answer a client that asks for a sealed credential
///
/// This is the command that `seal` writes into the kubeconfig; kubectl, helm and all others run it.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct ExecArgs {
    /// The name of the credential
    #[arg(value_name = "ID")]
    pub id: String,

    /// The keychain.
    #[command(flatten)]
    pub store: StoreArgs,
}

impl From<Reference> for ExecArgs {
    fn from(reference: Reference) -> ExecArgs {
        let store = StoreArgs { store: Some(reference.place), passphrase_file: reference.passphrase_file };
        ExecArgs { id: reference.id, store }
    }
}

/// Answers.
///
/// # Errors
/// Exit code 6 where the keychain has no answer.
pub fn run(args: &ExecArgs, world: &mut World<'_>) -> Result<(), Error> {
    if world.env.stdout_is_terminal {
        return Err(Error::new(
            Cause::Usage,
            "`kcx credential exec` prints a secret for a program, not for a terminal",
        )
        .hint("`kcx credential get USER --show` shows it to you"));
    }
    let info = world.env.exec_info.as_ref().map(|info| info.to_string_lossy());
    let request = Request::parse(info.as_deref(), world.env.stdin_is_terminal)
        .map_err(|error| Error::new(Cause::Failed, error.to_string()))?;
    let place = args.store.store.unwrap_or_default();
    let reference =
        Reference { id: args.id.clone(), place, passphrase_file: args.store.passphrase_file.clone() };
    let ask = request.interactive && world.env.stderr_is_terminal;
    let bundle = users::fetch_with(&reference, &name(&args.id), ask, &mut Keychains::default(), world)?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.as_secs());
    if bundle.expiry().is_some_and(|end| end < i64::try_from(now).unwrap_or(i64::MAX)) {
        world.warn(&format!("the credential of user {} has expired", name(&bundle.user)));
        world.hint(&format!(
            "`kcx credential set {}` keeps a new one",
            super::super::words::shell_word(&bundle.user)
        ));
    }
    let answer = answer::json(&bundle, &request.api_version).ok_or_else(|| {
        super::keychains::troubled(
            &keychain::Trouble::Altered,
            place,
            &format!("the credential {}", name(&args.id)),
        )
    })?;
    world.out.write_all(answer.bytes())?;
    Ok(())
}
