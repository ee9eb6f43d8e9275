//! `kcx ns NAME`: another namespace for the current context.

use super::error::{Cause, Error, name};
use super::use_context::written;
use super::{World, namespace, previous};
use crate::kubeconfig::change::Change;
use crate::kubeconfig::{Kind, Merged};
use serde_json::Value;
use std::path::PathBuf;

/// Switch the namespace of the current context
///
/// Writes the context's own entry, wherever it is; asks no cluster, so it needs no permission to list namespaces.
#[derive(clap::Args, Debug, Default)]
pub struct NsArgs {
    /// The namespace, or `-` for the previous one
    #[arg(value_name = "NAME|-")]
    pub name: Option<String>,

    /// Take a namespace that no cluster could have
    #[arg(long)]
    pub force: bool,

    /// Leave the context without a namespace; kubectl then takes `default`
    #[arg(long, conflicts_with = "name")]
    pub unset: bool,
}

/// Switches.
///
/// # Errors
/// Exit code 3 without a current context; nothing was written then.
pub fn run(args: &NsArgs, world: &mut World<'_>) -> Result<(), Error> {
    super::refuse_output("ns", world)?;
    let target = match args.name.as_deref() {
        None if args.unset => Target::Named(String::new()),
        None => {
            return Err(Error::new(Cause::Usage, "no namespace was named")
                .hint("`kcx ns NAME` switches, `kcx ns -` goes back, `kcx current` shows where you are"));
        }
        Some("-") => Target::Previous,
        Some(wanted) => {
            namespace::check(wanted, args.force)?;
            Target::Named(wanted.to_owned())
        }
    };
    let env = world.env;
    let mut switch = Switch::default();
    let report = world.edit(|merged| {
        switch = Switch::new(merged, &target, env)?;
        Ok(vec![switch.change(merged)?])
    })?;
    let Switch { file, context, before, after } = &switch;
    let done = !report.written.is_empty();
    if done {
        let noted = previous::remember_namespace(env, file, context, before);
        super::warn_forgotten(world, noted);
    }
    let text = match (after.as_str(), done) {
        ("", true) => format!("context {} has no namespace any more; it was {}", name(context), name(before)),
        ("", false) => format!("context {} has no namespace, as before", name(context)),
        (after, true) => format!("switched to namespace {} in context {}", name(after), name(context)),
        (after, false) => format!("already on namespace {} in context {}", name(after), name(context)),
    };
    let place = written(world, &report);
    let comma = if place.is_empty() { "" } else { "," };
    world.done(&format!("{text}{comma}{place}"));
    Ok(())
}

enum Target {
    /// Empty for none.
    Named(String),
    Previous,
}

/// From which namespace to which, in which context of which file.
#[derive(Default)]
struct Switch {
    file: PathBuf,
    context: String,
    before: String,
    after: String,
}

impl Switch {
    fn new(merged: &Merged, target: &Target, env: &crate::env::Env) -> Result<Switch, Error> {
        let context = merged.current_context().to_owned();
        if context.is_empty() {
            return Err(Error::new(Cause::NotFound, "no context is current, so none can have a namespace")
                .hint(format!("`kcx use NAME` makes one current; {}", super::listed(merged))));
        }
        let Some(entry) = merged.find(Kind::Context, &context) else {
            return Err(super::dangling_current(merged));
        };
        let file = merged.path(entry).to_owned();
        let after = match target {
            Target::Named(name) => name.clone(),
            Target::Previous => previous::namespace(env, &file, &context).ok_or_else(|| {
                Error::new(
                    Cause::NotFound,
                    format!("no other namespace of context {} is known", name(&context)),
                )
                .hint("`-` goes back to where the last `kcx ns` came from")
            })?,
        };
        Ok(Switch { file, before: merged.text(entry, "namespace")?, context, after })
    }

    fn change(&self, merged: &Merged) -> Result<Change, Error> {
        let mut body = match merged.find(Kind::Context, &self.context) {
            Some(entry) => merged.body(entry)?.into_owned(),
            None => return Err(super::dangling_current(merged)),
        };
        if self.after.is_empty() {
            body.shift_remove("namespace");
        } else {
            body.insert("namespace".to_owned(), Value::from(self.after.as_str()));
        }
        Ok(Change::Put { kind: Kind::Context, name: self.context.clone(), body })
    }
}
