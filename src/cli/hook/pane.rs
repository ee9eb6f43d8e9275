//! Tells tmux the context of a shell, for the status line or the border of its pane.

use super::super::{World, prompt};
use crate::session::pane::Pane;
use std::path::Path;
use std::process::{Command, Stdio};

/// The option of a pane.
const OPTION: &str = "@kcx";

/// Sets the option of the shell's pane, unless it has this text already.
pub(super) fn show(pane: &Pane, shell: u32, world: &World<'_>) {
    let text = prompt::for_tmux(world);
    let before = pane.set_by(shell);
    if before.as_ref() == Some(&text) {
        return;
    }
    let Some(tmux) = world.env.look_up("tmux") else { return };
    // A program that was started in a pane, such as an editor with a terminal, passes the variables on.
    if before.is_none() && !is_on_terminal(&tmux, pane) {
        return;
    }
    // tmux would take a `;` at the end for the end of a command.
    let word = match text.strip_suffix(';') {
        Some(start) => format!("{start}\\;"),
        None => text.clone(),
    };
    match run(&tmux, &["set-option", "-p", "-t", pane.id(), OPTION, &word]) {
        // The file that cannot be written costs a process at the next prompt.
        Some(_) => drop(pane.record(shell, &text)),
        None => pane.forget(),
    }
}

/// The shell ends: its context is not that of the pane any more.
pub(super) fn leave(shell: u32, world: &World<'_>) {
    let Some(pane) = Pane::of(world.env).filter(|pane| pane.set_by(shell).is_some()) else { return };
    pane.forget();
    if let Some(tmux) = world.env.look_up("tmux") {
        // The pane may be gone.
        let _ = run(&tmux, &["set-option", "-p", "-u", "-t", pane.id(), OPTION]);
    }
}

/// True if the terminal of this process is that of the pane.
fn is_on_terminal(tmux: &Path, pane: &Pane) -> bool {
    let theirs = run(tmux, &["display-message", "-p", "-t", pane.id(), "#{pane_tty}"]);
    theirs.is_some_and(|theirs| own_terminal().is_some_and(|own| own == theirs.trim_end()))
}

#[cfg(unix)]
fn own_terminal() -> Option<String> {
    let name = rustix::termios::ttyname(std::io::stdin(), Vec::new())
        .or_else(|_| rustix::termios::ttyname(std::io::stderr(), Vec::new()));
    name.ok()?.into_string().ok()
}

#[cfg(not(unix))]
fn own_terminal() -> Option<String> {
    None
}

/// What tmux prints; `None` if it fails.
fn run(tmux: &Path, words: &[&str]) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "only tmux can set the option of its pane")]
    let mut command = Command::new(tmux);
    let output = command.args(words).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
