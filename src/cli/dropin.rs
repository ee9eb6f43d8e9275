//! kcx under another program's name: `kubectx`, `kubens`, and kubectl's plugins `ctx` and `ns`.
//!
//! Flags, messages, streams and exit codes are those of kubectx and kubens. The work is done by kcx's own commands: in a
//! shell with the hook only that shell is switched, and comments in the kubeconfig are kept. Only the list of namespaces
//! queries the cluster.

mod complete;
mod ctx;
mod legacy;
mod locked_shell;
mod natural_order;
mod ns;

use super::error::{Cause, Error};
use super::globals::Color;
use super::messages::painted;
use super::{World, terminal};
use crate::printer::quote;
use std::path::Path;

/// A program that kcx replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Program {
    Kubectx,
    Kubens,
}

/// A program, and the name it uses in its help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Called {
    program: Program,
    name: String,
}

impl Called {
    /// The program with this name or path; also as a plugin of kubectl.
    pub(super) fn by(path: &Path) -> Option<Called> {
        let name = path.file_name()?.to_str()?;
        let name = name.strip_suffix(".exe").unwrap_or(name);
        let called = |program, name: &str| Some(Called { program, name: name.to_owned() });
        match name {
            "kubectx" => called(Program::Kubectx, "kubectx"),
            "kubens" => called(Program::Kubens, "kubens"),
            "kubectl-ctx" | "kubectl-ns" => {
                let program = if name.ends_with("ctx") { Program::Kubectx } else { Program::Kubens };
                called(program, &name.replacen('-', " ", 1))
            }
            _ => None,
        }
    }

    /// The name by which it was called, for the journal: `kubectx`, `kubectl ns`.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Runs the program and returns the exit code.
    pub(super) fn run(&self, words: &[String], world: &mut World<'_>) -> i32 {
        // These programs print their own messages.
        world.globals.quiet = true;
        if world.env.kubectx_colors {
            world.globals.color = Color::Always;
        }
        for variable in world.env.kubectx_deprecated.clone() {
            warning(&format!("{variable} environment variable is now deprecated"), world);
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let answer = match self.program {
            Program::Kubectx => ctx::run(&words, &self.name, world),
            Program::Kubens => ns::run(&words, &self.name, world),
        };
        match answer.and_then(|()| Ok(world.out.flush()?)) {
            Ok(()) => 0,
            Err(DropinError::Original(text)) => {
                let label = painted("error:", "31;1", world.colors_stderr());
                world.tell(&format!("{label} {text}\n"));
                if world.env.kubectx_debugs {
                    world.tell(&format!("[DEBUG] error: {text}\n"));
                }
                1
            }
            // Failures for which kubectx has no message, such as locks and unreadable files.
            // Their hints name flags that these programs do not have.
            Err(DropinError::Kcx(error)) => world.fail(&Error { hints: Vec::new(), ..error }).min(1),
        }
    }
}

/// A failure of such a program.
enum DropinError {
    /// With the message of the original program.
    Original(String),
    /// With kcx's message.
    Kcx(Error),
}

impl From<Error> for DropinError {
    fn from(error: Error) -> DropinError {
        DropinError::Kcx(error)
    }
}

impl From<std::io::Error> for DropinError {
    fn from(error: std::io::Error) -> DropinError {
        DropinError::Kcx(error.into())
    }
}

impl From<crate::kubeconfig::ParseError> for DropinError {
    fn from(error: crate::kubeconfig::ParseError) -> DropinError {
        DropinError::Kcx(error.into())
    }
}

/// True if these programs would open fzf.
fn asks(world: &World<'_>) -> bool {
    world.env.stdout_is_terminal && terminal::can_ask(world) && !world.env.kubectx_lists
}

/// The message of these programs for a picker that was closed without a choice.
fn not_chosen(error: Error) -> DropinError {
    match error.cause {
        Cause::Silent(_) => said("you did not choose any of the options"),
        _ => error.into(),
    }
}

fn said(text: impl Into<String>) -> DropinError {
    DropinError::Original(text.into())
}

/// Go's errors about arguments, such as `too many arguments`.
fn refuse<T>(text: impl Into<String>) -> Result<T, DropinError> {
    Err(said(text))
}

/// Prints `✔ …`, with the middle part in green.
fn success(before: &str, green: &str, after: &str, world: &mut World<'_>) {
    let colors = world.colors_stderr();
    let (tick, green) = (painted("✔", "32", colors), painted(&quote::visible(green), "32", colors));
    world.tell(&format!("{tick} {before}{green}{after}\n"));
}

fn warning(text: &str, world: &mut World<'_>) {
    let label = painted("warning:", "33;1", world.colors_stderr());
    world.tell(&format!("{label} {text}\n"));
}

/// Names, one per line; the current one is coloured on a terminal.
fn list(names: &[&str], current: &str, world: &mut World<'_>) -> std::io::Result<()> {
    let terminal = world.env.stdout_is_terminal;
    let mut lines = String::new();
    for name in names {
        let shown = if terminal { quote::visible(name) } else { (*name).into() };
        lines += &painted(&shown, "32;1", world.colors_stdout() && *name == current);
        lines.push('\n');
    }
    world.print(&lines)
}
