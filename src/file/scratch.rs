//! A private folder for the temporary files of one run. It is removed at the end of the run; folders of killed runs are
//! removed by the next run.

use super::folder::{append, create_private, is_own_folder, remove_folder, unique_folder};
use super::process::ProcessIdentity;
use super::read::read;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A private temporary folder, removed on drop.
#[derive(Debug)]
pub struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    /// Creates one in `root`, which is created if it does not exist. Removes those of processes that have ended.
    ///
    /// # Errors
    /// The error of the operating system; [`io::ErrorKind::PermissionDenied`] if others can write to `root`.
    pub fn new(root: &Path) -> io::Result<Scratch> {
        create_private(root)?;
        if !is_own_folder(root) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        remove_stale(root);
        let scratch = Scratch { folder: unique_folder(root)? };
        append(&owner(&scratch.folder), ProcessIdentity::current().render().as_bytes())?;
        Ok(scratch)
    }

    /// The path of the folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // If this fails, the next run removes it.
        let _ = remove_folder(&self.folder);
    }
}

fn owner(folder: &Path) -> PathBuf {
    folder.join("owner")
}

/// Removes the folders in `root` whose process has ended.
fn remove_stale(root: &Path) {
    let here = ProcessIdentity::current();
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        let folder = entry.path();
        let owner = read(&owner(&folder), 4096).ok().and_then(|(bytes, _)| String::from_utf8(bytes).ok());
        let record = owner.and_then(|text| ProcessIdentity::parse(&text));
        let age = entry.metadata().and_then(|metadata| metadata.modified()).ok();
        let age = age.and_then(|time| time.elapsed().ok());
        if record.is_some_and(|record| record.is_dead(&here, age)) {
            let _ = remove_folder(&folder);
        }
    }
}

/// True if this folder is on a file system in memory, so that its content does not reach a disk, except by swapping.
/// Source: statfs(2), `TMPFS_MAGIC` and `RAMFS_MAGIC`.
#[must_use]
pub fn is_in_memory(folder: &Path) -> bool {
    #[cfg(target_os = "linux")]
    {
        const TMPFS: u64 = 0x0102_1994;
        const RAMFS: u64 = 0x8584_58f6;
        rustix::fs::statfs(folder).is_ok_and(|stat| [TMPFS, RAMFS].contains(&(stat.f_type as u64)))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = folder;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_ended_processes_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("edit");
        let folders = || fs::read_dir(&root).map_or(0, Iterator::count);
        let one = Scratch::new(&root).unwrap();
        let two = Scratch::new(&root).unwrap();
        assert_eq!(folders(), 2, "both exist");
        drop(one);
        assert_eq!(folders(), 1);
        // No process has this id: it is above the maximum.
        fs::write(owner(two.folder()), ProcessIdentity::current().with_pid(u32::MAX / 2).render()).unwrap();
        let three = Scratch::new(&root).unwrap();
        assert!(!two.folder().exists() && three.folder().exists());
    }
}
