//! `kcx init SHELL`: prints the hook that gives a shell its own context. On a terminal `init_install` explains it instead.

use super::error::{Cause, Error, path};
use super::init_install::{self, InitArgs};
use super::{World, completions, locked, messages, overlay_migration, restore, single_file, sweep};
use crate::session::hook::{self, Shell};
use crate::session::{Session, StoredSelection};
use crate::settings::SessionFiles;
use std::path::PathBuf;

/// Prints the hook, and creates the session.
///
/// # Errors
/// stdout is closed.
pub(super) fn run(args: &InitArgs, world: &mut World<'_>) -> Result<(), Error> {
    let shell = args.shell(world)?;
    if args.guard && !shell.has_guard() {
        let message =
            "PowerShell has no guard: its functions do not receive `--`, which `kubectl exec` needs";
        return Err(Error::new(Cause::Usage, format!("{message}; nothing was printed"))
            .hint("`kcx exec NAME --read-only -- CMD` runs a command that cannot write"));
    }
    if args.install || world.env.stdout_is_terminal {
        return init_install::run(args, shell, &program(world), world);
    }
    locked::in_its_file(world, |world| print(args, shell, world))
}

fn print(args: &InitArgs, shell: Shell, world: &mut World<'_>) -> Result<(), Error> {
    // The prompt is silent about them.
    if let Err(error) = world.settings() {
        world.fail(&error);
    }
    world.warn_of_broken();
    let session = if shell == Shell::Nushell { None } else { begin(world.env.parent, world) };
    let files = own_files(world);
    let own = if args.own.is_empty() { world.settings_or_default().own.clone() } else { args.own.clone() };
    let completions = if args.no_completions { "" } else { completions::script(shell) };
    let text = shell.init(&hook::HookData {
        program: &program(world),
        session: session.as_ref(),
        owner: world.env.parent,
        files: &files,
        prompt: !args.no_prompt,
        kubectl: !args.no_kubectl,
        guard: args.guard,
        aliases: &args.alias,
        own: &own,
        completions,
    });
    Ok(world.print(&text)?)
}

/// `kcx __session nushell PID`: prints only the data of a new session.
pub(super) fn session(words: &[String], world: &mut World<'_>) -> Result<(), Error> {
    let [_, pid] = words else {
        return Err(Error::new(Cause::Usage, "`kcx __session` is for the shell hook"));
    };
    let shell = pid.parse().unwrap_or(world.env.parent);
    locked::in_its_file(world, |world| {
        let Some(session) = begin(shell, world) else { return Err(Error::silent(1)) };
        let list = hook::list(&session, &own_files(world));
        let facts = serde_json::json!({
            "KCX_SESSION": session.folder().to_string_lossy(),
            "KUBECONFIG": list.to_string_lossy(),
        });
        Ok(world.print(&format!("{facts}\n"))?)
    })
}

/// Creates a session for the calling shell, with the selection of its parent shell.
fn begin(shell: u32, world: &mut World<'_>) -> Option<Session> {
    let parent = world.session().active();
    // The start-up file was read again: the shell keeps its session.
    if let Some(parent) = &parent
        && parent.owner().is_some_and(|owner| owner.pid == shell)
    {
        overlay_migration::migrate_without_asking(parent, world);
        return Some(parent.clone());
    }
    // A shell in such a session has one file, too, without the setting.
    let is_single = parent.as_ref().is_some_and(Session::has_single_file)
        || world.settings_or_default().session == SessionFiles::SingleFile;
    let embeds = parent.as_ref().is_some_and(Session::embeds);
    let choice = match parent {
        Some(parent) => {
            world.overlay(&parent).ok().and_then(|overlay| StoredSelection::read(&overlay).ok()?)
        }
        None => restore::selection(world),
    };
    sweep::sweep(world);
    match Session::create(world.env, shell, &own_files(world), choice.as_ref()) {
        Ok(session) => {
            if is_single && let Err(error) = single_file::begin(&session, embeds, world) {
                world.fail(&error);
            }
            Some(session)
        }
        Err(error) => {
            let places: Vec<String> = [&world.env.runtime, &world.env.state]
                .into_iter()
                .flatten()
                .map(|folder| path(folder))
                .collect();
            let why = messages::io_error(&error);
            let places =
                if places.is_empty() { "HOME, which is not set".to_owned() } else { places.join(" or ") };
            world.warn(&format!("this shell has no context of its own: cannot write below {places}: {why}"));
            None
        }
    }
}

/// The user's own files as absolute paths, because a shell changes its working folder.
pub(super) fn own_files(world: &World<'_>) -> Vec<PathBuf> {
    let store = world.own_store();
    // An empty path names no file.
    let paths = store.precedence().paths.iter().filter(|path| !path.as_os_str().is_empty());
    paths.map(|path| world.env.absolute(path)).collect()
}

/// The command by which the shell calls kcx: the path of this call, if it was a path.
fn program(world: &World<'_>) -> String {
    let called = world.env.program.as_deref().map(std::path::Path::new);
    match called.filter(|called| called.components().count() > 1) {
        Some(called) => world.env.absolute(called).to_string_lossy().into_owned(),
        None => "kcx".to_owned(),
    }
}
