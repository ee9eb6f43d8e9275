//! One document of a kuberc as a value, as Go's YAML and JSON decoders parse it.

use crate::kubeconfig::error::{ParseError, Problem};
use crate::kubeconfig::yaml::{self, Yaml};
use crate::printer::quote::go;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt;

/// A value, with the distinctions that preferences need.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// Null.
    Null,
    /// A string.
    Text(String),
    /// A number or a boolean.
    Other,
    /// A list.
    List(Vec<Node>),
    /// Fields in the order in which Go decodes them: as written in JSON, sorted in YAML. Only JSON can have duplicate
    /// names.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The string; `Some(None)` for a null, `None` for another type.
    pub(super) fn text(&self) -> Option<Option<&str>> {
        match self {
            Node::Null => Some(None),
            Node::Text(text) => Some(Some(text)),
            _ => None,
        }
    }

    /// Stores the string in `place`, or leaves it unchanged for a null. `None` for another type.
    pub(super) fn set(&self, place: &mut String) -> Option<()> {
        if let Some(text) = self.text()? {
            text.clone_into(place);
        }
        Some(())
    }

    /// A list of strings, empty for a null; `None` for anything else.
    pub(super) fn texts(&self) -> Option<Vec<String>> {
        match self {
            Node::Null => Some(Vec::new()),
            Node::List(items) => {
                items.iter().map(|item| Some(item.text()?.unwrap_or_default().to_owned())).collect()
            }
            _ => None,
        }
    }
}

/// Why a document has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// kubectl rejects it too.
    Refused,
    /// kubectl may accept it, but kcx cannot parse it.
    Unsure {
        /// The line of the document, from 1.
        line: usize,
        /// The reason.
        why: String,
    },
}

/// Parses a document; also returns what kubectl complains about but accepts.
pub(super) fn read(document: &[u8]) -> Result<(Node, Vec<String>), Unread> {
    let start = String::from_utf8_lossy(document);
    if start.trim_start().starts_with('{') {
        return Ok((json(&start)?, Vec::new()));
    }
    // The line reader ends every line with a line break, the last one too.
    let mut text = document.to_vec();
    if !text.ends_with(b"\n") {
        text.push(b'\n');
    }
    let yaml = Yaml::parse(text.clone()).map_err(|error| unread(&error, &text))?;
    let root = yaml.root().ok_or(Unread::Refused)?;
    let value = root.value().map_err(|error| unread(&error, &text))?;
    let twice = yaml.repeated();
    let complaint = (!twice.is_empty()).then(|| {
        let line =
            |(key, line): &(String, usize)| format!("\n  line {line}: key {} already set in map", go(key));
        format!("yaml: unmarshal errors:{}", twice.iter().map(line).collect::<String>())
    });
    Ok((of(value), complaint.into_iter().collect()))
}

/// True if kubectl's parser certainly fails where kcx's did.
fn unread(error: &ParseError, text: &[u8]) -> Unread {
    let end = error.place.as_ref().map_or(text.len(), |place| place.span.start.min(text.len()));
    // After `...` kubectl checks little or nothing for characters that YAML forbids.
    let ended = || text[..end].split(|&byte| byte == b'\n').any(|line| line.starts_with(b"..."));
    let sure = match &error.problem {
        Problem::Syntax(_) => yaml::is_refused(text),
        Problem::Encoding(_) | Problem::Control(_) => !ended(),
        Problem::Version
        | Problem::Aliases
        | Problem::Cycle
        | Problem::Merge
        | Problem::Key(_)
        | Problem::NotFinite
        | Problem::Tag(_) => true,
        _ => false,
    };
    let line = error.place.as_ref().map_or(1, |place| place.position.line);
    if sure { Unread::Refused } else { Unread::Unsure { line, why: error.problem.to_string() } }
}

/// sigs.k8s.io/yaml converts YAML to JSON with sorted keys.
fn of(value: Value) -> Node {
    match value {
        Value::Null => Node::Null,
        Value::Bool(_) | Value::Number(_) => Node::Other,
        Value::String(text) => Node::Text(text),
        Value::Array(items) => Node::List(items.into_iter().map(of).collect()),
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.into_iter().map(|(name, value)| (name, of(value))).collect();
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            Node::Map(fields)
        }
    }
}

/// Go accepts everything that `serde_json` accepts, and more.
fn json(text: &str) -> Result<Node, Unread> {
    serde_json::from_str(text).map_err(|error| {
        let why = error.to_string();
        let more = ["recursion limit", "out of range", "surrogate", "unicode code point", "hex escape"];
        match more.iter().any(|word| why.contains(word)) {
            true => Unread::Unsure { line: error.line().max(1), why },
            false => Unread::Refused,
        }
    })
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
        Ok(Node::Other)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Node, E> {
        Ok(Node::Other)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Node, E> {
        Ok(Node::Other)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Other)
    }
    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Node, A::Error> {
        let mut map = Vec::new();
        while let Some(field) = fields.next_entry()? {
            map.push(field);
        }
        Ok(Node::Map(map))
    }
}
