//! Reading a file whole, once, together with what identifies the version that was read.
//!
//! Read-only and lock-free: pipes and `/dev/fd/N` work, and kubectl's own readers ignore locks too.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

/// The largest file worth reading as a kubeconfig: 512 MiB.
pub const LIMIT: u64 = 512 << 20;

/// Which file, and which version of it; zeros where the system does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The device number.
    pub dev: u64,
    /// The inode number.
    pub ino: u64,
    /// The length in bytes.
    pub size: u64,
    /// Last change of the content, in nanoseconds since 1970.
    pub mtime_ns: i128,
    /// Last change of content or attributes, in nanoseconds since 1970.
    pub ctime_ns: i128,
}

impl Identity {
    /// Takes the identity from metadata.
    #[cfg(unix)]
    #[must_use]
    pub fn of(metadata: &Metadata) -> Identity {
        use std::os::unix::fs::MetadataExt;
        let nanoseconds = |s: i64, ns: i64| i128::from(s) * 1_000_000_000 + i128::from(ns);
        Identity {
            dev: metadata.dev(),
            ino: metadata.ino(),
            size: metadata.size(),
            mtime_ns: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            ctime_ns: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Takes the identity from metadata.
    #[cfg(not(unix))]
    #[must_use]
    pub fn of(metadata: &Metadata) -> Identity {
        let since_1970 = |time: std::time::SystemTime| time.duration_since(std::time::UNIX_EPOCH).ok();
        let modified = metadata.modified().ok().and_then(since_1970).map_or(0, |age| age.as_nanos());
        let mtime_ns = i128::try_from(modified).unwrap_or(0);
        Identity { dev: 0, ino: 0, size: metadata.len(), mtime_ns, ctime_ns: 0 }
    }

    /// True if this version was complete long enough before `at` that a later write would show in its times, however
    /// coarse the clock of the file system is: whole seconds, two of them on FAT, or a few milliseconds where times
    /// have fractions.
    #[must_use]
    pub fn is_settled(&self, at: std::time::SystemTime) -> bool {
        const SECOND: i128 = 1_000_000_000;
        let Ok(at) = at.duration_since(std::time::UNIX_EPOCH) else { return false };
        let changed = self.mtime_ns.max(self.ctime_ns);
        let margin = if changed % SECOND == 0 { 2 * SECOND } else { SECOND / 10 };
        i128::try_from(at.as_nanos()).is_ok_and(|at| changed + margin <= at)
    }

    /// True if both are the same file, in whatever version.
    #[must_use]
    pub fn same_file(&self, other: &Identity) -> bool {
        match cfg!(unix) {
            true => (self.dev, self.ino) == (other.dev, other.ino),
            false => self == other,
        }
    }
}

/// Reads a file whole and says which version it was.
///
/// The identity is taken before the content: whoever writes meanwhile makes it stale, never the other way round.
///
/// ```
/// let (content, identity) = kcx::file::read("Cargo.toml".as_ref(), 1 << 20)?;
/// assert_eq!(content.len() as u64, identity.size);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Those of opening and reading; [`io::ErrorKind::FileTooLarge`] beyond `limit` bytes.
pub fn read(path: &Path, limit: u64) -> io::Result<(Vec<u8>, Identity)> {
    let file = File::open(path)?;
    let identity = Identity::of(&file.metadata()?);
    // A pipe or a file of /proc says 0; the extra byte spares the read that finds the end a reallocation.
    let expected = usize::try_from(identity.size.min(limit)).unwrap_or(0) + 1;
    let mut content = Vec::with_capacity(expected);
    file.take(limit.saturating_add(1)).read_to_end(&mut content)?;
    if content.len() as u64 > limit {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok((content, identity))
}

/// Opens a file that can be read more than once; a pipe's content is gone after the first time.
///
/// # Errors
/// Those of opening; [`io::ErrorKind::InvalidInput`] for what is no regular file.
pub fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
}

/// True if a file's content is these parts, one after the other. Reads it through a small buffer.
#[must_use]
pub fn holds(path: &Path, parts: &[impl AsRef<[u8]>]) -> bool {
    let compare = || -> io::Result<bool> {
        let mut file = File::open(path)?;
        let mut buffer = vec![0; 1 << 16];
        for part in parts {
            for chunk in part.as_ref().chunks(buffer.len()) {
                let found = &mut buffer[..chunk.len()];
                file.read_exact(found)?;
                if found != chunk {
                    return Ok(false);
                }
            }
        }
        Ok(file.read(&mut buffer[..1])? == 0)
    };
    compare().unwrap_or(false)
}

/// The first 4 KiB of a file that the kernel makes up, in one call: it tells no length before.
pub(super) fn read_made_up(path: &str) -> Option<String> {
    let mut buffer = [0; 4096];
    let length = File::open(path).ok()?.read(&mut buffer).ok()?;
    Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn reads_up_to_the_limit_and_not_beyond() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config");
        fs::write(&path, "12345").unwrap();
        assert_eq!(read(&path, 5).unwrap().0, b"12345");
        assert_eq!(read(&path, 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(read(dir.path().join("no").as_path(), 4).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert!(read(dir.path(), 4).is_err());
    }

    #[test]
    fn identity_tells_versions_and_files_apart() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("one"), dir.path().join("two"));
        fs::write(&one, "1").unwrap();
        fs::write(&two, "2").unwrap();
        let first = read(&one, LIMIT).unwrap().1;
        assert_eq!(first, read(&one, LIMIT).unwrap().1);
        fs::write(&one, "longer").unwrap();
        let second = read(&one, LIMIT).unwrap().1;
        assert_ne!(first, second);
        if cfg!(unix) {
            assert!(first.same_file(&second));
        }
        assert!(!first.same_file(&read(&two, LIMIT).unwrap().1));
    }

    #[test]
    fn a_version_settles_after_the_tick_of_its_clock() {
        let at = |ms: u64| std::time::UNIX_EPOCH + std::time::Duration::from_millis(ms);
        let version = |mtime_ns| Identity { dev: 1, ino: 1, size: 1, mtime_ns, ctime_ns: 0 };
        assert!(version(5_000_000_001).is_settled(at(5_101)));
        assert!(!version(5_000_000_001).is_settled(at(5_050)));
        // Whole seconds may mean that there is nothing finer.
        assert!(!version(5_000_000_000).is_settled(at(6_900)));
        assert!(version(5_000_000_000).is_settled(at(7_000)));
    }

    #[cfg(unix)]
    #[test]
    fn reads_a_pipe_to_its_end() {
        let dir = tempfile::tempdir().unwrap();
        let fifo = dir.path().join("fifo");
        let made = std::process::Command::new("mkfifo").arg(&fifo).status().unwrap();
        assert!(made.success());
        let content = vec![b'x'; 200_000];
        std::thread::scope(|scope| {
            scope.spawn(|| fs::write(&fifo, &content).unwrap());
            assert_eq!(read(&fifo, LIMIT).unwrap().0, content);
        });
    }
}
