//! kuberc, the client preferences of kubectl: flag defaults, aliases, and which credential plugins may run.
//!
//! Applying them rewrites the words of a command line before any flag is read. The file itself is read by the caller.
//! A default goes in front as `--name=value`, so whatever is typed later wins, as it does in kubectl.

mod decode;
mod load;
mod policy;

pub use load::{Loaded, Own, load, own};
pub(super) use load::{places, read};
pub use policy::{NotAllowed, Policy, allow};

use super::flags;
use super::surface::{Command, Flag};
use crate::printer::quote::go;

/// The preferences of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kuberc {
    /// Flag defaults per command, in file order.
    pub defaults: Vec<Defaults>,
    /// Commands of the user's own making.
    pub aliases: Vec<Alias>,
    /// `credentialPluginPolicy`; empty means `AllowAll`.
    pub plugin_policy: String,
    /// `credentialPluginAllowlist`, by command; an empty list is not the same as none.
    pub plugin_allowlist: Option<Vec<String>>,
}

/// Flag defaults of one command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// The command, such as `config view`.
    pub command: String,
    /// The defaults.
    pub options: Vec<OptionDefault>,
}

/// A new name for a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alias {
    /// The new name.
    pub name: String,
    /// What it stands for.
    pub command: String,
    /// Arguments that go right after the name.
    pub prepend_args: Vec<String>,
    /// Arguments that go last.
    pub append_args: Vec<String>,
    /// Flag defaults.
    pub options: Vec<OptionDefault>,
}

/// The default of one flag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OptionDefault {
    /// The long name, without dashes.
    pub name: String,
    /// The value, as text.
    pub default: String,
}

/// A command line after preferences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The words to parse instead.
    pub words: Vec<String>,
    /// What to print on stderr first, as it is: kubectl forgets some line ends here.
    pub warning: String,
}

/// Why a text holds no preferences.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPreferences {
    /// No document is a `Preference` of a known version.
    #[error("no valid preferences found")]
    NoneValid,
    /// Something other than a comment follows `---`.
    #[error("invalid Yaml document separator: {0}")]
    Separator(String),
}

impl Kuberc {
    /// Reads the first `Preference` of a text of one or more YAML documents; a text without any is no preferences at all.
    ///
    /// The second value is kubectl's `strict decoding error: …` about fields it does not know; the rest counts all the same.
    ///
    /// # Errors
    /// None of the documents is a `Preference` of `kubectl.config.k8s.io/v1alpha1` or `/v1beta1`, or text stands on a `---` line.
    ///
    /// ```
    /// use kcx::cli::config::kuberc::Kuberc;
    /// let text = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n\
    ///             defaults: [{command: config view, options: [{name: raw, default: 'true'}]}]\n";
    /// let (kuberc, complaint) = Kuberc::parse(text)?;
    /// let applied = kuberc.apply(&["config".to_owned(), "view".to_owned()]).unwrap();
    /// assert_eq!(applied.words, ["--raw=true", "config", "view"]);
    /// assert_eq!(complaint, None);
    /// # Ok::<(), kcx::cli::config::kuberc::NoPreferences>(())
    /// ```
    pub fn parse(text: &str) -> Result<(Self, Option<String>), NoPreferences> {
        decode::preferences(text)
    }

    /// Rewrites the words after the program's name as the preferences say.
    ///
    /// # Errors
    /// kubectl's reason to run nothing at all: bad preferences, or a default its flag does not take. It goes after
    /// `error occurred while applying preferences `.
    pub fn apply(&self, words: &[String]) -> Result<Applied, String> {
        self.validate()?;
        let mut applied = Applied { words: words.to_vec(), warning: String::new() };
        let alias = match called(words) {
            Some(_) => None,
            None => self.apply_alias(&mut applied.words)?,
        };
        self.apply_defaults(words, alias, &mut applied)?;
        Ok(applied)
    }

    fn validate(&self) -> Result<(), String> {
        let long_names = |options: &[OptionDefault]| match options.iter().find(|o| o.name.starts_with('-')) {
            Some(o) => Err(format!("flag name {} should be in long form without dashes", o.name)),
            None => Ok(()),
        };
        for (at, alias) in self.aliases.iter().enumerate() {
            if alias.name.is_empty() || !alias.name.bytes().all(|byte| byte.is_ascii_alphabetic()) {
                return Err("invalid alias name, can only include alphabetical characters".to_owned());
            }
            long_names(&alias.options)?;
            if self.aliases[..at].iter().any(|other| other.name == alias.name) {
                return Err(format!("duplicate alias name {}", alias.name));
            }
        }
        self.defaults.iter().try_for_each(|defaults| long_names(&defaults.options))?;
        self.validate_policy()
    }

    fn validate_policy(&self) -> Result<(), String> {
        let policy = go(&self.plugin_policy);
        let list = self.plugin_allowlist.as_deref();
        match (self.plugin_policy.as_str(), list) {
            ("" | "AllowAll" | "DenyAll", None) => return Ok(()),
            ("" | "AllowAll" | "DenyAll", Some(_)) => {
                return Err(format!(
                    "misconfigured credential plugin allowlist: plugin policy is {policy} but allowlist is non-nil"
                ));
            }
            ("Allowlist", _) => {}
            _ => return Err(format!("unknown plugin policy: {policy}")),
        }
        let set = "credential plugin policy set to \"Allowlist\", but allowlist is";
        match list {
            None => return Err(format!("{set} unspecified")),
            Some([]) => return Err(format!("{set} empty; use \"DenyAll\" policy instead")),
            Some(list) => {
                for (at, command) in list.iter().enumerate() {
                    let cleaned = clean(command);
                    if command.is_empty() {
                        let number = at + 1;
                        return Err(format!(
                            "misconfigured credential plugin allowlist: empty allowlist entry #{number}"
                        ));
                    }
                    if cleaned != *command {
                        return Err(format!("non-normalized file path: {} vs {}", go(command), go(&cleaned)));
                    }
                }
            }
        }
        Ok(())
    }

    /// Puts what an alias stands for in its place, and gives its name back.
    fn apply_alias(&self, words: &mut Vec<String>) -> Result<Option<&str>, String> {
        let first = words.iter().position(|word| !word.starts_with('-') && !word.starts_with("__complete"));
        let Some(at) = first else { return Ok(None) };
        let Some(alias) = self.aliases.iter().find(|alias| alias.name == words[at]) else { return Ok(None) };
        let target: Vec<String> = alias.command.split_whitespace().map(str::to_owned).collect();
        if called(&target).is_none() {
            let (command, name) = (go(&alias.command), go(&alias.name));
            let words = target.join(" ");
            return Err(format!("command {command} not found to set alias {name}: [{words}]"));
        }
        let (command, _) = flags::find(&target);
        if command == Command::Root {
            // A command of kubectl's that is not ours: nothing here knows its flags.
            return Ok(None);
        }
        let mut front = Vec::new();
        for option in &alias.options {
            let Some(flag) = command.flag(&option.name) else {
                return Err(format!("invalid alias flag {} in alias kcx", option.name));
            };
            if is_typed(flag, words) {
                continue;
            }
            flags::check(flag, &option.default).map_err(|why| {
                let OptionDefault { name, default } = option;
                format!("could not apply value {default} to flag {name} in alias kcx err: {why}")
            })?;
            front.push(format!("--{}={}", flag.name, option.default));
        }
        words.splice(at..=at, target.into_iter().chain(alias.prepend_args.iter().cloned()));
        words.extend(alias.append_args.iter().cloned());
        words.splice(0..0, front);
        Ok(Some(&alias.name))
    }

    /// Commands match by their last name alone: defaults of `kuberc set` reach `config set` too.
    fn apply_defaults(
        &self,
        typed: &[String],
        alias: Option<&str>,
        applied: &mut Applied,
    ) -> Result<(), String> {
        let Some(name) = alias.map(str::to_owned).or_else(|| called(typed)) else { return Ok(()) };
        let (command, _) = flags::find(&applied.words);
        let mut front = Vec::new();
        for defaults in &self.defaults {
            let target: Vec<String> = defaults.command.split_whitespace().map(str::to_owned).collect();
            let is_alias = alias.is_some_and(|alias| target.first().is_some_and(|word| word == alias));
            if is_alias {
                return Err(format!("alias {name} can not be overridden"));
            }
            let Some(target) = called(&target) else {
                let command = go(&defaults.command);
                applied
                    .warning
                    .push_str(&format!("Warning: command {command} not found to set kuberc override\n"));
                continue;
            };
            if target != name || command == Command::Root {
                continue;
            }
            for OptionDefault { name, default } in &defaults.options {
                let called = &defaults.command;
                let Some(flag) = command.flag(name) else {
                    return Err(format!("invalid flag {name} for command {called}"));
                };
                if is_typed(flag, typed) {
                    continue;
                }
                flags::check(flag, default).map_err(|why| {
                    format!("could not apply override value {default} to flag {name} in command {called} err: {why}")
                })?;
                front.push(format!("--{}={default}", flag.name));
            }
        }
        applied.words.splice(0..0, front);
        Ok(())
    }
}

/// kubectl's own commands besides `config`: what an alias or a default may name.
const OTHER_COMMANDS: &[&str] = &[
    "alpha",
    "annotate",
    "api-resources",
    "api-versions",
    "apply",
    "attach",
    "auth",
    "autoscale",
    "certificate",
    "cluster-info",
    "completion",
    "cordon",
    "cp",
    "create",
    "debug",
    "delete",
    "describe",
    "diff",
    "drain",
    "edit",
    "events",
    "exec",
    "explain",
    "expose",
    "get",
    "kuberc",
    "kustomize",
    "label",
    "logs",
    "options",
    "patch",
    "plugin",
    "port-forward",
    "proxy",
    "replace",
    "rollout",
    "run",
    "scale",
    "set",
    "taint",
    "top",
    "uncordon",
    "version",
    "wait",
];

/// Returns the last name of the command the words call, as far as it can equal one of `config`'s; none if kubectl knows no such
/// command.
fn called(words: &[String]) -> Option<String> {
    let (command, rest) = flags::find(words);
    match command {
        Command::Verb(verb) => return Some(verb.name().to_owned()),
        Command::Config => return Some("config".to_owned()),
        Command::Root => {}
    }
    let Some(at) = flags::next_name(Command::Root, &rest) else { return Some("kubectl".to_owned()) };
    let name = OTHER_COMMANDS.iter().find(|name| **name == rest[at])?;
    let after = [&rest[..at], &rest[at + 1..]].concat();
    let child = flags::next_name(Command::Root, &after).map(|at| after[at].as_str());
    Some(match (*name, child) {
        ("kuberc", Some(child @ ("set" | "view"))) => child.to_owned(),
        (
            "set",
            Some(child @ ("env" | "image" | "resources" | "selector" | "serviceaccount" | "subject")),
        ) => child.to_owned(),
        (name, _) => name.to_owned(),
    })
}

/// Tells whether kubectl takes a flag for typed: by a plain look at the words, `_` not counting as `-`, and with any word such
/// as `-on` taken for a row of letters.
fn is_typed(flag: &Flag, words: &[String]) -> bool {
    words.iter().any(|word| {
        let long = word.strip_prefix("--").and_then(|rest| rest.strip_prefix(flag.name));
        if long.is_some_and(|rest| rest.is_empty() || rest.starts_with('=')) {
            return true;
        }
        let (Some(short), Some(rest)) = (flag.short, word.strip_prefix('-')) else { return false };
        rest.starts_with(short) || rest.bytes().all(|b| b.is_ascii_alphabetic()) && rest.contains(short)
    })
}

/// Shortens a path as Go's `filepath.Clean` does, by its text alone.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            ".." if rooted => {}
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

#[cfg(test)]
#[path = "kuberc/tests.rs"]
mod tests;
