//! Another program, run for the user and waited for.

use super::error::{Cause, Error};
use super::{World, foreign, words};
use crate::file::interrupt;
use crate::session::{Pin, Session};
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};

/// Runs something in a session of its own above these files, and ends the session with it; `what` is the context of, in
/// words.
///
/// # Errors
/// No folder can hold the session, or what `run` says.
pub(super) fn in_session(
    pin: &Pin,
    files: &[PathBuf],
    what: &str,
    world: &mut World<'_>,
    run: impl FnOnce(&Session, &mut World<'_>) -> Result<i32, Error>,
) -> Result<i32, Error> {
    let session = Session::create(world.env, std::process::id(), files, Some(pin)).map_err(|error| {
        let why = words::io_error(&error);
        Error::new(Cause::Failed, format!("no folder can hold {what}: {why}"))
            .hint("XDG_RUNTIME_DIR or HOME must name a folder of yours that can be written")
    })?;
    let ended = run(&session, world);
    foreign::move_home(&session, world);
    // What cannot be removed is swept by the next shell.
    let _ = session.remove();
    ended
}

/// Waits for another program: Ctrl-C is meant for that one, not for the one who waits.
pub(super) fn wait<T>(wait: impl FnOnce() -> T) -> T {
    let guard = interrupt::Guard::new();
    let ended = wait();
    interrupt::forget();
    drop(guard);
    ended
}

/// Runs it to its end; the exit code of a program that a signal ended is 128 and the signal's number.
///
/// # Errors
/// It cannot be started.
pub(super) fn run(command: &mut Command) -> io::Result<i32> {
    wait(|| command.status()).map(exit_code)
}

#[cfg(unix)]
fn exit_code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().or(status.signal().map(|signal| 128 + signal)).unwrap_or(1)
}

#[cfg(not(unix))]
fn exit_code(status: ExitStatus) -> i32 {
    status.code().unwrap_or(1)
}
