//! The input of every verb of `kcx config`.

use super::super::{World, overlay_update};
use super::failure::ConfigError;
use super::flags::Invocation;
use super::help;
use crate::printer::quote;
use crate::store::{Report, Store};

/// The input of a verb.
pub(super) struct Call<'c, 'w> {
    pub(super) typed: Invocation,
    pub(super) store: Store,
    pub(super) world: &'c mut World<'w>,
}

impl Call<'_, '_> {
    /// The arguments as Go prints a slice: `[a b]`.
    pub(super) fn go_args(&self) -> String {
        format!("[{}]", self.typed.args.iter().map(|arg| quote::visible(arg)).collect::<Vec<_>>().join(" "))
    }

    /// Prints the verb's help on stdout and returns an error, as kubectl does for a wrong number of arguments.
    pub(super) fn help_and_fail(&mut self, message: &str) -> ConfigError {
        match self.world.print(help::help(self.typed.verb)) {
            Ok(()) => ConfigError::new(message),
            Err(error) => error.into(),
        }
    }

    pub(super) fn unexpected_args(&mut self) -> ConfigError {
        let message = format!("Unexpected args: {}", self.go_args());
        self.help_and_fail(&message)
    }

    /// The user's own files. Entries are renamed and removed there even in a session, because the overlay only has copies.
    pub(super) fn own_store(&self) -> Store {
        self.store.without_overlays()
    }

    /// Updates the overlays of all sessions, including this shell's, after a context was renamed or removed.
    pub(super) fn update_overlays(&mut self, report: &Report, from: &str, to: Option<&str>) {
        overlay_update::update(report, from, to, self.world);
    }
}
