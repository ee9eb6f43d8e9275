//! Updates the overlays of other sessions, and the history, after a context was renamed or deleted.

use super::error::{Error, name, path};
use super::{World, messages};
use crate::session::{self, OverlayError, history};
use crate::store::Report;
use std::path::PathBuf;

/// Updates overlays and history after `from` was renamed to `to`, or removed if `to` is `None`, in the files of this report. A
/// failure is only a warning, because the kubeconfigs are already changed.
pub(super) fn update(report: &Report, from: &str, to: Option<&str>, world: &mut World<'_>) {
    let files: Vec<PathBuf> = report.written.iter().map(|file| world.env.absolute(file)).collect();
    if files.is_empty() {
        return;
    }
    if let Some(to) = to {
        // As with a switch, a history that cannot be written fails nothing.
        let _ = history::append_rename(world.env, &world.own_store().precedence().paths, from, to);
    }
    match session::overlay_update::update(world.env, &files, from, to, &world.lock_options()) {
        Ok(updated) if to.is_none() => {
            let here = world.session().active();
            let others = updated.iter().filter(|session| Some(*session) != here.as_ref()).count();
            let shells = match others {
                0 => return,
                1 => "1 other shell is".to_owned(),
                others => format!("{others} other shells are"),
            };
            world.done(&format!("{shells} still on context {}, which no longer exists", name(from)));
        }
        Ok(_) => {}
        Err(error) => {
            let why = match &error {
                OverlayError::Lock(error) => Error::not_locked(error, world.lock_options().timeout).message,
                OverlayError::Update(file, error) => {
                    format!("cannot update {}: {}", path(file), messages::io_error(error))
                }
            };
            world.warn(&format!("another shell still has the context {}: {why}", name(from)));
        }
    }
}
