//! What a word means to a command that takes one context, if no context has that name: an alias, or a group to choose from.

use super::error::{Cause, Error, name};
use super::select::{self, Pool};
use super::{World, pick, terminal};
use crate::kubeconfig::{Kind, Merged};

/// The context that is meant by an alias, or chosen from a group on a terminal; `None` if the word is neither.
///
/// # Errors
/// Exit code 3 for an alias or a group without a context, 2 for a group without a terminal. `undone` is what was not done.
pub(super) fn context(
    word: &str,
    merged: &Merged,
    undone: &str,
    world: &mut World<'_>,
) -> Result<Option<String>, Error> {
    let settings = world.settings_or_default();
    let pool = Pool::entries(Kind::Context, merged);
    if pool.find(word).is_some() {
        return Ok(None);
    }
    if let Some(context) = settings.alias(word) {
        let found = pool.find(context).map(str::to_owned);
        return found.map(Some).ok_or_else(|| select::dangling(word, context, &pool));
    }
    let Some(members) = settings.group(word) else { return Ok(None) };
    let contexts = select::group(word, members, &settings, &pool)?;
    if terminal::can_ask(world) {
        let contexts: Vec<String> = contexts.into_iter().map(str::to_owned).collect();
        return pick::context_of(&contexts, word, world).map(Some);
    }
    let some: Vec<String> = contexts.iter().take(NAMED).map(|context| name(context)).collect();
    let more = match contexts.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!("{} is a group, not a context; {undone}", name(word));
    let hint = format!("name one of its contexts: {}{more}", some.join(", "));
    Err(Error::new(Cause::Usage, message).hint(hint))
}

/// The number of contexts of a group that a message names.
const NAMED: usize = 5;
