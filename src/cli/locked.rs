//! Shells that are locked to one context: `kcx shell --locked`.

use super::World;
use super::error::{Cause, Error, name};

/// Fails in such a shell; `undone` says what was not done. A program that removes the mark is not held up: the lock prevents
/// accidents.
///
/// # Errors
/// This shell is locked.
pub(super) fn refuse(undone: &str, world: &World<'_>) -> Result<(), Error> {
    let Some(context) = &world.env.locked else { return Ok(()) };
    let context = name(&context.to_string_lossy());
    Err(Error::new(Cause::Failed, format!("this shell is locked to context {context}; {undone}"))
        .hint("`exit` leaves it"))
}
