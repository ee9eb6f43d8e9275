//! A terminal of the tour: an environment in which commands run.

use crate::env::Env;
use std::io::Write;
use std::path::Path;

/// kcx itself: words and environment in, the exit code out.
pub(in super::super) type Kcx = fn(&[String], &Env, &mut dyn Write, &mut dyn Write) -> i32;

/// What all terminals share.
pub(super) struct Place<'p> {
    /// The home folder of the tour.
    pub(super) home: &'p Path,
    /// kcx itself.
    pub(super) kcx: Kcx,
    /// The width of a line.
    pub(super) columns: usize,
    /// Whether to colour.
    pub(super) colors: bool,
    /// Whether kcx-credential is in the folder of this kcx.
    pub(super) has_plugin: bool,
}

impl Place<'_> {
    /// A text in this style, if colours are wanted.
    pub(super) fn styled(&self, text: &str, style: &str) -> String {
        if self.colors { format!("\x1b[{style}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// A terminal: its environment.
pub(super) struct Terminal {
    env: Env,
}

impl Terminal {
    /// One without the hook.
    pub(super) fn new(place: &Place<'_>) -> Terminal {
        let home = place.home;
        Terminal {
            env: Env {
                kuberc: Some("off".into()),
                home: Some(home.into()),
                state: Some(home.join("state")),
                config: Some(home.join("config")),
                data: Some(home.join("data")),
                parent: std::process::id(),
                no_color: !place.colors,
                columns: Some(place.columns),
                // Tables fit it. Nobody is asked: that takes stdin, too.
                stdout_is_terminal: true,
                cwd: home.to_owned(),
                temp: home.to_owned(),
                ..Env::default()
            },
        }
    }

    /// What the hook does when a shell starts: from here on the terminal has a context of its own.
    pub(super) fn begin_session(&mut self, place: &Place<'_>) {
        if self.env.session.is_some() {
            return;
        }
        let session = self.call(&format!("__session nushell {}", self.env.parent), place);
        let session: serde_json::Value = serde_json::from_str(&session).unwrap_or_default();
        let value = |name: &str| session[name].as_str().map(Into::into);
        self.env.session = value("KCX_SESSION");
        self.env.kubeconfig = value("KUBECONFIG");
    }

    /// The text that the hook puts into the prompt, with a blank behind it; empty without a session.
    pub(super) fn prompt(&self, place: &Place<'_>) -> String {
        match self.env.session {
            Some(_) => format!("{} ", self.call(&colored("prompt", place), place).trim_end()),
            None => String::new(),
        }
    }

    /// What a command prints, stdout and stderr together, as on a terminal.
    pub(super) fn run(&self, command: &str, place: &Place<'_>) -> String {
        self.call(&colored(command, place), place).replace(&*place.home.to_string_lossy(), "~")
    }

    fn call(&self, command: &str, place: &Place<'_>) -> String {
        // A shell would expand it.
        let at_home = |word: &str| match word.strip_prefix("~/") {
            Some(rest) => place.home.join(rest).to_string_lossy().into_owned(),
            None => word.to_owned(),
        };
        let typed: Vec<String> = command.split(' ').map(at_home).collect();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        (place.kcx)(&typed, &self.env, &mut out, &mut err);
        out.extend(err);
        String::from_utf8_lossy(&out).into_owned()
    }
}

/// The command with the flag for colours, which no screen shows.
fn colored(command: &str, place: &Place<'_>) -> String {
    format!("--color {} {command}", if place.colors { "always" } else { "never" })
}
