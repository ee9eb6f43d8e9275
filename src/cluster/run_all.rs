//! Runs many queries at the same time, so that none measures the work for the others.

use super::run;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Runs futures on this thread, up to `parallel` at a time; each result is handed over as it comes.
///
/// The next one is started once all others wait for something. Were all started together, each would measure the work
/// for all others, such as their handshakes, as the time that its cluster takes.
///
/// # Errors
/// As [`run`].
pub fn run_all<T: Send + 'static>(
    parallel: usize,
    futures: Vec<impl Future<Output = T> + Send + 'static>,
    done: impl FnMut(T),
) -> io::Result<()> {
    run(side_by_side(parallel, futures, done))
}

/// Waits, with the runtime's clock.
///
/// # Errors
/// As [`run`].
pub fn pause(time: Duration) -> io::Result<()> {
    // Within the runtime: a pause cannot even be made outside one.
    run(async { tokio::time::sleep(time).await })
}

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

#[cfg(test)]
mod tests {
    use super::*;

    /// All of them, as `kcx status` runs them.
    fn all<F: Future<Output = Duration> + Send + 'static>(future: impl Fn() -> F) -> Vec<Duration> {
        let mut took = Vec::new();
        let futures = (0..64).map(|_| future()).collect();
        run_all(64, futures, |time| took.push(time)).unwrap();
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
        let took = all(busy);
        // In parallel, each would take as long as all together: 512 ms.
        assert!(took[32] < Duration::from_millis(130), "{took:?}");
    }

    #[test]
    fn those_that_wait_do_so_together() {
        let began = Instant::now();
        all(|| async {
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
        run_all(8, futures.collect(), |time| took.push(time)).unwrap();
        assert!(took[6] < Duration::from_secs(2) && took[7] >= Duration::from_secs(2), "{took:?}");
    }
}
