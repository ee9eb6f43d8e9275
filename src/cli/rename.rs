//! `kcx rename`: renames an entry and all references to it.

use super::error::{Cause, Error, name, path};
use super::protect::{self, GuardedAction};
use super::{World, messages, operand, overlay_update, select};
use crate::kubeconfig::schema::key;
use crate::kubeconfig::{Kind, Merged, refs};

/// Rename a context, cluster or user
///
/// All references are changed too, in every file of the list: contexts, current-context, and the shells that use it.
#[derive(clap::Args, Debug, Default)]
pub struct RenameArgs {
    /// OLD NEW, or TYPE OLD NEW: TYPE is context (the default), cluster or user, also as TYPE/OLD; `.` without a TYPE is the current context
    #[arg(value_name = "[TYPE] OLD NEW", required = true, num_args = 2..=3)]
    pub words: Vec<String>,
}

/// Renames it.
///
/// # Errors
/// Exit code 3 if the entry does not exist, 4 if the new name is taken.
pub(super) fn run(args: &RenameArgs, world: &mut World<'_>) -> Result<(), Error> {
    let (kind, old, new) = pair("rename", &args.words, world)?;
    if old == new {
        world.done(&format!("{} {} already has that name", kind.word(), name(&old)));
        return Ok(());
    }
    if kind == Kind::Context {
        let action = GuardedAction { verb: "rename", undone: "nothing was renamed", typed: &[] };
        protect::guard(std::slice::from_ref(&old), action, world)?;
    }
    let (mut hidden, mut server) = (None, String::new());
    let report = world.edit_own(|merged| {
        let changes = refs::rename(merged, kind, &old, &new)?;
        let changes = changes.ok_or_else(|| Error::not_found(merged, kind, &old))?;
        free(merged, kind, &new, "renamed")?;
        if let Some(cluster) = merged.find(Kind::Cluster, &old).filter(|_| kind == Kind::Cluster) {
            server = messages::without_login(&merged.text(cluster, key::SERVER)?);
        }
        hidden = merged.holders(kind, &old).nth(1).map(|entry| merged.path(entry).to_owned());
        Ok(changes)
    })?;
    if kind == Kind::Context {
        overlay_update::update(&report, &old, Some(&new), world);
    } else if !report.written.is_empty() {
        overlay_update::remember(kind, &old, &new, server, world);
    }
    world.done(&format!("{} {} is now named {}", kind.word(), name(&old), name(&new)));
    if kind == Kind::Context && hidden.is_none() {
        select::warn_of_aliases(&old, world);
    }
    if kind == Kind::Context {
        select::warn_of_hidden_alias(&new, Some(&old), world);
    }
    if let Some(file) = hidden {
        let what = format!("{} {}", kind.word(), name(&old));
        world.warn(&format!("another {what} was hidden and is used now: the one in {}", path(&file)));
    }
    Ok(())
}

/// The type, the old name and the new name, for `kcx VERB`.
///
/// # Errors
/// Exit code 2 for invalid arguments.
pub(super) fn pair(verb: &str, words: &[String], world: &World<'_>) -> Result<(Kind, String, String), Error> {
    let (kind, old, new) = match words {
        [kind, old, new] => {
            let known = operand::kind(kind).ok_or_else(|| {
                let message =
                    format!("{} is not a type: the types are context, cluster and user", name(kind));
                Error::new(Cause::Usage, message)
            })?;
            (known, old.clone(), new)
        }
        [old, new] if operand::typed(old).is_some() => {
            let merged = world.load_own()?.merged;
            let (kind, old) = operand::one(verb, old, &merged)?;
            (kind, old.to_owned(), new)
        }
        [old, new] if old == "." => {
            let merged = world.load_own()?.merged;
            let old = match merged.find(Kind::Context, old) {
                Some(_) => old.clone(),
                None => select::current(&world.load()?.merged, "`kcx rename OLD NEW` renames that one")?,
            };
            (Kind::Context, old, new)
        }
        [old, new] => (Kind::Context, old.clone(), new),
        _ => return Err(Error::new(Cause::Usage, "two names are required: the old one and the new one")),
    };
    if new.is_empty() {
        return Err(Error::new(Cause::Usage, "the new name is empty"));
    }
    Ok((kind, old, new.clone()))
}

/// Fails if a name is taken in any file.
///
/// # Errors
/// Exit code 4, with the file that has it.
pub(super) fn free(merged: &Merged, kind: Kind, new: &str, done: &str) -> Result<(), Error> {
    let Some(entry) = merged.find(kind, new) else { return Ok(()) };
    let (what, file) = (format!("{} {}", kind.word(), name(new)), path(merged.path(entry)));
    Err(Error::new(Cause::Conflict, format!("{what} already exists in {file}; nothing was {done}"))
        .hint(format!("`kcx delete {} {}` deletes it", kind.word(), messages::shell_word(new))))
}
