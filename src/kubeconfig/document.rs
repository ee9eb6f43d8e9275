//! One kubeconfig file: its text, and what kubectl reads in it.
//!
//! The text is the truth and comes back byte for byte. Names and places are known at once; bodies are read when
//! somebody asks, because a kubeconfig is mostly certificates nobody looks at.

use super::decode::{self, Body, File};
use super::encoding::{self, Encoding};
use super::error::{ParseError, Problem};
use super::lazy::Lazy;
use super::parse;
use super::scan;
use super::schema::Kind;
use super::secret;
use super::span::Span;
use super::tree::{Content, Pair, Tree};
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

/// How much of the text has been read.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// Names and places, by the scanner.
    Lazy(Lazy),
    /// All of it, by the full parser.
    Full {
        /// The nodes.
        tree: Tree,
        /// What they mean.
        file: File,
    },
}

impl Document {
    /// Reads a kubeconfig's bytes; accepts and refuses the same bytes as kubectl.
    ///
    /// # Errors
    /// Everything for which kubectl refuses to load the file, with the place; values are never quoted.
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

    /// A YAML text that is no kubeconfig: it has no entries, only values.
    pub(super) fn plain(text: String) -> Result<Document, ParseError> {
        encoding::check(&text)?;
        let tree = parse::tree(&text)?;
        Ok(Document { text, encoding: Encoding::Utf8, shape: Shape::Full { tree, file: File::default() } })
    }

    /// Reads as much as there is sense in, and says all that is wrong: for who looks for mistakes. Nothing is wrong
    /// exactly where [`Document::parse`] reads the same bytes. What has a problem is left out of the document, so an
    /// edit of it would be an edit of something else.
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
                    let (field, found) = ("the kubeconfig".to_owned(), "a string");
                    error.problem = Problem::Type { field, want: "a mapping", found };
                    doubtful = false;
                }
                let mut problems = vec![error];
                // However that is read: what else is wrong, kubectl refuses.
                if let Some(tree) = parse::likely(&text).filter(|_| doubtful) {
                    problems.extend(decode::salvage(&text, &tree).1);
                }
                (None, problems)
            }
        }
    }

    /// Gives a range of the text other bytes. The reading is stale until [`Document::scan_again`].
    pub(super) fn splice(&mut self, span: Span, text: &str) {
        if span.is_empty() {
            self.text.reserve_exact(text.len());
            // Unlike the other, not byte by byte.
            return self.text.insert_str(span.start, text);
        }
        // No more than is needed: the default is to double what may have 30 MB.
        self.text.reserve_exact(text.len().saturating_sub(span.len()));
        self.text.replace_range(span.start..span.end, text);
    }

    /// Has the scanner read the text again, and gives its reading of what was there before; none, and nothing done, if
    /// the scanner did not read that, or does not read this.
    pub(super) fn scan_again(&mut self) -> Option<Lazy> {
        let Shape::Lazy(old) = &mut self.shape else { return None };
        let new = Lazy::new(&self.text, scan::skeleton(&self.text)?);
        Some(std::mem::replace(old, new))
    }

    /// The scanner's reading, if there is one.
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

    /// Its lines as anybody may see them: secrets are masked, control characters are replaced.
    #[must_use]
    pub fn masked_lines(&self) -> Vec<String> {
        super::masked_text::masked_lines(&self.text)
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

    /// How the text is stored.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The bytes of the file, exactly as they were read.
    #[must_use]
    pub fn render(&self) -> Vec<u8> {
        self.encoding.encode(&self.text)
    }

    /// The bytes of the file in two parts, without copying the text where it is stored as it is.
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
    /// If there is no such entry.
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
        self.names(kind).position(|known| known == name)
    }

    /// The canonical body of an entry: what kubectl knows of it.
    ///
    /// # Errors
    /// None for what [`Document::parse`] has accepted.
    ///
    /// # Panics
    /// If there is no such entry.
    pub fn body(&self, kind: Kind, index: usize) -> Result<Cow<'_, Body>, ParseError> {
        match &self.shape {
            Shape::Lazy(lazy) => Ok(Cow::Owned(lazy.body(&self.text, kind, index)?)),
            Shape::Full { file, .. } => Ok(Cow::Borrowed(&file.list(kind)[index].body)),
        }
    }

    /// The whole meaning of an entry, unknown fields too, as it is written: not decoded to what kubectl knows of it.
    ///
    /// # Errors
    /// None for what [`Document::parse`] has accepted.
    ///
    /// # Panics
    /// If there is no such entry.
    pub fn value(&self, kind: Kind, index: usize) -> Result<Value, ParseError> {
        self.item_value(kind, index)
    }

    /// Where an entry stands in the text.
    ///
    /// # Panics
    /// If there is no such entry.
    #[must_use]
    pub fn span(&self, kind: Kind, index: usize) -> Span {
        match &self.shape {
            Shape::Lazy(lazy) => lazy.entries(kind)[index].span,
            Shape::Full { tree, file } => tree.node(file.list(kind)[index].node).span,
        }
    }

    /// `current-context`, or empty.
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
    /// None for what [`Document::parse`] has accepted.
    pub fn preferences(&self) -> Result<Cow<'_, Body>, ParseError> {
        match &self.shape {
            Shape::Lazy(lazy) => Ok(Cow::Owned(lazy.preferences(&self.text)?)),
            Shape::Full { file, .. } => Ok(Cow::Borrowed(&file.preferences)),
        }
    }

    /// The canonical top-level `extensions`, sorted by name.
    ///
    /// # Errors
    /// None for what [`Document::parse`] has accepted.
    pub fn extensions(&self) -> Result<Cow<'_, [Value]>, ParseError> {
        match &self.shape {
            Shape::Lazy(lazy) => Ok(Cow::Owned(lazy.extensions(&self.text)?)),
            Shape::Full { file, .. } => Ok(Cow::Borrowed(&file.extensions)),
        }
    }

    /// The tree, with these entries open; the others may be folded.
    pub(super) fn tree(&self, open: &[(Kind, usize)]) -> Result<Cow<'_, Tree>, ParseError> {
        match &self.shape {
            Shape::Lazy(lazy) => Ok(Cow::Owned(lazy.tree(&self.text, open)?)),
            Shape::Full { tree, .. } => Ok(Cow::Borrowed(tree)),
        }
    }

    /// The top-level fields with their whole meaning, unknown ones too, but for the three lists.
    pub(super) fn top_values(&self) -> Result<Vec<(String, Value)>, ParseError> {
        match &self.shape {
            Shape::Lazy(lazy) => lazy.top_values(&self.text),
            Shape::Full { tree, .. } => {
                let Some(root) = tree.root() else { return Ok(Vec::new()) };
                let fields = tree.fields(&self.text, root)?;
                let known = |pair: &Pair<'_>| Kind::from_list(&pair.key).is_some();
                fields
                    .into_iter()
                    .filter(|pair| !known(pair))
                    .map(|pair| Ok((tree.value(&self.text, pair.value)?, pair)))
                    .map(|found| found.map(|(value, pair)| (pair.key.into_owned(), value)))
                    .collect()
            }
        }
    }

    /// The whole lines of an entry, where the text of an entry alone says what it means.
    pub(super) fn raw(&self, kind: Kind, index: usize) -> Option<&str> {
        match &self.shape {
            // Whether the file ends with its last line or behind it means nothing.
            Shape::Lazy(lazy) => Some(lazy.entries(kind)[index].span.of(&self.text).trim_end()),
            Shape::Full { .. } => None,
        }
    }

    /// The whole meaning of an entry, unknown fields too.
    pub(super) fn item_value(&self, kind: Kind, index: usize) -> Result<Value, ParseError> {
        match &self.shape {
            Shape::Lazy(lazy) => lazy.value(&self.text, kind, index),
            Shape::Full { tree, file } => tree.value(&self.text, file.list(kind)[index].node),
        }
    }

    /// True if [`Document::raw`] gives something.
    pub(super) fn is_outlined(&self) -> bool {
        matches!(self.shape, Shape::Lazy(_))
    }

    /// True if the text is JSON, or YAML written like it: the root is a flow mapping with quoted keys.
    pub(super) fn is_json(&self) -> bool {
        match &self.shape {
            Shape::Lazy(_) => false,
            Shape::Full { tree, .. } => tree.root().is_some_and(|root| match &tree.node(root).content {
                Content::Mapping { flow: true, pairs } => {
                    pairs.iter().all(|&(key, _)| tree.node(key).span.of(&self.text).starts_with('"'))
                }
                _ => false,
            }),
        }
    }
}

/// True if kubectl may read a text where kcx saw an error: because the error stands behind a whole JSON object, where kubectl
/// does not look, or because kubectl's grammar sees none, for its line breaks of Unicode or in one of the places where the
/// readers are known to part.
fn is_doubtful(text: &str, error: &ParseError) -> bool {
    const PARTINGS: [&str; 3] = [
        // A text in quotes over several lines is no key: for kubectl the mapping ends before it, and with it the document.
        "invalid trailing content after",
        "invalid content after document end marker",
        // A block that begins in the first column.
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
