//! The calls of the shell hook: `kcx __sync` after a kubeconfig has changed, `kcx __leave` at the end of the shell.

pub(super) mod idle;
mod lay;
mod pane;

use super::error::{Cause, Error};
use super::{
    World, leading, locked, overlay_migration, overlay_restore, prompt, protect, settings_file, sweep,
};
use crate::env::Env;
use crate::file::{self, LockOptions};
use crate::kuberc;
use crate::session::hook::{self, Plain, PromptUpdate, Shell};
use crate::session::pane::Pane;
use crate::session::{Session, State};
use clap::ValueEnum;
use lay::Laying;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the hook says of its shell.
struct Call {
    shell: Shell,
    /// bash before version 5 compares times in whole seconds.
    old_bash: bool,
    /// The process of the shell, and the folder of its session; `None` in a shell without one, and in one that was started
    /// under kcx 0.1.0.
    own: Option<(u32, PathBuf)>,
}

impl Call {
    /// `SHELL [VERSION [PID FOLDER]]`; the version is of bash only.
    fn parse(words: &[String]) -> Option<Call> {
        let shell = Shell::from_str(words.first()?, false).ok()?;
        let version = words.get(1).map(String::as_str);
        let own = match words.get(2..) {
            Some([pid, folder]) if !folder.is_empty() => Some((pid.parse().ok()?, PathBuf::from(folder))),
            _ => None,
        };
        Some(Call { shell, old_bash: shell == Shell::Bash && matches!(version, Some("3" | "4")), own })
    }
}

/// `kcx __sync SHELL [VERSION [PID FOLDER]]`: updates the overlay, lays one over a changed `KUBECONFIG`, and prints the data
/// for the prompt.
///
/// # Errors
/// Arguments that no hook passes.
pub(super) fn sync(words: &[String], world: &mut World<'_>) -> Result<(), Error> {
    let Some(call) = Call::parse(words) else {
        return Err(Error::new(Cause::Usage, "`kcx __sync` is for the shell hook"));
    };
    // A prompt waits for nobody.
    let lock_options = LockOptions { timeout: Duration::ZERO, ..world.lock_options() };
    locked::in_its_file(world, |world| in_force(&call, &lock_options, world))
}

/// As [`sync`], for a `KUBECONFIG` that the shell may have.
fn in_force(call: &Call, lock_options: &LockOptions, world: &mut World<'_>) -> Result<(), Error> {
    overlay_restore::restore(lock_options, world);
    let laying = call.own.as_ref().map(|(pid, folder)| lay::lay(*pid, folder, world)).unwrap_or_default();
    let Some(list) = &laying.list else { return update(call, &laying, world) };
    let mut env = Env { kubeconfig: Some(list.into()), ..world.env.clone() };
    if let Some(session) = &laying.first {
        env.session = Some(session.folder().into());
    }
    update(call, &laying, &mut World::new(&env, &mut *world.out, &mut *world.err, world.command.clone()))
}

fn update(call: &Call, laying: &Laying, world: &mut World<'_>) -> Result<(), Error> {
    let mut files: Vec<PathBuf> = world.store().precedence().paths.clone();
    files.retain(|file| !file.as_os_str().is_empty());
    // The settings are included, so that changed display rules take effect, and the lifts of protection.
    files.extend(settings_file::file(world.env));
    files.extend(protect::lifts(world));
    if let Some(session) = world.session().active().filter(Session::has_single_file) {
        files.push(session.single_file());
    }
    let pane = call.own.as_ref().and_then(|(pid, _)| Some((*pid, Pane::of(world.env)?)));
    files.extend(pane.iter().map(|(_, pane)| pane.file().to_owned()));
    let session = world.session();
    let companions = match &session {
        State::Active(session) | State::Displaced(session) => {
            session.record_times(&files, call.old_bash).ok()
        }
        State::Gone(_) | State::Off => None,
    };
    // The files are read after their times were recorded, so that the next prompt detects a change in between.
    if let State::Active(session) = &session {
        overlay_migration::migrate_without_asking(session, world);
        if let Err(error) = idle::settle(session, world) {
            world.fail(&error);
        }
    }
    let list =
        world.env.kubeconfig.as_ref().map(|list| list.to_string_lossy().into_owned()).unwrap_or_default();
    let shown = prompt::shown(call.shell, world);
    let context = shown.context.as_deref().unwrap_or_default();
    let idle = call.own.as_ref().and_then(|(pid, _)| idle::limit(*pid, context, shown.is_protected, world));
    let text = call.shell.prompt_update(&PromptUpdate {
        prompt: &shown.text,
        list: &list,
        files: &files,
        companions: companions.as_deref(),
        exports_list: laying.list.is_some(),
        exports_prompt: prompt::is_exported(call.shell, world),
        session: laying.first.as_ref(),
        lifted: shown.lifted.map(|left| left.as_secs()),
        idle,
        plain: plain(&shown, world),
    });
    if let Some((pid, pane)) = &pane {
        pane::show(pane, *pid, world);
    }
    leading::warn_at_prompt(call.shell, world);
    Ok(world.print(&text)?)
}

/// Which commands of the guard need no judgement. Preferences of kubectl may name another context for an alias.
fn plain(shown: &prompt::Shown, world: &World<'_>) -> Plain {
    let is_fenced = world.env.locked.is_some() || world.env.read_only;
    match world.settings() {
        Err(_) => Plain::Nothing,
        Ok(_) if is_fenced || shown.context.is_none() => Plain::Nothing,
        Ok(settings) if !settings.protects() && !settings.refuses() => Plain::All,
        Ok(settings) if !settings.rule(shown.context.as_deref().unwrap_or_default()).refuse.is_empty() => {
            Plain::Nothing
        }
        Ok(_) if shown.is_protected || kuberc::file(world.env).is_some_and(|file| file.exists()) => {
            Plain::Nothing
        }
        Ok(_) => Plain::Here,
    }
}

/// `kcx __leave FOLDER`: the shell ends. Its sessions stay while a process uses them.
///
/// # Errors
/// Arguments that no hook passes.
pub(super) fn leave(words: &[String], world: &mut World<'_>) -> Result<(), Error> {
    let [folder] = words else { return Err(Error::new(Cause::Usage, "`kcx __leave` is for the shell hook")) };
    if let Some(session) = Session::all(world.env).into_iter().find(|it| it.folder() == Path::new(folder)) {
        if let Some(owner) = session.owner() {
            pane::leave(owner.pid, world);
        }
        if let Some(laid) = session.laid().and_then(|laid| laid.session(world.env)) {
            end(&laid, world);
        }
        end(&session, world);
        sweep::sweep(world);
    }
    Ok(())
}

/// The shell leaves a session. What other tools have left in it is moved to the user's own file below it.
fn end(session: &Session, world: &mut World<'_>) {
    let list = session.files().map(|files| hook::list(session, &files));
    let env = Env { kubeconfig: list.or_else(|| world.env.kubeconfig.clone()), ..world.env.clone() };
    let mut below = World::new(&env, &mut *world.out, &mut *world.err, world.command.clone());
    overlay_migration::migrate_at_end(session, false, &mut below);
    if let Some(left_behind) = session.owner().and_then(|owner| file::children(owner.pid)) {
        // Without this record the session is kept for longer.
        let _ = session.record_end(&left_behind);
    }
}
