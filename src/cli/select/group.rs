//! Groups of contexts in the settings: `@NAME`.

use super::{Pool, SelectFlags, Selector};
use crate::cli::error::{Cause, Error, name};
use crate::cli::suggest;
use crate::settings::Settings;
use std::collections::HashSet;

/// The contexts of a group.
///
/// # Errors
/// As for [`contexts`].
pub(in crate::cli) fn group<'n>(
    word: &str,
    members: &[String],
    settings: &Settings,
    pool: &Pool<'n>,
) -> Result<Vec<&'n str>, Error> {
    contexts(word, members, settings, pool, &[])
}

/// The contexts of a group, at least one. `within` are the groups that it is in. A member that matches nothing is left alone: the settings may be for several
/// machines. One that is to be left out has to exist, as on the command line.
///
/// # Errors
/// Exit code 3 for a group without a context, 1 for one that contains itself.
pub(super) fn contexts<'n>(
    word: &str,
    members: &[String],
    settings: &Settings,
    pool: &Pool<'n>,
    within: &[&str],
) -> Result<Vec<&'n str>, Error> {
    if within.contains(&word) {
        let message = format!("the group {} contains itself", name(word));
        return Err(Error::new(Cause::Failed, message).hint(EDIT));
    }
    let within = [within, &[word]].concat();
    let selector = Selector::of(members, SelectFlags::NONE, settings);
    let mut found = Vec::new();
    let mut selecting = selector.selecting(pool).peekable();
    if selecting.peek().is_none() && selector.leaves_out(pool) {
        found.extend(pool.all());
    }
    for member in selecting {
        match selector.meant(member, pool, &within) {
            Err(error) if error.cause != Cause::NotFound => return Err(error),
            meant => found.extend(meant.unwrap_or_default()),
        }
    }
    let mut left_out = HashSet::new();
    for member in selector.excluding(pool) {
        let meant = selector.meant(member, pool, &within).map_err(|error| {
            let message = format!("{}, which the group {} leaves out", error.message, name(word));
            Error { message, ..error }.hint(EDIT)
        })?;
        left_out.extend(meant);
    }
    let mut seen = HashSet::new();
    found.retain(|context| !left_out.contains(context) && seen.insert(*context));
    if found.is_empty() {
        let message = format!("the group {} has no context", name(word));
        let members: Vec<String> = members.iter().map(|member| name(member)).collect();
        let what = if members.is_empty() { "nothing".to_owned() } else { members.join(", ") };
        return Err(Error::new(Cause::NotFound, message).hint(format!("it lists {what}; {EDIT}")));
    }
    Ok(found)
}

/// The error for a group that does not exist.
pub(super) fn missing(word: &str, settings: &Settings) -> Error {
    let error = Error::new(Cause::NotFound, format!("no group or context named {}", name(word)));
    let known: Vec<String> = settings.groups.keys().map(|group| format!("@{group}")).collect();
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let listed = names.iter().map(|group| name(group)).collect::<Vec<_>>().join(", ");
    match suggest::near(word, &names) {
        _ if names.is_empty() => {
            error.hint("`groups` in the settings names none; `kcx settings edit` adds one")
        }
        Some(near) => error.hint(format!("did you mean {}? The groups are {listed}", name(near))),
        None => error.hint(format!("the groups are {listed}")),
    }
}

const EDIT: &str = "`kcx settings edit` changes `groups`";
