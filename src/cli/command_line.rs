//! Finds the command and the global flags in a command line, before the command is known.
//!
//! ```text
//! words ─► find() ─► the position of the command
//!       ─► split() ─► the command's own words, and the global flags before and after it
//! ```
//!
//! One table says which global flags exist and which of them take a value; a test compares it with clap's definitions.
//! clap parses the values. Words after `--` belong to another program and are never flags.

pub use super::command_names::COMMANDS;
use super::config::command_table;
use super::use_context::steps;

/// A flag that may precede the command.
#[derive(Debug)]
pub struct Flag {
    /// The long name, without dashes.
    pub name: &'static str,
    /// The one-letter name.
    pub short: Option<char>,
    /// True if the next word is its value unless it has `=`.
    pub takes_value: bool,
    /// The commands that have it.
    pub owner: Owner,
}

/// The commands that have a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// All commands of kcx.
    Kcx,
    /// All commands, and `kcx config` before and after its verb: flags about writing.
    Writing,
    /// All commands. kubectl has the flag too, so `kcx config` parses it by kubectl's rules.
    Kubectl,
    /// Only `kcx use`; it may precede a context's name.
    Use,
}

const fn flag(name: &'static str, short: Option<char>, takes_value: bool, owner: Owner) -> Flag {
    Flag { name, short, takes_value, owner }
}

/// The flags that may precede the command.
pub const FLAGS: [Flag; 21] = [
    flag("kubeconfig", None, true, Owner::Kubectl),
    flag("output", Some('o'), true, Owner::Kubectl),
    flag("quiet", Some('q'), false, Owner::Kcx),
    flag("color", None, true, Owner::Kcx),
    flag("yes", Some('y'), false, Owner::Kcx),
    flag("yes-i-mean", None, true, Owner::Kcx),
    flag("lock-timeout", None, true, Owner::Writing),
    flag("break-lock", None, false, Owner::Writing),
    flag("break-lock-after", None, true, Owner::Writing),
    flag("no-journal", None, false, Owner::Writing),
    flag("namespace", Some('n'), true, Owner::Use),
    flag("force", None, false, Owner::Use),
    flag("fuzzy", None, false, Owner::Use),
    flag("unset", None, false, Owner::Use),
    flag("global", None, false, Owner::Use),
    flag("session", None, false, Owner::Use),
    // Takes a value only after `=`.
    flag("allow-exec", None, false, Owner::Use),
    flag("allow-env", None, false, Owner::Use),
    flag("allow-file", None, false, Owner::Use),
    flag("allow-user", None, false, Owner::Use),
    flag("allow-cluster", None, false, Owner::Use),
];

/// One flag of the table as it was typed.
struct Typed {
    owner: Owner,
    /// `--name`, `--name=value`, `-x` or `-xvalue`.
    text: String,
    /// True if the next word is its value.
    takes_next: bool,
}

/// The flags of the table in this word: one, or a group such as `-qo`; none if it is anything else.
fn flags(word: &str) -> Option<Vec<Typed>> {
    if let Some(long) = word.strip_prefix("--") {
        let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
        let flag = FLAGS.iter().find(|flag| flag.name == name)?;
        let takes_next = flag.takes_value && value.is_none();
        return Some(vec![Typed { owner: flag.owner, text: word.to_owned(), takes_next }]);
    }
    let row = word.strip_prefix('-').filter(|row| !row.is_empty())?;
    let mut typed = Vec::new();
    for (at, letter) in row.char_indices() {
        let flag = FLAGS.iter().find(|flag| flag.short == Some(letter))?;
        if flag.takes_value {
            let (text, takes_next) = (format!("-{}", &row[at..]), row.len() == at + letter.len_utf8());
            typed.push(Typed { owner: flag.owner, text, takes_next });
            break;
        }
        typed.push(Typed { owner: flag.owner, text: format!("-{letter}"), takes_next: false });
    }
    Some(typed)
}

/// Finds the command or the context's name: the first word that is neither a flag nor a flag's value.
///
/// ```
/// use kcx::cli::command_line::find;
/// let words = ["--kubeconfig", "prompt", "-q", "use", "dev"].map(str::to_owned);
/// assert_eq!(find(&words), Some(3));
/// ```
#[must_use]
pub fn find(words: &[String]) -> Option<usize> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if word == "--" {
            return (at + 1 < words.len()).then_some(at + 1);
        }
        if !word.starts_with('-') || steps(word).is_some() {
            return Some(at);
        }
        let takes_next = match flags(word) {
            Some(typed) => typed.last().is_some_and(|flag| flag.takes_next),
            None => {
                command_table::Command::Root.takes_next(word)
                    && (is_kubectl(word) || !is_command(words.get(at + 1)))
            }
        };
        at += 1 + usize::from(takes_next);
    }
    None
}

/// kubectl takes the next word for the value of an unknown flag. If kubectl does not know the flag either, the line is
/// invalid, and the command that is named next reports it.
fn is_kubectl(word: &str) -> bool {
    let root = command_table::Command::Root;
    match word.strip_prefix("--") {
        Some(name) => root.flag(name).is_some(),
        None => word.chars().nth(1).and_then(|letter| root.shorthand(letter)).is_some(),
    }
}

fn is_command(word: Option<&String>) -> bool {
    word.is_some_and(|word| COMMANDS.contains(&word.as_str()))
}

/// The words of a command, and the global flags that were among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// The words without the flags.
    pub words: Vec<String>,
    /// The flags, each followed by its value.
    pub flags: Vec<String>,
}

impl Split {
    /// The words with the flags appended, but before `--` and the words after it.
    #[must_use]
    pub fn joined(&self) -> Vec<&str> {
        let end = self.words.iter().position(|word| word == "--").unwrap_or(self.words.len());
        let all = self.words[..end].iter().chain(&self.flags).chain(&self.words[end..]);
        all.map(String::as_str).collect()
    }
}

/// Separates the flags of all commands, in any position before `--`.
///
/// ```
/// use kcx::cli::command_line::split;
/// let words = ["--color", "never", "exec", "-q", "dev", "--", "kubectl", "-q"].map(str::to_owned);
/// let split = split(&words);
/// assert_eq!(split.words, ["exec", "dev", "--", "kubectl", "-q"]);
/// assert_eq!(split.flags, ["--color", "never", "-q"]);
/// ```
#[must_use]
pub fn split(words: &[String]) -> Split {
    take(words, |owner, _| owner != Owner::Use, |_, _| false)
}

/// Splits the words of `kcx config …` with the command at `at`: takes kcx's own flags before it, and the flags about writing
/// before and after it. All others are parsed by kubectl's rules, so that the value of a kubectl flag is never taken for a
/// flag.
#[must_use]
pub fn split_config(words: &[String], at: usize) -> Split {
    let wanted = |owner, here| owner == Owner::Writing || owner == Owner::Kcx && here < at;
    let mut command = command_table::Command::Root;
    let skips = |word: &str, here: usize| {
        if here < at {
            return here + 1 != at && command.takes_next(word);
        }
        if here == at {
            command = command_table::Command::Config;
            return false;
        }
        if let (command_table::Command::Config, Some(verb)) = (command, command_table::Verb::find(word)) {
            command = command_table::Command::Verb(verb);
        }
        command.takes_next(word)
    };
    take(words, wanted, skips)
}

/// Separates the `wanted` flags; `skips` is true for another word whose value is the next word.
fn take(
    words: &[String],
    wanted: impl Fn(Owner, usize) -> bool,
    mut skips: impl FnMut(&str, usize) -> bool,
) -> Split {
    let mut split = Split::default();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if word == "--" {
            split.words.extend_from_slice(&words[at..]);
            break;
        }
        let known = flags(word).filter(|typed| typed.iter().any(|flag| wanted(flag.owner, at)));
        let Some(typed) = known else {
            let end = (at + 1 + usize::from(skips(word, at))).min(words.len());
            split.words.extend_from_slice(&words[at..end]);
            at = end;
            continue;
        };
        at += 1;
        for flag in typed {
            let target = if wanted(flag.owner, at - 1) { &mut split.flags } else { &mut split.words };
            target.push(flag.text);
            if flag.takes_next {
                target.extend(words.get(at).cloned());
                at += 1;
            }
        }
    }
    split
}

/// The last value of a global flag, in any position before `--`.
#[must_use]
pub fn value<'w>(words: &'w [String], name: &str) -> Option<&'w str> {
    let mut found = None;
    let mut words = words.iter().take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        match word.strip_prefix("--").and_then(|rest| rest.strip_prefix(name)) {
            Some("") => found = words.next().map(String::as_str).or(found),
            Some(rest) => found = rest.strip_prefix('=').or(found),
            None => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    #[test]
    fn the_command_is_the_first_word_that_is_no_flag_and_no_value() {
        for (line, command) in [
            ("prompt", Some("prompt")),
            ("-q prompt", Some("prompt")),
            ("--color never prompt --bogus", Some("prompt")),
            ("--color=never prompt", Some("prompt")),
            ("--kubeconfig prompt use dev", Some("use")),
            ("-o json get", Some("get")),
            ("-qo json get", Some("get")),
            ("-ojson get", Some("get")),
            ("-n delete use", Some("use")),
            ("--bogus prompt", Some("prompt")),
            ("--auth-provider x config set-credentials", Some("config")),
            ("--context get config view", Some("config")),
            ("-q -y", None),
            ("--kubeconfig", None),
            ("", None),
            ("--", None),
            ("-- prod", Some("prod")),
            ("- -q", Some("-")),
            ("-q -2", Some("-2")),
            ("--global prod", Some("prod")),
            ("-n web prod", Some("prod")),
        ] {
            let line = words(line);
            assert_eq!(find(&line).map(|at| line[at].as_str()), command, "{line:?}");
        }
    }

    #[test]
    fn config_leaves_to_kubectl_what_is_kubectls() {
        for (line, rest, flags) in [
            (
                "config --lock-timeout 1m30s view --break-lock",
                "config view",
                "--lock-timeout 1m30s --break-lock",
            ),
            ("-q config view -q", "config view -q", "-q"),
            ("-qo json config view", "-o json config view", "-q"),
            ("--kubeconfig f config view", "--kubeconfig f config view", ""),
            // A token may be any word.
            (
                "config set-credentials u --token --no-journal",
                "config set-credentials u --token --no-journal",
                "",
            ),
            (
                "config set-cluster c --embed-certs --no-journal",
                "config set-cluster c --embed-certs",
                "--no-journal",
            ),
            ("config -- --break-lock", "config -- --break-lock", ""),
        ] {
            let line = words(line);
            let at = find(&line).expect("a command");
            let split = split_config(&line, at);
            assert_eq!((split.words, split.flags), (words(rest), words(flags)), "{line:?}");
        }
    }

    #[test]
    fn the_last_value_counts() {
        let line = words("--kubeconfig a use --kubeconfig=b x -- --kubeconfig c");
        assert_eq!(value(&line, "kubeconfig"), Some("b"));
        assert_eq!(value(&line, "color"), None);
    }
}
