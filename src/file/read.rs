//! Reading a whole file together with the identity of the version that was read.
//!
//! Reading opens files read-only and ignores locks, as kubectl does. A path may lead to any kind of file, because
//! others may have created it; therefore nothing here blocks on a pipe or a device, and every read has a size limit.

use super::limits;
use std::ffi::OsStr;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read, Seek};
use std::path::{Component, Path};

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

/// The last line of a regular file that is not blank, or its last `limit` bytes if that line is longer; empty if there is none.
///
/// # Errors
/// Errors of opening and reading.
pub fn last_line(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let (mut file, metadata) = open_nonblocking(path, 0)?;
    check_regular(&metadata)?;
    file.seek(io::SeekFrom::Start(metadata.len().saturating_sub(limit)))?;
    let mut end = Vec::new();
    file.take(limit).read_to_end(&mut end)?;
    let end = end.trim_ascii_end();
    let line = end.iter().rposition(|byte| *byte == b'\n').map_or(end, |at| &end[at + 1..]);
    Ok(line.to_vec())
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

/// Opens a regular file of at most [`limits::KUBECONFIG`] bytes.
///
/// # Errors
/// Errors of opening; [`io::ErrorKind::InvalidInput`] if it is not a regular file; [`io::ErrorKind::FileTooLarge`] for
/// more than [`limits::KUBECONFIG`] bytes.
pub fn open(path: &Path) -> io::Result<File> {
    let (file, metadata) = open_nonblocking(path, 0)?;
    check_regular(&metadata)?;
    if metadata.len() > limits::KUBECONFIG { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(file) }
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
    #[cfg(unix)]
    let options = {
        let mut options = read_options();
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, nonblocking_flags() | flags);
        options
    };
    #[cfg(not(unix))]
    let (options, _) = (read_options(), flags);
    let file = match options.open(path) {
        // A socket or a missing device cannot be opened.
        #[cfg(unix)]
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error()) => {
            return Err(path.metadata().map_or(error, |metadata| not_regular(&metadata)));
        }
        // Windows does not open a folder as a file.
        #[cfg(windows)]
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied && path.is_dir() => {
            return Err(io::ErrorKind::IsADirectory.into());
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
mod tests;
