//! Decides which requests a read-only proxy passes. Pure: the result depends only on the request's head and body.
//!
//! It fails closed, in three steps. No header may change the meaning of the request (`headers`). Every byte of the
//! target must be read the same way by kcx and by Go ([`RequestTarget`]). And the request must be on a list of known
//! reads or of resources that honour a dry run (`resource`). What passes may still be outside the fence (`bounds`).

mod bounds;
mod headers;
mod request_target;
mod resource;

pub use bounds::{Admitted, Answer, admit, verb_of};
pub use headers::{back, json_only, onward};
pub use request_target::{InvalidTarget, RequestTarget};

use super::fence::Flag;
use http::{HeaderMap, Method, Uri};
use resource::Resource;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::fmt;

/// Why a request is refused, for its sender.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Refused {
    /// The reason, as a sentence about the request: `it impersonates another user`.
    pub why: String,
    /// The same request as a dry run would pass.
    pub may_be_dry: bool,
    /// What refuses it.
    pub flag: Flag,
}

/// The effect of a request that passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passed {
    /// It reads.
    Reads,
    /// It is a dry run, and the API server honours it.
    DryRun,
    /// It is a dry run of a group that may have a server of its own, which may not support dry runs. It may pass if the
    /// cluster says that there is no such server.
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
/// The request is refused, with the reason.
pub fn judge(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<Passed, Refused> {
    if let Some(why) = headers::odd(headers) {
        return no(why);
    }
    if uri.scheme().is_some() || uri.authority().is_some() {
        return no("its target names a server, as in requests to forward proxies");
    }
    let target = uri.path_and_query().map_or("", http::uri::PathAndQuery::as_str);
    let target = RequestTarget::read(target.as_bytes()).or_else(|InvalidTarget(why)| no(why))?;
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
        // Methods are case-sensitive.
        _ => no(format!("{method} is not a read method")),
    }
}

fn reads(segments: &[&str], resource: Option<&Resource<'_>>, body: &[u8]) -> Result<Passed, Refused> {
    if !body.is_empty() {
        return no("it is a read, but has a body");
    }
    match resource {
        Some(resource) if resource.is_readable() => Ok(Passed::Reads),
        None if resource::is_readable(segments) => Ok(Passed::Reads),
        Some(Resource { sub: Some(sub), .. }) => no(format!("`{sub}` may do more than read")),
        _ => no("its path is not known to be read-only"),
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
    let is_json = headers::is_json(headers);
    let is_dry = match *method {
        // Where there is a body, kube-apiserver takes the options of a deletion from it, and none from the query.
        Method::DELETE if !body.is_empty() => is_json && is_dry_body(DryRun::Options, body),
        // Evictions take them from both; `kubectl drain` writes them into the body.
        Method::POST if resource.is_eviction() && target.value("dryRun").is_none() => {
            is_json && is_dry_body(DryRun::Eviction, body)
        }
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
            Err(Refused { why: "it changes something".to_owned(), may_be_dry, flag: Flag::ReadOnly })
        }
    }
}

fn no<T>(why: impl Into<String>) -> Result<T, Refused> {
    Err(Refused { why: why.into(), ..Refused::default() })
}

/// True if the body requests a dry run exactly once, at this place. A body that is not JSON does not.
fn is_dry_body(place: DryRun, body: &[u8]) -> bool {
    let mut reader = serde_json::Deserializer::from_slice(body);
    place.deserialize(&mut reader).is_ok_and(|is_dry| is_dry && reader.end().is_ok())
}

/// Where an object requests a dry run. An object with a duplicate field, in any case, does not count: one reader takes
/// the first, another the last.
#[derive(Clone, Copy)]
enum DryRun {
    /// `DeleteOptions`: `"dryRun": ["All"]`.
    Options,
    /// `Eviction`: `DeleteOptions` as `"deleteOptions"`.
    Eviction,
}

impl<'de> DeserializeSeed<'de> for DryRun {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<bool, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for DryRun {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeleteOptions or an Eviction")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut fields: M) -> Result<bool, M::Error> {
        let (mut is_dry, mut seen) = (false, Vec::<String>::new());
        while let Some(name) = fields.next_key::<String>()? {
            let plain = name.to_lowercase();
            if seen.contains(&plain) {
                return Ok(false);
            }
            seen.push(plain);
            match (self, name.as_str()) {
                (DryRun::Options, "dryRun") => {
                    let values: Vec<String> = fields.next_value()?;
                    is_dry = !values.is_empty() && values.iter().all(|value| value == "All");
                }
                (DryRun::Eviction, "deleteOptions") => is_dry = fields.next_value_seed(DryRun::Options)?,
                // Go may match a field name in another case to this field.
                (_, name) if ["dryRun", "deleteOptions"].iter().any(|it| it.eq_ignore_ascii_case(name)) => {
                    return Ok(false);
                }
                _ => drop(fields.next_value::<IgnoredAny>()?),
            }
        }
        Ok(is_dry)
    }
}

#[cfg(test)]
mod tests;
