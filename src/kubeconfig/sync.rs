//! Plans how a file follows a source of kubeconfigs.
//!
//! A context that a source brought says so in an extension ([`super::provenance`]), so that it is found again under the name
//! that the user has given it. Entries without this extension belong to the user and are never touched.
//!
//! ```text
//! what the source has ─► match by id ─► names ─► bodies ─► changes of one file
//! ```

mod entries;
mod matching;
mod names;
mod optional;
mod own;
mod renames;

pub use names::{Names, PLACEHOLDERS};

use super::change::{Change, Targets, route};
use super::error::ParseError;
use super::import::Names as NewNames;
use super::merged::Merged;
use super::name_index::NameIndex;
use super::patch::Op;
use super::provenance::Provenance;
use super::refs;
use super::schema::Kind;
use super::view::View;
use names::Named;
use own::{Contexts, Own};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A cluster that a source has.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// Its id in the source, unique and stable.
    pub id: String,
    /// The name that the source proposes for its context.
    pub name: Option<String>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// The version of its kubeconfig.
    pub changed: Option<String>,
    /// Its kubeconfig.
    pub content: Content,
}

/// The kubeconfig of a cluster.
#[derive(Clone, Debug)]
pub enum Content {
    /// It has the version that the file has already.
    Unchanged,
    /// It could not be had; the entries of the cluster stay as they are.
    Failed,
    /// Its content.
    New(View),
}

/// How a source is followed.
#[derive(Clone, Copy)]
pub struct Options<'o> {
    /// The names of its contexts, and its own name.
    pub names: Names<'o>,
    /// The namespace of new contexts, in place of the source's.
    pub namespace: Option<&'o str>,
    /// Removes the contexts of clusters that the source no longer has, instead of marking them.
    pub prune: bool,
    /// The date for such marks.
    pub today: &'o str,
    /// True if a context of the first name may get the second one, because the source has renamed it.
    pub may_rename: &'o dyn Fn(&str, &str) -> bool,
}

/// What happens to a context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is added.
    Added,
    /// Its cluster, its user or the context itself gets new values.
    Updated,
    /// It stays as it is.
    Unchanged,
    /// The source no longer has it, and it is marked.
    Gone,
    /// It was marked before.
    StillGone,
    /// The source no longer has it, and it is removed.
    Removed,
    /// The source has it again, and the mark is removed.
    Back,
}

/// The plan for one context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextPlan {
    /// The id of its cluster in the source.
    pub id: String,
    /// Its name after the sync.
    pub name: String,
    /// What happens to it.
    pub outcome: Outcome,
    /// Its name before, if the source has renamed it.
    pub renamed_from: Option<String>,
    /// The name that it should have, if it is taken.
    pub taken: Option<String>,
    /// The name that the source gives it now, if [`Options::may_rename`] does not permit it.
    pub unprotected: Option<String>,
    /// The replaced fields, such as `cluster.server`.
    pub replaced: Vec<String>,
    /// The fields of the user that stay, such as `cluster.proxy-url`.
    pub kept: Vec<String>,
}

impl ContextPlan {
    /// A plan that says only what happens.
    fn new(id: &str, name: &str, outcome: Outcome) -> ContextPlan {
        let (id, name) = (id.to_owned(), name.to_owned());
        let (replaced, kept) = (Vec::new(), Vec::new());
        ContextPlan { id, name, outcome, renamed_from: None, taken: None, unprotected: None, replaced, kept }
    }
}

/// The plan for a source.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The changes to make.
    pub changes: Vec<Change>,
    /// The entries that are written, for [`super::risk::Index::edited`].
    pub puts: Vec<Change>,
    /// For each new content, in the order of the clusters: the names of its entries here, for [`super::risk::Brought::named`].
    pub names: Vec<NewNames>,
    /// The contexts, by the ids of their clusters.
    pub contexts: Vec<ContextPlan>,
    /// The renames of contexts one after the other, each from a name to another one.
    pub renames: Vec<(String, String)>,
}

/// Names that entries may not get.
pub type Taken = super::PerKind<HashSet<String>>;

/// The names of all entries.
#[must_use]
pub fn taken(merged: &Merged) -> Taken {
    let names = |kind| {
        let sources = merged.sources().iter().filter_map(|source| source.document.as_ref());
        sources.flat_map(move |document| document.names(kind)).map(str::to_owned).collect()
    };
    Taken::from_fn(names)
}

/// The contexts of a source in a file: the ids of their clusters, with the version of each.
///
/// # Errors
/// As [`Document::body`](crate::kubeconfig::Document::body).
pub fn known(merged: &Merged, file: usize, names: Names<'_>) -> Result<Vec<Known>, ParseError> {
    let document = merged.sources()[file].document.as_ref();
    let contexts = Contexts::of(document, names.source)?;
    let index = document.map(|document| NameIndex::new(document, contexts.own.len()));
    let has = |kind: Kind, name: &str| {
        name.is_empty() || index.as_ref().is_some_and(|index| index.find(kind, name).is_some())
    };
    let known = |own: Own| {
        let is_whole = [Kind::Cluster, Kind::User].into_iter().all(|kind| has(kind, own.named(kind)));
        Known { name: own.name, from: own.from, is_whole }
    };
    Ok(contexts.own.into_iter().map(known).collect())
}

/// A context that a source brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its name here.
    pub name: String,
    /// Where it comes from.
    pub from: Provenance,
    /// True if its cluster and its user are in the file.
    pub is_whole: bool,
}

/// True if the kubeconfig of a cluster need not be fetched: it has the same version as at the last sync, and its contexts,
/// which are `known`, would keep their names.
#[must_use]
pub fn is_current(it: &Incoming, known: &[&Known], names: Names<'_>) -> bool {
    let is_only = known.len() == 1;
    !known.is_empty()
        && known.iter().all(|known| {
            let from = &known.from;
            let name = it.name.as_deref();
            let named = Named { id: &it.id, name, context: &from.context, body: None, is_only };
            known.is_whole
                && from.changed.is_some()
                && from.changed == it.changed
                && names.of(&named).as_ref() == Some(&from.wanted)
        })
}

/// Plans one source: `merged` has all of the user's own files, `file` is the index of the one that follows the source, and
/// `incoming` is all that the source has. `taken` are the names of all entries; those that the plan gives are added.
///
/// # Errors
/// As [`Document::body`](crate::kubeconfig::Document::body).
pub fn plan(
    merged: &Merged,
    file: usize,
    incoming: &[Incoming],
    options: &Options<'_>,
    taken: &mut Taken,
) -> Result<Plan, ParseError> {
    let document = merged.sources()[file].document.as_ref();
    let contexts = Contexts::of(document, options.names.source)?;
    let mut planner = Planner {
        own: &contexts.own,
        seen: vec![false; contexts.own.len()],
        by_id: contexts.by(|own| &own.from.id),
        by_wanted: contexts.by(|own| &own.from.wanted),
        others: &contexts.others,
        ids: incoming.iter().map(|it| it.id.as_str()).collect(),
        document,
        names: document.map(|document| NameIndex::new(document, incoming.len().max(contexts.own.len()))),
        options,
        taken,
        puts: super::PerKind::default(),
        granted: HashSet::new(),
        renames: Vec::new(),
        plan: Plan::default(),
    };
    let mut sorted: Vec<&Incoming> = incoming.iter().collect();
    sorted.sort_by(|one, other| one.id.cmp(&other.id));
    let mut names: BTreeMap<&str, NewNames> = BTreeMap::new();
    let meet = |it: &&Incoming| match &it.content {
        Content::New(view) => planner.meet(it, view),
        _ => matching::Met::default(),
    };
    let met: Vec<matching::Met> = sorted.iter().map(meet).collect();
    planner.grant(met.iter(), |name| merged.holders(Kind::Context, name).any(|entry| entry.source != file));
    for (it, met) in sorted.into_iter().zip(&met) {
        match &it.content {
            Content::New(view) => {
                names.insert(&it.id, planner.fetched(it, view, met)?);
            }
            Content::Unchanged => planner.unchanged(it),
            Content::Failed => {
                for at in planner.by_id.get(it.id.as_str()).into_iter().flatten() {
                    planner.seen[*at] = true;
                }
            }
        }
    }
    let removed = planner.gone();
    let is_free = |name: &String| !planner.taken[Kind::Context].contains(name);
    let between = |from: &str| {
        let mut names = (1..).map(|number: usize| format!("{from}-{}-{number}", options.names.source));
        names.find(is_free).unwrap_or_default()
    };
    let ordered = renames::in_order(planner.renames.clone(), between);
    let Planner { mut puts, renames, mut plan, .. } = planner;
    plan.names = incoming
        .iter()
        .filter(|it| matches!(it.content, Content::New(_)))
        .filter_map(|it| names.remove(it.id.as_str()))
        .collect();
    for kind in [Kind::Cluster, Kind::User, Kind::Context] {
        let puts = std::mem::take(&mut puts[kind]).into_iter();
        plan.puts.extend(puts.map(|(name, body)| Change::Put { kind, name, body }));
    }
    if !plan.puts.is_empty() {
        // An earlier file may have an entry of the same name: the changes are made to this file, whatever hides it.
        let alone = Merged::new(vec![merged.sources()[file].clone()]);
        let targets = Targets { current: 0, default: 0, explicit: true };
        let ops = route(&alone, plan.puts.clone(), targets)?.into_iter().flatten();
        plan.changes.extend(ops.map(|op| Change::At { source: file, op }));
    }
    for (from, to) in &ordered {
        let op = Op::Rename { kind: Kind::Context, from: from.clone(), to: to.clone() };
        plan.changes.push(Change::At { source: file, op });
    }
    for (from, to) in renames {
        if merged.find(Kind::Context, &from).is_some_and(|entry| entry.source == file) {
            plan.changes.extend(refs::follow(merged, &from, &to));
        }
    }
    plan.renames = ordered;
    plan.changes.extend(removal(merged, file, &removed)?);
    plan.contexts.sort_by(|one, other| (&one.id, &one.name).cmp(&(&other.id, &other.name)));
    Ok(plan)
}

/// Removes contexts of the file, with the clusters and users of the file that nothing else names.
fn removal(merged: &Merged, file: usize, names: &[String]) -> Result<Vec<Change>, ParseError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    // Entries of other files that have the same names stay, and what they hide is removed all the same.
    let (hidden, seen): (Vec<String>, Vec<String>) = names
        .iter()
        .cloned()
        .partition(|name| merged.find(Kind::Context, name).is_none_or(|entry| entry.source != file));
    let remove = |name: String| Change::At { source: file, op: Op::Remove { kind: Kind::Context, name } };
    let is_ours = |change: &Change| match change {
        Change::At { source, op: Op::Remove { .. } } => *source == file,
        _ => true,
    };
    let deletion = refs::delete(merged, Kind::Context, &seen, true)?;
    Ok(deletion.changes.into_iter().filter(is_ours).chain(hidden.into_iter().map(remove)).collect())
}

struct Planner<'p> {
    /// The contexts of the file that this source brought.
    own: &'p [Own],
    /// For each of them, whether the source still has it.
    seen: Vec<bool>,
    /// Their places, by the ids of their clusters.
    by_id: HashMap<&'p str, Vec<usize>>,
    /// Their places, by the names that the source gave them.
    by_wanted: HashMap<&'p str, Vec<usize>>,
    /// The clusters and users of the file that contexts name which this source has not brought.
    others: &'p HashSet<(Kind, String)>,
    /// The ids of all clusters that the source has.
    ids: HashSet<&'p str>,
    document: Option<&'p super::Document>,
    /// The places of its entries.
    names: Option<NameIndex<'p>>,
    options: &'p Options<'p>,
    taken: &'p mut Taken,
    puts: super::PerKind<BTreeMap<String, super::Body>>,
    /// The contexts that get the new names which the source gives them.
    granted: HashSet<usize>,
    renames: Vec<(String, String)>,
    plan: Plan,
}
