//! The start-up file of the user's shell: where the hook is in it, and what else is.

use crate::cli::{World, init_install};
use crate::session::hook::Shell;
use std::path::PathBuf;

/// The start-up file of the user's shell.
pub(super) struct StartupFile {
    pub(super) shell: Shell,
    pub(super) path: PathBuf,
    /// The lines that are no comments, with their numbers.
    lines: Vec<(usize, String)>,
    /// The number of the line with the hook.
    pub(super) hook: Option<usize>,
}

impl StartupFile {
    /// `None` if the shell has no hook, or a start-up file that kcx does not know or cannot read.
    pub(super) fn of(world: &World<'_>) -> Option<StartupFile> {
        let shell = Shell::of_user(world.env)?;
        let path = init_install::startup_file(shell, world)?;
        let text = init_install::content(&path).ok()?;
        let text = String::from_utf8_lossy(&text);
        let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim().to_owned()));
        let lines: Vec<(usize, String)> = lines.filter(|(_, line)| !line.starts_with('#')).collect();
        let hook =
            lines.iter().find(|(_, line)| init_install::installed(shell, line.as_bytes())).map(|(at, _)| *at);
        Some(StartupFile { shell, path, lines, hook })
    }

    /// The line with the hook.
    pub(super) fn hook_line(&self) -> Option<&str> {
        let at = self.hook?;
        self.lines.iter().find(|(line, _)| *line == at).map(|(_, line)| line.as_str())
    }

    /// True if the program in the line with the hook is named by a path which does not exist.
    pub(super) fn runs_what_does_not_exist(&self) -> bool {
        self.hook_line().and_then(init_install::missing_program).is_some()
    }

    /// The number of the first line for which this holds.
    pub(super) fn find(&self, holds: impl Fn(&str) -> bool) -> Option<usize> {
        self.lines.iter().find(|(_, line)| holds(line)).map(|(at, _)| *at)
    }
}
