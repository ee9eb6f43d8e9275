//! The warning that the prompt of a shell gave last, so that it is not given at every prompt.

use super::Session;
use crate::file;
use std::io;
use std::path::PathBuf;

impl Session {
    fn warned_file(&self) -> PathBuf {
        self.folder.join("warned")
    }

    /// The text; empty if there was none.
    #[must_use]
    pub fn warned(&self) -> String {
        self.read_own(&self.warned_file()).unwrap_or_default()
    }

    /// Records it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn record_warned(&self, text: &str) -> io::Result<()> {
        match text {
            "" => file::remove_file(&self.warned_file()),
            text => file::write_private(&self.warned_file(), text.as_bytes()),
        }
    }
}
