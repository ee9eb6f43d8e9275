//! The difference of two lists of lines.
//!
//! Only this file uses the algorithms of `similar`. They are generic, and each combination of an algorithm and a type is
//! compiled again: the crate's `TextDiff`, which can use any algorithm, made up a fifth of the program.

use similar::algorithms::{Capture, Compact, Replace, myers};
pub use similar::{DiffOp, group_diff_ops};
use std::time::Instant;

/// The equal and the changed ranges of lines, in their order. After the deadline, the remaining changes are larger than
/// necessary.
#[must_use]
pub fn line_diff(old: &[&[u8]], new: &[&[u8]], deadline: Option<Instant>) -> Vec<DiffOp> {
    let mut hook = Compact::new(Replace::new(Capture::new()), old, new);
    let Ok(()) = myers::diff_deadline(&mut hook, old, 0..old.len(), new, 0..new.len(), deadline);
    hook.into_inner().into_inner().into_ops()
}
