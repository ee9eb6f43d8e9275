//! kcx and kubectl do the same edit to two copies of a file; then kubectl reads both, and must see the same.
//!
//! Some edits for each file of the corpus; all of them with `KCX_LONG=1`.

use crate::tools::{Home, complaint, fine};
use kcx::kubeconfig::{Document, Kind};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The edits, for the first and the last names of a file.
fn edits(document: &Document) -> Vec<Vec<String>> {
    let name = |kind: Kind, last: bool| {
        let mut names = document.names(kind).filter(|name| !name.is_empty());
        let found = if last { names.last() } else { names.next() };
        found.unwrap_or("new").to_owned()
    };
    let (a, z) = (name(Kind::Context, false), name(Kind::Context, true));
    let (cluster, user) = (name(Kind::Cluster, false), name(Kind::User, true));
    let exec = [
        "--exec-command=plug",
        "--exec-arg=a b",
        "--exec-env=A=y",
        "--exec-api-version=client.authentication.k8s.io/v1beta1",
    ];
    let lines: Vec<Vec<&str>> = vec![
        vec!["use-context", &z],
        vec!["set-context", &a, "--namespace=kube-system"],
        vec!["set-context", "brand new", "--cluster=c", "--user=u: x"],
        vec!["set-cluster", &cluster, "--server=https://other.example:6443"],
        vec!["set-cluster", "brand-new", "--server=https://new.example", "--insecure-skip-tls-verify=true"],
        vec!["set-credentials", &user, "--token=1e3"],
        [&["set-credentials", &user][..], &exec].concat(),
        vec!["set-credentials", "brand-new", "--username=y", "--password=p # q"],
        vec!["rename-context", &a, "0777"],
        vec!["delete-context", &z],
        vec!["delete-cluster", &cluster],
        vec!["delete-user", &user],
        vec!["unset", "current-context"],
        vec!["set", "current-context", "another"],
    ];
    lines.into_iter().map(|line| line.into_iter().map(str::to_owned).collect()).collect()
}

fn raw(home: &Home, file: &Path) -> String {
    let text = fine(&home.kubectl(file, &["config", "view", "--raw", "-o", "json"]));
    // kubectl turns NEL into a blank when it writes; kcx leaves it.
    text.replace('\u{85}', " ")
}

/// The number of edits compared; fails with what differs.
fn compare(path: &Path, sample: usize) -> Result<(usize, Vec<String>), String> {
    let file = path.file_name().unwrap().to_string_lossy();
    let bytes = fs::read(path).unwrap();
    let Ok(document) = Document::parse(bytes.clone()) else {
        return Ok((0, vec![format!("{file}: not read")]));
    };
    let all = edits(&document);
    let count = if std::env::var_os("KCX_LONG").is_some() { all.len() } else { 3 };
    let (mut compared, mut notes) = (0, Vec::new());
    for step in 0..count {
        let edit = &all[(sample * 3 + step) % all.len()];
        let home = Home::new();
        let (ours, theirs) = (home.write("ours", &bytes), home.write("theirs", &bytes));
        let words: Vec<&str> = ["config"].into_iter().chain(edit.iter().map(String::as_str)).collect();
        let (by_kcx, by_kubectl) = (home.kcx(&ours, &words), home.kubectl(&theirs, &words));
        if by_kcx.status.success() != by_kubectl.status.success() {
            let (said, answered) = (complaint(&by_kcx), complaint(&by_kubectl));
            if said.contains("cannot edit") || answered.contains("control characters") {
                notes.push(format!(
                    "{file}: {edit:?}: {}{}",
                    said.lines().next().unwrap_or_default(),
                    answered.trim_end()
                ));
                continue;
            }
            return Err(format!("{file}: {edit:?}: kcx said {said:?}, kubectl {answered:?}"));
        }
        if !by_kcx.status.success() && fs::read(&ours).unwrap() != bytes {
            return Err(format!("{file}: {edit:?}: failed and wrote"));
        }
        let (a, b) = (raw(&home, &ours), raw(&home, &theirs));
        if a != b {
            return Err(format!("{file}: {edit:?}:\n{a}\n---\n{b}"));
        }
        compared += 1;
    }
    Ok((compared, notes))
}

#[test]
fn kubectl_reads_from_a_file_edited_by_kcx_what_it_would_have_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/valid");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut results = Vec::new();
        while let Some((at, path)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, files.get(at)?)))
        {
            results.push(compare(path, at));
        }
        results
    };
    let results: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let wrong: Vec<&String> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.iter().map(|s| s.as_str()).collect::<Vec<_>>().join("\n")
    );
    let compared: usize = results.iter().flatten().map(|(compared, _)| compared).sum();
    let notes: Vec<&String> = results.iter().flatten().flat_map(|(_, notes)| notes).collect();
    for note in &notes {
        println!("{note}");
    }
    println!("{compared} edits of {} files compared, {} set aside", files.len(), notes.len());
    assert!(compared > 400 && notes.len() < compared / 10);
}
