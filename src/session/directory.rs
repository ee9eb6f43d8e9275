//! Sessions that `kcx env` makes for directories. They belong to no shell: direnv and mise export them in each shell that is
//! in the directory, and the hook lays the shell's own session over them.
//!
//! There is one for each context, namespace and list of files, always of the same name, so that it can be made again at the
//! same place. It has no owner. It is kept for a year after `kcx env` printed it last: nobody can tell which directories use it.

use super::{Session, StoredSelection, prepare, safe_roots};
use crate::codec::hash;
use crate::env::Env;
use crate::file;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

const PREFIX: &str = "env-";
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Session {
    /// The session for directories with this selection over these files. It is created if it does not exist; otherwise its
    /// overlay stays as it is.
    ///
    /// # Errors
    /// No root folder is usable.
    pub fn of_directory(env: &Env, files: &[PathBuf], selection: &StoredSelection) -> io::Result<Session> {
        let key = serde_json::to_vec(&(selection, files)).unwrap_or_default();
        let id = format!("{PREFIX}{}", &hash::sha256(key)[..16]);
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for root in safe_roots(env) {
            let create = || {
                prepare(&root)?;
                let folder = root.sessions.join(&id);
                file::create_private(&folder)?;
                if !file::is_own_folder(&folder) {
                    return Err(io::ErrorKind::PermissionDenied.into());
                }
                let session = Session { guard: root.guard(id.as_ref()), folder };
                session.create_for_directory(files, selection).map(|()| session)
            };
            match create() {
                Ok(session) => return Ok(session),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn create_for_directory(&self, files: &[PathBuf], selection: &StoredSelection) -> io::Result<()> {
        if !self.files_file().exists() {
            self.record_files(files)?;
        }
        if !self.guard.exists() || !self.overlay().exists() {
            self.put(Some(selection), &[])?;
        }
        file::set_modified(&self.files_file(), SystemTime::now())
    }

    /// True if `kcx env` has made it.
    #[must_use]
    pub fn is_of_directory(&self) -> bool {
        self.folder.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(PREFIX.as_bytes()))
    }

    /// True if it was made for a directory, and may be used there.
    #[must_use]
    pub fn is_kept_for_directory(&self) -> bool {
        self.is_of_directory() && file::age(&self.files_file()).is_some_and(|age| age < YEAR)
    }
}
