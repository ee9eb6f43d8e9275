//! The README and `docs/`: what they show is what happens, and what they list is complete.
//!
//! `KCX_BLESS=1 cargo test --test kcx readme` writes what was printed, and the lists, into the pages.

#![cfg(unix)]

mod blocks;
mod links;
mod lists;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

/// A page, by its path from the root.
struct Page {
    path: PathBuf,
    text: String,
}

impl Page {
    fn read(path: &str) -> Page {
        Page { path: path.into(), text: fs::read_to_string(root().join(path)).unwrap() }
    }

    fn name(&self) -> String {
        self.path.display().to_string()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The README, and all pages below `docs/`.
fn pages() -> Vec<Page> {
    let mut found = vec!["README.md".to_owned()];
    let mut folders = vec!["docs".to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(path),
                false if path.ends_with(".md") => found.push(path),
                false => {}
            }
        }
    }
    found.sort();
    found.iter().map(|path| Page::read(path)).collect()
}

/// Compares a page with what it must be, or writes it.
fn compare(page: &Page, now: &str, what: &str) {
    if crate::bless::on() {
        if now != page.text {
            fs::write(root().join(&page.path), now).unwrap();
        }
        return;
    }
    let lines = page.text.lines().zip(now.lines()).enumerate();
    let differs = lines
        .filter(|(_, (old, new))| old != new)
        .map(|(at, (old, new))| format!("{}:{}: {old}\n    is now: {new}", page.name(), at + 1));
    let differs: Vec<String> = differs.take(5).collect();
    assert!(
        now == page.text,
        "{} {what}; `KCX_BLESS=1 cargo test --test kcx readme` writes it:\n{}",
        page.name(),
        differs.join("\n")
    );
}

#[test]
fn the_readme_is_short() {
    let lines = Page::read("README.md").text.lines().count();
    assert!(lines < 200, "README.md has {lines} lines; details belong into docs/");
}
