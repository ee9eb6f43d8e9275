//! Which files are a user's kubeconfig: pure rules, no file is looked at. Source: client-go `loader.go`,
//! `NewDefaultClientConfigLoadingRules`; `kubectl-config` A1.

use crate::env::Env;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// The files to load, first to win first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Precedence {
    /// The paths as spelled; may hold empty ones and files that are not there.
    pub paths: Vec<PathBuf>,
    /// What they come from.
    pub origin: Origin,
    /// How many of them, at the end, were found by globs: they are read, and never take what has no file yet.
    pub found: usize,
}

/// Where the list comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `--kubeconfig`: one file and no other.
    Flag,
    /// `KUBECONFIG`.
    Variable,
    /// `~/.kube/config`.
    Home,
}

/// The name of every overlay: a session's own file, which stands first in `KUBECONFIG`.
pub const OVERLAY: &str = "kcx-overlay.yaml";

/// True for a session's overlay, alive or dead, whoever's it is.
#[must_use]
pub fn is_overlay(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == OVERLAY)
}

impl Precedence {
    /// The rules: the flag, else the variable, else the home folder.
    ///
    /// ```
    /// use kcx::env::Env;
    /// use kcx::store::Precedence;
    /// let env = Env { kubeconfig: Some("work:home:work".into()), ..Env::default() };
    /// assert_eq!(Precedence::new(None, &env).paths, ["work", "home"].map(std::path::PathBuf::from));
    /// assert_eq!(Precedence::new(Some("a:b"), &env).paths, [std::path::PathBuf::from("a:b")]);
    /// ```
    #[must_use]
    pub fn new(flag: Option<&str>, env: &Env) -> Precedence {
        if let Some(flag) = flag.filter(|flag| !flag.is_empty()) {
            return Precedence { paths: vec![flag.into()], origin: Origin::Flag, found: 0 };
        }
        if let Some(list) = env.kubeconfig.as_ref().filter(|list| !list.is_empty()) {
            let mut seen = HashSet::new();
            let paths = std::env::split_paths(list)
                .filter(|path| seen.insert(path.clone().into_os_string()))
                .collect();
            return Precedence { paths, origin: Origin::Variable, found: 0 };
        }
        Precedence { paths: vec![home_file(env)], origin: Origin::Home, found: 0 }
    }

    /// The overlay of the session in force: the first file, if it is one.
    #[must_use]
    pub fn overlay(&self) -> Option<&Path> {
        self.paths.first().map(PathBuf::as_path).filter(|path| is_overlay(path))
    }

    /// The user's own files: the same list without overlays.
    ///
    /// ```
    /// use kcx::env::Env;
    /// use kcx::store::Precedence;
    /// let list = "/run/user/1/kcx/x/kcx-overlay.yaml:work";
    /// let env = Env { kubeconfig: Some(list.into()), ..Env::default() };
    /// assert_eq!(Precedence::new(None, &env).beneath(&env).paths, [std::path::PathBuf::from("work")]);
    /// ```
    #[must_use]
    pub fn beneath(&self, env: &Env) -> Precedence {
        let paths: Vec<PathBuf> = self.paths.iter().filter(|path| !is_overlay(path)).cloned().collect();
        match self.origin {
            Origin::Flag => self.clone(),
            _ if paths.is_empty() => {
                Precedence { paths: vec![home_file(env)], origin: Origin::Home, found: 0 }
            }
            origin => Precedence { paths, origin, found: self.found },
        }
    }
}

/// `~/.kube/config`; below the working folder where there is no home.
#[must_use]
pub fn home_file(env: &Env) -> PathBuf {
    folder(env).join("config")
}

/// The place of kubectl's first version, `~/.kube/.kubeconfig`.
#[must_use]
pub(super) fn old_home_file(env: &Env) -> PathBuf {
    folder(env).join(if cfg!(windows) { "config" } else { ".kubeconfig" })
}

fn folder(env: &Env) -> PathBuf {
    env.home.as_ref().map_or(Path::new(""), Path::new).join(".kube")
}
