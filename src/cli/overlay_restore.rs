//! Makes the overlay of this shell again if it is missing, and reports it.

use super::error::{Error, name, path};
use super::init::own_files;
use super::{World, messages};
use crate::file::{LockError, LockOptions};
use crate::session::guard::LOST;
use crate::session::restore::{self, Restored};
use crate::session::{OverlayError, Selection, State};

/// Restores it. Without its guard its content is unknown; then the shell stays without a session.
pub(super) fn restore(lock_options: &LockOptions, world: &mut World<'_>) {
    let State::Gone(overlay) = world.session() else { return };
    match restore::restore(&overlay, &own_files(world), lock_options) {
        Ok(Some(restored)) => tell(restored, world),
        Ok(None) => {}
        Err(error) => {
            let why = match &error {
                OverlayError::Update(_, error) | OverlayError::Lock(LockError::Io { source: error, .. }) => {
                    messages::io_error(error)
                }
                OverlayError::Lock(error) => Error::not_locked(error, lock_options.timeout).message,
            };
            let file = path(overlay.path());
            world.warn(&format!("this shell's overlay {file} was deleted and cannot be restored: {why}"));
        }
    }
    world.forget_session();
}

fn tell(restored: Restored, world: &mut World<'_>) {
    let said = "this shell's overlay was deleted and has been restored";
    let Some(selection) = restored.selection else {
        world.warn(&format!("{said}: it follows the kubeconfig"));
        return;
    };
    if selection.context == LOST {
        world.warn(&format!("{said}, but its context is lost"));
        world.hint("`kcx use NAME` selects one");
        return;
    }
    let selection = Selection { context: selection.context, body: selection.body };
    let namespace = match selection.namespace() {
        "" => String::new(),
        namespace => format!(", namespace {}", name(namespace)),
    };
    let chosen = if restored.chosen_by_other { ", which another program chose" } else { "" };
    world.warn(&format!("{said}: context {}{namespace}{chosen}", name(&selection.context)));
}
