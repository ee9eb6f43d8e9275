//! Writes several files: all of them, or none.
//!
//! Temporary copies of all files are written beside them before the first one is renamed. The change is recorded in the
//! journal while the disk is writing these copies.

use super::journal::hunk::{self, Hash};
use super::journal::{FileRecord, Journal, Operation, PendingRecord};
use super::{Report, StoreError, WriteNote};
use crate::file::{self, ReplaceError, Replaced, Staged};
use crate::kubeconfig::Document;
use crate::kubeconfig::patch::Undo;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// A file to write, whose lock is held.
pub(super) struct Write {
    /// The file, as spelled.
    pub(super) path: PathBuf,
    /// The content it gets.
    pub(super) new: NewContent,
    /// The absolute path for the journal; `None` if the change is not recorded.
    pub(super) journal_path: Option<PathBuf>,
}

/// New content of a file.
pub(super) enum NewContent {
    /// A patched kubeconfig, and the undo information that restores the old text.
    Patched(Box<Document>, Undo),
    /// Raw bytes; `None` stands for a file that does not exist.
    Bytes {
        /// The current content.
        before: Option<Vec<u8>>,
        /// The new content.
        after: Option<Vec<u8>>,
    },
}

/// The description of a change.
#[derive(Default)]
pub(super) struct ChangeSummary {
    /// What was done, each with its file.
    pub(super) operations: Vec<Operation>,
    pub(super) undoes: Vec<u64>,
}

/// Writes the files. Most failures happen before any file has changed; after a later failure, the files written before it
/// are restored. If only the final sync fails, all files stay written, and the sync error is returned.
pub(super) fn write(
    mut writes: Vec<Write>,
    summary: ChangeSummary,
    journal: &Journal,
) -> Result<Report, StoreError> {
    let mut report = Report::default();
    let parts: Vec<_> = writes.iter().map(|write| write.new.parts()).collect();
    let mut stages = Vec::new();
    for (Write { path, .. }, parts) in writes.iter().zip(&parts) {
        let stage = Stage::new(path, parts.as_deref());
        stages.push(stage.map_err(|error| StoreError::Write(path.clone(), error))?);
    }
    let records: Vec<FileRecord> = writes.iter().filter_map(Write::record).collect();
    let is_recorded = |operation: &&Operation| {
        operation.file.as_ref().is_none_or(|file| records.iter().any(|record| record.path == *file))
    };
    let recorded: Vec<&Operation> = summary.operations.iter().filter(is_recorded).collect();
    let pending = match journal.note(&recorded, records, summary.undoes) {
        Ok(pending) => Some(pending),
        Err(why) => {
            report.not_recorded = Some(why);
            None
        }
    };
    for (Write { path, .. }, stage) in writes.iter().zip(&mut stages) {
        if let Err(error) = stage.sync() {
            pending.into_iter().for_each(PendingRecord::forget);
            return Err(StoreError::Write(path.clone(), error));
        }
    }
    let (mut failed, mut unsure) = (None, None);
    for (Write { path, .. }, stage) in writes.iter().zip(stages) {
        let notes = match stage.commit(path) {
            Ok(notes) => notes,
            Err(error) if error.is_written() => {
                unsure.get_or_insert_with(|| (path.clone(), error));
                Vec::new()
            }
            Err(error) => {
                failed = Some((path.clone(), error));
                break;
            }
        };
        report.written.push(path.clone());
        report.notes.extend(notes.into_iter().map(|note| (path.clone(), note)));
    }
    drop(parts);
    if let Some((path, error)) = failed {
        writes.truncate(report.written.len());
        let changed: Vec<PathBuf> = writes.into_iter().filter_map(|write| write.put_back().err()).collect();
        if changed.is_empty() {
            pending.into_iter().for_each(PendingRecord::forget);
            return Err(StoreError::Write(path, error));
        }
        // The record stays: `kcx undo` can restore the files with it.
        let recorded = pending.is_some_and(|pending| pending.is_some());
        return Err(StoreError::HalfWritten { path, error, changed, recorded });
    }
    report.change = pending.and_then(PendingRecord::confirm);
    report.operations = summary.operations;
    match unsure {
        Some((path, error)) => Err(StoreError::Write(path, error)),
        None => Ok(report),
    }
}

/// A prepared change of one file.
enum Stage<'p> {
    Replace(Staged<'p>),
    Remove,
}

impl<'p> Stage<'p> {
    fn new(path: &Path, parts: Option<&'p [Cow<'p, [u8]>]>) -> Result<Stage<'p>, ReplaceError> {
        let Some(parts) = parts else { return Ok(Stage::Remove) };
        let parts: Vec<&[u8]> = parts.iter().map(AsRef::as_ref).collect();
        Staged::new(path, &parts).map(Stage::Replace)
    }

    fn sync(&mut self) -> Result<(), ReplaceError> {
        match self {
            Stage::Replace(staged) => staged.sync(),
            Stage::Remove => Ok(()),
        }
    }

    fn commit(self, path: &Path) -> Result<Vec<WriteNote>, ReplaceError> {
        let Replaced { in_place, notes, .. } = match self {
            Stage::Replace(staged) => staged.commit()?,
            Stage::Remove => return file::remove(path).map(|()| Vec::new()),
        };
        let in_place = in_place.then_some(WriteNote::InPlace);
        Ok(in_place.into_iter().chain(notes.into_iter().map(WriteNote::Kept)).collect())
    }
}

impl NewContent {
    /// The new content in parts; `None` if the file is removed.
    fn parts(&self) -> Option<Vec<Cow<'_, [u8]>>> {
        match self {
            NewContent::Patched(document, _) => Some(document.render_parts().into()),
            NewContent::Bytes { after, .. } => after.as_deref().map(|after| vec![after.into()]),
        }
    }
}

impl Write {
    /// The journal's record of this change.
    fn record(&self) -> Option<FileRecord> {
        let path = self.journal_path.clone()?;
        let (before, after, hunks) = match &self.new {
            NewContent::Patched(document, undo) => {
                let [before, after] = hunk::hashes(document, undo);
                (Some(before), Some(after), hunk::of_patch(document, undo))
            }
            NewContent::Bytes { before, after } => {
                let hash = |bytes: &Option<Vec<u8>>| bytes.as_ref().map(|bytes| Hash::of(&[bytes]));
                let [was, now] = [before, after].map(|bytes| bytes.as_deref().unwrap_or_default());
                (hash(before), hash(after), hunk::of_bytes(was, now))
            }
        };
        Some(FileRecord { path, before, after, hunks })
    }

    /// Restores the file after the write of another one has failed; the locks are still held.
    ///
    /// # Errors
    /// Returns the path if the file could not be restored.
    fn put_back(self) -> Result<(), PathBuf> {
        let before = match self.new {
            NewContent::Patched(mut document, undo) => {
                undo.undo(&mut document);
                Some(document.render())
            }
            NewContent::Bytes { before, .. } => before,
        };
        let put = match before {
            Some(before) => file::replace(&self.path, &[&before]).map(drop),
            None => file::remove(&self.path),
        };
        match put {
            Err(error) if !error.is_written() => Err(self.path),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Env;
    use crate::file::ReplaceStep;
    use crate::kubeconfig::patch::{self, Op};
    use std::fs;
    use tempfile::TempDir;

    const BEFORE: &str = "current-context: a # mine\nkind: Config\n";

    /// Files `one` and `two` with the content `BEFORE`, and a journal.
    fn given() -> (TempDir, Journal, [PathBuf; 2]) {
        let dir = tempfile::tempdir().unwrap();
        let paths = ["one", "two"].map(|name| dir.path().join(name));
        paths.iter().for_each(|path| fs::write(path, BEFORE).unwrap());
        let env = Env { state: Some(dir.path().join("state")), ..Env::default() };
        (dir, Journal::of(&env, "test"), paths)
    }

    fn patched(path: &Path) -> Write {
        let mut document = Document::parse(BEFORE.into()).unwrap();
        let op = Op::SetTop { key: "current-context".to_owned(), value: "b".into() };
        let undo = patch::apply_in_place(&mut document, &[op]).unwrap();
        let new = NewContent::Patched(Box::new(document), undo);
        Write { path: path.to_owned(), new, journal_path: Some(path.to_owned()) }
    }

    fn bytes(path: &Path, after: Option<&str>) -> Write {
        let new = NewContent::Bytes { before: Some(BEFORE.into()), after: after.map(Into::into) };
        Write { path: path.to_owned(), new, journal_path: Some(path.to_owned()) }
    }

    fn contents(paths: &[PathBuf; 2]) -> [Option<String>; 2] {
        paths.each_ref().map(|path| fs::read_to_string(path).ok())
    }

    #[test]
    fn every_file_is_written_and_the_change_noted() {
        let (_dir, journal, paths) = given();
        let report =
            write(vec![patched(&paths[0]), bytes(&paths[1], None)], ChangeSummary::default(), &journal)
                .unwrap();
        assert_eq!(contents(&paths), [Some(BEFORE.replace("a #", "b #")), None]);
        assert_eq!(report.written, paths);
        let records = journal.records();
        assert!(!records[0].pending);
        assert_eq!(records[0].files.iter().map(|file| file.hunks.len()).collect::<Vec<_>>(), [1, 1]);
    }

    #[test]
    fn where_one_cannot_be_staged_none_is_touched() {
        let (dir, journal, paths) = given();
        let inodes = || paths.each_ref().map(|path| file::read(path, 100).unwrap().1);
        let before = inodes();
        let nowhere = dir.path().join("no folder/file");
        let writes = vec![patched(&paths[0]), bytes(&paths[1], Some("new")), bytes(&nowhere, Some("new"))];
        let error = write(writes, ChangeSummary::default(), &journal).unwrap_err();
        assert!(
            matches!(&error, StoreError::Write(path, ReplaceError::Io { step: ReplaceStep::Create, .. }) if *path == nowhere),
            "{error:?}"
        );
        assert_eq!(inodes(), before);
        assert!(journal.records().is_empty());
        // No temporary file is left.
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[test]
    fn where_one_cannot_be_committed_those_before_are_put_back() {
        let (dir, journal, paths) = given();
        let gone = dir.path().join("gone");
        let writes = vec![patched(&paths[0]), bytes(&paths[1], None), bytes(&gone, None)];
        let error = write(writes, ChangeSummary::default(), &journal).unwrap_err();
        assert!(matches!(&error, StoreError::Write(path, _) if *path == gone), "{error:?}");
        assert_eq!(contents(&paths), [Some(BEFORE.to_owned()), Some(BEFORE.to_owned())]);
        assert!(journal.records().is_empty());
    }
}
