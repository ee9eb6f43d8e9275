//! Fetches what the sources have, and reads the kubeconfigs.

use super::Target;
use super::target::Files;
use crate::cli::World;
use crate::cli::error::{Error, name, path};
use crate::cli::import::source::{Unread, read_kubeconfigs};
use crate::env::Env;
use crate::kubeconfig::risk::Risk;
use crate::kubeconfig::sync::{self, Content, Incoming, Known};
use crate::kubeconfig::unpack::Part;
use crate::kubeconfig::{Kind, Merged, ParseError, Source, View};
use crate::session;
use crate::source::{self, Fetched, Listed, Surroundings};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The number of sources that are asked at the same time.
const PARALLEL: usize = 4;

/// What a source has.
pub(super) struct Collected {
    /// Its clusters, or why they cannot be had.
    clusters: Result<Vec<Incoming>, String>,
    /// The clusters that cannot be had, by their ids, and why.
    pub(super) failed: Vec<(String, String)>,
    /// Why nothing of it may be written.
    pub(super) refused: Option<Error>,
    /// What was left undone.
    pub(super) warnings: Vec<Error>,
    /// The risks of what it brings, and whether each is permitted.
    pub(super) risks: Vec<(Risk, bool)>,
    /// False if contexts that are gone must stay.
    pub(super) prunes: bool,
}

impl Collected {
    /// Nothing, because the file that follows the source cannot be read.
    fn of_broken(error: &Error, target: &Target) -> Collected {
        let hint = format!("mend or remove the file: `kcx sync {}` writes a new one", target.settings.name);
        let message = format!("{}; its contexts were not changed", error.message);
        let refused = Some(Error { message, hints: vec![hint], ..error.clone() });
        let (failed, warnings, risks) = (Vec::new(), Vec::new(), Vec::new());
        Collected { clusters: Ok(Vec::new()), failed, refused, warnings, risks, prunes: true }
    }

    /// Its clusters, unless it cannot be synced.
    pub(super) fn incoming(&self) -> Option<&[Incoming]> {
        self.clusters.as_deref().ok().filter(|_| self.refused.is_none())
    }

    /// Why it cannot be had.
    pub(super) fn error(&self) -> Option<&str> {
        self.clusters.as_ref().err().map(String::as_str)
    }

    /// The new kubeconfigs.
    pub(super) fn views(&self) -> Vec<&View> {
        self.clusters.iter().flatten().filter_map(view_of).collect()
    }

    pub(super) fn refuse(&mut self, error: &Error) {
        self.refused = Some(error.clone());
    }

    /// True if not all that was planned may be done, by the answers to questions.
    pub(super) fn is_limited(&self) -> bool {
        self.refused.is_some() || !self.prunes
    }

    pub(super) fn warn(&mut self, error: Error) {
        self.warnings.push(error);
    }

    pub(super) fn note(&mut self, risks: Vec<(Risk, bool)>) {
        self.risks = risks;
    }
}

fn view_of(it: &Incoming) -> Option<&View> {
    match &it.content {
        Content::New(view) => Some(view),
        _ => None,
    }
}

/// Fetches what these sources have. A source that cannot be had does not stop the others.
///
/// # Errors
/// The user's own files cannot be decoded.
pub(super) fn all(
    targets: &[Target],
    files: &Files,
    merged: &Merged,
    world: &mut World<'_>,
) -> Result<Vec<Collected>, Error> {
    let known = |(target, (place, broken)): (&Target, (&usize, &Option<Error>))| match broken {
        Some(_) => Ok(Vec::new()),
        None => sync::known(merged, *place, target.names()),
    };
    let places = files.places.iter().zip(&files.broken);
    let known: Vec<Vec<Known>> = targets.iter().zip(places).map(known).collect::<Result<_, ParseError>>()?;
    let around =
        Surroundings { env: world.env, kubeconfig: session::kubeconfig_before(world.env).map(Into::into) };
    let own = own_files(world);
    let asked: Vec<_> = targets.iter().zip(&known).zip(&files.broken).collect();
    Ok(source::in_parallel(asked, PARALLEL, |((target, known), broken)| match broken {
        Some(error) => Collected::of_broken(error, target),
        None => one(target, known, &own, &around),
    }))
}

/// The files that follow sources.
fn own_files(world: &World<'_>) -> Vec<PathBuf> {
    world.settings_or_default().sources.iter().map(|source| source::file(source, world.env)).collect()
}

/// Asks one source; `own` are the files that follow sources.
fn one(target: &Target, known: &[Known], own: &[PathBuf], around: &Surroundings<'_>) -> Collected {
    let by_cluster = ByCluster::new(known);
    let is_known = |listed: &Listed| {
        let content = Content::Unchanged;
        sync::is_current(&incoming(listed, content), by_cluster.of(&listed.id), target.names())
    };
    let mut failed = Vec::new();
    let clusters = source::fetch(&target.settings, around, &is_known).map_err(|error| error.to_string());
    let clusters = clusters.map(|fetched| {
        let mut clusters = Vec::new();
        let is_own = |file: &Path| own.iter().any(|own| own == file);
        for Fetched { cluster, content, file } in fetched {
            // Otherwise a source of the folder of sources would copy itself at each sync.
            if file.as_deref().is_some_and(is_own) {
                continue;
            }
            let read = match content {
                None => {
                    clusters.push(incoming(&cluster, Content::Unchanged));
                    continue;
                }
                Some(Err(error)) => Err(error.to_string()),
                Some(Ok(bytes)) => kubeconfigs(&cluster, bytes, file.as_deref(), target, around.env),
            };
            let mut of_it = by_cluster.inside(&cluster.id).peekable();
            match read {
                // A file that is just being written may be empty.
                Ok(read) if read.is_empty() && of_it.peek().is_some() => {
                    failed.push((cluster.id.clone(), "it has no context any more".to_owned()));
                    clusters.extend(unread(&cluster, of_it));
                }
                Ok(read) => clusters.extend(read),
                Err(error) => {
                    failed.push((cluster.id.clone(), error));
                    clusters.extend(unread(&cluster, of_it));
                }
            }
        }
        clusters
    });
    Collected { clusters, failed, refused: None, warnings: Vec::new(), risks: Vec::new(), prunes: true }
}

/// The contexts that a source brought, by the ids of their clusters.
struct ByCluster<'k>(BTreeMap<&'k str, Vec<&'k Known>>);

impl<'k> ByCluster<'k> {
    fn new(known: &'k [Known]) -> ByCluster<'k> {
        let mut by_cluster: BTreeMap<&str, Vec<&Known>> = BTreeMap::new();
        for it in known {
            by_cluster.entry(&it.from.id).or_default().push(it);
        }
        ByCluster(by_cluster)
    }

    /// Those of this cluster.
    fn of(&self, id: &str) -> &[&'k Known] {
        self.0.get(id).map(Vec::as_slice).unwrap_or_default()
    }

    /// Those of this cluster, or of one of the objects in it.
    fn inside(&self, id: &str) -> impl Iterator<Item = &'k Known> {
        let start = format!("{id}{INSIDE}");
        let objects = self.0.range(start.as_str()..).take_while(|(id, _)| id.starts_with(&start));
        let objects: Vec<&Known> = objects.flat_map(|(_, known)| known.iter().copied()).collect();
        self.of(id).to_vec().into_iter().chain(objects)
    }
}

fn incoming(listed: &Listed, content: Content) -> Incoming {
    let Listed { id, name, labels, changed, .. } = listed.clone();
    Incoming { id, name, labels, changed, content }
}

/// The clusters that a source still has, although their kubeconfig cannot be had.
fn unread<'k>(cluster: &Listed, known: impl Iterator<Item = &'k Known>) -> Vec<Incoming> {
    let known = known.map(|known| known.from.id.clone());
    let ids: BTreeSet<String> = known.chain([cluster.id.clone()]).collect();
    ids.into_iter().map(|id| Incoming { id, ..incoming(cluster, Content::Failed) }).collect()
}

/// True for a file whose name is not that of a kubeconfig.
fn is_unlikely(file: &Path) -> bool {
    let likely = ["conf", "config", "json", "kubeconfig", "yaml", "yml"];
    let name = file.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    !likely.iter().any(|likely| name.ends_with(likely))
}

/// What separates the id of a cluster from the object in it, if several objects carry kubeconfigs.
const INSIDE: char = '#';

/// The kubeconfigs that a source gave for a cluster: one, or one for each object that carries one. A file may have none.
fn kubeconfigs(
    cluster: &Listed,
    bytes: Vec<u8>,
    file: Option<&Path>,
    target: &Target,
    env: &Env,
) -> Result<Vec<Incoming>, String> {
    let place = file.map_or_else(|| "its kubeconfig".to_owned(), path);
    let parts = match read_kubeconfigs(bytes, &place) {
        Ok(unpacked) => unpacked.parts,
        // A folder may have other files.
        Err((_, Unread::Empty | Unread::Barren)) if file.is_some() => return Ok(Vec::new()),
        Err((_, Unread::Foreign)) if file.is_some_and(is_unlikely) => return Ok(Vec::new()),
        Err((error, _)) => return Err(error.message),
    };
    let origin = file.unwrap_or(&target.file);
    let source = |part: Part| Source { path: origin.to_owned(), document: Some(part.document) };
    if parts.iter().filter(|part| part.carrier.is_some()).count() < 2 {
        return match view(&Merged::new(parts.into_iter().map(source).collect()), env)? {
            Some(view) => Ok(vec![incoming(cluster, Content::New(view))]),
            None if file.is_some() => Ok(Vec::new()),
            None => Err("its kubeconfig has no context".to_owned()),
        };
    }
    let mut found = Vec::new();
    for part in parts {
        let carrier = part.carrier.clone();
        let Some(view) = view(&Merged::new(vec![source(part)]), env)? else { continue };
        let mut it = incoming(cluster, Content::New(view));
        if let Some(carrier) = carrier {
            it.name = Some(carrier.short_name().to_owned());
            it.id = format!("{}{INSIDE}{}/{}/{}", cluster.id, carrier.namespace, carrier.name, carrier.key);
        }
        found.push(it);
    }
    Ok(found)
}

/// The content of a kubeconfig, with absolute paths; `None` if it has no context.
fn view(merged: &Merged, env: &Env) -> Result<Option<View>, String> {
    let view = View::of(merged).map_err(|error| error.to_string())?;
    if view.lists[Kind::Context].is_empty() {
        return Ok(None);
    }
    for (context, entry) in &view.lists[Kind::Context] {
        for kind in [Kind::Cluster, Kind::User] {
            let named = entry.body.get(kind.word()).and_then(Value::as_str).unwrap_or_default();
            // Such a context would lead to an entry of the user's own.
            if !view.lists[kind].contains_key(named) && (kind == Kind::Cluster || !named.is_empty()) {
                let what = format!("its context {} names {} {}", name(context), kind.word(), name(named));
                return Err(format!("{what}, which it does not have"));
            }
        }
    }
    Ok(Some(view.rebase(&|path, origin| env.beside(origin, path))))
}

/// The answers of a source.
pub(in crate::cli) struct Tried {
    /// Why it cannot be had.
    pub(in crate::cli) error: Option<String>,
    /// Its clusters.
    pub(in crate::cli) clusters: Vec<TriedCluster>,
}

/// The answer of a source about one cluster.
pub(in crate::cli) struct TriedCluster {
    /// Its id.
    pub(in crate::cli) id: String,
    /// The name that the source proposes.
    pub(in crate::cli) name: Option<String>,
    /// Its labels.
    pub(in crate::cli) labels: BTreeMap<String, String>,
    /// The version of its kubeconfig.
    pub(in crate::cli) changed: Option<String>,
    /// The names of the contexts in its kubeconfig.
    pub(in crate::cli) contexts: Vec<String>,
    /// Why its kubeconfig cannot be had.
    pub(in crate::cli) error: Option<String>,
}

/// Asks a source for everything that it has.
pub(in crate::cli) fn try_source(target: &Target, world: &World<'_>) -> Tried {
    let around =
        Surroundings { env: world.env, kubeconfig: session::kubeconfig_before(world.env).map(Into::into) };
    let Collected { clusters, failed, .. } = one(target, &[], &own_files(world), &around);
    let (error, clusters) = match clusters {
        Ok(clusters) => (None, clusters),
        Err(error) => (Some(error), Vec::new()),
    };
    let tried = |it: Incoming| {
        let error = failed.iter().find(|(id, _)| *id == it.id).map(|(_, error)| error.clone());
        let contexts = match it.content {
            Content::New(view) => view.lists[Kind::Context].keys().cloned().collect(),
            _ => Vec::new(),
        };
        TriedCluster { id: it.id, name: it.name, labels: it.labels, changed: it.changed, contexts, error }
    };
    Tried { error, clusters: clusters.into_iter().map(tried).collect() }
}
