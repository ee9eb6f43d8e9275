//! Connections that have not shown the proxy's token yet.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

/// How long a connection may be without a request that has the token.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// One connection.
#[derive(Clone, Default)]
pub(super) struct Guest(Arc<Known>);

#[derive(Default)]
struct Known {
    is_known: AtomicBool,
    told: Notify,
}

impl Guest {
    /// A request over it had the token.
    pub(super) fn welcome(&self) {
        if !self.0.is_known.swap(true, Ordering::Relaxed) {
            self.0.told.notify_one();
        }
    }

    fn is_known(&self) -> bool {
        self.0.is_known.load(Ordering::Relaxed)
    }

    /// Serves the connection, and drops it if it shows no token in this time.
    pub(super) async fn within(self, patience: Duration, serving: impl Future<Output = ()>) {
        let serving = std::pin::pin!(serving);
        let stranger = async {
            if tokio::time::timeout(patience, self.0.told.notified()).await.is_ok() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = serving => {}
            () = stranger => {}
        }
    }
}

/// Those that may be ended, the oldest first.
#[derive(Default)]
pub(super) struct Strangers(VecDeque<(Guest, AbortHandle)>);

impl Strangers {
    pub(super) fn add(&mut self, guest: Guest, task: AbortHandle) {
        self.0.retain(|(guest, task)| !guest.is_known() && !task.is_finished());
        self.0.push_back((guest, task));
    }

    /// Ends the oldest connection without a token, if there is one.
    pub(super) fn end_oldest(&mut self) {
        while let Some((guest, task)) = self.0.pop_front() {
            if !guest.is_known() && !task.is_finished() {
                task.abort();
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::task::JoinSet;

    #[test]
    fn a_connection_without_a_token_ends_and_the_oldest_makes_room() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.unwrap().block_on(async {
            let patience = Duration::from_millis(30);
            let (mut tasks, mut strangers) = (JoinSet::new(), Strangers::default());
            let guests = [(); 4].map(|()| Guest::default());
            for guest in &guests {
                let serving = std::future::pending();
                strangers.add(guest.clone(), tasks.spawn(guest.clone().within(patience, serving)));
            }
            guests[0].welcome();
            strangers.end_oldest();
            assert!(tasks.join_next().await.unwrap().unwrap_err().is_cancelled());
            // The others end when their time is up, and the one that is known does not.
            let began = tokio::time::Instant::now();
            for _ in 0..2 {
                tasks.join_next().await.unwrap().unwrap();
            }
            assert!(began.elapsed() <= PATIENCE);
            strangers.end_oldest();
            assert_eq!(tasks.len(), 1);
            assert!(tokio::time::timeout(patience * 3, tasks.join_next()).await.is_err());
        });
    }
}
