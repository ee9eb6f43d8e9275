//! Sessions: each shell has its own context in an overlay, the first and the last file in the `KUBECONFIG` of that shell.
//! Beside it in the list is its guard, at both places.
//!
//! The overlay has the `current-context`, but no cluster, user or secret: everything else is read from the user's own files
//! between its two places. It is in both because of two files with a `current-context` kubectl takes the first, and the
//! clients for Python and JavaScript take the last. It has the entry of its context only while the namespace of this shell
//! is not that of the user's own file. A session is a folder that only its owner can read:
//!
//! ```text
//!   sessions/aB3xYz9k/                   in the state folder, else `$XDG_RUNTIME_DIR/kcx/aB3xYz9k/`
//!     kcx-overlay.yaml                   what kubectl reads and, in this shell, writes
//!     owner                              the shell's process
//!     ended                              the processes that the shell left behind when it ended
//!     files                              the user's own files after the overlay, as JSON
//!     before                             `KUBECONFIG` before the session began
//!     held                               entries of other programs that need the user's permission
//!     kubeconfig.yaml                    the one file of a session for programs that read no list
//!     locked.yaml                        that of a shell that is locked to a context, or behind a read-only proxy
//!     *.written, embed                   what kcx wrote there, and that it contains credentials
//!     laid                               the session over a `KUBECONFIG` that was changed later
//!     warned                             the warning that its prompt gave last
//!     seen-0, seen-1, …                  modification times of the files in `KUBECONFIG` at the last prompt
//!   sessions/env-5f1c…/                 one that `kcx env` made for a directory
//!   panes/4711-3                       the shell that last told tmux (process 4711) the context of its pane %3, and what
//!   guards/aB3xYz9k.yaml                 in the data folder: makes clients fail if the overlay is missing
//! ```
//!
//! Nothing here prints or asks. [`hook`] writes the text that a shell evaluates; [`laid`] has the sessions over a `KUBECONFIG`
//! that was changed later, [`directory`] those of `kcx env`; [`overlay_migration`] moves entries that
//! other tools have written into an overlay to the user's own file; [`restore`] makes a missing overlay again; [`overlay_update`] updates overlays after a context was
//! renamed or removed; [`history`] stores the switches that `-` reverses; [`pane`] is the tmux pane of a shell.

pub mod abandoned;
pub mod directory;
pub mod file_times;
pub mod guard;
pub mod history;
pub mod hook;
pub mod idle;
pub mod laid;
pub mod liveness;
pub mod namespace_cache;
pub mod overlay;
pub mod overlay_migration;
pub mod overlay_update;
pub mod pane;
pub mod restore;
pub mod single_file;
pub mod unapproved;
pub mod warned;

pub use overlay::{OverlayError, Selection, StoredSelection};

use crate::env::Env;
use crate::file::limits;
use crate::file::{self, ProcessIdentity};
use crate::store::overlay::{FilesRecord, Root, files_file, is_own_guard, is_session, owner_file, roots};
use crate::store::{OVERLAY, Overlay, Precedence};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A session, identified by its folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    folder: PathBuf,
    guard: PathBuf,
}

/// The session state of this shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// No session: the shell hook has not run.
    Off,
    /// The overlay is the first file of `KUBECONFIG`.
    Active(Session),
    /// The shell hook has run, but `KUBECONFIG` was set again later, without the overlay.
    Displaced(Session),
    /// `KUBECONFIG` begins with an overlay that no longer exists, or is empty.
    Gone(Overlay),
}

impl State {
    /// The state according to `KUBECONFIG` and `KCX_SESSION`. A folder named there must pass the checks of
    /// [`Overlay::of_folder`].
    #[must_use]
    pub fn of(kubeconfig: &Precedence, env: &Env) -> State {
        match (kubeconfig.overlay(), &env.session) {
            (Some(overlay), _) if overlay.is_there() => State::Active(Session::of(overlay)),
            (Some(overlay), _) => State::Gone(overlay.clone()),
            (None, Some(folder)) => match Overlay::of_folder(Path::new(folder), env) {
                Some(overlay) if overlay.is_there() => State::Displaced(Session::of(&overlay)),
                _ => State::Off,
            },
            (None, None) => State::Off,
        }
    }

    /// The active session, if there is one.
    #[must_use]
    pub fn active(self) -> Option<Session> {
        match self {
            State::Active(session) => Some(session),
            _ => None,
        }
    }
}

impl Session {
    /// Creates a session for the shell with this process id, over these files and with its parent's selection, in the
    /// first root folder that is usable.
    ///
    /// # Errors
    /// No root folder is usable.
    pub fn create(
        env: &Env,
        shell: u32,
        files: &[PathBuf],
        choice: Option<&StoredSelection>,
    ) -> io::Result<Session> {
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        let before = kubeconfig_before(env);
        for root in safe_roots(env) {
            match Session::create_in(&root, shell, files, choice) {
                Ok(session) => {
                    // Without this record, `KUBECONFIG` is what is left of the list.
                    let _ = file::append(&session.before_file(), before.unwrap_or_default().as_bytes());
                    return Ok(session);
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// The session of this overlay.
    #[must_use]
    pub fn of(overlay: &Overlay) -> Session {
        Session { folder: overlay.folder().to_owned(), guard: overlay.guard().to_owned() }
    }

    fn create_in(
        root: &Root,
        shell: u32,
        files: &[PathBuf],
        choice: Option<&StoredSelection>,
    ) -> io::Result<Session> {
        prepare(root)?;
        let folder = file::unique_folder(&root.sessions)?;
        let session = Session { guard: root.guard(folder.file_name().unwrap_or_default()), folder };
        file::append(&owner_file(&session.folder), ProcessIdentity::of(shell).render().as_bytes())?;
        session.record_files(files)?;
        session.put(choice, &[])?;
        Ok(session)
    }

    /// Records the user's own files.
    fn record_files(&self, files: &[PathBuf]) -> io::Result<()> {
        let record = serde_json::to_vec(&FilesRecord { files: files.to_owned() });
        file::append(&self.files_file(), &record.unwrap_or_default()).map(drop)
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The id: the name of the folder.
    #[must_use]
    pub fn id(&self) -> String {
        self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The path of the overlay.
    #[must_use]
    pub fn overlay(&self) -> PathBuf {
        self.folder.join(OVERLAY)
    }

    /// The path of the guard.
    #[must_use]
    pub fn guard(&self) -> &Path {
        &self.guard
    }

    /// The file into which the hook writes the shell's process id if [`Session::create`] was given another one.
    #[must_use]
    pub fn shell_file(&self) -> PathBuf {
        self.folder.join("shell")
    }

    fn files_file(&self) -> PathBuf {
        files_file(&self.folder)
    }

    /// The file with `KUBECONFIG` as it was before the session, empty if it was not set.
    fn before_file(&self) -> PathBuf {
        self.folder.join("before")
    }

    fn time_file(&self, at: usize) -> PathBuf {
        self.folder.join(format!("seen-{at}"))
    }

    /// The process of the shell that owns the session.
    #[must_use]
    pub fn owner(&self) -> Option<ProcessIdentity> {
        let line = self.read_own(&owner_file(&self.folder)).or_else(|| self.record()?.owner)?;
        let record = ProcessIdentity::parse(&line)?;
        let noted = self.read_own(&self.shell_file()).and_then(|text| text.trim().parse().ok());
        Some(match noted.filter(|pid| *pid != record.pid) {
            Some(pid) => record.with_pid(pid),
            None => record,
        })
    }

    /// The user's own files after the overlay, as recorded at its creation; `None` if the record cannot be read.
    #[must_use]
    pub fn files(&self) -> Option<Vec<PathBuf>> {
        FilesRecord::read(&self.folder).map(|record| record.files)
    }

    /// The content of one of the folder's small files.
    fn read_own(&self, file: &Path) -> Option<String> {
        String::from_utf8(file::read(file, limits::STATE).ok()?.0).ok()
    }

    /// Removes it from disk.
    ///
    /// # Errors
    /// The folder or the guard cannot be removed.
    pub fn remove(&self) -> io::Result<()> {
        // A program of the session that still runs fails rather than going on elsewhere.
        file::remove_folder(&self.folder)?;
        file::remove_file(&self.guard)
    }

    /// All sessions of this user on this machine. A folder that kcx did not create is not one, nor is one whose overlay
    /// is not a regular file. A guard whose session was removed is one.
    #[must_use]
    pub fn all(env: &Env) -> Vec<Session> {
        let names =
            |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut sessions = Vec::new();
        for root in safe_roots(env) {
            for folder in names(&root.sessions) {
                let guard = root.guard(folder.file_name().unwrap_or_default());
                sessions.push(Session { folder, guard });
            }
            for guard in names(&root.guards).filter(|guard| is_own_guard(guard)) {
                let folder = root.sessions.join(guard.file_stem().unwrap_or_default());
                if !folder.exists() {
                    sessions.push(Session { folder, guard });
                }
            }
        }
        sessions.retain(Session::is_kcxs);
        sessions
    }

    fn is_kcxs(&self) -> bool {
        if !self.folder.exists() {
            return true;
        }
        let has_own_overlay = match self.overlay().symlink_metadata() {
            Ok(metadata) => file::is_own_file(&metadata),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        is_session(&self.folder, &self.guard) && has_own_overlay
    }
}

/// `KUBECONFIG` without the files of the session that it may be in: as it was before that session began, unless it was
/// changed since. `None` if it was not set.
#[must_use]
pub fn kubeconfig_before(env: &Env) -> Option<String> {
    let list = env.kubeconfig.as_ref().filter(|list| !list.is_empty())?;
    let precedence = Precedence::new(None, env);
    let Some(overlay) = precedence.overlay() else { return Some(list.to_string_lossy().into_owned()) };
    let own: Vec<PathBuf> =
        precedence.paths.iter().filter(|path| !precedence.is_session_file(path)).cloned().collect();
    let session = Session::of(overlay);
    match session.read_own(&session.before_file()) {
        Some(before) if session.files().as_deref() == Some(&own) => {
            Some(before).filter(|list| !list.is_empty())
        }
        _ => std::env::join_paths(own).ok().map(|list| list.to_string_lossy().into_owned()),
    }
}

/// Creates the folders of a root.
fn prepare(root: &Root) -> io::Result<()> {
    for folder in [&root.sessions, &root.guards] {
        file::create_private(folder)?;
        if !file::is_own_folder(folder) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
    }
    Ok(())
}

/// The roots for new sessions, best first, without a runtime folder that belongs to another user.
fn safe_roots(env: &Env) -> Vec<Root> {
    let is_strange = |root: &Root| {
        root.sessions.parent() == env.runtime.as_deref()
            && !env.runtime.as_deref().is_some_and(file::is_own_folder)
    };
    roots(env).into_iter().filter(|root| !is_strange(root)).collect()
}
