//! `kcx prune`: removes unused entries.

use super::error::{Error, name, path};
use super::protect::{self, GuardedAction};
use super::{World, delete, overlay_update};
use crate::kubeconfig::refs::{self, Deletion};
use crate::kubeconfig::{Kind, Merged, ParseError};

/// Remove clusters and users that no context uses
///
/// An entry is kept if a context in any file uses it, even a context that another file hides.
#[derive(clap::Args, Debug, Default)]
pub struct PruneArgs {
    /// Also remove contexts whose cluster or user does not exist
    #[arg(long)]
    pub contexts: bool,

    /// Print what would be removed, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Prunes.
///
/// # Errors
/// Nothing was removed then.
pub(super) fn run(args: &PruneArgs, world: &mut World<'_>) -> Result<(), Error> {
    if args.dry_run {
        let loaded = world.load_own()?;
        let deletions = plan(args, &loaded.merged)?;
        if world.has_result() {
            let changes: Vec<_> = deletions.into_iter().flat_map(|deletion| deletion.changes).collect();
            return world.note_plan(loaded.merged, &changes);
        }
        let lines: String = deletions
            .iter()
            .map(|deletion| delete::lines(deletion, &loaded.merged, "would remove"))
            .collect();
        return Ok(world.print(&lines)?);
    }
    if args.contexts {
        let stale = refs::dangling(&world.load_own()?.merged)?;
        let action = GuardedAction { verb: "delete", undone: "nothing was removed", typed: &[] };
        protect::guard(&stale, action, world)?;
    }
    let mut done = (Vec::new(), Vec::new());
    let report = world.edit_own(|merged| {
        let deletions = plan(args, merged)?;
        let changes = deletions.iter().flat_map(|deletion| deletion.changes.clone()).collect();
        done = (deletions, merged.sources().iter().map(|source| path(&source.path)).collect());
        Ok(changes)
    })?;
    let (deletions, files): (Vec<Deletion>, Vec<String>) = done;
    let gone: Vec<_> = deletions.iter().flat_map(|deletion| &deletion.gone).collect();
    for (kind, entry, source) in &gone {
        world.done(&format!("removed {} {} from {}", kind.word(), name(entry), files[*source]));
    }
    let contexts = gone.iter().filter(|(kind, ..)| *kind == Kind::Context);
    let contexts: Vec<&str> = contexts.map(|(_, context, _)| context.as_str()).collect();
    let is_current = deletions.iter().any(|deletion| deletion.current);
    overlay_update::warn_of_current(is_current, "the current context was among them", &contexts, world);
    for context in contexts {
        overlay_update::update(&report, context, None, world);
    }
    if gone.is_empty() && world.load_own()?.merged.is_empty() {
        world.done(&format!("there is nothing to remove in {}", world.places()));
    } else if gone.is_empty() {
        let what = if args.contexts { "entry" } else { "cluster and user" };
        world.done(&format!("every {what} is in use, nothing to remove"));
    }
    Ok(())
}

/// The entries to remove: those without a reference, and dangling contexts with the entries that only they name.
fn plan(args: &PruneArgs, merged: &Merged) -> Result<Vec<Deletion>, ParseError> {
    let mut deletions = vec![refs::orphans(merged)?];
    if args.contexts {
        deletions.push(refs::delete(merged, Kind::Context, &refs::dangling(merged)?, true)?);
    }
    Ok(deletions)
}
