//! Tests that need real tools beside them (strace and the like); `--features real` turns them on.

#[cfg(target_os = "linux")]
mod faults;
