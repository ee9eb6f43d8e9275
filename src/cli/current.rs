//! `kcx current`: prints the current context.

use super::error::{Cause, Error, name};
use super::globals::Output;
use super::messages::painted;
use super::scope::{self, Scope, ScopeFlags};
use super::{World, use_context};
use crate::kubeconfig::schema::key;
use crate::kubeconfig::{EntryRef, Kind, Merged};
use crate::printer::quote;
use serde_json::{Value, json};

/// Show the current context, its namespace, cluster and user
///
/// `-o name` prints only the name of the context; `-o json` and `-o yaml` are for scripts.
#[derive(clap::Args, Debug, Default)]
pub struct CurrentArgs {}

/// Shows it.
///
/// # Errors
/// Exit code 3 if there is no current context, or if it does not exist.
pub(super) fn run(_: &CurrentArgs, world: &mut World<'_>) -> Result<(), Error> {
    let output = world.globals.output;
    if output == Some(Output::Name) {
        return bare(world);
    }
    let merged = world.load()?.merged;
    let context = merged.current_context();
    if context.is_empty() {
        return Err(unset(&merged, world));
    }
    let Some(entry) = merged.find(Kind::Context, context) else {
        return Err(super::error::dangling(&merged, context));
    };
    let shown = value(&merged, entry, world)?;
    let text = match output {
        Some(Output::Json | Output::Yaml) => String::new(),
        _ => {
            let (colors, settings) = (world.colors_stdout(), world.settings_or_default());
            let rule = settings.rule(context);
            let row = |key: &str, value: &str, color: &str| {
                let value = painted(&quote::visible(value), color, colors);
                format!("{:<11}{value}", format!("{key}:")).trim_end().to_owned()
            };
            let own = rule.sgr();
            let mut rows = Vec::new();
            for (key, value) in shown.as_object().into_iter().flatten().take_while(|(key, _)| *key != "line")
            {
                let is_context = key == "context";
                rows.push(row(key, value.as_str().unwrap_or_default(), if is_context { &own } else { "" }));
                rows.extend(rule.label.filter(|_| is_context).map(|label| row("label", label, &own)));
            }
            format!("{}:{}\n", rows.join("\n"), shown["line"])
        }
    };
    let has = |kind, name: &str| merged.find(kind, name).is_some();
    if let Some(dangling) = use_context::dangling(context, merged.body(entry)?.as_ref(), has) {
        world.warn(&dangling);
        world.hint(use_context::PRUNE);
    }
    match output {
        Some(output @ (Output::Json | Output::Yaml)) => Ok(world.print_value(output, &shown)?),
        _ => Ok(world.print(&text)?),
    }
}

/// A context as `-o json` prints it.
fn value(merged: &Merged, entry: EntryRef, world: &World<'_>) -> Result<Value, Error> {
    let (cluster, user) = (merged.text(entry, key::CLUSTER)?, merged.text(entry, key::USER)?);
    let namespace = Some(merged.text(entry, key::NAMESPACE)?).filter(|namespace| !namespace.is_empty());
    let precedence = world.precedence(world.globals.kubeconfig.as_deref());
    let own = scope::own_entry(merged, entry, &precedence);
    let settings = world.settings_or_default();
    let rule = settings.rule(merged.name(entry));
    Ok(json!({
        "context": merged.name(entry),
        "namespace": namespace.unwrap_or_else(|| "default".to_owned()),
        "cluster": cluster,
        "user": user,
        "scope": scope::word(merged, &precedence),
        "file": world.env.absolute(merged.path(own)).to_string_lossy(),
        "line": merged.position(own).line,
        "label": rule.label,
        "protected": rule.is_protected(),
    }))
}

/// The current context in this scope, as `-o json` prints it; null if there is none or if it does not exist.
///
/// # Errors
/// A kubeconfig cannot be read.
pub(super) fn of(flags: ScopeFlags, world: &World<'_>) -> Result<Value, Error> {
    let merged = match Scope::of(flags, world)? {
        Scope::Session(_) => world.load()?.merged,
        Scope::Global => world.load_own()?.merged,
    };
    let entry = merged.find(Kind::Context, merged.current_context());
    entry.map_or(Ok(Value::Null), |entry| value(&merged, entry, world))
}

/// `-o name`: prints only the context.
fn bare(world: &mut World<'_>) -> Result<(), Error> {
    let mut lookup = world.lookup()?;
    let context = lookup.current_context().to_owned();
    if context.is_empty() {
        return Err(unset(lookup.contexts().map_err(|errors| world.unreadable(&errors))?, world));
    }
    if lookup.body(Kind::Context, &context).map_err(|errors| world.unreadable(&errors))?.is_none() {
        world.warn(&format!("there is no context {}", name(&context)));
    }
    Ok(world.print_names([context.as_str()])?)
}

fn unset(merged: &Merged, world: &World<'_>) -> Error {
    let error = Error::new(Cause::NotFound, "there is no current context");
    if merged.names(Kind::Context).is_empty() {
        let nothing = world.no_contexts();
        return nothing.hints.into_iter().fold(error.hint(nothing.message), Error::hint);
    }
    error.hint(format!("`kcx use NAME` switches to one; {}", super::error::listed(merged)))
}
