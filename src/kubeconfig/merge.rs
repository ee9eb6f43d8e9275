//! Merges several kubeconfigs into one: the text of the first file with the entries of the others added.

use super::change::{Change, Targets, route};
use super::document::Document;
use super::error::ParseError;
use super::import::{self, EntryPlan, Outcome, Plan, Policy, plan};
use super::merged::{EntryRef, Merged, Source};
use super::patch::{self, Op, Refusal};
use super::per_kind::PerKind;
use super::schema::Kind;
use super::view::{View, ViewEntry};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// The result of a merge.
#[derive(Clone, Debug)]
pub struct MergeResult {
    /// The merged kubeconfig; the unchanged first one if there is a conflict.
    pub document: Document,
    /// The outcome for the entries of the other kubeconfigs; its changes have been applied to `document`.
    pub plan: Plan,
}

/// Merges kubeconfigs. The first one keeps its comments and order; entries of the other files are appended.
///
/// Without a policy, the first of several entries with the same name is used, so that kubectl reads the same content
/// from the result as from the list of files. `prepare` changes the view of each kubeconfig before the merge, to
/// adapt paths to the location of the result; [`Ok`] changes nothing. It may not be called for entries without paths;
/// these are copied as text, with comments and unknown fields.
///
/// ```
/// use kcx::kubeconfig::merge::{MergeError, merge};
/// use kcx::kubeconfig::{Document, Source};
/// let source = |text: &str| Source {
///     path: "config".into(),
///     document: Document::parse(text.as_bytes().to_vec()).ok(),
/// };
/// let one = source("contexts: # mine\n- name: a\n  context: {}\n");
/// let two = source("contexts: [{name: b, context: {cluster: c}}]");
/// let merged = merge(vec![one, two], None, Ok::<_, MergeError>)?;
/// assert_eq!(
///     merged.document.text(),
///     "contexts: # mine\n- name: a\n  context: {}\n- name: b\n  context:\n    cluster: c\n",
/// );
/// # Ok::<(), MergeError>(())
/// ```
///
/// # Errors
/// Returns the error of `prepare`, or the reason why the first kubeconfig cannot be edited safely.
pub fn merge<E: From<MergeError>>(
    sources: Vec<Source>,
    policy: Option<Policy>,
    prepare: impl Fn(View) -> Result<View, E>,
) -> Result<MergeResult, E> {
    let failed = |error: ParseError| E::from(MergeError::Parse(error));
    let all = Merged::new(sources);
    let (mut changes, plan) = match policy {
        None => first_counts(&all, &prepare)?,
        Some(policy) => by(policy, &all, &prepare)?,
    };
    let preferences = all.preferences().map_err(failed)?;
    let extensions = all.extensions().map_err(failed)?;
    let current = all.current_context().to_owned();
    let mut sources = all.into_sources();
    sources.truncate(1);
    let first = Merged::new(sources);
    if first.current_context() != current {
        changes.push(Change::Current(current));
    }
    if first.preferences().map_err(failed)? != preferences {
        changes.push(Change::Preferences(preferences));
    }
    let targets = Targets { current: 0, default: 0, explicit: false };
    let mut ops = route(&first, changes, targets).map_err(failed)?.pop().unwrap_or_default();
    if first.extensions().map_err(failed)? != extensions {
        ops.push(Op::SetTop { key: "extensions".to_owned(), value: Value::Array(extensions) });
    }
    let document = first.into_sources().pop().and_then(|source| source.document);
    let document = match document {
        Some(document) => document,
        None => Document::parse(Vec::new()).map_err(failed)?,
    };
    if plan.conflicts().next().is_some() {
        return Ok(MergeResult { document, plan });
    }
    let document = patch::apply(&document, &ops).map_err(|refusal| E::from(MergeError::Refused(refusal)))?;
    Ok(MergeResult { document, plan })
}

/// The changes to make, and the outcome for the entries of the other kubeconfigs.
type Decided = (Vec<Change>, Plan);

/// The changes with a policy for conflicts.
fn by<E: From<MergeError>>(
    policy: Policy,
    all: &Merged,
    prepare: &impl Fn(View) -> Result<View, E>,
) -> Result<Decided, E> {
    let failed = |error: ParseError| E::from(MergeError::Parse(error));
    let mut views = Vec::new();
    for source in all.sources() {
        views.push(prepare(View::of(&Merged::new(vec![source.clone()])).map_err(failed)?)?);
    }
    let first = Merged::new(all.sources().iter().take(1).cloned().collect());
    let others = views.split_off(views.len().min(1));
    let mut changes = Vec::new();
    for own in views {
        for (kind, list) in own.lists {
            for (name, shown) in list {
                changes.push(Change::Put { kind, name, body: shown.body });
            }
        }
    }
    let mut plan = plan(&first, &others, policy).map_err(failed)?;
    changes.append(&mut plan.changes);
    Ok((changes, plan))
}

/// The changes with kubectl's rule for a list of files: the first entry of a name is used.
fn first_counts<E: From<MergeError>>(
    all: &Merged,
    prepare: &impl Fn(View) -> Result<View, E>,
) -> Result<Decided, E> {
    let holders = PerKind::from_fn(|kind| all.holders_by_name(kind));
    let prepared = prepare_some(all, &holders, prepare)?;
    let shown = |entry: EntryRef| prepared[entry.source].lists[entry.kind].get(all.name(entry));
    let (mut changes, mut new) = (Vec::new(), Vec::new());
    for kind in [Kind::Cluster, Kind::User, Kind::Context] {
        let sorted: BTreeMap<&&str, &Vec<EntryRef>> = holders[kind].iter().collect();
        for (&&name, holders) in &sorted {
            let (entry, name) = (holders[0], name.to_owned());
            match (shown(entry), all.lines(entry)) {
                (Some(shown), _) if entry.source == 0 => {
                    changes.push(Change::Put { kind, name, body: shown.body.clone() });
                }
                (Some(shown), _) => {
                    new.push(Change::Put { kind, name, body: import::sorted(&shown.body) });
                }
                (None, Some(lines)) if entry.source > 0 => {
                    let lines = lines.to_owned();
                    new.push(Change::At { source: 0, op: Op::Paste { kind, name, lines } });
                }
                (None, _) => {}
            }
        }
    }
    changes.append(&mut new);
    let mut plan = Plan::default();
    for source in 1..all.sources().len() {
        for kind in [Kind::Cluster, Kind::User, Kind::Context] {
            for entry in all.of_source(kind, source) {
                let first = holders[kind].get(all.name(entry)).map_or(entry, |holders| holders[0]);
                plan.entries.push(match (shown(entry), shown(first)) {
                    (Some(shown), Some(first_shown)) if first != entry => {
                        compare_hidden(all, entry, shown, first_shown)
                    }
                    _ => entry_plan(all, entry, Outcome::Added),
                });
            }
        }
    }
    Ok((changes, plan))
}

/// The outcome for an entry whose name exists in an earlier file.
fn compare_hidden(all: &Merged, entry: EntryRef, shown: &ViewEntry, first: &ViewEntry) -> EntryPlan {
    if import::same(entry.kind, &first.body, &shown.body) {
        return entry_plan(all, entry, Outcome::Identical);
    }
    let differs = import::differences(&first.body, &shown.body);
    let against = Some(first.origin.clone());
    EntryPlan { differs, against, ..entry_plan(all, entry, Outcome::Skipped) }
}

fn entry_plan(all: &Merged, entry: EntryRef, outcome: Outcome) -> EntryPlan {
    let name = all.name(entry);
    import::entry_plan(entry.kind, name, name, all.path(entry), outcome)
}

/// A prepared view of each source, with the entries that have paths, are compared, or cannot be copied as text.
fn prepare_some<E: From<MergeError>>(
    all: &Merged,
    holders: &PerKind<HashMap<&str, Vec<EntryRef>>>,
    prepare: &impl Fn(View) -> Result<View, E>,
) -> Result<Vec<View>, E> {
    let mut wanted = vec![Vec::new(); all.sources().len()];
    for (kind, holders) in holders.iter() {
        for holders in holders.values() {
            let plain = || all.lines(holders[0]).is_some_and(|lines| !has_path(kind, lines));
            if holders.len() > 1 || !plain() {
                for entry in holders {
                    wanted[entry.source].push(*entry);
                }
            }
        }
    }
    let view = |entries| View::default().with(all, entries).map_err(MergeError::Parse);
    wanted.into_iter().map(|entries| prepare(view(entries)?)).collect()
}

/// True if the lines of an entry may contain the path of a file.
fn has_path(kind: Kind, lines: &str) -> bool {
    lines.lines().any(|line| {
        let Some((key, value)) = line.trim_start_matches([' ', '-']).split_once(':') else { return false };
        kind.body().fields.iter().any(|field| field.file && field.name == key)
            || key == "command" && value.contains(std::path::is_separator)
    })
}

/// The reason why kubeconfigs cannot be merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// A part of a kubeconfig cannot be decoded.
    #[error(transparent)]
    Parse(ParseError),
    /// The first kubeconfig cannot be edited safely.
    #[error(transparent)]
    Refused(Refusal),
}
