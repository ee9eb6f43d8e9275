//! The namespace of the context in force, in a session: it is this shell's own, so it goes into the overlay.

use super::super::super::scope::{self, Choice};
use super::super::call::Call;
use super::super::failure::ConfigError;
use crate::session::{State, history};

/// Sets the namespace of this context, or removes it if it is empty, if that is the context in force in this shell's
/// session; `None` is the context in force. Returns its name; `None` if it is another one: then the entry in the user's
/// files is edited, as kubectl does.
pub(super) fn set(
    call: &mut Call<'_, '_>,
    context: Option<&str>,
    namespace: &str,
) -> Result<Option<String>, ConfigError> {
    let (State::Active(session), true) = (call.world.session(), call.store.precedence().overlay().is_some())
    else {
        return Ok(None);
    };
    // The edit of the user's files reports what cannot be read, in kubectl's words.
    let Ok(mut choice) = Choice::load(&session, call.world) else { return Ok(None) };
    let selection = choice.in_force(call.world)?;
    if selection.body.is_none() || context.is_some_and(|context| context != selection.context) {
        return Ok(None);
    }
    if let Some(line) = scope::select_namespace(&session, choice, namespace, call.world)? {
        // kubectl has no word for a failure of this.
        let _ = history::append(call.world.env, &line);
    }
    Ok(Some(selection.context))
}
