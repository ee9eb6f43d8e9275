//! Files that this run has already opened. Discovery and the check of a session's overlay read kubeconfigs before the
//! load does. They pass the open files to the load, so that no file is opened twice. Each open file is used once: a
//! later load opens the file again and reads its current content.
//!
//! Windows does not replace an open file on every file system, so nothing stays open there.

use super::{LoadCause, parse};
use crate::file::limits;
use crate::file::{self, Identity};
use crate::kubeconfig::{Document, scan};
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Seek};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// The number of files that discovery leaves open; the others are opened again when they are loaded. macOS allows a
/// process 256 open files.
const MOST: usize = 200;

/// Open files by their paths as spelled. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct OpenFiles(Arc<Mutex<HashMap<OsString, OpenFile>>>);

/// An open file, and what was read from it.
#[derive(Debug)]
pub(super) struct OpenFile {
    /// The file; it is read from its start as long as its content is [`OpenFileContent::Nothing`].
    pub(super) file: File,
    /// When it was opened. What was read may not include later changes.
    pub(super) at: SystemTime,
    content: OpenFileContent,
}

#[derive(Debug)]
enum OpenFileContent {
    /// Not read yet.
    Nothing,
    /// In kubectl's own style: the positions of its entries.
    Index(scan::Index),
    /// In another style, which only the full parser reads.
    Unusual,
    /// Parsed as a whole.
    Document(Box<Document>, Identity),
}

impl OpenFiles {
    /// Reads a file whole, and keeps it open for the next load.
    ///
    /// # Errors
    /// As [`file::read()`].
    pub fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let mut open = OpenFile::new(path)?;
        let bytes = open.bytes(limit)?;
        open.file.rewind()?;
        self.put(path.to_owned(), open);
        Ok(bytes)
    }

    /// Closes a file, because it has been written since it was opened.
    pub fn forget(&self, path: &Path) {
        self.files().remove(path.as_os_str());
    }

    /// Keeps a file open for the next load.
    pub(super) fn put(&self, path: PathBuf, open: OpenFile) {
        if cfg!(windows) {
            return;
        }
        self.files().insert(path.into_os_string(), open);
    }

    /// Keeps a file open for the next load, or closes it if too many are open.
    pub(super) fn put_if_few(&self, path: &Path, open: OpenFile) {
        let mut files = self.files();
        if files.len() < MOST && !cfg!(windows) {
            files.insert(path.as_os_str().to_owned(), open);
        }
    }

    pub(super) fn take(&self, path: &Path) -> Option<OpenFile> {
        self.files().remove(path.as_os_str())
    }

    fn files(&self) -> MutexGuard<'_, HashMap<OsString, OpenFile>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenFile {
    pub(super) fn new(path: &Path) -> io::Result<OpenFile> {
        let at = SystemTime::now();
        Ok(OpenFile { file: file::open(path)?, at, content: OpenFileContent::Nothing })
    }

    /// Restores a file that [`OpenFile::into_index`] has indexed.
    pub(super) fn indexed(file: File, at: SystemTime, index: scan::Index) -> OpenFile {
        OpenFile { file, at, content: OpenFileContent::Index(index) }
    }

    /// The positions of its entries; `None` if the file needs the full parser.
    pub(super) fn index(&mut self) -> io::Result<Option<&scan::Index>> {
        if matches!(self.content, OpenFileContent::Nothing) {
            self.content = match scan::index(&mut self.file)? {
                Some(index) => OpenFileContent::Index(index),
                None => OpenFileContent::Unusual,
            };
        }
        Ok(match &self.content {
            OpenFileContent::Index(index) => Some(index),
            _ => None,
        })
    }

    /// The file and the positions of its entries.
    ///
    /// # Errors
    /// Returns the file unchanged if it needs the full parser or cannot be read.
    pub(super) fn into_index(mut self) -> Result<(File, SystemTime, scan::Index), OpenFile> {
        match self.index() {
            Ok(Some(_)) => {}
            _ => return Err(self),
        }
        match self.content {
            OpenFileContent::Index(index) => Ok((self.file, self.at, index)),
            content => Err(OpenFile { content, ..self }),
        }
    }

    /// The parsed file.
    pub(super) fn document(&mut self) -> Result<&Document, LoadCause> {
        if !matches!(self.content, OpenFileContent::Document(..)) {
            let (document, identity) = self.load()?;
            self.content = OpenFileContent::Document(Box::new(document), identity);
        }
        match &self.content {
            OpenFileContent::Document(document, _) => Ok(document),
            _ => Err(LoadCause::Read(io::ErrorKind::InvalidData.into())),
        }
    }

    /// The content of the file.
    pub(super) fn bytes(&mut self, limit: u64) -> io::Result<Vec<u8>> {
        file::read_again(&mut self.file, limit).map(|(bytes, _)| bytes)
    }

    /// The parsed file and the identity of this version of it.
    pub(super) fn into_document(mut self) -> Result<(Document, Identity), LoadCause> {
        match self.content {
            OpenFileContent::Document(document, identity) => Ok((*document, identity)),
            _ => self.load(),
        }
    }

    fn load(&mut self) -> Result<(Document, Identity), LoadCause> {
        let read = parse(file::read_again(&mut self.file, limits::KUBECONFIG))?;
        // `None` stands for a missing file, and an open file exists.
        read.ok_or_else(|| LoadCause::Read(io::ErrorKind::NotFound.into()))
    }
}
