//! `kcx lint` has an error about reading a file exactly where the real kubectl refuses to load it: over the corpus, and over
//! damaged files; 10,000 of them with `KCX_LONG=1`.

use crate::generate::{Random, kubeconfig, mutate};
use crate::tools::{Home, complaint};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Whether kcx says so, whether kubectl does, and whether kcx says that it cannot tell.
fn compare(home: &Home, bytes: &[u8]) -> Result<bool, String> {
    let file = home.write("config", bytes);
    let output =
        home.kcx(&file, &["lint", "--select", "KCX00", "--fail-on", "never", "-o", "json", "config"]);
    let report: Value = serde_json::from_slice(&output.stdout).map_err(|_| complaint(&output))?;
    let found = |severity: &str| {
        report["findings"].as_array().unwrap().iter().any(|finding| finding["severity"] == severity)
    };
    // Of the codes that begin so, the one warning about what kubectl reads is that nobody can tell.
    let doubtful = report["findings"].as_array().unwrap().iter().any(|finding| finding["code"] == "KCX008");
    let answer = home.kubectl(&file, &["config", "view"]);
    match found("error") != answer.status.success() {
        true => Ok(doubtful),
        false if doubtful => Ok(true),
        false => Err(format!("{}: {report:#}", complaint(&answer))),
    }
}

#[test]
fn errors_are_found_where_kubectl_refuses_and_nowhere_else() {
    let long = std::env::var_os("KCX_LONG").is_some();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut cases: Vec<(String, Vec<u8>)> = Vec::new();
    for part in ["valid", "invalid"] {
        for entry in fs::read_dir(folder.join(part)).unwrap() {
            let path = entry.unwrap().path();
            cases.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    let corpus = cases.len();
    for seed in 0..if long { 10_000 } else { 300 } {
        let random = &mut Random::new(seed);
        let odd = random.one_in(3);
        let text = kubeconfig(random, odd);
        cases.push((format!("seed {seed}"), mutate(random, &text).into_bytes()));
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let home = Home::new();
        let (mut doubts, mut wrong) = (0, Vec::new());
        while let Some((name, bytes)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            match compare(&home, bytes) {
                Ok(doubtful) => doubts += usize::from(doubtful),
                Err(how) => wrong.push(format!("{name}: {how}")),
            }
        }
        (doubts, wrong)
    };
    let results: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    let wrong: Vec<String> = results.iter().flat_map(|(_, wrong)| wrong.clone()).collect();
    let doubts: usize = results.iter().map(|(doubts, _)| doubts).sum();
    println!(
        "{corpus} files of the corpus, {} damaged: {doubts} doubtful, {} wrong",
        cases.len() - corpus,
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(doubts * 50 < cases.len(), "{doubts} of {} cannot be told", cases.len());
}
