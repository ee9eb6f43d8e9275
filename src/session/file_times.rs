//! What the prompt has seen of the files: so that a shell can tell without a process that nothing has changed.
//!
//! Shells can compare the times of two files, but not ask for one. For each file of the list there is one in the
//! session's folder with the very same time of modification; any difference, older or newer, is a change.

use super::Session;
use crate::file;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Times of files come from a clock that ticks this often, or so.
const TICK: Duration = Duration::from_millis(20);
/// bash before version 5 compares whole seconds.
const SECOND: Duration = Duration::from_millis(1100);

impl Session {
    /// Notes when these files were changed, and gives each one's companion. Call it before they are read.
    ///
    /// A file that was changed just now may change again without its time telling: it is noted as older than it is, so
    /// that the next prompt looks again.
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
                    // Without it the prompt is computed anew each time, and right all the same.
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
