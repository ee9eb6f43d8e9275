//! `kcx credential exec`: the command that version 0.1.0 wrote into kubeconfigs. Clients now run `kcx-credential exec`,
//! which does the same.
//!
//! Only the answer is printed to stdout. The kubeconfig and the session are not read, and no lock is taken.

use super::super::World;
use super::super::error::{Cause, Error};
use super::keychains::StoreArgs;
use crate::credential::entry::{self, PROGRAM, Reference};
use crate::plugin::{self, PluginInputs};

/// Print a sealed credential for a client
///
/// Clients run this for users that version 0.1.0 sealed. `kcx credential seal` now writes `kcx-credential exec` instead,
/// a program without any other function.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct ExecArgs {
    /// The ID of the credential
    #[arg(value_name = "ID")]
    pub id: String,

    /// The keychain.
    #[command(flatten)]
    pub store: StoreArgs,
}

/// Runs `kcx credential exec`.
///
/// # Errors
/// Exit code 6 if the keychain does not answer, or the credential is for another cluster.
pub fn run(args: &ExecArgs, world: &mut World<'_>) -> Result<(), Error> {
    if !entry::is_id(&args.id) {
        return Err(Error::new(Cause::Usage, "this is not the ID of a credential"));
    }
    let reference = Reference {
        id: args.id.clone(),
        place: args.store.store.unwrap_or_default(),
        passphrase_file: args.store.passphrase_file.clone(),
        ..Reference::default()
    };
    answer(&reference, world)
}

/// Prints the ExecCredential for a client.
///
/// # Errors
/// As for [`run`].
pub fn answer(reference: &Reference, world: &mut World<'_>) -> Result<(), Error> {
    let account = world.env.account();
    let inputs = PluginInputs {
        exec_info: world.env.exec_info.as_deref(),
        account: &account,
        data: world.env.data.as_deref(),
        cwd: &world.env.cwd,
        stdin_is_terminal: world.env.stdin_is_terminal,
        stderr_is_terminal: world.env.stderr_is_terminal,
        stdout_is_terminal: world.env.stdout_is_terminal,
    };
    let answer = plugin::answer(reference, &inputs)?;
    if let Some((warning, hint)) = answer.warning {
        world.warn(&warning);
        world.hint(&hint);
    }
    world.out.write_all(answer.bytes.bytes())?;
    Ok(())
}

/// The error for other commands while a client runs kcx as its plugin: the author of the kubeconfig chose the arguments.
#[must_use]
pub fn refusal() -> Error {
    Error::new(
        Cause::Usage,
        "KUBERNETES_EXEC_INFO is set: a client runs kcx as a credential plugin, and then the only command is \
         `kcx credential exec`",
    )
    .hint(format!(
        "the `exec` entry of a sealed user runs `{PROGRAM}`; `kcx credential seal USER` writes this entry"
    ))
    .hint("in a script that a client runs, use `env -u KUBERNETES_EXEC_INFO kcx …`")
}
