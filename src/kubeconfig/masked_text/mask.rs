//! Finds the secrets of a kubeconfig that are masked for an editor, and assigns the masks.

use super::super::error::{self, ParseError};
use super::super::parse;
use super::super::schema::{Field, Kind, PREFERENCES, Redaction, Struct, Type};
use super::super::secret::{
    Secrecy, documents, is_secret_member, is_secret_variable, is_telling, shown_url, text,
};
use super::super::span::{Span, Style};
use super::super::tree::{Content, Node, NodeId, Pair, Tree};
use crate::yaml11::LINE_ENDS;
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
        let mut found = SecretFinder::found(text, tree)?;
        for part in documents::others(text, tree) {
            let own = part.of(text);
            let others = match parse::tree(own).and_then(|tree| SecretFinder::found(own, &tree)) {
                Ok(found) => found,
                Err(_) => lines(own),
            };
            let moved = |span: Span| Span::new(span.start + part.start, span.end + part.start);
            found.extend(others.into_iter().map(|(span, value)| (moved(span), value)));
        }
        found.retain(|(span, _)| part.start <= span.start && span.end <= part.end);
        found.sort_by_key(|(span, _)| *span);
        // The target of an alias is found more than once.
        found.dedup_by(|next, one| next.0.start < one.0.end);
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

/// The lines of a text with a `*` for each character of a secret, and without characters that a terminal obeys.
pub(in crate::kubeconfig) fn masked_lines(text: &str) -> Vec<String> {
    let masks = parse::tree(text).and_then(|tree| Masks::of(text, Span::new(0, text.len()), &tree));
    // It has been read before: this cannot happen.
    let Ok(masks) = masks else { return text.lines().map(error::mask).collect() };
    let (mut masked, mut done) = (String::with_capacity(text.len()), 0);
    for mask in masks.list {
        masked += &text[done..mask.span.start];
        masked.extend(mask.span.of(text).chars().map(|c| if c.is_whitespace() { c } else { '*' }));
        done = mask.span.end;
    }
    masked += &text[done..];
    masked.lines().map(|line| line.chars().map(error::visible).collect()).collect()
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

struct SecretFinder<'t> {
    text: &'t str,
    tree: &'t Tree,
    found: Vec<(Span, Value)>,
    /// The names of entries: they are shown as they are.
    names: HashSet<u32>,
}

impl<'t> SecretFinder<'t> {
    /// The possible secrets of a document, in no particular order and possibly with duplicates.
    fn found(text: &'t str, tree: &'t Tree) -> Result<Vec<(Span, Value)>, ParseError> {
        let mut finder = SecretFinder { text, tree, found: Vec::new(), names: HashSet::new() };
        if let Some(root) = tree.root() {
            finder.root(root)?;
        }
        finder.values()?;
        finder.comments();
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
                        if is_secret_variable(key) && key != "client-key" {
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

    /// Finds secrets in comments: fields that are commented out (`# token: abc`) and others.
    fn comments(&mut self) {
        let mut at = 0;
        let mut below = Below::Nothing;
        let mut found: Vec<(Span, Value)> = Vec::new();
        let mut scalars: Vec<Span> = Vec::new();
        let is_scalar = |node: &&Node| matches!(node.content, Content::Scalar { .. });
        scalars.extend(self.tree.nodes.iter().filter(is_scalar).map(|node| node.span));
        scalars.sort_unstable();
        let is_comment = |at: usize| {
            let before = scalars.partition_point(|span| span.start <= at).checked_sub(1);
            before.is_none_or(|before| scalars[before].end <= at)
        };
        for line in self.text.split_inclusive(LINE_ENDS) {
            let start = at;
            at += line.len();
            // The second half of CRLF.
            if line == "\n" && self.text[..start].ends_with('\r') {
                continue;
            }
            let Some((mark, own)) = comments(line).find(|(mark, _)| is_comment(start + mark)) else {
                below = Below::Nothing;
                continue;
            };
            let said = line[mark + 1..].trim_end();
            let indent = said.len() - said.trim_start().len();
            let from = start + mark + 1;
            let whole = Span::new(from + indent, from + said.len());
            match below {
                Below::Key if own => {
                    found.push((whole, Value::Null));
                    below = if said.contains("-----END ") { Below::Nothing } else { Below::Key };
                    continue;
                }
                Below::Field(field) if own && indent > field => {
                    found.push((whole, Value::Null));
                    continue;
                }
                _ => below = Below::Nothing,
            }
            let field = said.trim_start_matches(['#', ' ', '-']);
            if let Some((_, value)) = field.split_once(':').filter(|(key, _)| own && is_commented(key)) {
                match value.trim() {
                    "" | "|" | ">" | "|-" | ">-" | "|+" | ">+" => below = Below::Field(indent),
                    value => found.push((Span::new(whole.end - value.len(), whole.end), Value::Null)),
                }
                continue;
            }
            if said.contains("-----BEGIN ") && said.contains("KEY-----") && !said.contains("-----END ") {
                below = Below::Key;
            }
            let spans = text::spans(said).into_iter();
            found.extend(spans.map(|span| (Span::new(from + span.start, from + span.end), Value::Null)));
        }
        found.retain(|(span, _)| !span.is_empty());
        self.found.extend(found);
    }
}

/// The block that the next comment lines may belong to.
#[derive(Clone, Copy)]
enum Below {
    Nothing,
    /// A private key.
    Key,
    /// A field with this indentation.
    Field(usize),
}

/// The possible starts of a comment in a line, and whether only blanks precede the comment.
fn comments(line: &str) -> impl Iterator<Item = (usize, bool)> {
    let begin = line.len() - line.trim_start().len();
    let begins = move |at: usize| at == begin || line[..at].ends_with([' ', '\t']);
    line.match_indices('#').map(|(at, _)| at).filter(move |at| begins(*at)).map(move |at| (at, at == begin))
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

/// True if this is the name of a field for secrets.
fn is_commented(key: &str) -> bool {
    let is_name = key.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    is_name && (is_telling(key) || key.ends_with("-data"))
}
