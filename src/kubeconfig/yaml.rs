//! YAML files other than kubeconfigs, parsed with the same rules and error messages.

use super::encoding;
use super::error::{LineIndex, ParseError};
use super::parse;
use super::second;
use super::span::Span;
use super::tree::{NodeId, Tree};
use serde_json::Value;
use std::collections::HashSet;

/// A YAML document: its text and its nodes.
#[derive(Clone, Debug)]
pub struct Yaml {
    text: String,
    tree: Tree,
}

/// True if kubectl's YAML grammar (libyaml's) rejects the first document of a text; then no parser accepts it.
#[must_use]
pub fn is_refused(text: &[u8]) -> bool {
    encoding::decode(text.to_vec()).is_ok_and(|(text, _)| second::is_refused(&text))
}

/// One value of a [`Yaml`] document.
#[derive(Clone, Copy, Debug)]
pub struct Part<'y> {
    yaml: &'y Yaml,
    id: NodeId,
}

/// A field of a mapping: the key, the place of the key, the value.
pub type Field<'y> = (String, Span, Part<'y>);

impl Yaml {
    /// Parses a text.
    ///
    /// # Errors
    /// Bytes that are not text, or invalid YAML.
    ///
    /// ```
    /// use kcx::kubeconfig::yaml::Yaml;
    /// let yaml = Yaml::parse(b"picker: fzf # quick\n".to_vec())?;
    /// let fields = yaml.root().unwrap().fields()?.unwrap();
    /// assert_eq!((fields[0].0.as_str(), fields[0].2.value()?), ("picker", "fzf".into()));
    /// # Ok::<(), kcx::kubeconfig::ParseError>(())
    /// ```
    pub fn parse(bytes: Vec<u8>) -> Result<Yaml, ParseError> {
        let (text, _) = encoding::decode(bytes)?;
        encoding::check(&text)?;
        let tree = parse::tree(&text)?;
        Ok(Yaml { text, tree })
    }

    /// The text, without a byte order mark.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The duplicate keys of mappings, each with the line of its later value, from 1: the errors of go-yaml's strict decoder,
    /// in its order.
    #[must_use]
    pub fn repeated(&self) -> Vec<(String, usize)> {
        let mut found = Vec::new();
        if let Some(root) = self.tree.root() {
            self.repeated_in(root, &mut found);
        }
        let lines = LineIndex::of(&self.text);
        found.into_iter().map(|(key, at)| (key, lines.line(at))).collect()
    }

    fn repeated_in(&self, id: NodeId, found: &mut Vec<(String, usize)>) {
        if let Some(items) = self.tree.items(id).filter(|_| self.tree.follow(id) == id) {
            items.iter().for_each(|&item| self.repeated_in(item, found));
        }
        let mut seen = HashSet::new();
        for &(key, value) in self.tree.pairs(id).filter(|_| self.tree.follow(id) == id).unwrap_or_default() {
            self.repeated_in(value, found);
            let Some(name) = self.tree.scalar(&self.text, self.tree.follow(key)) else { continue };
            if !seen.insert(name) {
                found.push((name.to_owned(), self.tree.node(value).span.start));
            }
        }
    }

    /// The root value; `None` for an empty document.
    #[must_use]
    pub fn root(&self) -> Option<Part<'_>> {
        self.tree.root().map(|id| Part { yaml: self, id })
    }
}

impl<'y> Part<'y> {
    /// The place of the value.
    #[must_use]
    pub fn span(self) -> Span {
        self.yaml.tree.node(self.id).span
    }

    /// The fields of a mapping: the key, its place, the value; `None` for other values.
    ///
    /// # Errors
    /// A key that is not a string.
    pub fn fields(self) -> Result<Option<Vec<Field<'y>>>, ParseError> {
        let Yaml { text, tree } = self.yaml;
        if tree.pairs(self.id).is_none() {
            return Ok(None);
        }
        let fields = tree.fields(text, self.id)?.into_iter().map(|pair| {
            let value = Part { yaml: self.yaml, id: pair.value };
            (pair.key.into_owned(), tree.node(pair.key_node).span, value)
        });
        Ok(Some(fields.collect()))
    }

    /// The items of a list; `None` for other values.
    #[must_use]
    pub fn items(self) -> Option<Vec<Part<'y>>> {
        let items = self.yaml.tree.items(self.id)?;
        Some(items.iter().map(|&id| Part { yaml: self.yaml, id }).collect())
    }

    /// The value as JSON.
    ///
    /// # Errors
    /// A value that JSON cannot represent.
    pub fn value(self) -> Result<Value, ParseError> {
        self.yaml.tree.value(&self.yaml.text, self.id)
    }
}
