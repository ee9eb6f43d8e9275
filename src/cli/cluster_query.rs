//! Queries of clusters, for the commands that send them: time limits, and messages for failures.

mod failure;

pub(super) use failure::{because, hint, is_about_trust, reason, short};

use super::discovered::Rules;
use super::error::{Cause, Error, name};
use super::{World, messages, suggest};
use crate::cluster::{
    self, Bounds, Client, Failure, Logins, Namespace, Preparing, ReadOnly, Target, Terminal,
};
use crate::env::Env;
use crate::kubeconfig::Merged;
use crate::kuberc::Gate;
use crate::session::namespace_cache;
use std::cell::OnceCell;
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// The default time limit for an answer of a cluster.
pub(super) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// Finds the clusters of contexts. What that needs is read once for all contexts of a command.
pub(super) struct ClusterAccess<'m> {
    merged: &'m Merged,
    env: &'m Env,
    rules: Rules,
    gate: OnceCell<Arc<Gate>>,
}

impl<'m> ClusterAccess<'m> {
    pub(super) fn new(merged: &'m Merged, rules: Rules, env: &'m Env) -> ClusterAccess<'m> {
        ClusterAccess { merged, env, rules, gate: OnceCell::new() }
    }

    /// The target of a context. Fails if the context comes from a discovered file and its risks are not permitted yet, or
    /// uses an entry that another program wrote into this shell's overlay and that waits for a permission.
    pub(super) fn target(&self, context: &str) -> Result<Target, Failure> {
        match self.rules.refusal(context, self.merged, self.env) {
            Some(why) => Err(Failure::Kubeconfig(why)),
            None => Target::of(self.merged, context, self.env),
        }
    }

    /// Runs plugins as kubectl's preferences permit.
    pub(super) fn logins(&self, terminal: Terminal) -> Logins {
        let gate = self.gate.get_or_init(|| Arc::new(Gate::new(self.env)));
        Logins::new(terminal, gate.clone())
    }
}

/// Queries the cluster of one context; a plugin may prompt the user.
///
/// # Errors
/// Exit code 1, with the reason why there is no answer.
pub(super) fn one<T>(
    context: &str,
    merged: &Merged,
    limit: Duration,
    world: &World<'_>,
    question: impl AsyncFnOnce(&Client) -> Result<T, Failure>,
) -> Result<T, Error> {
    answer(context, merged, limit, world, question).map_err(|failure| failed(context, &failure, limit))
}

/// As [`one`], with the reason alone.
fn answer<T>(
    context: &str,
    merged: &Merged,
    limit: Duration,
    world: &World<'_>,
    question: impl AsyncFnOnce(&Client) -> Result<T, Failure>,
) -> Result<T, Failure> {
    ContextCluster::new(context, merged, limit, world)?.ask(question)
}

/// The cluster of a context, for several requests with one login.
pub(super) struct ContextCluster {
    pub(super) target: Target,
    logins: Logins,
    limit: Duration,
}

impl ContextCluster {
    /// # Errors
    /// The target of the context is invalid or not permitted.
    pub(super) fn new(
        context: &str,
        merged: &Merged,
        limit: Duration,
        world: &World<'_>,
    ) -> Result<ContextCluster, Failure> {
        let access = ClusterAccess::new(merged, Rules::of(world), world.env);
        Ok(ContextCluster { target: access.target(context)?, logins: access.logins(terminal(world)), limit })
    }

    /// Queries the cluster, with a time limit of its own; a plugin may prompt the user.
    ///
    /// # Errors
    /// The request failed.
    pub(super) fn ask<T, E: From<Failure>>(
        &self,
        question: impl AsyncFnOnce(&Client) -> Result<T, E>,
    ) -> Result<T, E> {
        let answer = cluster::run(async {
            let client = Client::new(&self.target, &self.logins, self.limit).await?;
            question(&client).await
        });
        answer.unwrap_or_else(|error| Err(Failure::Other(messages::io_error(&error)).into()))
    }
}

/// Whether a plugin may prompt the user: stdin and stderr must be a terminal.
pub(super) fn terminal(world: &World<'_>) -> Terminal {
    if world.env.stdin_is_terminal && world.env.stderr_is_terminal {
        Terminal::Yours
    } else {
        Terminal::Taken
    }
}

/// Queries the namespaces of a context's cluster, and stores them in the cache.
///
/// # Errors
/// As [`one`].
pub(super) fn namespaces(
    context: &str,
    merged: &Merged,
    limit: Duration,
    world: &World<'_>,
) -> Result<Vec<Namespace>, Error> {
    list_namespaces(context, merged, limit, world).map_err(|failure| failed(context, &failure, limit))
}

/// As [`namespaces`], with the reason alone.
pub(super) fn list_namespaces(
    context: &str,
    merged: &Merged,
    limit: Duration,
    world: &World<'_>,
) -> Result<Vec<Namespace>, Failure> {
    let found = answer(context, merged, limit, world, async |client| client.namespaces().await)?;
    if let Ok(target) = Target::of(merged, context, world.env) {
        // Without the cache, they are queried again the next time.
        let _ = namespace_cache::store(world.env, &target.server(), &names(&found));
    }
    Ok(found)
}

/// The names of the namespaces.
pub(super) fn names(namespaces: &[Namespace]) -> Vec<String> {
    namespaces.iter().map(|namespace| namespace.name.clone()).collect()
}

/// A server and its namespaces.
type Namespaces = (String, Vec<String>);

/// Queries the namespaces of a context in the background; the receiver gets one answer.
pub(super) fn behind(context: String, world: &World<'_>) -> mpsc::Receiver<Result<Namespaces, Failure>> {
    let (store, rules, env) = (world.store(), Rules::of(world), world.env.clone());
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let unreadable = |_| Failure::Kubeconfig("the kubeconfig cannot be read".to_owned());
        let answer = store.load().map_err(unreadable).and_then(|loaded| {
            let access = ClusterAccess::new(&loaded.merged, rules, &env);
            let (target, logins) = (access.target(&context)?, access.logins(Terminal::Taken));
            let names = cluster::run(async {
                let client = Client::new(&target, &logins, DEFAULT_TIMEOUT).await?;
                client.namespaces().await
            });
            let names = names.unwrap_or_else(|error| Err(Failure::Other(messages::io_error(&error))))?;
            Ok((target.server(), self::names(&names)))
        });
        // The receiver is dropped when the user has made a choice.
        let _ = sender.send(answer);
    });
    receiver
}

/// Checks that the cluster of a context has this namespace.
///
/// # Errors
/// Exit code 3 if it does not, 1 if there is no answer.
pub(super) fn demand_namespace(
    wanted: &str,
    context: &str,
    merged: &Merged,
    world: &World<'_>,
) -> Result<(), Error> {
    let asked =
        one(context, merged, DEFAULT_TIMEOUT, world, async |client| client.has_namespace(wanted).await);
    let there = asked.map_err(|error| {
        let message = error.message.clone() + "; nothing was switched";
        Error { message, ..error }.hint("without `--check` no cluster is queried")
    })?;
    if there {
        return Ok(());
    }
    let what = format!(
        "there is no namespace {} in the cluster of context {}; nothing was switched",
        name(wanted),
        name(context)
    );
    let known = Target::of(merged, context, world.env)
        .map(|target| namespace_cache::cached(world.env, &target.server()))
        .unwrap_or_default();
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    Err(Error::new(Cause::NotFound, what).hint(match suggest::near(wanted, &names) {
        Some(near) => format!("did you mean {}? `kcx get namespaces` lists all", name(near)),
        None => "`kcx get namespaces` lists all".to_owned(),
    }))
}

/// Starts a proxy to the cluster of a context, for a command that may only read. `done` gets the proxy, on another thread.
///
/// # Errors
/// The target of the context is invalid or not permitted.
pub(super) fn read_only(
    context: &str,
    access: &ClusterAccess<'_>,
    bounds: Bounds,
    done: impl FnOnce(Result<ReadOnly, Failure>) + Send + 'static,
) -> Result<Preparing, Failure> {
    let words = |failure: &Failure| because(failure, DEFAULT_TIMEOUT);
    let logins = access.logins(Terminal::Taken);
    Ok(ReadOnly::prepare(access.target(context)?, logins, DEFAULT_TIMEOUT, bounds, words, done))
}

/// As [`read_only`], for one context; waits for the proxy.
///
/// # Errors
/// There is no credential, or the target of the context is not valid.
pub(super) fn read_only_proxy(
    context: &str,
    access: &ClusterAccess<'_>,
    bounds: Bounds,
) -> Result<ReadOnly, Error> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let started =
        read_only(context, access, bounds, move |proxy| drop(sender.send(proxy))).and_then(|preparing| {
            let proxy = receiver.recv();
            drop(preparing);
            proxy.unwrap_or_else(|_| Err(Failure::Other("the proxy was not started".to_owned())))
        });
    started.map_err(|failure| failed(context, &failure, DEFAULT_TIMEOUT))
}

/// The error of a command that queries one cluster.
pub(super) fn failed(context: &str, failure: &Failure, limit: Duration) -> Error {
    let what = format!("cannot query the cluster of context {}: {}", name(context), because(failure, limit));
    let error = Error::new(Cause::Failed, what);
    match hint(failure, context) {
        Some(hint) => error.hint(hint),
        None => error,
    }
}
