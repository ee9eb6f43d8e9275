//! The help: commands in groups, and for each command its text, its own flags and examples.
//!
//! clap parses with the plain definitions of [`args`](super::args). Only when help or an error has to be printed is the
//! command built that is described here, so that a run without help pays nothing for it.

pub mod examples;
mod topics;

use super::args::Cli;
use super::fence::LIMITS;
use clap::{Arg, ArgAction, Command, CommandFactory};
use examples::EXAMPLES;

pub use topics::{TOPICS, topic};

/// A group of commands, by what they are for.
pub type Group = (&'static str, &'static [&'static str]);

/// The groups in the order of `kcx --help`.
pub const GROUPS: [Group; 8] = [
    ("Switch", &["use", "ns", "shell", "exec", "env", "protect"]),
    ("Look", &["get", "current", "diff", "history"]),
    ("Change", &["config", "copy", "delete", "edit", "prune", "rename", "undo"]),
    ("Check", &["lint", "doctor"]),
    ("Share", &["export", "import", "merge", "source", "split", "sync"]),
    ("Ask clusters", &["status", "whoami"]),
    ("Secrets", &["credential"]),
    ("Set up", &["init", "settings", "prompt", "completions", "demo", "version"]),
];

/// The widest help. A wider terminal does not make it easier to read.
const WIDTH: usize = 100;

/// Command lines that clap would print with the name of an argument twice.
const USAGE: [(&str, &str); 4] = [
    ("copy", "kcx copy [TYPE] OLD NEW"),
    ("delete", "kcx delete [OPTIONS] [TYPE] NAME..."),
    ("edit", "kcx edit [OPTIONS] [[TYPE] NAME]"),
    ("rename", "kcx rename [TYPE] OLD NEW"),
];

const COMMAND: &str = "{before-help}Usage: {usage}\n\n{all-args}{after-help}";

/// The command for help and errors.
///
/// ```
/// let help = kcx::cli::help::command().render_help().to_string();
/// assert!(help.contains("Switch:\n  use "), "{help}");
/// ```
#[must_use]
pub fn command() -> Command {
    let mut root = Cli::command()
        .max_term_width(WIDTH)
        .disable_help_flag(true)
        .arg(Arg::new("help").short('h').long("help").global(true).action(ArgAction::HelpShort).hide(true));
    let text = overview(&root);
    let global: Vec<String> = global_flags(&root).map(|arg| arg.get_id().to_string()).collect();
    root = root.override_help(text).mut_subcommands(|command| explained(command, None));
    for id in global {
        root = root.mut_arg(id, |arg| arg.hide(true));
    }
    root
}

/// Each command with its whole text, its flags one after the other, and its examples.
fn explained(command: Command, parent: Option<&str>) -> Command {
    let name =
        parent.map_or(command.get_name().to_owned(), |parent| format!("{parent} {}", command.get_name()));
    let about = command.get_long_about().or(command.get_about()).cloned().unwrap_or_default();
    let own = command.get_after_help().map(|text| format!("{text}\n\n")).unwrap_or_default();
    let permits = command.get_arguments().any(is_permission);
    let limits = command.get_arguments().any(is_limit);
    let mut command = command
        .before_help(about)
        .help_template(COMMAND)
        .after_help(own + &after(&name, permits, limits))
        .disable_help_flag(true)
        .disable_help_subcommand(true);
    if let Some((_, usage)) = USAGE.iter().find(|(command, _)| *command == name) {
        command = command.override_usage(*usage);
    }
    // The heading of flattened flags would also be that of the flags behind them.
    let plain = |arg: Arg| match is_permission(&arg) || is_limit(&arg) {
        true => arg.hide(true),
        false => arg.help_heading(None::<&str>),
    };
    command.mut_args(plain).mut_subcommands(|command| explained(command, Some(&name)))
}

/// True for the flags that permit a risk of an entry: they are explained together.
fn is_permission(arg: &Arg) -> bool {
    arg.get_long().is_some_and(|long| long.starts_with("allow-"))
}

/// True for the flags that limit what a program may read: they are explained together.
fn is_limit(arg: &Arg) -> bool {
    arg.get_help_heading() == Some(LIMITS)
}

fn after(command: &str, permits: bool, limits: bool) -> String {
    let mut text = String::new();
    let examples =
        EXAMPLES.iter().find(|(name, _)| *name == command).map_or([].as_slice(), |(_, lines)| lines);
    if !examples.is_empty() {
        text += "Examples:\n";
        let width = examples.iter().map(|(line, _)| line.len()).max().unwrap_or_default();
        for (line, meaning) in examples {
            text += format!("  {line:<width$}   {meaning}").trim_end();
            text.push('\n');
        }
        text.push('\n');
    }
    if limits {
        text += "`kcx help limits` lists the flags that limit reading further: --no-secrets, --namespaces, --audit …\n";
    }
    if permits {
        text += "`kcx help permissions` lists the flags that permit what an entry would do, such as run a program.\n";
    }
    text + "`kcx help flags` lists the flags that all commands have."
}

fn global_flags(root: &Command) -> impl Iterator<Item = &Arg> {
    root.get_arguments().filter(|arg| arg.is_global_set() && arg.get_id() != "help")
}

/// The text of `kcx --help`.
fn overview(root: &Command) -> String {
    let mut text = String::from(
        "kcx switches Kubernetes contexts, for one shell or for all, and edits\n\
         kubeconfigs without losing comments or order.\n\n\
         Usage: kcx [COMMAND]         kcx alone lists the contexts to choose from\n       \
         kcx NAME [-n NAMESPACE]   switches to a context; `kcx -` goes back\n",
    );
    for (title, names) in GROUPS {
        text += &format!("\n{title}:\n");
        for name in names {
            let Some(command) = root.find_subcommand(name) else { continue };
            let about = command.get_about().cloned().unwrap_or_default();
            let alias =
                command.get_visible_aliases().map(|alias| format!(" [alias: {alias}]")).collect::<String>();
            text += &format!("  {name:<11}  {about}{alias}\n");
        }
    }
    text + "\n\
        `kcx COMMAND --help` shows a command's flags and examples. `kcx help flags`\n\
        lists the flags that all commands have, `kcx help exit-codes` the exit codes.\n\
        New here? `kcx demo` shows kcx at work.\n"
}
