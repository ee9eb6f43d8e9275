//! The client for one cluster: version, whoami, namespaces.

use super::answers::{ANONYMOUS, Namespace, Who};
use super::connector::LastStep;
use super::credential::Credential;
use super::failure::{Failure, Wanted};
use super::login::Logins;
use super::target::Target;
use super::transport::{Protocols, Transport};
use crate::kubeconfig::typed;
use http::{HeaderValue, Request, header};
use kube::core::params::{GetParams, ListParams, PostParams};
use kube::core::request::Request as ApiRequest;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The path of the namespaces.
const NAMESPACES: &str = "/api/v1/namespaces";
/// The number of namespaces per page.
const PAGE: u32 = 500;
/// The largest number of pages; a longer list is considered endless.
const PAGES: usize = 1000;
/// The time left when the given timeout overflows the clock.
const LONG: Duration = Duration::from_hours(24 * 365);

/// A client with the credential and the deadline for one cluster.
pub struct Client {
    pub(super) transport: Transport,
    /// The server's URL without its path.
    pub(super) base: String,
    pub(super) wanted: Wanted,
    pub(super) credential: Credential,
    pub(super) last_step: LastStep,
    pub(super) deadline: Instant,
    pub(super) latency: Mutex<Duration>,
}

impl Client {
    /// Creates a client; it connects with the first request. The time limit starts now, and a plugin that runs before has the
    /// same limit.
    ///
    /// # Errors
    /// The user's credentials are incomplete or invalid, or the exec plugin failed.
    pub async fn new(target: &Target, logins: &Logins, limit: Duration) -> Result<Client, Failure> {
        Client::speaking(Protocols::Http1, target, logins, limit).await
    }

    /// As [`Client::new`], over these protocols.
    pub(super) async fn speaking(
        protocols: Protocols,
        target: &Target,
        logins: &Logins,
        limit: Duration,
    ) -> Result<Client, Failure> {
        let login = logins.of(target, limit).await?;
        let last_step = LastStep::default();
        let transport = Transport::new(target, &login, &last_step, protocols)?;
        let cluster = typed::Cluster(&target.cluster.body);
        let bare = |name: &str| name.trim_matches(['[', ']']).to_owned();
        let host = bare(target.server.host().unwrap_or_default());
        let name = Some(bare(cluster.tls_server_name())).filter(|name| !name.is_empty());
        let wanted = Wanted {
            name: name.unwrap_or_else(|| host.clone()),
            host,
            own: cluster.has_certificate_authority(),
            plain: !target.is_private(),
        };
        let now = Instant::now();
        let deadline = now.checked_add(limit).unwrap_or(now + LONG);
        let credential = Credential::of(&login, target.has_credentials());
        Ok(Client {
            transport,
            base: target.base(),
            wanted,
            credential,
            last_step,
            deadline,
            latency: Mutex::default(),
        })
    }

    /// The end of the client certificate, in seconds since 1970 UTC.
    #[must_use]
    pub fn certificate_end(&self) -> Option<i64> {
        self.credential.certificate_end
    }

    /// The time from the last request to its response. The first request of a client also connects.
    #[must_use]
    pub fn latency(&self) -> Duration {
        *self.latency.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The version of the server: `v1.33.4`.
    ///
    /// # Errors
    /// The request failed.
    pub async fn version(&self) -> Result<String, Failure> {
        let answer =
            self.json(accepting(Request::get("/version").body(Vec::new()), "application/json")?).await?;
        let version = answer["gitVersion"].as_str().filter(|version| !version.is_empty());
        version
            .map(str::to_owned)
            .ok_or_else(|| Failure::NotKubernetes("no version in the response".to_owned()))
    }

    /// The user that the cluster sees: `SelfSubjectReview`, which from Kubernetes 1.28 on every authenticated user may
    /// create.
    ///
    /// # Errors
    /// Fails if there is no answer. [`Failure::Anonymous`] if a user with a credential is anonymous to the cluster.
    pub async fn who(&self) -> Result<Who, Failure> {
        let mut answer = self.review("v1").await;
        if matches!(answer, Err(Failure::Status(404, _))) {
            answer = self.review("v1beta1").await;
        }
        let answer = match answer {
            // An anonymous user may not send this request; the error message names the user.
            Err(Failure::Forbidden(message)) if message.contains("\"system:anonymous\"") => {
                return Ok(Who { name: ANONYMOUS.to_owned(), ..Who::default() });
            }
            answer => answer?,
        };
        let user = &answer["status"]["userInfo"];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let texts = |list: &Value| list.as_array().into_iter().flatten().filter_map(text).collect::<Vec<_>>();
        let extra = user["extra"].as_object().into_iter().flatten();
        let who = Who {
            name: text(&user["username"]).unwrap_or_default(),
            uid: text(&user["uid"]).unwrap_or_default(),
            groups: texts(&user["groups"]),
            extra: extra.map(|(name, values)| (name.clone(), texts(values))).collect(),
        };
        match who.name.as_str() {
            "" => Err(Failure::NotKubernetes("no user name in the response".to_owned())),
            ANONYMOUS if self.credential.configured => Err(Failure::Anonymous { sent: !self.wanted.plain }),
            _ => Ok(who),
        }
    }

    async fn review(&self, version: &str) -> Result<Value, Failure> {
        let group = format!("authentication.k8s.io/{version}");
        let body = json!({"kind": "SelfSubjectReview", "apiVersion": group, "metadata": {}});
        let reviews = ApiRequest::new(format!("/apis/{group}/selfsubjectreviews"));
        let request = reviews.create(&PostParams::default(), body.to_string().into_bytes());
        self.json(accepting(request, "application/json")?).await
    }

    /// All namespaces in the server's order, page by page. Their metadata is enough: a namespace is terminating once it
    /// has a deletion timestamp.
    ///
    /// # Errors
    /// The request failed.
    pub async fn namespaces(&self) -> Result<Vec<Namespace>, Failure> {
        match self.pages(Some(PAGE)).await {
            // The list changed too much between two pages.
            Err(Failure::Status(410, _)) => self.pages(None).await,
            answer => answer,
        }
    }

    async fn pages(&self, limit: Option<u32>) -> Result<Vec<Namespace>, Failure> {
        const ACCEPT: &str =
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
        let (mut found, mut next) = (Vec::new(), None);
        for _ in 0..PAGES {
            let page = ListParams { limit, continue_token: next, ..ListParams::default() };
            let request = ApiRequest::new(NAMESPACES).list_metadata(&page);
            let bytes = self.ask(accepting(request, ACCEPT)?).await?;
            let page = serde_json::from_slice::<Page>(&bytes).ok().filter(|page| page.kind.ends_with("List"));
            let page = page.ok_or_else(no_list)?;
            let items = page.items.into_iter().flatten().map(|item| item.metadata);
            found.extend(items.filter(|item| can_be(&item.name)).map(Namespace::from));
            next = Some(page.metadata.next).filter(|next| !next.is_empty());
            if next.is_none() {
                return Ok(found);
            }
        }
        Err(no_list())
    }

    /// True if there is a namespace of this name.
    ///
    /// # Errors
    /// The request failed.
    pub async fn has_namespace(&self, name: &str) -> Result<bool, Failure> {
        const ACCEPT: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
        if !can_be(name) {
            return Ok(false);
        }
        let request = ApiRequest::new(NAMESPACES).get_metadata(name, &GetParams::default());
        match self.json(accepting(request, ACCEPT)?).await {
            Ok(answer) if answer["metadata"]["name"] == name => Ok(true),
            Ok(_) => Err(no_list()),
            Err(Failure::Status(404, _)) => Ok(false),
            Err(failure) => Err(failure),
        }
    }
}

/// True for text that consists of characters of Kubernetes names. Only such names are used in lists and paths.
fn can_be(name: &str) -> bool {
    let allowed = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'-' | b'.');
    matches!(name.len(), 1..=253) && name.bytes().all(allowed) && !name.starts_with('.')
}

fn no_list() -> Failure {
    Failure::NotKubernetes("the response is not a list of namespaces".to_owned())
}

/// A request of the API that asks for the answer in this form.
pub(super) fn accepting<E>(
    request: Result<Request<Vec<u8>>, E>,
    accept: &'static str,
) -> Result<Request<Vec<u8>>, Failure> {
    let failed = || Failure::Other("the request cannot be built".to_owned());
    let mut request = request.map_err(|_| failed())?;
    // kube writes `?&limit=500`, or a single `?`. Strict proxies refuse empty parts of a query.
    let path = request.uri().to_string().replace("?&", "?");
    *request.uri_mut() = path.trim_end_matches('?').parse().map_err(|_| failed())?;
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static(accept));
    Ok(request)
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
#[serde(rename_all = "camelCase")]
struct ItemMetadata {
    name: String,
    creation_timestamp: Option<String>,
    deletion_timestamp: Option<String>,
}

impl From<ItemMetadata> for Namespace {
    fn from(item: ItemMetadata) -> Namespace {
        let created = item.creation_timestamp.and_then(|text| text.parse().ok());
        Namespace { name: item.name, created, terminating: item.deletion_timestamp.is_some() }
    }
}
