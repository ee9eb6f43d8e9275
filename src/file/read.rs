//! Reading a whole file together with the identity of the version that was read.
//!
//! Reading opens files read-only and ignores locks, as kubectl does. A path may lead to any kind of file, because
//! others may have created it; therefore nothing here blocks on a pipe or a device, and every read has a size limit.

use std::ffi::OsStr;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read, Seek};
use std::path::{Component, Path};

/// The size limit for kubeconfigs: 512 MiB.
pub const LIMIT: u64 = 512 << 20;

/// Identifies a file and its version. Fields that the system does not report are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The device number.
    pub dev: u64,
    /// The inode number.
    pub ino: u64,
    /// The length in bytes.
    pub size: u64,
    /// The time of the last change of the content, in nanoseconds since 1970 UTC.
    pub mtime_ns: i128,
    /// The time of the last change of content or attributes, in nanoseconds since 1970 UTC.
    pub ctime_ns: i128,
}

impl Identity {
    /// The identity in this metadata.
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

    /// The identity in this metadata.
    #[cfg(not(unix))]
    #[must_use]
    pub fn of(metadata: &Metadata) -> Identity {
        let since_1970 = |time: std::time::SystemTime| time.duration_since(std::time::UNIX_EPOCH).ok();
        let modified = metadata.modified().ok().and_then(since_1970).map_or(0, |age| age.as_nanos());
        let mtime_ns = i128::try_from(modified).unwrap_or(0);
        Identity { dev: 0, ino: 0, size: metadata.len(), mtime_ns, ctime_ns: 0 }
    }

    /// True if this version was written so long before `at` that any write after `at` changes its times. The resolution
    /// of file times is assumed to be 2 s if they are whole seconds (FAT), and 100 ms otherwise.
    #[must_use]
    pub fn is_settled(&self, at: std::time::SystemTime) -> bool {
        const SECOND: i128 = 1_000_000_000;
        let Ok(at) = at.duration_since(std::time::UNIX_EPOCH) else { return false };
        let changed = self.mtime_ns.max(self.ctime_ns);
        let margin = if changed % SECOND == 0 { 2 * SECOND } else { SECOND / 10 };
        i128::try_from(at.as_nanos()).is_ok_and(|at| changed + margin <= at)
    }

    /// True if both identify the same file, in any version.
    #[must_use]
    pub fn same_file(&self, other: &Identity) -> bool {
        match cfg!(unix) {
            true => (self.dev, self.ino) == (other.dev, other.ino),
            false => self == other,
        }
    }
}

/// Reads a whole file; returns its content and its identity.
///
/// Reads only a regular file, a symbolic link to one, or `/dev/null`, which is empty. Opening a pipe or a device does
/// not block. The identity is read before the content, so a concurrent write can only make the identity too old.
///
/// ```
/// let (content, identity) = kcx::file::read("Cargo.toml".as_ref(), 1 << 20)?;
/// assert_eq!(content.len() as u64, identity.size);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Errors of opening and reading; [`io::ErrorKind::IsADirectory`] for a folder, [`io::ErrorKind::InvalidInput`] for a
/// pipe, a socket or a device; [`io::ErrorKind::FileTooLarge`] beyond `limit` bytes, without reading any if the file's
/// size already exceeds it.
pub fn read(path: &Path, limit: u64) -> io::Result<(Vec<u8>, Identity)> {
    let (file, metadata) = open_nonblocking(path, 0)?;
    check_regular_or_null(&metadata)?;
    read_whole(&file, &metadata, limit)
}

/// Reads a file that the user named on the command line, like [`read`]. Also reads a pipe or a terminal that this
/// process has inherited: `/dev/stdin`, and `/dev/fd/N`, which a shell passes for `<(COMMAND)`. Waits for the writer of
/// that pipe.
///
/// # Errors
/// As for [`read`].
pub fn read_given(path: &Path, limit: u64) -> io::Result<(Vec<u8>, Identity)> {
    let (file, metadata) = open_nonblocking(path, 0)?;
    match check_regular_or_null(&metadata) {
        Err(error) if error.kind() != io::ErrorKind::InvalidInput || !is_open_file(path) => {
            return Err(error);
        }
        Err(error) => wait_for_content(&file, &metadata).map_err(|other| other.unwrap_or(error))?,
        Ok(()) => {}
    }
    read_whole(&file, &metadata, limit)
}

/// Reads a file that is open already, from its start: that file, whatever its path leads to by now.
///
/// # Errors
/// Errors of reading; [`io::ErrorKind::FileTooLarge`] beyond `limit` bytes.
pub fn read_again(file: &mut File, limit: u64) -> io::Result<(Vec<u8>, Identity)> {
    file.rewind()?;
    let metadata = file.metadata()?;
    read_whole(file, &metadata, limit)
}

/// Reads stdin to its end.
///
/// # Errors
/// Errors of reading; [`io::ErrorKind::FileTooLarge`] beyond `limit` bytes.
pub fn read_stdin(limit: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    io::stdin().lock().take(limit.saturating_add(1)).read_to_end(&mut content)?;
    if content.len() as u64 > limit { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(content) }
}

/// Opens a regular file of at most [`LIMIT`] bytes.
///
/// # Errors
/// Errors of opening; [`io::ErrorKind::InvalidInput`] if it is not a regular file; [`io::ErrorKind::FileTooLarge`] for
/// more than [`LIMIT`] bytes.
pub fn open(path: &Path) -> io::Result<File> {
    let (file, metadata) = open_nonblocking(path, 0)?;
    check_regular(&metadata)?;
    if metadata.len() > LIMIT { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(file) }
}

/// Opens a regular file; fails for a symbolic link.
pub(super) fn open_unlinked(path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    let flags = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    #[cfg(not(unix))]
    let flags = 0;
    let (file, metadata) = open_nonblocking(path, flags)?;
    check_regular(&metadata).map(|()| file)
}

/// True if a file's content equals the concatenated parts. Reads it through a small buffer. False on any error.
#[must_use]
pub fn holds(path: &Path, parts: &[impl AsRef<[u8]>]) -> bool {
    let compare = || -> io::Result<bool> {
        let mut file = open(path)?;
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

/// Opens a file for reading without blocking on a pipe's writer or a device. A terminal does not become the controlling
/// terminal.
fn open_nonblocking(path: &Path, flags: i32) -> io::Result<(File, Metadata)> {
    let mut options = read_options();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, nonblocking_flags() | flags);
    #[cfg(not(unix))]
    let _ = flags;
    let file = match options.open(path) {
        // A socket or a missing device cannot be opened.
        #[cfg(unix)]
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error()) => {
            return Err(path.metadata().map_or(error, |metadata| not_regular(&metadata)));
        }
        opened => opened?,
    };
    let metadata = file.metadata()?;
    Ok((file, metadata))
}

#[expect(clippy::disallowed_methods, reason = "opens to read")]
fn read_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    options
}

/// The flags that keep open(2) from blocking.
#[cfg(unix)]
pub(super) fn nonblocking_flags() -> i32 {
    use rustix::fs::OFlags;
    (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed()
}

fn check_regular(metadata: &Metadata) -> io::Result<()> {
    if metadata.is_file() { Ok(()) } else { Err(not_regular(metadata)) }
}

fn check_regular_or_null(metadata: &Metadata) -> io::Result<()> {
    if is_null(metadata) { Ok(()) } else { check_regular(metadata) }
}

/// The error for a file that is not a regular file.
pub(super) fn not_regular(metadata: &Metadata) -> io::Error {
    if metadata.is_dir() {
        return io::ErrorKind::IsADirectory.into();
    }
    #[cfg(unix)]
    let what = {
        use std::os::unix::fs::FileTypeExt;
        match metadata.file_type() {
            kind if kind.is_fifo() => "a pipe",
            kind if kind.is_socket() => "a socket",
            kind if kind.is_symlink() => "a symbolic link",
            _ => "a device",
        }
    };
    #[cfg(not(unix))]
    let what = "something else";
    io::Error::new(io::ErrorKind::InvalidInput, format!("is {what}, not a file"))
}

/// True for `/dev/null`, under any name.
fn is_null(metadata: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{FileTypeExt, MetadataExt};
        let null = || Path::new("/dev/null").metadata().is_ok_and(|null| null.rdev() == metadata.rdev());
        metadata.file_type().is_char_device() && null()
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        false
    }
}

/// True if this path is the name of a file descriptor of this process. Only the text of the path counts: a symbolic
/// link to such a path was not typed by the user.
fn is_open_file(path: &Path) -> bool {
    let parts: Vec<&OsStr> = path.components().map(Component::as_os_str).collect();
    let parts: Vec<&str> = parts.into_iter().map(|part| part.to_str().unwrap_or_default()).collect();
    match parts.as_slice() {
        ["/", "dev", "stdin"] => true,
        ["/", "dev", "fd", number] | ["/", "proc", "self", "fd", number] => number.parse::<u32>().is_ok(),
        _ => false,
    }
}

/// Makes reads of this pipe or terminal block until there is content; `Err(None)` if it is neither.
fn wait_for_content(file: &File, metadata: &Metadata) -> Result<(), Option<io::Error>> {
    #[cfg(unix)]
    {
        use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
        use std::io::IsTerminal;
        use std::os::unix::fs::FileTypeExt;
        if !metadata.file_type().is_fifo() && !file.is_terminal() {
            return Err(None);
        }
        let flags = fcntl_getfl(file).map_err(|error| Some(error.into()))?;
        fcntl_setfl(file, flags - OFlags::NONBLOCK).map_err(|error| Some(error.into()))
    }
    #[cfg(not(unix))]
    {
        let _ = (file, metadata);
        Err(None)
    }
}

fn read_whole(file: &File, metadata: &Metadata, limit: u64) -> io::Result<(Vec<u8>, Identity)> {
    let identity = Identity::of(metadata);
    if identity.size > limit {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    // A pipe and a file of /proc report size 0. The extra byte avoids a reallocation when the end is read.
    let mut content = Vec::with_capacity(usize::try_from(identity.size).unwrap_or(0) + 1);
    file.take(limit.saturating_add(1)).read_to_end(&mut content)?;
    if content.len() as u64 > limit {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok((content, identity))
}

/// Reads up to 4 KiB of a file under `/proc` in one call. The size of such a file is not known before.
#[expect(clippy::disallowed_methods, reason = "no user can replace a file under /proc")]
pub(super) fn read_proc(path: &str) -> Option<String> {
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
    fn a_version_is_settled_after_the_resolution_of_its_times() {
        let at = |ms: u64| std::time::UNIX_EPOCH + std::time::Duration::from_millis(ms);
        let version = |mtime_ns| Identity { dev: 1, ino: 1, size: 1, mtime_ns, ctime_ns: 0 };
        assert!(version(5_000_000_001).is_settled(at(5_101)));
        assert!(!version(5_000_000_001).is_settled(at(5_050)));
        // Whole seconds may mean a resolution of seconds.
        assert!(!version(5_000_000_000).is_settled(at(6_900)));
        assert!(version(5_000_000_000).is_settled(at(7_000)));
    }

    /// The pipe has no writer and the socket no listener: waiting for them would never end.
    #[cfg(target_os = "linux")]
    #[test]
    fn special_files_are_refused_without_blocking() {
        let dir = tempfile::tempdir().unwrap();
        let place = |name: &str| dir.path().join(name);
        let pipe = place("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(place("socket")).unwrap();
        for (link, target) in [("to-pipe", pipe.as_path()), ("zero", Path::new("/dev/zero"))] {
            std::os::unix::fs::symlink(target, place(link)).unwrap();
        }
        for (path, said) in [
            (pipe.clone(), "is a pipe, not a file"),
            (place("to-pipe"), "is a pipe, not a file"),
            (place("socket"), "is a socket, not a file"),
            (place("zero"), "is a device, not a file"),
            ("/dev/zero".into(), "is a device, not a file"),
            ("/dev/full".into(), "is a device, not a file"),
            (dir.path().to_owned(), "is a directory"),
        ] {
            for read in [read, read_given] {
                assert_eq!(read(&path, LIMIT).unwrap_err().to_string(), said, "{path:?}");
            }
            assert_eq!(open(&path).unwrap_err().to_string(), said, "{path:?}");
            assert!(!holds(&path, &[b""]), "{path:?}");
        }
        assert_eq!(read(Path::new("/dev/null"), LIMIT).unwrap().0, b"");
    }

    #[test]
    fn a_file_larger_than_the_limit_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sparse");
        fs::File::create(&path).unwrap().set_len(1 << 42).unwrap();
        for error in [read(&path, LIMIT).unwrap_err(), open(&path).unwrap_err()] {
            assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_that_the_user_gave_is_read_to_its_end() {
        use std::io::Write;
        use std::os::fd::AsRawFd;
        let (reader, mut writer) = io::pipe().unwrap();
        let content = vec![b'x'; 200_000];
        let path = |folder: &str| std::path::PathBuf::from(format!("{folder}/{}", reader.as_raw_fd()));
        assert_eq!(read(&path("/dev/fd"), LIMIT).unwrap_err().to_string(), "is a pipe, not a file");
        let read = std::thread::scope(|scope| {
            let writing = scope.spawn(|| writer.write_all(&content).map(|()| drop(writer)));
            let read = read_given(&path("/proc/self/fd"), LIMIT).unwrap().0;
            writing.join().unwrap().unwrap();
            read
        });
        assert!(read == content);
    }

    #[test]
    fn inherited_descriptors_are_recognized_by_their_path() {
        for path in ["/dev/stdin", "/dev/fd/0", "/dev/fd/63", "/proc/self/fd/12", "/dev//fd/3"] {
            assert!(is_open_file(Path::new(path)), "{path}");
        }
        for path in
            ["/dev/fd", "/dev/fd/x", "/dev/fd/-1", "/proc/1/fd/0", "dev/fd/0", "/dev/fd/../zero", "/dev/tty"]
        {
            assert!(!is_open_file(Path::new(path)), "{path}");
        }
    }
}
