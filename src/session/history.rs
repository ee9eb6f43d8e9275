//! The history of switches: one line per switch, in one file of the state folder, with names only.
//!
//! It provides the target of `-`, the last namespace of a context, and the order of the picker, newest line first. Nothing
//! else depends on it, so a failure here never fails a switch. Each line is appended by one system call, so that any
//! number of shells can write at the same time; a file that has grown too long is cut to its newer half.

mod renames;

use crate::env::Env;
use crate::file;
use memchr::memmem;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The length in bytes from which the older half is removed.
const FULL: u64 = 64 << 10;

/// One switch.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct SwitchRecord {
    /// The session's id for a switch in one shell, or the kubeconfig's path for a switch in all shells.
    #[serde(rename = "in")]
    pub place: String,
    /// The context that was switched to, or whose namespace was switched.
    pub context: String,
    /// The context before; `None` if only the namespace was switched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The context's namespace after the switch; empty if it has none.
    #[serde(default)]
    pub namespace: String,
    /// The namespace before; `None` if it was not switched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// The namespace in the user's own file, for a switch of one shell that differs from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<String>,
    /// When it was recorded, in seconds since 1970; earlier versions did not record it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<u64>,
}

impl SwitchRecord {
    /// True for a switch of one shell: a session's id is no path.
    #[must_use]
    pub fn is_of_shell(&self) -> bool {
        !Path::new(&self.place).is_absolute()
    }
}

/// All recorded switches, oldest first.
#[derive(Clone, Debug, Default)]
pub struct History {
    text: Vec<u8>,
}

impl History {
    /// Reads the history; a file that cannot be read counts as empty. The switches before a rename have the new name.
    #[must_use]
    pub fn load(env: &Env) -> History {
        let path = env.state.as_ref().map(|state| state.join(FILE));
        let text = path.and_then(|path| file::read(&path, 4 * FULL).ok());
        let text = text.map(|(bytes, _)| bytes).unwrap_or_default();
        History { text: renames::applied(text) }
    }

    /// The lines that have this value in `field` and any value in the field `other`, newest first. Only these are parsed.
    fn lines<'h>(&'h self, field: &str, value: &str, other: &str) -> impl Iterator<Item = SwitchRecord> + 'h {
        let other = format!("\"{other}\":");
        let value = serde_json::to_string(value).unwrap_or_default();
        // A forward search is many times faster, and usually few lines or none have the other field.
        let some = memmem::find(&self.text, other.as_bytes()).is_some();
        let text = if some { self.text.as_slice() } else { &[] };
        let found: Vec<usize> = memmem::find_iter(text, &format!("\"{field}\":{value}")).collect();
        found.into_iter().rev().filter_map(move |found| {
            let start = memchr::memrchr(b'\n', &text[..found]).map_or(0, |at| at + 1);
            let end = found + memchr::memchr(b'\n', &text[found..])?;
            let line =
                Some(&text[start..end]).filter(|line| memmem::find(line, other.as_bytes()).is_some())?;
            // An incomplete line is skipped.
            serde_json::from_slice(line).ok()
        })
    }

    /// The contexts before the one that is current here, the latest first and each once. If `current` shows that another
    /// program has switched back since the last switch, the target of that switch comes first.
    #[must_use]
    pub fn previous_contexts(&self, place: &str, current: Option<&str>) -> Vec<String> {
        let mut lines = self.lines("in", place, "from").filter_map(|line| Some((line.from?, line.context)));
        let Some((from, to)) = lines.next() else { return Vec::new() };
        let current = current.unwrap_or(&to);
        let back = Some(to.clone()).filter(|_| from == current);
        let mut found: Vec<String> = Vec::new();
        for name in back.into_iter().chain([from]).chain(lines.map(|(from, _)| from)) {
            if !name.is_empty() && name != current && !found.contains(&name) {
                found.push(name);
            }
        }
        found
    }

    /// The context before the last switch here; `None` if there was none.
    #[must_use]
    pub fn previous_context(&self, place: &str, current: Option<&str>) -> Option<String> {
        self.previous_contexts(place, current).into_iter().next()
    }

    /// All switches, the latest first.
    pub fn switches(&self) -> impl Iterator<Item = SwitchRecord> + '_ {
        self.text.split(|byte| *byte == b'\n').rev().filter_map(|line| serde_json::from_slice(line).ok())
    }

    /// The namespace of a context before its last switch in this place; empty if it had none.
    #[must_use]
    pub fn previous_namespace(&self, place: &str, context: &str) -> Option<String> {
        self.lines("context", context, "was").filter(|line| line.place == place).find_map(|line| line.was)
    }

    /// The namespace that any shell last used in a context, unless the context's own entry has been changed since.
    #[must_use]
    pub fn last_namespace(&self, context: &str, own: &str) -> Option<String> {
        let last = self.lines("context", context, "was").find(|line| line.was.is_some())?;
        (last.own.as_deref() == Some(own)).then_some(last.namespace)
    }

    /// The namespace of a context after its last switch in any shell.
    #[must_use]
    pub fn namespace(&self, context: &str) -> Option<String> {
        self.lines("context", context, "namespace").next().map(|line| line.namespace)
    }

    /// The last switch of any shell; `None` if that shell has followed the kubeconfig since.
    #[must_use]
    pub fn last_of_shells(&self) -> Option<SwitchRecord> {
        self.switches().find(SwitchRecord::is_of_shell).filter(|last| !last.context.is_empty())
    }

    /// All contexts that were switched to, the latest first.
    #[must_use]
    pub fn recent_contexts(&self) -> Vec<String> {
        let mut seen = std::collections::HashSet::new();
        let contexts = self.switches().map(|line| line.context);
        contexts.filter(|context| !context.is_empty() && seen.insert(context.clone())).collect()
    }

    /// All namespaces that were used in a context, the latest first.
    #[must_use]
    pub fn recent_namespaces(&self, context: &str) -> Vec<String> {
        let mut seen = std::collections::HashSet::new();
        let names = self
            .lines("context", context, "namespace")
            .flat_map(|line| [Some(line.namespace), line.was])
            .flatten();
        names.filter(|name| !name.is_empty() && seen.insert(name.clone())).collect()
    }
}

/// Appends a switch.
///
/// # Errors
/// The state folder cannot be written.
pub fn append(env: &Env, line: &SwitchRecord) -> io::Result<()> {
    let at = SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs());
    append_line(env, &SwitchRecord { at, ..line.clone() })
}

/// Records that kcx has renamed a context of the kubeconfigs `files`.
///
/// # Errors
/// The state folder cannot be written.
pub fn append_rename(env: &Env, files: &[PathBuf], from: &str, to: &str) -> io::Result<()> {
    // Without a history there is no name to replace.
    match env.state.as_ref().is_some_and(|state| state.join(FILE).exists()) {
        true => append_line(env, &renames::RenameRecord::new(env, files, from, to)),
        false => Ok(()),
    }
}

fn append_line(env: &Env, line: &impl Serialize) -> io::Result<()> {
    let Some(path) = env.state.as_ref().map(|state| state.join(FILE)) else { return Ok(()) };
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    let length = match file::append(&path, &bytes) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if let Some(folder) = path.parent() {
                file::create_private(folder)?;
            }
            file::append(&path, &bytes)?
        }
        appended => appended?,
    };
    if length > FULL { shorten(&path) } else { Ok(()) }
}

/// The key for switches of all shells: the path of the file whose `current-context` counts.
#[must_use]
pub fn place_of_file(env: &Env, file: &Path) -> String {
    env.absolute(file).to_string_lossy().into_owned()
}

const FILE: &str = "history.jsonl";

/// Removes the older half. Lines that other shells append between read and write are lost; a lock would cost more.
fn shorten(path: &Path) -> io::Result<()> {
    let (bytes, _) = file::read(path, 4 * FULL)?;
    let half = bytes.len() / 2;
    let start = memchr::memchr(b'\n', &bytes[half..]).map_or(bytes.len(), |at| half + at + 1);
    file::write_private(path, &bytes[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> (tempfile::TempDir, Env) {
        let dir = tempfile::tempdir().unwrap();
        let env = Env { state: Some(dir.path().join("state")), ..Env::default() };
        (dir, env)
    }

    fn switch(place: &str, from: &str, to: &str) -> SwitchRecord {
        SwitchRecord {
            place: place.into(),
            context: to.into(),
            from: Some(from.into()),
            ..SwitchRecord::default()
        }
    }

    #[test]
    fn every_shell_has_its_own_way_back() {
        let (_dir, env) = world();
        for line in [switch("s1", "a", "b"), switch("s2", "a", "c"), switch("s1", "b", "d")] {
            append(&env, &line).unwrap();
        }
        let history = History::load(&env);
        assert_eq!(history.previous_context("s1", Some("d")).as_deref(), Some("b"));
        assert_eq!(history.previous_context("s2", Some("c")).as_deref(), Some("a"));
        assert_eq!(history.previous_context("s3", Some("a")), None);
        // kubectl went back, and now `-` leads forth.
        assert_eq!(history.previous_context("s2", Some("a")).as_deref(), Some("c"));
        assert_eq!(history.recent_contexts(), ["d", "c", "b"]);
    }

    #[test]
    fn the_way_back_has_each_context_once() {
        let (_dir, env) = world();
        for (from, to) in [("a", "b"), ("b", "c"), ("c", "b"), ("b", ""), ("", "d")] {
            append(&env, &switch("s", from, to)).unwrap();
        }
        let history = History::load(&env);
        assert_eq!(history.previous_contexts("s", Some("d")), ["b", "c", "a"]);
        assert_eq!(history.previous_contexts("s", None), ["b", "c", "a"]);
        // Another program has switched to one of them, or to another one.
        assert_eq!(history.previous_contexts("s", Some("c")), ["b", "a"]);
        assert_eq!(history.previous_contexts("s", Some("e")), ["b", "c", "a"]);
        assert_eq!(history.previous_contexts("t", None), [""; 0]);
        assert!(history.switches().all(|line| line.at.is_some()) && history.switches().count() == 5);
    }

    #[test]
    fn a_namespace_comes_back_unless_the_file_says_otherwise_since() {
        let (_dir, env) = world();
        let line = SwitchRecord {
            place: "s".into(),
            context: "a\"b".into(),
            namespace: "web".into(),
            was: Some(String::new()),
            own: Some("own".into()),
            ..SwitchRecord::default()
        };
        append(&env, &line).unwrap();
        append(&env, &switch("s", "a\"b", "c")).unwrap();
        let history = History::load(&env);
        assert_eq!(history.last_namespace("a\"b", "own").as_deref(), Some("web"));
        assert_eq!(history.last_namespace("a\"b", "other"), None);
        assert_eq!(history.previous_namespace("s", "a\"b").as_deref(), Some(""));
        assert_eq!(history.previous_namespace("t", "a\"b"), None);
    }

    #[test]
    fn what_is_broken_or_too_old_is_forgotten() {
        let (_dir, env) = world();
        for at in 0..3000 {
            append(&env, &switch("s", &format!("context-{at}"), &format!("context-{}", at + 1))).unwrap();
        }
        let path = env.state.as_ref().unwrap().join(FILE);
        assert!(path.metadata().unwrap().len() <= FULL);
        file::append(&path, b"{ no line\n\xff\n").unwrap();
        let history = History::load(&env);
        assert_eq!(history.previous_context("s", Some("")).as_deref(), Some("context-2999"));
        assert!(history.recent_contexts().len() > 300);
    }
}
