//! Kubeconfigs that no list names: the files that the user's patterns find. They come after the user's own list, sorted,
//! so that nothing they hold hides what is there already.

use super::Overlay;
use crate::env::Env;
use crate::file;
use crate::glob::Glob;
use crate::kubeconfig::yaml::Yaml;
use crate::kubeconfig::{Document, Kind};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The largest file that is looked into, in bytes.
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
/// entry and dead links are passed over.
#[must_use]
pub fn find(patterns: &[String], env: &Env) -> Found {
    let mut found = Found::default();
    for pattern in patterns {
        let mut files = expand(pattern, env);
        // It belongs to another shell's session.
        files.retain(|file| Overlay::find(file, env).is_none());
        found.look_at(files);
    }
    found
}

/// Looks for kubeconfigs in a folder, but not in the folders in it.
#[must_use]
pub fn find_in(folder: &Path) -> Found {
    let mut found = Found::default();
    found.look_at(files(&folder.join("*")));
    found
}

impl Found {
    fn look_at(&mut self, files: Vec<PathBuf>) {
        for file in files {
            if self.files.contains(&file) || self.broken.contains(&file) || is_anothers(&file) {
                continue;
            }
            match holds_entries(&file) {
                Some(true) => self.files.push(file),
                Some(false) => {}
                None => self.broken.push(file),
            }
        }
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
    for component in whole.components() {
        let Component::Normal(part) = component else {
            paths.iter_mut().for_each(|path| path.push(component));
            continue;
        };
        match part.to_str().filter(|part| part.contains(['*', '?', '['])) {
            None => paths.iter_mut().for_each(|path| path.push(part)),
            Some(part) => paths = paths.iter().flat_map(|folder| matching(folder, part)).collect(),
        }
    }
    paths.retain(|path| path.is_file());
    paths.sort();
    paths
}

/// The names in a folder that fit; hidden ones only if the pattern begins with a dot, too.
fn matching(folder: &Path, part: &str) -> Vec<PathBuf> {
    let names = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let glob = Glob::new(part);
    let fits = |name: &str| fits(&glob, part, name);
    names.filter(|name| name.to_str().is_some_and(fits)).map(|name| folder.join(name)).collect()
}

fn fits(glob: &Glob, part: &str, name: &str) -> bool {
    (!name.starts_with('.') || part.starts_with('.')) && glob.matches(name)
}

fn is_anothers(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let parts = file.parent().into_iter().flat_map(Path::components);
    OTHERS.iter().any(|other| Glob::new(other).matches(&name))
        || parts.into_iter().any(|part| COPIES.iter().any(|copies| part.as_os_str() == *copies))
}

/// None for a file that is no YAML. What cannot be opened, and YAML of another kind, holds none.
fn holds_entries(file: &Path) -> Option<bool> {
    let Ok((bytes, _)) = file::read(file, LIMIT) else { return Some(false) };
    match Document::parse(bytes.clone()) {
        Ok(document) => Some(
            [Kind::Cluster, Kind::Context, Kind::User]
                .into_iter()
                .any(|kind| document.names(kind).next().is_some()),
        ),
        Err(_) => Yaml::parse(bytes).ok().map(|_| false),
    }
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
        let found = find(&["~/d/*.yaml".to_owned(), "~/d/a*".to_owned(), "~/none/*".to_owned()], &env);
        assert_eq!(found.files, [folder.join("a.yaml"), folder.join("b.yaml")]);
        assert_eq!(found.broken, [folder.join("broken.yaml")]);
    }
}
