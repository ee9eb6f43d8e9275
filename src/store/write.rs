//! Files that are written together: all of them, or none. The change is noted in the journal first.

use super::journal::{Deed, FileRecord, Journal, Noted};
use super::{CommitError, Report, WriteNote};
use crate::file::{self, ReplaceError, Step};
use crate::kubeconfig::Document;
use crate::kubeconfig::patch::Undo;
use std::path::{Path, PathBuf};

/// A file to write, whose lock is held.
pub(super) struct Write {
    /// The file, as spelled.
    pub(super) path: PathBuf,
    /// What shall be in it.
    pub(super) after: Content,
    /// What was.
    pub(super) before: Before,
    /// What the journal keeps of it; none where nothing is noted.
    pub(super) noted: Option<FileRecord>,
}

/// What a file holds.
pub(super) enum Content {
    /// This kubeconfig.
    Document(Box<Document>),
    /// These bytes.
    Bytes(Vec<u8>),
    /// There is no file.
    Missing,
}

/// What a file held before.
pub(super) enum Before {
    /// The same document, less this patch.
    Patched(Undo),
    /// Something else.
    Other(Content),
}

/// What a write is called in the journal.
#[derive(Default)]
pub(super) struct Told {
    pub(super) deeds: Vec<Deed>,
    pub(super) undoes: Vec<u64>,
}

/// Writes the files; if one cannot be written, those before are put back.
pub(super) fn write<E>(
    mut writes: Vec<Write>,
    told: Told,
    journal: &Journal,
) -> Result<Report, CommitError<E>> {
    let mut report = Report::default();
    let noted = writes.iter_mut().filter_map(|write| write.noted.take()).collect();
    let noted = match journal.note(told.deeds, noted, told.undoes) {
        Ok(noted) => Some(noted),
        Err(why) => {
            report.not_noted = Some(why);
            None
        }
    };
    for nth in 0..writes.len() {
        let Write { path, after, .. } = &writes[nth];
        match after.put(path) {
            Ok(notes) => {
                report.written.push(path.clone());
                report.notes.extend(notes.into_iter().map(|note| (path.clone(), note)));
            }
            Err(error) => {
                // What could not be made to last stands all the same.
                let stands = matches!(&error, ReplaceError::Io { step: Step::Sync | Step::SyncFolder, .. });
                let path = path.clone();
                writes.truncate(nth + usize::from(stands));
                writes.into_iter().for_each(Write::put_back);
                noted.into_iter().for_each(Noted::forget);
                return Err(CommitError::Write(path, error));
            }
        }
    }
    noted.into_iter().for_each(Noted::confirm);
    Ok(report)
}

impl Content {
    fn put(&self, path: &Path) -> Result<Vec<WriteNote>, ReplaceError> {
        let replaced = match self {
            Content::Document(document) => {
                file::replace(path, &document.render_parts().each_ref().map(AsRef::as_ref))?
            }
            Content::Bytes(bytes) => file::replace(path, &[bytes])?,
            Content::Missing => {
                let failed = |source| ReplaceError::Io { path: path.to_owned(), step: Step::Open, source };
                return file::remove(path).map(|()| Vec::new()).map_err(failed);
            }
        };
        let in_place = replaced.in_place.then_some(WriteNote::InPlace);
        Ok(in_place.into_iter().chain(replaced.notes.into_iter().map(WriteNote::Kept)).collect())
    }
}

impl Write {
    /// Undoes a write whose fellow failed. The locks are still held; what fails here has failed before.
    fn put_back(self) {
        let old = match (self.before, self.after) {
            (Before::Other(old), _) => old,
            (Before::Patched(undo), Content::Document(mut document)) => {
                undo.undo(&mut document);
                Content::Document(document)
            }
            (Before::Patched(_), _) => return,
        };
        let _ = old.put(&self.path);
    }
}
