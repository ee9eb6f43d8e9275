//! The clients for the cluster: new ones after a while, and more than one while there are many watches.

use crate::cluster::client::Client;
use crate::cluster::failure::Failure;
use crate::cluster::login::Logins;
use crate::cluster::target::Target;
use crate::cluster::transport::Protocols;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long a client is used for new requests.
const FRESH: Duration = Duration::from_secs(30);
/// The largest number of requests at once for one client. Beyond a server's limit (kube-apiserver's is 100 or 250), HTTP/2
/// would let a request wait until another one ends, which a watch does not.
const STREAMS: usize = 90;

/// The cluster, as the proxy sees it.
pub(super) struct Upstream {
    target: Target,
    logins: Logins,
    pub(super) limit: Duration,
    /// The clients, and the times of their creation.
    clients: Mutex<Vec<(Instant, Arc<Client>)>>,
}

impl Upstream {
    pub(super) fn new(target: Target, logins: Logins, limit: Duration) -> Upstream {
        Upstream { target, logins, limit, clients: Mutex::default() }
    }

    pub(super) fn context(&self) -> &str {
        &self.target.context
    }

    /// A client whose login is not old: a file with a token, or a plugin's answer, may be another one by now. A request
    /// keeps it as long as its answer lasts.
    pub(super) async fn client(&self) -> Result<Arc<Client>, Failure> {
        let mut clients = self.clients.lock().await;
        clients.retain(|(since, _)| since.elapsed() < FRESH);
        if let Some((_, client)) = clients.iter().find(|(_, client)| Arc::strong_count(client) <= STREAMS) {
            return Ok(client.clone());
        }
        let client = Client::speaking(Protocols::Http2, &self.target, &self.logins, self.limit).await?;
        let client = Arc::new(client);
        clients.push((Instant::now(), client.clone()));
        Ok(client)
    }

    /// The cluster rejected the credential: the next request gets a new one.
    pub(super) async fn forget(&self) {
        self.logins.forget(&self.target).await;
        self.clients.lock().await.clear();
    }
}
