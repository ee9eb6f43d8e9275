//! `config rename-context OLD NEW`.

use super::super::call::Call;
use super::super::failure::ConfigError;
use crate::kubeconfig::change::Change;
use crate::kubeconfig::{Kind, Merged};
use crate::printer::quote;

pub(in super::super) fn run(call: &mut Call<'_, '_>) -> Result<(), ConfigError> {
    let [from, to] = call.typed.args.as_slice() else { return Err(call.unexpected_args()) };
    let (from, to) = (from.clone(), to.clone());
    if to.is_empty() {
        return Err(ConfigError::new("You must specify a new non-empty context name"));
    }
    let store = call.own_store();
    let file = super::super::super::messages::path(store.default_path());
    let report = store.edit(|merged: &Merged| {
        let what = format!("cannot rename the context {}", quote::go(&from));
        if merged.find(Kind::Context, &from).is_none() {
            return Err(ConfigError::new(format!("{what}, it's not in {file}")));
        }
        if merged.find(Kind::Context, &to).is_some() {
            return Err(ConfigError::new(format!(
                "{what}, the context {} already exists in {file}",
                quote::go(&to)
            )));
        }
        let mut changes = vec![Change::Rename { kind: Kind::Context, from: from.clone(), to: to.clone() }];
        if merged.current_context() == from {
            changes.push(Change::Current(to.clone()));
        }
        Ok(changes)
    })?;
    call.world.tell_notes(&report);
    call.update_overlays(&report, &from, Some(&to));
    Ok(call.world.print(&format!("Context {} renamed to {}.\n", quote::go(&from), quote::go(&to)))?)
}
