//! One request: judged, sent on, and its answer passed back, filtered if need be.

use super::Shared;
use super::body::{self, ProxyBody, ProxyResponse};
use super::request_log::RequestError;
use crate::cluster::client::Client;
use crate::cluster::failure::Failure;
use crate::cluster::fence::{Flag, Verb};
use crate::cluster::filter::{Filter, Held, Rules, Scope};
use crate::cluster::read_only_policy::{self, Admitted, Answer, Passed, Refused, RequestTarget};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

/// The largest request that is accepted, in bytes. kube-apiserver's limit is 3 MiB; reads are much smaller.
const REQUEST: usize = 4 << 20;
/// The time limit for a request's body.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// What is encoded in a query that is written again: everything but RFC 3986's unreserved characters.
const ENCODED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What a request does, and the cluster's answer to it or why there is none.
pub(super) async fn pass(
    head: &Parts,
    body: Incoming,
    shared: &Arc<Shared>,
) -> (Verb, Result<ProxyResponse, RequestError>) {
    let path = head.uri.path_and_query().map_or("", PathAndQuery::as_str);
    let target = RequestTarget::read(path.as_bytes()).ok();
    let mut verb =
        target.as_ref().map_or(Verb::Other, |it| read_only_policy::verb_of(&head.method, it, None));
    let answer = passed(head, body, shared, &mut verb).await;
    (verb, answer)
}

async fn passed(
    head: &Parts,
    body: Incoming,
    shared: &Arc<Shared>,
    verb: &mut Verb,
) -> Result<ProxyResponse, RequestError> {
    let refused = |why: &str| RequestError::Refused(Refused { why: why.to_owned(), ..Refused::default() });
    let body = tokio::time::timeout(TIME_LIMIT, Limited::new(body, REQUEST).collect()).await;
    let Ok(Ok(body)) = body else { return Err(refused("its body is too large, too slow or incomplete")) };
    let body = body.to_bytes();
    let passed = read_only_policy::judge(&head.method, &head.uri, &head.headers, &body)
        .map_err(RequestError::Refused)?;
    let path = head.uri.path_and_query().map_or("/", PathAndQuery::as_str);
    let target = RequestTarget::read(path.as_bytes()).map_err(|odd| refused(odd.0))?;
    *verb = read_only_policy::verb_of(&head.method, &target, Some(&passed));
    let admitted = read_only_policy::admit(&head.method, &target, &passed, &shared.bounds.fence)
        .map_err(RequestError::Refused)?;
    let away = |failure: &Failure| RequestError::NoResponse((shared.words)(failure));
    let client = shared.upstream.client().await.map_err(|failure| away(&failure))?;
    if let Passed::DryRunOf { group, version } = passed {
        shared.demand_own(&client, &format!("{version}.{group}")).await?;
    }
    let mut headers = read_only_policy::onward(&head.headers);
    if matches!(admitted.answer, Answer::Filtered { .. }) {
        read_only_policy::json_only(&mut headers);
    }
    let path = opened(path, &target, &admitted, shared)?;
    let mut onward = Request::builder().method(&head.method).uri(path);
    if let Some(place) = onward.headers_mut() {
        *place = headers;
    }
    let onward = onward.body(Full::new(body)).map_err(|_| refused("it is not a valid request"))?;
    let answer = client.pass(onward).await.map_err(|failure| away(&failure))?;
    if answer.status() == StatusCode::UNAUTHORIZED {
        shared.upstream.forget().await;
    }
    if answer.status().is_informational() {
        return Err(away(&Failure::NotKubernetes("it upgrades the connection".to_owned())));
    }
    let (mut said, body) = answer.into_parts();
    let came_as_json = is_plain_json(&said.headers);
    said.headers = read_only_policy::back(&said.headers);
    said.version = http::Version::HTTP_11;
    let body = match admitted.answer {
        _ if head.method == Method::HEAD => ProxyBody::passed(body, client),
        Answer::AsIs => ProxyBody::passed(body, client),
        Answer::Filtered { .. } if !came_as_json && said.status.is_success() => {
            return Err(refused(
                "its answer is not JSON, so it cannot be searched for what must not be seen",
            ));
        }
        // A text, as for a path that does not exist.
        Answer::Filtered { .. } if !came_as_json => {
            let failure = Failure::Status(said.status.as_u16(), String::new());
            return Ok(super::own_answers::without_text(said.status, &(shared.words)(&failure)));
        }
        Answer::Filtered { scope, is_watch } => {
            let is_watch = is_watch && said.status.is_success();
            let line = format!("{} {}", head.method, head.uri.path());
            filtered(body, client, scope, is_watch, line, shared).await?
        }
    };
    Ok(Response::from_parts(said, body))
}

/// The answer through the filter. An object must be complete before it can be judged.
async fn filtered(
    body: Incoming,
    client: Arc<Client>,
    scope: Scope,
    is_watch: bool,
    line: String,
    shared: &Arc<Shared>,
) -> Result<ProxyBody, RequestError> {
    let fence = &shared.bounds.fence;
    let key = shared.seal.clone();
    let rules = Rules { hidden: fence.hidden.clone(), scope, seal: Arc::new(move |text| key.seal(text)) };
    let filter = if is_watch { Filter::watch(rules) } else { Filter::answer(rules) };
    let hides = fence.hidden.hides_secrets();
    let failed = move |error: &body::Broken| match error {
        body::Broken::Held(held) => RequestError::Refused(refusal(*held, hides)),
        body::Broken::Body(_) => RequestError::NoResponse("the answer is not complete".to_owned()),
    };
    let noting = shared.clone();
    let later = move |error: &body::Broken| noting.note(&line, &failed(error));
    ProxyBody::filtered(body, client, filter, Box::new(later)).await.map_err(|error| failed(&error))
}

/// The refusal of an answer.
fn refusal(held: Held, hides_secrets: bool) -> Refused {
    let flag = match held {
        Held::Hidden if hides_secrets => Flag::NoSecrets,
        Held::Hidden => Flag::Hide,
        Held::Elsewhere => Flag::Namespaces,
        Held::Unclear(_) => Flag::ReadOnly,
    };
    Refused { why: held.to_string(), may_be_dry: false, flag }
}

/// The target with its `continue` opened, if that was sealed.
fn opened(
    path: &str,
    target: &RequestTarget,
    admitted: &Admitted,
    shared: &Shared,
) -> Result<String, RequestError> {
    let is_sealed =
        matches!(admitted.answer, Answer::Filtered { scope: Scope::Across(_) | Scope::Themselves(_), .. });
    let Some(sealed) = target.value("continue").filter(|it| is_sealed && !it.is_empty()) else {
        return Ok(path.to_owned());
    };
    let Some(next) = shared.seal.open(sealed) else {
        let why = "its `continue` is not one that this proxy has given".to_owned();
        return Err(RequestError::Refused(Refused { why, may_be_dry: false, flag: Flag::Namespaces }));
    };
    let mut text = path.split('?').next().unwrap_or_default().to_owned();
    for (at, (name, value)) in target.pairs().iter().enumerate() {
        let value = if name == "continue" { next.as_str() } else { value.as_str() };
        let begin = if at == 0 { '?' } else { '&' };
        // Writing to a text does not fail.
        let _ = write!(text, "{begin}{name}={}", utf8_percent_encode(value, &ENCODED));
    }
    Ok(text)
}

/// True for JSON that is not compressed.
fn is_plain_json(headers: &HeaderMap) -> bool {
    let text =
        |name| headers.get(name).map(|value: &http::HeaderValue| value.as_bytes().to_ascii_lowercase());
    let kind = text(header::CONTENT_TYPE).unwrap_or_default();
    let kind = kind.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    kind == b"application/json" && text(header::CONTENT_ENCODING).is_none_or(|coding| coding == b"identity")
}
