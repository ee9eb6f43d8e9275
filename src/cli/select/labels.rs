//! Labels of contexts: those that their sources give them, the name of the source, and the word of a rule of the settings.

use super::Pool;
use crate::cli::error::{Cause, Error, name};
use crate::kubeconfig::provenance::{EXTENSION, Provenance};
use crate::kubeconfig::{Body, EntryRef, Kind, Merged};
use crate::settings::{ContextRule, Settings};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// The labels of a context.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct Labels {
    /// The labels of its source, with `source` itself; and with `gone` if the source no longer has it.
    pub(in crate::cli) pairs: BTreeMap<String, String>,
    /// The word that the rules of the settings show beside it.
    pub(in crate::cli) word: Option<String>,
}

impl Labels {
    /// The labels of these contexts. A body that cannot be read has none: the commands that need it report it.
    pub(in crate::cli) fn of_all(entries: &[EntryRef], merged: &Merged, settings: &Settings) -> Vec<Labels> {
        // Without a source, no body needs to be read.
        let mut documents = merged.sources().iter().filter_map(|source| source.document.as_ref());
        let has_sources = documents.any(|document| document.text().contains(EXTENSION));
        let labels = |entry: &EntryRef| {
            let body = if has_sources { merged.body(*entry).ok() } else { None };
            Labels::new(body.as_deref(), settings.rule(merged.name(*entry)))
        };
        entries.iter().map(labels).collect()
    }

    /// The labels of a context with this body.
    pub(in crate::cli) fn new(body: Option<&Body>, rule: ContextRule<'_>) -> Labels {
        let from = body.and_then(Provenance::of);
        let word = rule.label.map(str::to_owned);
        let pairs = from.map(|from| {
            let mut pairs = from.labels;
            pairs.insert(SOURCE.to_owned(), from.source);
            pairs.extend(from.gone.map(|gone| (GONE.to_owned(), gone)));
            pairs
        });
        Labels { pairs: pairs.unwrap_or_default(), word }
    }

    /// Each label as it can be typed to `--label`.
    pub(in crate::cli) fn typed(&self) -> impl Iterator<Item = String> {
        self.word.iter().cloned().chain(self.pairs.iter().map(|(key, value)| format!("{key}={value}")))
    }

    fn has(&self, key: &str) -> bool {
        self.pairs.contains_key(key) || self.word.as_deref() == Some(key)
    }
}

/// The label with the name of the source.
pub(in crate::cli) const SOURCE: &str = "source";
/// The label of a context that its source no longer has, with the date.
const GONE: &str = "gone";

/// A condition on labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabelTest {
    /// `KEY`: there is a label of this name.
    Has(String),
    /// `KEY=VALUE`
    Is(String, String),
    /// `KEY!=VALUE`: another value, or no label of this name, as in kubectl.
    IsNot(String, String),
}

impl FromStr for LabelTest {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<LabelTest, &'static str> {
        let test = match text.split_once('=') {
            None => LabelTest::Has(text.to_owned()),
            Some((key, value)) => match key.strip_suffix('!') {
                Some(key) => LabelTest::IsNot(key.to_owned(), value.to_owned()),
                // kubectl has `==`, too.
                None => LabelTest::Is(key.to_owned(), value.strip_prefix('=').unwrap_or(value).to_owned()),
            },
        };
        match &test {
            LabelTest::Has(key) | LabelTest::Is(key, _) | LabelTest::IsNot(key, _) if key.is_empty() => {
                Err("it must be KEY, KEY=VALUE or KEY!=VALUE")
            }
            _ => Ok(test),
        }
    }
}

impl fmt::Display for LabelTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LabelTest::Has(key) => f.write_str(key),
            LabelTest::Is(key, value) => write!(f, "{key}={value}"),
            LabelTest::IsNot(key, value) => write!(f, "{key}!={value}"),
        }
    }
}

impl LabelTest {
    /// True if it selects, and does not only leave out.
    pub(super) fn selects(&self) -> bool {
        !matches!(self, LabelTest::IsNot(..))
    }

    fn holds(&self, labels: &Labels) -> bool {
        let is = |key: &str, value: &str| labels.pairs.get(key).is_some_and(|it| it == value);
        match self {
            LabelTest::Has(key) => labels.has(key),
            LabelTest::Is(key, value) => is(key, value),
            LabelTest::IsNot(key, value) => !is(key, value),
        }
    }
}

/// The names of the contexts for which all tests hold.
///
/// # Errors
/// Exit code 3 for a label that no context has: a misspelled one would leave nothing out. 2 for entries without labels.
pub(super) fn fitting<'n>(
    tests: &[LabelTest],
    settings: &Settings,
    pool: &Pool<'n>,
) -> Result<Vec<&'n str>, Error> {
    let Some(merged) = pool.contexts() else {
        let message = format!("only contexts have labels: `--label` cannot select a {}", pool.noun());
        return Err(Error::new(Cause::Usage, message));
    };
    let entries = merged.entries(Kind::Context);
    let labels = Labels::of_all(&entries, merged, settings);
    for test in tests {
        let known = match test {
            LabelTest::IsNot(key, value) => &LabelTest::Is(key.clone(), value.clone()),
            test => test,
        };
        if !labels.iter().any(|labels| known.holds(labels)) {
            return Err(unknown(test, known, &labels));
        }
    }
    let fits = |labels: &Labels| tests.iter().all(|test| test.holds(labels));
    let fitting = entries.iter().zip(&labels).filter(|(_, labels)| fits(labels));
    Ok(fitting.map(|(entry, _)| merged.name(*entry)).collect())
}

/// The number of labels that a hint names.
const NAMED: usize = 8;

fn unknown(test: &LabelTest, known: &LabelTest, labels: &[Labels]) -> Error {
    let what = match test {
        LabelTest::IsNot(..) => ", which was to be left out",
        _ => "",
    };
    let error =
        Error::new(Cause::NotFound, format!("no context has the label {}{what}", name(&known.to_string())));
    let (LabelTest::Has(key) | LabelTest::Is(key, _) | LabelTest::IsNot(key, _)) = known;
    let mut all: Vec<String> = labels.iter().flat_map(Labels::typed).collect();
    all.sort();
    all.dedup();
    let same_key: Vec<String> = all.iter().filter(|it| it.split('=').next() == Some(key)).cloned().collect();
    let (which, listed) = if same_key.is_empty() { ("", all) } else { (" of this name", same_key) };
    if listed.is_empty() {
        return error.hint("labels come from sources, and from `label` in the rules of the settings");
    }
    let more = match listed.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let named: Vec<String> = listed.iter().take(NAMED).map(|label| name(label)).collect();
    error.hint(format!("labels{which}: {}{more}", named.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_read_as_it_is_written() {
        let (key, value) = (|| "a".to_owned(), || "b".to_owned());
        for (text, want) in [
            ("a", LabelTest::Has(key())),
            ("a=b", LabelTest::Is(key(), value())),
            ("a==b", LabelTest::Is(key(), value())),
            ("a!=b", LabelTest::IsNot(key(), value())),
            ("a=", LabelTest::Is(key(), String::new())),
            ("a=b!=c", LabelTest::Is(key(), "b!=c".to_owned())),
        ] {
            assert_eq!(text.parse(), Ok(want), "{text}");
        }
        for text in ["", "=b", "!=b"] {
            assert!(text.parse::<LabelTest>().is_err(), "{text}");
        }
    }
}
