//! The kubeconfig files of a run, in loading order. Source: client-go `loader.go`, `NewDefaultClientConfigLoadingRules`.
//! The disk is accessed only to verify that a file belongs to a session.

use super::Overlay;
use super::overlay::FilesRecord;
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
    /// The paths that are guards of these overlays.
    guards: Vec<PathBuf>,
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
            if let [file] = paths.as_slice()
                && let Some(overlay) = Overlay::of_single_file(file, env)
            {
                return Precedence::of_session(overlay, env);
            }
            let overlays: Vec<Overlay> = paths.iter().filter_map(|path| Overlay::find(path, env)).collect();
            let is_guard = |path: &&PathBuf| overlays.iter().any(|overlay| overlay.is_guarded_by(path));
            let guards = paths.iter().filter(is_guard).cloned().collect();
            return Precedence { paths, origin: Origin::Variable, found: 0, overlays, guards };
        }
        Precedence::of_home(env)
    }

    /// The list of a session that has one file instead.
    fn of_session(overlay: Overlay, env: &Env) -> Precedence {
        let own =
            FilesRecord::read(overlay.folder()).map_or_else(|| vec![home_file(env)], |record| record.files);
        let guards = vec![overlay.guard().to_owned()];
        let paths = [overlay.path(), overlay.guard()].map(Path::to_owned).into_iter().chain(own).collect();
        Precedence { paths, origin: Origin::Variable, found: 0, overlays: vec![overlay], guards }
    }

    /// This file only, as with `--kubeconfig`.
    #[must_use]
    pub fn of_file(file: PathBuf) -> Precedence {
        Precedence::of_paths(vec![file], Origin::Flag, 0)
    }

    fn of_home(env: &Env) -> Precedence {
        Precedence::of_paths(vec![home_file(env)], Origin::Home, 0)
    }

    fn of_paths(paths: Vec<PathBuf>, origin: Origin, found: usize) -> Precedence {
        Precedence { paths, origin, found, overlays: Vec::new(), guards: Vec::new() }
    }

    /// The overlay of the current session, or of an ended one: the first file, if it is an overlay.
    #[must_use]
    pub fn overlay(&self) -> Option<&Overlay> {
        let first = self.paths.first()?;
        self.overlays.first().filter(|overlay| overlay.path() == first)
    }

    /// The first overlay of the list, wherever it is.
    #[must_use]
    pub fn any_overlay(&self) -> Option<&Overlay> {
        self.overlays.first()
    }

    /// True for a file of one of kcx's own sessions: an overlay or its guard.
    #[must_use]
    pub fn is_session_file(&self, path: &Path) -> bool {
        self.overlays.iter().any(|overlay| overlay.path() == path)
            || self.guards.iter().any(|guard| guard == path)
    }

    /// The number of files of the current session at the start of the list.
    #[must_use]
    pub(super) fn session_files(&self) -> usize {
        match self.overlay() {
            Some(_) => self.paths.iter().take_while(|path| self.is_session_file(path)).count(),
            None => 0,
        }
    }

    /// Adds a file that discovery finds, or will find, at this place of the list.
    pub fn insert_found(&mut self, place: usize, file: PathBuf) {
        self.paths.insert(place, file);
        self.found += 1;
    }

    /// The same list without some of its files.
    #[must_use]
    pub fn without(&self, is_left_out: impl Fn(&Path) -> bool) -> Precedence {
        let given = self.paths.len() - self.found;
        let kept = |(at, path): (usize, &PathBuf)| (!is_left_out(path)).then(|| (at >= given, path.clone()));
        let (found, paths): (Vec<bool>, Vec<PathBuf>) =
            self.paths.iter().enumerate().filter_map(kept).unzip();
        let found = found.into_iter().filter(|found| *found).count();
        Precedence { paths, found, ..self.clone() }
    }

    /// The user's own files: the same list without the files of sessions.
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
        let paths: Vec<PathBuf> =
            self.paths.iter().filter(|path| !self.is_session_file(path)).cloned().collect();
        match paths.is_empty() {
            true => Precedence::of_home(env),
            false => Precedence::of_paths(paths, self.origin, self.found),
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
