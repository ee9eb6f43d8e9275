//! A proxy to one cluster that lets nothing but reads through: for a program that must not change anything, and must not
//! have the credential either.
//!
//! It listens on loopback, speaks TLS with a certificate of its own, and answers nobody without the token that was drawn
//! for it. What passes it goes on with the real credential. Watches and logs are streamed.

use super::client::Client;
use super::failure::Failure;
use super::login::Logins;
use super::target::Target;
use super::verdict::{Refused, verdict};
use http::{HeaderMap, HeaderName, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Either, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use kube::client::Body;
use ring::rand::{SecureRandom, SystemRandom};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio_rustls::TlsAcceptor;

/// A request that is larger changes something: kube-apiserver takes 3 MiB.
const REQUEST: usize = 4 << 20;
/// How long a connection may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a client is kept.
const FRESH: Duration = Duration::from_secs(30);
/// Connections at a time.
const CONNECTIONS: usize = 512;

/// A running proxy; it ends when it is dropped.
pub struct ReadOnly {
    address: SocketAddr,
    token: SecretString,
    certificate: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl ReadOnly {
    /// Starts one; `words` says for the command why the cluster does not answer. The credential is had first, so that a plugin that fails is told before anything runs.
    ///
    /// # Errors
    /// No credential, or no port.
    pub fn start(
        target: Target,
        logins: Logins,
        limit: Duration,
        words: impl Fn(&Failure) -> String + Send + Sync + 'static,
    ) -> Result<ReadOnly, Failure> {
        let other = |error: &dyn std::fmt::Display| Failure::Other(error.to_string());
        super::run(logins.of(&target, limit)).map_err(|error| other(&error))??;
        let mut bytes = [0; 32];
        SystemRandom::new().fill(&mut bytes).map_err(|error| other(&error))?;
        let token: SecretString = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into();
        let (tls, certificate) = tls().map_err(|error| other(&error))?;
        let listener =
            std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| other(&error))?;
        listener.set_nonblocking(true).map_err(|error| other(&error))?;
        let address = listener.local_addr().map_err(|error| other(&error))?;
        let (stop, stopped) = oneshot::channel();
        let (token_of_all, client) = (token.clone(), tokio::sync::Mutex::default());
        let words = Box::new(words);
        let shared = Arc::new(Shared { target, logins, limit, token: token_of_all, client, words });
        let thread = std::thread::spawn(move || {
            // Without a runtime nobody is let through.
            let _ = super::run(async {
                tokio::select! {
                    () = accept(listener, tls, shared) => {}
                    _ = stopped => {}
                }
            });
        });
        Ok(ReadOnly { address, token, certificate, stop: Some(stop), thread: Some(thread) })
    }

    /// `https://127.0.0.1:PORT`.
    #[must_use]
    pub fn server(&self) -> String {
        format!("https://{}", self.address)
    }

    /// What it must be shown. Whoever has it may read what the user may.
    #[must_use]
    pub fn token(&self) -> &SecretString {
        &self.token
    }

    /// Its certificate, PEM.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of its own was told by itself.
            let _ = thread.join();
        }
    }
}

struct Shared {
    target: Target,
    logins: Logins,
    limit: Duration,
    token: SecretString,
    /// What asks the cluster, and since when.
    client: tokio::sync::Mutex<Option<(Instant, Arc<Client>)>>,
    words: Box<dyn Fn(&Failure) -> String + Send + Sync>,
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
            // Out of descriptors for a moment.
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
    // Who goes away in the middle is no failure.
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}

type Answer = Response<Either<Full<Bytes>, Body>>;

async fn answer(request: Request<Incoming>, shared: &Shared) -> Answer {
    let (head, body) = request.into_parts();
    if !is_known(&head.headers, &shared.token) {
        return status(StatusCode::UNAUTHORIZED, "Unauthorized", "kcx: this proxy is for one command alone");
    }
    let body = match Limited::new(body, REQUEST).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return refused("its body is too large, or was cut"),
    };
    let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
    if let Err(Refused(why)) = verdict(&head.method, path, query, &head.headers, &body) {
        return refused(&why);
    }
    let client = match shared.client().await {
        Ok(client) => client,
        Err(failure) => return away(&(shared.words)(&failure)),
    };
    let path = head.uri.path_and_query().map_or(path, http::uri::PathAndQuery::as_str);
    let mut onward = Request::builder().method(&head.method).uri(path);
    if let Some(headers) = onward.headers_mut() {
        *headers = passed_on(&head.headers);
        headers.remove(header::AUTHORIZATION);
        headers.remove(header::COOKIE);
    }
    let Ok(onward) = onward.body(Body::from(body.to_vec())) else { return refused("it is no request") };
    match client.pass(onward).await {
        Ok(answer) => {
            if answer.status() == StatusCode::UNAUTHORIZED {
                shared.logins.forget(&shared.target).await;
                *shared.client.lock().await = None;
            }
            let (mut head, body) = answer.into_parts();
            head.headers = passed_on(&head.headers);
            head.version = http::Version::HTTP_11;
            Response::from_parts(head, Either::Right(body))
        }
        Err(failure) => away(&(shared.words)(&failure)),
    }
}

/// True for the bearer of the token. How long the comparison takes tells nothing about it.
fn is_known(headers: &HeaderMap, token: &SecretString) -> bool {
    let shown = headers.get(header::AUTHORIZATION).map(http::HeaderValue::as_bytes).unwrap_or_default();
    let Some(shown) = shown.strip_prefix(b"Bearer ") else { return false };
    let token = token.expose_secret().as_bytes();
    let differ = shown.iter().zip(token).fold(0, |differ, (a, b)| differ | (a ^ b));
    shown.len() == token.len() && differ == 0
}

/// The headers that are for the other end (RFC 9110, 7.6.1).
fn passed_on(headers: &HeaderMap) -> HeaderMap {
    let named: Vec<String> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(|name| name.trim().to_ascii_lowercase()))
        .collect();
    let hop = [
        header::CONNECTION,
        header::HOST,
        header::PROXY_AUTHENTICATE,
        header::PROXY_AUTHORIZATION,
        header::TE,
        header::TRAILER,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
        HeaderName::from_static("keep-alive"),
        header::CONTENT_LENGTH,
    ];
    let mut passed = HeaderMap::new();
    for (name, value) in headers {
        if !hop.contains(name) && !named.iter().any(|named| named == name.as_str()) {
            passed.append(name, value.clone());
        }
    }
    passed
}

fn refused(why: &str) -> Answer {
    let text = format!("kcx exec --read-only lets reads through alone: {why}");
    status(StatusCode::FORBIDDEN, "Forbidden", &text)
}

fn away(why: &str) -> Answer {
    let text = format!("kcx exec --read-only has no answer from the cluster: {why}");
    status(StatusCode::BAD_GATEWAY, "ServiceUnavailable", &text)
}

/// A `Status`, as the clients of Kubernetes read them.
fn status(code: StatusCode, reason: &str, message: &str) -> Answer {
    let text = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code.as_u16(),
    });
    let mut answer = Response::new(Either::Left(Full::from(text.to_string())));
    *answer.status_mut() = code;
    let json = http::HeaderValue::from_static("application/json");
    answer.headers_mut().insert(header::CONTENT_TYPE, json);
    answer
}
