//! `kcx credential list`: lists sealed credentials, their users and expiry, and orphaned credentials.

use super::super::error::{Cause, Error, name, path};
use super::super::globals::Output;
use super::super::result::CredentialChange;
use super::super::{World, messages, terminal};
use super::keychains::{Keychains, StoreArgs, folder_of, keychain_failure};
use super::user_clusters::UserClusters;
use super::users;
use crate::credential::entry::Reference;
use crate::credential::expiry::rfc3339;
use crate::credential::folder::Folder;
use crate::credential::{Binding, Bundle, Keychain, KeychainError, record};
use crate::kubeconfig::schema::key;
use crate::kubeconfig::{Document, Kind, Merged};
use crate::printer::table;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

/// List sealed credentials, and orphaned ones
///
/// STATE is `sealed`; `unbound` (sealed by version 0.1.0 for every cluster: `kcx credential seal --all` binds it); `other
/// cluster` (a context uses the user with a cluster that does not get the credential); `missing` (the keychain does not
/// have the credential that the kubeconfig refers to); `orphan` (no kubeconfig refers to the credential); or the error of
/// the keychain. A kubeconfig that is not in the list now and was moved after sealing is not found: check this before
/// you prune.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct ListArgs {
    /// Remove orphans from the keychain after a confirmation, and report users whose credential is missing
    #[arg(long)]
    pub prune: bool,

    /// The keychain.
    #[command(flatten)]
    pub store: StoreArgs,
}

/// The state of a credential that version 0.1.0 sealed.
const UNBOUND: &str = "unbound";

/// The state of an entry whose credential does not exist.
const MISSING: &str = "missing";

/// A row of the table.
struct Row {
    user: String,
    reference: Reference,
    state: String,
    expires: Option<i64>,
    binding: Option<Binding>,
    contexts: Vec<String>,
    file: String,
}

/// Lists the credentials.
///
/// # Errors
/// Exit code 6 if orphans should be removed and cannot be listed.
pub(super) fn run(args: &ListArgs, world: &mut World<'_>) -> Result<(), Error> {
    let mut keychains = Keychains::new(&args.store);
    let loaded = world.load_own()?;
    let mut rows = sealed(&loaded.merged, &mut keychains, world)?;
    let orphans = orphans(args, &rows, &mut keychains, world)?;
    rows.extend(orphans);
    if !world.has_result() {
        print(&rows, world)?;
    }
    if rows.iter().any(|row| row.state == UNBOUND) && world.globals.output.is_none() {
        world.hint("every cluster gets an unbound credential; `kcx credential seal --all` binds it to the clusters of its contexts");
    }
    if args.prune {
        prune(&rows, &mut keychains, world)?;
    }
    Ok(())
}

/// The credentials that the kubeconfigs refer to.
fn sealed(merged: &Merged, keychains: &mut Keychains, world: &mut World<'_>) -> Result<Vec<Row>, Error> {
    let mut contexts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in merged.entries(Kind::Context) {
        contexts.entry(merged.text(entry, key::USER)?).or_default().push(merged.name(entry).to_owned());
    }
    let mut rows = Vec::new();
    let user_clusters = UserClusters::of(merged, world)?;
    for user in users::all(merged)? {
        let Some(reference) = user.reference() else { continue };
        let ask = terminal::can_ask(world);
        let (state, expires, binding) = match keychains.get(&reference, ask, world) {
            Ok(keychain) => match bundle(&*keychain, &reference.id) {
                Ok(bundle) => {
                    let leads_on =
                        user_clusters.named(&user.name).any(|(_, cluster)| !bundle.binding.covers(cluster));
                    let state = match bundle.binding {
                        Binding::Unbound => UNBOUND,
                        _ if leads_on => "other cluster",
                        _ => "sealed",
                    };
                    (state.to_owned(), bundle.expiry(), Some(bundle.binding))
                }
                Err(keychain_error) => (state(&keychain_error), None, None),
            },
            Err(error) if error.cause == Cause::Silent(130) => return Err(error),
            Err(error) => (error.message, None, None),
        };
        rows.push(Row {
            contexts: contexts.get(&user.name).cloned().unwrap_or_default(),
            user: user.name,
            reference,
            state,
            expires,
            binding,
            file: user.file.to_string_lossy().into_owned(),
        });
    }
    Ok(rows)
}

fn bundle(keychain: &dyn Keychain, id: &str) -> Result<Bundle, KeychainError> {
    record::get(keychain, id).and_then(|kept| Bundle::decode(&kept, id).ok_or(KeychainError::Altered))
}

fn state(keychain_error: &KeychainError) -> String {
    match keychain_error {
        KeychainError::NotFound => MISSING.to_owned(),
        KeychainError::Locked(_) => "locked".to_owned(),
        KeychainError::Missing(_) => "no keychain".to_owned(),
        KeychainError::Denied(why) => why.clone(),
        other => other.to_string(),
    }
}

/// Stored credentials without a reference, neither in the list of kubeconfigs nor in the file where they were sealed.
fn orphans(
    args: &ListArgs,
    rows: &[Row],
    keychains: &mut Keychains,
    world: &mut World<'_>,
) -> Result<Vec<Row>, Error> {
    let used: HashSet<&str> = rows.iter().map(|row| row.reference.id.as_str()).collect();
    let mut found = Vec::new();
    for reference in places(args, rows, world)? {
        let place = reference.place;
        // Only what an orphan contains needs the passphrase.
        if let Some(folder) = folder_of(&reference, world)
            && let Ok(names) = Folder::names(&folder)
            && names.iter().all(|name| used.contains(record::owner(name)))
        {
            continue;
        }
        let ask = terminal::can_ask(world);
        let opened = keychains.get(&reference, ask, world);
        // This keychain was not requested: the credentials are in another one.
        let is_default = args.store.store.is_none()
            && !(args.prune && rows.is_empty())
            && rows.iter().all(|row| row.reference.place != place);
        let listed = opened.and_then(|keychain| match keychain.items() {
            Err(KeychainError::Missing(_)) if is_default => Ok((keychain, Vec::new())),
            Err(error) => Err(keychain_failure(&error, place, "the list of credentials")),
            Ok(items) => Ok((keychain, items)),
        });
        let (keychain, items) = match listed {
            Ok(listed) => listed,
            Err(error) if args.prune || error.cause == Cause::Silent(130) => return Err(error),
            Err(error) => {
                world.warn(&error.message);
                continue;
            }
        };
        let ids: BTreeSet<&str> = items.iter().map(|item| record::owner(item)).collect();
        for id in ids.into_iter().filter(|id| !used.contains(id)) {
            let bundle = bundle(&*keychain, id).unwrap_or_default();
            if leads(&bundle.file, id) {
                continue;
            }
            found.push(Row {
                user: bundle.user.clone(),
                reference: Reference { id: id.to_owned(), ..reference.clone() },
                state: "orphan".to_owned(),
                expires: bundle.expiry(),
                binding: None,
                contexts: Vec::new(),
                file: bundle.file,
            });
        }
    }
    Ok(found)
}

/// The stores to search, each once: those of the sealed users, which say how they are opened, and that for new secrets.
fn places(args: &ListArgs, rows: &[Row], world: &mut World<'_>) -> Result<Vec<Reference>, Error> {
    let place = args.store.store.unwrap_or(world.settings()?.credential.store);
    let chosen = Reference { place, ..Reference::default() };
    let key = |it: &Reference| (it.place, folder_of(it, world));
    let mut places: Vec<Reference> = Vec::new();
    for reference in rows.iter().map(|row| &row.reference).chain([&chosen]) {
        if places.iter().all(|known| key(known) != key(reference)) {
            let passphrase_file =
                args.store.passphrase_file.clone().or_else(|| reference.passphrase_file.clone());
            let folder = reference.folder.clone();
            places.push(Reference {
                place: reference.place,
                passphrase_file,
                folder,
                ..Reference::default()
            });
        }
    }
    Ok(places)
}

/// True if a user of this file refers to the id.
pub(super) fn leads(file: &str, id: &str) -> bool {
    let Ok((bytes, _)) = crate::file::read(Path::new(file), 1 << 30) else { return false };
    let Ok(document) = Document::parse(bytes) else { return true };
    (0..document.len(Kind::User)).any(|index| {
        document.body(Kind::User, index).is_ok_and(|body| Reference::of(&body).is_some_and(|it| it.id == id))
    })
}

fn print(rows: &[Row], world: &mut World<'_>) -> Result<(), Error> {
    let expires = |row: &Row| row.expires.and_then(rfc3339);
    match world.globals.output {
        Some(Output::Name) => {
            let ids: Vec<&str> = rows.iter().map(|row| row.reference.id.as_str()).collect();
            Ok(world.print_names(ids)?)
        }
        Some(format @ (Output::Json | Output::Yaml)) => {
            let row = |row: &Row| {
                json!({
                    "user": row.user,
                    "id": row.reference.id,
                    "store": row.reference.place.word(),
                    "state": row.state,
                    "expires": expires(row),
                    "anyCluster": row.binding.as_ref().map(|it| *it == Binding::AnyCluster),
                    "clusters": row.binding.as_ref().map(|it| {
                        it.clusters().iter().map(crate::credential::binding::Cluster::shown).collect::<Vec<_>>()
                    }),
                    "contexts": row.contexts,
                    "file": row.file,
                })
            };
            let value = Value::Array(rows.iter().map(row).collect());
            Ok(world.print_value(format, &value)?)
        }
        _ if rows.is_empty() => {
            world.done("nothing is sealed; `kcx credential seal USER` seals a user");
            Ok(())
        }
        _ => {
            let wide = world.globals.output.is_some();
            let cells = |row: &Row| {
                let or = |text: String| if text.is_empty() { "-".to_owned() } else { text };
                let mut cells = vec![
                    or(row.user.clone()),
                    row.reference.place.word().to_owned(),
                    row.state.clone(),
                    expires(row).unwrap_or_else(|| "-".to_owned()),
                    or(row.contexts.join(",")),
                ];
                if wide {
                    cells.extend([row.reference.id.clone(), or(row.file.clone())]);
                }
                cells
            };
            let header = ["USER", "STORE", "STATE", "EXPIRES", "CONTEXTS", "ID", "FILE"];
            let header = if wide { &header[..] } else { &header[..5] };
            let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
            Ok(world.print(&table::screen(Some(header), &rows, world.env.columns))?)
        }
    }
}

fn prune(rows: &[Row], keychains: &mut Keychains, world: &mut World<'_>) -> Result<(), Error> {
    for row in rows.iter().filter(|row| row.state == MISSING) {
        let (user, file) = (name(&row.user), path(Path::new(&row.file)));
        let typed = messages::shell_word(&row.user);
        let place = row.reference.place.word();
        world.warn(&format!("user {user} of {file} refers to a credential that is no longer in {place}"));
        world.hint(&format!(
            "`kcx credential set {typed}` stores a new one; `kcx credential remove {typed}` removes the reference"
        ));
    }
    let orphans: Vec<&Row> = rows.iter().filter(|row| row.state == "orphan").collect();
    if orphans.is_empty() {
        world.done("there are no orphaned credentials");
        return Ok(());
    }
    if !world.globals.yes {
        let (these, credentials) = match orphans.len() {
            1 => ("this credential".to_owned(), "1 credential".to_owned()),
            count => (format!("these {count} credentials"), format!("{count} credentials")),
        };
        if !terminal::can_ask(world) {
            let message = format!("removing {credentials} cannot be undone; none was removed");
            return Err(Error::new(Cause::Usage, message).hint("`-y` removes them"));
        }
        terminal::ask(&format!("Permanently remove {these}?"))?.demand("none was removed", world)?;
    }
    for row in orphans {
        let user = Some(row.user.as_str()).filter(|user| !user.is_empty());
        remove(&row.reference, user, keychains, world)?;
        world.done(&format!("removed {} from {}", name(&row.reference.id), row.reference.place.word()));
    }
    Ok(())
}

/// Removes a credential, even an incomplete one.
///
/// # Errors
/// Exit code 6.
pub(super) fn remove(
    reference: &Reference,
    user: Option<&str>,
    keychains: &mut Keychains,
    world: &mut World<'_>,
) -> Result<(), Error> {
    let what = format!("the credential {}", name(&reference.id));
    let failed = |keychain_error: KeychainError| keychain_failure(&keychain_error, reference.place, &what);
    let keychain = keychains.get(reference, terminal::can_ask(world), world)?;
    match record::remove(&*keychain, &reference.id) {
        Ok(()) => world.note_credential(CredentialChange::Removed, user, reference),
        Err(KeychainError::NotFound) => {}
        Err(keychain_error) => return Err(failed(keychain_error)),
    }
    // Parts whose header is already removed.
    if let Ok(items) = keychain.items() {
        for item in items.iter().filter(|item| record::owner(item) == reference.id) {
            match keychain.remove(item) {
                Ok(()) | Err(KeychainError::NotFound) => {}
                Err(keychain_error) => return Err(failed(keychain_error)),
            }
        }
    }
    Ok(())
}
