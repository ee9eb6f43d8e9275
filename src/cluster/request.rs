//! Requests and their answers: headers, redirects, retries, and the meaning of a status.

use super::client::Client;
use super::failure::{ClientFault, Failure, TlsFailure, Wanted};
use super::login::{Login, Logins};
use super::road::{self, Steps};
use super::target::Target;
use super::tls::Tls;
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, Limited};
use hyper_util::client::legacy;
use hyper_util::rt::TokioExecutor;
use kube::client::{Body, ConfigExt};
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;
use tower::ServiceBuilder;

/// The largest answer that is read, in bytes.
const ANSWER: usize = 16 << 20;
/// The largest number of redirects: Go's limit.
const REDIRECTS: usize = 10;
/// The shortest pause before a retry, even if the server asks for less.
const PAUSE: Duration = Duration::from_millis(100);

impl Client {
    pub(super) async fn get(&self, path: &str, accept: &str) -> Result<Value, Failure> {
        self.json(Method::GET, path, accept, String::new()).await
    }

    pub(super) async fn json(
        &self,
        method: Method,
        path: &str,
        accept: &str,
        body: String,
    ) -> Result<Value, Failure> {
        let bytes = self.ask(&method, path, accept, body).await?;
        serde_json::from_slice(&bytes).map_err(|_| Failure::NotKubernetes("it answers no JSON".to_owned()))
    }

    /// Sends a request, and retries when the server says so until the time is up.
    pub(super) async fn ask(
        &self,
        method: &Method,
        path: &str,
        accept: &str,
        body: String,
    ) -> Result<Vec<u8>, Failure> {
        loop {
            let answer =
                tokio::time::timeout_at(self.deadline, self.followed(method, path, accept, body.clone()));
            match answer.await.map_err(|_| Failure::TimedOut(self.steps.last()))? {
                Err(Failure::TooMany(Some(wait))) if again(Instant::now(), wait, self.deadline).is_some() => {
                    tokio::time::sleep(wait.max(PAUSE)).await;
                }
                Err(failure) => return Err(self.known(failure)),
                answer => return answer,
            }
        }
    }

    /// Passes a request on and returns its answer, whatever its status and duration.
    pub(super) async fn pass(&self, mut request: Request<Body>) -> Result<Response<Body>, Failure> {
        *request.uri_mut() = self.address(&request.uri().to_string())?;
        self.send(request).await.map_err(|failure| self.known(failure))
    }

    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, Failure> {
        self.kube.send(request).await.map_err(|error| Failure::of(&error, &self.wanted))
    }

    /// The URI of a path on this server.
    fn address(&self, path: &str) -> Result<Uri, Failure> {
        let wrong = |_| Failure::Other("the request has an address that is none".to_owned());
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
    async fn followed(
        &self,
        method: &Method,
        path: &str,
        accept: &str,
        body: String,
    ) -> Result<Vec<u8>, Failure> {
        let (mut address, mut method, mut body) = (self.address(path)?, method.clone(), body);
        for _ in 0..=REDIRECTS {
            let (head, answer) = self.once(&method, address.clone(), accept, body.clone()).await?;
            let redirect = redirect(head.status, &head.headers, &address);
            if matches!(head.status.as_u16(), 301..=303) {
                (method, body) = (Method::GET, String::new());
            }
            match redirect {
                Redirect::None => return understood(head.status, &head.headers, answer, &self.wanted),
                Redirect::To(next) => address = next,
                Redirect::Away(host) => {
                    let what = match host {
                        Some(host) => {
                            format!("it sends the request on to {host}, where the login must not go")
                        }
                        None => "it sends the request on to what is no address".to_owned(),
                    };
                    return Err(Failure::NotKubernetes(what));
                }
            }
        }
        Err(Failure::NotKubernetes("it sends the request around in a circle".to_owned()))
    }

    async fn once(
        &self,
        method: &Method,
        address: Uri,
        accept: &str,
        body: String,
    ) -> Result<(http::response::Parts, Vec<u8>), Failure> {
        let request = Request::builder()
            .method(method)
            .uri(address)
            .header(header::ACCEPT, accept)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("kcx/", env!("CARGO_PKG_VERSION")))
            .body(Body::from(body.into_bytes()))
            .map_err(|_| Failure::Other("the request cannot be made".to_owned()))?;
        let (head, body) = self.send(request).await?.into_parts();
        let body =
            Limited::new(body, ANSWER).collect().await.map_err(|error| match error
                .downcast_ref::<http_body_util::LengthLimitError>(
            ) {
                Some(_) => Failure::NotKubernetes("its answer does not end".to_owned()),
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
    /// To another server, or to an invalid address.
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

/// The result that an answer stands for.
fn understood(
    status: StatusCode,
    headers: &HeaderMap,
    body: Vec<u8>,
    wanted: &Wanted,
) -> Result<Vec<u8>, Failure> {
    if status.is_success() {
        return match headers.get(header::CONTENT_TYPE) {
            Some(kind) if kind.as_bytes().starts_with(b"text/html") => {
                Err(Failure::NotKubernetes("it answers with a page of HTML".to_owned()))
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
        status if status.is_redirection() => Failure::NotKubernetes("it leads to another place".to_owned()),
        status => Failure::Status(status.as_u16(), message),
    }
}

/// `Retry-After` in seconds (RFC 9110, 10.2.3). Dates are ignored: the API server does not send them.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// A kube client over kcx's own connections.
pub(super) fn kube_client(target: &Target, login: &Login, steps: &Steps) -> Result<kube::Client, Failure> {
    let config = kube_config(target, login);
    let tls = Tls::of(target, login)?;
    let https = tls.over(road::road(target, &tls, steps)?);
    // A value that is not valid in a header is a credential or a name from the kubeconfig.
    let failed = |_: kube::Error| {
        let what = format!("user `{}` has a value that cannot be sent in a header", target.user_name);
        Failure::Kubeconfig(what)
    };
    let http: legacy::Client<_, Body> = legacy::Client::builder(TokioExecutor::new()).build(https);
    let service = ServiceBuilder::new()
        .option_layer(config.auth_layer().map_err(failed)?)
        .layer(config.extra_headers_layer().map_err(failed)?)
        .map_err(tower::BoxError::from)
        .service(http);
    Ok(kube::Client::new(service, "default"))
}

fn kube_config(target: &Target, login: &Login) -> kube::Config {
    let user = &target.user;
    let mut config = kube::Config::new(target.server.clone());
    let auth = &mut config.auth_info;
    auth.token.clone_from(&login.token);
    if let Some((name, password)) = &login.basic {
        auth.username = Some(name.clone());
        auth.password = Some(password.clone());
    }
    if !target.is_private() {
        return config;
    }
    let text = |field: &str| Some(user.text(field).to_owned()).filter(|text| !text.is_empty());
    let texts = |value: &Value| {
        let list = value.as_array().into_iter().flatten();
        list.filter_map(|text| text.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    auth.impersonate = text("as");
    auth.impersonate_uid = text("as-uid");
    auth.impersonate_groups = user.body.get("as-groups").map(texts).filter(|groups| !groups.is_empty());
    if let Some(Value::Object(extra)) = user.body.get("as-user-extra") {
        auth.impersonate_user_extra =
            Some(extra.iter().map(|(key, values)| (key.clone(), texts(values))).collect());
    }
    config
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
