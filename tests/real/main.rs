//! Tests that need real tools beside them (strace and the like); `--features real` turns them on.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test arranges its own world, and may fail"
)]

#[cfg(target_os = "linux")]
mod faults;
