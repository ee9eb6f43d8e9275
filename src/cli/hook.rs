//! The calls of the shell hook: `kcx __sync` after a kubeconfig has changed, `kcx __leave` at the end of the shell.

use super::error::{Cause, Error};
use super::{World, overlay_migration, overlay_restore, prompt, settings_file, sweep};
use crate::file::{self, LockOptions};
use crate::session::Session;
use crate::session::hook::{PromptUpdate, Shell};
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// `kcx __sync SHELL [MAJOR]`: updates the overlay, and prints the data for the prompt.
///
/// # Errors
/// Arguments that no hook passes.
pub(super) fn sync(words: &[String], world: &mut World<'_>) -> Result<(), Error> {
    let shell = words.first().and_then(|word| Shell::from_str(word, false).ok());
    let Some(shell) = shell else {
        return Err(Error::new(Cause::Usage, "`kcx __sync` is for the shell hook"));
    };
    let old_bash = shell == Shell::Bash && matches!(words.get(1).map(String::as_str), Some("3" | "4"));
    // A prompt waits for nobody.
    let lock_options = LockOptions { timeout: Duration::ZERO, ..world.lock_options() };
    overlay_restore::restore(&lock_options, world);
    let session = world.session().active();
    let mut files: Vec<PathBuf> = world.store().precedence().paths.clone();
    files.retain(|file| !file.as_os_str().is_empty());
    // The settings are included, so that changed display rules take effect.
    files.extend(settings_file::file(world.env));
    if let Some(session) = world.session().active().filter(Session::has_single_file) {
        files.push(session.single_file());
    }
    let companions = match &session {
        Some(session) => session.record_times(&files, old_bash),
        None => Vec::new(),
    };
    // The files are read after their times were recorded, so that the next prompt detects a change in between.
    if let Some(session) = &session {
        overlay_migration::migrate_without_asking(session, world);
    }
    let watch: Vec<(PathBuf, PathBuf)> = files.into_iter().zip(companions).collect();
    let list =
        world.env.kubeconfig.as_ref().map(|list| list.to_string_lossy().into_owned()).unwrap_or_default();
    let text = shell.prompt_update(&PromptUpdate {
        prompt: &prompt::text(shell, world),
        list: &list,
        watch: &watch,
    });
    Ok(world.print(&text)?)
}

/// `kcx __leave FOLDER`: the shell ends. Its session stays while a process uses it.
///
/// # Errors
/// Arguments that no hook passes.
pub(super) fn leave(words: &[String], world: &mut World<'_>) -> Result<(), Error> {
    let [folder] = words else { return Err(Error::new(Cause::Usage, "`kcx __leave` is for the shell hook")) };
    let ours = Session::all(world.env).into_iter().find(|session| session.folder() == Path::new(folder));
    if let Some(session) = ours {
        overlay_migration::migrate_at_end(&session, false, world);
        if let Some(left_behind) = session.owner().and_then(|owner| file::children(owner.pid)) {
            // Without this record the session is kept for longer.
            let _ = session.record_end(&left_behind);
        }
        sweep::sweep(world);
    }
    Ok(())
}
