//! Modification times of the kubeconfigs at the last prompt, so that a shell can detect changes without starting a process.
//!
//! Some shells can compare the modification times of two files, but cannot read one. For each file of the list, the
//! session's folder has a companion file with the same modification time; any difference, older or newer, is a change.

use super::Session;
use crate::file;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The resolution of the clock that file systems use.
const TICK: Duration = Duration::from_millis(20);
/// The resolution with which bash before version 5 compares times.
const SECOND: Duration = Duration::from_millis(1100);

impl Session {
    /// Records the modification times of these files, and returns their companion files. A missing file has no companion.
    /// Call it before reading the files.
    ///
    /// A file that was changed just now may change again without a new modification time. An older time is recorded for
    /// it, so that the next prompt reads it again.
    ///
    /// # Errors
    /// The session's folder cannot be written: then no companion tells anything.
    pub fn record_times(&self, files: &[PathBuf], whole_seconds: bool) -> io::Result<Vec<PathBuf>> {
        let recent = if whole_seconds { SECOND } else { TICK };
        let companions = (0..files.len()).map(|at| self.time_file(at));
        let record = |(companion, file): (PathBuf, &PathBuf)| {
            let settled = |time: SystemTime| time.elapsed().is_ok_and(|age| age > recent);
            match modified(file) {
                Some(time) if settled(time) => file::set_modified(&companion, time)?,
                Some(time) => {
                    let before = time.checked_sub(2 * SECOND).ok_or(io::ErrorKind::InvalidInput)?;
                    file::set_modified(&companion, before)?;
                }
                None => file::remove_file(&companion)?,
            }
            Ok(companion)
        };
        companions.zip(files).map(record).collect()
    }
}

fn modified(file: &Path) -> Option<SystemTime> {
    file.metadata().and_then(|metadata| metadata.modified()).ok()
}
