//! Parses a command line by the rules of kubectl (cobra and pflag), which differ from clap's.
//!
//! Finds the verb, checks all values of flags, and keeps the order of the flags. No file is read.

use std::fmt;

use super::command_table::{Command, Flag, HELP, Kind, Verb};
use super::{csv, value};
use crate::printer::quote::go;

/// A parsed command line: the verb, its arguments and its flags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invocation {
    /// The verb; `None` for `config` without a verb.
    pub verb: Option<Verb>,
    /// The arguments, without flags.
    pub args: Vec<String>,
    /// The given flags.
    pub flags: Flags,
    /// True if `--help` was given.
    pub help: bool,
}

/// The given flags in their order, with checked values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    given: Vec<(&'static Flag, String)>,
}

impl Flags {
    /// True if the flag was given.
    pub fn is_given(&self, name: &str) -> bool {
        self.string(name).is_some()
    }

    /// The last value.
    pub fn string(&self, name: &str) -> Option<&str> {
        self.values(name).next_back()
    }

    /// The last value, as a boolean.
    pub fn bool(&self, name: &str) -> Option<bool> {
        value::parse_bool(self.string(name)?).ok()
    }

    /// The elements of all occurrences: split as CSV for a list such as `--exec-arg`, unsplit for `--exec-env`.
    pub fn list(&self, name: &str) -> Vec<String> {
        let all = self.given.iter().filter(|(flag, _)| flag.name == name);
        all.flat_map(|(flag, value)| match flag.kind {
            Kind::List => csv::split(value).unwrap_or_default(),
            _ => vec![value.clone()],
        })
        .collect()
    }

    /// All values of the flag, in order and unsplit.
    pub fn values(&self, name: &str) -> impl DoubleEndedIterator<Item = &str> {
        self.given.iter().filter(move |(flag, _)| flag.name == name).map(|(_, value)| value.as_str())
    }
}

/// An invalid command line. Its display is what kubectl prints on stderr, with the final newline. The exit code is 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageError {
    /// The error, without `error: `.
    pub message: String,
    /// The reference to the help, such as `See 'kcx config view --help' for usage.`; empty if kubectl gives none.
    pub hint: String,
}

impl UsageError {
    /// An error in the flags of `command`.
    pub fn flag(message: String, command: Command) -> Self {
        Self { message, hint: format!("See '{} --help' for usage.", command.path("kcx")) }
    }

    /// An error in the arguments of `command`, as by `cmdutil.UsageErrorf`.
    pub fn usage(message: String, command: Command) -> Self {
        Self { message, hint: format!("See '{} -h' for help and examples", command.path("kcx")) }
    }
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", self.message)?;
        if self.hint.is_empty() { Ok(()) } else { writeln!(f, "{}", self.hint) }
    }
}

impl std::error::Error for UsageError {}

/// Parses all words after the program's name; global flags may precede `config`.
///
/// # Errors
/// kubectl's errors: unknown flags, invalid or missing values, unknown verbs, in the order in which kubectl finds them.
///
/// ```
/// use kcx::cli::config::{flags::parse, command_table::Verb};
/// let words = ["-n", "dev", "config", "set-context", "a", "--user=me"].map(str::to_owned);
/// let typed = parse(&words)?;
/// assert_eq!(typed.verb, Some(Verb::SetContext));
/// assert_eq!(typed.args, ["a"]);
/// assert_eq!(typed.flags.string("namespace"), Some("dev"));
/// # Ok::<(), kcx::cli::config::flags::UsageError>(())
/// ```
pub fn parse(words: &[String]) -> Result<Invocation, UsageError> {
    parse_without(words, &[])
}

/// Like [`parse`], but `absent` flags do not exist.
///
/// # Errors
/// As [`parse`].
pub(super) fn parse_without(words: &[String], absent: &[&str]) -> Result<Invocation, UsageError> {
    let (command, words) = find(words);
    let parsed =
        parse_flags(command, &words, absent).map_err(|message| UsageError::flag(message, command))?;
    let Parsed { args, flags } = parsed;
    let verb = match command {
        Command::Verb(verb) => Some(verb),
        Command::Config | Command::Root => None,
    };
    if flags.bool("help") == Some(true) {
        return Ok(Invocation { verb, args, flags, help: true });
    }
    if let Some(profile) = flags.string("profile").filter(|profile| !PROFILES.contains(profile)) {
        return Err(UsageError { message: format!("unknown profile '{profile}'"), hint: String::new() });
    }
    if verb.is_none() && !args.is_empty() {
        let message = format!("unknown command {}", go(&args.join(" ")));
        return Err(UsageError::usage(message, command));
    }
    Ok(Invocation { verb, args, flags, help: false })
}

/// The profiles of Go's pprof, and `none`.
const PROFILES: &[&str] =
    &["none", "cpu", "heap", "allocs", "goroutine", "threadcreate", "block", "mutex", "trace"];

/// The arguments and flags of one command.
#[derive(Clone, Debug, Default)]
pub(super) struct Parsed {
    pub(super) args: Vec<String>,
    pub(super) flags: Flags,
}

/// Finds the called command and removes its names from the words, like cobra's `Find`: before the verb is known, an unknown
/// flag without `=` takes the next word as its value.
pub(in crate::cli) fn find(words: &[String]) -> (Command, Vec<String>) {
    let (mut command, mut words) = (Command::Root, words.to_vec());
    while let Some(at) = next_name(command, &words) {
        let child = match command {
            Command::Root if words[at] == "config" => Command::Config,
            Command::Config => match Verb::find(&words[at]) {
                Some(verb) => Command::Verb(verb),
                None => break,
            },
            _ => break,
        };
        words.remove(at);
        command = child;
    }
    (command, words)
}

/// Finds the first word that is neither a flag nor a flag's value.
pub(super) fn next_name(command: Command, words: &[String]) -> Option<usize> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        match word.as_str() {
            "--" => return None,
            "" => {}
            name if !name.starts_with('-') => return Some(at),
            _ => {}
        }
        at += 1 + usize::from(command.takes_next(word));
    }
    None
}

/// Parses the flags of one command like pflag. The error is only the message.
pub(super) fn parse_flags(command: Command, words: &[String], absent: &[&str]) -> Result<Parsed, String> {
    let mut reader = Reader { command, words: words.iter(), absent, parsed: Parsed::default() };
    while let Some(word) = reader.words.next() {
        match word.strip_prefix('-') {
            None | Some("") => reader.parsed.args.push(word.clone()),
            Some("-") => {
                reader.parsed.args.extend(reader.words.by_ref().cloned());
            }
            Some(rest) => match rest.strip_prefix('-') {
                Some(long) => reader.long(long)?,
                None => reader.shorts(rest)?,
            },
        }
    }
    Ok(reader.parsed)
}

struct Reader<'a> {
    command: Command,
    words: std::slice::Iter<'a, String>,
    absent: &'a [&'a str],
    parsed: Parsed,
}

impl Reader<'_> {
    fn long(&mut self, text: &str) -> Result<(), String> {
        if text.starts_with(['-', '=']) {
            return Err(format!("bad flag syntax: --{text}"));
        }
        let (name, given) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let flag = if name == HELP.name { Some(&HELP) } else { self.command.flag(name) };
        let flag = flag.filter(|flag| !self.absent.contains(&flag.name));
        let flag = flag.ok_or_else(|| format!("unknown flag: --{name}"))?;
        let value = match given {
            Some(value) => value,
            None if flag.kind == Kind::Bool => "true",
            None => self.words.next().ok_or_else(|| format!("flag needs an argument: --{name}"))?,
        };
        self.set(flag, value)
    }

    fn shorts(&mut self, text: &str) -> Result<(), String> {
        // pflag ignores the flags of `go test`.
        if text.starts_with("test.") {
            return Ok(());
        }
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let flag = if HELP.short == Some(letter) { Some(&HELP) } else { self.command.shorthand(letter) };
            let flag =
                flag.ok_or_else(|| format!("unknown shorthand flag: {} in -{rest}", quote_first_byte(rest)))?;
            let after = &rest[letter.len_utf8()..];
            let value = match after.strip_prefix('=') {
                Some(value) if !value.is_empty() => value,
                _ if flag.kind == Kind::Bool => {
                    self.set(flag, "true")?;
                    rest = after;
                    continue;
                }
                _ if !after.is_empty() => after,
                _ => {
                    let value = self.words.next();
                    value.ok_or_else(|| format!("flag needs an argument: '{letter}' in -{rest}"))?
                }
            };
            return self.set(flag, value);
        }
        Ok(())
    }

    fn set(&mut self, flag: &'static Flag, value: &str) -> Result<(), String> {
        check(flag, value)?;
        self.parsed.flags.given.push((flag, value.to_owned()));
        Ok(())
    }
}

/// Checks a value. The error has pflag's wording around the reason.
pub(super) fn check(flag: &Flag, value: &str) -> Result<(), String> {
    value::check(flag.kind, value).map_err(|why| {
        let short = flag.short.map(|letter| format!("-{letter}, ")).unwrap_or_default();
        format!("invalid argument {} for \"{short}--{}\" flag: {why}", go(value), flag.name)
    })
}

/// pflag converts one byte to a character, and quotes the first byte of its UTF-8 encoding as a character.
fn quote_first_byte(text: &str) -> String {
    let byte = text.as_bytes().first().copied().unwrap_or_default();
    let mut utf8 = [0; 4];
    let c = char::from(char::from(byte).encode_utf8(&mut utf8).as_bytes()[0]);
    let quoted = go(&c.to_string());
    match c {
        '\'' => "'\\''".to_owned(),
        '"' => "'\"'".to_owned(),
        _ => format!("'{}'", &quoted[1..quoted.len() - 1]),
    }
}

#[cfg(test)]
#[path = "flags_tests.rs"]
mod tests;
