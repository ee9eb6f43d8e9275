//! `kcx completions SHELL`: the script that teaches a shell to complete kcx's words.
//!
//! The scripts are the files in `completions/`, printed as they are. What they ask kcx for is answered elsewhere.

use super::World;
use super::error::{Cause, Error};

/// Print a completion script for bash, fish or zsh
#[derive(clap::Args, Debug)]
#[command(after_help = INSTALL)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

const INSTALL: &str = "\
Commands, flags and the names in your kubeconfigs are completed once the script is read:

  bash  `source <(kcx completions bash)` in ~/.bashrc
  fish  kcx completions fish > ~/.config/fish/completions/kcx.fish
  zsh   `source <(kcx completions zsh)` in ~/.zshrc, after compinit";

/// A shell that kcx has a script for.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// bash, 4 or later.
    Bash,
    /// fish, 3 or later.
    Fish,
    /// zsh, 5 or later.
    Zsh,
}

impl Shell {
    /// Returns the script.
    ///
    /// ```
    /// assert!(kcx::cli::completions::Shell::Zsh.script().starts_with("#compdef kcx\n"));
    /// ```
    #[must_use]
    pub fn script(self) -> &'static str {
        match self {
            Shell::Bash => include_str!("../../completions/kcx.bash"),
            Shell::Fish => include_str!("../../completions/kcx.fish"),
            Shell::Zsh => include_str!("../../completions/_kcx"),
        }
    }
}

/// Prints it.
///
/// # Errors
/// Exit code 2 with `-o`, or stdout is gone.
pub fn run(args: &CompletionsArgs, world: &mut World<'_>) -> Result<(), Error> {
    if world.globals.output.is_some() {
        return Err(Error::new(Cause::Usage, "`kcx completions` prints a script, so it has no `-o`"));
    }
    Ok(world.print(args.shell.script())?)
}

/// The script as the shell hook evaluates it: empty where the shell has none, or cannot take it there.
#[must_use]
pub(super) fn script_for_hook(shell: crate::session::hook::Shell) -> &'static str {
    match shell {
        crate::session::hook::Shell::Bash => Shell::Bash.script(),
        crate::session::hook::Shell::Fish => Shell::Fish.script(),
        crate::session::hook::Shell::Zsh => Shell::Zsh.script(),
        _ => "",
    }
}
