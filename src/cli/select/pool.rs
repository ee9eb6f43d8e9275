//! The names that words select from.

use crate::cli::error::{Cause, Error, known, name};
use crate::cli::operand::is_pattern;
use crate::kubeconfig::{Kind, Merged};
use std::cell::OnceCell;

/// Names to select from: entries of the kubeconfigs, or anything else with a name.
pub(in crate::cli) struct Pool<'n> {
    from: From<'n>,
    all: OnceCell<Vec<&'n str>>,
}

enum From<'n> {
    Entries(Kind, &'n Merged),
    Names { noun: &'static str, names: Vec<&'n str>, hint: &'static str },
}

impl<'n> Pool<'n> {
    /// The entries of a kind.
    pub(in crate::cli) fn entries(kind: Kind, merged: &'n Merged) -> Pool<'n> {
        Pool { from: From::Entries(kind, merged), all: OnceCell::new() }
    }

    /// These names; `noun` is what one of them is, and `hint` how to list them.
    pub(in crate::cli) fn names(noun: &'static str, names: Vec<&'n str>, hint: &'static str) -> Pool<'n> {
        Pool { from: From::Names { noun, names, hint }, all: OnceCell::new() }
    }

    /// What one of them is: `context`.
    pub(super) fn noun(&self) -> &'static str {
        match &self.from {
            From::Entries(kind, _) => kind.word(),
            From::Names { noun, .. } => noun,
        }
    }

    /// True if they are contexts, which can have aliases and groups.
    pub(super) fn has_contexts(&self) -> bool {
        self.contexts().is_some()
    }

    /// The kubeconfigs, if they are contexts.
    pub(super) fn contexts(&self) -> Option<&'n Merged> {
        match self.from {
            From::Entries(Kind::Context, merged) => Some(merged),
            _ => None,
        }
    }

    /// True if there are none.
    pub(in crate::cli) fn is_empty(&self) -> bool {
        self.all().is_empty()
    }

    /// The name, if there is one that is exactly this.
    pub(in crate::cli) fn find(&self, wanted: &str) -> Option<&'n str> {
        match &self.from {
            From::Entries(kind, merged) => merged.find(*kind, wanted).map(|entry| merged.name(entry)),
            From::Names { names, .. } => names.iter().copied().find(|name| *name == wanted),
        }
    }

    /// All names, in their order.
    pub(super) fn all(&self) -> &[&'n str] {
        self.all.get_or_init(|| match &self.from {
            From::Entries(kind, merged) => merged.names(*kind),
            From::Names { names, .. } => names.clone(),
        })
    }

    /// The error for a name or a pattern that matches nothing.
    pub(super) fn missing(&self, wanted: &str) -> Error {
        if is_pattern(wanted) {
            return self.unmatched(wanted);
        }
        match &self.from {
            From::Entries(kind, merged) => Error::not_found(merged, *kind, wanted),
            From::Names { noun, hint, .. } => {
                Error::new(Cause::NotFound, format!("no {noun} named {}", name(wanted))).hint(*hint)
            }
        }
    }

    /// The error for a pattern that matches nothing.
    pub(super) fn unmatched(&self, wanted: &str) -> Error {
        let error = Error::new(Cause::NotFound, format!("no {} matches {}", self.noun(), name(wanted)));
        error.hint(match &self.from {
            From::Entries(kind, merged) => known(merged, *kind, ""),
            From::Names { hint, .. } => (*hint).to_owned(),
        })
    }
}
