//! The corpus: kubeconfigs as tools write them, each with what the real kubectl reads from it. A file is a test.

use kcx::kubeconfig::{Document, Merged, Source, View};
use kcx::printer::json;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

pub(crate) fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

/// Files that kubectl reads and kcx will not, because its two readers do not agree on them: closing brackets after the end
/// of the document. Refused, so that nothing is misread or lost.
pub(crate) const REFUSED: [&str; 1] = ["json-garbage-after-root.json"];

#[test]
fn every_valid_file_reads_as_kubectl_reads_it_and_renders_as_it_was() {
    let mut wrong = Vec::new();
    let files = fixtures("valid");
    assert!(files.len() >= 60);
    for path in files {
        let bytes = fs::read(&path).unwrap();
        let document = match Document::parse(bytes.clone()) {
            Ok(document) => document,
            Err(_) if REFUSED.contains(&name(&path)) => continue,
            Err(error) => {
                wrong.push(format!("{}: refused: {error}", name(&path)));
                continue;
            }
        };
        assert_eq!(document.render(), bytes, "{}", name(&path));
        let view =
            View::of(&Merged::new(vec![Source { path: path.clone(), document: Some(document) }])).unwrap();
        let expected =
            path.parent().unwrap().with_file_name("expected").join(format!("{}.json", name(&path)));
        if json::print(&view.to_value()) != fs::read_to_string(expected).unwrap() {
            wrong.push(format!("{}: read differently", name(&path)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_that_kubectl_refuses_is_refused() {
    let mut wrong: Vec<String> = Vec::new();
    for path in fixtures("invalid") {
        if let Ok(document) = Document::parse(fs::read(&path).unwrap()) {
            wrong.push(format!("{}: {document:?}", name(&path)).chars().take(300).collect());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
