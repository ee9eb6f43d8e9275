//! One shell's own context: an overlay, first in the `KUBECONFIG` of that shell.
//!
//! The overlay says which context is current and repeats that one context's entry, with the namespace in force; no
//! cluster, no user, no secret. Everything else is read from the user's own files behind it, because the first file
//! wins. A session is a folder that only its owner can read:
//!
//! ```text
//!   $XDG_RUNTIME_DIR/kcx/aB3xYz9k/       else the state folder's `sessions/`
//!     kcx-overlay.yaml                   what kubectl reads and, in this shell, writes
//!     owner                              the shell, so that the folder goes when it has died
//!     pinned                             the context whose entry kcx put there
//!     files                              the user's own files behind the overlay
//!     held                               entries of other programs that need the user's permission
//!     seen-0, seen-1, …                  when each file of the list was changed, as the prompt last saw it
//! ```
//!
//! Nothing here prints or asks. [`hook`] makes the text that a shell evaluates; [`overlay_migration`] moves what other tools have
//! left in an overlay to where it belongs; [`overlay_update`] sets overlays right when a context gets another name or goes;
//! [`history`] remembers what `-` means.

pub mod file_times;
pub mod history;
pub mod hook;
pub mod namespace_cache;
pub mod overlay;
pub mod overlay_migration;
pub mod overlay_update;
pub mod unapproved;

pub use overlay::Selection;

use crate::env::Env;
use crate::file::{self, ProcessIdentity};
use crate::store::overlay::{is_session, owner_file, roots};
use crate::store::{OVERLAY, Overlay, Precedence};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The largest session file that is read, except for its overlay, in bytes.
const SMALL: u64 = 1 << 20;

/// A session: its folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    folder: PathBuf,
}

/// What this shell has of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing: the hook never ran here.
    Off,
    /// Its overlay is the first file of the list.
    Active(Session),
    /// The hook ran, and then `KUBECONFIG` was set anew, without the overlay.
    Displaced(Session),
    /// The list begins with an overlay that is no longer there.
    Gone(PathBuf),
}

impl State {
    /// The session state according to `KUBECONFIG` and `KCX_SESSION`: naming a folder there does not make it a session.
    #[must_use]
    pub fn of(kubeconfig: &Precedence, env: &Env) -> State {
        let session = |overlay: &Overlay| Session { folder: overlay.folder().to_owned() };
        match (kubeconfig.overlay(), &env.session) {
            (Some(overlay), _) if overlay.is_there() => State::Active(session(overlay)),
            (Some(overlay), _) => State::Gone(overlay.path().to_owned()),
            (None, Some(folder)) => match Overlay::of_folder(Path::new(folder), env) {
                Some(overlay) if overlay.is_there() => State::Displaced(session(&overlay)),
                _ => State::Off,
            },
            (None, None) => State::Off,
        }
    }

    /// The session in force.
    #[must_use]
    pub fn active(self) -> Option<Session> {
        match self {
            State::Active(session) => Some(session),
            _ => None,
        }
    }
}

impl Session {
    /// Makes a session for the shell with this process id, above these files and with its parent's choice, in the
    /// first folder that can hold it.
    ///
    /// # Errors
    /// No folder can.
    pub fn create(
        env: &Env,
        shell: u32,
        files: &[PathBuf],
        choice: Option<&Selection>,
    ) -> io::Result<Session> {
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for root in safe_roots(env) {
            match Session::create_in(&root, shell, files, choice) {
                Ok(session) => return Ok(session),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn create_in(
        root: &Path,
        shell: u32,
        files: &[PathBuf],
        choice: Option<&Selection>,
    ) -> io::Result<Session> {
        file::create_private(root)?;
        if !file::is_own_folder(root) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let session = Session { folder: file::unique_folder(root)? };
        file::append(&owner_file(&session.folder), ProcessIdentity::of(shell).render().as_bytes())?;
        file::append(&session.files_file(), &serde_json::to_vec(files).unwrap_or_default())?;
        session.put(choice, &[])?;
        Ok(session)
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What tells it from other sessions.
    #[must_use]
    pub fn id(&self) -> String {
        self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The overlay.
    #[must_use]
    pub fn overlay(&self) -> PathBuf {
        self.folder.join(OVERLAY)
    }

    /// Where the hook notes the shell's process id, if it is not the one that [`Session::create`] was given.
    #[must_use]
    pub fn shell_file(&self) -> PathBuf {
        self.folder.join("shell")
    }

    fn files_file(&self) -> PathBuf {
        self.folder.join("files")
    }

    fn selected_context_file(&self) -> PathBuf {
        self.folder.join("pinned")
    }

    fn time_file(&self, at: usize) -> PathBuf {
        self.folder.join(format!("seen-{at}"))
    }

    /// The shell it was made for.
    #[must_use]
    pub fn owner(&self) -> Option<ProcessIdentity> {
        let record = ProcessIdentity::parse(&self.read_own(&owner_file(&self.folder))?)?;
        let noted = self.read_own(&self.shell_file()).and_then(|text| text.trim().parse().ok());
        Some(match noted.filter(|pid| *pid != record.pid) {
            Some(pid) => record.with_pid(pid),
            None => record,
        })
    }

    /// The user's own files behind the overlay, as they were when it was made; none if that is not known.
    #[must_use]
    pub fn files(&self) -> Option<Vec<PathBuf>> {
        serde_json::from_str(&self.read_own(&self.files_file())?).ok()
    }

    /// The content of one of the folder's small files.
    fn read_own(&self, file: &Path) -> Option<String> {
        String::from_utf8(file::read(file, SMALL).ok()?.0).ok()
    }

    /// True if its shell provably no longer exists.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        let age = self.folder.metadata().and_then(|metadata| metadata.modified()).ok();
        let age = age.and_then(|time| time.elapsed().ok());
        self.owner().is_some_and(|owner| owner.is_dead(&ProcessIdentity::current(), age))
    }

    /// Removes it from disk.
    ///
    /// # Errors
    /// What the system says.
    pub fn remove(&self) -> io::Result<()> {
        file::remove_folder(&self.folder)
    }

    /// All sessions of this user on this machine. A folder that kcx did not create is not one, nor is one whose overlay
    /// is not a regular file.
    #[must_use]
    pub fn all(env: &Env) -> Vec<Session> {
        let roots = safe_roots(env);
        let folders = roots.into_iter().filter_map(|root| fs::read_dir(root).ok()).flatten().flatten();
        let sessions = folders.map(|entry| Session { folder: entry.path() });
        let has_own_overlay = |session: &Session| match session.overlay().symlink_metadata() {
            Ok(metadata) => file::is_own_file(&metadata),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        sessions.filter(|session| is_session(&session.folder) && has_own_overlay(session)).collect()
    }
}

/// The folders for new sessions, best first, without a folder in memory that belongs to another user.
fn safe_roots(env: &Env) -> Vec<PathBuf> {
    let is_strange = |root: &Path| {
        root.parent() == env.runtime.as_deref() && !env.runtime.as_deref().is_some_and(file::is_own_folder)
    };
    roots(env).into_iter().filter(|root| !is_strange(root)).collect()
}
