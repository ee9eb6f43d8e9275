//! Overlays: the files of kcx's own sessions, first in the `KUBECONFIG` of a shell.
//!
//! An overlay is not one of the user's kubeconfigs: it takes no new entries, is not recorded in the journal, and
//! entries that other tools write into it are moved out. So a file counts as one only if kcx must have made it. Its
//! path must be spelled as the shell hook spells it: `ROOT/ID/kcx-overlay.yaml`, where `ROOT` is one of [`roots`].
//! Root, folder, file and the record `ID/owner` must belong to the user kcx runs as, must not be writable for others,
//! and must not be symbolic links. Every other file is an ordinary member of `KUBECONFIG`, whatever its name.

use crate::env::Env;
use crate::file;
use std::io;
use std::path::{Path, PathBuf};

/// The file name of every overlay.
pub const OVERLAY: &str = "kcx-overlay.yaml";

/// A file that kcx made for a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlay {
    path: PathBuf,
    folder: PathBuf,
    is_there: bool,
}

impl Overlay {
    /// The overlay at this path if it is kcx's own, even if it was removed. The disk is accessed only for a path with
    /// the right name in the right place.
    #[must_use]
    pub(super) fn find(path: &Path, env: &Env) -> Option<Overlay> {
        let folder = path.parent().filter(|_| path.file_name().is_some_and(|name| name == OVERLAY))?;
        let root = folder.parent().filter(|_| folder.file_name().is_some())?;
        // The path as spelled: what `..` means depends on links.
        if !roots(env).iter().any(|known| known == root) {
            return None;
        }
        let is_there = match path.symlink_metadata() {
            Ok(metadata) if file::is_own_file(&metadata) && is_session(folder) => true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            _ => return None,
        };
        Some(Overlay { path: path.to_owned(), folder: folder.to_owned(), is_there })
    }

    /// The overlay in this folder, with the checks of `Overlay::find`.
    #[must_use]
    pub fn of_folder(folder: &Path, env: &Env) -> Option<Overlay> {
        Overlay::find(&folder.join(OVERLAY), env)
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

    /// False if it was removed: the session ended, or the user logged out.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.is_there
    }
}

/// True if kcx created this folder for a session, with or without its overlay.
#[must_use]
pub fn is_session(folder: &Path) -> bool {
    folder.parent().is_some_and(file::is_own_folder)
        && file::is_own_folder(folder)
        && owner_file(folder).symlink_metadata().is_ok_and(|metadata| file::is_own_file(&metadata))
}

/// The file with the process that a session belongs to: a folder without it is not a session.
#[must_use]
pub fn owner_file(folder: &Path) -> PathBuf {
    folder.join("owner")
}

/// The folders of sessions, best first. Those of kcx 0.1.0 are in the runtime folder, which the system removes when the user
/// logs out, even if programs of a session still run.
#[must_use]
pub fn roots(env: &Env) -> Vec<PathBuf> {
    let state = env.state.as_ref().map(|state| state.join("sessions"));
    state.into_iter().chain(env.runtime.as_ref().map(|folder| folder.join("kcx"))).collect()
}
