//! `kcx credential seal` for sealed users: binds the credential to the clusters that their contexts name now, and
//! rewrites an entry of version 0.1.0, and one whose `kcx-credential` no longer exists.

use super::super::error::{Cause, Error, name, path};
use super::super::result::CredentialChange;
use super::super::{World, terminal};
use super::args::SealArgs;
use super::command;
use super::keychains::{Keychains, keychain_failure};
use super::owner::Owner;
use super::user_clusters::UserClusters;
use super::users::{self, User};
use crate::credential::entry::{self, Reference};
use crate::credential::{Binding, Bundle, Keychain, KeychainError, plan, record};
use crate::kubeconfig::change::Change;
use crate::kubeconfig::{Merged, patch};
use crate::printer::quote::shell;
use crate::secret::Secret;
use serde_json::Value;
use std::sync::Arc;

/// One user to rebind.
struct Rebinding {
    user: User,
    reference: Reference,
    bundle: Bundle,
    keychain: Arc<dyn Keychain>,
    /// The entry that replaces one that is not current.
    exec: Option<Value>,
    was: Binding,
}

/// Rebinds these users; returns true if there was something to do. With all users, only unbound credentials are bound:
/// a cluster of an existing binding may have been replaced by somebody else.
///
/// # Errors
/// Exit code 6 if a keychain does not answer, 1 if the credential belongs to another user.
pub(super) fn run(
    sealed: Vec<(User, Reference)>,
    args: &SealArgs,
    merged: &Merged,
    keychains: &mut Keychains,
    world: &mut World<'_>,
) -> Result<bool, Error> {
    let user_clusters = UserClusters::of(merged, world)?;
    let mut todo = Vec::new();
    for (user, reference) in sealed {
        match one(&user, &reference, args, &user_clusters, merged, keychains, world) {
            Ok(Some(binding)) => todo.push(binding),
            Ok(None) => {}
            Err(error) if args.all => {
                world.warn(&format!("{}; it stays as it is", error.message));
                error.hints.iter().for_each(|hint| world.hint(hint));
            }
            Err(error) => return Err(error),
        }
    }
    if todo.is_empty() || args.dry_run {
        for it in &todo {
            world.done(&format!("dry run, nothing was written: {}", said(it)));
        }
        return Ok(!todo.is_empty());
    }
    entries(&mut todo, args, merged, world)?;
    for it in &todo {
        let id = &it.reference.id;
        let failed = |keychain_error: KeychainError| {
            keychain_failure(
                &keychain_error,
                it.reference.place,
                &format!("the credential of user {}", name(&it.user.name)),
            )
        };
        let kept = it.bundle.encode(id).ok_or_else(|| failed(KeychainError::Altered))?;
        let label = entry::label(&it.bundle.user, &it.bundle.file);
        record::put(&*it.keychain, id, &label, &kept).map_err(failed)?;
        world.note_credential(CredentialChange::Stored, Some(&it.user.name), &it.reference);
        world.done(&said(it));
    }
    Ok(true)
}

fn said(it: &Rebinding) -> String {
    let (who, file) = (name(&it.user.name), path(&it.user.file));
    let lost = it.bundle.binding.shown_lost(&it.was);
    let lost = lost.map_or_else(String::new, |lost| format!(", and no longer for {lost}"));
    format!("user {who} of {file} is sealed for {}{lost}", it.bundle.binding.shown())
}

/// The work for one user; `None` if there is nothing to do.
fn one(
    user: &User,
    reference: &Reference,
    args: &SealArgs,
    user_clusters: &UserClusters,
    merged: &Merged,
    keychains: &mut Keychains,
    world: &mut World<'_>,
) -> Result<Option<Rebinding>, Error> {
    let (who, typed) = (name(&user.name), shell(&user.name));
    let keychain = keychains.get(reference, terminal::can_ask(world), world)?;
    let mut bundle = users::fetch(reference, &format!("user {who}"), keychains, world)?;
    if Owner::of(user, reference, &bundle, merged, world)? != Owner::User {
        if args.all {
            return Ok(None);
        }
        let (other, file) = (name(&bundle.user), path(std::path::Path::new(&bundle.file)));
        let message =
            format!("user {who} refers to the credential of user {other} of {file}; nothing was sealed");
        return Err(Error::new(Cause::Failed, message).hint(format!(
            "`kcx credential copy {} NAME` gives another user a credential of its own",
            shell(&bundle.user)
        )));
    }
    for why in user_clusters.unclear(&user.name) {
        world.warn(&format!("user {who} is not sealed for {why}"));
    }
    let was = bundle.binding.clone();
    let now = match args.any_cluster {
        true => Binding::AnyCluster,
        false => user_clusters.binding(&user.name),
    };
    let binding = match &was {
        Binding::Unbound => now,
        Binding::Clusters(clusters) if clusters.is_empty() => now,
        _ if !args.all || args.any_cluster => now,
        known => {
            if let Some((_, other)) =
                user_clusters.named(&user.name).find(|(_, cluster)| !known.covers(cluster))
            {
                world.warn(&format!(
                    "a context uses user {who} with {}, but its credential is sealed for {}",
                    known.shown_beside(other),
                    known.shown()
                ));
                world.hint(&format!("`kcx credential seal {typed}` seals it for that cluster too"));
            }
            known.clone()
        }
    };
    let file = world.env.absolute(&user.file).to_string_lossy().into_owned();
    // kcx was moved, or installed with another method.
    let command = args.command.clone().or_else(|| command::beside(world));
    let is_gone = |old: &str| Some(old) != command.as_deref() && world.env.look_up(old).is_none();
    let is_gone = command.is_some() && entry::command(&user.body).is_some_and(is_gone);
    let exec = (is_gone || !entry::is_current(&user.body, binding.wants_cluster())).then(|| Value::Null);
    if binding == was && exec.is_none() && (bundle.user == user.name && bundle.file == file || args.all) {
        if !args.all {
            world.done(&format!("user {who} is already sealed for {}", was.shown()));
        }
        return Ok(None);
    }
    (bundle.user, bundle.file, bundle.binding) = (user.name.clone(), file, binding);
    Ok(Some(Rebinding { user: user.clone(), reference: reference.clone(), bundle, keychain, exec, was }))
}

/// Rewrites entries of version 0.1.0, entries whose program does not exist, and entries whose cluster information is
/// missing or not needed. This comes before binding: until it is bound, every cluster gets the credential, and an old
/// entry would not say which cluster asks.
fn entries(
    todo: &mut [Rebinding],
    args: &SealArgs,
    merged: &Merged,
    world: &mut World<'_>,
) -> Result<(), Error> {
    if todo.iter().all(|it| it.exec.is_none()) {
        return Ok(());
    }
    let command = command::chosen(args.command.as_deref(), world)?;
    command::allow(&command, args.to_kuberc, args.dry_run, world)?;
    for it in todo.iter_mut().filter(|it| it.exec.is_some()) {
        let exec = it.reference.exec(&command, it.bundle.binding.wants_cluster());
        if let Some(document) = it.user.document(merged)
            && let Ok(after) = patch::apply(document, &plan::seal_ops(&it.user.name, exec.clone(), []))
        {
            match respelled(document.text(), after.text(), &it.bundle.now) {
                Some(now) => it.bundle.now = now,
                None => it.bundle.was = Secret::default(),
            }
        }
        it.exec = Some(exec);
    }
    let changes = |merged: &Merged| {
        let mut changes = Vec::new();
        for it in &*todo {
            let Some(exec) = &it.exec else { continue };
            let found = users::named(std::slice::from_ref(&it.user.name), merged)?;
            let now = found.into_iter().find(|now| now.file == it.user.file);
            let now =
                now.filter(|now| now.body == it.user.body).ok_or_else(|| super::sealing::moved(&it.user))?;
            let ops = plan::seal_ops(&it.user.name, exec.clone(), []);
            changes.extend(ops.into_iter().map(|op| Change::At { source: now.source, op }));
        }
        Ok(changes)
    };
    world.edit_own_unrecorded(changes).map(drop)
}

/// The text of a sealed user's fields after its entry was rewritten; `None` if that cannot be determined.
fn respelled(before: &str, after: &str, now: &str) -> Option<String> {
    let mut places = before.match_indices(now);
    let (at, _) = places.next().filter(|_| !now.is_empty())?;
    let (head, tail) = (&before[..at], &before[at + now.len()..]);
    let only = places.next().is_none();
    let middle = after.strip_prefix(head)?.strip_suffix(tail)?;
    (only && after.matches(middle).count() == 1).then(|| middle.to_owned())
}
