//! `kcx shell NAME`: starts a child shell with its own context, or a command as such a shell would run it.

use super::allow::{self, AllowArgs};
use super::child::Processes;
use super::cluster_query::{self, ClusterAccess};
use super::error::{Cause, Error, name};
use super::exec::outcome;
use super::exec::variables::{self, Kubeconfig};
use super::fence::FenceArgs;
use super::init::own_files;
use super::protect::{self, GuardedAction};
use super::single_file::{self, SingleFileFlags, SingleFiles};
use super::{World, child, discovered, features, fence, locked, messages, namespace, other_name, scope};
use crate::cluster::{Bounds, ReadOnly};
use crate::kubeconfig::{Kind, Merged};
use crate::session::history::History;
use crate::session::{Selection, Session, hook};
use std::path::PathBuf;
use std::process::Command;

/// Start a shell with a context of its own
///
/// Works without the shell hook. The exit code is that of the shell; its switches have no effect on other shells. With
/// `-- CMD`, CMD runs instead of the shell, which reads no start-up file then: `kcx shell prod -- k9s`. Unlike `kcx exec`, it
/// takes one context, and CMD can switch.
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

    /// Which file it gets.
    #[command(flatten)]
    pub single: SingleFileFlags,

    /// What its programs may do; a shell with limits is locked as well.
    #[command(flatten)]
    pub fence: FenceArgs,

    /// Permissions
    #[command(flatten)]
    pub allow: AllowArgs,

    /// A command and its arguments, to run instead of a shell
    #[arg(value_name = "CMD", last = true)]
    pub command: Vec<String>,

    /// What to say when the shell starts, instead of kcx's own words.
    #[arg(skip)]
    pub greeting: Option<String>,
}

/// Starts it, and waits.
///
/// # Errors
/// Exit code 3 for an unknown context; otherwise the exit code of the shell.
pub(super) fn run(args: &ShellArgs, world: &mut World<'_>) -> Result<(), Error> {
    args.single.is_single()?;
    if let Some(wanted) = &args.namespace {
        namespace::check(wanted, args.force)?;
    }
    if args.fence.is_read_only() {
        features::demand_cluster()?;
    }
    let is_shell = args.command.is_empty();
    let undone = if is_shell { "no shell was started" } else { "nothing was run" };
    locked::refuse(undone, world)?;
    let merged = world.load()?.merged;
    let context = match &args.name {
        None => merged.current_context().to_owned(),
        Some(name) => other_name::context(name, &merged, undone, world)?.unwrap_or_else(|| name.clone()),
    };
    if context.is_empty() {
        return Err(Error::new(Cause::NotFound, "there is no current context, and none was named")
            .hint(format!("`kcx shell NAME` starts a shell on one; {}", super::error::listed(&merged))));
    }
    let Some(entry) = merged.find(Kind::Context, &context) else {
        return Err(Error::not_found(&merged, Kind::Context, &context));
    };
    let verb = if is_shell { "switch to" } else { "run in" };
    let action = GuardedAction { verb, undone, typed: &[] };
    protect::guard(std::slice::from_ref(&context), action, world)?;
    let question = if is_shell { "Start a shell there anyway?" } else { "Run it anyway?" };
    let wording = allow::Wording { question, undone };
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
    let bounds = args.fence.bounds(args.namespace.as_deref(), undone, world)?;
    args.fence.explain_namespace(args.namespace.as_deref(), world);
    fence::settle(&mut selection, &bounds.fence);
    let files = own_files(world);
    let own = scope::own_body(&merged, &context, world.store().precedence())?;
    let session = child::begin(&selection, own.as_ref(), &files, "a shell's context", world)?;
    let kind = ShellKind::of(args);
    let proxy = match prepare(kind, args, bounds, &selection, &merged, &session, world) {
        Ok(proxy) => proxy,
        Err(error) => {
            let _ = session.remove();
            return Err(error);
        }
    };
    if is_shell {
        greet(kind, args, &selection, world);
    }
    let mut command = command(kind, args, &session, &files, world);
    let known = crate::env::variables();
    let cleared = variables::clear(&mut command, &known);
    if kind == ShellKind::ReadOnly {
        let file = session.locked_file();
        variables::lead(&mut command, Kubeconfig::Proxied, file.as_os_str(), &context, &known);
    }
    if kind != ShellKind::Session {
        let file = session.locked_file();
        variables::mark_locked(&mut command, &context, file.as_os_str(), kind == ShellKind::ReadOnly);
    }
    if is_shell && !cleared.is_empty() {
        world.done(&format!(
            "these variables could lead elsewhere, so the shell is without them: {}",
            cleared.join(", ")
        ));
    }
    let ended = start(&mut command, args);
    match &proxy {
        Some(proxy) => outcome::tell(&context, &proxy.log(), world),
        None => single_file::absorb_locked(&session, world),
    }
    drop(proxy);
    child::end(&session, Processes::All, world);
    match ended? {
        0 => Ok(()),
        code => Err(Error::silent(code)),
    }
}

/// Says where the shell is.
fn greet(kind: ShellKind, args: &ShellArgs, selection: &Selection, world: &mut World<'_>) {
    let place = match selection.namespace() {
        "" => String::new(),
        namespace => format!(", namespace {}", name(namespace)),
    };
    let on = match kind {
        ShellKind::Session => "on",
        ShellKind::Locked => "locked to",
        ShellKind::ReadOnly => "that can only read, locked to",
    };
    let context = name(&selection.context);
    match &args.greeting {
        Some(greeting) => world.tell(greeting),
        None => world.done(&format!("a shell {on} context {context}{place}; `exit` returns to your shell")),
    }
}

/// What a shell can do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ShellKind {
    /// It can switch.
    Session,
    /// It stays on its context.
    Locked,
    /// It stays on its context, and its programs can only read.
    ReadOnly,
}

impl ShellKind {
    fn of(args: &ShellArgs) -> ShellKind {
        match (args.fence.is_read_only(), args.single.locked) {
            (true, _) => ShellKind::ReadOnly,
            (false, true) => ShellKind::Locked,
            (false, false) => ShellKind::Session,
        }
    }
}

/// Writes the file of a shell that does not get the list, and starts its proxy.
fn prepare(
    kind: ShellKind,
    args: &ShellArgs,
    bounds: Bounds,
    selection: &Selection,
    merged: &Merged,
    session: &Session,
    world: &mut World<'_>,
) -> Result<Option<ReadOnly>, Error> {
    if kind == ShellKind::ReadOnly {
        let access = ClusterAccess::new(merged, discovered::Rules::of(world), world.env);
        let proxy = cluster_query::read_only_proxy(&selection.context, &access, bounds)?;
        single_file::put(session, &session.locked_file(), &single_file::proxied(selection, &proxy))?;
        return Ok(Some(proxy));
    }
    if args.single.is_single()? {
        let files = SingleFiles::new(merged, args.single)?;
        files.put(selection, session, kind == ShellKind::Locked, world)?;
    }
    Ok(None)
}

#[expect(clippy::disallowed_methods, reason = "the shell or the user's command is what this command is for")]
fn command(
    kind: ShellKind,
    args: &ShellArgs,
    session: &Session,
    files: &[PathBuf],
    world: &World<'_>,
) -> Command {
    let shell =
        || world.env.shell.clone().filter(|shell| !shell.is_empty()).unwrap_or_else(|| DEFAULT.into());
    let mut command = match args.command.split_first() {
        Some((program, rest)) => {
            let mut command = Command::new(world.env.startable(program));
            command.args(rest);
            command
        }
        None => Command::new(shell()),
    };
    if kind == ShellKind::Session {
        command.env("KUBECONFIG", hook::list(session, files)).env("KCX_SESSION", session.folder());
    } else {
        command.env("KUBECONFIG", session.locked_file()).env_remove("KCX_SESSION");
    }
    // As for a run: another proxy may soon get this port.
    if kind == ShellKind::ReadOnly {
        command.env("KUBECACHEDIR", session.folder().join("kube-cache"));
    }
    command
}

fn start(command: &mut Command, args: &ShellArgs) -> Result<i32, Error> {
    child::run(command).map_err(|error| {
        if !args.command.is_empty() {
            return child::not_started(&args.command, &error);
        }
        let shell = name(&command.get_program().to_string_lossy());
        Error::new(Cause::Failed, format!("cannot start the shell {shell}: {}", messages::io_error(&error)))
            .hint("SHELL names the shell that is started")
    })
}

const DEFAULT: &str = if cfg!(windows) { "powershell.exe" } else { "/bin/sh" };
