//! Runs the program of a source: with a time limit, with a limit for what it prints, and without a terminal.

use super::Surroundings;
use crate::file::interrupt;
use crate::store::discovery;
use std::ffi::OsString;
use std::fmt;
use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// How often a termination signal is looked for.
const TICK: Duration = Duration::from_millis(50);
/// The length of the end of stderr that is shown, in bytes.
const COMPLAINT: usize = 600;

/// Why a call failed. The program is shown as it was named in the settings.
#[derive(Debug)]
pub enum CallError {
    /// It could not be started.
    NotStarted(String, io::Error),
    /// It did not end in time.
    Slow(String, Duration),
    /// It printed more than this number of bytes.
    Large(String, u64),
    /// It failed: its exit code, unless a signal ended it, and the end of what it wrote to stderr.
    Failed(String, Option<i32>, String),
    /// The user ended kcx.
    Interrupted,
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallError::NotStarted(program, error) if error.kind() == io::ErrorKind::NotFound => {
                write!(f, "there is no program {program}")
            }
            CallError::NotStarted(program, error) => write!(f, "cannot start {program}: {error}"),
            CallError::Slow(program, limit) => write!(f, "{program} took longer than {} s", limit.as_secs()),
            CallError::Large(program, limit) => write!(f, "{program} printed more than {} MB", limit >> 20),
            CallError::Failed(program, code, complaint) => {
                match code {
                    Some(code) => write!(f, "{program} ended with exit code {code}")?,
                    None => write!(f, "{program} was ended by a signal")?,
                }
                if complaint.is_empty() { Ok(()) } else { write!(f, ": {complaint}") }
            }
            CallError::Interrupted => f.write_str("it was interrupted"),
        }
    }
}

/// A program with its first arguments and its variables.
pub(super) struct Program {
    words: Vec<String>,
    /// The name in messages.
    name: String,
    variables: Vec<(String, OsString)>,
    removed: Vec<&'static str>,
    kubeconfig: Option<OsString>,
}

/// What a call waits for.
enum Event {
    Output(io::Result<Option<Vec<u8>>>),
    Complaint(Vec<u8>),
    End(io::Result<ExitStatus>),
}

impl Program {
    /// A program of a source.
    pub(super) fn new(words: &[String], source: &str, around: &Surroundings<'_>) -> Program {
        let name = words.first().cloned().unwrap_or_default();
        let words = match words.split_first() {
            // As in the rest of the settings, `~` is the home folder.
            Some((first, rest)) => {
                let program = match discovery::below_home(first) {
                    Some(_) => discovery::whole(first, around.env).into_os_string(),
                    None => around.env.startable(first),
                };
                let program = program.to_string_lossy().into_owned();
                std::iter::once(program).chain(rest.iter().cloned()).collect()
            }
            None => Vec::new(),
        };
        let variables = vec![("KCX_SOURCE".to_owned(), OsString::from(source))];
        Program {
            words,
            name,
            variables,
            removed: vec!["KCX_SESSION"],
            kubeconfig: around.kubeconfig.clone(),
        }
    }

    /// The same program under another name in messages.
    pub(super) fn called(mut self, name: &str) -> Program {
        name.clone_into(&mut self.name);
        self
    }

    /// Sets a variable of its environment.
    pub(super) fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.variables.push((name.to_owned(), value.into()));
    }

    /// Removes a variable of its environment.
    pub(super) fn unset(&mut self, name: &'static str) {
        self.removed.push(name);
    }

    #[expect(clippy::disallowed_methods, reason = "the program is named in the user's settings")]
    fn spawn(&self, arguments: &[&str]) -> io::Result<Child> {
        let (program, first) = self.words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let mut command = Command::new(program);
        command.args(first).args(arguments).envs(self.variables.iter().map(|(name, value)| (name, value)));
        for name in &self.removed {
            command.env_remove(name);
        }
        match &self.kubeconfig {
            Some(list) => command.env("KUBECONFIG", list),
            None => command.env_remove("KUBECONFIG"),
        };
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Programs that it starts end with it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.spawn()
    }

    /// Runs it with these arguments more, and returns what it printed.
    pub(super) fn call(&self, arguments: &[&str], limit: Duration, bytes: u64) -> Result<Vec<u8>, CallError> {
        let program = || self.name.clone();
        let _guard = interrupt::Guard::new();
        let end = Instant::now() + limit;
        // A recipe needs a shell, whatever it is called.
        let started = || self.words.first().cloned().unwrap_or_default();
        let mut child = self.spawn(arguments).map_err(|error| CallError::NotStarted(started(), error))?;
        let group = Group(child.id());
        let (sender, events) = mpsc::channel();
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let send = sender.clone();
        thread::spawn(move || send.send(Event::Output(output(stdout, bytes))));
        let send = sender.clone();
        thread::spawn(move || send.send(Event::Complaint(complaint(stderr))));
        thread::spawn(move || sender.send(Event::End(child.wait())));
        let (mut out, mut said, mut status) = (None, None, None);
        while out.is_none() || said.is_none() || status.is_none() {
            if interrupt::pending().is_some() {
                return Err(CallError::Interrupted);
            }
            let left = end.saturating_duration_since(Instant::now());
            match events.recv_timeout(left.min(TICK)) {
                Ok(Event::Output(Ok(None))) => return Err(CallError::Large(program(), bytes)),
                Ok(Event::Output(Ok(Some(text)))) => out = Some(text),
                Ok(Event::Output(Err(error)) | Event::End(Err(error))) => {
                    return Err(CallError::NotStarted(program(), error));
                }
                Ok(Event::Complaint(text)) => said = Some(text),
                Ok(Event::End(Ok(ended))) => status = Some(ended),
                Err(RecvTimeoutError::Timeout) if left.is_zero() => {
                    return Err(CallError::Slow(program(), limit));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        // What it has left running may go on.
        std::mem::forget(group);
        match status {
            Some(status) if status.success() => Ok(out.unwrap_or_default()),
            status => {
                let said = String::from_utf8_lossy(&said.unwrap_or_default()).trim().to_owned();
                Err(CallError::Failed(program(), status.and_then(|status| status.code()), said))
            }
        }
    }
}

/// Ends a program, with all that it has started, when it is dropped.
struct Group(u32);

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        {
            use rustix::process::{Pid, Signal, kill_process_group};
            if let Some(pid) = i32::try_from(self.0).ok().and_then(Pid::from_raw) {
                let _ = kill_process_group(pid, Signal::KILL);
            }
        }
        #[cfg(not(unix))]
        end_tree(self.0);
    }
}

/// Ends a process and those that it has started with a program of Windows.
#[cfg(not(unix))]
#[expect(clippy::disallowed_methods, reason = "a program of the system")]
fn end_tree(process: u32) {
    let mut command = Command::new("taskkill");
    command.args(["/F", "/T", "/PID", &process.to_string()]);
    // If it cannot be started, the other program goes on, and nobody waits for it.
    let _ = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
}

/// All of the output; `None` if it is larger than the limit.
fn output(stream: Option<impl Read>, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut text = Vec::new();
    if let Some(stream) = stream {
        stream.take(limit + 1).read_to_end(&mut text)?;
    }
    Ok((text.len() as u64 <= limit).then_some(text))
}

/// The end of what it wrote to stderr. All of it is read: a full pipe would block the program.
fn complaint(stream: Option<impl Read>) -> Vec<u8> {
    let (mut end, mut part) = (Vec::new(), [0; 4096]);
    let Some(mut stream) = stream else { return end };
    while let Ok(count @ 1..) = stream.read(&mut part) {
        end.extend_from_slice(&part[..count]);
        if end.len() > 2 * COMPLAINT {
            end.drain(..end.len() - COMPLAINT);
        }
    }
    end.drain(..end.len().saturating_sub(COMPLAINT));
    end
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::env::Env;

    fn call(script: &str, limit: Duration) -> Result<String, String> {
        let env = Env::default();
        let around = Surroundings { env: &env, kubeconfig: Some("own".into()) };
        let words = ["sh", "-c", script, "x"].map(str::to_owned);
        let called = Program::new(&words, "lab", &around).call(&["get", "id"], limit, 1000);
        called.map(|out| String::from_utf8(out).expect("UTF-8")).map_err(|error| error.to_string())
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn a_program_gets_its_arguments_and_the_users_own_kubeconfig() {
        let out = call("echo \"$1 $2 $KCX_SOURCE $KUBECONFIG\"; cat", LONG);
        assert_eq!(out.as_deref(), Ok("get id lab own\n"));
    }

    #[test]
    fn a_failure_says_what_the_program_said() {
        let error = call("echo no login >&2; exit 7", LONG);
        assert_eq!(error, Err("sh ended with exit code 7: no login".into()));
        assert_eq!(call("kill -9 $$", LONG), Err("sh was ended by a signal".into()));
        let error =
            call("i=0; while [ $i -lt 5000 ]; do echo 0123456789 >&2; i=$((i+1)); done; exit 1", LONG)
                .expect_err("it fails");
        assert!(error.len() < 700, "{error}");
    }

    #[test]
    fn what_is_slow_or_endless_is_ended() {
        let limit = Duration::from_millis(100);
        assert_eq!(call("sleep 100", limit), Err("sh took longer than 0 s".into()));
        // A program that it has started holds the output.
        assert_eq!(call("sleep 100 & exit 0", limit), Err("sh took longer than 0 s".into()));
        assert_eq!(call("yes", LONG), Err("sh printed more than 0 MB".into()));
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let env = Env::default();
        let around = Surroundings { env: &env, kubeconfig: None };
        let error = Program::new(&["/no/such".to_owned()], "lab", &around)
            .call(&[], LONG, 10)
            .expect_err("it is missing");
        assert_eq!(error.to_string(), "there is no program /no/such");
    }
}
