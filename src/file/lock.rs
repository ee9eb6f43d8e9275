//! kubectl's lock: a file `P.lock` beside `P`, created exclusively and removed after the change.
//!
//! kubectl does not wait for a lock and does not recover one: a kubectl that was killed leaves an empty lock file. kcx
//! waits, writes its own process identity into its locks, and breaks a lock if its process is provably dead. A lock of
//! another program is broken only on request. On Windows, the system removes kcx's locks with their process. Source: client-go `tools/clientcmd/config.go` (`ModifyConfig`) and
//! `loader.go` (`lockFile`).

#![expect(clippy::disallowed_methods, reason = "the layer that writes to disk")]

use super::folder::give_to_owner;
use super::interrupt::{self, Guard};
use super::process::ProcessIdentity;
use super::read::Identity;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// The default time to wait for a lock.
pub const TIMEOUT: Duration = Duration::from_secs(5);

const SHORTEST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);
/// The time in which a lock file that is being removed must be gone.
const ENDING: Duration = Duration::from_millis(500);

/// How to treat a lock that another process holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockOptions {
    /// The total time to wait.
    pub timeout: Duration,
    /// Breaks a lock of at least this age, whatever process holds it.
    pub break_after: Option<Duration>,
    /// Breaks the first existing lock, whatever process holds it.
    pub break_now: bool,
}

impl Default for LockOptions {
    fn default() -> LockOptions {
        LockOptions { timeout: TIMEOUT, break_after: None, break_now: false }
    }
}

/// The holder of a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A kcx process.
    Kcx {
        /// The process id on its host.
        pid: u32,
        /// The host name, in printable ASCII.
        host: String,
    },
    /// kubectl or another client-go tool, whose locks are empty, or a lock file without read permission.
    Unknown,
}

/// Why a lock was not obtained.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process still held the lock when the timeout had passed.
    #[error("the lock {} is held by another process", lock.display())]
    Held {
        /// The lock file.
        lock: PathBuf,
        /// The holder.
        owner: Owner,
        /// The time since its creation, if known.
        age: Option<Duration>,
        /// The time spent waiting.
        waited: Duration,
    },
    /// The lock file could not be created or not be removed.
    #[error("cannot create the lock {}", lock.display())]
    Io {
        /// The lock file.
        lock: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A termination signal arrived; see [`interrupt::pending`].
    #[error("a signal interrupted the wait for a lock")]
    Interrupted,
}

/// A held lock on one file. Dropping it releases the lock. Termination signals are deferred while it exists.
#[derive(Debug)]
#[must_use]
pub struct Lock {
    path: PathBuf,
    file: File,
    _guard: Guard,
}

impl Lock {
    /// Locks `path`. The file need not exist; its folder must.
    ///
    /// The lock file is beside the path as given, as with kubectl: beside a symbolic link, not beside its target.
    ///
    /// ```
    /// use kcx::file::{Lock, LockOptions};
    /// let dir = tempfile::tempdir()?;
    /// let lock = Lock::acquire(&dir.path().join("config"), &LockOptions::default())?;
    /// assert!(dir.path().join("config.lock").exists());
    /// drop(lock);
    /// assert!(!dir.path().join("config.lock").exists());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`LockError::Held`] when the timeout has passed, [`LockError::Interrupted`] on a signal, [`LockError::Io`]
    /// otherwise.
    pub fn acquire(path: &Path, lock_options: &LockOptions) -> Result<Lock, LockError> {
        let guard = Guard::new();
        let path = lock_path(path);
        let here = ProcessIdentity::current();
        let file = wait(&path, lock_options, &here, || create(&path, here.render().as_bytes()))?;
        Ok(Lock { path, file, _guard: guard })
    }

    /// Locks several files in kubectl's order (bytewise by path), so that the two programs cannot deadlock.
    ///
    /// Paths with the same lock file share one lock.
    ///
    /// # Errors
    /// As [`Lock::acquire`]; no lock is held then.
    pub fn acquire_all(paths: &[PathBuf], lock_options: &LockOptions) -> Result<Vec<Lock>, LockError> {
        raise_open_file_limit(paths.len());
        let mut paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
        paths.sort_by_key(|path| path.as_os_str().as_encoded_bytes());
        let mut held: Vec<Lock> = Vec::with_capacity(paths.len());
        for path in paths {
            let lock = lock_path(path);
            if !held.iter().any(|held| is_at(&held.file, &lock).unwrap_or(false)) {
                held.push(Lock::acquire(path, lock_options)?);
            }
        }
        Ok(held)
    }

    /// The lock file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Raises the limit of open files, within the hard limit, so that this many files can be changed together. Each needs
/// two open files: its lock and its new version.
fn raise_open_file_limit(files: usize) {
    #[cfg(unix)]
    if files > 16 {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let wanted = 2 * files as u64 + 64;
        if current.is_some_and(|current| current < wanted) {
            let current = Some(maximum.map_or(wanted, |maximum| maximum.min(wanted)));
            let _ = setrlimit(Resource::Nofile, Rlimit { current, maximum });
        }
    }
    #[cfg(not(unix))]
    let _ = files;
}

impl Drop for Lock {
    fn drop(&mut self) {
        // If this fails, the next kcx breaks the lock, because this process will have ended.
        let _ = remove(&self.file, &self.path);
    }
}

/// Waits until no process holds the lock of `path`, without taking it.
///
/// # Errors
/// As [`Lock::acquire`].
pub fn wait_until_free(path: &Path, lock_options: &LockOptions) -> Result<(), LockError> {
    let _guard = Guard::new();
    let lock = lock_path(path);
    wait(&lock, lock_options, &ProcessIdentity::current(), || match fs::symlink_metadata(&lock) {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    })
}

/// The age of the lock of `path` if it is stale: its process is dead, or its holder is unknown and it is at least
/// `min_age` old.
#[must_use]
pub fn stale_age(path: &Path, min_age: Duration) -> Option<Duration> {
    let existing = ExistingLock::find(&lock_path(path))?;
    let age = existing.age?;
    let stale = match &existing.record {
        Some(record) => record.is_dead(&ProcessIdentity::current(), existing.age),
        None => age >= min_age,
    };
    stale.then_some(age)
}

fn lock_path(path: &Path) -> PathBuf {
    let mut lock = OsString::from(path);
    lock.push(".lock");
    lock.into()
}

/// Repeats `attempt` until it succeeds or the timeout has passed. Breaks locks of dead processes.
fn wait<T>(
    lock: &Path,
    lock_options: &LockOptions,
    here: &ProcessIdentity,
    mut attempt: impl FnMut() -> io::Result<T>,
) -> Result<T, LockError> {
    let failed = |source| LockError::Io { lock: lock.to_owned(), source };
    let begin = Instant::now();
    let mut force = lock_options.break_now;
    let mut pause = SHORTEST_PAUSE;
    loop {
        if interrupt::pending().is_some() {
            return Err(LockError::Interrupted);
        }
        match attempt() {
            Ok(done) => return Ok(done),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) if may_be_ending(&error) && begin.elapsed() < ENDING => {
                thread::sleep(SHORTEST_PAUSE);
                continue;
            }
            Err(error) => return Err(failed(error)),
        }
        let Some(existing) = ExistingLock::find(lock) else { continue };
        if existing.is_folder {
            // A folder is not a lock of any program, so waiting would not help.
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        let too_old =
            lock_options.break_after.is_some_and(|limit| existing.age.is_some_and(|age| age >= limit));
        let dead = existing.record.as_ref().is_some_and(|record| record.is_dead(here, existing.age));
        if force || too_old || dead {
            match existing.break_lock(lock) {
                Ok(true) => {
                    force = false;
                    continue;
                }
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
                _ => {}
            }
        }
        let waited = begin.elapsed();
        if waited >= lock_options.timeout {
            return Err(LockError::Held {
                lock: lock.to_owned(),
                owner: existing.owner(),
                age: existing.age,
                waited,
            });
        }
        // Processes that were started together should retry at different times.
        let jitter = pause * (here.pid % 16) / 32;
        thread::sleep((pause + jitter).min(lock_options.timeout - waited));
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// True on Windows if access is denied: so it may answer for a file that is removed while it is open.
fn may_be_ending(error: &io::Error) -> bool {
    cfg!(windows) && error.kind() == io::ErrorKind::PermissionDenied
}

/// A lock file of another process.
struct ExistingLock {
    file: Option<File>,
    record: Option<ProcessIdentity>,
    age: Option<Duration>,
    is_folder: bool,
}

impl ExistingLock {
    /// Reads the lock file; `None` if it does not exist any more.
    fn find(lock: &Path) -> Option<ExistingLock> {
        let metadata = match fs::symlink_metadata(lock) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            metadata => metadata.ok(),
        };
        let modified = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
        let age = modified.and_then(|modified| SystemTime::now().duration_since(modified).ok());
        let is_folder = metadata.as_ref().is_some_and(fs::Metadata::is_dir);
        // kubectl's lock files have mode 0, so only root can open them.
        let file = metadata.filter(fs::Metadata::is_file).and_then(|_| open(lock).ok());
        let mut content = String::new();
        let read = file.as_ref().map(|file: &File| file.take(4096).read_to_string(&mut content));
        let record = read.and_then(Result::ok).and_then(|_| ProcessIdentity::parse(&content));
        Some(ExistingLock { file, record, age, is_folder })
    }

    fn owner(&self) -> Owner {
        let known = |record: &ProcessIdentity| Owner::Kcx { pid: record.pid, host: record.host.clone() };
        self.record.as_ref().map_or(Owner::Unknown, known)
    }

    /// Removes the lock file; false if another process has removed it or is removing it. Of a symbolic link, only the
    /// link is removed.
    fn break_lock(&self, lock: &Path) -> io::Result<bool> {
        #[cfg(windows)]
        make_writable(lock)?;
        if let Some(file) = &self.file {
            return remove(file, lock);
        }
        if !fs::symlink_metadata(lock)?.is_file() {
            // Not a held lock: the lock files of kcx and kubectl are regular files.
            return fs::remove_file(lock).map(|()| true);
        }
        // Root does not need write permission, and as root this call could follow a link of another user.
        #[cfg(unix)]
        if !rustix::process::geteuid().is_root() {
            fs::set_permissions(lock, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        }
        remove(&open(lock)?, lock)
    }
}

/// kubectl's lock files are read-only, and Windows does not remove such a file.
#[cfg(windows)]
#[expect(
    clippy::permissions_set_readonly_false,
    reason = "an attribute on Windows, which gives access to nobody"
)]
fn make_writable(lock: &Path) -> io::Result<()> {
    let mut permissions = fs::metadata(lock)?.permissions();
    permissions.set_readonly(false);
    fs::set_permissions(lock, permissions)
}

/// Opens the lock file for reading and writing: on NFS, an exclusive flock requires write access.
fn open(lock: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        let flags = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed() | super::read::nonblocking_flags();
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
    }
    options.read(true).write(true).open(lock)
}

/// Creates the lock file with its content; fails if it exists.
fn create(lock: &Path, content: &[u8]) -> io::Result<File> {
    #[cfg(target_os = "linux")]
    match create_complete(lock, content) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {}
        done => return done,
    }
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    #[cfg(windows)]
    remove_at_end(&mut options);
    let mut file = options.read(true).write(true).create_new(true).open(lock)?;
    give_to_owner(&file, lock);
    match file.write_all(content) {
        Ok(()) => Ok(file),
        Err(error) => fs::remove_file(lock).and(Err(error)),
    }
}

/// Lets Windows remove the lock file when this process ends, even if it is killed.
#[cfg(windows)]
fn remove_at_end(options: &mut OpenOptions) {
    use std::os::windows::fs::OpenOptionsExt;
    const FILE_GENERIC_READ: u32 = 0x0012_0089;
    const FILE_GENERIC_WRITE: u32 = 0x0012_0116;
    const DELETE: u32 = 0x0001_0000;
    const FILE_FLAG_DELETE_ON_CLOSE: u32 = 0x0400_0000;
    options.access_mode(FILE_GENERIC_READ | FILE_GENERIC_WRITE | DELETE);
    options.custom_flags(FILE_FLAG_DELETE_ON_CLOSE);
}

/// Writes an unnamed file and then links it to the path, so that a process killed at any moment leaves no empty lock.
#[cfg(target_os = "linux")]
fn create_complete(lock: &Path, content: &[u8]) -> io::Result<File> {
    use rustix::fs::{AtFlags, CWD, OFlags, linkat};
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::OpenOptionsExt;
    let folder = super::atomic::folder(lock);
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600).custom_flags(OFlags::TMPFILE.bits().cast_signed());
    let mut file = options.open(folder)?;
    file.write_all(content)?;
    give_to_owner(&file, lock);
    let unnamed = format!("/proc/self/fd/{}", file.as_raw_fd());
    linkat(CWD, unnamed, CWD, lock, AtFlags::SYMLINK_FOLLOW)?;
    Ok(file)
}

/// Removes the lock file if it is still this open file; false if not.
///
/// Every process that removes a lock file, also its creator, first locks its inode with flock, then compares, then
/// removes. So no process can remove a newer lock of the same path. The inode cannot be reused, because it is open.
fn remove(file: &File, lock: &Path) -> io::Result<bool> {
    // Any other error means that the file system does not support flock; then only the comparison protects.
    if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) || !is_at(file, lock)? {
        return Ok(false);
    }
    fs::remove_file(lock)?;
    Ok(true)
}

fn is_at(file: &File, lock: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(lock) {
        Ok(there) => Ok(Identity::of(&there).same_file(&Identity::of(&file.metadata()?))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;
