//! Parses the command line of one run into an [`Invocation`].
//!
//! ```text
//! words, name of the program ─► Invocation::read ─► a word of the shell hook, a completion, another program's name, …
//!                                    │
//!                    command_line::find: the position of the command
//!                                    │
//!       config ──────────────────────┼──────────── a few forms that shells run very often ─► Command, without clap
//!   parsed by kubectl's rules        │
//!                    command_line::split: global flags, in any position
//!                                    │
//!                          one parse by clap ─► Globals, Command
//! ```
//!
//! Nothing is loaded, printed or run here. A word that is not a command is the name of a context: `kcx NAME …` means
//! `kcx use NAME …`.

use super::args::{Cli, Command};
use super::candidates::Form;
use super::command_line::{self, COMMANDS};
use super::config::{command_table, flags};
use super::current::CurrentArgs;
use super::dropin;
use super::globals::{Globals, Output};
use super::help;
use super::loose;
use super::ns::NsArgs;
use super::prompt::PromptArgs;
use super::protect::{CheckArgs, ProtectArgs, What};
use super::use_context::{Typed, UseArgs, steps};
use crate::credential::entry::Reference;
use crate::env::Env;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use std::path::Path;

/// The parsed command line of one run.
#[derive(Debug)]
pub(super) enum Invocation {
    /// A client requests a credential, with the arguments from the kubeconfig. This comes first because every call of the
    /// client waits for the answer.
    CredentialExec(Reference),
    /// A shell requests completions, or kubectl does for its plugin.
    Complete {
        /// The words of the command line.
        words: Vec<String>,
        /// What is printed about each candidate.
        form: Form,
    },
    /// Called by another program's name, or by `kcx __as NAME …` from an alias of the hook.
    DropIn {
        /// The program that kcx replaces.
        program: dropin::Called,
        /// Its arguments.
        words: Vec<String>,
    },
    /// A call of the shell hook, with its arguments.
    Hook(Hook, Vec<String>),
    /// `kcx config …`.
    Config {
        /// The words that are parsed by kubectl's rules, including `config`.
        words: Vec<String>,
        /// kcx's own flags.
        globals: Globals,
    },
    /// One of kcx's own commands, or none.
    Kcx {
        /// The flags that all commands take.
        globals: Globals,
        /// The command; `None` lists the contexts.
        command: Option<Command>,
    },
    /// A page of help that belongs to no command.
    Topic(String),
    /// clap prints help or an error, and nothing is run.
    Explain {
        /// The text of clap.
        answer: clap::Error,
        /// What the user called.
        called: Called,
        /// The words of the command after `kcx`.
        command: String,
    },
}

/// The calls of the shell hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hook {
    /// `kcx __sync`: a kubeconfig has changed.
    Sync,
    /// `kcx __leave`: the shell ends.
    Leave,
    /// `kcx __session`: a shell begins.
    Session,
    /// `kcx __idle`: a shell was without a command for a while.
    Idle,
    /// `kcx __guard`: a program that is to be confirmed.
    Guard,
}

/// What the user called when clap could not parse the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Called {
    /// A command.
    Command,
    /// `kcx prompt`, which prints no errors: they would appear at every prompt.
    Prompt,
    /// A word that is not a command, and may not be a context either.
    Name {
        /// The word as typed.
        name: String,
        /// The file that `--kubeconfig` names.
        kubeconfig: Option<String>,
    },
}

impl Invocation {
    /// Parses the words after the program's name.
    #[must_use]
    pub(super) fn read(words: &[String], env: &Env) -> Invocation {
        if let Some(reference) = credential_exec(words) {
            return Invocation::CredentialExec(reference);
        }
        let program = program(env);
        if let Some(plugin) = program.strip_prefix("kubectl_complete-") {
            return plugin_line(plugin, words);
        }
        if let Some(invocation) = words.split_first().and_then(|(first, rest)| hidden(first, rest)) {
            return invocation;
        }
        if let Some(program) = dropin::Called::by(Path::new(program)) {
            return Invocation::DropIn { program, words: words.to_vec() };
        }
        let Some(at) = command_line::find(words) else {
            return if words.is_empty() { kcx(None) } else { by_clap(words, Called::Command) };
        };
        if let Some(invocation) = without_clap(words) {
            return invocation;
        }
        let word = words[at].as_str();
        let is_literal = at > 0 && words[at - 1] == "--";
        match word {
            _ if is_literal => bare(word, words),
            "config" => config(words, at),
            "help" => help_page(words, at),
            // A preset is asked for by a person, who needs to see what is wrong.
            "prompt" if !words.iter().any(|word| word.starts_with("--preset")) => {
                parsed(words, Called::Prompt)
            }
            _ if COMMANDS.contains(&word) => parsed(words, Called::Command),
            _ => bare(word, words),
        }
    }

    /// True for a prompt, a verdict on a command line, a completion and the request of a client: they leave everything as it is.
    pub(super) fn only_looks(&self) -> bool {
        let silent = matches!(self, Invocation::Kcx { command: Some(command), .. } if command.only_looks());
        silent || matches!(self, Invocation::Complete { .. } | Invocation::CredentialExec(_))
    }

    /// The name of the command in the journal.
    #[must_use]
    pub(super) fn called(&self) -> String {
        match self {
            Invocation::Complete { .. } => "kcx completion".to_owned(),
            Invocation::CredentialExec(_) => "kcx credential".to_owned(),
            Invocation::DropIn { program, .. } => program.name().to_owned(),
            Invocation::Hook(..) => "shell hook".to_owned(),
            Invocation::Config { words, .. } => match flags::find(words).0 {
                command_table::Command::Verb(verb) => format!("kcx config {}", verb.name()),
                _ => "kcx config".to_owned(),
            },
            Invocation::Kcx { command: Some(command), .. } => command.name().to_owned(),
            // On a terminal, `kcx` without a command switches contexts.
            Invocation::Kcx { command: None, .. } => "kcx use".to_owned(),
            Invocation::Topic(_) | Invocation::Explain { .. } => "kcx".to_owned(),
        }
    }
}

fn kcx(command: Option<Command>) -> Invocation {
    Invocation::Kcx { globals: Globals::default(), command }
}

fn credential_exec(words: &[String]) -> Option<Reference> {
    let [first, second, rest @ ..] = words else { return None };
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    if first == "credential" && second == "exec" { Reference::parse(&rest) } else { None }
}

/// The name by which kcx was called, without its folder.
fn program(env: &Env) -> &str {
    let name = env.program.as_ref().and_then(|program| Path::new(program).file_name()?.to_str());
    name.map_or("", |name| name.strip_suffix(".exe").unwrap_or(name))
}

/// kubectl calls `kubectl_complete-NAME` to complete a line of its plugin NAME.
fn plugin_line(plugin: &str, words: &[String]) -> Invocation {
    let program = ["__as".to_owned(), format!("kubectl-{plugin}")];
    let program = program.into_iter().filter(|_| plugin != "kcx");
    Invocation::Complete { words: program.chain(words.iter().cloned()).collect(), form: Form::Described }
}

/// The hidden commands, which only scripts use.
fn hidden(first: &str, rest: &[String]) -> Option<Invocation> {
    let hook = |hook| Some(Invocation::Hook(hook, rest.to_vec()));
    match (first, rest) {
        ("__complete", _) => Some(Invocation::Complete { words: rest.to_vec(), form: Form::Described }),
        ("__completeNoDesc", _) => Some(Invocation::Complete { words: rest.to_vec(), form: Form::Names }),
        ("__completeGroups", _) => Some(Invocation::Complete { words: rest.to_vec(), form: Form::Grouped }),
        ("__as", [name, words @ ..]) => {
            let program = dropin::Called::by(Path::new(name))?;
            Some(Invocation::DropIn { program, words: words.to_vec() })
        }
        ("__sync", _) => hook(Hook::Sync),
        ("__leave", _) => hook(Hook::Leave),
        ("__session", _) => hook(Hook::Session),
        ("__idle", _) => hook(Hook::Idle),
        ("__guard", _) => hook(Hook::Guard),
        _ => None,
    }
}

/// Parses the forms that shells run very often. clap would take longer than everything else in such a run.
fn without_clap(words: &[String]) -> Option<Invocation> {
    let is_name = |name: &str| name == "-" || !name.is_empty() && !name.starts_with('-');
    let is_context = |name: &str| is_name(name) || steps(name).is_some();
    let switch = |name: &str, typed| {
        kcx(Some(Command::Use(UseArgs { name: Some(name.to_owned()), typed, ..UseArgs::default() })))
    };
    if let Some(checked) = checked(words) {
        return Some(checked);
    }
    let words: Vec<&str> = words.iter().take(4).map(String::as_str).collect();
    Some(match words.as_slice() {
        ["prompt"] => kcx(Some(Command::Prompt(PromptArgs::default()))),
        ["use" | "ctx", name] if is_context(name) => switch(name, Typed::Use),
        ["ns", name] if is_name(name) => {
            kcx(Some(Command::Ns(NsArgs { name: Some((*name).to_owned()), ..NsArgs::default() })))
        }
        ["current", "-o" | "--output", "name"] | ["current", "-oname" | "--output=name"] => {
            let globals = Globals { output: Some(Output::Name), ..Globals::default() };
            Invocation::Kcx { globals, command: Some(Command::Current(CurrentArgs {})) }
        }
        [name] if is_context(name) && !COMMANDS.contains(name) => switch(name, typed(name)),
        _ => return None,
    })
}

/// `kcx protect check`, which hooks run before each command.
fn checked(words: &[String]) -> Option<Invocation> {
    let ["protect", "check", rest @ ..] = &words.iter().map(String::as_str).collect::<Vec<_>>()[..] else {
        return None;
    };
    let (output, rest) = match rest {
        ["-o" | "--output", "json", rest @ ..] | ["-ojson" | "--output=json", rest @ ..] => {
            (Some(Output::Json), rest)
        }
        rest => (None, rest),
    };
    let args = match rest {
        ["--line", line] => CheckArgs { line: Some((*line).to_owned()), ..CheckArgs::default() },
        ["--", command @ ..] if !command.is_empty() => CheckArgs {
            command: command.iter().map(|word| (*word).to_owned()).collect(),
            ..CheckArgs::default()
        },
        _ => return None,
    };
    let globals = Globals { output, ..Globals::default() };
    let command = Some(Command::Protect(ProtectArgs { what: Some(What::Check(args)) }));
    Some(Invocation::Kcx { globals, command })
}

/// How a name was typed: `-` and `-2` cannot be misspelled commands.
fn typed(name: &str) -> Typed {
    if steps(name).is_some() { Typed::Use } else { Typed::Bare }
}

fn config(words: &[String], at: usize) -> Invocation {
    let split = command_line::split_config(words, at);
    if split.flags.is_empty() {
        return Invocation::Config { words: split.words, globals: Globals::default() };
    }
    match Cli::try_parse_from(std::iter::once("kcx").chain(split.flags.iter().map(String::as_str))) {
        Ok(Cli { globals, .. }) => Invocation::Config { words: split.words, globals },
        Err(answer) => Invocation::Explain { answer, called: Called::Command, command: "config".to_owned() },
    }
}

/// `kcx help config VERB` shows kubectl's help, `kcx help COMMAND` the same as `kcx COMMAND --help`.
fn help_page(words: &[String], at: usize) -> Invocation {
    let topic = &words[at + 1..];
    let with_flag = |words: &[String]| words.iter().cloned().chain(["--help".to_owned()]).collect::<Vec<_>>();
    match topic {
        [word, ..] if word == "config" => {
            Invocation::Config { words: with_flag(topic), globals: Globals::default() }
        }
        [word] if word == "help" => by_clap(&with_flag(&[]), Called::Command),
        [word] if let Some(text) = help::topic(word) => Invocation::Topic(text),
        _ => {
            let (names, has_commands) = named(topic);
            // clap explains a word that is not a command. Words after a command are ignored.
            let count = if has_commands { topic.len() } else { names.len() };
            by_clap(&with_flag(&topic[..count]), Called::Command)
        }
    }
}

/// A context's name: the flags before and after it are parsed together, as flags of `kcx use`.
fn bare(name: &str, words: &[String]) -> Invocation {
    let kubeconfig = command_line::value(words, "kubeconfig").map(str::to_owned);
    let words: Vec<String> = std::iter::once("use".to_owned()).chain(words.iter().cloned()).collect();
    match parsed(&words, Called::Name { name: name.to_owned(), kubeconfig }) {
        Invocation::Kcx { globals, command: Some(Command::Use(args)) } => {
            let command = Some(Command::Use(UseArgs { typed: typed(name), ..args }));
            Invocation::Kcx { globals, command }
        }
        other => other,
    }
}

/// Parses a command with global flags in any position.
fn parsed(words: &[String], called: Called) -> Invocation {
    by_clap(&command_line::split(words).joined(), called)
}

/// A switch, with whether its words are separated by `--`.
fn with_words(command: Command, words: &[impl AsRef<str>]) -> Command {
    match command {
        Command::Use(args) => {
            let is_literal = words.iter().any(|word| word.as_ref() == "--");
            Command::Use(UseArgs { is_literal, ..args })
        }
        other => other,
    }
}

fn by_clap(words: &[impl AsRef<str>], called: Called) -> Invocation {
    let kcx = || std::iter::once("kcx");
    // A command that takes one context has it, so that other words are values.
    if let Some(bound) = loose::bound(words).filter(|bound| bound.last().is_none_or(|word| word != "--"))
        && let Ok(Cli { globals, command: Some(command) }) =
            Cli::try_parse_from(kcx().chain(bound.iter().map(String::as_str)))
        && command.has_its_context()
    {
        return Invocation::Kcx { globals, command: Some(with_words(command, words)) };
    }
    match Cli::try_parse_from(kcx().chain(words.iter().map(AsRef::as_ref))) {
        // clap does not tell `--` without words behind it from no `--`.
        Ok(Cli { command: Some(Command::Shell(args)), .. })
            if args.command.is_empty() && words.last().is_some_and(|word| word.as_ref() == "--") =>
        {
            let answer = Cli::command().error(ErrorKind::MissingRequiredArgument, "");
            Invocation::Explain { answer, called, command: "shell".to_owned() }
        }
        Ok(Cli { globals, command }) => {
            let command = command.map(|mut command| {
                if let Some(allow) = command.allow_mut() {
                    allow.loose = loose::find(words);
                }
                with_words(command, words)
            });
            Invocation::Kcx { globals, command }
        }
        Err(answer) => {
            let command = command_words(words);
            Invocation::Explain { answer: explained(answer, words), called, command }
        }
    }
}

/// The words that name a command.
fn command_words(words: &[impl AsRef<str>]) -> String {
    named(words).0.join(" ")
}

/// The names of the command that these words begin with, and whether it has commands of its own.
fn named(words: &[impl AsRef<str>]) -> (Vec<String>, bool) {
    let (root, mut names) = (Cli::command(), Vec::new());
    let mut command = &root;
    for word in words.iter().map(AsRef::as_ref).skip_while(|word| word.starts_with('-')) {
        let Some(sub) = command.find_subcommand(word) else { break };
        names.push(sub.get_name().to_owned());
        command = sub;
    }
    (names, command.has_subcommands())
}

/// The same answer with the help of [`help::command`].
fn explained(answer: clap::Error, words: &[impl AsRef<str>]) -> clap::Error {
    let words = std::iter::once("kcx").chain(words.iter().map(AsRef::as_ref));
    help::command().try_get_matches_from(words).err().unwrap_or(answer)
}

#[cfg(test)]
#[path = "invocation_tests.rs"]
mod tests;
