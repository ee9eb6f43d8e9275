//! Folders and small files that belong to kcx: shell sessions and state.
//!
//! They hold no user data, so nothing here syncs to the disk. Only their owner has access. If kcx runs as root, as with
//! `sudo -E`, another user may have prepared the folder; therefore symbolic links to files are not followed, and only
//! newly created files change their owner.

#![expect(clippy::disallowed_methods, reason = "the layer that writes to disk")]

use super::in_use;
use super::read::not_regular;
use std::collections::hash_map::RandomState;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Creates a folder and its parents with access for the owner only. An existing folder is not changed.
///
/// # Errors
/// The error of the operating system.
pub fn create_private(folder: &Path) -> io::Result<()> {
    create_folders(folder, 0o700)
}

/// Creates a folder with a unique name in `parent`, with access for the owner only.
///
/// # Errors
/// The error of the operating system.
pub fn unique_folder(parent: &Path) -> io::Result<PathBuf> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let folder = builder.prefix("").rand_bytes(8).tempdir_in(parent)?.keep();
    give_folder_to_owner(&folder);
    Ok(folder)
}

/// Removes a folder with its content. A missing folder is not an error.
///
/// # Errors
/// The error of the operating system.
pub fn remove_folder(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// True if a folder belongs to the user kcx runs as and others cannot write to it; false for a symbolic link.
#[must_use]
pub fn is_own_folder(folder: &Path) -> bool {
    folder.symlink_metadata().is_ok_and(|metadata| metadata.is_dir() && is_own_and_unshared(&metadata))
}

/// True if this `symlink_metadata` describes a regular file that belongs to the user kcx runs as and that others cannot
/// write.
#[must_use]
pub fn is_own_file(metadata: &Metadata) -> bool {
    metadata.is_file() && is_own_and_unshared(metadata)
}

/// True if the file or folder belongs to the user kcx runs as and others cannot write to it.
#[cfg(unix)]
fn is_own_and_unshared(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.uid() == rustix::process::geteuid().as_raw() && metadata.mode() & 0o022 == 0
}

#[cfg(not(unix))]
fn is_own_and_unshared(_metadata: &Metadata) -> bool {
    true
}

/// True if this process may create files in this folder, or in the nearest one above it that exists.
#[must_use]
pub fn is_writable(folder: &Path) -> bool {
    let Some(folder) = folder.ancestors().find(|folder| folder.exists()) else { return false };
    #[cfg(unix)]
    return rustix::fs::access(folder, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).is_ok();
    #[cfg(not(unix))]
    folder.metadata().is_ok_and(|metadata| !metadata.permissions().readonly())
}

/// Raises the number of files that this process may have open to this number, or as far as the system permits.
pub fn permit_open_files(count: u64) {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        if limit.current.is_some_and(|current| current < count) {
            let current = Some(limit.maximum.map_or(count, |maximum| count.min(maximum)));
            // If it fails, too many files are an error of the one that cannot be opened.
            let _ = setrlimit(Resource::Nofile, Rlimit { current, maximum: limit.maximum });
        }
    }
    #[cfg(not(unix))]
    let _ = count;
}

/// The effective user id of this process; 0 on systems without user ids.
#[must_use]
pub fn uid() -> u32 {
    #[cfg(unix)]
    return rustix::process::geteuid().as_raw();
    #[cfg(not(unix))]
    0
}

/// Appends to a file in one call, so that concurrent appends do not interleave, and returns its new length. A missing
/// file is created with access for the owner only. A symbolic link is not followed.
///
/// # Errors
/// The error of the operating system; [`io::ErrorKind::InvalidInput`] if it is not a regular file or has several hard
/// links.
pub fn append(path: &Path, bytes: &[u8]) -> io::Result<u64> {
    let (mut file, length) = open_own(path)?;
    file.write_all(bytes)?;
    Ok(length + bytes.len() as u64)
}

/// Opens a file for appending, whole lines at a time; a missing one is created with access for the owner only. A symbolic
/// link is not followed.
///
/// # Errors
/// As [`append`].
pub fn open_to_append(path: &Path) -> io::Result<File> {
    open_own(path).map(|(file, _)| file)
}

/// Opens a file of kcx for appending and returns its length; creates it if missing.
fn open_own(path: &Path) -> io::Result<(File, u64)> {
    check_foreign_links(path)?;
    let mut options = OpenOptions::new();
    options.append(true);
    match no_follow(&mut options).open(path) {
        Ok(file) => {
            let metadata = file.metadata()?;
            if !metadata.is_file() {
                return Err(not_regular(&metadata));
            }
            if has_other_names(&metadata) {
                let why = "it has other hard links, and kcx does not write such a file";
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

/// Creates a file of kcx with access for the owner only.
///
/// # Errors
/// The error of the operating system; [`io::ErrorKind::AlreadyExists`] if the path exists.
pub fn create_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    create_new(path)?.write_all(bytes)
}

/// Creates a file; fails if the path exists, also as a symbolic link.
fn create_new(path: &Path) -> io::Result<File> {
    check_foreign_links(path)?;
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    give_to_owner(&file, path);
    Ok(file)
}

/// If kcx runs as root: fails if a symbolic link in this path belongs to another user and the folder it leads to does
/// not belong to that user.
///
/// # Errors
/// Returns [`io::ErrorKind::PermissionDenied`] for such a link.
pub fn check_foreign_links(path: &Path) -> io::Result<()> {
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
            let why = "its path has a symbolic link that belongs to another user";
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Sets the flags to not follow a symbolic link and to not block on a pipe.
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

/// Removes a file of kcx. A missing file is not an error.
///
/// # Errors
/// The error of the operating system.
pub fn remove_file(path: &Path) -> io::Result<()> {
    check_foreign_links(path)?;
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Atomically replaces a file of kcx, with access for the owner only. A symbolic link at the path is replaced, not
/// followed. If two callers do this concurrently, one version is lost: callers hold a lock or accept that.
///
/// # Errors
/// The error of the operating system; the file then has the old content.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (mut file, new) = create_beside(path)?;
    // Other writers do not remove a locked temporary file. If the file system does not support locks, they may.
    let _ = file.try_lock();
    let written = file.write_all(bytes).and_then(|()| in_use::retry(true, || fs::rename(&new, path)));
    if written.is_ok() {
        super::atomic::temporary::remove_stale_beside(path);
    }
    written.or_else(|error| fs::remove_file(&new).and(Err(error)))
}

/// Creates a file with an unpredictable unique name beside `path`.
fn create_beside(path: &Path) -> io::Result<(File, PathBuf)> {
    // Each `RandomState` has new keys from the system's random source.
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

/// The number of random names to try.
const ATTEMPTS: usize = 16;

/// Gives a file that root has created in a user's folder, as with `sudo -E`, to that user. Errors are ignored.
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

/// Gives a folder that root has created in a user's folder to that user. The folder may have been replaced since its
/// creation; therefore only an empty one changes its owner.
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

/// The time since a file or folder was modified; `None` if it does not exist.
#[must_use]
pub fn age(path: &Path) -> Option<Duration> {
    let modified = path.symlink_metadata().and_then(|metadata| metadata.modified()).ok()?;
    // A time in the future is new.
    Some(modified.elapsed().unwrap_or_default())
}

/// Sets the modification time of a file of kcx; creates it empty if it does not exist.
///
/// # Errors
/// The error of the operating system.
pub fn set_modified(path: &Path, time: SystemTime) -> io::Result<()> {
    open_own(path)?.0.set_modified(time)
}

/// Creates a folder and its parents with this mode. Folders that root creates in a user's folder are given to that
/// user.
pub(super) fn create_folders(folder: &Path, mode: u32) -> io::Result<()> {
    if folder.as_os_str().is_empty() {
        return Ok(());
    }
    let create = || {
        check_foreign_links(folder)?;
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
mod tests;
