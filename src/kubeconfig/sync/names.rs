//! The names that the contexts of a source get.

use super::super::decode::Body;
use super::super::import::fill;
use super::super::typed::Context;

/// The template of the names of a source's contexts.
#[derive(Clone, Copy, Debug)]
pub struct Names<'n> {
    /// The template, if one is set.
    pub template: Option<&'n str>,
    /// The name of the source.
    pub source: &'n str,
}

/// What a template may say.
pub const PLACEHOLDERS: [&str; 7] = ["cluster", "context", "file", "id", "name", "namespace", "source"];

/// The values of a template for one context.
pub(super) struct Named<'v> {
    pub(super) id: &'v str,
    /// The name that the list proposes.
    pub(super) name: Option<&'v str>,
    /// The name of the context in its kubeconfig.
    pub(super) context: &'v str,
    pub(super) body: Option<&'v Body>,
    /// True if the kubeconfig has no other context.
    pub(super) is_only: bool,
}

impl Names<'_> {
    /// Checks a template.
    ///
    /// # Errors
    /// What it must be.
    pub fn check(template: &str) -> Result<(), &'static str> {
        let want = "a template with `{source}`, `{id}`, `{name}`, `{file}`, `{context}`, `{cluster}` or `{namespace}`";
        match fill(template, |word| PLACEHOLDERS.contains(&word).then(String::new)) {
            Ok(_) if template.contains('{') => Ok(()),
            _ => Err(want),
        }
    }

    /// The name for a context. `None` if that depends on the context's content, which is not known.
    pub(super) fn of(&self, it: &Named<'_>) -> Option<String> {
        let proposed = it.name.filter(|_| it.is_only);
        let Some(template) = self.template else { return Some(proposed.unwrap_or(it.context).to_owned()) };
        let mut is_known = true;
        let name = fill(template, |word| {
            let field = |value: fn(Context<'_>) -> &str| it.body.map(|body| value(Context(body)).to_owned());
            let value = match word {
                "source" => Some(self.source.to_owned()),
                "id" => Some(it.id.to_owned()),
                "file" => Some(stem(it.id).to_owned()),
                "name" => Some(proposed.unwrap_or(it.context).to_owned()),
                "context" => Some(it.context.to_owned()),
                "cluster" => field(|context| context.cluster()),
                "namespace" => field(|context| context.namespace()),
                _ => None,
            };
            is_known &= value.is_some();
            Some(value.unwrap_or_default())
        });
        name.ok().filter(|_| is_known).filter(|name| !name.is_empty())
    }
}

/// The last part of an id that is a path, without its extension.
pub(super) fn stem(id: &str) -> &str {
    let last = id.rsplit('/').next().unwrap_or(id);
    match last.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => last,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_template_is_filled() {
        let body = json!({"cluster": "c", "namespace": "web"});
        let name = |template, name, is_only| {
            let names = Names { template, source: "lab" };
            let named =
                Named { id: "eu/k3s.yaml", name, context: "default", body: body.as_object(), is_only };
            names.of(&named)
        };
        assert_eq!(name(None, None, true).as_deref(), Some("default"));
        assert_eq!(name(None, Some("edge"), true).as_deref(), Some("edge"));
        // One name cannot serve several contexts.
        assert_eq!(name(None, Some("edge"), false).as_deref(), Some("default"));
        let all = "{source}/{id}/{file}/{name}/{context}/{cluster}/{namespace}";
        let filled = "lab/eu/k3s.yaml/k3s/edge/default/c/web";
        assert_eq!(name(Some(all), Some("edge"), true).as_deref(), Some(filled));
    }

    #[test]
    fn a_template_must_name_something() {
        for good in ["{context}", "a-{id}", "{source}-{file}"] {
            assert_eq!(Names::check(good), Ok(()), "{good}");
        }
        for bad in ["", "same", "{user", "{other}", "{}"] {
            assert!(Names::check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_stem_of_an_id() {
        for (id, stem) in
            [("a", "a"), ("a/b.yaml", "b"), ("a/b.c.yml", "b.c"), (".x", ".x"), ("arn:x/y", "y")]
        {
            assert_eq!(super::stem(id), stem);
        }
    }
}
