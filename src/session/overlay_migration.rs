//! Brings an overlay that another program has changed back into kcx's own form.
//!
//! `kind`, `aws eks update-kubeconfig` and `kubectl config set-cluster` write into the first file of `KUBECONFIG`, and
//! in a shell with a session that is the overlay, which goes with the session. The entries are written to the user's file
//! first and then removed from the overlay: after a crash in between both have them, and the next run completes the
//! migration. `kubectl config use-context` and `set-context` only change the selection, and rewrite the file.

use super::unapproved::UnapprovedEntries;
use super::{OverlayError, Session, StoredSelection, overlay};
use crate::env::Env;
use crate::file::{self, LockError, LockOptions};
use crate::kubeconfig::change::Change;
use crate::kubeconfig::risk::{self, Brought, Index, Risk, What};
use crate::kubeconfig::view::{self, ViewEntry};
use crate::kubeconfig::{Body, Document, Kind, Merged, ParseError, Source, View};
use crate::path;
use crate::printer::yaml;
use crate::store::{CommitError, Report, Store};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

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

/// An overlay that is not as kcx has written it, and the user's own files.
pub struct ChangedOverlay<'s> {
    session: &'s Session,
    overlay: Document,
    own_store: Store,
    own: Merged,
}

impl<'s> ChangedOverlay<'s> {
    /// Reads it; `None` if the overlay is as kcx has written it, which is the usual case.
    ///
    /// # Errors
    /// See [`MigrationError`].
    pub fn find(
        session: &'s Session,
        own_store: impl FnOnce() -> Store,
    ) -> Result<Option<ChangedOverlay<'s>>, MigrationError> {
        let overlay = session.read().map_err(MigrationError::Overlay)?;
        if session.is_plain(&overlay) {
            return Ok(None);
        }
        let own_store = own_store();
        let loaded = own_store.load().map_err(|errors| MigrationError::Commit(errors.into()))?;
        Ok(Some(ChangedOverlay { session, overlay, own_store, own: loaded.merged }))
    }

    /// True if it holds entries of other programs.
    #[must_use]
    pub fn has_foreign_entries(&self) -> bool {
        self.session.foreign(&self.overlay, |name| self.is_own(name)).next().is_some()
    }

    fn is_own(&self, context: &str) -> bool {
        self.own.find(Kind::Context, context).is_some()
    }

    /// The foreign entries for a kubeconfig in another folder.
    fn entries_to_move(&self) -> Result<Entries, ParseError> {
        let mut entries = Entries::new();
        for (kind, index, name) in self.session.foreign(&self.overlay, |name| self.is_own(name)) {
            let body = self.session.with_absolute_paths(&self.overlay, kind, index)?;
            entries.push((kind, name.to_owned(), body));
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
        let is_moved =
            |kind: Kind, name: &str| migration.moved.iter().any(|(of, it, _)| *of == kind && it == name);
        let entries = foreign.iter().filter(|(kind, name, _)| !is_moved(*kind, name));
        let entries = entries.map(|(kind, name, _)| (*kind, name.clone())).collect();
        let unapproved = UnapprovedEntries { entries, ..self.session.unapproved() };
        self.session.record_unapproved(&unapproved).map_err(MigrationError::Overlay)?;
        let moved: Entries = foreign.into_iter().filter(|(kind, name, _)| is_moved(*kind, name)).collect();
        self.settle(&moved)?;
        Ok(migration)
    }

    /// Writes the overlay as kcx does, without the entries that were `moved`. If another program writes into it at the same
    /// time, the next command tries again.
    ///
    /// # Errors
    /// The overlay cannot be written.
    pub fn settle(&self, moved: &Entries) -> Result<(), MigrationError> {
        let find = |kind: Kind, name: &str| moved.iter().find(|(of, it, _)| *of == kind && it == name);
        let foreign = self.session.foreign_entries(&self.overlay, |name| self.is_own(name));
        let mut stay = foreign.map_err(MigrationError::parse)?;
        stay.retain(|(kind, name, _)| find(*kind, name).is_none());
        let mut selection = StoredSelection::read(&self.overlay).map_err(MigrationError::parse)?;
        if let Some(StoredSelection { context, body }) = &mut selection {
            let own = match (find(Kind::Context, context), self.own.find(Kind::Context, context)) {
                (Some((_, _, body)), _) => Some(Cow::Borrowed(body)),
                (None, Some(entry)) => Some(self.own.body(entry).map_err(MigrationError::parse)?),
                (None, None) => None,
            };
            if body.as_ref() == own.as_deref() {
                *body = None;
            }
        }
        if self.overlay.text() == overlay::text(selection.as_ref(), &stay) {
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

/// Entries, with their bodies.
pub type Entries = Vec<(Kind, String, Body)>;

impl Session {
    /// True if the overlay is as kcx has written it. This is the usual case, and the user's files are not needed for it.
    #[must_use]
    pub fn is_plain(&self, overlay: &Document) -> bool {
        let Ok(selection) = StoredSelection::read(overlay) else { return false };
        let is_known = |selection: &StoredSelection| {
            selection.body.is_none() || selection.context == self.selected_context()
        };
        selection.as_ref().is_none_or(is_known) && overlay.text() == overlay::text(selection.as_ref(), &[])
    }

    /// The entries that other tools have written: all clusters and users, and the contexts that are neither from kcx nor in
    /// the user's files. A context that the user's files have is this shell's copy of it.
    fn foreign<'d>(
        &self,
        overlay: &'d Document,
        is_own: impl Fn(&str) -> bool + 'd,
    ) -> impl Iterator<Item = (Kind, usize, &'d str)> {
        let selected_context = self.selected_context();
        let names = Kind::ALL
            .into_iter()
            .flat_map(|kind| overlay.names(kind).enumerate().map(move |(index, name)| (kind, index, name)));
        names.filter(move |(kind, _, name)| {
            !(*kind == Kind::Context && (*name == selected_context || is_own(name)))
        })
    }

    /// The entries that other tools have written into the overlay, as they are there.
    ///
    /// # Errors
    /// As [`Document::body`](crate::kubeconfig::Document::body).
    pub fn foreign_entries(
        &self,
        overlay: &Document,
        is_own: impl Fn(&str) -> bool,
    ) -> Result<Entries, ParseError> {
        let foreign = self.foreign(overlay, is_own);
        foreign
            .map(|(kind, index, name)| Ok((kind, name.to_owned(), overlay.body(kind, index)?.into_owned())))
            .collect()
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
