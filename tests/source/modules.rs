//! The modules of `src/`: which file a path leads to.

use super::{NamedPath, paths};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Some files of the library by the names of their modules, from the root of the crate.
pub(crate) struct Modules {
    files: BTreeMap<Vec<String>, File>,
}

struct File {
    path: PathBuf,
    named: Vec<NamedPath>,
}

/// The names of the module that a file below `src/` is; none for the crate's root.
pub(crate) fn module(file: &Path) -> Vec<String> {
    let mut names: Vec<String> = file
        .with_extension("")
        .components()
        .skip(1)
        .map(|it| it.as_os_str().to_string_lossy().into_owned())
        .collect();
    if names.last().is_some_and(|name| matches!(name.as_str(), "mod" | "lib" | "main")) {
        names.pop();
    }
    names
}

/// A path of a file from the root of the crate, where it begins with `crate`, `self`, `super` or `kcx`.
pub(crate) fn absolute(file: &Path, path: &NamedPath) -> Option<Vec<String>> {
    let mut names = path.names.iter().peekable();
    let mut from = match names.peek().map(|name| name.as_str()) {
        Some("crate" | "kcx") => {
            names.next();
            Vec::new()
        }
        Some("self" | "super") => module(file),
        _ => return None,
    };
    while let Some(name) = names.next_if(|name| matches!(name.as_str(), "self" | "super")) {
        if name == "super" {
            from.pop()?;
        }
    }
    Some(from.into_iter().chain(names.cloned()).collect())
}

impl Modules {
    pub(crate) fn of<'a>(files: impl IntoIterator<Item = (&'a Path, &'a str)>) -> Modules {
        let file =
            |(path, text): (&Path, &str)| (module(path), File { path: path.to_owned(), named: paths(text) });
        Modules { files: files.into_iter().map(file).collect() }
    }

    /// The file that each file names: by `use`, and by paths in its code. A name that another module only brings in is
    /// that of the file where it comes from.
    pub(crate) fn names(&self) -> Names {
        let of = |(own, file): (&Vec<String>, &File)| {
            let found = file.named.iter().filter_map(|path| self.root(own, file, path));
            let found = found.filter_map(|names| self.owner(names)).filter(|other| *other != file.path);
            (file.path.clone(), found.map(Path::to_owned).collect())
        };
        self.files.iter().map(of).collect()
    }

    /// A path of a file from the root of the crate. One may begin with a module below that file.
    fn root(&self, own: &[String], file: &File, path: &NamedPath) -> Option<Vec<String>> {
        let below = || {
            let child = [own, &path.names].concat();
            self.files.contains_key(&child[..=own.len()]).then_some(child)
        };
        absolute(&file.path, path).or_else(below)
    }

    /// The file that has what a path from the root leads to.
    fn owner(&self, mut names: Vec<String>) -> Option<&Path> {
        // `use` may lead in a circle.
        for _ in 0..10 {
            let length = (1..=names.len()).rev().find(|&length| self.files.contains_key(&names[..length]))?;
            let (own, file) = self.files.get_key_value(&names[..length])?;
            let brought_in = names.get(length).and_then(|name| {
                let is_it = |path: &&NamedPath| path.is_use && path.names.last() == Some(name);
                let from = self.root(own, file, file.named.iter().find(is_it)?)?;
                Some([from, names[length + 1..].to_vec()].concat())
            });
            match brought_in {
                Some(from) => names = from,
                None => return Some(&file.path),
            }
        }
        None
    }
}

pub(crate) type Names = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

/// The circles: files of which each leads to each other one, if only by way of the rest. The largest comes first.
pub(crate) fn circles(names: &Names) -> Vec<BTreeSet<PathBuf>> {
    let reached: BTreeMap<&PathBuf, BTreeSet<&PathBuf>> =
        names.keys().map(|file| (file, reach(names, file))).collect();
    let mut circles: Vec<BTreeSet<PathBuf>> = Vec::new();
    for (file, others) in &reached {
        let back = |other: &&&PathBuf| reached.get(**other).is_some_and(|it| it.contains(file));
        let circle: BTreeSet<PathBuf> = others.iter().filter(back).map(|&it| it.clone()).collect();
        if circle.len() > 1 && !circles.contains(&circle) {
            circles.push(circle);
        }
    }
    circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    circles
}

/// All files that one leads to, in one step or many.
fn reach<'n>(names: &'n Names, from: &PathBuf) -> BTreeSet<&'n PathBuf> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&PathBuf> = names.get(from).into_iter().flatten().collect();
    while let Some(file) = open.pop() {
        if found.insert(file) {
            open.extend(names.get(file).into_iter().flatten());
        }
    }
    found
}

#[test]
fn a_path_leads_to_the_file_that_has_what_it_names() {
    let named = |file: &str, text: &str| -> Vec<String> {
        let rest = [
            ("src/lib.rs", ""),
            ("src/cli/mod.rs", "use world::World; pub use error::{self, Error};"),
            ("src/cli/error.rs", ""),
            ("src/cli/world.rs", ""),
            ("src/cli/exec/fleet.rs", ""),
            ("src/store/mod.rs", "pub use super::cli::exec::Run;"),
            ("src/cli/exec.rs", ""),
        ];
        let all = rest.into_iter().filter(|(path, _)| *path != file).chain([(file, text)]);
        let names = Modules::of(all.map(|(path, text)| (Path::new(path), text))).names();
        names[Path::new(file)].iter().map(|path| path.to_str().unwrap().to_owned()).collect()
    };
    let text = "use super::super::{World, error::Error};\nuse crate::{\n    store::Store,\n};\nuse std::fs;";
    assert_eq!(
        named("src/cli/exec/fleet.rs", text),
        ["src/cli/error.rs", "src/cli/world.rs", "src/store/mod.rs"]
    );
    assert_eq!(named("src/cli/exec/fleet.rs", "use super::Run;"), ["src/cli/exec.rs"]);
    assert_eq!(named("src/cli/exec/fleet.rs", "use crate::store::Run;"), ["src/cli/exec.rs"]);
    assert_eq!(named("src/cli/exec.rs", "mod fleet;\nuse fleet::Fleet;"), ["src/cli/exec/fleet.rs"]);
    assert_eq!(
        named("src/cli/exec.rs", "fn f() { super::run(self::fleet::X) }"),
        ["src/cli/exec/fleet.rs", "src/cli/mod.rs"]
    );
    assert_eq!(named("src/cli/exec.rs", "use crate::elsewhere; use clap::Args;"), Vec::<String>::new());
}

#[test]
fn a_circle_is_found_and_a_way_down_is_none() {
    let texts = [
        ("src/a.rs", "use crate::b::B; use crate::d::D;"),
        ("src/b.rs", "use crate::c;\nuse crate::c::f;"),
        ("src/c.rs", "fn f() { crate::a::g() }"),
        ("src/d.rs", "use crate::e::E;"),
        ("src/e.rs", ""),
    ];
    let names = Modules::of(texts.map(|(path, text)| (Path::new(path), text))).names();
    let circle: BTreeSet<PathBuf> = ["src/a.rs", "src/b.rs", "src/c.rs"].map(PathBuf::from).into();
    assert_eq!(circles(&names), [circle]);
}
