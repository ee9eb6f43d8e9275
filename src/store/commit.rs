//! Committing: decide, lock, look again, patch, prove, write. All files or none.

use super::journal::{Deed, NotNoted};
use super::write::{self, Told, Turn, Write};
use super::{LoadError, Loaded, Origin, Store};
use crate::file::{self, Identity, Lock, LockError, Note, ReplaceError};
use crate::kubeconfig::change::{Change, Targets, route};
use crate::kubeconfig::patch::{self, Op, Refusal};
use crate::kubeconfig::{Document, Merged, ParseError, Source, View};
use crate::printer::yaml;
use std::path::{Path, PathBuf};

/// How often a decision is made anew because other programs keep writing.
const ATTEMPTS: usize = 100;

/// What a commit did.
#[derive(Debug, Default)]
pub struct Report {
    /// The files that were written.
    pub written: Vec<PathBuf>,
    /// What could not be kept, or could not be done atomically.
    pub notes: Vec<(PathBuf, WriteNote)>,
    /// Why the change is not in the journal, where it should be.
    pub not_noted: Option<NotNoted>,
}

/// A file that would be written.
#[derive(Debug)]
pub struct Preview {
    /// The file, as spelled.
    pub path: PathBuf,
    /// What is in it; nothing if it does not exist.
    pub before: Document,
    /// What would be in it.
    pub after: Document,
}

/// Something to tell the user about a written file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteNote {
    /// It could not be replaced atomically and was written in place.
    InPlace,
    /// See [`Note`].
    Kept(Note),
}

/// Why a change was not committed, or not for good. Every file is as it was, except where it is said.
#[derive(Debug)]
pub enum CommitError<E> {
    /// The decision failed.
    Decision(E),
    /// Files could not be loaded.
    Load(Vec<LoadError>),
    /// A lock was not obtained.
    Lock(LockError),
    /// The edit cannot be made safely in this file.
    Refused(PathBuf, Refusal),
    /// A file, as spelled, could not be written. Where [`ReplaceError::is_written`], all are written, and may not survive a power
    /// cut.
    Write(PathBuf, ReplaceError),
    /// A file could not be written, nor could all that were written before it be put back.
    HalfWritten {
        /// The file, as spelled.
        path: PathBuf,
        /// Why.
        error: ReplaceError,
        /// Those that stay changed.
        changed: Vec<PathBuf>,
        /// True if the journal has the change, and can take it back.
        noted: bool,
    },
    /// Other programs kept changing these files.
    Moving,
}

impl<E> From<Vec<LoadError>> for CommitError<E> {
    fn from(errors: Vec<LoadError>) -> Self {
        CommitError::Load(errors)
    }
}

impl<E> CommitError<E> {
    /// The same failure, a failed decision in other words.
    #[must_use]
    pub fn map_decision<F>(self, words: impl FnOnce(E) -> F) -> CommitError<F> {
        match self {
            CommitError::Decision(error) => CommitError::Decision(words(error)),
            CommitError::Load(errors) => CommitError::Load(errors),
            CommitError::Lock(error) => CommitError::Lock(error),
            CommitError::Refused(path, refusal) => CommitError::Refused(path, refusal),
            CommitError::Write(path, error) => CommitError::Write(path, error),
            CommitError::HalfWritten { path, error, changed, noted } => {
                CommitError::HalfWritten { path, error, changed, noted }
            }
            CommitError::Moving => CommitError::Moving,
        }
    }
}

impl Store {
    /// Loads, asks `decide` for changes, and commits them. `decide` runs again if files moved before they were
    /// locked, so it must have no effects of its own.
    ///
    /// # Errors
    /// See [`CommitError`]; nothing was written then.
    pub fn edit<E: From<ParseError>>(
        &self,
        decide: impl FnMut(&Merged) -> Result<Vec<Change>, E>,
    ) -> Result<Report, CommitError<E>> {
        self.edit_loaded(self.load()?, decide)
    }

    /// [`Store::edit`] for who has loaded these files already, to ask the user about them.
    ///
    /// # Errors
    /// As [`Store::edit`].
    pub fn edit_loaded<E: From<ParseError>>(
        &self,
        mut loaded: Loaded,
        mut decide: impl FnMut(&Merged) -> Result<Vec<Change>, E>,
    ) -> Result<Report, CommitError<E>> {
        for _ in 0..ATTEMPTS {
            let plan = self.plan(&loaded.merged, &mut decide)?;
            let touched: Vec<usize> = (0..plan.len()).filter(|&at| !plan[at].is_empty()).collect();
            self.mind_other_locks(&touched).map_err(CommitError::Lock)?;
            if touched.is_empty() {
                return Ok(Report::default());
            }
            let paths: Vec<PathBuf> = touched.iter().map(|&at| self.precedence.paths[at].clone()).collect();
            for path in &paths {
                file::create_parents(path)
                    .map_err(|source| CommitError::Lock(LockError::Io { lock: path.clone(), source }))?;
            }
            let locks = Lock::acquire_all(&paths, &self.lock_options).map_err(CommitError::Lock)?;
            if self.has_moved(&loaded) {
                // Before the next: one text may have 30 MB.
                drop(loaded);
                loaded = self.load()?;
                let again = self.plan(&loaded.merged, &mut decide)?;
                if (0..again.len()).any(|at| !again[at].is_empty() && !touched.contains(&at)) {
                    // Now it is about other files: lock those instead.
                    drop(locks);
                    continue;
                }
                return self.write(loaded.merged, &again);
            }
            return self.write(loaded.merged, &plan);
        }
        Err(CommitError::Moving)
    }

    /// What [`Store::edit`] would make of the files, and writes none: each that would change, before and after. No lock is
    /// taken.
    ///
    /// # Errors
    /// As [`Store::edit`].
    pub fn preview<E: From<ParseError>>(
        &self,
        decide: impl FnMut(&Merged) -> Result<Vec<Change>, E>,
    ) -> Result<Vec<Preview>, CommitError<E>> {
        self.preview_of(self.load()?.merged, decide)
    }

    /// [`Store::preview`] where the files are not read but were this.
    ///
    /// # Errors
    /// As [`Store::edit`].
    pub fn preview_of<E: From<ParseError>>(
        &self,
        merged: Merged,
        mut decide: impl FnMut(&Merged) -> Result<Vec<Change>, E>,
    ) -> Result<Vec<Preview>, CommitError<E>> {
        let plan = self.plan(&merged, &mut decide)?;
        let mut previews = Vec::new();
        for ((at, source), ops) in merged.into_sources().into_iter().enumerate().zip(&plan) {
            let refused = |refusal| CommitError::Refused(self.precedence.paths[at].clone(), refusal);
            let before = match source.document {
                Some(document) => document,
                None => Document::parse(Vec::new()).map_err(|error| CommitError::Decision(error.into()))?,
            };
            let after = match before.text().trim() {
                _ if ops.is_empty() => continue,
                "" => new_file(ops).map_err(refused)?,
                _ => patch::apply(&before, ops).map_err(refused)?,
            };
            if before.text() != after.text() {
                previews.push(Preview { path: self.precedence.paths[at].clone(), before, after });
            }
        }
        Ok(previews)
    }

    fn plan<E: From<ParseError>>(
        &self,
        merged: &Merged,
        decide: &mut impl FnMut(&Merged) -> Result<Vec<Change>, E>,
    ) -> Result<Vec<Vec<Op>>, CommitError<E>> {
        let changes = decide(merged).map_err(CommitError::Decision)?;
        let targets = Targets {
            current: self.default_file(0),
            // New entries are for all shells.
            default: self.default_file(usize::from(self.precedence.overlay().is_some())),
            explicit: self.precedence.origin == Origin::Flag,
        };
        route(merged, changes, targets).map_err(|error| CommitError::Decision(error.into()))
    }

    fn mind_other_locks(&self, touched: &[usize]) -> Result<(), LockError> {
        if !self.mind_all_locks {
            return Ok(());
        }
        let mut others: Vec<&Path> = (0..self.precedence.paths.len())
            .filter(|at| !touched.contains(at))
            .map(|at| self.precedence.paths[at].as_path())
            .collect();
        others.sort();
        others.into_iter().try_for_each(|path| file::wait_until_free(path, &self.lock_options))
    }

    /// True if any file may have changed since it was loaded. A version as young as the load itself proves nothing:
    /// clocks of file systems are coarse.
    fn has_moved(&self, loaded: &Loaded) -> bool {
        self.precedence.paths.iter().zip(&loaded.identities).zip(loaded.merged.sources()).any(
            |((path, identity), source)| {
                let now = path.metadata().ok().map(|metadata| Identity::of(&metadata));
                if now != *identity {
                    return true;
                }
                let (Some(now), Some(document)) = (now, &source.document) else { return false };
                !now.is_settled(loaded.at) && !file::holds(path, &document.render_parts())
            },
        )
    }

    /// Patches and proves every file, then writes them.
    fn write<E>(&self, merged: Merged, plan: &[Vec<Op>]) -> Result<Report, CommitError<E>> {
        let (mut writes, mut told) = (Vec::new(), Told::default());
        for ((at, source), ops) in merged.into_sources().into_iter().enumerate().zip(plan) {
            let path = self.precedence.paths[at].clone();
            match self.patched(&path, source.document, ops) {
                Ok(Some(write)) => {
                    told.deeds.extend(write.noted.iter().flat_map(|_| ops.iter().map(Deed::of)));
                    writes.push(write);
                }
                Ok(None) => {}
                Err(refusal) => return Err(CommitError::Refused(path, refusal)),
            }
        }
        write::write(writes, told, &self.journal)
    }

    /// The file with these ops done; none where they change nothing.
    fn patched(&self, path: &Path, document: Option<Document>, ops: &[Op]) -> Result<Option<Write>, Refusal> {
        if ops.is_empty() {
            return Ok(None);
        }
        let turn = match document {
            Some(mut document) if !document.text().trim().is_empty() => {
                let undo = patch::apply_in_place(&mut document, ops)?;
                if undo.is_empty() {
                    return Ok(None);
                }
                Turn::Patched(Box::new(document), undo)
            }
            blank => {
                let new = new_file(ops)?;
                if blank.as_ref().is_some_and(|old| old.text() == new.text()) {
                    return Ok(None);
                }
                Turn::Bytes { before: blank.as_ref().map(Document::render), after: Some(new.render()) }
            }
        };
        // A session's own file is no kubeconfig of the user's.
        let noting = self.journal.is_on() && !self.precedence.is_overlay(path);
        Ok(Some(Write { path: path.to_owned(), turn, noted: noting.then(|| self.env.absolute(path)) }))
    }
}

/// A file that begins with these ops: there is nothing to keep, so it is exactly what kubectl would write.
fn new_file(ops: &[Op]) -> Result<Document, Refusal> {
    let rough = patch::apply(&Document::parse(Vec::new())?, ops)?;
    let view = View::of(&Merged::new(vec![Source { path: PathBuf::new(), document: Some(rough) }]))?;
    Ok(Document::parse(yaml::print(&view.to_value()).into_bytes())?)
}
