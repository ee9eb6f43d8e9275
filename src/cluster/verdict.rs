//! What a read-only proxy lets through. Pure: a request's head and body in, a verdict out.
//!
//! It fails closed, in three steps. The headers must not make another request of it (`headers`). Every byte of the target
//! must have one reading, kcx's and Go's ([`RequestTarget`]). And what is asked must be on a list of what reads or honours
//! a dry run (`resource`).

mod headers;
mod request_target;
mod resource;

pub use headers::{back, onward};
pub use request_target::{Odd, RequestTarget};

use http::{HeaderMap, Method, Uri};
use resource::Resource;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use std::fmt;

/// Why a request is refused, for whoever sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The reason, as a sentence about the request: `it acts as somebody else`.
    pub why: String,
    /// A dry run of the same would be let through.
    pub may_be_dry: bool,
}

/// What a request that is not refused does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passed {
    /// It reads.
    Reads,
    /// It is a dry run, and the API server honours it.
    DryRun,
    /// It is a dry run of a group that may have a server of its own, which may not know dry runs. It may be let through if
    /// the cluster says that there is none.
    DryRunOf {
        /// `GROUP`, such as `stable.example.com`.
        group: String,
        /// `VERSION`, such as `v1`.
        version: String,
    },
}

/// Judges a request by its head and its whole body.
///
/// # Errors
/// It is refused, and why.
pub fn judge(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<Passed, Refused> {
    if let Some(why) = headers::odd(headers) {
        return no(why);
    }
    if uri.scheme().is_some() || uri.authority().is_some() {
        return no("it names a server, as only requests to other proxies do");
    }
    let target = uri.path_and_query().map_or("", http::uri::PathAndQuery::as_str);
    let target = RequestTarget::read(target.as_bytes()).or_else(|Odd(why)| no(why))?;
    let segments = target.segments();
    let resource = Resource::of(&segments);
    if let Some(why) = resource.as_ref().and_then(Resource::closed) {
        return no(why);
    }
    match *method {
        Method::GET | Method::HEAD | Method::OPTIONS => reads(&segments, resource.as_ref(), body),
        Method::POST | Method::PUT | Method::PATCH | Method::DELETE => {
            writes(method, &target, resource, headers, body)
        }
        // A method is another one in another case.
        _ => no(format!("{method} is no method for reading")),
    }
}

fn reads(segments: &[&str], resource: Option<&Resource<'_>>, body: &[u8]) -> Result<Passed, Refused> {
    if !body.is_empty() {
        return no("it has a body, though it only reads");
    }
    match resource {
        Some(resource) if resource.is_readable() => Ok(Passed::Reads),
        None if resource::is_readable(segments) => Ok(Passed::Reads),
        Some(Resource { sub: Some(sub), .. }) => no(format!("`{sub}` may do more than be read")),
        _ => no("its path is none that is known to be read only"),
    }
}

fn writes(
    method: &Method,
    target: &RequestTarget,
    resource: Option<Resource<'_>>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Passed, Refused> {
    let Some(resource) = resource else { return no("it changes something") };
    if *method == Method::POST && resource.is_review() {
        return Ok(Passed::Reads);
    }
    let is_dry = match (method, body) {
        // Where there is a body, kube-apiserver takes the options of a deletion from it, and none from the query.
        (&Method::DELETE, body) if !body.is_empty() => headers::is_json(headers) && is_dry_body(body),
        _ => target.is_dry_run(),
    };
    match (is_dry, resource.has_dry_run()) {
        (true, true) if resource.is_own() => Ok(Passed::DryRun),
        (true, true) => {
            Ok(Passed::DryRunOf { group: resource.group.to_owned(), version: resource.version.to_owned() })
        }
        (true, false) => {
            let sub = resource.sub.unwrap_or_default();
            no(format!("a dry run of `{sub}` may change something"))
        }
        (false, has_dry_run) => {
            let may_be_dry = has_dry_run && !headers::is_never_dry(headers);
            Err(Refused { why: "it changes something".to_owned(), may_be_dry })
        }
    }
}

fn no<T>(why: impl Into<String>) -> Result<T, Refused> {
    Err(Refused { why: why.into(), may_be_dry: false })
}

/// True if `DeleteOptions` ask for a dry run, once. What is no JSON is not understood.
fn is_dry_body(body: &[u8]) -> bool {
    let mut reader = serde_json::Deserializer::from_slice(body);
    reader.deserialize_map(DeleteOptions).is_ok_and(|is_dry| is_dry && reader.end().is_ok())
}

/// Reads `DeleteOptions` for whether they ask for a dry run: `"dryRun": ["All"]`. They do not if a field is there twice, in
/// whatever case, for one reader takes the first and another the last.
struct DeleteOptions;

impl<'de> Visitor<'de> for DeleteOptions {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeleteOptions")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut fields: M) -> Result<bool, M::Error> {
        let (mut is_dry, mut seen) = (false, Vec::<String>::new());
        while let Some(name) = fields.next_key::<String>()? {
            if seen.iter().any(|known| known.to_lowercase() == name.to_lowercase()) {
                return Ok(false);
            }
            if name == "dryRun" {
                let values: Vec<String> = fields.next_value()?;
                is_dry = !values.is_empty() && values.iter().all(|value| value == "All");
            } else {
                let _: IgnoredAny = fields.next_value()?;
                // Go may take a field in another case for this one.
                if name.eq_ignore_ascii_case("dryRun") {
                    return Ok(false);
                }
            }
            seen.push(name);
        }
        Ok(is_dry)
    }
}

#[cfg(test)]
mod tests;
