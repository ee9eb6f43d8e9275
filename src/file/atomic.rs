//! Atomic replacement of a file: at any moment, also after a power cut, a reader finds the old content or the new.
//!
//! The new content is written to a temporary file in the same folder, with the mode and owner of the old file, and is
//! then renamed over it. A symbolic link is kept and its target is replaced. Extended attributes and ACLs are not
//! copied; the new file has only those that its folder assigns by default. If renaming is impossible (read-only folder,
//! bind mount, file of another user), the file is written in place, as kubectl always does.

#![expect(clippy::disallowed_methods, reason = "the layer that writes to disk")]

pub(super) mod temporary;

pub use temporary::stale_beside;

use super::folder::create_folders;
use super::interrupt::Guard;
use super::read::{Identity, not_regular, read};
use super::{in_use, limits};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Seek};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Options of [`replace_with`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Writes in place where no atomic replacement is possible.
    pub allow_in_place: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { allow_in_place: true }
    }
}

/// The result of a replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// The path of the file, with symbolic links resolved.
    pub path: PathBuf,
    /// The identity of the new version.
    pub identity: Identity,
    /// True if it could not be replaced atomically.
    pub in_place: bool,
    /// Attributes of the old file that could not be preserved.
    pub notes: Vec<ReplaceNote>,
}

/// An attribute of the old file that the new one does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplaceNote {
    /// The group could not be preserved, so the permissions of the group were removed.
    GroupDropped,
    /// The file had other hard links; they still have the old content.
    LinksSplit,
}

/// The steps of a replacement, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplaceStep {
    /// Resolving symbolic links and opening the old file for writing.
    Open,
    /// Creating the temporary file.
    Create,
    /// Writing the content.
    Write,
    /// Setting the owner and mode of the old file.
    Permissions,
    /// Syncing the content to the disk.
    Sync,
    /// Renaming the temporary file over the old file.
    Rename,
    /// Removing the file.
    Remove,
    /// Syncing a file that was written in place. The new content is in the file already.
    SyncInPlace,
    /// Syncing the folder after a rename or a removal. The new content is in the file already.
    SyncFolder,
}

/// Why a file was not replaced.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// A step failed. The file has the old content (restored if it was written in place), unless
    /// [`ReplaceError::is_written`].
    #[error("{}: {step:?}", path.display())]
    Io {
        /// The path of the file, with symbolic links resolved.
        path: PathBuf,
        /// The step that failed.
        step: ReplaceStep,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The file can only be written in place, which the options do not allow.
    #[error("{}: not atomic", path.display())]
    NotAtomic {
        /// The path of the file, with symbolic links resolved.
        path: PathBuf,
        /// The error that prevented the atomic replacement.
        source: io::Error,
    },
}

impl ReplaceError {
    /// The error of the operating system.
    #[must_use]
    pub fn io(&self) -> &io::Error {
        let (ReplaceError::Io { source, .. } | ReplaceError::NotAtomic { source, .. }) = self;
        source
    }

    /// True if the file has the new content nevertheless, but might lose it in a power cut.
    #[must_use]
    pub fn is_written(&self) -> bool {
        matches!(self, ReplaceError::Io { step: ReplaceStep::SyncInPlace | ReplaceStep::SyncFolder, .. })
    }
}

impl From<ReplaceError> for io::Error {
    fn from(error: ReplaceError) -> io::Error {
        match error {
            ReplaceError::Io { source, .. } | ReplaceError::NotAtomic { source, .. } => source,
        }
    }
}

/// Replaces the content of `path` by the concatenated parts.
///
/// A new file gets mode 0600. A file without write permission is refused, as by kubectl, although its folder would
/// permit the rename. The caller holds the file's [`Lock`](super::Lock), because temporary files that a killed writer
/// left beside the file are removed.
///
/// ```
/// let dir = tempfile::tempdir()?;
/// let path = dir.path().join("config");
/// kcx::file::replace(&path, &[b"kind: ", b"Config\n"])?;
/// assert_eq!(std::fs::read(&path)?, b"kind: Config\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Returns [`ReplaceError::Io`] with the step that failed.
pub fn replace(path: &Path, parts: &[&[u8]]) -> Result<Replaced, ReplaceError> {
    replace_with(path, parts, Options::default())
}

/// Like [`replace`], with options.
///
/// # Errors
/// As [`replace`]; [`ReplaceError::NotAtomic`] if writing in place would be necessary and is not allowed.
pub fn replace_with(path: &Path, parts: &[&[u8]], options: Options) -> Result<Replaced, ReplaceError> {
    Staged::with(path, parts, options)?.commit()
}

/// The first half of [`replace`]: the new content is in a temporary file beside `path`, and the system has started to
/// write it to the disk, unless it can only be written in place. Dropping this removes the temporary file. Signals are
/// deferred while it exists.
///
/// ```
/// use kcx::file::Staged;
/// let dir = tempfile::tempdir()?;
/// let path = dir.path().join("config");
/// let staged = Staged::new(&path, &[b"kind: Config\n"])?;
/// assert!(!path.exists());
/// staged.commit()?;
/// assert_eq!(std::fs::read(&path)?, b"kind: Config\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a staged file must be committed"]
pub struct Staged<'p> {
    path: PathBuf,
    parts: Vec<&'p [u8]>,
    options: Options,
    replaces: bool,
    /// The temporary file with the new content, and the attributes it lacks; `None` if the file will be written in
    /// place.
    temporary: Option<(NamedTempFile, Vec<ReplaceNote>)>,
    on_disk: bool,
    _guard: Guard,
}

impl<'p> Staged<'p> {
    /// Writes the concatenated parts to a temporary file beside `path`, or to no file if they can only be written in
    /// place.
    ///
    /// # Errors
    /// As [`replace`].
    pub fn new(path: &Path, parts: &[&'p [u8]]) -> Result<Staged<'p>, ReplaceError> {
        Staged::with(path, parts, Options::default())
    }

    fn with(path: &Path, parts: &[&'p [u8]], options: Options) -> Result<Staged<'p>, ReplaceError> {
        let guard = Guard::new();
        let path = resolve(path);
        let staged = check_writable(&path).map_err(at(ReplaceStep::Open)).and_then(|old| {
            match temporary::write(&path, old.as_ref(), parts) {
                Err(StepFailure::NotAtomic(_)) if options.allow_in_place => Ok((old, None)),
                written => written.map(|written| (old, Some(written))),
            }
        });
        match staged {
            Ok((old, temporary)) => {
                let replaces = old.is_some();
                let parts = parts.to_vec();
                Ok(Staged { path, parts, options, replaces, temporary, on_disk: false, _guard: guard })
            }
            Err(failure) => Err(failure.at(path)),
        }
    }

    /// Syncs the temporary file to the disk, if there is one.
    ///
    /// # Errors
    /// Returns [`ReplaceError::Io`] with [`ReplaceStep::Sync`].
    pub fn sync(&mut self) -> Result<(), ReplaceError> {
        if let Some((temporary, _)) = self.temporary.as_ref().filter(|_| !self.on_disk) {
            let synced = temporary.as_file().sync_all().map_err(at(ReplaceStep::Sync));
            synced.map_err(|failure| failure.at(self.path.clone()))?;
            self.on_disk = true;
        }
        Ok(())
    }

    /// Syncs the temporary file and renames it over the file.
    ///
    /// # Errors
    /// As [`replace`].
    pub fn commit(mut self) -> Result<Replaced, ReplaceError> {
        self.sync()?;
        let Staged { path, parts, options, replaces, temporary, on_disk: _, _guard } = self;
        let renamed = temporary.map(|(temporary, notes)| {
            rename_over(&path, replaces, temporary).map(|file| (file, false, notes))
        });
        let replaced = match renamed {
            None => write_in_place(&path, &parts),
            Some(Err(StepFailure::NotAtomic(_))) if options.allow_in_place => write_in_place(&path, &parts),
            Some(renamed) => renamed,
        };
        match replaced {
            Ok((file, in_place, notes)) => match file.metadata() {
                Ok(metadata) => Ok(Replaced { identity: Identity::of(&metadata), path, in_place, notes }),
                Err(source) => Err(ReplaceError::Io { path, step: ReplaceStep::SyncFolder, source }),
            },
            Err(failure) => Err(failure.at(path)),
        }
    }
}

/// Removes a file that [`replace`] has created, resolving symbolic links: the undo of a first version. The caller still
/// holds the lock.
///
/// # Errors
/// Returns [`ReplaceError::Io`] with [`ReplaceStep::Remove`] or [`ReplaceStep::SyncFolder`].
pub fn remove(path: &Path) -> Result<(), ReplaceError> {
    let path = resolve(path);
    let removed = fs::remove_file(&path).map_err(at(ReplaceStep::Remove));
    let synced = removed.and_then(|()| sync_folder(folder(&path)).map_err(at(ReplaceStep::SyncFolder)));
    synced.map_err(|failure| failure.at(path))
}

/// Creates the folder of `path` and its parents with kubectl's mode (0755 minus the umask).
///
/// # Errors
/// Errors of creating a folder.
pub fn create_parents(path: &Path) -> io::Result<()> {
    create_folders(folder(path), 0o755)
}

/// The parent folder of `path`; `.` if the path has a single component.
pub(super) fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

enum StepFailure {
    Failed(ReplaceStep, io::Error),
    /// The file can only be written in place.
    NotAtomic(io::Error),
}

impl StepFailure {
    fn at(self, path: PathBuf) -> ReplaceError {
        match self {
            StepFailure::Failed(step, source) => ReplaceError::Io { path, step, source },
            StepFailure::NotAtomic(source) => ReplaceError::NotAtomic { path, source },
        }
    }
}

fn at(step: ReplaceStep) -> impl Fn(io::Error) -> StepFailure {
    move |source| StepFailure::Failed(step, source)
}

/// Follows symbolic links to the final target, which need not exist. A loop of links is reported when the path is
/// opened.
fn resolve(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    // Linux follows at most 40 links.
    for _ in 0..40 {
        let Ok(target) = fs::read_link(&path) else { break };
        path = folder(&path).join(target);
    }
    path
}

/// The metadata of the old file, if it exists. The file is opened for writing, because only the system can tell whether
/// that is permitted.
fn check_writable(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::metadata(path) {
        // Renaming over a device would destroy it, and a pipe does not store content.
        Ok(metadata) if !metadata.is_file() => Err(not_regular(&metadata)),
        Ok(metadata) => open_to_write(path).map(|_| Some(metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Opens without blocking, even if a pipe has replaced the file in the meantime.
fn open_to_write(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, super::read::nonblocking_flags());
    in_use::retry(false, || options.write(true).open(path))
}

/// [`StepFailure::NotAtomic`] if the old file exists and the error is of one of these kinds, or another program has the
/// file open; otherwise the step failed.
fn unless_in_place(old: bool, step: ReplaceStep, kinds: &[io::ErrorKind], error: io::Error) -> StepFailure {
    match old && (kinds.contains(&error.kind()) || in_use::is_in_use(&error)) {
        true => StepFailure::NotAtomic(error),
        false => StepFailure::Failed(step, error),
    }
}

fn rename_over(path: &Path, old: bool, temporary: NamedTempFile) -> Result<File, StepFailure> {
    use io::ErrorKind::{CrossesDevices, PermissionDenied, ResourceBusy};
    let file = persist(temporary, path).map_err(|error| {
        let kinds = [PermissionDenied, ResourceBusy, CrossesDevices];
        unless_in_place(old, ReplaceStep::Rename, &kinds, error)
    })?;
    sync_folder(folder(path)).map_err(at(ReplaceStep::SyncFolder))?;
    Ok(file)
}

#[cfg(not(windows))]
fn persist(temporary: NamedTempFile, path: &Path) -> io::Result<File> {
    temporary.persist(path).map_err(|failed| failed.error)
}

/// Renames with the standard library, which also takes paths of more than 260 characters, and replaces a file that another
/// program has open, if that program permits it. One that does not, such as a virus scanner, often ends soon.
#[cfg(windows)]
fn persist(mut temporary: NamedTempFile, path: &Path) -> io::Result<File> {
    in_use::retry(true, || fs::rename(temporary.path(), path))?;
    temporary.disable_cleanup(true);
    Ok(temporary.into_file())
}

/// Overwrites the file without truncating it first, so that no reader finds it empty. Restores the old content if
/// writing fails.
fn write_in_place(path: &Path, parts: &[&[u8]]) -> Result<(File, bool, Vec<ReplaceNote>), StepFailure> {
    let before = read(path, limits::KUBECONFIG).ok().map(|(before, _)| before);
    let mut file = open_to_write(path).map_err(at(ReplaceStep::Open))?;
    let mut write = |parts: &[&[u8]]| {
        file.rewind()?;
        temporary::write_parts(&file, parts)?;
        file.set_len(parts.iter().map(|part| part.len() as u64).sum())
    };
    if let Err(error) = write(parts) {
        if let Some(before) = before {
            let _ = write(&[&before]);
        }
        return Err(StepFailure::Failed(ReplaceStep::Write, error));
    }
    file.sync_all().map_err(at(ReplaceStep::SyncInPlace))?;
    Ok((file, true, Vec::new()))
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    // Not every folder can be opened, and not every file system can sync folders.
    let Ok(folder) = File::open(folder) else { return Ok(()) };
    match folder.sync_all() {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        done => done,
    }
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests;
