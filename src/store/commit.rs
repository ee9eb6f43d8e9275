//! Commits changes: decide, lock, check for other changes, patch, verify, write. All files are written, or none.

use super::journal::{NotRecorded, Operation};
use super::write::{self, ChangeSummary, NewContent, Write};
use super::{CommitError, Loaded, Origin, Store, StoreError};
use crate::file::{self, Identity, Lock, LockError, ReplaceNote};
use crate::kubeconfig::change::{Change, Targets, route};
use crate::kubeconfig::patch::{self, Op, Refusal};
use crate::kubeconfig::{Document, Merged, Source, View};
use crate::printer::yaml;
use std::path::{Path, PathBuf};

/// How often a decision is repeated because other programs keep writing.
const ATTEMPTS: usize = 100;

/// What a commit did.
#[derive(Debug, Default)]
pub struct Report {
    /// The files that were written.
    pub written: Vec<PathBuf>,
    /// Attributes that could not be preserved, and files that could not be replaced atomically.
    pub notes: Vec<(PathBuf, WriteNote)>,
    /// What was done, each with its file.
    pub operations: Vec<Operation>,
    /// The number of the change in the journal, if it was recorded.
    pub change: Option<u64>,
    /// Why the change could not be recorded in the journal.
    pub not_recorded: Option<NotRecorded>,
}

/// A file that would be written.
#[derive(Debug)]
pub struct Preview {
    /// The file, as spelled.
    pub path: PathBuf,
    /// Its content; empty if it does not exist.
    pub before: Document,
    /// The content it would get.
    pub after: Document,
    /// What would be done.
    pub operations: Vec<Operation>,
}

/// Something to tell the user about a written file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteNote {
    /// It could not be replaced atomically and was written in place.
    InPlace,
    /// See [`ReplaceNote`].
    Kept(ReplaceNote),
}

impl Store {
    /// Loads, asks `decide` for changes, and commits them. `decide` runs again if files moved before they were
    /// locked, so it must have no effects of its own.
    ///
    /// # Errors
    /// See [`CommitError`]; nothing was written then.
    pub fn edit<E>(
        &self,
        decide: impl FnMut(&Merged) -> Result<Vec<Change>, E>,
    ) -> Result<Report, CommitError<E>> {
        self.edit_loaded(self.load()?, decide)
    }

    /// [`Store::edit`] for a caller that has loaded the files already, for example to ask the user about them.
    ///
    /// # Errors
    /// As [`Store::edit`].
    pub fn edit_loaded<E>(
        &self,
        mut loaded: Loaded,
        mut decide: impl FnMut(&Merged) -> Result<Vec<Change>, E>,
    ) -> Result<Report, CommitError<E>> {
        for _ in 0..ATTEMPTS {
            let plan = self.plan(&loaded.merged, &mut decide)?;
            let touched: Vec<usize> = (0..plan.len()).filter(|&at| !plan[at].is_empty()).collect();
            self.mind_other_locks(&touched)?;
            if touched.is_empty() {
                return Ok(Report::default());
            }
            let paths: Vec<PathBuf> = touched.iter().map(|&at| self.precedence.paths[at].clone()).collect();
            create_parents(&paths)?;
            let locks = Lock::acquire_all(&paths, &self.lock_options)?;
            if self.has_moved(&loaded) {
                // Freed before the next load: a text may be 30 MB large.
                drop(loaded);
                loaded = self.load()?;
                let again = self.plan(&loaded.merged, &mut decide)?;
                if (0..again.len()).any(|at| !again[at].is_empty() && !touched.contains(&at)) {
                    // The new decision changes other files: lock those instead.
                    drop(locks);
                    continue;
                }
                return Ok(self.write(loaded.merged, &again)?);
            }
            return Ok(self.write(loaded.merged, &plan)?);
        }
        Err(StoreError::Moving.into())
    }

    /// The files that [`Store::edit`] would change, before and after. Nothing is written, and no lock is taken.
    ///
    /// # Errors
    /// As [`Store::edit`].
    pub fn preview<E>(
        &self,
        decide: impl FnMut(&Merged) -> Result<Vec<Change>, E>,
    ) -> Result<Vec<Preview>, CommitError<E>> {
        self.preview_of(self.load()?.merged, decide)
    }

    /// [`Store::preview`] for files that have been loaded already.
    ///
    /// # Errors
    /// As [`Store::edit`].
    pub fn preview_of<E>(
        &self,
        merged: Merged,
        mut decide: impl FnMut(&Merged) -> Result<Vec<Change>, E>,
    ) -> Result<Vec<Preview>, CommitError<E>> {
        let plan = self.plan(&merged, &mut decide)?;
        let mut previews = Vec::new();
        for ((at, source), ops) in merged.into_sources().into_iter().enumerate().zip(&plan) {
            let refused = |refusal| StoreError::Refused(self.precedence.paths[at].clone(), refusal);
            let before = match source.document {
                Some(document) => document,
                None => Document::parse(Vec::new()).map_err(StoreError::Decode)?,
            };
            let after = match before.text().trim() {
                _ if ops.is_empty() => continue,
                "" => new_file(ops).map_err(refused)?,
                _ => patch::apply(&before, ops).map_err(refused)?,
            };
            if before.text() != after.text() {
                let path = self.precedence.paths[at].clone();
                let operations = self.operations(&path, Some(&before), ops);
                previews.push(Preview { path, before, after, operations });
            }
        }
        Ok(previews)
    }

    fn plan<E>(
        &self,
        merged: &Merged,
        decide: &mut impl FnMut(&Merged) -> Result<Vec<Change>, E>,
    ) -> Result<Vec<Vec<Op>>, CommitError<E>> {
        let changes = decide(merged).map_err(CommitError::Decision)?;
        let targets = Targets {
            current: self.default_file(0),
            // New entries are for all shells, so they never go into a session's file.
            default: self.default_file(self.precedence.session_files()),
            explicit: self.precedence.origin == Origin::Flag,
        };
        Ok(route(merged, changes, targets).map_err(StoreError::Decode)?)
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

    /// True if any file may have changed since it was loaded. Clocks of file systems are coarse, so a file that was changed
    /// just before the load is compared by content.
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

    /// Patches and verifies every file, then writes them.
    fn write(&self, merged: Merged, plan: &[Vec<Op>]) -> Result<Report, StoreError> {
        let (mut writes, mut summary) = (Vec::new(), ChangeSummary::default());
        for ((at, source), ops) in merged.into_sources().into_iter().enumerate().zip(plan) {
            let path = self.precedence.paths[at].clone();
            let operations = self.operations(&path, source.document.as_ref(), ops);
            match self.patched(&path, source.document, ops) {
                Ok(Some(write)) => {
                    summary.operations.extend(operations);
                    writes.push(write);
                }
                Ok(None) => {}
                Err(refusal) => return Err(StoreError::Refused(path, refusal)),
            }
        }
        write::write(writes, summary, &self.journal)
    }

    /// The operations by names, with their file.
    fn operations(&self, path: &Path, before: Option<&Document>, ops: &[Op]) -> Vec<Operation> {
        let file = self.env.absolute(path);
        let named = |op| Operation { file: Some(file.clone()), ..Operation::of(op, before) };
        ops.iter().map(named).collect()
    }

    /// The file with these operations applied; `None` if they change nothing.
    fn patched(&self, path: &Path, document: Option<Document>, ops: &[Op]) -> Result<Option<Write>, Refusal> {
        if ops.is_empty() {
            return Ok(None);
        }
        let new = match document {
            Some(mut document) if !document.text().trim().is_empty() => {
                let undo = patch::apply_in_place(&mut document, ops)?;
                if undo.is_empty() {
                    return Ok(None);
                }
                NewContent::Patched(Box::new(document), undo)
            }
            blank => {
                let new = new_file(ops)?;
                if blank.as_ref().is_some_and(|old| old.text() == new.text()) {
                    return Ok(None);
                }
                NewContent::Bytes { before: blank.as_ref().map(Document::render), after: Some(new.render()) }
            }
        };
        let journal_path = self.is_recorded(path).then(|| self.env.absolute(path));
        Ok(Some(Write { path: path.to_owned(), new, journal_path }))
    }

    /// True if changes of this file are recorded. A session's file is not one of the user's kubeconfigs.
    fn is_recorded(&self, path: &Path) -> bool {
        self.journal.is_on() && !self.precedence.is_session_file(path)
    }
}

/// Creates the folders of files.
pub(super) fn create_parents(paths: &[PathBuf]) -> Result<(), StoreError> {
    paths.iter().try_for_each(|path| {
        file::create_parents(path).map_err(|error| {
            let missing = path
                .ancestors()
                .skip(1)
                .take_while(|folder| !folder.as_os_str().is_empty() && !folder.is_dir())
                .last();
            StoreError::Folder(missing.unwrap_or(path).to_owned(), error)
        })
    })
}

/// A new file with these operations applied, written exactly as kubectl would write it: there is no text to preserve.
fn new_file(ops: &[Op]) -> Result<Document, Refusal> {
    let rough = patch::apply(&Document::parse(Vec::new())?, ops)?;
    let view = View::of(&Merged::new(vec![Source { path: PathBuf::new(), document: Some(rough) }]))?;
    Ok(Document::parse(yaml::print(&view.to_value()).into_bytes())?)
}
