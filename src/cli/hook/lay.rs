//! Lays a session of the shell over a `KUBECONFIG` that was changed after the hook ran.

use super::super::init::own_files;
use super::super::{World, single_file, sweep};
use crate::kubeconfig::Kind;
use crate::session::laid::Laid;
use crate::session::{Selection, Session, StoredSelection, hook};
use crate::store::Overlay;
use std::path::{Path, PathBuf};

/// What changes for the shell.
#[derive(Debug, Default)]
pub(super) struct Laying {
    /// The new value of `KUBECONFIG`; `None` if it stays.
    pub(super) list: Option<String>,
    /// The session that takes the place of the one that the shell began with, because that one is gone.
    pub(super) first: Option<Session>,
}

/// Lays a session over `KUBECONFIG` unless one is there already. `folder` is that of the session that the shell began
/// with. If no session can be laid, the shell goes on without one, and the prompt shows its context.
pub(super) fn lay(pid: u32, folder: &Path, world: &mut World<'_>) -> Laying {
    let files = own_files(world);
    let Some(first) = Session::in_folder(folder, world.env) else {
        return replace_first(pid, folder, &files, world);
    };
    let is_mine =
        |session: &Session| session == &first || session.owner().is_some_and(|owner| owner.pid == pid);
    if let Some(active) = world.session().active().filter(is_mine)
        && is_whole(&active, &files, world)
    {
        leave_laid(&first, Some(&active), world);
        return Laying::default();
    }
    let over = match &world.env.kubeconfig {
        None => String::new(),
        // Other text cannot be passed to every shell.
        Some(list) => match list.to_str() {
            Some(list) => list.to_owned(),
            None => return Laying::default(),
        },
    };
    let laid = first.laid().filter(|laid| laid.over == over).and_then(|laid| laid.session(world.env));
    if let Some(list) = laid.and_then(|laid| exported(&laid, &files)) {
        return Laying { list: Some(list), first: None };
    }
    let below = world.precedence(None).any_overlay().map_or_else(|| first.clone(), Session::of);
    if below == first && first.files().as_ref() == Some(&files) {
        leave_laid(&first, None, world);
        return Laying { list: exported(&first, &files), first: None };
    }
    // The context that a directory names is shown as missing where it is missing.
    let selection =
        inherited(&below, world).filter(|selection| below.is_of_directory() || is_there(selection, world));
    let Ok(session) = Session::create(world.env, pid, &files, selection.as_ref()) else {
        return Laying::default();
    };
    if first.has_single_file()
        && let Err(error) = single_file::begin(&session, first.embeds(), world)
    {
        world.fail(&error);
    }
    leave_laid(&first, None, world);
    let laid = Laid { over, folder: session.folder().to_owned() };
    match (exported(&session, &files), first.record_laid(Some(&laid))) {
        (Some(list), Ok(())) => Laying { list: Some(list), first: None },
        _ => {
            let _ = session.remove();
            Laying::default()
        }
    }
}

/// True if the session's files are at both ends of `KUBECONFIG`, with these files between them.
fn is_whole(session: &Session, files: &[PathBuf], world: &World<'_>) -> bool {
    world.env.kubeconfig.as_ref().is_some_and(|list| *list == hook::list(session, files))
}

/// `KUBECONFIG` for this session.
fn exported(session: &Session, files: &[PathBuf]) -> Option<String> {
    hook::list(session, files).into_string().ok()
}

/// The session that the shell began with was deleted, and its context is unknown.
fn replace_first(pid: u32, folder: &Path, files: &[PathBuf], world: &mut World<'_>) -> Laying {
    // While its guard exists, it is restored with its context when it is needed.
    if Overlay::of_folder(folder, world.env).is_none_or(|overlay| overlay.guard().exists()) {
        return Laying::default();
    }
    let Ok(session) = Session::create(world.env, pid, files, None) else { return Laying::default() };
    let Some(list) = exported(&session, files) else { return Laying::default() };
    world.warn("this shell's session was deleted and its context is lost: it follows the kubeconfig");
    Laying { list: Some(list), first: Some(session) }
}

/// The selection of another session for these files.
fn inherited(session: &Session, world: &World<'_>) -> Option<StoredSelection> {
    let stored = StoredSelection::read(&*world.overlay(session).ok()?).ok()??;
    let own = world.lookup_own().ok()?.body(Kind::Context, &stored.context).ok()?;
    let body = stored.body.as_ref().filter(|_| stored.agrees_with(own.as_ref())).cloned();
    Some(match body {
        Some(body) => StoredSelection::of(&Selection::new(&stored.context, Some(body), None), own.as_ref()),
        None => StoredSelection { context: stored.context, body: None },
    })
}

/// True if the user's own files have the context.
fn is_there(selection: &StoredSelection, world: &World<'_>) -> bool {
    let body = world.lookup_own().ok().and_then(|mut own| own.body(Kind::Context, &selection.context).ok());
    body.flatten().is_some()
}

/// Ends the session that was laid last, unless it is `stays`.
fn leave_laid(first: &Session, stays: Option<&Session>, world: &mut World<'_>) {
    let Some(laid) = first.laid().filter(|laid| stays.is_none_or(|stays| stays.folder() != laid.folder))
    else {
        return;
    };
    if let Some(session) = laid.session(world.env) {
        super::end(&session, world);
    }
    // Otherwise it is ended again.
    let _ = first.record_laid(None);
    sweep::sweep(world);
}
