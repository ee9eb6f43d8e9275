//! Entries that another program wrote into an overlay and that stay there until the user permits moving them to a
//! kubeconfig.

use super::Session;
use crate::env::Env;
use crate::file;
use crate::kubeconfig::{Kind, ParseError};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::PathBuf;

/// The record of these entries, in the session's file `held`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct UnapprovedEntries {
    /// The entries.
    pub entries: Vec<(Kind, String)>,
    /// What the user declined, so as not to ask again.
    pub declined: Option<String>,
    /// True if the shell has ended, and they were copied to a kubeconfig that outlives the session.
    #[serde(default)]
    pub saved: bool,
}

impl Session {
    fn unapproved_file(&self) -> PathBuf {
        self.folder().join("held")
    }

    /// The entries that stay in the overlay.
    #[must_use]
    pub fn unapproved(&self) -> UnapprovedEntries {
        let text = self.read_own(&self.unapproved_file()).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Records which entries stay in the overlay.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn record_unapproved(&self, unapproved: &UnapprovedEntries) -> io::Result<()> {
        if self.unapproved() == *unapproved {
            return Ok(());
        }
        file::write_private(&self.unapproved_file(), &serde_json::to_vec(unapproved).unwrap_or_default())
    }

    /// Copies the entries that stay in the overlay to a kubeconfig that outlives the session; `None` if there are none.
    /// Paths become absolute.
    ///
    /// # Errors
    /// Fails if the overlay cannot be read, or the copy cannot be written.
    pub fn save_unapproved(&self, env: &Env) -> io::Result<Option<PathBuf>> {
        let unapproved = self.unapproved();
        let is_new = !unapproved.entries.is_empty() && !unapproved.saved;
        let Some(state) = env.state.as_ref().filter(|_| is_new) else { return Ok(None) };
        let invalid = |error: ParseError| io::Error::new(io::ErrorKind::InvalidData, error);
        let overlay = self.read()?;
        let mut entries = Vec::new();
        for (kind, name) in &unapproved.entries {
            if let Some(index) = overlay.find(*kind, name) {
                entries.push((
                    *kind,
                    name.clone(),
                    self.with_absolute_paths(&overlay, *kind, index).map_err(invalid)?,
                ));
            }
        }
        // They may have been removed meanwhile.
        if entries.is_empty() {
            return Ok(None);
        }
        let folder = state.join("held");
        file::create_private(&folder)?;
        let path = file::unique_folder(&folder)?.join("config");
        file::write_private(&path, super::overlay_migration::text_of(&entries).map_err(invalid)?.as_bytes())?;
        self.record_unapproved(&UnapprovedEntries { saved: true, ..unapproved.clone() })?;
        Ok(Some(path))
    }
}
