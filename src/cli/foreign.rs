//! Moving what other tools left in this shell's overlay to the user's own file, and saying so.

use super::error::{Error, name, path};
use super::{World, words};
use crate::session::Session;
use crate::session::rescue::{self, RescueError, Rescued};

/// Moves it; most often there is nothing. A failure stops no command: the entries stay where they are, and false comes
/// back.
pub(super) fn move_home(session: &Session, world: &mut World<'_>) -> bool {
    match rescue::rescue(session, || world.noting(world.own_store()), world.env) {
        Ok(None) => true,
        Ok(Some(rescued)) => {
            tell(&rescued, world);
            true
        }
        // Its shell, or another one that sweeps, has taken it away meanwhile.
        Err(RescueError::Overlay(error)) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => {
            let overlay = path(&session.overlay());
            let why = why(error, world);
            world.warn(&format!(
                "clusters that another program wrote into this shell's {overlay} are still there: {why}"
            ));
            false
        }
    }
}

fn tell(rescued: &Rescued, world: &mut World<'_>) {
    let said: Vec<String> = rescued
        .moved
        .iter()
        .map(|(kind, entry, replaced)| {
            let instead = if *replaced { ", replacing the one there" } else { "" };
            format!("{} {}{instead}", kind.word(), name(entry))
        })
        .collect();
    let files: Vec<String> = rescued.report.written.iter().map(|file| path(file)).collect();
    let into = if files.is_empty() { "the kubeconfig, which had them".to_owned() } else { files.join(", ") };
    world.done(&format!("moved from this shell's overlay into {into}: {}", said.join("; ")));
    if let Some(kept) = &rescued.replaced {
        world.done(&format!("what was replaced is kept in {}", path(kept)));
    }
    world.tell_notes(&rescued.report);
}

fn why(error: RescueError, world: &World<'_>) -> String {
    match error {
        RescueError::Overlay(error) => words::io_error(&error),
        RescueError::Keep(folder, error) => {
            format!("cannot write {}: {}", path(&folder), words::io_error(&error))
        }
        RescueError::Commit(error) => {
            let several = world.own_store().precedence().paths.len() > 1;
            let error =
                Error::not_committed(error.map_decision(Error::from), several, world.patience.timeout);
            error.message
        }
    }
}
