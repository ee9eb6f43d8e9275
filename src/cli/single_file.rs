//! One kubeconfig for programs that read no list of files: a context with its cluster and its user, without copied secrets.
//!
//! A user with a plugin of its own stays as it is. For any other secret the file has an `exec` entry that has
//! `kcx-credential` read it from the user's own kubeconfig.

mod of_session;

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
use crate::session::{Selection, Session};
pub(super) use of_session::{absorb, absorb_locked, begin, forget_credentials, is_changed, refresh};
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
        .hint(credential::command::INSTALL)
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
