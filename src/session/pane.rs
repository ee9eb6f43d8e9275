//! The tmux pane of a shell, whose option `@kcx` has the context.
//!
//! Several shells share a pane, one in the other: the inner one has it while it runs. A file names the shell that set the
//! option last, and what it set. The hook of each shell watches this file, so that the outer shell sets its own context
//! again at its next prompt.

use crate::env::Env;
use crate::file::{self, limits};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a file stays that nobody has removed. A shell in its pane sets the option again.
const KEPT: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// A pane of tmux.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pane {
    id: String,
    file: PathBuf,
}

impl Pane {
    /// The pane that the environment names, if the user wants it to have the context.
    #[must_use]
    pub fn of(env: &Env) -> Option<Pane> {
        let (server, id) = (env.tmux.as_ref()?.to_str()?, env.tmux_pane.as_ref()?.to_str()?);
        // `SOCKET,PID,SESSION` and `%NUMBER`.
        let pid = server.rsplit(',').nth(1)?;
        let number = id.strip_prefix('%')?;
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(pid) || !is_number(number) {
            return None;
        }
        let file = folder(env)?.join(format!("{pid}-{number}"));
        Some(Pane { id: id.to_owned(), file })
    }

    /// The name of the pane for tmux.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The file that changes when another shell sets the option.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// What this shell set, if it was the last one.
    #[must_use]
    pub fn set_by(&self, shell: u32) -> Option<String> {
        let text = String::from_utf8(file::read(&self.file, limits::STATE).ok()?.0).ok()?;
        let (pid, text) = text.split_once('\n')?;
        (pid.parse() == Ok(shell)).then(|| text.to_owned())
    }

    /// Records what this shell has set.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn record(&self, shell: u32, text: &str) -> io::Result<()> {
        file::create_private(self.file.parent().unwrap_or(Path::new("")))?;
        file::write_private(&self.file, format!("{shell}\n{text}").as_bytes())
    }

    /// Forgets it: the next prompt of any shell in the pane sets the option.
    pub fn forget(&self) {
        // Otherwise a shell with the same process id would take it for its own.
        let _ = file::remove_file(&self.file);
    }
}

/// Removes the files of shells that were killed.
pub fn sweep(env: &Env) {
    let entries = folder(env).and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        if file::age(&path).is_some_and(|age| age > KEPT) {
            // The next sweep tries again.
            let _ = file::remove_file(&path);
        }
    }
}

fn folder(env: &Env) -> Option<PathBuf> {
    Some(env.state.as_ref()?.join("panes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_tmux_sets_names_a_pane() {
        let pane = |tmux: &str, pane: &str| {
            let env = Env {
                tmux: Some(tmux.into()),
                tmux_pane: Some(pane.into()),
                state: Some("s".into()),
                ..Env::default()
            };
            Pane::of(&env).map(|pane| pane.file)
        };
        assert_eq!(pane("/tmp/tmux-0/de,fault,12,0", "%3"), Some("s/panes/12-3".into()));
        for (tmux, id) in
            [("", "%3"), ("/tmp/default", "%3"), ("/t,x,0", "%3"), ("/t,1,0", "3"), ("/t,1,0", "%../x")]
        {
            assert_eq!(pane(tmux, id), None, "{tmux} {id}");
        }
    }
}
