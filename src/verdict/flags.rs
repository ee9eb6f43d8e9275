//! Commands and flags of a tool, and how it reads its words.
//!
//! The tools are written with Go's cobra and pflag: a flag may stand anywhere before `--`, `-nfoo` and `-n=foo` are flags
//! with a value, one-letter flags can be joined, and the word after a flag that takes a value belongs to it. A table has a
//! line for each command:
//!
//! ```text
//! delete : write : all all-namespaces/A cascade? filename/f=
//! ```
//!
//! `=` marks a flag that takes a value, `?` one that takes it only after `=`, and all others are switches. The line of `*` has
//! the flags of all commands.

use super::word::Word;

/// The commands and flags of a tool.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its lines.
    pub text: &'static str,
    /// Other names of commands: the command, the name.
    pub aliases: &'static [(&'static str, &'static str)],
    /// `_` counts as `-` in the names of flags.
    pub underscores: bool,
}

/// The value of a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// It is a switch.
    None,
    /// The value can be given after `=`.
    Optional,
    /// There is one, in the next word if not in this.
    One,
}

/// One flag of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flag {
    pub(super) name: &'static str,
    short: Option<char>,
    arity: Arity,
}

/// The words of a tool, read with its table.
#[derive(Debug, Default)]
pub(super) struct Call {
    /// The command, such as `rollout undo`.
    pub(super) path: String,
    /// Its class in the table; empty if there is no such command.
    pub(super) class: &'static str,
    /// The flags with their values.
    pub(super) flags: Vec<(&'static str, Option<Word>)>,
    /// The other words, without those of the command.
    pub(super) operands: Vec<Word>,
    /// The number of operands before `--`, if it is there.
    pub(super) dash: Option<usize>,
    /// A flag that the table does not have.
    pub(super) strange: Option<String>,
    /// A word that is not known may be a flag, or several words.
    pub(super) open: bool,
    /// It is not even known what the command is.
    pub(super) lost: bool,
}

impl Table {
    fn line(&self, path: &str) -> Option<(&'static str, &'static str)> {
        self.text.lines().find_map(|line| {
            let rest = line.strip_prefix(path)?.strip_prefix(" : ")?;
            Some(rest.split_once(" :").unwrap_or((rest, "")))
        })
    }

    /// All commands: their names and classes.
    pub fn commands(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let parts = |line: &'static str| {
            let (path, rest) = line.split_once(" : ")?;
            Some((path, rest.split_once(" :").map_or(rest, |(class, _)| class)))
        };
        self.text.lines().filter_map(parts).filter(|(path, _)| *path != "*")
    }

    /// What follows this flag of a command, by its long or its one-letter name; `None` if it has no such flag.
    #[must_use]
    pub fn arity(&self, path: &str, name: &str) -> Option<Arity> {
        let is = |flag: &Flag| flag.name == name || flag.short.is_some_and(|short| name == short.to_string());
        self.flags(path).find(is).map(|flag| flag.arity)
    }

    /// The flags of a command, its own first.
    fn flags(&self, path: &str) -> impl Iterator<Item = Flag> {
        let own = self.line(path).map_or("", |(_, flags)| flags);
        let all = self.line("*").map_or("", |(_, flags)| flags);
        own.split_ascii_whitespace().chain(all.split_ascii_whitespace()).map(flag)
    }

    fn long(&self, path: &str, name: &str) -> Option<Flag> {
        let name = if self.underscores { name.replace('_', "-") } else { name.to_owned() };
        self.flags(path).find(|flag| flag.name == name)
    }

    fn short(&self, path: &str, letter: char) -> Option<Flag> {
        self.flags(path).find(|flag| flag.short == Some(letter))
    }

    fn class(&self, path: &str) -> &'static str {
        if path.is_empty() { "" } else { self.line(path).map_or("", |(class, _)| class) }
    }

    fn has_subs(&self, path: &str) -> bool {
        self.commands().any(|(other, _)| other.strip_prefix(path).is_some_and(|rest| rest.starts_with(' ')))
    }

    /// The subcommand of this name.
    fn sub(&self, path: &str, name: &str) -> Option<String> {
        if name == "*" || name.contains([' ', ':']) {
            return None;
        }
        let full = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path} {name}") };
        let called = full(name);
        let alias =
            self.aliases.iter().find(|(_, alias)| *alias == called).map(|(name, _)| (*name).to_owned());
        alias.or(Some(called)).filter(|called| self.line(called).is_some())
    }

    /// Reads the words after the tool's name.
    pub(super) fn read(&self, words: &[Word]) -> Call {
        let mut call = Call::default();
        let mut rest: Vec<Word> = words.to_vec();
        while call.path.is_empty() || self.has_subs(&call.path) {
            match self.next_name(&call.path, &rest) {
                // A command of its own, whatever its subcommands are: the words that are not known count as operands.
                Next::Lost => {
                    call.lost = matches!(self.class(&call.path), "" | "group");
                    break;
                }
                Next::None => break,
                Next::Name(at) => {
                    let name = rest[at].known().unwrap_or_default();
                    let Some(path) = self.sub(&call.path, name) else { break };
                    call.path = path;
                    rest.remove(at);
                }
            }
        }
        call.class = self.class(&call.path);
        self.parse(&rest, &mut call);
        call
    }

    /// The first word that is neither a flag nor the value of one, as cobra finds it: a flag that it does not know takes the
    /// next word.
    fn next_name(&self, path: &str, words: &[Word]) -> Next {
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let text = word.start();
            if word.may_be_a_flag() || word.open().is_some() && text.starts_with("--") && !text.contains('=')
            {
                return Next::Lost;
            }
            if word.known() == Some("--") {
                return Next::None;
            }
            let takes_next = match text.strip_prefix("--") {
                Some(name) if !name.contains('=') => {
                    self.long(path, name).is_none_or(|flag| flag.arity == Arity::One)
                }
                Some(_) => false,
                None if text.starts_with('-') && !text.contains('=') && text.chars().count() == 2 => {
                    let letter = text.chars().nth(1).unwrap_or_default();
                    word.known().is_some()
                        && self.short(path, letter).is_none_or(|flag| flag.arity == Arity::One)
                }
                None if text.is_empty() || text.starts_with('-') => false,
                None => return if word.known().is_some() { Next::Name(at) } else { Next::Lost },
            };
            if takes_next && words.get(at + 1).is_some_and(Word::is_many) {
                return Next::Lost;
            }
            at += 1 + usize::from(takes_next);
        }
        Next::None
    }

    /// Separates flags and operands, as pflag does.
    fn parse(&self, words: &[Word], call: &mut Call) {
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let text = word.start();
            if word.known() == Some("--") {
                call.dash = Some(call.operands.len());
                call.operands.extend(words.cloned());
                return;
            }
            if word.may_be_a_flag() {
                call.open = true;
                call.operands.push(word.clone());
            } else if let Some(name) = text.strip_prefix("--") {
                let (name, value) = match name.split_once('=') {
                    Some((name, _)) => (name, Some(word.without(name.len() + 3))),
                    None => (name, None),
                };
                if value.is_none() && word.open().is_some() {
                    call.open = true;
                    continue;
                }
                let Some(flag) = self.long(&call.path, name) else {
                    call.strange.get_or_insert_with(|| format!("--{name}"));
                    continue;
                };
                let value =
                    if value.is_none() && flag.arity == Arity::One { next(&mut words, call) } else { value };
                call.open |= value.as_ref().is_some_and(Word::is_many);
                call.flags.push((flag.name, value));
            } else if text.len() > 1 && text.starts_with('-') {
                self.joined(word, &mut words, call);
            } else {
                call.open |= word.open().is_some_and(|open| open.many && open.free);
                call.operands.push(word.clone());
            }
        }
    }

    /// One-letter flags in one word.
    fn joined(&self, word: &Word, words: &mut std::slice::Iter<'_, Word>, call: &mut Call) {
        let text = word.start();
        let mut at = 1;
        while let Some(letter) = text[at..].chars().next() {
            let after = at + letter.len_utf8();
            let Some(flag) = self.short(&call.path, letter) else {
                call.strange.get_or_insert_with(|| format!("-{letter}"));
                return;
            };
            let rest = &text[after..];
            let value = match (rest.strip_prefix('='), flag.arity) {
                (Some(_), _) => Some(word.without(after + 1)),
                (None, Arity::One) if rest.is_empty() && word.open().is_none() => next(words, call),
                (None, Arity::One) => Some(word.without(after)),
                (None, _) => {
                    call.flags.push((flag.name, None));
                    // What follows may be any letters.
                    call.open |= rest.is_empty() && word.open().is_some();
                    at = after;
                    continue;
                }
            };
            call.open |= value.as_ref().is_some_and(Word::is_many);
            call.flags.push((flag.name, value));
            return;
        }
    }
}

/// The value in the next word. A tool refuses a flag without its value.
fn next(words: &mut std::slice::Iter<'_, Word>, call: &mut Call) -> Option<Word> {
    let value = words.next().cloned();
    if value.is_none() {
        call.strange.get_or_insert_with(|| "the last one, which has no value".to_owned());
    }
    value
}

enum Next {
    Name(usize),
    None,
    /// A word that is not known may be the name.
    Lost,
}

impl Call {
    /// The last value of a flag.
    pub(super) fn value(&self, name: &str) -> Option<&Word> {
        self.flags.iter().rev().find(|(flag, _)| *flag == name).and_then(|(_, value)| value.as_ref())
    }

    /// True if the flag is there, whatever its value.
    pub(super) fn has(&self, name: &str) -> bool {
        self.flags.iter().any(|(flag, _)| *flag == name)
    }

    /// True if a switch may be on: the last value decides, and one that is not known may be `true`.
    pub(super) fn may_be_on(&self, name: &str) -> bool {
        match self.flags.iter().rev().find(|(flag, _)| *flag == name) {
            None => false,
            Some((_, None)) => true,
            Some((_, Some(value))) => value.known().is_none_or(|value| !is_false(value)),
        }
    }

    /// True if a switch is on for certain.
    pub(super) fn is_on(&self, name: &str) -> bool {
        match self.flags.iter().rev().find(|(flag, _)| *flag == name) {
            None => false,
            Some((_, None)) => true,
            Some((_, Some(value))) => value.known().is_some_and(is_true),
        }
    }
}

/// Go's `strconv.ParseBool`.
pub(super) fn is_true(value: &str) -> bool {
    matches!(value, "1" | "t" | "T" | "TRUE" | "true" | "True")
}

pub(super) fn is_false(value: &str) -> bool {
    matches!(value, "0" | "f" | "F" | "FALSE" | "false" | "False")
}

fn flag(text: &'static str) -> Flag {
    let (text, arity) = match text.as_bytes().last() {
        Some(b'=') => (&text[..text.len() - 1], Arity::One),
        Some(b'?') => (&text[..text.len() - 1], Arity::Optional),
        _ => (text, Arity::None),
    };
    let (name, short) = text.split_once('/').unwrap_or((text, ""));
    Flag { name, short: short.chars().next(), arity }
}
