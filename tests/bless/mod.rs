//! Outcomes that are recorded in the source of a test, and `KCX_BLESS=1`, which records them again.
//!
//! `same(got, want)` compares. With the variable set it puts `got` in the place of the literal that `want` came from:
//! a literal among the arguments of the call, or the one that a `let` or `const` gives to a name among them. All of
//! that is found by the place of the call, which `#[track_caller]` tells. A text that the test computes
//! cannot be recorded, nor can one literal that is compared with two different outcomes: such a test fails as ever.

mod checks;
mod literal;

use crate::source::{Spanned, Token, closing, tokens};
use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

/// The sources of this run; `KCX_BLESS_ROOT` is another folder than the repository, for the test of this module.
static RECORDER: LazyLock<Recorder> = LazyLock::new(|| {
    let root = std::env::var_os("KCX_BLESS_ROOT").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Recorder::new(root.into())
});

/// True if what was recorded is to be recorded again.
pub(crate) fn on() -> bool {
    std::env::var_os("KCX_BLESS").is_some_and(|value| !value.is_empty() && value != "0")
}

/// Compares an outcome with what is recorded; the line break that opens the literal does not count.
#[track_caller]
pub(crate) fn same(got: &str, want: &str, what: &str) {
    compare(Location::caller(), None, got, want, what);
}

/// The same where a call has a table of outcomes: `key` is the literal in front of the one that is meant.
#[track_caller]
pub(crate) fn same_for(key: &str, got: &str, want: &str) {
    compare(Location::caller(), Some(key), got, want, key);
}

fn compare(place: &Location<'_>, key: Option<&str>, got: &str, want: &str, what: &str) {
    let is_same = got == expected(want);
    let mut hint = "`KCX_BLESS=1 cargo test --test kcx` and the name of the test records it".to_owned();
    if on() {
        let call = Call { file: place.file(), line: place.line(), column: place.column(), key };
        match RECORDER.record(&call, want, got) {
            Ok(()) => return,
            Err(why) => hint = format!("cannot be recorded: {why}"),
        }
    }
    assert!(is_same, "{what} answered\n{got}\nand not\n{}\n{hint}", expected(want));
}

/// A recorded text without the line break that opens its literal.
fn expected(want: &str) -> &str {
    want.strip_prefix('\n').unwrap_or(want)
}

/// A call that compares: where it stands, and what stands in front of the literal if it has many.
struct Call<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    key: Option<&'a str>,
}

/// The files that were compared with. Tests run in threads: all of a file's literals are kept by where they stand in the
/// text that was compiled, and the file is written from that text anew for each.
struct Recorder {
    root: PathBuf,
    files: Mutex<BTreeMap<PathBuf, Source>>,
}

struct Source {
    compiled: String,
    tokens: Vec<Spanned>,
    /// What is on disk now.
    written: String,
    outcomes: BTreeMap<usize, Recorded>,
}

struct Recorded {
    literal: Range<usize>,
    got: String,
    /// Two comparisons with this literal had different outcomes.
    is_torn: bool,
}

impl Recorder {
    fn new(root: PathBuf) -> Recorder {
        Recorder { root, files: Mutex::default() }
    }

    /// Notes an outcome, and writes it where it is not what is recorded.
    fn record(&self, call: &Call<'_>, want: &str, got: &str) -> Result<(), String> {
        let file = Path::new(call.file);
        let path = self.root.join(file.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(file));
        if !path.starts_with(&self.root) {
            return Err(format!("{} is not in {}", path.display(), self.root.display()));
        }
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if !files.contains_key(&path) {
            files.insert(path.clone(), Source::read(&path)?);
        }
        let source = files.get_mut(&path).ok_or("its source is not known")?;
        let literal = source.literal(call, want)?;
        let known = source.outcomes.entry(literal.start).or_insert_with(|| Recorded {
            literal,
            got: got.to_owned(),
            is_torn: false,
        });
        known.is_torn |= known.got != got;
        let is_torn = known.is_torn;
        source.write(&path)?;
        match is_torn {
            true => Err("the literal is compared with different outcomes".to_owned()),
            false => Ok(()),
        }
    }
}

impl Source {
    fn read(path: &Path) -> Result<Source, String> {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let outcomes = BTreeMap::new();
        Ok(Source { tokens: tokens(&text), written: text.clone(), compiled: text, outcomes })
    }

    /// Where the literal stands that a call compares with.
    fn literal(&self, call: &Call<'_>, want: &str) -> Result<Range<usize>, String> {
        let arguments = self.arguments(call).ok_or("the source is not the one that was compiled")?;
        let is_meant = |at: &usize| {
            let here = &self.tokens[*at];
            let value = |it: &Spanned, text: &str| it.token == Token::Text(text.to_owned());
            let before = self.tokens[..*at].iter().rev().find(|it| matches!(it.token, Token::Text(_)));
            value(here, want) && call.key.is_none_or(|key| before.is_some_and(|it| value(it, key)))
        };
        let mut found: Vec<usize> = arguments.clone().filter(is_meant).collect();
        if found.is_empty() {
            found = self
                .named(arguments)
                .filter(|at| self.tokens[*at].token == Token::Text(want.to_owned()))
                .collect();
        }
        match found[..] {
            [at] => Ok(self.tokens[at].range.clone()),
            [] => Err("what it is compared with is no literal of this call".to_owned()),
            _ => Err("it is compared with a literal that this call has more than once".to_owned()),
        }
    }

    /// The tokens between the parentheses of a call.
    fn arguments(&self, call: &Call<'_>) -> Option<Range<usize>> {
        let above = usize::try_from(call.line).ok()?.checked_sub(1)?;
        let line = self.compiled.split_inclusive('\n').nth(above)?;
        let before: usize = self.compiled.split_inclusive('\n').take(above).map(str::len).sum();
        let column = usize::try_from(call.column).ok()?.checked_sub(1)?;
        let start = before + line.chars().take(column).map(char::len_utf8).sum::<usize>();
        let at = self.tokens.iter().position(|it| it.range.start == start)?;
        let open = at + self.tokens[at..].iter().position(|it| it.is('('))?;
        Some(open + 1..open + closing(&self.tokens[open..])? - 1)
    }

    /// The literals that `let NAME = …` and `const NAME: … = …` give to the names among some tokens: the last before these.
    fn named(&self, arguments: Range<usize>) -> impl Iterator<Item = usize> {
        let names = self.tokens[arguments.clone()].iter().filter_map(Spanned::word);
        names.filter_map(move |name| {
            let declares = |at: &usize| {
                let [keyword, named] = [0, 1].map(|n| self.tokens.get(at + n).and_then(Spanned::word));
                matches!(keyword, Some("let" | "const")) && named == Some(name)
            };
            let of = |at: usize| {
                let behind = &self.tokens[at..];
                let equals = behind.iter().take_while(|it| !it.is(';')).position(|it| it.is('='))?;
                let literal = matches!(behind.get(equals + 1)?.token, Token::Text(_));
                literal.then_some(at + equals + 1)
            };
            let before = (0..arguments.start).rev().find(declares);
            before.or_else(|| (arguments.end..self.tokens.len()).find(declares)).and_then(of)
        })
    }

    /// The text with the outcomes that were recorded.
    fn text(&self) -> String {
        let mut text = self.compiled.clone();
        for recorded in self.outcomes.values().rev().filter(|it| !it.is_torn) {
            let place = self.tokens.iter().find(|it| it.range == recorded.literal);
            let Some(Token::Text(value)) = place.map(|it| &it.token) else { continue };
            if expected(value) != recorded.got {
                let (range, literal) =
                    literal::written(&self.compiled, recorded.literal.clone(), value, &recorded.got);
                text.replace_range(range, &literal);
            }
        }
        text
    }

    fn write(&mut self, path: &Path) -> Result<(), String> {
        let text = self.text();
        if text == self.written {
            return Ok(());
        }
        // Somebody else's change is not written over.
        let found = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        if found != self.written {
            return Err(format!("{} was changed meanwhile", path.display()));
        }
        fs::write(path, &text).map_err(|error| format!("{}: {error}", path.display()))?;
        self.written = text;
        Ok(())
    }
}
