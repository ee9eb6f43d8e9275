//! The proof: what a document means, what it shall mean, and whether the result does.

use super::super::document::Document;
use super::super::error::ParseError;
use super::super::schema::Kind;
use super::{Op, Reason, Refusal, Step};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// A document's meaning, unknown fields and all. Entries that nobody touches may stand for themselves by their text.
#[derive(PartialEq)]
struct Outline<'d> {
    top: Map<String, Value>,
    lists: [Vec<(Cow<'d, str>, Item<'d>)>; 3],
}

#[derive(PartialEq)]
enum Item<'d> {
    Text(&'d str),
    Value(Value),
}

/// Fails unless `after` means what `before` means with the ops done.
pub(super) fn prove(before: &Document, after: &Document, ops: &[Op]) -> Result<(), Refusal> {
    let alike = before.is_outlined() == after.is_outlined();
    let touched = |kind: Kind, name: &str| !alike || ops.iter().any(|op| op.touches(kind, name));
    let mut want = outline(before, &touched)?;
    for op in ops {
        want.apply(op).ok_or_else(|| Refusal::nowhere(Reason::Missing))?;
    }
    if want == outline(after, &touched)? { Ok(()) } else { Err(Refusal::nowhere(Reason::Unverified)) }
}

impl Op {
    fn touches(&self, list: Kind, entry: &str) -> bool {
        match self {
            Op::SetTop { .. } | Op::UnsetTop { .. } => false,
            Op::Insert { kind, name, .. }
            | Op::Remove { kind, name }
            | Op::Set { kind, name, .. }
            | Op::Unset { kind, name, .. } => *kind == list && name == entry,
            Op::Rename { kind, from, to } => *kind == list && (from == entry || to == entry),
        }
    }
}

fn outline<'d>(
    document: &'d Document,
    touched: &dyn Fn(Kind, &str) -> bool,
) -> Result<Outline<'d>, ParseError> {
    let mut outline = Outline { top: Map::new(), lists: Default::default() };
    for (key, value) in document.top_values()? {
        if Kind::from_list(&key).is_none() {
            outline.top.insert(key, value);
        }
    }
    for kind in Kind::ALL {
        for index in 0..document.len(kind) {
            let name = document.name(kind, index);
            let item = match document.raw(kind, index) {
                // The last line of a file may lack its end.
                Some(text) if !touched(kind, name) => Item::Text(text.trim_end_matches(['\r', '\n'])),
                _ => Item::Value(document.item_value(kind, index)?),
            };
            outline.lists[kind as usize].push((Cow::Borrowed(name), item));
        }
    }
    Ok(outline)
}

impl Outline<'_> {
    fn apply(&mut self, op: &Op) -> Option<()> {
        match op {
            Op::SetTop { key, value } => drop(self.top.insert(key.clone(), value.clone())),
            Op::UnsetTop { key } => {
                if let Some(kind) = Kind::from_list(key) {
                    self.lists[kind as usize].clear();
                }
                self.top.shift_remove(key);
            }
            Op::Insert { kind, name, body } => {
                let item = [
                    ("name".to_owned(), Value::from(name.as_str())),
                    (kind.word().to_owned(), Value::Object(body.clone())),
                ];
                self.lists[*kind as usize]
                    .push((Cow::Owned(name.clone()), Item::Value(Value::Object(Map::from_iter(item)))));
            }
            Op::Remove { kind, name } => self.lists[*kind as usize].retain(|(known, _)| known != name),
            Op::Rename { kind, from, to } => {
                let (name, item) = self.lists[*kind as usize].iter_mut().find(|(known, _)| known == from)?;
                *name = Cow::Owned(to.clone());
                let Item::Value(value) = item else { return None };
                object(value)?.insert("name".to_owned(), Value::from(to.as_str()));
            }
            Op::Set { kind, name, path, value } => {
                let target = path.iter().try_fold(self.body(*kind, name)?, step)?;
                *target = value.clone();
            }
            Op::Unset { kind, name, path } => {
                let (Step::Key(last), way) = path.split_last()? else { return None };
                let body = self.item(*kind, name)?.get_mut(kind.word());
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

    fn item(&mut self, kind: Kind, name: &str) -> Option<&mut Value> {
        match self.lists[kind as usize].iter_mut().find(|(known, _)| known == name)? {
            (_, Item::Value(value)) => Some(value),
            (_, Item::Text(_)) => None,
        }
    }

    fn body(&mut self, kind: Kind, name: &str) -> Option<&mut Value> {
        Some(object(self.item(kind, name)?)?.entry(kind.word()).or_insert(Value::Null))
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
