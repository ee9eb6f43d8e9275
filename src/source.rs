//! Sources of kubeconfigs: what `kcx sync` asks for the clusters there are, and for their kubeconfigs.
//!
//! ```text
//! settings ─► program (the protocol) ─┐
//!         ─► recipe ─► program        ├─► list ─► is its version known? ─► content
//!         ─► folder, Git repository ──┘
//! ```
//!
//! `docs/sources.md` describes the protocol.

mod files;
mod git;
mod program;
mod protocol;
mod recipe;

pub use program::CallError;
pub use recipe::script;

use crate::env::Env;
use crate::settings::{SourceOrigin, SourceSettings};
use crate::store::discovery;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// The number of kubeconfigs of one source that are fetched at the same time.
const PARALLEL: usize = 8;

/// A cluster in the list of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Its id: one line of text that does not start with `-`, unique in the source.
    pub id: String,
    /// The name that the source proposes for its context.
    pub name: Option<String>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// The version of its kubeconfig.
    pub changed: Option<String>,
    /// Its kubeconfig, if the list has it already.
    kubeconfig: Option<Vec<u8>>,
}

/// A cluster of a source, with its kubeconfig.
#[derive(Debug)]
pub struct Fetched {
    /// The cluster.
    pub cluster: Listed,
    /// The kubeconfig; `None` if its version is known.
    pub content: Option<Result<Vec<u8>, SourceError>>,
    /// The file that it was read from, if it was.
    pub file: Option<PathBuf>,
}

/// Why a source or one of its clusters cannot be had.
#[derive(Debug)]
pub enum SourceError {
    /// A program failed.
    Call(CallError),
    /// A program broke the protocol: what is wrong in its output.
    Protocol(String),
    /// A file or a folder cannot be read.
    Read(PathBuf, io::Error),
    /// A pattern matches no file, and its folder does not exist.
    NoFolder(PathBuf),
    /// The lock of a repository was not obtained.
    Busy(PathBuf),
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SourceError::Call(error) => error.fmt(f),
            SourceError::Protocol(what) => f.write_str(what),
            SourceError::Read(path, error) => write!(f, "cannot read {}: {error}", path.display()),
            SourceError::NoFolder(path) => write!(f, "there is no folder {}", path.display()),
            SourceError::Busy(path) => write!(f, "another program holds {}", path.display()),
        }
    }
}

impl std::error::Error for SourceError {}

impl From<CallError> for SourceError {
    fn from(error: CallError) -> SourceError {
        SourceError::Call(error)
    }
}

/// What all sources of a run have in common.
#[derive(Clone, Debug)]
pub struct Surroundings<'s> {
    /// The environment.
    pub env: &'s Env,
    /// The `KUBECONFIG` of programs: the user's own, without the session of this shell.
    pub kubeconfig: Option<OsString>,
}

/// The absolute path of the file that a source keeps in step.
#[must_use]
pub fn file(source: &SourceSettings, env: &Env) -> PathBuf {
    let own = format!("~/.kube/config.d/{}.yaml", source.name);
    discovery::whole(source.into.as_deref().unwrap_or(&own), env)
}

/// All clusters of a source, each with its kubeconfig, unless `is_known` says that its version is known.
///
/// # Errors
/// The source cannot be listed. A kubeconfig that cannot be had is an error of its cluster alone.
pub fn fetch(
    source: &SourceSettings,
    around: &Surroundings<'_>,
    is_known: &(dyn Fn(&Listed) -> bool + Sync),
) -> Result<Vec<Fetched>, SourceError> {
    let limit = Duration::from_secs(source.timeout);
    let program = match &source.origin {
        SourceOrigin::Folder(folder) => return files::read(&files::pattern(folder, around.env)),
        SourceOrigin::Git { url, path, branch } => {
            return git::read(source, url, path.as_deref(), branch.as_deref(), around);
        }
        SourceOrigin::Command(words) => program::Program::new(words, &source.name, around),
        SourceOrigin::Recipe(name, options) => recipe::program(name, options, &source.name, around),
    };
    let list = protocol::list(&program.call(&["list"], limit, protocol::LIST_LIMIT)?)?;
    let get = |mut cluster: Listed| {
        let content = match cluster.kubeconfig.take() {
            _ if is_known(&cluster) => None,
            Some(kubeconfig) => Some(Ok(kubeconfig)),
            None => Some(program.call(&["get", &cluster.id], limit, protocol::GET_LIMIT).map_err(Into::into)),
        };
        Fetched { cluster, content, file: None }
    };
    let mut fetched = in_parallel(list, PARALLEL, get);
    fetched.sort_by(|one, other| one.cluster.id.cmp(&other.cluster.id));
    Ok(fetched)
}

/// Works on items in up to this number of threads; the results are in the order of the items.
pub fn in_parallel<T: Send, R: Send>(items: Vec<T>, threads: usize, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let threads = threads.min(items.len());
    let waiting = Mutex::new(items.into_iter().enumerate());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((at, item)) = next() {
                    let result = work(item);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}
