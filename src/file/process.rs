//! The identity of the process that holds a lock or a session: its text form, and the test whether it is dead.
//!
//! In doubt, a process counts as alive. The test requires the same host, boot and pid namespace, so a process in a
//! container or on another machine with a shared file system always counts as alive.

use super::read::read_proc;
use std::fs;
use std::process;
use std::sync::OnceLock;
use std::time::Duration;

/// Identifies a process across pid reuse, so that a later process can test whether it still exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessIdentity {
    /// The process id.
    pub pid: u32,
    /// The start time in clock ticks since boot; distinguishes processes that use the same pid one after the other.
    pub(super) start: Option<u64>,
    pub(super) host: String,
    pub(super) boot: Option<String>,
    pub(super) pid_namespace: Option<String>,
}

impl ProcessIdentity {
    /// The identity of the current process.
    #[must_use]
    pub fn current() -> ProcessIdentity {
        ProcessIdentity::of(process::id())
    }

    /// The identity of a process of this machine and pid namespace.
    #[must_use]
    pub fn of(pid: u32) -> ProcessIdentity {
        let boot = read_proc("/proc/sys/kernel/random/boot_id");
        let namespace = fs::read_link("/proc/self/ns/pid").ok();
        ProcessIdentity {
            pid,
            start: stat(pid).map(|stat| stat.start),
            host: host().replace(|c: char| !c.is_ascii_graphic(), "_"),
            boot: boot.map(|id| id.trim().to_owned()),
            pid_namespace: namespace.map(|link| link.to_string_lossy().into_owned()),
        }
    }

    /// The same host, boot and namespace with another pid and an unknown start time.
    #[must_use]
    pub fn with_pid(self, pid: u32) -> ProcessIdentity {
        ProcessIdentity { pid, start: None, ..self }
    }

    /// Renders the identity as the content of a lock file: one line.
    #[must_use]
    pub fn render(&self) -> String {
        let mut line = format!("kcx pid={} host={}", self.pid, self.host);
        let start = self.start.map(|start| start.to_string());
        for (key, value) in [("start", &start), ("boot", &self.boot), ("pidns", &self.pid_namespace)] {
            if let Some(value) = value {
                line += &format!(" {key}={value}");
            }
        }
        line + "\n"
    }

    /// Parses the content of a lock file; `None` unless it is one complete line of printable ASCII.
    #[must_use]
    pub fn parse(content: &str) -> Option<ProcessIdentity> {
        let line = content.strip_suffix('\n')?.strip_prefix("kcx ")?;
        if !line.chars().all(|c| c.is_ascii_graphic() || c == ' ') {
            return None;
        }
        let field = |key: &str| {
            line.split(' ').find_map(|word| word.strip_prefix(key)?.strip_prefix('=')).map(str::to_owned)
        };
        Some(ProcessIdentity {
            pid: field("pid")?.parse().ok()?,
            start: field("start").and_then(|start| start.parse().ok()),
            host: field("host")?,
            boot: field("boot"),
            pid_namespace: field("pidns"),
        })
    }

    /// True if this process, whose file was written `age` ago, provably does not exist any more. `here` is the identity
    /// of the current process.
    #[must_use]
    pub fn is_dead(&self, here: &ProcessIdentity, age: Option<Duration>) -> bool {
        matches!(self.existence(here, age), Existence::Ended | Existence::BeforeBoot)
    }

    /// Whether this process, whose file was written `age` ago, still exists. `here` is the identity of the current process.
    #[must_use]
    pub fn existence(&self, here: &ProcessIdentity, age: Option<Duration>) -> Existence {
        if self.host != here.host
            || (cfg!(target_os = "linux") && (self.boot.is_none() || here.boot.is_none()))
        {
            return Existence::Unknown;
        }
        if self.boot != here.boot {
            // Two machines may have the same host name, so the file must also be older than this boot.
            let is_old = matches!((age, uptime()), (Some(age), Some(uptime)) if age > uptime);
            return if is_old { Existence::BeforeBoot } else { Existence::Unknown };
        }
        match self.pid_namespace == here.pid_namespace {
            false => Existence::Unknown,
            true if is_gone(self.pid, self.start) => Existence::Ended,
            true => Existence::Running,
        }
    }
}

/// Whether a process exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existence {
    /// It does.
    Running,
    /// It has ended.
    Ended,
    /// The system has been started again since, so all processes of that time have ended.
    BeforeBoot,
    /// It is a process of another host, or in another pid namespace.
    Unknown,
}

/// The running children of a process, without the current process; `None` if the system does not list them.
#[must_use]
pub fn children(pid: u32) -> Option<Vec<ProcessIdentity>> {
    let (here, mut found) = (ProcessIdentity::current(), Vec::new());
    let threads = fs::read_dir(format!("/proc/{pid}/task")).ok()?.flatten();
    let lists = threads.map(|thread| read_proc(&format!("{}/children", thread.path().display())));
    let lists: Vec<Option<String>> = lists.collect();
    // A thread may end meanwhile; its children are then those of another one.
    if lists.iter().all(Option::is_none) {
        return None;
    }
    for list in lists.iter().flatten() {
        let children = list.split_ascii_whitespace().filter_map(|pid| pid.parse().ok());
        found.extend(children.filter(|child| *child != here.pid).map(ProcessIdentity::of));
    }
    found.retain(|child| child.existence(&here, None) == Existence::Running);
    Some(found)
}

/// The signals this process ignores, as a bit mask in which the lowest bit is signal 1, if the system reports it.
/// Read once. Source: proc(5), field 33 of `/proc/PID/stat`.
#[cfg(unix)]
pub(super) fn ignored_signals() -> Option<u64> {
    stat(process::id()).map(|stat| stat.ignored)
}

/// The used fields of `/proc/PID/stat`.
#[derive(Clone)]
struct Stat {
    /// The process has ended, but its parent has not waited for it yet.
    zombie: bool,
    start: u64,
    #[cfg_attr(not(unix), expect(dead_code, reason = "signals are Unix's"))]
    ignored: u64,
}

fn stat(pid: u32) -> Option<Stat> {
    // The used fields of the current process do not change.
    static OWN: OnceLock<Option<Stat>> = OnceLock::new();
    if pid == process::id() { OWN.get_or_init(|| read_stat(pid)).clone() } else { read_stat(pid) }
}

fn read_stat(pid: u32) -> Option<Stat> {
    let stat = read_proc(&format!("/proc/{pid}/stat"))?;
    // The command name in parentheses may contain any character. Fields 3, 4, … follow it.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    // The main thread may be a zombie while other threads still run; field 20 is the number of threads.
    let zombie = *fields.first()? == "Z" && fields.get(17)?.parse().is_ok_and(|threads: u32| threads <= 1);
    let ignored = fields.get(30).and_then(|ignored| ignored.parse().ok()).unwrap_or(0);
    Some(Stat { zombie, start: fields.get(19)?.parse().ok()?, ignored })
}

fn is_gone(pid: u32, start: Option<u64>) -> bool {
    match stat(pid) {
        Some(stat) => stat.zombie || start.is_some_and(|start| start != stat.start),
        // `/proc` may hide the processes of other users; kill(2) does not.
        None => is_unknown_to_kernel(pid),
    }
}

#[cfg(unix)]
fn is_unknown_to_kernel(pid: u32) -> bool {
    use rustix::process::{Pid, test_kill_process};
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.is_some_and(|pid| test_kill_process(pid) == Err(rustix::io::Errno::SRCH))
}

#[cfg(not(unix))]
fn is_unknown_to_kernel(_pid: u32) -> bool {
    false
}

#[cfg(unix)]
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
#[expect(
    clippy::disallowed_methods,
    reason = "the name of the machine in a lock, asked for when one is written"
)]
fn host() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_default()
}

fn uptime() -> Option<Duration> {
    let uptime = read_proc("/proc/uptime")?;
    Duration::try_from_secs_f64(uptime.split(' ').next()?.parse().ok()?).ok()
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    const YEARS: Option<Duration> = Some(Duration::from_secs(1 << 33));

    #[test]
    fn a_record_survives_the_round_trip() {
        let here = ProcessIdentity::current();
        assert!(here.start.is_some() && here.boot.is_some() && here.pid_namespace.is_some());
        assert_eq!(ProcessIdentity::parse(&here.render()), Some(here));
        let bare = ProcessIdentity { pid: 7, start: None, host: "h".into(), boot: None, pid_namespace: None };
        assert_eq!(bare.render(), "kcx pid=7 host=h\n");
        assert_eq!(ProcessIdentity::parse("kcx pid=7 host=h\n"), Some(bare));
    }

    #[test]
    fn incomplete_or_foreign_lines_are_not_parsed() {
        for content in
            ["", "kcx pid=7 host=h", "kcx pid=7\n", "other pid=7 host=h\n", "kcx pid=7 host=\x1b[1m\n"]
        {
            assert_eq!(ProcessIdentity::parse(content), None, "{content:?}");
        }
    }

    #[test]
    fn only_processes_that_provably_ended_are_dead() {
        let here = ProcessIdentity::current();
        let mut child = process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        let gone = ProcessIdentity { pid: child.id(), ..here.clone() };
        let host = || "elsewhere".to_owned();
        let other = || Some("other".to_owned());
        let now = Some(Duration::ZERO);
        for (dead, age, record) in [
            (false, now, here.clone()),
            (true, now, ProcessIdentity { start: Some(1), ..here.clone() }),
            (true, now, gone.clone()),
            (false, YEARS, ProcessIdentity { host: host(), ..gone.clone() }),
            (false, YEARS, ProcessIdentity { pid_namespace: other(), ..gone.clone() }),
            (false, YEARS, ProcessIdentity { boot: None, ..gone.clone() }),
            (true, YEARS, ProcessIdentity { boot: other(), ..here.clone() }),
            (false, now, ProcessIdentity { boot: other(), ..gone.clone() }),
            (false, None, ProcessIdentity { boot: other(), ..gone }),
        ] {
            assert_eq!(record.is_dead(&here, age), dead, "{record:?} at {age:?}");
        }
    }

    #[test]
    fn a_process_has_its_children_until_they_end() {
        let here = ProcessIdentity::current();
        let mut child = process::Command::new("cat").stdin(process::Stdio::piped()).spawn().unwrap();
        let has = |pid: u32| children(here.pid).unwrap().iter().any(|child| child.pid == pid);
        assert!(has(child.id()) && !has(here.pid));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!has(child.id()));
        assert_eq!(children(u32::MAX / 2), None);
    }

    #[test]
    fn a_zombie_counts_as_dead() {
        let mut child = process::Command::new("true").stdout(process::Stdio::piped()).spawn().unwrap();
        // The end of its standard output means that it has ended; until wait() it is a zombie.
        std::io::copy(&mut child.stdout.take().unwrap(), &mut std::io::sink()).unwrap();
        let start = stat(child.id()).map(|stat| stat.start);
        while stat(child.id()).is_some_and(|stat| !stat.zombie) {
            std::thread::yield_now();
        }
        let record = ProcessIdentity { pid: child.id(), start, ..ProcessIdentity::current() };
        assert!(record.is_dead(&ProcessIdentity::current(), None));
        child.wait().unwrap();
    }
}
