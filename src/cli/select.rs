//! Contexts that are meant by names and patterns.

use super::error::{Cause, Error, known, name};
use crate::glob::Glob;
use crate::kubeconfig::{Kind, Merged};
use std::collections::HashSet;

/// The contexts that fit, in the order they were asked for, each once. What is the name of a context means that one,
/// whatever is in it; what is none is a pattern.
///
/// # Errors
/// Exit code 3 for a name that is not there, or a pattern that nothing fits.
pub(super) fn contexts(wanted: &[String], merged: &Merged) -> Result<Vec<String>, Error> {
    entries(Kind::Context, wanted, merged)
}

/// [`contexts`] of any kind.
///
/// # Errors
/// As [`contexts`].
pub(super) fn entries(kind: Kind, wanted: &[String], merged: &Merged) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    for wanted in wanted {
        if merged.find(kind, wanted).is_some() {
            found.push(wanted.clone());
            continue;
        }
        if !wanted.contains(['*', '?', '[']) {
            return Err(Error::not_found(merged, kind, wanted));
        }
        let glob = Glob::new(wanted);
        let before = found.len();
        found.extend(merged.names(kind).into_iter().filter(|name| glob.matches(name)).map(str::to_owned));
        if found.len() == before {
            return Err(Error::new(Cause::NotFound, format!("no {} fits {}", kind.word(), name(wanted)))
                .hint(known(merged, kind, "")));
        }
    }
    let mut seen = HashSet::new();
    found.retain(|name| seen.insert(name.clone()));
    Ok(found)
}

/// The context in force, where none was named.
///
/// # Errors
/// Exit code 3 where there is none; `usage` says what to type.
pub(super) fn current(merged: &Merged, usage: &str) -> Result<String, Error> {
    match merged.current_context() {
        "" => Err(Error::new(Cause::NotFound, "no context is current, and none was named")
            .hint(format!("{usage}; {}", super::listed(merged)))),
        current if merged.find(Kind::Context, current).is_none() => Err(super::dangling(merged, current)),
        current => Ok(current.to_owned()),
    }
}
