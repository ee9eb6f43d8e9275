//! Shells that are locked to one context: `kcx shell --locked` and `--read-only`, and runs of `kcx exec` with these flags.
//!
//! kcx refuses there what would lead to another cluster, and what would change the user's own files, which all other shells
//! use. A program that removes the marks is not held up: the lock prevents accidents.

use super::World;
use super::error::{Cause, Error, name};
use crate::env::Env;
use std::ffi::OsStr;

/// Fails in such a shell; `undone` says what was not done.
///
/// # Errors
/// This shell is locked.
pub(super) fn refuse(undone: &str, world: &World<'_>) -> Result<(), Error> {
    let Some(context) = &world.env.locked else { return Ok(()) };
    Err(Error::new(Cause::Failed, format!("this shell is locked to context {}; {undone}", shown(context)))
        .hint("`exit` leaves it"))
}

/// An error about something that does not exist, with the reason why it cannot be seen here.
pub(super) fn explained(error: Error, world: &World<'_>) -> Error {
    match &world.env.locked {
        Some(context) if error.cause == Cause::NotFound => {
            error.hint(format!("this shell is locked to context {}, and sees no other", shown(context)))
        }
        _ => error,
    }
}

fn shown(context: &OsStr) -> String {
    name(&context.to_string_lossy())
}

/// Runs this on the kubeconfig of the locked shell, and says so, if something else has set another one, such as a start-up
/// file. In every other shell, and where nothing has, it just runs it.
pub(super) fn in_its_file<T>(world: &mut World<'_>, run: impl FnOnce(&mut World<'_>) -> T) -> T {
    let own = world.own_store().precedence().paths.clone();
    let file = world.env.locked.as_ref().and(world.env.locked_file.clone());
    let Some(file) = file.filter(|file| own != [file.as_path()]) else { return run(world) };
    let context = world.env.locked.as_deref().map(shown).unwrap_or_default();
    world.warn(&format!(
        "KUBECONFIG was set in a shell that is locked to context {context}, and is back on the file of this shell"
    ));
    let env = Env { kubeconfig: Some(file.into()), session: None, ..world.env.clone() };
    let globals = world.globals.clone();
    let mut held = World::new(&env, &mut *world.out, &mut *world.err, world.command.clone());
    held.globals = globals;
    run(&mut held)
}
