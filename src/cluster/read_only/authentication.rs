//! Connections that have not shown the proxy's token yet.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

/// How long a connection may be without a request that has the token.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(10);

/// Whether a connection has shown the token.
#[derive(Clone, Default)]
pub(super) struct Authentication(Arc<State>);

#[derive(Default)]
struct State {
    is_done: AtomicBool,
    changed: Notify,
}

impl Authentication {
    /// A request over it had the token.
    pub(super) fn succeeded(&self) {
        if !self.0.is_done.swap(true, Ordering::Relaxed) {
            self.0.changed.notify_one();
        }
    }

    fn is_done(&self) -> bool {
        self.0.is_done.load(Ordering::Relaxed)
    }

    /// Serves the connection, and drops it if it shows no token in this time.
    pub(super) async fn within(self, limit: Duration, serving: impl Future<Output = ()>) {
        let serving = std::pin::pin!(serving);
        let expired = async {
            if tokio::time::timeout(limit, self.0.changed.notified()).await.is_ok() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = serving => {}
            () = expired => {}
        }
    }
}

/// The connections without the token, the oldest first.
#[derive(Default)]
pub(super) struct Unauthenticated(VecDeque<(Authentication, AbortHandle)>);

impl Unauthenticated {
    pub(super) fn add(&mut self, connection: Authentication, task: AbortHandle) {
        self.0.retain(|(connection, task)| !connection.is_done() && !task.is_finished());
        self.0.push_back((connection, task));
    }

    /// Ends the oldest connection without a token, if there is one.
    pub(super) fn end_oldest(&mut self) {
        while let Some((connection, task)) = self.0.pop_front() {
            if !connection.is_done() && !task.is_finished() {
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
            let limit = Duration::from_millis(30);
            let (mut tasks, mut unauthenticated) = (JoinSet::new(), Unauthenticated::default());
            let connections = [(); 4].map(|()| Authentication::default());
            for connection in &connections {
                let serving = std::future::pending();
                unauthenticated
                    .add(connection.clone(), tasks.spawn(connection.clone().within(limit, serving)));
            }
            connections[0].succeeded();
            unauthenticated.end_oldest();
            assert!(tasks.join_next().await.unwrap().unwrap_err().is_cancelled());
            // The others end when their time is up, and the authenticated one does not.
            let began = tokio::time::Instant::now();
            for _ in 0..2 {
                tasks.join_next().await.unwrap().unwrap();
            }
            assert!(began.elapsed() <= TIME_LIMIT);
            unauthenticated.end_oldest();
            assert_eq!(tasks.len(), 1);
            assert!(tokio::time::timeout(limit * 3, tasks.join_next()).await.is_err());
        });
    }
}
