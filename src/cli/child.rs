//! Another program, run for the user and waited for.

use crate::file::interrupt;
use std::io;
use std::process::{Command, ExitStatus};

/// Runs it to its end. Ctrl-C is meant for it, not for the one who waits; the exit code of a program that a signal ended
/// is 128 and the signal's number.
///
/// # Errors
/// It cannot be started.
pub(super) fn run(command: &mut Command) -> io::Result<i32> {
    let guard = interrupt::Guard::new();
    let status = command.status();
    interrupt::forget();
    drop(guard);
    status.map(exit_code)
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
