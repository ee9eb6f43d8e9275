//! What a change did, by names: for the history, and for the message of an undo.

use crate::kubeconfig::patch::{Op, PathStep};
use crate::kubeconfig::{Document, Kind};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use std::path::PathBuf;

/// One operation of a change: names only, values are not recorded.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Operation {
    /// The kind of operation.
    #[serde(rename = "do")]
    pub verb: OperationKind,
    /// The list of the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// The name of the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The field of the entry, or of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The old value of a field that holds a name: the current context, or the cluster, user or namespace of a context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The new value of such a field, or the new name of a renamed entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The absolute path of the file. The journal records it only for a change of several files.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "lossy")]
    pub file: Option<PathBuf>,
}

/// A path as text, even if it is not UTF-8.
#[expect(clippy::ref_option, reason = "serde hands over a reference")]
fn lossy<S: Serializer>(file: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    file.as_ref().map(|file| file.to_string_lossy()).serialize(serializer)
}

/// Kinds of operations.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OperationKind {
    /// A field was set.
    Set,
    /// A field was removed.
    Unset,
    /// An entry was added.
    Add,
    /// An entry was removed.
    Remove,
    /// An entry was renamed.
    Rename,
    /// The file was written as a whole.
    Write,
}

impl OperationKind {
    /// The word for it in messages and in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            OperationKind::Set => "set",
            OperationKind::Unset => "unset",
            OperationKind::Add => "add",
            OperationKind::Remove => "remove",
            OperationKind::Rename => "rename",
            OperationKind::Write => "write",
        }
    }
}

impl Operation {
    /// A file was written as a whole.
    #[must_use]
    pub fn write() -> Operation {
        let verb = OperationKind::Write;
        Operation { verb, kind: None, name: None, field: None, from: None, to: None, file: None }
    }

    /// The operation that undoes this one. Whether a field without recorded values existed before is not known: then it
    /// is set.
    #[must_use]
    pub fn reversed(self) -> Operation {
        use OperationKind::{Add, Remove, Rename, Set, Unset, Write};
        let (from, to) = (self.to.clone(), self.from.clone());
        match self.verb {
            Add => Operation { verb: Remove, ..self },
            Remove => Operation { verb: Add, ..self },
            Rename => Operation { name: self.to, to: self.name, ..self },
            Set if from.is_some() && to.is_none() => Operation { verb: Unset, from, to, ..self },
            Set | Unset => Operation { verb: Set, from, to, ..self },
            Write => self,
        }
    }

    /// The operation on a file with this content.
    pub(in crate::store) fn of(op: &Op, before: Option<&Document>) -> Operation {
        let top = |verb, key: &String| Operation { verb, field: Some(key.clone()), ..Operation::write() };
        let entry = |verb, kind: Kind, name: &String| Operation {
            verb,
            kind: Some(kind),
            name: Some(name.clone()),
            ..Operation::write()
        };
        match op {
            Op::Rewrite { .. } => Operation::write(),
            Op::SetTop { key, value } if key == "current-context" => {
                Operation { from: current(before), to: named(value), ..top(OperationKind::Set, key) }
            }
            Op::SetTop { key, .. } => top(OperationKind::Set, key),
            Op::ReplaceText { effect, .. } => {
                effect.first().map_or_else(Operation::write, |op| Operation::of(op, before))
            }
            Op::UnsetTop { key } if key == "current-context" => {
                Operation { from: current(before), ..top(OperationKind::Unset, key) }
            }
            Op::UnsetTop { key } => top(OperationKind::Unset, key),
            Op::Set { kind: Kind::Context, name, path: steps, value } if is_name_field(steps) => Operation {
                field: field(steps),
                from: reference(before, name, steps),
                to: named(value),
                ..entry(OperationKind::Set, Kind::Context, name)
            },
            Op::Insert { kind, name, .. } | Op::Paste { kind, name, .. } => {
                entry(OperationKind::Add, *kind, name)
            }
            Op::Remove { kind, name } => entry(OperationKind::Remove, *kind, name),
            Op::Rename { kind, from, to } => {
                Operation { to: Some(to.clone()), ..entry(OperationKind::Rename, *kind, from) }
            }
            Op::Set { kind, name, path, .. } => {
                Operation { field: field(path), ..entry(OperationKind::Set, *kind, name) }
            }
            Op::Unset { kind, name, path } => {
                Operation { field: field(path), ..entry(OperationKind::Unset, *kind, name) }
            }
        }
    }
}

/// The current context of a file, if it has one.
fn current(before: Option<&Document>) -> Option<String> {
    before.map(|before| before.current_context().to_owned()).filter(|current| !current.is_empty())
}

/// True for the fields of a context that hold a name.
fn is_name_field(path: &[PathStep]) -> bool {
    matches!(path, [PathStep::Key(field)] if ["cluster", "namespace", "user"].contains(&field.as_str()))
}

/// The old value of such a field.
fn reference(before: Option<&Document>, context: &str, path: &[PathStep]) -> Option<String> {
    let before = before?;
    let body = before.body(Kind::Context, before.find(Kind::Context, context)?).ok()?;
    named(body.get(&field(path)?)?)
}

fn named(value: &Value) -> Option<String> {
    value.as_str().filter(|name| !name.is_empty()).map(str::to_owned)
}

/// The first key of a path: a field of the entry's body.
fn field(path: &[PathStep]) -> Option<String> {
    path.iter().find_map(|step| match step {
        PathStep::Key(key) => Some(key.clone()),
        PathStep::Index(_) => None,
    })
}
