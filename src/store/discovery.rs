//! Finds kubeconfigs by the user's patterns. They are loaded after the files of `KUBECONFIG`, so that their entries never
//! hide existing ones.
//!
//! A file counts if it has an entry. The scanner determines that, and the store that loads the file reuses the open file.

use super::Overlay;
use super::open_files::{OpenFile, OpenFiles};
use super::precedence::home_file;
use crate::env::Env;
use crate::file::limits;
use crate::glob::Glob;
use crate::kubeconfig::Kind;
use crate::kubeconfig::yaml::Yaml;
use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Component, Path, PathBuf, is_separator};

/// Names of files that belong to other tools.
const OTHERS: [&str; 7] =
    ["kubie.y*ml", "switch-config.y*ml", "kuberc*", "*.lock", "*.bak", "kubectx-shell-*", "kubert-*"];

/// Folders in which other tools keep copies of kubeconfigs.
const COPIES: [&str; 3] = ["cache", ".switch_tmp", "kubesess"];

/// The files that the patterns find.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The kubeconfigs, in the order of the patterns; the files of one pattern are sorted.
    pub files: Vec<PathBuf>,
    /// Files that are not valid YAML; they are skipped.
    pub broken: Vec<PathBuf>,
}

/// Finds kubeconfigs: `~` and a relative pattern start at the home folder. Folders, files of other tools, files without
/// entries and dangling symbolic links are skipped. The files found stay open for the load.
#[must_use]
pub fn find(patterns: &[String], env: &Env, open_files: &OpenFiles) -> Found {
    let mut search = Search::new(Some(open_files));
    for pattern in patterns {
        for file in expand(pattern, env) {
            // The overlay of another shell's session is not one of the user's kubeconfigs.
            if Overlay::find(&file, env).is_none() {
                search.look_at(file);
            }
        }
    }
    search.found
}

/// Finds kubeconfigs in a folder, without its subfolders.
#[must_use]
pub fn find_in(folder: &Path) -> Found {
    let mut search = Search::new(None);
    files(&folder.join("*")).into_iter().for_each(|file| search.look_at(file));
    search.found
}

/// All files in a folder, without its subfolders and the files of other tools, sorted.
#[must_use]
pub fn all_in(folder: &Path) -> Vec<(PathBuf, FileKind)> {
    let mut search = Search::new(None);
    let files = files(&folder.join("*")).into_iter();
    files.filter_map(|file| search.kind_of_new(&file).map(|kind| (file, kind))).collect()
}

struct Search<'o> {
    found: Found,
    /// The files that were examined.
    known: HashSet<OsString>,
    others: Vec<Glob>,
    open_files: Option<&'o OpenFiles>,
}

/// The result of examining a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// It has an entry.
    Kubeconfig,
    /// It has none, is other YAML, or cannot be opened.
    NoEntries,
    /// It is not valid YAML.
    NoYaml,
}

impl<'o> Search<'o> {
    fn new(open_files: Option<&'o OpenFiles>) -> Search<'o> {
        let others = OTHERS.iter().map(|other| Glob::new(other)).collect();
        Search { found: Found::default(), known: HashSet::new(), others, open_files }
    }

    fn look_at(&mut self, file: PathBuf) {
        match self.kind_of_new(&file) {
            Some(FileKind::Kubeconfig) => self.found.files.push(file),
            Some(FileKind::NoYaml) => self.found.broken.push(file),
            Some(FileKind::NoEntries) | None => {}
        }
    }

    /// `None` for a file of another tool, and for one that was examined before.
    fn kind_of_new(&mut self, file: &Path) -> Option<FileKind> {
        let is_new = !self.is_anothers(file) && self.known.insert(file.as_os_str().to_owned());
        is_new.then(|| self.kind(file))
    }

    fn is_anothers(&self, file: &Path) -> bool {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let mut folders = file.parent().into_iter().flat_map(Path::components).map(Component::as_os_str);
        self.others.iter().any(|other| other.matches(&name))
            || folders.any(|folder| COPIES.iter().any(|copies| folder == *copies))
    }

    /// Examines a file. A file that cannot be opened and other YAML count as files without entries.
    fn kind(&self, file: &Path) -> FileKind {
        let Ok(mut open) = OpenFile::new(file) else { return FileKind::NoEntries };
        let any = |has: &dyn Fn(Kind) -> bool| {
            if Kind::ALL.into_iter().any(has) { FileKind::Kubeconfig } else { FileKind::NoEntries }
        };
        let kind = match open.index() {
            Ok(Some(index)) => any(&|kind| index.all(kind).is_some()),
            Ok(None) => match open.document() {
                Ok(document) => any(&|kind| document.names(kind).next().is_some()),
                Err(_) => match open.bytes(limits::KUBECONFIG).map(Yaml::parse) {
                    Ok(Err(_)) => FileKind::NoYaml,
                    _ => FileKind::NoEntries,
                },
            },
            Err(_) => FileKind::NoEntries,
        };
        if let (FileKind::Kubeconfig, Some(open_files)) = (&kind, self.open_files) {
            open_files.put_if_few(file, open);
        }
        kind
    }
}

/// True if this absolute path matches one of the patterns; the disk is not accessed.
#[must_use]
pub fn would_find(patterns: &[String], path: &Path, env: &Env) -> bool {
    patterns.iter().any(|pattern| fits_whole(pattern, path, env))
}

/// True if an absolute path matches a pattern.
fn fits_whole(pattern: &str, path: &Path, env: &Env) -> bool {
    let pattern = whole(pattern, env);
    pattern.components().count() == path.components().count()
        && path.components().zip(pattern.components()).all(|(own, part)| match (own, part) {
            (Component::Normal(own), Component::Normal(part)) => match (own.to_str(), part.to_str()) {
                (Some(own), Some(part)) => fits(&Glob::new(part), part, own),
                _ => own == part,
            },
            (own, part) => own == part,
        })
}

/// The index that a new file gets in this list of kubeconfigs, which is read in the order of [`find`]; `None` if no pattern
/// matches the path. `~/.kube/config` always comes first, whether a pattern matches it or not.
#[must_use]
pub fn place(patterns: &[String], list: &[PathBuf], path: &Path, env: &Env) -> Option<usize> {
    let rank = |path: &Path| {
        let of = patterns.iter().position(|pattern| fits_whole(pattern, path, env))?;
        Some((of, path.to_owned()))
    };
    let own = rank(path)?;
    let home = env.absolute(&home_file(env));
    let later = list.iter().position(|file| {
        let file = env.absolute(file);
        file != home && rank(&file).is_some_and(|other| other > own)
    });
    Some(later.unwrap_or(list.len()))
}

/// The files of a pattern, sorted.
fn expand(pattern: &str, env: &Env) -> Vec<PathBuf> {
    files(&whole(pattern, env))
}

/// The pattern as an absolute path without `.`, `..` and doubled slashes. The paths of the files found have the same form,
/// so that [`would_find`] can compare them component by component.
/// A path of the settings as an absolute one: `~` and a relative path start at the home folder.
#[must_use]
pub fn whole(pattern: &str, env: &Env) -> PathBuf {
    let home = env.home.as_ref().map_or(Path::new(""), Path::new);
    let below = below_home(pattern).map(|below| below.trim_start_matches(is_separator));
    env.absolute(&home.join(below.unwrap_or(pattern)))
}

/// The rest of a path that starts with `~/`, and on Windows also with `~\\`.
#[must_use]
pub fn below_home(path: &str) -> Option<&str> {
    path.strip_prefix('~').filter(|below| below.starts_with(is_separator))
}

/// The files whose paths match a pattern with `*`, `?` and `[…]` in its components, sorted.
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

/// The paths in a folder that match, sorted. Names that begin with a dot match only a pattern that does.
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

/// True for a regular file and for a symbolic link to one. The directory entry usually has the type, which saves a system
/// call per file.
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
        let found = find(&patterns, &env, &OpenFiles::default());
        assert_eq!(found.files, [folder.join("a.yaml"), folder.join("b.yaml")]);
        assert_eq!(found.broken, [folder.join("broken.yaml")]);
    }

    #[test]
    fn a_new_file_gets_the_place_at_which_it_will_be_found() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path();
        for name in [".kube/config", ".kube/d/b.yaml", ".kube/d/d.yaml", ".kube/e/a.yaml"] {
            fs::create_dir_all(home.join(name).parent().unwrap()).unwrap();
            fs::write(home.join(name), "users: [{name: a, user: {}}]\n").unwrap();
        }
        let env = Env { home: Some(home.into()), ..Env::default() };
        let patterns = ["~/.kube/e/*".to_owned(), "~/.kube/d/*.yaml".to_owned(), "~/.kube/*".to_owned()];
        let list = |patterns: &[String]| {
            let mut list = vec![home.join(".kube/config")];
            list.extend(
                find(patterns, &env, &OpenFiles::default())
                    .files
                    .into_iter()
                    .filter(|file| *file != home.join(".kube/config")),
            );
            list
        };
        for name in [
            ".kube/d/a.yaml",
            ".kube/d/c.yaml",
            ".kube/d/z.yaml",
            ".kube/e/0",
            ".kube/e/b",
            ".kube/a",
            ".kube/x",
        ] {
            let before = list(&patterns);
            let at = place(&patterns, &before, &home.join(name), &env).unwrap();
            fs::write(home.join(name), "users: [{name: b, user: {}}]\n").unwrap();
            assert_eq!(list(&patterns)[at], home.join(name));
            fs::remove_file(home.join(name)).unwrap();
        }
        assert_eq!(place(&patterns[..2], &list(&patterns[..2]), &home.join(".kube/a"), &env), None);
    }
}
