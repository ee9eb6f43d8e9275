//! A proxy to one cluster that passes only reads, for a program that must not change anything and must not have the
//! credential.
//!
//! It listens on loopback, uses TLS with its own certificate, and requires a random token that was created for it. A request that `read_only_policy` passes is sent on with the real credential, as HTTP/1.1 and with exactly the target
//! bytes that were judged: hyper keeps them unchanged, except that it removes a fragment first. Watches and logs are
//! streamed. Each refused request is noted, with the reason, for the command that started the proxy.

mod own_answers;
mod request_log;

pub use request_log::{RequestError, RequestLog};

use super::client::Client;
use super::failure::Failure;
use super::login::Logins;
use super::read_only_policy::{self, Passed, Refused};
use super::target::Target;
use crate::codec::hash::hex;
use http::uri::PathAndQuery;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Either, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ring::rand::{SecureRandom, SystemRandom};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::collections::HashSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio_rustls::TlsAcceptor;

/// The largest request that is accepted, in bytes. kube-apiserver's limit is 3 MiB; reads are much smaller.
const REQUEST: usize = 4 << 20;
/// The largest APIService that is read, in bytes.
const ENTRY: usize = 1 << 20;
/// The time limit for a connection's handshake, for a request's head, and for its body.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a client is kept.
const FRESH: Duration = Duration::from_secs(30);
/// The largest number of simultaneous connections.
const CONNECTIONS: usize = 512;

/// A running proxy; it ends when it is dropped.
pub struct ReadOnly {
    address: SocketAddr,
    token: SecretString,
    certificate: String,
    log: Arc<Mutex<RequestLog>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A proxy that is being started on a thread of its own; cancelled when it is dropped.
pub struct Preparing {
    cancel: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Preparing {
    /// Ends a plugin that still runs. The proxy then fails soon, if it is not started yet.
    pub fn cancel(&mut self) {
        drop(self.cancel.take());
    }
}

impl Drop for Preparing {
    fn drop(&mut self) {
        self.cancel();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl ReadOnly {
    /// Starts a proxy on a thread of its own; `words` explains to the command why the cluster does not answer. Gets the
    /// credential and checks the whole target first, so that a failing plugin or an invalid proxy is reported before
    /// anything runs. `done` is called on that thread, with the proxy or the reason why there is none.
    pub fn prepare(
        target: Target,
        logins: Logins,
        limit: Duration,
        words: impl Fn(&Failure) -> String + Send + Sync + 'static,
        done: impl FnOnce(Result<ReadOnly, Failure>) + Send + 'static,
    ) -> Preparing {
        let (cancel, mut cancelled) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            // A client only works in the runtime that created it: this one only checks that it can be created.
            let checked = super::run(async {
                tokio::select! {
                    client = Client::new(&target, &logins, limit) => client.map(drop),
                    _ = &mut cancelled => Err(Failure::Other("it was cancelled".to_owned())),
                }
            });
            let checked = checked.unwrap_or_else(|error| Err(Failure::Other(error.to_string())));
            done(checked.and_then(|()| ReadOnly::start(target, logins, limit, words)));
        });
        Preparing { cancel: Some(cancel), thread: Some(thread) }
    }

    fn start(
        target: Target,
        logins: Logins,
        limit: Duration,
        words: impl Fn(&Failure) -> String + Send + Sync + 'static,
    ) -> Result<ReadOnly, Failure> {
        let other = |error: &dyn std::fmt::Display| Failure::Other(error.to_string());
        let mut bytes = [0; 32];
        SystemRandom::new().fill(&mut bytes).map_err(|error| other(&error))?;
        let token: SecretString = hex(&bytes).into();
        let (tls, certificate) = tls().map_err(|error| other(&error))?;
        let listener =
            std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| other(&error))?;
        listener.set_nonblocking(true).map_err(|error| other(&error))?;
        let address = listener.local_addr().map_err(|error| other(&error))?;
        let (stop, stopped) = oneshot::channel();
        let log = Arc::<Mutex<RequestLog>>::default();
        let shared = Arc::new(Shared {
            target,
            logins,
            limit,
            token: token.clone(),
            client: tokio::sync::Mutex::default(),
            own: Mutex::default(),
            words: Box::new(words),
            log: log.clone(),
        });
        let thread = std::thread::spawn(move || {
            // Without a runtime no request is answered.
            let _ = super::run(async {
                tokio::select! {
                    () = accept(listener, tls, shared) => {}
                    _ = stopped => {}
                }
            });
        });
        Ok(ReadOnly { address, token, certificate, log, stop: Some(stop), thread: Some(thread) })
    }

    /// `https://127.0.0.1:PORT`.
    #[must_use]
    pub fn server(&self) -> String {
        format!("https://{}", self.address)
    }

    /// The token that requests must have. It allows reading everything that the user may read.
    #[must_use]
    pub fn token(&self) -> &SecretString {
        &self.token
    }

    /// Its certificate, PEM.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// The requests that were refused or failed so far.
    #[must_use]
    pub fn log(&self) -> RequestLog {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has already been printed.
            let _ = thread.join();
        }
    }
}

struct Shared {
    target: Target,
    logins: Logins,
    limit: Duration,
    token: SecretString,
    /// The client for the cluster, and the time of its creation.
    client: tokio::sync::Mutex<Option<(Instant, Arc<Client>)>>,
    /// Group versions, such as `v1.stable.example.com`, that kube-apiserver serves itself.
    own: Mutex<HashSet<String>>,
    words: Box<dyn Fn(&Failure) -> String + Send + Sync>,
    log: Arc<Mutex<RequestLog>>,
}

impl Shared {
    /// A client whose login is not old: a file with a token, or a plugin's answer, may be another one by now.
    async fn client(&self) -> Result<Arc<Client>, Failure> {
        let mut kept = self.client.lock().await;
        if let Some((since, client)) = &*kept
            && since.elapsed() < FRESH
        {
            return Ok(client.clone());
        }
        let client = Arc::new(Client::new(&self.target, &self.logins, self.limit).await?);
        *kept = Some((Instant::now(), client.clone()));
        Ok(client)
    }
}

/// A certificate for the life of the proxy; its key is never written down.
fn tls() -> Result<(TlsAcceptor, String), Box<dyn std::error::Error>> {
    let key = rcgen::KeyPair::generate()?;
    let mut params = rcgen::CertificateParams::new(vec![Ipv4Addr::LOCALHOST.to_string()])?;
    params.distinguished_name.push(rcgen::DnType::CommonName, "kcx exec --read-only");
    let certificate = params.self_signed(&key)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let secret = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], secret)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((TlsAcceptor::from(Arc::new(config)), certificate.pem()))
}

async fn accept(listener: std::net::TcpListener, tls: TlsAcceptor, shared: Arc<Shared>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let (mut connections, places) = (tokio::task::JoinSet::new(), Arc::new(Semaphore::new(CONNECTIONS)));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let (tls, shared) = (tls.clone(), shared.clone());
                connections.spawn(async move {
                    serve(stream, tls, shared).await;
                    drop(place);
                });
            }
            // No file descriptors are left at the moment.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, tls: TlsAcceptor, shared: Arc<Shared>) {
    let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, tls.accept(stream)).await else { return };
    let service = service_fn(move |request| {
        let shared = shared.clone();
        async move { Ok::<_, io::Error>(answer(request, &shared).await) }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    // A client that disconnects early is not an error.
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}

type ProxyResponse = Response<Either<Full<Bytes>, Incoming>>;

async fn answer(request: Request<Incoming>, shared: &Shared) -> ProxyResponse {
    let (head, body) = request.into_parts();
    if !is_known(&head.headers, &shared.token) {
        return own_answers::unauthorized();
    }
    let said = match passed(&head, body, shared).await {
        Ok(answer) => return answer,
        Err(said) => said,
    };
    let line = format!("{} {}", head.method, head.uri.path());
    shared.log.lock().unwrap_or_else(PoisonError::into_inner).add(&line, &said);
    said.answer(head.uri.path())
}

/// The cluster's answer to a request, or why there is none.
async fn passed(
    head: &http::request::Parts,
    body: Incoming,
    shared: &Shared,
) -> Result<ProxyResponse, RequestError> {
    let refused = |why: &str| RequestError::Refused(Refused { why: why.to_owned(), may_be_dry: false });
    let body = tokio::time::timeout(PATIENCE, Limited::new(body, REQUEST).collect()).await;
    let Ok(Ok(body)) = body else { return Err(refused("its body is too large, too slow or incomplete")) };
    let body = body.to_bytes();
    let passed = read_only_policy::judge(&head.method, &head.uri, &head.headers, &body)
        .map_err(RequestError::Refused)?;
    let away = |failure: &Failure| RequestError::NoResponse((shared.words)(failure));
    let client = shared.client().await.map_err(|failure| away(&failure))?;
    if let Passed::DryRunOf { group, version } = passed {
        shared.demand_own(&client, &format!("{version}.{group}")).await?;
    }
    let target = head.uri.path_and_query().map_or("/", PathAndQuery::as_str);
    let mut onward = Request::builder().method(&head.method).uri(target);
    if let Some(headers) = onward.headers_mut() {
        *headers = read_only_policy::onward(&head.headers);
    }
    let onward = onward.body(Full::new(body)).map_err(|_| refused("it is not a valid request"))?;
    let answer = client.pass(onward).await.map_err(|failure| away(&failure))?;
    if answer.status() == StatusCode::UNAUTHORIZED {
        shared.logins.forget(&shared.target).await;
        *shared.client.lock().await = None;
    }
    if answer.status().is_informational() {
        return Err(away(&Failure::NotKubernetes("it upgrades the connection".to_owned())));
    }
    let (mut head, body) = answer.into_parts();
    head.headers = read_only_policy::back(&head.headers);
    head.version = http::Version::HTTP_11;
    Ok(Response::from_parts(head, Either::Right(body)))
}

impl Shared {
    /// Checks that kube-apiserver serves a group itself, as it does for CustomResourceDefinitions; `name` is that of
    /// its APIService. If the APIService has a `service`, another server answers, which may not support dry runs.
    async fn demand_own(&self, client: &Client, name: &str) -> Result<(), RequestError> {
        let own = || self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if own().contains(name) {
            return Ok(());
        }
        let refused = |why: String| RequestError::Refused(Refused { why, may_be_dry: false });
        let unsure = |why: &str| {
            refused(format!("cannot verify by APIService {name} that a dry run changes nothing: {why}"))
        };
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        if !name.bytes().all(is_name) {
            return Err(refused("its path is not the path of an API".to_owned()));
        }
        let path = format!("/apis/apiregistration.k8s.io/v1/apiservices/{name}");
        let request = Request::builder()
            .method(Method::GET)
            .uri(path)
            .header(header::ACCEPT, "application/json")
            .body(Full::default())
            .map_err(|_| unsure("the request cannot be built"))?;
        let asked = tokio::time::timeout(self.limit, async {
            let answer = client.pass(request).await.map_err(|failure| (self.words)(&failure))?;
            if answer.status() != StatusCode::OK {
                return Err(format!("the cluster responded with status {}", answer.status().as_u16()));
            }
            let body = Limited::new(answer.into_body(), ENTRY).collect().await;
            body.map(http_body_util::Collected::to_bytes).map_err(|_| "the response is incomplete".to_owned())
        });
        let entry = asked.await.unwrap_or_else(|_| Err("no response in time".to_owned()));
        let entry = entry.map_err(|why| unsure(&why))?;
        let entry: Value = serde_json::from_slice(&entry).unwrap_or_default();
        if entry["kind"] != "APIService" || entry["metadata"]["name"] != name || !entry["spec"].is_object() {
            return Err(unsure("the response is not an APIService"));
        }
        if !entry["spec"]["service"].is_null() {
            let why = format!("an API server of its own serves {name}, which may not support dry runs");
            return Err(refused(why));
        }
        own().insert(name.to_owned());
        Ok(())
    }
}

/// True if the request has the token. The comparison takes constant time.
fn is_known(headers: &HeaderMap, token: &SecretString) -> bool {
    let shown = headers.get(header::AUTHORIZATION).map(http::HeaderValue::as_bytes).unwrap_or_default();
    let Some(shown) = shown.strip_prefix(b"Bearer ") else { return false };
    let token = token.expose_secret().as_bytes();
    let differ = shown.iter().zip(token).fold(0, |differ, (a, b)| differ | (a ^ b));
    shown.len() == token.len() && differ == 0
}
