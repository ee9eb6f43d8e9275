//! Moves entries that other tools have written into an overlay to the user's own file.
//!
//! `kind`, `aws eks update-kubeconfig` and `kubectl config set-cluster` write into the first file of `KUBECONFIG`, and
//! in a shell with a session that is the overlay, which is removed when the shell ends. The entries are written to the
//! user's file first and then removed from the overlay: after a crash in between both have them, and the next run
//! completes the migration.

use super::unapproved::UnapprovedEntries;
use super::{Selection, Session, overlay};
use crate::env::Env;
use crate::file::{self, Lock, LockError, LockOptions};
use crate::kubeconfig::change::Change;
use crate::kubeconfig::risk::{self, Brought, Index, Risk, What};
use crate::kubeconfig::view::{self, ViewEntry};
use crate::kubeconfig::{Body, Document, Kind, Merged, ParseError, Source, View};
use crate::path;
use crate::printer::yaml;
use crate::store::{CommitError, Report, Store};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

/// The result: what was moved, and what stays.
#[derive(Debug, Default)]
pub struct Migration {
    /// The moved entries, and whether each one replaced a different entry of the same name.
    pub moved: Vec<(Kind, String, bool)>,
    /// The result of writing the user's files.
    pub report: Report,
    /// The file with the replaced entries, including secrets; only its owner can read it.
    pub replaced: Option<PathBuf>,
    /// The risks that keep entries in the overlay.
    pub open: Vec<Risk>,
}

/// Why nothing was moved. The entries are still in the overlay.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The overlay cannot be read, locked or written.
    #[error("cannot read, lock or write the overlay")]
    Overlay(#[source] io::Error),
    /// The user's file cannot be written.
    #[error(transparent)]
    Commit(CommitError<ParseError>),
    /// The entries that would be replaced cannot be saved.
    #[error("cannot save the replaced entries to {}", .0.display())]
    Keep(PathBuf, #[source] io::Error),
}

/// Decides what may be moved.
pub trait MigrationPolicy {
    /// True if the risk needs no permission, or the user's flags or settings permit it.
    fn permits(&self, risk: &Risk) -> bool;

    /// Asks the user to permit all of this; false if nobody can be asked.
    fn ask(&mut self, risks: &[Risk]) -> bool;
}

/// Moves the foreign entries of this session's overlay to the user's own files; usually there are none.
/// An entry with a risk that an import would ask about stays in the overlay with everything that depends on it, unless
/// `policy` permits it.
///
/// # Errors
/// See [`MigrationError`]; nothing is lost then.
pub fn migrate(
    session: &Session,
    own_store: impl FnOnce() -> Store,
    policy: &mut dyn MigrationPolicy,
    env: &Env,
) -> Result<Option<Migration>, MigrationError> {
    let overlay = session.read().map_err(MigrationError::Overlay)?;
    if session.is_plain(&overlay) {
        return Ok(None);
    }
    let own_store = own_store();
    let base = |errors: Vec<_>| MigrationError::Commit(errors.into());
    let before = own_store.load().map_err(base)?.merged;
    let foreign = foreign(session, &overlay, &before).map_err(MigrationError::parse)?;
    if foreign.is_empty() {
        return Ok(None);
    }
    let all = risks(&before, &foreign).map_err(MigrationError::parse)?;
    let open: Vec<Risk> = all.into_iter().filter(|risk| !policy.permits(risk)).collect();
    let agreed = if !open.is_empty() && policy.ask(&open) { open } else { Vec::new() };
    let permits = |risk: &Risk| policy.permits(risk) || agreed.contains(risk);
    let (moving, open) = split(&before, &foreign, &permits).map_err(MigrationError::parse)?;
    let mut migration = Migration { open, ..Migration::default() };
    if !moving.is_empty() {
        migration.replaced = keep_replaced(env, &before, &moving)?;
        migration.report = own_store
            .edit(|merged| {
                migration.moved.clear();
                // The files may have changed meanwhile.
                let (moving, open) = split(merged, &moving, &permits)?;
                migration.open.extend(
                    open.into_iter().filter(|risk| !migration.open.contains(risk)).collect::<Vec<_>>(),
                );
                let mut changes = Vec::new();
                for (kind, name, body) in &moving {
                    let differs = match merged.find(*kind, name) {
                        Some(entry) => *merged.body(entry)? != *body,
                        None => false,
                    };
                    migration.moved.push((*kind, name.clone(), differs));
                    changes.push(Change::Put { kind: *kind, name: name.clone(), body: body.clone() });
                }
                Ok(changes)
            })
            .map_err(MigrationError::Commit)?;
    }
    let moved = |kind: Kind, name: &str| migration.moved.iter().any(|(of, it, _)| *of == kind && it == name);
    let entries = foreign.iter().filter(|(kind, name, _)| !moved(*kind, name));
    let entries = entries.map(|(kind, name, _)| (*kind, name.clone())).collect();
    let unapproved = UnapprovedEntries { entries, ..session.unapproved() };
    session.record_unapproved(&unapproved).map_err(MigrationError::Overlay)?;
    if !migration.moved.is_empty() {
        clear(session, &foreign)?;
    }
    Ok(Some(migration))
}

/// The risks of moving these entries. A context with a known pair of cluster and user is not a risk.
fn risks(own: &Merged, foreign: &Entries) -> Result<Vec<Risk>, ParseError> {
    let mut view = View::default();
    let target = own.sources().first().map(|source| source.path.clone()).unwrap_or_default();
    for (kind, name, body) in foreign {
        let shown = ViewEntry { body: body.clone(), origin: target.clone() };
        view.lists[*kind].insert(name.clone(), shown);
    }
    let changes: Vec<Change> = foreign
        .iter()
        .map(|(kind, name, body)| Change::Put { kind: *kind, name: name.clone(), body: body.clone() })
        .collect();
    let (before, after) = (Index::of(own), Index::edited(own, &changes, 0));
    let mut risks = Vec::new();
    for risk in risk::assess(&before, &after, &[Brought::all(&view)])? {
        if !risk::is_known_pair(&before, &after, &risk)? {
            risks.push(risk);
        }
    }
    Ok(risks)
}

/// The entries that may be moved, and the risks of the others. Contexts that name an entry which stays also stay.
fn split(
    own: &Merged,
    foreign: &Entries,
    permits: &dyn Fn(&Risk) -> bool,
) -> Result<(Entries, Vec<Risk>), ParseError> {
    let (mut moving, mut open) = (foreign.clone(), Vec::new());
    loop {
        let mut stays: BTreeSet<(Kind, String)> = BTreeSet::new();
        for risk in risks(own, &moving)?.into_iter().filter(|risk| !permits(risk)) {
            stays.insert((risk.kind, risk.name.clone()));
            if let What::BorrowedUser { user, cluster, .. } | What::BorrowedCluster { user, cluster, .. } =
                &risk.what
            {
                stays.insert((Kind::User, user.clone()));
                stays.insert((Kind::Cluster, cluster.clone()));
            }
            if !open.contains(&risk) {
                open.push(risk);
            }
        }
        let names = |body: &Body| {
            [Kind::Cluster, Kind::User].into_iter().any(|kind| {
                let named = body.get(kind.word()).and_then(Value::as_str).unwrap_or_default();
                stays.contains(&(kind, named.to_owned()))
            })
        };
        let count = moving.len();
        moving.retain(|(kind, name, body)| {
            !(stays.contains(&(*kind, name.clone())) || *kind == Kind::Context && names(body))
        });
        if moving.len() == count {
            return Ok((moving, open));
        }
    }
}

impl MigrationError {
    fn parse(error: ParseError) -> MigrationError {
        MigrationError::Commit(CommitError::Decision(error))
    }
}

pub(super) type Entries = Vec<(Kind, String, Body)>;

impl Session {
    /// True if the overlay has only what kcx wrote into it. This is the usual case, and the user's files are not needed for
    /// it.
    #[must_use]
    pub fn is_plain(&self, overlay: &Document) -> bool {
        overlay.len(Kind::Cluster) == 0
            && overlay.len(Kind::User) == 0
            && overlay.names(Kind::Context).all(|name| name == self.selected_context())
    }

    /// The entries that other tools have written: all clusters and users, and the contexts that are neither from kcx nor in
    /// the user's files. A context that the user's files have is this shell's copy of it.
    fn foreign_entries<'d>(
        &self,
        overlay: &'d Document,
        is_own: impl Fn(Kind, &str) -> bool + 'd,
    ) -> impl Iterator<Item = (Kind, usize, &'d str)> {
        let selected_context = self.selected_context();
        let names = Kind::ALL
            .into_iter()
            .flat_map(|kind| overlay.names(kind).enumerate().map(move |(index, name)| (kind, index, name)));
        names.filter(move |(kind, _, name)| {
            !(*kind == Kind::Context && *name == selected_context || is_own(*kind, name))
        })
    }

    /// The body of an overlay entry for another folder: paths in a kubeconfig are relative to its own.
    pub(super) fn with_absolute_paths(
        &self,
        overlay: &Document,
        kind: Kind,
        index: usize,
    ) -> Result<Body, ParseError> {
        let mut body = overlay.body(kind, index)?.into_owned();
        view::rebase(&mut body, kind, &|file| path::clean(&self.folder().join(file)));
        Ok(body)
    }

    /// True if the overlay holds anything foreign.
    pub(super) fn has_foreign_entries(
        &self,
        overlay: &Document,
        is_own: impl Fn(Kind, &str) -> bool,
    ) -> bool {
        self.foreign_entries(overlay, is_own).next().is_some()
    }
}

fn foreign(session: &Session, overlay: &Document, own: &Merged) -> Result<Entries, ParseError> {
    let is_own = |kind: Kind, name: &str| kind == Kind::Context && own.find(kind, name).is_some();
    let mut foreign = Entries::new();
    for (kind, index, name) in session.foreign_entries(overlay, is_own) {
        foreign.push((kind, name.to_owned(), session.with_absolute_paths(overlay, kind, index)?));
    }
    Ok(foreign)
}

/// Saves the entries that are about to be replaced by others of the same name.
fn keep_replaced(env: &Env, before: &Merged, foreign: &Entries) -> Result<Option<PathBuf>, MigrationError> {
    let mut changes = Vec::new();
    for (kind, name, body) in foreign {
        let Some(entry) = before.find(*kind, name) else { continue };
        let old = before.body(entry).map_err(MigrationError::parse)?.into_owned();
        if old != *body {
            changes.push((*kind, name.clone(), old));
        }
    }
    let (false, Some(state)) = (changes.is_empty(), env.state.as_ref()) else { return Ok(None) };
    let folder = state.join("replaced");
    let kept = |error| MigrationError::Keep(folder.clone(), error);
    file::create_private(&folder).map_err(kept)?;
    let path = file::unique_folder(&folder).map_err(kept)?.join("config");
    match file::replace(&path, &[text_of(&changes).map_err(MigrationError::parse)?.as_bytes()]) {
        Ok(_) => Ok(Some(path)),
        Err(file::ReplaceError::Io { source, .. } | file::ReplaceError::NotAtomic { source, .. }) => {
            Err(kept(source))
        }
    }
}

/// A kubeconfig with only these entries, as kubectl would print it.
pub(super) fn text_of(entries: &Entries) -> Result<String, ParseError> {
    let mut lists = serde_json::Map::new();
    for (kind, name, body) in entries {
        let list = lists.entry(kind.list()).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.push(serde_json::json!({kind.word(): body, "name": name}));
        }
    }
    let text = serde_json::to_vec(&lists).unwrap_or_default();
    let document = Some(Document::parse(text)?);
    let merged = Merged::new(vec![Source { path: PathBuf::new(), document }]);
    Ok(yaml::print(&View::of(&merged)?.to_value()))
}

/// Removes the entries from the overlay, except the unapproved ones. If another program has written to it in the meantime,
/// the next run tries again.
fn clear(session: &Session, foreign: &Entries) -> Result<(), MigrationError> {
    let lock = Lock::acquire(&session.overlay(), &LockOptions::default()).map_err(|error| {
        MigrationError::Overlay(match error {
            LockError::Io { source, .. } => source,
            _ => io::ErrorKind::ResourceBusy.into(),
        })
    })?;
    let overlay = session.read().map_err(MigrationError::Overlay)?;
    let known = |kind, name: &str| foreign.iter().any(|(k, n, _)| *k == kind && n == name);
    let strange = [Kind::Cluster, Kind::User]
        .into_iter()
        .any(|kind| overlay.names(kind).any(|name| !known(kind, name)));
    if !strange {
        let selection = Selection::read(&overlay).map_err(MigrationError::parse)?;
        let unapproved =
            overlay::bodies(&overlay, &session.unapproved().entries).map_err(MigrationError::Overlay)?;
        session.put(selection.as_ref(), &unapproved).map_err(MigrationError::Overlay)?;
    }
    drop(lock);
    Ok(())
}
