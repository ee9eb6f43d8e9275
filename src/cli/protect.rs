//! `kcx protect`, and the confirmation for protected contexts.

mod suspension;

use super::error::{Cause, Error, name};
use super::globals::Output;
use super::{World, select, terminal};
use crate::codec::duration;
use crate::kubeconfig::Kind;
use crate::printer::table;
use crate::settings::Confirm;
use serde_json::{Value, json};
use std::time::Duration;

/// List protected contexts, or lift their protection for a while
///
/// With rules in the settings (`protect: [{match: '*prod*', confirm: type-name, label: PROD}]`), kcx asks before it
/// switches to a context, runs something in it, renames or deletes it; without a terminal, `--yes-i-mean CONTEXT` is
/// required. This applies to kcx's own commands (use, shell, exec, rename, delete, prune), not to kubectl, `kcx config`
/// or other programs.
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
        /// The contexts, by name or pattern
        #[arg(value_name = "NAME", required = true)]
        names: Vec<String>,
    },
    /// Ask about them again
    Restore {
        /// The contexts, by name or pattern [default: all]
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
}

/// The longest time that protection can be lifted for.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// Lists, lifts or restores.
///
/// # Errors
/// Exit code 3 for a context that does not exist or is not protected.
pub(super) fn run(args: &ProtectArgs, world: &mut World<'_>) -> Result<(), Error> {
    let settings = world.settings()?;
    let merged = world.load_own()?.merged;
    let all = || merged.names(Kind::Context).into_iter().filter(|name| settings.protection(name).is_some());
    match &args.what {
        None => {
            let rows: Vec<Row> = all()
                .filter_map(|context| {
                    let rule = settings.protection(context)?;
                    let lifted = suspension::left(context, world.env);
                    let label = rule.label.clone().unwrap_or_default();
                    Some(Row { context: context.to_owned(), label, confirm: rule.confirm, lifted })
                })
                .collect();
            list(&rows, settings.protect.is_empty(), world)
        }
        Some(What::Lift { time, names }) => {
            world.refuse_output("protect lift")?;
            if time.is_zero() || *time > LONGEST {
                return Err(Error::new(Cause::Usage, "protection can be lifted for 24 hours at most")
                    .hint("`kcx protect lift 10m NAME` lifts it for ten minutes"));
            }
            let contexts = select::contexts(names, &merged)?;
            if let Some(free) = contexts.iter().find(|context| settings.protection(context).is_none()) {
                let message = format!("context {} is not protected", name(free));
                return Err(Error::new(Cause::NotFound, message).hint("`kcx protect` lists those that are"));
            }
            for context in contexts {
                suspension::suspend(&context, *time, world.env).map_err(|error| not_recorded(&error))?;
                let time = said(*time);
                world.done(&format!("kcx does not ask about {} for {time}", name(&context)));
            }
            Ok(())
        }
        Some(What::Restore { names }) => {
            world.refuse_output("protect restore")?;
            let contexts = match names.as_slice() {
                [] => all().map(str::to_owned).collect(),
                names => select::contexts(names, &merged)?,
            };
            for context in contexts {
                if suspension::left(&context, world.env).is_some() {
                    suspension::restore(&context, world.env).map_err(|error| not_recorded(&error))?;
                    world.done(&format!("kcx asks about {} again", name(&context)));
                }
            }
            Ok(())
        }
    }
}

fn not_recorded(error: &std::io::Error) -> Error {
    let why = super::messages::io_error(error);
    Error::new(Cause::Failed, format!("this cannot be saved: {why}"))
        .hint("kcx saves it in the folder of XDG_STATE_HOME, or of HOME")
}

struct Row {
    context: String,
    label: String,
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
        let why = if no_rules { ": the settings have no rule under `protect`" } else { "" };
        world.done(&format!("no context is protected{why}"));
        return Ok(());
    }
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let lifted = row.lifted.map_or(String::new(), |left| format!("for {}", said(left)));
            vec![row.context.clone(), row.label.clone(), row.confirm.word().to_owned(), lifted]
        })
        .collect();
    let text = table::screen(Some(&["NAME", "LABEL", "CONFIRM", "LIFTED"]), &cells, world.env.columns);
    Ok(world.print(&text)?)
}

/// A time as text.
fn said(time: Duration) -> String {
    duration::short(time)
}

/// An action on a context that needs a confirmation.
#[derive(Clone, Copy, Debug)]
pub(super) struct GuardedAction {
    /// The action, such as `switch to`.
    pub(super) verb: &'static str,
    /// The message if it is declined, such as `nothing was switched`.
    pub(super) undone: &'static str,
}

/// Asks for a confirmation if contexts are protected.
///
/// # Errors
/// Exit code 2 without a terminal if `--yes-i-mean` does not name the contexts, 1 if the user declines.
pub(super) fn guard(contexts: &[String], action: GuardedAction, world: &mut World<'_>) -> Result<(), Error> {
    let settings = world.settings()?;
    if settings.protect.is_empty() {
        return Ok(());
    }
    let meant = &world.globals.yes_i_mean;
    let asked: Vec<(&String, Confirm)> = contexts
        .iter()
        .filter_map(|context| Some((context, settings.protection(context)?.confirm)))
        .filter(|(context, _)| !meant.contains(context) && suspension::left(context, world.env).is_none())
        .collect();
    let Some(&(first, _)) = asked.first() else { return Ok(()) };
    let named: Vec<String> = asked.iter().map(|(context, _)| name(context)).collect();
    let are = if named.len() == 1 { "is" } else { "are" };
    let named = named.join(", ");
    if !terminal::can_ask(world) {
        let flags: Vec<String> = asked
            .iter()
            .map(|(context, _)| format!("--yes-i-mean {}", super::messages::shell_word(context)))
            .collect();
        let context = super::messages::shell_word(first);
        return Err(Error::new(Cause::Usage, format!("{named} {are} protected; {}", action.undone))
            .hint(format!("`{}` does it anyway", flags.join(" ")))
            .hint(format!("`kcx protect lift 10m {context}` lifts it for ten minutes")));
    }
    world.tell(&format!("{named} {are} protected\n"));
    let must_type = asked.iter().any(|(_, confirm)| *confirm == Confirm::TypeName);
    let answer = match asked.as_slice() {
        [(context, _)] if must_type => {
            terminal::typed(&format!("Type its name to {} it", action.verb), context)?
        }
        several if must_type => {
            let wanted = several.len().to_string();
            terminal::typed(&format!("Type {wanted} to {} these {wanted}", action.verb), &wanted)?
        }
        [_] => terminal::ask(&format!("Really {} it?", action.verb))?,
        several => terminal::ask(&format!("Really {} these {}?", action.verb, several.len()))?,
    };
    answer.demand(action.undone, world)
}
