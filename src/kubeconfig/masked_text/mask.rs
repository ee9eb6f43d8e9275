//! Finds the secrets of a kubeconfig that are masked for an editor, and assigns the masks.

use super::super::document::Document;
use super::super::error::{self, ParseError};
use super::super::parse;
use super::super::schema::key;
use super::super::schema::{Field, Kind, PREFERENCES, Redaction, Struct, Type};
use super::super::secret::{Secrecy, documents, is_secret_member, is_secret_variable, shown_url, text};
use super::super::span::{Span, Style};
use super::super::tree::{Content, Node, NodeId, Pair, Tree};
use super::comments;
use serde_json::Value;
use std::collections::HashSet;

/// A secret and the word that replaces it.
#[derive(Clone, Debug)]
pub(super) struct Mask {
    /// The replaced bytes; of a value in quotes, those between the quotes.
    pub(super) span: Span,
    /// The replacement, which does not occur in the original text.
    pub(super) word: String,
    /// The decoded value.
    pub(super) value: Value,
}

/// The masks of a text.
#[derive(Debug, Default)]
pub(super) struct Masks {
    /// The common prefix of all masks, which does not occur in the original text.
    stem: String,
    /// The masks in the order of the text.
    pub(super) list: Vec<Mask>,
}

impl Masks {
    /// The masks for this part of a text.
    pub(super) fn of(text: &str, part: Span, tree: &Tree) -> Result<Masks, ParseError> {
        let mut found = secrets(text, tree)?;
        found.retain(|(span, _)| part.start <= span.start && span.end <= part.end);
        let found = without_duplicates(found);
        let mut stem = "<masked-".to_owned();
        while text.contains(&stem) {
            stem.insert(1, '-');
        }
        let mask = |(at, (span, value))| Mask { span, word: format!("{stem}{}>", at + 1), value };
        Ok(Masks { list: found.into_iter().enumerate().map(mask).collect(), stem })
    }

    /// The first mask in a text from this offset on, with its offset.
    pub(super) fn next(&self, text: &str, from: usize) -> Option<(usize, &Mask)> {
        self.words(&text[from..]).find_map(|(at, word)| Some((from + at, self.find(word)?)))
    }

    /// A word in a text that has the form of a mask but does not exist.
    pub(super) fn unknown<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.words(text).map(|(_, word)| word).find(|word| self.find(word).is_none())
    }

    /// All words that have the form of a mask, with their offsets.
    fn words<'t>(&self, text: &'t str) -> impl Iterator<Item = (usize, &'t str)> {
        let starts = (!self.list.is_empty()).then(|| text.match_indices(self.stem.as_str()));
        starts.into_iter().flatten().filter_map(|(at, stem)| {
            let rest = &text[at + stem.len()..];
            let digits = rest.find(|c: char| !c.is_ascii_digit())?;
            rest[digits..].starts_with('>').then(|| (at, &text[at..=at + stem.len() + digits]))
        })
    }

    fn find(&self, word: &str) -> Option<&Mask> {
        let number: usize = word.strip_prefix(&self.stem)?.strip_suffix('>')?.parse().ok()?;
        self.list.get(number.checked_sub(1)?).filter(|mask| mask.word == word)
    }
}

/// The possible secrets of a text, also in the documents that kubectl does not read.
fn secrets(text: &str, tree: &Tree) -> Result<Vec<(Span, Value)>, ParseError> {
    let all = |text: &str| [Span::new(0, text.len())];
    let mut found = SecretFinder::found(text, tree, &all(text))?;
    for part in documents::others(text, tree) {
        let own = part.of(text);
        let others = match parse::tree(own).and_then(|tree| SecretFinder::found(own, &tree, &all(own))) {
            Ok(found) => found,
            Err(_) => lines(own),
        };
        let moved = |span: Span| Span::new(span.start + part.start, span.end + part.start);
        found.extend(others.into_iter().map(|(span, value)| (moved(span), value)));
    }
    Ok(found)
}

/// Sorted; the target of an alias is found more than once.
fn without_duplicates(mut found: Vec<(Span, Value)>) -> Vec<(Span, Value)> {
    found.sort_by_key(|(span, _)| *span);
    found.dedup_by(|next, one| next.0.start < one.0.end);
    found
}

/// See [`Document::masked_lines`]: a `*` for each character of a secret, and no characters that a terminal obeys.
pub(in crate::kubeconfig) fn masked_lines(document: &Document, parts: &[Span]) -> Vec<Vec<String>> {
    let text = document.text();
    // It has been read before: this cannot fail. Without the places of the secrets, every value is masked.
    let Ok(secrets) = secrets_near(document, parts) else {
        return parts.iter().map(|part| part.of(text).lines().map(error::mask).collect()).collect();
    };
    let masked = |part: &Span| {
        let (mut masked, mut done) = (String::with_capacity(part.len()), part.start);
        let first = secrets.partition_point(|(secret, _)| secret.end <= part.start);
        for (secret, _) in secrets[first..].iter().take_while(|(secret, _)| secret.start < part.end) {
            let secret = Span::new(secret.start.max(part.start), secret.end.min(part.end));
            masked += &text[done..secret.start];
            masked.extend(secret.of(text).chars().map(|c| if c.is_whitespace() { c } else { '*' }));
            done = secret.end;
        }
        masked += &text[done..part.end];
        masked.lines().map(|line| line.chars().map(error::visible).collect()).collect()
    };
    parts.iter().map(masked).collect()
}

/// The possible secrets of a document, at least all those in these parts. Of a text in the scanner's narrow style, only the
/// entries in the parts are searched: it may have 30 MB.
fn secrets_near(document: &Document, parts: &[Span]) -> Result<Vec<(Span, Value)>, ParseError> {
    let text = document.text();
    if !document.is_outlined() {
        return Ok(without_duplicates(secrets(text, &*document.tree_of(parts)?)?));
    }
    // A comment may say of the next one that it is a secret.
    let mut wider: Vec<Span> = Vec::new();
    for part in parts {
        let mut start = part.start;
        while let Some(line) =
            text[..start].strip_suffix('\n').map(|above| above.rfind('\n').map_or(0, |at| at + 1))
            && text[line..start].contains('#')
        {
            start = line;
        }
        match wider.last_mut() {
            Some(last) if start <= last.end => last.end = part.end,
            _ => wider.push(Span::new(start, part.end)),
        }
    }
    // There is one document only.
    Ok(without_duplicates(SecretFinder::found(text, &*document.tree_of(&wider)?, &wider)?))
}

/// The top-level extensions, treated like those of an entry.
static EXTENSIONS: Field = Field {
    name: "extensions",
    internal: "extensions",
    ty: Type::Extensions,
    always: false,
    redaction: Redaction::None,
    file: false,
};

/// True if an unknown key is nearly the name of a field that holds a secret, such as `tokn`.
fn is_slip(schema: &'static Struct, key: &str) -> bool {
    let slips = (key.chars().count() / 4).clamp(1, 3);
    let holds = |field: &Field| {
        !matches!(
            Secrecy::of(field),
            Secrecy::Open | Secrecy::Argument | Secrecy::Url | Secrecy::Name | Secrecy::Setting
        )
    };
    let key = key.to_lowercase();
    let is_near = |field: &Field| strsim::osa_distance(&key, &field.name.to_lowercase()) <= slips;
    schema.fields.iter().any(|field| is_near(field) && holds(field))
}

struct SecretFinder<'t> {
    text: &'t str,
    tree: &'t Tree,
    found: Vec<(Span, Value)>,
    /// The names of entries: they are shown as they are.
    names: HashSet<u32>,
}

impl<'t> SecretFinder<'t> {
    /// The possible secrets of a document, in no particular order and possibly with duplicates: those in what is open of the
    /// tree, and in the comments of these parts.
    fn found(text: &'t str, tree: &'t Tree, parts: &[Span]) -> Result<Vec<(Span, Value)>, ParseError> {
        let mut finder = SecretFinder { text, tree, found: Vec::new(), names: HashSet::new() };
        if let Some(root) = tree.root() {
            finder.root(root)?;
        }
        finder.values()?;
        finder.found.extend(comments::secrets(text, tree, parts));
        Ok(finder.found)
    }

    /// Finds secrets by field name and inside text; also in fields that a duplicate or a merge key overrides.
    fn values(&mut self) -> Result<(), ParseError> {
        let pairs = |node: &Node| match &node.content {
            Content::Mapping { pairs, .. } => pairs.iter().map(|&(key, _)| key.0).collect(),
            _ => Vec::new(),
        };
        // Keys are not masked.
        let keys: HashSet<u32> = self.tree.nodes.iter().flat_map(pairs).collect();
        for at in 0..self.tree.nodes.len() {
            match &self.tree.nodes[at].content {
                Content::Mapping { pairs, .. } => {
                    for &(key, value) in pairs {
                        let key = self.text(key);
                        // `client-key` is a path, not a secret.
                        if is_secret_variable(key) && key != key::CLIENT_KEY {
                            self.all(value)?;
                        }
                    }
                }
                Content::Scalar { .. } => {
                    let id = NodeId(u32::try_from(at).unwrap_or_default());
                    if !keys.contains(&id.0)
                        && !self.names.contains(&id.0)
                        && !text::spans(self.text(id)).is_empty()
                    {
                        self.all(id)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn root(&mut self, root: NodeId) -> Result<(), ParseError> {
        let fields = self.tree.fields(self.text, root)?;
        let is_secret = |pair: &Pair<'_>| pair.key == "kind" && self.text(pair.value) == "Secret";
        let manifest = fields.iter().any(is_secret);
        if fields.is_empty() {
            self.setting(false, root)?;
        }
        for Pair { key, value, .. } in fields {
            match Kind::from_list(&key) {
                None if manifest && matches!(&*key, "data" | "stringData") => self.all(value)?,
                Some(kind) => self.list(kind, value)?,
                None if key == "preferences" => self.body(value, &PREFERENCES)?,
                None if key == "extensions" => self.field(&EXTENSIONS, value)?,
                None if key == "current-context" => drop(self.names.insert(value.0)),
                None => self.member(false, None, &key, value)?,
            }
        }
        Ok(())
    }

    fn list(&mut self, kind: Kind, list: NodeId) -> Result<(), ParseError> {
        for &item in self.tree.items(list).unwrap_or_default() {
            for Pair { key, value, .. } in self.tree.fields(self.text, item)? {
                match &*key {
                    key if key == kind.word() => self.body(value, kind.body())?,
                    "name" => drop(self.names.insert(value.0)),
                    key => self.member(false, None, key, value)?,
                }
            }
        }
        Ok(())
    }

    fn body(&mut self, body: NodeId, schema: &'static Struct) -> Result<(), ParseError> {
        for Pair { key, value, .. } in self.tree.fields(self.text, body)? {
            match schema.find(&key) {
                Some(field) => self.field(field, value)?,
                None if is_slip(schema, &key) => self.all(value)?,
                None => self.member(false, None, &key, value)?,
            }
        }
        Ok(())
    }

    fn field(&mut self, field: &'static Field, value: NodeId) -> Result<(), ParseError> {
        match (Secrecy::of(field), field.ty) {
            (Secrecy::Open, Type::Struct(schema)) => self.body(value, schema),
            (Secrecy::Open, _) => Ok(()),
            (Secrecy::Argument, _) => self.arguments(value),
            (Secrecy::Url, _) => match self.text(value) {
                url if shown_url(url) != url => self.all(value),
                _ => Ok(()),
            },
            (Secrecy::Name, _) => {
                self.names.insert(value.0);
                Ok(())
            }
            (Secrecy::Setting, _) => self.setting(false, value),
            _ => self.all(value),
        }
    }

    fn arguments(&mut self, list: NodeId) -> Result<(), ParseError> {
        let items = self.tree.items(list).unwrap_or_default();
        let arguments: Vec<&str> = items.iter().map(|&item| self.text(item)).collect();
        for (at, _) in text::of_arguments(&arguments) {
            self.all(items[at])?;
        }
        Ok(())
    }

    /// The text of a scalar; empty for any other node.
    fn text(&self, value: NodeId) -> &str {
        self.tree.scalar(self.text, self.tree.follow(value)).unwrap_or_default()
    }

    /// A member of a setting, or a field that kubectl does not know.
    fn member(
        &mut self,
        outer: bool,
        variable: Option<&str>,
        key: &str,
        value: NodeId,
    ) -> Result<(), ParseError> {
        match is_secret_member(outer, variable, key) {
            false if key == "args" => self.arguments(value),
            secret => self.setting(secret, value),
        }
    }

    /// A value of any shape; `secret` tells whether the names on the way to it say that it is a secret.
    fn setting(&mut self, secret: bool, value: NodeId) -> Result<(), ParseError> {
        for &item in self.tree.items(value).unwrap_or_default() {
            self.setting(secret, item)?;
        }
        let fields = self.tree.fields(self.text, value)?;
        let variable =
            fields.iter().find(|pair| pair.key == "name").map(|pair| self.text(pair.value).to_owned());
        for Pair { key, value, .. } in fields {
            self.member(secret, variable.as_deref(), &key, value)?;
        }
        let is_scalar = matches!(self.tree.node(self.tree.follow(value)).content, Content::Scalar { .. });
        if secret && is_scalar { self.all(value) } else { Ok(()) }
    }

    /// Masks every scalar in a value.
    fn all(&mut self, value: NodeId) -> Result<(), ParseError> {
        let id = self.tree.follow(value);
        for &item in self.tree.items(id).unwrap_or_default() {
            self.all(item)?;
        }
        for Pair { value, .. } in self.tree.fields(self.text, id)? {
            self.all(value)?;
        }
        let node = self.tree.node(id);
        let Content::Scalar { style, .. } = node.content else { return Ok(()) };
        let span = match style {
            Style::Single | Style::Double => Span::new(node.span.start + 1, node.span.end - 1),
            // The span of a block scalar may include trailing line ends. Blanks at the end of its last line are a part of it.
            _ => {
                let own = node.span.of(self.text);
                let (content, rest) = own.split_at(own.trim_end().len());
                let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
                Span::new(node.span.start, node.span.start + content.len() + blanks)
            }
        };
        if !span.is_empty() {
            self.found.push((span, self.tree.value(self.text, id)?));
        }
        Ok(())
    }
}

/// The possible secrets in a document that is not valid YAML: the text after each colon, and lines without a colon.
fn lines(text: &str) -> Vec<(Span, Value)> {
    let (mut found, mut at) = (Vec::new(), 0);
    for line in text.split_inclusive('\n') {
        let begin = at;
        at += line.len();
        let marked = line.strip_prefix("---").map_or(0, |_| 3);
        let own = &line[marked..];
        let from = marked + own.find(": ").map_or(0, |colon| colon + 2);
        let from = from + line[from..].len() - line[from..].trim_start().len();
        let end = line.trim_end().len();
        if from < end && !line[..end].ends_with(':') && !line.starts_with('%') {
            found.push((Span::new(begin + from, begin + end), Value::Null));
        }
    }
    found
}
