//! Odd places for a kubeconfig, and locks that somebody left behind.

use crate::tools::{Home, KCX, TWO, complaint, fine};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

const SWITCH: [&str; 3] = ["config", "use-context", "b"];

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

fn switched(path: &Path) -> bool {
    fs::read_to_string(path).unwrap() == TWO.replace("current-context: a", "current-context: b")
}

#[test]
fn symbolic_links_stay_and_their_targets_change() {
    let home = Home::new();
    fs::create_dir(home.path("deep")).unwrap();
    let target = home.write("deep/real", TWO);
    symlink("real", home.path("deep/next")).unwrap();
    symlink("deep/next", home.path("config")).unwrap();
    fine(&home.kcx(&home.path("config"), &SWITCH));
    assert!(switched(&target));
    assert_eq!(fs::read_link(home.path("config")).unwrap(), Path::new("deep/next"));
    assert_eq!(fs::read_link(home.path("deep/next")).unwrap(), Path::new("real"));
    assert_eq!(home.names(), ["config", "deep"]);
    assert_eq!(fs::read_dir(home.path("deep")).unwrap().count(), 2);
}

#[test]
fn a_dangling_link_gets_its_target() {
    let home = Home::new();
    symlink("elsewhere", home.path("config")).unwrap();
    fine(&home.kcx(&home.path("config"), &["config", "set-context", "new"]));
    assert_eq!(fs::read_link(home.path("config")).unwrap(), Path::new("elsewhere"));
    assert!(fs::read_to_string(home.path("elsewhere")).unwrap().contains("name: new"));
    assert_eq!(mode(&home.path("elsewhere")), 0o600);
}

#[test]
fn mode_and_owner_are_kept_and_new_files_are_private() {
    let home = Home::new();
    let path = home.write("config", TWO);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let mine = chown(&path, Some(65534), Some(65534)).is_err();
    fine(&home.kcx(&path, &SWITCH));
    assert!(switched(&path));
    assert_eq!(mode(&path), 0o640);
    assert!(mine || fs::metadata(&path).unwrap().uid() == 65534);
    let new = home.path("sub/folder/new");
    fine(&home.kcx(&new, &["config", "set-context", "x"]));
    assert_eq!(mode(&new), 0o600);
}

#[test]
fn a_file_that_cannot_be_renamed_over_is_written_in_place_and_that_is_said() {
    let home = Home::new();
    let (path, other) = (home.write("config", ""), home.write("other", TWO));
    let mounted = Command::new("mount").arg("--bind").args([&other, &path]).stderr(Stdio::null()).status();
    if mounted.is_ok_and(|status| status.success()) {
        let answer = home.kcx(&path, &SWITCH);
        let done = switched(&path);
        assert!(Command::new("umount").arg(&path).status().unwrap().success());
        fine(&answer);
        assert!(done && switched(&other));
        assert!(complaint(&answer).contains("in place"), "{}", complaint(&answer));
        assert_eq!(home.names(), ["config", "other"]);
        return;
    }
    // Without the right to mount: the system call says what a mount would.
    let log = home.path("log");
    let strace = home
        .command("strace", &other)
        .args(["-f", "-qq", "-e", "trace=/^rename", "-e", "inject=/^rename:error=EBUSY", "-o"])
        .arg(&log)
        .arg(KCX)
        .args(SWITCH)
        .output()
        .unwrap();
    fine(&strace);
    assert!(switched(&other));
    assert!(complaint(&strace).contains("in place"), "{}", complaint(&strace));
}

#[test]
fn a_lock_of_kubectls_is_never_broken_silently() {
    let home = Home::new();
    let path = home.write("config", TWO);
    let lock = home.write("config.lock", "");
    fs::set_permissions(&lock, fs::Permissions::from_mode(0o0)).unwrap();
    let (ours, theirs) = (home.kcx(&path, &SWITCH), home.kubectl(&path, &SWITCH));
    assert!(!ours.status.success());
    let theirs = complaint(&theirs);
    assert!(
        complaint(&ours).contains(theirs.trim_end().trim_start_matches("error: ")),
        "{}",
        complaint(&ours)
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), TWO);
    assert!(lock.exists());
    // Readers do not mind.
    assert_eq!(fine(&home.kcx(&path, &["config", "current-context"])), "a\n");
}

#[test]
fn a_lock_left_by_a_killed_kcx_is_recovered() {
    let home = Home::new();
    let path = home.write("config", TWO);
    let killed = home
        .command("strace", &path)
        .args([
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            "trace=/^rename",
            "-e",
            "inject=/^rename:signal=KILL",
            KCX,
        ])
        .args(SWITCH)
        .status()
        .unwrap();
    assert!(!killed.success());
    assert!(home.path("config.lock").exists(), "{:?}", home.names());
    fine(&home.kcx(&path, &["config", "set-context", "after"]));
    assert!(fs::read_to_string(&path).unwrap().contains("after"));
    assert_eq!(home.names(), ["config"]);
}

/// 100 MB ends with an answer or a clear error, and does not eat the machine.
#[test]
fn a_hundred_megabytes_end_in_an_answer() {
    let home = Home::new();
    let line = format!("# {}\n", "x".repeat(98));
    let broken = "- ".repeat(1_000_000);
    let texts = [
        ("comments", format!("{}{TWO}", line.repeat(1_000_000)), true),
        ("data", format!("{TWO}x-data: {}\n", "QUFB".repeat(25_000_000)), true),
        ("dashes", broken.repeat(50), false),
        ("binary", "\u{1}\u{2}".repeat(50_000_000), false),
        ("brackets", "[".repeat(100_000_000), false),
    ];
    for (what, text, good) in texts {
        let path = home.write("config", &text);
        let limited = home
            .command("sh", &path)
            .args(["-c", "ulimit -v 4000000; exec \"$0\" config get-contexts -o name", KCX])
            .output()
            .unwrap();
        assert_eq!(limited.status.code(), Some(i32::from(!good)), "{what}: {}", complaint(&limited));
        assert!(complaint(&limited).len() < 2_000, "{what}");
        assert_eq!(fs::metadata(&path).unwrap().len(), text.len() as u64);
    }
}

/// Each has a lock and a new version open at the end; a shell may have 256 open, as on macOS.
#[test]
fn more_files_are_written_together_than_may_be_open_at_first() {
    let home = Home::new();
    let text = "users:\n- name: unused\n  user: {token: t}\n";
    let files: Vec<_> = (0..100).map(|n| home.write(&format!("f{n}"), text)).collect();
    let list = files.iter().map(|file| file.to_str().unwrap()).collect::<Vec<_>>().join(":");
    let script = "ulimit -S -n 128; exec \"$0\" prune -y";
    fine(&home.command("sh", list).args(["-c", script, KCX]).output().unwrap());
    for file in files {
        assert!(!fs::read_to_string(&file).unwrap().contains("unused"), "{}", file.display());
    }
}
