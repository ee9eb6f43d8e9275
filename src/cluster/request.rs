//! Requests and their answers: headers, redirects, retries, and the meaning of a status.

use super::client::Client;
use super::failure::{ClientFault, Failure, TlsFailure, Wanted};
use super::login::Logins;
use super::target::Target;
use super::transport::Body;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::Value;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::time::Instant;

/// The largest answer that is read, in bytes.
const ANSWER: usize = 16 << 20;
/// The largest number of redirects: Go's limit.
const REDIRECTS: usize = 10;
/// The shortest pause before a retry, even if the server asks for less.
const PAUSE: Duration = Duration::from_millis(100);

impl Client {
    /// Sends a request of the API and reads the answer as JSON.
    pub(super) async fn json(&self, request: Request<Vec<u8>>) -> Result<Value, Failure> {
        let bytes = self.ask(request).await?;
        serde_json::from_slice(&bytes)
            .map_err(|_| Failure::NotKubernetes("the response is not JSON".to_owned()))
    }

    /// Sends a request of the API, and retries when the server says so until the time is up.
    pub(super) async fn ask(&self, request: Request<Vec<u8>>) -> Result<Vec<u8>, Failure> {
        let request = request.map(|body| Body::new(body.into()));
        loop {
            let answer = tokio::time::timeout_at(self.deadline, self.followed(&request));
            match answer.await.map_err(|_| Failure::TimedOut(self.last_step.last()))? {
                Err(Failure::TooMany(Some(wait))) if again(Instant::now(), wait, self.deadline).is_some() => {
                    tokio::time::sleep(wait.max(PAUSE)).await;
                }
                Err(failure) => return Err(self.known(failure)),
                answer => return answer,
            }
        }
    }

    /// Passes a request on and returns its answer, whatever its status and duration.
    pub(super) async fn pass(&self, mut request: Request<Body>) -> Result<Response<Incoming>, Failure> {
        *request.uri_mut() = self.address(&request.uri().to_string())?;
        self.send(request).await.map_err(|failure| self.known(failure))
    }

    async fn send(&self, request: Request<Body>) -> Result<Response<Incoming>, Failure> {
        let began = Instant::now();
        let response = self.transport.send(request).await;
        *self.latency.lock().unwrap_or_else(PoisonError::into_inner) = began.elapsed();
        response.map_err(|error| Failure::of(&error, &self.wanted))
    }

    /// The URI of a path on this server.
    fn address(&self, path: &str) -> Result<Uri, Failure> {
        let wrong = |_| Failure::Other("the URL of the request is invalid".to_owned());
        format!("{}{path}", self.base).parse().map_err(wrong)
    }

    /// Adds the expired part of a credential that the cluster rejected, if known.
    fn known(&self, failure: Failure) -> Failure {
        match failure {
            Failure::Unauthorized(None) if self.credential.configured && self.wanted.plain => {
                Failure::Anonymous { sent: false }
            }
            Failure::Unauthorized(None) => Failure::Unauthorized(self.credential.lifetime()),
            Failure::Tls(TlsFailure::ClientRefused(fault, None)) if fault != ClientFault::Missing => {
                Failure::Tls(TlsFailure::ClientRefused(fault, self.credential.ended_certificate()))
            }
            Failure::Forbidden(message)
                if self.credential.configured && message.contains("\"system:anonymous\"") =>
            {
                Failure::Anonymous { sent: !self.wanted.plain }
            }
            failure => failure,
        }
    }

    /// Follows redirects as Go does, sending a POST as a GET after 301 to 303. Redirects to another server are not
    /// followed: client-go would send the credential there.
    async fn followed(&self, request: &Request<Body>) -> Result<Vec<u8>, Failure> {
        let mut request = request.clone();
        *request.uri_mut() = self.address(&request.uri().to_string())?;
        let agent = HeaderValue::from_static(concat!("kcx/", env!("CARGO_PKG_VERSION")));
        request.headers_mut().insert(header::USER_AGENT, agent);
        for _ in 0..=REDIRECTS {
            let (head, answer) = self.once(request.clone()).await?;
            let redirect = redirect(head.status, &head.headers, request.uri());
            if matches!(head.status.as_u16(), 301..=303) {
                *request.method_mut() = Method::GET;
                *request.body_mut() = Body::default();
            }
            match redirect {
                Redirect::None => return understood(head.status, &head.headers, answer, &self.wanted),
                Redirect::To(next) => *request.uri_mut() = next,
                Redirect::Away(host) => {
                    let what = match host {
                        Some(host) => {
                            format!(
                                "it redirects to {host}, another server, which must not get the credential"
                            )
                        }
                        None => "it redirects to an invalid address".to_owned(),
                    };
                    return Err(Failure::NotKubernetes(what));
                }
            }
        }
        Err(Failure::NotKubernetes("it redirects endlessly".to_owned()))
    }

    async fn once(&self, request: Request<Body>) -> Result<(http::response::Parts, Vec<u8>), Failure> {
        let (head, body) = self.send(request).await?.into_parts();
        let body =
            Limited::new(body, ANSWER).collect().await.map_err(|error| match error
                .downcast_ref::<http_body_util::LengthLimitError>(
            ) {
                Some(_) => Failure::NotKubernetes("the response is too large".to_owned()),
                None => Failure::of(&*error, &self.wanted),
            })?;
        Ok((head, body.to_bytes().to_vec()))
    }
}

/// The time of the next retry, if that is before the deadline.
fn again(now: Instant, wait: Duration, end: Instant) -> Option<Instant> {
    now.checked_add(wait.max(PAUSE)).filter(|at| *at < end)
}

/// The target of a redirect.
#[derive(Debug, PartialEq, Eq)]
enum Redirect {
    None,
    To(Uri),
    /// A redirect to another server, or to an invalid address.
    Away(Option<String>),
}

/// Decides which answers are redirects, as Go's `net/http` does.
fn redirect(status: StatusCode, headers: &HeaderMap, from: &Uri) -> Redirect {
    let follows = matches!(status.as_u16(), 301..=303 | 307 | 308);
    let Some(place) = headers.get(header::LOCATION).filter(|_| follows) else { return Redirect::None };
    let Ok(place) = place.to_str() else { return Redirect::Away(None) };
    let origin = |uri: &Uri| {
        let scheme = uri.scheme_str().unwrap_or_default().to_ascii_lowercase();
        let port = uri.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
        (scheme, uri.host().unwrap_or_default().to_ascii_lowercase(), port)
    };
    let authority = from.authority().map(http::uri::Authority::as_str).unwrap_or_default();
    let scheme = from.scheme_str().unwrap_or_default();
    let whole = if place.contains("://") {
        place.to_owned()
    } else if place.starts_with("//") {
        format!("{scheme}:{place}")
    } else if place.starts_with('/') {
        format!("{scheme}://{authority}{place}")
    } else {
        let folder = from.path().rsplit_once('/').map(|(folder, _)| folder).unwrap_or_default();
        format!("{scheme}://{authority}{folder}/{place}")
    };
    match whole.parse::<Uri>() {
        Ok(next) if origin(&next) == origin(from) => Redirect::To(next),
        Ok(next) => Redirect::Away(next.host().map(str::to_owned)),
        Err(_) => Redirect::Away(None),
    }
}

/// The result of an answer.
fn understood(
    status: StatusCode,
    headers: &HeaderMap,
    body: Vec<u8>,
    wanted: &Wanted,
) -> Result<Vec<u8>, Failure> {
    if status.is_success() {
        return match headers.get(header::CONTENT_TYPE) {
            Some(kind) if kind.as_bytes().starts_with(b"text/html") => {
                Err(Failure::NotKubernetes("the response is an HTML page".to_owned()))
            }
            _ => Ok(body),
        };
    }
    // The wording of Go's servers, nginx and Apache.
    const WANTS_TLS: [&[u8]; 2] =
        [b"HTTP request to an HTTPS server", b"HTTP request was sent to HTTPS port"];
    let says = |text: &&[u8]| memchr::memmem::find(&body, text).is_some();
    if status == StatusCode::BAD_REQUEST && wanted.plain && WANTS_TLS.iter().any(says) {
        return Err(Failure::WantsTls { said: true });
    }
    Err(refused(status, headers, &body))
}

/// The failure for an error status.
fn refused(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Failure {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let message = said["message"].as_str().unwrap_or_default().to_owned();
    match status {
        StatusCode::UNAUTHORIZED => Failure::Unauthorized(None),
        StatusCode::FORBIDDEN => Failure::Forbidden(message),
        StatusCode::TOO_MANY_REQUESTS => Failure::TooMany(retry_after(headers)),
        status if status.is_redirection() => {
            Failure::NotKubernetes("it sent an unexpected redirect".to_owned())
        }
        status => Failure::Status(status.as_u16(), message),
    }
}

/// `Retry-After` in seconds (RFC 9110, 10.2.3). Dates are ignored: the API server does not send them.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// If a cluster rejected a credential, the plugin is asked for a new one next time.
pub async fn after(failure: &Failure, target: &Target, logins: &Logins) {
    if matches!(failure, Failure::Unauthorized(_)) {
        logins.forget(target).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    fn headers(name: &str, value: &[u8]) -> HeaderMap {
        let name: header::HeaderName = name.parse().unwrap();
        HeaderValue::from_bytes(value).into_iter().map(|value| (name.clone(), value)).collect()
    }

    #[test]
    fn a_server_is_asked_again_after_a_while_and_before_the_end() {
        let now = Instant::now();
        let end = now + Duration::from_secs(10);
        for (text, want) in [
            ("0", Some(PAUSE)),
            ("1", Some(Duration::from_secs(1))),
            (" 2 ", Some(Duration::from_secs(2))),
            ("10", None),
            ("9223372036854775807", None),
            ("18446744073709551615", None),
            ("18446744073709551616", None),
            ("-1", None),
            ("Fri, 31 Dec 1999 23:59:59 GMT", None),
            ("", None),
        ] {
            let wait = retry_after(&headers("retry-after", text.as_bytes()));
            let at = wait.and_then(|wait| again(now, wait, end));
            assert_eq!(at, want.map(|want| now + want), "{text}");
        }
    }

    #[test]
    fn redirects_stay_with_the_server() {
        let from: Uri = "https://a.test:6443/k8s/version".parse().unwrap();
        let to = |text: &str| Redirect::To(text.parse().unwrap());
        let away = |host: &str| Redirect::Away(Some(host.to_owned()));
        for (place, want) in [
            ("/x", to("https://a.test:6443/x")),
            ("x?y=z", to("https://a.test:6443/k8s/x?y=z")),
            ("https://a.test:6443/x", to("https://a.test:6443/x")),
            ("https://A.test:6443/x", to("https://A.test:6443/x")),
            ("//a.test:6443/x", to("https://a.test:6443/x")),
            ("//b.test/x", away("b.test")),
            ("http://a.test:6443/x", away("a.test")),
            ("https://a.test/x", away("a.test")),
            ("https://a.test:6443@b.test/x", away("b.test")),
            ("https://[::1", Redirect::Away(None)),
        ] {
            let headers = headers("location", place.as_bytes());
            assert_eq!(redirect(StatusCode::FOUND, &headers, &from), want, "{place}");
        }
        let moved = headers("location", b"/x");
        assert_ne!(redirect(StatusCode::TEMPORARY_REDIRECT, &moved, &from), Redirect::None);
        assert_eq!(redirect(StatusCode::MULTIPLE_CHOICES, &moved, &from), Redirect::None);
    }

    #[test]
    fn a_server_that_wants_tls_is_told_from_others() {
        let body = b"Client sent an HTTP request to an HTTPS server.\n".to_vec();
        let answer = |plain| {
            let wanted = Wanted { plain, ..Wanted::default() };
            understood(StatusCode::BAD_REQUEST, &HeaderMap::new(), body.clone(), &wanted)
        };
        assert_eq!(answer(true), Err(Failure::WantsTls { said: true }));
        assert_eq!(answer(false), Err(Failure::Status(400, String::new())));
    }

    proptest! {
        #[test]
        fn no_header_and_no_body_is_too_much(
            status in 100_u16..1000,
            name in "retry-after|location|content-type",
            value in proptest::collection::vec(any::<u8>(), 0..60),
            body in proptest::collection::vec(any::<u8>(), 0..200),
            plain: bool,
        ) {
            let status = StatusCode::from_u16(status).unwrap();
            let headers = headers(&name, &value);
            let from: Uri = "https://a.test:6443/version".parse().unwrap();
            if let Redirect::To(next) = redirect(status, &headers, &from) {
                prop_assert_eq!(next.host(), Some("a.test"));
                prop_assert_eq!((next.scheme_str(), next.port_u16()), (Some("https"), Some(6443)));
            }
            let wanted = Wanted { plain, ..Wanted::default() };
            if let Err(Failure::TooMany(Some(wait))) = understood(status, &headers, body, &wanted) {
                let now = Instant::now();
                prop_assert!(again(now, wait, now + PAUSE * 2).is_none_or(|at| at >= now + PAUSE));
            }
        }
    }
}
