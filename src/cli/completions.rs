//! `kcx completions SHELL`: the script that teaches a shell to complete kcx's words.
//!
//! The scripts are the files in `completions/`, printed as they are. What they ask kcx for is answered by
//! `kcx __complete`, so that they hold no word of kcx themselves.

use super::World;
use super::error::{Cause, Error};
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
Commands, flags, and the names in your kubeconfigs are completed once the script is read. `kcx init` reads it, too; on
its own:

  bash        `source <(kcx completions bash)` in ~/.bashrc
  elvish      `eval (kcx completions elvish | slurp)` in ~/.config/elvish/rc.elv
  fish        kcx completions fish > ~/.config/fish/completions/kcx.fish
  nushell     kcx completions nushell | save -f ~/.kcx-completions.nu, and `source ~/.kcx-completions.nu` in config.nu
  powershell  `kcx completions powershell | Out-String | Invoke-Expression` in $PROFILE
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

/// Prints it.
///
/// # Errors
/// Exit code 2 with `-o`, or stdout is gone.
pub fn run(args: &CompletionsArgs, world: &mut World<'_>) -> Result<(), Error> {
    if world.globals.output.is_some() {
        return Err(Error::new(Cause::Usage, "`kcx completions` prints a script, so it has no `-o`"));
    }
    Ok(world.print(script(args.shell))?)
}
