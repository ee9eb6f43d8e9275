//! Taste that a program can check: layers, sizes, names, and what must never be checked in.
//!
//! A rule that is broken is named with its file; the remedy is to change the file, not the rule.

mod errors;
mod field_names;
mod layers;
mod pauses;

use std::fs;
use std::path::{Path, PathBuf};

/// Lines of code a file may have, blank lines and comments not counted.
const SOURCE_LINES: usize = 400;
const TEST_LINES: usize = 800;

/// Words that name nothing.
const BANNED_NAMES: [&str; 8] = ["util", "utils", "helper", "helpers", "manager", "misc", "common", "imp"];

/// What has no place in a file, put together here so that this one does not have it.
fn banned_text() -> Vec<String> {
    [
        "TO|DO",
        "FIX|ME",
        "db|g!(",
        "to|do!(",
        "unimple|mented!(",
        "#[ig|nore",
        // Paths of somebody's machine.
        "/ro|ot/",
        "/wo|rk/",
    ]
    .map(|text| text.replace('|', ""))
    .into()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder, as paths from the root.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    found.sort();
    assert!(!found.is_empty());
    found
}

pub(crate) fn rust(folder: &str) -> Vec<(PathBuf, String)> {
    let rust = files(folder).into_iter().filter(|path| path.extension().is_some_and(|ext| ext == "rs"));
    rust.map(|path| (path.clone(), fs::read_to_string(root().join(path)).unwrap())).collect()
}

/// The lines that are neither blank nor comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with("//"))
}

#[track_caller]
fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn every_test_file_is_part_of_a_test() {
    let mut wrong = Vec::new();
    for (path, _) in rust("tests") {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let folder = path.parent().unwrap();
        let (parents, name) = match stem {
            "main" => continue,
            "mod" => (folder.parent().unwrap(), folder.file_name().unwrap().to_str().unwrap()),
            _ => (folder, stem),
        };
        let mut candidates = ["main.rs", "mod.rs"].map(|file| parents.join(file)).to_vec();
        candidates.push(parents.with_extension("rs"));
        let names = |file: &PathBuf| {
            let text = fs::read_to_string(root().join(file)).unwrap_or_default();
            text.lines().any(|line| line.trim_start_matches("pub ") == format!("mod {name};"))
        };
        if !candidates.iter().any(names) {
            wrong.push(format!("{}: no `mod {name};`", path.display()));
        }
    }
    none(&wrong);
}

#[test]
fn files_are_short() {
    let mut wrong = Vec::new();
    for (folder, limit) in [("src", SOURCE_LINES), ("tests", TEST_LINES)] {
        for (path, text) in rust(folder) {
            let lines = code(&text).count();
            if lines > limit {
                wrong.push(format!("{}: {lines} lines of code, at most {limit}", path.display()));
            }
        }
    }
    none(&wrong);
}

#[test]
fn every_file_says_what_it_owns() {
    let all = rust("src").into_iter().chain(rust("tests"));
    let silent = all.filter(|(_, text)| !text.starts_with("//! "));
    none(
        &silent.map(|(path, _)| format!("{}: does not open with `//!`", path.display())).collect::<Vec<_>>(),
    );
}

#[test]
fn names_name_something() {
    let mut wrong = Vec::new();
    for (path, text) in rust("src") {
        let parts = path.components().map(|part| part.as_os_str().to_str().unwrap().trim_end_matches(".rs"));
        wrong.extend(
            parts
                .filter(|part| part.split('_').any(|word| BANNED_NAMES.contains(&word)))
                .map(|part| format!("{}: `{part}` names nothing", path.display())),
        );
        for line in code(&text) {
            let mut words = line.split_whitespace().skip_while(|word| {
                !matches!(*word, "fn" | "struct" | "enum" | "trait" | "mod" | "type" | "const" | "static")
            });
            let Some(name) = words.nth(1) else { continue };
            let name: String = name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if name.to_lowercase().split('_').any(|word| BANNED_NAMES.contains(&word)) {
                wrong.push(format!("{}: `{name}` names nothing", path.display()));
            }
        }
    }
    none(&wrong);
}

#[test]
fn nothing_is_checked_in_that_must_not_be() {
    let banned = banned_text();
    let mut wrong = Vec::new();
    let top = ["Cargo.toml", "README.md", "CHANGELOG.md", ".clippy.toml", ".rustfmt.toml", ".ci/run"];
    let folders = ["src", "tests", "docs"].into_iter().flat_map(files);
    let all = folders.chain(top.map(PathBuf::from));
    for path in all {
        // Kubeconfigs and recorded answers are other people's text.
        if path.starts_with("tests/fixtures") || path.extension().is_some_and(|ext| ext == "jsonl") {
            continue;
        }
        let bytes = fs::read(root().join(&path)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for (n, line) in text.lines().enumerate() {
            for word in banned.iter().filter(|word| line.contains(*word)) {
                wrong.push(format!("{}:{}: `{word}`", path.display(), n + 1));
            }
        }
    }
    none(&wrong);
}

/// A test that writes into the source tree leaves something here; names with a dot are the editor's or git's.
#[test]
fn nothing_else_is_at_the_top() {
    let known = [
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "completions",
        "docs",
        "src",
        "target",
        "tests",
    ];
    let names = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    // A test that takes its working folder for a home leaves one of these.
    let homes = [".cache", ".config", ".kube", ".local"];
    let is_wrong = |name: &String| match name.starts_with('.') {
        true => homes.contains(&name.as_str()),
        false => !known.contains(&name.as_str()),
    };
    none(&names.filter(is_wrong).collect::<Vec<_>>());
}

#[test]
fn a_value_is_printed_in_one_way() {
    // Kubeconfigs for a file or a pipe have kubectl's bytes; all others use `World::print_value`.
    let own = [
        "world.rs",
        "export.rs",
        "merge.rs",
        "single_file.rs",
        "single_file/of_session.rs",
        "config/verb/view.rs",
    ];
    let mut wrong = Vec::new();
    for (path, text) in rust("src/cli") {
        let is_own = own.iter().any(|own| path.ends_with(own));
        let prints =
            |line: &&str| ["json::", "yaml::"].iter().any(|form| line.contains(&format!("{form}print")));
        wrong.extend(
            code(&text)
                .filter(prints)
                .filter(|_| !is_own)
                .map(|line| format!("{}: {}", path.display(), line.trim())),
        );
    }
    none(&wrong);
}
