//! One kubeconfig for programs that read no list of files: a context with its cluster and its user, without copied secrets.
//!
//! A user with a plugin of its own stays as it is. For any other secret the file has an `exec` entry that has
//! `kcx-credential` read it from the user's own kubeconfig.

use super::error::{Cause, Error, name, path};
use super::{World, credential, export, messages};
use crate::cluster::ReadOnly;
use crate::codec::base64;
use crate::credential::binding::{AUTHORITY_ROOM, Cluster};
use crate::credential::own::{self, OwnUser};
use crate::file::{self, limits};
use crate::kubeconfig::schema::key;
use crate::kubeconfig::{Body, Kind, Merged, View};
use crate::kuberc::Gate;
use crate::printer::yaml;
use crate::session::single_file::{Changes, lost};
use crate::session::{OverlayError, Selection, Session, State, StoredSelection};
use secrecy::ExposeSecret;
use serde_json::Value;
use std::cell::OnceCell;
use std::path::{Path, PathBuf};

/// The flags for one file.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub struct SingleFileFlags {
    /// Give one file that contains only this context, for programs that do not read a list of files. It contains no secret
    /// of your kubeconfig: clients get it from kcx-credential
    #[arg(long)]
    pub single_file: bool,

    /// With --single-file: copy the credential into the file, for programs that run no credential plugins
    #[arg(long)]
    pub embed: bool,

    /// Allow no switch to another context: the others cannot be seen. This prevents accidents, not attacks
    #[arg(long)]
    pub locked: bool,

    /// Copy a credential that no plugin can deliver.
    #[arg(skip)]
    pub embeds_if_needed: bool,
}

impl SingleFileFlags {
    /// True if the list of files is not given; fails for flags that do not fit.
    ///
    /// # Errors
    /// `--embed` without one file.
    pub(super) fn is_single(self) -> Result<bool, Error> {
        if self.embed && !self.single_file && !self.locked {
            return Err(Error::new(Cause::Usage, "`--embed` needs `--single-file` or `--locked`"));
        }
        Ok(self.single_file || self.locked)
    }
}

/// Makes the texts of such files. What all of them need is determined once.
pub(super) struct SingleFiles<'m> {
    merged: &'m Merged,
    all: View,
    flags: SingleFileFlags,
    command: OnceCell<Result<String, Error>>,
}

/// The text of a file, and the user whose credential it contains.
pub(super) struct SingleText {
    pub(super) text: String,
    pub(super) copied: Option<String>,
}

impl<'m> SingleFiles<'m> {
    pub(super) fn new(merged: &'m Merged, flags: SingleFileFlags) -> Result<SingleFiles<'m>, Error> {
        Ok(SingleFiles { merged, all: View::of(merged)?, flags, command: OnceCell::new() })
    }

    /// The text for a context.
    ///
    /// # Errors
    /// A dangling reference, or a credential that no plugin can deliver.
    pub(super) fn text(&self, selection: &Selection, world: &World<'_>) -> Result<SingleText, Error> {
        let context = &selection.context;
        let mut view = export::own(&self.all, &[context], false, world.env)?;
        if let (Some(shown), Some(body)) = (view.lists[Kind::Context].get_mut(context), &selection.body) {
            shown.body.clone_from(body);
        }
        let cluster = view.lists[Kind::Cluster].values().next().map(|shown| shown.body.clone());
        let mut copied = None;
        for (user, shown) in &mut view.lists[Kind::User] {
            let own = OwnUser {
                file: world.env.absolute(&shown.origin).to_string_lossy().into_owned(),
                user: user.clone(),
            };
            let needs_plugin = own::has_secret(&shown.body);
            if needs_plugin == Ok(false) {
                continue;
            }
            let command = match needs_plugin {
                _ if self.flags.embed => None,
                Ok(_) => Some(self.plugin(context, &own, &shown.origin, cluster.as_ref(), world)),
                Err(why) => Some(Err(undeliverable(context, &own, &why.to_string()))),
            };
            match command {
                Some(Ok(command)) => own.replace_credential(&mut shown.body, &command),
                Some(Err(error)) if !self.flags.embeds_if_needed => return Err(error),
                _ => copied = Some(user.clone()),
            }
        }
        Ok(SingleText { text: yaml::print(&view.to_value()), copied })
    }

    /// Writes the file for a context, and returns its path.
    ///
    /// # Errors
    /// As [`SingleFiles::text`]; or the file cannot be written.
    pub(super) fn put(
        &self,
        selection: &Selection,
        session: &Session,
        locked: bool,
        world: &mut World<'_>,
    ) -> Result<PathBuf, Error> {
        let text = self.text(selection, world)?;
        let file = if locked { session.locked_file() } else { session.single_file() };
        if self.flags.embed || text.copied.is_some() {
            session.record_embedding().map_err(|error| not_written(&file, &error))?;
        }
        put(session, &file, &text.text)?;
        tell_copied(&text, &selection.context, world);
        Ok(file)
    }

    /// The command that gives a client the user's credential for this cluster.
    fn plugin(
        &self,
        context: &str,
        own: &OwnUser,
        origin: &Path,
        cluster: Option<&Body>,
        world: &World<'_>,
    ) -> Result<String, Error> {
        let command = self.command.get_or_init(|| command(world)).clone()?;
        let Some(cluster) = cluster else { return Ok(command) };
        let mut length =
            cluster.get(key::CERTIFICATE_AUTHORITY_DATA).and_then(Value::as_str).map_or(0, str::len) / 4 * 3;
        let asking = Cluster::of(cluster, |named| {
            let bytes = file::read(&world.env.beside(origin, named), limits::CREDENTIAL)?.0;
            length = bytes.len();
            Ok(bytes)
        });
        let asking = asking
            .map_err(|why| undeliverable(context, own, &format!("its cluster cannot be compared: {why}")))?;
        if length > AUTHORITY_ROOM {
            let why = format!(
                "the certificate authority has {length} bytes, more than a client can pass to a plugin"
            );
            return Err(undeliverable(context, own, &why));
        }
        let source = self.merged.sources().iter().find(|source| source.path == origin);
        let read = |named: &str| Ok(file::read(&world.env.beside(origin, named), limits::CREDENTIAL)?.0);
        let binding = match source.and_then(|source| source.document.as_ref()) {
            Some(document) => own::binding(document, &own.user, &read)?,
            None => return Ok(command),
        };
        if binding.covers(&asking) {
            return Ok(command);
        }
        let why = "its cluster is not in the file of the user, or no context of that file names both, \
                   and kcx-credential gives a credential only to such a cluster";
        Err(undeliverable(context, own, why))
    }
}

fn undeliverable(context: &str, own: &OwnUser, why: &str) -> Error {
    let (user, file) = (name(&own.user), path(Path::new(&own.file)));
    let message = format!(
        "context {} cannot be in one file without a copy of the credential of user {user} in {file}: {why}",
        name(context)
    );
    Error::new(Cause::Failed, message).hint("`--single-file --embed` copies the credential into the file")
}

/// The command of the `exec` entry, if kubectl would run it.
fn command(world: &World<'_>) -> Result<String, Error> {
    let command = credential::command::beside(world).ok_or_else(|| {
        Error::new(
            Cause::Failed,
            "`kcx-credential` is not in the folder of this kcx, so clients could not get a credential from it",
        )
        .hint("`cargo install --path .` installs both programs into one folder")
        .hint("`--single-file --embed` copies the credential into the file")
    })?;
    Gate::new(world.env).admit(Path::new(&command)).map_err(|why| {
        Error::new(
            Cause::Failed,
            format!("kubectl would not get a credential from {}: {why}", name(&command)),
        )
        .hint("`--single-file --embed` copies the credential into the file")
    })?;
    Ok(command)
}

/// Writes a file of a session, readable by its owner only, and returns its path.
///
/// # Errors
/// It cannot be written.
pub(super) fn put(session: &Session, file: &Path, text: &str) -> Result<PathBuf, Error> {
    session.put_file(file, text).map_err(|error| not_written(file, &error))?;
    Ok(file.to_owned())
}

fn not_written(file: &Path, error: &std::io::Error) -> Error {
    Error::new(Cause::Failed, format!("cannot write {}: {}", path(file), messages::io_error(error)))
}

/// Says that a credential was copied.
fn tell_copied(text: &SingleText, context: &str, world: &mut World<'_>) {
    if let Some(user) = &text.copied {
        world.warn(&format!(
            "the credential of user {} is copied into the file for context {}",
            name(user),
            name(context)
        ));
    }
}

/// Writes the one file of this shell's session, if it has one and the file is not as it should be.
///
/// # Errors
/// The context cannot be in one file. Clients fail then, instead of going on with the context before.
pub(super) fn refresh(world: &mut World<'_>) -> Result<(), Error> {
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
pub(super) fn begin(session: &Session, embeds: bool, world: &mut World<'_>) -> Result<(), Error> {
    if embeds {
        session.record_embedding().map_err(|error| not_written(&session.single_file(), &error))?;
    }
    write(session, world)
}

/// Writes the one file of a session.
///
/// # Errors
/// As [`refresh`].
pub(super) fn write(session: &Session, world: &mut World<'_>) -> Result<(), Error> {
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
pub(super) fn is_changed(session: &Session) -> bool {
    session.has_single_file() && session.is_file_changed(&session.single_file())
}

/// Moves what other programs have changed in the file of a locked shell or run into the overlay, for the end of the session.
pub(super) fn absorb_locked(session: &Session, world: &mut World<'_>) {
    let file = session.locked_file();
    if file.exists() && session.is_file_changed(&file) {
        absorb(session, &file, world);
    }
}

/// Moves what other programs have changed in the one file of a session into its overlay.
pub(super) fn absorb(session: &Session, file: &Path, world: &mut World<'_>) {
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
pub(super) fn forget_credentials(session: &Session) {
    if session.embeds() {
        let _ = session.forget_credentials();
    }
}

/// The text for a proxy, which passes only reads and keeps the credential.
pub(super) fn proxied(selection: &Selection, proxy: &ReadOnly) -> String {
    let named = |field: &str| selection.body.as_ref().and_then(|body| body.get(field)).cloned();
    let (cluster, user) = (named("cluster").unwrap_or_default(), named("user").unwrap_or_default());
    let ca = base64::encode(proxy.certificate());
    let mut context = serde_json::json!({"cluster": cluster, "user": user});
    if !selection.namespace().is_empty() {
        context["namespace"] = selection.namespace().into();
    }
    yaml::print(&serde_json::json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{
            "name": cluster,
            "cluster": {"server": proxy.server(), (key::CERTIFICATE_AUTHORITY_DATA): ca},
        }],
        "users": [{"name": user, "user": {"token": proxy.token().expose_secret()}}],
        "contexts": [{"name": selection.context, "context": context}],
        "current-context": selection.context,
    }))
}
