//! `kcx delete`: deletes entries, and the clusters and users that only they used.

use super::error::{Cause, Error, name, path};
use super::operand::{Operands, is_pattern};
use super::protect::{self, GuardedAction};
use super::select::{self, Pool, SelectFlags, Selector};
use super::{World, overlay_update, terminal};
use crate::kubeconfig::refs::{self, Deletion};
use crate::kubeconfig::{Kind, Merged};
use crate::settings::Settings;

/// Delete contexts, clusters or users
///
/// A context is deleted with its cluster and user, unless another context in any file uses them. Several names or
/// patterns are listed first, and must be confirmed.
#[derive(clap::Args, Debug, Default)]
pub struct DeleteArgs {
    /// Names or patterns (`old-*`), also as TYPE/NAME; `'!x'` leaves x out. TYPE is context (the default), cluster or user; a name after a separate TYPE is taken literally
    #[arg(value_name = "[TYPE] NAME", required_unless_present_any = ["exclude", "label"])]
    pub words: Vec<String>,

    /// Which entries of these.
    #[command(flatten)]
    pub select: SelectFlags,

    /// Keep the cluster and the user of a deleted context
    #[arg(long)]
    pub keep: bool,

    /// `--cascade=false` is the same as --keep
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true",
        default_missing_value = "true", hide = true, action = clap::ArgAction::Set)]
    pub cascade: bool,

    /// Do not fail if a name does not exist, or if nothing matches a pattern
    #[arg(long)]
    pub ignore_missing: bool,

    /// Print what would be deleted, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Deletes them.
///
/// # Errors
/// Exit code 3 for an unknown name without `--ignore-missing`, 4 for a cluster or user that contexts still use, 1 if the user declines.
pub(super) fn run(args: &DeleteArgs, world: &mut World<'_>) -> Result<(), Error> {
    let settings = world.settings_or_default();
    let loaded = world.load_own()?;
    let Operands { kind, names: words } = Operands::read("delete", &args.words, &loaded.merged)?;
    if words.is_empty() && !Selector::of(&words, &args.select, &settings).is_given() {
        let message = format!("no {} were named", kind.list());
        return Err(Error::new(Cause::Usage, message).hint("`kcx delete NAME`, or a pattern in quotes"));
    }
    let cascade = args.cascade && !args.keep;
    let pool = Pool::entries(kind, &loaded.merged);
    let words = match args.ignore_missing {
        true => existing(kind, words, &args.select, &pool, &settings, world)?,
        false => Some(words),
    };
    let Some(words) = words else { return Ok(()) };
    let selector = Selector::of(&words, &args.select, &settings);
    let act = if kind == Kind::Context { String::new() } else { format!(" {}", kind.word()) };
    selector.demand_a_choice(&format!("kcx delete{act} WORDS"), "nothing was deleted", &pool)?;
    let names = selector.names(&pool)?;
    unused(&loaded.merged, kind, &names)?;
    let deletion = refs::delete(&loaded.merged, kind, &names, cascade)?;
    let sure = names.len() == 1 && words == names;
    if args.dry_run && world.has_result() {
        return world.note_plan(loaded.merged, &deletion.changes);
    }
    if args.dry_run {
        return show(&deletion, &loaded.merged, "would delete", world);
    }
    if kind == Kind::Context {
        let typed = selector.typed(&pool);
        let action = GuardedAction { verb: "delete", undone: "nothing was deleted", typed };
        protect::guard(&names, action, world)?;
    }
    if !sure && !world.globals.yes {
        confirm(&deletion, &loaded.merged, world)?;
    }
    drop(pool);
    drop(loaded);
    let mut done = (Deletion::default(), Vec::new());
    let report = world.edit_own(|merged| {
        let missing = names.iter().find(|name| merged.find(kind, name).is_none());
        if let Some(missing) = missing.filter(|_| !args.ignore_missing) {
            return Err(Error::not_found(merged, kind, missing));
        }
        unused(merged, kind, &names)?;
        let deletion = refs::delete(merged, kind, &names, cascade)?;
        let changes = deletion.changes.clone();
        done = (deletion, merged.sources().iter().map(|source| path(&source.path)).collect());
        Ok(changes)
    })?;
    let (deletion, files) = done;
    for (kind, gone, source) in &deletion.gone {
        world.done(&format!("deleted {} {} from {}", kind.word(), name(gone), files[*source]));
    }
    for (kind, again, source) in &deletion.resurfaced {
        let what = format!("{} {}", kind.word(), name(again));
        world.warn(&format!("{what} still exists: the one in {} was hidden and is used now", files[*source]));
    }
    if kind == Kind::Context {
        let is_gone = |name: &&str| deletion.resurfaced.iter().all(|(_, it, _)| it != name);
        let gone: Vec<&str> = names.iter().map(String::as_str).filter(is_gone).collect();
        overlay_update::warn_of_current(deletion.current, "that was the current context", &gone, world);
        for gone in gone {
            overlay_update::update(&report, gone, None, world);
            select::warn_of_aliases(gone, world);
        }
    }
    Ok(())
}

/// The words that mean an entry; `None` if none of them does. The others are said.
fn existing(
    kind: Kind,
    words: Vec<String>,
    flags: &SelectFlags,
    pool: &Pool<'_>,
    settings: &Settings,
    world: &mut World<'_>,
) -> Result<Option<Vec<String>>, Error> {
    let mut missing = Vec::new();
    for unmatched in Selector::of(&words, flags, settings).select(pool).unmatched {
        if !unmatched.is_plain || unmatched.error.cause != Cause::NotFound {
            return Err(unmatched.error);
        }
        missing.push(unmatched.word);
    }
    for word in &missing {
        let text = match is_pattern(word) {
            true => format!("no {} matches {}; nothing to delete", kind.word(), name(word)),
            false => format!("{} {} does not exist; nothing to delete", kind.word(), name(word)),
        };
        world.done(&text);
    }
    let is_only_missing =
        !missing.is_empty() && words.iter().all(|word| missing.contains(word) || word.starts_with('!'));
    let rest = words.into_iter().filter(|word| !missing.contains(word)).collect();
    Ok(Some(rest).filter(|_| !is_only_missing))
}

/// Fails if a context still names one of these clusters or users.
fn unused(merged: &Merged, kind: Kind, names: &[String]) -> Result<(), Error> {
    for gone in names.iter().filter(|_| kind != Kind::Context) {
        // An entry of the same name in a later file is now in force.
        if merged.holders(kind, gone).nth(1).is_some() {
            continue;
        }
        let users = refs::users_of(merged, kind, gone)?;
        let Some(first) = users.first() else { continue };
        let others = match users.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        let what = format!("{} {}", kind.word(), name(gone));
        let message = format!("{what} is in use by context {}{others}; nothing was deleted", name(first));
        return Err(Error::new(Cause::Conflict, message)
            .hint("`kcx delete CONTEXT` also deletes its cluster and user if no other context uses them"));
    }
    Ok(())
}

fn show(deletion: &Deletion, merged: &Merged, what: &str, world: &mut World<'_>) -> Result<(), Error> {
    let lines = lines(deletion, merged, what);
    Ok(world.print(&lines)?)
}

pub(super) fn lines(deletion: &Deletion, merged: &Merged, what: &str) -> String {
    let line = |(kind, gone, source): &(Kind, String, usize)| {
        let file = path(&merged.sources()[*source].path);
        format!("{what} {} {} from {file}\n", kind.word(), name(gone))
    };
    let again = |(kind, again, source): &(Kind, String, usize)| {
        let file = path(&merged.sources()[*source].path);
        format!("{} {} in {file}, hidden now, would then be used\n", kind.word(), name(again))
    };
    deletion.gone.iter().map(line).chain(deletion.resurfaced.iter().map(again)).collect()
}

fn confirm(deletion: &Deletion, merged: &Merged, world: &mut World<'_>) -> Result<(), Error> {
    let lines = lines(deletion, merged, "would delete");
    world.tell(&lines);
    if !terminal::can_ask(world) {
        return Err(Error::new(
            Cause::Usage,
            "several entries, a pattern, an alias or a group need a confirmation; nothing was deleted",
        )
        .hint("`-y` deletes them"));
    }
    let question = format!("Delete these {}?", deletion.gone.len());
    terminal::ask(&question)?.demand("nothing was deleted", world)
}
