//! `kcx sync`: keeps the contexts of sources in step.
//!
//! ```text
//! settings ─► targets ─► fetch (all sources at once) ─► plan ─► risks, question ─► edit of all files as one change ─► report
//! ```

mod elsewhere;
mod fetch;
mod report;
mod target;
mod trust;
mod watch;

use super::allow::AllowArgs;
use super::error::{Cause, Error, name};
use super::protect::{self, GuardedAction};
use super::{World, overlay_update, terminal, unified};
use crate::kubeconfig::change::Change;
use crate::kubeconfig::sync::{self, Outcome, Plan};
use crate::kubeconfig::{Kind, Merged, ParseError};
use crate::store::Report as Written;
pub(super) use elsewhere::Elsewhere;
use fetch::Collected;
pub(super) use fetch::try_source;
pub(super) use target::{Target, select};
use trust::Trust;

/// Keep the contexts of sources in step
///
/// Each source of the settings has a file of its own, such as ~/.kube/config.d/NAME.yaml. New clusters are added to it, changed
/// ones updated, and those that are gone are marked. Your names and namespaces stay. `kcx source add` adds a source.
#[derive(clap::Args, Debug, Default)]
pub struct SyncArgs {
    /// The names of sources; all of them by default
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,

    /// Remove the contexts of clusters that a source no longer has
    #[arg(long)]
    pub prune: bool,

    /// Print what would change, with secrets masked, and write nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Go on, and sync every SECONDS (300 by default) until Ctrl-C
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "300",
        value_parser = clap::value_parser!(u64).range(1..=86_400), conflicts_with = "dry_run")]
    pub watch: Option<u64>,

    /// Permissions
    #[command(flatten)]
    pub allow: AllowArgs,
}

/// Syncs.
///
/// # Errors
/// Exit code 1 if a source or one of its clusters could not be had, or a permission is missing: the others are synced. 3 for an
/// unknown source.
pub(super) fn run(args: &SyncArgs, world: &mut World<'_>) -> Result<(), Error> {
    let targets = select(&args.names, world)?;
    match args.watch {
        Some(seconds) => watch::run(seconds, world, |world| once(args, &targets, world)),
        None => once(args, &targets, world),
    }
}

/// One sync of these sources.
fn once(args: &SyncArgs, targets: &[Target], world: &mut World<'_>) -> Result<(), Error> {
    let (files, loaded) = target::Files::load(targets, world)?;
    let store = world.with_journal(files.store.clone());
    let mut sources = fetch::all(targets, &files, &loaded.merged, world)?;
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    let settings = world.settings()?;
    let aliases: Vec<String> = settings.aliases.keys().cloned().collect();
    let may_rename =
        |from: &str, to: &str| !settings.rule(from).is_protected() || settings.rule(to).is_protected();
    let sync = Sync {
        targets,
        places: &files.places,
        prune: args.prune,
        today: &today,
        aliases: &aliases,
        may_rename: &may_rename,
    };
    let mut plans = sync.plan(&loaded.merged, &sources)?;
    let mut trust = Trust::new(targets, &args.allow, world)?;
    for (at, plan) in plans.iter().enumerate() {
        let Some(plan) = plan else { continue };
        sync.guard_removal(at, plan, &mut sources[at], world)?;
        let risks = trust::risks(&loaded.merged, files.places[at], plan, &sources[at].views())?;
        if args.dry_run {
            trust.show(&risks, world);
        } else if let Err(error) = trust.ask(at, &risks, &loaded.merged, world) {
            sources[at].refuse(&error);
        }
        sources[at].note(trust.judged(at, &risks, world.env));
    }
    let is_news = plans.iter().flatten().any(|plan| !plan.changes.is_empty());
    let (planned, env, is_line) = (changes_of(&plans), world.env, args.watch.is_some());
    let current = loaded.merged.current_context().to_owned();
    let elsewhere = Elsewhere::of(&loaded.merged, world)?;
    let mut decide = |merged: &Merged| -> Result<Vec<Change>, Error> {
        plans = sync.plan(merged, &sources)?;
        for (at, plan) in plans.iter().enumerate() {
            let Some(plan) = plan.as_ref().filter(|_| !args.dry_run) else { continue };
            let risks = trust::risks(merged, files.places[at], plan, &sources[at].views())?;
            trust.demand(at, &risks, env)?;
        }
        Ok(changes_of(&plans))
    };
    // The answers may leave out a source, or keep its contexts.
    let changes = match is_news && sources.iter().any(Collected::is_limited) {
        true => decide(&loaded.merged)?,
        false => planned,
    };
    if args.dry_run {
        let previews = store
            .preview_of(loaded.merged, changes)
            .map_err(|error| Error::not_committed(error.into(), true, world.lock_options().timeout))?;
        if world.globals.output.is_none() {
            world.print_lines(&unified::print(&previews))?;
        }
        let changed = !previews.is_empty();
        let report =
            report::Report { targets, sources: &sources, plans: &plans, changed, dry_run: true, is_line };
        let told = report.tell(world);
        elsewhere.warn(targets, world);
        return told;
    }
    // Without news nothing is locked.
    let written = match is_news {
        true => {
            let edited = store.edit_decided(loaded, changes, &mut decide);
            world.edited(&store, edited)?
        }
        false => Written::default(),
    };
    trust.remember(&plans, world);
    let changed = !written.written.is_empty();
    let report =
        report::Report { targets, sources: &sources, plans: &plans, changed, dry_run: false, is_line };
    let told = report.tell(world);
    files.warn_of_unread(&written.written, world);
    elsewhere.warn(targets, world);
    update_shells(&plans, &current, &written, world);
    told
}

/// The changes of these plans.
fn changes_of(plans: &[Option<Plan>]) -> Vec<Change> {
    plans.iter().flatten().flat_map(|plan| &plan.changes).cloned().collect()
}

/// Shells that use a renamed or removed context learn of it.
fn update_shells(plans: &[Option<Plan>], current: &str, written: &Written, world: &mut World<'_>) {
    let contexts = || plans.iter().flatten().flat_map(|plan| &plan.contexts);
    let removed = contexts().filter(|context| context.outcome == Outcome::Removed);
    let removed: Vec<&str> = removed.map(|context| context.name.as_str()).collect();
    let is_current = removed.contains(&current);
    overlay_update::warn_of_current(is_current, "the current context was removed", &removed, world);
    for (from, to) in plans.iter().flatten().flat_map(|plan| &plan.renames) {
        overlay_update::update(written, from, Some(to), world);
    }
    for context in removed {
        overlay_update::update(written, context, None, world);
    }
}

/// What a sync plans with.
struct Sync<'s> {
    targets: &'s [Target],
    /// The index of each target's file.
    places: &'s [usize],
    prune: bool,
    today: &'s str,
    /// The other names of contexts, from the settings.
    aliases: &'s [String],
    /// True if the rules protect a context of the second name like one of the first.
    may_rename: &'s dyn Fn(&str, &str) -> bool,
}

impl Sync<'_> {
    /// The plan of each source, in their order: a name belongs to the source that claims it first. `None` for a source that
    /// cannot be synced.
    fn plan(&self, merged: &Merged, sources: &[Collected]) -> Result<Vec<Option<Plan>>, ParseError> {
        let mut taken = sync::taken(merged);
        // A context of this name would take its place.
        taken[Kind::Context].extend(self.aliases.iter().cloned());
        let mut plans = Vec::new();
        for ((target, place), source) in self.targets.iter().zip(self.places).zip(sources) {
            let Some(incoming) = source.incoming() else {
                plans.push(None);
                continue;
            };
            let options = sync::Options {
                names: target.names(),
                namespace: target.settings.namespace.as_deref(),
                prune: self.prune && source.prunes,
                today: self.today,
                may_rename: self.may_rename,
            };
            plans.push(Some(sync::plan(merged, *place, incoming, &options, &mut taken)?));
        }
        Ok(plans)
    }

    /// Asks before contexts of a source are removed that are protected, or that are all of its contexts.
    fn guard_removal(
        &self,
        at: usize,
        plan: &Plan,
        source: &mut Collected,
        world: &mut World<'_>,
    ) -> Result<(), Error> {
        let removed = plan.contexts.iter().filter(|context| context.outcome == Outcome::Removed);
        let removed: Vec<String> = removed.map(|context| context.name.clone()).collect();
        if removed.is_empty() {
            return Ok(());
        }
        let action = GuardedAction { verb: "delete", undone: "nothing was removed", typed: &[] };
        if let Err(error) = protect::guard(&removed, action, world) {
            source.prunes = false;
            source.warn(error);
            return Ok(());
        }
        let is_empty = removed.len() == plan.contexts.len();
        if !is_empty || world.globals.yes {
            return Ok(());
        }
        let what = format!("source {} has no clusters any more", name(&self.targets[at].settings.name));
        let question = format!("Remove all {} contexts of it?", removed.len());
        let is_sure = terminal::can_ask(world) && {
            world.warn(&what);
            terminal::ask(&question)?.demand("nothing was removed", world).is_ok()
        };
        if !is_sure {
            source.prunes = false;
            let error =
                Error::new(Cause::Failed, format!("{what}; its contexts were marked, and not removed"));
            source.warn(
                error.hint(format!("`kcx sync {} --prune -y` removes them", self.targets[at].settings.name)),
            );
        }
        Ok(())
    }
}
