//! Kubeconfigs on disk: load the loading precedence, commit changes to the files they belong to.
//!
//! Reading opens read-only and takes no lock. Committing locks only the files it writes, reads them again under the
//! lock, and decides again if they have changed, so what another tool wrote in the meantime is never lost.

mod commit;
pub mod discovery;
mod error;
pub mod journal;
pub mod line_diff;
mod lookup;
mod open_files;
pub mod overlay;
pub mod precedence;
pub mod renames;
pub mod undo;
mod whole_file;
mod write;

pub use commit::{Preview, Report, WriteNote};
pub use error::{CommitError, LoadCause, LoadError, StoreError};
pub use journal::Journal;
pub use lookup::Lookup;
pub use open_files::OpenFiles;
pub use overlay::{OVERLAY, Overlay};
pub use precedence::{Origin, Precedence};
pub use whole_file::{put, put_all};

use crate::env::Env;
use crate::file::limits;
use crate::file::{self, Identity, LockOptions};
use crate::kubeconfig::{Document, Merged, Source};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The kubeconfigs of one run, how long to wait for their locks, and the journal that records changes to them.
#[derive(Clone, Debug)]
pub struct Store {
    precedence: Precedence,
    lock_options: LockOptions,
    env: Env,
    mind_all_locks: bool,
    journal: Journal,
    open_files: OpenFiles,
}

/// A loaded kubeconfig, and what identifies the version of each file, so that a commit can tell whether it has changed.
#[derive(Debug)]
pub struct Loaded {
    /// All files, merged.
    pub merged: Merged,
    identities: Vec<Option<Identity>>,
    at: SystemTime,
}

impl Store {
    /// Creates a store of these files.
    #[must_use]
    pub fn new(precedence: Precedence, lock_options: LockOptions, env: &Env) -> Store {
        let (env, journal, open_files) = (env.clone(), Journal::default(), OpenFiles::default());
        Store { precedence, lock_options, env, mind_all_locks: false, journal, open_files }
    }

    /// Uses these open files instead of opening them again.
    #[must_use]
    pub fn with_open_files(mut self, open_files: &OpenFiles) -> Store {
        self.open_files = open_files.clone();
        self
    }

    /// Waits for the locks of all files of the list before writing any of them, as kubectl would.
    #[must_use]
    pub fn minding_all_locks(mut self) -> Store {
        self.mind_all_locks = true;
        self
    }

    /// Records changes in this journal.
    #[must_use]
    pub fn with_journal(mut self, journal: Journal) -> Store {
        self.journal = journal;
        self
    }

    /// The same store without sessions' overlays: the user's own files.
    #[must_use]
    pub fn without_overlays(&self) -> Store {
        Store { precedence: self.precedence.without_overlays(&self.env), ..self.clone() }
    }

    /// The files of this store, in loading order.
    #[must_use]
    pub fn precedence(&self) -> &Precedence {
        &self.precedence
    }

    /// Reads all files of the precedence; those that do not exist count as empty.
    ///
    /// # Errors
    /// Returns all files that exist and are not kubeconfigs, in loading order.
    pub fn load(&self) -> Result<Loaded, Vec<LoadError>> {
        let mut at = SystemTime::now();
        self.migrate().map_err(|error| vec![error])?;
        let (mut sources, mut identities, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        let explicit = self.precedence.origin == Origin::Flag;
        for path in &self.precedence.paths {
            let read = match self.open_files.take(path) {
                Some(open) => {
                    at = at.min(open.at);
                    open.into_document().map(Some)
                }
                None if explicit => read_given(path),
                None => read(path),
            };
            match read {
                Ok(found) => {
                    let (document, identity) = found.unzip();
                    sources.push(Source { path: path.clone(), document });
                    identities.push(identity);
                }
                Err(cause) => errors.push(LoadError { path: path.clone(), cause }),
            }
        }
        if errors.is_empty() {
            Ok(Loaded { merged: Merged::new(sources), identities, at })
        } else {
            Err(errors)
        }
    }

    /// The current context, or an empty string. Files in kubectl's own style are not loaded whole.
    ///
    /// # Errors
    /// As [`Store::load`]: a file that cannot be loaded is an error for every query, as with kubectl.
    pub fn current_context(&self) -> Result<String, Vec<LoadError>> {
        Ok(self.lookup()?.current_context().to_owned())
    }

    /// The file that takes new entries and the current context: the explicit file, the only one, the first that
    /// exists, else the last. Those before `from` do not count. Source: client-go `loader.go` `GetDefaultFilename`.
    fn default_file(&self, from: usize) -> usize {
        let paths = &self.precedence.paths[..self.precedence.paths.len() - self.precedence.found];
        let exists = |at: &usize| paths[*at].metadata().is_ok();
        (from..paths.len()).find(exists).unwrap_or(paths.len().saturating_sub(1))
    }

    /// The path of the default file, as spelled.
    #[must_use]
    pub fn default_path(&self) -> &Path {
        self.precedence.paths.get(self.default_file(0)).map_or(Path::new(""), PathBuf::as_path)
    }

    /// Moves a kubeconfig from where kubectl's first version kept it; kubectl does so on every start.
    fn migrate(&self) -> Result<(), LoadError> {
        let (new, old) = (precedence::home_file(&self.env), precedence::old_home_file(&self.env));
        // The old file nearly always does not exist. A failing `open` is one system call; comparing metadata is five.
        let is_gone = matches!(file::open(&old), Err(error) if error.kind() == io::ErrorKind::NotFound);
        if is_gone || new == old || new.metadata().is_ok() {
            return Ok(());
        }
        let Ok(metadata) = old.metadata() else { return Ok(()) };
        // A new file that exists but cannot be accessed is reported when it is loaded.
        if !matches!(new.metadata(), Err(error) if error.kind() == io::ErrorKind::NotFound) {
            return Ok(());
        }
        if metadata.is_dir() {
            return Err(LoadError { path: new, cause: LoadCause::Migrate(old) });
        }
        let failed = |cause| LoadError { path: old.clone(), cause };
        let (bytes, _) =
            file::read(&old, limits::KUBECONFIG).map_err(|error| failed(LoadCause::Open(error)))?;
        // The old file stays. A failure to copy it is reported when the new file is needed.
        let _ = file::replace(&new, &[&bytes]);
        Ok(())
    }
}

/// Reads one file; `None` if it does not exist.
pub(crate) fn read(path: &Path) -> Result<Option<(Document, Identity)>, LoadCause> {
    parse(file::read(path, limits::KUBECONFIG))
}

/// Reads one file that the user named on the command line, see [`file::read_given`]; `None` if it does not exist.
pub(crate) fn read_given(path: &Path) -> Result<Option<(Document, Identity)>, LoadCause> {
    parse(file::read_given(path, limits::KUBECONFIG))
}

fn parse(read: io::Result<(Vec<u8>, Identity)>) -> Result<Option<(Document, Identity)>, LoadCause> {
    match read {
        Ok((bytes, identity)) => Ok(Some((Document::parse(bytes).map_err(LoadCause::Parse)?, identity))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::IsADirectory => Err(LoadCause::Read(error)),
        Err(error) => Err(LoadCause::Open(error)),
    }
}
