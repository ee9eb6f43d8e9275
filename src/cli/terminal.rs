//! Questions on the terminal: a confirmation, a line of text, a secret. Choices from lists are in `pick`.

use super::World;
use super::error::{Cause, Error};
use super::messages;
use crate::env::Env;
use crate::picker;
use crate::secret::Secret;

/// True if the user can be asked on a terminal.
pub(super) fn can_ask(world: &World<'_>) -> bool {
    world.env.stdin_is_terminal && world.env.stderr_is_terminal
}

/// Runs this so that it can ask on the terminal of this process, whatever stdin is.
pub(super) fn on_terminal<T>(world: &mut World<'_>, ask: impl FnOnce(&mut World<'_>) -> T) -> T {
    let env = Env { stdin_is_terminal: world.env.stdin_is_terminal || has_terminal(), ..world.env.clone() };
    let globals = world.globals.clone();
    let mut asking = World::new(&env, &mut *world.out, &mut *world.err, world.command.clone());
    asking.globals = globals;
    ask(&mut asking)
}

/// True if this process has a terminal to ask on. What was typed there before is no answer.
#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "a terminal is no file that is read")]
fn has_terminal() -> bool {
    use rustix::termios::{QueueSelector, tcflush};
    std::fs::File::open("/dev/tty").is_ok_and(|terminal| tcflush(terminal, QueueSelector::IFlush).is_ok())
}

#[cfg(not(unix))]
fn has_terminal() -> bool {
    false
}

/// The answer to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Yes.
    Yes,
    /// No, or something else than what had to be typed.
    No,
    /// Ctrl-C or Esc.
    Cancelled,
}

impl Answer {
    /// Succeeds with a yes; otherwise says what was not done.
    ///
    /// # Errors
    /// Silent, with exit code 1 after a no, and 130 after Ctrl-C or Esc.
    pub(super) fn demand(self, undone: &str, world: &mut World<'_>) -> Result<(), Error> {
        let code = match self {
            Answer::Yes => return Ok(()),
            Answer::No => 1,
            Answer::Cancelled => 130,
        };
        world.done(undone);
        Err(Error::silent(code))
    }
}

/// Asks for a confirmation; the default is no. Input that was typed before the question is discarded.
///
/// # Errors
/// The terminal cannot be used.
pub(super) fn ask(question: &str) -> Result<Answer, Error> {
    picker::forget_typed();
    let term = dialoguer::console::Term::stderr();
    let asked = dialoguer::Confirm::new().with_prompt(question).default(false).interact_on_opt(&term);
    match asked {
        Ok(Some(true)) => Ok(Answer::Yes),
        Ok(Some(false)) => Ok(Answer::No),
        Ok(None) => Ok(Answer::Cancelled),
        Err(dialoguer::Error::IO(error)) if error.kind() == std::io::ErrorKind::Interrupted => {
            Ok(Answer::Cancelled)
        }
        Err(dialoguer::Error::IO(error)) => Err(no_terminal(&error)),
    }
}

/// Like [`ask`]: true if the answer is yes.
///
/// # Errors
/// The terminal cannot be used.
pub(super) fn confirm(question: &str) -> Result<bool, Error> {
    Ok(ask(question)? == Answer::Yes)
}

/// Asks for exactly this text.
///
/// # Errors
/// The terminal cannot be used.
pub(super) fn typed(question: &str, wanted: &str) -> Result<Answer, Error> {
    picker::forget_typed();
    let term = dialoguer::console::Term::stderr();
    let asked =
        dialoguer::Input::<String>::new().with_prompt(question).allow_empty(true).interact_text_on(&term);
    match asked {
        Ok(answer) if answer == wanted => Ok(Answer::Yes),
        Ok(_) => Ok(Answer::No),
        Err(dialoguer::Error::IO(error)) if error.kind() == std::io::ErrorKind::Interrupted => {
            Ok(Answer::Cancelled)
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
