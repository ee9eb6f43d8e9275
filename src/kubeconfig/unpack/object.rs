//! The Kubernetes objects that carry kubeconfigs: Secrets, ConfigMaps, lists of them.

use crate::kubeconfig::yaml::Yaml;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A key of a Kubernetes object that carries a kubeconfig.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Carrier {
    /// `Secret`, `ConfigMap` or another kind.
    pub kind: String,
    /// The namespace of the object; may be empty.
    pub namespace: String,
    /// The name of the object; may be empty.
    pub name: String,
    /// The key.
    pub key: String,
}

impl Carrier {
    /// The name of the object without `-kubeconfig` at its end, as Cluster API calls the Secret of a cluster.
    #[must_use]
    pub fn short_name(&self) -> &str {
        let ends = ["-kubeconfig", ".kubeconfig"].into_iter();
        let short = ends.filter_map(|end| self.name.strip_suffix(end)).next();
        short.filter(|short| !short.is_empty()).unwrap_or(&self.name)
    }
}

/// An object without a kubeconfig.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Barren {
    /// Its kind.
    pub kind: String,
    /// Its namespace; may be empty.
    pub namespace: String,
    /// Its name; may be empty.
    pub name: String,
    /// The keys of its data.
    pub keys: Vec<String>,
}

/// An object and the texts in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Object {
    pub(super) kind: String,
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) texts: BTreeMap<String, String>,
}

impl Object {
    pub(super) fn carrier(&self, key: &str) -> Carrier {
        let Object { kind, namespace, name, .. } = self.clone();
        Carrier { kind, namespace, name, key: key.to_owned() }
    }

    pub(super) fn barren(self) -> Barren {
        let Object { kind, namespace, name, texts } = self;
        Barren { kind, namespace, name, keys: texts.into_keys().collect() }
    }
}

/// The objects in a text that is not a kubeconfig; `None` if it is none of Kubernetes.
pub(super) fn read(text: &str) -> Option<Vec<Object>> {
    let value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(_) => Yaml::parse(text.as_bytes().to_vec()).ok()?.root()?.value().ok()?,
    };
    let Value::Object(map) = value else { return None };
    let kind = map.get("kind").and_then(Value::as_str);
    match (kind, map.get("items")) {
        (Some(kind), Some(Value::Array(items))) if kind.ends_with("List") => {
            // The items of a `SecretList` may be without a kind.
            let each = kind.trim_end_matches("List");
            Some(items.iter().filter_map(Value::as_object).map(|item| object(item, each)).collect())
        }
        (Some("Config"), _) => None,
        (Some(kind), _) if !kind.is_empty() => Some(vec![object(&map, kind)]),
        _ => data_alone(&map)
            .map(|texts| vec![Object { kind: "Secret".to_owned(), texts, ..Object::default() }]),
    }
}

fn object(map: &Map<String, Value>, kind: &str) -> Object {
    let kind = map.get("kind").and_then(Value::as_str).unwrap_or(kind).to_owned();
    let named = |key: &str| {
        let value = map.get("metadata").and_then(|metadata| metadata.get(key));
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let fields: &[&str] = match kind.as_str() {
        // A later field replaces keys of an earlier one.
        "Secret" => &["data", "stringData"],
        "ConfigMap" => &["data", "binaryData"],
        // Gardener's AdminKubeconfigRequest and ViewerKubeconfigRequest.
        _ => &["status"],
    };
    let mut texts = BTreeMap::new();
    for (key, value) in
        fields.iter().filter_map(|field| map.get(*field)).filter_map(Value::as_object).flatten()
    {
        if let Value::String(text) = value
            && (fields != ["status"] || key == "kubeconfig")
        {
            texts.insert(key.clone(), text.clone());
        }
    }
    Object { kind, namespace: named("namespace"), name: named("name"), texts }
}

/// The data of a Secret without the object around it: a mapping from keys to strings, of which one is a kubeconfig.
fn data_alone(map: &Map<String, Value>) -> Option<BTreeMap<String, String>> {
    let texts = map.iter().map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
    let texts: Option<BTreeMap<_, _>> = texts.collect();
    texts.filter(|texts| texts.values().any(|text| super::resembles(text, super::LEVELS)))
}
