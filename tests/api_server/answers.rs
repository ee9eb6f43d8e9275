//! What the server answers, as kube-apiserver does, and what it does instead where it is told to misbehave.

use super::{Seen, Shared, objects, whole};
use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc;

/// What goes wrong with a request.
#[derive(Clone, Debug)]
pub(crate) enum Behaviour {
    /// 401, as if the credential were unknown.
    Unauthorized,
    /// 403, as from RBAC.
    Forbidden,
    /// 404.
    NotFound,
    /// 429 with `Retry-After`, so many times.
    TooMany { seconds: u32, times: usize },
    /// 503, so many times.
    Unavailable { times: usize },
    /// The answer comes this late.
    Slow(Duration),
    /// The answer never comes.
    Silent,
    /// The head of the answer comes, and half of the body; then the connection is closed.
    HalfClosed,
    /// The head of the answer comes, and nothing more.
    NoBody,
    /// 200 with a page of HTML, as from a gateway.
    Html,
    /// 200 with this body.
    Body(String),
    /// A redirect to another place.
    Redirect(String),
    /// 410, as for a `continue` that is too old: where a page after the first is asked for, once.
    Expired,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct User {
    name: String,
    groups: Vec<String>,
}

impl User {
    pub(crate) fn new(name: &str, groups: &[&str]) -> User {
        User { name: name.to_owned(), groups: groups.iter().map(|&group| group.to_owned()).collect() }
    }
}

/// A body that may come bit by bit.
pub(super) struct Answer(mpsc::Receiver<Result<Bytes, io::Error>>);

impl Answer {
    /// One whose parts come later.
    pub(super) fn parts() -> (mpsc::Sender<Result<Bytes, io::Error>>, Answer) {
        let (sender, receiver) = mpsc::channel(4);
        (sender, Answer(receiver))
    }

    pub(super) fn whole(bytes: impl Into<Bytes>) -> Answer {
        let (sender, receiver) = mpsc::channel(1);
        let _ = sender.try_send(Ok(bytes.into()));
        Answer(receiver)
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.0.poll_recv(context).map(|part| part.map(|part| part.map(Frame::data)))
    }
}

pub(super) type Answered = Response<Answer>;

pub(super) async fn answer(
    request: Request<Incoming>,
    user: Option<User>,
    shared: Arc<Shared>,
) -> Result<Answered, io::Error> {
    let (head, body) = request.into_parts();
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let line = format!("{} {} {:?}", head.method, head.uri.path_and_query().unwrap(), head.version);
    shared.seen.lock().unwrap().push(Seen { line, headers: headers.collect() });
    let query = query(head.uri.query().unwrap_or_default());
    let paged = query.iter().any(|(name, _)| name == "continue");
    if let Some(answer) = misbehave(head.uri.path(), paged, user.as_ref(), &head.headers, &shared).await? {
        return Ok(answer);
    }
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let user = match authenticate(user, &head.headers, &shared) {
        Ok(user) => user,
        Err(answer) => return Ok(answer),
    };
    let asked = Asked {
        method: head.method,
        path: head.uri.path().to_owned(),
        query,
        accept: text(&head.headers, header::ACCEPT.as_str()),
        user,
    };
    Ok(asked.answer(&body, &shared))
}

fn text(headers: &HeaderMap<HeaderValue>, name: &str) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

fn query(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(k, v)| (k.into(), v.into())).collect()
}

async fn misbehave(
    path: &str,
    paged: bool,
    user: Option<&User>,
    headers: &HeaderMap<HeaderValue>,
    shared: &Shared,
) -> io::Result<Option<Answered>> {
    let Some(at) = shared.setup.behaviour.iter().position(|(begin, _)| path.starts_with(begin.as_str()))
    else {
        return Ok(None);
    };
    let behaviour = shared.setup.behaviour[at].1.clone();
    if matches!(behaviour, Behaviour::Expired) && !paged {
        return Ok(None);
    }
    let strikes = {
        let mut struck = shared.struck.lock().unwrap();
        struck[at] += 1;
        struck[at]
    };
    let page = "<html><body><h1>Sign in</h1></body></html>";
    Ok(Some(match behaviour {
        Behaviour::Unauthorized => unauthorized(),
        Behaviour::Forbidden => {
            let user =
                authenticate(user.cloned(), headers, shared).map_or("nobody".to_owned(), |user| user.name);
            forbidden(&user, path)
        }
        Behaviour::NotFound => not_found(),
        Behaviour::TooMany { times, .. } | Behaviour::Unavailable { times } if strikes > times => {
            return Ok(None);
        }
        Behaviour::TooMany { seconds, .. } => {
            let mut answer = status(
                StatusCode::TOO_MANY_REQUESTS,
                "TooManyRequests",
                "Too many requests, please try again later.",
                &json!({"retryAfterSeconds": seconds}),
            );
            answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            answer
        }
        Behaviour::Unavailable { .. } => status(
            StatusCode::SERVICE_UNAVAILABLE,
            "ServiceUnavailable",
            "apiserver is shutting down",
            &Value::Null,
        ),
        Behaviour::Slow(late) => {
            tokio::time::sleep(late).await;
            return Ok(None);
        }
        Behaviour::Silent => std::future::pending().await,
        Behaviour::HalfClosed => {
            let (sender, receiver) = mpsc::channel(2);
            let _ = sender.try_send(Ok("{\"kind\":\"Sta".into()));
            let _ = sender.try_send(Err(io::ErrorKind::ConnectionReset.into()));
            Response::new(Answer(receiver))
        }
        Behaviour::NoBody => {
            let (sender, receiver) = mpsc::channel(1);
            tokio::spawn(async move { sender.closed().await });
            Response::new(Answer(receiver))
        }
        Behaviour::Html => {
            let mut answer = Response::new(Answer::whole(page));
            answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
            answer
        }
        Behaviour::Body(text) => Response::new(Answer::whole(text)),
        Behaviour::Redirect(to) => {
            let mut answer = Response::new(Answer::whole(""));
            *answer.status_mut() = StatusCode::FOUND;
            answer.headers_mut().insert(header::LOCATION, to.parse().unwrap());
            answer
        }
        Behaviour::Expired if strikes > 1 => return Ok(None),
        Behaviour::Expired => status(
            StatusCode::GONE,
            "Expired",
            "The provided continue parameter is too old to display a consistent list result.",
            &Value::Null,
        ),
    }))
}

/// Who asks: by certificate, bearer token or password, and whom they act as.
fn authenticate(
    user: Option<User>,
    headers: &HeaderMap<HeaderValue>,
    shared: &Shared,
) -> Result<User, Answered> {
    let setup = &shared.setup;
    let said = text(headers, header::AUTHORIZATION.as_str());
    let mut user = if let Some(user) = user {
        user
    } else if let Some(token) = said.strip_prefix("Bearer ") {
        let known = setup.tokens.iter().find(|(known, _)| known == token);
        known
            .map(|(_, user)| user.clone())
            .or_else(|| shared.accounts.user(token))
            .ok_or_else(unauthorized)?
    } else if let Some(login) = said.strip_prefix("Basic ") {
        let mut known = setup.passwords.iter();
        let (name, _) = known
            .find(|(name, password)| super::base64(&format!("{name}:{password}")) == login)
            .ok_or_else(unauthorized)?;
        User::new(name, &[])
    } else if setup.anonymous {
        return Ok(User::new("system:anonymous", &["system:unauthenticated"]));
    } else {
        return Err(unauthorized());
    };
    let acts_as = text(headers, "impersonate-user");
    if !acts_as.is_empty() {
        if !user.groups.iter().any(|group| group == "system:masters") {
            return Err(forbidden(&user.name, &format!("impersonate {acts_as}")));
        }
        let groups = headers.get_all("impersonate-group").iter().filter_map(|group| group.to_str().ok());
        user = User::new(&acts_as, &groups.collect::<Vec<_>>());
    }
    user.groups.push("system:authenticated".to_owned());
    Ok(user)
}

pub(super) fn print(code: StatusCode, value: &Value) -> Answered {
    let mut answer = Response::new(Answer::whole(value.to_string() + "\n"));
    *answer.status_mut() = code;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

pub(super) fn status(code: StatusCode, reason: &str, message: &str, details: &Value) -> Answered {
    let value = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message,
        "reason": reason, "details": details, "code": code.as_u16(),
    });
    print(code, &value)
}

fn unauthorized() -> Answered {
    status(StatusCode::UNAUTHORIZED, "Unauthorized", "Unauthorized", &Value::Null)
}

fn forbidden(user: &str, path: &str) -> Answered {
    let what = match path {
        "/api/v1/namespaces" => {
            format!(
                "namespaces is forbidden: User \"{user}\" cannot list resource \"namespaces\" in API group \"\" at \
                 the cluster scope"
            )
        }
        path => format!("forbidden: User \"{user}\" cannot get path \"{path}\""),
    };
    status(StatusCode::FORBIDDEN, "Forbidden", &what, &json!({"kind": "namespaces"}))
}

fn not_found() -> Answered {
    let message = "the server could not find the requested resource";
    status(StatusCode::NOT_FOUND, "NotFound", message, &json!({}))
}

/// A request, understood.
struct Asked {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    accept: String,
    user: User,
}

impl Asked {
    fn query(&self, wanted: &str) -> &str {
        self.query.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value)
    }

    fn answer(&self, body: &Bytes, shared: &Shared) -> Answered {
        let ok = |value: Value| print(StatusCode::OK, &value);
        let path = self.path.as_str();
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        if let Some(setup) = &shared.setup.accounts {
            let (accounts, user, namespaces) = (&shared.accounts, &self.user.name, &shared.setup.namespaces);
            let refused = accounts.refusal(user, &self.method, path);
            let answer =
                refused.or_else(|| accounts.answer(setup, user, &self.method, path, body, namespaces));
            if let Some(answer) = answer {
                return answer;
            }
        }
        if shared.setup.whole {
            let asked = whole::Request {
                method: &self.method,
                parts: &parts,
                query: &self.query,
                accept: &self.accept,
                leases: shared.setup.leases,
            };
            if let Some(answer) = asked.answer() {
                return answer;
            }
        }
        match (&self.method, parts.as_slice()) {
            (&Method::GET, ["readyz" | "livez" | "healthz"]) => Response::new(Answer::whole("ok")),
            (&Method::GET, ["version"]) => ok(json!({
                "major": "1", "minor": "33", "gitVersion": "v1.33.4", "gitCommit": "74cdb4273a5b1d0b9a",
                "gitTreeState": "clean", "buildDate": "2025-08-13T14:30:00Z", "goVersion": "go1.24.5",
                "compiler": "gc", "platform": "linux/amd64",
            })),
            (&Method::GET, ["api"]) => ok(json!({"kind": "APIVersions", "versions": ["v1"]})),
            (&Method::GET, ["apis"]) => ok(groups()),
            (&Method::GET, ["api", "v1"]) => {
                let mut list = resources("v1", "namespaces", "Namespace");
                list["resources"].as_array_mut().unwrap().extend(objects::resources("v1"));
                ok(list)
            }
            (&Method::GET, ["apis", "apps", "v1"]) => {
                let list = objects::resources("apps/v1");
                ok(
                    json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "apps/v1", "resources": list}),
                )
            }
            (&Method::GET, ["apis", group @ "authentication.k8s.io", "v1"]) => {
                ok(resources(&format!("{group}/v1"), "selfsubjectreviews", "SelfSubjectReview"))
            }
            (&Method::GET, ["api", "v1", "namespaces"]) => self.namespaces(shared),
            (&Method::GET, ["api", "v1", "namespaces", name]) => {
                if shared.setup.namespaces.iter().any(|known| known == name) {
                    return ok(if self.accept.contains("as=Table") {
                        table(&[*name], &json!({}))
                    } else if self.accept.contains("as=PartialObjectMetadata;") {
                        partial(name)
                    } else {
                        namespace(name)
                    });
                }
                let details = json!({"name": name, "kind": "namespaces"});
                let message = format!("namespaces \"{name}\" not found");
                status(StatusCode::NOT_FOUND, "NotFound", &message, &details)
            }
            (&Method::POST, ["apis", "authentication.k8s.io", "v1", "selfsubjectreviews"]) => {
                // JSON, or protobuf behind its magic.
                let sent: Value = serde_json::from_slice(body).unwrap_or_default();
                let binary =
                    body.starts_with(b"k8s\0") && body.windows(17).any(|part| part == b"SelfSubjectReview");
                if sent["kind"] != "SelfSubjectReview" && !binary {
                    return status(
                        StatusCode::BAD_REQUEST,
                        "BadRequest",
                        "no SelfSubjectReview",
                        &Value::Null,
                    );
                }
                let user = json!({"username": self.user.name, "groups": self.user.groups});
                let review = json!({
                    "kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1",
                    "metadata": {"creationTimestamp": "2025-11-25T10:00:00Z"}, "status": {"userInfo": user},
                });
                print(StatusCode::CREATED, &review)
            }
            (&Method::POST, ["apis", "authorization.k8s.io", "v1", "selfsubjectaccessreviews"]) => {
                let review = json!({
                    "kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "metadata": {},
                    "spec": {}, "status": {"allowed": true},
                });
                print(StatusCode::CREATED, &review)
            }
            (method, parts) => {
                let watch = matches!(self.query("watch"), "true" | "1");
                objects::answer(method, parts, watch, body).unwrap_or_else(not_found)
            }
        }
    }

    /// A page of the list: `continue` is the place where the next one begins.
    fn namespaces(&self, shared: &Shared) -> Answered {
        let all = &shared.setup.namespaces;
        let from = self.query("continue").parse().unwrap_or(0).min(all.len());
        let limit = self.query("limit").parse().ok().filter(|limit| *limit > 0).unwrap_or(usize::MAX);
        let to = all.len().min(from.saturating_add(limit.min(shared.setup.page)));
        let mut metadata = json!({"resourceVersion": "4711"});
        if to < all.len() {
            metadata["continue"] = to.to_string().into();
            metadata["remainingItemCount"] = (all.len() - to).into();
        }
        let page: Vec<&str> = all[from..to].iter().map(String::as_str).collect();
        let list = |kind: &str, version: &str, items: Vec<Value>| json!({"kind": kind, "apiVersion": version, "metadata": metadata, "items": items});
        print(
            StatusCode::OK,
            &if self.accept.contains("as=Table") {
                table(&page, &metadata)
            } else if self.accept.contains("as=PartialObjectMetadataList") {
                let items = page.iter().map(|name| partial(name)).collect();
                list("PartialObjectMetadataList", "meta.k8s.io/v1", items)
            } else {
                list("NamespaceList", "v1", page.iter().map(|name| namespace(name)).collect())
            },
        )
    }
}

fn metadata(name: &str) -> Value {
    let created = "2025-08-13T14:30:00Z";
    json!({
        "name": name, "uid": format!("uid-of-{name}"), "resourceVersion": "17", "creationTimestamp": created,
        "labels": {"kubernetes.io/metadata.name": name},
    })
}

fn namespace(name: &str) -> Value {
    json!({
        "kind": "Namespace", "apiVersion": "v1", "metadata": metadata(name),
        "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"},
    })
}

fn partial(name: &str) -> Value {
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata(name)})
}

fn table(names: &[&str], metadata: &Value) -> Value {
    let column =
        |name: &str| json!({"name": name, "type": "string", "format": "", "description": "", "priority": 0});
    let row = |name: &&str| json!({"cells": [name, "Active", "104d"], "object": partial(name)});
    let (columns, rows) = (["Name", "Status", "Age"].map(column), names.iter().map(row).collect::<Vec<_>>());
    json!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata, "columnDefinitions": columns,
        "rows": rows,
    })
}

fn groups() -> Value {
    let version = json!({"groupVersion": "authentication.k8s.io/v1", "version": "v1"});
    let group = json!({"name": "authentication.k8s.io", "versions": [version], "preferredVersion": version});
    let version = json!({"groupVersion": "apps/v1", "version": "v1"});
    let apps = json!({"name": "apps", "versions": [version], "preferredVersion": version});
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": [group, apps]})
}

fn resources(group_version: &str, name: &str, kind: &str) -> Value {
    let resource = json!({
        "name": name, "singularName": "", "namespaced": false, "kind": kind, "verbs": ["create", "get", "list"],
        "shortNames": if name == "namespaces" { json!(["ns"]) } else { Value::Null },
    });
    json!({
        "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": [resource],
    })
}
