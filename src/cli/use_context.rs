//! `kcx use NAME`: switches the current context, for this shell or for all.

mod back;
mod report;
mod short_form;

use super::allow::{self, AllowArgs};
use super::error::{self, Cause, Error, name};
use super::protect::{self, GuardedAction};
use super::scope::{self, Choice, Scope, ScopeFlags};
use super::{World, discovered, init_install, locked, namespace, pick, terminal};
use crate::kubeconfig::change::Change;
use crate::kubeconfig::schema::key;
use crate::kubeconfig::{Kind, Merged};
use crate::session::history::{self, History, SwitchRecord};
use crate::session::{Selection, Session, idle};
pub(super) use back::{previous, steps};
use report::Switch;
pub(super) use report::{PRUNE, dangling, neither, record_switch, written};
use serde_json::Value;
use short_form::{meant, other_name};
use std::path::{Path, PathBuf};

/// Switch to another context
///
/// In a shell with the hook (`kcx init`), only this shell is switched. Otherwise all shells are switched: only the line
/// `current-context` (and with `-n` the one with the namespace) is changed, in the file where kubectl would write it.
/// NAME must be the exact name or an alias of the settings; on a terminal, any part that matches only one is enough.
/// `-` is the context before the last switch, `-2` the one before that, and so on; `kcx history --switches` lists them. The
/// namespace that was last used in the context is restored.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct UseArgs {
    /// The context, or `-` for the previous one and `-2` for the one before; on a terminal it can be chosen from a list
    #[arg(value_name = "NAME|-", allow_negative_numbers = true)]
    pub name: Option<String>,

    /// Set the context's namespace too
    #[arg(short, long, value_name = "NS", conflicts_with = "unset")]
    pub namespace: Option<String>,

    /// Accept a namespace that is not a valid name
    #[arg(long)]
    pub force: bool,

    /// Accept the only context that begins with NAME, or else the only one that has its letters in this order
    #[arg(long, requires = "name")]
    pub fuzzy: bool,

    /// Unset the current context; with the hook, this shell follows the kubeconfig again
    #[arg(long, conflicts_with = "name")]
    pub unset: bool,

    /// The shells to switch.
    #[command(flatten)]
    pub scope: ScopeFlags,

    /// Permissions
    #[command(flatten)]
    pub allow: AllowArgs,

    /// How it was typed.
    #[arg(skip)]
    pub typed: Typed,

    /// The name was typed behind `--`, so that `-2` is a name.
    #[arg(skip)]
    pub is_literal: bool,
}

/// How a switch was typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Typed {
    /// As `kcx use`.
    #[default]
    Use,
    /// As `kcx NAME`: it may be a misspelled command.
    Bare,
    /// As `kubectx`, which requires exact names.
    Kubectx,
}

const FOUND: allow::Wording =
    allow::Wording { question: "Switch to it anyway?", undone: "nothing was switched" };

const SWITCH: GuardedAction<'_> =
    GuardedAction { verb: "switch to", undone: "nothing was switched", typed: &[] };

/// Switches.
///
/// # Errors
/// Exit code 3 for a name that does not exist; nothing was written then.
pub(super) fn run(args: &UseArgs, world: &mut World<'_>) -> Result<(), Error> {
    if let Some(wanted) = &args.namespace {
        namespace::check(wanted, args.force)?;
    }
    if args.name.is_none() && !args.unset && terminal::can_ask(world) {
        locked::refuse("nothing was switched", world)?;
        let name = Some(pick::context("context", world)?);
        return run(&UseArgs { name, ..args.clone() }, world);
    }
    if args.name.is_none() && !args.unset {
        return Err(Error::new(Cause::Usage, "no context was named")
            .hint("`kcx use NAME` switches, `kcx use -` goes back, `kcx get` lists all contexts"));
    }
    if args.name.as_deref() == Some("") {
        return Err(Error::new(Cause::Usage, "the name of the context is empty; nothing was switched")
            .hint("`kcx rename '' NAME` gives a context without a name one"));
    }
    locked::refuse("nothing was switched", world)?;
    let scope = Scope::of(args.scope, world)?;
    match switch(args, &scope, world) {
        Err(error) if error.cause == Cause::NotFound => match other_name(args, world)? {
            Some(name) => {
                let args = UseArgs { name: Some(name), is_literal: true, ..args.clone() };
                switch(&args, &scope, world)?;
            }
            None => return Err(error),
        },
        done => done?,
    }
    if scope == Scope::Global && !args.scope.global && world.globals.kubeconfig.is_none() {
        init_install::tip(world);
    }
    Ok(())
}

fn switch(args: &UseArgs, scope: &Scope, world: &mut World<'_>) -> Result<(), Error> {
    match scope {
        Scope::Session(session) => this_shell(args, session, scope, world),
        Scope::Global => all_shells(args, scope, world),
    }
}

/// kubectl finds a context of a discovered file only where `KUBECONFIG` names that file.
fn warn_of_found(context: &str, file: &Path, world: &mut World<'_>) {
    let (context, file) = (name(context), error::path(file));
    world.warn(&format!("{context} is in {file}: without the shell hook kubectl does not read it"));
    world.hint("`kcx init --help` shows how to enable the hook; or add the file to KUBECONFIG");
}

fn this_shell(args: &UseArgs, session: &Session, scope: &Scope, world: &mut World<'_>) -> Result<(), Error> {
    let mut choice = Choice::load(session, world)?;
    let current = choice.current().to_owned();
    // A shell that has left a context without a command was on that one.
    let from = idle::left(&current).unwrap_or(&current).to_owned();
    if args.unset {
        return follow_again(session, &mut choice, world);
    }
    let target = match (args.steps(), args.name.as_deref().unwrap_or_default()) {
        (Some(steps), _) => back::before(steps, scope, &current, world)?,
        (None, wanted) if args.fuzzy => {
            let contexts = choice.own.contexts().map_err(|errors| world.unreadable(&errors))?;
            meant(wanted, contexts, args, world)?
        }
        (None, wanted) => wanted.to_owned(),
    };
    let own = choice.own(&target, world)?;
    let Some(body) = &own.body else {
        let contexts = choice.own.contexts().map_err(|errors| world.unreadable(&errors))?;
        return Err(unknown(contexts, &target, args));
    };
    let dangling = dangling(&target, body, |kind, name| choice.own.has(kind, name));
    if target != current {
        protect::guard(std::slice::from_ref(&target), SWITCH, world)?;
        discovered::guard_looked_up(&own, &mut choice.own, &args.allow, FOUND, world)?;
    }
    let history = History::load(world.env);
    let last =
        || history.last_namespace(&target, own.namespace()).unwrap_or_else(|| own.namespace().to_owned());
    let before = if target == current { choice.in_force(world)?.namespace().to_owned() } else { last() };
    let namespace = args.namespace.as_ref().unwrap_or(&before).clone();
    let left = if target == current { None } else { stale_age(session, &mut choice, &history, world)? };
    let selection = Selection::new(&target, own.body.clone(), Some(&namespace));
    let done = scope::select(session, &mut choice, Some(&selection), world)?;
    let line = SwitchRecord {
        place: session.id(),
        context: target.clone(),
        from: (from != target).then(|| from.clone()),
        own: (namespace != before).then(|| own.namespace().to_owned()),
        was: (namespace != before).then_some(before),
        namespace: namespace.clone(),
        at: None,
    };
    if done {
        for line in left.iter().chain([&line]) {
            record_switch(world, line);
        }
    }
    report::tell(
        world,
        args.unset,
        &Switch { from, target, namespace, done, dangling, place: String::new() },
    );
    Ok(())
}

/// `--unset`: this shell uses the current context of the user's own files again.
fn follow_again(session: &Session, choice: &mut Choice, world: &mut World<'_>) -> Result<(), Error> {
    let from = choice.current().to_owned();
    let done = scope::select(session, choice, None, world)?;
    if done {
        let line = SwitchRecord { place: session.id(), from: Some(from), ..SwitchRecord::default() };
        record_switch(world, &line);
    }
    let now = match choice.own.current_context() {
        "" => "it has no current context".to_owned(),
        current => format!("context {}", name(current)),
    };
    world.done(&match done {
        true => format!("this shell follows the kubeconfig again: {now}"),
        false => format!("this shell already follows the kubeconfig: {now}"),
    });
    Ok(())
}

/// Records the namespace that another program, such as kubectl, has set in this shell for the previous context, so that it is
/// restored like one that kcx has set.
fn stale_age(
    session: &Session,
    choice: &mut Choice,
    history: &History,
    world: &World<'_>,
) -> Result<Option<SwitchRecord>, Error> {
    if choice.selection.is_none() {
        return Ok(None);
    }
    let selection = choice.in_force(world)?;
    // Usually it is recorded already.
    if history.namespace(&selection.context).as_deref() == Some(selection.namespace()) {
        return Ok(None);
    }
    let own = choice.own(&selection.context, world)?;
    let known = history.last_namespace(&selection.context, own.namespace());
    let known = known.unwrap_or_else(|| own.namespace().to_owned());
    let differs = own.body.is_some() && selection.body.is_some() && selection.namespace() != known;
    Ok(differs.then(|| SwitchRecord {
        place: session.id(),
        context: selection.context.clone(),
        from: None,
        namespace: selection.namespace().to_owned(),
        was: Some(known),
        own: Some(own.namespace().to_owned()),
        at: None,
    }))
}

fn all_shells(args: &UseArgs, scope: &Scope, world: &mut World<'_>) -> Result<(), Error> {
    // Settings that cannot be read may protect the context.
    world.settings()?;
    let store = world.with_journal(world.own_store());
    let loaded = world.load_to_edit(&store)?;
    let own = &loaded.merged;
    // `-` and short forms are resolved once, so that the committed name is the reported one.
    let target = match (args.steps(), args.name.as_deref()) {
        (_, None) => String::new(),
        (Some(steps), _) => back::before(steps, scope, own.current_context(), world)?,
        (None, Some(wanted)) if args.fuzzy => meant(wanted, own, args, world)?,
        (None, Some(name)) => name.to_owned(),
    };
    // The edit reports a context that does not exist.
    if own.find(Kind::Context, &target).is_some() {
        if own.current_context() != target {
            protect::guard(std::slice::from_ref(&target), SWITCH, world)?;
        }
        discovered::guard_loaded(&target, own, &args.allow, FOUND, world)?;
    }
    let place = scope.place(world);
    let mut switch = Switch {
        from: String::new(),
        target,
        namespace: String::new(),
        done: false,
        dangling: None,
        place: String::new(),
    };
    let (mut before, mut origin) = (String::new(), PathBuf::new());
    let edited = world.edit_loaded(&store, loaded, |merged| {
        switch.from = merged.current_context().to_owned();
        let mut changes = vec![Change::Current(switch.target.clone())];
        if args.unset {
            return Ok(changes);
        }
        let entry = merged
            .find(Kind::Context, &switch.target)
            .ok_or_else(|| unknown(merged, &switch.target, args))?;
        let has = |kind, name: &str| merged.find(kind, name).is_some();
        switch.dangling = dangling(&switch.target, merged.body(entry)?.as_ref(), has);
        before = merged.text(entry, key::NAMESPACE)?;
        origin = merged.path(entry).to_owned();
        switch.namespace.clone_from(args.namespace.as_ref().unwrap_or(&before));
        if let Some(namespace) = &args.namespace {
            let mut body = merged.body(entry)?.into_owned();
            body.insert(key::NAMESPACE.to_owned(), Value::from(namespace.as_str()));
            changes.push(Change::Put { kind: Kind::Context, name: switch.target.clone(), body });
        }
        Ok(changes)
    });
    let report = edited?;
    switch.done = !report.written.is_empty();
    switch.place = written(world, &report);
    let line = SwitchRecord {
        context: switch.target.clone(),
        namespace: switch.namespace.clone(),
        ..SwitchRecord::default()
    };
    if switch.done && switch.from != switch.target {
        record_switch(world, &SwitchRecord { place, from: Some(switch.from.clone()), ..line.clone() });
    }
    if switch.done && switch.namespace != before && !args.unset {
        let place = history::place_of_file(world.env, &origin);
        record_switch(world, &SwitchRecord { place, was: Some(before), ..line });
    }
    report::tell(world, args.unset, &switch);
    scope::tell_pinned(world, &switch.target);
    let paths = &store.precedence().paths;
    if paths[paths.len() - store.precedence().found..].contains(&origin) {
        warn_of_found(&switch.target, &origin, world);
    }
    Ok(())
}

fn unknown(merged: &Merged, target: &str, args: &UseArgs) -> Error {
    if args.typed == Typed::Bare {
        return neither(merged, target);
    }
    let error = Error::not_found(merged, Kind::Context, target);
    if args.steps().is_none() {
        return error;
    }
    Error { message: format!("the previous context {} no longer exists", name(target)), ..error }
}
