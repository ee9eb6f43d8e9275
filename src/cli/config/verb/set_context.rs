//! `config set-context [NAME | --current]`.

use super::super::super::credential::BindingSnapshot;
use super::super::call::Call;
use super::super::failure::ConfigError;
use super::session_namespace;
use crate::kubeconfig::change::Change;
use crate::kubeconfig::{Body, Kind, Merged};
use crate::printer::quote;
use serde_json::Value;

pub(in super::super) fn run(call: &mut Call<'_, '_>) -> Result<(), ConfigError> {
    if call.typed.args.len() > 1 {
        return Err(call.unexpected_args());
    }
    let name = call.typed.args.first().cloned().unwrap_or_default();
    let current = call.typed.flags.bool("current") == Some(true);
    if name.is_empty() && !current {
        return Err(ConfigError::new("you must specify a non-empty context name or --current"));
    }
    if !name.is_empty() && current {
        return Err(ConfigError::new("you cannot specify both a context name and --current"));
    }
    let flags = &call.typed.flags;
    let given = ["cluster", "user", "namespace"].map(|field| (field, flags.string(field).map(str::to_owned)));
    if let [(_, None), (_, None), (_, Some(namespace))] = &given
        && let Some(context) = session_namespace::set(call, (!current).then_some(name.as_str()), namespace)?
    {
        return Ok(call.world.print(&format!("Context {} modified.\n", quote::go(&context)))?);
    }
    let mut answer = String::new();
    let (world, mut bindings) = (&*call.world, BindingSnapshot::default());
    let report = call.store.edit(|merged: &Merged| {
        bindings = BindingSnapshot::of(merged, world);
        let name = if current { merged.current_context().to_owned() } else { name.clone() };
        if name.is_empty() {
            return Err(ConfigError::new("no current context is set"));
        }
        let entry = merged.find(Kind::Context, &name);
        let mut body = match entry {
            Some(entry) => merged.body(entry)?.into_owned(),
            None => Body::new(),
        };
        for (field, value) in &given {
            put(&mut body, field, value.as_deref());
        }
        let verb = if entry.is_some() { "modified" } else { "created" };
        answer = format!("Context {} {verb}.\n", quote::go(&name));
        Ok(vec![Change::Put { kind: Kind::Context, name, body }])
    })?;
    call.world.tell_notes(&report);
    bindings.update(&call.store, call.world);
    Ok(call.world.print(&answer)?)
}

/// Sets a string field if a value was given; an empty value removes the field.
pub(super) fn put(body: &mut Body, field: &str, value: Option<&str>) {
    match value {
        None => {}
        Some("") => drop(body.shift_remove(field)),
        Some(value) => drop(body.insert(field.to_owned(), Value::from(value))),
    }
}
