//! `kubectx`. Source: kubectx 0.11, `cmd/kubectx`.

use super::super::error::{Cause, name};
use super::super::messages::painted;
use super::super::scope::{Scope, ScopeFlags};
use super::super::use_context::{self, Typed, UseArgs};
use super::super::{World, overlay_update, pick};
use super::{
    DropinError, asks, legacy, list, locked_shell, natural_order, not_chosen, refuse, said, success, warning,
};
use crate::kubeconfig::Kind;
use crate::kubeconfig::change::Change;

pub(super) fn run(words: &[&str], called: &str, world: &mut World<'_>) -> Result<(), DropinError> {
    match words {
        ["-h" | "--help"] => return Ok(world.print(&help(called))?),
        ["-V" | "--version"] => return Ok(world.print(&version("kubectx"))?),
        _ => {}
    }
    if let Some(wrong) = wrong_usage(words, asks(world)) {
        return refuse(wrong);
    }
    // In such a shell it explains only itself.
    if world.env.kubectx_isolated || world.env.locked.is_some() {
        return isolated(world);
    }
    match words {
        [] if asks(world) => switch(&picked("context", world)?, world),
        [] => list_all(world),
        [flag @ ("-s" | "--shell" | "-r" | "--readonly"), named @ ..] => {
            let context = match named.first() {
                Some(context) => (*context).to_owned(),
                None => picked("shell", world)?,
            };
            locked_shell::start(&context, matches!(*flag, "-r" | "--readonly"), world)
        }
        ["-d"] => {
            let contexts = pick::contexts("delete", true, world).map_err(not_chosen)?;
            contexts.iter().try_for_each(|context| delete_named(context, world))
        }
        ["-d", contexts @ ..] => contexts.iter().try_for_each(|context| delete(context, called, world)),
        ["-c" | "--current", ..] => current(world),
        ["-u" | "--unset", ..] => unset(world),
        [word, ..] => match renaming(word) {
            Some((new, old)) => rename(new, old, world),
            None => switch(word, world),
        },
    }
}

/// What is wrong with the arguments. `asks` says whether contexts can be chosen from a list.
fn wrong_usage(words: &[&str], asks: bool) -> Option<String> {
    match words {
        [] => None,
        [flag @ ("-s" | "--shell" | "-r" | "--readonly")] if !asks => {
            Some(format!("'{flag}' requires a context name argument (or fzf for interactive mode)"))
        }
        ["-s" | "--shell" | "-r" | "--readonly"] | ["-s" | "--shell" | "-r" | "--readonly", _] => None,
        [flag @ ("-s" | "--shell" | "-r" | "--readonly"), ..] => {
            Some(format!("'{flag}' accepts at most one context name argument"))
        }
        ["-d"] if !asks => Some("'-d' needs arguments".to_owned()),
        ["-d", ..] | ["-" | "-c" | "--current" | "-u" | "--unset"] => None,
        [word] if word.starts_with('-') && renaming(word).is_none() => {
            Some(format!("unsupported option '{word}'"))
        }
        [_] => None,
        _ => Some("too many arguments".to_owned()),
    }
}

/// `NEW=OLD`.
fn renaming(word: &str) -> Option<(&str, &str)> {
    word.split_once('=').filter(|(new, old)| !new.is_empty() && !old.is_empty())
}

fn picked(title: &str, world: &mut World<'_>) -> Result<String, DropinError> {
    pick::context(title, world).map_err(not_chosen)
}

fn isolated(world: &World<'_>) -> Result<(), DropinError> {
    // In kcx's own shell a program may have made another context the current one of its file.
    let current = match &world.env.locked {
        Some(locked) => locked.to_string_lossy().into_owned(),
        None => world.store().current_context().unwrap_or_default(),
    };
    let quoted = if current.is_empty() { String::new() } else { format!(" (\"{current}\")") };
    refuse(format!("you are in a locked single-context shell{quoted}, use 'exit' to leave"))
}

fn list_all(world: &mut World<'_>) -> Result<(), DropinError> {
    let merged = world.load()?.merged;
    if merged.is_empty() {
        warning("kubeconfig file not found", world);
        return Ok(());
    }
    let mut names = merged.names(Kind::Context);
    names.sort_by(|a, b| natural_order::compare(a, b));
    Ok(list(&names, merged.current_context(), world)?)
}

fn current(world: &mut World<'_>) -> Result<(), DropinError> {
    let current = world.store().current_context().map_err(|errors| world.unreadable(&errors))?;
    if current.is_empty() {
        return refuse("current-context is not set");
    }
    Ok(world.print_names([current.as_str()])?)
}

fn switch(wanted: &str, world: &mut World<'_>) -> Result<(), DropinError> {
    let target = match wanted {
        "-" => {
            let scope = Scope::of(ScopeFlags::default(), world)?;
            let previous = use_context::previous(&scope, None, world).into_iter().next();
            let previous = previous.or_else(|| legacy::context(world));
            previous.ok_or_else(|| said("failed to switch context: no previous context found"))?
        }
        wanted => wanted.to_owned(),
    };
    let args = UseArgs { name: Some(target.clone()), typed: Typed::Kubectx, ..UseArgs::default() };
    match use_context::run(&args, world) {
        Ok(()) => {
            success("Switched to context \"", &target, "\".", world);
            Ok(())
        }
        Err(error) if error.cause == Cause::NotFound => {
            let target = crate::printer::quote::visible(&target);
            refuse(format!("failed to switch context: no context exists with the name: \"{target}\""))
        }
        Err(error) => Err(error.into()),
    }
}

fn unset(world: &mut World<'_>) -> Result<(), DropinError> {
    // Any existing kubeconfig is enough, even without contexts.
    let files = world.store().precedence().paths.clone();
    if !files.iter().any(|file| file.exists()) {
        return refuse("kubeconfig file not found");
    }
    let in_session = matches!(Scope::of(ScopeFlags::default(), world)?, Scope::Session(_));
    use_context::run(&UseArgs { unset: true, ..UseArgs::default() }, world)?;
    success("Active context unset for kubectl.", "", "", world);
    let now = world.store().current_context().unwrap_or_default();
    if !now.is_empty() {
        let why = match in_session {
            true => "this shell follows the kubeconfig again, where",
            false => "another file of KUBECONFIG has a current context, so",
        };
        warning(&format!("{why} {} is current", name(&now)), world);
    }
    Ok(())
}

/// `NEW=OLD`: an entry with the new name is overwritten, in all files that have one.
fn rename(new: &str, old: &str, world: &mut World<'_>) -> Result<(), DropinError> {
    let old = named(old, world)?;
    let mut overwrites = false;
    let mut missing = false;
    let report = world.edit_own(|merged| {
        let has = |name: &str| merged.find(Kind::Context, name).is_some();
        (missing, overwrites) = (!has(&old), has(new));
        if missing || new == old {
            return Ok(Vec::new());
        }
        let (kind, from, to) = (Kind::Context, old.clone(), new.to_owned());
        let gone = overwrites.then(|| Change::Remove { kind, name: to.clone() });
        let current = (merged.current_context() == old).then(|| Change::Current(to.clone()));
        Ok(gone.into_iter().chain([Change::Rename { kind, from, to }]).chain(current).collect())
    })?;
    if missing {
        return refuse(format!("context \"{}\" not found, can't rename it", visible(&old)));
    }
    if new == old {
        return refuse(format!("context \"{}\" already has that name", visible(new)));
    }
    if overwrites {
        warning(&format!("context \"{}\" exists, overwriting it.", visible(new)), world);
    }
    overlay_update::update(&report, &old, Some(new), world);
    let old = painted(&visible(&old), "32", world.colors_stderr());
    success(&format!("Context {old} renamed to "), new, ".", world);
    Ok(())
}

fn delete(wanted: &str, called: &str, world: &mut World<'_>) -> Result<(), DropinError> {
    if wanted != "." {
        return delete_named(wanted, world);
    }
    let current = named(wanted, world)?;
    if current.is_empty() {
        return refuse("error deleting context \"\": can't use '.' as the no active context is set");
    }
    remove(&current, world)?;
    let text = format!("You deleted the current context. Use \"{called}\" to select a new context.");
    warning(&text, world);
    success("Deleted context ", &current, ".", world);
    Ok(())
}

fn delete_named(context: &str, world: &mut World<'_>) -> Result<(), DropinError> {
    remove(context, world)?;
    success("Deleted context ", context, ".", world);
    Ok(())
}

fn remove(context: &str, world: &mut World<'_>) -> Result<(), DropinError> {
    let mut missing = false;
    let report = world.edit_own(|merged| {
        missing = merged.find(Kind::Context, context).is_none();
        let remove = Change::Remove { kind: Kind::Context, name: context.to_owned() };
        Ok(if missing { Vec::new() } else { vec![remove] })
    })?;
    if missing {
        return refuse(format!("error deleting context \"{}\": context does not exist", visible(context)));
    }
    overlay_update::update(&report, context, None, world);
    Ok(())
}

/// `.` is the current context.
fn named(context: &str, world: &World<'_>) -> Result<String, DropinError> {
    match context {
        "." => Ok(world.store().current_context().map_err(|errors| world.unreadable(&errors))?),
        context => Ok(context.to_owned()),
    }
}

fn visible(text: &str) -> String {
    crate::printer::quote::visible(text).into_owned()
}

pub(super) fn version(program: &str) -> String {
    format!("{program} by kcx {}\n", env!("CARGO_PKG_VERSION"))
}

fn help(called: &str) -> String {
    let space = " ".repeat(called.len());
    format!(
        "\
Manage and switch between kubectl contexts.

USAGE:
  {called}                       : list the contexts
  {called} <NAME>                : switch to context <NAME>
  {called} -                     : switch to the previous context
  {called} -s, --shell <NAME>    : start a shell scoped to context <NAME>
  {called} -s, --shell           : interactively select a context to start a shell
  {called} -r, --readonly <NAME> : start a read-only shell for context <NAME>
  {called} -r, --readonly        : interactively select a context for read-only shell
  {called} -c, --current         : show the current context name
  {called} -u, --unset           : unset the current context
  {called} <NEW_NAME>=<NAME>     : rename context <NAME> to <NEW_NAME>
  {called} <NEW_NAME>=.          : rename current-context to <NEW_NAME>
  {called} -d <NAME> [<NAME...>] : delete context <NAME> ('.' for current-context)
  {space}                         (this command won't delete the user/cluster entry
  {space}                          referenced by the context entry)
  {called} -h, --help            : show this message
  {called} -V, --version         : show version
"
    )
}
