//! `config use-context NAME`.

use super::super::super::locked;
use super::super::call::Call;
use super::super::failure::ConfigError;
use crate::kubeconfig::change::Change;
use crate::kubeconfig::{Kind, Merged};
use crate::printer::quote;
use crate::session::history;

pub(in super::super) fn run(call: &mut Call<'_, '_>) -> Result<(), ConfigError> {
    let [name] = call.typed.args.as_slice() else { return Err(call.unexpected_args()) };
    let name = name.clone();
    locked::refuse("nothing was switched", call.world)?;
    let mut before = String::new();
    let report = call.store.edit(|merged: &Merged| {
        before = merged.current_context().to_owned();
        if name.is_empty() {
            return Err(ConfigError::new("empty context names are not allowed"));
        }
        match merged.find(Kind::Context, &name) {
            Some(_) => Ok(vec![Change::Current(name.clone())]),
            None => Err(ConfigError::new(format!("no context exists with the name: {}", quote::go(&name)))),
        }
    })?;
    call.world.tell_notes(&report);
    if !report.written.is_empty() {
        let env = call.world.env;
        let session =
            call.world.session().active().filter(|session| report.written.contains(&session.overlay()));
        let place = match session {
            Some(session) => session.id(),
            None => history::place_of_file(env, call.store.default_path()),
        };
        let from = (before != name).then_some(before);
        // kubectl has no message for this failure.
        let _ = history::append(
            env,
            &history::SwitchRecord { place, context: name.clone(), from, ..Default::default() },
        );
    }
    Ok(call.world.print(&format!("Switched to context {}.\n", quote::go(&name)))?)
}
