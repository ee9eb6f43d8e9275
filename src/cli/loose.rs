//! `--allow-exec CMD` as well as `--allow-exec=CMD`, for all flags of [`AllowArgs`].
//!
//! Without a value such a flag permits anything of its kind, so that the next word may also be an argument of the command:
//! `kcx import --allow-exec file.yaml`. The rule:
//!
//! - A word that is the only argument stays the argument of a command that needs one.
//! - Of `kcx import` and `kcx merge`, a word is a source if it can be read as one, if it is a pattern, or if it ends like a
//!   kubeconfig (`.yaml`). Any other word is the value.
//! - Of the commands that take contexts, a word is a context or pattern if there is such a context. Any other word is the value.
//! - A word that could be both, a source or a context and also the value, is refused: the one reading permits more than the
//!   other.

use super::World;
use super::allow::{AllowArgs, LooseValue};
use super::args::Command;
use super::error::{Cause, Error, name};
use super::import::is_source;
use super::messages::shell_word;
use super::operand::is_pattern;
use super::select::{SelectFlags, Selector};
use crate::kubeconfig::Merged;
use std::path::Path;

/// The flags, without dashes.
const FLAGS: [&str; 5] = ["allow-exec", "allow-env", "allow-file", "allow-user", "allow-cluster"];

/// The flag that this word is, without a value.
fn bare_flag(word: &str) -> Option<&'static str> {
    let long = word.strip_prefix("--")?;
    FLAGS.into_iter().find(|flag| *flag == long)
}

/// The positions, before `--`, of words that follow such a flag and may be its value.
fn positions<W: AsRef<str>>(words: &[W]) -> Vec<(usize, &'static str)> {
    let end = words.iter().position(|word| word.as_ref() == "--").unwrap_or(words.len());
    let pairs = words[..end].windows(2).enumerate();
    let loose = pairs.filter_map(|(at, pair)| {
        let word = pair[1].as_ref();
        Some((at + 1, bare_flag(pair[0].as_ref())?)).filter(|_| !word.is_empty() && !word.starts_with('-'))
    });
    loose.collect()
}

/// The words that follow such a flag and may be its value.
pub(super) fn find<W: AsRef<str>>(words: &[W]) -> Vec<LooseValue> {
    let word = |at: usize| words[at].as_ref().to_owned();
    positions(words).into_iter().map(|(at, flag)| LooseValue { flag, word: word(at) }).collect()
}

/// The same command line with each of these words as the value; `None` if there is none.
pub(super) fn bound<W: AsRef<str>>(words: &[W]) -> Option<Vec<String>> {
    let found = positions(words);
    let is_value = |at: usize| found.iter().any(|(value, _)| *value == at);
    let each = words.iter().enumerate().filter(|(at, _)| !is_value(*at));
    let bound = each.map(|(at, word)| match is_value(at + 1) {
        true => format!("{}={}", word.as_ref(), words[at + 1].as_ref()),
        false => word.as_ref().to_owned(),
    });
    (!found.is_empty()).then(|| bound.collect())
}

/// What a word after such a flag can be.
enum Meaning {
    Argument,
    Value,
    /// Both, and as an argument it is this.
    Both(&'static str),
}

/// Decides for each such word whether it is an argument or a value.
///
/// # Errors
/// Exit code 2 for a word that could be both.
pub(super) fn settle(command: &mut Command, world: &mut World<'_>) -> Result<(), Error> {
    if command.allow_mut().is_none_or(|allow| allow.loose.is_empty()) {
        return Ok(());
    }
    match command {
        Command::Import(args) => {
            let mut means = |loose: &LooseValue, world: &mut World<'_>| file(loose, world);
            settle_among(&mut args.sources, &mut args.allow, true, &mut means, world)
        }
        Command::Merge(args) => {
            let mut files: Vec<String> =
                args.files.iter().map(|file| file.to_string_lossy().into_owned()).collect();
            let mut means = |loose: &LooseValue, world: &mut World<'_>| file(loose, world);
            settle_among(&mut files, &mut args.allow, true, &mut means, world)?;
            args.files.retain(|file| files.contains(&file.to_string_lossy().into_owned()));
            Ok(())
        }
        Command::Exec(args) => {
            let merged = world.load()?.merged;
            let mut means =
                |loose: &LooseValue, world: &mut World<'_>| Ok(context(loose, args.regex, &merged, world));
            settle_among(&mut args.patterns, &mut args.allow, true, &mut means, world)
        }
        Command::Export(args) => {
            let merged = world.load()?.merged;
            let mut means =
                |loose: &LooseValue, world: &mut World<'_>| Ok(context(loose, false, &merged, world));
            settle_among(&mut args.names, &mut args.service_account.allow, false, &mut means, world)
        }
        Command::Shell(args) => one(&mut args.name, &mut args.allow, world),
        Command::Env(args) => one(&mut args.name, &mut args.allow, world),
        Command::Whoami(args) => one(&mut args.name, &mut args.allow, world),
        _ => Ok(()),
    }
}

/// The optional name of a context: without one, the command is about the current context.
fn one(context_name: &mut Option<String>, allow: &mut AllowArgs, world: &mut World<'_>) -> Result<(), Error> {
    let merged = world.load()?.merged;
    let mut words: Vec<String> = context_name.take().into_iter().collect();
    let mut means = |loose: &LooseValue, world: &mut World<'_>| Ok(context(loose, false, &merged, world));
    settle_among(&mut words, allow, false, &mut means, world)?;
    *context_name = words.pop();
    Ok(())
}

fn settle_among(
    arguments: &mut Vec<String>,
    allow: &mut AllowArgs,
    is_needed: bool,
    means: &mut dyn FnMut(&LooseValue, &mut World<'_>) -> Result<Meaning, Error>,
    world: &mut World<'_>,
) -> Result<(), Error> {
    let loose = std::mem::take(&mut allow.loose);
    if is_needed && arguments.len() <= 1 {
        return Ok(());
    }
    let mut values = Vec::new();
    for it in loose.into_iter().filter(|it| arguments.contains(&it.word)) {
        match means(&it, world)? {
            Meaning::Argument => {}
            Meaning::Value => values.push(it),
            Meaning::Both(what) => return Err(ambiguous(&it, what)),
        }
    }
    if is_needed && values.len() >= arguments.len() {
        return Ok(());
    }
    for LooseValue { flag, word } in values {
        if let Some(at) = arguments.iter().position(|argument| *argument == word) {
            arguments.remove(at);
        }
        if let Some(value) = allow.values_mut(flag).iter_mut().find(|value| value.is_empty()) {
            *value = word;
        }
    }
    Ok(())
}

fn ambiguous(LooseValue { flag, word }: &LooseValue, what: &str) -> Error {
    let message = format!("{} after `--{flag}` is {what}, but could also be its value", name(word));
    let typed = shell_word(word);
    Error::new(Cause::Usage, format!("{message}; nothing was done"))
        .hint(format!("`--{flag}={typed}` permits that and nothing else"))
        .hint(format!(
            "before the flag, {} is {what}; the flag without a value permits anything of its kind",
            name(word)
        ))
}

/// What a word can be that follows the flag in a command whose arguments are kubeconfigs.
fn file(LooseValue { flag, word }: &LooseValue, world: &mut World<'_>) -> Result<Meaning, Error> {
    let path = world.env.absolute(Path::new(word));
    let ends_like_one =
        [".yaml", ".yml", ".json", ".conf", ".kubeconfig"].iter().any(|end| word.ends_with(end));
    if !path.exists() {
        let is_argument = is_pattern(word) || ends_like_one || *flag == "allow-env" && !is_variable(word);
        return Ok(if is_argument { Meaning::Argument } else { Meaning::Value });
    }
    // A source that cannot be read is reported as one.
    let is_source = ends_like_one || is_source(word, world);
    let is_program = || world.env.look_up(word).is_some();
    Ok(match *flag {
        "allow-env" => Meaning::Argument,
        "allow-exec" => match (is_source, is_program()) {
            (true, true) => Meaning::Both("a source"),
            (false, true) => Meaning::Value,
            (_, false) => Meaning::Argument,
        },
        "allow-file" if path.is_dir() || is_source => Meaning::Argument,
        "allow-file" => Meaning::Value,
        _ if is_source => Meaning::Both("a source"),
        _ => Meaning::Value,
    })
}

/// What a word can be that follows the flag in a command whose arguments are contexts.
fn context(
    LooseValue { flag, word }: &LooseValue,
    regex: bool,
    merged: &Merged,
    world: &World<'_>,
) -> Meaning {
    let (words, settings) = (std::slice::from_ref(word), world.settings_or_default());
    let selector = Selector { words, flags: SelectFlags::NONE, regex, settings: &settings };
    // `!NAME` and `@GROUP` are no values.
    if selector.contexts(merged).is_err() && !word.starts_with(['!', '@']) {
        return Meaning::Value;
    }
    match *flag {
        "allow-exec" if world.env.look_up(word).is_none() => Meaning::Argument,
        "allow-exec" | "allow-user" | "allow-cluster" if !is_pattern(word) => Meaning::Both("a context"),
        _ => Meaning::Argument,
    }
}

fn is_variable(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
