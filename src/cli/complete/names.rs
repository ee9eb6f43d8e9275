//! The names in the kubeconfigs, and what is said about each.

use super::super::get::{self, text};
use super::super::{World, pick, words};
use crate::kubeconfig::{EntryRef, Kind, Merged};

/// A candidate, and what it is.
pub(in super::super) type Candidate = (String, String);

/// What is wanted of names.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Asked<'t> {
    /// What they begin with.
    pub(in super::super) typed: &'t str,
    /// Whether to say what they are: for that each entry has to be read.
    pub(in super::super) describe: bool,
}

/// The entries of a kind that fit.
pub(in super::super) fn entries(kind: Kind, asked: Asked<'_>, world: &World<'_>) -> Vec<Candidate> {
    match kind {
        Kind::Context => contexts(asked, world),
        _ => world.load().map(|loaded| fitting(&loaded.merged, kind, asked)).unwrap_or_default(),
    }
}

/// The contexts that fit.
pub(in super::super) fn contexts(asked: Asked<'_>, world: &World<'_>) -> Vec<Candidate> {
    let Ok(mut glance) = world.glance() else { return Vec::new() };
    glance.contexts().map(|merged| fitting(merged, Kind::Context, asked)).unwrap_or_default()
}

fn fitting(merged: &Merged, kind: Kind, asked: Asked<'_>) -> Vec<Candidate> {
    let fits = |entry: &EntryRef| merged.name(*entry).starts_with(asked.typed);
    let named = |entry| {
        (merged.name(entry).to_owned(), if asked.describe { what(merged, entry) } else { String::new() })
    };
    merged.entries(kind).into_iter().filter(fits).map(named).collect()
}

/// The namespaces kcx has heard of in a context; none means the current one.
pub(in super::super) fn namespaces(context: Option<&str>, world: &World<'_>) -> Vec<Candidate> {
    let Ok(mut glance) = world.glance() else { return Vec::new() };
    let context = match context.filter(|name| *name != "-") {
        Some(context) => context.to_owned(),
        None => glance.current_context().to_owned(),
    };
    let known =
        pick::known_namespaces(&mut glance, &context, world).map(|(known, _)| known).unwrap_or_default();
    known.into_iter().map(|name| (name, String::new())).collect()
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
            let current = (merged.current_context() == name).then(|| "current".to_owned());
            let fields =
                [said("namespace", text(&body, "namespace")), said("cluster", text(&body, "cluster"))];
            std::iter::once(current).chain(fields).flatten().collect::<Vec<_>>().join(", ")
        }
        Kind::Cluster => words::without_login(text(&body, "server")),
        Kind::User => get::auth(&body),
    }
}
