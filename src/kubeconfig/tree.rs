//! The nodes of a YAML document, their places in the text, and their meaning for kubectl.
//!
//! The tree contains the syntax. [`Tree::fields`] returns a mapping as go-yaml v2 decodes it (merge keys applied, the last of
//! equal keys wins), [`Tree::value`] a node as JSON. The tree is independent of the parser that made it.

mod check;

use super::error::{ParseError, Problem};
use super::span::{Span, Style};
use crate::yaml11::{self, LINE_ENDS, Plain};
use serde_json::{Map, Number, Value};
use std::borrow::Cow;

/// A node of one [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NodeId(pub(super) u32);

/// One node.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its bytes, without anchor and tag. A block collection ends with its last descendant.
    pub span: Span,
    /// An anchor or a tag precedes it.
    pub properties: bool,
    /// It has an anchor.
    pub anchored: bool,
    /// Its full tag.
    pub tag: Option<Box<str>>,
    /// Its content.
    pub content: Content,
}

/// The content of a node.
#[derive(Clone, Debug)]
pub enum Content {
    /// A scalar.
    Scalar {
        /// The text after unescaping and folding; `None` if it equals the bytes of the span.
        text: Option<Box<str>>,
        /// Its style.
        style: Style,
    },
    /// A sequence.
    Sequence {
        /// True for a flow sequence.
        flow: bool,
        /// The items.
        items: Vec<NodeId>,
    },
    /// A mapping.
    Mapping {
        /// True for a flow mapping.
        flow: bool,
        /// Keys and values, in the order of the text.
        pairs: Vec<(NodeId, NodeId)>,
    },
    /// An alias of another node.
    Alias(NodeId),
    /// A block collection that was not parsed yet; only its span is known.
    Folded,
}

/// One field of a mapping, as kubectl reads it.
#[derive(Clone, Debug)]
pub struct Pair<'t> {
    /// The key as a string.
    pub key: Cow<'t, str>,
    /// The key's node.
    pub key_node: NodeId,
    /// The value's node.
    pub value: NodeId,
}

/// A document's nodes.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) root: Option<NodeId>,
    pub(super) aliases: usize,
}

impl Tree {
    /// The root; `None` for an empty document.
    #[must_use]
    pub fn root(&self) -> Option<NodeId> {
        self.root
    }

    /// The node; aliases are not followed.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The target of an alias; for any other node, the node itself.
    #[must_use]
    pub fn follow(&self, id: NodeId) -> NodeId {
        match self.node(id).content {
            Content::Alias(target) => target,
            _ => id,
        }
    }

    /// True if an alias refers to this node.
    #[must_use]
    pub fn is_aliased(&self, id: NodeId) -> bool {
        self.node(id).anchored
            && self.aliases > 0
            && self.nodes.iter().any(|node| matches!(node.content, Content::Alias(target) if target == id))
    }

    /// The text of a scalar.
    #[must_use]
    pub fn scalar<'t>(&'t self, source: &'t str, id: NodeId) -> Option<&'t str> {
        match &self.node(id).content {
            Content::Scalar { text: Some(text), .. } => Some(text),
            Content::Scalar { text: None, .. } => Some(self.node(id).span.of(source)),
            _ => None,
        }
    }

    /// The items of a sequence.
    #[must_use]
    pub fn items(&self, id: NodeId) -> Option<&[NodeId]> {
        match &self.node(self.follow(id)).content {
            Content::Sequence { items, .. } => Some(items),
            _ => None,
        }
    }

    /// The pairs of a mapping, as written.
    #[must_use]
    pub fn pairs(&self, id: NodeId) -> Option<&[(NodeId, NodeId)]> {
        match &self.node(self.follow(id)).content {
            Content::Mapping { pairs, .. } => Some(pairs),
            _ => None,
        }
    }

    /// The meaning of a scalar; `None` for collections.
    pub(super) fn meaning(&self, source: &str, id: NodeId) -> Option<Plain> {
        let node = self.node(id);
        let Content::Scalar { style, .. } = node.content else { return None };
        let text = self.scalar(source, id)?;
        Some(match node.tag.as_deref() {
            None if style == Style::Plain => yaml11::plain(text),
            None => Plain::Str,
            Some(tag) => match core_tag(tag) {
                Some("bool" | "int" | "null") => yaml11::plain(text),
                Some("float") => match yaml11::plain(text) {
                    Plain::Int(value) => Plain::Float(value as f64),
                    Plain::Uint(value) => Plain::Float(value as f64),
                    other => other,
                },
                _ => Plain::Str,
            },
        })
    }

    /// The fields of a mapping as go-yaml v2 decodes it: merge keys apply at their position, and the last of equal keys wins.
    ///
    /// # Errors
    /// A merge key whose value is not a mapping, or a key that is not a string.
    pub fn fields<'t>(&'t self, source: &'t str, id: NodeId) -> Result<Vec<Pair<'t>>, ParseError> {
        let mut fields = Vec::new();
        self.collect(source, id, &mut fields)?;
        Ok(fields)
    }

    fn collect<'t>(
        &'t self,
        source: &'t str,
        id: NodeId,
        fields: &mut Vec<Pair<'t>>,
    ) -> Result<(), ParseError> {
        for &(key_node, value) in self.pairs(id).unwrap_or_default() {
            if self.is_merge(source, key_node) {
                let bad = || ParseError::at(source, self.node(value).span, Problem::Merge);
                let target = self.follow(value);
                match &self.node(target).content {
                    Content::Mapping { .. } => self.collect(source, target, fields)?,
                    // The first mapping of the list takes precedence.
                    Content::Sequence { items, .. } => {
                        for &item in items.iter().rev() {
                            self.pairs(item).ok_or_else(bad)?;
                            self.collect(source, self.follow(item), fields)?;
                        }
                    }
                    _ => return Err(bad()),
                }
                continue;
            }
            let key = self.key(source, key_node)?;
            match fields.iter_mut().find(|pair| pair.key == key) {
                Some(pair) => (pair.key_node, pair.value) = (key_node, value),
                None => fields.push(Pair { key, key_node, value }),
            }
        }
        Ok(())
    }

    pub(super) fn is_merge(&self, source: &str, key: NodeId) -> bool {
        let node = self.node(key);
        matches!(node.content, Content::Scalar { style: Style::Plain, .. })
            && self.scalar(source, key) == Some("<<")
            && node.tag.as_deref().is_none_or(|tag| core_tag(tag) == Some("merge"))
    }

    /// A key as the string to which sigs.k8s.io/yaml converts it.
    fn key<'t>(&'t self, source: &'t str, key_node: NodeId) -> Result<Cow<'t, str>, ParseError> {
        let id = self.follow(key_node);
        let bad = |found| ParseError::at(source, self.node(key_node).span, Problem::Key(found));
        self.scalar(source, id).ok_or_else(|| bad("a list or a mapping"))?;
        Ok(match self.meaning(source, id) {
            None | Some(Plain::Str) => self.string(source, id)?,
            Some(Plain::Null) => return Err(bad("null")),
            Some(Plain::Bool(value)) => Cow::Owned(value.to_string()),
            Some(Plain::Int(value)) => Cow::Owned(value.to_string()),
            Some(Plain::Uint(_)) => return Err(bad("a number larger than 2^63-1")),
            // sigs.k8s.io/yaml keeps only the precision of a 32-bit float.
            Some(Plain::Float(value)) => Cow::Owned(match value as f32 {
                value if value.is_nan() => ".nan".to_owned(),
                f32::INFINITY => ".inf".to_owned(),
                f32::NEG_INFINITY => "-.inf".to_owned(),
                value => general(value),
            }),
        })
    }

    /// A node as the JSON that kubectl decodes; mappings in the order of the text.
    ///
    /// # Errors
    /// A value that kubectl cannot convert to JSON.
    pub fn value(&self, source: &str, id: NodeId) -> Result<Value, ParseError> {
        let id = self.follow(id);
        let node = self.node(id);
        let at = |problem| ParseError::at(source, node.span, problem);
        Ok(match &node.content {
            Content::Sequence { items, .. } => {
                Value::Array(items.iter().map(|&item| self.value(source, item)).collect::<Result<_, _>>()?)
            }
            Content::Mapping { .. } => {
                let mut map = Map::new();
                for pair in self.fields(source, id)? {
                    map.insert(pair.key.into_owned(), self.value(source, pair.value)?);
                }
                Value::Object(map)
            }
            Content::Alias(_) | Content::Folded => Value::Null,
            Content::Scalar { .. } => {
                match self.meaning(source, id) {
                    Some(Plain::Null) => Value::Null,
                    Some(Plain::Bool(value)) => Value::Bool(value),
                    Some(Plain::Int(value)) => Value::from(value),
                    Some(Plain::Uint(value)) => Value::from(value),
                    // JSON has a single number type: 1.0 is 1, and -0 is 0.
                    Some(Plain::Float(value)) => {
                        Number::from_f64(value + 0.0).map(number).ok_or_else(|| at(Problem::NotFinite))?
                    }
                    Some(Plain::Str) | None => Value::String(self.string(source, id)?.into_owned()),
                }
            }
        })
    }

    /// A string scalar, with `!!binary` decoded.
    pub(super) fn string<'t>(&'t self, source: &'t str, id: NodeId) -> Result<Cow<'t, str>, ParseError> {
        let text = self.scalar(source, id).unwrap_or_default();
        if self.node(id).tag.as_deref().and_then(core_tag) != Some("binary") {
            return Ok(Cow::Borrowed(text));
        }
        let bad = || ParseError::at(source, self.node(id).span, Problem::Tag("!!binary".to_owned()));
        let bytes = crate::codec::base64::decode(text).map_err(|_| bad())?;
        // Go replaces invalid UTF-8 when it writes JSON.
        Ok(Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()))
    }
}

/// True for a block scalar whose last line is the last line of the text, without a line end.
pub(super) fn is_open_block(source: &str, node: &Node) -> bool {
    matches!(node.content, Content::Scalar { style: Style::Literal | Style::Folded, .. })
        && !source.ends_with(LINE_ENDS)
        && !source[node.span.end..].contains(LINE_ENDS)
}

/// In JSON, `1.0` and `1` are equal; Go writes both as `1`.
fn number(value: Number) -> Value {
    match value.as_f64() {
        Some(float) if float.fract() == 0.0 && float.abs() < 1e15 => Value::from(float as i64),
        _ => Value::Number(value),
    }
}

/// Go's `FormatFloat(value, 'g', -1, 32)`.
fn general(value: f32) -> String {
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..6).contains(&exponent) => {
            format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
        }
        _ => value.to_string(),
    }
}

/// The name of a tag defined by YAML, such as `str`.
pub(super) fn core_tag(tag: &str) -> Option<&str> {
    tag.strip_prefix("tag:yaml.org,2002:")
}
