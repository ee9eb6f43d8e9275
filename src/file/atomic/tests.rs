//! Replacing files: content, mode, owner, links, refusals, and stale temporary files.

use super::*;
use tempfile::TempDir;

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn dir() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config");
    (dir, path)
}

fn step(outcome: Result<Replaced, ReplaceError>) -> (ReplaceStep, io::ErrorKind) {
    match outcome {
        Err(ReplaceError::Io { step, source, .. }) => (step, source.kind()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_file_has_the_concatenated_parts() {
    let (dir, path) = dir();
    let big = vec![b'x'; 1 << 20];
    let replaced = replace(&path, &[b"one ", &big, b"", b" two"]).unwrap();
    assert_eq!(fs::read(&path).unwrap().len(), big.len() + 8);
    assert_eq!(replaced.identity, Identity::of(&fs::metadata(&path).unwrap()));
    assert!(!replaced.in_place && replaced.notes.is_empty());
    replace(&path, &[b"short"]).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"short");
    replace(&path, &[]).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"");
    assert_eq!(names(dir.path()), ["config"]);
}

#[test]
fn staged_content_is_visible_only_after_the_commit() {
    let (dir, path) = dir();
    replace(&path, &[b"old"]).unwrap();
    let staged = Staged::new(&path, &[b"new"]).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(names(dir.path()).len(), 2);
    drop(staged);
    assert_eq!(names(dir.path()), ["config"]);
    let staged = Staged::new(&path, &[b"new", b"er"]).unwrap();
    staged.commit().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"newer");
    assert_eq!(names(dir.path()), ["config"]);
}

#[test]
fn parts_across_chunk_boundaries_are_written_whole() {
    let (_dir, path) = dir();
    let content: Vec<u8> = (0..5_000_003_u32).map(|n| (n % 251) as u8).collect();
    for cuts in [&[0][..], &[1], &[1 << 20], &[(1 << 20) - 1, 3 << 20], &[100, 200, 5_000_000]] {
        let mut parts = Vec::new();
        let mut at = 0;
        for &cut in cuts.iter().chain([&content.len()]) {
            parts.push(&content[at..cut]);
            at = cut;
        }
        replace(&path, &parts).unwrap();
        assert!(fs::read(&path).unwrap() == content, "{cuts:?}");
    }
}

#[test]
fn only_temporary_files_of_ended_writers_are_removed() {
    let (dir, path) = dir();
    fs::write(dir.path().join(".config.kcx-dead"), "secret").unwrap();
    fs::write(dir.path().join(".config2.kcx-other"), "").unwrap();
    let alive = File::create(dir.path().join(".config.kcx-live")).unwrap();
    alive.lock().unwrap();
    replace(&path, &[b"x"]).unwrap();
    assert_eq!(names(dir.path()), [".config.kcx-live", ".config2.kcx-other", "config"]);
}

#[test]
fn folders_and_missing_folders_are_errors() {
    let (dir, path) = dir();
    assert_eq!(step(replace(dir.path(), &[b"x"])), (ReplaceStep::Open, io::ErrorKind::IsADirectory));
    let deep = path.join("deep/config");
    assert_eq!(step(replace(&deep, &[b"x"])), (ReplaceStep::Create, io::ErrorKind::NotFound));
    create_parents(&deep).unwrap();
    create_parents(&deep).unwrap();
    create_parents(Path::new("config")).unwrap();
    replace(&deep, &[b"x"]).unwrap();
}

#[cfg(unix)]
mod unix {
    use super::*;
    use rustix::process::geteuid;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
    use std::process::Command;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o7777
    }

    fn chmod(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_new_file_is_private_and_an_old_one_keeps_its_mode() {
        let (dir, path) = dir();
        replace(&path, &[b"0"]).unwrap();
        assert_eq!(mode(&path), 0o600);
        for kept in [0o600, 0o640, 0o644, 0o666, 0o755, 0o200, 0o2660] {
            chmod(&path, kept);
            replace(&path, &[b"1"]).unwrap();
            assert_eq!(mode(&path), kept, "{kept:o}");
        }
        drop(dir);
    }

    #[test]
    fn owner_and_group_are_kept() {
        let (_dir, path) = dir();
        fs::write(&path, "old").unwrap();
        chmod(&path, 0o660);
        let (uid, gid) = if geteuid().is_root() { (65534, 12345) } else { (geteuid().as_raw(), 0) };
        // Without the permission to change the owner, the file keeps its owner.
        let _ = chown(&path, Some(uid), Some(gid));
        let before = fs::metadata(&path).unwrap();
        replace(&path, &[b"new"]).unwrap();
        let after = fs::metadata(&path).unwrap();
        assert_eq!((before.uid(), before.gid(), before.mode()), (after.uid(), after.gid(), after.mode()));
        assert_ne!(before.ino(), after.ino());
    }

    #[test]
    fn symbolic_links_stay_and_their_target_is_replaced() {
        let (dir, path) = dir();
        let at = |name: &str| dir.path().join(name);
        fs::create_dir(at("sub")).unwrap();
        symlink("sub/chained", &path).unwrap();
        symlink("../target", at("sub/chained")).unwrap();
        for content in ["created through a dangling link", "replaced"] {
            let replaced = replace(&path, &[content.as_bytes()]).unwrap();
            assert_eq!(fs::read_to_string(at("target")).unwrap(), content);
            assert_eq!(replaced.path.canonicalize().unwrap(), at("target").canonicalize().unwrap());
        }
        symlink(at("target"), at("absolute")).unwrap();
        replace(&at("absolute"), &[b"x"]).unwrap();
        assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
        assert!(fs::symlink_metadata(at("absolute")).unwrap().is_symlink());
        assert_eq!(fs::read(at("target")).unwrap(), b"x");
        assert_eq!(names(dir.path()), ["absolute", "config", "sub", "target"]);
    }

    #[test]
    fn a_loop_of_links_is_an_error() {
        let (dir, path) = dir();
        symlink("other", &path).unwrap();
        symlink("config", dir.path().join("other")).unwrap();
        assert_eq!(step(replace(&path, &[b"x"])).0, ReplaceStep::Open);
        assert_eq!(names(dir.path()), ["config", "other"]);
    }

    #[test]
    fn devices_and_pipes_are_refused() {
        let (dir, path) = dir();
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        assert_eq!(step(replace(&path, &[b"x"])), (ReplaceStep::Open, io::ErrorKind::InvalidInput));
        symlink("/dev/null", dir.path().join("null")).unwrap();
        assert_eq!(step(replace(&dir.path().join("null"), &[b"x"])).0, ReplaceStep::Open);
    }

    /// Opening a pipe would block until a writer opens it, while the lock is held and signals are deferred. A symbolic
    /// link may lead to any file.
    #[cfg(target_os = "linux")]
    #[test]
    fn only_regular_files_with_a_temporary_name_are_removed() {
        use rustix::fs::{CWD, FileType, mknodat};
        let (dir, path) = dir();
        let beside = |name: &str| dir.path().join(format!(".config.kcx-{name}"));
        mknodat(CWD, beside("pipe"), FileType::Fifo, 0o600.into(), 0).unwrap();
        fs::write(dir.path().join("kept"), "kept").unwrap();
        symlink("kept", beside("link")).unwrap();
        symlink(beside("pipe"), beside("link-to-pipe")).unwrap();
        symlink("/dev/zero", beside("device")).unwrap();
        fs::create_dir(beside("folder")).unwrap();
        fs::write(beside("left"), "half").unwrap();
        replace(&path, &[b"new"]).unwrap();
        let left =
            [".config.kcx-device", ".config.kcx-folder", ".config.kcx-link", ".config.kcx-link-to-pipe"];
        assert_eq!(names(dir.path()), [&left[..], &[".config.kcx-pipe", "config", "kept"]].concat());
    }

    #[test]
    fn other_hard_links_are_reported() {
        let (dir, path) = dir();
        fs::write(&path, "old").unwrap();
        fs::hard_link(&path, dir.path().join("backup")).unwrap();
        assert_eq!(replace(&path, &[b"new"]).unwrap().notes, [ReplaceNote::LinksSplit]);
        assert_eq!(fs::read(dir.path().join("backup")).unwrap(), b"old");
    }

    #[test]
    fn a_file_without_write_permission_is_refused() {
        let (dir, path) = dir();
        fs::write(&path, "old").unwrap();
        chmod(&path, 0o444);
        let outcome = replace(&path, &[b"new"]);
        if geteuid().is_root() {
            outcome.unwrap();
        } else {
            assert_eq!(step(outcome), (ReplaceStep::Open, io::ErrorKind::PermissionDenied));
            assert_eq!(fs::read(&path).unwrap(), b"old");
        }
        assert_eq!(mode(&path), 0o444);
        assert_eq!(names(dir.path()), ["config"]);
    }

    #[test]
    fn in_a_read_only_folder_the_file_is_written_in_place_if_allowed() {
        let (dir, path) = dir();
        fs::write(&path, "old and long").unwrap();
        chmod(dir.path(), 0o555);
        let ino = fs::metadata(&path).unwrap().ino();
        let refused = replace_with(&path, &[b"new"], Options { allow_in_place: false });
        let replaced = replace(&path, &[b"new"]);
        let created = replace(&dir.path().join("other"), &[b"x"]);
        chmod(dir.path(), 0o755);
        let root = geteuid().is_root();
        assert_eq!(matches!(refused, Err(ReplaceError::NotAtomic { .. })), !root);
        assert_eq!(replaced.unwrap().in_place, !root);
        assert!(root || fs::metadata(&path).unwrap().ino() == ino);
        assert_eq!(created.is_ok(), root);
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn writing_in_place_shortens_and_lengthens() {
        let (_dir, path) = dir();
        fs::write(&path, "12345").unwrap();
        for content in ["1", "1234567890", ""] {
            assert!(write_in_place(&path, &[content.as_bytes()]).is_ok());
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
    }

    /// If the tests run as root, runs them again as an ordinary user, whom file permissions restrict.
    #[test]
    fn as_an_ordinary_user() {
        use std::os::unix::process::CommandExt;
        if !geteuid().is_root() {
            return;
        }
        let scratch = tempfile::tempdir().unwrap();
        let program = scratch.path().join("tests");
        fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        chmod(scratch.path(), 0o777);
        chmod(&program, 0o755);
        let output = Command::new(&program)
            .args(["file::atomic::tests::", "file::lock::tests::"])
            .env("TMPDIR", scratch.path())
            .current_dir(scratch.path())
            .uid(65534)
            .gid(65534)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}
