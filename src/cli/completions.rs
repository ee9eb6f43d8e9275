//! `kcx completions SHELL`: prints a shell's completion script.
//!
//! The scripts are the files in `completions/`. They call `kcx __complete` for the candidates, so they contain no names of
//! commands or flags.

use super::World;
use super::error::Error;
use crate::session::hook::Shell;

/// Print the completion script for a shell
#[derive(clap::Args, Debug)]
#[command(after_help = INSTALL)]
pub struct CompletionsArgs {
    /// bash, elvish, fish, nushell, powershell or zsh
    #[arg(value_name = "SHELL", hide_possible_values = true)]
    pub shell: Shell,
}

const INSTALL: &str = "\
The script completes commands, flags, and the names in your kubeconfigs. `kcx init` includes it; without `kcx init`:

  bash        `source <(kcx completions bash)` in ~/.bashrc
  elvish      `eval (kcx completions elvish | slurp)`
              in ~/.config/elvish/rc.elv
  fish        kcx completions fish > ~/.config/fish/completions/kcx.fish
  nushell     kcx completions nushell | save -f ~/.kcx-completions.nu,
              and `source ~/.kcx-completions.nu` in config.nu
  powershell  `kcx completions powershell | Out-String | Invoke-Expression`
              in $PROFILE
  zsh         `source <(kcx completions zsh)` in ~/.zshrc, after compinit";

/// The script for a shell.
///
/// ```
/// use kcx::session::hook::Shell;
/// assert!(kcx::cli::completions::script(Shell::Zsh).starts_with("#compdef kcx\n"));
/// ```
#[must_use]
pub fn script(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => include_str!("../../completions/kcx.bash"),
        Shell::Elvish => include_str!("../../completions/kcx.elv"),
        Shell::Fish => include_str!("../../completions/kcx.fish"),
        Shell::Nushell => include_str!("../../completions/kcx.nu"),
        Shell::Powershell => include_str!("../../completions/kcx.ps1"),
        Shell::Zsh => include_str!("../../completions/_kcx"),
    }
}

/// Prints the script.
///
/// # Errors
/// stdout is closed.
pub fn run(args: &CompletionsArgs, world: &mut World<'_>) -> Result<(), Error> {
    Ok(world.print(script(args.shell))?)
}
