//! Queries many clusters at the same time, each with its own time limit.

use crate::cluster::{self, Client, Failure, Logins, Target, Who};
use jiff::Timestamp;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// The answer of a cluster.
#[derive(Clone, Debug)]
pub(super) struct ServerResponse {
    /// `None` if the user may not query it.
    pub(super) version: Option<String>,
    /// `None` if the cluster is too old for the review.
    pub(super) who: Option<Who>,
    /// The time to the first answer, including the connection. Time in which kcx works for other clusters is excluded:
    /// [`side_by_side`].
    pub(super) latency: Duration,
}

/// The result for a context.
#[derive(Clone, Debug)]
pub(super) struct ProbeResult {
    /// The answer of the cluster, or the failure.
    pub(super) found: Result<ServerResponse, Failure>,
    certificate_end: Option<i64>,
}

impl ProbeResult {
    fn failed(failure: Failure) -> ProbeResult {
        ProbeResult { found: Err(failure), certificate_end: None }
    }

    /// Whole days until the client certificate expires; negative afterwards.
    pub(super) fn days_left(&self) -> Option<i64> {
        const DAY: i64 = 24 * 60 * 60;
        self.certificate_end.map(|end| end.saturating_sub(Timestamp::now().as_second()).div_euclid(DAY))
    }
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
        cluster::run(side_by_side(self.parallel, questions, |(at, answer)| answered(at, answer)))
    }

    /// Waits for the next round.
    pub(super) fn wait(&self, pause: Duration) -> io::Result<()> {
        // Within the runtime: a pause cannot even be made outside one.
        cluster::run(async { tokio::time::sleep(pause).await })
    }
}

/// Runs futures on this thread, up to `parallel` at a time; each result is handed over as it comes.
///
/// The next one is started once all others wait for something. Were all started together, each would measure the work
/// for all others, such as their handshakes, as the time that its cluster takes.
async fn side_by_side<T: Send + 'static>(
    parallel: usize,
    futures: Vec<impl Future<Output = T> + Send + 'static>,
    mut done: impl FnMut(T),
) {
    let (mut running, polls) = (JoinSet::new(), Arc::<AtomicUsize>::default());
    let mut waiting = futures.into_iter();
    loop {
        while running.len() < parallel
            && let Some(next) = waiting.next()
        {
            let (mut next, polled) = (Box::pin(next), polls.clone());
            running.spawn(poll_fn(move |context| {
                polled.fetch_add(1, Ordering::Relaxed);
                next.as_mut().poll(context)
            }));
            all_wait(&polls).await;
            while let Some(Ok(result)) = running.try_join_next() {
                done(result);
            }
        }
        match running.join_next().await {
            None => return,
            Some(Ok(result)) => done(result),
            // None is cancelled, and a panic ends kcx.
            Some(Err(_)) => {}
        }
    }
}

/// No future keeps the next one waiting for longer.
const BUSY: Duration = Duration::from_millis(50);

/// Returns once no task has anything to do.
async fn all_wait(polls: &AtomicUsize) {
    let began = Instant::now();
    loop {
        let before = polls.load(Ordering::Relaxed);
        // The first one runs the tasks that are ready; the second one those for which data has arrived since.
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
        if polls.load(Ordering::Relaxed) == before || began.elapsed() > BUSY {
            return;
        }
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
    ProbeResult { found, certificate_end }
}

async fn ask(
    target: &Target,
    logins: &Logins,
    limit: Duration,
    certificate_end: &mut Option<i64>,
) -> Result<ServerResponse, Failure> {
    let client = Client::new(target, logins, limit).await?;
    *certificate_end = client.certificate_end();
    let began = Instant::now();
    let version = client.version().await;
    let latency = began.elapsed();
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
    Ok(ServerResponse { version, who, latency })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All of them, as [`ClusterProbe::ask`] runs them.
    fn run<F: Future<Output = Duration> + Send + 'static>(future: impl Fn() -> F) -> Vec<Duration> {
        let mut took = Vec::new();
        let futures = (0..64).map(|_| future()).collect();
        cluster::run(side_by_side(64, futures, |time| took.push(time))).unwrap();
        took.sort_unstable();
        took
    }

    /// Works four times for 2 ms, as a handshake does, and waits in between.
    async fn busy() -> Duration {
        let began = Instant::now();
        for _ in 0..4 {
            let end = Instant::now() + Duration::from_millis(2);
            while Instant::now() < end {
                std::hint::spin_loop();
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        began.elapsed()
    }

    #[test]
    fn work_for_others_is_not_measured() {
        let took = run(busy);
        // In parallel, each would take as long as all together: 512 ms.
        assert!(took[32] < Duration::from_millis(130), "{took:?}");
    }

    #[test]
    fn those_that_wait_do_so_together() {
        let began = Instant::now();
        run(|| async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            Duration::ZERO
        });
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    }

    #[test]
    fn one_that_never_waits_does_not_stop_the_others() {
        let began = Instant::now();
        let end = began + Duration::from_secs(2);
        let mut took = Vec::new();
        let futures = (0..8).map(|at| async move {
            while at == 0 && Instant::now() < end {
                tokio::task::yield_now().await;
            }
            began.elapsed()
        });
        cluster::run(side_by_side(8, futures.collect(), |time| took.push(time))).unwrap();
        assert!(took[6] < Duration::from_secs(2) && took[7] >= Duration::from_secs(2), "{took:?}");
    }
}
