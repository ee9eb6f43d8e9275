//! Files that are written together: all of them, or none.
//!
//! All stand beside their files, on their way to the disk, before the first takes its name; meanwhile the change is
//! noted in the journal.

use super::journal::hunk::{self, Hash};
use super::journal::{Deed, FileRecord, Journal, Noted};
use super::{CommitError, Report, WriteNote};
use crate::file::{self, ReplaceError, Replaced, Staged};
use crate::kubeconfig::Document;
use crate::kubeconfig::patch::Undo;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// A file to write, whose lock is held.
pub(super) struct Write {
    /// The file, as spelled.
    pub(super) path: PathBuf,
    /// What becomes of it.
    pub(super) turn: Turn,
    /// The file as the journal calls it; none where nothing is noted.
    pub(super) noted: Option<PathBuf>,
}

/// What becomes of a file.
pub(super) enum Turn {
    /// It is to hold this kubeconfig; what takes the patch back leads to the one it holds.
    Patched(Box<Document>, Undo),
    /// Other bytes; none where there is no file.
    Bytes {
        /// What is in it.
        before: Option<Vec<u8>>,
        /// What is to be in it.
        after: Option<Vec<u8>>,
    },
}

/// What a write is called in the journal.
#[derive(Default)]
pub(super) struct Told {
    pub(super) deeds: Vec<Deed>,
    pub(super) undoes: Vec<u64>,
}

/// Writes the files. What can fail does before any file has changed, if it can; if one fails later, those before are
/// put back. Where only the waiting for the disk fails, all stand, and that is the error.
pub(super) fn write<E>(
    mut writes: Vec<Write>,
    told: Told,
    journal: &Journal,
) -> Result<Report, CommitError<E>> {
    let mut report = Report::default();
    let parts: Vec<_> = writes.iter().map(|write| write.turn.parts()).collect();
    let mut stages = Vec::new();
    for (Write { path, .. }, parts) in writes.iter().zip(&parts) {
        let stage = Stage::new(path, parts.as_deref());
        stages.push(stage.map_err(|error| CommitError::Write(path.clone(), error))?);
    }
    let records = writes.iter().filter_map(Write::record).collect();
    let noted = match journal.note(told.deeds, records, told.undoes) {
        Ok(noted) => Some(noted),
        Err(why) => {
            report.not_noted = Some(why);
            None
        }
    };
    for (Write { path, .. }, stage) in writes.iter().zip(&mut stages) {
        if let Err(error) = stage.sync() {
            noted.into_iter().for_each(Noted::forget);
            return Err(CommitError::Write(path.clone(), error));
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
            noted.into_iter().for_each(Noted::forget);
            return Err(CommitError::Write(path, error));
        }
        // The note stays: by it they can be put back later.
        let noted = noted.is_some_and(|noted| noted.is_some());
        return Err(CommitError::HalfWritten { path, error, changed, noted });
    }
    noted.into_iter().for_each(Noted::confirm);
    match unsure {
        Some((path, error)) => Err(CommitError::Write(path, error)),
        None => Ok(report),
    }
}

/// A file on its way.
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

impl Turn {
    /// What is to be in the file; none where there is to be none.
    fn parts(&self) -> Option<Vec<Cow<'_, [u8]>>> {
        match self {
            Turn::Patched(document, _) => Some(document.render_parts().into()),
            Turn::Bytes { after, .. } => after.as_deref().map(|after| vec![after.into()]),
        }
    }
}

impl Write {
    /// What the journal keeps of it.
    fn record(&self) -> Option<FileRecord> {
        let path = self.noted.clone()?;
        let (before, after, hunks) = match &self.turn {
            Turn::Patched(document, undo) => {
                let [before, after] = hunk::hashes(document, undo);
                (Some(before), Some(after), hunk::of_patch(document, undo))
            }
            Turn::Bytes { before, after } => {
                let hash = |bytes: &Option<Vec<u8>>| bytes.as_ref().map(|bytes| Hash::of(&[bytes]));
                let [was, now] = [before, after].map(|bytes| bytes.as_deref().unwrap_or_default());
                (hash(before), hash(after), hunk::of_bytes(was, now))
            }
        };
        Some(FileRecord { path, before, after, hunks })
    }

    /// Undoes a write whose fellow failed, while the locks are still held; where that fails, the file stays changed.
    fn put_back(self) -> Result<(), PathBuf> {
        let before = match self.turn {
            Turn::Patched(mut document, undo) => {
                undo.undo(&mut document);
                Some(document.render())
            }
            Turn::Bytes { before, .. } => before,
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

    /// Files `one` and `two` of this content, and a journal.
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
        let turn = Turn::Patched(Box::new(document), undo);
        Write { path: path.to_owned(), turn, noted: Some(path.to_owned()) }
    }

    fn bytes(path: &Path, after: Option<&str>) -> Write {
        let turn = Turn::Bytes { before: Some(BEFORE.into()), after: after.map(Into::into) };
        Write { path: path.to_owned(), turn, noted: Some(path.to_owned()) }
    }

    fn contents(paths: &[PathBuf; 2]) -> [Option<String>; 2] {
        paths.each_ref().map(|path| fs::read_to_string(path).ok())
    }

    #[test]
    fn every_file_is_written_and_the_change_noted() {
        let (_dir, journal, paths) = given();
        let report =
            write::<()>(vec![patched(&paths[0]), bytes(&paths[1], None)], Told::default(), &journal).unwrap();
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
        let error = write::<()>(writes, Told::default(), &journal).unwrap_err();
        assert!(
            matches!(&error, CommitError::Write(path, ReplaceError::Io { step: ReplaceStep::Create, .. }) if *path == nowhere),
            "{error:?}"
        );
        assert_eq!(inodes(), before);
        assert!(journal.records().is_empty());
        // Nor is anything left beside them.
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[test]
    fn where_one_cannot_be_committed_those_before_are_put_back() {
        let (dir, journal, paths) = given();
        let gone = dir.path().join("gone");
        let writes = vec![patched(&paths[0]), bytes(&paths[1], None), bytes(&gone, None)];
        let error = write::<()>(writes, Told::default(), &journal).unwrap_err();
        assert!(matches!(&error, CommitError::Write(path, _) if *path == gone), "{error:?}");
        assert_eq!(contents(&paths), [Some(BEFORE.to_owned()), Some(BEFORE.to_owned())]);
        assert!(journal.records().is_empty());
    }
}
