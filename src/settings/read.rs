//! Parses the settings file. Unknown keys and values of the wrong type are errors.

use super::named::is_name;
use super::rule::COLORS;
use super::{
    Color, Confirm, Credential, Picker, Rule, SessionFiles, Settings, SettingsError, SettingsProblem,
};
use crate::codec::duration;
use crate::credential;
use crate::glob::Glob;
use crate::kubeconfig::yaml::{Part, Yaml};
use crate::kubeconfig::{Place, Position, Span};
use crate::printer::quote;
use crate::verdict::Verdict;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// The keys of a mapping.
#[derive(Clone, Copy)]
pub(super) struct Keys {
    known: &'static [&'static str],
    /// Those of earlier versions, which are read and not offered.
    old: &'static [&'static str],
}

pub(super) const fn keys(known: &'static [&'static str]) -> Keys {
    Keys { known, old: &[] }
}

const TOP: Keys = Keys {
    known: &[
        "aliases",
        "credential",
        "discovery",
        "groups",
        "hook",
        "import",
        "journal",
        "picker",
        "prompt",
        "protect",
        "rules",
        "session",
        "sources",
    ],
    old: &[],
};
const HOOK: Keys = keys(&["own"]);
const IMPORT: Keys = keys(&["allow-env", "allow-exec"]);
const CREDENTIAL: Keys = keys(&["passphrase-command", "passphrase-file", "store", "timeout"]);
const PROMPT: Keys = keys(&["format"]);
const PROTECT: Keys = keys(&["idle"]);
const PROTECTED: Keys = Keys { known: &[], old: &["color", "confirm", "label", "match"] };
const RULE: Keys =
    Keys { known: &["color", "confirm", "label", "match", "refuse", "short"], old: &["danger"] };

/// What `protect.idle` can be: the hook counts seconds.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// What an alias and a group can be called.
const NAME: &str = "a name that does not begin with `@`, `!` or `-`, and has no `*`, `?` or `[`";

/// Parses the bytes of the settings file.
///
/// # Errors
/// Returns the first error in the file.
pub(super) fn settings(bytes: Vec<u8>) -> Result<Settings, SettingsError> {
    let yaml = Yaml::parse(bytes)?;
    let mut settings = Settings::default();
    let reader = Reader { text: yaml.text() };
    let Some(root) = yaml.root().filter(|root| root.value() != Ok(Value::Null)) else {
        return Ok(settings);
    };
    for (key, value) in reader.fields(root, "the file", TOP)? {
        match key.as_str() {
            "aliases" => {
                settings.aliases = reader.named(value, "aliases", |value, key| reader.string(value, key))?;
            }
            "groups" => {
                settings.groups = reader.named(value, "groups", |value, key| reader.strings(value, key))?;
            }
            "credential" => settings.credential = reader.credential(value)?,
            "discovery" => settings.discovery = reader.strings(value, "discovery")?,
            "hook" => {
                for (_, own) in reader.fields(value, "hook", HOOK)? {
                    settings.own = reader.strings(own, "hook.own")?;
                }
            }
            "session" => (settings.session, settings.restore) = reader.session(value)?,
            "import" => {
                for (key, list) in reader.fields(value, "import", IMPORT)? {
                    let list = reader.strings(list, &format!("import.{key}"))?;
                    match key.as_str() {
                        "allow-env" => settings.allowed.env = list,
                        _ => settings.allowed.exec = list,
                    }
                }
            }
            "journal" => settings.journal = reader.truth(value, "journal")?,
            "picker" => {
                settings.picker = match reader.string(value, "picker").as_deref() {
                    Ok("builtin") => Picker::Builtin,
                    Ok("fzf") => Picker::Fzf,
                    _ => return Err(reader.value(value, "picker", "`builtin` or `fzf`")),
                }
            }
            "prompt" => {
                for (_, format) in reader.fields(value, "prompt", PROMPT)? {
                    settings.format = reader.string(format, "prompt.format")?;
                    if let Some(field) = super::unknown_field(&settings.format) {
                        let field = field.to_owned();
                        return Err(reader.error(format.span(), SettingsProblem::Field { field }));
                    }
                }
            }
            "sources" => settings.sources = reader.sources(value)?,
            // A list is that of earlier versions.
            "protect" => match value.items() {
                Some(items) => {
                    for (n, item) in items.into_iter().enumerate() {
                        settings.protect.push(reader.protection(item, n)?);
                    }
                }
                None => {
                    for (_, idle) in reader.fields(value, "protect", PROTECT)? {
                        settings.idle = Some(reader.idle(idle)?);
                    }
                }
            },
            _ => {
                for (n, item) in reader.items(value, "rules")?.into_iter().enumerate() {
                    settings.rules.push(reader.rule(item, n)?);
                }
            }
        }
    }
    Ok(settings)
}

pub(super) struct Reader<'t> {
    text: &'t str,
}

impl Reader<'_> {
    pub(super) fn error(&self, span: Span, problem: SettingsProblem) -> SettingsError {
        SettingsError { problem, place: Some(place(self.text, span)) }
    }

    pub(super) fn value(&self, part: Part<'_>, key: &str, want: &'static str) -> SettingsError {
        self.error(part.span(), SettingsProblem::Value { key: key.to_owned(), want })
    }

    pub(super) fn fields<'y>(
        &self,
        part: Part<'y>,
        key: &str,
        keys: Keys,
    ) -> Result<Vec<(String, Part<'y>)>, SettingsError> {
        let fields = part.fields()?.ok_or_else(|| self.value(part, key, "a mapping"))?;
        let is_known = |key: &str| keys.known.contains(&key) || keys.old.contains(&key);
        let check = |(key, span, value): (String, Span, Part<'y>)| match is_known(&key) {
            true => Ok((key, value)),
            false => Err(self.error(span, SettingsProblem::Unknown { key, known: keys.known })),
        };
        fields.into_iter().map(check).collect()
    }

    /// A mapping whose keys the user chooses.
    fn named<T>(
        &self,
        part: Part<'_>,
        path: &str,
        read: impl Fn(Part<'_>, &str) -> Result<T, SettingsError>,
    ) -> Result<BTreeMap<String, T>, SettingsError> {
        let mut named = BTreeMap::new();
        for (name, span, value) in part.fields()?.ok_or_else(|| self.value(part, path, "a mapping"))? {
            let key = format!("{path}.{}", quote::visible(&name));
            if !is_name(&name) {
                return Err(self.error(span, SettingsProblem::Value { key, want: NAME }));
            }
            named.insert(name, read(value, &key)?);
        }
        Ok(named)
    }

    pub(super) fn items<'y>(&self, part: Part<'y>, key: &str) -> Result<Vec<Part<'y>>, SettingsError> {
        part.items().ok_or_else(|| self.value(part, key, "a list"))
    }

    pub(super) fn strings(&self, part: Part<'_>, key: &str) -> Result<Vec<String>, SettingsError> {
        self.items(part, key)?.into_iter().map(|item| self.string(item, key)).collect()
    }

    pub(super) fn string(&self, part: Part<'_>, key: &str) -> Result<String, SettingsError> {
        match part.value()? {
            Value::String(text) => Ok(text),
            _ => Err(self.value(part, key, "a string")),
        }
    }

    fn truth(&self, part: Part<'_>, key: &str) -> Result<bool, SettingsError> {
        match part.value()? {
            Value::Bool(truth) => Ok(truth),
            _ => Err(self.value(part, key, "true or false")),
        }
    }

    /// One word, or a list of words: what `KUBECONFIG` names, and whether a new terminal restores the last context.
    fn session(&self, part: Part<'_>) -> Result<(SessionFiles, bool), SettingsError> {
        let (mut files, mut restore) = (None, false);
        for word in part.items().unwrap_or_else(|| vec![part]) {
            let file = match word.value()? {
                Value::String(word) if word == "restore" => {
                    restore = true;
                    continue;
                }
                Value::String(word) if word == "list" => SessionFiles::List,
                Value::String(word) if word == "single-file" => SessionFiles::SingleFile,
                _ => return Err(self.value(word, "session", "`list`, `single-file` or `restore`")),
            };
            if files.replace(file).is_some_and(|other| other != file) {
                return Err(self.value(word, "session", "`list` or `single-file`, not both"));
            }
        }
        Ok((files.unwrap_or_default(), restore))
    }

    fn idle(&self, part: Part<'_>) -> Result<Duration, SettingsError> {
        let text = part.value()?;
        let time = text.as_str().and_then(|text| duration::parse(text).ok());
        let time = time.filter(|time| (SHORTEST..=LONGEST).contains(time));
        time.ok_or_else(|| self.value(part, "protect.idle", "a duration from `1s` to `24h`, such as `30m`"))
    }

    fn credential(&self, part: Part<'_>) -> Result<Credential, SettingsError> {
        let mut credential = Credential::default();
        for (name, value) in self.fields(part, "credential", CREDENTIAL)? {
            let key = format!("credential.{name}");
            match name.as_str() {
                "passphrase-command" => credential.passphrase_command = self.strings(value, &key)?,
                "passphrase-file" => credential.passphrase_file = Some(self.string(value, &key)?),
                "store" => {
                    let place = credential::CredentialStore::from_word(&self.string(value, &key)?);
                    let want = "`keychain`, `keyutils` or `file`";
                    credential.store = place.ok_or_else(|| self.value(value, &key, want))?;
                }
                _ => {
                    let seconds = value.value()?.as_u64().filter(|seconds| (1..=3600).contains(seconds));
                    let want = "a number of seconds, from 1 to 3600";
                    credential.timeout = seconds.ok_or_else(|| self.value(value, &key, want))?;
                }
            }
        }
        Ok(credential)
    }

    fn rule(&self, item: Part<'_>, n: usize) -> Result<Rule, SettingsError> {
        let (mut confirm, mut danger, mut refuse) = (None, false, Vec::new());
        let mut rule = self.rule_with(item, &format!("rules[{n}]"), RULE, |name, key, value| {
            match name {
                "danger" => danger = self.truth(value, key)?,
                "refuse" => refuse = self.verdicts(value, key)?,
                _ => confirm = Some(self.confirm(value, key, true)?),
            }
            Ok(())
        })?;
        // `danger: true` is the old spelling of `confirm: type-name`.
        rule.confirm = confirm.unwrap_or(danger.then_some(Confirm::TypeName));
        rule.refuse = refuse;
        if danger && rule.confirm.is_none() {
            rule.color = rule.color.or(Some(Color::Red));
        }
        Ok(rule)
    }

    /// An item of the old list `protect`.
    fn protection(&self, item: Part<'_>, n: usize) -> Result<Rule, SettingsError> {
        let mut confirm = Some(Confirm::TypeName);
        let rule = self.rule_with(item, &format!("protect[{n}]"), PROTECTED, |_, key, value| {
            confirm = self.confirm(value, key, false)?;
            Ok(())
        })?;
        Ok(Rule { confirm, ..rule })
    }

    /// A rule with the keys that both lists have; `other` takes those that differ: name, path and value.
    fn rule_with<'y>(
        &self,
        item: Part<'y>,
        path: &str,
        keys: Keys,
        mut other: impl FnMut(&str, &str, Part<'y>) -> Result<(), SettingsError>,
    ) -> Result<Rule, SettingsError> {
        let (mut pattern, mut short, mut label, mut color) = (None, None, None, None);
        for (name, value) in self.fields(item, path, keys)? {
            let key = format!("{path}.{name}");
            match name.as_str() {
                "match" => pattern = Some(Glob::new(&self.string(value, &key)?)),
                "short" => short = Some(self.string(value, &key)?),
                "label" => label = Some(self.string(value, &key)?),
                "color" => color = Some(self.color(value, &key)?),
                _ => other(&name, &key, value)?,
            }
        }
        let missing = || self.error(item.span(), SettingsProblem::Missing { key: format!("{path}.match") });
        Ok(Rule {
            pattern: pattern.ok_or_else(missing)?,
            short,
            label,
            color,
            confirm: None,
            refuse: Vec::new(),
        })
    }

    fn confirm(&self, value: Part<'_>, key: &str, or_none: bool) -> Result<Option<Confirm>, SettingsError> {
        match value.value()? {
            // YAML 1.1 resolves an unquoted `yes` to true.
            Value::Bool(true) => Ok(Some(Confirm::Yes)),
            Value::String(word) if word == "yes" => Ok(Some(Confirm::Yes)),
            Value::String(word) if word == "type-name" => Ok(Some(Confirm::TypeName)),
            Value::String(word) if word == "none" && or_none => Ok(None),
            _ if or_none => Err(self.value(value, key, "`type-name`, `yes` or `none`")),
            _ => Err(self.value(value, key, "`type-name` or `yes`")),
        }
    }

    fn verdicts(&self, value: Part<'_>, key: &str) -> Result<Vec<Verdict>, SettingsError> {
        let want = "a list of `write`, `unknown` and `dangerous`";
        let verdict = |item: Part<'_>| {
            let word = self.string(item, key)?;
            let verdict = Verdict::ALL.into_iter().find(|verdict| verdict.word() == word);
            verdict.filter(|verdict| *verdict > Verdict::Read).ok_or_else(|| self.value(item, key, want))
        };
        let items = value.items().ok_or_else(|| self.value(value, key, want))?;
        items.into_iter().map(verdict).collect()
    }

    fn color(&self, value: Part<'_>, key: &str) -> Result<Color, SettingsError> {
        let color = self.string(value, key)?;
        let color = COLORS.iter().find(|(name, _)| *name == color).map(|(_, color)| *color);
        let want = "black, red, green, yellow, blue, magenta, cyan or white";
        color.ok_or_else(|| self.value(value, key, want))
    }
}

/// The place of a span, with the unmasked line as excerpt: settings contain no secrets.
fn place(text: &str, span: Span) -> Place {
    let position = Position::of(text, span.start);
    let line = text.lines().nth(position.line - 1).unwrap_or_default();
    let excerpt: String = line.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    let caret = position.column - 1;
    let marked = span.of(text).lines().next().unwrap_or_default().chars().count();
    let width = marked.clamp(1, excerpt.chars().count().saturating_sub(caret).max(1));
    Place { span, position, excerpt, caret, width }
}
