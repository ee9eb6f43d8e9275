//! Makes the overlay of this shell again if it is missing, and reports it.

use super::error::{Error, name, path};
use super::init::own_files;
use super::{World, messages};
use crate::file::{LockError, LockOptions};
use crate::session::guard::LOST;
use crate::session::restore::{self, Restored};
use crate::session::{OverlayError, Selection, State};

/// Makes it again. Without its guard nothing tells what it was; then the shell stays without a session.
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
            world.warn(&format!("this shell's overlay {file} is gone, and cannot be made again: {why}"));
        }
    }
    world.forget_session();
}

fn tell(restored: Restored, world: &mut World<'_>) {
    let again = "this shell's overlay was gone and has been made again";
    let Some(selection) = restored.selection else {
        world.warn(&format!("{again}: it follows the kubeconfig"));
        return;
    };
    if selection.context == LOST {
        world.warn(&format!("{again}, but nothing tells its context any more"));
        world.hint("`kcx use NAME` selects one");
        return;
    }
    let selection = Selection { context: selection.context, body: selection.body };
    let namespace = match selection.namespace() {
        "" => String::new(),
        namespace => format!(", namespace {}", name(namespace)),
    };
    let chosen = if restored.chosen_by_other { ", which another program chose" } else { "" };
    world.warn(&format!("{again}: context {}{namespace}{chosen}", name(&selection.context)));
}
