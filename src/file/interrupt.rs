//! Signals that ask the process to end (INT, TERM, HUP), held back while a file is being changed.
//!
//! As long as a [`Guard`] lives they are only noted; otherwise they act as by default. A signal the process was
//! started to ignore (`nohup`) stays ignored. Whoever drops the last guard asks [`pending`] and exits.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

static PENDING: AtomicUsize = AtomicUsize::new(0);
static GUARDS: Mutex<usize> = Mutex::new(0);

/// Holds the signals back while it lives; guards may nest.
#[derive(Debug)]
#[must_use]
pub struct Guard(());

impl Guard {
    /// Starts to hold the signals back.
    ///
    /// ```
    /// use kcx::file::interrupt::{Guard, pending};
    /// let guard = Guard::new();
    /// // change files here
    /// drop(guard);
    /// assert_eq!(pending(), None);
    /// ```
    #[allow(clippy::new_without_default)]
    pub fn new() -> Guard {
        let mut guards = GUARDS.lock().unwrap_or_else(PoisonError::into_inner);
        *guards += 1;
        signals::act_as_default(false);
        Guard(())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut guards = GUARDS.lock().unwrap_or_else(PoisonError::into_inner);
        *guards -= 1;
        signals::act_as_default(*guards == 0);
    }
}

/// The number of the last signal that arrived under a guard; the exit code is 128 more.
#[must_use]
pub fn pending() -> Option<i32> {
    i32::try_from(PENDING.load(Ordering::SeqCst)).ok().filter(|&signal| signal != 0)
}

/// Forgets what arrived: it was meant for another program.
pub fn forget() {
    PENDING.store(0, Ordering::SeqCst);
}

#[cfg(unix)]
mod signals {
    use super::PENDING;
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::flag::{register_conditional_default, register_usize};
    use std::sync::Once;
    use std::sync::atomic::{AtomicBool, Ordering};

    static DEFAULT: AtomicBool = AtomicBool::new(true);
    static REGISTER: Once = Once::new();

    pub(super) fn act_as_default(yes: bool) {
        DEFAULT.store(yes, Ordering::SeqCst);
        REGISTER.call_once(|| {
            let ignored = ignored();
            for signal in [SIGINT, SIGTERM, SIGHUP] {
                if ignored >> (signal - 1) & 1 == 0 {
                    // Registration fails for unknown signals only. Noting goes first: nothing is lost in between.
                    let _ = register_usize(signal, &PENDING, signal.unsigned_abs() as usize);
                    let _ = register_conditional_default(signal, &DEFAULT);
                }
            }
        });
    }

    /// The set of signals ignored since birth, where the system tells: a handler would make them deadly.
    fn ignored() -> u64 {
        crate::file::owner::ignored_signals().unwrap_or(0)
    }
}

#[cfg(not(unix))]
mod signals {
    pub(super) fn act_as_default(_yes: bool) {}
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;
    use rustix::process::{Signal, getpid, kill_process};
    use std::os::unix::process::{CommandExt, ExitStatusExt};
    use std::process::{Command, ExitStatus};

    /// The role of the child processes below: one signal under a guard, one after it.
    #[test]
    fn child() {
        let Ok(role) = std::env::var("KCX_TEST_INTERRUPT") else { return };
        let (outer, inner) = (Guard::new(), Guard::new());
        drop(inner);
        kill_process(getpid(), Signal::HUP).unwrap();
        let noted = if role == "ignored" { None } else { Some(1) };
        while pending() != noted {
            std::thread::yield_now();
        }
        drop(outer);
        if role != "guarded" {
            kill_process(getpid(), Signal::HUP).unwrap();
        }
    }

    fn run(role: &str, before: &str) -> ExitStatus {
        let test = std::env::current_exe().unwrap();
        // On the main thread alone, as kcx runs: in another one the handler could be half done when the guard goes.
        let script = format!("{before} exec \"$0\" --test-threads=1 --exact file::interrupt::tests::child");
        let mut shell = Command::new("sh");
        shell.arg0(&test).args(["-c", &script]).arg(&test).env("KCX_TEST_INTERRUPT", role);
        shell.output().unwrap().status
    }

    #[test]
    fn signals_are_held_back_under_a_guard_only() {
        assert!(run("guarded", "").success());
        assert_eq!(run("unguarded", "").signal(), Some(1));
        assert!(run("ignored", "trap '' HUP;").success());
    }
}
