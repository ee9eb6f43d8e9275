//! Lexical path operations with the results of Go's `path/filepath`. Does not access the file system.

use std::path::{Component, Path, PathBuf};

/// The shortest equivalent path (Go: `filepath.Clean`).
#[must_use]
pub(crate) fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => match out.components().next_back() {
                Some(Component::Normal(_)) => drop(out.pop()),
                Some(Component::RootDir | Component::Prefix(_)) => {}
                _ => out.push(".."),
            },
            other => out.push(other),
        }
    }
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}

/// The relative path from an absolute folder to another absolute path (Go: `filepath.Rel`); `None` between two Windows
/// drives.
#[must_use]
pub(crate) fn relative(from: &Path, to: &Path) -> Option<PathBuf> {
    let (from, to) = (clean(from), clean(to));
    let mut here = from.components().peekable();
    let mut there = to.components().peekable();
    while here.peek().zip(there.peek()).is_some_and(|(here, there)| is_same(*here, *there)) {
        here.next();
        there.next();
    }
    if matches!(here.peek(), Some(Component::Prefix(_))) {
        return None;
    }
    let up = here.map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(there).collect();
    Some(if path.as_os_str().is_empty() { PathBuf::from(".") } else { path })
}

/// True for the same name; on Windows, names that differ only in case are the same.
fn is_same(one: Component<'_>, other: Component<'_>) -> bool {
    let folded = |component: Component<'_>| component.as_os_str().to_string_lossy().to_lowercase();
    one == other || cfg!(windows) && folded(one) == folded(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_those_of_go() {
        for (path, want) in [
            ("a/./b/../c", "a/c"),
            ("/../a", "/a"),
            ("../a", "../a"),
            ("", "."),
            ("./", "."),
            ("a//b/", "a/b"),
        ] {
            assert_eq!(clean(Path::new(path)), Path::new(want), "{path}");
        }
        for (from, to, want) in
            [("/a/b", "/a/b/c", "c"), ("/a/b", "/a/c", "../c"), ("/a", "/a", "."), ("/", "/x", "x")]
        {
            assert_eq!(relative(Path::new(from), Path::new(to)), Some(PathBuf::from(want)), "{from} {to}");
        }
    }

    #[cfg(windows)]
    #[test]
    fn the_case_of_names_on_windows_makes_no_other_path() {
        let relative = |from: &str, to: &str| relative(Path::new(from), Path::new(to));
        assert_eq!(relative("C:\\Kube", "c:\\kube\\pki\\CA.crt"), Some(PathBuf::from("pki\\CA.crt")));
        assert_eq!(relative("C:\\kube", "D:\\kube"), None);
    }
}
