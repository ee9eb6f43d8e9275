//! Plans the import of entries from kubeconfigs into the merged ones.
//!
//! Two entries of the same name conflict only if their content differs. The result is a [`Plan`] with the changes and
//! the outcome for each entry; this module writes nothing.

mod naming;
mod rename_text;
mod renamed;
mod rewrite;
mod update;

pub(super) use naming::fill;
pub use naming::{FoundIn, Naming, NamingError};
pub use rename_text::renamed_document;
pub use renamed::{Renamed, Renames};
pub use rewrite::{Rewrite, RewriteError};
pub(super) use update::determines;
pub use update::{Fields, Updated, update};

use super::change::Change;
use super::decode::Body;
use super::error::ParseError;
use super::merged::Merged;
use super::per_kind::PerKind;
use super::schema::{Kind, key};
use super::view::{self, View, ViewEntry};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What to do with an entry whose name exists with different content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Import nothing.
    #[default]
    Fail,
    /// Keep the existing entry. Contexts that name the skipped one are skipped, too, because they would lead to another
    /// cluster or user.
    Skip,
    /// Replace the existing entry.
    Overwrite,
    /// Give the new entry a free name such as `prod-2`, and update references to it.
    Rename,
    /// Replace the fields that the new entry has, and keep those that only the existing one has: see [`update()`].
    Update,
}

/// The outcome for an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is added.
    Added,
    /// An equal entry exists.
    Identical,
    /// It replaces an existing entry.
    Overwritten,
    /// It updates an existing entry.
    Updated,
    /// It is not imported.
    Skipped,
    /// Its name exists with different content, and nothing is imported.
    Conflict,
}

/// The plan for one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryPlan {
    /// The list.
    pub kind: Kind,
    /// The name after the import.
    pub name: String,
    /// The name in its source; differs from `name` after [`Policy::Rename`], and for an entry that the user has renamed.
    pub from: String,
    /// The path of its source.
    pub origin: PathBuf,
    /// The outcome.
    pub outcome: Outcome,
    /// For a context that is skipped because its cluster or user is skipped: that cluster or user.
    pub because: Option<(Kind, String)>,
    /// The fields that differ from the existing entry of the same name.
    pub differs: Vec<String>,
    /// What happens to the fields of an entry that is updated, and which of them are kept in one that is
    /// [`Outcome::Identical`].
    pub fields: Fields,
    /// The source that brought this other entry, if it is not one of the user's own.
    pub against: Option<PathBuf>,
}

/// The plan of an import.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The changes to apply; none if all entries exist or if there is an [`Outcome::Conflict`].
    pub changes: Vec<Change>,
    /// The plans for the entries: of each source its clusters, users, contexts.
    pub entries: Vec<EntryPlan>,
    /// The current context of the first source that has one, with its name after the import, if it is imported.
    pub current: Option<String>,
    /// The new names of each source's entries, for [`super::risk::Brought`].
    pub names: Vec<Names>,
}

/// The names after the import by the names in the source; `None` for skipped entries.
pub type Names = BTreeMap<(Kind, String), Option<String>>;

impl Plan {
    /// The entries with [`Outcome::Conflict`].
    pub fn conflicts(&self) -> impl Iterator<Item = &EntryPlan> {
        self.entries.iter().filter(|entry_plan| entry_plan.outcome == Outcome::Conflict)
    }
}

/// Plans the import of these kubeconfigs into the merged ones, one after the other.
///
/// An import is idempotent with any policy: repeating it changes nothing.
///
/// ```
/// use kcx::kubeconfig::import::{Outcome, Policy, plan};
/// use kcx::kubeconfig::{Document, Merged, Source, View};
/// let merged = |text: &str| -> Result<Merged, kcx::kubeconfig::ParseError> {
///     let document = Some(Document::parse(text.as_bytes().to_vec())?);
///     Ok(Merged::new(vec![Source { path: "config".into(), document }]))
/// };
/// let here = merged("clusters: [{name: default, cluster: {server: 'https://a'}}]")?;
/// let new = View::of(&merged("clusters: [{name: default, cluster: {server: 'https://b'}}]")?)?;
/// let plan = plan(&here, &[new], Policy::Rename)?;
/// assert_eq!(plan.entries[0].outcome, Outcome::Added);
/// assert_eq!(plan.entries[0].name, "default-2");
/// # Ok::<(), kcx::kubeconfig::ParseError>(())
/// ```
///
/// # Errors
/// As [`Document::body`](crate::kubeconfig::Document::body).
pub fn plan(merged: &Merged, incoming: &[View], policy: Policy) -> Result<Plan, ParseError> {
    plan_renamed(merged, incoming, policy, &Renames::default())
}

/// Like [`plan`]. An entry that the user has renamed since it was imported is found under its new name.
///
/// # Errors
/// As [`Document::body`](crate::kubeconfig::Document::body).
pub fn plan_renamed(
    merged: &Merged,
    incoming: &[View],
    policy: Policy,
    renames: &Renames,
) -> Result<Plan, ParseError> {
    let mut planner = Planner { merged, policy, renames, put: Default::default(), brought: BTreeMap::new() };
    let mut plan = Plan::default();
    for view in incoming {
        planner.plan_source(view, &mut plan)?;
    }
    if plan.conflicts().next().is_none() {
        for kind in [Kind::Cluster, Kind::User, Kind::Context] {
            let put = std::mem::take(&mut planner.put[kind]);
            plan.changes.extend(put.into_iter().map(|(name, body)| Change::Put { kind, name, body }));
        }
    }
    Ok(plan)
}

struct Planner<'m> {
    merged: &'m Merged,
    policy: Policy,
    renames: &'m Renames,
    /// The bodies that earlier entries of this plan have set.
    put: PerKind<BTreeMap<String, Body>>,
    /// The sources of these entries.
    brought: BTreeMap<(Kind, String), PathBuf>,
}

impl Planner<'_> {
    fn find(&self, kind: Kind, name: &str) -> Result<Option<Cow<'_, Body>>, ParseError> {
        if let Some(body) = self.put[kind].get(name) {
            return Ok(Some(Cow::Borrowed(body)));
        }
        let entry = self.merged.find(kind, name);
        entry.map(|entry| self.merged.body(entry)).transpose()
    }

    fn plan_source(&mut self, view: &View, plan: &mut Plan) -> Result<(), ParseError> {
        let unused = self.unused(view)?;
        let mut names = Names::new();
        for kind in [Kind::Cluster, Kind::User] {
            for (name, shown) in &view.lists[kind] {
                if unused.contains(&(kind, name.as_str())) {
                    names.insert((kind, name.clone()), Some(name.clone()));
                    plan.entries.push(entry_plan(kind, name, name, &shown.origin, Outcome::Skipped));
                    continue;
                }
                let here = self.name_here(view, &names, (kind, name, &shown.body))?;
                let entry_plan = self.plan_entry(kind, name, &here, shown, &shown.body)?;
                let kept = entry_plan.outcome != Outcome::Skipped;
                names.insert((kind, name.clone()), kept.then(|| entry_plan.name.clone()));
                plan.entries.push(entry_plan);
            }
        }
        for (name, shown) in &view.lists[Kind::Context] {
            let entry_plan = self.plan_context(name, shown, view, &names)?;
            let kept = entry_plan.outcome != Outcome::Skipped;
            names.insert((Kind::Context, name.clone()), kept.then(|| entry_plan.name.clone()));
            if view.current_context == *name && plan.current.is_none() && kept {
                plan.current = Some(entry_plan.name.clone());
            }
            plan.entries.push(entry_plan);
        }
        plan.names.push(names);
        Ok(())
    }

    fn plan_context(
        &mut self,
        name: &str,
        shown: &ViewEntry,
        view: &View,
        names: &Names,
    ) -> Result<EntryPlan, ParseError> {
        let mut body = shown.body.clone();
        for kind in [Kind::Cluster, Kind::User] {
            let Some(Value::String(named)) = body.get_mut(kind.word()) else { continue };
            match names.get(&(kind, named.clone())) {
                Some(Some(new)) => named.clone_from(new),
                Some(None) => {
                    let because = Some((kind, named.clone()));
                    let skipped = entry_plan(Kind::Context, name, name, &shown.origin, Outcome::Skipped);
                    return Ok(EntryPlan { because, ..skipped });
                }
                // The context names an entry outside of its source; see `risk`.
                None => {}
            }
        }
        let here = self.name_here(view, names, (Kind::Context, name, &body))?;
        self.plan_entry(Kind::Context, name, &here, shown, &body)
    }

    /// The clusters and users that only skipped contexts name; they are skipped, because nothing would use them.
    fn unused<'v>(&self, view: &'v View) -> Result<BTreeSet<(Kind, &'v str)>, ParseError> {
        let mut unused = BTreeSet::new();
        if self.policy != Policy::Skip {
            return Ok(unused);
        }
        let mut wanted = BTreeSet::new();
        for (name, shown) in &view.lists[Kind::Context] {
            let mut taken = self.is_taken(Kind::Context, name, &shown.body)?;
            let mut named = Vec::new();
            for kind in [Kind::Cluster, Kind::User] {
                let Some(Value::String(name)) = shown.body.get(kind.word()) else { continue };
                if let Some(shown) = view.lists[kind].get(name) {
                    match self.is_taken(kind, name, &shown.body)? {
                        true => taken = true,
                        false => named.push((kind, name.as_str())),
                    }
                }
            }
            if taken { &mut unused } else { &mut wanted }.extend(named);
        }
        unused.retain(|entry| !wanted.contains(entry));
        Ok(unused)
    }

    fn is_taken(&self, kind: Kind, name: &str, body: &Body) -> Result<bool, ParseError> {
        let strict = self.is_strict(kind, name);
        Ok(self.find(kind, name)?.is_some_and(|old| !self.is_same(kind, &old, body, strict)))
    }

    /// True if another namespace is a conflict, too: between two sources, where none of them is the user's.
    fn is_strict(&self, kind: Kind, name: &str) -> bool {
        self.policy == Policy::Overwrite || self.brought.contains_key(&(kind, name.to_owned()))
    }

    /// True if the existing entry needs no change. Its namespace is the user's choice.
    fn is_same(&self, kind: Kind, old: &Body, new: &Body, strict: bool) -> bool {
        if same(kind, old, new) {
            return true;
        }
        let differs_in_namespace = old.get(key::NAMESPACE) != new.get(key::NAMESPACE);
        let fills_in = self.policy == Policy::Update && !old.contains_key(key::NAMESPACE);
        if kind != Kind::Context || strict || fills_in || !differs_in_namespace {
            return false;
        }
        let without = |body: &Body| {
            let mut body = body.clone();
            body.shift_remove(key::NAMESPACE);
            body
        };
        same(kind, &without(old), &without(new))
    }

    /// The name here of an entry of a source: another one if the user has renamed it.
    fn name_here(
        &self,
        view: &View,
        names: &Names,
        (kind, name, body): (Kind, &str, &Body),
    ) -> Result<String, ParseError> {
        let own = || name.to_owned();
        if self.find(kind, name)?.is_some() {
            return Ok(own());
        }
        let Some(here) = self.renames.find(self.merged, view, names, (kind, name, body))? else {
            return Ok(own());
        };
        // A different entry that is to be kept beside the existing one has its own name, which is free.
        let keeps_both = self.policy == Policy::Rename;
        let is_same = |old: &Body| self.is_same(kind, old, body, self.is_strict(kind, &here));
        let is_other = keeps_both && !self.find(kind, &here)?.is_some_and(|old| is_same(&old));
        Ok(if is_other { own() } else { here })
    }

    /// Plans the entry that a source calls `from`, and that has or gets the name `name` here.
    fn plan_entry(
        &mut self,
        kind: Kind,
        from: &str,
        name: &str,
        shown: &ViewEntry,
        body: &Body,
    ) -> Result<EntryPlan, ParseError> {
        let (mut free, mut number, mut differs) = (name.to_owned(), 1, Vec::new());
        let mut fields = Fields::default();
        let against = self.brought.get(&(kind, name.to_owned())).cloned();
        let (outcome, body) = loop {
            let strict = self.is_strict(kind, &free);
            let Some(old) = self.find(kind, &free)? else { break (Outcome::Added, Some(sorted(body))) };
            if self.is_same(kind, &old, body, strict) {
                if old.get(key::NAMESPACE) != body.get(key::NAMESPACE) {
                    fields.kept.push(key::NAMESPACE.to_owned());
                }
                break (Outcome::Identical, None);
            }
            if differs.is_empty() {
                differs = differences(&old, body);
                if kind == Kind::Context && !strict {
                    differs.retain(|field| field != key::NAMESPACE);
                }
            }
            match self.policy {
                Policy::Fail => break (Outcome::Conflict, None),
                Policy::Skip => break (Outcome::Skipped, None),
                Policy::Overwrite => break (Outcome::Overwritten, Some(body.clone())),
                Policy::Rename => {
                    number += 1;
                    free = format!("{name}-{number}");
                }
                Policy::Update => {
                    let updated = update(kind, &old, body);
                    fields = updated.fields;
                    break match same(kind, &old, &updated.body) {
                        true => (Outcome::Identical, None),
                        false => (Outcome::Updated, Some(updated.body)),
                    };
                }
            }
        };
        if let Some(body) = body {
            self.put[kind].insert(free.clone(), body);
            self.brought.entry((kind, free.clone())).or_insert_with(|| shown.origin.clone());
        }
        let against = against.filter(|_| !differs.is_empty());
        Ok(EntryPlan { differs, against, fields, ..entry_plan(kind, &free, from, &shown.origin, outcome) })
    }
}

pub(super) fn entry_plan(kind: Kind, name: &str, from: &str, origin: &Path, outcome: Outcome) -> EntryPlan {
    let (name, from, origin) = (name.to_owned(), from.to_owned(), origin.to_owned());
    EntryPlan {
        kind,
        name,
        from,
        origin,
        outcome,
        because: None,
        differs: Vec::new(),
        against: None,
        fields: Fields::default(),
    }
}

/// A body with its fields sorted by name, as kubectl writes them.
pub(super) fn sorted(body: &Body) -> Body {
    let mut fields: Vec<(&String, &Value)> = body.iter().collect();
    fields.sort_by_key(|(key, _)| *key);
    let value = |value: &Value| match value {
        Value::Object(inner) => Value::Object(sorted(inner)),
        other => other.clone(),
    };
    fields.into_iter().map(|(key, inner)| (key.clone(), value(inner))).collect()
}

/// The sorted names of the fields that differ between two bodies.
pub(super) fn differences(one: &Body, other: &Body) -> Vec<String> {
    let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    keys.into_iter().filter(|key| one.get(*key) != other.get(*key)).cloned().collect()
}

/// True if two bodies are equal for kubectl.
pub(super) fn same(kind: Kind, one: &Body, other: &Body) -> bool {
    one == other || view::item(kind, "", one) == view::item(kind, "", other)
}
