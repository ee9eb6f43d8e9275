//! Which groups kube-apiserver serves itself, as it does for CustomResourceDefinitions.

use super::Shared;
use super::request_log::RequestError;
use crate::cluster::client::Client;
use crate::cluster::read_only_policy::Refused;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use serde_json::Value;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// The largest APIService that is read, in bytes.
const ENTRY: usize = 1 << 20;

/// The group versions, such as `v1.stable.example.com`, that are known to be its own.
#[derive(Default)]
pub(super) struct OwnGroups(Mutex<HashSet<String>>);

impl Shared {
    /// Checks that kube-apiserver serves a group itself; `name` is that of its APIService. If the APIService has a
    /// `service`, another server answers, which may not support dry runs.
    pub(super) async fn demand_own(&self, client: &Client, name: &str) -> Result<(), RequestError> {
        let own = || self.own_groups.0.lock().unwrap_or_else(PoisonError::into_inner);
        if own().contains(name) {
            return Ok(());
        }
        let refused = |why: String| RequestError::Refused(Refused { why, ..Refused::default() });
        let unsure = |why: &str| {
            refused(format!("cannot verify by APIService {name} that a dry run changes nothing: {why}"))
        };
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        if !name.bytes().all(is_name) {
            return Err(refused("its path is not the path of an API".to_owned()));
        }
        let path = format!("/apis/apiregistration.k8s.io/v1/apiservices/{name}");
        let request = Request::builder()
            .method(Method::GET)
            .uri(path)
            .header(header::ACCEPT, "application/json")
            .body(Full::default())
            .map_err(|_| unsure("the request cannot be built"))?;
        let asked = tokio::time::timeout(self.upstream.limit, async {
            let answer = client.pass(request).await.map_err(|failure| (self.words)(&failure))?;
            if answer.status() != StatusCode::OK {
                return Err(format!("the cluster responded with status {}", answer.status().as_u16()));
            }
            let body = Limited::new(answer.into_body(), ENTRY).collect().await;
            body.map(http_body_util::Collected::to_bytes).map_err(|_| "the response is incomplete".to_owned())
        });
        let entry = asked.await.unwrap_or_else(|_| Err("no response in time".to_owned()));
        let entry = entry.map_err(|why| unsure(&why))?;
        let entry: Value = serde_json::from_slice(&entry).unwrap_or_default();
        if entry["kind"] != "APIService" || entry["metadata"]["name"] != name || !entry["spec"].is_object() {
            return Err(unsure("the response is not an APIService"));
        }
        if !entry["spec"]["service"].is_null() {
            let why = format!("an API server of its own serves {name}, which may not support dry runs");
            return Err(refused(why));
        }
        own().insert(name.to_owned());
        Ok(())
    }
}
