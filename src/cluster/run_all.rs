//! Runs many queries at the same time, so that none measures the work for the others.

use super::run;
use std::io;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

/// Runs futures, up to `parallel` at a time; each result is handed over as it comes.
///
/// Each runs in a thread of its own. In one thread, an answer that has arrived would wait until the work for all other
/// clusters, such as their handshakes, is done, and that would be measured as the time that its cluster takes.
///
/// # Errors
/// As [`run`].
pub fn run_all<T: Send>(
    parallel: usize,
    futures: Vec<impl Future<Output = T> + Send>,
    mut done: impl FnMut(T),
) -> io::Result<()> {
    let threads = parallel.clamp(1, futures.len().max(1));
    let waiting = Mutex::new(futures.into_iter());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let (sender, results) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads {
            let (next, sender) = (&next, sender.clone());
            let work = move || {
                // Nobody wants the results that are left after a failure.
                while let Some(future) = next()
                    && sender.send(run(future)).is_ok()
                {}
            };
            thread::Builder::new().spawn_scoped(scope, work)?;
        }
        drop(sender);
        results.into_iter().try_for_each(|result| result.map(&mut done))
    })
}

/// Waits, with the runtime's clock.
///
/// # Errors
/// As [`run`].
pub fn pause(time: Duration) -> io::Result<()> {
    // Within the runtime: a pause cannot even be made outside one.
    run(async { tokio::time::sleep(time).await })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;
    use tokio::sync::Barrier;

    /// Works, as a handshake does.
    fn busy(time: Duration) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            std::hint::spin_loop();
        }
    }

    #[test]
    fn work_for_others_is_not_measured() {
        // All begin to wait together; then the others work, and the first one must be told in time.
        let barrier = Barrier::new(3);
        let waited = |at: usize| {
            let barrier = &barrier;
            async move {
                barrier.wait().await;
                let began = Instant::now();
                match at {
                    0 => tokio::time::sleep(Duration::from_millis(10)).await,
                    _ => busy(Duration::from_secs(2)),
                }
                (at, began.elapsed())
            }
        };
        let mut took = Vec::new();
        run_all(3, (0..3).map(waited).collect(), |result| took.push(result)).unwrap();
        assert_eq!(took[0].0, 0);
        assert!(took[0].1 < Duration::from_secs(1), "{took:?}");
    }

    #[test]
    fn those_that_wait_do_so_together() {
        // They pass only if all of them have come.
        let barrier = Barrier::new(64);
        let pass = |_| async { barrier.wait().await.is_leader() };
        let mut leaders = 0;
        run_all(64, (0..64).map(pass).collect(), |is_leader| leaders += usize::from(is_leader)).unwrap();
        assert_eq!(leaders, 1);
    }

    #[test]
    fn no_more_run_at_the_same_time_than_may() {
        let running = std::sync::atomic::AtomicUsize::new(0);
        let count = |_| async {
            let now = running.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
            tokio::task::yield_now().await;
            running.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
            now
        };
        let mut most = Vec::new();
        run_all(3, (0..50).map(count).collect(), |now| most.push(now)).unwrap();
        assert!(most.len() == 50 && most.iter().all(|&now| (1..=3).contains(&now)), "{most:?}");
        run_all(0, (0..2).map(count).collect(), |now| most.push(now)).unwrap();
        assert_eq!(most.len(), 52);
    }
}
