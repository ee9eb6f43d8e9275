//! Asking many clusters at a time, each within its limit.

use crate::cluster::{self, Client, Failure, Logins, Target, Who};
use jiff::Timestamp;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a cluster that answers says.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// None where one may not ask.
    pub(super) version: Option<String>,
    /// None where it is older than the review.
    pub(super) who: Option<Who>,
    /// Until the first answer, the connection included.
    pub(super) latency: Duration,
}

/// The result for a context.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// What the cluster says, or why it does not answer.
    pub(super) found: Result<Found, Failure>,
    certificate_end: Option<i64>,
}

impl Answer {
    fn failed(failure: Failure) -> Answer {
        Answer { found: Err(failure), certificate_end: None }
    }

    /// Whole days until the client certificate ends; negative once it has.
    pub(super) fn days_left(&self) -> Option<i64> {
        const DAY: i64 = 24 * 60 * 60;
        self.certificate_end.map(|end| end.saturating_sub(Timestamp::now().as_second()).div_euclid(DAY))
    }
}

/// Clusters to ask, once or again and again.
pub(super) struct Sweep {
    targets: Vec<Result<Arc<Target>, Failure>>,
    logins: Arc<Logins>,
    limit: Duration,
    parallel: usize,
}

impl Sweep {
    pub(super) fn new(
        targets: Vec<Result<Target, Failure>>,
        limit: Duration,
        parallel: usize,
        logins: Logins,
    ) -> Sweep {
        let targets = targets.into_iter().map(|target| target.map(Arc::new)).collect();
        Sweep { targets, logins: Arc::new(logins), limit, parallel }
    }

    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    /// The server of a context, if it has one.
    pub(super) fn server(&self, at: usize) -> Option<String> {
        self.targets[at].as_ref().ok().map(|target| target.server())
    }

    /// Asks all of them; each answer is handed over as it comes.
    pub(super) fn ask(&self, mut answered: impl FnMut(usize, Answer)) -> io::Result<()> {
        cluster::run(async {
            let mut running = tokio::task::JoinSet::new();
            let mut waiting = self.targets.iter().enumerate();
            loop {
                while running.len() < self.parallel
                    && let Some((at, target)) = waiting.next()
                {
                    match target {
                        Err(failure) => answered(at, Answer::failed(failure.clone())),
                        Ok(target) => {
                            let (target, logins, limit) = (target.clone(), self.logins.clone(), self.limit);
                            running.spawn(async move { (at, one(&target, &logins, limit).await) });
                        }
                    }
                }
                match running.join_next().await {
                    None => return,
                    Some(Ok((at, answer))) => answered(at, answer),
                    // None is cancelled, and a panic ends kcx.
                    Some(Err(_)) => {}
                }
            }
        })
    }

    /// Waits for the next round.
    pub(super) fn wait(&self, pause: Duration) -> io::Result<()> {
        // Within the runtime: a pause cannot even be made outside one.
        cluster::run(async { tokio::time::sleep(pause).await })
    }
}

async fn one(target: &Target, logins: &Logins, limit: Duration) -> Answer {
    let mut certificate_end = None;
    let found = ask(target, logins, limit, &mut certificate_end).await;
    if let Err(failure) = &found {
        cluster::after(failure, target, logins).await;
        // Without a login, the certificate in the kubeconfig still has an end date.
        certificate_end = certificate_end.or_else(|| target.certificate_end());
    }
    Answer { found, certificate_end }
}

async fn ask(
    target: &Target,
    logins: &Logins,
    limit: Duration,
    certificate_end: &mut Option<i64>,
) -> Result<Found, Failure> {
    let client = Client::new(target, logins, limit).await?;
    *certificate_end = client.certificate_end();
    let began = Instant::now();
    let version = client.version().await;
    let latency = began.elapsed();
    let version = match version {
        Ok(version) => Some(version),
        // Who one is may be asked all the same.
        Err(Failure::Forbidden(_)) => None,
        Err(failure) => return Err(failure),
    };
    let who = match client.who().await {
        Ok(who) => Some(who),
        Err(Failure::Forbidden(_) | Failure::Status(404 | 405, _)) if version.is_some() => None,
        Err(failure) => return Err(failure),
    };
    Ok(Found { version, who, latency })
}
