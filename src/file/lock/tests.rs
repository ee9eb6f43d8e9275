//! Acquiring locks, waiting for them, breaking them, and refusing to break them.

use super::*;
use std::process::{Command, Stdio};
use tempfile::TempDir;

const NOW: LockOptions = LockOptions { timeout: Duration::ZERO, break_after: None, break_now: false };
const LONG: LockOptions = LockOptions { timeout: Duration::from_secs(60), ..NOW };

fn dir() -> (TempDir, PathBuf, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config");
    let lock = dir.path().join("config.lock");
    (dir, path, lock)
}

fn is_free(dir: &TempDir) -> bool {
    fs::read_dir(dir).unwrap().count() == 0
}

/// The identity of a process that has ended.
fn dead() -> ProcessIdentity {
    let mut child = Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    ProcessIdentity { pid: child.id(), ..ProcessIdentity::current() }
}

#[test]
fn a_lock_file_names_its_holder_and_is_removed_on_drop() {
    let (dir, path, lock) = dir();
    let held = Lock::acquire(&path, &NOW).unwrap();
    assert_eq!(held.path(), lock);
    assert_eq!(ProcessIdentity::parse(&fs::read_to_string(&lock).unwrap()), Some(ProcessIdentity::current()));
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::MetadataExt::mode(&fs::metadata(&lock).unwrap()) & 0o7777, 0o600);
    match Lock::acquire(&path, &NOW) {
        Err(LockError::Held { lock: at, owner: Owner::Kcx { pid, .. }, age: Some(_), .. }) => {
            assert_eq!((at, pid), (lock, std::process::id()));
        }
        other => panic!("{other:?}"),
    }
    drop(held);
    assert!(is_free(&dir));
}

#[test]
fn a_lock_created_without_an_unnamed_file_works() {
    // As on a file system without `O_TMPFILE`.
    let (dir, _, lock) = dir();
    let mut options = OpenOptions::new();
    let mut file = options.read(true).write(true).create_new(true).open(&lock).unwrap();
    file.write_all(ProcessIdentity::current().render().as_bytes()).unwrap();
    assert_eq!(create(&lock, b"x").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    assert!(remove(&file, &lock).unwrap());
    assert!(is_free(&dir));
}

#[test]
fn the_lock_of_a_relative_or_empty_path_is_beside_it() {
    assert_eq!(lock_path(Path::new("")), Path::new(".lock"));
    assert_eq!(lock_path(Path::new("d/")), Path::new("d/.lock"));
    assert_eq!(super::super::atomic::folder(Path::new(".lock")), Path::new("."));
}

#[test]
fn a_lock_of_kubectl_is_waited_for_and_not_broken() {
    let (_dir, path, lock) = dir();
    File::create(&lock).unwrap();
    let brief = LockOptions { timeout: Duration::from_millis(20), ..NOW };
    match Lock::acquire(&path, &brief) {
        Err(LockError::Held { owner: Owner::Unknown, waited, .. }) => assert!(waited >= brief.timeout),
        other => panic!("{other:?}"),
    }
    assert!(matches!(wait_until_free(&path, &NOW), Err(LockError::Held { .. })));
    thread::scope(|scope| {
        scope.spawn(|| fs::remove_file(&lock).unwrap());
        wait_until_free(&path, &LONG).unwrap();
    });
    assert!(!lock.exists());
}

#[cfg(unix)]
#[test]
fn the_options_break_any_lock_at_once_or_by_age() {
    use std::os::unix::fs::PermissionsExt;
    let (dir, path, lock) = dir();
    let hour = Duration::from_secs(3600);
    for (lock_options, broken) in [
        (LockOptions { break_now: true, ..NOW }, true),
        (LockOptions { break_after: Some(hour), ..NOW }, true),
        (LockOptions { break_after: Some(3 * hour), ..NOW }, false),
    ] {
        let file = File::create(&lock).unwrap();
        file.set_modified(SystemTime::now() - 2 * hour).unwrap();
        file.set_permissions(PermissionsExt::from_mode(0o0)).unwrap();
        assert_eq!(Lock::acquire(&path, &lock_options).is_ok(), broken, "{lock_options:?}");
    }
    drop(dir);
}

#[cfg(windows)]
#[test]
fn a_read_only_lock_as_kubectl_has_it_can_be_broken() {
    let (dir, path, lock) = dir();
    let file = File::create(&lock).unwrap();
    let mut permissions = file.metadata().unwrap().permissions();
    permissions.set_readonly(true);
    file.set_permissions(permissions).unwrap();
    drop(file);
    assert!(matches!(Lock::acquire(&path, &NOW), Err(LockError::Held { owner: Owner::Unknown, .. })));
    drop(Lock::acquire(&path, &LockOptions { break_now: true, ..NOW }).unwrap());
    assert!(is_free(&dir));
}

#[cfg(windows)]
#[test]
fn windows_removes_the_lock_of_a_process_that_has_ended() {
    let (dir, _, lock) = dir();
    // What the system does with all files of a process when that ends.
    drop(create(&lock, b"kcx pid=7 host=h\n").unwrap());
    assert!(is_free(&dir));
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_as_lock_can_be_broken_and_a_folder_is_an_error() {
    use std::os::unix::fs::{MetadataExt, symlink};
    let (dir, path, lock) = dir();
    let precious = dir.path().join("precious");
    fs::write(&precious, "kept").unwrap();
    fs::set_permissions(&precious, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    let force = LockOptions { break_now: true, ..NOW };
    // Links to a file, to nothing, to a folder, to themselves; a socket.
    for target in ["precious", "nowhere", ".", "config.lock"] {
        symlink(target, &lock).unwrap();
        assert!(matches!(Lock::acquire(&path, &NOW), Err(LockError::Held { owner: Owner::Unknown, .. })));
        drop(Lock::acquire(&path, &force).unwrap());
        assert!(lock.symlink_metadata().is_err(), "{target}");
    }
    drop(std::os::unix::net::UnixListener::bind(&lock).unwrap());
    drop(Lock::acquire(&path, &force).unwrap());
    assert_eq!(fs::read_to_string(&precious).unwrap(), "kept");
    assert_eq!(fs::metadata(&precious).unwrap().mode() & 0o777, 0o640);
    // Waiting would not help, and kcx does not remove the content of a folder.
    fs::create_dir(&lock).unwrap();
    for lock_options in [NOW, LONG, force] {
        match Lock::acquire(&path, &lock_options) {
            Err(LockError::Io { source, .. }) => assert_eq!(source.kind(), io::ErrorKind::IsADirectory),
            other => panic!("{other:?}"),
        }
    }
    assert!(lock.is_dir());
}

#[cfg(target_os = "linux")]
#[test]
fn one_of_several_waiters_breaks_a_dead_lock() {
    let (dir, path, lock) = dir();
    for _ in 0..20 {
        fs::write(&lock, dead().render()).unwrap();
        let inside = std::sync::atomic::AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let _lock = Lock::acquire(&path, &LONG).unwrap();
                    assert_eq!(inside.fetch_add(1, std::sync::atomic::Ordering::SeqCst), 0);
                    thread::yield_now();
                    inside.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                });
            }
        });
        assert!(is_free(&dir));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn only_one_process_at_a_time_breaks_a_lock() {
    let (_dir, path, lock) = dir();
    fs::write(&lock, dead().render()).unwrap();
    let breaker = File::open(&lock).unwrap();
    breaker.lock().unwrap();
    assert!(matches!(Lock::acquire(&path, &NOW), Err(LockError::Held { .. })));
    drop(breaker);
    drop(Lock::acquire(&path, &NOW).unwrap());
    // The second one finds another file at the path.
    fs::write(&lock, dead().render()).unwrap();
    let (first, second) = (open(&lock).unwrap(), open(&lock).unwrap());
    assert!(remove(&first, &lock).unwrap());
    drop(first);
    let next = Lock::acquire(&path, &NOW).unwrap();
    assert!(!remove(&second, &lock).unwrap());
    assert!(next.path().exists());
}

#[cfg(target_os = "linux")]
#[test]
fn waiting_until_free_breaks_a_dead_lock() {
    let (dir, path, lock) = dir();
    fs::write(&lock, dead().render()).unwrap();
    wait_until_free(&path, &NOW).unwrap();
    assert!(is_free(&dir));
}

#[test]
fn dropping_a_broken_lock_does_not_remove_its_successor() {
    let (_dir, path, lock) = dir();
    let first = Lock::acquire(&path, &NOW).unwrap();
    let second = Lock::acquire(&path, &LockOptions { break_now: true, ..NOW }).unwrap();
    drop(first);
    assert!(lock.exists());
    drop(second);
    assert!(!lock.exists());
}

#[cfg(unix)]
#[test]
fn several_paths_are_locked_once_each_and_all_or_none() {
    let (dir, path, _) = dir();
    let spelled = dir.path().join(".").join("config");
    fs::create_dir(dir.path().join("sub")).unwrap();
    std::os::unix::fs::symlink(dir.path(), dir.path().join("sub/back")).unwrap();
    let linked = dir.path().join("sub/back/config");
    let other = dir.path().join("another");
    let held =
        Lock::acquire_all(&[path.clone(), spelled, linked, other.clone(), path.clone()], &NOW).unwrap();
    assert_eq!(held.len(), 2);
    drop(held);
    File::create(dir.path().join("config.lock")).unwrap();
    assert!(matches!(Lock::acquire_all(&[path, other], &NOW), Err(LockError::Held { .. })));
    assert!(!dir.path().join("another.lock").exists());
}

#[cfg(unix)]
#[test]
fn the_lock_of_a_symbolic_link_is_beside_the_link() {
    let (dir, path, lock) = dir();
    fs::create_dir(dir.path().join("real")).unwrap();
    std::os::unix::fs::symlink("real/config", &path).unwrap();
    let _held = Lock::acquire(&path, &NOW).unwrap();
    assert!(lock.exists() && !dir.path().join("real/config.lock").exists());
}

#[test]
fn in_a_missing_folder_locking_fails_and_waiting_succeeds() {
    let (dir, ..) = dir();
    let path = dir.path().join("no/config");
    match Lock::acquire(&path, &LONG) {
        Err(LockError::Io { source, .. }) => assert_eq!(source.kind(), io::ErrorKind::NotFound),
        other => panic!("{other:?}"),
    }
    wait_until_free(&path, &NOW).unwrap();
}

/// The code of the child process of the next test: waits for a lock that is never released.
#[test]
fn child_waits() {
    let Some(path) = std::env::var_os("KCX_TEST_WAIT") else { return };
    println!("waiting");
    let outcome = Lock::acquire(Path::new(&path), &LONG);
    assert!(matches!(outcome, Err(LockError::Interrupted)), "{outcome:?}");
    assert_eq!(interrupt::pending(), Some(15));
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_ends_the_wait() {
    use rustix::process::{Pid, Signal, kill_process};
    use std::io::BufRead;
    let (_dir, path, lock) = dir();
    File::create(&lock).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "file::lock::tests::child_waits", "--nocapture"])
        .env("KCX_TEST_WAIT", &path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = io::BufReader::new(child.stdout.take().unwrap());
    let mut lines = output.lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains("waiting")));
    // The handler is installed when bit 14 (SIGTERM) of SigCgt is set.
    let caught = || {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:").map(str::to_owned));
        mask.is_none_or(|mask| u64::from_str_radix(mask.trim(), 16).unwrap() >> 14 & 1 == 1)
    };
    while !caught() {
        thread::yield_now();
    }
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    lines.for_each(drop);
    assert!(child.wait().unwrap().success());
    assert!(lock.exists());
}
