//! Removes the sessions that no process uses any more.

use super::{World, overlay_migration};
use crate::env::Env;
use crate::file::{self, EnvironmentSearch, Existence, ProcessIdentity};
use crate::session::abandoned::Abandoned;
use crate::session::liveness::{Carriers, Use};
use crate::session::{Session, State, pane};
use crate::store::overlay::roots;
use std::time::{Duration, SystemTime};

/// The time between two sweeps: it takes some ten milliseconds to search the environments of all processes.
const INTERVAL: Duration = Duration::from_secs(10 * 60);
/// The number of sessions that are kept because a process may use them.
const MOST: usize = 200;

/// Removes them, unless that was done not long ago. What other programs wrote into their overlays is moved to the user's
/// own files.
pub(super) fn sweep(world: &mut World<'_>) {
    if !is_due(world.env) {
        return;
    }
    pane::sweep(world.env);
    let here = ProcessIdentity::current();
    let current = match world.session() {
        State::Active(session) | State::Displaced(session) => Some(session),
        State::Gone(_) | State::Off => None,
    };
    let mut ended = Session::all(world.env);
    ended.retain(|session| {
        Some(session) != current.as_ref() && session.has_ended(&here) && !session.is_kept_for_directory()
    });
    let abandoned = Abandoned::all(world.env);
    let folders = ended.iter().map(Session::folder).chain(abandoned.iter().map(|one| one.folder.as_path()));
    let names: Vec<String> = folders.map(|folder| folder.to_string_lossy().into_owned()).collect();
    let names: Vec<&[u8]> = names.iter().map(String::as_bytes).collect();
    let search = (!names.is_empty()).then(|| EnvironmentSearch::of_all(&names)).flatten();
    let in_use = |index| carriers(search.as_ref(), index) == Carriers::Some;
    for (_, one) in abandoned.iter().enumerate().filter(|(index, _)| !in_use(ended.len() + index)) {
        overlay_migration::report_abandoned(one, world);
    }
    let mut possible = Vec::new();
    for (index, session) in ended.into_iter().enumerate() {
        let facts = session.facts(&here, carriers(search.as_ref(), index));
        match facts.decide() {
            Use::Unused => remove(&session, world),
            Use::InUse if facts.owner == Existence::Unknown => {}
            Use::InUse => drop(overlay_migration::migrate_without_asking(&session, world)),
            Use::Possible => {
                overlay_migration::migrate_without_asking(&session, world);
                possible.push((facts.idle, session));
            }
        }
    }
    possible.sort_by_key(|(idle, _)| *idle);
    for (_, session) in possible.iter().skip(MOST) {
        remove(session, world);
    }
}

fn carriers(search: Option<&EnvironmentSearch>, index: usize) -> Carriers {
    match search.map(|search| search.has(index)) {
        None => Carriers::NotShown,
        Some(None) => Carriers::NotAllSearched,
        Some(Some(true)) => Carriers::Some,
        Some(Some(false)) => Carriers::None,
    }
}

fn remove(session: &Session, world: &mut World<'_>) {
    if overlay_migration::migrate_at_end(session, false, world) {
        // The next sweep tries again to remove a folder.
        let _ = session.remove();
    }
}

/// True if the last sweep was not just now; this one is recorded then.
fn is_due(env: &Env) -> bool {
    let Some(root) = roots(env).into_iter().next() else { return false };
    let stamp = root.sessions.join(".swept");
    if file::age(&stamp).is_some_and(|age| age < INTERVAL) {
        return false;
    }
    // Without the stamp each start sweeps, which is slower but correct.
    let _ = file::set_modified(&stamp, SystemTime::now());
    true
}
