//! Tests that need real tools beside them (strace and the like); `--features real` turns them on.

#![allow(clippy::unwrap_used)]

#[cfg(target_os = "linux")]
mod faults;
