//! Files that this run has open already. Discovery and the check of a session's overlay look at kubeconfigs before they are
//! loaded. They hand the open files on to the load, so that no file is opened twice. Each is handed on once: a later load
//! opens the file again, and sees it as it is then.

use super::{LIMIT, LoadCause, parse};
use crate::file::{self, Identity};
use crate::kubeconfig::{Document, scan};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Seek};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// The most files that discovery leaves open; more are opened again when they are loaded. A process on macOS may have 256
/// open files.
const MOST: usize = 200;

/// The files, by their paths as spelled. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Opened(Arc<Mutex<HashMap<PathBuf, Open>>>);

/// An open file, and what is known of it.
#[derive(Debug)]
pub(super) struct Open {
    /// The file; where it is read next is not defined.
    pub(super) file: File,
    /// When it was opened: a later change may be missing.
    pub(super) at: SystemTime,
    seen: Seen,
}

#[derive(Debug)]
enum Seen {
    /// Nobody has looked.
    Nothing,
    /// It is in kubectl's own style.
    Index(scan::Index),
    /// It is not.
    Unusual,
    /// It was parsed.
    Document(Box<Document>, Identity),
}

impl Opened {
    /// Reads a file whole, and hands it on.
    ///
    /// # Errors
    /// As [`file::read`].
    pub fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let mut open = Open::new(path)?;
        let bytes = open.bytes(limit)?;
        self.put(path.to_owned(), open);
        Ok(bytes)
    }

    /// Closes a file that has been written since.
    pub fn forget(&self, path: &Path) {
        self.files().remove(path);
    }

    /// Hands a file on.
    pub(super) fn put(&self, path: PathBuf, open: Open) {
        self.files().insert(path, open);
    }

    /// Hands a file on, or closes it where too many are open.
    pub(super) fn put_if_few(&self, path: &Path, open: Open) {
        let mut files = self.files();
        if files.len() < MOST {
            files.insert(path.to_owned(), open);
        }
    }

    pub(super) fn take(&self, path: &Path) -> Option<Open> {
        self.files().remove(path)
    }

    fn files(&self) -> MutexGuard<'_, HashMap<PathBuf, Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    pub(super) fn new(path: &Path) -> io::Result<Open> {
        let at = SystemTime::now();
        Ok(Open { file: file::open(path)?, at, seen: Seen::Nothing })
    }

    /// Of a file that was indexed by [`Open::into_index`].
    pub(super) fn indexed(file: File, at: SystemTime, index: scan::Index) -> Open {
        Open { file, at, seen: Seen::Index(index) }
    }

    /// Where its entries stand; none if the full parser must tell.
    pub(super) fn index(&mut self) -> io::Result<Option<&scan::Index>> {
        if matches!(self.seen, Seen::Nothing) {
            self.file.rewind()?;
            self.seen = match scan::index(&mut self.file)? {
                Some(index) => Seen::Index(index),
                None => Seen::Unusual,
            };
        }
        Ok(match &self.seen {
            Seen::Index(index) => Some(index),
            _ => None,
        })
    }

    /// The file and where its entries stand, or all of it if the full parser must tell.
    pub(super) fn into_index(mut self) -> Result<(File, SystemTime, scan::Index), Open> {
        match self.index() {
            Ok(Some(_)) => {}
            _ => return Err(self),
        }
        match self.seen {
            Seen::Index(index) => Ok((self.file, self.at, index)),
            seen => Err(Open { seen, ..self }),
        }
    }

    /// All of it, parsed.
    pub(super) fn document(&mut self) -> Result<&Document, LoadCause> {
        if !matches!(self.seen, Seen::Document(..)) {
            let (document, identity) = self.load()?;
            self.seen = Seen::Document(Box::new(document), identity);
        }
        match &self.seen {
            Seen::Document(document, _) => Ok(document),
            _ => Err(LoadCause::Read(io::ErrorKind::InvalidData.into())),
        }
    }

    /// All of it, as bytes.
    pub(super) fn bytes(&mut self, limit: u64) -> io::Result<Vec<u8>> {
        file::read_again(&mut self.file, limit).map(|(bytes, _)| bytes)
    }

    /// All of it, parsed, and which version it is.
    pub(super) fn into_document(mut self) -> Result<(Document, Identity), LoadCause> {
        match self.seen {
            Seen::Document(document, identity) => Ok((*document, identity)),
            _ => self.load(),
        }
    }

    fn load(&mut self) -> Result<(Document, Identity), LoadCause> {
        let read = parse(file::read_again(&mut self.file, LIMIT))?;
        // An open file is there.
        read.ok_or_else(|| LoadCause::Read(io::ErrorKind::NotFound.into()))
    }
}
