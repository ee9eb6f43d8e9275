//! Checks a tree of granit-parser against libyaml's grammar, which kubectl uses, through `serde_yaml`.
//!
//! Only for files outside the scanner's narrow style. If the structures or the strings differ, the text is refused: one of
//! the parsers is wrong about it, and kubectl may agree with either.

use super::error::{ParseError, Problem};
use super::span::{DEPTH, Span, Style, is_blank};
use super::tree::{Content, NodeId, Tree, core_tag, is_open_block};
use crate::yaml11::{self, Plain};
use serde::Deserialize;
use serde::de::{Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Fails unless libyaml's grammar reads the first document as this tree. For multi-line scalars with U+0085, U+2028 or
/// U+2029, libyaml's value is used and stored in the tree.
///
/// # Errors
/// The error of libyaml, or the first place where the two differ.
pub(super) fn agree(source: &str, mut tree: Tree) -> Result<Tree, ParseError> {
    let seen = first(&untagged(source, &tree)).transpose().map_err(|error| {
        let problem = Problem::Syntax(first_words(&error.to_string()));
        match error.location() {
            Some(place) => {
                let at = byte_of(source, place.line(), place.column());
                ParseError::at(source, Span::new(at, at + 1), problem)
            }
            None => ParseError::nowhere(problem),
        }
    })?;
    let mut comparison = Comparison { source, tree: &tree, broken: Vec::new() };
    match (tree.root(), seen) {
        (Some(root), Some(shape)) => comparison.compare(root, &shape, 0)?,
        (None, None | Some(Shape::Null)) => {}
        // Only one of them reads a comment.
        (Some(_), None) | (None, Some(_)) => return Err(ParseError::nowhere(Problem::Ambiguous)),
    }
    for (id, seen) in comparison.broken {
        let node = &mut tree.nodes[id.0 as usize];
        if let Content::Scalar { text, style, .. } = &mut node.content {
            *text = Some(seen);
            if *style == Style::Plain {
                node.span.end = node.span.start + own(node.span.of(source)).len();
            }
        }
    }
    Ok(tree)
}

/// The text of a plain scalar without the line ends and comments after it.
fn own(text: &str) -> &str {
    let comment = text.match_indices('#').find(|&(at, _)| text[..at].ends_with(is_blank));
    comment.map_or(text, |(at, _)| &text[..at]).trim_end_matches(is_blank)
}

/// True if the text has a line end that only YAML 1.1 has.
fn is_broken(text: &str) -> bool {
    text.contains(yaml11::BREAKS)
}

/// True if libyaml's grammar may read a plain scalar with this meaning as this shape, which is not a string.
fn may_be(shape: &Shape, meaning: Plain, text: &str) -> bool {
    // `1e400` and the like are strings for Go, and numbers elsewhere.
    let number_like = || text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    match meaning {
        Plain::Null => matches!(shape, Shape::Null),
        Plain::Str => matches!(shape, Shape::Opaque) && number_like(),
        _ => matches!(shape, Shape::Opaque),
    }
}

/// True if the first document is a mapping by libyaml's grammar.
pub(super) fn is_mapping(source: &str) -> bool {
    matches!(first(source), Some(Ok(Shape::Map(_))))
}

/// True if the first document is a string by libyaml's grammar.
pub(super) fn is_text(source: &str) -> bool {
    matches!(first(source), Some(Ok(Shape::String(_))))
}

/// True if libyaml's grammar rejects the first document. Limits of `serde_yaml` itself, such as on depth or aliases, are
/// ignored.
pub(super) fn is_refused(source: &str) -> bool {
    let own = ["recursion limit", "repetition limit", "unresolved", "tag"];
    matches!(first(source), Some(Err(error)) if !own.iter().any(|word| error.to_string().contains(word)))
}

/// The first document as libyaml reads it, if there is one.
fn first(source: &str) -> Option<Result<Shape, serde_yaml::Error>> {
    serde_yaml::Deserializer::from_str(&unmarked(source)).next().map(Shape::deserialize)
}

/// Removes the tags of scalars that are not strings, because serde_yaml checks them by YAML 1.2. Only a tag that is close to
/// its scalar and spelled with `!!` is removed.
fn untagged<'s>(source: &'s str, tree: &Tree) -> Cow<'s, str> {
    let mut text = Cow::Borrowed(source);
    for node in tree.nodes.iter().filter(|node| matches!(node.content, Content::Scalar { .. })) {
        let Some(tag) = node.tag.as_deref().and_then(core_tag) else { continue };
        let start = source.floor_char_boundary(node.span.start.saturating_sub(NEAR));
        let spelled = format!("!!{tag}");
        let found = source[start..node.span.start].rfind(&spelled).filter(|_| tag != "str");
        if let Some(at) = found.map(|at| start + at) {
            text.to_mut().replace_range(at..at + spelled.len(), &" ".repeat(spelled.len()));
        }
    }
    text
}

/// The distance before a scalar in which its tag is searched, in bytes.
const NEAR: usize = 256;

/// The byte order mark.
const MARK: char = '\u{feff}';

/// Replaces each byte order mark by another character of the same length. libyaml skips one at the start of a line; for
/// kubectl it is an ordinary character there.
fn unmarked(text: &str) -> Cow<'_, str> {
    match text.contains(MARK) {
        true => text.replace(MARK, "\u{fffd}").into(),
        false => text.into(),
    }
}

/// The error message without its position, which has other units. It does not quote the file.
fn first_words(message: &str) -> String {
    message.split(" at line ").next().unwrap_or_default().to_owned()
}

fn byte_of(source: &str, line: usize, column: usize) -> usize {
    let start = source.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
    let rest = source.get(start..).unwrap_or_default();
    start + rest.char_indices().nth(column.saturating_sub(1)).map_or(0, |(at, _)| at)
}

/// A node as libyaml reads it: structure and strings. The values of other scalars are not compared.
enum Shape {
    Null,
    Opaque,
    String(String),
    List(Vec<Shape>),
    Map(Vec<(Shape, Shape)>),
}

struct Comparison<'a> {
    source: &'a str,
    tree: &'a Tree,
    /// Scalars with YAML 1.1 line ends, and libyaml's values of them.
    broken: Vec<(NodeId, Box<str>)>,
}

impl Comparison<'_> {
    fn compare(&mut self, id: NodeId, shape: &Shape, depth: usize) -> Result<(), ParseError> {
        let Comparison { source, tree, .. } = *self;
        let node = tree.node(id);
        let differs = || Err(ParseError::at(source, node.span, Problem::Ambiguous));
        // Aliases are not compared, but their targets are: serde_yaml confuses anchors that are defined twice.
        if matches!(node.content, Content::Alias(_)) {
            return Ok(());
        }
        // `[!x, y]`: libyaml before 0.2.5, and so kubectl, treats the comma as part of the tag.
        let plain = matches!(node.content, Content::Scalar { style: Style::Plain, .. });
        let empty = plain && tree.scalar(source, id) == Some("");
        if empty && node.tag.is_some() && source[node.span.end..].starts_with(',') {
            return differs();
        }
        if depth > DEPTH * 2 {
            return Ok(());
        }
        match (&node.content, shape) {
            (Content::Scalar { .. }, Shape::String(seen)) => {
                let same = tree.scalar(source, id).is_some_and(|text| unmarked(text) == unmarked(seen));
                if same {
                    return Ok(());
                }
                // For a block scalar at the end of a text without a final line end, kubectl adds none.
                let open = is_open_block(source, node);
                if open && tree.scalar(source, id).and_then(|text| text.strip_suffix('\n')) == Some(seen) {
                    self.broken.push((id, seen.as_str().into()));
                    return Ok(());
                }
                // libyaml got other characters for byte order marks.
                if !is_broken(node.span.of(source)) || source.contains(MARK) {
                    return differs();
                }
                self.broken.push((id, seen.as_str().into()));
                Ok(())
            }
            (Content::Scalar { .. }, Shape::Opaque | Shape::Null)
                if plain && is_broken(node.span.of(source)) =>
            {
                let own = own(node.span.of(source));
                if is_broken(own) || node.tag.is_none() && !may_be(shape, yaml11::plain(own), own) {
                    return differs();
                }
                self.broken.push((id, own.into()));
                Ok(())
            }
            (Content::Scalar { .. }, Shape::Opaque | Shape::Null) => {
                // Only a plain scalar can be anything but a string. A tag can make a string a number, but not an empty scalar.
                let text = tree.scalar(source, id).unwrap_or_default();
                let meaning = match node.tag {
                    Some(_) => yaml11::plain(text),
                    None => tree.meaning(source, id).unwrap_or(Plain::Str),
                };
                let nothing = node.tag.is_none() || meaning == Plain::Null || matches!(shape, Shape::Null);
                if nothing && !may_be(shape, meaning, text) { differs() } else { Ok(()) }
            }
            (Content::Sequence { items, .. }, Shape::List(seen)) if items.len() == seen.len() => {
                items.iter().zip(seen).try_for_each(|(&item, seen)| self.compare(item, seen, depth + 1))
            }
            (Content::Mapping { pairs, .. }, Shape::Map(seen)) if pairs.len() == seen.len() => {
                pairs.iter().zip(seen).try_for_each(|(&(key, value), (seen_key, seen_value))| {
                    self.compare(key, seen_key, depth + 1)?;
                    self.compare(value, seen_value, depth + 1)
                })
            }
            (_, Shape::Opaque) if node.tag.is_some() => Ok(()),
            _ => differs(),
        }
    }
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
        Ok(Shape::Null)
    }
    fn visit_none<E>(self) -> Result<Shape, E> {
        Ok(Shape::Null)
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
    /// A tagged value; its tag is ignored.
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Shape, A::Error> {
        let (_, variant): (serde::de::IgnoredAny, _) = data.variant()?;
        variant.newtype_variant()
    }
}
