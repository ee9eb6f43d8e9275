//! Requests about service accounts: their tokens, and the objects of one that may only read.

use super::account::{IssuedToken, Presence, ServiceAccount, ViewerObject};
use super::client::{Client, accepting};
use super::failure::Failure;
use kube::core::params::{DeleteParams, GetParams, PostParams, Preconditions};
use kube::core::request::Request as ApiRequest;
use serde_json::{Value, json};

const JSON: &str = "application/json";

impl Client {
    /// Requests a token of a service account for so many seconds. The cluster may shorten or lengthen that.
    ///
    /// # Errors
    /// The request failed, or the answer has no usable token.
    pub async fn create_token(&self, account: &ServiceAccount, seconds: u64) -> Result<IssuedToken, Failure> {
        let list = ViewerObject::Account.list(account);
        let body = json!({
            "kind": "TokenRequest",
            "apiVersion": "authentication.k8s.io/v1",
            "metadata": {},
            "spec": {"expirationSeconds": seconds},
        });
        let answer = self.post(&format!("{list}/{}/token", account.name), &body).await?;
        IssuedToken::of(&answer).map_err(|why| Failure::NotKubernetes(why.to_owned()))
    }

    /// What the cluster has under the name of this object.
    ///
    /// # Errors
    /// The request failed.
    pub async fn look_for(
        &self,
        object: ViewerObject,
        account: &ServiceAccount,
    ) -> Result<Presence, Failure> {
        let request = ApiRequest::new(object.list(account));
        let request = request.get(&object.name(account), &GetParams::default());
        match self.json(accepting(request, JSON)?).await {
            Ok(found) => object.presence(account, &found).ok_or_else(|| no_object(object)),
            Err(Failure::Status(404, _)) => Ok(Presence::Absent),
            Err(failure) => Err(failure),
        }
    }

    /// Creates this object.
    ///
    /// # Errors
    /// The request failed: status 404 without the namespace, 409 if there is an object of this name.
    pub async fn create(&self, object: ViewerObject, account: &ServiceAccount) -> Result<(), Failure> {
        let made = self.post(&object.list(account), &object.body(account)).await?;
        let is_made = made["metadata"]["name"] == object.name(account);
        if is_made { Ok(()) } else { Err(no_object(object)) }
    }

    /// Deletes this object if it is still the one with this UID. False if it was gone.
    ///
    /// # Errors
    /// The request failed: status 409 if there is another object of this name.
    pub async fn delete(
        &self,
        object: ViewerObject,
        account: &ServiceAccount,
        uid: &str,
    ) -> Result<bool, Failure> {
        let preconditions = Some(Preconditions { uid: Some(uid.to_owned()), resource_version: None });
        let params = DeleteParams { preconditions, ..DeleteParams::default() };
        let request = ApiRequest::new(object.list(account)).delete(&object.name(account), &params);
        match self.json(accepting(request, JSON)?).await {
            Ok(_) => Ok(true),
            Err(Failure::Status(404, _)) => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let request = ApiRequest::new(path).create(&PostParams::default(), body.to_string().into_bytes());
        self.json(accepting(request, JSON)?).await
    }
}

fn no_object(object: ViewerObject) -> Failure {
    Failure::NotKubernetes(format!("the response is not the {} that was asked for", object.kind()))
}
