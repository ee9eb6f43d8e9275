//! The HTTP client of one cluster: connections over [`connector`](super::connector), and on every request the headers that
//! prove who the user is.
//!
//! The headers are client-go's (`transport/round_trippers.go`): basic authentication or a bearer token, and the
//! `Impersonate-*` headers. A credential never gets into an error: what cannot be sent names the user only.

use super::connector::{self, LastStep};
use super::failure::Failure;
use super::login::Login;
use super::target::Target;
use super::tls::Tls;
use crate::codec::base64;
use crate::kubeconfig::schema::key;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, header};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use secrecy::ExposeSecret;
use serde_json::Value;
use std::pin::Pin;
use std::time::Duration;

/// The body of a request.
pub(super) type Body = Full<Bytes>;

/// The protocols that are offered to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocols {
    /// For a few requests, one after the other.
    Http1,
    /// HTTP/2 if the server has it: many watches share one connection.
    Http2,
}

/// How long a connection of HTTP/2 is silent before it is checked, and how long the check may take: client-go's limits. A
/// connection that a sleeping laptop has lost would keep its watches waiting for ever.
const SILENCE: Duration = Duration::from_secs(30);
const CHECK: Duration = Duration::from_secs(15);

type Sending = Pin<Box<dyn Future<Output = Result<Response<Incoming>, legacy::Error>> + Send>>;

/// The bytes of a header's name that client-go escapes in `Impersonate-Extra-`: all that a name cannot have, and `%`.
const NOT_IN_NAMES: AsciiSet = NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'*')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Sends requests to one cluster as one user.
pub(super) struct Transport {
    send: Box<dyn Fn(Request<Body>) -> Sending + Send + Sync>,
    headers: HeaderMap,
}

impl Transport {
    /// # Errors
    /// Fails if the proxy, the TLS settings or a header's value in the kubeconfig are invalid.
    pub(super) fn new(
        target: &Target,
        login: &Login,
        last_step: &LastStep,
        protocols: Protocols,
    ) -> Result<Transport, Failure> {
        let tls = Tls::of(target, login)?;
        let https = tls.over(connector::build(target, &tls, last_step)?, protocols);
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        builder.timer(TokioTimer::new()).http2_keep_alive_interval(SILENCE).http2_keep_alive_timeout(CHECK);
        let http: legacy::Client<_, Body> = builder.build(https);
        let headers = headers(target, login).ok_or_else(|| {
            let what = format!("user `{}` has a value that cannot be sent in a header", target.user_name);
            Failure::Kubeconfig(what)
        })?;
        Ok(Transport { send: Box::new(move |request| Box::pin(http.request(request))), headers })
    }

    /// Sends a request with the user's headers, in place of any of the same name.
    ///
    /// # Errors
    /// The connection's failure, as the source of hyper's error.
    pub(super) async fn send(&self, mut request: Request<Body>) -> Result<Response<Incoming>, legacy::Error> {
        for name in self.headers.keys() {
            request.headers_mut().remove(name);
        }
        for (name, value) in &self.headers {
            request.headers_mut().append(name, value.clone());
        }
        // The connection of the answer before is free once its own task has run.
        tokio::task::yield_now().await;
        (self.send)(request).await
    }
}

/// The headers with the credential; `None` if a value has bytes that are invalid in a header.
fn headers(target: &Target, login: &Login) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    let secret = |text: String| {
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    };
    if let Some((name, password)) = &login.basic {
        let pair = base64::encode(format!("{name}:{}", password.expose_secret()));
        headers.insert(header::AUTHORIZATION, secret(format!("Basic {pair}"))?);
    } else if let Some(token) = &login.token {
        headers.insert(header::AUTHORIZATION, secret(format!("Bearer {}", token.expose_secret()))?);
    }
    if !target.is_private() {
        return Some(headers);
    }
    let user = &target.user;
    for (field, header) in [("as", "impersonate-user"), (key::AS_UID, "impersonate-uid")] {
        if !user.text(field).is_empty() {
            headers.insert(header, HeaderValue::from_str(user.text(field)).ok()?);
        }
    }
    for group in texts(user.body.get(key::AS_GROUPS)) {
        headers.append("impersonate-group", HeaderValue::from_str(group).ok()?);
    }
    for (key, values) in user.body.get(key::AS_USER_EXTRA).and_then(Value::as_object).into_iter().flatten() {
        let key = percent_encoding::utf8_percent_encode(key, &NOT_IN_NAMES);
        let name: HeaderName = format!("impersonate-extra-{key}").parse().ok()?;
        for value in texts(Some(values)) {
            headers.append(name.clone(), HeaderValue::from_str(value).ok()?);
        }
    }
    Some(headers)
}

fn texts(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
