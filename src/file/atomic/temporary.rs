//! The temporary file with the new version of a file, created beside it.

use super::{ReplaceNote, ReplaceStep, StepFailure, at, folder, unless_in_place};
use crate::file::folder::give_to_owner;
use crate::file::read::open_unlinked;
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The number of bytes after which the system starts writing to the disk.
const CHUNK: usize = 1 << 20;

/// Writes the parts to a temporary file beside `path`, with the mode and owner of the old file. Also returns which
/// attributes could not be preserved.
pub(super) fn write(
    path: &Path,
    old: Option<&Metadata>,
    parts: &[&[u8]],
) -> Result<(NamedTempFile, Vec<ReplaceNote>), StepFailure> {
    use io::ErrorKind::{InvalidFilename, PermissionDenied, ReadOnlyFilesystem};
    let prefix = temporary_name_prefix(path);
    remove_stale(folder(path), &prefix);
    let temporary = create(folder(path), &prefix).map_err(|error| {
        let kinds = [PermissionDenied, ReadOnlyFilesystem, InvalidFilename];
        unless_in_place(old.is_some(), ReplaceStep::Create, &kinds, error)
    })?;
    // The lock tells other writers that the temporary file is in use.
    let _ = temporary.as_file().try_lock();
    write_parts(temporary.as_file(), parts).map_err(at(ReplaceStep::Write))?;
    let notes = match old {
        Some(old) => copy_owner_and_mode(&temporary, old)?,
        None => {
            give_to_owner(temporary.as_file(), path);
            Vec::new()
        }
    };
    Ok((temporary, notes))
}

#[cfg(not(windows))]
fn create(folder: &Path, prefix: &OsString) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(prefix).tempfile_in(folder)
}

/// An ordinary file: the library would mark it as temporary, and a mark can only be removed from a path of less than 260
/// characters.
#[cfg(windows)]
fn create(folder: &Path, prefix: &OsString) -> io::Result<NamedTempFile> {
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).create_new(true);
    tempfile::Builder::new().prefix(prefix).make_in(folder, |path| options.open(path))
}

/// Writes the concatenated parts, and lets the system start writing them to the disk in the meantime.
pub(super) fn write_parts(file: &File, parts: &[&[u8]]) -> io::Result<()> {
    let (mut written, mut begun) = (0, 0);
    let mut writer = BufWriter::with_capacity(1 << 16, file);
    for chunk in parts.iter().flat_map(|part| part.chunks(CHUNK)) {
        writer.write_all(chunk)?;
        written += chunk.len();
        if written - begun >= CHUNK {
            writer.flush()?;
            begin_to_sync(file, begun);
            begun = written;
        }
    }
    writer.flush()?;
    begin_to_sync(file, begun);
    Ok(())
}

/// Asks the system to start writing the bytes from this offset to the disk, without waiting. This saves two thirds of
/// the time of an fsync of 3 MB. The later fsync reports errors.
#[cfg(target_os = "linux")]
fn begin_to_sync(file: &File, from: usize) {
    // `DontNeed` makes Linux write dirty pages so that it can drop them; pages being written are not dropped.
    let _ = rustix::fs::fadvise(file, from as u64, None, rustix::fs::Advice::DontNeed);
}

#[cfg(not(target_os = "linux"))]
fn begin_to_sync(_file: &File, _from: usize) {}

/// The common prefix of the names of a file's temporary files.
fn temporary_name_prefix(path: &Path) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(path.file_name().unwrap_or_default());
    prefix.push(".kcx-");
    prefix
}

/// Removes the temporary files that killed writers of this file left beside it.
pub(in crate::file) fn remove_stale_beside(path: &Path) {
    remove_stale(super::folder(path), &temporary_name_prefix(path));
}

/// Removes the files with this name prefix that killed writers left in the folder. Errors are ignored.
fn remove_stale(folder: &Path, prefix: &OsString) {
    for left in stale(folder, prefix) {
        let _ = fs::remove_file(left);
    }
}

/// The temporary files that killed writers of this file left beside it.
#[must_use]
pub fn stale_beside(path: &Path) -> Vec<PathBuf> {
    stale(super::folder(path), &temporary_name_prefix(path)).collect()
}

fn stale(folder: &Path, prefix: &OsString) -> impl Iterator<Item = PathBuf> {
    let is_stale = |entry: fs::DirEntry| {
        let name = entry.file_name();
        let ours = name.as_encoded_bytes().starts_with(prefix.as_encoded_bytes());
        // A writer that used another symbolic link to the file holds another lock, so its temporary file may still be
        // in use. Writers create only regular files.
        let is_file = ours && entry.file_type().is_ok_and(|kind| kind.is_file());
        let is_free = is_file && open_unlinked(&entry.path()).is_ok_and(|file| file.try_lock().is_ok());
        is_free.then(|| entry.path())
    };
    fs::read_dir(folder).into_iter().flatten().flatten().filter_map(is_stale)
}

/// Sets the owner and mode of the old file on the temporary file; returns what could not be set.
#[cfg(unix)]
fn copy_owner_and_mode(temporary: &NamedTempFile, old: &Metadata) -> Result<Vec<ReplaceNote>, StepFailure> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let file = temporary.as_file();
    let new = file.metadata().map_err(at(ReplaceStep::Permissions))?;
    let mut mode = old.mode() & 0o7777;
    let mut notes = Vec::new();
    if new.uid() != old.uid() {
        // Otherwise the old owner would lose access to the file.
        fchown(file, Some(old.uid()), Some(old.gid())).map_err(StepFailure::NotAtomic)?;
    } else if new.gid() != old.gid() && fchown(file, None, Some(old.gid())).is_err() && mode & 0o070 != 0 {
        mode &= !0o070;
        notes.push(ReplaceNote::GroupDropped);
    }
    if old.nlink() > 1 {
        notes.push(ReplaceNote::LinksSplit);
    }
    // The mode is set after the owner, because changing the owner clears bits of the mode.
    file.set_permissions(fs::Permissions::from_mode(mode)).map_err(at(ReplaceStep::Permissions))?;
    Ok(notes)
}

#[cfg(not(unix))]
fn copy_owner_and_mode(_temporary: &NamedTempFile, _old: &Metadata) -> Result<Vec<ReplaceNote>, StepFailure> {
    Ok(Vec::new())
}
