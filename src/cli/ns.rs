//! `kcx ns NAME`: switches the namespace of the current context, in this shell or in all.

use super::error::{Cause, Error, name};
use super::scope::{self, Choice, Scope, ScopeFlags};
use super::use_context::{record_switch, written};
use super::{World, cluster_query, features, leading, namespace, pick, select, terminal};
use crate::env::Env;
use crate::kubeconfig::change::Change;
use crate::kubeconfig::schema::key;
use crate::kubeconfig::{Kind, Merged};
use crate::session::Session;
use crate::session::history::{self, History, SwitchRecord};
use serde_json::Value;

/// Switch the namespace of the current context
///
/// In a shell with the hook (`kcx init`), only this shell is switched. Otherwise the context's own entry is changed, in
/// the file that has it. The cluster is not queried, so no permission to list namespaces is needed; only the list to
/// choose from is updated from the cluster while it is shown.
#[derive(clap::Args, Debug, Default)]
pub struct NsArgs {
    /// The namespace, or `-` for the previous one; on a terminal it can be chosen from a list or typed
    #[arg(value_name = "NAME|-")]
    pub name: Option<String>,

    /// Accept a namespace that is not a valid name
    #[arg(long)]
    pub force: bool,

    /// Switch only if the cluster has this namespace
    #[arg(long, requires = "name")]
    pub check: bool,

    /// Remove the namespace from the context; kubectl then uses `default`
    #[arg(long, conflicts_with = "name")]
    pub unset: bool,

    /// The shells to switch.
    #[command(flatten)]
    pub scope: ScopeFlags,
}

/// Switches.
///
/// # Errors
/// Exit code 3 without a current context; nothing was written then.
pub(super) fn run(args: &NsArgs, world: &mut World<'_>) -> Result<(), Error> {
    let target = match args.name.as_deref() {
        None if args.unset => Target::Named(String::new()),
        None if terminal::can_ask(world) => {
            let wanted = pick::namespace(world)?;
            namespace::check(&wanted, args.force)?;
            Target::Named(wanted)
        }
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
    let scope = Scope::of(args.scope, world)?;
    if args.check {
        check(&target, &scope, world)?;
    }
    match &scope {
        Scope::Session(session) => this_shell(&target, session, world)?,
        Scope::Global => all_shells(&target, world)?,
    }
    Ok(())
}

/// Queries whether the cluster has the namespace.
fn check(target: &Target, scope: &Scope, world: &World<'_>) -> Result<(), Error> {
    features::demand_cluster()?;
    let merged = match scope {
        Scope::Session(_) => world.load()?.merged,
        Scope::Global => world.load_own()?.merged,
    };
    let context = select::current(&merged, "`kcx use NAME` switches to one")?;
    let wanted = match target {
        Target::Named(wanted) => wanted.clone(),
        Target::Previous => History::load(world.env)
            .previous_namespace(&place(scope, &context, world)?, &context)
            .unwrap_or_default(),
    };
    // kubectl uses `default` if there is none.
    let wanted = if wanted.is_empty() { "default" } else { &wanted };
    cluster_query::demand_namespace(wanted, &context, &merged, world)
}

enum Target {
    /// Empty for none.
    Named(String),
    Previous,
}

/// A switch of the namespace in a context.
#[derive(Default)]
struct Switch {
    place: String,
    context: String,
    before: String,
    after: String,
}

impl Switch {
    fn new(
        place: String,
        context: &str,
        before: String,
        target: &Target,
        env: &Env,
    ) -> Result<Switch, Error> {
        let after = match target {
            Target::Named(name) => name.clone(),
            Target::Previous => History::load(env).previous_namespace(&place, context).ok_or_else(|| {
                let message = format!("no previous namespace of context {} is known", name(context));
                Error::new(Cause::NotFound, message)
                    .hint("`-` goes back to where the last `kcx ns` came from")
            })?,
        };
        Ok(Switch { place, context: context.to_owned(), before, after })
    }

    fn tell(&self, world: &mut World<'_>, done: bool, place: &str) {
        let Switch { context, before, after, .. } = self;
        let text = match (after.as_str(), done) {
            ("", true) => {
                format!("removed namespace {} from context {}", name(before), name(context))
            }
            ("", false) => format!("context {} has no namespace", name(context)),
            (after, true) => format!("switched to namespace {} in context {}", name(after), name(context)),
            (after, false) => format!("already on namespace {} in context {}", name(after), name(context)),
        };
        let comma = if place.is_empty() { "" } else { "," };
        world.done(&format!("{text}{comma}{place}"));
        leading::warn(context, after, world);
    }

    fn line(self) -> SwitchRecord {
        SwitchRecord {
            place: self.place,
            context: self.context,
            from: None,
            namespace: self.after,
            was: Some(self.before),
            own: None,
            at: None,
        }
    }
}

fn this_shell(target: &Target, session: &Session, world: &mut World<'_>) -> Result<(), Error> {
    let mut choice = Choice::load(session, world)?;
    let selection = choice.in_force(world)?;
    if selection.body.is_none() {
        let own = world.load_own()?;
        return Err(match selection.context.as_str() {
            "" => nothing_current(&own.merged),
            context => super::error::dangling(&own.merged, context),
        });
    }
    let switch =
        Switch::new(session.id(), &selection.context, selection.namespace().to_owned(), target, world.env)?;
    let line = scope::select_namespace(session, choice, &switch.after, world)?;
    switch.tell(world, line.is_some(), "");
    if let Some(line) = line {
        record_switch(world, &line);
    }
    Ok(())
}

fn all_shells(target: &Target, world: &mut World<'_>) -> Result<(), Error> {
    let env = world.env;
    let mut switch = Switch::default();
    let report = world.edit_own(|merged| {
        let context = merged.current_context();
        if context.is_empty() {
            return Err(nothing_current(merged));
        }
        let Some(entry) = merged.find(Kind::Context, context) else {
            return Err(super::error::dangling(merged, context));
        };
        let mut body = merged.body(entry)?.into_owned();
        let before = merged.text(entry, key::NAMESPACE)?;
        let place = history::place_of_file(env, merged.path(entry));
        switch = Switch::new(place, context, before, target, env)?;
        match switch.after.as_str() {
            "" => drop(body.shift_remove(key::NAMESPACE)),
            after => drop(body.insert(key::NAMESPACE.to_owned(), Value::from(after))),
        }
        Ok(vec![Change::Put { kind: Kind::Context, name: context.to_owned(), body }])
    })?;
    let done = !report.written.is_empty();
    let place = written(world, &report);
    switch.tell(world, done, &place);
    if done {
        record_switch(world, &switch.line());
    }
    Ok(())
}

/// The key in the history of switches of this context's namespace.
pub(super) fn place(scope: &Scope, context: &str, world: &World<'_>) -> Result<String, Error> {
    if let Scope::Session(session) = scope {
        return Ok(session.id());
    }
    let merged = world.load_own()?.merged;
    let file = merged.find(Kind::Context, context).map(|entry| merged.path(entry));
    Ok(file.map(|file| history::place_of_file(world.env, file)).unwrap_or_default())
}

fn nothing_current(merged: &Merged) -> Error {
    Error::new(Cause::NotFound, "there is no current context whose namespace could be set")
        .hint(format!("`kcx use NAME` switches to one; {}", super::error::listed(merged)))
}
