//! Replacing a file whole: at any moment, even a power cut, a reader finds the old content or the new.
//!
//! The new content goes to a temporary file in the same folder, with the old file's mode and owner, then takes its
//! name; a symbolic link stays and its target is replaced. Extended attributes and ACLs do not move over, except where
//! the folder gives them to new files. Where renaming is impossible (read-only folder, bind mount, somebody else's
//! file) the file is written in place, as kubectl always does.

#![expect(clippy::disallowed_methods, reason = "the layer that writes to disk")]

pub(super) mod temporary;

use super::folder::create_folders;
use super::interrupt::Guard;
use super::read::{Identity, LIMIT, not_regular, read};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Seek};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// How far [`replace_with`] may go.
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

/// What became of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// The file itself, behind any symbolic links.
    pub path: PathBuf,
    /// Its new version.
    pub identity: Identity,
    /// True if it could not be replaced atomically.
    pub in_place: bool,
    /// What could not be kept.
    pub notes: Vec<Note>,
}

/// Something about the old file that the new one does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// The group could not be kept, so the group's permissions were dropped.
    GroupDropped,
    /// The file had other names (hard links); they keep the old content.
    LinksSplit,
}

/// The stages of a replacement, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplaceStep {
    /// Following symbolic links and opening the old file for writing.
    Open,
    /// Creating the temporary file.
    Create,
    /// Writing the content.
    Write,
    /// Giving it the old file's owner and mode.
    Permissions,
    /// Waiting until the content is on the disk.
    Sync,
    /// Taking the old file's name.
    Rename,
    /// Taking the name away, where there is to be no file.
    Remove,
    /// Waiting until a file that was written in place is on the disk; the new content stands already.
    SyncInPlace,
    /// Waiting until the name is on the disk, or that it is gone; the new content stands already.
    SyncFolder,
}

/// Why a file was not replaced.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// A step failed. The old content stands, put back if it was written in place; unless [`ReplaceError::stands`].
    #[error("{}: {step:?}", path.display())]
    Io {
        /// The file, behind any symbolic links.
        path: PathBuf,
        /// What was being done.
        step: ReplaceStep,
        /// What the system said.
        source: io::Error,
    },
    /// It can only be written in place, which was not allowed.
    #[error("{}: not atomic", path.display())]
    NotAtomic {
        /// The file, behind any symbolic links.
        path: PathBuf,
        /// What stood in the way.
        source: io::Error,
    },
}

impl ReplaceError {
    /// True if the new content stands all the same: it only may not survive a power cut.
    #[must_use]
    pub fn stands(&self) -> bool {
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

/// Replaces the content of `path` by the parts, one after the other.
///
/// A new file gets mode 0600. A file that may not be written is refused, as kubectl refuses it, although its folder
/// would allow it. The caller holds the file's [`Lock`](super::Lock): temporary files that a killed writer left
/// beside the file are swept.
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
/// [`ReplaceError::Io`] names the step that failed.
pub fn replace(path: &Path, parts: &[&[u8]]) -> Result<Replaced, ReplaceError> {
    replace_with(path, parts, Options::default())
}

/// Replaces as [`replace`] does, within these options.
///
/// # Errors
/// As [`replace`]; [`ReplaceError::NotAtomic`] where writing in place was not allowed.
pub fn replace_with(path: &Path, parts: &[&[u8]], options: Options) -> Result<Replaced, ReplaceError> {
    Staged::with(path, parts, options)?.commit()
}

/// The first half of [`replace`]: the new content is beside the file and on its way to the disk while the caller goes on,
/// unless it can only be written in place. Dropped, it leaves nothing behind; signals are held back as long as it lives.
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
#[must_use = "it is to be committed"]
pub struct Staged<'p> {
    path: PathBuf,
    parts: Vec<&'p [u8]>,
    options: Options,
    replaces: bool,
    /// The new content, and what of the old file it does not have; none where it is to be written in place.
    temporary: Option<(NamedTempFile, Vec<Note>)>,
    on_disk: bool,
    _guard: Guard,
}

impl<'p> Staged<'p> {
    /// Writes the parts, one after the other, to a temporary file beside `path`; to none where they can only be written in
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
            Err(failure) => Err(failure.of(path)),
        }
    }

    /// Waits until the new content is on the disk, where it is beside the file.
    ///
    /// # Errors
    /// [`ReplaceError::Io`] with [`ReplaceStep::Sync`].
    pub fn sync(&mut self) -> Result<(), ReplaceError> {
        if let Some((temporary, _)) = self.temporary.as_ref().filter(|_| !self.on_disk) {
            let synced = temporary.as_file().sync_all().map_err(at(ReplaceStep::Sync));
            synced.map_err(|failure| failure.of(self.path.clone()))?;
            self.on_disk = true;
        }
        Ok(())
    }

    /// Gives the new content the file's name, once it is on the disk.
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
            Err(failure) => Err(failure.of(path)),
        }
    }
}

/// Removes a file that [`replace`] has created, behind any symbolic links: what takes a first version back. The caller
/// still holds the lock.
///
/// # Errors
/// [`ReplaceError::Io`] with [`ReplaceStep::Remove`], or [`ReplaceStep::SyncFolder`].
pub fn remove(path: &Path) -> Result<(), ReplaceError> {
    let path = resolve(path);
    let removed = fs::remove_file(&path).map_err(at(ReplaceStep::Remove));
    let synced = removed.and_then(|()| sync_folder(folder(&path)).map_err(at(ReplaceStep::SyncFolder)));
    synced.map_err(|failure| failure.of(path))
}

/// Creates the folder of `path`, and its parents, with kubectl's mode (0755 less the umask).
///
/// # Errors
/// Those of creating a folder.
pub fn create_parents(path: &Path) -> io::Result<()> {
    create_folders(folder(path), 0o755)
}

/// The folder that holds the last name of `path`.
pub(super) fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

enum StepFailure {
    Failed(ReplaceStep, io::Error),
    /// The file has to be written in place, if at all.
    NotAtomic(io::Error),
}

impl StepFailure {
    fn of(self, path: PathBuf) -> ReplaceError {
        match self {
            StepFailure::Failed(step, source) => ReplaceError::Io { path, step, source },
            StepFailure::NotAtomic(source) => ReplaceError::NotAtomic { path, source },
        }
    }
}

fn at(step: ReplaceStep) -> impl Fn(io::Error) -> StepFailure {
    move |source| StepFailure::Failed(step, source)
}

/// Follows symbolic links to the last one's target, which need not exist. A loop is left for opening to report.
fn resolve(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    // Linux follows 40.
    for _ in 0..40 {
        let Ok(target) = fs::read_link(&path) else { break };
        path = folder(&path).join(target);
    }
    path
}

/// Describes the old file, if there is one. Opening it is the system's own answer to whether it may be written.
fn check_writable(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::metadata(path) {
        // Renaming over a device would destroy it, and a pipe keeps nothing.
        Ok(metadata) if !metadata.is_file() => Err(not_regular(&metadata)),
        Ok(metadata) => open_to_write(path).map(|_| Some(metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Opens without blocking, whatever has replaced the file meanwhile.
fn open_to_write(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, super::read::nonblocking_flags());
    options.write(true).open(path)
}

/// A failure, or that the file has to be written in place, if there is one.
fn unless_in_place(old: bool, step: ReplaceStep, kinds: &[io::ErrorKind], error: io::Error) -> StepFailure {
    match old && kinds.contains(&error.kind()) {
        true => StepFailure::NotAtomic(error),
        false => StepFailure::Failed(step, error),
    }
}

fn rename_over(path: &Path, old: bool, temporary: NamedTempFile) -> Result<File, StepFailure> {
    use io::ErrorKind::{CrossesDevices, PermissionDenied, ResourceBusy};
    let file = temporary.persist(path).map_err(|failed| {
        let kinds = [PermissionDenied, ResourceBusy, CrossesDevices];
        unless_in_place(old, ReplaceStep::Rename, &kinds, failed.error)
    })?;
    sync_folder(folder(path)).map_err(at(ReplaceStep::SyncFolder))?;
    Ok(file)
}

/// Overwrites without truncating first, so that no reader ever sees an empty file, and puts the old content back if
/// that fails.
fn write_in_place(path: &Path, parts: &[&[u8]]) -> Result<(File, bool, Vec<Note>), StepFailure> {
    let before = read(path, LIMIT).ok().map(|(before, _)| before);
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
    // Not every folder may be opened, and not every file system syncs folders.
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
