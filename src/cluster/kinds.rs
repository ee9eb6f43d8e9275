//! The kinds that a cluster has, from its discovery documents: those of all groups at once, or one by one from older servers.

use super::client::{Client, accepting};
use super::failure::Failure;
use super::fence::ServedKind;
use http::Request;
use serde_json::Value;

const ALL_AT_ONCE: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
    application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

impl Client {
    /// All kinds. A group whose own server does not answer is left out, as kubectl does.
    ///
    /// # Errors
    /// There is no answer.
    pub(super) async fn kinds(&self) -> Result<Vec<ServedKind>, Failure> {
        let mut kinds = Vec::new();
        for (path, core) in [("/api", true), ("/apis", false)] {
            let found = self.document(path).await?;
            if found["kind"] == "APIGroupDiscoveryList" {
                add_all(&found, &mut kinds);
                continue;
            }
            let versions = match core {
                true => vec!["/api/v1".to_owned()],
                false => list(&found["groups"])
                    .flat_map(|group| list(&group["versions"]))
                    .map(|version| format!("/apis/{}", text(&version["groupVersion"])))
                    .collect(),
            };
            for path in versions {
                match self.document(&path).await {
                    Ok(found) => add(&found, &mut kinds),
                    Err(Failure::Status(404 | 500..=599, _)) if !core => {}
                    Err(failure) => return Err(failure),
                }
            }
        }
        if kinds.is_empty() {
            return Err(Failure::NotKubernetes("it has no kinds".to_owned()));
        }
        Ok(kinds)
    }

    async fn document(&self, path: &str) -> Result<Value, Failure> {
        self.json(accepting(Request::get(path).body(Vec::new()), ALL_AT_ONCE)?).await
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn texts(value: &Value) -> Vec<String> {
    list(value).map(text).map(str::to_lowercase).collect()
}

/// Adds the kinds of a document with all groups.
fn add_all(found: &Value, kinds: &mut Vec<ServedKind>) {
    for group in list(&found["items"]) {
        let resources = list(&group["versions"]).flat_map(|version| list(&version["resources"]));
        kinds.extend(resources.map(|it| ServedKind {
            group: text(&group["metadata"]["name"]).to_lowercase(),
            plural: text(&it["resource"]).to_lowercase(),
            singular: text(&it["singularResource"]).to_lowercase(),
            kind: text(&it["responseKind"]["kind"]).to_lowercase(),
            short: texts(&it["shortNames"]),
        }));
    }
}

/// Adds the kinds of a document with one version of a group.
fn add(found: &Value, kinds: &mut Vec<ServedKind>) {
    let group = text(&found["groupVersion"]).rsplit_once('/').map_or("", |(group, _)| group);
    let resources = list(&found["resources"]).filter(|it| !text(&it["name"]).contains('/'));
    kinds.extend(resources.map(|it| ServedKind {
        group: group.to_lowercase(),
        plural: text(&it["name"]).to_lowercase(),
        singular: text(&it["singularName"]).to_lowercase(),
        kind: text(&it["kind"]).to_lowercase(),
        short: texts(&it["shortNames"]),
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_forms_of_discovery_name_the_same_kinds() {
        let (mut all, mut one) = (Vec::new(), Vec::new());
        add_all(
            &json!({"kind": "APIGroupDiscoveryList", "items": [
                {"metadata": {"name": "cert-manager.io"}, "versions": [{"version": "v1", "resources": [{
                    "resource": "certificates", "singularResource": "certificate", "shortNames": ["cert", "certs"],
                    "responseKind": {"group": "cert-manager.io", "version": "v1", "kind": "Certificate"},
                    "subresources": [{"subresource": "status"}],
                }]}]},
                {"metadata": {"name": "gone.example.com"}, "versions": [{"version": "v1", "freshness": "Stale"}]},
            ]}),
            &mut all,
        );
        add(
            &json!({"kind": "APIResourceList", "groupVersion": "cert-manager.io/v1", "resources": [
                {"name": "certificates", "singularName": "certificate", "kind": "Certificate", "shortNames": ["cert", "certs"]},
                {"name": "certificates/status", "singularName": "", "kind": "Certificate"},
            ]}),
            &mut one,
        );
        assert_eq!(all, one);
        let kind = &all[0];
        assert_eq!(
            (all.len(), kind.group.as_str(), kind.plural.as_str()),
            (1, "cert-manager.io", "certificates")
        );
        assert_eq!((kind.singular.as_str(), kind.kind.as_str()), ("certificate", "certificate"));
        assert_eq!(kind.short, ["cert", "certs"]);
    }
}
