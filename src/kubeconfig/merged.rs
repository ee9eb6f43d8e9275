//! Several kubeconfigs as the one that kubectl sees: the first file wins, entry by entry.
//!
//! Nothing is copied together: the files stay apart, and an answer says which file it comes from, so that an edit
//! finds its way back. Rules: client-go `loader.go` (`Load`), `kubectl-config` B.

use super::decode::Body;
use super::document::Document;
use super::error::{ParseError, Position};
use super::schema::Kind;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// One member of the loading precedence.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path as it was spelled; may be empty.
    pub path: PathBuf,
    /// What is in it; none if there is no such file.
    pub document: Option<Document>,
}

/// The files of one loading precedence, in order.
///
/// ```
/// use kcx::kubeconfig::{Document, Kind, Merged, Source};
/// let source = |path: &str, text: &str| Source {
///     path: path.into(),
///     document: Document::parse(text.as_bytes().to_vec()).ok(),
/// };
/// let merged = Merged::new(vec![
///     source("work", "contexts: [{name: a, context: {cluster: first}}]"),
///     source("home", "contexts: [{name: a, context: {cluster: second}}]\ncurrent-context: a"),
/// ]);
/// let entry = merged.find(Kind::Context, "a").expect("it is in both files");
/// assert_eq!(merged.body(entry)?["cluster"], "first");
/// assert_eq!(merged.current_context(), "a");
/// # Ok::<(), kcx::kubeconfig::ParseError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Merged {
    sources: Vec<Source>,
}

/// One entry of a [`Merged`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntryRef {
    /// Which list it is in.
    pub kind: Kind,
    /// Which file it is in.
    pub source: usize,
    /// Its place in that file's list.
    pub index: usize,
}

/// As many entries are looked up one by one.
const FEW: usize = 16;

/// Finds entries by their names; has an index where many are asked for.
pub(super) struct Finder<'m> {
    merged: &'m Merged,
    index: Option<[HashMap<&'m str, Vec<EntryRef>>; 3]>,
}

impl Finder<'_> {
    /// As [`Merged::find`].
    pub(super) fn find(&self, kind: Kind, name: &str) -> Option<EntryRef> {
        match &self.index {
            Some(index) => index[kind as usize].get(name).and_then(|holders| holders.first()).copied(),
            None => self.merged.find(kind, name),
        }
    }
}

impl Merged {
    /// The files, first to win first.
    #[must_use]
    pub fn new(sources: Vec<Source>) -> Merged {
        Merged { sources }
    }

    /// The files.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The files, given up.
    #[must_use]
    pub fn into_sources(self) -> Vec<Source> {
        self.sources
    }

    /// True if none of the files exists.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sources.iter().all(|source| source.document.is_none())
    }

    fn documents(&self) -> impl Iterator<Item = (usize, &Document)> {
        self.sources.iter().enumerate().filter_map(|(at, source)| Some((at, source.document.as_ref()?)))
    }

    /// The entry of this name: the first file's.
    #[must_use]
    pub fn find(&self, kind: Kind, name: &str) -> Option<EntryRef> {
        self.holders(kind, name).next()
    }

    /// All entries of this name, one a file: the first counts, and hides the others.
    pub fn holders<'m>(&'m self, kind: Kind, name: &'m str) -> impl Iterator<Item = EntryRef> + 'm {
        self.documents().filter_map(move |(source, document)| {
            let index = document.find(kind, name)?;
            Some(EntryRef { kind, source, index })
        })
    }

    /// [`Merged::holders`] of every name at once: for who asks about many.
    #[must_use]
    pub fn holders_by_name(&self, kind: Kind) -> HashMap<&str, Vec<EntryRef>> {
        let mut holders: HashMap<&str, Vec<EntryRef>> = HashMap::new();
        for (source, document) in self.documents() {
            for (index, name) in document.names(kind).enumerate() {
                let found = holders.entry(name).or_default();
                // Of one file, the first.
                if found.last().is_none_or(|last| last.source != source) {
                    found.push(EntryRef { kind, source, index });
                }
            }
        }
        holders
    }

    /// The entries of one file, sorted by their names.
    pub(super) fn of_source(&self, kind: Kind, source: usize) -> Vec<EntryRef> {
        let documents = self.sources[source].document.iter();
        let mut entries: Vec<(&str, usize)> =
            documents.flat_map(|document| document.names(kind).zip(0..)).collect();
        entries.sort_by_key(|(name, _)| *name);
        entries.into_iter().map(|(_, index)| EntryRef { kind, source, index }).collect()
    }

    /// The whole lines of an entry, where they alone say what it means.
    pub(super) fn lines(&self, entry: EntryRef) -> Option<&str> {
        self.document(entry).raw(entry.kind, entry.index)
    }

    /// For who looks up about this many names.
    pub(super) fn finder(&self, count: usize) -> Finder<'_> {
        let index = (count > FEW).then(|| Kind::ALL.map(|kind| self.holders_by_name(kind)));
        Finder { merged: self, index }
    }

    /// All entries of a kind, each name once, sorted by the bytes of their names as kubectl does.
    #[must_use]
    pub fn entries(&self, kind: Kind) -> Vec<EntryRef> {
        self.named(kind).into_iter().map(|(_, entry)| entry).collect()
    }

    /// The same with their names.
    fn named(&self, kind: Kind) -> Vec<(&str, EntryRef)> {
        let mut entries = Vec::new();
        for (source, document) in self.documents() {
            let named = document.names(kind).enumerate();
            entries.extend(named.map(|(index, name)| (name, EntryRef { kind, source, index })));
        }
        // Of equal names the first stays in front.
        entries.sort_by_key(|(name, _)| *name);
        entries.dedup_by_key(|(name, _)| *name);
        entries
    }

    /// The names of all entries of a kind, sorted.
    #[must_use]
    pub fn names(&self, kind: Kind) -> Vec<&str> {
        self.named(kind).into_iter().map(|(name, _)| name).collect()
    }

    fn document(&self, entry: EntryRef) -> &Document {
        match &self.sources[entry.source].document {
            Some(document) => document,
            None => unreachable!("an entry comes from a document"),
        }
    }

    /// The name of an entry.
    #[must_use]
    pub fn name(&self, entry: EntryRef) -> &str {
        self.document(entry).name(entry.kind, entry.index)
    }

    /// The canonical body of an entry.
    ///
    /// # Errors
    /// None for documents that were parsed.
    pub fn body(&self, entry: EntryRef) -> Result<Cow<'_, Body>, ParseError> {
        self.document(entry).body(entry.kind, entry.index)
    }

    /// The file of an entry, as spelled (client-go: `LocationOfOrigin`).
    #[must_use]
    pub fn path(&self, entry: EntryRef) -> &Path {
        &self.sources[entry.source].path
    }

    /// The line and column of an entry in its file.
    #[must_use]
    pub fn position(&self, entry: EntryRef) -> Position {
        let document = self.document(entry);
        Position::of(document.text(), document.span(entry.kind, entry.index).start)
    }

    /// The first `current-context` that is not empty, or an empty string.
    #[must_use]
    pub fn current_context(&self) -> &str {
        self.current_source()
            .and_then(|source| self.sources[source].document.as_ref())
            .map_or("", Document::current_context)
    }

    /// The file whose `current-context` counts.
    #[must_use]
    pub fn current_source(&self) -> Option<usize> {
        self.documents()
            .find(|(_, document)| !document.current_context().is_empty())
            .map(|(source, _)| source)
    }

    /// A string field of an entry; empty where there is none.
    ///
    /// # Errors
    /// None for documents that were parsed.
    pub fn text(&self, entry: EntryRef, field: &str) -> Result<String, ParseError> {
        Ok(self.body(entry)?.get(field).and_then(Value::as_str).unwrap_or_default().to_owned())
    }

    /// The merged `preferences`: colors if any file wants them, extensions by name.
    ///
    /// # Errors
    /// None for documents that were parsed.
    pub fn preferences(&self) -> Result<Body, ParseError> {
        let mut colors = false;
        let mut extensions = Vec::new();
        for (_, document) in self.documents() {
            let preferences = document.preferences()?;
            colors |= preferences.get("colors") == Some(&Value::Bool(true));
            if let Some(Value::Array(list)) = preferences.get("extensions") {
                extensions.extend(list.iter().cloned());
            }
        }
        let mut preferences = Body::new();
        if colors {
            preferences.insert("colors".to_owned(), Value::Bool(true));
        }
        let extensions = first_wins(extensions);
        if !extensions.is_empty() {
            preferences.insert("extensions".to_owned(), Value::Array(extensions));
        }
        Ok(preferences)
    }

    /// The merged top-level `extensions`, sorted by name.
    ///
    /// # Errors
    /// None for documents that were parsed.
    pub fn extensions(&self) -> Result<Vec<Value>, ParseError> {
        let mut extensions = Vec::new();
        for (_, document) in self.documents() {
            extensions.extend(document.extensions()?.iter().cloned());
        }
        Ok(first_wins(extensions))
    }
}

fn first_wins(extensions: Vec<Value>) -> Vec<Value> {
    let mut by_name = BTreeMap::new();
    for extension in extensions {
        let name = extension.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        by_name.entry(name).or_insert(extension);
    }
    by_name.into_values().collect()
}
