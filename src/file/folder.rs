//! Folders and small files that are kcx's own: the sessions of shells, and what kcx remembers.
//!
//! Nothing of the user's is in them, so nothing waits for the disk here. Only their owner may look in.

#![expect(clippy::disallowed_methods, reason = "the layer that writes to disk")]

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Creates a folder and its parents, for its owner alone; one that is there stays as it is.
///
/// # Errors
/// What the system says.
pub fn create_private(folder: &Path) -> io::Result<()> {
    private().recursive(true).create(folder)
}

/// Creates a folder with a name of its own in another, for its owner alone.
///
/// # Errors
/// What the system says.
pub fn unique_folder(parent: &Path) -> io::Result<PathBuf> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    Ok(builder.prefix("").rand_bytes(8).tempdir_in(parent)?.keep())
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

/// True if a folder belongs to the user kcx runs as, and nobody else may write into it.
#[must_use]
pub fn is_ours(folder: &Path) -> bool {
    let Ok(metadata) = folder.symlink_metadata() else { return false };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let ours = metadata.uid() == rustix::process::geteuid().as_raw();
        metadata.is_dir() && ours && metadata.mode() & 0o022 == 0
    }
    #[cfg(not(unix))]
    metadata.is_dir()
}

/// The number of the user kcx runs as; 0 where users have none.
#[must_use]
pub fn user() -> u32 {
    #[cfg(unix)]
    return rustix::process::geteuid().as_raw();
    #[cfg(not(unix))]
    0
}

/// Appends to a file in one call, which other appends do not tear; creates it, for its owner alone. Gives its length.
///
/// # Errors
/// What the system says.
pub fn append(path: &Path, bytes: &[u8]) -> io::Result<u64> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    give_to_owner(&file, path);
    file.write_all(bytes)?;
    Ok(file.metadata()?.len())
}

/// Creates a file of kcx's own, for its owner alone, unless there is one of its name already.
///
/// # Errors
/// What the system says; [`io::ErrorKind::AlreadyExists`] if there is one.
pub fn create_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    give_to_owner(&file, path);
    file.write_all(bytes)
}

/// Removes a file of kcx's own; one that is gone is no error.
///
/// # Errors
/// What the system says.
pub fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Replaces a file of kcx's own at once, for its owner alone. Only one may do so at a time: the caller has a lock, or
/// can live without what the other one wrote.
///
/// # Errors
/// What the system says; the old content stands then.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    give_to_owner(&file, path);
    file.write_all(bytes)?;
    fs::rename(&new, path)
}

/// What root writes into a user's folder, as below `sudo -E`, stays the user's. That it cannot be is no failure.
fn give_to_owner(file: &File, path: &Path) {
    #[cfg(unix)]
    if rustix::process::geteuid().is_root()
        && let Some(Ok(folder)) = path.parent().map(fs::metadata)
    {
        use std::os::unix::fs::MetadataExt;
        if folder.uid() != 0 {
            let _ = std::os::unix::fs::fchown(file, Some(folder.uid()), Some(folder.gid()));
        }
    }
    #[cfg(not(unix))]
    let _ = (file, path);
}

/// Creates an empty file, if it is not there, and says when it was modified.
///
/// # Errors
/// What the system says.
pub fn set_modified(path: &Path, time: SystemTime) -> io::Result<()> {
    append(path, b"")?;
    File::options().write(true).open(path)?.set_modified(time)
}

fn private() -> DirBuilder {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "modes are for Unix"))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}
