//! Candidates for completion: the names in the kubeconfigs, with descriptions.

use super::{World, describe, messages, pick};
use crate::kubeconfig::typed::{Cluster, Context};
use crate::kubeconfig::{EntryRef, Kind, Merged};
use crate::store::Lookup;
use std::cell::{OnceCell, RefCell, RefMut};

/// The candidates for a word, and whether file names are candidates too.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    pub(super) candidates: Vec<Candidate>,
    pub(super) files: bool,
}

impl Candidates {
    /// Without file names.
    pub(super) fn of(candidates: Vec<Candidate>) -> Candidates {
        Candidates { candidates, files: false }
    }
}

/// A candidate and its description.
pub(super) type Candidate = (String, String);

/// A query for names.
#[derive(Clone, Copy, Debug)]
pub(super) struct NameQuery<'t> {
    /// The prefix of the names.
    pub(super) typed: &'t str,
    /// Whether to add descriptions, for which each entry must be read.
    pub(super) describe: bool,
}

/// The names of one run. Each kubeconfig is opened once, however many queries there are.
pub(super) struct Names<'a, 'w> {
    pub(super) world: &'a World<'w>,
    lookup: OnceCell<Option<RefCell<Lookup>>>,
}

impl<'a, 'w> Names<'a, 'w> {
    /// Nothing is read yet.
    pub(super) fn new(world: &'a World<'w>) -> Names<'a, 'w> {
        Names { world, lookup: OnceCell::new() }
    }

    fn lookup(&self) -> Option<RefMut<'_, Lookup>> {
        let lookup = self.lookup.get_or_init(|| self.world.lookup().ok().map(RefCell::new));
        lookup.as_ref().map(RefCell::borrow_mut)
    }

    /// The entries of a kind that fit.
    pub(super) fn entries(&self, kind: Kind, query: NameQuery<'_>) -> Vec<Candidate> {
        if kind == Kind::Context {
            return self.contexts(query);
        }
        let Some(mut lookup) = self.lookup() else { return Vec::new() };
        lookup.whole().map(|merged| fitting(merged, kind, query)).unwrap_or_default()
    }

    /// The contexts that fit.
    pub(super) fn contexts(&self, query: NameQuery<'_>) -> Vec<Candidate> {
        let Some(mut lookup) = self.lookup() else { return Vec::new() };
        lookup.contexts().map(|merged| fitting(merged, Kind::Context, query)).unwrap_or_default()
    }

    /// The known namespaces of a context; `None` stands for the current context.
    pub(super) fn namespaces(&self, context: Option<&str>) -> Vec<Candidate> {
        let Some(mut lookup) = self.lookup() else { return Vec::new() };
        let context = match context.filter(|name| *name != "-") {
            Some(context) => context.to_owned(),
            None => lookup.current_context().to_owned(),
        };
        let known = pick::known_namespaces(&mut lookup, &context, self.world);
        let known = known.map(|(known, _)| known).unwrap_or_default();
        known.into_iter().map(|name| (name, String::new())).collect()
    }
}

fn fitting(merged: &Merged, kind: Kind, query: NameQuery<'_>) -> Vec<Candidate> {
    let fits = |entry: &EntryRef| merged.name(*entry).starts_with(query.typed);
    let named = |entry| {
        (merged.name(entry).to_owned(), if query.describe { what(merged, entry) } else { String::new() })
    };
    merged.entries(kind).into_iter().filter(fits).map(named).collect()
}

fn what(merged: &Merged, entry: EntryRef) -> String {
    let Ok(body) = merged.body(entry) else { return String::new() };
    match entry.kind {
        Kind::Context => {
            let name = merged.name(entry);
            let said = |what: &str, value: &str| match value {
                "" => None,
                same if same == name => None,
                value => Some(format!("{what} {value}")),
            };
            let context = Context(&body);
            let current = (merged.current_context() == name).then(|| "current".to_owned());
            let fields = [said("namespace", context.namespace()), said("cluster", context.cluster())];
            std::iter::once(current).chain(fields).flatten().collect::<Vec<_>>().join(", ")
        }
        Kind::Cluster => messages::without_login(Cluster(&body).server()),
        Kind::User => describe::auth(&body),
    }
}
