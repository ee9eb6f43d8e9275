//! The output of a command: data to stdout; messages, warnings, hints and errors to stderr.

use super::World;
use crate::cli::error::{Cause, Error};
use crate::cli::globals::{Color, Output};
use crate::cli::typed::typed;
use crate::printer::{json, quote, yaml};
use serde_json::Value;

impl World<'_> {
    /// Prints data.
    ///
    /// # Errors
    /// stdout is closed or full.
    pub fn print(&mut self, text: &str) -> std::io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// Prints a value as JSON or YAML. Characters that a terminal would obey, hide or reorder are escaped, in a pipe
    /// too: the value stays the same. All commands print values this way.
    ///
    /// # Errors
    /// Fails if stdout is closed or full.
    pub fn print_value(&mut self, output: Output, value: &Value) -> std::io::Result<()> {
        self.print(&if output == Output::Yaml { yaml::visible(value) } else { json::visible(value) })
    }

    /// Prints lines that may contain names: unchanged into a pipe, escaped on a terminal.
    ///
    /// # Errors
    /// stdout is closed or full.
    pub fn print_lines(&mut self, text: &str) -> std::io::Result<()> {
        if self.env.stdout_is_terminal { self.print(&quote::visible_lines(text)) } else { self.print(text) }
    }

    /// Writes lines that may contain names to stderr: unchanged into a pipe, escaped on a terminal.
    pub fn tell_lines(&mut self, text: &str) {
        if self.env.stderr_is_terminal { self.tell(&quote::visible_lines(text)) } else { self.tell(text) }
    }

    /// Prints names, one per line: unchanged into a pipe, escaped on a terminal.
    ///
    /// # Errors
    /// stdout is closed or full.
    pub fn print_names<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) -> std::io::Result<()> {
        let mut lines = String::new();
        for name in names {
            lines += &if self.env.stdout_is_terminal { quote::visible(name) } else { name.into() };
            lines.push('\n');
        }
        self.print(&lines)
    }

    /// Writes a message with its line break to stderr. A closed stderr is not an error.
    pub fn tell(&mut self, text: &str) {
        // Data that was printed before must appear first.
        let _ = self.out.flush();
        let _ = self.err.write_all(text.as_bytes());
    }

    /// Reports what was done, unless `--quiet` is set.
    pub fn done(&mut self, text: &str) {
        if !self.globals.quiet {
            let text = typed(text, self.env);
            self.tell(&format!("{text}\n"));
        }
    }

    /// Prints a warning.
    pub fn warn(&mut self, text: &str) {
        let (label, text) = (self.label("warning:", "33"), typed(text, self.env));
        self.note_warning(&text);
        self.tell(&format!("{label} {text}\n"));
    }

    /// Prints a hint what to type next.
    pub fn hint(&mut self, text: &str) {
        let (label, text) = (self.label("hint:", "36"), typed(text, self.env));
        self.tell(&format!("{label} {text}\n"));
    }

    /// Prints an error, and returns the exit code. Of one that was reported already, only the hints are printed, and
    /// nothing after a signal or a closed pipe.
    pub fn fail(&mut self, error: &Error) -> i32 {
        let mut text = match error.cause {
            Cause::Silent(0 | 128..) => return error.cause.code(),
            Cause::Silent(_) => String::new(),
            _ => {
                let message = typed(&error.message, self.env);
                format!("{} {message}\n{}", self.label("error:", "31"), error.details)
            }
        };
        for hint in &error.hints {
            text += &format!("{} {}\n", self.label("hint:", "36"), typed(hint, self.env));
        }
        if !text.is_empty() {
            self.tell(&text);
        }
        error.cause.code()
    }

    fn label(&self, label: &str, color: &str) -> String {
        if self.colors_stderr() { format!("\x1b[1;{color}m{label}\x1b[0m") } else { label.to_owned() }
    }

    /// True if messages may be coloured.
    #[must_use]
    pub fn colors_stderr(&self) -> bool {
        self.colors(self.env.stderr_is_terminal)
    }

    /// True if data may be coloured.
    #[must_use]
    pub fn colors_stdout(&self) -> bool {
        self.colors(self.env.stdout_is_terminal)
    }

    fn colors(&self, terminal: bool) -> bool {
        match self.globals.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !self.env.no_color,
        }
    }
}
