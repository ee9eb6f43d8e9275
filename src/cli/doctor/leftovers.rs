//! The check of what kcx and killed programs have left behind.

use super::kubeconfig::or_ok;
use super::{Note, Subject};
use crate::cli::error::path;
use crate::file::{ProcessIdentity, stale_beside};
use crate::printer::quote;
use crate::session::Session;
use crate::session::liveness::{Carriers, Use};

/// No dead session, no temporary file, no lock, no edited text that was given up.
pub(super) fn leftovers(subject: &mut Subject<'_, '_>) -> Vec<Note> {
    let world = &subject.world;
    let mut notes = Vec::new();
    let here = ProcessIdentity::current();
    // Without the environments of all processes, only those that are certain to be unused are counted.
    let is_dead = |session: &Session| session.facts(&here, Carriers::NotAllSearched).decide() == Use::Unused;
    let dead = Session::all(world.env).into_iter().filter(is_dead).count();
    if dead > 0 {
        let message = match dead {
            1 => "1 session of a closed shell; the next new shell removes it".to_owned(),
            _ => format!("{dead} sessions of closed shells; the next new shell removes them"),
        };
        notes.push(Note::info(message));
    }
    for file in &world.own_store().precedence().paths {
        for left in stale_beside(&world.env.absolute(file)) {
            let message = format!("{} is a temporary file left by a kcx that was killed", path(&left));
            notes.push(Note::warning(message).fix(format!("rm {}", quote::shell(&left.to_string_lossy()))));
        }
    }
    if let Some(given_up) = world.env.state.as_ref().map(|state| state.join("given-up")) {
        let texts = given_up.read_dir().map_or(0, Iterator::count);
        if texts > 0 {
            let message = match texts {
                1 => format!("1 edit that was not saved, in {}", path(&given_up)),
                _ => format!("{texts} edits that were not saved, in {}", path(&given_up)),
            };
            notes.push(
                Note::info(message).fix(format!("rm -r {}", quote::shell(&given_up.to_string_lossy()))),
            );
        }
    }
    or_ok(notes, "nothing was left behind")
}
