//! The result of a command that changes something, for `-o json`, `yaml` and `name`: one shape for all of them. An
//! operation is as in `kcx history -o json`.
//!
//! The commands do not build it: `World` notes what they write, and `requested_output` prints it. Without `-o` nothing is
//! noted.

use crate::credential::entry::Reference;
use crate::store::journal::{Operation, OperationKind};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// What a command has changed so far.
#[derive(Debug, Default)]
pub(super) struct ChangeResult {
    /// True if it only shows what it would change.
    dry_run: bool,
    /// The number of the change in the journal.
    pub(super) change: Option<u64>,
    /// What was done.
    pub(super) operations: Vec<Operation>,
    /// The lists that only some commands have.
    lists: Map<String, Value>,
}

/// What happened to a credential in a keychain.
#[derive(Clone, Copy, Debug)]
pub(super) enum CredentialChange {
    /// It was stored.
    Stored,
    /// It was removed.
    Removed,
}

impl CredentialChange {
    /// The change of this credential, for the list `credentials`.
    pub(super) fn value(self, user: Option<&str>, reference: &Reference) -> Value {
        let what = match self {
            CredentialChange::Stored => "store",
            CredentialChange::Removed => "remove",
        };
        json!({"do": what, "user": user, "id": reference.id, "store": reference.place.word()})
    }
}

impl ChangeResult {
    /// A result without changes.
    pub(super) fn new(dry_run: bool) -> ChangeResult {
        ChangeResult { dry_run, ..ChangeResult::default() }
    }

    /// True if nothing was done.
    pub(super) fn is_empty(&self) -> bool {
        self.operations.is_empty() && self.lists.is_empty()
    }

    /// Adds a value to a list.
    pub(super) fn add(&mut self, list: &str, value: Value) {
        if let Some(list) = self.lists.entry(list).or_insert_with(|| json!([])).as_array_mut() {
            list.push(value);
        }
    }

    /// The result of this command; `current` is the current context of a switch.
    pub(super) fn value(self, command: &str, current: Option<Value>, warnings: Vec<String>) -> Value {
        let changed = !self.dry_run && !self.is_empty();
        let mut seen = HashSet::new();
        let unique = self.operations.into_iter().filter(|operation| seen.insert(operation.clone()));
        let operations: Vec<Operation> = unique.collect();
        let mut value = json!({
            "command": command,
            "dryRun": self.dry_run,
            "changed": changed,
            "change": self.change,
            "operations": operations,
        });
        if let Some(fields) = value.as_object_mut() {
            fields.extend(current.map(|current| ("current".to_owned(), current)));
            fields.extend(self.lists);
            fields.insert("warnings".to_owned(), Value::from(warnings));
        }
        value
    }

    /// `-o name`: the names that the list of the same things prints; else `TYPE/NAME` of each entry, with its new name.
    pub(super) fn names(&self) -> Vec<String> {
        for (list, field) in [("credentials", "id"), ("lifts", "context")] {
            if let Some(list) = self.lists.get(list).and_then(Value::as_array) {
                return list.iter().filter_map(|value| value[field].as_str().map(str::to_owned)).collect();
            }
        }
        let entry = |operation: &Operation| {
            let named = match (operation.verb, &operation.to) {
                (OperationKind::Rename, Some(to)) => to,
                _ => operation.name.as_ref()?,
            };
            Some(format!("{}/{named}", operation.kind?.word()))
        };
        let mut seen = HashSet::new();
        self.operations.iter().filter_map(entry).filter(|name| seen.insert(name.clone())).collect()
    }
}
