//! The questions that shells and people ask all the time: what is current, what is in that one context, and which
//! contexts are there?
//!
//! Files in kubectl's own style are streamed through a small buffer, and only what is asked for is decoded; all others are
//! loaded. The answers are the same.

use super::opened::Open;
use super::{LoadError, Loaded, Precedence, Store};
use crate::kubeconfig::{Body, Document, Kind, Merged, Source, Span, scan};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A look at the files of a store.
#[derive(Debug)]
pub struct Glance {
    store: Store,
    seen: Seen,
}

#[derive(Debug)]
enum Seen {
    /// Every file that exists, and where its entries stand; all contexts, once somebody has asked for them.
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
    /// Looks at the files.
    ///
    /// # Errors
    /// As [`Store::load`]: a file that cannot be loaded makes every question fail, as with kubectl.
    pub fn glance(&self) -> Result<Glance, Vec<LoadError>> {
        self.migrate().map_err(|error| vec![error])?;
        let seen = match self.scan() {
            Some(files) => Seen::Scanned(files, None),
            None => Seen::Loaded(self.load()?),
        };
        Ok(Glance { store: self.clone(), seen })
    }

    /// None where a file wants the full parser, or an explanation. What was opened is kept for that.
    fn scan(&self) -> Option<Vec<Scanned>> {
        let mut files = Vec::new();
        for path in &self.precedence.paths {
            let open = match self.opened.take(path).map_or_else(|| Open::new(path), Ok) {
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
                    self.opened.put(path.clone(), open);
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
            self.opened.put(path, Open::indexed(file, at, index));
        }
    }
}

impl Glance {
    /// The first `current-context` that is not empty, or an empty string.
    #[must_use]
    pub fn current_context(&self) -> &str {
        match &self.seen {
            Seen::Scanned(files, _) => {
                files.iter().find_map(|it| it.index.current_context.as_deref()).unwrap_or_default()
            }
            Seen::Loaded(loaded) => loaded.merged.current_context(),
        }
    }

    /// The file that says which context is current.
    #[must_use]
    pub fn current_file(&self) -> Option<&Path> {
        match &self.seen {
            Seen::Scanned(files, _) => {
                files.iter().find(|it| it.index.current_context.is_some()).map(|it| it.path.as_path())
            }
            Seen::Loaded(loaded) => {
                let source = loaded.merged.current_source().and_then(|at| loaded.merged.sources().get(at));
                source.map(|source| source.path.as_path())
            }
        }
    }

    /// True if no file has been read whole: each is in kubectl's own style, and has not changed meanwhile.
    #[must_use]
    pub fn is_streamed(&self) -> bool {
        matches!(self.seen, Seen::Scanned(..))
    }

    /// The files that were looked at.
    #[must_use]
    pub fn precedence(&self) -> &Precedence {
        &self.store.precedence
    }

    /// True if none of the files exists.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.seen {
            Seen::Scanned(files, _) => files.is_empty(),
            Seen::Loaded(loaded) => loaded.merged.is_empty(),
        }
    }

    /// The contexts of all files and which of them is current: a kubeconfig without anything else. What it says of places
    /// does not hold for the files.
    ///
    /// # Errors
    /// A file changed meanwhile, and cannot be loaded now.
    pub fn contexts(&mut self) -> Result<&Merged, Vec<LoadError>> {
        if let Seen::Scanned(files, contexts @ None) = &mut self.seen {
            match files.iter_mut().map(Scanned::contexts).collect() {
                Some(sources) => *contexts = Some(Merged::new(sources)),
                None => self.seen = Seen::Loaded(self.store.load()?),
            }
        }
        match &self.seen {
            Seen::Loaded(loaded) => Ok(&loaded.merged),
            Seen::Scanned(_, Some(contexts)) => Ok(contexts),
            Seen::Scanned(_, None) => unreachable!("they were asked for just now"),
        }
    }

    /// The canonical body of an entry: the first file's.
    ///
    /// # Errors
    /// A file changed meanwhile, and cannot be loaded now.
    pub fn body(&mut self, kind: Kind, name: &str) -> Result<Option<Body>, Vec<LoadError>> {
        if let Seen::Scanned(files, _) = &mut self.seen {
            let held = files.iter_mut().find_map(|it| Some((it.index.find(kind, name)?, it)));
            let Some((span, file)) = held else { return Ok(None) };
            if let Some(body) = file.decode(kind, span, name) {
                return Ok(Some(body));
            }
            // It moved, or another name has the same hash.
            self.seen = Seen::Loaded(self.store.load()?);
        }
        let Seen::Loaded(loaded) = &self.seen else { return Ok(None) };
        let entry = loaded.merged.find(kind, name);
        let body = entry.map(|entry| loaded.merged.body(entry)).transpose();
        // What was parsed has a body.
        Ok(body.ok().flatten().map(std::borrow::Cow::into_owned))
    }

    /// True if an entry of this name exists, or one that cannot be told from it at a glance.
    #[must_use]
    pub fn has(&self, kind: Kind, name: &str) -> bool {
        match &self.seen {
            Seen::Scanned(files, _) => files.iter().any(|it| it.index.find(kind, name).is_some()),
            Seen::Loaded(loaded) => loaded.merged.find(kind, name).is_some(),
        }
    }

    /// The files that have an entry of this name, or one that cannot be told from it at a glance.
    #[must_use]
    pub fn holders(&self, kind: Kind, name: &str) -> Vec<&Path> {
        match &self.seen {
            Seen::Scanned(files, _) => {
                let holders = files.iter().filter(|it| it.index.find(kind, name).is_some());
                holders.map(|it| it.path.as_path()).collect()
            }
            Seen::Loaded(loaded) => {
                loaded.merged.holders(kind, name).map(|entry| loaded.merged.path(entry)).collect()
            }
        }
    }

    /// Everything, read whole from the files that are open.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub fn whole(&mut self) -> Result<&Merged, Vec<LoadError>> {
        if let Seen::Scanned(files, _) = &mut self.seen {
            self.store.hand_on(std::mem::take(files));
            self.seen = Seen::Loaded(self.store.load()?);
        }
        match &self.seen {
            Seen::Loaded(loaded) => Ok(&loaded.merged),
            Seen::Scanned(..) => unreachable!("it was loaded just now"),
        }
    }
}

impl Scanned {
    /// The contexts and the current one, if the file still has what the index says.
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

    /// The body of the entry whose lines stand there, if it has this name.
    fn decode(&mut self, kind: Kind, span: Span, name: &str) -> Option<Body> {
        let mut text = Vec::new();
        self.read(kind, span, &mut text)?;
        let document = Document::parse(text).ok()?;
        let index = document.find(kind, name)?;
        Some(document.body(kind, index).ok()?.into_owned())
    }

    /// These lines of the file, as a list of their own.
    fn read(&mut self, kind: Kind, span: Span, text: &mut Vec<u8>) -> Option<()> {
        text.extend_from_slice(format!("{}:\n", kind.list()).as_bytes());
        text.reserve_exact(span.len());
        self.file.seek(SeekFrom::Start(span.start as u64)).ok()?;
        (&mut self.file).take(span.len() as u64).read_to_end(text).ok()?;
        Some(())
    }
}
