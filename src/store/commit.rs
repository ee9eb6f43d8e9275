//! Commits changes: decide, lock, check for other changes, patch, verify, write. All files are written, or none.

use super::journal::{NotRecorded, Operation};
use super::write::{self, ChangeSummary, NewContent, Write};
use super::{CommitError, Loaded, Origin, Store, StoreError};
use crate::file::{self, Identity, Lock, LockError, ReplaceNote};
use crate::kubeconfig::change::{Change, Targets, route};
use crate::kubeconfig::patch::{self, Op, Reason, Refusal};
use crate::kubeconfig::view::ViewEntry;
use crate::kubeconfig::{Document, Kind, Merged, Source, View};
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

    /// [`Store::edit`] for a caller that has loaded the files already.
    ///
    /// # Errors
    /// As [`Store::edit`].
    pub fn edit_loaded<E>(
        &self,
        loaded: Loaded,
        mut decide: impl FnMut(&Merged) -> Result<Vec<Change>, E>,
    ) -> Result<Report, CommitError<E>> {
        let changes = decide(&loaded.merged).map_err(CommitError::Decision)?;
        self.edit_decided(loaded, changes, decide)
    }

    /// [`Store::edit`] for a caller that has decided already, for example to ask the user about the changes. `decide` runs
    /// only if files have moved since they were loaded.
    ///
    /// # Errors
    /// As [`Store::edit`].
    pub fn edit_decided<E>(
        &self,
        mut loaded: Loaded,
        changes: Vec<Change>,
        mut decide: impl FnMut(&Merged) -> Result<Vec<Change>, E>,
    ) -> Result<Report, CommitError<E>> {
        let mut plan = self.plan(&loaded.merged, changes)?;
        for _ in 0..ATTEMPTS {
            let touched: Vec<usize> = (0..plan.len()).filter(|&at| !plan[at].is_empty()).collect();
            self.mind_other_locks(&touched)?;
            if touched.is_empty() {
                return Ok(Report::default());
            }
            let paths: Vec<PathBuf> = touched.iter().map(|&at| self.precedence.paths[at].clone()).collect();
            create_parents(&paths)?;
            let locks = Lock::acquire_all(&paths, &self.lock_options)?;
            if !self.has_moved(&loaded) {
                return Ok(self.write(loaded.merged, &plan)?);
            }
            // Freed before the next load: a text may be 30 MB large.
            drop(loaded);
            loaded = self.load()?;
            let changes = decide(&loaded.merged).map_err(CommitError::Decision)?;
            plan = self.plan(&loaded.merged, changes)?;
            if (0..plan.len()).all(|at| plan[at].is_empty() || touched.contains(&at)) {
                return Ok(self.write(loaded.merged, &plan)?);
            }
            // The new decision changes other files: lock those instead.
            drop(locks);
        }
        Err(StoreError::Moving.into())
    }

    /// The files that [`Store::edit`] would change, before and after. Nothing is written, and no lock is taken.
    ///
    /// # Errors
    /// As [`Store::edit`].
    pub fn preview<E>(
        &self,
        decide: impl FnOnce(&Merged) -> Result<Vec<Change>, E>,
    ) -> Result<Vec<Preview>, CommitError<E>> {
        let merged = self.load()?.merged;
        let changes = decide(&merged).map_err(CommitError::Decision)?;
        Ok(self.preview_of(merged, changes)?)
    }

    /// The files that these changes would change, before and after.
    ///
    /// # Errors
    /// A change cannot be made.
    pub fn preview_of(&self, merged: Merged, changes: Vec<Change>) -> Result<Vec<Preview>, StoreError> {
        let plan = self.plan(&merged, changes)?;
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

    /// The operations for each file.
    fn plan(&self, merged: &Merged, changes: Vec<Change>) -> Result<Vec<Vec<Op>>, StoreError> {
        let targets = Targets {
            current: self.default_file(0),
            // New entries are for all shells, so they never go into a session's file.
            default: self.default_file(self.precedence.session_files()),
            explicit: self.precedence.origin == Origin::Flag,
        };
        route(merged, changes, targets).map_err(StoreError::Decode)
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
    // New entries are independent of fields of the file.
    let is_top = |op: &Op| matches!(op, Op::SetTop { key, .. } if Kind::from_list(key).is_none());
    let (inserts, others): (Vec<Op>, Vec<Op>) =
        match ops.iter().all(|op| is_top(op) || matches!(op, Op::Insert { .. })) {
            true => ops.iter().cloned().partition(|op| matches!(op, Op::Insert { .. })),
            false => (Vec::new(), ops.to_vec()),
        };
    let rough = patch::apply(&Document::parse(Vec::new())?, &others)?;
    let mut view = View::of(&Merged::new(vec![Source { path: PathBuf::new(), document: Some(rough) }]))?;
    for op in inserts {
        let Op::Insert { kind, name, body } = op else { continue };
        if view.lists[kind].insert(name, ViewEntry { body, origin: PathBuf::new() }).is_some() {
            return Err(Refusal::nowhere(Reason::Unverified));
        }
    }
    Ok(Document::parse(yaml::print(&view.to_value()).into_bytes())?)
}

#[cfg(test)]
mod tests {
    use super::super::Precedence;
    use super::*;
    use crate::env::Env;
    use crate::file::LockOptions;
    use std::convert::Infallible;
    use std::fs;
    use std::time::{Duration, SystemTime};

    const BEFORE: &str = "current-context: a\nkind: Config\n";

    /// A file with the content `BEFORE`, written long ago, and a store of it.
    fn given() -> (tempfile::TempDir, PathBuf, Store) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config");
        fs::write(&path, BEFORE).unwrap();
        let old = SystemTime::now() - Duration::from_mins(1);
        fs::File::options().write(true).open(&path).unwrap().set_modified(old).unwrap();
        let store = Store::new(Precedence::of_file(path.clone()), LockOptions::default(), &Env::default());
        (dir, path, store)
    }

    fn current(name: &str) -> Vec<Change> {
        vec![Change::Current(name.to_owned())]
    }

    #[test]
    fn a_decision_about_unchanged_files_is_not_made_again() {
        let (_dir, path, store) = given();
        let loaded = store.load().unwrap();
        let decide = |_: &Merged| -> Result<Vec<Change>, Infallible> { panic!("nothing has moved") };
        let report = store.edit_decided(loaded, current("b"), decide).unwrap();
        assert_eq!(report.written, [path.as_path()]);
        assert_eq!(fs::read_to_string(&path).unwrap(), BEFORE.replace("a\n", "b\n"));
    }

    #[test]
    fn a_decision_about_files_that_have_changed_since_is_made_again() {
        let (_dir, path, store) = given();
        let loaded = store.load().unwrap();
        fs::write(&path, "current-context: other # mine\n").unwrap();
        let decide = |merged: &Merged| -> Result<Vec<Change>, Infallible> {
            Ok(current(&format!("{}-2", merged.current_context())))
        };
        store.edit_decided(loaded, current("b"), decide).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "current-context: other-2 # mine\n");
    }

    #[test]
    fn a_decision_that_is_withdrawn_writes_nothing() {
        let (_dir, path, store) = given();
        let loaded = store.load().unwrap();
        let moved = "current-context: other\n";
        fs::write(&path, moved).unwrap();
        let report = store.edit_decided(loaded, current("b"), |_| Ok::<_, Infallible>(Vec::new())).unwrap();
        assert!(report.written.is_empty());
        let loaded = store.load().unwrap();
        fs::write(&path, BEFORE).unwrap();
        let refused = store.edit_decided(loaded, current("b"), |_| Err("no"));
        assert!(matches!(refused, Err(CommitError::Decision("no"))));
        assert_eq!(fs::read_to_string(&path).unwrap(), BEFORE);
    }
}
