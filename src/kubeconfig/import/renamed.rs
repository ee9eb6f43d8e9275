//! Finds the entries that the user has renamed since their file was imported.
//!
//! A name alone is not enough: every kubeadm names its cluster `kubernetes`, and every k3s its own `default` at
//! `https://127.0.0.1:6443`. A renamed entry counts only if it leads to the same cluster, and if it is the only one.

use super::super::decode::Body;
use super::super::error::ParseError;
use super::super::lint::is_local_server;
use super::super::merged::Merged;
use super::super::schema::Kind;
use super::super::secret::shown_url;
use super::super::typed::{Cluster, Context};
use super::super::view::View;
use super::Names;
use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet};

/// A name that the user gave an entry, in place of the one that it had.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renamed {
    /// The old name.
    pub from: String,
    /// The new name.
    pub to: String,
    /// For a cluster: its server at that time, without a login.
    pub server: String,
}

/// All renames, by kind and old name, each list with the oldest first.
#[derive(Debug, Default)]
pub struct Renames {
    by_name: HashMap<(Kind, String), Vec<(usize, Renamed)>>,
    /// The pairs of cluster and user that contexts here combine.
    pairs: OnceCell<HashSet<(String, String)>>,
}

impl Renames {
    /// All renames, the oldest first.
    #[must_use]
    pub fn new(renames: impl IntoIterator<Item = (Kind, Renamed)>) -> Renames {
        let mut by_name: HashMap<_, Vec<(usize, Renamed)>> = HashMap::new();
        for (at, (kind, renamed)) in renames.into_iter().enumerate() {
            by_name.entry((kind, renamed.from.clone())).or_default().push((at, renamed));
        }
        Renames { by_name, pairs: OnceCell::new() }
    }

    /// The name here of an entry of `view` whose own name is not here; `None` if it was not renamed, or if more than one
    /// entry could be meant. `names` are the names here of the entries planned so far, and `body` refers to them.
    pub(super) fn find(
        &self,
        merged: &Merged,
        view: &View,
        names: &Names,
        (kind, name, body): (Kind, &str, &Body),
    ) -> Result<Option<String>, ParseError> {
        if !self.by_name.contains_key(&(kind, name.to_owned())) {
            return Ok(None);
        }
        let mut found = BTreeSet::new();
        for (now, server) in self.names_now(kind, name) {
            // The file has an entry of its own for this name.
            if view.lists[kind].contains_key(&now) {
                continue;
            }
            let Some(entry) = merged.find(kind, &now) else { continue };
            let fits = match kind {
                Kind::Cluster => is_same_cluster(&*merged.body(entry)?, body, &server),
                Kind::User => self.is_used(merged, view, names, name, &now)?,
                Kind::Context => {
                    let here = merged.body(entry)?;
                    let cluster = Context(body).cluster();
                    !cluster.is_empty() && Context(&here).cluster() == cluster
                }
            };
            if fits {
                found.insert(now);
            }
        }
        Ok(if found.len() == 1 { found.pop_first() } else { None })
    }

    /// The names that entries with this old name have after all later renames, with the server at the first one.
    fn names_now(&self, kind: Kind, name: &str) -> Vec<(String, String)> {
        let of = |name: &str| self.by_name.get(&(kind, name.to_owned())).into_iter().flatten();
        let follow = |(at, first): &(usize, Renamed)| {
            let (mut at, mut now) = (*at, first.to.clone());
            while let Some((later, next)) = of(&now).find(|(later, _)| *later > at) {
                (at, now) = (*later, next.to.clone());
            }
            (now, first.server.clone())
        };
        of(name).map(follow).collect()
    }

    /// True if a context here combines the user `now` with a cluster with which a context of the view combines `user`.
    fn is_used(
        &self,
        merged: &Merged,
        view: &View,
        names: &Names,
        user: &str,
        now: &str,
    ) -> Result<bool, ParseError> {
        let pairs = match self.pairs.get() {
            Some(pairs) => pairs,
            None => {
                let pairs = pairs(merged)?;
                self.pairs.get_or_init(|| pairs)
            }
        };
        let contexts = view.lists[Kind::Context].values().map(|shown| Context(&shown.body));
        let clusters = contexts.filter(|context| context.user() == user).map(Context::cluster);
        let mut here =
            clusters.filter_map(|cluster| names.get(&(Kind::Cluster, cluster.to_owned()))?.as_ref());
        Ok(here.any(|cluster| pairs.contains(&(cluster.clone(), now.to_owned()))))
    }
}

fn pairs(merged: &Merged) -> Result<HashSet<(String, String)>, ParseError> {
    let contexts = merged.entries(Kind::Context).into_iter();
    let pair = |entry| {
        let body = merged.body(entry)?;
        let context = Context(&body);
        Ok((context.cluster().to_owned(), context.user().to_owned()))
    };
    contexts.map(pair).collect()
}

/// True if a cluster that was renamed here and one of a file are the same, perhaps created again. `server` is the one at the
/// time of the rename.
///
/// A cluster that is created again has new certificates at the same address. An address of this machine belongs to
/// whichever cluster is there, or to a tunnel, so that the certificate authority decides.
fn is_same_cluster(here: &Body, new: &Body, server: &str) -> bool {
    let (here, new) = (Cluster(here), Cluster(new));
    let is_at = |server: &str| !new.server().is_empty() && shown_url(new.server()) == shown_url(server);
    let is_same_authority = new.has_certificate_authority()
        && new.certificate_authority() == here.certificate_authority()
        && new.certificate_authority_data() == here.certificate_authority_data();
    let is_same_server = is_at(here.server()) || is_at(server);
    match is_local_server(new.server()) {
        true => is_same_authority,
        false => is_same_server,
    }
}
