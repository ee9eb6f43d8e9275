//! The check of what kcx and killed programs have left behind.

use super::kubeconfig::or_ok;
use super::{Note, Subject, installed};
use crate::cli::World;
use crate::cli::error::path;
use crate::credential::entry::Reference;
use crate::credential::folder::{self, Folder};
use crate::credential::record;
use crate::file::{ProcessIdentity, stale_beside};
use crate::kubeconfig::Kind;
use crate::printer::quote;
use crate::session::Session;
use crate::session::liveness::{Carriers, Use};
use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;

/// No dead session, no temporary file, no lock, no edited text that was given up, no credential that nobody uses, and nothing
/// of a kcx that was removed.
pub(super) fn leftovers(subject: &mut Subject<'_, '_>) -> Vec<Note> {
    let world = &subject.world;
    let mut notes = installed::startup_lines(world);
    notes.extend(installed::links(world));
    notes.extend(installed::old_completions(world));
    notes.extend(unused_credentials(world));
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

/// Encrypted files to which no user of the list refers. Their names tell; nothing is decrypted. Other keychains are not asked.
fn unused_credentials(world: &World<'_>) -> Vec<Note> {
    let Ok(loaded) = world.load_own() else { return Vec::new() };
    let merged = &loaded.merged;
    let bodies = merged.entries(Kind::User).into_iter().filter_map(|entry| merged.body(entry).ok());
    let references: Vec<Reference> = bodies.filter_map(|body| Reference::of(&body)).collect();
    let used: HashSet<&str> = references.iter().map(|reference| reference.id.as_str()).collect();
    let default = world.env.data.as_ref().map(|data| data.join(folder::NAME));
    let given = references.iter().filter_map(|reference| reference.folder.as_ref().map(PathBuf::from));
    let folders: BTreeSet<PathBuf> = given.chain(default).collect();
    let note = |folder: &PathBuf| {
        let names = Folder::names(folder).ok()?;
        let ids: BTreeSet<&str> = names.iter().map(|name| record::owner(name)).collect();
        let who = match ids.iter().filter(|id| !used.contains(*id)).count() {
            0 => return None,
            1 => "1 sealed credential, which no kubeconfig of the list uses".to_owned(),
            count => format!("{count} sealed credentials, which no kubeconfig of the list uses"),
        };
        Some(Note::info(format!("{who}, in {}", path(folder))).fix("kcx credential list"))
    };
    folders.iter().filter_map(note).collect()
}
