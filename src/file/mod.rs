//! The disk: reading, kubectl's lock, atomic replacement. The only code of kcx that writes files.
//!
//! It knows bytes and paths; what the bytes mean is none of its business, and nothing here prints. The order of a
//! safe change: [`lock::Lock`], [`read::read`], decide, [`atomic::Staged`], commit it, drop the lock, ask
//! [`interrupt::pending`].

pub mod atomic;
pub mod folder;
pub mod interrupt;
pub mod lock;
mod process;
pub mod read;
pub mod scratch;

pub use atomic::{
    Note, Options, ReplaceError, ReplaceStep, Replaced, Staged, create_parents, remove, replace, replace_with,
};
pub use folder::{
    append, check_way, create_file, create_private, is_our_file, is_ours, remove_file, remove_folder,
    set_modified, unique_folder, user, write_private,
};
pub use lock::{Lock, LockError, LockOptions, Owner, wait_until_free};
pub use process::ProcessIdentity;
pub use read::{Identity, holds, open, read, read_given, read_stdin};
pub use scratch::{Scratch, is_in_memory};
