//! What in a kubeconfig is masked for an editor, and the words that stand there instead.

use super::super::error::ParseError;
use super::super::schema::{Field, Kind, PREFERENCES, Secret, Struct, Type};
use super::super::secret::{Secrecy, is_telling, shown_url, text};
use super::super::span::{Span, Style};
use super::super::tree::{Content, NodeId, Pair, Tree};
use serde_json::Value;

/// A secret and the word in its place.
#[derive(Clone, Debug)]
pub(super) struct Mask {
    /// The bytes it takes the place of: of a value in quotes, those between them.
    pub(super) span: Span,
    /// The word; no other text of the kubeconfig has it.
    pub(super) word: String,
    /// What the value means.
    pub(super) value: Value,
}

/// The masks of a text.
#[derive(Debug, Default)]
pub(super) struct Masks {
    /// What all words begin with: no other text of the kubeconfig does.
    stem: String,
    /// In the order of the text.
    pub(super) list: Vec<Mask>,
}

impl Masks {
    /// All that there are to be in this part of a text.
    pub(super) fn of(text: &str, part: Span, tree: &Tree) -> Result<Masks, ParseError> {
        let mut seeker = Seeker { text, tree, found: Vec::new() };
        if let Some(root) = tree.root() {
            seeker.root(root)?;
        }
        seeker.comments();
        let mut found = seeker.found;
        found.retain(|(span, _)| part.start <= span.start && span.end <= part.end);
        found.sort_by_key(|(span, _)| *span);
        // What is repeated by an alias is found more than once.
        found.dedup_by(|next, one| next.0.start < one.0.end);
        let mut stem = "<masked-".to_owned();
        while text.contains(&stem) {
            stem.insert(1, '-');
        }
        let mask = |(at, (span, value))| Mask { span, word: format!("{stem}{}>", at + 1), value };
        Ok(Masks { list: found.into_iter().enumerate().map(mask).collect(), stem })
    }

    /// The first mask in a text from here on, and where it stands.
    pub(super) fn next(&self, text: &str, from: usize) -> Option<(usize, &Mask)> {
        self.words(&text[from..]).find_map(|(at, word)| Some((from + at, self.find(word)?)))
    }

    /// A word in a text that looks like a mask, and is none.
    pub(super) fn unknown<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.words(text).map(|(_, word)| word).find(|word| self.find(word).is_none())
    }

    /// All that look like masks, and where they stand.
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

/// Those at the top, which are like those of any entry.
static EXTENSIONS: Field = Field {
    name: "extensions",
    internal: "extensions",
    ty: Type::Extensions,
    always: false,
    secret: Secret::No,
    file: false,
};

struct Seeker<'t> {
    text: &'t str,
    tree: &'t Tree,
    found: Vec<(Span, Value)>,
}

impl Seeker<'_> {
    fn root(&mut self, root: NodeId) -> Result<(), ParseError> {
        for Pair { key, value, .. } in self.tree.fields(self.text, root)? {
            match Kind::from_list(&key) {
                Some(kind) => self.list(kind, value)?,
                None if key == "preferences" => self.body(value, &PREFERENCES)?,
                None if key == "extensions" => self.field(&EXTENSIONS, value)?,
                None => self.unknown(&key, value)?,
            }
        }
        Ok(())
    }

    fn list(&mut self, kind: Kind, list: NodeId) -> Result<(), ParseError> {
        for &item in self.tree.items(list).unwrap_or_default() {
            for Pair { key, value, .. } in self.tree.fields(self.text, item)? {
                match &*key {
                    key if key == kind.word() => self.body(value, kind.body())?,
                    "name" => {}
                    key => self.unknown(key, value)?,
                }
            }
        }
        Ok(())
    }

    fn body(&mut self, body: NodeId, schema: &'static Struct) -> Result<(), ParseError> {
        for Pair { key, value, .. } in self.tree.fields(self.text, body)? {
            match schema.find(&key) {
                Some(field) => self.field(field, value)?,
                None => self.unknown(&key, value)?,
            }
        }
        Ok(())
    }

    /// All that may be a secret: variables, extensions and the settings of auth providers may hold one under any name.
    fn field(&mut self, field: &'static Field, value: NodeId) -> Result<(), ParseError> {
        match (Secrecy::of(field), field.ty) {
            (Secrecy::Open, Type::Struct(schema)) => self.body(value, schema),
            (Secrecy::Open, _) => Ok(()),
            (Secrecy::Argument, _) => self.arguments(value),
            (Secrecy::Url, _) => match self.text(value) {
                url if shown_url(url) != url => self.all(value),
                _ => Ok(()),
            },
            (Secrecy::Text, Type::Structs(_) | Type::Extensions) => {
                for &item in self.tree.items(value).unwrap_or_default() {
                    for Pair { key, value, .. } in self.tree.fields(self.text, item)? {
                        if key != "name" {
                            self.all(value)?;
                        }
                    }
                }
                Ok(())
            }
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

    /// The text of a scalar; empty for everything else.
    fn text(&self, value: NodeId) -> &str {
        self.tree.scalar(self.text, self.tree.follow(value)).unwrap_or_default()
    }

    /// A field that kubectl does not know, with whatever it holds.
    fn unknown(&mut self, key: &str, value: NodeId) -> Result<(), ParseError> {
        if is_telling(key) {
            return self.all(value);
        }
        for &item in self.tree.items(value).unwrap_or_default() {
            self.unknown("", item)?;
        }
        for Pair { key, value, .. } in self.tree.fields(self.text, value)? {
            self.unknown(&key, value)?;
        }
        Ok(())
    }

    /// Every scalar in here.
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
            // Lines that are left behind it are its own still.
            _ => Span::new(node.span.start, node.span.start + node.span.of(self.text).trim_end().len()),
        };
        if !span.is_empty() {
            self.found.push((span, self.tree.value(self.text, id)?));
        }
        Ok(())
    }

    /// `# token: abc`: what was a field once.
    fn comments(&mut self) {
        let (mut at, mut found) = (0, Vec::new());
        let is_comment = |at: usize| {
            let holds = |span: Span| span.start <= at && at < span.end;
            let mut nodes = self.tree.nodes.iter();
            !nodes.any(|node| matches!(node.content, Content::Scalar { .. }) && holds(node.span))
        };
        for line in self.text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let said = line.trim_start().trim_start_matches(['#', ' ', '-']);
            let Some((key, value)) = said.split_once(':') else { continue };
            let value = value.trim();
            if line.trim_start().starts_with('#') && is_commented(key) && !value.is_empty() {
                let begin = start + line.len() - said.len() + key.len() + 1;
                let begin = begin + self.text[begin..].len() - self.text[begin..].trim_start().len();
                if is_comment(begin) {
                    found.push((Span::new(begin, begin + value.len()), Value::Null));
                }
            }
        }
        self.found.extend(found);
    }
}

/// The name of a field that holds a secret.
fn is_commented(key: &str) -> bool {
    let is_name = key.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    is_name && (is_telling(key) || key.ends_with("-data"))
}
