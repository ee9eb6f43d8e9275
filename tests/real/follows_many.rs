//! Many shells at once, and a job that outlives its shell: the real Python client is on the context of its own shell each time.

use crate::follows::{HOOK, World};
use crate::follows_clients::CLIENTS;
use crate::screen::wait_until;
use crate::tools::{complaint, fine, two_days_pass};
use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::time::Instant;

const CONTEXTS: [&str; 3] = ["dev", "prod", "staging"];

/// A world in which `ask-python` asks the server.
fn world() -> World {
    let world = World::new();
    let client = CLIENTS.iter().find(|client| client.program == "ask-python").unwrap();
    world.program(client.program, &client.text());
    world
}

/// How many shells run at once: more in the long form, which takes minutes.
fn shells() -> usize {
    if std::env::var_os("KCX_LONG").is_some() { 200 } else { 24 }
}

#[test]
fn many_shells_switch_at_once_and_each_client_is_where_its_shell_is() {
    let world = world();
    let before = fs::read(world.home.path(".kube/config")).unwrap();
    let start = Instant::now();
    let lock = world.home.write("lock", "");
    let gate = File::open(&lock).unwrap();
    rustix::fs::flock(&gate, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let shells: Vec<_> = (0..shells())
        .map(|at| {
            // Each begins elsewhere, and goes through all contexts.
            let mut script = "set -e; eval \"$(kcx init bash --no-completions)\"; ".to_owned();
            let order = [CONTEXTS[at % 3], CONTEXTS[(at + 1) % 3], CONTEXTS[(at + 2) % 3]];
            script += &format!(
                "kcx use -q {} -n ns{at}; : >ready-{at}; flock -s lock true; ask-python; ",
                order[0]
            );
            for context in &order[1..] {
                script += &format!("kcx use -q {context}; kcx ns -q ns{at}; ask-python; ");
            }
            let child = world.bash(&script).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            let wanted: String =
                order.iter().map(|context| format!("the server says: {context} ns{at}\n")).collect();
            (child, wanted)
        })
        .collect();
    let count = shells.len();
    let are_ready = || (0..count).all(|at| world.home.path(&format!("ready-{at}")).exists());
    // Many shells take longer than one wait.
    assert!((0..15).any(|_| wait_until(are_ready)), "some shells never started");
    let ready = start.elapsed();
    rustix::fs::flock(&gate, rustix::fs::FlockOperation::Unlock).unwrap();
    for (child, wanted) in shells {
        let output = child.wait_with_output().unwrap();
        assert_eq!(fine(&output), wanted, "{}", complaint(&output));
    }
    println!("{count} shells, {} clients: ready in {ready:?}, all in {:?}", 3 * count, start.elapsed());
    assert_eq!(fs::read(world.home.path(".kube/config")).unwrap(), before);
}

#[test]
fn a_job_never_changes_its_cluster() {
    let world = world();
    let job = "nohup sh -c 'while read -r at <go && [ $at != end ]; do ask-python >answer-$at 2>&1; : >done-$at; done' >/dev/null 2>&1 &";
    for start in [
        format!("{HOOK} {job}"),
        format!("kcx exec prod -n web -- sh -c \"{}\"", job.replace('$', "\\$")),
        "SHELL=$HOME/bin/start-job kcx shell prod -n web".to_owned(),
    ] {
        world.reset();
        world.program("start-job", &format!("#!/bin/sh\n{job}\n"));
        assert!(Command::new("mkfifo").arg(world.home.path("go")).status().unwrap().success());
        fine(&world.bash(&start).output().unwrap());
        let elsewhere = [
            "true",
            // Shells that look for sessions that nobody uses.
            HOOK,
            "kcx use -q --global staging",
            "kubectl config use-context dev",
            &format!("{HOOK} kcx use -q staging; kcx ns -q other"),
            "kcx exec staging -n other -- true",
        ];
        for (at, script) in elsewhere.iter().enumerate() {
            two_days_pass(world.home.dir.path());
            fine(&world.bash(script).output().unwrap());
            fs::write(world.home.path("go"), format!("{at}\n")).unwrap();
            assert!(wait_until(|| world.home.path(&format!("done-{at}")).exists()), "{start}");
            let answer = fs::read_to_string(world.home.path(&format!("answer-{at}"))).unwrap();
            assert_eq!(answer, "the server says: prod web\n", "{start}: after {script}");
            fs::remove_file(world.home.path(&format!("done-{at}"))).unwrap();
        }
        fs::write(world.home.path("go"), "end\n").unwrap();
        fs::remove_file(world.home.path("go")).unwrap();
    }
}
