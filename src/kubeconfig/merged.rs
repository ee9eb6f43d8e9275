//! Several kubeconfigs seen as one, with kubectl's rules: of entries with the same name, that of the first file is
//! used.
//!
//! The documents are kept separate, and every entry has the index of its file, so that edits go to the right file.
//! Source: client-go `loader.go` (`Load`).

mod by_name;

use super::decode::Body;
use super::document::Document;
use super::error::{ParseError, Position};
use super::per_kind::PerKind;
use super::schema::Kind;
use super::schema::key;
use by_name::ByName;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// One member of the loading precedence.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path as given; may be empty.
    pub path: PathBuf,
    /// The content; `None` if the file does not exist.
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
    by_name: PerKind<ByName>,
}

/// Refers to an entry of a [`Merged`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntryRef {
    /// The list.
    pub kind: Kind,
    /// The index of the file.
    pub source: usize,
    /// The index in the list of that file.
    pub index: usize,
}

impl Merged {
    /// Combines these files, in decreasing precedence.
    #[must_use]
    pub fn new(sources: Vec<Source>) -> Merged {
        Merged { sources, by_name: Default::default() }
    }

    /// The files, in decreasing precedence.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Returns the files.
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

    /// The entry of this name in the first file that has it.
    #[must_use]
    pub fn find(&self, kind: Kind, name: &str) -> Option<EntryRef> {
        self.holders(kind, name).next()
    }

    /// All entries of this name, at most one per file. kubectl uses the first; it hides the others.
    pub fn holders<'m>(&'m self, kind: Kind, name: &'m str) -> impl Iterator<Item = EntryRef> + 'm {
        let sorted = self.by_name[kind].for_search(|| self.sorted(kind));
        let one_by_one = sorted.is_none().then(|| {
            self.documents().filter_map(move |(source, document)| {
                let index = document.find(kind, name)?;
                Some(EntryRef { kind, source, index })
            })
        });
        let found = sorted.map_or(&[][..], |sorted| {
            let rest = &sorted[sorted.partition_point(|entry| self.name(*entry) < name)..];
            &rest[..rest.iter().take_while(|entry| self.name(**entry) == name).count()]
        });
        // Only the first one of each file.
        let found = found.chunk_by(|one, other| one.source == other.source).map(|same_file| same_file[0]);
        one_by_one.into_iter().flatten().chain(found)
    }

    /// [`Merged::holders`] of all names.
    #[must_use]
    pub fn holders_by_name(&self, kind: Kind) -> HashMap<&str, Vec<EntryRef>> {
        let mut holders: HashMap<&str, Vec<EntryRef>> = HashMap::new();
        for (source, document) in self.documents() {
            for (index, name) in document.names(kind).enumerate() {
                let found = holders.entry(name).or_default();
                // Only the first one of each file.
                if found.last().is_none_or(|last| last.source != source) {
                    found.push(EntryRef { kind, source, index });
                }
            }
        }
        holders
    }

    /// The entries of one file, sorted by name.
    pub(super) fn of_source(&self, kind: Kind, source: usize) -> Vec<EntryRef> {
        let documents = self.sources[source].document.iter();
        let mut entries: Vec<(&str, usize)> =
            documents.flat_map(|document| document.names(kind).zip(0..)).collect();
        entries.sort_by_key(|(name, _)| *name);
        entries.into_iter().map(|(_, index)| EntryRef { kind, source, index }).collect()
    }

    /// The complete lines of an entry, if they determine its content; `None` if it is not in the scanner's narrow
    /// style.
    pub(super) fn lines(&self, entry: EntryRef) -> Option<&str> {
        self.document(entry).raw(entry.kind, entry.index)
    }

    /// All entries of a kind that are not hidden, sorted bytewise by name as in kubectl.
    #[must_use]
    pub fn entries(&self, kind: Kind) -> Vec<EntryRef> {
        let mut entries = self.by_name[kind].get(|| self.sorted(kind)).to_vec();
        entries.dedup_by(|other, first| self.name(*other) == self.name(*first));
        entries
    }

    /// All entries of a kind, also hidden ones, sorted by name; of equal names, the first file's entry comes first.
    fn sorted(&self, kind: Kind) -> Vec<EntryRef> {
        let mut entries = Vec::new();
        for (source, document) in self.documents() {
            let named = document.names(kind).enumerate();
            entries.extend(named.map(|(index, name)| (name, EntryRef { kind, source, index })));
        }
        // The sort is stable.
        entries.sort_by_key(|(name, _)| *name);
        entries.into_iter().map(|(_, entry)| entry).collect()
    }

    /// The names of all entries of a kind, sorted.
    #[must_use]
    pub fn names(&self, kind: Kind) -> Vec<&str> {
        self.entries(kind).into_iter().map(|entry| self.name(entry)).collect()
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
    /// As [`Document::body`](crate::kubeconfig::Document::body).
    pub fn body(&self, entry: EntryRef) -> Result<Cow<'_, Body>, ParseError> {
        self.document(entry).body(entry.kind, entry.index)
    }

    /// The path of an entry's file, as given (client-go: `LocationOfOrigin`).
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

    /// True for the name of the current context. Without a current context, a context without a name is not current.
    #[must_use]
    pub fn is_current(&self, context: &str) -> bool {
        !context.is_empty() && self.current_context() == context
    }

    /// The index of the file whose `current-context` is used.
    #[must_use]
    pub fn current_source(&self) -> Option<usize> {
        self.documents()
            .find(|(_, document)| !document.current_context().is_empty())
            .map(|(source, _)| source)
    }

    /// A string field of an entry; empty if it is missing.
    ///
    /// # Errors
    /// As [`Document::body`](crate::kubeconfig::Document::body).
    pub fn text(&self, entry: EntryRef, field: &str) -> Result<String, ParseError> {
        Ok(self.body(entry)?.get(field).and_then(Value::as_str).unwrap_or_default().to_owned())
    }

    /// The merged `preferences`: `colors` is true if it is true in any file; extensions are merged by name.
    ///
    /// # Errors
    /// As [`Document::body`](crate::kubeconfig::Document::body).
    pub fn preferences(&self) -> Result<Body, ParseError> {
        let mut colors = false;
        let mut extensions = Vec::new();
        for (_, document) in self.documents() {
            let preferences = document.preferences()?;
            colors |= preferences.get(key::COLORS) == Some(&Value::Bool(true));
            if let Some(Value::Array(list)) = preferences.get(key::EXTENSIONS) {
                extensions.extend(list.iter().cloned());
            }
        }
        let mut preferences = Body::new();
        if colors {
            preferences.insert(key::COLORS.to_owned(), Value::Bool(true));
        }
        let extensions = first_wins(extensions);
        if !extensions.is_empty() {
            preferences.insert(key::EXTENSIONS.to_owned(), Value::Array(extensions));
        }
        Ok(preferences)
    }

    /// The merged top-level `extensions`, sorted by name.
    ///
    /// # Errors
    /// As [`Document::body`](crate::kubeconfig::Document::body).
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
        let name = extension.get(key::NAME).and_then(Value::as_str).unwrap_or_default().to_owned();
        by_name.entry(name).or_insert(extension);
    }
    by_name.into_values().collect()
}
