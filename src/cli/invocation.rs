//! The front door: what one run of kcx was called to do.
//!
//! ```text
//! words, name of the program ─► Invocation::read ─► a word of the shell hook, a completion, another program's name, …
//!                                    │
//!                    command_line::find: where the command stands
//!                                    │
//!       config ──────────────────────┼──────────── a few forms that shells run all the time ─► Command, without clap
//!   kubectl's rules read the rest    │
//!                    command_line::split: global flags, wherever they stand
//!                                    │
//!                          one parse by clap ─► Globals, Command
//! ```
//!
//! Nothing is loaded, printed or run here. A word that is no command is a context's name: `kcx NAME …` is read as
//! `kcx use NAME …`.

use super::args::{Cli, Command};
use super::command_line::{self, COMMANDS};
use super::config::{flags, surface};
use super::current::CurrentArgs;
use super::dropin;
use super::globals::{Globals, Output};
use super::ns::NsArgs;
use super::prompt::PromptArgs;
use super::use_context::{Typed, UseArgs};
use crate::credential::entry::Reference;
use crate::env::Env;
use clap::Parser;
use std::path::Path;

/// What one run of kcx was called to do.
#[derive(Debug)]
pub(super) enum Invocation {
    /// A client asks for a credential, in the words that stand in the kubeconfig. Each of its calls waits for the answer.
    CredentialExec(Reference),
    /// A shell asks what could be typed next, or kubectl does for its plugins.
    Complete {
        /// The words of the line.
        words: Vec<String>,
        /// Whether to say what the candidates are.
        describe: bool,
    },
    /// Called by another program's name, or by `kcx __as NAME …` from an alias of the hook.
    DropIn {
        /// The program.
        program: dropin::Called,
        /// Its words.
        words: Vec<String>,
    },
    /// The shell hook calls.
    Hook(Hook, Vec<String>),
    /// `kcx config …`.
    Config {
        /// The words for kubectl's rules, `config` among them.
        words: Vec<String>,
        /// kcx's own flags.
        globals: Globals,
    },
    /// One of kcx's own commands; none lists the contexts.
    Kcx {
        /// The flags that all commands take.
        globals: Globals,
        /// The command.
        command: Option<Command>,
    },
    /// clap runs nothing: it prints help, or tells what is wrong.
    Explain {
        /// What it says.
        answer: clap::Error,
        /// What was called.
        called: Called,
    },
}

/// What the shell hook calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hook {
    /// `kcx __sync`: a kubeconfig has changed.
    Sync,
    /// `kcx __leave`: the shell ends.
    Leave,
    /// `kcx __session`: a shell begins.
    Session,
}

/// What was called where clap could not read the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Called {
    /// A command.
    Command,
    /// `kcx prompt`: an error would be seen at each line that is typed.
    Prompt,
    /// A word that is no command, and maybe no context either.
    Name {
        /// The word.
        name: String,
        /// The file that `--kubeconfig` names.
        kubeconfig: Option<String>,
    },
}

impl Invocation {
    /// Reads the words after the program's name.
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
            "help" => help(words, at),
            "prompt" => parsed(words, Called::Prompt),
            _ if COMMANDS.contains(&word) => parsed(words, Called::Command),
            _ => bare(word, words),
        }
    }

    /// What the journal calls the command.
    #[must_use]
    pub(super) fn called(&self) -> String {
        match self {
            Invocation::Complete { .. } => "kcx completion".to_owned(),
            Invocation::CredentialExec(_) => "kcx credential".to_owned(),
            Invocation::DropIn { program, .. } => program.name().to_owned(),
            Invocation::Hook(..) => "shell hook".to_owned(),
            Invocation::Config { words, .. } => match flags::find(words).0 {
                surface::Command::Verb(verb) => format!("kcx config {}", verb.name()),
                _ => "kcx config".to_owned(),
            },
            Invocation::Kcx { command: Some(command), .. } => command.name().to_owned(),
            // On a terminal `kcx` alone switches.
            Invocation::Kcx { command: None, .. } => "kcx use".to_owned(),
            Invocation::Explain { .. } => "kcx".to_owned(),
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

/// The name that kcx was called by, without the folder.
fn program(env: &Env) -> &str {
    let name = env.program.as_ref().and_then(|program| Path::new(program).file_name()?.to_str());
    name.map_or("", |name| name.strip_suffix(".exe").unwrap_or(name))
}

/// kubectl calls `kubectl_complete-NAME` to complete a line of its plugin NAME.
fn plugin_line(plugin: &str, words: &[String]) -> Invocation {
    let program = ["__as".to_owned(), format!("kubectl-{plugin}")];
    let program = program.into_iter().filter(|_| plugin != "kcx");
    Invocation::Complete { words: program.chain(words.iter().cloned()).collect(), describe: true }
}

/// The words that only scripts say.
fn hidden(first: &str, rest: &[String]) -> Option<Invocation> {
    let hook = |hook| Some(Invocation::Hook(hook, rest.to_vec()));
    match (first, rest) {
        ("__complete", _) => Some(Invocation::Complete { words: rest.to_vec(), describe: true }),
        ("__completeNoDesc", _) => Some(Invocation::Complete { words: rest.to_vec(), describe: false }),
        ("__as", [name, words @ ..]) => {
            let program = dropin::Called::by(Path::new(name))?;
            Some(Invocation::DropIn { program, words: words.to_vec() })
        }
        ("__sync", _) => hook(Hook::Sync),
        ("__leave", _) => hook(Hook::Leave),
        ("__session", _) => hook(Hook::Session),
        _ => None,
    }
}

/// The forms that shells run all the time: they do not pay for clap, which takes longer than all the rest.
fn without_clap(words: &[String]) -> Option<Invocation> {
    let is_name = |name: &str| name == "-" || !name.is_empty() && !name.starts_with('-');
    let switch = |name: &str, typed| {
        kcx(Some(Command::Use(UseArgs { name: Some(name.to_owned()), typed, ..UseArgs::default() })))
    };
    let words: Vec<&str> = words.iter().take(4).map(String::as_str).collect();
    Some(match words.as_slice() {
        ["prompt"] => kcx(Some(Command::Prompt(PromptArgs::default()))),
        ["use" | "ctx", name] if is_name(name) => switch(name, Typed::Use),
        ["ns", name] if is_name(name) => {
            kcx(Some(Command::Ns(NsArgs { name: Some((*name).to_owned()), ..NsArgs::default() })))
        }
        ["current", "-o" | "--output", "name"] | ["current", "-oname" | "--output=name"] => {
            let globals = Globals { output: Some(Output::Name), ..Globals::default() };
            Invocation::Kcx { globals, command: Some(Command::Current(CurrentArgs {})) }
        }
        [name] if is_name(name) && !COMMANDS.contains(name) => switch(name, typed(name)),
        _ => return None,
    })
}

/// `-` cannot have been meant as a command.
fn typed(name: &str) -> Typed {
    if name == "-" { Typed::Use } else { Typed::Bare }
}

fn config(words: &[String], at: usize) -> Invocation {
    let split = command_line::split_config(words, at);
    if split.flags.is_empty() {
        return Invocation::Config { words: split.words, globals: Globals::default() };
    }
    match Cli::try_parse_from(std::iter::once("kcx").chain(split.flags.iter().map(String::as_str))) {
        Ok(Cli { globals, .. }) => Invocation::Config { words: split.words, globals },
        Err(answer) => Invocation::Explain { answer, called: Called::Command },
    }
}

/// `kcx help config VERB` is kubectl's help; clap knows all others.
fn help(words: &[String], at: usize) -> Invocation {
    match words.get(at + 1) {
        Some(word) if word == "config" => {
            let words = words[at + 1..].iter().cloned().chain(["--help".to_owned()]).collect();
            Invocation::Config { words, globals: Globals::default() }
        }
        _ => by_clap(words, Called::Command),
    }
}

/// A context's name: the flags on both sides of it are read together, as those of `kcx use`.
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

/// The words of a command, with global flags anywhere.
fn parsed(words: &[String], called: Called) -> Invocation {
    by_clap(&command_line::split(words).joined(), called)
}

fn by_clap(words: &[impl AsRef<str>], called: Called) -> Invocation {
    match Cli::try_parse_from(std::iter::once("kcx").chain(words.iter().map(AsRef::as_ref))) {
        Ok(Cli { globals, command }) => Invocation::Kcx { globals, command },
        Err(answer) => Invocation::Explain { answer, called },
    }
}

#[cfg(test)]
#[path = "invocation_tests.rs"]
mod tests;
