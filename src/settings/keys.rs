//! The settings as a table: their names, defaults and places in a file, for those who look at them.

use super::SettingsError;
use crate::kubeconfig::Position;
use crate::kubeconfig::yaml::{Part, Yaml};
use serde_json::{Value, json};

/// The schema of the settings file, for editors: JSON Schema, draft 7.
pub const SCHEMA: &str = include_str!("settings.schema.json");

/// A settings file in which every setting is a comment, with its default or an example.
pub const TEMPLATE: &str = include_str!("template.yaml");

/// The settings with their defaults, in the order in which they are shown.
#[must_use]
pub fn defaults() -> Vec<(&'static str, Value)> {
    vec![
        ("prompt.format", json!(super::FORMAT)),
        ("rules", json!([])),
        ("protect.idle", Value::Null),
        ("aliases", json!({})),
        ("groups", json!({})),
        ("picker", json!("builtin")),
        ("discovery", json!(super::Settings::default().discovery)),
        ("journal", json!(true)),
        ("session", json!("list")),
        ("sources", json!([])),
        ("hook.own", json!([])),
        ("credential.store", json!("keychain")),
        ("credential.timeout", json!(super::Credential::default().timeout)),
        ("credential.passphrase-file", Value::Null),
        ("credential.passphrase-command", json!([])),
        ("import.allow-exec", json!([])),
        ("import.allow-env", json!([])),
    ]
}

/// A setting in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Its path, such as `prompt.format` or `rules[0]`.
    pub key: String,
    /// Its value.
    pub value: Value,
    /// Its line, from 1.
    pub line: usize,
}

impl Setting {
    /// The name of the setting that it is, or is a part of: `rules` of `rules[0]`, `aliases` of `aliases.shop`.
    #[must_use]
    pub fn name(&self) -> &str {
        let map =
            MAPS.iter().find(|map| self.key.strip_prefix(**map).is_some_and(|rest| rest.starts_with('.')));
        map.copied().unwrap_or_else(|| self.key.split('[').next().unwrap_or_default())
    }
}

/// The settings whose keys the user chooses.
const MAPS: [&str; 2] = ["aliases", "groups"];

/// The settings that a file sets, in its order; each rule, alias and group is one of them.
///
/// ```
/// use kcx::settings::in_file;
/// let set = in_file(b"picker: fzf\nrules:\n- match: a\n- match: b\n".to_vec())?;
/// let set: Vec<_> = set.iter().map(|it| (it.key.as_str(), it.line)).collect();
/// assert_eq!(set, [("picker", 1), ("rules[0]", 3), ("rules[1]", 4)]);
/// # Ok::<(), kcx::settings::SettingsError>(())
/// ```
///
/// # Errors
/// The first error in the file.
pub fn in_file(bytes: Vec<u8>) -> Result<Vec<Setting>, SettingsError> {
    super::Settings::parse(bytes.clone())?;
    let yaml = Yaml::parse(bytes)?;
    let mut found = Vec::new();
    if let Some(root) = yaml.root() {
        add(root, String::new(), yaml.text(), &mut found)?;
    }
    Ok(found)
}

/// Adds the settings in a value of the file.
fn add(part: Part<'_>, key: String, text: &str, found: &mut Vec<Setting>) -> Result<(), SettingsError> {
    let is_rules = ["rules", "protect", "sources"].contains(&key.as_str());
    if let Some(items) = part.items().filter(|items| is_rules && !items.is_empty()) {
        for (n, item) in items.into_iter().enumerate() {
            found.push(setting(item, format!("{key}[{n}]"), text)?);
        }
        return Ok(());
    }
    match part.fields()? {
        Some(fields) => {
            for (name, _, value) in fields {
                let key = if key.is_empty() { name } else { format!("{key}.{name}") };
                add(value, key, text, found)?;
            }
        }
        None if key.is_empty() => {}
        None => found.push(setting(part, key, text)?),
    }
    Ok(())
}

fn setting(part: Part<'_>, key: String, text: &str) -> Result<Setting, SettingsError> {
    Ok(Setting { key, value: part.value()?, line: Position::of(text, part.span().start).line })
}

#[cfg(test)]
mod tests {
    use super::super::Settings;
    use super::*;

    #[test]
    fn the_table_has_the_defaults() {
        let mut document = json!({});
        for (key, value) in defaults().into_iter().filter(|(_, value)| !value.is_null()) {
            match key.split_once('.') {
                Some((group, name)) => document[group][name] = value,
                None => document[key] = value,
            }
        }
        assert_eq!(Settings::parse(document.to_string().into()), Ok(Settings::default()));
    }

    #[test]
    fn the_template_sets_nothing_and_has_every_setting() {
        assert_eq!(Settings::parse(TEMPLATE.into()), Ok(Settings::default()));
        let set: String = TEMPLATE
            .lines()
            .filter_map(|line| {
                line.strip_prefix('#').filter(|rest| !rest.starts_with(' ') || rest.starts_with("  "))
            })
            .map(|line| format!("{line}\n"))
            .collect();
        let set = in_file(set.into()).unwrap();
        for (key, _) in defaults() {
            assert!(set.iter().any(|set| set.name() == key), "{key}: {set:?}");
        }
    }
}
