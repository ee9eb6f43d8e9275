//! Shells that are locked to one context: `kcx shell --locked` and `--read-only`, and runs of `kcx exec` with these flags.
//!
//! kcx refuses there what would lead to another cluster, and what would change the user's own files, which all other shells
//! use. A program that removes the marks is not held up: the lock prevents accidents.

use super::World;
use super::error::{Cause, Error, name};
use super::messages;
use crate::env::Env;
use crate::store::discovery;
use crate::store::overlay::FilesRecord;
use crate::store::precedence::home_file;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Fails in such a shell; `undone` says what was not done.
///
/// # Errors
/// This shell is locked.
pub(super) fn refuse(undone: &str, world: &World<'_>) -> Result<(), Error> {
    error(undone, world).map_or(Ok(()), Err)
}

/// The error of such a shell.
fn error(undone: &str, world: &World<'_>) -> Option<Error> {
    let context = world.env.locked.as_deref()?;
    let message = format!("this shell is locked to context {}; {undone}", shown(context));
    Some(Error::new(Cause::Failed, message).hint("`exit` leaves it"))
}

/// Fails in such a shell if `--kubeconfig` (`flag`) or `KUBECONFIG` leads past its file.
///
/// # Errors
/// This shell is locked.
pub(super) fn refuse_elsewhere(flag: Option<&str>, undone: &str, world: &World<'_>) -> Result<(), Error> {
    match leads_elsewhere(flag, world) {
        true => error(undone, world).map_or(Ok(()), |error| Err(with_reason(error, flag, world))),
        false => Ok(()),
    }
}

/// Says why a command is refused that is only refused with another kubeconfig.
pub(super) fn with_reason(error: Error, flag: Option<&str>, world: &World<'_>) -> Error {
    match flag.is_none_or(str::is_empty) && leads_elsewhere(flag, world) {
        true => error.hint("`KUBECONFIG` is not the file of this shell any more"),
        false => error,
    }
}

/// True in such a shell if `--kubeconfig` (`flag`) or `KUBECONFIG` leads past its file.
pub(super) fn leads_elsewhere(flag: Option<&str>, world: &World<'_>) -> bool {
    if world.env.locked.is_none() {
        return false;
    }
    match &world.env.locked_file {
        Some(own) => {
            !matches!(world.precedence(flag).paths.as_slice(), [file] if is_same(file, own, world.env))
        }
        // Without its name only the flag can be judged.
        None => flag.is_some_and(|flag| !flag.is_empty()),
    }
}

/// True if two paths lead to the same file, which may be missing.
pub(super) fn is_same(one: &Path, other: &Path, env: &Env) -> bool {
    let real = |path: &Path| real(&env.absolute(path));
    real(one) == real(other)
}

/// A path without symbolic links, also that of a file that is to be made.
fn real(path: &Path) -> PathBuf {
    let made = || Some(std::fs::canonicalize(path.parent()?).ok()?.join(path.file_name()?));
    std::fs::canonicalize(path).ok().or_else(made).unwrap_or_else(|| path.to_owned())
}

/// In such a shell, the error for a file that exists with other content: it may be a kubeconfig or anything else that other
/// shells use. `None` in other shells.
pub(super) fn replaces_nothing(world: &World<'_>) -> Option<Error> {
    let error = error("nothing was written", world)?;
    Some(error.hint("it writes new files only: this one exists with other content"))
}

/// Fails in such a shell for a new file that kcx or other shells would read: one of the user's own kubeconfigs, also one that
/// discovery would find, and a file in kcx's own folders.
///
/// # Errors
/// This shell is locked.
pub(super) fn refuse_own<'f>(
    files: impl IntoIterator<Item = &'f Path>,
    undone: &str,
    world: &World<'_>,
) -> Result<(), Error> {
    let Some(error) = error(undone, world) else { return Ok(()) };
    let env = world.env;
    let recorded = env.locked_file.as_deref().and_then(Path::parent).and_then(FilesRecord::read);
    let mut own: Vec<PathBuf> = recorded.map(|record| record.files).unwrap_or_default();
    own.push(home_file(env));
    let folders: Vec<PathBuf> =
        [&env.config, &env.state, &env.data].into_iter().flatten().map(|folder| real(folder)).collect();
    let settings = world.settings_or_default();
    for file in files {
        let typed = env.absolute(file);
        let real = real(&typed);
        let is_own = own.iter().any(|own| is_same(own, &typed, env))
            || [&typed, &real].iter().any(|path| discovery::would_find(&settings.discovery, path, env))
            || folders.iter().any(|folder| real.starts_with(folder));
        // What a link to nothing leads to is not known here.
        let is_loose = typed.is_symlink() && !typed.exists();
        if is_own || is_loose {
            let file = messages::path(file);
            return Err(error.hint(format!("other shells would use {file}; name another file")));
        }
    }
    Ok(())
}

/// An error about something that does not exist, with the reason why it cannot be seen here.
pub(super) fn explained(error: Error, world: &World<'_>) -> Error {
    match &world.env.locked {
        Some(context) if error.cause == Cause::NotFound => {
            error.hint(format!("this shell is locked to context {}, and sees no other", shown(context)))
        }
        _ => error,
    }
}

fn shown(context: &OsStr) -> String {
    name(&context.to_string_lossy())
}

/// Runs this on the kubeconfig of the locked shell, and says so, if something else has set another one, such as a start-up
/// file. In every other shell, and where nothing has, it just runs it.
pub(super) fn in_its_file<T>(world: &mut World<'_>, run: impl FnOnce(&mut World<'_>) -> T) -> T {
    let own = world.own_store().precedence().paths.clone();
    let file = world.env.locked.as_ref().and(world.env.locked_file.clone());
    let Some(file) = file.filter(|file| own != [file.as_path()]) else { return run(world) };
    let context = world.env.locked.as_deref().map(shown).unwrap_or_default();
    world.warn(&format!(
        "KUBECONFIG was set in a shell that is locked to context {context}, and is back on the file of this shell"
    ));
    let env = Env { kubeconfig: Some(file.into()), session: None, ..world.env.clone() };
    let globals = world.globals.clone();
    let mut held = World::new(&env, &mut *world.out, &mut *world.err, world.command.clone());
    held.globals = globals;
    run(&mut held)
}
