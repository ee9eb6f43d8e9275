//! Changes of a merged kubeconfig, and which file each of them edits. Source: client-go `config.go` `ModifyConfig`.

use super::decode::{Body, MODE, implied_mode};
use super::error::ParseError;
use super::merged::Merged;
use super::patch::{Op, PathStep};
use super::schema::{Kind, Struct, Type};
use serde_json::Value;

/// A change of the merged kubeconfig.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Sets the current context; an empty name clears it.
    Current(String),
    /// Sets the preferences.
    Preferences(Body),
    /// Removes the top-level extensions of all files. kubectl accepts this change and does nothing.
    DropExtensions,
    /// Sets the body of an entry; adds the entry if it does not exist.
    Put {
        /// The list.
        kind: Kind,
        /// The name of the entry.
        name: String,
        /// The canonical body.
        body: Body,
    },
    /// Renames an entry; references to it are not changed.
    Rename {
        /// The list.
        kind: Kind,
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// Applies an operation to this file, even if an earlier file hides the entry.
    At {
        /// The index of the file.
        source: usize,
        /// The operation.
        op: Op,
    },
    /// Removes an entry.
    Remove {
        /// The list.
        kind: Kind,
        /// The name of the entry.
        name: String,
    },
}

/// The files that new values are written to, as indexes into the merged files.
#[derive(Clone, Copy, Debug)]
pub struct Targets {
    /// The file for `current-context`.
    pub current: usize,
    /// The file for new entries.
    pub default: usize,
    /// True if the only file was given by `--kubeconfig`.
    pub explicit: bool,
}

/// The operations for each of the merged files that make these changes; none for a change without effect.
///
/// # Errors
/// As [`Document::body`](crate::kubeconfig::Document::body).
pub fn route(merged: &Merged, changes: Vec<Change>, targets: Targets) -> Result<Vec<Vec<Op>>, ParseError> {
    let mut files: Vec<Vec<Op>> = vec![Vec::new(); merged.sources().len()];
    for change in changes {
        match change {
            Change::Current(name) if name == merged.current_context() => {}
            Change::Current(name) if name.is_empty() => {
                if let Some(source) = merged.current_source() {
                    let source = if targets.explicit { targets.current } else { source };
                    files[source]
                        .push(Op::SetTop { key: "current-context".to_owned(), value: Value::from("") });
                }
            }
            Change::Current(name) => {
                files[targets.current]
                    .push(Op::SetTop { key: "current-context".to_owned(), value: Value::from(name) });
            }
            Change::Preferences(wanted) => {
                if let Some((source, ops)) = preferences(merged, &wanted, targets)? {
                    files[source].extend(ops);
                }
            }
            Change::DropExtensions => {
                for (at, source) in merged.sources().iter().enumerate() {
                    if let Some(document) = &source.document
                        && !document.extensions()?.is_empty()
                    {
                        files[at].push(Op::UnsetTop { key: "extensions".to_owned() });
                    }
                }
            }
            Change::Put { kind, name, body } => match merged.find(kind, &name) {
                Some(entry) => {
                    let old = merged.body(entry)?;
                    let ops = &mut files[entry.source];
                    let mut at = Differ { kind, name: &name, path: Vec::new(), ops };
                    at.bodies(&old, &body, Some(kind.body()));
                }
                None => files[targets.default].push(Op::Insert { kind, name, body }),
            },
            Change::Rename { kind, from, to } => {
                if let Some(entry) = merged.find(kind, &from) {
                    files[entry.source].push(Op::Rename { kind, from, to });
                }
            }
            Change::At { source, op } => files[source].push(op),
            Change::Remove { kind, name } => {
                if let Some(entry) = merged.find(kind, &name) {
                    files[entry.source].push(Op::Remove { kind, name });
                }
            }
        }
    }
    Ok(files)
}

/// Preferences are written to the first file that has different ones; client-go would create a missing file for them.
fn preferences(
    merged: &Merged,
    wanted: &Body,
    targets: Targets,
) -> Result<Option<(usize, Vec<Op>)>, ParseError> {
    if merged.preferences()? == *wanted {
        return Ok(None);
    }
    let mut source = targets.default;
    if !targets.explicit {
        for (at, candidate) in merged.sources().iter().enumerate() {
            if let Some(document) = &candidate.document
                && !document.preferences()?.is_empty()
                && *document.preferences()? != *wanted
            {
                source = at;
                break;
            }
        }
    }
    let key = "preferences".to_owned();
    let op = if wanted.is_empty() {
        Op::UnsetTop { key }
    } else {
        Op::SetTop { key, value: Value::Object(wanted.clone()) }
    };
    Ok(Some((source, vec![op])))
}

/// Finds the smallest operations that change one canonical body into another.
struct Differ<'o> {
    kind: Kind,
    name: &'o str,
    path: Vec<PathStep>,
    ops: &'o mut Vec<Op>,
}

impl Differ<'_> {
    fn set(&mut self, step: PathStep, value: &Value) {
        let path = [self.path.as_slice(), &[step]].concat();
        self.ops.push(Op::Set { kind: self.kind, name: self.name.to_owned(), path, value: value.clone() });
    }

    /// Compares two mappings. The schema tells which values are compared recursively.
    fn bodies(&mut self, old: &Body, new: &Body, schema: Option<&'static Struct>) {
        for key in old.keys().filter(|key| !new.contains_key(*key)) {
            let path = [self.path.as_slice(), &[PathStep::Key(key.clone())]].concat();
            self.ops.push(Op::Unset { kind: self.kind, name: self.name.to_owned(), path });
        }
        for (key, value) in new {
            let known = schema.and_then(|schema| schema.find(key)).map(|field| field.ty);
            match (old.get(key), value, known) {
                (Some(before), _, _) if before == value => {}
                (Some(Value::Object(before)), Value::Object(after), Some(Type::Struct(inner)))
                    if !before.is_empty() =>
                {
                    self.within(PathStep::Key(key.clone()), |this| this.bodies(before, after, Some(inner)));
                }
                (Some(Value::Object(before)), Value::Object(after), Some(Type::StringMap))
                    if !before.is_empty() =>
                {
                    self.within(PathStep::Key(key.clone()), |this| this.bodies(before, after, None));
                }
                (Some(Value::Array(before)), Value::Array(after), _)
                    if !before.is_empty() && before.len() <= after.len() =>
                {
                    let inner = match known {
                        Some(Type::Structs(inner)) => Some(inner),
                        _ => None,
                    };
                    self.within(PathStep::Key(key.clone()), |this| this.items(before, after, inner));
                }
                _ => self.set(PathStep::Key(key.clone()), value),
            }
        }
        // If the old `apiVersion` implied the mode and the new one does not, the mode is written.
        let implied = |body| schema.is_some_and(|schema| implied_mode(schema, body).is_some());
        if let Some(mode) = new.get(MODE).filter(|mode| old.get(MODE) == Some(mode))
            && implied(old)
            && !implied(new)
        {
            self.set(PathStep::Key(MODE.to_owned()), mode);
        }
    }

    fn items(&mut self, old: &[Value], new: &[Value], inner: Option<&'static Struct>) {
        for (index, value) in new.iter().enumerate() {
            match (old.get(index), value) {
                (Some(before), _) if before == value => {}
                (Some(Value::Object(before)), Value::Object(after)) => {
                    self.within(PathStep::Index(index), |this| this.bodies(before, after, inner));
                }
                _ => self.set(PathStep::Index(index), value),
            }
        }
    }

    fn within(&mut self, step: PathStep, work: impl FnOnce(&mut Self)) {
        self.path.push(step);
        work(self);
        self.path.pop();
    }
}
