//! Service accounts, their tokens, and the objects that kcx makes for one that may only read.

use crate::kubeconfig::is_namespace;
use crate::kubeconfig::token::Claims;
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::fmt;

/// The label of objects that kcx has made.
pub const LABEL: &str = "app.kubernetes.io/managed-by";
/// The value of that label.
const MAKER: &str = "kcx";
/// The cluster role that may read most objects, but no Secrets. Every cluster has it.
pub const VIEW: &str = "view";
/// The group of the bindings.
const RBAC: &str = "rbac.authorization.k8s.io";
/// The longest token, in bytes. Those of a service account have some 1000.
const LONGEST: usize = 1 << 16;

/// A service account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAccount {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl ServiceAccount {
    /// Reads `NAMESPACE/NAME`; `None` if no cluster could have such an account.
    ///
    /// ```
    /// use kcx::cluster::ServiceAccount;
    /// assert_eq!(ServiceAccount::parse("ci/viewer").unwrap().name, "viewer");
    /// assert_eq!(ServiceAccount::parse("ci/viewer/token"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<ServiceAccount> {
        let (namespace, name) = text.split_once('/')?;
        let is_label = |label: &str| {
            let is_inner = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
            label.bytes().all(is_inner)
                && !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let is_name = name.len() <= 253 && name.split('.').all(is_label);
        let account = || ServiceAccount { namespace: namespace.to_owned(), name: name.to_owned() };
        (is_namespace(namespace) && is_name).then(account)
    }
}

impl fmt::Display for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// An object of an account that may only read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewerObject {
    /// The account itself.
    Account,
    /// The binding to the cluster role `view` in the account's namespace.
    Binding,
    /// The binding to the cluster role `view` in all namespaces.
    ClusterBinding,
}

impl ViewerObject {
    /// Its kind.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            ViewerObject::Account => "ServiceAccount",
            ViewerObject::Binding => "RoleBinding",
            ViewerObject::ClusterBinding => "ClusterRoleBinding",
        }
    }

    /// Its resource, as rights name it.
    #[must_use]
    pub fn resource(self) -> &'static str {
        match self {
            ViewerObject::Account => "serviceaccounts",
            ViewerObject::Binding => "rolebindings",
            ViewerObject::ClusterBinding => "clusterrolebindings",
        }
    }

    /// Its name. A namespace has no dot, so that no two accounts share a binding.
    #[must_use]
    pub fn name(self, account: &ServiceAccount) -> String {
        let ServiceAccount { namespace, name } = account;
        match self {
            ViewerObject::Account => name.clone(),
            ViewerObject::Binding => format!("kcx-view.{name}"),
            ViewerObject::ClusterBinding => format!("kcx-view.{namespace}.{name}"),
        }
    }

    /// Its namespace; a cluster role binding has none.
    #[must_use]
    pub fn namespace(self, account: &ServiceAccount) -> Option<&str> {
        (self != ViewerObject::ClusterBinding).then_some(account.namespace.as_str())
    }

    /// The path of the list that it is in.
    #[must_use]
    pub fn list(self, account: &ServiceAccount) -> String {
        let (namespace, resource) = (&account.namespace, self.resource());
        match self {
            ViewerObject::Account => format!("/api/v1/namespaces/{namespace}/{resource}"),
            ViewerObject::Binding => format!("/apis/{RBAC}/v1/namespaces/{namespace}/{resource}"),
            ViewerObject::ClusterBinding => format!("/apis/{RBAC}/v1/{resource}"),
        }
    }

    /// The object as kcx makes it.
    #[must_use]
    pub fn body(self, account: &ServiceAccount) -> Value {
        let mut metadata = json!({"name": self.name(account), "labels": {LABEL: MAKER}});
        if let Some(namespace) = self.namespace(account) {
            metadata["namespace"] = namespace.into();
        }
        if self == ViewerObject::Account {
            return json!({"apiVersion": "v1", "kind": self.kind(), "metadata": metadata});
        }
        json!({
            "apiVersion": format!("{RBAC}/v1"),
            "kind": self.kind(),
            "metadata": metadata,
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": VIEW},
            "subjects": [{
                "kind": ViewerObject::Account.kind(), "namespace": account.namespace, "name": account.name,
            }],
        })
    }

    /// What an object of this name is, as the cluster has it; `None` if it is no such object.
    #[must_use]
    pub fn presence(self, account: &ServiceAccount, found: &Value) -> Option<Presence> {
        let metadata = &found["metadata"];
        let uid = metadata["uid"].as_str().filter(|uid| !uid.is_empty())?;
        if metadata["name"] != self.name(account) {
            return None;
        }
        if metadata["labels"][LABEL] != MAKER {
            return Some(Presence::Foreign { labelled: false });
        }
        let body = self.body(account);
        let subject = &found["subjects"][0];
        let is_as_made = self == ViewerObject::Account
            || ["kind", "name"].iter().all(|field| found["roleRef"][field] == body["roleRef"][field])
                && ["kind", "namespace", "name"]
                    .iter()
                    .all(|field| subject[field] == body["subjects"][0][field])
                && found["subjects"].as_array().is_some_and(|subjects| subjects.len() == 1);
        Some(if is_as_made {
            Presence::Own { uid: uid.to_owned() }
        } else {
            Presence::Foreign { labelled: true }
        })
    }
}

/// What a cluster has under the name of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Nothing.
    Absent,
    /// The object, as kcx made it.
    Own {
        /// Distinguishes it from later objects of its name.
        uid: String,
    },
    /// Another object, or one that was changed.
    Foreign {
        /// It has kcx's label, but binds another role or other subjects.
        labelled: bool,
    },
}

/// A token that a cluster has issued.
#[derive(Debug)]
pub struct IssuedToken {
    /// The token: visible ASCII characters.
    pub token: SecretString,
    /// When it ends.
    pub expires: Timestamp,
    /// How long it is valid by the cluster's clock, in seconds, if the token says so.
    pub seconds: Option<i64>,
}

impl IssuedToken {
    /// Reads the answer to a `TokenRequest`.
    ///
    /// # Errors
    /// What is missing or unusable, without any part of the token.
    pub fn of(answer: &Value) -> Result<IssuedToken, &'static str> {
        let status = &answer["status"];
        let token = status["token"].as_str().filter(|token| !token.is_empty());
        let token = token.ok_or("the response has no token")?;
        if token.len() > LONGEST || !token.bytes().all(|c| c.is_ascii_graphic()) {
            return Err("the response has a token that cannot be sent");
        }
        let expires = status["expirationTimestamp"].as_str().and_then(|text| text.parse().ok());
        let expires: Timestamp = expires.ok_or("the response does not say until when the token is valid")?;
        let claims = Claims::of(token).unwrap_or_default();
        // The token itself decides.
        let own = claims.expires.and_then(|end| Timestamp::from_second(end).ok());
        let seconds = claims.expires.zip(claims.issued).and_then(|(end, begin)| end.checked_sub(begin));
        Ok(IssuedToken { token: token.into(), expires: own.unwrap_or(expires), seconds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn account(text: &str) -> ServiceAccount {
        ServiceAccount::parse(text).unwrap()
    }

    #[test]
    fn accounts_are_those_that_a_cluster_can_have() {
        assert_eq!(account("ci/a.b-1").to_string(), "ci/a.b-1");
        let long = "a".repeat(254);
        for text in [
            "", "viewer", "/viewer", "ci/", "ci/a/b", "CI/a", "ci/A", "ci/-a", "ci/a.", "ci/..", "c.i/a",
            "ci/a\n",
        ] {
            assert_eq!(ServiceAccount::parse(text), None, "{text}");
        }
        assert_eq!(ServiceAccount::parse(&format!("ci/{long}")), None);
    }

    #[test]
    fn no_two_accounts_share_a_binding() {
        let name = |text: &str| ViewerObject::ClusterBinding.name(&account(text));
        assert_ne!(name("a-b/c"), name("a/b-c"));
        assert_ne!(name("a/b.c"), name("a/b-c"));
        assert_eq!(name("ci/viewer"), "kcx-view.ci.viewer");
    }

    #[test]
    fn an_object_is_kcxs_own_only_as_kcx_made_it() {
        let viewer = account("ci/viewer");
        let own = Some(Presence::Own { uid: "u-1".to_owned() });
        for object in [ViewerObject::Account, ViewerObject::Binding, ViewerObject::ClusterBinding] {
            let mut found = object.body(&viewer);
            assert_eq!(object.presence(&viewer, &found), None);
            found["metadata"]["uid"] = "u-1".into();
            assert_eq!(object.presence(&viewer, &found), own);
            assert_eq!(object.presence(&account("ci/other"), &found), None);
            let mut other = found.clone();
            other["metadata"]["labels"][LABEL] = "Helm".into();
            assert_eq!(object.presence(&viewer, &other), Some(Presence::Foreign { labelled: false }));
            if object == ViewerObject::Account {
                continue;
            }
            let mut other = found.clone();
            other["roleRef"]["name"] = "cluster-admin".into();
            assert_eq!(object.presence(&viewer, &other), Some(Presence::Foreign { labelled: true }));
            let mut other = found.clone();
            let subjects = json!([found["subjects"][0], {"kind": "User", "name": "eve"}]);
            other["subjects"] = subjects;
            assert_eq!(object.presence(&viewer, &other), Some(Presence::Foreign { labelled: true }));
        }
    }

    #[test]
    fn answers_without_a_usable_token_are_refused() {
        let answer = |token: Value, expires: Value| {
            IssuedToken::of(&json!({"status": {"token": token, "expirationTimestamp": expires}}))
        };
        let end = "2030-01-02T03:04:05Z";
        let issued = answer("abc.def".into(), end.into()).unwrap();
        assert_eq!((issued.token.expose_secret(), issued.expires.to_string().as_str()), ("abc.def", end));
        assert_eq!(issued.seconds, None);
        for token in [Value::Null, "".into(), 5.into(), json!(["a"])] {
            assert_eq!(answer(token, end.into()).unwrap_err(), "the response has no token");
        }
        for token in ["a b", "a\nb", "a\u{1b}[31m", "ä", &"a".repeat(LONGEST + 1)] {
            let why = answer(token.into(), end.into()).unwrap_err();
            assert_eq!(why, "the response has a token that cannot be sent");
        }
        for expires in [Value::Null, "".into(), "soon".into(), "99999-01-01T00:00:00Z".into(), 17.into()] {
            let why = answer("abc".into(), expires).unwrap_err();
            assert_eq!(why, "the response does not say until when the token is valid");
        }
        assert!(IssuedToken::of(&Value::Null).is_err());
    }

    #[test]
    fn the_end_is_the_one_in_the_token() {
        // {"alg":"none"} . {"iat":1700000000,"exp":1700003600}
        let token = "eyJhbGciOiJub25lIn0.eyJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMzYwMH0.";
        let status = json!({"token": token, "expirationTimestamp": "2099-01-01T00:00:00Z"});
        let issued = IssuedToken::of(&json!({"status": status})).unwrap();
        assert_eq!((issued.expires.as_second(), issued.seconds), (1_700_003_600, Some(3600)));
    }
}
