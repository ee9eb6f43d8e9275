//! Why a cluster issues no token, or does not let kcx create or delete an account.

use super::super::super::cluster_query;
use super::super::super::error::{Cause, Error, name};
use super::Job;
use crate::cluster::{Failure, VIEW, ViewerObject};
use crate::codec::duration;
use std::time::Duration;

/// A request that failed, and the right that it needs.
pub(super) struct Refused {
    pub(super) failure: Failure,
    /// The verb and the resource; `None` before the first request.
    right: Option<(&'static str, &'static str)>,
}

impl Refused {
    /// A request with this verb for this resource failed.
    pub(super) fn at(verb: &'static str, resource: &'static str, failure: Failure) -> Refused {
        Refused { failure, right: Some((verb, resource)) }
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Refused {
        Refused { failure, right: None }
    }
}

/// The shortest lifetime that Kubernetes accepts, in seconds.
const SHORTEST: u64 = 600;
/// The longest one.
const LONGEST: u64 = 1 << 32;

/// Adds what was not done.
pub(super) fn undone(error: Error, undone: &str) -> Error {
    Error { message: format!("{}; {undone}", error.message), ..error }
}

/// The error of a request.
pub(super) fn error(refused: &Refused, job: &Job<'_>, what: &str) -> Error {
    let error = undone(cluster_query::failed(&job.context, &refused.failure, job.limit()), what);
    let Some((verb, resource)) = refused.right.filter(|_| matches!(refused.failure, Failure::Forbidden(_)))
    else {
        return error;
    };
    let place = match resource == ViewerObject::ClusterBinding.resource() {
        true => String::new(),
        false => format!(" in namespace {}", name(&job.account.namespace)),
    };
    let user = format!("the user of context {}", name(&job.context));
    let error = error.hint(format!("{user} needs the right to `{verb}` `{resource}`{place}"));
    match resource.ends_with("rolebindings") && verb == "create" {
        true => error.hint(format!(
            "who binds a role needs all rights of that role, or the right to `bind` the cluster role `{VIEW}`"
        )),
        false => error,
    }
}

/// Fails for a lifetime that no cluster accepts, before anything is asked for.
pub(super) fn demand_lifetime(seconds: u64) -> Result<(), Error> {
    let hint = match seconds {
        ..SHORTEST => "`--duration 10m` is the shortest that Kubernetes accepts",
        LONGEST.. => "Kubernetes accepts no more than 2^32 seconds",
        _ => return Ok(()),
    };
    let asked = duration::short(Duration::from_secs(seconds));
    let what = format!("no cluster issues a token for {asked}; nothing was exported");
    Err(Error::new(Cause::Usage, what).hint(hint))
}

/// The error of a request for a token.
pub(super) fn token(refused: &Refused, job: &Job<'_>) -> Error {
    const UNDONE: &str = "nothing was exported";
    let context = name(&job.context);
    let seconds = job.seconds();
    match &refused.failure {
        Failure::Status(404, what) if !is_unknown(what) => no_account(job),
        Failure::Status(404 | 405, _) => {
            let what = format!("the cluster of context {context} issues no tokens of service accounts");
            Error::new(Cause::Failed, format!("{what}: it has no TokenRequest API; {UNDONE}"))
                .hint("Kubernetes has that API from version 1.22 on")
        }
        Failure::Status(400 | 422, _) => {
            let why = cluster_query::because(&refused.failure, job.limit());
            let asked = duration::short(Duration::from_secs(seconds));
            let what =
                format!("the cluster of context {context} issues no token for {asked}: {why}; {UNDONE}");
            Error::new(Cause::Failed, what)
        }
        _ => error(refused, job, UNDONE),
    }
}

/// The error for an account that does not exist.
pub(super) fn no_account(job: &Job<'_>) -> Error {
    let (account, context) = (name(&job.account.to_string()), name(&job.context));
    let what = format!("there is no service account {account} in the cluster of context {context}");
    Error::new(Cause::NotFound, format!("{what}; nothing was exported"))
        .hint("`--create-viewer` creates one that can read its namespace, after a question")
}

/// True for the answer to a path that the server does not know, instead of an object that does not exist.
fn is_unknown(message: &str) -> bool {
    message.is_empty() || message.contains("could not find the requested resource")
}
