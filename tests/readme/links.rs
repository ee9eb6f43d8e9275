//! Links lead to a file, and to a heading in it; every page can be reached from the README.

use super::{Page, pages, root};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The lines of a page outside of its blocks.
pub(super) fn prose(page: &Page) -> impl Iterator<Item = (usize, &str)> {
    let mut inside = false;
    page.text.lines().enumerate().filter_map(move |(at, line)| {
        let fence = line.starts_with("```");
        inside ^= fence;
        (!inside && !fence).then_some((at + 1, line))
    })
}

/// The anchor that GitHub makes of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn anchors(page: &Page) -> BTreeSet<String> {
    let headings = prose(page).filter_map(|(_, line)| {
        line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#'))
    });
    headings.map(anchor).collect()
}

/// What stands in the round brackets of links and pictures.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let parts = line.match_indices("](").map(|(at, mark)| &line[at + mark.len()..]);
    parts.filter_map(|rest| Some(rest.split_once(')')?.0))
}

/// A path without `.` and `..`.
fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                clean.pop();
            }
            Component::CurDir => {}
            part => clean.push(part),
        }
    }
    clean
}

#[test]
fn links_lead_somewhere() {
    let mut pages = pages();
    pages.extend([".github/CONTRIBUTING.md", ".github/SECURITY.md"].map(Page::read));
    let mut wrong = Vec::new();
    let mut reached = BTreeSet::from([PathBuf::from("README.md")]);
    for page in &pages {
        for (line, text) in prose(page) {
            for link in links(text).filter(|link| !link.contains("://")) {
                let (file, heading) =
                    link.split_once('#').map_or((link, None), |(file, heading)| (file, Some(heading)));
                let target = match file {
                    "" => page.path.clone(),
                    file => clean(&page.path.parent().unwrap().join(file)),
                };
                let place = format!("{}:{line}: {link}", page.name());
                if !root().join(&target).exists() {
                    wrong.push(format!("{place}: there is no such file"));
                    continue;
                }
                reached.insert(target.clone());
                let Some(heading) = heading else { continue };
                let text = fs::read_to_string(root().join(&target)).unwrap();
                if !anchors(&Page { path: target, text }).contains(heading) {
                    wrong.push(format!("{place}: there is no such heading"));
                }
            }
        }
    }
    let lost = pages.iter().filter(|page| !page.path.starts_with(".github") && !reached.contains(&page.path));
    wrong.extend(lost.map(|page| format!("{}: no page links to it", page.name())));
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
