//! Modification times of the kubeconfigs at the last prompt, so that a shell can detect changes without starting a process.
//!
//! Some shells can compare the modification times of two files, but cannot read one. For each file of the list, the
//! session's folder has a companion file with the same modification time; any difference, older or newer, is a change.

use super::Session;
use crate::file;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The resolution of the clock that file systems use.
const TICK: Duration = Duration::from_millis(20);
/// The resolution with which bash before version 5 compares times.
const SECOND: Duration = Duration::from_millis(1100);

impl Session {
    /// Records the modification times of these files, and returns their companion files. Call it before reading the files.
    ///
    /// A file that was changed just now may change again without a new modification time. An older time is recorded for
    /// it, so that the next prompt reads it again.
    #[must_use]
    pub fn record_times(&self, files: &[PathBuf], whole_seconds: bool) -> Vec<PathBuf> {
        let recent = if whole_seconds { SECOND } else { TICK };
        let companions = (0..files.len()).map(|at| self.time_file(at));
        companions
            .zip(files)
            .map(|(companion, file)| {
                if let Some(time) = modified(file) {
                    let settled = time.elapsed().is_ok_and(|age| age > recent);
                    let time = if settled { Some(time) } else { time.checked_sub(2 * SECOND) };
                    // Without it the prompt is computed each time, which is slower but correct.
                    let _ = time.map(|time| file::set_modified(&companion, time));
                }
                companion
            })
            .collect()
    }
}

fn modified(file: &Path) -> Option<SystemTime> {
    file.metadata().and_then(|metadata| metadata.modified()).ok()
}
