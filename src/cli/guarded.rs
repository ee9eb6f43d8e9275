//! `kcx __guard PROGRAM ARGS…`: runs kubectl or helm for the shell hook, after a question if it would write in a protected
//! context. The program takes the place of kcx: its streams, its terminal and its exit code are its own.

use super::error::{Cause, Error};
use super::messages::shell_word;
use super::protect::{self, GuardedAction};
use super::{World, child, terminal};
use crate::env::own_words;
use std::ffi::OsString;
use std::process::Command;

/// Runs it.
///
/// # Errors
/// The command is refused, or was not confirmed; it cannot be started.
pub(super) fn run(words: &[String], world: &mut World<'_>) -> Result<(), Error> {
    let Some(program) = words.first() else {
        return Err(Error::new(Cause::Usage, "`kcx __guard` is for the shell hook"));
    };
    admit(words, world)?;
    world.out.flush()?;
    start(program, words)
}

/// Asks, if the command would write in a protected context.
fn admit(words: &[String], world: &mut World<'_>) -> Result<(), Error> {
    let is_locked = world.env.locked.is_some() || world.env.read_only;
    let settings = world.settings()?;
    if !is_locked && !settings.protects() && !settings.refuses() {
        return Ok(());
    }
    let meant = world.env.yes_i_mean.as_ref().map(|context| context.to_string_lossy().into_owned());
    world.globals.yes_i_mean.extend(meant);
    let judgement = protect::judge(words, world)?;
    if let Some(why) = judgement.refused {
        return Err(Error::new(Cause::Usage, format!("{why}; nothing was run")));
    }
    if judgement.to_confirm.is_empty() {
        return Ok(());
    }
    // stdin may be what the command reads.
    let asked = terminal::on_terminal(world, |asking| {
        asking.tell(&format!("{}\n", judgement.why));
        let action = GuardedAction { verb: "run this in", undone: "nothing was run", typed: &[] };
        protect::guard(&judgement.to_confirm, action, asking)
    });
    asked.map_err(|mut error| {
        // The flag is that of kcx's own commands.
        if let Some(hint) = error.hints.first_mut().filter(|hint| hint.contains("--yes-i-mean")) {
            *hint = match judgement.to_confirm.as_slice() {
                [one] => format!(
                    "`KCX_YES_I_MEAN={} {} …` confirms it here",
                    shell_word(one),
                    shell_word(&words[0])
                ),
                _ => "`KCX_YES_I_MEAN=NAME` before the command confirms one of them here".to_owned(),
            };
        }
        error
    })
}

#[expect(clippy::disallowed_methods, reason = "the command is the user's own")]
fn start(program: &str, words: &[String]) -> Result<(), Error> {
    // As they were typed, even if they are no valid Unicode: behind `__guard` and the name of the program.
    let typed: Vec<OsString> = own_words().into_iter().skip(2).collect();
    let mut command = Command::new(program);
    command.args(typed).env_remove("KCX_YES_I_MEAN");
    #[cfg(unix)]
    {
        let error = std::os::unix::process::CommandExt::exec(&mut command);
        Err(child::not_started(words, &error))
    }
    #[cfg(not(unix))]
    match child::run(&mut command) {
        Ok(0) => Ok(()),
        Ok(code) => Err(Error::silent(code)),
        Err(error) => Err(child::not_started(words, &error)),
    }
}
