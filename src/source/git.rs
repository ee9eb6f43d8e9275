//! A Git repository as a source: a copy in kcx's cache that follows a branch or a tag, read as a folder.

use super::program::Program;
use super::{Fetched, SourceError, Surroundings, files};
use crate::file::{self, Lock, LockOptions};
use crate::settings::SourceSettings;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What keeps a foreign repository from more than files: no hooks, no symbolic links, no question to the user.
const CAREFUL: [&str; 8] = [
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.symlinks=false",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "submodule.recurse=false",
];

/// The variables that lead git to another repository than that of its folder: `git rev-parse --local-env-vars`.
const ELSEWHERE: [&str; 16] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Updates the copy and reads the files of it.
pub(super) fn read(
    source: &SourceSettings,
    url: &str,
    pattern: Option<&str>,
    branch: Option<&str>,
    around: &Surroundings<'_>,
) -> Result<Vec<Fetched>, SourceError> {
    let folder = copy(source, around);
    let limit = Duration::from_secs(source.timeout);
    let unreadable = |error| SourceError::Read(folder.clone(), error);
    file::create_parents(&folder.join("x")).map_err(unreadable)?;
    let options = LockOptions { timeout: limit, ..LockOptions::default() };
    let lock = Lock::acquire(&folder, &options).map_err(|_| SourceError::Busy(folder.clone()))?;
    update(source, &folder, url, branch, around, limit)?;
    let pattern = folder.join(pattern.unwrap_or("*"));
    let read = files::read(&pattern);
    drop(lock);
    read
}

/// The copy; a source with another URL has another one.
fn copy(source: &SourceSettings, around: &Surroundings<'_>) -> PathBuf {
    let cache = around.env.state.clone().unwrap_or_else(|| around.env.temp.join("kcx"));
    cache.join("sources").join(&source.name)
}

fn update(
    source: &SourceSettings,
    folder: &Path,
    url: &str,
    branch: Option<&str>,
    around: &Surroundings<'_>,
    limit: Duration,
) -> Result<(), SourceError> {
    let url = super::files::local(url, around.env);
    let place = folder.to_string_lossy();
    let git = |words: &[&str]| -> Result<Vec<u8>, SourceError> {
        let all: Vec<String> =
            ["git"].iter().chain(&CAREFUL).chain(words).map(|word| (*word).to_owned()).collect();
        let mut program = Program::new(&all, &source.name, around);
        program.set("GIT_TERMINAL_PROMPT", "0");
        // In a hook of git they name the user's own repository.
        ELSEWHERE.iter().for_each(|variable| program.unset(variable));
        Ok(program.call(&[], limit, 1 << 20)?)
    };
    git(&["init", "--quiet", "--", &place])?;
    git(&["-C", &place, "fetch", "--quiet", "--depth=1", "--no-tags", "--", &url, branch.unwrap_or("HEAD")])?;
    git(&[
        "-C",
        &place,
        "-c",
        "advice.detachedHead=false",
        "checkout",
        "--quiet",
        "--force",
        "--detach",
        "FETCH_HEAD",
    ])?;
    git(&["-C", &place, "clean", "--quiet", "-ffdx"])?;
    Ok(())
}
