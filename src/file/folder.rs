//! Folders and small files that are kcx's own: the sessions of shells, and what kcx remembers.
//!
//! They hold no user data, so nothing here waits for the disk. Only their owner may look in. If kcx runs as root, as
//! with `sudo -E`, another user may have prepared the folder: symbolic links to files are not followed, and only newly
//! created files change their owner.

#![expect(clippy::disallowed_methods, reason = "the layer that writes to disk")]

use super::read::not_regular;
use std::collections::hash_map::RandomState;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Creates a folder and its parents, for its owner alone; one that is there stays as it is.
///
/// # Errors
/// What the system says.
pub fn create_private(folder: &Path) -> io::Result<()> {
    create_folders(folder, 0o700)
}

/// Creates a folder with a name of its own in another, for its owner alone.
///
/// # Errors
/// What the system says.
pub fn unique_folder(parent: &Path) -> io::Result<PathBuf> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let folder = builder.prefix("").rand_bytes(8).tempdir_in(parent)?.keep();
    give_folder_to_owner(&folder);
    Ok(folder)
}

/// Removes a folder with all that is in it; one that is gone is no error.
///
/// # Errors
/// What the system says.
pub fn remove_folder(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// True if a folder belongs to the user kcx runs as and is not writable for others; never for a symbolic link.
#[must_use]
pub fn is_ours(folder: &Path) -> bool {
    folder.symlink_metadata().is_ok_and(|metadata| metadata.is_dir() && is_own_and_unshared(&metadata))
}

/// True if this `symlink_metadata` is that of a regular file that belongs to the user kcx runs as and is not writable
/// for others.
#[must_use]
pub fn is_our_file(metadata: &Metadata) -> bool {
    metadata.is_file() && is_own_and_unshared(metadata)
}

/// True if it belongs to the user kcx runs as and is not writable for others.
#[cfg(unix)]
fn is_own_and_unshared(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.uid() == rustix::process::geteuid().as_raw() && metadata.mode() & 0o022 == 0
}

#[cfg(not(unix))]
fn is_own_and_unshared(_metadata: &Metadata) -> bool {
    true
}

/// The number of the user kcx runs as; 0 where users have none.
#[must_use]
pub fn user() -> u32 {
    #[cfg(unix)]
    return rustix::process::geteuid().as_raw();
    #[cfg(not(unix))]
    0
}

/// Appends to a file in one call, so concurrent appends do not mix; creates it with access for its owner only. Returns
/// its length. A symbolic link is not followed.
///
/// # Errors
/// System errors; [`io::ErrorKind::InvalidInput`] if it is not a regular file, or has several hard links.
pub fn append(path: &Path, bytes: &[u8]) -> io::Result<u64> {
    let (mut file, length) = open_own(path)?;
    file.write_all(bytes)?;
    Ok(length + bytes.len() as u64)
}

/// Opens one of kcx's own files for appending and returns its length; creates it if missing.
fn open_own(path: &Path) -> io::Result<(File, u64)> {
    check_way(path)?;
    let mut options = OpenOptions::new();
    options.append(true);
    match no_follow(&mut options).open(path) {
        Ok(file) => {
            let metadata = file.metadata()?;
            if !metadata.is_file() {
                return Err(not_regular(&metadata));
            }
            if has_other_names(&metadata) {
                let why = "has other names (hard links), which no file of kcx's own has";
                return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
            }
            let length = metadata.len();
            Ok((file, length))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => match create_new(path) {
            // Another process created it first.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Ok((no_follow(&mut options).open(path)?, 0))
            }
            created => Ok((created?, 0)),
        },
        Err(error) => Err(error),
    }
}

/// Creates a file of kcx's own, for its owner alone, unless there is one of its name already.
///
/// # Errors
/// What the system says; [`io::ErrorKind::AlreadyExists`] if there is one.
pub fn create_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    create_new(path)?.write_all(bytes)
}

/// Fails if anything exists at the path, even a symbolic link.
fn create_new(path: &Path) -> io::Result<File> {
    check_way(path)?;
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    give_to_owner(&file, path);
    Ok(file)
}

/// As root: fails if a symbolic link of another user on this path leads into a folder that does not belong to that
/// user.
///
/// # Errors
/// [`io::ErrorKind::PermissionDenied`] then.
pub fn check_way(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if rustix::process::geteuid().is_root() {
        use std::os::unix::fs::MetadataExt;
        let folder = super::atomic::folder(path);
        #[cfg(target_os = "linux")]
        {
            use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
            let flags = OFlags::PATH | OFlags::CLOEXEC;
            if openat2(CWD, folder, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS).is_ok() {
                return Ok(());
            }
        }
        let Ok(end) = folder.metadata() else { return Ok(()) };
        let links = folder.ancestors().filter_map(|part| part.symlink_metadata().ok());
        if links.filter(Metadata::is_symlink).any(|link| link.uid() != 0 && link.uid() != end.uid()) {
            let why = "another user's link leads to its folder, which is not that user's";
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Does not follow a symbolic link, and does not block on a pipe.
fn no_follow(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        let flags = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed() | super::read::nonblocking_flags();
        std::os::unix::fs::OpenOptionsExt::custom_flags(options, flags);
    }
    options
}

#[cfg(unix)]
fn has_other_names(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(metadata) > 1
}

#[cfg(not(unix))]
fn has_other_names(_metadata: &Metadata) -> bool {
    false
}

/// Removes a file of kcx's own; one that is gone is no error.
///
/// # Errors
/// What the system says.
pub fn remove_file(path: &Path) -> io::Result<()> {
    check_way(path)?;
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Atomically replaces one of kcx's own files, with access for its owner only; a symbolic link of that name is
/// replaced, not followed. Callers must not do so concurrently: they hold a lock, or accept that one version is lost.
///
/// # Errors
/// What the system says; the old content stands then.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (mut file, new) = create_beside(path)?;
    // A locked file is in use: another writer does not remove_stale it. Without support for locks it is only less safe.
    let _ = file.try_lock();
    let written = file.write_all(bytes).and_then(|()| fs::rename(&new, path));
    if written.is_ok() {
        super::atomic::temporary::remove_stale_beside(path);
    }
    written.or_else(|error| fs::remove_file(&new).and(Err(error)))
}

/// Creates a file with an unpredictable unique name beside another one.
fn create_beside(path: &Path) -> io::Result<(File, PathBuf)> {
    // Each one has new keys from the system's random source.
    let random = || RandomState::new().build_hasher().finish();
    for _ in 0..ATTEMPTS {
        let mut name = OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".kcx-{:016x}", random()));
        let new = path.with_file_name(name);
        match create_new(&new) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            created => return Ok((created?, new)),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// The number of names to try.
const ATTEMPTS: usize = 16;

/// A file that root creates in a user's folder, as with `sudo -E`, is given to that user. Failing to do so is ignored.
#[cfg(unix)]
pub(super) fn give_to_owner(file: &File, path: &Path) {
    use std::os::unix::fs::{MetadataExt, fchown};
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let is_new = |metadata: Metadata| metadata.uid() == 0 && (metadata.is_dir() || metadata.nlink() <= 1);
    if let Ok(folder) = fs::metadata(super::atomic::folder(path))
        && folder.uid() != 0
        && file.metadata().is_ok_and(is_new)
    {
        let _ = fchown(file, Some(folder.uid()), Some(folder.gid()));
    }
}

#[cfg(not(unix))]
pub(super) fn give_to_owner(_file: &File, _path: &Path) {}

/// The same for a folder. It may have been replaced since its creation: only an empty folder is given away, which gains
/// nobody anything.
fn give_folder_to_owner(folder: &Path) {
    #[cfg(unix)]
    if rustix::process::geteuid().is_root() {
        use rustix::fs::{Dir, OFlags};
        let mut options = OpenOptions::new();
        let flags = (OFlags::NOFOLLOW | OFlags::DIRECTORY).bits().cast_signed();
        std::os::unix::fs::OpenOptionsExt::custom_flags(options.read(true), flags);
        let Ok(opened) = options.open(folder) else { return };
        let is_empty = |dir: Dir| {
            let mut names = dir.flatten().map(|entry| entry.file_name().to_bytes().to_owned());
            names.all(|name| name == b"." || name == b"..")
        };
        if Dir::read_from(&opened).is_ok_and(is_empty) {
            give_to_owner(&opened, folder);
        }
    }
    #[cfg(not(unix))]
    let _ = folder;
}

/// Creates an empty file, if it is not there, and says when it was modified.
///
/// # Errors
/// What the system says.
pub fn set_modified(path: &Path, time: SystemTime) -> io::Result<()> {
    open_own(path)?.0.set_modified(time)
}

/// Creates a folder and its parents with this mode; what root creates in a user's folder is given to that user.
pub(super) fn create_folders(folder: &Path, mode: u32) -> io::Result<()> {
    if folder.as_os_str().is_empty() {
        return Ok(());
    }
    let create = || {
        check_way(folder)?;
        with_mode(mode).create(folder).map(|()| give_folder_to_owner(folder))
    };
    let created = match (create(), folder.parent()) {
        (Err(error), Some(parent)) if error.kind() == io::ErrorKind::NotFound => {
            create_folders(parent, mode).and_then(|()| create())
        }
        (created, _) => created,
    };
    created.or_else(|error| if folder.is_dir() { Ok(()) } else { Err(error) })
}

fn with_mode(mode: u32) -> DirBuilder {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "modes are for Unix"))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, mode);
    #[cfg(not(unix))]
    let _ = mode;
    builder
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt, chown, symlink};

    /// A folder with a file `precious`, which no path in it may reach.
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
    fn a_link_is_not_followed() {
        let (dir, path) = dir();
        let time = SystemTime::UNIX_EPOCH;
        for target in ["precious", "nowhere", "/dev/null", "own"] {
            symlink(target, &path).unwrap();
            for failed in [append(&path, b"x").map(drop), set_modified(&path, time), create_file(&path, b"x")]
            {
                assert!(failed.is_err(), "{target}");
            }
            // An earlier version used this predictable name as root: a link in place of the new version.
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
    fn another_name_of_a_file_is_not_appended_to() {
        let (dir, path) = dir();
        fs::hard_link(dir.path().join("precious"), &path).unwrap();
        assert_eq!(append(&path, b"x").unwrap_err().kind(), io::ErrorKind::InvalidInput);
        assert!(set_modified(&path, SystemTime::UNIX_EPOCH).is_err());
        write_private(&path, b"new").unwrap();
        assert_eq!(fs::read_to_string(dir.path().join("precious")).unwrap(), "kept");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_is_not_waited_for() {
        use rustix::fs::{CWD, FileType, OFlags, mknodat};
        let (_dir, path) = dir();
        mknodat(CWD, &path, FileType::Fifo, 0o600.into(), 0).unwrap();
        assert!(append(&path, b"x").is_err());
        // Nor is a pipe with a reader written to.
        let mut options = OpenOptions::new();
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, OFlags::NONBLOCK.bits().cast_signed());
        let _reader = options.read(true).open(&path).unwrap();
        assert_eq!(append(&path, b"x").unwrap_err().to_string(), "is a pipe, not a file");
        write_private(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn lines_are_appended_and_files_are_private() {
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

    /// Only root can change an owner: for all others the creator owns the folder.
    #[test]
    fn what_root_makes_in_a_users_folder_is_the_users() {
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
}
