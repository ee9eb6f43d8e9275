//! References from contexts to clusters and users over all files, and the edits that keep them valid: rename, copy,
//! delete, prune.

use super::change::Change;
use super::error::ParseError;
use super::merged::{EntryRef, Merged};
use super::patch::{Op, PathStep};
use super::schema::Kind;
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};

/// A reference from a context, which may be hidden, to an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Reference {
    source: usize,
    context: String,
    kind: Kind,
    name: String,
}

/// All references of contexts in all files.
fn references(merged: &Merged) -> Result<Vec<Reference>, ParseError> {
    let mut found = Vec::new();
    for (source, file) in merged.sources().iter().enumerate() {
        let Some(document) = &file.document else { continue };
        for index in 0..document.len(Kind::Context) {
            let body = document.body(Kind::Context, index)?;
            for kind in [Kind::Cluster, Kind::User] {
                if let Some(name) = body.get(kind.word()).and_then(Value::as_str).filter(|it| !it.is_empty())
                {
                    let context = document.name(Kind::Context, index).to_owned();
                    found.push(Reference { source, context, kind, name: name.to_owned() });
                }
            }
        }
    }
    Ok(found)
}

/// The indexes of the files with this `current-context`.
fn currents<'m>(merged: &'m Merged, context: &'m str) -> impl Iterator<Item = usize> + 'm {
    let says = move |(at, source): (usize, &super::merged::Source)| {
        source.document.as_ref().is_some_and(|it| it.current_context() == context).then_some(at)
    };
    merged.sources().iter().enumerate().filter_map(says)
}

fn set_current(source: usize, context: &str) -> Change {
    Change::At { source, op: Op::SetTop { key: "current-context".to_owned(), value: Value::from(context) } }
}

/// The sorted, unique names of the contexts in all files that name this cluster or user.
///
/// # Errors
/// As [`Document::body`](crate::kubeconfig::Document::body).
pub fn users_of(merged: &Merged, kind: Kind, name: &str) -> Result<Vec<String>, ParseError> {
    let named = references(merged)?.into_iter().filter(|it| it.kind == kind && it.name == name);
    Ok(named.map(|it| it.context).collect::<BTreeSet<_>>().into_iter().collect())
}

/// Renames the entry that is not hidden and updates the references to it in all files. `None` if there is no such
/// entry.
///
/// ```
/// use kcx::kubeconfig::change::Change;
/// use kcx::kubeconfig::patch::Op;
/// use kcx::kubeconfig::{Document, Kind, Merged, Source, refs};
/// let text = "contexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c}]\n";
/// let document = Some(Document::parse(text.as_bytes().to_vec())?);
/// let merged = Merged::new(vec![Source { path: "config".into(), document }]);
/// let changes = refs::rename(&merged, Kind::Cluster, "c", "d")?.expect("it is there");
/// assert_eq!(changes.len(), 2);
/// assert!(matches!(&changes[0], Change::At { source: 0, op: Op::Rename { to, .. } } if to == "d"));
/// # Ok::<(), kcx::kubeconfig::ParseError>(())
/// ```
///
/// # Errors
/// As [`Document::body`](crate::kubeconfig::Document::body).
pub fn rename(merged: &Merged, kind: Kind, from: &str, to: &str) -> Result<Option<Vec<Change>>, ParseError> {
    let Some(entry) = merged.find(kind, from) else { return Ok(None) };
    let op = Op::Rename { kind, from: from.to_owned(), to: to.to_owned() };
    let mut changes = vec![Change::At { source: entry.source, op }];
    if kind == Kind::Context {
        changes.extend(follow(merged, from, to));
        return Ok(Some(changes));
    }
    for it in references(merged)?.into_iter().filter(|it| it.kind == kind && it.name == from) {
        let path = vec![PathStep::Key(kind.word().to_owned())];
        let op = Op::Set { kind: Kind::Context, name: it.context, path, value: Value::from(to) };
        changes.push(Change::At { source: it.source, op });
    }
    Ok(Some(changes))
}

/// The changes by which `current-context` follows the rename of a context, in all files.
pub(super) fn follow<'m>(
    merged: &'m Merged,
    from: &'m str,
    to: &'m str,
) -> impl Iterator<Item = Change> + 'm {
    currents(merged, from).map(move |source| set_current(source, to))
}

/// Adds a second entry with the same content to the same file. `None` if there is no such entry.
///
/// ```
/// use kcx::kubeconfig::change::Change;
/// use kcx::kubeconfig::patch::{self, Op};
/// use kcx::kubeconfig::{Document, Kind, Merged, Source, refs};
/// let text = "contexts:\n- name: a # mine\n  context: {cluster: c}\n";
/// let document = Document::parse(text.as_bytes().to_vec())?;
/// let merged = Merged::new(vec![Source { path: "config".into(), document: Some(document.clone()) }]);
/// let Some(Change::At { op, .. }) = refs::copy(&merged, Kind::Context, "a", "b")? else { panic!() };
/// let after = patch::apply(&document, &[op])?;
/// assert_eq!(after.names(Kind::Context).collect::<Vec<_>>(), ["a", "b"]);
/// assert!(after.text().starts_with(text));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`Document::body`](crate::kubeconfig::Document::body).
pub fn copy(merged: &Merged, kind: Kind, from: &str, to: &str) -> Result<Option<Change>, ParseError> {
    let Some(entry) = merged.find(kind, from) else { return Ok(None) };
    let op = Op::Insert { kind, name: to.to_owned(), body: merged.body(entry)?.into_owned() };
    Ok(Some(Change::At { source: entry.source, op }))
}

/// The plan of a deletion.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deletion {
    /// The changes to apply.
    pub changes: Vec<Change>,
    /// The deleted entries with their file's index: first the named ones, then those no longer used.
    pub gone: Vec<(Kind, String, usize)>,
    /// Entries of the same names in later files, which are not hidden any more, with their file's index.
    pub resurfaced: Vec<(Kind, String, usize)>,
    /// True if the current context is deleted; then no context is current.
    pub current: bool,
}

impl Deletion {
    fn remove(&mut self, merged: &Merged, entry: EntryRef) {
        let (kind, name) = (entry.kind, merged.name(entry).to_owned());
        let op = Op::Remove { kind, name: name.clone() };
        self.changes.push(Change::At { source: entry.source, op });
        self.gone.push((kind, name, entry.source));
    }
}

/// Plans the deletion of these entries (of each name the one that is not hidden). With `cascade`, clusters and users
/// that only deleted contexts name are deleted, too.
///
/// ```
/// use kcx::kubeconfig::{Document, Kind, Merged, Source, refs};
/// let text = "clusters: [{name: c}, {name: d}]\nusers: [{name: u}]\n\
///             contexts: [{name: a, context: {cluster: c, user: u}}, {name: b, context: {cluster: d, user: u}}]\n";
/// let document = Document::parse(text.as_bytes().to_vec())?;
/// let merged = Merged::new(vec![Source { path: "config".into(), document: Some(document) }]);
/// let deletion = refs::delete(&merged, Kind::Context, &["a".to_owned()], true)?;
/// // Context b still needs the user.
/// let gone: Vec<_> = deletion.gone.iter().map(|(kind, name, _)| (*kind, name.as_str())).collect();
/// assert_eq!(gone, [(Kind::Context, "a"), (Kind::Cluster, "c")]);
/// # Ok::<(), kcx::kubeconfig::ParseError>(())
/// ```
///
/// # Errors
/// As [`Document::body`](crate::kubeconfig::Document::body).
pub fn delete(merged: &Merged, kind: Kind, names: &[String], cascade: bool) -> Result<Deletion, ParseError> {
    let mut deletion = Deletion::default();
    for name in names {
        let mut holders = merged.holders(kind, name);
        let Some(entry) = holders.next() else { continue };
        deletion.remove(merged, entry);
        match holders.next() {
            Some(next) => deletion.resurfaced.push((kind, name.clone(), next.source)),
            None if kind == Kind::Context => {
                deletion.current |= merged.current_context() == name;
                deletion.changes.extend(currents(merged, name).map(|source| set_current(source, "")));
            }
            None => {}
        }
    }
    if kind != Kind::Context || !cascade {
        return Ok(deletion);
    }
    let gone: HashSet<(&str, usize)> =
        deletion.gone.iter().map(|(_, name, source)| (name.as_str(), *source)).collect();
    let (of_gone, of_kept): (Vec<Reference>, Vec<Reference>) =
        references(merged)?.into_iter().partition(|it| gone.contains(&(it.context.as_str(), it.source)));
    let kept: HashSet<(Kind, &str)> = of_kept.iter().map(|it| (it.kind, it.name.as_str())).collect();
    let unused: BTreeSet<(Kind, &str)> = of_gone.iter().map(|it| (it.kind, it.name.as_str())).collect();
    for &(kind, name) in unused.difference(&kept.into_iter().collect()) {
        if let Some(entry) = merged.find(kind, name) {
            deletion.remove(merged, entry);
        }
    }
    Ok(deletion)
}

/// Plans the deletion of the clusters and users in all files that no context names.
///
/// ```
/// use kcx::kubeconfig::{Document, Kind, Merged, Source, refs};
/// let text = "clusters: [{name: c}, {name: old}]\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n";
/// let document = Document::parse(text.as_bytes().to_vec())?;
/// let merged = Merged::new(vec![Source { path: "config".into(), document: Some(document) }]);
/// assert_eq!(refs::orphans(&merged)?.gone, [(Kind::Cluster, "old".to_owned(), 0)]);
/// // Its user does not exist.
/// assert_eq!(refs::dangling(&merged)?[0].missing, [(Kind::User, "u".to_owned())]);
/// # Ok::<(), kcx::kubeconfig::ParseError>(())
/// ```
///
/// # Errors
/// As [`Document::body`](crate::kubeconfig::Document::body).
pub fn orphans(merged: &Merged) -> Result<Deletion, ParseError> {
    let named: HashSet<(Kind, String)> =
        references(merged)?.into_iter().map(|it| (it.kind, it.name)).collect();
    let mut deletion = Deletion::default();
    for (source, file) in merged.sources().iter().enumerate() {
        let Some(document) = &file.document else { continue };
        for kind in [Kind::Cluster, Kind::User] {
            for (index, name) in document.names(kind).enumerate() {
                if !named.contains(&(kind, name.to_owned())) {
                    deletion.remove(merged, EntryRef { kind, source, index });
                }
            }
        }
    }
    Ok(deletion)
}

/// A context that leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dangling {
    /// The context.
    pub context: String,
    /// The clusters and users that it names and that do not exist; none if it names neither a cluster nor a user.
    pub missing: Vec<(Kind, String)>,
}

/// The contexts in force that lead nowhere, sorted by name: their cluster or user does not exist, or they name neither.
///
/// # Errors
/// As [`Document::body`](crate::kubeconfig::Document::body).
pub fn dangling(merged: &Merged) -> Result<Vec<Dangling>, ParseError> {
    let mut found = Vec::new();
    for entry in merged.entries(Kind::Context) {
        let body = merged.body(entry)?;
        let named = |kind: Kind| {
            let name = body.get(kind.word()).and_then(Value::as_str).unwrap_or_default();
            Some((kind, name.to_owned())).filter(|_| !name.is_empty())
        };
        let named: Vec<(Kind, String)> = [Kind::Cluster, Kind::User].into_iter().filter_map(named).collect();
        let names_none = named.is_empty();
        let is_missing = |(kind, name): &(Kind, String)| merged.find(*kind, name).is_none();
        let missing: Vec<_> = named.into_iter().filter(is_missing).collect();
        if names_none || !missing.is_empty() {
            found.push(Dangling { context: merged.name(entry).to_owned(), missing });
        }
    }
    Ok(found)
}
