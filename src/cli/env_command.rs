//! `kcx env [NAME]`: prints the commands that pin a context in a directory, for direnv and mise, or in a script.

use super::allow::{self, AllowArgs};
use super::error::{Cause, Error};
use super::init::own_files;
use super::protect::{self, GuardedAction};
use super::scope::{self, Choice};
use super::{World, discovered, messages, namespace, other_name};
use crate::env::leading;
use crate::kubeconfig::Kind;
use crate::session::hook::{self, Shell};
use crate::session::{Selection, Session, StoredSelection};

/// Print the commands that pin a context, for direnv and mise
///
/// In `.envrc`: `eval "$(kcx env prod -n web)"`. While a shell is in that directory, it uses this context; outside it
/// goes on with its own. With the shell hook (`kcx init`), a switch in the directory is for that shell alone, and ends when
/// the shell leaves the directory. Variables that would lead helm and the like elsewhere are unset.
#[derive(clap::Args, Debug)]
pub struct EnvArgs {
    /// The context [default: the current one]
    #[arg(value_name = "NAME")]
    pub name: Option<String>,

    /// The namespace [default: that of the context]
    #[arg(short, long, value_name = "NS")]
    pub namespace: Option<String>,

    /// Accept a namespace that is not a valid name
    #[arg(long)]
    pub force: bool,

    /// The shell that evaluates them: bash, elvish, fish, nushell (JSON for `load-env`), powershell or zsh; direnv and mise
    /// use bash
    #[arg(
        long,
        value_name = "SHELL",
        default_value = "bash",
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub shell: Shell,

    /// Permissions
    #[command(flatten)]
    pub allow: AllowArgs,
}

const UNDONE: &str = "nothing was printed";

/// Prints them.
///
/// # Errors
/// Exit code 3 for an unknown context.
pub(super) fn run(args: &EnvArgs, world: &mut World<'_>) -> Result<(), Error> {
    if let Some(wanted) = &args.namespace {
        namespace::check(wanted, args.force)?;
    }
    let mut context = match &args.name {
        Some(name) => name.clone(),
        None => world.lookup()?.current_context().to_owned(),
    };
    let mut own = world.lookup_own()?;
    let mut body = own.body(Kind::Context, &context).map_err(|errors| world.unreadable(&errors))?;
    if body.is_none() && args.name.is_some() {
        let contexts = own.contexts().map_err(|errors| world.unreadable(&errors))?;
        if let Some(meant) = other_name::context(&context, contexts, UNDONE, world)? {
            body = own.body(Kind::Context, &meant).map_err(|errors| world.unreadable(&errors))?;
            context = meant;
        }
    }
    let Some(body) = body else {
        let contexts = own.contexts().map_err(|errors| world.unreadable(&errors))?;
        return Err(match context.as_str() {
            "" => Error::new(Cause::NotFound, "there is no current context, and none was named")
                .hint(format!("`kcx env NAME` pins one; {}", super::error::listed(contexts))),
            _ => Error::not_found(contexts, Kind::Context, &context),
        });
    };
    let action = GuardedAction { verb: "switch to", undone: UNDONE, typed: &[] };
    protect::guard(std::slice::from_ref(&context), action, world)?;
    let selection = Selection::new(&context, Some(body.clone()), args.namespace.as_deref());
    let wording = allow::Wording { question: "Pin it anyway?", undone: UNDONE };
    discovered::guard_looked_up(&selection, &mut own, &args.allow, wording, world)?;
    let files = own_files(world);
    let stored = StoredSelection::of(&selection, Some(&body));
    let session = Session::of_directory(world.env, &files, &stored).map_err(|error| {
        let why = messages::io_error(&error);
        Error::new(Cause::Failed, format!("no folder for the context of a directory: {why}; {UNDONE}"))
            .hint("XDG_STATE_HOME or HOME must name a folder that you own and can write to")
    })?;
    // Another program may have written into it since.
    let mut choice = Choice::load(&session, world)?;
    scope::select(&session, &mut choice, Some(&selection), world)?;
    let astray = leading::elsewhere(&world.env.leading, &context, selection.namespace(), &[]);
    let astray: Vec<&str> = astray.iter().map(|variable| variable.name).collect();
    let list = hook::list(&session, &files);
    Ok(world.print(&args.shell.directory(&astray, &list.to_string_lossy()))?)
}
