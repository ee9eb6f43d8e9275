//! Kubeconfigs that no list names: the files that the user's patterns find. They come after the user's own list, sorted,
//! so that nothing they hold hides what is there already.
//!
//! A file counts if it has an entry. The scanner tells, and what it has opened is handed on to the store that loads it.

use super::Overlay;
use super::opened::{Open, Opened};
use crate::env::Env;
use crate::glob::Glob;
use crate::kubeconfig::Kind;
use crate::kubeconfig::yaml::Yaml;
use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The largest file that is read as YAML of another kind, in bytes.
const LIMIT: u64 = 1 << 28;

/// Names that other tools give to files of their own.
const OTHERS: [&str; 7] =
    ["kubie.y*ml", "switch-config.y*ml", "kuberc*", "*.lock", "*.bak", "kubectx-shell-*", "kubert-*"];

/// Folders that other tools keep copies in.
const COPIES: [&str; 3] = ["cache", ".switch_tmp", "kubesess"];

/// What the patterns find.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The kubeconfigs, in the order of the patterns, those of one pattern sorted.
    pub files: Vec<PathBuf>,
    /// Files that are no YAML, and so are left out.
    pub broken: Vec<PathBuf>,
}

/// Looks for kubeconfigs: `~` and a relative pattern start at the home folder. Folders, other tools' files, files without any
/// entry and dead links are passed over. What is found is left open.
#[must_use]
pub fn find(patterns: &[String], env: &Env, opened: &Opened) -> Found {
    let mut search = Search::new(Some(opened));
    for pattern in patterns {
        for file in expand(pattern, env) {
            // It belongs to another shell's session.
            if Overlay::find(&file, env).is_none() {
                search.look_at(file);
            }
        }
    }
    search.found
}

/// Looks for kubeconfigs in a folder, but not in the folders in it.
#[must_use]
pub fn find_in(folder: &Path) -> Found {
    let mut search = Search::new(None);
    files(&folder.join("*")).into_iter().for_each(|file| search.look_at(file));
    search.found
}

struct Search<'o> {
    found: Found,
    /// The files that were looked at.
    known: HashSet<OsString>,
    others: Vec<Glob>,
    opened: Option<&'o Opened>,
}

/// What a file is.
enum Held {
    Kubeconfig,
    NoEntries,
    NoYaml,
}

impl<'o> Search<'o> {
    fn new(opened: Option<&'o Opened>) -> Search<'o> {
        let others = OTHERS.iter().map(|other| Glob::new(other)).collect();
        Search { found: Found::default(), known: HashSet::new(), others, opened }
    }

    fn look_at(&mut self, file: PathBuf) {
        if self.is_anothers(&file) || !self.known.insert(file.as_os_str().to_owned()) {
            return;
        }
        match self.held(&file) {
            Held::Kubeconfig => self.found.files.push(file),
            Held::NoEntries => {}
            Held::NoYaml => self.found.broken.push(file),
        }
    }

    fn is_anothers(&self, file: &Path) -> bool {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let mut folders = file.parent().into_iter().flat_map(Path::components).map(Component::as_os_str);
        self.others.iter().any(|other| other.matches(&name))
            || folders.any(|folder| COPIES.iter().any(|copies| folder == *copies))
    }

    /// What cannot be opened, and YAML of another kind, holds no entry.
    fn held(&self, file: &Path) -> Held {
        let Ok(mut open) = Open::new(file) else { return Held::NoEntries };
        let any = |has: &dyn Fn(Kind) -> bool| {
            if Kind::ALL.into_iter().any(has) { Held::Kubeconfig } else { Held::NoEntries }
        };
        let held = match open.index() {
            Ok(Some(index)) => any(&|kind| index.all(kind).is_some()),
            Ok(None) => match open.document() {
                Ok(document) => any(&|kind| document.names(kind).next().is_some()),
                Err(_) => match open.bytes(LIMIT).map(Yaml::parse) {
                    Ok(Err(_)) => Held::NoYaml,
                    _ => Held::NoEntries,
                },
            },
            Err(_) => Held::NoEntries,
        };
        if let (Held::Kubeconfig, Some(opened)) = (&held, self.opened) {
            opened.put_if_few(file, open);
        }
        held
    }
}

/// True if this absolute path matches one of the patterns; the disk is not accessed.
#[must_use]
pub fn would_find(patterns: &[String], path: &Path, env: &Env) -> bool {
    patterns.iter().any(|pattern| {
        let pattern = whole(pattern, env);
        pattern.components().count() == path.components().count()
            && path.components().zip(pattern.components()).all(|(own, part)| match (own, part) {
                (Component::Normal(own), Component::Normal(part)) => match (own.to_str(), part.to_str()) {
                    (Some(own), Some(part)) => fits(&Glob::new(part), part, own),
                    _ => own == part,
                },
                (own, part) => own == part,
            })
    })
}

/// The files of a pattern, sorted.
fn expand(pattern: &str, env: &Env) -> Vec<PathBuf> {
    files(&whole(pattern, env))
}

/// The pattern as an absolute path without `.`, `..` and doubled slashes, so that the files it finds have such paths, too:
/// [`would_find`] compares them part by part.
fn whole(pattern: &str, env: &Env) -> PathBuf {
    let home = env.home.as_ref().map_or(Path::new(""), Path::new);
    let below = pattern.strip_prefix("~/").map(|below| below.trim_start_matches('/'));
    env.absolute(&home.join(below.unwrap_or(pattern)))
}

/// The files whose paths fit one with `*`, `?` and `[…]` in its components, sorted.
#[must_use]
pub fn files(whole: &Path) -> Vec<PathBuf> {
    let mut paths = vec![PathBuf::new()];
    let mut components = whole.components().peekable();
    while let Some(component) = components.next() {
        let pattern = match component {
            Component::Normal(part) => part.to_str().filter(|part| part.contains(['*', '?', '['])),
            _ => None,
        };
        let is_last = components.peek().is_none();
        match pattern {
            Some(part) => paths = paths.iter().flat_map(|folder| matching(folder, part, is_last)).collect(),
            None => {
                paths.iter_mut().for_each(|path| path.push(component));
                if is_last {
                    paths.retain(|path| path.is_file());
                }
            }
        }
    }
    paths
}

/// What fits in a folder, sorted; hidden names only if the pattern begins with a dot, too.
fn matching(folder: &Path, part: &str, only_files: bool) -> Vec<PathBuf> {
    let glob = Glob::new(part);
    let is_wanted = |entry: &fs::DirEntry, name: &OsStr| {
        name.to_str().is_some_and(|name| fits(&glob, part, name)) && (!only_files || is_file(entry))
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| (entry.file_name(), entry));
    let mut names: Vec<OsString> =
        names.filter(|(name, entry)| is_wanted(entry, name)).map(|(name, _)| name).collect();
    names.sort_unstable();
    names.into_iter().map(|name| folder.join(name)).collect()
}

/// True for a file, and for a link to one. The folder tells which it is, so most often the file itself is not asked.
fn is_file(entry: &fs::DirEntry) -> bool {
    match entry.file_type() {
        Ok(kind) if kind.is_file() => true,
        Ok(kind) if kind.is_symlink() => entry.path().is_file(),
        _ => false,
    }
}

fn fits(glob: &Glob, part: &str, name: &str) -> bool {
    (!name.starts_with('.') || part.starts_with('.')) && glob.matches(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_kubeconfigs_only() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path();
        let folder = home.join("d");
        fs::create_dir_all(folder.join("folder.yaml")).unwrap();
        for (name, text) in [
            ("b.yaml", "users:\n- name: a\n  user: {}\n"),
            ("a.yaml", "contexts:\n- name: a\n  context: {}\n"),
            ("kubie.yaml", "contexts:\n- name: a\n  context: {}\n"),
            (".hidden.yaml", "contexts:\n- name: a\n  context: {}\n"),
            ("broken.yaml", "a: [\n"),
            ("other.yaml", "kind: Deployment\n"),
            ("list.yaml", "- a\n"),
            ("empty.yaml", ""),
        ] {
            fs::write(folder.join(name), text).unwrap();
        }
        let env = Env { home: Some(home.into()), ..Env::default() };
        let patterns = ["~/d/*.yaml", "~/d/a*", "~/none/*", "~/*/b.yaml", "~/d/b.yaml"].map(str::to_owned);
        let found = find(&patterns, &env, &Opened::default());
        assert_eq!(found.files, [folder.join("a.yaml"), folder.join("b.yaml")]);
        assert_eq!(found.broken, [folder.join("broken.yaml")]);
    }
}
