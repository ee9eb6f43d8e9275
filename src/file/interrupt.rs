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

/// The number of the signal that Ctrl-C sends.
pub const INT: i32 = 2;
/// The number of the signal that asks to end.
pub const TERM: i32 = 15;
/// The number of the signal that ends.
pub const KILL: i32 = 9;

/// Wakes an [`SignalListener`] when one of the signals comes, or a child of this process has ended; dropped, it sends it home.
#[derive(Debug)]
pub struct SignalWatch {
    #[cfg(unix)]
    signals: Vec<signal_hook::SigId>,
    #[cfg(not(unix))]
    stopped: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

/// What a thread listens with.
#[derive(Debug)]
pub struct SignalListener {
    #[cfg(unix)]
    pipe: std::os::unix::net::UnixStream,
    #[cfg(not(unix))]
    stopped: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

impl SignalWatch {
    /// Starts to watch. What a signal does otherwise is not changed: a [`Guard`] must live.
    ///
    /// # Errors
    /// What the system says.
    #[cfg(unix)]
    pub fn new() -> std::io::Result<(SignalWatch, SignalListener)> {
        let (pipe, end) = std::os::unix::net::UnixStream::pair()?;
        let mut watch = SignalWatch { signals: Vec::new() };
        for signal in signals::handled().chain([signal_hook::consts::SIGCHLD]) {
            watch.signals.push(signal_hook::low_level::pipe::register(signal, end.try_clone()?)?);
        }
        Ok((watch, SignalListener { pipe }))
    }

    /// Starts to watch.
    ///
    /// # Errors
    /// None.
    #[cfg(not(unix))]
    pub fn new() -> std::io::Result<(SignalWatch, SignalListener)> {
        let stopped = std::sync::Arc::default();
        Ok((SignalWatch { stopped: std::sync::Arc::clone(&stopped) }, SignalListener { stopped }))
    }
}

impl Drop for SignalWatch {
    fn drop(&mut self) {
        #[cfg(unix)]
        for signal in self.signals.drain(..) {
            signal_hook::low_level::unregister(signal);
        }
        #[cfg(not(unix))]
        self.stopped.store(true, Ordering::SeqCst);
    }
}

impl SignalListener {
    /// Waits until something has happened; false if nobody watches any more.
    #[cfg(unix)]
    pub fn wait(&mut self) -> bool {
        use std::io::Read;
        loop {
            match self.pipe.read(&mut [0; 64]) {
                Ok(count) => return count > 0,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
    }

    /// Waits for a moment, where the system tells nobody of the end of a child; false if nobody watches any more.
    #[cfg(not(unix))]
    pub fn wait(&mut self) -> bool {
        std::thread::sleep(std::time::Duration::from_millis(20));
        !self.stopped.load(Ordering::SeqCst)
    }
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
            for signal in handled() {
                // Registration fails for unknown signals only. Noting goes first: nothing is lost in between.
                let _ = register_usize(signal, &PENDING, signal.unsigned_abs() as usize);
                let _ = register_conditional_default(signal, &DEFAULT);
            }
        });
    }

    /// Those that were not ignored since birth, where the system tells: a handler would make them deadly.
    pub(super) fn handled() -> impl Iterator<Item = i32> {
        let ignored = crate::file::process::ignored_signals().unwrap_or(0);
        [SIGINT, SIGTERM, SIGHUP].into_iter().filter(move |signal| ignored >> (signal - 1) & 1 == 0)
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
    use signal_hook::consts::SIGTERM;
    use signal_hook::low_level::raise;
    use std::os::unix::process::{CommandExt, ExitStatusExt};
    use std::process::{Command, ExitStatus};

    /// The role of the child processes below: one signal under a guard, one after it. It is TERM: who runs the tests below
    /// nohup has HUP ignored, and below a script's `&` INT. A thread raises it in itself, as the main thread of kcx gets it:
    /// in another one the handler could be half done when the guard goes.
    #[test]
    fn child() {
        let Ok(role) = std::env::var("KCX_TEST_INTERRUPT") else { return };
        let (outer, inner) = (Guard::new(), Guard::new());
        drop(inner);
        raise(SIGTERM).unwrap();
        assert_eq!(pending(), if role == "ignored" { None } else { Some(SIGTERM) });
        drop(outer);
        if role != "guarded" {
            raise(SIGTERM).unwrap();
        }
    }

    fn run(role: &str, before: &str) -> ExitStatus {
        let test = std::env::current_exe().unwrap();
        let script = format!("{before} exec \"$0\" --exact file::interrupt::tests::child");
        let mut shell = Command::new("sh");
        shell.arg0(&test).args(["-c", &script]).arg(&test).env("KCX_TEST_INTERRUPT", role);
        shell.output().unwrap().status
    }

    #[test]
    fn signals_are_held_back_under_a_guard_only() {
        assert!(run("guarded", "").success());
        assert_eq!(run("unguarded", "").signal(), Some(SIGTERM));
        assert!(run("ignored", "trap '' TERM;").success());
    }
}
