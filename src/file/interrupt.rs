//! Termination signals (INT, TERM, HUP) are deferred while a file is being changed.
//!
//! While a [`Guard`] exists, the signals are only recorded; otherwise they have their default effect. A signal that the
//! process ignores from its start (`nohup`) stays ignored. The code that drops the last guard checks [`pending`] and
//! exits.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

static PENDING: AtomicUsize = AtomicUsize::new(0);
static GUARDS: Mutex<usize> = Mutex::new(0);

/// Defers termination signals while it exists. Guards can be nested.
#[derive(Debug)]
#[must_use]
pub struct Guard(());

impl Guard {
    /// Starts to defer termination signals.
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

/// The number of the last signal that arrived while a guard existed. The exit code of the process is 128 plus it.
#[must_use]
pub fn pending() -> Option<i32> {
    i32::try_from(PENDING.load(Ordering::SeqCst)).ok().filter(|&signal| signal != 0)
}

/// Discards the recorded signal; called if it was meant for a child program.
pub fn clear_pending() {
    PENDING.store(0, Ordering::SeqCst);
}

/// SIGINT, which Ctrl-C sends.
pub const INT: i32 = 2;
/// SIGTERM.
pub const TERM: i32 = 15;
/// SIGKILL.
pub const KILL: i32 = 9;

/// Wakes the paired [`SignalListener`] on a termination signal and when a child process ends. Dropping it makes
/// [`SignalListener::wait`] return false.
#[derive(Debug)]
pub struct SignalWatch {
    #[cfg(unix)]
    signals: Vec<signal_hook::SigId>,
    #[cfg(not(unix))]
    stopped: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

/// Waits for the events of a [`SignalWatch`], in another thread.
#[derive(Debug)]
pub struct SignalListener {
    #[cfg(unix)]
    pipe: std::os::unix::net::UnixStream,
    #[cfg(not(unix))]
    stopped: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

impl SignalWatch {
    /// Starts to watch. The effect of the signals is not changed, so a [`Guard`] must exist.
    ///
    /// # Errors
    /// The error of the operating system.
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
    /// Never fails on this system.
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
    /// Waits for an event; false if the [`SignalWatch`] was dropped.
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

    /// Waits for 20 ms, because this system does not report the end of a child; false if the [`SignalWatch`] was
    /// dropped.
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
                // Registration fails only for unknown signals. The recording handler is registered first, so that no
                // signal is lost in between.
                let _ = register_usize(signal, &PENDING, signal.unsigned_abs() as usize);
                let _ = register_conditional_default(signal, &DEFAULT);
            }
        });
    }

    /// The termination signals that the process did not ignore from its start, if the system reports that. A handler
    /// would make an ignored signal end the process.
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

    /// The code of the child processes below: raises one signal under a guard and one after it. The signal is TERM,
    /// because HUP is ignored under nohup, and INT in a background job of a script. The thread raises it in itself; in
    /// another thread the handler might still run when the guard is dropped.
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
    fn signals_are_deferred_only_while_a_guard_exists() {
        assert!(run("guarded", "").success());
        assert_eq!(run("unguarded", "").signal(), Some(SIGTERM));
        assert!(run("ignored", "trap '' TERM;").success());
    }
}
