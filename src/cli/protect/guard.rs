//! The confirmation for protected contexts.

use super::{NAMED, listed, suspension};
use crate::cli::error::{Cause, Error, name};
use crate::cli::messages::shell_word;
use crate::cli::operand::is_pattern;
use crate::cli::{World, terminal};
use crate::glob::Glob;
use crate::settings::Confirm;

/// An action on a context that needs a confirmation.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct GuardedAction<'t> {
    /// The action, such as `switch to`.
    pub(in crate::cli) verb: &'static str,
    /// The message if it is declined, such as `nothing was switched`.
    pub(in crate::cli) undone: &'static str,
    /// The names and patterns that were typed, if there may be several.
    pub(in crate::cli) typed: &'t [String],
}

/// Asks for a confirmation if contexts are protected.
///
/// # Errors
/// Exit code 2 without a terminal if `--yes-i-mean` does not name the contexts, 1 if the user declines.
pub(in crate::cli) fn guard(
    contexts: &[String],
    action: GuardedAction<'_>,
    world: &mut World<'_>,
) -> Result<(), Error> {
    let settings = world.settings()?;
    let meant = &world.globals.yes_i_mean;
    let asked: Vec<(&str, Confirm)> = contexts
        .iter()
        .filter_map(|context| Some((context.as_str(), settings.rule(context).confirm?)))
        .filter(|(context, _)| {
            !meant.iter().any(|meant| meant == context) && suspension::left(context, world.env).is_none()
        })
        .collect();
    if asked.is_empty() {
        return Ok(());
    }
    let is_meant = |meant: &&String| {
        let glob = Glob::new(meant);
        is_pattern(meant) && !contexts.contains(meant) && asked.iter().any(|(it, _)| glob.matches(it))
    };
    if let Some(pattern) = meant.iter().find(is_meant) {
        let message =
            format!("`--yes-i-mean` takes the name of a context, and {} is a pattern", name(pattern));
        return Err(Error::new(Cause::Usage, format!("{message}; {}", action.undone))
            .hint(lift(&shell_word(pattern), "those contexts")));
    }
    let are = if asked.len() == 1 { "is" } else { "are" };
    let protected = format!("{} {are} protected", listed(asked.iter().map(|(context, _)| *context)));
    if !terminal::can_ask(world) {
        let error = Error::new(Cause::Usage, format!("{protected}; {}", action.undone));
        return Err(hints(&asked, action.typed).into_iter().fold(error, Error::hint));
    }
    world.tell(&format!("{protected}\n"));
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

/// True if [`guard`] would ask about this context.
///
/// # Errors
/// The settings cannot be read, so that it may be protected.
pub(in crate::cli) fn is_guarded(context: &str, world: &World<'_>) -> Result<bool, Error> {
    let is_protected = world.settings()?.rule(context).confirm.is_some();
    Ok(is_protected && suspension::left(context, world.env).is_none())
}

/// How to confirm without a terminal. Many contexts are confirmed by the patterns that were typed.
fn hints(asked: &[(&str, Confirm)], typed: &[String]) -> [String; 2] {
    let them = if asked.len() == 1 { "it" } else { "them" };
    let flags = match asked.len() {
        0..=NAMED => {
            let flag = |(context, _): &(&str, Confirm)| format!("--yes-i-mean {}", shell_word(context));
            let flags: Vec<String> = asked.iter().map(flag).collect();
            format!("`{}` confirms {them} here", flags.join(" "))
        }
        _ => "`--yes-i-mean NAME` confirms one of them here; repeat it for each".to_owned(),
    };
    // `kcx protect lift` refuses words that mean no protected context.
    let means_some = |word: &&String| {
        let glob = Glob::new(word);
        asked.iter().any(|(context, _)| context == word || is_pattern(word) && glob.matches(context))
    };
    let typed: Vec<&str> = typed.iter().filter(means_some).map(String::as_str).collect();
    let names: Vec<&str> = asked.iter().map(|(context, _)| *context).collect();
    let words = match (names.len(), typed.len()) {
        (2.., 1..=NAMED) => typed,
        (0..=NAMED, _) => names,
        _ => return [flags, lift("NAME…", them)],
    };
    let words: Vec<String> = words.into_iter().map(shell_word).collect();
    [flags, lift(&words.join(" "), them)]
}

fn lift(words: &str, them: &str) -> String {
    format!("`kcx protect lift 10m {words}` stops kcx asking about {them} for 10 minutes")
}
