//! What a kubeconfig says about the world environment, asked of whoever knows it.

use crate::kubeconfig::decode::Body;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The world as far as findings depend on it. `None` is always "not known": nothing is found then. Paths stand in the file of
/// the second argument, and are meant from its folder.
pub trait Environment: Sync {
    /// The time, in seconds since 1970 UTC.
    fn now(&self) -> Option<i64> {
        None
    }

    /// How long before its end a certificate is worth a warning, in seconds.
    fn within(&self) -> i64 {
        30 * 86_400
    }

    /// The content of a file.
    fn read(&self, path: &str, kubeconfig: &Path) -> Option<io::Result<Vec<u8>>> {
        let _ = (path, kubeconfig);
        None
    }

    /// Who else can get at a file.
    fn access(&self, path: &str, kubeconfig: &Path) -> Option<Access> {
        let _ = (path, kubeconfig);
        None
    }

    /// Whether two kubeconfigs are one file under two names.
    fn is_same(&self, one: &Path, other: &Path) -> bool {
        let _ = (one, other);
        false
    }

    /// What a command leads to.
    fn program(&self, command: &str, kubeconfig: &Path) -> Option<Program> {
        let _ = (command, kubeconfig);
        None
    }

    /// Whether kuberc lets kubectl start a command.
    fn allows(&self, command: &str, kubeconfig: &Path) -> Option<bool> {
        let _ = (command, kubeconfig);
        None
    }

    /// Why the secrets of a user with this body cannot go into the keychain.
    fn unsealable(&self, body: &Body) -> Option<String> {
        let _ = body;
        None
    }

    /// The age of the lock beside a kubeconfig, if it was left behind.
    fn stale_lock(&self, kubeconfig: &Path) -> Option<Duration> {
        let _ = kubeconfig;
        None
    }
}

/// Nothing is known.
#[derive(Clone, Copy, Debug)]
pub struct NoEnvironment;

impl Environment for NoEnvironment {}

/// Who else can get at a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// The group or everybody may read it.
    pub readable: bool,
    /// The group or everybody may write it.
    pub writable: bool,
    /// A folder on the way to it, in which the group or everybody may write, and nothing keeps them from putting something
    /// else there.
    pub replaceable: Option<PathBuf>,
}

/// What a command leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// Nowhere.
    Missing,
    /// To something that is no program.
    NotExecutable,
    /// To a program.
    Found {
        /// Everybody may write it, or in a folder on the way to it.
        exposed: bool,
    },
}
