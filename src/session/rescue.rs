//! Entries that other tools left in an overlay, moved to the user's own file.
//!
//! `kind`, `aws eks update-kubeconfig` and `kubectl config set-cluster` write into the first file of `KUBECONFIG`, and
//! in a shell with a session that is the overlay, which dies with the shell. First the user's file gets them, then the
//! overlay loses them: a crash in between leaves both, and the next run finds nothing more to move.

use super::{Pin, Session};
use crate::env::Env;
use crate::file::{self, Lock, LockError, Patience};
use crate::kubeconfig::change::Change;
use crate::kubeconfig::{Body, Document, Kind, Merged, ParseError, Source, View, view};
use crate::path;
use crate::printer::yaml;
use crate::store::{CommitError, Report, Store};
use serde_json::Value;
use std::io;
use std::path::PathBuf;

/// What was moved.
#[derive(Debug, Default)]
pub struct Rescued {
    /// The entries, and whether each one replaced a different one of its name.
    pub moved: Vec<(Kind, String, bool)>,
    /// What became of the user's files.
    pub report: Report,
    /// Where the replaced entries are kept, secrets and all, for their owner alone.
    pub replaced: Option<PathBuf>,
}

/// Why nothing was moved: the entries are still in the overlay.
#[derive(Debug, thiserror::Error)]
pub enum RescueError {
    /// The overlay cannot be read, locked or written.
    #[error("overlay")]
    Overlay(#[source] io::Error),
    /// The user's file cannot be written.
    #[error("commit")]
    Commit(CommitError<ParseError>),
    /// What would be replaced cannot be kept.
    #[error("{}", .0.display())]
    Keep(PathBuf, #[source] io::Error),
}

/// Moves all foreign entries of this session's overlay to the user's own files beneath it; most often there are none.
///
/// # Errors
/// See [`RescueError`]; nothing is lost then.
pub fn rescue(
    session: &Session,
    beneath: impl FnOnce() -> Store,
    env: &Env,
) -> Result<Option<Rescued>, RescueError> {
    let overlay = session.read().map_err(RescueError::Overlay)?;
    if session.is_plain(&overlay) {
        return Ok(None);
    }
    let beneath = beneath();
    let base = |error: Vec<_>| RescueError::Commit(CommitError::Load(error));
    let before = beneath.load().map_err(base)?.merged;
    let foreign = foreign(session, &overlay, &before).map_err(RescueError::parse)?;
    if foreign.is_empty() {
        return Ok(None);
    }
    let replaced = keep_replaced(env, &before, &foreign)?;
    let mut rescued = Rescued { replaced, ..Rescued::default() };
    rescued.report = beneath
        .edit(|merged| {
            rescued.moved.clear();
            let mut changes = Vec::new();
            for (kind, name, body) in &foreign {
                let differs = match merged.find(*kind, name) {
                    Some(entry) => *merged.body(entry)? != *body,
                    None => false,
                };
                rescued.moved.push((*kind, name.clone(), differs));
                changes.push(Change::Put { kind: *kind, name: name.clone(), body: body.clone() });
            }
            Ok(changes)
        })
        .map_err(RescueError::Commit)?;
    clear(session, &foreign)?;
    Ok(Some(rescued))
}

impl RescueError {
    fn parse(error: ParseError) -> RescueError {
        RescueError::Commit(CommitError::Decision(error))
    }
}

type Foreign = Vec<(Kind, String, Body)>;

impl Session {
    /// True if there is nothing in the overlay but what kcx put there: the most frequent case, told without the user's
    /// files.
    #[must_use]
    pub fn is_plain(&self, overlay: &Document) -> bool {
        overlay.len(Kind::Cluster) == 0
            && overlay.len(Kind::User) == 0
            && overlay.names(Kind::Context).all(|name| name == self.pinned())
    }

    /// Clusters and users always are; a context is if it is neither the one that kcx put there nor one of the user's
    /// files: then it is this shell's own view of that.
    fn foreign_names<'d>(
        &self,
        overlay: &'d Document,
        is_own: impl Fn(&str) -> bool + 'd,
    ) -> impl Iterator<Item = (Kind, usize, &'d str)> {
        let pinned = self.pinned();
        let names = Kind::ALL
            .into_iter()
            .flat_map(|kind| overlay.names(kind).enumerate().map(move |(index, name)| (kind, index, name)));
        names.filter(move |(kind, _, name)| *kind != Kind::Context || *name != pinned && !is_own(name))
    }

    /// True if the overlay holds anything foreign.
    pub(super) fn is_foreign(&self, overlay: &Document, is_own: impl Fn(&str) -> bool) -> bool {
        self.foreign_names(overlay, is_own).next().is_some()
    }
}

fn foreign(session: &Session, overlay: &Document, own: &Merged) -> Result<Foreign, ParseError> {
    let mut foreign = Foreign::new();
    for (kind, index, name) in session.foreign_names(overlay, |name| own.find(Kind::Context, name).is_some())
    {
        let mut body = overlay.body(kind, index)?.into_owned();
        // Paths in a kubeconfig are relative to its folder, which will be another one.
        view::rebase(&mut body, kind, &|file| path::clean(&session.folder().join(file)));
        foreign.push((kind, name.to_owned(), body));
    }
    Ok(foreign)
}

/// Keeps the entries that are about to be replaced by others of their name.
fn keep_replaced(env: &Env, before: &Merged, foreign: &Foreign) -> Result<Option<PathBuf>, RescueError> {
    let mut changes = Vec::new();
    for (kind, name, body) in foreign {
        let Some(entry) = before.find(*kind, name) else { continue };
        let old = before.body(entry).map_err(RescueError::parse)?.into_owned();
        if old != *body {
            changes.push((*kind, name.clone(), old));
        }
    }
    let (false, Some(state)) = (changes.is_empty(), env.state.as_ref()) else { return Ok(None) };
    let folder = state.join("replaced");
    let kept = |error| RescueError::Keep(folder.clone(), error);
    file::create_private(&folder).map_err(kept)?;
    let path = file::unique_folder(&folder).map_err(kept)?.join("config");
    match file::replace(&path, &[text_of(&changes).map_err(RescueError::parse)?.as_bytes()]) {
        Ok(_) => Ok(Some(path)),
        Err(file::ReplaceError::Io { source, .. } | file::ReplaceError::NotAtomic { source, .. }) => {
            Err(kept(source))
        }
    }
}

/// A kubeconfig with these entries alone, as kubectl would print it.
fn text_of(entries: &Foreign) -> Result<String, ParseError> {
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

/// Takes them out of the overlay, unless it was written meanwhile: then the next run looks again.
fn clear(session: &Session, foreign: &Foreign) -> Result<(), RescueError> {
    let lock = Lock::acquire(&session.overlay(), &Patience::default()).map_err(|error| {
        RescueError::Overlay(match error {
            LockError::Io { source, .. } => source,
            _ => io::ErrorKind::ResourceBusy.into(),
        })
    })?;
    let overlay = session.read().map_err(RescueError::Overlay)?;
    let known = |kind, name: &str| foreign.iter().any(|(k, n, _)| *k == kind && n == name);
    let strange = [Kind::Cluster, Kind::User]
        .into_iter()
        .any(|kind| overlay.names(kind).any(|name| !known(kind, name)));
    if !strange {
        let pin = Pin::read(&overlay).map_err(RescueError::parse)?;
        session.put(pin.as_ref()).map_err(RescueError::Overlay)?;
    }
    drop(lock);
    Ok(())
}
