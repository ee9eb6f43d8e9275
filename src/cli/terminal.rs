//! Questions on the terminal: a confirmation, a line of text, a secret. Choices from lists are in `pick`.

use super::World;
use super::error::{Cause, Error};
use super::messages;
use crate::picker;
use crate::secret::Secret;

/// True if the user can be asked on a terminal.
pub(super) fn can_ask(world: &World<'_>) -> bool {
    world.env.stdin_is_terminal && world.env.stderr_is_terminal
}

/// Asks for a confirmation; the default is no. Input that was typed before the question is discarded.
///
/// # Errors
/// The terminal cannot be used.
pub(super) fn confirm(question: &str) -> Result<bool, Error> {
    picker::forget_typed();
    let term = dialoguer::console::Term::stderr();
    let asked = dialoguer::Confirm::new().with_prompt(question).default(false).interact_on_opt(&term);
    match asked {
        Ok(answer) => Ok(answer.unwrap_or(false)),
        Err(dialoguer::Error::IO(error)) if error.kind() == std::io::ErrorKind::Interrupted => Ok(false),
        Err(dialoguer::Error::IO(error)) => Err(no_terminal(&error)),
    }
}

/// Asks for a line of text, which may be empty.
///
/// # Errors
/// The terminal cannot be used.
pub(super) fn typed(question: &str) -> Result<String, Error> {
    picker::forget_typed();
    let term = dialoguer::console::Term::stderr();
    let asked =
        dialoguer::Input::<String>::new().with_prompt(question).allow_empty(true).interact_text_on(&term);
    match asked {
        Ok(answer) => Ok(answer),
        Err(dialoguer::Error::IO(error)) if error.kind() == std::io::ErrorKind::Interrupted => {
            Ok(String::new())
        }
        Err(dialoguer::Error::IO(error)) => Err(no_terminal(&error)),
    }
}

/// Asks for a secret without echo; with `again`, twice until both are equal.
///
/// # Errors
/// Exit code 130 if nothing was typed; the terminal cannot be used.
pub(super) fn password(prompt: &str, again: Option<&str>, world: &mut World<'_>) -> Result<Secret, Error> {
    let ask = |prompt: &str| match picker::secret(prompt) {
        Ok(Some(typed)) if !typed.is_empty() => Ok(typed),
        Ok(_) => Err(cancelled()),
        Err(error) => Err(no_terminal(&error)),
    };
    loop {
        let typed = ask(prompt)?;
        if again.map(ask).transpose()?.is_none_or(|again| again == typed) {
            return Ok(typed);
        }
        world.warn("the two inputs differ");
    }
}

/// The error for a terminal that cannot be used.
pub(super) fn no_terminal(error: &std::io::Error) -> Error {
    Error::new(Cause::Failed, format!("the terminal cannot be used: {}", messages::io_error(error)))
        .hint("give a name; `kcx get` lists all")
}

/// The error after the user has cancelled; it prints no message.
pub(super) fn cancelled() -> Error {
    Error::silent(130)
}
