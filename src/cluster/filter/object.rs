//! What an object says about itself: kind, name, namespace, and whether there is a hidden object inside it.
//!
//! Readers differ about a duplicate field, and about one in another case. An object whose kind, name or namespace could
//! be read differently says nothing, and so is left out.

use super::manifest;
use super::mention::mentions_hidden;
use crate::cluster::fence::Hidden;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// An object, as far as it decides whether it may be seen.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) api_version: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) name: Option<String>,
    pub(super) namespace: Option<String>,
    /// The object of a row.
    pub(super) row: Option<Box<Object>>,
}

/// Why a value says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unclear {
    /// It is not valid JSON, or not an object, or can be read in two ways.
    Odd,
    /// A hidden object is in it.
    Hidden,
}

impl Object {
    /// Reads an object, or a row of a table.
    pub(super) fn read(bytes: &[u8], is_row: bool, hidden: &Hidden) -> Result<Object, Unclear> {
        let mut walk = Walk::of(bytes, hidden)?;
        let mut object = Object::default();
        let place = if is_row { Place::Row(&mut object) } else { Place::Root(&mut object) };
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let shape = Node { walk: &mut walk, place }.deserialize(&mut reader);
        let is_map = shape.is_ok_and(|shape| shape == Shape::Map) && reader.end().is_ok();
        match (is_map, walk.found) {
            (_, true) => Err(Unclear::Hidden),
            (true, false) => Ok(object),
            (false, false) => Err(Unclear::Odd),
        }
    }

    /// Checks any value for hidden objects inside it.
    pub(super) fn check(bytes: &[u8], hidden: &Hidden) -> Result<(), Unclear> {
        let mut walk = Walk::of(bytes, hidden)?;
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let read = Node { walk: &mut walk, place: Place::Inside }.deserialize(&mut reader);
        match (read.is_ok() && reader.end().is_ok(), walk.found) {
            (_, true) => Err(Unclear::Hidden),
            (true, false) => Ok(()),
            (false, false) => Err(Unclear::Odd),
        }
    }

    /// The group of its `apiVersion`; empty for the core group.
    pub(super) fn group(&self) -> Option<&str> {
        self.api_version.as_deref().map(group)
    }
}

/// The group of an `apiVersion`.
pub(super) fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// How deep objects as texts are looked for in each other.
const TEXTS: usize = 4;

struct Walk<'h> {
    hidden: &'h Hidden,
    /// A hidden object was found inside another one.
    found: bool,
    /// A hidden object may be inside: every map is looked at.
    looks_inside: bool,
    /// In how many texts, one in the other, the value is.
    depth: usize,
}

impl<'h> Walk<'h> {
    fn of(bytes: &[u8], hidden: &'h Hidden) -> Result<Walk<'h>, Unclear> {
        std::str::from_utf8(bytes).map_err(|_| Unclear::Odd)?;
        Ok(Walk { hidden, found: false, looks_inside: mentions_hidden(bytes, hidden), depth: 0 })
    }
}

impl Walk<'_> {
    /// True if a text is JSON, such as what `kubectl apply` notes about an object: the object itself. It is searched then.
    fn is_json(&mut self, text: &str) -> bool {
        if !text.trim_start().starts_with(['{', '[']) || self.depth == TEXTS {
            return false;
        }
        self.depth += 1;
        let mut reader = serde_json::Deserializer::from_str(text);
        let read = Node { walk: &mut *self, place: Place::Inside }.deserialize(&mut reader);
        self.depth -= 1;
        read.is_ok() && reader.end().is_ok()
    }
}

/// Where a value is.
enum Place<'o> {
    /// The object itself.
    Root(&'o mut Object),
    /// A row of a table.
    Row(&'o mut Object),
    /// The metadata of the object.
    Metadata(&'o mut Object),
    /// A text that counts.
    Text(&'o mut Option<String>),
    /// Anywhere else.
    Inside,
}

/// A value to read.
struct Node<'w, 'h, 'o> {
    walk: &'w mut Walk<'h>,
    place: Place<'o>,
}

/// What kind of value it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Map,
    Text,
    Null,
    Other,
}

/// The keys that count somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    ApiVersion,
    Kind,
    Metadata,
    Name,
    Namespace,
    Object,
    /// What an object has and a reference to it has not.
    Content,
    /// One of these in another case.
    OtherCase,
    Other,
}

const KEYS: [(&str, Key); 6] = [
    ("apiVersion", Key::ApiVersion),
    ("kind", Key::Kind),
    ("metadata", Key::Metadata),
    ("name", Key::Name),
    ("namespace", Key::Namespace),
    ("object", Key::Object),
];

impl Key {
    fn of(text: &str) -> Key {
        if !(4..=10).contains(&text.len()) {
            return Key::Other;
        }
        if let Some((_, key)) = KEYS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
            return if KEYS.iter().any(|(name, _)| *name == text) { *key } else { Key::OtherCase };
        }
        if matches!(text, "data" | "stringData" | "items" | "spec" | "status") {
            Key::Content
        } else {
            Key::Other
        }
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_, '_, '_> {
    type Value = Shape;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Shape, D::Error> {
        if matches!(self.place, Place::Inside) && !self.walk.looks_inside {
            return reader.deserialize_ignored_any(IgnoredAny).map(|_| Shape::Other);
        }
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_, '_, '_> {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Null)
    }

    fn visit_str<E>(self, text: &str) -> Result<Shape, E> {
        if let Place::Text(place) = self.place {
            *place = Some(text.to_owned());
        } else if !self.walk.hidden.is_empty() && self.walk.looks_inside && !self.walk.is_json(text) {
            self.walk.found |= manifest::has_hidden(text, self.walk.hidden);
        }
        Ok(Shape::Text)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut items: S) -> Result<Shape, S::Error> {
        let walk = self.walk;
        while items.next_element_seed(Node { walk: &mut *walk, place: Place::Inside })?.is_some() {}
        Ok(Shape::Other)
    }

    fn visit_map<M: MapAccess<'de>>(self, fields: M) -> Result<Shape, M::Error> {
        match self.place {
            Place::Root(object) => root(object, self.walk, fields)?,
            Place::Row(object) => row(object, self.walk, fields)?,
            Place::Metadata(object) => metadata(object, self.walk, fields)?,
            Place::Text(_) | Place::Inside => inside(self.walk, fields)?,
        }
        Ok(Shape::Map)
    }
}

fn root<'de, M: MapAccess<'de>>(
    object: &mut Object,
    walk: &mut Walk<'_>,
    mut fields: M,
) -> Result<(), M::Error> {
    let mut seen = Seen::default();
    while let Some(key) = fields.next_key_seed(KeySeed)? {
        seen.once(key)?;
        let place = match key {
            Key::ApiVersion => Place::Text(&mut object.api_version),
            Key::Kind => Place::Text(&mut object.kind),
            Key::Metadata => Place::Metadata(&mut *object),
            _ => Place::Inside,
        };
        let shape = fields.next_value_seed(Node { walk, place })?;
        let fits = match key {
            Key::ApiVersion | Key::Kind => matches!(shape, Shape::Text | Shape::Null),
            Key::Metadata => matches!(shape, Shape::Map | Shape::Null),
            _ => true,
        };
        demand(fits)?;
    }
    Ok(())
}

fn row<'de, M: MapAccess<'de>>(
    object: &mut Object,
    walk: &mut Walk<'_>,
    mut fields: M,
) -> Result<(), M::Error> {
    let mut seen = Seen::default();
    while let Some(key) = fields.next_key_seed(KeySeed)? {
        seen.once(key)?;
        if key != Key::Object {
            fields.next_value_seed(Node { walk, place: Place::Inside })?;
            continue;
        }
        let mut inner = Object::default();
        match fields.next_value_seed(Node { walk, place: Place::Root(&mut inner) })? {
            Shape::Map => object.row = Some(Box::new(inner)),
            shape => demand(shape == Shape::Null)?,
        }
    }
    Ok(())
}

fn metadata<'de, M: MapAccess<'de>>(
    object: &mut Object,
    walk: &mut Walk<'_>,
    mut fields: M,
) -> Result<(), M::Error> {
    let mut seen = Seen::default();
    while let Some(key) = fields.next_key_seed(KeySeed)? {
        seen.once(key)?;
        let place = match key {
            Key::Name => Place::Text(&mut object.name),
            Key::Namespace => Place::Text(&mut object.namespace),
            _ => Place::Inside,
        };
        let shape = fields.next_value_seed(Node { walk, place })?;
        demand(!matches!(key, Key::Name | Key::Namespace) || matches!(shape, Shape::Text | Shape::Null))?;
    }
    Ok(())
}

/// A map inside an object: it may be an object of its own, or a reference to one.
fn inside<'de, M: MapAccess<'de>>(walk: &mut Walk<'_>, mut fields: M) -> Result<(), M::Error> {
    let (mut kinds, mut versions) = (Vec::new(), Vec::new());
    let mut has_content = false;
    while let Some(key) = fields.next_key_seed(KeySeed)? {
        let mut text = None;
        match key {
            Key::Kind | Key::ApiVersion if !walk.hidden.is_empty() => {
                fields.next_value_seed(Node { walk, place: Place::Text(&mut text) })?;
            }
            _ => drop(fields.next_value_seed(Node { walk, place: Place::Inside })?),
        }
        match key {
            Key::Kind => kinds.extend(text),
            Key::ApiVersion => versions.extend(text),
            Key::Metadata | Key::Content => has_content = true,
            _ => {}
        }
    }
    let is_hidden =
        |kind: &String| versions.iter().any(|it| walk.hidden.kind(Some(group(it)), kind).is_some());
    if has_content && kinds.iter().any(is_hidden) {
        walk.found = true;
    }
    Ok(())
}

/// The keys that came already.
#[derive(Default)]
struct Seen(Vec<Key>);

impl Seen {
    /// Fails if a key that counts comes twice, or in another case.
    fn once<E: Error>(&mut self, key: Key) -> Result<(), E> {
        match key {
            Key::Other | Key::Content => return Ok(()),
            Key::OtherCase => return demand(false),
            _ => {}
        }
        demand(!self.0.contains(&key))?;
        self.0.push(key);
        Ok(())
    }
}

fn demand<E: Error>(fits: bool) -> Result<(), E> {
    if fits { Ok(()) } else { Err(E::custom("it can be read in two ways")) }
}

struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Key, D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, text: &str) -> Result<Key, E> {
        Ok(Key::of(text))
    }
}
