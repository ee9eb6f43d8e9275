//! The one file of a session: it is written after each switch, and what other programs change in it is taken over.

use super::{SingleFileFlags, SingleFiles, SingleText, not_written, tell_copied};
use crate::cli::error::{Cause, Error, name, path};
use crate::cli::{World, messages};
use crate::credential::own::OwnUser;
use crate::file::{self, limits};
use crate::kubeconfig::schema::key;
use crate::kubeconfig::{Body, Kind, View};
use crate::printer::yaml;
use crate::session::single_file::{Changes, lost};
use crate::session::{OverlayError, Selection, Session, State, StoredSelection};
use std::path::Path;

/// Writes the one file of this shell's session, if it has one and the file is not as it should be.
///
/// # Errors
/// The context cannot be in one file. Clients fail then, instead of going on with the context before.
pub(in crate::cli) fn refresh(world: &mut World<'_>) -> Result<(), Error> {
    let State::Active(session) = world.session() else { return Ok(()) };
    let file = session.single_file();
    // The session may have been removed and made again.
    let is_named = world.env.kubeconfig.as_deref() == Some(file.as_os_str());
    if !is_named && !session.has_single_file() || is_changed(&session) && file.exists() {
        return Ok(());
    }
    // This command may have changed the overlay and the user's own files. Its `--kubeconfig` is not of this shell.
    world.forget_session();
    let flag = world.globals.kubeconfig.take();
    let written = write(&session, world);
    world.globals.kubeconfig = flag;
    written
}

/// Gives a new session one file instead of a list.
///
/// # Errors
/// As [`refresh`].
pub(in crate::cli) fn begin(session: &Session, embeds: bool, world: &mut World<'_>) -> Result<(), Error> {
    if embeds {
        session.record_embedding().map_err(|error| not_written(&session.single_file(), &error))?;
    }
    write(session, world)
}

/// Writes the one file of a session.
///
/// # Errors
/// As [`refresh`].
fn write(session: &Session, world: &mut World<'_>) -> Result<(), Error> {
    let made = made(session, world);
    let text = made.as_ref().map_or_else(|_| lost(), |made| made.text.clone());
    match session.put_file(&session.single_file(), &text) {
        Ok(true) => {
            if let Ok(made) = &made {
                let context =
                    StoredSelection::read(&*world.overlay(session)?)?.map(|selection| selection.context);
                tell_copied(made, context.as_deref().unwrap_or_default(), world);
            }
        }
        Ok(false) => {}
        Err(error) => return Err(not_written(&session.single_file(), &error)),
    }
    made.map(drop).map_err(|error| {
        let message =
            format!("{}; programs in this shell fail until another context is selected", error.message);
        Error { message, ..error }
    })
}

fn made(session: &Session, world: &World<'_>) -> Result<SingleText, Error> {
    let overlay = world.overlay(session)?;
    let own = world.load_own()?.merged;
    let selection = match StoredSelection::read(&overlay)? {
        Some(selection) => selection,
        None => StoredSelection { context: own.current_context().to_owned(), body: None },
    };
    if selection.context.is_empty() {
        return Ok(SingleText { text: yaml::print(&View::default().to_value()), copied: None });
    }
    let Some(entry) = own.find(Kind::Context, &selection.context) else {
        return Err(Error::not_found(&own, Kind::Context, &selection.context));
    };
    let body = match selection.body {
        Some(body) => body,
        None => own.body(entry)?.into_owned(),
    };
    let selection = Selection { context: selection.context, body: Some(body) };
    let flags = SingleFileFlags { embed: session.embeds(), ..SingleFileFlags::default() };
    SingleFiles::new(&own, flags)?.text(&selection, world)
}

/// True if other programs have changed the one file of a session.
pub(in crate::cli) fn is_changed(session: &Session) -> bool {
    session.has_single_file() && session.is_file_changed(&session.single_file())
}

/// Moves what other programs have changed in the file of a locked shell or run into the overlay, for the end of the session.
pub(in crate::cli) fn absorb_locked(session: &Session, world: &mut World<'_>) {
    let file = session.locked_file();
    if file.exists() && session.is_file_changed(&file) {
        absorb(session, &file, world);
    }
}

/// Moves what other programs have changed in the one file of a session into its overlay.
pub(in crate::cli) fn absorb(session: &Session, file: &Path, world: &mut World<'_>) {
    match session.changes_of(file, clean) {
        Ok(Some(changes)) => {
            // What was not taken is tried again with the next command.
            if let Err(error) = absorb_changes(session, &changes, world) {
                world.fail(&error);
                return;
            }
            let _ = session.accept_file(file);
            let removed: Vec<String> = changes
                .removed
                .iter()
                .map(|(kind, entry)| format!("{} {}", kind.word(), name(entry)))
                .collect();
            if !removed.is_empty() {
                let removed = removed.join(", ");
                world.warn(&format!("a program removed {removed} from the single file {} alone", path(file)));
            }
        }
        Ok(None) => {}
        Err(error) => keep(session, file, &error, world),
    }
}

/// Removes the entry that stands for the credential of the user's own one.
fn clean(user: &mut Body) {
    if OwnUser::of(user).is_some() {
        user.shift_remove(key::EXEC);
    }
}

fn absorb_changes(session: &Session, changes: &Changes, world: &mut World<'_>) -> Result<(), Error> {
    if changes.selection.is_none() && changes.entries.is_empty() {
        return Ok(());
    }
    world.forget_overlay(session);
    let overlay = world.overlay(session)?;
    let own = world.load_own()?.merged;
    let record = world.record(session);
    let mut entries = session.foreign_entries(&overlay, record.as_deref(), |context| {
        let entry = own.find(Kind::Context, context)?;
        own.body(entry).ok().map(std::borrow::Cow::into_owned)
    })?;
    let is_new = |(kind, name, _): &(Kind, String, Body)| {
        !changes.entries.iter().any(|(of, it, _)| of == kind && it == name)
    };
    entries.retain(is_new);
    for (kind, entry, body) in &changes.entries {
        // What the user's own files have already is no change: another kcx wrote it there.
        let known = own.find(*kind, entry).map(|found| own.body(found)).transpose()?;
        if known.as_deref() != Some(body) {
            entries.push((*kind, entry.clone(), body.clone()));
        }
    }
    let before = StoredSelection::read(&overlay)?;
    let selection = changes.selection.clone().or(before);
    let replaced = session.replace(&overlay, selection.as_ref(), &entries, &world.lock_options());
    world.forget_overlay(session);
    match replaced {
        Ok(_) => Ok(()),
        Err(OverlayError::Lock(error)) => Err(Error::not_locked(&error, world.lock_options().timeout)),
        Err(OverlayError::Update(overlay, error)) => {
            let why = messages::io_error(&error);
            Err(Error::new(
                Cause::Failed,
                format!("cannot write this shell's overlay {}: {why}", path(&overlay)),
            ))
        }
    }
}

/// Saves a file that is no kubeconfig any more.
fn keep(session: &Session, file: &Path, why: &std::io::Error, world: &mut World<'_>) {
    let saved = file::read(file, limits::OVERLAY).and_then(|(bytes, _)| {
        let folder = world.env.state.clone().ok_or(std::io::ErrorKind::NotFound)?.join("changed");
        file::create_private(&folder)?;
        let kept = folder.join(format!("{}.yaml", session.id()));
        file::write_private(&kept, &bytes)?;
        Ok(kept)
    });
    let why = messages::io_error(why);
    let what = format!("a program changed its single file, which cannot be read as a kubeconfig ({why})");
    match saved {
        Ok(kept) => {
            let _ = session.accept_file(file);
            world.warn(&format!("{what}; it is kept in {}", path(&kept)));
        }
        Err(error) => world.warn(&format!("{what} and could not be kept: {}", messages::io_error(&error))),
    }
}

/// Removes the file's credentials when its session ends, while a process may still use it.
pub(in crate::cli) fn forget_credentials(session: &Session) {
    if session.embeds() {
        let _ = session.forget_credentials();
    }
}
