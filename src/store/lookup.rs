//! Frequent queries: the current context, one entry, the names of the contexts.
//!
//! Files in kubectl's own style are indexed through a small buffer, and only the requested entries are decoded. If one
//! file is in another style, all files are loaded. The answers are the same (`tests/lookup_laws.rs`).

use super::open_files::OpenFile;
use super::{LoadError, Loaded, Precedence, Store};
use crate::kubeconfig::{Body, Document, Kind, Merged, Source, Span, scan};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Answers queries about the files of a store, and loads them only if necessary.
#[derive(Debug)]
pub struct Lookup {
    store: Store,
    state: LookupState,
}

#[derive(Debug)]
enum LookupState {
    /// The existing files with the positions of their entries, and all contexts after the first query for them.
    Scanned(Vec<Scanned>, Option<Merged>),
    Loaded(Loaded),
}

#[derive(Debug)]
struct Scanned {
    path: PathBuf,
    file: File,
    /// When it was opened.
    at: SystemTime,
    index: scan::Index,
}

impl Store {
    /// Indexes the files, or loads them if one is not in kubectl's own style.
    ///
    /// # Errors
    /// As [`Store::load`]: a file that cannot be loaded is an error for every query, as with kubectl.
    pub fn lookup(&self) -> Result<Lookup, Vec<LoadError>> {
        self.migrate().map_err(|error| vec![error])?;
        let state = match self.scan() {
            Some(files) => LookupState::Scanned(files, None),
            None => LookupState::Loaded(self.load()?),
        };
        Ok(Lookup { store: self.clone(), state })
    }

    /// Indexes all files; `None` if one needs the full parser or cannot be read. The load that follows reuses the open
    /// files.
    fn scan(&self) -> Option<Vec<Scanned>> {
        let mut files = Vec::new();
        for path in &self.precedence.paths {
            let open = match self.open_files.take(path).map_or_else(|| OpenFile::new(path), Ok) {
                Ok(open) => open.into_index(),
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(_) => {
                    self.hand_on(files);
                    return None;
                }
            };
            match open {
                Ok((file, at, index)) => files.push(Scanned { path: path.clone(), file, at, index }),
                Err(open) => {
                    self.open_files.put(path.clone(), open);
                    self.hand_on(files);
                    return None;
                }
            }
        }
        Some(files)
    }

    /// Keeps these files for the next load.
    fn hand_on(&self, files: Vec<Scanned>) {
        for Scanned { path, file, at, index } in files {
            self.open_files.put(path, OpenFile::indexed(file, at, index));
        }
    }
}

impl Lookup {
    /// Leaves the files open for the next load, unless they were loaded whole.
    pub fn hand_on(self) {
        if let LookupState::Scanned(files, _) = self.state {
            self.store.hand_on(files);
        }
    }

    /// The first `current-context` that is not empty, or an empty string.
    #[must_use]
    pub fn current_context(&self) -> &str {
        match &self.state {
            LookupState::Scanned(files, _) => {
                files.iter().find_map(|it| it.index.current_context.as_deref()).unwrap_or_default()
            }
            LookupState::Loaded(loaded) => loaded.merged.current_context(),
        }
    }

    /// The file whose `current-context` counts.
    #[must_use]
    pub fn current_file(&self) -> Option<&Path> {
        match &self.state {
            LookupState::Scanned(files, _) => {
                files.iter().find(|it| it.index.current_context.is_some()).map(|it| it.path.as_path())
            }
            LookupState::Loaded(loaded) => {
                let source = loaded.merged.current_source().and_then(|at| loaded.merged.sources().get(at));
                source.map(|source| source.path.as_path())
            }
        }
    }

    /// True while no file has been loaded whole: all are in kubectl's own style and unchanged since they were indexed.
    #[must_use]
    pub fn is_streamed(&self) -> bool {
        matches!(self.state, LookupState::Scanned(..))
    }

    /// The files of the store, in loading order.
    #[must_use]
    pub fn precedence(&self) -> &Precedence {
        &self.store.precedence
    }

    /// True if none of the files exists.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.state {
            LookupState::Scanned(files, _) => files.is_empty(),
            LookupState::Loaded(loaded) => loaded.merged.is_empty(),
        }
    }

    /// The contexts of all files and the current one, as a kubeconfig without anything else. Its positions are not those
    /// in the files.
    ///
    /// # Errors
    /// A file has changed since it was indexed, and cannot be loaded now.
    pub fn contexts(&mut self) -> Result<&Merged, Vec<LoadError>> {
        if let LookupState::Scanned(files, contexts @ None) = &mut self.state {
            match files.iter_mut().map(Scanned::contexts).collect() {
                Some(sources) => *contexts = Some(Merged::new(sources)),
                None => self.state = LookupState::Loaded(self.store.load()?),
            }
        }
        match &self.state {
            LookupState::Loaded(loaded) => Ok(&loaded.merged),
            LookupState::Scanned(_, Some(contexts)) => Ok(contexts),
            LookupState::Scanned(_, None) => unreachable!("they were asked for just now"),
        }
    }

    /// The canonical body of an entry: the first file's.
    ///
    /// # Errors
    /// A file has changed since it was indexed, and cannot be loaded now.
    pub fn body(&mut self, kind: Kind, name: &str) -> Result<Option<Body>, Vec<LoadError>> {
        if let LookupState::Scanned(files, _) = &mut self.state {
            let held = files.iter_mut().find_map(|it| Some((it.index.find(kind, name)?, it)));
            let Some((span, file)) = held else { return Ok(None) };
            if let Some(body) = file.decode(kind, span, name) {
                return Ok(Some(body));
            }
            // The file has changed, or another name has the same hash.
            self.state = LookupState::Loaded(self.store.load()?);
        }
        let LookupState::Loaded(loaded) = &self.state else { return Ok(None) };
        let entry = loaded.merged.find(kind, name);
        let body = entry.map(|entry| loaded.merged.body(entry)).transpose();
        // Entries of a parsed document have a body.
        Ok(body.ok().flatten().map(std::borrow::Cow::into_owned))
    }

    /// True if an entry of this name exists. An indexed file may have another name with the same hash instead.
    #[must_use]
    pub fn has(&self, kind: Kind, name: &str) -> bool {
        match &self.state {
            LookupState::Scanned(files, _) => files.iter().any(|it| it.index.find(kind, name).is_some()),
            LookupState::Loaded(loaded) => loaded.merged.find(kind, name).is_some(),
        }
    }

    /// The files that have an entry of this name. An indexed file may have another name with the same hash instead.
    #[must_use]
    pub fn holders(&self, kind: Kind, name: &str) -> Vec<&Path> {
        match &self.state {
            LookupState::Scanned(files, _) => {
                let holders = files.iter().filter(|it| it.index.find(kind, name).is_some());
                holders.map(|it| it.path.as_path()).collect()
            }
            LookupState::Loaded(loaded) => {
                loaded.merged.holders(kind, name).map(|entry| loaded.merged.path(entry)).collect()
            }
        }
    }

    /// Loads all files whole; files that are open are not opened again.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub fn whole(&mut self) -> Result<&Merged, Vec<LoadError>> {
        if let LookupState::Scanned(files, _) = &mut self.state {
            self.store.hand_on(std::mem::take(files));
            self.state = LookupState::Loaded(self.store.load()?);
        }
        match &self.state {
            LookupState::Loaded(loaded) => Ok(&loaded.merged),
            LookupState::Scanned(..) => unreachable!("it was loaded just now"),
        }
    }
}

impl Scanned {
    /// The contexts and the current one; `None` if the file no longer matches the index.
    fn contexts(&mut self) -> Option<Source> {
        let current = self.index.current_context.as_deref();
        let current = current.map(|name| format!("current-context: '{}'\n", name.replace('\'', "''")));
        let mut text = current.unwrap_or_default().into_bytes();
        if let Some(span) = self.index.all(Kind::Context) {
            self.read(Kind::Context, span, &mut text)?;
        }
        let document = Document::parse(text).ok()?;
        let same = self.index.may_be(Kind::Context, document.names(Kind::Context));
        same.then(|| Source { path: self.path.clone(), document: Some(document) })
    }

    /// The body of the entry in this span; `None` if it has another name.
    fn decode(&mut self, kind: Kind, span: Span, name: &str) -> Option<Body> {
        let mut text = Vec::new();
        self.read(kind, span, &mut text)?;
        let document = Document::parse(text).ok()?;
        let index = document.find(kind, name)?;
        Some(document.body(kind, index).ok()?.into_owned())
    }

    /// Appends these lines of the file to `text`, under the key of their list.
    fn read(&mut self, kind: Kind, span: Span, text: &mut Vec<u8>) -> Option<()> {
        text.extend_from_slice(format!("{}:\n", kind.list()).as_bytes());
        text.reserve_exact(span.len());
        self.file.seek(SeekFrom::Start(span.start as u64)).ok()?;
        (&mut self.file).take(span.len() as u64).read_to_end(text).ok()?;
        Some(())
    }
}
