//! Runs another program for the user and waits for it.

use super::error::{Cause, Error, name};
use super::{World, messages, overlay_migration, single_file};
use crate::file::{self, EnvironmentSearch, interrupt};
use crate::kubeconfig::Body;
use crate::session::{Selection, Session, StoredSelection};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};

/// Creates a session over these files for a program that kcx runs. `own` is the context in the user's own files, `what`
/// describes the session in messages.
///
/// # Errors
/// No folder for the session is usable.
pub(super) fn begin(
    selection: &Selection,
    own: Option<&Body>,
    files: &[PathBuf],
    what: &str,
    world: &World<'_>,
) -> Result<Session, Error> {
    let selection = StoredSelection::of(selection, own);
    Session::create(world.env, std::process::id(), files, Some(&selection)).map_err(|error| {
        let why = messages::io_error(&error);
        Error::new(Cause::Failed, format!("no folder for {what}: {why}"))
            .hint("XDG_RUNTIME_DIR or HOME must name a folder that you own and can write to")
    })
}

/// Ends a session after its program: moves entries out of the overlay to the user's own files, and removes the session
/// unless a program still uses it. `processes` are those that may.
pub(super) fn end(session: &Session, processes: Processes<'_>, world: &mut World<'_>) {
    let is_moved = overlay_migration::migrate_at_end(session, true, world);
    let folder = session.folder().to_string_lossy();
    let texts = [folder.as_bytes()];
    let search = match processes {
        Processes::All => EnvironmentSearch::of_all(&texts),
        Processes::ChildrenBut(others) => search_children(others, &texts),
    };
    // A sweep removes what stays.
    if is_moved && search.is_some_and(|search| search.has(0) == Some(false)) {
        let _ = session.remove();
    } else {
        single_file::forget_credentials(session);
        let _ = session.record_end(&[]);
    }
}

/// How often processes without an environment are searched again.
const ATTEMPTS: usize = 200;

/// Searches the children of kcx but these. One that ends meanwhile, such as `setsid`, leaves its own children to kcx: they are
/// searched, too.
fn search_children(others: &[u32], texts: &[&[u8]]) -> Option<EnvironmentSearch> {
    let list = || -> Option<Vec<u32>> {
        let children = file::children(std::process::id())?.into_iter().map(|child| child.pid);
        Some(children.filter(|pid| !others.contains(pid)).collect())
    };
    let mut children = list()?;
    let mut attempts = 0;
    loop {
        let search = EnvironmentSearch::of(children.iter().copied(), texts);
        let now = list()?;
        attempts += 1;
        // A process shows no environment for a moment while it starts another program.
        let is_sure = now == children && (!search.has_empty() || attempts > ATTEMPTS);
        if search.has(0) != Some(false) || is_sure {
            return Some(search);
        }
        children = now;
        std::thread::yield_now();
    }
}

/// The processes that may use a session when its program has ended.
#[derive(Clone, Copy)]
pub(super) enum Processes<'p> {
    /// All of the user.
    All,
    /// The children of kcx but these: all that the program has left behind, after [`adopt`].
    ChildrenBut(&'p [u32]),
}

/// Makes kcx the parent of all processes whose own parent ends, so that they can be found. Elsewhere than on Linux their
/// sessions are kept for some days.
pub(super) fn adopt() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Waits for another program. Ctrl-C is for that program; kcx ignores it.
pub(super) fn wait<T>(wait: impl FnOnce() -> T) -> T {
    let guard = interrupt::Guard::new();
    let ended = wait();
    interrupt::clear_pending();
    drop(guard);
    ended
}

/// Runs a program to its end and returns its exit code; after a signal it is 128 plus the signal's number.
///
/// # Errors
/// It cannot be started.
pub(super) fn run(command: &mut Command) -> io::Result<i32> {
    wait(|| command.status()).map(exit_code)
}

/// The error for a command that cannot be started, with the exit code of a shell.
pub(super) fn not_started(command: &[String], error: &io::Error) -> Error {
    let program = command.first().map_or("", String::as_str);
    let is_missing = error.kind() == io::ErrorKind::NotFound;
    let code = if is_missing { 127 } else { 126 };
    let message = format!("cannot start {}: {}", name(program), messages::io_error(error));
    let failed = Error::new(Cause::NotStarted(code), message);
    let is_file = program.contains('/') && Path::new(program).is_file();
    match error.raw_os_error() {
        Some(NO_FORMAT) if cfg!(unix) => {
            failed.hint("a script needs a first line such as `#!/bin/sh`, or its shell: `sh FILE`")
        }
        _ if is_missing && is_file => {
            failed.hint("the file exists, but not the interpreter or the loader that it names")
        }
        _ => failed,
    }
}

/// `ENOEXEC`: the system cannot run a file of this format.
const NO_FORMAT: i32 = 8;

/// The exit code of a program; after a signal it is 128 plus the signal's number.
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

/// Makes the program the leader of a process group, so that signals also reach the programs that it starts.
pub(super) fn lead(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}

/// Sends a signal to the process group of a program that has not been waited for. On systems without signals, the program
/// is killed. A program that has ended already is not an error.
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
