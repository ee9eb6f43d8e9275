//! The kubeconfig files of a run, in loading order. Source: client-go `loader.go`, `NewDefaultClientConfigLoadingRules`.
//! The disk is accessed only to verify that a file is a session's overlay.

use super::Overlay;
use crate::env::Env;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// The files to load. For an entry that several files have, the first file counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Precedence {
    /// The paths as spelled. Paths may be empty, and files may be missing.
    pub paths: Vec<PathBuf>,
    /// Where the list comes from.
    pub origin: Origin,
    /// The number of paths at the end of the list that discovery found. They are read, but new entries are never written to
    /// them.
    pub found: usize,
    /// The paths that are overlays of kcx's sessions.
    overlays: Vec<Overlay>,
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

impl Precedence {
    /// The file of the flag, else the files of the variable, else the file in the home folder.
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
            return Precedence::of_file(flag.into());
        }
        if let Some(list) = env.kubeconfig.as_ref().filter(|list| !list.is_empty()) {
            let mut seen = HashSet::new();
            let paths = std::env::split_paths(list)
                .filter(|path| seen.insert(path.clone().into_os_string()))
                .collect::<Vec<_>>();
            let overlays = paths.iter().filter_map(|path| Overlay::find(path, env)).collect();
            return Precedence { paths, origin: Origin::Variable, found: 0, overlays };
        }
        Precedence::of_home(env)
    }

    /// This file only, as with `--kubeconfig`.
    #[must_use]
    pub fn of_file(file: PathBuf) -> Precedence {
        Precedence { paths: vec![file], origin: Origin::Flag, found: 0, overlays: Vec::new() }
    }

    fn of_home(env: &Env) -> Precedence {
        Precedence { paths: vec![home_file(env)], origin: Origin::Home, found: 0, overlays: Vec::new() }
    }

    /// The overlay of the current session, or of an ended one: the first file, if it is an overlay.
    #[must_use]
    pub fn overlay(&self) -> Option<&Overlay> {
        let first = self.paths.first()?;
        self.overlays.first().filter(|overlay| overlay.path() == first)
    }

    /// True for an overlay of one of kcx's own sessions.
    #[must_use]
    pub fn is_overlay(&self, path: &Path) -> bool {
        self.overlays.iter().any(|overlay| overlay.path() == path)
    }

    /// The user's own files: the same list without overlays.
    ///
    /// ```
    /// use kcx::env::Env;
    /// use kcx::store::Precedence;
    /// let list = "/none/sessions/x/kcx-overlay.yaml:work";
    /// let env = Env { kubeconfig: Some(list.into()), state: Some("/none".into()), ..Env::default() };
    /// assert_eq!(Precedence::new(None, &env).without_overlays(&env).paths, [std::path::PathBuf::from("work")]);
    /// // Not kcx's own, despite its name.
    /// let env = Env { kubeconfig: Some("repo/kcx-overlay.yaml".into()), ..env };
    /// let precedence = Precedence::new(None, &env);
    /// assert_eq!(precedence.without_overlays(&env), precedence);
    /// ```
    #[must_use]
    pub fn without_overlays(&self, env: &Env) -> Precedence {
        if self.overlays.is_empty() {
            return self.clone();
        }
        let paths: Vec<PathBuf> = self.paths.iter().filter(|path| !self.is_overlay(path)).cloned().collect();
        match paths.is_empty() {
            true => Precedence::of_home(env),
            false => Precedence { paths, origin: self.origin, found: self.found, overlays: Vec::new() },
        }
    }
}

/// `~/.kube/config`; relative to the working folder if there is no home folder.
#[must_use]
pub fn home_file(env: &Env) -> PathBuf {
    folder(env).join("config")
}

/// The default file of kubectl's first version, `~/.kube/.kubeconfig`.
#[must_use]
pub(super) fn old_home_file(env: &Env) -> PathBuf {
    folder(env).join(if cfg!(windows) { "config" } else { ".kubeconfig" })
}

fn folder(env: &Env) -> PathBuf {
    env.home.as_ref().map_or(Path::new(""), Path::new).join(".kube")
}
