//! The environment that findings depend on: files, programs and the clock. It is only read.

use super::access::{access, is_exposed};
use crate::credential::plan::{self, SealAssessment};
use crate::env::Env;
use crate::file;
use crate::file::limits;
use crate::kubeconfig::Body;
use crate::kubeconfig::lint::{Access, Environment, Program};
use crate::kuberc;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The age from which a lock without a known holder is considered left behind: kubectl holds a lock only for a moment.
const STALE: Duration = Duration::from_mins(5);

/// How long before an expiry it is reported by default.
const MONTH: Duration = Duration::from_hours(30 * 24);

/// The environment of this run.
pub(super) struct LintEnvironment<'w> {
    env: &'w Env,
    now: i64,
    within: i64,
    /// kubectl's preferences; an error is kubectl's reason to refuse to run.
    kuberc: Result<kuberc::Kuberc, String>,
}

impl<'w> LintEnvironment<'w> {
    /// The environment now, with warnings a month before an expiry.
    pub(super) fn of(env: &'w Env) -> LintEnvironment<'w> {
        LintEnvironment::with_warnings(env, MONTH)
    }

    /// The environment now, with warnings this long before an expiry.
    pub(super) fn with_warnings(env: &'w Env, within: Duration) -> LintEnvironment<'w> {
        let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        let now = seconds(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
        let within = seconds(within);
        LintEnvironment {
            env,
            now,
            within,
            kuberc: kuberc::own(env).map(|own| own.kuberc.unwrap_or_default()),
        }
    }
}

impl Environment for LintEnvironment<'_> {
    fn now(&self) -> Option<i64> {
        Some(self.now)
    }

    fn within(&self) -> i64 {
        self.within
    }

    fn read(&self, path: &str, kubeconfig: &Path) -> Option<io::Result<Vec<u8>>> {
        let path = self.env.beside(kubeconfig, path);
        // A pipe would lose its content, and a device may be endless.
        Some(match path.metadata() {
            Ok(metadata) if metadata.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
            Ok(metadata) if !metadata.is_file() => return None,
            Ok(_) => file::read(&path, limits::CREDENTIAL).map(|(bytes, _)| bytes),
            Err(error) => Err(error),
        })
    }

    fn access(&self, path: &str, kubeconfig: &Path) -> Option<Access> {
        let path = if Path::new(path) == kubeconfig {
            self.env.absolute(kubeconfig)
        } else {
            self.env.beside(kubeconfig, path)
        };
        access(&path)
    }

    fn is_same(&self, one: &Path, other: &Path) -> bool {
        let identity = |path: &Path| Some(file::Identity::of(&self.env.absolute(path).metadata().ok()?));
        identity(one).zip(identity(other)).is_some_and(|(one, other)| one.same_file(&other))
    }

    fn program(&self, command: &str, kubeconfig: &Path) -> Option<Program> {
        let is_path = command.contains(std::path::is_separator);
        let path = if is_path { self.env.beside(kubeconfig, command) } else { Path::new(command).to_owned() };
        let Some(found) = self.env.look_up(path.to_str()?) else {
            let is_there = is_path && path.exists();
            return Some(if is_there { Program::NotExecutable } else { Program::Missing });
        };
        Some(Program::Found { exposed: is_exposed(&found) })
    }

    fn allows(&self, command: &str, kubeconfig: &Path) -> Option<bool> {
        let valid = self.kuberc.as_ref().ok().filter(|kuberc| kuberc.validate().is_ok());
        let Some(Ok(policy)) = valid.map(kuberc::Kuberc::policy) else { return Some(false) };
        let command = match command.contains(std::path::is_separator) {
            true => self.env.beside(kubeconfig, command),
            false => PathBuf::from(command),
        };
        Some(policy.check(&command, &|program| self.env.find_program(program)).is_ok())
    }

    fn unsealable(&self, body: &Body) -> Option<String> {
        match plan::assess(body, false) {
            SealAssessment::Refused(why) => Some(why.to_string()),
            _ => None,
        }
    }

    fn stale_lock(&self, kubeconfig: &Path) -> Option<Duration> {
        file::lock::stale_age(&self.env.absolute(kubeconfig), STALE)
    }
}
