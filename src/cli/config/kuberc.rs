//! Applies the flag defaults and aliases of kubectl's preferences (kuberc) to a command line.
//!
//! The words are rewritten before any flag is parsed. A default is inserted in front as `--name=value`, so that a flag given
//! later overrides it, as in kubectl.

use super::command_table::{Command, Flag};
use super::flags;
use crate::kuberc::{Kuberc, OptionDefault};
use crate::printer::quote::go;

/// A command line after the preferences were applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The words to parse instead of the original ones.
    pub words: Vec<String>,
    /// The text to print on stderr first. kubectl omits some line ends in it.
    pub warning: String,
}

/// Rewrites the words after the program's name according to the preferences.
///
/// # Errors
/// kubectl's reason to refuse: invalid preferences, or a default that the flag does not accept; the text after `error
/// occurred while applying preferences `.
pub fn apply(kuberc: &Kuberc, words: &[String]) -> Result<Applied, String> {
    kuberc.validate()?;
    let mut applied = Applied { words: words.to_vec(), warning: String::new() };
    let alias = match called(words) {
        Some(_) => None,
        None => apply_alias(kuberc, &mut applied.words)?,
    };
    apply_defaults(kuberc, words, alias, &mut applied)?;
    Ok(applied)
}

/// Expands an alias, and returns its name.
fn apply_alias<'k>(kuberc: &'k Kuberc, words: &mut Vec<String>) -> Result<Option<&'k str>, String> {
    let first = words.iter().position(|word| !word.starts_with('-') && !word.starts_with("__complete"));
    let Some(at) = first else { return Ok(None) };
    let Some(alias) = kuberc.aliases.iter().find(|alias| alias.name == words[at]) else { return Ok(None) };
    let target: Vec<String> = alias.command.split_whitespace().map(str::to_owned).collect();
    if called(&target).is_none() {
        let (command, name) = (go(&alias.command), go(&alias.name));
        let words = target.join(" ");
        return Err(format!("command {command} not found to set alias {name}: [{words}]"));
    }
    let (command, _) = flags::find(&target);
    if command == Command::Root {
        // A kubectl command that kcx does not have, so its flags are unknown here.
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

/// Only the last word of a command is compared: defaults of `kuberc set` also apply to `config set`.
fn apply_defaults(
    kuberc: &Kuberc,
    typed: &[String],
    alias: Option<&str>,
    applied: &mut Applied,
) -> Result<(), String> {
    let Some(name) = alias.map(str::to_owned).or_else(|| called(typed)) else { return Ok(()) };
    let (command, _) = flags::find(&applied.words);
    let mut front = Vec::new();
    for defaults in &kuberc.defaults {
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
                format!(
                    "could not apply override value {default} to flag {name} in command {called} err: {why}"
                )
            })?;
            front.push(format!("--{}={default}", flag.name));
        }
    }
    applied.words.splice(0..0, front);
    Ok(())
}

/// The commands of kubectl besides `config`, which an alias or a default may name.
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

/// The last name of the called command, as far as it can equal a verb of `config`; `None` if kubectl has no such command.
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

/// True if kubectl considers a flag as given. It compares the words without parsing them: `_` does not equal `-`, and any
/// word such as `-on` is a group of one-letter flags.
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

#[cfg(test)]
#[path = "kuberc_tests.rs"]
mod tests;
