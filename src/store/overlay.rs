//! The files of kcx's own sessions in the `KUBECONFIG` of a shell: overlays and their guards.
//!
//! An overlay is not one of the user's kubeconfigs: it takes no new entries, is not recorded in the journal, and
//! entries that other tools write into it are moved out. So a file counts as one only if kcx must have made it. Its
//! path must be spelled as the shell hook spells it: `SESSIONS/ID/kcx-overlay.yaml`, where `SESSIONS` is the folder of one
//! of the [`roots`]. That folder, the session's folder, the file and the record `ID/owner` must belong to the user kcx
//! runs as, must not be writable for others, and must not be symbolic links. Every other file is an ordinary member of
//! `KUBECONFIG`, whatever its name.
//!
//! A guard (`crate::session::guard`) counts only in a list that begins with its overlay. It is `GUARDS/ID.yaml` of the
//! same root, with the same demands on folder and file. If a session's folder was removed and another program has made it
//! again, its `owner` is missing; the guard then shows that kcx had made it.
//!
//! A session can have one file instead of a list, for programs that read no list: `SESSIONS/ID/kubeconfig.yaml`. kcx writes
//! it from the overlay and the user's own files, and itself reads those, as if `KUBECONFIG` named them.

use crate::env::Env;
use crate::file;
use serde::{Deserialize, Serialize};
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

/// The file name of every overlay.
pub const OVERLAY: &str = "kcx-overlay.yaml";

/// The file name of the one file of a session without a list.
pub const SINGLE_FILE: &str = "kubeconfig.yaml";

/// A file that kcx made for a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlay {
    path: PathBuf,
    folder: PathBuf,
    guard: PathBuf,
    is_there: bool,
}

impl Overlay {
    /// The overlay at this path if it is kcx's own, even if it was removed. The disk is accessed only for a path with
    /// the right name in the right place.
    #[must_use]
    pub(super) fn find(path: &Path, env: &Env) -> Option<Overlay> {
        let folder = path.parent().filter(|_| path.file_name().is_some_and(|name| name == OVERLAY))?;
        let (sessions, id) = (folder.parent()?, folder.file_name()?);
        // The path as spelled: what `..` means depends on links.
        let root = roots(env).into_iter().find(|root| root.sessions == sessions)?;
        let guard = root.guard(id);
        let is_there = match path.symlink_metadata() {
            Ok(metadata) if file::is_own_file(&metadata) && is_session(folder, &guard) => metadata.len() > 0,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            _ => return None,
        };
        Some(Overlay { path: path.to_owned(), folder: folder.to_owned(), guard, is_there })
    }

    /// The overlay in this folder, with the checks of `Overlay::find`.
    #[must_use]
    pub fn of_folder(folder: &Path, env: &Env) -> Option<Overlay> {
        Overlay::find(&folder.join(OVERLAY), env)
    }

    /// The overlay of the session whose one file this is.
    #[must_use]
    pub(super) fn of_single_file(path: &Path, env: &Env) -> Option<Overlay> {
        let folder = path.parent().filter(|_| path.file_name().is_some_and(|name| name == SINGLE_FILE))?;
        Overlay::of_folder(folder, env)
    }

    /// The path of the overlay.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of the session.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The path of its guard.
    #[must_use]
    pub fn guard(&self) -> &Path {
        &self.guard
    }

    /// False if it was removed or emptied.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.is_there
    }

    /// True if this path of the list is its guard, even if the guard was removed.
    pub(super) fn is_guarded_by(&self, path: &Path) -> bool {
        path == self.guard && (is_own_guard(path) || is_missing(path))
    }
}

/// True if kcx created this folder for a session, with or without its overlay.
#[must_use]
pub fn is_session(folder: &Path, guard: &Path) -> bool {
    let is_own = |path: &Path| path.symlink_metadata().is_ok_and(|metadata| file::is_own_file(&metadata));
    folder.parent().is_some_and(file::is_own_folder)
        && file::is_own_folder(folder)
        && (is_own(&owner_file(folder)) || is_missing(&owner_file(folder)) && is_own_guard(guard))
}

/// True if this is a guard that kcx has made.
#[must_use]
pub fn is_own_guard(guard: &Path) -> bool {
    guard.symlink_metadata().is_ok_and(|metadata| file::is_own_file(&metadata))
        && guard.parent().is_some_and(file::is_own_folder)
}

fn is_missing(path: &Path) -> bool {
    path.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// What is known of the kubeconfigs below an overlay.
#[derive(Deserialize, Serialize)]
pub struct FilesRecord {
    /// The user's own files, as absolute paths.
    pub files: Vec<PathBuf>,
}

impl FilesRecord {
    /// Reads the record of the session in this folder.
    #[must_use]
    pub fn read(folder: &Path) -> Option<FilesRecord> {
        let (text, _) = file::read(&files_file(folder), file::limits::STATE).ok()?;
        // kcx 0.1.0 wrote the list alone.
        let of_0_1_0 = |files| FilesRecord { files };
        serde_json::from_slice(&text).or_else(|_| serde_json::from_slice(&text).map(of_0_1_0)).ok()
    }
}

/// The file with the user's own files below the overlay.
#[must_use]
pub fn files_file(folder: &Path) -> PathBuf {
    folder.join("files")
}

/// The file with the process that a session belongs to.
#[must_use]
pub fn owner_file(folder: &Path) -> PathBuf {
    folder.join("owner")
}

/// A place for sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// The folder of the sessions' folders.
    pub sessions: PathBuf,
    /// The folder of their guards. It is not below the other, so that nobody removes both at once.
    pub guards: PathBuf,
}

impl Root {
    /// The guard of the session with this id.
    #[must_use]
    pub fn guard(&self, id: &OsStr) -> PathBuf {
        let mut name = id.to_owned();
        name.push(".yaml");
        self.guards.join(name)
    }
}

/// The places for sessions, best first. Sessions of kcx 0.1.0 are in the runtime folder, which the system removes when the
/// user logs out, even if programs of a session still run.
#[must_use]
pub fn roots(env: &Env) -> Vec<Root> {
    let state = env.state.as_ref().map(|state| Root {
        sessions: state.join("sessions"),
        guards: env.data.as_ref().unwrap_or(state).join("guards"),
    });
    let runtime = env
        .runtime
        .as_ref()
        .map(|folder| Root { sessions: folder.join("kcx"), guards: folder.join("kcx-guards") });
    state.into_iter().chain(runtime).collect()
}
