//! A folder for the files of one run, for its owner alone: it goes with the run, and what a killed run has left goes with
//! the next one.

use super::folder::{append, create_private, is_ours, remove_folder, unique_folder};
use super::process::ProcessIdentity;
use super::read::read;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder; it is removed when this is dropped.
#[derive(Debug)]
pub struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    /// Makes one in this folder, which is created if it is not there.
    ///
    /// # Errors
    /// What the system says; a folder that others can write to, too.
    pub fn new(root: &Path) -> io::Result<Scratch> {
        create_private(root)?;
        if !is_ours(root) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        remove_stale(root);
        let scratch = Scratch { folder: unique_folder(root)? };
        append(&owner(&scratch.folder), ProcessIdentity::current().render().as_bytes())?;
        Ok(scratch)
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is left for the next one.
        let _ = remove_folder(&self.folder);
    }
}

fn owner(folder: &Path) -> PathBuf {
    folder.join("owner")
}

/// Removes those whose process is no more.
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

/// True if what is written into this folder provably never reaches a disk, but for swap: a file system in memory.
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
    fn it_goes_with_the_run_and_takes_along_what_the_dead_have_left() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("edit");
        let folders = || fs::read_dir(&root).map_or(0, Iterator::count);
        let one = Scratch::new(&root).unwrap();
        let two = Scratch::new(&root).unwrap();
        assert_eq!(folders(), 2, "both live");
        drop(one);
        assert_eq!(folders(), 1);
        // Process ids end before this one.
        fs::write(owner(two.folder()), ProcessIdentity::current().with_pid(u32::MAX / 2).render()).unwrap();
        let three = Scratch::new(&root).unwrap();
        assert!(!two.folder().exists() && three.folder().exists());
    }
}
