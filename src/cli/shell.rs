//! `kcx shell NAME`: starts a child shell with its own context.

use super::allow::{self, AllowArgs};
use super::child::Processes;
use super::error::{Cause, Error, name};
use super::init::own_files;
use super::protect::{self, GuardedAction};
use super::{World, child, discovered, messages, namespace, scope};
use crate::kubeconfig::Kind;
use crate::session::history::History;
use crate::session::{Selection, Session, hook};
use std::path::PathBuf;
use std::process::Command;

/// Start a shell with a context of its own
///
/// Works without the shell hook. The exit code is that of the shell; its switches have no effect on other shells.
#[derive(clap::Args, Debug, Default)]
pub struct ShellArgs {
    /// The context [default: the current one]
    #[arg(value_name = "NAME")]
    pub name: Option<String>,

    /// The namespace of the shell
    #[arg(short, long, value_name = "NS")]
    pub namespace: Option<String>,

    /// Accept a namespace that is not a valid name
    #[arg(long)]
    pub force: bool,

    /// Permissions
    #[command(flatten)]
    pub allow: AllowArgs,
}

/// Starts it, and waits.
///
/// # Errors
/// Exit code 3 for an unknown context; otherwise the exit code of the shell.
pub(super) fn run(args: &ShellArgs, world: &mut World<'_>) -> Result<(), Error> {
    world.refuse_output("shell")?;
    if let Some(wanted) = &args.namespace {
        namespace::check(wanted, args.force)?;
    }
    let merged = world.load()?.merged;
    let context = args.name.as_deref().unwrap_or(merged.current_context()).to_owned();
    if context.is_empty() {
        return Err(Error::new(Cause::NotFound, "there is no current context, and none was named")
            .hint(format!("`kcx shell NAME` starts a shell on one; {}", super::error::listed(&merged))));
    }
    let Some(entry) = merged.find(Kind::Context, &context) else {
        return Err(Error::not_found(&merged, Kind::Context, &context));
    };
    let action = GuardedAction { verb: "switch to", undone: "no shell was started" };
    protect::guard(std::slice::from_ref(&context), action, world)?;
    let wording = allow::Wording { question: "Start a shell there anyway?", undone: "no shell was started" };
    discovered::guard(std::slice::from_ref(&context), &args.allow, wording, world)?;
    let mut selection = Selection::new(&context, Some(merged.body(entry)?.into_owned()), None);
    let last = || {
        History::load(world.env)
            .last_namespace(&context, selection.namespace())
            .filter(|_| args.name.is_some())
    };
    if let Some(namespace) = args.namespace.clone().or_else(last) {
        selection.set_namespace(&namespace);
    }
    let files = own_files(world);
    let own = scope::own_body(&merged, &context, world.store().precedence())?;
    let session = child::begin(&selection, own.as_ref(), &files, "a shell's context", world)?;
    let place = match selection.namespace() {
        "" => String::new(),
        namespace => format!(", namespace {}", name(namespace)),
    };
    world.done(&format!("a shell on context {}{place}; `exit` leads back", name(&context)));
    let ended = start(&session, &files, world);
    child::end(&session, Processes::All, world);
    match ended? {
        0 => Ok(()),
        code => Err(Error::silent(code)),
    }
}

#[expect(clippy::disallowed_methods, reason = "the shell is what this command is for")]
fn start(session: &Session, files: &[PathBuf], world: &World<'_>) -> Result<i32, Error> {
    let shell = world.env.shell.clone().filter(|shell| !shell.is_empty()).unwrap_or_else(|| DEFAULT.into());
    let mut command = Command::new(&shell);
    command.env("KUBECONFIG", hook::list(session, files)).env("KCX_SESSION", session.folder());
    child::run(&mut command).map_err(|error| {
        let shell = name(&shell.to_string_lossy());
        Error::new(Cause::Failed, format!("cannot start the shell {shell}: {}", messages::io_error(&error)))
            .hint("SHELL names the shell that is started")
    })
}

const DEFAULT: &str = if cfg!(windows) { "powershell.exe" } else { "/bin/sh" };
