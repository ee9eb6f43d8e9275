//! `config use-context NAME`.

use super::super::super::previous;
use super::{Call, Failure};
use crate::kubeconfig::change::Change;
use crate::kubeconfig::{Kind, Merged};
use crate::printer::quote;

pub(in super::super) fn run(call: &mut Call<'_, '_>) -> Result<(), Failure> {
    let [name] = call.typed.args.as_slice() else { return Err(call.unexpected_args()) };
    let name = name.clone();
    let mut before = String::new();
    let report = call.store.edit(|merged: &Merged| {
        before = merged.current_context().to_owned();
        if name.is_empty() {
            return Err(Failure::new("empty context names are not allowed"));
        }
        match merged.find(Kind::Context, &name) {
            Some(_) => Ok(vec![Change::Current(name.clone())]),
            None => Err(Failure::new(format!("no context exists with the name: {}", quote::go(&name)))),
        }
    })?;
    call.report(&report);
    if !report.written.is_empty() {
        // kubectl has no word for a failure of this.
        let _ = previous::remember_context(call.world.env, call.store.default_path(), &before);
    }
    Ok(call.world.print(&format!("Switched to context {}.\n", quote::go(&name)))?)
}
