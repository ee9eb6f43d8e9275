//! The question that shells ask all the time: what is current, and what is in that one context?
//!
//! Files in kubectl's own style are streamed through a small buffer and only one entry of them is decoded; all others are
//! loaded. The answers are the same.

use super::{LoadError, Loaded, Store};
use crate::file;
use crate::kubeconfig::{Body, Document, Kind, scan};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// A look at the files of a store.
#[derive(Debug)]
pub struct Glance {
    store: Store,
    seen: Seen,
}

#[derive(Debug)]
enum Seen {
    /// Every file that exists, and where its contexts stand.
    Scanned(Vec<Scanned>),
    Loaded(Loaded),
}

#[derive(Debug)]
struct Scanned {
    path: PathBuf,
    file: File,
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
            Some(files) => Seen::Scanned(files),
            None => Seen::Loaded(self.load()?),
        };
        Ok(Glance { store: self.clone(), seen })
    }

    /// None where a file wants the full parser, or an explanation.
    fn scan(&self) -> Option<Vec<Scanned>> {
        let mut files = Vec::new();
        for path in &self.precedence.paths {
            let mut file = match file::open(path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(_) => return None,
            };
            let index = scan::index(&mut file).ok()??;
            files.push(Scanned { path: path.clone(), file, index });
        }
        Some(files)
    }
}

impl Glance {
    /// The first `current-context` that is not empty, or an empty string.
    #[must_use]
    pub fn current_context(&self) -> &str {
        match &self.seen {
            Seen::Scanned(files) => {
                files.iter().find_map(|it| it.index.current_context.as_deref()).unwrap_or_default()
            }
            Seen::Loaded(loaded) => loaded.merged.current_context(),
        }
    }

    /// The file that says which context is current.
    #[must_use]
    pub fn current_file(&self) -> Option<&Path> {
        match &self.seen {
            Seen::Scanned(files) => {
                files.iter().find(|it| it.index.current_context.is_some()).map(|it| it.path.as_path())
            }
            Seen::Loaded(loaded) => {
                let source = loaded.merged.current_source().and_then(|at| loaded.merged.sources().get(at));
                source.map(|source| source.path.as_path())
            }
        }
    }

    /// The canonical body of a context: the first file's.
    ///
    /// # Errors
    /// A file changed meanwhile, and cannot be loaded now.
    pub fn context(&mut self, name: &str) -> Result<Option<Body>, Vec<LoadError>> {
        if let Seen::Scanned(files) = &mut self.seen {
            let held = files.iter_mut().find_map(|it| Some((&mut it.file, it.index.context(name)?)));
            let Some((file, span)) = held else { return Ok(None) };
            if let Some(body) = decode(file, span.start, span.end, name) {
                return Ok(Some(body));
            }
            // It moved, or another name has the same hash.
            self.seen = Seen::Loaded(self.store.load()?);
        }
        let Seen::Loaded(loaded) = &self.seen else { return Ok(None) };
        let entry = loaded.merged.find(Kind::Context, name);
        let body = entry.map(|entry| loaded.merged.body(entry)).transpose();
        // What was parsed has a body.
        Ok(body.ok().flatten().map(std::borrow::Cow::into_owned))
    }

    /// True if an entry of this name exists, or one that cannot be told from it at a glance.
    #[must_use]
    pub fn has(&self, kind: Kind, name: &str) -> bool {
        match &self.seen {
            Seen::Scanned(files) => files.iter().any(|it| it.index.may_have(kind, name)),
            Seen::Loaded(loaded) => loaded.merged.find(kind, name).is_some(),
        }
    }

    /// Everything, read whole.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub fn load(self) -> Result<Loaded, Vec<LoadError>> {
        match self.seen {
            Seen::Loaded(loaded) => Ok(loaded),
            Seen::Scanned(_) => self.store.load(),
        }
    }
}

/// The body of the context whose lines stand there, if it has this name.
fn decode(file: &mut File, start: usize, end: usize, name: &str) -> Option<Body> {
    let mut text = b"contexts:\n".to_vec();
    file.seek(SeekFrom::Start(start as u64)).ok()?;
    file.take(end.checked_sub(start)? as u64).read_to_end(&mut text).ok()?;
    let document = Document::parse(text).ok()?;
    let index = document.find(Kind::Context, name)?;
    Some(document.body(Kind::Context, index).ok()?.into_owned())
}
