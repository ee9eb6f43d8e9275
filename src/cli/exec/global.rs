//! `kcx exec --global -- CMD…`: runs a command with the user's own kubeconfigs, past the session of this shell.

use super::super::error::{Cause, Error};
use super::super::{World, child, locked};
use crate::session;
use std::process::Command;

/// Runs it, and waits.
///
/// # Errors
/// The exit code of the command; 127 if there is no such program, 126 if it cannot be run.
#[expect(clippy::disallowed_methods, reason = "the command is the user's own")]
pub(super) fn run(words: &[String], world: &mut World<'_>) -> Result<(), Error> {
    locked::refuse("nothing was run", world)?;
    let Some((program, rest)) = words.split_first() else {
        return Err(Error::new(Cause::Usage, "no command was named"));
    };
    let mut command = Command::new(world.env.startable(program));
    command.args(rest).env_remove("KCX_SESSION");
    match session::kubeconfig_before(world.env) {
        Some(list) => command.env("KUBECONFIG", list),
        None => command.env_remove("KUBECONFIG"),
    };
    match child::run(&mut command) {
        Ok(0) => Ok(()),
        Ok(code) => Err(Error::silent(code)),
        Err(error) => Err(child::not_started(words, &error)),
    }
}
