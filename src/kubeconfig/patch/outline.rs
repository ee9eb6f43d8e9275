//! The proof: what a document means, what it shall mean, and whether the result does.

use super::super::document::Document;
use super::super::error::ParseError;
use super::super::schema::Kind;
use super::{Op, Reason, Refusal, Step};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// As many entries are looked up one by one.
const FEW: usize = 16;

/// A document's meaning, unknown fields and all; of the entries that nobody touches, only how many there are.
#[derive(PartialEq)]
pub(super) struct Outline {
    top: Map<String, Value>,
    lists: [List; 3],
}

#[derive(Default, PartialEq)]
struct List {
    touched: Vec<Entry>,
    /// How many others there are.
    others: usize,
}

#[derive(PartialEq)]
struct Entry {
    name: String,
    value: Value,
    /// How many of the others stand before it.
    behind: usize,
}

/// The entries of each list that ops are about, by their places, in order.
pub(super) struct Touched([Vec<usize>; 3]);

impl Touched {
    /// Those that these ops name.
    pub(super) fn by(ops: &[Op], document: &Document) -> Touched {
        let mut touched = [const { Vec::new() }; 3];
        let index = (ops.len() > FEW).then(|| Kind::ALL.map(|kind| by_name(document, kind)));
        let find = |kind: Kind, name: &str| match &index {
            Some(index) => index[kind as usize].get(name).copied(),
            None => document.find(kind, name),
        };
        for op in ops {
            let (kind, names) = match op {
                Op::Rewrite { .. } | Op::SetTop { .. } => continue,
                Op::UnsetTop { key } => {
                    if let Some(kind) = Kind::from_list(key) {
                        touched[kind as usize] = (0..document.len(kind)).collect();
                    }
                    continue;
                }
                Op::Insert { kind, name, .. }
                | Op::Remove { kind, name }
                | Op::Set { kind, name, .. }
                | Op::Unset { kind, name, .. }
                | Op::Respell { kind, name, .. } => (*kind, [Some(name), None]),
                Op::Rename { kind, from, to } => (*kind, [Some(from), Some(to)]),
            };
            for name in names.into_iter().flatten() {
                touched[kind as usize].extend(find(kind, name));
            }
        }
        for list in &mut touched {
            list.sort_unstable();
            list.dedup();
        }
        Touched(touched)
    }

    fn all(document: &Document) -> Touched {
        Touched(Kind::ALL.map(|kind| (0..document.len(kind)).collect()))
    }

    /// The places of the entries of a list that has this many, but for the touched.
    pub(super) fn others(&self, kind: Kind, len: usize) -> impl Iterator<Item = usize> {
        let mut touched = self.0[kind as usize].iter().peekable();
        (0..len).filter(move |index| touched.next_if_eq(&index).is_none())
    }
}

/// The places of a list's entries; of equal names, the first.
fn by_name(document: &Document, kind: Kind) -> HashMap<&str, usize> {
    let mut places = HashMap::with_capacity(document.len(kind));
    for (index, name) in document.names(kind).enumerate() {
        places.entry(name).or_insert(index);
    }
    places
}

/// Fails unless `after` means what `before` means with the ops done.
pub(super) fn prove(before: &Document, after: &Document, ops: &[Op]) -> Result<(), Refusal> {
    // Only the text of an entry in the scanner's style says all about it.
    let by_text = before.is_outlined() && after.is_outlined();
    let touched =
        |document: &Document| if by_text { Touched::by(ops, document) } else { Touched::all(document) };
    let (old, new) = (touched(before), touched(after));
    let mut want = outline(before, &old)?;
    want.apply(ops).ok_or_else(|| Refusal::nowhere(Reason::Missing))?;
    let others_stand = Kind::ALL.into_iter().all(|kind| {
        let old = old
            .others(kind, before.len(kind))
            .map(|index| (before.name(kind, index), before.raw(kind, index)));
        let new =
            new.others(kind, after.len(kind)).map(|index| (after.name(kind, index), after.raw(kind, index)));
        old.eq(new)
    });
    if want == outline(after, &new)? && others_stand {
        Ok(())
    } else {
        Err(Refusal::nowhere(Reason::Unverified))
    }
}

/// The meaning of a document in which these entries are touched.
pub(super) fn outline(document: &Document, touched: &Touched) -> Result<Outline, ParseError> {
    let mut outline = Outline { top: Map::new(), lists: Default::default() };
    for (key, value) in document.top_values()? {
        if Kind::from_list(&key).is_none() {
            outline.top.insert(key, value);
        }
    }
    for kind in Kind::ALL {
        let list = &mut outline.lists[kind as usize];
        for (nth, &index) in touched.0[kind as usize].iter().enumerate() {
            let name = document.name(kind, index).to_owned();
            list.touched.push(Entry { name, value: document.item_value(kind, index)?, behind: index - nth });
        }
        list.others = document.len(kind) - list.touched.len();
    }
    Ok(outline)
}

impl Outline {
    /// Does the ops to the meaning; none if there is nothing that they could be done to.
    pub(super) fn apply(&mut self, ops: &[Op]) -> Option<()> {
        ops.iter().try_for_each(|op| self.apply_one(op))
    }

    fn apply_one(&mut self, op: &Op) -> Option<()> {
        match op {
            Op::Rewrite { .. } => return None,
            Op::Respell { meaning, .. } => self.apply(meaning)?,
            Op::SetTop { key, value } => drop(self.top.insert(key.clone(), value.clone())),
            Op::UnsetTop { key } => {
                if let Some(kind) = Kind::from_list(key) {
                    self.lists[kind as usize].touched.clear();
                }
                self.top.shift_remove(key);
            }
            Op::Insert { kind, name, body } => {
                let item = [
                    ("name".to_owned(), Value::from(name.as_str())),
                    (kind.word().to_owned(), Value::Object(body.clone())),
                ];
                let list = &mut self.lists[*kind as usize];
                let value = Value::Object(Map::from_iter(item));
                list.touched.push(Entry { name: name.clone(), value, behind: list.others });
            }
            Op::Remove { kind, name } => {
                self.lists[*kind as usize].touched.retain(|entry| entry.name != *name);
            }
            Op::Rename { kind, from, to } => {
                let entry = self.entry(*kind, from)?;
                entry.name.clone_from(to);
                object(&mut entry.value)?.insert("name".to_owned(), Value::from(to.as_str()));
            }
            Op::Set { kind, name, path, value } => {
                let body =
                    object(&mut self.entry(*kind, name)?.value)?.entry(kind.word()).or_insert(Value::Null);
                let target = path.iter().try_fold(body, step)?;
                *target = value.clone();
            }
            Op::Unset { kind, name, path } => {
                let (Step::Key(last), way) = path.split_last()? else { return None };
                let body = self.entry(*kind, name)?.value.get_mut(kind.word());
                let map = way.iter().try_fold(body, |value, step| match (step, value) {
                    (Step::Key(key), Some(Value::Object(map))) => Some(map.get_mut(key)),
                    (Step::Index(index), Some(Value::Array(list))) => Some(list.get_mut(*index)),
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

    fn entry(&mut self, kind: Kind, name: &str) -> Option<&mut Entry> {
        self.lists[kind as usize].touched.iter_mut().find(|entry| entry.name == name)
    }
}

/// A mapping; null is an empty one.
fn object(value: &mut Value) -> Option<&mut Map<String, Value>> {
    if value.is_null() {
        *value = Value::Object(Map::new());
    }
    value.as_object_mut()
}

fn step<'v>(value: &'v mut Value, step: &Step) -> Option<&'v mut Value> {
    match step {
        Step::Key(key) => Some(object(value)?.entry(key.clone()).or_insert(Value::Null)),
        Step::Index(index) => {
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
