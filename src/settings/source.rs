//! The setting `sources`: where `kcx sync` gets kubeconfigs from.

use super::read::{Reader, keys};
use super::recipe;
use super::{SettingsError, SettingsProblem};
use crate::kubeconfig::yaml::Part;
use serde_json::Value;
use std::collections::BTreeMap;

/// The default time limit of a call to a source, in seconds.
pub const TIMEOUT: u64 = 60;

/// A source of kubeconfigs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceSettings {
    /// Its name: letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// Where it gets kubeconfigs.
    pub origin: SourceOrigin,
    /// The path of the file that it keeps in step; `None` stands for `~/.kube/config.d/NAME.yaml`.
    pub into: Option<String>,
    /// The template of the contexts' names; see [`crate::kubeconfig::sync::Names`].
    pub names: Option<String>,
    /// The programs that its users may run without a question.
    pub allow_exec: Vec<String>,
    /// The namespace of its contexts.
    pub namespace: Option<String>,
    /// The time limit of each call to it, in seconds.
    pub timeout: u64,
}

/// Where a source gets kubeconfigs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceOrigin {
    /// A program that speaks the protocol, and its arguments.
    Command(Vec<String>),
    /// The path of a folder, or a pattern of files.
    Folder(String),
    /// A Git repository.
    Git {
        /// Its URL or path.
        url: String,
        /// The pattern of the kubeconfigs in it.
        path: Option<String>,
        /// The branch or tag; `None` stands for the repository's own default.
        branch: Option<String>,
    },
    /// A script of kcx that speaks the protocol, by its name, and its options.
    Recipe(&'static str, Options),
}

/// The options of a recipe; an option that is no list has one value.
pub type Options = BTreeMap<String, Vec<String>>;

impl SourceOrigin {
    /// The word for it in the settings.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            SourceOrigin::Command(_) => "command",
            SourceOrigin::Folder(_) => "dir",
            SourceOrigin::Git { .. } => "git",
            SourceOrigin::Recipe(name, _) => name,
        }
    }
}

/// The keys that every source has.
const SHARED_KEYS: [&str; 6] = ["allow-exec", "into", "name", "names", "namespace", "timeout"];

/// All keys of a source.
const KNOWN: &[&str] = &[
    "allow-exec",
    "aws",
    "azure",
    "capi",
    "cluster-profile",
    "command",
    "dir",
    "gcloud",
    "git",
    "into",
    "k3d",
    "kind",
    "name",
    "names",
    "namespace",
    "rancher",
    "ssh",
    "timeout",
];

impl Reader<'_> {
    /// The list `sources`.
    pub(super) fn sources(&self, value: Part<'_>) -> Result<Vec<SourceSettings>, SettingsError> {
        let mut sources: Vec<SourceSettings> = Vec::new();
        if value.value()? == Value::Null {
            return Ok(sources);
        }
        for (n, item) in self.items(value, "sources")?.into_iter().enumerate() {
            let source = self.source(item, n)?;
            let is_same = |other: &SourceSettings| {
                other.name == source.name || other.into.is_some() && other.into == source.into
            };
            if sources.iter().any(is_same) {
                let want = "one source per name and per file";
                return Err(self.value(item, &format!("sources[{n}]"), want));
            }
            sources.push(source);
        }
        Ok(sources)
    }

    fn source(&self, item: Part<'_>, n: usize) -> Result<SourceSettings, SettingsError> {
        let path = format!("sources[{n}]");
        let missing =
            |key: &str| self.error(item.span(), SettingsProblem::Missing { key: format!("{path}.{key}") });
        let (mut name, mut origin) = (None, None);
        let mut source = SourceSettings {
            name: String::new(),
            origin: SourceOrigin::Folder(String::new()),
            into: None,
            names: None,
            allow_exec: Vec::new(),
            namespace: None,
            timeout: TIMEOUT,
        };
        for (key, value) in self.fields(item, &path, keys(KNOWN))? {
            let whole = format!("{path}.{key}");
            match key.as_str() {
                "name" => {
                    let word = self.string(value, &whole)?;
                    if !is_name(&word) {
                        return Err(self.value(value, &whole, "a name of letters, digits, `-`, `_` and `.`"));
                    }
                    name = Some(word);
                }
                "into" => source.into = Some(self.string(value, &whole)?),
                "names" => {
                    let template = self.string(value, &whole)?;
                    if let Err(want) = crate::kubeconfig::sync::Names::check(&template) {
                        return Err(self.value(value, &whole, want));
                    }
                    source.names = Some(template);
                }
                "allow-exec" => source.allow_exec = self.strings(value, &whole)?,
                "namespace" => {
                    let namespace = self.string(value, &whole)?;
                    if !crate::kubeconfig::is_namespace(&namespace) {
                        return Err(self.value(value, &whole, "the name of a namespace"));
                    }
                    source.namespace = Some(namespace);
                }
                "timeout" => {
                    let seconds = value.value()?.as_u64().filter(|seconds| (1..=3600).contains(seconds));
                    let want = "a number of seconds, from 1 to 3600";
                    source.timeout = seconds.ok_or_else(|| self.value(value, &whole, want))?;
                }
                _ if origin.is_some() => {
                    return Err(self.value(
                        item,
                        &path,
                        "a source with one of `command`, `dir`, `git` and the like",
                    ));
                }
                _ => origin = Some(self.origin(&key, value, &whole)?),
            }
        }
        source.name = name.ok_or_else(|| missing("name"))?;
        source.origin = origin.ok_or_else(|| missing("command"))?;
        Ok(source)
    }

    fn origin(&self, key: &str, value: Part<'_>, path: &str) -> Result<SourceOrigin, SettingsError> {
        match key {
            "command" => {
                let words = match value.items() {
                    Some(_) => self.strings(value, path)?,
                    None => vec![self.string(value, path)?],
                };
                match words.first() {
                    Some(program) if !program.is_empty() => Ok(SourceOrigin::Command(words)),
                    _ => Err(self.value(value, path, "a program and its arguments")),
                }
            }
            "dir" => {
                let folder = self.string(value, path)?;
                if folder.is_empty() {
                    return Err(self.value(value, path, "a folder, or a pattern of files"));
                }
                Ok(SourceOrigin::Folder(folder))
            }
            "git" => {
                let mut options = self.options(value, path, "url", &["branch", "path", "url"], &[])?;
                let mut take = |key: &str| options.remove(key).and_then(|mut values| values.pop());
                let url = take("url").ok_or_else(|| self.value(value, path, "the URL of a repository"))?;
                Ok(SourceOrigin::Git { url, path: take("path"), branch: take("branch") })
            }
            name => {
                let recipe = recipe::find(name).ok_or_else(|| self.value(value, path, "a known source"))?;
                let options = self.options(value, path, recipe.main, recipe.options, recipe.lists)?;
                if let Some(missing) =
                    recipe.required.iter().find(|it| options.get(**it).is_none_or(Vec::is_empty))
                {
                    let key = format!("{path}.{missing}");
                    return Err(self.error(value.span(), SettingsProblem::Missing { key }));
                }
                Ok(SourceOrigin::Recipe(recipe.name, options))
            }
        }
    }

    /// The options of a source: a mapping, the value of its main option alone, or `true` for none.
    fn options(
        &self,
        value: Part<'_>,
        path: &str,
        main: &str,
        known: &'static [&'static str],
        lists: &[&str],
    ) -> Result<Options, SettingsError> {
        if value.fields()?.is_none() {
            return match value.value()? {
                Value::Bool(true) | Value::Null => Ok(Options::new()),
                Value::String(text) if !main.is_empty() => Ok([(main.to_owned(), vec![text])].into()),
                _ => Err(self.value(value, path, "a mapping of options")),
            };
        }
        let mut options = Options::new();
        for (key, value) in self.fields(value, path, keys(known))? {
            let whole = format!("{path}.{key}");
            let values = match value.items() {
                Some(_) if lists.contains(&key.as_str()) => self.strings(value, &whole)?,
                _ => vec![self.string(value, &whole)?],
            };
            if values.iter().any(|it| it.is_empty() || it.contains(['\n', '\0'])) {
                return Err(self.value(value, &whole, "text of one line"));
            }
            options.insert(key, values);
        }
        Ok(options)
    }
}

/// True for the name of a source, which is also the name of a file.
#[must_use]
pub fn is_name(word: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !word.is_empty()
        && word.len() <= 60
        && word.starts_with(|c: char| c.is_ascii_alphanumeric())
        && word.chars().all(is_plain)
}

/// The keys that say where a source gets kubeconfigs.
#[must_use]
pub fn origins() -> Vec<&'static str> {
    KNOWN.iter().copied().filter(|key| !SHARED_KEYS.contains(key)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Settings;
    use super::*;

    fn parsed(text: &str) -> Result<Vec<SourceSettings>, String> {
        Settings::parse(format!("sources:\n{text}").into())
            .map(|settings| settings.sources)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn every_form_of_a_source_is_read() {
        let sources = parsed(
            "- {name: a, command: prog}\n- {name: b, command: [prog, -x]}\n- {name: c, dir: ~/lab}\n\
             - {name: d, git: 'https://x/y.git'}\n- {name: e, git: {url: u, path: 'k/*.yaml', branch: main}}\n\
             - {name: f, kind: true}\n- {name: g, ssh: root@edge}\n\
             - {name: h, aws: {profile: prod, regions: [a, b]}, allow-exec: [aws], namespace: web, timeout: 5, into: ~/x, names: '{source}-{context}'}\n",
        )
        .unwrap();
        let words: Vec<_> = sources.iter().map(|source| source.origin.word()).collect();
        assert_eq!(words, ["command", "command", "dir", "git", "git", "kind", "ssh", "aws"]);
        let SourceOrigin::Recipe(_, options) = &sources[7].origin else { panic!() };
        assert_eq!(options["regions"], ["a", "b"]);
        assert_eq!((sources[7].timeout, sources[7].namespace.as_deref()), (5, Some("web")));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (text, error) in [
            ("- {command: x}", "`sources[0].name` is missing"),
            ("- {name: x}", "`sources[0].command` is missing"),
            ("- {name: ../x, dir: d}", "`sources[0].name` must be a name of letters"),
            ("- {name: x, dir: d, git: z}", "`sources[0]` must be a source with one of"),
            ("- {name: x, dir: d}\n- {name: x, dir: z}", "`sources[1]` must be one source per name"),
            ("- {name: x, dir: d, timeout: 0}", "`sources[0].timeout` must be a number of seconds"),
            ("- {name: x, ssh: {file: f}}", "`sources[0].ssh.hosts` is missing"),
            ("- {name: x, dir: d, names: '{nothing}'}", "`sources[0].names` must"),
            ("- {name: x, command: []}", "`sources[0].command` must be a program"),
            ("- {name: x, kind: {other: z}}", "there is no setting `other`"),
            ("- {name: x, ssh: {hosts: []}}", "`sources[0].ssh.hosts` is missing"),
            ("- {name: x, aws: {profile: [a, b]}}", "`sources[0].aws.profile` must be"),
            (
                "- {name: x, cluster-profile: {command: prog}}",
                "`sources[0].cluster-profile.provider` is missing",
            ),
            ("- {name: x, ssh: true}", "`sources[0].ssh.hosts` is missing"),
        ] {
            let found = parsed(text).unwrap_err();
            assert!(found.contains(error), "{text}: {found}");
        }
    }

    #[test]
    fn every_recipe_is_a_key() {
        let recipes: Vec<_> = recipe::RECIPES.iter().map(|recipe| recipe.name).collect();
        let native = ["command", "dir", "git"];
        let known: Vec<_> = origins().into_iter().filter(|key| !native.contains(key)).collect();
        assert_eq!(known, recipes);
    }
}
