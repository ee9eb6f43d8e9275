//! One cluster, asked.

use super::failure::Failure;
use super::login::{Login, Logins};
use super::road::{self, Steps};
use super::target::Target;
use crate::kubeconfig::certificate::Certificate;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper_util::client::legacy;
use hyper_util::rt::TokioExecutor;
use kube::client::{Body, ConfigExt};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;
use tower::ServiceBuilder;

/// No answer of the few that are asked for is longer.
const ANSWER: usize = 16 << 20;
/// Namespaces asked for at a time.
const PAGE: usize = 500;
/// Pages after which a list is taken for endless.
const PAGES: usize = 1000;

/// A cluster, ready to be asked.
pub struct Client {
    kube: kube::Client,
    /// Who the certificate must be for.
    wanted: String,
    certificate_end: Option<i64>,
    steps: Steps,
    deadline: Instant,
}

/// Who the cluster says one is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    /// The user's name.
    pub name: String,
    /// The groups, as the cluster orders them.
    pub groups: Vec<String>,
}

impl Client {
    /// Makes ready to ask; a connection is made with the first question. From now on, this much time is left, and as
    /// much for a plugin before.
    ///
    /// # Errors
    /// The kubeconfig proves nothing, or a plugin fails.
    pub async fn new(target: &Target, logins: &Logins, limit: Duration) -> Result<Client, Failure> {
        let login = logins.of(target, limit).await?;
        let steps = Steps::default();
        let certificate_end = login.identity.as_ref().and_then(|(certificate, _)| {
            Certificate::bundle(certificate).ok()?.first().map(|certificate| certificate.not_after)
        });
        let kube = kube_client(target, &login, &steps)?;
        let name = target.cluster.text("tls-server-name");
        let host = target.server.host().unwrap_or_default();
        let wanted = if name.is_empty() { host } else { name };
        let wanted = wanted.trim_matches(['[', ']']).to_owned();
        Ok(Client { kube, wanted, certificate_end, steps, deadline: Instant::now() + limit })
    }

    /// The end of the client certificate, in seconds since 1970 UTC.
    #[must_use]
    pub fn certificate_end(&self) -> Option<i64> {
        self.certificate_end
    }

    /// The version of the server: `v1.33.4`.
    ///
    /// # Errors
    /// It cannot be had.
    pub async fn version(&self) -> Result<String, Failure> {
        let answer = self.get("/version", "application/json").await?;
        let version = answer["gitVersion"].as_str().filter(|version| !version.is_empty());
        version.map(str::to_owned).ok_or_else(|| Failure::NotKubernetes("it tells no version".to_owned()))
    }

    /// Who one is: `SelfSubjectReview`, which all may ask from Kubernetes 1.28 on.
    ///
    /// # Errors
    /// It cannot be had.
    pub async fn who(&self) -> Result<Who, Failure> {
        let mut answer = self.review("v1").await;
        if matches!(answer, Err(Failure::Status(404, _))) {
            answer = self.review("v1beta1").await;
        }
        let user = &answer?["status"]["userInfo"];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let groups = user["groups"].as_array().into_iter().flatten().filter_map(text).collect();
        match text(&user["username"]) {
            Some(name) if !name.is_empty() => Ok(Who { name, groups }),
            _ => Err(Failure::NotKubernetes("it does not say who one is".to_owned())),
        }
    }

    async fn review(&self, version: &str) -> Result<Value, Failure> {
        let group = format!("authentication.k8s.io/{version}");
        let body = json!({"kind": "SelfSubjectReview", "apiVersion": group, "metadata": {}});
        let path = format!("/apis/{group}/selfsubjectreviews");
        self.json(Method::POST, &path, "application/json", body.to_string()).await
    }

    /// The names of all namespaces, in the order of the server, page by page.
    ///
    /// # Errors
    /// They cannot be had.
    pub async fn namespaces(&self) -> Result<Vec<String>, Failure> {
        match self.pages(PAGE).await {
            // The list changed too much between two pages.
            Err(Failure::Status(410, _)) => self.pages(0).await,
            answer => answer,
        }
    }

    async fn pages(&self, limit: usize) -> Result<Vec<String>, Failure> {
        const ACCEPT: &str =
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
        let (mut names, mut next) = (Vec::new(), String::new());
        for _ in 0..PAGES {
            let mut path = format!("/api/v1/namespaces?limit={limit}");
            if !next.is_empty() {
                path += &format!("&continue={}", encoded(&next));
            }
            let bytes = self.ask(&Method::GET, &path, ACCEPT, String::new()).await?;
            let page = serde_json::from_slice::<Page>(&bytes).ok().filter(|page| page.kind.ends_with("List"));
            let page = page.ok_or_else(no_list)?;
            names.extend(
                page.items.into_iter().flatten().map(|item| item.metadata.name).filter(|name| can_be(name)),
            );
            next = page.metadata.next;
            if next.is_empty() {
                return Ok(names);
            }
        }
        Err(no_list())
    }

    /// True if there is a namespace of this name.
    ///
    /// # Errors
    /// It cannot be told.
    pub async fn has_namespace(&self, name: &str) -> Result<bool, Failure> {
        const ACCEPT: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
        if !can_be(name) {
            return Ok(false);
        }
        match self.get(&format!("/api/v1/namespaces/{name}"), ACCEPT).await {
            Ok(answer) if answer["metadata"]["name"] == name => Ok(true),
            Ok(_) => Err(no_list()),
            Err(Failure::Status(404, _)) => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    async fn get(&self, path: &str, accept: &str) -> Result<Value, Failure> {
        self.json(Method::GET, path, accept, String::new()).await
    }

    async fn json(&self, method: Method, path: &str, accept: &str, body: String) -> Result<Value, Failure> {
        let bytes = self.ask(&method, path, accept, body).await?;
        serde_json::from_slice(&bytes).map_err(|_| Failure::NotKubernetes("it answers no JSON".to_owned()))
    }

    /// Asks until the time is up, and comes back where the server says when.
    async fn ask(&self, method: &Method, path: &str, accept: &str, body: String) -> Result<Vec<u8>, Failure> {
        loop {
            let answer =
                tokio::time::timeout_at(self.deadline, self.once(method, path, accept, body.clone()));
            match answer.await.map_err(|_| Failure::TimedOut(self.steps.last()))? {
                Err(Failure::TooMany(Some(wait))) if Instant::now() + wait < self.deadline => {
                    tokio::time::sleep(wait).await;
                }
                answer => return answer,
            }
        }
    }

    /// Passes a request on, and its answer back, whatever it is and however long it takes.
    pub(super) async fn pass(&self, request: Request<Body>) -> Result<Response<Body>, Failure> {
        self.kube.send(request).await.map_err(|error| Failure::of(&error, &self.wanted))
    }

    async fn once(
        &self,
        method: &Method,
        path: &str,
        accept: &str,
        body: String,
    ) -> Result<Vec<u8>, Failure> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::ACCEPT, accept)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("kcx/", env!("CARGO_PKG_VERSION")))
            .body(Body::from(body.into_bytes()))
            .map_err(|error| Failure::Other(error.to_string()))?;
        let answer = self.kube.send(request).await.map_err(|error| Failure::of(&error, &self.wanted))?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, ANSWER).collect().await.map_err(|error| {
            let too_long = error.downcast_ref::<http_body_util::LengthLimitError>().is_some();
            match too_long {
                true => Failure::NotKubernetes("its answer does not end".to_owned()),
                false => Failure::of(&*error, &self.wanted),
            }
        })?;
        let body = body.to_bytes();
        if head.status.is_success() {
            return match head.headers.get(header::CONTENT_TYPE) {
                Some(kind) if kind.as_bytes().starts_with(b"text/html") => {
                    Err(Failure::NotKubernetes("it answers with a page of HTML".to_owned()))
                }
                _ => Ok(body.to_vec()),
            };
        }
        Err(refused(head.status, &head.headers, &body))
    }
}

/// True for what a name of Kubernetes' can be at most: nothing else may come into a list or a path.
fn can_be(name: &str) -> bool {
    let allowed = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'-' | b'.');
    matches!(name.len(), 1..=253) && name.bytes().all(allowed) && !name.starts_with('.')
}

fn no_list() -> Failure {
    Failure::NotKubernetes("its list of namespaces is none".to_owned())
}

/// A status that is no success.
fn refused(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Failure {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let message = said["message"].as_str().unwrap_or_default().to_owned();
    match status {
        StatusCode::UNAUTHORIZED => Failure::Unauthorized,
        StatusCode::FORBIDDEN => Failure::Forbidden(message),
        StatusCode::TOO_MANY_REQUESTS => {
            let seconds =
                headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            Failure::TooMany(seconds.map(Duration::from_secs))
        }
        status if status.is_redirection() => Failure::NotKubernetes("it leads to another place".to_owned()),
        status => Failure::Status(status.as_u16(), message),
    }
}

/// A token for the next page, as part of a query.
fn encoded(text: &str) -> String {
    let mut query = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => query.push(byte.into()),
            byte => query += &format!("%{byte:02X}"),
        }
    }
    query
}

#[derive(Deserialize)]
struct Page {
    kind: String,
    #[serde(default)]
    metadata: PageMetadata,
    items: Option<Vec<Item>>,
}

#[derive(Default, Deserialize)]
struct PageMetadata {
    #[serde(default, rename = "continue")]
    next: String,
}

#[derive(Deserialize)]
struct Item {
    metadata: ItemMetadata,
}

#[derive(Deserialize)]
struct ItemMetadata {
    name: String,
}

/// kube's client over our own road.
fn kube_client(target: &Target, login: &Login, steps: &Steps) -> Result<kube::Client, Failure> {
    let config = kube_config(target, login)?;
    let road = road::road(target, &config, steps)?;
    let failed = |error: kube::Error| match error {
        kube::Error::RustlsTls(_) | kube::Error::Auth(_) => {
            // Their texts name the part that is wrong, and quote none of it.
            Failure::Kubeconfig(format!("its TLS or login: {}", plain(&error)))
        }
        error => Failure::of(&error, ""),
    };
    let https = config.rustls_https_connector_with_connector(road).map_err(failed)?;
    let http: legacy::Client<_, Body> = legacy::Client::builder(TokioExecutor::new()).build(https);
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .option_layer(config.auth_layer().map_err(failed)?)
        .layer(config.extra_headers_layer().map_err(failed)?)
        .map_err(tower::BoxError::from)
        .service(http);
    Ok(kube::Client::new(service, "default"))
}

/// An error without kube's own prefix.
fn plain(error: &kube::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

fn kube_config(target: &Target, login: &Login) -> Result<kube::Config, Failure> {
    let (cluster, user) = (&target.cluster, &target.user);
    let mut config = kube::Config::new(target.server.clone());
    config.accept_invalid_certs = cluster.body.get("insecure-skip-tls-verify") == Some(&Value::Bool(true));
    config.tls_server_name = Some(cluster.text("tls-server-name").to_owned()).filter(|name| !name.is_empty());
    if let Some(pem) = cluster.material("certificate-authority")? {
        let roots: Result<Vec<Vec<u8>>, _> =
            CertificateDer::pem_slice_iter(&pem).map(|found| found.map(|der| der.to_vec())).collect();
        let roots = roots.ok().filter(|roots| !roots.is_empty());
        config.root_cert = Some(roots.ok_or_else(|| {
            Failure::Kubeconfig("its certificate authority holds no certificate".to_owned())
        })?);
    }
    let auth = &mut config.auth_info;
    if let Some((certificate, key)) = &login.identity {
        let encode = |bytes: &[u8]| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
        auth.client_certificate_data = Some(encode(certificate));
        auth.client_key_data = Some(SecretString::from(encode(key.expose_secret().as_bytes())));
    }
    auth.token.clone_from(&login.token);
    if let Some((name, password)) = &login.basic {
        auth.username = Some(name.clone());
        auth.password = Some(password.clone());
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
    Ok(config)
}

/// A cluster that did not take a credential may take the next one of its plugin.
pub async fn after(failure: &Failure, target: &Target, logins: &Logins) {
    if *failure == Failure::Unauthorized {
        logins.forget(target).await;
    }
}
