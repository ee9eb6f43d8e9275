//! The stored secrets of one user: the fields that were removed from the kubeconfig, and their original text.

use super::binding::{Binding, Cluster};
use crate::codec::base64;
use crate::kubeconfig::certificate;
use crate::kubeconfig::schema::key;
use crate::kubeconfig::token::Claims;
use crate::secret::Secret;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The credential of one user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle {
    /// The user's name when it was sealed.
    pub user: String,
    /// The kubeconfig that had it.
    pub file: String,
    /// The removed fields and their values.
    pub fields: BTreeMap<String, Secret>,
    /// The contents of the files that fields name.
    pub files: BTreeMap<String, Secret>,
    /// The original bytes, restored verbatim by `unseal`.
    pub was: Secret,
    /// The bytes that replaced them.
    pub now: String,
    /// The clusters that get it.
    pub binding: Binding,
}

/// The stored form of a bundle. In `was`, each value of a field is replaced by the field's name between two NULs.
#[derive(Serialize, Deserialize)]
struct StoredBundle<S> {
    v: u32,
    user: String,
    file: String,
    fields: BTreeMap<String, S>,
    #[serde(default = "BTreeMap::new", skip_serializing_if = "BTreeMap::is_empty")]
    files: BTreeMap<String, S>,
    was: S,
    now: String,
    /// The item under which this is stored. Version 0.1.0 stored neither this nor the fields below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clusters: Option<Vec<Cluster>>,
    #[serde(default, rename = "any-cluster", skip_serializing_if = "std::ops::Not::not")]
    any_cluster: bool,
}

impl Bundle {
    /// The bytes to store under this id; `None` if a value is not text.
    #[must_use]
    pub fn encode(&self, id: &str) -> Option<Secret> {
        let texts = |map: &BTreeMap<String, Secret>| -> Option<BTreeMap<String, String>> {
            map.iter().map(|(field, value)| Some((field.clone(), value.text()?.to_owned()))).collect()
        };
        let mut was = self.was.text()?.to_owned();
        for (field, value) in &self.fields {
            let value = value.text()?;
            if value.len() > field.len() + 2 {
                was = was.replace(value, &format!("\0{field}\0"));
            }
        }
        let mut stored = StoredBundle {
            v: 1,
            user: self.user.clone(),
            file: self.file.clone(),
            fields: texts(&self.fields)?,
            files: texts(&self.files)?,
            was,
            now: self.now.clone(),
            id: Some(id.to_owned()),
            clusters: match &self.binding {
                Binding::Clusters(clusters) => Some(clusters.clone()),
                Binding::Unbound | Binding::AnyCluster => None,
            },
            any_cluster: self.binding == Binding::AnyCluster,
        };
        let mut bytes = Vec::with_capacity(4096);
        serde_json::to_writer(&mut bytes, &stored).ok()?;
        for text in stored.fields.values_mut().chain(stored.files.values_mut()).chain([&mut stored.was]) {
            zeroize::Zeroize::zeroize(text);
        }
        Some(Secret::from(bytes))
    }

    /// Parses a stored bundle; `None` if it is not a bundle, or was stored under another id.
    #[must_use]
    pub fn decode(stored: &Secret, id: &str) -> Option<Bundle> {
        let stored: StoredBundle<String> = serde_json::from_slice(stored.bytes()).ok()?;
        let mut was = stored.was;
        for (field, value) in &stored.fields {
            was = was.replace(&format!("\0{field}\0"), value);
        }
        let secrets = |map: BTreeMap<String, String>| {
            map.into_iter().map(|(field, text)| (field, Secret::from(text))).collect()
        };
        let binding = match (stored.any_cluster, stored.clusters) {
            (true, None) => Binding::AnyCluster,
            (false, Some(clusters)) => Binding::Clusters(clusters),
            (false, None) => Binding::Unbound,
            (true, Some(_)) => return None,
        };
        let own = stored.id.is_none_or(|stored| stored == id);
        (stored.v == 1 && own).then(|| Bundle {
            user: stored.user,
            file: stored.file,
            fields: secrets(stored.fields),
            files: secrets(stored.files),
            was: Secret::from(was),
            now: stored.now,
            binding,
        })
    }

    /// The bearer token. As in kubectl, the token of a file takes precedence, and surrounding blanks are ignored.
    #[must_use]
    pub fn token(&self) -> Option<Secret> {
        let token = self.files.get(key::TOKEN_FILE).or_else(|| self.fields.get(key::TOKEN))?;
        Some(Secret::from(token.text()?.trim()))
    }

    /// The client certificate, as PEM.
    #[must_use]
    pub fn certificate(&self) -> Option<Secret> {
        self.pem(key::CLIENT_CERTIFICATE)
    }

    /// The client key, as PEM.
    #[must_use]
    pub fn key(&self) -> Option<Secret> {
        self.pem(key::CLIENT_KEY)
    }

    /// The PEM data of a field. As in kubectl, inline data takes precedence over a file.
    fn pem(&self, field: &str) -> Option<Secret> {
        match self.fields.get(&format!("{field}-data")) {
            Some(data) => base64::decode(data.text()?).ok().map(Secret::from),
            None => self.files.get(field).cloned(),
        }
    }

    /// The earliest expiry of its parts, in seconds since 1970 UTC; `None` if none is known.
    #[must_use]
    pub fn expiry(&self) -> Option<i64> {
        let token = self.token().and_then(|token| Claims::of(token.text()?)?.expires);
        let certificate = self.certificate().and_then(|pem| certificate::expiry(pem.bytes()));
        token.into_iter().chain(certificate).min()
    }

    /// Sets a new value for a field; the original text no longer applies.
    pub fn set(&mut self, field: &str, value: Secret) {
        self.fields.insert(field.to_owned(), value);
        self.files.remove(field.trim_end_matches("-data"));
        if field == "token" {
            self.files.remove(key::TOKEN_FILE);
            self.fields.remove(key::TOKEN_FILE);
        } else {
            self.fields.remove(field.trim_end_matches("-data"));
        }
        self.was = Secret::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_and_each_value_is_kept_once() {
        let token = "a-rather-long-token";
        let bundle = Bundle {
            user: "u".to_owned(),
            file: "/f".to_owned(),
            fields: [("token".to_owned(), token.into())].into(),
            files: [("client-key".to_owned(), "pem\n".into())].into(),
            was: format!("token: '{token}' # mine\n").as_str().into(),
            now: "exec: {}".to_owned(),
            binding: Binding::Clusters(vec![Cluster {
                server: "https://a".to_owned(),
                ..Cluster::default()
            }]),
        };
        let stored = bundle.encode("u.1").unwrap();
        assert_eq!(stored.text().unwrap().matches(token).count(), 1);
        assert_eq!(Bundle::decode(&stored, "u.1"), Some(bundle.clone()));
        // A copy under another id is rejected.
        assert_eq!(Bundle::decode(&stored, "v.1"), None);
        assert!(!format!("{bundle:?}").contains("rather"));
        assert_eq!(Bundle::decode(&"{}".into(), "u.1"), None);
        for binding in [Binding::AnyCluster, Binding::Clusters(Vec::new())] {
            let bundle = Bundle { binding, ..bundle.clone() };
            assert_eq!(Bundle::decode(&bundle.encode("u.1").unwrap(), "u.1"), Some(bundle));
        }
    }

    #[test]
    fn what_version_0_1_0_kept_is_read_and_unbound() {
        let stored = r#"{"v":1,"user":"u","file":"/f","fields":{"token":"a-rather-long-token"},"was":"token: \u0000token\u0000","now":"exec: {}"}"#;
        let bundle = Bundle::decode(&stored.into(), "u.abcdefghij").unwrap();
        assert_eq!((bundle.token(), bundle.binding), (Some("a-rather-long-token".into()), Binding::Unbound));
        assert_eq!(bundle.was, "token: a-rather-long-token".into());
    }

    #[test]
    fn kubectls_order_decides() {
        let mut bundle = Bundle::default();
        bundle.fields.insert("token".to_owned(), "one".into());
        assert_eq!(bundle.token(), Some("one".into()));
        bundle.files.insert("tokenFile".to_owned(), " two\n".into());
        assert_eq!(bundle.token(), Some("two".into()));
        bundle.files.insert("client-key".to_owned(), "file".into());
        assert_eq!(bundle.key(), Some("file".into()));
        bundle.fields.insert("client-key-data".to_owned(), "ZGF0YQ==".into());
        assert_eq!(bundle.key(), Some("data".into()));
        bundle.set("token", "three".into());
        assert_eq!(bundle.token(), Some("three".into()));
    }
}
