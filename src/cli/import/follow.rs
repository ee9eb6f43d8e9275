//! `--set-current` in a shell with a context of its own: this shell is switched, too.

use super::super::error::{Error, name};
use super::super::use_context::{self, UseArgs};
use super::super::{World, overlay_update};
use crate::session::State;

/// Switches this shell to the context that is now the current one of the kubeconfig, as `kcx use` does. A shell without a
/// context of its own follows the kubeconfig anyway.
///
/// # Errors
/// As `kcx use`; the import is done.
pub(super) fn follow(context: &str, world: &mut World<'_>) -> Result<(), Error> {
    let State::Active(session) = world.session() else { return Ok(()) };
    let Some(here) = overlay_update::chosen(world).filter(|_| world.globals.kubeconfig.is_none()) else {
        return Ok(());
    };
    if world.env.locked.is_none() && !session.is_of_directory() {
        return use_context::run(&UseArgs { name: Some(context.to_owned()), ..UseArgs::default() }, world);
    }
    if here != context {
        let why = if world.env.locked.is_some() { "is locked to" } else { "is in a directory with" };
        world.done(&format!("this shell {why} context {}, and stays on it", name(&here)));
    }
    Ok(())
}
