//! The setting `session: restore`: a new terminal starts on the context that was last used in one.

use super::allow::{AllowArgs, Wording};
use super::error::{Error, name};
use super::messages::shell_word;
use super::{World, discovered, protect};
use crate::kubeconfig::Kind;
use crate::session::history::History;
use crate::session::{Selection, State, StoredSelection};

const FOUND: Wording = Wording { question: "Start on it anyway?", undone: "it was not restored" };

/// The selection for a new session that has no parent. `None` where it is to follow the kubeconfig; says why, unless no
/// terminal has switched yet.
pub(super) fn selection(world: &mut World<'_>) -> Option<StoredSelection> {
    // A script with the hook is no terminal, and a shell whose session was lost is no new one.
    // A locked shell has its own one.
    let is_new = |world: &World<'_>| {
        world.session() == State::Off && world.env.session.is_none() && world.env.locked.is_none()
    };
    let is_terminal = world.env.stdin_is_terminal || world.env.stderr_is_terminal;
    if !is_terminal || !world.settings_or_default().restore || !is_new(world) {
        return None;
    }
    let last = History::load(world.env).last_of_shells()?;
    match found(&last.context, &last.namespace, world) {
        Ok(selection) => selection,
        Err(error) => {
            world.warn(&format!("{} was not restored: {}", name(&last.context), error.message));
            None
        }
    }
}

fn found(context: &str, namespace: &str, world: &mut World<'_>) -> Result<Option<StoredSelection>, Error> {
    let mut own = world.lookup_own()?;
    let current = own.current_context().to_owned();
    let body = own.body(Kind::Context, context).map_err(|errors| world.unreadable(&errors))?;
    let rest = match current.as_str() {
        "" => "this shell starts without a context".to_owned(),
        current => format!("this shell starts on {}", name(current)),
    };
    let last = format!("the context of the last terminal, {}", name(context));
    let Some(body) = body else {
        world.done(&format!("{rest}: {last}, no longer exists"));
        return Ok(None);
    };
    let is_refused = |world: &mut World<'_>| {
        let contexts = [context.to_owned()];
        Ok::<_, Error>(!discovered::refused(&contexts, &AllowArgs::default(), FOUND, world)?.is_empty())
    };
    let why = if protect::is_guarded(context, world)? {
        "is protected"
    } else if is_refused(world)? {
        "needs a permission"
    } else {
        let selection = Selection::new(context, Some(body.clone()), Some(namespace));
        return Ok(Some(StoredSelection::of(&selection, Some(&body))));
    };
    let typed = shell_word(context);
    world.done(&format!("{rest}: {last}, {why}; `kcx use {typed}` switches to it"));
    Ok(None)
}
