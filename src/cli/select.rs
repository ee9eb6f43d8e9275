//! Selects entries by words: names, patterns, and what is to be left out. All commands that take several names use it.
//!
//! - A word that is the name of an entry means that entry, even with pattern characters.
//! - A word that is an alias means its context, and `@NAME` the contexts of a group of the settings.
//! - `!WORD` leaves out what WORD means, and so does `--exclude WORD`, whatever the order. Any other word is a pattern.
//! - `--label` leaves out the contexts without a label.
//! - Each word has to match an entry, also one that leaves out: a misspelled one would leave nothing out.

mod alias;
mod group;
mod labels;
mod pool;

pub(super) use alias::{dangling, warn_of_aliases, warn_of_hidden_alias};
pub(super) use group::group;
pub(super) use labels::{Labels, SOURCE};
pub(super) use pool::Pool;

use super::error::{Cause, Error, known, name};
use super::messages::shell_word;
use super::operand::is_pattern;
use crate::glob::Glob;
use crate::kubeconfig::{Kind, Merged};
use crate::settings::Settings;
use labels::LabelTest;
use std::collections::HashSet;

/// The flags that leave out some of the selected entries.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct SelectFlags {
    /// Leave these out, too: the same as the word `'!PATTERN'`
    #[arg(long, value_name = "PATTERN")]
    pub exclude: Vec<String>,

    /// Only contexts with this label: KEY, KEY=VALUE or KEY!=VALUE
    #[arg(long, value_name = "LABEL")]
    pub label: Vec<LabelTest>,
}

impl SelectFlags {
    /// For commands without these flags.
    pub(super) const NONE: &'static SelectFlags = &SelectFlags { exclude: Vec::new(), label: Vec::new() };
}

/// The words and flags of a command that select entries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Selector<'s> {
    /// Names, patterns, and words that leave out.
    pub(super) words: &'s [String],
    pub(super) flags: &'s SelectFlags,
    /// True if the words are regular expressions.
    pub(super) regex: bool,
    /// What has the aliases and groups of contexts.
    pub(super) settings: &'s Settings,
}

/// The selected entries.
#[derive(Debug)]
pub(super) struct Selected<'n> {
    /// Their names in the order of the words, each once.
    pub(super) names: Vec<&'n str>,
    /// The words that match nothing.
    pub(super) unmatched: Vec<Unmatched>,
}

/// A word that matches nothing.
#[derive(Debug)]
pub(super) struct Unmatched {
    pub(super) word: String,
    pub(super) error: Error,
    /// True for a name or a pattern, which a command may report together with others.
    pub(super) is_plain: bool,
}

impl<'s> Selector<'s> {
    /// A selector of names and patterns.
    pub(super) fn of(words: &'s [String], flags: &'s SelectFlags, settings: &'s Settings) -> Selector<'s> {
        Selector { words, flags, regex: false, settings }
    }

    /// The names of the selected contexts.
    ///
    /// # Errors
    /// As [`Selector::names`].
    pub(super) fn contexts(&self, merged: &Merged) -> Result<Vec<String>, Error> {
        self.names(&Pool::entries(Kind::Context, merged))
    }

    /// The selected names.
    ///
    /// # Errors
    /// Exit code 3 for a word that matches nothing, and if everything is left out; 2 for an invalid regular expression.
    pub(super) fn names(&self, pool: &Pool<'_>) -> Result<Vec<String>, Error> {
        let selected = self.select(pool);
        match selected.unmatched.into_iter().next() {
            Some(unmatched) => Err(unmatched.error),
            None => Ok(selected.names.into_iter().map(str::to_owned).collect()),
        }
    }

    /// Selects names. Without a word that selects, these are all names that are not left out.
    pub(super) fn select<'n>(&self, pool: &Pool<'n>) -> Selected<'n> {
        let (mut names, mut left_out, mut unmatched) = (Vec::new(), HashSet::new(), Vec::new());
        for word in self.selecting(pool) {
            match self.meant(word, pool, &[]) {
                Ok(found) => names.extend(found),
                Err(error) => unmatched.push(Unmatched { word: word.clone(), error, is_plain: !self.regex }),
            }
        }
        for word in self.excluding(pool) {
            match self.meant(word, pool, &[]) {
                Ok(found) => left_out.extend(found),
                Err(error) => {
                    let message = match error.cause {
                        Cause::NotFound => format!("{}, which was to be left out", error.message),
                        _ => error.message,
                    };
                    let error = Error { message, ..error };
                    unmatched.push(Unmatched { word: word.to_owned(), error, is_plain: false });
                }
            }
        }
        if self.selecting(pool).next().is_none() {
            names.extend(pool.all());
        }
        let mut seen = HashSet::new();
        names.retain(|name| !left_out.contains(name) && seen.insert(*name));
        if names.is_empty() && unmatched.is_empty() && !left_out.is_empty() {
            let message = format!("no {} is left: all that were selected are left out", pool.noun());
            let error = Error::new(Cause::NotFound, message);
            unmatched.push(Unmatched { word: String::new(), error, is_plain: false });
        }
        if !self.flags.label.is_empty() && unmatched.is_empty() {
            match self.labelled(&names, pool) {
                Ok(labelled) => names = labelled,
                Err(error) => unmatched.push(Unmatched { word: String::new(), error, is_plain: false }),
            }
        }
        Selected { names, unmatched }
    }

    /// Those of these names that have the labels of the flags, at least one.
    fn labelled<'n>(&self, names: &[&'n str], pool: &Pool<'n>) -> Result<Vec<&'n str>, Error> {
        let fitting: HashSet<&str> =
            labels::fitting(&self.flags.label, self.settings, pool)?.into_iter().collect();
        let labelled: Vec<&'n str> = names.iter().copied().filter(|name| fitting.contains(name)).collect();
        if labelled.is_empty() {
            let tests: Vec<String> = self.flags.label.iter().map(|test| name(&test.to_string())).collect();
            let tests = tests.join(" and ");
            return Err(Error::new(Cause::NotFound, format!("no selected context has the label {tests}")));
        }
        Ok(labelled)
    }

    /// The words that select, each with the names that it means.
    pub(super) fn meanings<'n>(&self, pool: &Pool<'n>) -> Vec<(&'s str, Vec<&'n str>)> {
        let meant = |word: &'s String| (word.as_str(), self.meant(word, pool, &[]).unwrap_or_default());
        self.selecting(pool).map(meant).collect()
    }

    /// The words as they can be typed to `kcx protect lift`: none if they do not mean exactly these contexts there.
    pub(super) fn typed(&self, pool: &Pool<'_>) -> &'s [String] {
        let is_other = |word: &String| pool.find(word).is_none() && !is_pattern(word);
        let is_narrower = self.leaves_out(pool) || !self.flags.label.is_empty();
        let are_others = self.regex || is_narrower || self.words.iter().any(is_other);
        if are_others { &[] } else { self.words }
    }

    /// True if there is any word or flag.
    pub(super) fn is_given(&self) -> bool {
        !(self.words.is_empty() && self.flags.exclude.is_empty() && self.flags.label.is_empty())
    }

    /// True if something is to be left out.
    fn leaves_out(&self, pool: &Pool<'_>) -> bool {
        self.excluding(pool).next().is_some()
    }

    /// Fails if there are only words that leave out, for a command that would then act on all others. `act` is the command
    /// with a place for the words, such as `kcx delete WORDS`.
    ///
    /// # Errors
    /// Exit code 2.
    pub(super) fn demand_a_choice(&self, act: &str, undone: &str, pool: &Pool<'_>) -> Result<(), Error> {
        let has_choice =
            self.selecting(pool).next().is_some() || self.flags.label.iter().any(LabelTest::selects);
        if has_choice || !self.is_given() {
            return Ok(());
        }
        let all = if self.regex { "." } else { "*" };
        let words: Vec<String> = std::iter::once(shell_word(all))
            .chain(self.words.iter().map(|word| shell_word(word)))
            .chain(self.flags.exclude.iter().map(|word| format!("--exclude {}", shell_word(word))))
            .chain(self.flags.label.iter().map(|test| format!("--label {}", shell_word(&test.to_string()))))
            .collect();
        let message = format!("it was named what to leave out, but not of what; {undone}");
        Err(Error::new(Cause::Usage, message)
            .hint(format!("`{}` means all others", act.replace("WORDS", &words.join(" ")))))
    }

    /// The words that select.
    fn selecting<'w>(&'w self, pool: &'w Pool<'_>) -> impl Iterator<Item = &'s String> + 'w {
        self.words.iter().filter(|word| exclusion(word, pool).is_none())
    }

    /// What is to be left out.
    fn excluding<'w>(&'w self, pool: &'w Pool<'_>) -> impl Iterator<Item = &'s str> + 'w {
        let words = self.words.iter().filter_map(|word| exclusion(word, pool));
        words.chain(self.flags.exclude.iter().map(String::as_str))
    }

    /// The names that a word means, at least one. `within` are the groups that it is in.
    fn meant<'n>(&self, word: &str, pool: &Pool<'n>, within: &[&str]) -> Result<Vec<&'n str>, Error> {
        if self.regex {
            return regex(word, pool);
        }
        if let Some(exact) = pool.find(word) {
            return Ok(vec![exact]);
        }
        if pool.has_contexts() {
            if let Some(context) = self.settings.alias(word) {
                let found = pool.find(context).map(|context| vec![context]);
                return found.ok_or_else(|| dangling(word, context, pool));
            }
            if let Some(members) = self.settings.group(word) {
                return group::contexts(word, members, self.settings, pool, within);
            }
            if word.starts_with('@') && !is_pattern(word) {
                return Err(group::missing(word, self.settings));
            }
        }
        let found: Vec<&'n str> = match is_pattern(word) {
            true => {
                let glob = Glob::new(word);
                pool.all().iter().copied().filter(|name| glob.matches(name)).collect()
            }
            false => Vec::new(),
        };
        if found.is_empty() { Err(pool.missing(word)) } else { Ok(found) }
    }
}

/// What a word leaves out, if it is `!WORD` and no entry has exactly that name.
fn exclusion<'w>(word: &'w str, pool: &Pool<'_>) -> Option<&'w str> {
    let rest = word.strip_prefix('!').filter(|rest| !rest.is_empty())?;
    pool.find(word).is_none().then_some(rest)
}

/// The names that a regular expression matches.
fn regex<'n>(word: &str, pool: &Pool<'n>) -> Result<Vec<&'n str>, Error> {
    let regex = regex_lite::Regex::new(word).map_err(|error| {
        let why = error.to_string().to_lowercase();
        Error::new(Cause::Usage, format!("{} is not a valid regular expression: {why}", name(word)))
    })?;
    let found: Vec<&'n str> = pool.all().iter().copied().filter(|name| regex.is_match(name)).collect();
    if found.is_empty() { Err(pool.unmatched(word)) } else { Ok(found) }
}

/// The current context, for a command without a name.
///
/// # Errors
/// Exit code 3 if there is none; `usage` is the hint.
pub(super) fn current(merged: &Merged, usage: &str) -> Result<String, Error> {
    match merged.current_context() {
        "" => Err(Error::new(Cause::NotFound, "there is no current context, and none was named")
            .hint(format!("{usage}; {}", known(merged, Kind::Context, "")))),
        current if merged.find(Kind::Context, current).is_none() => {
            Err(super::error::dangling(merged, current))
        }
        current => Ok(current.to_owned()),
    }
}
