//! The clusters that each user's contexts name, in the form that sealed credentials store.

use super::super::World;
use super::super::discovered::Rules;
use super::super::error::name;
use crate::credential::Binding;
use crate::credential::binding::{AUTHORITY_ROOM, Cluster};
use crate::env::Env;
use crate::file;
use crate::file::limits;
use crate::kubeconfig::schema::key;
use crate::kubeconfig::typed::{self, Context};
use crate::kubeconfig::{Body, Kind, Merged, ParseError, View};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The clusters of all users of some kubeconfigs.
#[derive(Debug, Default)]
pub(super) struct UserClusters {
    users: BTreeMap<String, BTreeSet<String>>,
    clusters: BTreeMap<String, Result<Cluster, String>>,
}

impl UserClusters {
    /// From the merged kubeconfig that kubectl uses.
    ///
    /// # Errors
    /// As [`Document::body`](crate::kubeconfig::Document::body).
    pub(super) fn of(merged: &Merged, world: &World<'_>) -> Result<UserClusters, ParseError> {
        let (rules, env) = (Rules::of(world), world.env);
        let mut user_clusters = UserClusters::default();
        for context in merged.entries(Kind::Context) {
            let [user, cluster] = [merged.text(context, key::USER)?, merged.text(context, key::CLUSTER)?];
            // A file without permission must not decide which clusters get a credential.
            let context = merged.name(context);
            if let Some(why) = rules.refusal(context, merged, env) {
                let why = format!("context {}: {why}", name(context));
                // The context stands for its cluster. The NUL makes the key different from all cluster names.
                let key = format!("{context}\0");
                user_clusters.clusters.insert(key.clone(), Err(why));
                user_clusters.users.entry(user).or_default().insert(key);
                continue;
            }
            if let (false, Some(entry)) =
                (user_clusters.clusters.contains_key(&cluster), merged.find(Kind::Cluster, &cluster))
            {
                let known = clear(&cluster, &*merged.body(entry)?, merged.path(entry), env);
                user_clusters.clusters.insert(cluster.clone(), known);
            }
            user_clusters.users.entry(user).or_default().insert(cluster);
        }
        Ok(user_clusters)
    }

    /// From a kubeconfig to import; its contexts may name clusters that already exist here.
    ///
    /// # Errors
    /// As [`Document::body`](crate::kubeconfig::Document::body).
    pub(super) fn incoming(view: &View, merged: &Merged, env: &Env) -> Result<UserClusters, ParseError> {
        let mut user_clusters = UserClusters::default();
        for context in view.lists[Kind::Context].values() {
            let context = Context(&context.body);
            let (user, cluster) = (context.user().to_owned(), context.cluster().to_owned());
            let known = match (view.lists[Kind::Cluster].get(&cluster), merged.find(Kind::Cluster, &cluster))
            {
                (Some(shown), _) => clear(&cluster, &shown.body, &shown.origin, env),
                (None, Some(entry)) => clear(&cluster, &*merged.body(entry)?, merged.path(entry), env),
                (None, None) => continue,
            };
            user_clusters.clusters.insert(cluster.clone(), known);
            user_clusters.users.entry(user).or_default().insert(cluster);
        }
        Ok(user_clusters)
    }

    /// The clusters of a user by entry name, without those that cannot be compared.
    pub(super) fn named(&self, user: &str) -> impl Iterator<Item = (&str, &Cluster)> {
        let names = self.users.get(user).into_iter().flatten();
        names.filter_map(|name| Some((name.as_str(), self.clusters.get(name)?.as_ref().ok()?)))
    }

    /// A binding to all clusters of a user.
    pub(super) fn binding(&self, user: &str) -> Binding {
        let mut clusters: Vec<Cluster> = Vec::new();
        for (_, cluster) in self.named(user) {
            if !clusters.contains(cluster) {
                clusters.push(cluster.clone());
            }
        }
        Binding::Clusters(clusters)
    }

    /// Why clusters of a user were left out.
    pub(super) fn unclear(&self, user: &str) -> impl Iterator<Item = &str> {
        let names = self.users.get(user).into_iter().flatten();
        names.filter_map(|name| self.clusters.get(name)?.as_ref().err().map(String::as_str))
    }
}

/// A cluster's entry in the form that credentials store, or why that fails.
fn clear(cluster: &str, body: &Body, file: &Path, env: &Env) -> Result<Cluster, String> {
    let mut length = typed::Cluster(body).certificate_authority_data().len() / 4 * 3;
    let read = |path: &str| {
        let (bytes, _) = file::read(&env.beside(file, path), limits::CREDENTIAL)?;
        length = bytes.len();
        Ok(bytes)
    };
    let clear = Cluster::of(body, read).map_err(|unclear| format!("cluster {}: {unclear}", name(cluster)))?;
    match length {
        0..=AUTHORITY_ROOM => Ok(clear),
        _ => Err(format!(
            "cluster {}: its certificate authority has {length} bytes, more than a client can pass to a plugin",
            name(cluster)
        )),
    }
}
