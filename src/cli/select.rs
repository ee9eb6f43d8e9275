//! Selects contexts by names and patterns.

use super::error::{Cause, Error, known, name};
use super::operand::is_pattern;
use crate::glob::Glob;
use crate::kubeconfig::{Kind, Merged};
use std::collections::HashSet;

/// The matching contexts, in the order of the arguments, each once. An argument that is the name of a context means that
/// context, even with pattern characters; any other one is a pattern.
///
/// # Errors
/// Exit code 3 for a name that does not exist, or a pattern without a match.
pub(super) fn contexts(wanted: &[String], merged: &Merged) -> Result<Vec<String>, Error> {
    entries(Kind::Context, wanted, merged)
}

/// Like [`contexts`], for entries of any kind.
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
        if !is_pattern(wanted) {
            return Err(missing(merged, kind, wanted));
        }
        let glob = Glob::new(wanted);
        let before = found.len();
        found.extend(merged.names(kind).into_iter().filter(|name| glob.matches(name)).map(str::to_owned));
        if found.len() == before {
            return Err(missing(merged, kind, wanted));
        }
    }
    Ok(once(found))
}

/// The selected ones of these names, and the words that match none. As for [`contexts`], an exact name wins; any other
/// word may be a pattern.
pub(super) fn among<'n, 'w>(
    wanted: &'w [String],
    is_there: impl Fn(&str) -> bool,
    all: impl FnOnce() -> Vec<&'n str>,
) -> (HashSet<&'n str>, Vec<&'w String>) {
    let (mut found, mut missing) = (HashSet::new(), Vec::new());
    let all = if wanted.is_empty() { Vec::new() } else { all() };
    for wanted in wanted {
        if is_there(wanted) {
            found.extend(all.iter().copied().filter(|name| name == wanted));
        } else if is_pattern(wanted) {
            let glob = Glob::new(wanted);
            let mut fits = all.iter().copied().filter(|name| glob.matches(name)).peekable();
            if fits.peek().is_none() {
                missing.push(wanted);
            }
            found.extend(fits);
        } else {
            missing.push(wanted);
        }
    }
    (found, missing)
}

/// The error for a name or pattern that matches no entry.
pub(super) fn missing(merged: &Merged, kind: Kind, wanted: &str) -> Error {
    match is_pattern(wanted) {
        true => Error::new(Cause::NotFound, format!("no {} matches {}", kind.word(), name(wanted)))
            .hint(known(merged, kind, "")),
        false => Error::not_found(merged, kind, wanted),
    }
}

/// The contexts whose names match a regular expression, in the order of the arguments, each once.
///
/// # Errors
/// Exit code 2 for an invalid regular expression, 3 for one that matches nothing.
pub(super) fn regexes(wanted: &[String], merged: &Merged) -> Result<Vec<String>, Error> {
    let (names, mut found) = (merged.names(Kind::Context), Vec::new());
    for wanted in wanted {
        let regex = regex_lite::Regex::new(wanted).map_err(|error| {
            let why = error.to_string().to_lowercase();
            Error::new(Cause::Usage, format!("{} is not a valid regular expression: {why}", name(wanted)))
        })?;
        let before = found.len();
        found.extend(names.iter().filter(|name| regex.is_match(name)).map(|name| (*name).to_owned()));
        if found.len() == before {
            return Err(Error::new(Cause::NotFound, format!("no context matches {}", name(wanted)))
                .hint(known(merged, Kind::Context, "")));
        }
    }
    Ok(once(found))
}

/// Removes duplicates, keeping the first one.
fn once(mut names: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

/// The current context, for a command without a name.
///
/// # Errors
/// Exit code 3 if there is none; `usage` is the hint.
pub(super) fn current(merged: &Merged, usage: &str) -> Result<String, Error> {
    match merged.current_context() {
        "" => Err(Error::new(Cause::NotFound, "there is no current context, and none was named")
            .hint(format!("{usage}; {}", super::error::listed(merged)))),
        current if merged.find(Kind::Context, current).is_none() => {
            Err(super::error::dangling(merged, current))
        }
        current => Ok(current.to_owned()),
    }
}
