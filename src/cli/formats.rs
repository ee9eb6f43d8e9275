//! The output formats of each command: what `-o` accepts, and how everything else is refused.
//!
//! A command that is not in the table has no output format.

use super::error::{Cause, Error};
use super::globals::Output;
use crate::printer::quote;

/// What `-o` is for a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Support {
    /// It prints data in these formats.
    Data(&'static [Output]),
    /// It reports what it has changed.
    Result,
    /// It writes kubeconfigs in these formats.
    Kubeconfig,
    /// It has no format: what it does instead, and a hint.
    None(&'static str, &'static str),
}

const TABLE: &[Output] = &[Output::Name, Output::Wide, Output::Json, Output::Yaml];
const DATA: &[Output] = &[Output::Name, Output::Json, Output::Yaml];
const VALUES: &[Output] = &[Output::Json, Output::Yaml];
/// One value a line.
const LINES: &[Output] = &[Output::Json];
const FINDINGS: &[Output] = &[Output::Json, Output::Yaml, Output::Sarif, Output::Github];

impl Support {
    /// The accepted formats.
    fn formats(self) -> &'static [Output] {
        match self {
            Support::Data(formats) => formats,
            Support::Result => DATA,
            Support::Kubeconfig => VALUES,
            Support::None(..) => &[],
        }
    }
}

/// What `-o` is for a command, given by its words after `kcx`.
pub(super) fn of(command: &str) -> Support {
    const CURRENT: &str = "`kcx current -o json` prints the current context";
    match command {
        // Without a command, `-o` is about the list of contexts.
        "" | "get" | "status" | "history" | "protect" | "credential list" | "settings" | "settings show" => {
            Support::Data(TABLE)
        }
        "current" | "diff" | "doctor" | "import" | "source list" | "source test" | "sync" | "version"
        | "whoami" => Support::Data(DATA),
        "credential get" | "exec" | "prompt" | "protect check" => Support::Data(VALUES),
        "lint" => Support::Data(FINDINGS),
        "copy" | "delete" | "ns" | "prune" | "rename" | "undo" | "use" => Support::Result,
        "protect lift" | "protect restore" => Support::Result,
        "credential copy" | "credential list --prune" | "credential remove" => Support::Result,
        "credential seal" | "credential set" | "credential unseal" => Support::Result,
        "export" | "merge" | "split" => Support::Kubeconfig,
        "completions" => Support::None("prints a script", "`kcx completions --help` lists the shells"),
        "credential get --part" => {
            Support::None("prints one part of a credential", "without `--part`, `-o json` prints all of them")
        }
        "exec --global" => {
            Support::None("prints what the command prints", "`kcx exec CONTEXT -o json` reports a run")
        }
        "lint --explain" => {
            Support::None("explains codes in text", "`kcx lint -o json` has the codes of findings")
        }
        "prompt --preset" => {
            Support::None("prints settings of another program", "`kcx prompt -o json` prints the values")
        }
        "source add" | "source remove" => Support::Result,
        "source script" => Support::None("prints a script", "`kcx source list -o json` lists the sources"),
        "sync --watch" => Support::Data(LINES),
        "status --watch" => Support::Data(LINES),
        "credential exec" => {
            Support::None("answers kubectl", "`kcx credential get USER -o json` prints a credential")
        }
        "edit" => Support::None("opens an editor", "`kcx history -o json` tells what was changed"),
        "env" | "init" => Support::None("prints shell code", CURRENT),
        "settings path" => Support::None("prints a path", "`kcx settings show -o json` has it too"),
        "settings edit" => {
            Support::None("opens an editor", "`kcx settings show -o json` prints the settings")
        }
        "settings schema" => {
            Support::None("prints a JSON schema", "`kcx settings show -o json` prints the settings")
        }
        "shell" => Support::None("starts a shell", "`kcx exec -o json` reports a run"),
        _ => Support::None("prints no data", CURRENT),
    }
}

/// Fails if the command does not have this format.
///
/// # Errors
/// Exit code 2.
pub(super) fn demand(command: &str, output: Output) -> Result<(), Error> {
    if of(command).formats().contains(&output) { Ok(()) } else { Err(refusal(command, word(output))) }
}

/// The error for a format that a command does not have.
pub(super) fn refusal(command: &str, output: &str) -> Error {
    let called = if command.is_empty() { "kcx".to_owned() } else { format!("kcx {command}") };
    let (message, hint) = match of(command) {
        Support::None(does, hint) => (format!("`{called}` {does} and does not support `-o`"), Some(hint)),
        support => {
            let formats = support.formats().iter().map(|it| word(*it));
            (
                format!(
                    "`{called}` does not support `-o {}`; use {}",
                    quote::visible(output),
                    one_of(formats)
                ),
                None,
            )
        }
    };
    hint.into_iter().fold(Error::new(Cause::Usage, message), Error::hint)
}

/// ``-o name`, `json` or `yaml``.
fn one_of(formats: impl Iterator<Item = &'static str>) -> String {
    let mut quoted: Vec<String> = formats.map(|format| format!("`{format}`")).collect();
    if let Some(first) = quoted.first_mut() {
        first.insert_str(1, "-o ");
    }
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

fn word(output: Output) -> &'static str {
    match output {
        Output::Name => "name",
        Output::Wide => "wide",
        Output::Json => "json",
        Output::Yaml => "yaml",
        Output::Sarif => "sarif",
        Output::Github => "github",
    }
}
