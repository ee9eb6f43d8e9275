//! Sessions that the hook lays over a `KUBECONFIG` that was changed after the start of the shell: by direnv or mise in a
//! directory, or by hand.
//!
//! The session that the shell began with stays as it is. Who leaves the directory gets the old value of `KUBECONFIG` back,
//! with the old overlay in it, and the jobs that were started there never leave their context. A switch in the directory is
//! written into the session that was laid there, and ends with it.

use super::Session;
use crate::env::Env;
use crate::file::{self, ProcessIdentity};
use crate::store::Overlay;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};

/// What the shell's first session knows of the one that was laid last.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Laid {
    /// The value of `KUBECONFIG` that it was laid over; empty if it was unset.
    pub over: String,
    /// The folder of the session.
    pub folder: PathBuf,
}

impl Laid {
    /// The session, if its overlay is there.
    #[must_use]
    pub fn session(&self, env: &Env) -> Option<Session> {
        Session::in_folder(&self.folder, env)
    }
}

impl Session {
    /// The session in this folder, if kcx has made it and its overlay is there.
    #[must_use]
    pub fn in_folder(folder: &Path, env: &Env) -> Option<Session> {
        let overlay = Overlay::of_folder(folder, env).filter(Overlay::is_there)?;
        Some(Session::of(&overlay))
    }

    fn laid_file(&self) -> PathBuf {
        self.folder.join("laid")
    }

    /// The session that was laid last for this shell, whose first session this is.
    #[must_use]
    pub fn laid(&self) -> Option<Laid> {
        serde_json::from_str(&self.read_own(&self.laid_file())?).ok()
    }

    /// Records which session is laid; `None` if the shell is in its first session again.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn record_laid(&self, laid: Option<&Laid>) -> io::Result<()> {
        match laid {
            Some(laid) => {
                let text = serde_json::to_vec(laid).unwrap_or_default();
                file::write_private(&self.laid_file(), &text)
            }
            None => file::remove_file(&self.laid_file()),
        }
    }

    /// True if its shell has ended, or has left this session for another one.
    #[must_use]
    pub fn has_ended(&self, here: &ProcessIdentity) -> bool {
        self.left_behind_file().exists() || self.owner_exists(here) != file::Existence::Running
    }
}
