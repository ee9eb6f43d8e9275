//! Aliases whose context does not exist, or that a context hides.

use super::Pool;
use crate::cli::World;
use crate::cli::error::{Error, name};

/// Warns that aliases lead to a context that has just been renamed or deleted.
pub(in crate::cli) fn warn_of_aliases(gone: &str, world: &mut World<'_>) {
    let settings = world.settings_or_default();
    let aliases: Vec<String> = settings.aliases_of(gone).map(name).collect();
    let (gone, listed) = (name(gone), aliases.join(", "));
    match aliases.len() {
        0 => return,
        1 => world.warn(&format!("the alias {listed} in the settings still leads to {gone}")),
        _ => world.warn(&format!("the aliases {listed} in the settings still lead to {gone}")),
    }
    world.hint(EDIT);
}

/// Warns that the new name of a context is that of an alias, too: the context is found first. `before` is its old name.
pub(in crate::cli) fn warn_of_hidden_alias(new: &str, before: Option<&str>, world: &mut World<'_>) {
    let settings = world.settings_or_default();
    // An alias of this context still leads to it.
    let Some(context) = settings.alias(new).filter(|context| Some(*context) != before) else { return };
    let (new, context) = (name(new), name(context));
    world.warn(&format!("{new} was an alias of {context} in the settings, and means the new context now"));
    world.hint(EDIT);
}

/// The error for an alias of a context that does not exist.
pub(in crate::cli) fn dangling(alias: &str, context: &str, pool: &Pool<'_>) -> Error {
    let missing = pool.missing(context);
    let message =
        format!("the alias {} leads to context {}, which does not exist", name(alias), name(context));
    Error { message, ..missing }.hint(EDIT)
}

const EDIT: &str = "`kcx settings edit` changes `aliases`";
