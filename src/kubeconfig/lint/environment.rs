//! The interface through which checks access the file system, the clock, PATH and kuberc.

use crate::kubeconfig::decode::Body;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The environment that findings depend on. `None` means unknown; then there is no finding. Paths are relative to the
/// folder of the kubeconfig in the second argument.
pub trait Environment: Sync {
    /// The current time, in seconds since 1970 UTC.
    fn now(&self) -> Option<i64> {
        None
    }

    /// The time before the end of a certificate or token in which a warning is given, in seconds.
    fn within(&self) -> i64 {
        30 * 86_400
    }

    /// The content of a file.
    fn read(&self, path: &str, kubeconfig: &Path) -> Option<io::Result<Vec<u8>>> {
        let _ = (path, kubeconfig);
        None
    }

    /// The access that other users have to a file.
    fn access(&self, path: &str, kubeconfig: &Path) -> Option<Access> {
        let _ = (path, kubeconfig);
        None
    }

    /// True if two paths lead to the same file.
    fn is_same(&self, one: &Path, other: &Path) -> bool {
        let _ = (one, other);
        false
    }

    /// The result of searching for a command.
    fn program(&self, command: &str, kubeconfig: &Path) -> Option<Program> {
        let _ = (command, kubeconfig);
        None
    }

    /// True if kuberc allows kubectl to start a command.
    fn allows(&self, command: &str, kubeconfig: &Path) -> Option<bool> {
        let _ = (command, kubeconfig);
        None
    }

    /// The reason why the secrets of a user with this body cannot be moved to the keychain.
    fn unsealable(&self, body: &Body) -> Option<String> {
        let _ = body;
        None
    }

    /// The age of the lock beside a kubeconfig, if the lock is stale.
    fn stale_lock(&self, kubeconfig: &Path) -> Option<Duration> {
        let _ = kubeconfig;
        None
    }
}

/// An environment in which everything is unknown.
#[derive(Clone, Copy, Debug)]
pub struct NoEnvironment;

impl Environment for NoEnvironment {}

/// The access that other users have to a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// True if the group or all users can read it.
    pub readable: bool,
    /// True if the group or all users can write it.
    pub writable: bool,
    /// A folder in its path in which the group or all users can replace the file or a folder.
    pub replaceable: Option<PathBuf>,
}

/// The result of searching for a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// It does not exist.
    Missing,
    /// It is not an executable file.
    NotExecutable,
    /// It is an executable file.
    Found {
        /// True if all users can write to it or to a folder in its path.
        exposed: bool,
    },
}
