//! kubectl's lock: a file `P.lock` beside `P`, created exclusively, removed when done.
//!
//! kubectl neither waits nor recovers, and a kubectl that was killed leaves an empty lock for ever. kcx waits, writes
//! into its own lock who holds it, and breaks one whose holder is provably dead. It never silently breaks a lock it
//! did not make. Source: client-go `tools/clientcmd/config.go` (`ModifyConfig`) and `loader.go` (`lockFile`).

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

/// How long a held lock is waited for, unless the user says otherwise.
pub const TIMEOUT: Duration = Duration::from_secs(5);

const SHORTEST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// What to do about a lock that somebody else holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockOptions {
    /// How long to wait in all.
    pub timeout: Duration,
    /// The age from which the user considers any lock abandoned.
    pub break_after: Option<Duration>,
    /// Breaks the lock that stands in the way at first, whoever made it.
    pub break_now: bool,
}

impl Default for LockOptions {
    fn default() -> LockOptions {
        LockOptions { timeout: TIMEOUT, break_after: None, break_now: false }
    }
}

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A kcx process.
    Kcx {
        /// Its process id, on its own host.
        pid: u32,
        /// The host it runs on: printable ASCII.
        host: String,
    },
    /// kubectl or another client-go tool, which write no name, or a user whose files can't be read.
    Unknown,
}

/// Why a lock was not obtained.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody holds it, and still did when the timeout had passed.
    #[error("{}: held", lock.display())]
    Held {
        /// The lock file.
        lock: PathBuf,
        /// Who made it.
        owner: Owner,
        /// The time since it was made, if clock and file system tell.
        age: Option<Duration>,
        /// The time spent waiting.
        waited: Duration,
    },
    /// The lock file could not be created, or not be broken.
    #[error("{}", lock.display())]
    Io {
        /// The lock file.
        lock: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A signal asked to stop; [`interrupt::pending`] says which.
    #[error("interrupted")]
    Interrupted,
}

/// The right to change one file, until dropped. Holds back signals meanwhile.
#[derive(Debug)]
#[must_use]
pub struct Lock {
    path: PathBuf,
    file: File,
    _guard: Guard,
}

impl Lock {
    /// Locks `path`, which need not exist, though its folder must.
    ///
    /// The lock lies beside the path as spelled, beside a symbolic link rather than its target, as kubectl's does.
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
    /// [`LockError::Held`] when the timeout has passed, [`LockError::Interrupted`] on a signal, [`LockError::Io`] otherwise.
    pub fn acquire(path: &Path, lock_options: &LockOptions) -> Result<Lock, LockError> {
        let guard = Guard::new();
        let path = lock_path(path);
        let here = ProcessIdentity::current();
        let file = wait(&path, lock_options, &here, || create(&path, here.render().as_bytes()))?;
        Ok(Lock { path, file, _guard: guard })
    }

    /// Locks several files in kubectl's order, bytewise by path, so that the two never wait for each other.
    ///
    /// Paths that lead to one lock file share one lock.
    ///
    /// # Errors
    /// As [`Lock::acquire`]; none stays locked then.
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

/// Lets so many files be locked and written together, as far as the system allows: each has a lock and a new version open.
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
        // A lock that stays behind is recovered by the next kcx: this process will be dead by then.
        let _ = remove(&self.file, &self.path);
    }
}

/// Waits until nobody holds the lock of `path`, without taking it.
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

/// The age of the lock of `path`, where its maker is known to be dead, or nobody is known to hold it and it is at least
/// this old.
#[must_use]
pub fn left_behind(path: &Path, old: Duration) -> Option<Duration> {
    let existing = ExistingLock::find(&lock_path(path))?;
    let age = existing.age?;
    let stale = match &existing.record {
        Some(record) => record.is_dead(&ProcessIdentity::current(), existing.age),
        None => age >= old,
    };
    stale.then_some(age)
}

fn lock_path(path: &Path) -> PathBuf {
    let mut lock = OsString::from(path);
    lock.push(".lock");
    lock.into()
}

/// Tries until it succeeds or the timeout has passed, and clears dead locks out of the way.
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
            Err(error) => return Err(failed(error)),
        }
        let Some(existing) = ExistingLock::find(lock) else { continue };
        if existing.is_folder {
            // No program creates a folder as a lock, so none will remove it.
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        let too_old =
            lock_options.break_after.is_some_and(|limit| existing.age.is_some_and(|age| age >= limit));
        let dead = existing.record.as_ref().is_some_and(|record| record.is_dead(here, existing.age));
        if force || too_old || dead {
            match existing.clear(lock) {
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
        // Processes started together must not come back together.
        let jitter = pause * (here.pid % 16) / 32;
        thread::sleep((pause + jitter).min(lock_options.timeout - waited));
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// A lock file of somebody else.
struct ExistingLock {
    file: Option<File>,
    record: Option<ProcessIdentity>,
    age: Option<Duration>,
    is_folder: bool,
}

impl ExistingLock {
    /// Nothing if it has gone meanwhile.
    fn find(lock: &Path) -> Option<ExistingLock> {
        let metadata = match fs::symlink_metadata(lock) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            metadata => metadata.ok(),
        };
        let modified = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
        let age = modified.and_then(|modified| SystemTime::now().duration_since(modified).ok());
        let is_folder = metadata.as_ref().is_some_and(fs::Metadata::is_dir);
        // kubectl's locks have mode 0, so only root can open them.
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

    /// Removes the lock; false if another process removed it or holds it. Of a symbolic link only the link is removed.
    fn clear(&self, lock: &Path) -> io::Result<bool> {
        if let Some(file) = &self.file {
            return remove(file, lock);
        }
        if !fs::symlink_metadata(lock)?.is_file() {
            // This is not a held lock: those of kcx and kubectl are regular files.
            return fs::remove_file(lock).map(|()| true);
        }
        // File modes do not restrict root; and this call would follow a link.
        #[cfg(unix)]
        if !rustix::process::geteuid().is_root() {
            fs::set_permissions(lock, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        }
        remove(&open(lock)?, lock)
    }
}

/// Opens for writing too: on NFS an exclusive lock asks for it.
fn open(lock: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        let flags = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed() | super::read::nonblocking_flags();
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
    }
    options.read(true).write(true).open(lock)
}

/// Creates the lock file, which must not exist, with its content.
fn create(lock: &Path, content: &[u8]) -> io::Result<File> {
    #[cfg(target_os = "linux")]
    match create_complete(lock, content) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {}
        done => return done,
    }
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.read(true).write(true).create_new(true).open(lock)?;
    give_to_owner(&file, lock);
    match file.write_all(content) {
        Ok(()) => Ok(file),
        Err(error) => fs::remove_file(lock).and(Err(error)),
    }
}

/// Writes a file without a name and then links it: killed at any moment, it leaves no empty lock behind.
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

/// Removes the lock file if it still is this one.
///
/// Whoever removes holds the inode locked from the comparison on, its own maker included, so nobody removes the lock
/// of the next one. The inode can't be reused: it is open.
fn remove(file: &File, lock: &Path) -> io::Result<bool> {
    // Other errors mean a file system without such locks: the comparison has to do.
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
