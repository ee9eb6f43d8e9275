//! What `-o` asks of a command: the format is checked before it runs, and the result of a change is printed after.

use super::World;
use super::args::Command;
use super::current;
use super::error::Error;
use super::formats::{self, Support};
use super::globals::Output;
use super::scope::ScopeFlags;
use crate::kubeconfig::schema::key;

/// Refuses an output format that the command does not have, and prepares its result if that is what it has.
///
/// # Errors
/// Exit code 2.
pub(super) fn check(command: Option<&Command>, world: &mut World<'_>) -> Result<(), Error> {
    let Some(output) = world.globals.output else { return Ok(()) };
    let words = command.map(Command::words).unwrap_or_default();
    // kubectl's rules apply to `config`, and a prompt never fails.
    if !matches!(words.as_str(), "config" | "prompt") {
        formats::demand(&words, output)?;
    }
    if formats::of(&words) == Support::Result {
        world.begin_result(command.is_some_and(Command::is_dry_run));
    }
    Ok(())
}

/// The current context is a part of the result of a switch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Switched {
    scope: ScopeFlags,
    /// The field with the name that was switched to.
    field: &'static str,
}

impl Switched {
    /// What a command switches; `None` if it switches nothing.
    pub(super) fn by(command: Option<&Command>) -> Option<Switched> {
        match command? {
            Command::Use(args) => Some(Switched { scope: args.scope, field: "context" }),
            Command::Ns(args) => Some(Switched { scope: args.scope, field: key::NAMESPACE }),
            _ => None,
        }
    }
}

/// Prints the result of a command, if it has one. After a failure it is printed if something was changed before.
///
/// # Errors
/// stdout is closed, or the current context cannot be read any more.
pub(super) fn print_result(
    switched: Option<Switched>,
    succeeded: bool,
    world: &mut World<'_>,
) -> Result<(), Error> {
    let (Some(result), Some(output)) = (world.take_result(), world.globals.output) else { return Ok(()) };
    if !succeeded && result.is_empty() {
        return Ok(());
    }
    let switched = switched.filter(|_| succeeded);
    let current = switched.map(|switched| current::of(switched.scope, world)).transpose()?;
    if output != Output::Name {
        let warnings = world.take_warnings();
        let value = result.value(&world.command, current, warnings);
        return Ok(world.print_value(output, &value)?);
    }
    let names = match (switched, &current) {
        (Some(switched), Some(current)) => {
            current[switched.field].as_str().map(str::to_owned).into_iter().collect()
        }
        _ => result.names(),
    };
    Ok(world.print_names(names.iter().map(String::as_str))?)
}
