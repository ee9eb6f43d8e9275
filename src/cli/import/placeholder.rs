//! Tells the user about imported values that are not the values themselves.

use super::super::World;
use super::super::error::name;
use super::source;
use crate::kubeconfig::View;
use crate::kubeconfig::lint::placeholder::{Found, Placeholder, of_entries};
use std::path::Path;

/// The placeholders of one source.
#[derive(Default)]
pub(super) struct Placeholders {
    found: Vec<Found>,
}

impl Placeholders {
    /// Notes those of a view.
    pub(super) fn note(&mut self, view: &View) {
        self.found.extend(of_entries(view));
    }

    /// Warns of them in one sentence.
    pub(super) fn warn(&self, file: &Path, world: &mut World<'_>) {
        let Some(Found { kind, name: entry, field, placeholder }) = self.found.first() else { return };
        let (what, hint) = match placeholder {
            Placeholder::Omitted(word) => (
                format!("is `{word}`, because `kubectl config view` leaves secrets out"),
                "`kubectl config view --raw` prints all values",
            ),
            Placeholder::Encrypted => {
                ("is encrypted by sops".to_owned(), "`sops --decrypt FILE | kcx import -`")
            }
            Placeholder::Template => (
                "looks like a template that has not been filled in".to_owned(),
                "fill it in, and import the result",
            ),
        };
        let more = match self.found.len() - 1 {
            0 => String::new(),
            1 => "; so has 1 more entry".to_owned(),
            more => format!("; so have {more} more entries"),
        };
        let place = source::shown(file);
        world.warn(&format!("the {field} of {} {} of {place} {what}{more}", kind.word(), name(entry)));
        world.hint(hint);
    }
}
