//! The kubeconfig with the token: the cluster of the context, and nothing else of the user's.

use super::super::super::World;
use super::super::super::error::{Cause, Error, name};
use super::super::super::messages;
use super::Job;
use crate::kubeconfig::schema::key;
use crate::kubeconfig::typed::Cluster;
use crate::kubeconfig::view::ViewEntry;
use crate::kubeconfig::{Body, Kind, Merged, View};
use serde_json::Value;
use std::path::PathBuf;

/// A kubeconfig that still needs its token.
pub(super) struct Unfinished {
    view: View,
    user: String,
}

impl Unfinished {
    /// The kubeconfig with this token.
    pub(super) fn with(mut self, token: &str) -> Value {
        let body = Body::from_iter([(key::TOKEN.to_owned(), token.into())]);
        self.view.lists[Kind::User].insert(self.user, ViewEntry { body, origin: PathBuf::new() });
        self.view.to_value()
    }
}

/// The cluster of the context with its certificate authority, and the context with the account as its user.
///
/// # Errors
/// The context names no cluster, the authority cannot be read, or no client would send a token to the server.
pub(super) fn without_token(
    job: &Job<'_>,
    merged: &Merged,
    world: &mut World<'_>,
) -> Result<Unfinished, Error> {
    let server = job.cluster.target.server();
    if !server.starts_with("https://") {
        let message = format!(
            "the server of context {}, {}, is not reached over TLS, and no client sends a token there; nothing was exported",
            name(&job.context),
            name(&server)
        );
        return Err(Error::new(Cause::Failed, message));
    }
    let contexts = [job.context.as_str()];
    let all = View::of(merged)?;
    let mut view = all.only(&contexts).map_err(|error| super::super::incomplete(error, &contexts))?;
    view.lists[Kind::User].clear();
    let embedded = super::super::embedded(view, &contexts, world.env);
    let embedded = embedded.map_err(|error| Error { hints: Vec::new(), ..error })?;
    let mut view = View { lists: embedded.lists, current_context: job.context.clone(), ..View::default() };
    let mut cluster_name = String::new();
    for (cluster, entry) in &mut view.lists[Kind::Cluster] {
        cluster_name.clone_from(cluster);
        // Extensions can have anything in them, and a login in the URL is one of the user's own.
        entry.body.shift_remove(key::EXTENSIONS);
        if messages::without_login(Cluster(&entry.body).server()) != Cluster(&entry.body).server() {
            entry.body.insert(key::SERVER.to_owned(), server.clone().into());
        }
        let proxy = Cluster(&entry.body).proxy_url();
        if messages::without_login(proxy) != proxy {
            let proxy = name(&messages::without_login(proxy));
            world.warn(&format!("the exported kubeconfig has the login for the proxy {proxy}"));
        }
    }
    let user = format!("{}@{cluster_name}", job.account);
    let namespace = job.flags.namespace.as_ref().unwrap_or(&job.account.namespace);
    let body = [(key::CLUSTER, &cluster_name), (key::USER, &user), (key::NAMESPACE, namespace)];
    let body = Body::from_iter(body.map(|(field, value)| (field.to_owned(), value.as_str().into())));
    let origin = PathBuf::new();
    view.lists[Kind::Context].insert(job.context.clone(), ViewEntry { body, origin });
    Ok(Unfinished { view, user })
}
