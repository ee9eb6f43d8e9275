//! `kcx prune`: removes unused entries.

use super::error::{Error, name, path};
use super::protect::{self, GuardedAction};
use super::{World, overlay_update};
use crate::kubeconfig::change::Change;
use crate::kubeconfig::refs::{self, Dangling, Deletion};
use crate::kubeconfig::{Kind, Merged, ParseError};

/// Remove clusters and users that no context uses
///
/// An entry is kept if a context in any file uses it, even a context that another file hides. With --contexts, contexts
/// that lead nowhere are removed too, and then the clusters and users that only they used: what other tools have left
/// behind when they deleted a cluster.
#[derive(clap::Args, Debug, Default)]
pub struct PruneArgs {
    /// Also remove contexts whose cluster or user does not exist, and those that name neither
    #[arg(long)]
    pub contexts: bool,

    /// Print what would be removed and why, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What to remove.
#[derive(Default)]
struct Plan {
    deletion: Deletion,
    dangling: Vec<Dangling>,
    /// The files of the entries.
    files: Vec<String>,
}

/// Prunes.
///
/// # Errors
/// Nothing was removed then.
pub(super) fn run(args: &PruneArgs, world: &mut World<'_>) -> Result<(), Error> {
    let loaded = world.load_own()?;
    let plan = Plan::of(args, &loaded.merged, None)?;
    if args.dry_run {
        return show(args, &plan, loaded.merged, world);
    }
    drop(loaded);
    let stale: Vec<String> = plan.dangling.iter().map(|it| it.context.clone()).collect();
    let action = GuardedAction { verb: "delete", undone: "nothing was removed", typed: &[] };
    protect::guard(&stale, action, world)?;
    let mut done = Plan::default();
    let report = world.edit_own(|merged| {
        // Another program may have made more contexts dangle, of which the user was not asked.
        done = Plan::of(args, merged, Some(&stale))?;
        Ok(done.changes())
    })?;
    for line in done.lines("removed") {
        world.done(&line);
    }
    for (kind, again, source) in &done.deletion.resurfaced {
        let (what, file) = (format!("{} {}", kind.word(), name(again)), &done.files[*source]);
        world.warn(&format!("{what} still exists: the one in {file} was hidden and is used now"));
    }
    let contexts = done.contexts();
    overlay_update::warn_of_current(
        done.deletion.current,
        "the current context was among them",
        &contexts,
        world,
    );
    for context in contexts {
        overlay_update::update(&report, context, None, world);
    }
    if done.deletion.gone.is_empty() {
        let merged = world.load_own()?.merged;
        tell_none(args, &merged, world);
    }
    Ok(())
}

/// The dry run.
fn show(args: &PruneArgs, plan: &Plan, merged: Merged, world: &mut World<'_>) -> Result<(), Error> {
    if plan.deletion.gone.is_empty() {
        tell_none(args, &merged, world);
    } else if plan.deletion.current {
        let current = name(merged.current_context());
        world.warn(&format!("the current context {current} is among them; there would be none"));
    }
    if world.has_result() {
        return world.note_plan(merged, &plan.changes());
    }
    let mut text: String = plan.lines("would remove").map(|line| format!("{line}\n")).collect();
    for (kind, again, source) in &plan.deletion.resurfaced {
        let (what, file) = (format!("{} {}", kind.word(), name(again)), &plan.files[*source]);
        text += &format!("{what} in {file}, hidden now, would then be used\n");
    }
    Ok(world.print(&text)?)
}

/// Says that there is nothing to remove.
fn tell_none(args: &PruneArgs, merged: &Merged, world: &mut World<'_>) {
    world.done(&if merged.is_empty() {
        format!("there is nothing to remove in {}", world.places())
    } else {
        let what = if args.contexts { "entry" } else { "cluster and user" };
        format!("every {what} is in use, nothing to remove")
    });
}

impl Plan {
    /// The entries to remove: those without a reference, and dangling contexts with the entries that only they name. With
    /// `asked`, no other contexts than these.
    fn of(args: &PruneArgs, merged: &Merged, asked: Option<&[String]>) -> Result<Plan, ParseError> {
        let mut deletion = refs::orphans(merged)?;
        let mut dangling = if args.contexts { refs::dangling(merged)? } else { Vec::new() };
        dangling.retain(|it| asked.is_none_or(|asked| asked.contains(&it.context)));
        let names: Vec<String> = dangling.iter().map(|it| it.context.clone()).collect();
        let contexts = refs::delete(merged, Kind::Context, &names, true)?;
        deletion.changes.extend(contexts.changes);
        deletion.gone.extend(contexts.gone);
        deletion.resurfaced.extend(contexts.resurfaced);
        deletion.current |= contexts.current;
        let files = merged.sources().iter().map(|source| path(&source.path)).collect();
        Ok(Plan { deletion, dangling, files })
    }

    fn changes(&self) -> Vec<Change> {
        self.deletion.changes.clone()
    }

    /// The removed contexts.
    fn contexts(&self) -> Vec<&str> {
        let gone = self.deletion.gone.iter().filter(|(kind, ..)| *kind == Kind::Context);
        gone.map(|(_, context, _)| context.as_str()).collect()
    }

    /// One line for each entry, with the reason for a context.
    fn lines<'p>(&'p self, what: &'p str) -> impl Iterator<Item = String> + 'p {
        self.deletion.gone.iter().map(move |(kind, gone, source)| {
            let dangling = self.dangling.iter().find(|it| *kind == Kind::Context && it.context == *gone);
            let why = dangling.map(|it| format!(": {}", why(it))).unwrap_or_default();
            format!("{what} {} {} from {}{why}", kind.word(), name(gone), self.files[*source])
        })
    }
}

/// Why a context leads nowhere.
fn why(dangling: &Dangling) -> String {
    let missing: Vec<String> = dangling
        .missing
        .iter()
        .map(|(kind, name_of)| format!("its {} {}", kind.word(), name(name_of)))
        .collect();
    match missing.as_slice() {
        [] => "it names neither a cluster nor a user".to_owned(),
        [one] => format!("{one} does not exist"),
        several => format!("{} do not exist", several.join(" and ")),
    }
}
