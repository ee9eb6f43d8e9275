//! Bringing the entries of one kubeconfig into others: what is new, what is there already, what clashes.
//!
//! A clash is judged by content, entry by entry, never by name alone. Nothing is written here: a [`Plan`] says what
//! would be changed, and what becomes of each entry.

mod naming;
mod rewrite;

pub use naming::{Naming, NamingError};
pub use rewrite::{Rewrite, RewriteError};

use super::change::Change;
use super::decode::Body;
use super::error::ParseError;
use super::merged::{Finder, Merged};
use super::schema::Kind;
use super::view::{self, View, ViewEntry};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What becomes of an entry whose name is taken by another content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Nothing is done at all.
    #[default]
    Fail,
    /// The one that is there stays. Contexts that name the other are left out, too: they would lead elsewhere.
    Skip,
    /// The one that is there is replaced.
    Overwrite,
    /// The new one gets a free name, `prod-2`, and what names it follows.
    Rename,
    /// The same cluster, made anew: address, certificates and credentials are replaced; the namespace and the extensions
    /// that are there stay.
    Update,
}

/// What becomes of one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is new.
    Added,
    /// The same is there already.
    Identical,
    /// It takes the place of another.
    Overwritten,
    /// It brings what is there up to date.
    Updated,
    /// It is left out.
    Skipped,
    /// Its name is taken by another, and nothing is done.
    Conflict,
}

/// One entry, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryPlan {
    /// Which list.
    pub kind: Kind,
    /// Its name from now on.
    pub name: String,
    /// Its name before a clash gave it another.
    pub from: String,
    /// The file it comes from.
    pub origin: PathBuf,
    /// What becomes of it.
    pub outcome: Outcome,
    /// For a context that is left out because of what it names: that.
    pub because: Option<(Kind, String)>,
    /// In which fields it is another than the one that has its name.
    pub differs: Vec<String>,
}

/// What an import would do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The changes; none if everything is there already, or if there is a [`Outcome::Conflict`].
    pub changes: Vec<Change>,
    /// What becomes of each entry: of each source its clusters, users, contexts.
    pub entries: Vec<EntryPlan>,
    /// What is current in the first source that says so, under its name from now on, unless it is left out.
    pub current: Option<String>,
    /// The new names of each source's entries, for [`super::risk::Brought`].
    pub names: Vec<Names>,
}

/// The new name of an entry by its name in the source; `None` if the entry is left out.
pub type Names = BTreeMap<(Kind, String), Option<String>>;

impl Plan {
    /// The entries whose names are taken.
    pub fn conflicts(&self) -> impl Iterator<Item = &EntryPlan> {
        self.entries.iter().filter(|entry_plan| entry_plan.outcome == Outcome::Conflict)
    }
}

/// Plans the import of these kubeconfigs, one after the other, into the merged ones.
///
/// Twice the same gives nothing to do the second time, whatever the policy.
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
/// None for documents that were parsed.
pub fn plan(merged: &Merged, incoming: &[View], policy: Policy) -> Result<Plan, ParseError> {
    let count: usize = incoming.iter().flat_map(|view| &view.lists).map(BTreeMap::len).sum();
    let mut planner = Planner { merged, finder: merged.finder(count), policy, put: Default::default() };
    let mut plan = Plan::default();
    for view in incoming {
        planner.take(view, &mut plan)?;
    }
    if plan.conflicts().next().is_none() {
        for kind in [Kind::Cluster, Kind::User, Kind::Context] {
            let put = std::mem::take(&mut planner.put[kind as usize]);
            plan.changes.extend(put.into_iter().map(|(name, body)| Change::Put { kind, name, body }));
        }
    }
    Ok(plan)
}

struct Planner<'m> {
    merged: &'m Merged,
    finder: Finder<'m>,
    policy: Policy,
    /// What is changed so far.
    put: [BTreeMap<String, Body>; 3],
}

impl Planner<'_> {
    fn find(&self, kind: Kind, name: &str) -> Result<Option<Cow<'_, Body>>, ParseError> {
        if let Some(body) = self.put[kind as usize].get(name) {
            return Ok(Some(Cow::Borrowed(body)));
        }
        let entry = self.finder.find(kind, name);
        entry.map(|entry| self.merged.body(entry)).transpose()
    }

    fn take(&mut self, view: &View, plan: &mut Plan) -> Result<(), ParseError> {
        let unwanted = self.unwanted(view)?;
        let mut names = Names::new();
        for kind in [Kind::Cluster, Kind::User] {
            for (name, shown) in &view.lists[kind as usize] {
                if unwanted.contains(&(kind, name.as_str())) {
                    names.insert((kind, name.clone()), Some(name.clone()));
                    plan.entries.push(entry_plan(kind, name, name, &shown.origin, Outcome::Skipped));
                    continue;
                }
                let entry_plan = self.judge(kind, name, shown, &shown.body)?;
                let kept = entry_plan.outcome != Outcome::Skipped;
                names.insert((kind, name.clone()), kept.then(|| entry_plan.name.clone()));
                plan.entries.push(entry_plan);
            }
        }
        for (name, shown) in &view.lists[Kind::Context as usize] {
            let entry_plan = self.context(name, shown, &names)?;
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

    fn context(&mut self, name: &str, shown: &ViewEntry, names: &Names) -> Result<EntryPlan, ParseError> {
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
                // The context names an entry outside its source; `risk` judges that.
                None => {}
            }
        }
        self.judge(Kind::Context, name, shown, &body)
    }

    /// Clusters and users that only contexts name which are left out: nobody would use them.
    fn unwanted<'v>(&self, view: &'v View) -> Result<BTreeSet<(Kind, &'v str)>, ParseError> {
        let mut unwanted = BTreeSet::new();
        if self.policy != Policy::Skip {
            return Ok(unwanted);
        }
        let mut wanted = BTreeSet::new();
        for (name, shown) in &view.lists[Kind::Context as usize] {
            let mut taken = self.is_taken(Kind::Context, name, &shown.body)?;
            let mut named = Vec::new();
            for kind in [Kind::Cluster, Kind::User] {
                let Some(Value::String(name)) = shown.body.get(kind.word()) else { continue };
                if let Some(shown) = view.lists[kind as usize].get(name) {
                    match self.is_taken(kind, name, &shown.body)? {
                        true => taken = true,
                        false => named.push((kind, name.as_str())),
                    }
                }
            }
            if taken { &mut unwanted } else { &mut wanted }.extend(named);
        }
        unwanted.retain(|entry| !wanted.contains(entry));
        Ok(unwanted)
    }

    fn is_taken(&self, kind: Kind, name: &str, body: &Body) -> Result<bool, ParseError> {
        Ok(self.find(kind, name)?.is_some_and(|old| !same(kind, &old, body)))
    }

    fn judge(
        &mut self,
        kind: Kind,
        name: &str,
        shown: &ViewEntry,
        body: &Body,
    ) -> Result<EntryPlan, ParseError> {
        let (mut free, mut number, mut differs) = (name.to_owned(), 1, Vec::new());
        let (outcome, body) = loop {
            let Some(old) = self.find(kind, &free)? else { break (Outcome::Added, Some(sorted(body))) };
            if same(kind, &old, body) {
                break (Outcome::Identical, None);
            }
            if differs.is_empty() {
                differs = differences(&old, body);
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
                    let new = updated(kind, &old, body);
                    break match same(kind, &old, &new) {
                        true => (Outcome::Identical, None),
                        false => (Outcome::Updated, Some(new)),
                    };
                }
            }
        };
        if let Some(body) = body {
            self.put[kind as usize].insert(free.clone(), body);
        }
        Ok(EntryPlan { differs, ..entry_plan(kind, &free, name, &shown.origin, outcome) })
    }
}

pub(super) fn entry_plan(kind: Kind, name: &str, from: &str, origin: &Path, outcome: Outcome) -> EntryPlan {
    let (name, from, origin) = (name.to_owned(), from.to_owned(), origin.to_owned());
    EntryPlan { kind, name, from, origin, outcome, because: None, differs: Vec::new() }
}

/// The fields in kubectl's order, by their names.
pub(super) fn sorted(body: &Body) -> Body {
    let mut fields: Vec<(&String, &Value)> = body.iter().collect();
    fields.sort_by_key(|(key, _)| *key);
    let value = |value: &Value| match value {
        Value::Object(inner) => Value::Object(sorted(inner)),
        other => other.clone(),
    };
    fields.into_iter().map(|(key, inner)| (key.clone(), value(inner))).collect()
}

/// The fields in which two bodies are not the same, sorted.
pub(super) fn differences(one: &Body, other: &Body) -> Vec<String> {
    let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    keys.into_iter().filter(|key| one.get(*key) != other.get(*key)).cloned().collect()
}

/// True if kubectl sees no difference.
pub(super) fn same(kind: Kind, one: &Body, other: &Body) -> bool {
    one == other || view::item(kind, "", one) == view::item(kind, "", other)
}

/// The new body, with what is the user's own in the old one.
fn updated(kind: Kind, old: &Body, new: &Body) -> Body {
    let own: &[&str] = match kind {
        Kind::Context => &["namespace", "extensions"],
        Kind::Cluster | Kind::User => &["extensions"],
    };
    let mut body = new.clone();
    for key in own {
        if let Some(value) = old.get(*key) {
            body.insert((*key).to_owned(), value.clone());
        }
    }
    body
}
