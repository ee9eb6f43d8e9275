//! `kcx protect`: lists protected contexts, and lifts their protection for a while.

mod check;
mod guard;
mod judgement;
mod suspension;

pub(super) use check::CheckArgs;
pub(super) use guard::{GuardedAction, guard, is_guarded};
pub(super) use judgement::judge;

use super::World;
use super::error::{Cause, Error, name};
use super::globals::Output;
use super::select::{Pool, SelectFlags, Selector};
use crate::codec::duration;
use crate::kubeconfig::{Kind, Merged};
use crate::printer::table::{Cell, Column, fitted};
use crate::settings::{Confirm, Settings};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// List protected contexts, or lift their protection for a while
///
/// If a rule in the settings has `confirm` (`rules: [{match: '*prod*', confirm: type-name, label: PROD}]`), kcx asks before
/// it switches to such a context, runs something in it, renames or deletes it; without a terminal, `--yes-i-mean CONTEXT`
/// is required. This applies to kcx's own commands (use, shell, exec, rename, delete, prune, export
/// --as-service-account), not to kubectl, `kcx config` or other programs.
#[derive(clap::Args, Debug)]
pub struct ProtectArgs {
    /// The action [default: list]
    #[command(subcommand)]
    pub what: Option<What>,
}

/// What to do about protection.
#[derive(clap::Subcommand, Debug)]
pub enum What {
    /// Do not ask about these contexts for a while
    Lift {
        /// How long: `10m`, at most `24h`
        #[arg(value_name = "DURATION", value_parser = duration::parse)]
        time: Duration,
        /// The contexts, by name or pattern; of a pattern, the protected ones
        #[arg(value_name = "NAME", required = true)]
        names: Vec<String>,
    },
    /// Ask about them again
    Restore {
        /// The contexts, by name or pattern [default: all]
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Judge a command line without running it
    Check(CheckArgs),
}

impl What {
    /// True if it changes for which contexts kcx asks.
    pub(super) fn writes(&self) -> bool {
        matches!(self, What::Lift { .. } | What::Restore { .. })
    }

    /// The word of the action.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            What::Lift { .. } => "lift",
            What::Restore { .. } => "restore",
            What::Check(_) => "check",
        }
    }
}

/// The longest time that protection can be lifted for.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// Lists, lifts or restores.
///
/// # Errors
/// Exit code 3 for a context that does not exist or is not protected.
pub(super) fn run(args: &ProtectArgs, world: &mut World<'_>) -> Result<(), Error> {
    if let Some(What::Check(args)) = &args.what {
        return check::run(args, world);
    }
    let settings = world.settings()?;
    let merged = world.load_own()?.merged;
    let all = || merged.names(Kind::Context).into_iter().filter(|name| settings.rule(name).is_protected());
    match &args.what {
        None | Some(What::Check(_)) => {
            let rows: Vec<Row> = all()
                .filter_map(|context| {
                    let rule = settings.rule(context);
                    let confirm = rule.confirm?;
                    let lifted = suspension::left(context, world.env);
                    let label = rule.label.map(str::to_owned);
                    Some(Row { context: context.to_owned(), label, color: rule.sgr(), confirm, lifted })
                })
                .collect();
            list(&rows, !settings.protects(), world)
        }
        Some(What::Lift { time, names }) => {
            if time.is_zero() || *time > LONGEST {
                return Err(Error::new(Cause::Usage, "protection can be lifted for 24 hours at most")
                    .hint("`kcx protect lift 10m NAME` stops kcx asking about NAME for 10 minutes"));
            }
            let contexts = to_lift(names, &settings, &merged)?;
            let done = |contexts: &str| format!("kcx does not ask about {contexts} for {}", said(*time));
            each(&contexts, |context| suspension::suspend(context, *time, world.env), done, world)
        }
        Some(What::Restore { names }) => {
            let mut contexts: Vec<String> = match names.as_slice() {
                [] => all().map(str::to_owned).collect(),
                names => Selector::of(names, SelectFlags::NONE, &settings).contexts(&merged)?,
            };
            contexts.retain(|context| suspension::left(context, world.env).is_some());
            if contexts.is_empty() {
                world.done("no protection is lifted there; nothing to do");
            }
            let done = |contexts: &str| format!("kcx asks about {contexts} again");
            each(&contexts, |context| suspension::restore(context, world.env), done, world)
        }
    }
}

/// The protected contexts that these names and patterns mean.
fn to_lift(names: &[String], settings: &Settings, merged: &Merged) -> Result<Vec<String>, Error> {
    let hint = "`kcx protect` lists those that are";
    let (pool, selector) =
        (Pool::entries(Kind::Context, merged), Selector::of(names, SelectFlags::NONE, settings));
    selector.demand_a_choice("kcx protect lift 10m WORDS", "nothing was lifted", &pool)?;
    let mut contexts = selector.names(&pool)?;
    for (wanted, meant) in selector.meanings(&pool) {
        // A pattern may match others, too.
        if meant.iter().any(|it| settings.rule(it).is_protected()) {
            continue;
        }
        let message = match pool.find(wanted) {
            Some(_) => format!("context {} is not protected", name(wanted)),
            None => format!("no context that matches {} is protected", name(wanted)),
        };
        return Err(Error::new(Cause::NotFound, message).hint(hint));
    }
    contexts.retain(|context| settings.rule(context).is_protected());
    Ok(contexts)
}

/// Does something to each context until it fails, and says for which it is done.
fn each(
    contexts: &[String],
    act: impl Fn(&str) -> std::io::Result<()>,
    done: impl Fn(&str) -> String,
    world: &mut World<'_>,
) -> Result<(), Error> {
    let failed = contexts.iter().enumerate().find_map(|(at, context)| Some((at, act(context).err()?)));
    let count = failed.as_ref().map_or(contexts.len(), |(at, _)| *at);
    for context in &contexts[..count] {
        let left = suspension::left(context, world.env).map(|left| left.as_secs());
        world.note_in("lifts", || json!({"context": context, "liftedForSeconds": left}));
    }
    if count > 0 {
        world.done(&done(&listed(contexts[..count].iter().map(String::as_str))));
    }
    failed.map_or(Ok(()), |(_, error)| Err(not_recorded(&error)))
}

/// The number of contexts that a message names.
const NAMED: usize = 5;

/// Contexts for a message: the first ones, and how many more there are.
fn listed<'c>(contexts: impl ExactSizeIterator<Item = &'c str>) -> String {
    let more = match contexts.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    contexts.take(NAMED).map(name).collect::<Vec<_>>().join(", ") + &more
}

fn not_recorded(error: &std::io::Error) -> Error {
    let why = super::messages::io_error(error);
    Error::new(Cause::Failed, format!("this cannot be saved: {why}"))
        .hint("kcx saves it in the folder of XDG_STATE_HOME, or of HOME")
}

struct Row {
    context: String,
    label: Option<String>,
    color: String,
    confirm: Confirm,
    lifted: Option<Duration>,
}

fn list(rows: &[Row], no_rules: bool, world: &mut World<'_>) -> Result<(), Error> {
    let values = || {
        let value = |row: &Row| {
            json!({
                "context": row.context,
                "label": row.label,
                "confirm": row.confirm.word(),
                "liftedForSeconds": row.lifted.map(|left| left.as_secs()),
            })
        };
        Value::Array(rows.iter().map(value).collect())
    };
    match world.globals.output {
        Some(output @ (Output::Json | Output::Yaml)) => return Ok(world.print_value(output, &values())?),
        Some(Output::Name) => return Ok(world.print_names(rows.iter().map(|row| row.context.as_str()))?),
        _ => {}
    }
    if rows.is_empty() {
        let why = if no_rules { ": no rule in the settings has `confirm`" } else { "" };
        world.done(&format!("no context is protected{why}"));
        return Ok(());
    }
    let colors = world.colors_stdout();
    let cells: Vec<Vec<Cell>> = rows
        .iter()
        .map(|row| {
            let lifted = row.lifted.map_or(String::new(), |left| format!("for {}", said(left)));
            let color = if colors { row.color.as_str() } else { "" };
            let own = |text: &str| Cell { color: color.to_owned(), ..text.into() };
            let label = row.label.as_deref().unwrap_or_default();
            vec![own(&row.context), own(label), row.confirm.word().into(), lifted.into()]
        })
        .collect();
    let columns = [
        Column::Shortened("NAME"),
        Column::Whole("LABEL"),
        Column::Whole("CONFIRM"),
        Column::Whole("LIFTED"),
    ];
    Ok(world.print(&fitted(&columns, &cells, world.env.columns))?)
}

/// For how long the protection of a context is still lifted; `None` if it is not.
pub(super) fn lifted(context: &str, world: &World<'_>) -> Option<Duration> {
    suspension::left(context, world.env)
}

/// The folder whose time changes when protection is lifted or restored, if a rule protects anything.
pub(super) fn lifts(world: &World<'_>) -> Option<PathBuf> {
    world.settings_or_default().protects().then(|| suspension::folder(world.env)).flatten()
}

/// A time as text.
fn said(time: Duration) -> String {
    duration::short(time)
}
