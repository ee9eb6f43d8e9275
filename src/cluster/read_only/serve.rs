//! Listens, and answers each request: TLS, the proxy's token, and one line for the audit file.
//!
//! Every program of this machine can connect. A connection that shows no token is a stranger's: it ends soon, and when there
//! are too many connections, the oldest of these makes room.

use super::Shared;
use super::authentication::{self, Authentication, Unauthenticated};
use super::body::ProxyResponse;
use super::own_answers;
use super::request_log::RequestError;
use crate::cluster::audit::{Entry, Verdict};
use crate::cluster::fence::Verb;
use http::{HeaderMap, Request, Uri, Version, header};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use secrecy::{ExposeSecret, SecretString};
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// The time limit for a connection's handshake, and for a request's head.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// The largest number of simultaneous connections.
const CONNECTIONS: usize = 512;
/// The largest number of simultaneous requests over one connection of HTTP/2: kube-apiserver's.
const STREAMS: u32 = 250;
/// The bytes that wait for the client, for each request over HTTP/2.
const SEND_BUFFER: usize = 128 << 10;

/// A certificate for the life of the proxy; its key is never written down.
pub(super) fn tls() -> Result<(TlsAcceptor, String), Box<dyn std::error::Error>> {
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
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok((TlsAcceptor::from(Arc::new(config)), certificate.pem()))
}

pub(super) async fn accept(listener: std::net::TcpListener, tls: TlsAcceptor, shared: Arc<Shared>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let (mut connections, mut unknown) = (tokio::task::JoinSet::new(), Unauthenticated::default());
    loop {
        while connections.try_join_next().is_some() {}
        if connections.len() >= CONNECTIONS {
            // If all are the program's own, the next one waits until one of them ends.
            unknown.end_oldest();
            let _ = connections.join_next().await;
            continue;
        }
        match listener.accept().await {
            Ok((stream, _)) => {
                let (tls, shared, authentication) = (tls.clone(), shared.clone(), Authentication::default());
                let serving = serve(stream, tls, shared, authentication.clone());
                let task =
                    connections.spawn(authentication.clone().within(authentication::TIME_LIMIT, serving));
                unknown.add(authentication, task);
            }
            // No file descriptors are left at the moment.
            Err(_) => {
                unknown.end_oldest();
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, tls: TlsAcceptor, shared: Arc<Shared>, authentication: Authentication) {
    // Without it, the end of an answer may wait 40 ms for the client's system.
    let _ = stream.set_nodelay(true);
    let Ok(Ok(stream)) = tokio::time::timeout(TIME_LIMIT, tls.accept(stream)).await else { return };
    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let service = service_fn(move |request| {
        let (shared, authentication) = (shared.clone(), authentication.clone());
        async move { Ok::<_, io::Error>(answer(request, &shared, &authentication).await) }
    });
    let stream = TokioIo::new(stream);
    // A client that disconnects early is not an error.
    if is_http2 {
        let mut http = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        // A client that reads slowly must not fill the memory.
        http.timer(TokioTimer::new()).max_concurrent_streams(STREAMS).max_send_buf_size(SEND_BUFFER);
        let _ = http.serve_connection(stream, service).await;
    } else {
        let mut http = hyper::server::conn::http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(TIME_LIMIT);
        let _ = http.serve_connection(stream, service).await;
    }
}

async fn answer(
    request: Request<Incoming>,
    shared: &Arc<Shared>,
    authentication: &Authentication,
) -> ProxyResponse {
    let (mut head, body) = request.into_parts();
    // HTTP/2 names the server in each request, and this proxy is the only one here.
    if head.version == Version::HTTP_2
        && let Some(target) = head.uri.path_and_query().cloned()
    {
        head.uri = Uri::from(target);
    }
    let entry = Entry {
        context: shared.upstream.context(),
        method: head.method.as_str(),
        verb: Verb::Other,
        path: head.uri.path(),
        verdict: Verdict::Refused,
        status: 0,
        reason: Some("it is without the token of this proxy"),
    };
    if !is_known(&head.headers, &shared.token) {
        return audited(own_answers::unauthorized(), entry, shared);
    }
    authentication.succeeded();
    let (verb, answer) = super::pass::pass(&head, body, shared).await;
    let error = match answer {
        Ok(answer) => {
            let entry = Entry { verb, verdict: Verdict::Passed, reason: None, ..entry };
            return audited(answer, entry, shared);
        }
        Err(error) => error,
    };
    shared.note(&format!("{} {}", head.method, head.uri.path()), &error);
    let verdict = match error {
        RequestError::Refused(_) => Verdict::Refused,
        RequestError::NoResponse(_) => Verdict::Failed,
    };
    let entry = Entry { verb, verdict, reason: Some(error.reason()), ..entry };
    audited(error.answer(head.uri.path()), entry, shared)
}

/// The answer, once the audit file has a line about it.
fn audited(answer: ProxyResponse, entry: Entry<'_>, shared: &Shared) -> ProxyResponse {
    let Some(audit) = &shared.bounds.audit else { return answer };
    match audit.write(&Entry { status: answer.status().as_u16(), ..entry }) {
        Ok(()) => answer,
        // What cannot be written down does not pass.
        Err(error) => {
            let error = RequestError::NoResponse(format!("the audit file cannot be written ({error})"));
            shared.note(&format!("{} {}", entry.method, entry.path), &error);
            error.answer(entry.path)
        }
    }
}

impl Shared {
    /// Notes a request that the cluster did not answer.
    pub(super) fn note(&self, line: &str, error: &RequestError) {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).add(line, error);
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
