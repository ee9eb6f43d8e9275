//! Compares two kubeconfigs by the content that kubectl sees. Order, comments, quotes and unknown fields are ignored.
//!
//! Differences contain unmasked values together with their secrecy; the caller masks them for output.

use super::decode::Body;
pub use super::patch::PathStep;
use super::schema::key;
use super::schema::{Field, Kind, PREFERENCES, Struct, Type};
pub use super::secret::Secrecy;
use super::secret::{is_secret_member, is_secret_variable, text};
use super::view::View;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A section that differs between two kubeconfigs.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference<'v> {
    /// The section that differs.
    pub section: Section<'v>,
    /// Whether it was added, removed or changed. Sections other than entries are always changed.
    pub kind: DifferenceKind,
    /// The fields that differ, sorted by path; all fields of an entry that only one kubeconfig has.
    pub fields: Vec<FieldDifference>,
}

/// A section of a kubeconfig.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section<'v> {
    /// The entry of this list and name.
    Entry(Kind, &'v str),
    /// `current-context`.
    CurrentContext,
    /// `preferences`.
    Preferences,
    /// The top-level `extensions`.
    Extensions,
}

/// The kind of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DifferenceKind {
    /// Only the second kubeconfig has it.
    Added,
    /// Only the first kubeconfig has it.
    Removed,
    /// Both have it, with different content.
    Changed,
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldDifference {
    /// The path from the section to the field; empty for `current-context`.
    pub path: Vec<PathStep>,
    /// The value in the first kubeconfig.
    pub before: Option<Value>,
    /// The value in the second kubeconfig.
    pub after: Option<Value>,
    /// The secrecy of both values.
    pub secrecy: Secrecy,
}

/// All differences: clusters, users and contexts by name, then the other sections.
///
/// ```
/// use kcx::kubeconfig::diff::{DifferenceKind, Section, PathStep, diff};
/// use kcx::kubeconfig::{Document, Kind, Merged, Source, View};
/// let view = |text: &str| {
///     let document = Document::parse(text.as_bytes().to_vec()).ok();
///     View::of(&Merged::new(vec![Source { path: "config".into(), document }]))
/// };
/// let before = view("clusters:\n- name: c\n  cluster: {server: 'https://a'}\n- {name: d}\n")?;
/// let after = view("clusters: [{cluster: {\"server\": https://b}, name: c}]")?;
/// let found = diff(&before, &after);
/// assert_eq!((found[0].section, found[0].kind), (Section::Entry(Kind::Cluster, "c"), DifferenceKind::Changed));
/// assert_eq!(found[0].fields[0].path, [PathStep::Key("server".to_owned())]);
/// assert_eq!(found[0].fields[0].after, Some("https://b".into()));
/// assert_eq!((found[1].section, found[1].kind), (Section::Entry(Kind::Cluster, "d"), DifferenceKind::Removed));
/// assert_eq!(found.len(), 2);
/// assert_eq!(diff(&after, &after), []);
/// # Ok::<(), kcx::kubeconfig::ParseError>(())
/// ```
#[must_use]
pub fn diff<'v>(before: &'v View, after: &'v View) -> Vec<Difference<'v>> {
    let mut found = Vec::new();
    for kind in Kind::ALL {
        let (old, new) = (&before.lists[kind], &after.lists[kind]);
        for name in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
            let (old, new) = (old.get(name).map(|shown| &shown.body), new.get(name).map(|shown| &shown.body));
            if old == new {
                continue;
            }
            let change = match (old, new) {
                (None, _) => DifferenceKind::Added,
                (_, None) => DifferenceKind::Removed,
                _ => DifferenceKind::Changed,
            };
            let leaves = |body: Option<&Body>| body.map(|body| Leaves::of(body, kind.body()));
            let fields = fields(leaves(old).unwrap_or_default(), leaves(new).unwrap_or_default());
            if change != DifferenceKind::Changed || !fields.is_empty() {
                found.push(Difference { section: Section::Entry(kind, name), kind: change, fields });
            }
        }
    }
    let rest = |view: &View| {
        let current = Value::from(view.current_context.as_str());
        [
            (Section::CurrentContext, Leaves::collect(|leaves| leaves.filled(&current, Secrecy::Open))),
            (Section::Preferences, Leaves::of(&view.preferences, &PREFERENCES)),
            (Section::Extensions, Leaves::collect(|leaves| leaves.extensions(&view.extensions))),
        ]
    };
    for ((section, old), (_, new)) in rest(before).into_iter().zip(rest(after)) {
        let fields = fields(old, new);
        if !fields.is_empty() {
            found.push(Difference { section, kind: DifferenceKind::Changed, fields });
        }
    }
    found
}

/// The leaves that are not equal in both sets.
fn fields(mut old: Leaves, new: Leaves) -> Vec<FieldDifference> {
    let mut fields = Vec::new();
    for (path, (after, secrecy)) in new.found {
        let (before, was) = old.found.remove(&path).unzip();
        // What is public on one side can be a secret on the other: an argument behind another flag.
        let secrecy = was.filter(|_| secrecy == Secrecy::Open).unwrap_or(secrecy);
        if before.as_ref() != Some(&after) {
            fields.push(FieldDifference { path, before, after: Some(after), secrecy });
        }
    }
    for (path, (before, secrecy)) in old.found {
        fields.push(FieldDifference { path, before: Some(before), after: None, secrecy });
    }
    fields.sort_by(|a, b| a.path.cmp(&b.path));
    fields
}

/// The leaf values of a body by their paths. Empty values that kubectl treats like missing ones are left out.
#[derive(Default)]
struct Leaves {
    path: Vec<PathStep>,
    found: BTreeMap<Vec<PathStep>, (Value, Secrecy)>,
}

impl Leaves {
    fn of(body: &Body, schema: &'static Struct) -> Leaves {
        Leaves::collect(|leaves| leaves.body(body, schema))
    }

    fn collect(walk: impl FnOnce(&mut Leaves)) -> Leaves {
        let mut leaves = Leaves::default();
        walk(&mut leaves);
        leaves
    }

    fn leaf(&mut self, value: Value, secrecy: Secrecy) {
        self.found.insert(self.path.clone(), (value, secrecy));
    }

    fn within(&mut self, step: PathStep, walk: impl FnOnce(&mut Leaves)) {
        self.path.push(step);
        walk(self);
        self.path.pop();
    }

    fn key(&mut self, key: &str, walk: impl FnOnce(&mut Leaves)) {
        self.within(PathStep::Key(key.to_owned()), walk);
    }

    fn body(&mut self, body: &Body, schema: &'static Struct) {
        for field in schema.fields {
            if let Some(value) = body.get(field.name) {
                self.key(field.name, |leaves| leaves.field(field, value));
            }
        }
    }

    fn field(&mut self, field: &'static Field, value: &Value) {
        match (field.ty, value) {
            (Type::Struct(schema), Value::Object(body)) => {
                let before = self.found.len();
                self.body(body, schema);
                // kubectl distinguishes an empty mapping here from a missing one.
                if self.found.len() == before {
                    self.leaf(Value::Object(Map::new()), Secrecy::Open);
                }
            }
            (Type::Structs(_), Value::Array(variables)) => self.variables(variables),
            (Type::Extensions, Value::Array(extensions)) => self.extensions(extensions),
            // kubectl treats an empty list or mapping here like a missing one.
            (Type::Strings, Value::Array(items)) if Secrecy::of(field) == Secrecy::Argument => {
                self.arguments(items);
            }
            (Type::Strings, Value::Array(items)) => self.items(items, false),
            (Type::StringMap, Value::Object(map)) => self.members(map, false),
            // kubectl keeps a key without values; null and an empty list are equal.
            (Type::StringsMap, Value::Object(map)) => {
                let none = Value::Array(Vec::new());
                for (key, values) in map {
                    let values = if values.is_null() { &none } else { values };
                    self.key(key, |leaves| leaves.setting(values, is_secret_variable(key)));
                }
            }
            _ => self.filled(value, Secrecy::of(field)),
        }
    }

    /// A scalar field whose empty value is like a missing one.
    fn filled(&mut self, value: &Value, secrecy: Secrecy) {
        if value != "" {
            self.leaf(value.clone(), secrecy);
        }
    }

    /// A value of any shape; `secret` tells whether the names on the way to it say that it is a secret.
    fn setting(&mut self, value: &Value, secret: bool) {
        match value {
            Value::Array(items) if !items.is_empty() => self.items(items, secret),
            Value::Object(map) if !map.is_empty() => self.members(map, secret),
            value => self.leaf(value.clone(), by_name(secret)),
        }
    }

    fn items(&mut self, items: &[Value], secret: bool) {
        for (index, item) in items.iter().enumerate() {
            self.within(PathStep::Index(index), |leaves| leaves.setting(item, secret));
        }
    }

    fn members(&mut self, map: &Body, secret: bool) {
        let variable = map.get(key::NAME).and_then(Value::as_str);
        for (key, value) in map {
            let secret = is_secret_member(secret, variable, key);
            self.key(key, |leaves| match value {
                Value::Array(items) if key == "args" && !secret && !items.is_empty() => {
                    leaves.arguments(items);
                }
                value => leaves.setting(value, secret),
            });
        }
    }

    /// The arguments of a program.
    fn arguments(&mut self, items: &[Value]) {
        let texts: Vec<&str> = items.iter().map(|item| item.as_str().unwrap_or_default()).collect();
        let secret: BTreeSet<usize> = text::of_arguments(&texts).into_iter().map(|(at, _)| at).collect();
        for (index, item) in items.iter().enumerate() {
            self.within(PathStep::Index(index), |leaves| match item {
                Value::String(_) if secret.contains(&index) => leaves.leaf(item.clone(), Secrecy::Argument),
                item => leaves.setting(item, false),
            });
        }
    }

    /// `exec.env`: by name if the names are unique, because then the order has no effect; otherwise by index.
    fn variables(&mut self, variables: &[Value]) {
        let text = |variable: &Value, key: &str| {
            variable.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let names: BTreeSet<String> = variables.iter().map(|variable| text(variable, key::NAME)).collect();
        for (index, variable) in variables.iter().enumerate() {
            let (name, value) = (text(variable, key::NAME), Value::from(text(variable, key::VALUE)));
            if names.len() == variables.len() {
                self.key(&name, |leaves| leaves.leaf(value, by_name(is_secret_variable(&name))));
            } else {
                self.within(PathStep::Index(index), |leaves| {
                    let secrecy = by_name(is_secret_variable(&name));
                    leaves.key("name", |leaves| leaves.leaf(name.into(), Secrecy::Open));
                    leaves.key("value", |leaves| leaves.leaf(value, secrecy));
                });
            }
        }
    }

    fn extensions(&mut self, extensions: &[Value]) {
        for extension in extensions {
            let name = extension.get(key::NAME).and_then(Value::as_str).unwrap_or_default();
            let value = extension.get("extension").unwrap_or(&Value::Null);
            self.key(name, |leaves| leaves.setting(value, is_secret_variable(name)));
        }
    }
}

/// The secrecy of a value in a setting.
fn by_name(secret: bool) -> Secrecy {
    if secret { Secrecy::Text } else { Secrecy::Open }
}
