//! The words of a command line, read by kubectl's rules (cobra and pflag), which are not clap's.
//!
//! Finds the verb, checks every flag's value, keeps flags in the order given. Reads no file and decides nothing a verb decides.

use std::fmt;

use super::command_table::{Command, Flag, HELP, Kind, Verb};
use super::{csv, value};
use crate::printer::quote::go;

/// What was typed: a verb, its arguments and its flags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invocation {
    /// The verb; none for bare `config`.
    pub verb: Option<Verb>,
    /// The arguments, flags taken out.
    pub args: Vec<String>,
    /// The flags given.
    pub flags: Flags,
    /// Whether `--help` was asked for.
    pub help: bool,
}

/// The flags given, in order, each value already checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    given: Vec<(&'static Flag, String)>,
}

impl Flags {
    /// Tells whether the flag was given at all.
    pub fn is_given(&self, name: &str) -> bool {
        self.string(name).is_some()
    }

    /// Returns the last value given.
    pub fn string(&self, name: &str) -> Option<&str> {
        self.values(name).next_back()
    }

    /// Returns the last value given, as a boolean.
    pub fn bool(&self, name: &str) -> Option<bool> {
        value::parse_bool(self.string(name)?).ok()
    }

    /// Returns the elements of every occurrence: split as CSV for a list such as `--exec-arg`, whole for `--exec-env`.
    pub fn list(&self, name: &str) -> Vec<String> {
        let all = self.given.iter().filter(|(flag, _)| flag.name == name);
        all.flat_map(|(flag, value)| match flag.kind {
            Kind::List => csv::split(value).unwrap_or_default(),
            _ => vec![value.clone()],
        })
        .collect()
    }

    /// Returns every value given for the flag, in order and unsplit.
    pub fn values(&self, name: &str) -> impl DoubleEndedIterator<Item = &str> {
        self.given.iter().filter(move |(flag, _)| flag.name == name).map(|(_, value)| value.as_str())
    }
}

/// Why the words are no command; displays as what kubectl prints on stderr, final newline included. The exit code is 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageError {
    /// What is wrong, without `error: `.
    pub message: String,
    /// Where to look, such as `See 'kcx config view --help' for usage.`; empty when kubectl names no place.
    pub hint: String,
}

impl UsageError {
    /// Says that `command`'s flags are wrong.
    pub fn flag(message: String, command: Command) -> Self {
        Self { message, hint: format!("See '{} --help' for usage.", command.path("kcx")) }
    }

    /// Says that what was given to `command` is wrong, as `cmdutil.UsageErrorf` does.
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

/// Reads all words after the program's name; global flags may stand before `config`.
///
/// # Errors
/// kubectl's own: unknown flags, bad or missing values, unknown verbs, in the order kubectl finds them.
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

/// Like [`parse`], without these flags.
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

/// What Go's pprof knows, and `none`.
const PROFILES: &[&str] =
    &["none", "cpu", "heap", "allocs", "goroutine", "threadcreate", "block", "mutex", "trace"];

/// Arguments and flags of one command.
#[derive(Clone, Debug, Default)]
pub(super) struct Parsed {
    pub(super) args: Vec<String>,
    pub(super) flags: Flags,
}

/// Finds the command the words call and takes its names out, as cobra's `Find` does: before the verb is known, an unknown
/// flag without `=` counts as one that takes the next word.
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

/// Parses the flags of one command as pflag does; the error is its message alone.
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
        // pflag leaves go test's own flags alone.
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

/// Checks a value, with pflag's sentence around the reason.
pub(super) fn check(flag: &Flag, value: &str) -> Result<(), String> {
    value::check(flag.kind, value).map_err(|why| {
        let short = flag.short.map(|letter| format!("-{letter}, ")).unwrap_or_default();
        format!("invalid argument {} for \"{short}--{}\" flag: {why}", go(value), flag.name)
    })
}

/// pflag looks at one byte, makes it a character, and shows the first byte of that one's UTF-8 as a character.
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
