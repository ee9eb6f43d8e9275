//! What the user should know or type next, for all commands that read or write kubeconfigs.

use super::super::error::{Cause, Error, name, path};
use super::super::tilde;
use super::World;

impl World<'_> {
    /// Warns about files in which a list occurs twice: only its last occurrence is read.
    pub(in crate::cli) fn warn_of_unread(&mut self) {
        for (file, entries) in self.inputs.take_unread() {
            const SHOWN: usize = 5;
            let named =
                entries.iter().take(SHOWN).map(|(kind, entry)| format!("{} {}", kind.word(), name(entry)));
            let mut list = named.collect::<Vec<_>>().join(", ");
            if entries.len() > SHOWN {
                list += &format!(" and {} more", entries.len() - SHOWN);
            }
            self.warn(&format!("{} contains two kubeconfigs; of these, {list} are not read", path(&file)));
            self.hint("kubectl, too, reads only the last list of each kind; put a line `---` between them, and `kcx import` reads both");
        }
    }

    /// Names the commands that switch without writing the kubeconfig, if a switch could not lock it.
    pub(super) fn hint_at_sessions(&self, error: Error) -> Error {
        let is_switch = ["kcx use", "kcx ns"].contains(&self.command.as_str());
        if error.cause != Cause::Locked || !is_switch {
            return error;
        }
        error.hint("`kcx shell NAME` and `kcx exec NAME -- CMD` switch without writing the kubeconfig")
    }

    /// The error for kubeconfigs without contexts: whether there is a file at all, and how to begin.
    #[must_use]
    pub(in crate::cli) fn no_contexts(&self) -> Error {
        let store = self.own_store();
        let is_there = store.precedence().paths.iter().any(|file| self.env.absolute(file).exists());
        let message = match is_there {
            true => format!("there are no contexts in {}", self.places()),
            false => {
                let do_not = if self.places().contains("`, `") { "do not" } else { "does not" };
                format!("there is no kubeconfig: {} {do_not} exist", self.places())
            }
        };
        let tildes = store.precedence().paths.iter().filter_map(|file| tilde::hint(file));
        Error::new(Cause::NotFound, message)
            .hints(tildes)
            .hint("`kcx import FILE` adds the contexts of a kubeconfig; `kcx demo` shows kcx at work")
    }

    /// Says that there are no contexts, for a command that lists them.
    pub(in crate::cli) fn tell_no_contexts(&mut self) {
        let nothing = self.no_contexts();
        self.done(&nothing.message);
        if !self.globals.quiet {
            nothing.hints.iter().for_each(|hint| self.hint(hint));
        }
    }

    /// Describes where the user's kubeconfigs are, for messages that they are empty.
    #[must_use]
    pub fn places(&self) -> String {
        let paths = self.own_store().precedence().paths.clone();
        let named: Vec<String> =
            paths.iter().filter(|file| !file.as_os_str().is_empty()).map(|file| path(file)).collect();
        named.join(", ")
    }
}
