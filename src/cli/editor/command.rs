//! The user's editor.

use super::super::error::{Cause, Error, name};
use super::super::{World, child, messages};
use crate::env::Env;
use std::path::Path;
use std::process::Command;

/// The editor command as the user wrote it.
pub(in crate::cli) struct Editor(String);

const DEFAULT: &str = if cfg!(windows) { "notepad" } else { "vi" };

impl Editor {
    /// The configured editor, or on a terminal the default one.
    ///
    /// # Errors
    /// No editor is configured, and there is no terminal for the default one.
    pub(in crate::cli) fn of(world: &World<'_>) -> Result<Editor, Error> {
        match &world.env.editor {
            Some(editor) => Ok(Editor(editor.to_string_lossy().into_owned())),
            None if world.env.stdin_is_terminal
                && world.env.stdout_is_terminal
                && !world.env.dumb_terminal =>
            {
                Ok(Editor(DEFAULT.to_owned()))
            }
            None => Err(Error::new(Cause::Failed, "there is no terminal to edit on, and no editor is set")
                .hint("EDITOR can name any program that changes the file it is given, a script too")
                .hint("`kcx config set` and `kcx config set-context` change single fields")),
        }
    }

    /// Runs the editor on a file.
    ///
    /// # Errors
    /// The editor cannot be started, or failed.
    pub(in crate::cli) fn run(&self, file: &Path, env: &Env) -> Result<(), Error> {
        let undone = "; nothing was changed";
        let code = child::run(&mut self.command(file, env)).map_err(|error| {
            let message =
                format!("cannot start the editor {}: {}{undone}", name(&self.0), messages::io_error(&error));
            Error::new(Cause::Failed, message).hint("KUBE_EDITOR, VISUAL or EDITOR names the editor")
        })?;
        match code {
            0 => Ok(()),
            code => {
                let message = format!("the editor {} ended with exit code {code}{undone}", name(&self.0));
                Err(Error::new(Cause::Failed, message))
            }
        }
    }

    /// Builds the command as git does: a command that is more than a plain word is run by the shell. The file is passed as
    /// an argument, so that its name is never evaluated.
    #[cfg(not(windows))]
    #[expect(clippy::disallowed_methods, reason = "the editor is the user's own")]
    fn command(&self, file: &Path, _env: &Env) -> Command {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@".contains(c);
        if self.0.chars().all(is_plain) {
            let mut command = Command::new(&self.0);
            command.arg(file);
            return command;
        }
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(format!("{} \"$@\"", self.0)).arg(&self.0).arg(file);
        command
    }

    /// Splits a command into words. Quotes group words; no other character is special.
    #[cfg(windows)]
    #[expect(clippy::disallowed_methods, reason = "the editor is the user's own")]
    fn command(&self, file: &Path, env: &Env) -> Command {
        let (mut words, mut quoted) = (vec![String::new()], false);
        for c in self.0.trim().chars() {
            match c {
                '"' => quoted = !quoted,
                ' ' if !quoted => words.push(String::new()),
                c => words.last_mut().into_iter().for_each(|word| word.push(c)),
            }
        }
        let mut words = words.into_iter().filter(|word| !word.is_empty());
        let mut command = Command::new(env.startable(&words.next().unwrap_or_default()));
        command.args(words).arg(file);
        command
    }
}
