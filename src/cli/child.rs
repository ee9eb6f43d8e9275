//! Another program, run for the user and waited for.

use super::error::{Cause, Error};
use super::{World, overlay_migration, words};
use crate::file::interrupt;
use crate::session::{Selection, Session};
use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};

/// A session above these files, for something that kcx runs; `what` is the context of, in words.
///
/// # Errors
/// No folder can hold it.
pub(super) fn begin(
    selection: &Selection,
    files: &[PathBuf],
    what: &str,
    world: &World<'_>,
) -> Result<Session, Error> {
    Session::create(world.env, std::process::id(), files, Some(selection)).map_err(|error| {
        let why = words::io_error(&error);
        Error::new(Cause::Failed, format!("no folder can hold {what}: {why}"))
            .hint("XDG_RUNTIME_DIR or HOME must name a folder of yours that can be written")
    })
}

/// What ran in it is over: what it left for good is moved to the user's own files, and the session goes.
pub(super) fn end(session: &Session, world: &mut World<'_>) {
    overlay_migration::migrate_at_end(session, true, world);
    // What cannot be removed is swept by the next shell.
    let _ = session.remove();
}

/// Waits for another program: Ctrl-C is meant for that one, not for the one who waits.
pub(super) fn wait<T>(wait: impl FnOnce() -> T) -> T {
    let guard = interrupt::Guard::new();
    let ended = wait();
    interrupt::clear_pending();
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

/// The exit code; that of a program that a signal ended is 128 and the signal's number.
#[cfg(unix)]
pub(super) fn exit_code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().or(status.signal().map(|signal| 128 + signal)).unwrap_or(1)
}

/// The exit code.
#[cfg(not(unix))]
pub(super) fn exit_code(status: ExitStatus) -> i32 {
    status.code().unwrap_or(1)
}

/// Makes it the first of a process group: what it starts in turn can then be reached along with it.
pub(super) fn lead(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}

/// Sends a signal to a program that has not been waited for; with it, to its process group. Where there are no
/// signals, it is ended. That it has ended already is no failure.
pub(super) fn signal(child: &mut Child, group: bool, signal: i32) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process, kill_process_group};
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        if let (Some(pid), Some(signal)) = (pid, Signal::from_named_raw(signal)) {
            let _ = if group { kill_process_group(pid, signal) } else { kill_process(pid, signal) };
        }
    }
    #[cfg(not(unix))]
    {
        let _ = (group, signal);
        let _ = child.kill();
    }
}
