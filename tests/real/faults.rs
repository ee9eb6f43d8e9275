//! Kills and failing system calls at every point of a write: the file is always whole, the next writer recovers.
//!
//! `strace` does the harm. The writer under test is any command line; here it is this test program itself, in the
//! role of `child_writer`.

use kcx::file::{Lock, LockOptions, read, replace};
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

const PATIENCE: LockOptions =
    LockOptions { timeout: Duration::from_secs(120), break_after: None, break_now: false };

/// The system calls on the way of a write, each standing for its family (`rename`: `renameat`, `renameat2`).
const CALLS: &[&str] =
    &["openat", "getdents", "flock", "write", "fchmod", "fchown", "fsync", "link", "rename", "unlink"];

/// A failing `rename` leads through the way of writing in place, and these calls.
const IN_PLACE: &[&str] = &["inject=/^rename:error=EBUSY"];
const IN_PLACE_CALLS: &[&str] = &["openat", "write", "ftruncate", "fsync", "unlink"];

const TRACE: &str = "trace=/^(openat|getdents|flock|write|fchmod|fchown|ftruncate|fsync|link|rename|unlink)";

/// Runs the command line under strace with every fault at every occurrence of every call, and checks after each.
///
/// `command` is asked anew for each run; `check` gets a description of the fault and how the command ended.
pub(crate) fn at_every_call(
    calls: &[&str],
    harms: &[&str],
    besides: &[&str],
    mut command: impl FnMut() -> Vec<String>,
    mut check: impl FnMut(&str, ExitStatus),
) {
    let log = tempfile::NamedTempFile::new().unwrap();
    let trace = TRACE.replace(')', &format!("|{})", calls.join("|")));
    for call in calls {
        for harm in harms {
            for n in 1.. {
                let fault = format!("inject=/^{call}:{harm}:when={n}");
                let mut strace = Command::new("strace");
                strace.args(["-f", "-qq", "-e", &trace, "-o"]).arg(log.path());
                for inject in besides.iter().copied().chain([fault.as_str()]) {
                    strace.args(["-e", inject]);
                }
                strace.args(command()).stdout(Stdio::null()).stderr(Stdio::null());
                let status = strace.status().expect("strace is installed");
                check(&fault, status);
                let log = fs::read_to_string(log.path()).unwrap();
                let struck = |line: &str| match harm.strip_prefix("signal=") {
                    Some(signal) => line.contains(&format!("--- SIG{signal} ")),
                    None => line.contains(call) && line.contains("INJECTED"),
                };
                // A killed strace passes the signal on to itself.
                if status.signal().is_none() && !log.lines().any(struck) {
                    assert!(n > 1, "{fault}: there is no such call");
                    break;
                }
                assert!(n < 500, "{fault}: no end");
            }
        }
    }
}

/// This test program in one of the roles below.
fn role(test: &str, path: &Path) -> Vec<String> {
    let program = std::env::current_exe().unwrap();
    let words =
        ["env", &format!("KCX_TEST_FILE={}", path.display()), program.to_str().unwrap(), "--exact", test];
    words.map(str::to_owned).into()
}

fn spawn(words: &[String]) -> Child {
    Command::new(&words[0]).args(&words[1..]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn file_of_role() -> Option<PathBuf> {
    std::env::var_os("KCX_TEST_FILE").map(PathBuf::from)
}

/// Content large enough for several writes, whole only if its length and every byte say so.
fn content(letter: u8) -> Vec<u8> {
    vec![letter; 100_000 + usize::from(letter)]
}

fn write_as(path: &Path, letter: u8) {
    let _lock = Lock::acquire(path, &PATIENCE).unwrap();
    let content = content(letter);
    let (head, tail) = content.split_at(70_000);
    replace(path, &[head, tail]).unwrap();
}

fn assert_whole(path: &Path, letters: &[u8], case: &str) -> u8 {
    let found = fs::read(path).unwrap();
    let known = letters.iter().find(|&&letter| found == content(letter));
    *known.unwrap_or_else(|| panic!("{case}: torn file of {} bytes", found.len()))
}

#[test]
fn child_writer() {
    if let Some(path) = file_of_role() {
        write_as(&path, b'n');
    }
}

#[test]
fn child_counter() {
    let Some(path) = file_of_role() else { return };
    for _ in 0..20 {
        let _lock = Lock::acquire(&path, &PATIENCE).unwrap();
        let (count, _) = read(&path, 100).unwrap();
        let count: u64 = String::from_utf8(count).unwrap().parse().unwrap();
        replace(&path, &[(count + 1).to_string().as_bytes()]).unwrap();
    }
}

/// A folder with one file of mode 0640, somebody else's if that can be had.
fn fixture() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config");
    fs::write(&path, content(b'o')).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    match chown(&path, Some(65534), Some(65534)) {
        Err(error) if error.kind() != io::ErrorKind::PermissionDenied => panic!("{error}"),
        _ => (dir, path),
    }
}

fn survives(harms: &[&str], calls: &[&str], besides: &[&str]) {
    let (dir, path) = fixture();
    let before = fs::metadata(&path).unwrap();
    at_every_call(
        calls,
        harms,
        besides,
        || role("faults::child_writer", &path),
        |fault, status| {
            let letter = assert_whole(&path, b"on", fault);
            assert!(!status.success() || letter == b'n', "{fault}: success without the new content");
            let kept = |what: &str| {
                let now = fs::metadata(&path).unwrap();
                assert_eq!((now.mode(), now.uid()), (before.mode(), before.uid()), "{fault}, {what}");
            };
            kept("the faulty writer");
            write_as(&path, b'o');
            kept("the next writer");
            assert_whole(&path, b"o", fault);
            let left: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            assert_eq!(left, ["config"], "{fault}");
        },
    );
}

#[test]
fn a_kill_at_any_call() {
    survives(&["signal=KILL"], CALLS, &[]);
}

#[test]
fn an_error_at_any_call() {
    survives(&["error=ENOSPC", "error=EIO"], CALLS, &[]);
}

#[test]
fn a_polite_signal_at_any_call() {
    survives(&["signal=TERM"], CALLS, &[]);
}

#[test]
fn an_error_while_writing_in_place() {
    survives(&["error=ENOSPC", "error=EIO"], IN_PLACE_CALLS, IN_PLACE);
}

#[test]
fn a_polite_signal_while_writing_in_place() {
    survives(&["signal=TERM"], IN_PLACE_CALLS, IN_PLACE);
}

#[test]
fn writers_take_turns() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("counter");
    fs::write(&path, "0").unwrap();
    let children: Vec<Child> = (0..16).map(|_| spawn(&role("faults::child_counter", &path))).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), "320");
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 1);
}

#[test]
fn a_storm_of_kills() {
    let (dir, path) = fixture();
    let mut random = u64::from(std::process::id());
    for round in 0..100 {
        let mut pair = [0; 2].map(|_| spawn(&role("faults::child_writer", &path)));
        random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        thread::sleep(Duration::from_micros((random >> 33) % 12_000));
        pair[0].kill().unwrap();
        assert_whole(&path, b"on", "right after the kill");
        for child in &mut pair {
            child.wait().unwrap();
        }
        assert_whole(&path, b"on", &format!("round {round}"));
        if round % 2 == 0 {
            write_as(&path, b'o');
        }
    }
    write_as(&path, b'o');
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 1);
}
