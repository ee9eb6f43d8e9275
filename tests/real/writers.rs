//! Many writers and readers on one file at once: kcx alone loses nothing and shows nobody half a file; beside the real
//! kubectl it loses nothing of its own doing.

use crate::tools::{Home, KCX, TWO, complaint, fine, kubectl};
use kcx::kubeconfig::{Document, Kind};
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

fn contexts(path: &Path) -> HashSet<String> {
    let document = Document::parse(fs::read(path).unwrap()).unwrap();
    document.names(Kind::Context).map(str::to_owned).collect()
}

/// Reads by `program` until told to stop; every answer must be a whole version that never takes anything back.
fn read_on(home: &Home, path: &Path, program: &str, stop: &AtomicBool) -> usize {
    let (mut seen, mut reads) = (HashSet::new(), 0);
    while !stop.load(Ordering::Relaxed) {
        let output =
            home.command(program, path).args(["config", "get-contexts", "-o", "name"]).output().unwrap();
        let now: HashSet<String> = fine(&output).lines().map(str::to_owned).collect();
        assert!(now.contains("a") && now.contains("b"), "{program} read {now:?}");
        assert!(now.is_superset(&seen), "{program} read {now:?} after {seen:?}");
        (seen, reads) = (now, reads + 1);
    }
    reads
}

#[test]
fn sixty_four_writers_on_one_file_and_every_update_is_there() {
    let home = Home::new();
    let path = home.write("config", TWO);
    let stop = AtomicBool::new(false);
    let programs = [KCX.to_owned(), kubectl()];
    let (home, path, stop) = (&home, &path, &stop);
    thread::scope(|scope| {
        let readers: Vec<_> =
            programs.iter().map(|program| scope.spawn(move || read_on(home, path, program, stop))).collect();
        let writers: Vec<_> = (0..64)
            .map(|at| {
                let (name, namespace) = (format!("n{at}"), format!("--namespace=ns{at}"));
                let mut command = home.command(KCX, path);
                scope.spawn(move || {
                    command.args(["config", "set-context", &name, &namespace]).output().unwrap()
                })
            })
            .collect();
        for writer in writers {
            fine(&writer.join().unwrap());
        }
        stop.store(true, Ordering::Relaxed);
        let reads: usize = readers.into_iter().map(|reader| reader.join().unwrap()).sum();
        println!("64 writers, {reads} reads, every one a whole file");
    });
    let all = contexts(path);
    assert_eq!(all.len(), 66, "{all:?}");
    let text = fs::read_to_string(path).unwrap();
    for at in 0..64 {
        assert!(
            text.contains(&format!("namespace: ns{at}\n")) || text.contains(&format!("namespace: ns{at}}}"))
        );
    }
    assert!(
        text.starts_with("apiVersion: v1 # mine\n")
            && text.contains("# the first\n")
            && text.contains("# why\n")
    );
    assert_eq!(home.names(), ["config"]);
}

struct Run {
    name: String,
    start: Instant,
    end: Instant,
    done: bool,
    said: String,
}

fn write(home: &Home, path: &Path, program: &str, name: String) -> Run {
    let start = Instant::now();
    let args = ["config", "set-context", &name, "--namespace=x"];
    let output = home.command(program, path).args(args).output().unwrap();
    Run { name, start, end: Instant::now(), done: output.status.success(), said: complaint(&output) }
}

#[test]
fn beside_the_real_kubectl_nothing_is_lost_by_kcx() {
    let (mut dropped, mut busy, mut wiped) = (0, 0, 0);
    for round in 0..6 {
        let home = Home::new();
        let path = home.write("config", TWO);
        let kubectl = kubectl();
        let mut runs: Vec<(bool, Run)> = thread::scope(|scope| {
            let (home, path, kubectl) = (&home, &path, &kubectl);
            let one = |at: usize| {
                scope.spawn(move || match at % 5 {
                    4 => (true, write(home, path, kubectl, format!("kubectl{at}"))),
                    _ => (false, write(home, path, KCX, format!("kcx{at}"))),
                })
            };
            let readers: Vec<_> = (0..3)
                .map(|_| scope.spawn(|| home.kubectl(path, &["config", "view", "-o", "json"])))
                .collect();
            let runs: Vec<_> = (0..20).map(one).collect();
            for reader in readers {
                fine(&reader.join().unwrap());
            }
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        // What is there is readable, whoever wrote last.
        fine(&home.kubectl(&path, &["config", "view"]));
        let left = contexts(&path);
        let (theirs, ours): (Vec<_>, Vec<_>) = runs.drain(..).partition(|(theirs, _)| *theirs);
        for (_, run) in &theirs {
            busy += usize::from(!run.done);
            assert!(run.done || run.said.contains("file exists"), "kubectl: {}", run.said);
        }
        for (_, run) in &ours {
            assert!(run.done, "round {round}, {}: {}", run.name, run.said);
            if left.contains(&run.name) {
                continue;
            }
            // kubectl read before this write and wrote after it: its lock does not cover its first read.
            let culprits: Vec<&str> = theirs
                .iter()
                .filter(|(_, their)| their.done && their.start < run.end && their.end > run.start)
                .map(|(_, their)| their.name.as_str())
                .collect();
            assert!(!culprits.is_empty(), "round {round}: {} is gone, and no kubectl was about", run.name);
            println!("round {round}: {} was dropped by kubectl ({})", run.name, culprits.join(" or "));
            dropped += 1;
        }
        if !left.contains("a") || !left.contains("b") {
            // Only kubectl ever empties the file it writes, and only kubectl believes what it read then.
            assert!(theirs.iter().any(|(_, their)| their.done), "round {round}: wiped, and no kubectl wrote");
            println!("round {round}: kubectl wiped entries that were there before");
            wiped += 1;
        }
        assert!(!home.names().iter().any(|name| name.contains("tmp")), "{:?}", home.names());
    }
    println!(
        "6 rounds of 16 kcx and 4 kubectl writers: {dropped} kcx entries dropped by kubectl, {wiped} wipes by kubectl, {busy} kubectl writes found the lock held"
    );
}
