//! Tests of folders: links, special files, and the mode and owner of what is created.

use super::*;
use std::os::unix::fs::{MetadataExt, chown, symlink};

/// A temporary folder with a file `precious`, which must stay unchanged, and the path `own` in it.
fn dir() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("precious"), "kept").unwrap();
    let path = dir.path().join("own");
    (dir, path)
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn symbolic_links_are_not_followed() {
    let (dir, path) = dir();
    let time = SystemTime::UNIX_EPOCH;
    for target in ["precious", "nowhere", "/dev/null", "own"] {
        symlink(target, &path).unwrap();
        for failed in [append(&path, b"x").map(drop), set_modified(&path, time), create_file(&path, b"x")] {
            assert!(failed.is_err(), "{target}");
        }
        // An earlier version followed a link with this predictable name.
        symlink("precious", dir.path().join("own.new")).unwrap();
        write_private(&path, b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new", "{target}");
        assert!(path.symlink_metadata().unwrap().is_file(), "{target}");
        fs::remove_file(&path).unwrap();
        fs::remove_file(dir.path().join("own.new")).unwrap();
        assert_eq!(names(dir.path()), ["precious"], "{target}");
    }
    let precious = fs::metadata(dir.path().join("precious")).unwrap();
    assert_eq!(fs::read_to_string(dir.path().join("precious")).unwrap(), "kept");
    assert_ne!(precious.modified().unwrap(), time);
}

#[test]
fn a_file_with_several_hard_links_is_not_changed() {
    let (dir, path) = dir();
    fs::hard_link(dir.path().join("precious"), &path).unwrap();
    assert_eq!(append(&path, b"x").unwrap_err().kind(), io::ErrorKind::InvalidInput);
    assert!(set_modified(&path, SystemTime::UNIX_EPOCH).is_err());
    write_private(&path, b"new").unwrap();
    assert_eq!(fs::read_to_string(dir.path().join("precious")).unwrap(), "kept");
}

#[cfg(target_os = "linux")]
#[test]
fn opening_a_pipe_does_not_block() {
    use rustix::fs::{CWD, FileType, OFlags, mknodat};
    let (_dir, path) = dir();
    mknodat(CWD, &path, FileType::Fifo, 0o600.into(), 0).unwrap();
    assert!(append(&path, b"x").is_err());
    // A pipe that has a reader is refused, too.
    let mut options = OpenOptions::new();
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, OFlags::NONBLOCK.bits().cast_signed());
    let _reader = options.read(true).open(&path).unwrap();
    assert_eq!(append(&path, b"x").unwrap_err().to_string(), "is a pipe, not a file");
    write_private(&path, b"new").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
}

#[test]
fn created_files_and_folders_are_private() {
    let (dir, path) = dir();
    assert_eq!(append(&path, b"one\n").unwrap(), 4);
    assert_eq!(append(&path, b"two\n").unwrap(), 8);
    assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntwo\n");
    let deep = dir.path().join("a/b/c");
    create_private(&deep).unwrap();
    create_private(&deep).unwrap();
    for made in [path, deep.clone(), dir.path().join("a")] {
        assert_eq!(fs::metadata(&made).unwrap().mode() & 0o077, 0, "{made:?}");
    }
    assert!(create_private(&dir.path().join("precious/x")).is_err());
    assert_eq!(names(&unique_folder(&deep).unwrap()), [""; 0]);
}

/// Only root can change the owner of a file; any other user owns the folder anyway.
#[test]
fn what_root_creates_in_a_users_folder_belongs_to_the_user() {
    let (dir, _) = dir();
    let root = rustix::process::geteuid().is_root();
    let home = dir.path().join("home");
    fs::create_dir(&home).unwrap();
    if root {
        chown(&home, Some(65534), Some(65534)).unwrap();
    }
    let uid = fs::metadata(&home).unwrap().uid();
    let state = home.join(".local/state/kcx");
    create_private(&state).unwrap();
    append(&state.join("history.jsonl"), b"x").unwrap();
    create_file(&state.join("1.json"), b"x").unwrap();
    write_private(&state.join("pinned"), b"x").unwrap();
    set_modified(&state.join("seen-0"), SystemTime::now()).unwrap();
    unique_folder(&state).unwrap();
    super::super::create_parents(&home.join(".kube/deep/config")).unwrap();
    super::super::replace(&home.join(".kube/deep/config"), &[b"new"]).unwrap();
    let mut folders = vec![home.clone()];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let metadata = path.symlink_metadata().unwrap();
            assert_eq!(metadata.uid(), uid, "{path:?}");
            seen += 1;
            if metadata.is_dir() {
                folders.push(path);
            }
        }
    }
    assert_eq!(seen, 11);
    // The owner of existing files does not change.
    if root {
        chown(state.join("history.jsonl"), Some(0), Some(0)).unwrap();
        append(&state.join("history.jsonl"), b"y").unwrap();
        assert_eq!(fs::metadata(state.join("history.jsonl")).unwrap().uid(), 0);
        chown(home.join(".local"), Some(0), Some(0)).unwrap();
        create_private(&state.join("more")).unwrap();
        assert_eq!(fs::metadata(home.join(".local")).unwrap().uid(), 0);
    }
}
