//! An API server of the test's own: TLS, HTTP/1.1 and HTTP/2, users, a few resources, and all that can go wrong.
//!
//! It listens on loopback, on a thread of its own, until it is dropped.

mod accounts;
mod answers;
mod certificates;
mod objects;
mod proxy;
mod whole;

pub(crate) use accounts::AccountSetup;
pub(crate) use answers::{Behaviour, User};
pub(crate) use certificates::{Authority, Issued, Login, Shown};
pub(crate) use proxy::{Proxy, ProxySetup};
pub(crate) use whole::{CLUSTER_MARK, FOREIGN_MARK, SECRET_MARK};

use accounts::Accounts;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

/// What is done with a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Connection {
    /// TLS, then HTTP.
    #[default]
    Tls,
    /// HTTP without TLS.
    Plain,
    /// It is accepted, and never answered: a black hole.
    Silent,
    /// It is accepted, and closed at once.
    Closed,
    /// TLS is begun, and the connection closed in the middle.
    HalfHandshake,
    /// It is answered with text that is no TLS.
    NotTls,
}

/// The protocols that the server offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Http {
    #[default]
    Both,
    One,
    Two,
}

/// How the server is to be.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) connection: Connection,
    pub(crate) certificate: Shown,
    pub(crate) http: Http,
    /// Demands a client certificate in the handshake; else one may be shown.
    pub(crate) demands_certificate: bool,
    /// Bearer tokens, and whose they are.
    pub(crate) tokens: Vec<(String, User)>,
    /// Names and passwords.
    pub(crate) passwords: Vec<(String, String)>,
    /// Who names no credential is `system:anonymous`, and may read.
    pub(crate) anonymous: bool,
    pub(crate) namespaces: Vec<String>,
    /// All types of Kubernetes, with marks in what a fence hides; other namespaces than `namespaces`.
    pub(crate) whole: bool,
    /// Of a whole cluster, the number of Leases in `shop`; each has 2 KB.
    pub(crate) leases: usize,
    /// No page is longer, whatever `limit` says.
    pub(crate) page: usize,
    /// What goes wrong: the first entry whose text begins a path decides.
    pub(crate) behaviour: Vec<(String, Behaviour)>,
    /// Service accounts are real objects, with tokens and bindings; without it they are the same wherever one looks.
    pub(crate) accounts: Option<AccountSetup>,
}

impl Default for Setup {
    /// A server where all is well: the token `secret-token` is jane's.
    fn default() -> Setup {
        let names = ["default", "kube-node-lease", "kube-public", "kube-system", "shop", "web"];
        Setup {
            connection: Connection::Tls,
            certificate: Shown::Good,
            http: Http::Both,
            demands_certificate: false,
            tokens: vec![("secret-token".to_owned(), User::new("jane", &["developers"]))],
            passwords: Vec::new(),
            anonymous: false,
            namespaces: names.map(str::to_owned).into(),
            whole: false,
            leases: 0,
            page: usize::MAX,
            behaviour: Vec::new(),
            accounts: None,
        }
    }
}

impl Setup {
    /// The same, and paths that begin so behave so.
    pub(crate) fn with(mut self, path: &str, behaviour: Behaviour) -> Setup {
        self.behaviour.push((path.to_owned(), behaviour));
        self
    }
}

/// A request that came in.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// `GET /version HTTP/2.0`.
    pub(crate) line: String,
    /// In lower case, with their values.
    pub(crate) headers: Vec<(String, String)>,
}

impl Seen {
    pub(crate) fn header(&self, wanted: &str) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }
}

/// What the tasks of a server share.
struct Shared {
    setup: Setup,
    issued: Issued,
    seen: Mutex<Vec<Seen>>,
    connections: Mutex<usize>,
    /// How often a behaviour has struck, by its place in the list.
    struck: Mutex<Vec<usize>>,
    accounts: Accounts,
}

/// A running server.
pub(crate) struct ApiServer {
    pub(crate) address: SocketAddr,
    pub(crate) authority: Authority,
    shared: Arc<Shared>,
    running: Running,
}

impl ApiServer {
    pub(crate) fn start(setup: Setup) -> ApiServer {
        let authority = Authority::new("test-ca");
        let tls = tls(&setup, &authority);
        let struck = Mutex::new(vec![0; setup.behaviour.len()]);
        let issued = authority.issued.clone();
        let accounts = Accounts::new(setup.accounts.as_ref());
        let (seen, connections) = (Mutex::default(), Mutex::default());
        let shared = Arc::new(Shared { setup, issued, seen, connections, struck, accounts });
        let state = shared.clone();
        let running = Running::start(move |listener| accept(listener, tls, state));
        ApiServer { address: running.address, authority, shared, running }
    }

    /// A server where all is well.
    pub(crate) fn good() -> ApiServer {
        ApiServer::start(Setup::default())
    }

    /// `https://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> String {
        let scheme = if self.shared.setup.connection == Connection::Plain { "http" } else { "https" };
        format!("{scheme}://{}", self.address)
    }

    /// The requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// Their first lines.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }

    /// How many connections came in.
    pub(crate) fn connections(&self) -> usize {
        *self.shared.connections.lock().unwrap()
    }

    /// `LIST/NAME` of the service accounts and bindings.
    pub(crate) fn objects(&self) -> Vec<String> {
        self.shared.accounts.names()
    }

    /// A service account or binding, by the path of its list and its name.
    pub(crate) fn object(&self, list: &str, name: &str) -> Option<serde_json::Value> {
        self.shared.accounts.object(list, name)
    }

    /// The server's clock goes on: tokens end.
    pub(crate) fn later(&self, time: Duration) {
        self.shared.accounts.later(time);
    }

    /// Nobody listens any more: who connects is refused.
    pub(crate) fn stop(&mut self) {
        self.running.stop();
    }

    /// A kubeconfig whose context `test` leads here, as the user of this body.
    pub(crate) fn kubeconfig(&self, user: &str) -> String {
        kubeconfig(&[("test", &self.cluster(), user)])
    }

    /// The body of a cluster that leads here.
    pub(crate) fn cluster(&self) -> String {
        let pem = base64(&self.authority.pem());
        format!("{{server: '{}', certificate-authority-data: {pem}}}", self.url())
    }
}

/// A kubeconfig of these contexts: each has a cluster and a user of its own. The first one is current.
pub(crate) fn kubeconfig(contexts: &[(&str, &str, &str)]) -> String {
    let mut text = "apiVersion: v1\nkind: Config\n".to_owned();
    let mut lists = [String::new(), String::new(), String::new()];
    for (name, cluster, user) in contexts {
        lists[0] += &format!("- {{name: c-{name}, cluster: {cluster}}}\n");
        lists[1] += &format!("- {{name: u-{name}, user: {user}}}\n");
        lists[2] += &format!("- {{name: {name}, context: {{cluster: c-{name}, user: u-{name}}}}}\n");
    }
    for (list, entries) in ["clusters", "users", "contexts"].iter().zip(lists) {
        text += &format!("{list}:\n{entries}");
    }
    text + &format!("current-context: {}\n", contexts[0].0)
}

pub(crate) fn base64(text: &str) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, text)
}

/// A thread with a listener.
struct Running {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Running {
    fn start<F: Future<Output = ()> + 'static>(
        serve: impl FnOnce(TcpListener) -> F + Send + 'static,
    ) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let serving = serve(TcpListener::from_std(listener).unwrap());
                tokio::select! {
                    () = serving => {}
                    _ = stopped => {}
                }
            });
        });
        Running { address, stop: Some(stop), thread: Some(thread) }
    }

    fn stop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

fn tls(setup: &Setup, authority: &Authority) -> TlsAcceptor {
    let stranger = Authority::new("nobody-knows-me");
    let signer = if setup.certificate == Shown::Stranger { &stranger } else { authority };
    let login = signer.server(setup.certificate);
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone());
    let verifier =
        if setup.demands_certificate { verifier } else { verifier.allow_unauthenticated() }.build().unwrap();
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(login.certificate.as_bytes()).unwrap()],
            PrivateKeyDer::from_pem_slice(login.key.as_bytes()).unwrap(),
        )
        .unwrap();
    let offered: &[&[u8]] = match setup.http {
        Http::Both => &[b"h2", b"http/1.1"],
        Http::One => &[b"http/1.1"],
        Http::Two => &[b"h2"],
    };
    config.alpn_protocols = offered.iter().map(|name| name.to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

async fn accept(listener: TcpListener, tls: TlsAcceptor, shared: Arc<Shared>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        stream.set_nodelay(true).unwrap();
        *shared.connections.lock().unwrap() += 1;
        connections.spawn(connection(stream, tls.clone(), shared.clone()));
    }
}

async fn connection(mut stream: TcpStream, tls: TlsAcceptor, shared: Arc<Shared>) {
    match shared.setup.connection {
        Connection::Silent => std::future::pending().await,
        Connection::Closed => {}
        Connection::NotTls => {
            let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n").await;
            let _ = stream.flush().await;
            // What the client said is read, so that closing does not take the answer away from it.
            let _ = stream.readable().await;
            let _ = stream.try_read(&mut [0; 4096]);
        }
        Connection::HalfHandshake => {
            let _ = stream.readable().await;
            let _ = stream.try_read(&mut [0; 4096]);
            // The head of a handshake record that never comes.
            let _ = stream.write_all(&[0x16, 3, 3, 0, 0x7a, 2, 0]).await;
        }
        Connection::Plain => serve(stream, false, None, shared).await,
        Connection::Tls => {
            let stream = match tls.accept(stream).into_fallible().await {
                Ok(stream) => stream,
                Err((_, mut stream)) => {
                    // The alert says why. Closing with unread bytes would take it away from the client.
                    let _ = stream.shutdown().await;
                    while stream.readable().await.is_ok() {
                        match stream.try_read(&mut [0; 4096]) {
                            Ok(read) if read > 0 => {}
                            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                            _ => break,
                        }
                    }
                    return;
                }
            };
            let (_, session) = stream.get_ref();
            let two = session.alpn_protocol() == Some(b"h2");
            let shown = session.peer_certificates().and_then(|shown| shown.first());
            let user = shown.and_then(|shown| shared.issued.user(shown));
            serve(stream, two, user, shared).await;
        }
    }
}

async fn serve<S>(stream: S, two: bool, user: Option<User>, shared: Arc<Shared>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| answers::answer(request, user.clone(), shared.clone()));
    let stream = TokioIo::new(stream);
    // A client that goes away is no failure of the server.
    if two {
        let _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .serve_connection(stream, service)
            .await;
    } else {
        let http = hyper::server::conn::http1::Builder::new().serve_connection(stream, service);
        let _ = http.with_upgrades().await;
    }
}
