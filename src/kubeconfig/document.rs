//! One kubeconfig file: its text, and what kubectl reads from it.
//!
//! The text is stored and rendered byte for byte. Names and places are determined when the file is parsed; bodies are
//! decoded on first use, because most of a kubeconfig is certificates that are not used.

mod nodes;

use super::decode::{self, Body, File};
use super::encoding::{self, Encoding};
use super::error::{ParseError, Problem};
use super::lazy::Lazy;
use super::parse;
use super::scan;
use super::schema::Kind;
use super::secret;
use super::span::Span;
use super::tree::Tree;
use crate::yaml11::BREAKS;
use serde_json::Value;
use std::borrow::Cow;

/// A parsed kubeconfig.
///
/// ```
/// use kcx::kubeconfig::{Document, Kind};
/// let text = "contexts:\n- name: dev # mine\n  context: {cluster: c, user: u}\ncurrent-context: dev\n";
/// let document = Document::parse(text.as_bytes().to_vec())?;
/// assert_eq!(document.current_context(), "dev");
/// assert_eq!(document.names(Kind::Context).collect::<Vec<_>>(), ["dev"]);
/// assert_eq!(document.body(Kind::Context, 0)?["cluster"], "c");
/// assert_eq!(document.render(), text.as_bytes());
/// # Ok::<(), kcx::kubeconfig::ParseError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Document {
    text: String,
    encoding: Encoding,
    pub(super) shape: Shape,
}

/// How far the text has been parsed.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// Only names and places, by the scanner.
    Lazy(Lazy),
    /// Completely, by the full parser.
    Full {
        /// The nodes.
        tree: Tree,
        /// The decoded content.
        file: File,
    },
}

impl Document {
    /// Parses a kubeconfig; accepts and rejects the same bytes as kubectl.
    ///
    /// # Errors
    /// The first reason for which kubectl refuses to load the file, with its place. Values are never quoted.
    pub fn parse(bytes: Vec<u8>) -> Result<Document, ParseError> {
        let (text, encoding) = encoding::decode(bytes)?;
        Document::read(text, encoding)
    }

    pub(super) fn read(text: String, encoding: Encoding) -> Result<Document, ParseError> {
        if let Some(skeleton) = scan::skeleton(&text) {
            let lazy = Lazy::new(&text, skeleton);
            return Ok(Document { text, encoding, shape: Shape::Lazy(lazy) });
        }
        encoding::check(&text)?;
        let tree = parse::tree(&text)?;
        let file = decode::file(&text, &tree)?;
        Ok(Document { text, encoding, shape: Shape::Full { tree, file } })
    }

    /// Parses YAML that is not a kubeconfig: the document has no entries, only values.
    pub(super) fn plain(text: String) -> Result<Document, ParseError> {
        encoding::check(&text)?;
        let tree = parse::tree(&text)?;
        Ok(Document { text, encoding: Encoding::Utf8, shape: Shape::Full { tree, file: File::default() } })
    }

    /// Parses as much as possible and returns all problems, for `kcx lint`. There are no problems exactly if
    /// [`Document::parse`] accepts the same bytes. Values with a problem are missing in the document, so it must not be
    /// edited.
    #[must_use]
    pub fn salvage(bytes: Vec<u8>) -> (Option<Document>, Vec<ParseError>) {
        let (text, encoding) = match encoding::decode(bytes) {
            Ok(decoded) => decoded,
            Err(error) => return (None, vec![error]),
        };
        if let Some(skeleton) = scan::skeleton(&text) {
            let lazy = Lazy::new(&text, skeleton);
            return (Some(Document { text, encoding, shape: Shape::Lazy(lazy) }), Vec::new());
        }
        match encoding::check(&text).and_then(|()| parse::tree(&text)) {
            Ok(tree) => {
                let (file, problems) = decode::salvage(&text, &tree);
                (Some(Document { text, encoding, shape: Shape::Full { tree, file } }), problems)
            }
            Err(mut error) => {
                if matches!(error.problem, Problem::Syntax(_)) && is_doubtful(&text, &error) {
                    error.problem = Problem::Ambiguous;
                }
                let mut doubtful = matches!(error.problem, Problem::Ambiguous);
                if doubtful && super::second::is_text(&text) {
                    error.problem = Problem::NotMapping { found: "a string" };
                    doubtful = false;
                }
                let mut problems = vec![error];
                // However kubectl reads this text, it refuses the other problems.
                if let Some(tree) = parse::likely(&text).filter(|_| doubtful) {
                    problems.extend(decode::salvage(&text, &tree).1);
                }
                (None, problems)
            }
        }
    }

    /// Replaces a range of the text. The parsed content is outdated until [`Document::scan_again`].
    pub(super) fn splice(&mut self, span: Span, text: &str) {
        if span.is_empty() {
            self.text.reserve_exact(text.len());
            // Inserting copies the text at once; replacing copies it byte by byte.
            return self.text.insert_str(span.start, text);
        }
        // Reserves only what is needed: the default would double a text that may have 30 MB.
        self.text.reserve_exact(text.len().saturating_sub(span.len()));
        self.text.replace_range(span.start..span.end, text);
    }

    /// Replaces many bytes of the text. The spans are sorted and do not overlap.
    pub(super) fn splice_all<'e>(&mut self, edits: impl Iterator<Item = (Span, &'e str)>) {
        let mut text = String::with_capacity(self.text.len());
        let mut done = 0;
        for (span, new) in edits {
            text.push_str(&self.text[done..span.start]);
            text.push_str(new);
            done = span.end;
        }
        text.push_str(&self.text[done..]);
        self.text = text;
    }

    /// Scans the text again, and returns the old skeleton. `None`, and no change, if the old or the new text was not accepted
    /// by the scanner.
    pub(super) fn scan_again(&mut self) -> Option<Lazy> {
        let Shape::Lazy(old) = &mut self.shape else { return None };
        let new = Lazy::new(&self.text, scan::skeleton(&self.text)?);
        Some(std::mem::replace(old, new))
    }

    /// The skeleton, if the scanner accepted the text.
    pub(super) fn lazy(&mut self) -> Option<&mut Lazy> {
        match &mut self.shape {
            Shape::Lazy(lazy) => Some(lazy),
            Shape::Full { .. } => None,
        }
    }

    /// The text, without a byte order mark.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The lines of these parts for display: secrets are masked, control characters are replaced. The parts are whole
    /// lines, sorted, and do not overlap.
    ///
    /// ```
    /// use kcx::kubeconfig::{Document, Span};
    /// let text = "users:\n- name: me\n  user:\n    token: s3cr3t\n";
    /// let document = Document::parse(text.as_bytes().to_vec())?;
    /// let shown = document.masked_lines(&[Span::new(7, 18), Span::new(26, text.len())]);
    /// assert_eq!(shown, [["- name: me"], ["    token: ******"]]);
    /// # Ok::<(), kcx::kubeconfig::ParseError>(())
    /// ```
    #[must_use]
    pub fn masked_lines(&self, parts: &[Span]) -> Vec<Vec<String>> {
        super::masked_text::masked_lines(self, parts)
    }

    /// True if a document after the first, which kubectl does not read, contains a secret.
    pub(super) fn others_hold_secrets(&self) -> bool {
        match &self.shape {
            Shape::Lazy(_) => false,
            Shape::Full { tree, .. } => secret::documents::hold_secrets(&self.text, tree),
        }
    }

    /// True if the text ends inside a `|` or `>` block, without a line end.
    pub(super) fn ends_in_open_block(&self) -> bool {
        match &self.shape {
            Shape::Lazy(_) => false,
            Shape::Full { tree, .. } => {
                tree.nodes.iter().any(|node| super::tree::is_open_block(&self.text, node))
            }
        }
    }

    /// The encoding of the file.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The bytes of the file, exactly as they were parsed.
    #[must_use]
    pub fn render(&self) -> Vec<u8> {
        self.encoding.encode(&self.text)
    }

    /// The bytes of the file in two parts; the text is not copied if it is stored in the same encoding.
    #[must_use]
    pub fn render_parts(&self) -> [Cow<'_, [u8]>; 2] {
        match self.encoding.prefix() {
            Some(prefix) => [Cow::Borrowed(prefix), Cow::Borrowed(self.text.as_bytes())],
            None => [Cow::Owned(self.render()), Cow::Borrowed(b"")],
        }
    }

    /// The number of entries in a list.
    #[must_use]
    pub fn len(&self, kind: Kind) -> usize {
        match &self.shape {
            Shape::Lazy(lazy) => lazy.entries(kind).len(),
            Shape::Full { file, .. } => file.list(kind).len(),
        }
    }

    /// The name of an entry.
    ///
    /// # Panics
    /// If the entry does not exist.
    #[must_use]
    pub fn name(&self, kind: Kind, index: usize) -> &str {
        match &self.shape {
            Shape::Lazy(lazy) => lazy.name(&self.text, kind, index),
            Shape::Full { file, .. } => &file.list(kind)[index].name,
        }
    }

    /// The names of a list's entries, in the order of the text.
    pub fn names(&self, kind: Kind) -> impl Iterator<Item = &str> {
        (0..self.len(kind)).map(move |index| self.name(kind, index))
    }

    /// The place of an entry in its list.
    #[must_use]
    pub fn find(&self, kind: Kind, name: &str) -> Option<usize> {
        match &self.shape {
            Shape::Lazy(lazy) => lazy.find(&self.text, kind, name),
            Shape::Full { file, .. } => file.list(kind).iter().position(|entry| entry.name == name),
        }
    }

    /// The canonical body of an entry: the fields that kubectl knows.
    ///
    /// A file in kubectl's own style is scanned when it is opened; the body of an entry is decoded from its lines only
    /// when a command needs it, because prompts and switches read large files for one entry. The scanner accepts only
    /// what the decoder accepts (`tests/lazy_laws.rs`), but these are two readers, so the compiler cannot know that. If
    /// they ever disagreed, an empty body instead of the error would lose the entry's data in the next edit. So this is
    /// a `Result`, and so are all functions that need bodies.
    ///
    /// # Errors
    /// None for what [`Document::parse`] has accepted, unless the two readers disagree.
    ///
    /// # Panics
    /// If the entry does not exist.
    pub fn body(&self, kind: Kind, index: usize) -> Result<Cow<'_, Body>, ParseError> {
        match &self.shape {
            Shape::Lazy(lazy) => Ok(Cow::Owned(lazy.body(&self.text, kind, index)?)),
            Shape::Full { file, .. } => Ok(Cow::Borrowed(&file.list(kind)[index].body)),
        }
    }

    /// The value of an entry as written, with unknown fields and without client-go's conversions.
    ///
    /// # Errors
    /// As [`Document::body`].
    ///
    /// # Panics
    /// If the entry does not exist.
    pub fn value(&self, kind: Kind, index: usize) -> Result<Value, ParseError> {
        self.item_value(kind, index)
    }

    /// The place of an entry in the text.
    ///
    /// # Panics
    /// If the entry does not exist.
    #[must_use]
    pub fn span(&self, kind: Kind, index: usize) -> Span {
        match &self.shape {
            Shape::Lazy(lazy) => lazy.entries(kind)[index].span,
            Shape::Full { tree, file } => tree.node(file.list(kind)[index].node).span,
        }
    }

    /// `current-context`; may be empty.
    #[must_use]
    pub fn current_context(&self) -> &str {
        match &self.shape {
            Shape::Lazy(lazy) => lazy.current_context(&self.text),
            Shape::Full { file, .. } => &file.current_context,
        }
    }

    /// The canonical `preferences`.
    ///
    /// # Errors
    /// As [`Document::body`].
    pub fn preferences(&self) -> Result<Cow<'_, Body>, ParseError> {
        match &self.shape {
            Shape::Lazy(lazy) => Ok(Cow::Owned(lazy.preferences(&self.text)?)),
            Shape::Full { file, .. } => Ok(Cow::Borrowed(&file.preferences)),
        }
    }

    /// The canonical top-level `extensions`, sorted by name.
    ///
    /// # Errors
    /// As [`Document::body`].
    pub fn extensions(&self) -> Result<Cow<'_, [Value]>, ParseError> {
        match &self.shape {
            Shape::Lazy(lazy) => Ok(Cow::Owned(lazy.extensions(&self.text)?)),
            Shape::Full { file, .. } => Ok(Cow::Borrowed(&file.extensions)),
        }
    }

    /// True if [`Document::raw`] gives something.
    pub(super) fn is_outlined(&self) -> bool {
        matches!(self.shape, Shape::Lazy(_))
    }
}

/// True if kubectl may accept a text that kcx rejects: the error is after a complete JSON object, where kubectl stops
/// parsing, or kubectl's grammar has no error there, because of Unicode line ends or another known difference between the
/// parsers.
fn is_doubtful(text: &str, error: &ParseError) -> bool {
    const PARTINGS: [&str; 3] = [
        // A multi-line quoted text is not a key: for kubectl the mapping, and with it the document, ends before it.
        "invalid trailing content after",
        "invalid content after document end marker",
        // A block that starts in the first column.
        "simple key expected ':'",
    ];
    let breaks = text.contains(BREAKS);
    let part =
        matches!(&error.problem, Problem::Syntax(why) if PARTINGS.iter().any(|it| why.starts_with(it)));
    let behind = || {
        let mut json = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
        matches!(json.next(), Some(Ok(_)))
            && error.place.as_ref().is_some_and(|place| place.span.start >= json.byte_offset())
    };
    // `{cluster:}`: for kubectl the key ends there.
    let rest = error.place.as_ref().and_then(|place| text.get(place.span.start..)).unwrap_or_default();
    let colon = [":}", ":]", ":,"].iter().any(|it| rest.starts_with(it));
    colon
        || (breaks || part) && super::second::is_mapping(text)
        || text.trim_start().starts_with('{') && behind()
}
