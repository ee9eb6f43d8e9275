//! Brings an overlay that another program has changed back into kcx's own form.
//!
//! `kind`, `aws eks update-kubeconfig` and `kubectl config set-cluster` write into the first file of `KUBECONFIG`, and
//! in a shell with a session that is the overlay, which goes with the session. The entries are written to the user's file
//! first and then removed from the overlay: after a crash in between both have them, and the next run completes the
//! migration. `kubectl config use-context` and `set-context` only change the selection, and rewrite the file.

mod replaced;

use super::guard::Record;
use super::overlay::{is_alike, set_namespace};
use super::unapproved::UnapprovedEntries;
use super::{OverlayError, Session, StoredSelection, overlay};
use crate::env::Env;
use crate::file::{LockError, LockOptions};
use crate::kubeconfig::change::Change;
use crate::kubeconfig::import::{self, Fields, Updated};
use crate::kubeconfig::risk::{self, Brought, Index, Risk, What};
use crate::kubeconfig::schema::key;
use crate::kubeconfig::view::{self, ViewEntry};
use crate::kubeconfig::{Body, Document, Kind, Merged, ParseError, View};
use crate::path;
use crate::store::{CommitError, Report, Store};
use replaced::keep_replaced;
pub(super) use replaced::text_of;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// The result: what was moved, and what stays.
#[derive(Debug, Default)]
pub struct Migration {
    /// The moved entries, and what happened to the fields of those that the user's files had.
    pub moved: Vec<(Kind, String, Fields)>,
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

/// An overlay that is not as kcx would write it now, and the user's own files.
pub struct ChangedOverlay<'s> {
    session: &'s Session,
    overlay: Document,
    record: Option<Record>,
    /// What other programs wrote into it.
    foreign: Vec<Foreign>,
    /// What other programs wrote into the guard while the overlay was missing.
    in_guard: Entries,
    own_store: Store,
    own: Merged,
}

impl<'s> ChangedOverlay<'s> {
    /// Reads both.
    ///
    /// # Errors
    /// See [`MigrationError`].
    pub fn read(session: &'s Session, own_store: Store) -> Result<ChangedOverlay<'s>, MigrationError> {
        let overlay = session.read().map_err(MigrationError::Overlay)?;
        // A guard that cannot be read is written again.
        let content = session.guards_content().ok().flatten();
        let mut in_guard = content.map(|content| content.entries).unwrap_or_default();
        in_guard.retain(|(kind, name, _)| overlay.find(*kind, name).is_none());
        let loaded = own_store.load().map_err(|errors| MigrationError::Commit(errors.into()))?;
        let own = loaded.merged;
        let record = session.record();
        let foreign = session.foreign(&overlay, record.as_ref(), &mut |name| own_context(&own, name));
        let foreign = foreign.map_err(MigrationError::parse)?;
        Ok(ChangedOverlay { session, overlay, record, foreign, in_guard, own_store, own })
    }

    /// True if it holds entries of other programs.
    #[must_use]
    pub fn has_foreign_entries(&self) -> bool {
        !self.in_guard.is_empty() || !self.foreign.is_empty()
    }

    /// The foreign entries for a kubeconfig in another folder. A context that is there without a namespace gets none: the one
    /// in the overlay is that of this shell.
    fn entries_to_move(&self) -> Result<Entries, ParseError> {
        let mut entries = self.in_guard.clone();
        for (kind, index, name) in &self.foreign {
            let mut body = self.session.with_absolute_paths(&self.overlay, *kind, *index)?;
            if *kind == Kind::Context
                && own_context(&self.own, name)?.is_some_and(|own| !own.contains_key(key::NAMESPACE))
            {
                body.shift_remove(key::NAMESPACE);
            }
            entries.push((*kind, name.clone(), body));
        }
        Ok(entries)
    }

    /// Moves the foreign entries to the user's own files. An entry with a risk that an import would ask about stays in the
    /// overlay with everything that depends on it, unless `policy` permits it.
    ///
    /// # Errors
    /// See [`MigrationError`]; nothing is lost then.
    pub fn migrate(&self, policy: &mut dyn MigrationPolicy, env: &Env) -> Result<Migration, MigrationError> {
        let foreign = self.entries_to_move().map_err(MigrationError::parse)?;
        let all = risks(&self.own, &foreign).map_err(MigrationError::parse)?;
        let open: Vec<Risk> = all.into_iter().filter(|risk| !policy.permits(risk)).collect();
        let agreed = if !open.is_empty() && policy.ask(&open) { open } else { Vec::new() };
        let permits = |risk: &Risk| policy.permits(risk) || agreed.contains(risk);
        let (moving, open) = split(&self.own, &foreign, &permits).map_err(MigrationError::parse)?;
        let mut migration = Migration { open, ..Migration::default() };
        if !moving.is_empty() {
            migration.replaced = keep_replaced(env, &self.own, &moving)?;
            migration.report = self
                .own_store
                .edit(|merged| {
                    migration.moved.clear();
                    // The files may have changed meanwhile.
                    let (moving, open) = split(merged, &moving, &permits)?;
                    migration.open.extend(
                        open.into_iter().filter(|risk| !migration.open.contains(risk)).collect::<Vec<_>>(),
                    );
                    let mut changes = Vec::new();
                    for (kind, name, body) in &moving {
                        let Updated { body, fields } = updated(merged, *kind, name, body)?;
                        migration.moved.push((*kind, name.clone(), fields));
                        changes.push(Change::Put { kind: *kind, name: name.clone(), body });
                    }
                    Ok(changes)
                })
                .map_err(MigrationError::Commit)?;
        }
        let is_moved =
            |kind: Kind, name: &str| migration.moved.iter().any(|(of, it, _)| *of == kind && it == name);
        let entries = foreign.iter().filter(|(kind, name, _)| !is_moved(*kind, name));
        let entries: Vec<(Kind, String)> = entries.map(|(kind, name, _)| (*kind, name.clone())).collect();
        let before = self.session.unapproved();
        let saved = before.saved && before.entries == entries;
        let unapproved = UnapprovedEntries { entries, saved, ..before };
        self.session.record_unapproved(&unapproved).map_err(MigrationError::Overlay)?;
        let mut moved: Entries =
            foreign.into_iter().filter(|(kind, name, _)| is_moved(*kind, name)).collect();
        for (kind, name, body) in &mut moved {
            *body = updated(&self.own, *kind, name, body).map_err(MigrationError::parse)?.body;
        }
        self.settle(&moved)?;
        Ok(migration)
    }

    /// Writes the overlay as kcx does, without the entries that were `moved`. If another program writes into it at the same
    /// time, the next command tries again.
    ///
    /// # Errors
    /// The overlay cannot be written.
    pub fn settle(&self, moved: &Entries) -> Result<(), MigrationError> {
        let find = |entries: &Entries, kind: Kind, name: &str| {
            entries.iter().find(|(of, it, _)| *of == kind && it == name).map(|(_, _, body)| body.clone())
        };
        let mut stay = bodies(&self.overlay, &self.foreign).map_err(MigrationError::parse)?;
        stay.extend(self.in_guard.iter().cloned());
        stay.retain(|(kind, name, _)| find(moved, *kind, name).is_none());
        let mut selection = StoredSelection::read(&self.overlay).map_err(MigrationError::parse)?;
        if let Some(StoredSelection { context, body: body @ Some(_) }) = &mut selection {
            let own = match find(moved, Kind::Context, context) {
                None => own_context(&self.own, context).map_err(MigrationError::parse)?,
                moved => moved,
            };
            // Only the namespace is this shell's. A context that is gone from the user's files must not be found.
            let namespace = body.take().unwrap_or_default();
            if let Some(own) = own.filter(|_| find(&stay, Kind::Context, context).is_none()) {
                let mut this_shells = own.clone();
                // A tool that creates a context again without a namespace does not choose one.
                if find(moved, Kind::Context, context).is_none() || namespace.contains_key(key::NAMESPACE) {
                    set_namespace(&mut this_shells, &namespace);
                }
                *body = Some(this_shells).filter(|body| *body != own);
            }
        }
        let is_recorded = self.record.as_ref().is_some_and(|record| record.selection == selection);
        if is_recorded && self.overlay.text() == overlay::text(selection.as_ref(), &stay) {
            return Ok(());
        }
        let lock_options = LockOptions { timeout: Duration::ZERO, ..LockOptions::default() };
        match self.session.replace(&self.overlay, selection.as_ref(), &stay, &lock_options) {
            Err(OverlayError::Update(_, source) | OverlayError::Lock(LockError::Io { source, .. })) => {
                Err(MigrationError::Overlay(source))
            }
            Ok(_) | Err(OverlayError::Lock(_)) => Ok(()),
        }
    }
}

/// The risks of moving these entries. A context with a known pair of cluster and user is not a risk.
fn risks(own: &Merged, foreign: &Entries) -> Result<Vec<Risk>, ParseError> {
    let mut view = View::default();
    let target = own.sources().first().map(|source| source.path.clone()).unwrap_or_default();
    for (kind, name, body) in foreign {
        let shown = ViewEntry { body: body.clone(), origin: target.clone() };
        view.lists[*kind].insert(name.clone(), shown);
    }
    let mut changes = Vec::new();
    for (kind, name, body) in foreign {
        let body = updated(own, *kind, name, body)?.body;
        changes.push(Change::Put { kind: *kind, name: name.clone(), body });
    }
    let (before, after) = (Index::of(own), Index::edited(own, &changes, 0));
    let mut risks = Vec::new();
    for risk in risk::assess(&before, &after, &[Brought::all(&view)])? {
        if !risk::is_known_pair(&before, &after, &risk)? {
            risks.push(risk);
        }
    }
    Ok(risks)
}

/// The entries that may be moved, and the risks of the others. A context stays if an entry that it names stays, and a
/// cluster or user stays if only contexts that stay name it: half a cluster is of no use to anybody.
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
        let stays_of_itself = |(kind, name, body): &(Kind, String, Body)| {
            stays.contains(&(*kind, name.clone()))
                || *kind == Kind::Context && named(body).iter().any(|entry| stays.contains(entry))
        };
        let count = moving.len();
        let staying: Entries = moving.extract_if(.., |entry| stays_of_itself(entry)).collect();
        let names = |entries: &Entries| -> BTreeSet<(Kind, String)> {
            let contexts = entries.iter().filter(|(kind, ..)| *kind == Kind::Context);
            contexts.flat_map(|(_, _, body)| named(body)).collect()
        };
        let (by_staying, by_moving) = (names(&staying), names(&moving));
        moving.retain(|(kind, name, _)| {
            let entry = (*kind, name.clone());
            !by_staying.contains(&entry) || by_moving.contains(&entry)
        });
        if moving.len() == count {
            return Ok((moving, open));
        }
    }
}

/// The cluster and the user that a context names.
fn named(context: &Body) -> [(Kind, String); 2] {
    [Kind::Cluster, Kind::User]
        .map(|kind| (kind, context.get(kind.word()).and_then(Value::as_str).unwrap_or_default().to_owned()))
}

impl MigrationError {
    fn parse(error: ParseError) -> MigrationError {
        MigrationError::Commit(CommitError::Decision(error))
    }
}

/// Entries, with their bodies.
pub type Entries = Vec<(Kind, String, Body)>;

impl Session {
    /// The entries that other tools have written: all clusters and users, and the contexts that are not this shell's. A
    /// context is this shell's if it differs from what kcx has written, or from the user's files, in its namespace alone.
    fn foreign(
        &self,
        overlay: &Document,
        record: Option<&Record>,
        own: &mut dyn FnMut(&str) -> Result<Option<Body>, ParseError>,
    ) -> Result<Vec<Foreign>, ParseError> {
        let known = self.known_selection(overlay, record);
        let mut foreign = Vec::new();
        for kind in Kind::ALL {
            for (index, name) in overlay.names(kind).enumerate() {
                if kind == Kind::Context {
                    let body = overlay.body(kind, index)?;
                    let known = known.as_ref().filter(|known| known.context == name);
                    if known.and_then(|known| known.body.as_ref()).is_some_and(|known| is_alike(&body, known))
                        || own(name)?.is_some_and(|own| is_alike(&body, &own))
                    {
                        continue;
                    }
                }
                foreign.push((kind, index, name.to_owned()));
            }
        }
        Ok(foreign)
    }

    /// The entries that other tools have written into the overlay, as they are there. `own` is a context in the user's files.
    ///
    /// # Errors
    /// As [`Document::body`](crate::kubeconfig::Document::body).
    pub fn foreign_entries(
        &self,
        overlay: &Document,
        record: Option<&Record>,
        mut own: impl FnMut(&str) -> Option<Body>,
    ) -> Result<Entries, ParseError> {
        bodies(overlay, &self.foreign(overlay, record, &mut |name| Ok(own(name)))?)
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
}

/// An entry of an overlay that another program has written: its kind, index and name.
type Foreign = (Kind, usize, String);

fn bodies(overlay: &Document, entries: &[Foreign]) -> Result<Entries, ParseError> {
    let body = |index: usize, kind: Kind| Ok(overlay.body(kind, index)?.into_owned());
    entries.iter().map(|(kind, index, name)| Ok((*kind, name.clone(), body(*index, *kind)?))).collect()
}

/// The entry that the user's files get, as an import with `--on-conflict=update` would write it: what only the user has
/// stays.
fn updated(own: &Merged, kind: Kind, name: &str, body: &Body) -> Result<Updated, ParseError> {
    match own.find(kind, name) {
        Some(entry) => Ok(import::update(kind, &*own.body(entry)?, body)),
        None => Ok(Updated { body: body.clone(), fields: Fields::default() }),
    }
}

fn own_context(own: &Merged, name: &str) -> Result<Option<Body>, ParseError> {
    let entry = own.find(Kind::Context, name);
    entry.map(|entry| Ok(own.body(entry)?.into_owned())).transpose()
}
