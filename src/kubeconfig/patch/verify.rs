//! Verifies an edit: applies the operations to the content of the old document and compares the result with the
//! content of the new one.
//!
//! Entries that no operation names are not decoded if both texts are in the scanner's narrow style: there, equal text
//! has equal content.

use super::super::decode::Body;
use super::super::document::Document;
use super::super::error::ParseError;
use super::super::lazy;
use super::super::name_index::NameIndex;
use super::super::per_kind::PerKind;
use super::super::schema::Kind;
use super::super::schema::key;
use super::{Op, PathStep, Reason, Refusal};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// The expected content of a document, with unknown fields. Of the entries that no operation names, only the number is
/// recorded.
pub(super) struct ExpectedContent<'o> {
    top: Map<String, Value>,
    lists: PerKind<TouchedList<'o>>,
}

#[derive(Default)]
struct TouchedList<'o> {
    touched: Vec<TouchedEntry<'o>>,
    /// The number of other entries in the list.
    others: usize,
}

struct TouchedEntry<'o> {
    name: Cow<'o, str>,
    content: EntryContent<'o>,
    /// The number of other entries before this one.
    behind: usize,
}

/// The content of an entry. That of a new entry is borrowed from its operation.
enum EntryContent<'o> {
    Whole(Value),
    /// The name and this body.
    Body(Kind, &'o Body),
    /// The value of these lines.
    Lines(Kind, &'o str),
}

/// The sorted indexes of the entries that operations name, for each list.
pub(super) struct Touched(PerKind<Vec<usize>>);

impl Touched {
    /// The entries of a document that these operations name.
    pub(super) fn by(ops: &[Op], document: &Document) -> Touched {
        let mut touched: PerKind<Vec<usize>> = PerKind::default();
        let index = NameIndex::new(document, ops.len());
        for op in ops {
            let (kind, names) = match op {
                Op::Rewrite { .. } | Op::SetTop { .. } => continue,
                Op::UnsetTop { key } => {
                    if let Some(kind) = Kind::from_list(key) {
                        touched[kind] = (0..document.len(kind)).collect();
                    }
                    continue;
                }
                Op::Insert { kind, name, .. }
                | Op::Paste { kind, name, .. }
                | Op::Remove { kind, name }
                | Op::Set { kind, name, .. }
                | Op::Unset { kind, name, .. }
                | Op::ReplaceText { kind, name, .. } => (*kind, [Some(name), None]),
                Op::Rename { kind, from, to } => (*kind, [Some(from), Some(to)]),
            };
            for name in names.into_iter().flatten() {
                touched[kind].extend(index.find(kind, name));
            }
        }
        for list in touched.values_mut() {
            list.sort_unstable();
            list.dedup();
        }
        Touched(touched)
    }

    fn all(document: &Document) -> Touched {
        Touched(PerKind::from_fn(|kind| (0..document.len(kind)).collect()))
    }

    /// The indexes of the other entries of a list of this length.
    pub(super) fn others(&self, kind: Kind, len: usize) -> impl Iterator<Item = usize> {
        let mut touched = self.0[kind].iter().peekable();
        (0..len).filter(move |index| touched.next_if_eq(&index).is_none())
    }
}

/// Fails unless the content of `after` is that of `before` with the operations applied.
pub(super) fn verify(before: &Document, after: &Document, ops: &[Op]) -> Result<(), Refusal> {
    // Only in the scanner's narrow style does the text of an entry determine its content.
    let compare_text = before.is_outlined() && after.is_outlined();
    let touched =
        |document: &Document| if compare_text { Touched::by(ops, document) } else { Touched::all(document) };
    let (old, new) = (touched(before), touched(after));
    let mut expected = content_of(before, &old)?;
    expected.apply(ops).ok_or_else(|| Refusal::nowhere(Reason::Missing))?;
    let others_unchanged = Kind::ALL.into_iter().all(|kind| {
        let old = old
            .others(kind, before.len(kind))
            .map(|index| (before.name(kind, index), before.raw(kind, index)));
        let new =
            new.others(kind, after.len(kind)).map(|index| (after.name(kind, index), after.raw(kind, index)));
        old.eq(new)
    });
    if expected.is_of(after, &new)? && others_unchanged {
        Ok(())
    } else {
        Err(Refusal::nowhere(Reason::Unverified))
    }
}

/// The content of a document, with these entries decoded.
pub(super) fn content_of<'o>(
    document: &Document,
    touched: &Touched,
) -> Result<ExpectedContent<'o>, ParseError> {
    let mut content =
        ExpectedContent { top: document.top_values()?.into_iter().collect(), lists: Default::default() };
    for kind in Kind::ALL {
        let list = &mut content.lists[kind];
        for (nth, &index) in touched.0[kind].iter().enumerate() {
            let name = Cow::Owned(document.name(kind, index).to_owned());
            let content = EntryContent::Whole(document.item_value(kind, index)?);
            list.touched.push(TouchedEntry { name, content, behind: index - nth });
        }
        list.others = document.len(kind) - list.touched.len();
    }
    Ok(content)
}

impl<'o> ExpectedContent<'o> {
    /// True if this is the content of a document in which the operations name these entries.
    pub(super) fn is_of(&self, document: &Document, touched: &Touched) -> Result<bool, ParseError> {
        if self.top != document.top_values()?.into_iter().collect() {
            return Ok(false);
        }
        for kind in Kind::ALL {
            let (list, places) = (&self.lists[kind], &touched.0[kind]);
            if list.touched.len() != places.len() || list.others != document.len(kind) - places.len() {
                return Ok(false);
            }
            for (nth, (entry, &index)) in list.touched.iter().zip(places).enumerate() {
                let here = entry.behind == index - nth && entry.name == document.name(kind, index);
                if !here || !entry.content.is_of(document, kind, index)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Applies the operations to the content; `None` if the target of one does not exist.
    pub(super) fn apply(&mut self, ops: &'o [Op]) -> Option<()> {
        ops.iter().try_for_each(|op| self.apply_one(op))
    }

    fn apply_one(&mut self, op: &'o Op) -> Option<()> {
        match op {
            Op::Rewrite { .. } => return None,
            Op::ReplaceText { effect, .. } => self.apply(effect)?,
            Op::SetTop { key, value } => drop(self.top.insert(key.clone(), value.clone())),
            Op::UnsetTop { key } => {
                if let Some(kind) = Kind::from_list(key) {
                    self.lists[kind].touched.clear();
                }
                self.top.shift_remove(key);
            }
            Op::Insert { kind, name, body } => self.add(*kind, name, EntryContent::Body(*kind, body)),
            Op::Paste { kind, name, lines } => self.add(*kind, name, EntryContent::Lines(*kind, lines)),
            Op::Remove { kind, name } => {
                self.lists[*kind].touched.retain(|entry| entry.name != *name);
            }
            Op::Rename { kind, from, to } => {
                object(self.value(*kind, from)?)?.insert(key::NAME.to_owned(), Value::from(to.as_str()));
                self.entry(*kind, from)?.name = Cow::Borrowed(to);
            }
            Op::Set { kind, name, path, value } => {
                let body = object(self.value(*kind, name)?)?.entry(kind.word()).or_insert(Value::Null);
                let target = path.iter().try_fold(body, step)?;
                *target = value.clone();
            }
            Op::Unset { kind, name, path } => {
                let (PathStep::Key(last), way) = path.split_last()? else { return None };
                let body = self.value(*kind, name)?.get_mut(kind.word());
                let map = way.iter().try_fold(body, |value, step| match (step, value) {
                    (PathStep::Key(key), Some(Value::Object(map))) => Some(map.get_mut(key)),
                    (PathStep::Index(index), Some(Value::Array(list))) => Some(list.get_mut(*index)),
                    (_, None | Some(Value::Null)) => Some(None),
                    _ => None,
                })?;
                match map {
                    None | Some(Value::Null) => {}
                    Some(value) => drop(value.as_object_mut()?.shift_remove(last)),
                }
            }
        }
        Some(())
    }

    fn add(&mut self, kind: Kind, name: &'o str, content: EntryContent<'o>) {
        let list = &mut self.lists[kind];
        list.touched.push(TouchedEntry { name: Cow::Borrowed(name), content, behind: list.others });
    }

    fn entry(&mut self, kind: Kind, name: &str) -> Option<&mut TouchedEntry<'o>> {
        self.lists[kind].touched.iter_mut().find(|entry| entry.name == name)
    }

    /// The mutable value of an entry.
    fn value(&mut self, kind: Kind, name: &str) -> Option<&mut Value> {
        let entry = self.entry(kind, name)?;
        let whole = match &entry.content {
            EntryContent::Whole(_) => None,
            EntryContent::Body(kind, body) => {
                let name = ("name".to_owned(), Value::from(&*entry.name));
                Some(Value::Object(
                    [name, (kind.word().to_owned(), Value::Object((*body).clone()))].into_iter().collect(),
                ))
            }
            EntryContent::Lines(kind, lines) => Some(lazy::value(*kind, lines).ok()?),
        };
        if let Some(whole) = whole {
            entry.content = EntryContent::Whole(whole);
        }
        match &mut entry.content {
            EntryContent::Whole(value) => Some(value),
            _ => None,
        }
    }
}

impl EntryContent<'_> {
    /// True if the entry at this index, whose name has been compared, has this content.
    fn is_of(&self, document: &Document, kind: Kind, index: usize) -> Result<bool, ParseError> {
        Ok(match self {
            // Equal text in the scanner's narrow style has equal content, so it need not be decoded.
            EntryContent::Lines(_, lines) if document.raw(kind, index) == Some(lines.trim_end()) => true,
            EntryContent::Lines(kind, lines) => {
                lazy::value(*kind, lines)? == document.item_value(*kind, index)?
            }
            EntryContent::Whole(value) => *value == document.item_value(kind, index)?,
            EntryContent::Body(kind, body) => match document.item_value(*kind, index)? {
                Value::Object(item) if item.len() == 2 => {
                    item.get(kind.word()).and_then(Value::as_object) == Some(body)
                }
                _ => false,
            },
        })
    }
}

/// The value as a mapping; null becomes an empty mapping.
fn object(value: &mut Value) -> Option<&mut Map<String, Value>> {
    if value.is_null() {
        *value = Value::Object(Map::new());
    }
    value.as_object_mut()
}

fn step<'v>(value: &'v mut Value, step: &PathStep) -> Option<&'v mut Value> {
    match step {
        PathStep::Key(key) => Some(object(value)?.entry(key.clone()).or_insert(Value::Null)),
        PathStep::Index(index) => {
            if value.is_null() {
                *value = Value::Array(Vec::new());
            }
            let list = value.as_array_mut()?;
            if *index == list.len() {
                list.push(Value::Null);
            }
            list.get_mut(*index)
        }
    }
}
