//! `kcx init` for a person: what the line of the hook is, which file it goes into, and writing it there.

use super::error::{Cause, Error, path};
use super::typed::typed;
use super::{World, messages, terminal};
use crate::file::{self, limits};
use crate::session::hook::{Shell, is_program};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Print the hook for a shell's start-up file
///
/// bash: `eval "$(kcx init bash)"` in ~/.bashrc · zsh: `eval "$(kcx init zsh)"` in ~/.zshrc · fish: `kcx init fish |
/// source` in ~/.config/fish/config.fish · PowerShell: `kcx init powershell | Out-String | Invoke-Expression` in
/// $PROFILE · elvish: `eval (kcx init elvish | slurp)` in rc.elv · Nushell: `kcx init nushell | save -f ~/.kcx.nu` once,
/// and `source ~/.kcx.nu` in config.nu.
///
/// Then each shell has its own context and namespace, the prompt shows them, and TAB completes their names. On a terminal
/// it prints this line, and offers to write it, instead of the hook.
#[derive(clap::Args, Debug)]
pub struct InitArgs {
    /// bash, elvish, fish, nushell, powershell or zsh [default: from $SHELL; on Windows without it PowerShell]
    #[arg(value_name = "SHELL", hide_possible_values = true)]
    pub shell: Option<Shell>,

    /// Do not change the prompt
    #[arg(long)]
    pub no_prompt: bool,

    /// Do not set up completion
    #[arg(long)]
    pub no_completions: bool,

    /// Define no function `kubectl`: without it `kubectl config set-context --current` changes a namespace for all shells
    #[arg(long)]
    pub no_kubectl: bool,

    /// Have `kubectl` and `helm`, as typed in the shell, ask before they write in a protected context. Programs and scripts
    /// that call them are not asked
    #[arg(long, conflicts_with = "no_kubectl")]
    pub guard: bool,

    /// Replace these programs: kubectx, kubens
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = ["kubectx", "kubens"],
        hide_possible_values = true)]
    pub alias: Vec<String>,

    /// Run these programs with your own KUBECONFIG, past the context of the shell: for those that look at one kubeconfig
    /// alone, such as minikube and k3d
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = program_name)]
    pub own: Vec<String>,

    /// Write the line into the shell's start-up file; `kcx undo` removes it
    #[arg(long)]
    pub install: bool,

    /// With --install: print what would change, and write nothing
    #[arg(long, requires = "install")]
    pub dry_run: bool,
}

fn program_name(name: &str) -> Result<String, &'static str> {
    match is_program(name) {
        true => Ok(name.to_owned()),
        false => Err("it must be the name of a program, of letters, digits, `-` and `_`"),
    }
}

impl InitArgs {
    /// The shell that was named, or the user's.
    ///
    /// # Errors
    /// Exit code 2 if none was named and `SHELL` is none that has a hook.
    pub(super) fn shell(&self, world: &World<'_>) -> Result<Shell, Error> {
        self.shell.or_else(|| Shell::of_user(world.env)).ok_or_else(|| {
            let why = match &world.env.shell {
                Some(shell) => format!("SHELL is {}, which has no hook", path(Path::new(shell))),
                None => "SHELL is not set".to_owned(),
            };
            let hint = "name it: `kcx init bash`, elvish, fish, nushell, powershell or zsh";
            Error::new(Cause::Usage, format!("which shell? {why}")).hint(hint)
        })
    }

    /// The line for the start-up file, with these arguments.
    fn line(&self, shell: Shell, program: &str) -> String {
        let mut call = format!("init {}", shell.name());
        for (given, flag) in [
            (self.no_prompt, " --no-prompt"),
            (self.no_completions, " --no-completions"),
            (self.no_kubectl, " --no-kubectl"),
            (self.guard, " --guard"),
        ] {
            call += if given { flag } else { "" };
        }
        if !self.alias.is_empty() {
            call += &format!(" --alias {}", self.alias.join(","));
        }
        let program = match (program, shell) {
            ("kcx", _) => "kcx".to_owned(),
            (path, Shell::Powershell) => format!("& {}", shell.quote(path)),
            (path, Shell::Nushell) => format!("^{}", shell.quote(path)),
            (path, _) => shell.quote(path),
        };
        shell.setup().0.replace(&format!("kcx init {}", shell.name()), &format!("{program} {call}"))
    }
}

/// Explains the line on a terminal, or writes it.
///
/// # Errors
/// The start-up file cannot be read or written; it is unchanged then.
pub(super) fn run(args: &InitArgs, shell: Shell, program: &str, world: &mut World<'_>) -> Result<(), Error> {
    let line = args.line(shell, program);
    let file = startup_file(shell, world);
    if !args.install {
        let text = explanation(shell, &line, file.as_deref());
        world.print(&typed(&text, world.env))?;
        let Some(file) = &file else { return Ok(()) };
        let text = content(file)?;
        if installed(shell, &text) && dead_line(shell, &text).is_none() {
            world.done(&format!("{} has such a line already", path(file)));
            return Ok(());
        }
        // The question is asked on stderr, after this.
        world.out.flush()?;
        if !terminal::can_ask(world) || !terminal::confirm(&format!("Write it into {}?", path(file)))? {
            return Ok(());
        }
    }
    let Some(file) = file else {
        let message = format!("kcx does not know where {} has its start-up file", shell.name());
        return Err(Error::new(Cause::Failed, message).hint(format!("put `{line}` into {}", shell.setup().1)));
    };
    install(shell, &line, &file, args.dry_run, world)
}

fn explanation(shell: Shell, line: &str, file: Option<&Path>) -> String {
    let file = file.map_or_else(|| shell.setup().1.to_owned(), messages::path);
    let last = match shell {
        Shell::Nushell => String::new(),
        shell => format!(" `kcx init {} --install` writes it.", shell.name()),
    };
    format!(
        "This line in {file} gives each new shell its own context and namespace:\n\n  {line}\n\n\
         The prompt shows them, and TAB completes their names.{last}\n"
    )
}

/// Appends the line to the file, unless one of its kind is there; one whose program does not exist is replaced.
fn install(shell: Shell, line: &str, file: &Path, dry_run: bool, world: &mut World<'_>) -> Result<(), Error> {
    let old = content(file)?;
    let (shown, name) = (path(file), messages::path(file));
    let dead = dead_line(shell, &old);
    if dead.is_none() && installed(shell, &old) {
        world.done(&format!("{shown} has such a line already; nothing to do"));
        return Ok(());
    }
    let mut new = old.clone();
    let hunk = match &dead {
        Some((at, range)) => {
            let gone = String::from_utf8_lossy(&old[range.clone()]).into_owned();
            new.splice(range.clone(), line.bytes());
            format!("@@ -{at} +{at} @@\n-{}\n+{line}\n", crate::printer::quote::visible(&gone))
        }
        None => {
            if new.last().is_some_and(|last| *last != b'\n') {
                new.push(b'\n');
            }
            let at = new.iter().filter(|byte| **byte == b'\n').count();
            new.extend_from_slice(format!("{line}\n").as_bytes());
            format!("@@ -{at},0 +{} @@\n+{line}\n", at + 1)
        }
    };
    world.print(&format!("--- {name}\n+++ {name}\n{hunk}"))?;
    if dry_run {
        world.done("dry run, nothing was written");
        return Ok(());
    }
    let may_replace = |now: &[u8]| match now == old {
        true => Ok(()),
        false => Err(Error::new(
            Cause::Conflict,
            format!("{shown} was changed in the meantime; nothing was written"),
        )),
    };
    world.put(file, &new, may_replace)?;
    let done = match dead {
        Some((at, _)) => format!("replaced line {at} of {shown}, whose program does not exist: the new one"),
        None => format!("added the line to {shown}: it"),
    };
    let undo = if dead.is_some() { "`kcx undo` reverts this" } else { "`kcx undo` removes it" };
    world.done(&format!("{done} takes effect in new shells; {undo}"));
    Ok(())
}

/// The first line that runs the hook of a program which does not exist: its number, and the bytes of the line.
fn dead_line(shell: Shell, text: &[u8]) -> Option<(usize, Range<usize>)> {
    let mut start = 0;
    for (at, line) in text.split(|byte| *byte == b'\n').enumerate() {
        if installed(shell, line) && missing_program(&String::from_utf8_lossy(line)).is_some() {
            return Some((at + 1, start..start + line.len()));
        }
        start += line.len() + 1;
    }
    None
}

/// The program of a line with `kcx init`, if it is named by an absolute path and does not exist.
pub(super) fn missing_program(line: &str) -> Option<PathBuf> {
    let before = &line[..line.find(" init ")?];
    let word = match before.strip_suffix(['\'', '"']) {
        Some(quoted) => &quoted[quoted.rfind(['\'', '"'])? + 1..],
        None => &before[before.rfind([' ', '(', '\t', '^', '&']).map_or(0, |at| at + 1)..],
    };
    let path = Path::new(word);
    // A variable in it is not read.
    (path.is_absolute() && !word.contains('$') && !path.exists()).then(|| path.to_owned())
}

/// True if a line, which is no comment, already runs the hook.
pub(super) fn installed(shell: Shell, text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let names: &[&str] = match shell {
        Shell::Nushell => &["init nushell", "init nu", ".kcx.nu"],
        Shell::Powershell => &["init powershell", "init pwsh"],
        _ => &[],
    };
    let own = format!("init {}", shell.name());
    text.lines().map(str::trim_start).filter(|line| !line.starts_with('#')).any(|line| {
        line.contains("kcx") && (line.contains(&own) || names.iter().any(|name| line.contains(name)))
    })
}

/// The content of a start-up file; empty if it does not exist.
pub(super) fn content(file: &Path) -> Result<Vec<u8>, Error> {
    match file::read(file, limits::SETTINGS) {
        Ok((bytes, _)) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => {
            let message = format!("cannot read {}: {}", path(file), messages::io_error(&error));
            Err(Error::new(Cause::Failed, message))
        }
    }
}

/// The start-up file of an interactive shell; `None` if only the shell knows it, or if it needs a second file.
pub(super) fn startup_file(shell: Shell, world: &World<'_>) -> Option<PathBuf> {
    let home = world.env.home.as_ref().map(PathBuf::from)?;
    let settings = || world.env.config_home.clone().unwrap_or_else(|| home.join(".config"));
    match shell {
        Shell::Bash => Some(home.join(".bashrc")),
        Shell::Elvish => Some(settings().join("elvish").join("rc.elv")),
        Shell::Fish => Some(settings().join("fish").join("config.fish")),
        Shell::Zsh => Some(world.env.zsh_folder.as_ref().unwrap_or(&home).join(".zshrc")),
        Shell::Powershell if cfg!(not(windows)) => {
            Some(settings().join("powershell").join("Microsoft.PowerShell_profile.ps1"))
        }
        Shell::Powershell | Shell::Nushell => None,
    }
}

/// The name of the note in the state folder that the tip was given.
const TIPPED: &str = "tipped";

/// Says once, after a switch of all shells on a terminal, that the hook gives each shell its own context.
pub(super) fn tip(world: &mut World<'_>) {
    let Some(state) = &world.env.state else { return };
    let note = state.join(TIPPED);
    if world.globals.quiet || !world.env.stdout_is_terminal || !world.env.stderr_is_terminal || note.exists()
    {
        return;
    }
    // A tip that could not be noted would be given each time.
    if file::create_private(state).and_then(|()| file::create_file(&note, b"")).is_ok() {
        world.hint(
            "this switched all shells; `kcx init` gives each shell its own context (this tip is given once)",
        );
    }
}
