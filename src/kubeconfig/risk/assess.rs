//! The risks of a change: new entries, and contexts that combine a user and a cluster for the first time.

use super::super::decode::Body;
use super::super::error::ParseError;
use super::super::import::{Names, determines};
use super::super::per_kind::PerKind;
use super::super::schema::key;
use super::super::schema::{Field, Kind};
use super::super::typed::{Cluster, Context, text};
use super::super::view::{View, is_of_windows};
use super::entry;
use super::{Index, Risk, What};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// The entries that come from one foreign file, under the names that they get here. Entries of one file belong together,
/// whichever of its documents they are in.
#[derive(Debug)]
pub struct Brought<'v> {
    documents: Vec<Entries<'v>>,
}

/// The entries of one document.
#[derive(Debug)]
struct Entries<'v> {
    view: &'v View,
    /// The name in the view, by the name here.
    from: HashMap<(Kind, &'v str), &'v str>,
    /// The name here, by the name in the view; `None` for an entry that is left out.
    names: Option<&'v Names>,
}

impl<'v> Brought<'v> {
    /// All entries, under their own names.
    #[must_use]
    pub fn all(view: &'v View) -> Brought<'v> {
        let names = Kind::ALL
            .into_iter()
            .flat_map(|kind| view.lists[kind].keys().map(move |name| ((kind, name.as_str()), name.as_str())));
        Brought { documents: vec![Entries { view, from: names.collect(), names: None }] }
    }

    /// The entries that an import takes, under their new names: see [`super::super::import::Plan::names`].
    #[must_use]
    pub fn named(view: &'v View, names: &'v Names) -> Brought<'v> {
        let kept = names.iter().filter_map(|((kind, from), here)| {
            here.as_ref().map(|here| ((*kind, here.as_str()), from.as_str()))
        });
        Brought { documents: vec![Entries { view, from: kept.collect(), names: Some(names) }] }
    }

    /// The documents of one file.
    #[must_use]
    pub fn together(documents: impl IntoIterator<Item = Brought<'v>>) -> Brought<'v> {
        Brought { documents: documents.into_iter().flat_map(|it| it.documents).collect() }
    }

    /// True if this file has an equivalent entry, or one that has updated the entry that was here `before`.
    fn has(&self, kind: Kind, name: &str, before: Option<Placed<'_>>, entry: Placed<'_>) -> bool {
        self.documents.iter().any(|document| document.has(kind, name, before, entry))
    }
}

impl Entries<'_> {
    fn has(&self, kind: Kind, name: &str, before: Option<Placed<'_>>, entry: Placed<'_>) -> bool {
        let from = self.from.get(&(kind, name));
        let Some(shown) = from.and_then(|from| self.view.lists[kind].get(*from)) else {
            return false;
        };
        if kind != Kind::Context {
            let brought = Placed { body: &shown.body, file: &shown.origin };
            // After an update, the entry here also has settings of the user.
            let is_updated = |before: Placed<'_>| {
                determines(kind, &brought.absolute(kind), &before.absolute(kind), &entry.absolute(kind))
            };
            return alike(kind, brought, entry) || before.is_some_and(is_updated);
        }
        [Kind::Cluster, Kind::User].into_iter().all(|kind| {
            let own = text(&shown.body, kind.word());
            let here = match self.names.map(|names| names.get(&(kind, own.to_owned()))) {
                Some(Some(here)) => here.as_deref(),
                _ => Some(own),
            };
            here == Some(text(entry.body, kind.word()))
        })
    }
}

/// The risks of a change to a kubeconfig: those of each new or changed entry, and of each context that would combine a
/// user and a cluster which were not combined before and do not come from the same one of the brought files.
///
/// A user that is there already and comes again with the same fields counts as the file's own: whoever wrote the file has
/// the token or key. A password could have been guessed, so such a user counts as borrowed. What a user runs or reads is
/// reported again.
///
/// ```
/// use kcx::kubeconfig::risk::{Brought, Index, assess};
/// use kcx::kubeconfig::{Document, Merged, Source, View};
/// let merged = |text: &str| -> Result<Merged, kcx::kubeconfig::ParseError> {
///     let document = Some(Document::parse(text.as_bytes().to_vec())?);
///     Ok(Merged::new(vec![Source { path: "config".into(), document }]))
/// };
/// let mine = "users: [{name: admin, user: {token: t}}]\n";
/// let foreign = "clusters: [{name: x, cluster: {server: 'https://x'}}]
/// contexts: [{name: x, context: {cluster: x, user: admin}}]\n";
/// let (before, after) = (merged(mine)?, merged(&format!("{mine}{foreign}"))?);
/// let view = View::of(&merged(foreign)?)?;
/// let risks = assess(&Index::of(&before), &Index::of(&after), &[Brought::all(&view)])?;
/// assert_eq!(risks[0].what.word(), "borrowed-user");
/// # Ok::<(), kcx::kubeconfig::ParseError>(())
/// ```
///
/// # Errors
/// As [`Document::body`](crate::kubeconfig::Document::body).
pub fn assess(
    before: &Index<'_>,
    after: &Index<'_>,
    brought: &[Brought<'_>],
) -> Result<Vec<Risk>, ParseError> {
    let mut assessor = Assessor {
        before,
        after,
        brought,
        by_name: by_name(brought),
        used_anew: BTreeSet::new(),
        borrowed: Vec::new(),
    };
    let mut changed: PerKind<BTreeSet<&str>> = Default::default();
    for kind in Kind::ALL {
        for name in after.touched(kind) {
            if assessor.part(kind, name)?.is_changed() {
                changed[kind].insert(name);
            }
        }
    }
    let contexts = &changed[Kind::Context];
    let all = after.contexts_of(&changed[Kind::Cluster], &changed[Kind::User]);
    for name in contexts.iter().chain(all.difference(contexts)) {
        let Some(body) = after.get(Kind::Context, name)? else { continue };
        let names_changed = |kind: Kind| changed[kind].contains(text(&body, kind.word()));
        if contexts.contains(name) || names_changed(Kind::Cluster) || names_changed(Kind::User) {
            assessor.context(name, &body)?;
        }
    }
    let mut risks = Vec::new();
    for kind in [Kind::Cluster, Kind::User] {
        let mut names = changed[kind].clone();
        if kind == Kind::User {
            names.extend(assessor.used_anew.iter().map(String::as_str));
        }
        for name in names {
            if let Some(body) = after.get(kind, name)? {
                let own = entry::of(kind, &body).into_iter();
                risks.extend(own.map(|what| Risk { kind, name: name.to_owned(), what }));
            }
        }
    }
    assessor.borrowed.sort();
    risks.append(&mut assessor.borrowed);
    Ok(risks)
}

/// True if a context would combine an unchanged cluster and an unchanged user that another context combines already:
/// that needs no permission in the user's own folders and shells.
///
/// # Errors
/// As [`Document::body`](crate::kubeconfig::Document::body).
pub fn is_known_pair(before: &Index<'_>, after: &Index<'_>, risk: &Risk) -> Result<bool, ParseError> {
    let (What::BorrowedUser { user, cluster, .. } | What::BorrowedCluster { user, cluster, .. }) = &risk.what
    else {
        return Ok(false);
    };
    for (kind, name) in [(Kind::Cluster, cluster), (Kind::User, user)] {
        if Part::of(kind, name, before, after)?.is_changed() {
            return Ok(false);
        }
    }
    is_combined(before, cluster, user)
}

/// True if a context combines these two.
fn is_combined(index: &Index<'_>, cluster: &str, user: &str) -> Result<bool, ParseError> {
    for context in index.names(Kind::Context) {
        if let Some(body) = index.get(Kind::Context, context)?
            && Context(&body).cluster() == cluster
            && Context(&body).user() == user
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A cluster, a user or a context, before and after.
struct Part<'i> {
    name: String,
    before: Option<Cow<'i, Body>>,
    after: Option<Cow<'i, Body>>,
    /// The files of both.
    files: [&'i Path; 2],
    kind: Kind,
}

impl<'i> Part<'i> {
    fn of<'m: 'i>(
        kind: Kind,
        name: &str,
        before: &'i Index<'m>,
        after: &'i Index<'m>,
    ) -> Result<Part<'i>, ParseError> {
        let files = [before.file(kind, name), after.file(kind, name)];
        let (before, after) = (before.get(kind, name)?, after.get(kind, name)?);
        Ok(Part { name: name.to_owned(), before, after, files, kind })
    }

    fn is_changed(&self) -> bool {
        let [before, after] = self.files;
        match (&self.before, &self.after) {
            (Some(old), Some(new)) => {
                !alike(self.kind, Placed { body: old, file: before }, Placed { body: new, file: after })
            }
            (before, after) => before.is_some() || after.is_some(),
        }
    }

    /// True if this file has the entry as it is now, or if the entry does not exist.
    fn is_of(&self, brought: &Brought<'_>) -> bool {
        let [before, after] = self.files;
        let before = self.before.as_ref().map(|body| Placed { body, file: before });
        let has = |body: &Body| brought.has(self.kind, &self.name, before, Placed { body, file: after });
        self.after.as_deref().is_none_or(has)
    }
}

/// The indexes of the brought files with an entry of each name here.
fn by_name<'b>(brought: &'b [Brought<'_>]) -> PerKind<HashMap<&'b str, Vec<usize>>> {
    let mut by_name: PerKind<HashMap<&str, Vec<usize>>> = Default::default();
    for (at, it) in brought.iter().enumerate() {
        for (kind, name) in it.documents.iter().flat_map(|document| document.from.keys()) {
            by_name[*kind].entry(*name).or_default().push(at);
        }
    }
    by_name
}

/// The brought files that have an entry as it is now; all of them if it does not exist.
#[derive(Clone, Debug)]
struct Bringers(Option<Vec<usize>>);

impl Bringers {
    fn has(&self, at: usize) -> bool {
        self.0.as_ref().is_none_or(|some| some.contains(&at))
    }
}

struct Assessor<'a, 'm> {
    before: &'a Index<'m>,
    after: &'a Index<'m>,
    brought: &'a [Brought<'a>],
    /// The indexes of the brought files that have an entry of this name.
    by_name: PerKind<HashMap<&'a str, Vec<usize>>>,
    /// Unchanged users that are brought again, for another cluster than before.
    used_anew: BTreeSet<String>,
    borrowed: Vec<Risk>,
}

impl<'a> Assessor<'a, '_> {
    fn part(&self, kind: Kind, name: &str) -> Result<Part<'a>, ParseError> {
        Part::of(kind, name, self.before, self.after)
    }

    fn bringers(&self, part: &Part<'_>) -> Bringers {
        if part.after.is_none() {
            return Bringers(None);
        }
        let named = self.by_name[part.kind].get(part.name.as_str()).into_iter().flatten();
        Bringers(Some(named.copied().filter(|at| part.is_of(&self.brought[*at])).collect()))
    }

    /// True if one brought file is among all of these.
    fn is_one(&self, all: &[&Bringers]) -> bool {
        match all.iter().find_map(|bringers| bringers.0.as_ref()) {
            Some(some) => some.iter().any(|at| all.iter().all(|bringers| bringers.has(*at))),
            None => !self.brought.is_empty(),
        }
    }

    fn context(&mut self, name: &str, body: &Body) -> Result<(), ParseError> {
        let context = self.part(Kind::Context, name)?;
        let cluster = self.part(Kind::Cluster, Context(body).cluster())?;
        let user = self.part(Kind::User, Context(body).user())?;
        let is_new = context.is_changed();
        if !is_new && !cluster.is_changed() && !user.is_changed() {
            return Ok(());
        }
        if is_new {
            for part in [&cluster, &user] {
                if part.after.is_none() && !part.name.is_empty() {
                    self.say(name, What::Missing(part.kind, part.name.clone()));
                }
            }
        }
        let server = cluster.after.as_ref().map(|body| Cluster(body).server().to_owned()).unwrap_or_default();
        // A file that brings all of it vouches for it. It may also give the user's own context both a cluster and a user.
        // The context may come from another file if both are new.
        let both_new = cluster.is_changed() && user.is_changed();
        let [of_context, of_cluster, of_user] = [&context, &cluster, &user].map(|part| self.bringers(part));
        let is_brought = both_new && self.is_one(&[&of_context]);
        let is_vouched = match !is_new || is_brought {
            true => self.is_one(&[&of_cluster, &of_user]),
            false => self.is_one(&[&of_cluster, &of_user, &of_context]),
        };
        if is_vouched {
            let Some(body) = user.after.as_ref().filter(|_| !user.is_changed()) else { return Ok(()) };
            if entry::is_guessable(body)
                && (cluster.is_changed() || !is_combined(self.before, &cluster.name, &user.name)?)
            {
                let (user, cluster) = (user.name.clone(), cluster.name.clone());
                self.say(name, What::BorrowedUser { user, cluster, server });
            }
            if entry::fetches(body) {
                self.used_anew.insert(user.name);
            }
            return Ok(());
        }
        let is_own = |part: &Part<'_>, of_part: &Bringers| match is_new {
            _ if part.after.is_none() => false,
            true => !self.is_one(&[&of_context, of_part]),
            false => !part.is_changed(),
        };
        let (own_cluster, own_user) = (is_own(&cluster, &of_cluster), is_own(&user, &of_user));
        // The cluster of one source with the user of another.
        if own_user || !own_cluster && user.after.is_some() {
            let (user, cluster) = (user.name.clone(), cluster.name.clone());
            self.say(name, What::BorrowedUser { user, cluster, server: server.clone() });
        }
        if own_cluster {
            self.say(name, What::BorrowedCluster { cluster: cluster.name, server, user: user.name });
        }
        Ok(())
    }

    fn say(&mut self, context: &str, what: What) {
        self.borrowed.push(Risk { kind: Kind::Context, name: context.to_owned(), what });
    }
}

/// An entry's body and the file that it is in.
#[derive(Clone, Copy)]
struct Placed<'b> {
    body: &'b Body,
    file: &'b Path,
}

impl Placed<'_> {
    /// The fields that are neither missing nor empty, with absolute paths.
    fn absolute(self, kind: Kind) -> Body {
        let fields = kind.body().fields.iter();
        fields.filter_map(|field| Some((field.name.to_owned(), self.value(field)?))).collect()
    }

    /// The value of a field that is neither missing nor empty, with paths that start at the folder of the file.
    fn value(self, field: &Field) -> Option<Value> {
        let empty = |value: &Value| match value {
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.is_empty(),
            Value::Bool(truth) => !truth,
            _ => false,
        };
        let mut value = self.body.get(field.name).filter(|value| !empty(value)).cloned()?;
        let path = match (&mut value, field.name) {
            (Value::Object(exec), key::EXEC) => exec.get_mut(key::COMMAND),
            (value, _) => Some(value).filter(|_| field.file),
        };
        if let (Some(Value::String(path)), Some(folder)) = (path, self.file.parent())
            && (field.file || path.contains(std::path::is_separator))
            && !is_of_windows(path)
        {
            let whole: PathBuf = folder.join(&*path).components().collect();
            *path = whole.to_string_lossy().into_owned();
        }
        Some(value)
    }
}

/// True if two entries have the same effect. Relative paths start at the folder of each one's file. A context's
/// namespace, compression and extensions are ignored, except for the cluster extension that plugins receive (client-go
/// `tools/clientcmd/api/v1/types.go`).
fn alike(kind: Kind, one: Placed<'_>, other: Placed<'_>) -> bool {
    const FOR_PLUGINS: &str = "client.authentication.k8s.io/exec";
    kind.body().fields.iter().all(|field| {
        if matches!(field.name, key::NAMESPACE | key::DISABLE_COMPRESSION) {
            return true;
        }
        if field.name == key::EXTENSIONS {
            return kind != Kind::Cluster
                || Cluster(one.body).extension(FOR_PLUGINS) == Cluster(other.body).extension(FOR_PLUGINS);
        }
        one.value(field) == other.value(field)
    })
}
