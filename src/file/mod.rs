//! File access: reading, kubectl's lock and atomic replacement. This is the only code of kcx that writes files.
//!
//! The module handles bytes and paths. It does not interpret content and does not print. A safe change takes these
//! steps: acquire [`lock::Lock`], [`read::read`] the file, compute the new content, create [`atomic::Staged`], commit
//! it, drop the lock, then check [`interrupt::pending`].

pub mod atomic;
mod environments;
pub mod folder;
mod in_use;
pub mod interrupt;
pub mod limits;
pub mod lock;
mod process;
pub mod read;
pub mod scratch;

pub use atomic::{
    Options, ReplaceError, ReplaceNote, ReplaceStep, Replaced, Staged, create_parents, remove, replace,
    replace_with, stale_beside,
};
pub use environments::EnvironmentSearch;
pub use folder::{
    age, append, check_foreign_links, create_file, create_private, is_own_file, is_own_folder, is_writable,
    open_to_append, permit_open_files, remove_file, remove_folder, set_modified, uid, unique_folder,
    write_private,
};
pub use lock::{Lock, LockError, LockOptions, Owner, wait_until_free};
pub use process::{Existence, ProcessIdentity, children};
pub use read::{Identity, holds, last_line, open, read, read_again, read_given, read_stdin};
pub use scratch::{Scratch, is_in_memory};
