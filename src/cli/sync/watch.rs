//! `kcx sync --watch`: a sync again and again.

use crate::cli::World;
use crate::cli::error::Error;
use crate::file::interrupt;
use std::time::Duration;

/// How often a termination signal is looked for.
const TICK: Duration = Duration::from_millis(100);

/// Runs `sync` every so many seconds, until a termination signal. A failed sync is reported, and the next one is tried.
///
/// # Errors
/// The exit code of the signal.
pub(super) fn run(
    seconds: u64,
    world: &mut World<'_>,
    mut sync: impl FnMut(&mut World<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let _guard = interrupt::Guard::new();
    loop {
        if let Err(error) = sync(world) {
            world.fail(&error);
        }
        // The files may have been changed since.
        world.forget_session();
        let mut left = Duration::from_secs(seconds);
        while !left.is_zero() && interrupt::pending().is_none() {
            std::thread::sleep(TICK.min(left));
            left = left.saturating_sub(TICK);
        }
        if let Some(signal) = interrupt::pending() {
            return Err(Error::silent(128 + signal));
        }
    }
}
