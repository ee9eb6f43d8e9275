//! The program itself, killed and failed at every system call of a write: the file is the old one or the new one.

use crate::faults::at_every_call;
use crate::tools::{Home, KCX, TWO, fine, kcx_words};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

const CALLS: &[&str] =
    &["openat", "getdents", "flock", "write", "fchmod", "fchown", "fsync", "link", "rename", "unlink"];

/// A file of mode 0640 that belongs to somebody else, where that can be had.
fn keep(home: &Home, name: &str, text: &str) -> PathBuf {
    let path = home.write(name, text);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let _ = chown(&path, Some(65534), Some(65534));
    path
}

fn kept(path: &Path) -> (u32, u32) {
    let metadata = fs::metadata(path).unwrap();
    (metadata.mode(), metadata.uid())
}

fn switches(harms: &[&str], calls: &[&str], besides: &[&str]) {
    let home = Home::new();
    let path = keep(&home, "config", TWO);
    let (old, new) = (TWO.to_owned(), TWO.replace("current-context: a", "current-context: b"));
    let before = kept(&path);
    let words = kcx_words(&home, path.to_str().unwrap(), &["config", "use-context", "b"]);
    at_every_call(
        calls,
        harms,
        besides,
        || words.clone(),
        |fault, status| {
            let found = fs::read_to_string(&path).unwrap();
            assert!(found == old || found == new, "{fault}: torn:\n{found}");
            assert!(!status.success() || found == new, "{fault}: success without the new content");
            assert_eq!(kept(&path), before, "{fault}");
            let answer = home.kcx(&path, &["config", "use-context", "a"]);
            assert!(answer.status.success(), "{fault}: then {}", String::from_utf8_lossy(&answer.stderr));
            // Where the first run did nothing, the second had nothing to do and swept nothing.
            if found == old {
                fine(&home.kcx(&path, &["config", "use-context", "b"]));
                fine(&home.kcx(&path, &["config", "use-context", "a"]));
            }
            assert_eq!(fs::read_to_string(&path).unwrap(), old, "{fault}");
            assert_eq!(kept(&path), before, "{fault}");
            assert_eq!(home.names(), ["config"], "{fault}");
        },
    );
}

#[test]
fn a_switch_killed_at_any_call() {
    switches(&["signal=KILL"], CALLS, &[]);
}

#[test]
fn a_switch_failing_at_any_call() {
    switches(&["error=ENOSPC", "error=EIO"], CALLS, &[]);
}

#[test]
fn a_switch_asked_to_stop_at_any_call() {
    switches(&["signal=TERM"], CALLS, &[]);
}

#[test]
fn a_switch_in_place_failing_at_any_call() {
    let calls = &["openat", "write", "ftruncate", "fsync", "unlink"];
    switches(&["error=ENOSPC", "error=EIO", "signal=TERM"], calls, &["inject=/^rename:error=EBUSY"]);
}

/// A first file: none, or the whole; never an empty one where a step behind the rename failed.
#[test]
fn a_first_file_failing_at_any_call() {
    let home = Home::new();
    let path = home.path("config");
    let make = ["config", "set-cluster", "c", "--server=https://a"];
    fine(&home.kcx(&path, &make));
    let whole = fs::read_to_string(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let words = kcx_words(&home, path.to_str().unwrap(), &make);
    at_every_call(
        CALLS
            .iter()
            .copied()
            .filter(|call| !["fchmod", "fchown"].contains(call))
            .collect::<Vec<_>>()
            .as_slice(),
        &["error=ENOSPC", "error=EIO", "signal=TERM"],
        &[],
        || words.clone(),
        |fault, status| {
            let found = fs::read_to_string(&path).ok();
            assert!(found.as_ref().is_none_or(|found| *found == whole), "{fault}: {found:?}");
            assert!(!status.success() || found.is_some(), "{fault}: success without the file");
            fine(&home.kcx(&path, &make));
            // Where there is nothing left to do, nothing is swept.
            fine(&home.kcx(&path, &["config", "set-cluster", "c", "--server=https://b"]));
            assert_eq!(home.names(), ["config"], "{fault}");
            fs::remove_file(&path).unwrap();
        },
    );
}

/// Two files to rename a context in: one has the entry, the other says that it is current.
const HALVES: [&str; 2] =
    ["current-context: a # here\n", "contexts:\n- name: a # there\n  context: {cluster: c, user: u}\n"];

/// A rename over two files.
fn renames(harms: &[&str]) {
    let home = Home::new();
    let [current, contexts] = HALVES;
    let (first, second) = (keep(&home, "first", current), keep(&home, "second", contexts));
    let renamed = [current.replace(": a", ": z"), contexts.replace(": a", ": z")];
    let list = format!("{}:{}", first.display(), second.display());
    let read = || [fs::read_to_string(&first).unwrap(), fs::read_to_string(&second).unwrap()];
    let words = kcx_words(&home, &list, &["config", "rename-context", "a", "z"]);
    at_every_call(
        CALLS,
        harms,
        &[],
        || words.clone(),
        |fault, status| {
            let found = read();
            for (found, whole) in found.iter().zip([[current, &renamed[0]], [contexts, &renamed[1]]]) {
                assert!(whole.contains(&found.as_str()), "{fault}: torn:\n{found}");
            }
            assert!(!status.success() || found == renamed, "{fault}: success without the new content");
            // Only a kill leaves one of two; an error or a polite signal leaves all or none.
            if !fault.contains("KILL") {
                assert!(found == renamed || found == [current, contexts], "{fault}: half done: {found:?}");
            }
            fs::write(&first, current).unwrap();
            fs::write(&second, contexts).unwrap();
            fine(&home.command(KCX, &list).args(["config", "rename-context", "a", "z"]).output().unwrap());
            assert_eq!(read(), renamed, "{fault}");
            assert_eq!(home.names(), ["first", "second"], "{fault}");
            assert_eq!(kept(&first).0 & 0o777, 0o640, "{fault}");
            fs::write(&first, current).unwrap();
            fs::write(&second, contexts).unwrap();
        },
    );
}

#[test]
fn a_rename_over_two_files_killed_at_any_call() {
    renames(&["signal=KILL"]);
}

#[test]
fn a_rename_over_two_files_failing_at_any_call() {
    renames(&["error=ENOSPC", "signal=TERM"]);
}

/// Renames under strace, with all calls failing from the nth on; gives what was said, and the files.
fn renames_from(home: &Home, call: &str, nth: usize) -> (bool, String, [String; 2]) {
    let [first, second] = [0, 1].map(|at| home.write(["first", "second"][at], HALVES[at]));
    let list = format!("{}:{}", first.display(), second.display());
    let log = tempfile::NamedTempFile::new().unwrap();
    let inject = format!("inject=/^{call}:error=EIO:when={nth}+");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-e", &format!("trace=/^{call}"), "-e", &inject, "-o"]).arg(log.path());
    let output = strace.args(kcx_words(home, &list, &["rename", "a", "z"])).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.success(), said, [first, second].map(|path| fs::read_to_string(path).unwrap()))
}

#[test]
fn on_a_disk_that_fails_for_good_none_of_two_files_changes_or_both_do_and_what_is_said_is_true() {
    let home = Home::new();
    let renamed = HALVES.map(|text| text.replace(": a", ": z"));
    for nth in 1.. {
        let (done, said, found) = renames_from(&home, "fsync", nth);
        match (done, said.contains("may not survive a power cut")) {
            (true, _) => {
                // Two new versions and their folder, twice.
                assert_eq!((found, nth), (renamed, 5));
                break;
            }
            (false, true) => assert_eq!(found, renamed, "{nth}: {said}"),
            (false, false) => {
                assert!(said.contains("it was not changed"), "{nth}: {said}");
                assert_eq!(found, HALVES, "{nth}: {said}");
            }
        }
        assert_eq!(home.names(), ["first", "second"], "{nth}");
    }
}

#[test]
fn what_could_not_be_put_back_is_named_and_can_be_undone() {
    let home = Home::new();
    let (done, said, found) = renames_from(&home, "rename", 2);
    assert!(!done);
    assert_eq!(found, [HALVES[0].replace(": a", ": z"), HALVES[1].to_owned()]);
    let [first, second] = ["first", "second"].map(|name| home.path(name).display().to_string());
    let want = format!(
        "error: cannot write `{second}`; it was not changed: input/output error; `{first}` could not be restored and \
         stays changed\nhint: `kcx undo` undoes that once the disk can be written\n"
    );
    assert_eq!(said, want);
    fine(&home.command(KCX, format!("{first}:{second}")).arg("undo").output().unwrap());
    assert_eq!([first, second].map(|path| fs::read_to_string(path).unwrap()), HALVES);
}

/// A switch that is taken back: the old file or the new one, and the next try goes the rest of the way.
fn undoes(harms: &[&str]) {
    let home = Home::new();
    let path = keep(&home, "config", TWO);
    let switched = TWO.replace("current-context: a", "current-context: b");
    let again = || {
        let _ = fs::remove_dir_all(home.path(".local"));
        fs::write(&path, TWO).unwrap();
        fine(&home.kcx(&path, &["config", "use-context", "b"]));
        kcx_words(&home, path.to_str().unwrap(), &["undo"])
    };
    at_every_call(CALLS, harms, &[], again, |fault, status| {
        let found = fs::read_to_string(&path).unwrap();
        assert!(found == TWO || found == switched, "{fault}: torn:\n{found}");
        assert!(!status.success() || found == TWO, "{fault}: success without the old content");
        let next = home.kcx(&path, &["undo"]);
        let want = if found == TWO { Some(3) } else { Some(0) };
        assert_eq!(next.status.code(), want, "{fault}: then {}", String::from_utf8_lossy(&next.stderr));
        assert_eq!(fs::read_to_string(&path).unwrap(), TWO, "{fault}");
        // The next write sweeps what a kill has left.
        fine(&home.kcx(&path, &["config", "use-context", "b"]));
        assert_eq!(home.names(), ["config"], "{fault}");
    });
}

#[test]
fn an_undo_killed_at_any_call() {
    undoes(&["signal=KILL"]);
}

#[test]
fn an_undo_failing_at_any_call() {
    undoes(&["error=ENOSPC", "error=EIO", "signal=TERM"]);
}

#[test]
fn five_hundred_kills_at_random_moments() {
    let home = Home::new();
    let path = keep(&home, "config", TWO);
    let versions = [TWO.to_owned(), TWO.replace("current-context: a", "current-context: b")];
    let mut random = u64::from(std::process::id());
    let mut switched = 0;
    for round in 0..500 {
        let name = ["b", "a"][round % 2];
        let mut command = home.command(KCX, &path);
        command.args(["config", "use-context", name]).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        thread::sleep(Duration::from_micros((random >> 33) % 8_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let found = fs::read_to_string(&path).unwrap();
        assert!(versions.contains(&found), "round {round}: torn:\n{found}");
        switched += usize::from(found.ends_with(&format!("{name}\n")));
    }
    for name in ["a", "b", "a"] {
        fine(&home.kcx(&path, &["config", "use-context", name]));
    }
    assert_eq!(home.names(), ["config"]);
    println!("500 kills, {switched} times the new file stood");
}
