//! What a command is given: the facts, and the two streams to answer on.

use crate::env::Env;
use crate::file::Patience;
use std::io::Write;

/// The world of one run.
pub struct World<'w> {
    /// The facts.
    pub env: &'w Env,
    /// stdout: data.
    pub out: &'w mut dyn Write,
    /// stderr: talk.
    pub err: &'w mut dyn Write,
    /// How patient to be about locks.
    pub patience: Patience,
}

impl World<'_> {
    /// Prints data.
    ///
    /// # Errors
    /// stdout is closed or full.
    pub fn print(&mut self, text: &str) -> std::io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// Tells the user something, line end included. That nobody listens is no failure.
    pub fn tell(&mut self, text: &str) {
        let _ = self.err.write_all(text.as_bytes());
    }
}
