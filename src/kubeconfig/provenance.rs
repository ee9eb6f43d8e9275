//! Where a context comes from: the extension that `kcx sync` keeps in each context that a source brought.
//!
//! Extensions are kubeconfig's own place for such data (client-go's `Context.Extensions`): kubectl keeps them, and every client
//! ignores those that it does not know.

use super::decode::Body;
use super::document::Document;
use super::error::ParseError;
use super::patch::{Op, PathStep};
use super::schema::{Kind, key};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The name of the extension.
pub const EXTENSION: &str = "kcx.dev/source";

/// Where a context comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The name of the source in the settings.
    pub source: String,
    /// The id of the cluster in its source.
    pub id: String,
    /// The name of the context in the kubeconfig that the source gave.
    pub context: String,
    /// The name that the settings make of it. It differs from `given` if that name was taken.
    pub wanted: String,
    /// The name that the context was given here. If the context has another name, the user has renamed it.
    pub given: String,
    /// The name that its cluster was given here.
    pub cluster: String,
    /// The name that its user was given here; empty without one.
    pub user: String,
    /// The labels of the cluster in its source.
    pub labels: BTreeMap<String, String>,
    /// The version of the cluster's kubeconfig, as its source reported it.
    pub changed: Option<String>,
    /// The date on which the source no longer had the cluster.
    pub gone: Option<String>,
    /// The fields of the cluster and the user that the source set and that are optional, such as `cluster.proxy-url`: when the
    /// source no longer sets them, they are removed.
    pub optional: Vec<String>,
}

impl Provenance {
    /// The provenance in the body of a context; `None` if it has none, or one that kcx did not write.
    ///
    /// ```
    /// use kcx::kubeconfig::provenance::Provenance;
    /// use serde_json::json;
    /// let extension = json!({"source": "eks", "id": "eu/main", "context": "main", "labels": {"env": "prod"}});
    /// let body = json!({"cluster": "main", "extensions": [{"name": "kcx.dev/source", "extension": extension}]});
    /// let from = Provenance::of(body.as_object().unwrap()).unwrap();
    /// assert_eq!((from.source.as_str(), from.labels["env"].as_str()), ("eks", "prod"));
    /// assert_eq!(from.given, "main");
    /// ```
    #[must_use]
    pub fn of(body: &Body) -> Option<Provenance> {
        let extension = extensions(body).iter().find(|it| is_own(it))?.get("extension")?.as_object()?;
        let text = |key: &str| extension.get(key).and_then(Value::as_str);
        let context = text("context")?.to_owned();
        let wanted = text("wanted").map_or_else(|| context.clone(), str::to_owned);
        let labels = extension.get("labels").and_then(Value::as_object).into_iter().flatten();
        let optional = extension.get("optional").and_then(Value::as_array).into_iter().flatten();
        Some(Provenance {
            source: text("source")?.to_owned(),
            id: text("id")?.to_owned(),
            given: text("given").map_or_else(|| wanted.clone(), str::to_owned),
            cluster: text(Kind::Cluster.word()).map_or_else(|| wanted.clone(), str::to_owned),
            user: text(Kind::User.word()).map_or_else(|| wanted.clone(), str::to_owned),
            labels: labels
                .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
                .collect(),
            changed: text("changed").map(str::to_owned),
            gone: text("gone").map(str::to_owned),
            optional: optional.filter_map(|field| field.as_str().map(str::to_owned)).collect(),
            context,
            wanted,
        })
    }

    /// Writes the provenance into the body of a context, in place of an earlier one. Other extensions stay.
    pub fn put(&self, body: &mut Body) {
        let new = json!({"extension": self.value(), "name": EXTENSION});
        match body.get_mut(key::EXTENSIONS).and_then(Value::as_array_mut) {
            Some(list) => match list.iter_mut().find(|it| is_own(it)) {
                Some(old) => *old = new,
                None => list.push(new),
            },
            None => {
                body.insert(key::EXTENSIONS.to_owned(), Value::Array(vec![new]));
            }
        }
    }

    /// The extension; empty fields are left out. Sorted by key, as a kubeconfig is read.
    fn value(&self) -> Value {
        let mut value = Map::new();
        let mut put = |key: &str, text: Option<&str>| {
            if let Some(text) = text {
                value.insert(key.to_owned(), Value::from(text));
            }
        };
        put("changed", self.changed.as_deref());
        put(Kind::Cluster.word(), Some(self.cluster.as_str()).filter(|cluster| *cluster != self.wanted));
        put("context", Some(&self.context));
        put("given", Some(self.given.as_str()).filter(|given| *given != self.wanted));
        put("gone", self.gone.as_deref());
        put("id", Some(&self.id));
        put("source", Some(&self.source));
        put(Kind::User.word(), Some(self.user.as_str()).filter(|user| *user != self.wanted));
        put("wanted", Some(self.wanted.as_str()).filter(|wanted| *wanted != self.context));
        if !self.labels.is_empty() {
            value.insert("labels".to_owned(), json!(self.labels));
        }
        if !self.optional.is_empty() {
            value.insert("optional".to_owned(), json!(self.optional));
        }
        value.sort_keys();
        Value::Object(value)
    }
}

/// The body of a context without its provenance: what the user and the source see of it.
#[must_use]
pub fn without(body: &Body) -> Body {
    let mut body = body.clone();
    if let Some(list) = body.get_mut(key::EXTENSIONS).and_then(Value::as_array_mut) {
        list.retain(|it| !is_own(it));
        if list.is_empty() {
            body.shift_remove(key::EXTENSIONS);
        }
    }
    body
}

/// The contexts of a document that have a provenance, each with the operation that removes it.
///
/// # Errors
/// As [`Document::body`].
pub fn removals(document: &Document) -> Result<Vec<(String, Op)>, ParseError> {
    // Only an escape can hide the name of the extension.
    if ![EXTENSION, "\\"].into_iter().any(|it| document.text().contains(it)) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for index in 0..document.len(Kind::Context) {
        let (name, body) = (document.name(Kind::Context, index), document.body(Kind::Context, index)?);
        let rest = without(&body);
        if rest == *body {
            continue;
        }
        let (kind, name, path) =
            (Kind::Context, name.to_owned(), vec![PathStep::Key(key::EXTENSIONS.to_owned())]);
        let op = match rest.get(key::EXTENSIONS) {
            Some(list) => Op::Set { kind, name: name.clone(), path, value: list.clone() },
            None => Op::Unset { kind, name: name.clone(), path },
        };
        found.push((name, op));
    }
    Ok(found)
}

fn extensions(body: &Body) -> &[Value] {
    body.get(key::EXTENSIONS).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn is_own(extension: &Value) -> bool {
    extension.get(key::NAME).and_then(Value::as_str) == Some(EXTENSION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let from = Provenance {
            source: "eks".into(),
            id: "eu/main".into(),
            context: "arn".into(),
            wanted: "main".into(),
            given: "main-eks".into(),
            cluster: "main".into(),
            user: String::new(),
            labels: [("env".to_owned(), "prod".to_owned())].into(),
            changed: Some("7".into()),
            gone: Some("2026-11-30".into()),
            optional: vec!["cluster.proxy-url".into()],
        };
        let other = json!({"name": "minikube.io", "extension": {"version": "1"}});
        let Value::Object(before) = json!({"cluster": "c", "extensions": [other]}) else { unreachable!() };
        let mut body = before.clone();
        from.put(&mut body);
        assert_eq!(Provenance::of(&body), Some(from.clone()));
        assert_eq!(without(&body), before);
        let back = Provenance { gone: None, ..from };
        back.put(&mut body);
        assert_eq!(Provenance::of(&body), Some(back));
        assert_eq!(body[key::EXTENSIONS].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn a_foreign_extension_of_that_name_is_none() {
        for extension in
            [json!(null), json!("x"), json!({"source": "a"}), json!({"source": 1, "id": "x", "context": "y"})]
        {
            let body = json!({"extensions": [{"name": EXTENSION, "extension": extension}]});
            assert_eq!(Provenance::of(body.as_object().unwrap()), None, "{body}");
        }
    }
}
