//! What a name means to `kcx use` if no context has it: an alias, a group, or a short form.

use super::{Typed, UseArgs, unknown};
use crate::cli::command_line::COMMANDS;
use crate::cli::error::{Cause, Error, name};
use crate::cli::{World, other_name, suggest, terminal};
use crate::kubeconfig::{Kind, Merged};

/// The context that the name means if no context has it: of an alias or a group, or of a short form.
pub(super) fn other_name(args: &UseArgs, world: &mut World<'_>) -> Result<Option<String>, Error> {
    let Some(wanted) =
        args.name.as_deref().filter(|_| args.steps().is_none() && args.typed != Typed::Kubectx)
    else {
        return Ok(None);
    };
    let loaded = world.load_own()?;
    match other_name::context(wanted, &loaded.merged, "nothing was switched", world)? {
        None => Ok(guess(args, &loaded.merged, world)),
        found => Ok(found),
    }
}

/// The only context that a short form can mean. This works on a terminal only, where the user sees which name was used.
fn guess(args: &UseArgs, merged: &Merged, world: &mut World<'_>) -> Option<String> {
    let wanted = args.name.as_deref()?;
    let asked = !args.fuzzy && !world.globals.quiet;
    if !asked || !terminal::can_ask(world) {
        return None;
    }
    let settings = world.settings_or_default();
    let names = [merged.names(Kind::Context), settings.aliases.keys().map(String::as_str).collect()].concat();
    let meant = match args.typed {
        // It may be a misspelled command.
        Typed::Bare if suggest::near(wanted, &COMMANDS).is_some() => return None,
        Typed::Bare => suggest::containing(wanted, &names),
        _ => suggest::meant(wanted, &names),
    };
    // Several words may mean one context.
    let context = |name| match merged.find(Kind::Context, name) {
        Some(_) => Some(name),
        None => settings.alias(name).filter(|context| merged.find(Kind::Context, context).is_some()),
    };
    let mut meant: Vec<&str> = meant.into_iter().filter_map(context).collect();
    meant.sort_unstable();
    meant.dedup();
    let [only] = meant[..] else { return None };
    Some(taken(only, wanted, world))
}

/// Reports which name a short form was taken for.
fn taken(only: &str, wanted: &str, world: &mut World<'_>) -> String {
    world.done(&format!("using {} for {}", name(wanted), name(only)));
    only.to_owned()
}

/// The context that a short form means.
pub(super) fn meant(
    wanted: &str,
    own: &Merged,
    args: &UseArgs,
    world: &mut World<'_>,
) -> Result<String, Error> {
    if own.find(Kind::Context, wanted).is_some() {
        return Ok(wanted.to_owned());
    }
    if let Some(context) = other_name::context(wanted, own, "nothing was switched", world)? {
        return Ok(context);
    }
    match suggest::meant(wanted, &own.names(Kind::Context)).as_slice() {
        [only] => Ok(taken(only, wanted, world)),
        [] => Err(unknown(own, wanted, args)),
        several => {
            let some: Vec<String> = several.iter().take(5).map(|context| name(context)).collect();
            let more =
                if several.len() > 5 { format!(" and {} more", several.len() - 5) } else { String::new() };
            let message = format!(
                "{} is ambiguous: it could be {}{more}; nothing was written",
                name(wanted),
                some.join(", ")
            );
            Err(Error::new(Cause::Conflict, message).hint("type more of the name"))
        }
    }
}
