//! Updates the overlays of other sessions, and the history, after a context was renamed or deleted.

use super::error::{Error, name, path};
use super::{World, messages};
use crate::file::ProcessIdentity;
use crate::kubeconfig::Kind;
use crate::kubeconfig::import::Renamed;
use crate::session::{self, OverlayError, Session, history};
use crate::store::{Report, renames};
use std::path::PathBuf;

/// The context that this shell is on by its own choice.
pub(super) fn chosen(world: &World<'_>) -> Option<String> {
    let read = |session: Session| Some(session.read().ok()?.current_context().to_owned());
    world.session().active().and_then(read).filter(|context| !context.is_empty())
}

/// Warns if the current context of the kubeconfigs was removed, or that of this shell. `what` says it of the first, `gone` are the
/// names of the contexts that are not there any more.
pub(super) fn warn_of_current(is_current: bool, what: &str, gone: &[&str], world: &mut World<'_>) {
    let own = chosen(world);
    let is_gone = own.as_ref().is_some_and(|own| gone.contains(&own.as_str()));
    if is_current {
        let rest = match &own {
            None => "there is no current context now".to_owned(),
            Some(_) if is_gone => "the kubeconfig has none now".to_owned(),
            Some(own) => format!("the kubeconfig has none now, and this shell stays on {}", name(own)),
        };
        world.warn(&format!("{what}; {rest}"));
    }
    match own {
        Some(own) if is_gone => {
            world.warn(&format!("this shell is still on context {}, which no longer exists", name(&own)));
            world.hint("`kcx use NAME` switches to another one");
        }
        None if is_current => world.hint("`kcx use NAME` switches to another one"),
        Some(_) if is_current => world.hint("`kcx use --global NAME` sets another one for all shells"),
        _ => {}
    }
}

/// Remembers the new name of an entry for a later import of the entry under its old name. Without a state folder that can be
/// written, the import adds it again.
pub(super) fn remember(kind: Kind, from: &str, to: &str, server: String, world: &World<'_>) {
    let renamed = Renamed { from: from.to_owned(), to: to.to_owned(), server };
    let _ = renames::append(world.env, &world.own_store().precedence().paths, kind, &renamed);
}

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
        remember(Kind::Context, from, to, String::new(), world);
    }
    match session::overlay_update::update(world.env, &files, from, to, &world.lock_options()) {
        Ok(updated) if to.is_none() => {
            let (here, process) = (world.session().active(), ProcessIdentity::current());
            let is_other =
                |session: &&Session| Some(*session) != here.as_ref() && !session.has_ended(&process);
            let others = updated.iter().filter(is_other).count();
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
