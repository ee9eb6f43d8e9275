//! Connects to a server: resolves its name and opens a connection, through a proxy if there is one. TLS is added on top.

use super::classify::io_cause;
use super::failure::{Failure, ProxyFault, Step, Wanted};
use super::target::Target;
use super::tls::Tls;
use super::transport::Protocols;
use crate::codec::base64;
use crate::kubeconfig::schema::key;
use http::{HeaderValue, Uri};
use hyper_rustls::MaybeHttpsStream;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::rt::TokioIo;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use tokio::net::TcpStream;
use tower::{Service, ServiceExt};

/// A connection. Only a connection to an https proxy is encrypted at this level.
pub(super) type Connection = MaybeHttpsStream<TokioIo<TcpStream>>;

/// The last connection step that was reached; reported when the deadline passes.
#[derive(Clone, Default)]
pub(super) struct LastStep(Arc<AtomicU8>);

const STEPS: [Step; 4] = [Step::Connect, Step::Resolve, Step::Proxy, Step::Answer];

impl LastStep {
    pub(super) fn reached(&self, step: Step) {
        let at = STEPS.iter().position(|known| *known == step).unwrap_or_default();
        self.0.store(u8::try_from(at).unwrap_or_default(), Ordering::Relaxed);
    }

    pub(super) fn last(&self) -> Step {
        STEPS[usize::from(self.0.load(Ordering::Relaxed)) % STEPS.len()]
    }
}

/// A proxy.
#[derive(Clone)]
struct Proxy {
    /// The address, without user information.
    uri: Uri,
    /// The user name and the password.
    login: Option<(String, String)>,
}

impl Proxy {
    /// A proxy from the kubeconfig: client-go accepts http, https and socks5, and lets the proxy resolve names.
    fn of_cluster(url: &str) -> Option<Proxy> {
        let (scheme, _) = url.split_once("://")?;
        let known = ["http", "https", "socks5"].into_iter().any(|known| scheme.eq_ignore_ascii_case(known));
        known.then(|| Proxy::parse(url)).flatten()
    }

    /// A proxy from the environment: Go also accepts socks5h, and treats any other scheme as http (`net/http`).
    fn parse(url: &str) -> Option<Proxy> {
        let (scheme, rest) = url.split_once("://")?;
        let (authority, _) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (login, address) = match authority.rsplit_once('@') {
            Some((login, address)) => (Some(login), address),
            None => (None, authority),
        };
        let (scheme, port) = match scheme.to_ascii_lowercase().as_str() {
            "http" => ("http", Some(80)),
            "https" => ("https", Some(443)),
            "socks5" | "socks5h" => ("socks5", Some(1080)),
            _ => ("http", None),
        };
        let uri: Uri = format!("{scheme}://{address}").parse().ok()?;
        let port = uri.port_u16().or(port)?;
        let uri =
            format!("{scheme}://{}:{port}", uri.host().filter(|host| !host.is_empty())?).parse().ok()?;
        let login = login.map(|login| {
            let (name, password) = login.split_once(':').unwrap_or((login, ""));
            (decoded(name), decoded(password))
        });
        Some(Proxy { uri, login })
    }

    fn address(&self) -> String {
        self.uri.authority().map(ToString::to_string).unwrap_or_default()
    }

    fn failure(&self, why: Option<ProxyFault>) -> Failure {
        Failure::Proxy { proxy: self.address(), why }
    }
}

/// Decodes percent-encoding (RFC 3986, 2.1).
fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Builds the connector for a target.
///
/// # Errors
/// The address of the proxy is invalid.
pub(super) fn build(
    target: &Target,
    tls: &Tls,
    last_step: &LastStep,
) -> Result<
    impl Service<Uri, Response = Connection, Error = Failure, Future: Send + 'static>
    + Clone
    + Send
    + Sync
    + 'static,
    Failure,
> {
    let own = target.cluster.text(key::PROXY_URL);
    let url = if own.is_empty() { target.proxy.as_deref() } else { Some(own) };
    let proxy = match url {
        None => None,
        Some(url) if own.is_empty() => Some(Proxy::parse(url).ok_or_else(|| {
            let what =
                "the proxy in the environment is not a valid URL with the scheme http, https, socks5 or socks5h";
            Failure::Kubeconfig(what.to_owned())
        })?),
        Some(url) => Some(Proxy::of_cluster(url).ok_or_else(|| {
            Failure::Kubeconfig("the `proxy-url` of its cluster is not a valid URL with the scheme http, https or socks5".to_owned())
        })?),
    };
    let direct = direct(last_step);
    let secure = proxy.as_ref().is_some_and(|proxy| proxy.uri.scheme_str() == Some("https"));
    let tls = secure.then(|| tls.over(direct.clone(), Protocols::Http1));
    let last_step = last_step.clone();
    Ok(tower::service_fn(move |uri: Uri| {
        let (proxy, direct, tls, last_step) = (proxy.clone(), direct.clone(), tls.clone(), last_step.clone());
        async move {
            let Some(proxy) = proxy else {
                let stream = direct.oneshot(uri).await?;
                last_step.reached(Step::Answer);
                return Ok(MaybeHttpsStream::Http(stream));
            };
            let stream = match (proxy.uri.scheme_str(), tls) {
                (Some("socks5"), _) => {
                    let mut socks = SocksV5::new(proxy.uri.clone(), direct);
                    if let Some((name, password)) = proxy.login.clone() {
                        socks = socks.with_auth(name, password);
                    }
                    last_step.reached(Step::Proxy);
                    let stream = socks.oneshot(uri).await;
                    stream.map(MaybeHttpsStream::Http).map_err(|error| through(&error, &proxy))
                }
                (_, Some(tls)) => tunnel(tls, &proxy, &last_step)
                    .oneshot(uri)
                    .await
                    .map_err(|error| through(&error, &proxy)),
                (_, None) => tunnel(direct, &proxy, &last_step)
                    .oneshot(uri)
                    .await
                    .map(MaybeHttpsStream::Http)
                    .map_err(|error| through(&error, &proxy)),
            }?;
            last_step.reached(Step::Answer);
            Ok(stream)
        }
    }))
}

fn tunnel<C>(connector: C, proxy: &Proxy, last_step: &LastStep) -> Tunnel<C> {
    last_step.reached(Step::Proxy);
    let tunnel = Tunnel::new(proxy.uri.clone(), connector);
    let Some((name, password)) = &proxy.login else { return tunnel };
    let login = format!("{name}:{password}");
    let text = base64::encode(login);
    match HeaderValue::from_str(&format!("Basic {text}")) {
        Ok(mut value) => {
            value.set_sensitive(true);
            tunnel.with_auth(value)
        }
        // All base64 characters are valid in a header.
        Err(_) => tunnel,
    }
}

/// Classifies an error of a proxy connection: refused by the proxy, or the proxy could not be reached.
fn through(error: &(dyn Error + 'static), proxy: &Proxy) -> Failure {
    let text = error.to_string();
    if error.source().is_some() || text.contains("underlying connection") {
        let cause = error.source().map(|source| Failure::of(source, &Wanted::default()));
        return proxy.failure(match cause {
            Some(Failure::Tls(_)) => Some(ProxyFault::Certificate),
            Some(Failure::Cut) => Some(ProxyFault::Closed),
            _ => None,
        });
    }
    // hyper-util has no typed errors for these cases.
    let text = text.to_ascii_lowercase();
    proxy.failure(Some(if text.contains("auth") {
        ProxyFault::Login
    } else if text.contains("unexpected end of file") {
        ProxyFault::Closed
    } else {
        ProxyFault::Refused
    }))
}

/// The connector without a proxy.
fn direct(
    last_step: &LastStep,
) -> impl Service<Uri, Response = TokioIo<TcpStream>, Error = Failure, Future: Send + 'static>
+ Clone
+ Send
+ Sync
+ 'static {
    let resolving = last_step.clone();
    let resolver = tower::service_fn(move |name: Name| {
        let last_step = resolving.clone();
        async move {
            last_step.reached(Step::Resolve);
            let host = name.as_str().to_owned();
            let found = tokio::net::lookup_host((host.as_str(), 0)).await.map(Iterator::collect::<Vec<_>>);
            last_step.reached(Step::Connect);
            found.map(Vec::into_iter).map_err(|_| Failure::Resolve { host })
        }
    });
    let mut connector = HttpConnector::new_with_resolver(resolver);
    connector.enforce_http(false);
    connector.set_nodelay(true);
    tower::service_fn(move |uri: Uri| {
        let connector = connector.clone();
        let secure = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let address = format!("{}:{port}", uri.host().unwrap_or_default());
        async move {
            connector.oneshot(uri).await.map_err(|error| match Failure::of(&error, &Wanted::default()) {
                found @ Failure::Resolve { .. } => found,
                _ => {
                    let (kind, why) = io_cause(&error);
                    Failure::Connect { address, kind, why }
                }
            })
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_keeps_its_login_to_itself() {
        let proxy = Proxy::parse("socks5h://me:p%40ss%3A@proxy.test/path").unwrap();
        assert_eq!(proxy.login, Some(("me".to_owned(), "p@ss:".to_owned())));
        assert_eq!(proxy.uri, "socks5://proxy.test:1080");
        assert_eq!(Proxy::parse("https://[::1]:8443").unwrap().address(), "[::1]:8443");
        for wrong in ["proxy.test:3128", "ftp://proxy.test", "http://", "http://:80"] {
            assert!(Proxy::parse(wrong).is_none(), "{wrong}");
        }
        for wrong in ["socks5h://proxy.test", "ftp://proxy.test:80", "proxy.test:80"] {
            assert!(Proxy::of_cluster(wrong).is_none(), "{wrong}");
        }
        assert_eq!(Proxy::of_cluster("HTTP://proxy.test").unwrap().uri, "http://proxy.test:80");
        assert_eq!(decoded("100%+A%4"), "100%+A%4");
    }
}
