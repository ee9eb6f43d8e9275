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
    if !session.is_of_directory() {
        return use_context::run(&UseArgs { name: Some(context.to_owned()), ..UseArgs::default() }, world);
    }
    if here != context {
        world.done(&format!("this shell is in a directory with context {}, and stays on it", name(&here)));
    }
    Ok(())
}
