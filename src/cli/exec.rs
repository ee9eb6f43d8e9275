//! `kcx exec PATTERN… -- CMD…`: a command, once for each context, in a session of its own.

use super::error::{Cause, Error, name, path};
use super::init::own_files;
use super::{World, child, export, namespace, select, words};
use crate::kubeconfig::{Kind, Merged, View};
use crate::printer::yaml;
use crate::session::history::History;
use crate::session::{Pin, Session, hook};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

/// Run a command once for each matching context
///
/// Each run has a context of its own, so nothing is switched anywhere else. Several contexts are taken one after the
/// other, in the order of the patterns. The exit code is that of the command, or 1 if one of several runs failed.
#[derive(clap::Args, Debug, Default)]
pub struct ExecArgs {
    /// The contexts, by name or pattern (`prod-*`)
    #[arg(value_name = "PATTERN", required = true)]
    pub patterns: Vec<String>,

    /// The namespace
    #[arg(short, long, value_name = "NS")]
    pub namespace: Option<String>,

    /// Take a namespace that no cluster could have
    #[arg(long)]
    pub force: bool,

    /// Give the command one file with this context alone: for programs that read no list of files
    #[arg(long)]
    pub single_file: bool,

    /// The command and its arguments
    #[arg(value_name = "CMD", last = true, required = true)]
    pub command: Vec<String>,
}

/// Runs it.
///
/// # Errors
/// Exit code 3 if nothing matches, 2 without a command; else what the command exits with.
pub fn run(args: &ExecArgs, world: &mut World<'_>) -> Result<(), Error> {
    super::refuse_output("exec", world)?;
    if let Some(wanted) = &args.namespace {
        namespace::check(wanted, args.force)?;
    }
    let merged = world.load()?.merged;
    let contexts = select::contexts(&args.patterns, &merged)?;
    let runs = Runs {
        args,
        merged: &merged,
        all: args.single_file.then(|| View::of(&merged)).transpose()?,
        files: own_files(world),
        history: History::load(world.env),
    };
    let mut failed = Vec::new();
    for context in &contexts {
        if contexts.len() > 1 {
            world.done(&format!("{}:", name(context)));
        }
        match runs.once(context, world)? {
            0 => {}
            code => failed.push((context, code)),
        }
        if let Some(signal) = crate::file::interrupt::pending() {
            return Err(Error::silent(128 + signal));
        }
    }
    match failed.as_slice() {
        [] => Ok(()),
        [(_, code)] if contexts.len() == 1 => Err(Error::silent(*code)),
        failed => {
            let list: Vec<String> = failed
                .iter()
                .map(|(context, code)| format!("{} (exit code {code})", name(context)))
                .collect();
            let message = format!("failed in {} of {}: {}", failed.len(), contexts.len(), list.join(", "));
            Err(Error::new(Cause::Failed, message))
        }
    }
}

/// What all runs share.
struct Runs<'r> {
    args: &'r ExecArgs,
    merged: &'r Merged,
    /// All there is, where each run gets a file of its own.
    all: Option<View>,
    files: Vec<PathBuf>,
    history: History,
}

impl Runs<'_> {
    /// One run; the exit code comes back.
    fn once(&self, context: &str, world: &mut World<'_>) -> Result<i32, Error> {
        let Some(entry) = self.merged.find(Kind::Context, context) else {
            return Err(Error::not_found(self.merged, Kind::Context, context));
        };
        let mut pin = Pin::new(context, Some(self.merged.body(entry)?.into_owned()), None);
        // The current context has the namespace that is in force; another one that which it was left with.
        let last = || match context == self.merged.current_context() {
            true => None,
            false => self.history.last_namespace(context, pin.namespace()),
        };
        if let Some(namespace) = self.args.namespace.clone().or_else(last) {
            pin.set_namespace(&namespace);
        }
        child::in_session(&pin, &self.files, "the context of a run", world, |session, world| {
            match &self.all {
                None => self.start(&pin, hook::list(session, &self.files), Some(session)),
                Some(all) => self.alone(&pin, all, session, world),
            }
        })
    }

    /// A run on a file of its own. What the command writes into it has no other place: it is kept.
    fn alone(&self, pin: &Pin, all: &View, session: &Session, world: &mut World<'_>) -> Result<i32, Error> {
        let mut view = export::own(all, &[&pin.context], false, world.env)?;
        if let (Some(shown), Some(body)) =
            (view.lists[Kind::Context as usize].get_mut(&pin.context), &pin.body)
        {
            shown.body.clone_from(body);
        }
        let text = yaml::print(&view.to_value());
        let not_written = |error: std::io::Error| {
            let folder = path(session.folder());
            Error::new(Cause::Failed, format!("cannot write into {folder}: {}", words::io_error(&error)))
        };
        let file = session.put_single(text.as_bytes()).map_err(not_written)?;
        let ended = self.start(pin, file.clone().into(), None);
        if let Ok(now) = std::fs::read(&file)
            && now != text.as_bytes()
        {
            let kept = path(&keep(&now, session, world).map_err(not_written)?);
            world.warn(&format!(
                "the command changed its copy of the kubeconfig, and nothing else: {kept} is that copy"
            ));
        }
        ended
    }

    #[expect(clippy::disallowed_methods, reason = "the command is the user's own")]
    fn start(&self, pin: &Pin, list: OsString, session: Option<&Session>) -> Result<i32, Error> {
        let [program, rest @ ..] = self.args.command.as_slice() else { return Err(Error::silent(2)) };
        let mut command = Command::new(program);
        command.args(rest).env("KUBECONFIG", list);
        match session {
            Some(session) => command.env("KCX_SESSION", session.folder()),
            None => command.env_remove("KCX_SESSION"),
        };
        // helm takes these for more than the kubeconfig says.
        command.env("HELM_KUBECONTEXT", &pin.context);
        match pin.namespace() {
            "" => command.env_remove("HELM_NAMESPACE"),
            namespace => command.env("HELM_NAMESPACE", namespace),
        };
        child::run(&mut command).map_err(|error| {
            Error::new(Cause::Failed, format!("cannot start {}: {}", name(program), words::io_error(&error)))
        })
    }
}

/// Puts a changed copy where no session is swept.
fn keep(copy: &[u8], session: &Session, world: &World<'_>) -> std::io::Result<PathBuf> {
    let folder = world.env.state.clone().ok_or(std::io::ErrorKind::NotFound)?.join("changed");
    crate::file::create_private(&folder)?;
    let kept = folder.join(format!("{}.yaml", session.id()));
    crate::file::write_private(&kept, copy)?;
    Ok(kept)
}
