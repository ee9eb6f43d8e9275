//! The second opinion: libyaml's grammar, which is kubectl's, through `serde_yaml`.
//!
//! Only files outside the scanner's narrow style come here. If the two readers do not see the same structure and the
//! same strings, the text is refused: one of them is wrong about it, and so might be kubectl.

use super::error::{ParseError, Problem};
use super::resolve::Plain;
use super::span::{Span, Style};
use super::tree::{Content, NodeId, Tree};
use serde::Deserialize;
use serde::de::{Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Fails unless libyaml's grammar reads the first document as this tree.
///
/// # Errors
/// Its own complaint, or the first place where it sees something else.
pub(super) fn agree(source: &str, tree: &Tree) -> Result<(), ParseError> {
    let Some(shape) = first(source) else { return Ok(()) };
    let shape = shape.map_err(|error| {
        let problem = Problem::Syntax(first_words(&error.to_string()));
        match error.location() {
            Some(place) => {
                let at = byte_of(source, place.line(), place.column());
                ParseError::at(source, Span::new(at, at + 1), problem)
            }
            None => ParseError::nowhere(problem),
        }
    })?;
    match tree.root() {
        Some(root) => compare(source, tree, root, &shape, 0),
        None => Ok(()),
    }
}

/// True if there is nothing wrong with the first document by libyaml's grammar.
pub(super) fn reads(source: &str) -> bool {
    first(source).is_none_or(|shape| shape.is_ok())
}

/// What libyaml sees in the first document, if there is one.
fn first(source: &str) -> Option<Result<Shape, serde_yaml::Error>> {
    serde_yaml::Deserializer::from_str(&unmarked(source)).next().map(Shape::deserialize)
}

/// A text in which another character, as long, stands for each byte order mark. libyaml passes over one at the start of a
/// line; for kubectl it is a letter like any other there.
fn unmarked(text: &str) -> Cow<'_, str> {
    match text.contains('\u{feff}') {
        true => text.replace('\u{feff}', "\u{fffd}").into(),
        false => text.into(),
    }
}

/// The parser's message without its own position, which it counts in its own way; it quotes nothing of the file.
fn first_words(message: &str) -> String {
    message.split(" at line ").next().unwrap_or_default().to_owned()
}

fn byte_of(source: &str, line: usize, column: usize) -> usize {
    let start = source.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
    let rest = source.get(start..).unwrap_or_default();
    start + rest.char_indices().nth(column.saturating_sub(1)).map_or(0, |(at, _)| at)
}

/// What libyaml saw: structure and strings. How it resolves other scalars is not asked.
enum Shape {
    Opaque,
    String(String),
    List(Vec<Shape>),
    Map(Vec<(Shape, Shape)>),
}

fn compare(source: &str, tree: &Tree, id: NodeId, shape: &Shape, depth: usize) -> Result<(), ParseError> {
    let differs = || Err(ParseError::at(source, tree.node(id).span, Problem::Ambiguous));
    // An alias is compared where it points to: serde_yaml confuses anchors that are defined twice.
    if matches!(tree.node(id).content, Content::Alias(_)) {
        return Ok(());
    }
    let target = id;
    let node = tree.node(target);
    // `[!x, y]`: libyaml before 0.2.5, and so kubectl, takes the comma for a part of the tag.
    let plain = matches!(node.content, Content::Scalar { style: Style::Plain, .. });
    let empty = plain && tree.scalar(source, target) == Some("");
    if empty && node.tag.is_some() && source[node.span.end..].starts_with(',') {
        return differs();
    }
    if depth > super::parse::DEPTH * 2 {
        return Ok(());
    }
    match (&tree.node(target).content, shape) {
        (Content::Scalar { .. }, Shape::String(seen)) => {
            match tree.scalar(source, target).is_some_and(|text| unmarked(text) == unmarked(seen)) {
                true => Ok(()),
                false => differs(),
            }
        }
        (Content::Scalar { .. }, Shape::Opaque) => {
            // Only what is unquoted can be anything but a string.
            if tree.meaning(source, target) == Some(Plain::Str)
                && tree.node(target).tag.is_none()
                && !number_like(tree.scalar(source, target))
            {
                differs()
            } else {
                Ok(())
            }
        }
        (Content::Sequence { items, .. }, Shape::List(seen)) if items.len() == seen.len() => {
            items.iter().zip(seen).try_for_each(|(&item, seen)| compare(source, tree, item, seen, depth + 1))
        }
        (Content::Mapping { pairs, .. }, Shape::Map(seen)) if pairs.len() == seen.len() => {
            pairs.iter().zip(seen).try_for_each(|(&(key, value), (seen_key, seen_value))| {
                compare(source, tree, key, seen_key, depth + 1)?;
                compare(source, tree, value, seen_value, depth + 1)
            })
        }
        (_, Shape::Opaque) if tree.node(target).tag.is_some() => Ok(()),
        _ => differs(),
    }
}

/// `1e400` and the like: a string for Go, a number elsewhere.
fn number_like(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)))
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Shape, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }
    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Opaque)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Opaque)
    }
    fn visit_i128<E>(self, _: i128) -> Result<Shape, E> {
        Ok(Shape::Opaque)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Opaque)
    }
    fn visit_u128<E>(self, _: u128) -> Result<Shape, E> {
        Ok(Shape::Opaque)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Opaque)
    }
    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Opaque)
    }
    fn visit_none<E>(self) -> Result<Shape, E> {
        Ok(Shape::Opaque)
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Shape, D::Error> {
        Shape::deserialize(deserializer)
    }
    fn visit_str<E>(self, text: &str) -> Result<Shape, E> {
        Ok(Shape::String(text.to_owned()))
    }
    fn visit_string<E>(self, text: String) -> Result<Shape, E> {
        Ok(Shape::String(text))
    }
    fn visit_bytes<E>(self, _: &[u8]) -> Result<Shape, E> {
        Ok(Shape::Opaque)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Shape::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Shape, A::Error> {
        let mut map = Vec::new();
        while let Some(pair) = pairs.next_entry()? {
            map.push(pair);
        }
        Ok(Shape::Map(map))
    }
    /// A tagged value: its inside is opaque.
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Shape, A::Error> {
        let (Shape::Opaque | Shape::String(_) | Shape::List(_) | Shape::Map(_), variant) = data.variant()?;
        variant.newtype_variant::<serde::de::IgnoredAny>()?;
        Ok(Shape::Opaque)
    }
}
