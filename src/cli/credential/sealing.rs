//! Moves the secrets of several users from a kubeconfig into a keychain.
//!
//! The order makes it safe: the keychain is written, read back and compared, then the kubeconfig is edited, then the
//! journal is scrubbed. After an interruption at any point, the secret is in the keychain, in the kubeconfig, or in both.

use super::super::error::{Cause, Error, name, path};
use super::super::result::CredentialChange;
use super::super::{World, messages};
use super::args::SealArgs;
use super::command;
use super::keychains::{self, Keychains, keychain_failure};
use super::user_clusters::UserClusters;
use super::users::{self, User};
use crate::credential::entry::{self, Reference};
use crate::credential::plan::{self, FILES};
use crate::credential::{Binding, Bundle, Keychain, record};
use crate::kubeconfig::change::Change;
use crate::kubeconfig::patch::{self, Op};
use crate::kubeconfig::schema::key;
use crate::kubeconfig::{Kind, Merged};
use crate::secret::Secret;
use crate::store::{Store, journal};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The fields that contain a secret themselves instead of a path.
const PLAIN: [&str; 3] = [key::CLIENT_CERTIFICATE_DATA, key::CLIENT_KEY_DATA, "token"];

/// One user to seal.
struct Sealing {
    user: User,
    reference: Reference,
    bundle: Bundle,
    /// The fields, which must be unchanged when the kubeconfig is edited.
    fields: Vec<String>,
    ops: Vec<Op>,
}

/// Users to seal in one keychain.
pub(super) struct Sealer {
    pub(super) chosen: Reference,
    command: String,
    any_cluster: bool,
    /// The clusters of the users, once computed.
    user_clusters: Option<UserClusters>,
    sealings: Vec<Sealing>,
    files: Vec<PathBuf>,
}

impl Sealer {
    /// Creates a sealer without users. Fails if kubectl would refuse to run kcx's plugin.
    ///
    /// # Errors
    /// kubectl's policy, or settings that cannot be read.
    pub(super) fn new(args: &SealArgs, world: &mut World<'_>) -> Result<Sealer, Error> {
        let chosen = keychains::chosen(&args.store, world)?;
        let command = command::chosen(args.command.as_deref(), world)?;
        command::allow(&command, args.to_kuberc, args.dry_run, world)?;
        let any_cluster = args.any_cluster;
        Ok(Sealer {
            chosen,
            command,
            any_cluster,
            user_clusters: None,
            sealings: Vec::new(),
            files: Vec::new(),
        })
    }

    /// Adds a user with these values of its fields, which may differ from those in the kubeconfig.
    ///
    /// # Errors
    /// Data that is not PEM, an unreadable file, or text that cannot be edited safely. The message does not say that nothing was
    /// done.
    pub(super) fn add(
        &mut self,
        user: &User,
        values: BTreeMap<String, Secret>,
        others: bool,
        merged: &Merged,
        world: &World<'_>,
    ) -> Result<(), Error> {
        let document = user.document(merged).ok_or_else(|| moved(user))?;
        let file = world.env.absolute(&user.file).to_string_lossy().into_owned();
        let mut bundle = Bundle { user: user.name.clone(), file, fields: values, ..Bundle::default() };
        for field in FILES {
            let Some(named) = bundle.fields.get(field).and_then(Secret::text) else { continue };
            let named = world.env.beside(&user.file, named);
            bundle.files.insert(field.to_owned(), read(&named)?);
            if field != key::CLIENT_CERTIFICATE {
                self.files.push(named);
            }
        }
        check_pem(&bundle, user)?;
        let user_clusters = match &mut self.user_clusters {
            Some(user_clusters) => user_clusters,
            none => none.insert(UserClusters::of(merged, world)?),
        };
        bundle.binding = match self.any_cluster {
            true => Binding::AnyCluster,
            false => user_clusters.binding(&user.name),
        };
        let (reference, exec) = self.reference(&user.name)?;
        let fields: Vec<String> = bundle.fields.keys().cloned().collect();
        let gone = match others {
            true => plan::FIELDS
                .iter()
                .filter(|field| user.body.contains_key(**field))
                .map(|it| (*it).into())
                .collect(),
            false => fields.clone(),
        };
        let ops = plan::seal_ops(&user.name, exec, gone);
        // Another entry that repeats the secret would keep it in plain text.
        let shared = patch::shared(document, Kind::User, &user.name).map_or(Ok(()), Err);
        let after = shared.and_then(|()| patch::apply(document, &ops)).map_err(|refusal| {
            let (who, file) = (name(&user.name), path(&user.file));
            let message = format!("user {who} of {file} cannot be edited safely: {refusal}");
            let error = Error::new(Cause::Failed, message).hint("kcx never reformats a file");
            Error { details: messages::excerpt(refusal.place.as_deref()), ..error }
        })?;
        let (was, now) = plan::difference(document.text(), after.text());
        if !others && now.contains(&reference.id) && after.text().matches(&now).count() == 1 {
            (bundle.was, bundle.now) = (Secret::from(was), now);
        }
        self.sealings.push(Sealing { user: user.clone(), reference, bundle, fields, ops });
        Ok(())
    }

    /// Creates a reference for a user of this name, and the `exec` entry for it.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub(super) fn reference(&self, user: &str) -> Result<(Reference, serde_json::Value), Error> {
        let id = entry::new_id(user)
            .map_err(|keychain_error| keychain_failure(&keychain_error, self.chosen.place, "a new name"))?;
        let reference = Reference { id, ..self.chosen.clone() };
        let exec = reference.exec(&self.command, !self.any_cluster);
        Ok((reference, exec))
    }

    /// True if there are no users.
    pub(super) fn is_empty(&self) -> bool {
        self.sealings.is_empty()
    }

    /// Writes the secrets to the keychain, then removes them from the kubeconfig.
    ///
    /// # Errors
    /// Exit code 6 for failures of the keychain; the kubeconfig is then unchanged.
    pub(super) fn seal(
        self,
        args: &SealArgs,
        keychains: &mut Keychains,
        world: &mut World<'_>,
    ) -> Result<(), Error> {
        if args.dry_run {
            let store = world.own_store();
            let previews = store.preview(|merged| Ok(self.changes(merged)?.0));
            let timeout = world.lock_options().timeout;
            let previews = previews.map_err(|error| Error::not_committed(error, false, timeout))?;
            return world.print_preview(&previews);
        }
        let ask = super::super::terminal::can_ask(world);
        let keychain = keychains.get(&self.chosen, ask, world)?;
        self.keep(&*keychain)?;
        let mut unused = Vec::new();
        let edited = world.edit_own_unrecorded(|merged| {
            let (changes, late) = self.changes(merged)?;
            unused = late;
            Ok(changes)
        });
        let kept: Vec<String> = self.sealings.iter().map(|sealing| sealing.reference.id.clone()).collect();
        if let Err(error) = edited {
            forget(&kept, &keychain, &world.own_store());
            return Err(error);
        }
        if !unused.is_empty() {
            forget(&unused, &keychain, &world.own_store());
        }
        for sealing in self.sealings.iter().filter(|it| !unused.contains(&it.reference.id)) {
            world.note_credential(CredentialChange::Stored, Some(&sealing.user.name), &sealing.reference);
        }
        self.scrub(world);
        self.tell(&unused, world);
        Ok(())
    }

    /// Stores all secrets, or none.
    fn keep(&self, keychain: &dyn Keychain) -> Result<(), Error> {
        for (count, sealing) in self.sealings.iter().enumerate() {
            let what = format!("the credential of user {}", name(&sealing.user.name));
            let label = entry::label(&sealing.user.name, &sealing.bundle.file);
            let kept =
                sealing.bundle.encode(&sealing.reference.id).ok_or(crate::credential::KeychainError::Altered);
            let put = kept.and_then(|kept| record::put(keychain, &sealing.reference.id, &label, &kept));
            if let Err(keychain_error) = put {
                // A keychain that did not answer would not answer again.
                if !matches!(keychain_error, crate::credential::KeychainError::Timeout(_)) {
                    for sealing in &self.sealings[..=count] {
                        let _ = record::remove(keychain, &sealing.reference.id);
                    }
                }
                let error = keychain_failure(&keychain_error, self.chosen.place, &what);
                return Err(Error { message: format!("{}; nothing was sealed", error.message), ..error });
            }
        }
        Ok(())
    }

    /// The changes of the kubeconfig, and the ids of users that another process has sealed in the meantime.
    fn changes(&self, merged: &Merged) -> Result<(Vec<Change>, Vec<String>), Error> {
        let (mut changes, mut late) = (Vec::new(), Vec::new());
        for sealing in &self.sealings {
            let user = &sealing.user;
            // The list of files may have changed in the meantime, so the file is found by its path.
            let same = |it: &User| it.file == user.file;
            let now = users::named(std::slice::from_ref(&user.name), merged)?.into_iter().find(same);
            let now = now.ok_or_else(|| unsealed(moved(user)))?;
            if now.reference().is_some_and(|it| user.reference().as_ref() != Some(&it)) {
                late.push(sealing.reference.id.clone());
                continue;
            }
            if now.body != user.body {
                return Err(unsealed(moved(user)));
            }
            changes.extend(sealing.ops.iter().map(|op| Change::At { source: now.source, op: op.clone() }));
        }
        Ok((changes, late))
    }

    /// Removes the secrets from kcx's own journal.
    fn scrub(&self, world: &mut World<'_>) {
        let texts = self.sealings.iter().flat_map(|sealing| {
            let stood = sealing.user.body.iter().filter(|(field, _)| PLAIN.contains(&field.as_str()));
            let stood = stood.filter_map(|(_, value)| value.as_str().map(str::as_bytes));
            let kept = sealing.bundle.fields.iter().filter(|(field, _)| PLAIN.contains(&field.as_str()));
            stood.chain(kept.map(|(_, value)| value.bytes()))
        });
        let secrets: Vec<&[u8]> = texts.collect();
        match journal::scrub(world.env, &secrets) {
            Ok(0) => {}
            Ok(count) => {
                let (changes, them) = if count == 1 { ("change", "it") } else { ("changes", "them") };
                world.done(&format!(
                    "removed {count} {changes} with the secret from the journal: `kcx undo` cannot undo {them}"
                ));
            }
            Err(error) => {
                let why = messages::io_error(&error);
                world.warn(&format!("the journal may still contain the old secret: {why}"));
            }
        }
    }

    fn tell(&self, unused: &[String], world: &mut World<'_>) {
        for sealing in &self.sealings {
            let (who, file) = (name(&sealing.user.name), path(&sealing.user.file));
            if unused.contains(&sealing.reference.id) {
                world.done(&format!("user {who} in {file} is already sealed"));
                continue;
            }
            let fields = sealing.fields.join("`, `");
            let store = sealing.reference.place.in_words();
            let whom = sealing.bundle.binding.shown();
            world
                .done(&format!("sealed user {who} in {file}: moved `{fields}` to {store}; valid for {whom}"));
            let unclear =
                self.user_clusters.iter().flat_map(|user_clusters| user_clusters.unclear(&sealing.user.name));
            for why in unclear {
                world.warn(&format!("user {who} is not sealed for {why}"));
            }
            if sealing.bundle.binding == Binding::Clusters(Vec::new()) {
                let typed = messages::shell_word(&sealing.user.name);
                world.warn(&format!(
                    "no context uses user {who} with a cluster: no client gets the credential yet"
                ));
                world.hint(&format!(
                    "run `kcx credential seal {typed}` again when one does; with `--any-cluster` every cluster gets it"
                ));
            }
        }
        if !self.files.is_empty() {
            let files: Vec<String> = self.files.iter().map(|file| path(file)).collect();
            world.warn(&format!("these files still contain secrets: {}", files.join(", ")));
            world.hint("remove them if nothing else reads them");
        }
        if self.chosen.place == crate::credential::CredentialStore::Keyutils {
            world.warn(
                "the kernel's keyring is empty after a restart of the machine: keep another copy of these credentials",
            );
        }
    }
}

/// Adds to an error that nothing was done.
fn unsealed(error: Error) -> Error {
    Error { message: format!("{}; nothing was sealed", error.message), ..error }
}

/// The error for a user that was changed in the meantime.
pub(super) fn moved(user: &User) -> Error {
    let message = format!("user {} of {} was changed in the meantime", name(&user.name), path(&user.file));
    Error::new(Cause::Conflict, message).hint("try again")
}

/// Removes stored secrets that no kubeconfig refers to. The kubeconfig is read again, because a failed edit may have been
/// written.
pub(super) fn forget(ids: &[String], keychain: &Arc<dyn Keychain>, store: &Store) {
    let Ok(loaded) = store.load() else { return };
    let Ok(used) = users::references(&loaded.merged) else { return };
    for id in ids.iter().filter(|id| !used.contains(*id)) {
        let _ = record::remove(&**keychain, id);
    }
}

/// The content of a file that a user names.
fn read(file: &Path) -> Result<Secret, Error> {
    let read = crate::file::read(file, crate::file::limits::CREDENTIAL);
    let (bytes, _) = read.map_err(|error| {
        Error::new(Cause::Failed, format!("cannot read {}: {}", path(file), messages::io_error(&error)))
    })?;
    let secret = Secret::from(bytes);
    match secret.text() {
        Some(_) => Ok(secret),
        None => Err(Error::new(Cause::Failed, format!("{} is not UTF-8 text", path(file)))),
    }
}

/// Checks that a value for kubectl is text, as PEM is.
fn check_pem(bundle: &Bundle, user: &User) -> Result<(), Error> {
    let data = [(key::CLIENT_CERTIFICATE, bundle.certificate()), (key::CLIENT_KEY, bundle.key())];
    for (field, pem) in data {
        let there = bundle.fields.contains_key(field) || bundle.fields.contains_key(&format!("{field}-data"));
        if there && pem.as_ref().is_none_or(|pem| pem.text().is_none()) {
            let message = format!("`{field}-data` of user {} is not PEM", name(&user.name));
            return Err(Error::new(Cause::Failed, message));
        }
    }
    Ok(())
}
