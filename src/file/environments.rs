//! The environments of the user's running processes, as Linux shows them. They hold secrets, so nothing of them is kept.

use super::limits;
use super::process::ProcessIdentity;
use memchr::memmem;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// Which of several texts occur in the environments of processes.
#[derive(Debug)]
pub struct EnvironmentSearch {
    found: Vec<bool>,
    is_complete: bool,
    has_empty: bool,
}

impl EnvironmentSearch {
    /// Searches all of the user's processes but the current one. `None` if the system does not show environments.
    #[must_use]
    pub fn of_all(texts: &[&[u8]]) -> Option<EnvironmentSearch> {
        let names =
            fs::read_dir("/proc").ok()?.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let processes = names.filter_map(|name| name.parse().ok());
        Path::new("/proc/self/environ").exists().then(|| EnvironmentSearch::of(processes, texts))
    }

    /// Searches these processes, without the current one.
    #[must_use]
    pub fn of(processes: impl Iterator<Item = u32>, texts: &[&[u8]]) -> EnvironmentSearch {
        let mut search =
            EnvironmentSearch { found: vec![false; texts.len()], is_complete: true, has_empty: false };
        let finders: Vec<_> = texts.iter().map(memmem::Finder::new).collect();
        let here = ProcessIdentity::current().pid;
        for process in processes.filter(|process| *process != here) {
            match environment(process) {
                Ok(environment) => {
                    search.has_empty |= environment.is_empty();
                    search.is_complete &= (environment.len() as u64) < limits::ENVIRONMENT;
                    for (found, finder) in search.found.iter_mut().zip(&finders) {
                        *found = *found || finder.find(&environment).is_some();
                    }
                }
                // Where the first process cannot be searched, it is the system's and no shell.
                Err(error) => {
                    search.is_complete &= process == 1 || error.kind() != io::ErrorKind::PermissionDenied;
                }
            }
        }
        search
    }

    /// Whether the text at this index occurs; `None` if it was not found and a process could not be searched.
    #[must_use]
    pub fn has(&self, index: usize) -> Option<bool> {
        match self.found.get(index) {
            Some(true) => Some(true),
            _ => self.is_complete.then_some(false),
        }
    }
}

impl EnvironmentSearch {
    /// True if a process showed no environment: it has none, or is just starting another program.
    #[must_use]
    pub fn has_empty(&self) -> bool {
        self.has_empty
    }
}

/// The environment with which a process was started; empty for a process of another user, and for one that has ended.
#[expect(clippy::disallowed_methods, reason = "no user can replace a file under /proc")]
fn environment(process: u32) -> io::Result<Vec<u8>> {
    let mut environment = Vec::new();
    let folder = format!("/proc/{process}");
    if is_own(&folder) {
        File::open(format!("{folder}/environ"))?.take(limits::ENVIRONMENT).read_to_end(&mut environment)?;
    }
    Ok(environment)
}

#[cfg(unix)]
fn is_own(path: &str) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.uid() == super::folder::uid())
}

#[cfg(not(unix))]
fn is_own(_path: &str) -> bool {
    false
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;
    use std::io::Write;
    use std::process::{Command, Stdio};

    #[test]
    fn what_a_process_was_started_with_is_found_while_it_runs() {
        let texts: [&[u8]; 2] = [b"kcx-test-value", b"kcx-test-other"];
        let mut command = Command::new("cat");
        command.env("A", "kcx-test-value").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Until it answers, it may be between two programs, and then shows no environment.
        child.stdin.as_mut().unwrap().write_all(b"x").unwrap();
        child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        let search = EnvironmentSearch::of([child.id()].into_iter(), &texts);
        assert_eq!((search.has(0), search.has(1)), (Some(true), Some(false)));
        assert_eq!(EnvironmentSearch::of_all(&texts).unwrap().has(0), Some(true));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(EnvironmentSearch::of([child.id()].into_iter(), &texts).has(0), Some(false));
    }
}
