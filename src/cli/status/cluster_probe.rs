//! Queries many clusters at the same time, each with its own time limit.

use crate::cluster::{self, Client, Failure, Logins, Target, Who};
use jiff::Timestamp;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// The answer of a cluster.
#[derive(Clone, Debug)]
pub(super) struct ServerResponse {
    /// `None` if the user may not query it.
    pub(super) version: Option<String>,
    /// `None` if the cluster is too old for the review.
    pub(super) who: Option<Who>,
    /// The time from a request to its answer, without that for the connection, and without that in which kcx works for
    /// other clusters: [`cluster::run_all`].
    pub(super) latency: Duration,
}

/// The result for a context.
#[derive(Clone, Debug)]
pub(super) struct ProbeResult {
    /// The answer of the cluster, or the failure.
    pub(super) found: Result<ServerResponse, Failure>,
    certificate_end: Option<i64>,
    token_end: Option<i64>,
}

impl ProbeResult {
    fn failed(failure: Failure) -> ProbeResult {
        ProbeResult { found: Err(failure), certificate_end: None, token_end: None }
    }

    /// Whole days until the client certificate expires; negative afterwards.
    pub(super) fn days_left(&self) -> Option<i64> {
        self.certificate_end.map(|end| left(end).div_euclid(DAY))
    }

    /// When the token in the kubeconfig expires, as RFC 3339.
    pub(super) fn token_end(&self) -> Option<String> {
        self.token_end.and_then(|end| Timestamp::from_second(end).ok()).map(|end| end.to_string())
    }

    /// How long the credential is valid: the token, which takes precedence, or the client certificate. Negative afterwards.
    pub(super) fn left(&self) -> Option<String> {
        let left = left(self.token_end.or(self.certificate_end)?);
        Some(match left {
            0..HOUR => format!("{} min", left / 60),
            HOUR..DAY => format!("{} h", left / HOUR),
            _ => format!("{} d", left.div_euclid(DAY)),
        })
    }
}

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;

/// The seconds until then.
fn left(end: i64) -> i64 {
    end.saturating_sub(Timestamp::now().as_second())
}

/// Clusters to query, once or repeatedly.
pub(super) struct ClusterProbe {
    targets: Vec<Result<Arc<Target>, Failure>>,
    logins: Arc<Logins>,
    limit: Duration,
    parallel: usize,
}

impl ClusterProbe {
    pub(super) fn new(
        targets: Vec<Result<Target, Failure>>,
        limit: Duration,
        parallel: usize,
        logins: Logins,
    ) -> ClusterProbe {
        let targets = targets.into_iter().map(|target| target.map(Arc::new)).collect();
        ClusterProbe { targets, logins: Arc::new(logins), limit, parallel }
    }

    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    /// The server of a context, if it has one.
    pub(super) fn server(&self, at: usize) -> Option<String> {
        self.targets[at].as_ref().ok().map(|target| target.server())
    }

    /// Queries all clusters, and passes on each answer as it arrives.
    pub(super) fn ask(&self, mut answered: impl FnMut(usize, ProbeResult)) -> io::Result<()> {
        let (mut ready, mut questions) = (Vec::new(), Vec::new());
        for (at, target) in self.targets.iter().enumerate() {
            match target {
                Err(failure) => ready.push((at, ProbeResult::failed(failure.clone()))),
                Ok(target) => {
                    let (target, logins, limit) = (target.clone(), self.logins.clone(), self.limit);
                    questions.push(async move { (at, one(&target, &logins, limit).await) });
                }
            }
        }
        for (at, answer) in ready {
            answered(at, answer);
        }
        cluster::run_all(self.parallel, questions, |(at, answer)| answered(at, answer))
    }

    /// Waits for the next round.
    pub(super) fn wait(&self, pause: Duration) -> io::Result<()> {
        cluster::pause(pause)
    }
}

async fn one(target: &Target, logins: &Logins, limit: Duration) -> ProbeResult {
    let mut certificate_end = None;
    let found = ask(target, logins, limit, &mut certificate_end).await;
    if let Err(failure) = &found {
        cluster::after(failure, target, logins).await;
        // Without a login, the certificate in the kubeconfig still has an end date.
        certificate_end = certificate_end.or_else(|| target.certificate_end());
    }
    ProbeResult { found, certificate_end, token_end: target.token_end() }
}

async fn ask(
    target: &Target,
    logins: &Logins,
    limit: Duration,
    certificate_end: &mut Option<i64>,
) -> Result<ServerResponse, Failure> {
    let client = Client::new(target, logins, limit).await?;
    *certificate_end = client.certificate_end();
    let version = client.version().await;
    let version = match version {
        Ok(version) => Some(version),
        // The review of the user is still possible.
        Err(Failure::Forbidden(_)) => None,
        Err(failure) => return Err(failure),
    };
    let who = match client.who().await {
        Ok(who) => Some(who),
        Err(Failure::Forbidden(_) | Failure::Status(404 | 405, _)) if version.is_some() => None,
        Err(failure) => return Err(failure),
    };
    // Of the second request, which did not have to connect.
    Ok(ServerResponse { version, who, latency: client.latency() })
}
