//! Tests that need real tools beside them (strace and the like); `--features real` turns them on.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test arranges its own world, and may fail"
)]

#[cfg(unix)]
mod agents;
mod agree;
#[cfg(unix)]
#[path = "../api_server/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the hermetic tests use all of it")]
mod api_server;
#[cfg(unix)]
mod api_server_kubectl;
#[cfg(target_os = "linux")]
mod behind_proxy;
#[cfg(target_os = "linux")]
mod clusters;
#[cfg(unix)]
mod completions;
#[cfg(target_os = "linux")]
mod credential;
#[cfg(target_os = "linux")]
mod credential_clients;
#[cfg(target_os = "linux")]
mod credential_files;
#[cfg(all(target_os = "linux", feature = "built"))]
mod credential_go;
#[cfg(target_os = "linux")]
mod demo;
#[cfg(target_os = "linux")]
mod directories;
#[cfg(unix)]
mod doctor;
#[cfg(unix)]
mod dropin;
#[cfg(target_os = "linux")]
mod exec;
#[cfg(target_os = "linux")]
mod exec_fleet;
#[cfg(target_os = "linux")]
mod exec_prepare;
#[cfg(target_os = "linux")]
mod exec_read_only;
#[cfg(target_os = "linux")]
mod faults;
#[cfg(target_os = "linux")]
mod faults_kcx;
#[cfg(target_os = "linux")]
mod faults_session;
#[cfg(target_os = "linux")]
mod fence;
#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
mod follows;
#[cfg(target_os = "linux")]
mod follows_clients;
#[cfg(target_os = "linux")]
mod follows_many;
#[cfg(target_os = "linux")]
mod follows_removed;
#[cfg(target_os = "linux")]
mod follows_writers;
#[path = "../generate/mod.rs"]
#[cfg(unix)]
#[allow(dead_code, unused_imports, reason = "the laws use all of it")]
mod generate;
#[cfg(target_os = "linux")]
mod guard;
mod idle;
mod init;
#[cfg(target_os = "linux")]
mod keychain;
#[cfg(unix)]
mod kuberc;
#[cfg(target_os = "linux")]
mod lifetime;
#[cfg(unix)]
mod lint;
#[cfg(target_os = "linux")]
mod locked;
#[cfg(target_os = "linux")]
mod migration;
#[cfg(unix)]
mod namespaces;
#[cfg(target_os = "linux")]
mod odd_shells;
#[cfg(target_os = "linux")]
mod opened;
#[cfg(target_os = "linux")]
mod other_shells;
#[cfg(target_os = "linux")]
mod panes;
#[cfg(unix)]
mod picker;
#[cfg(unix)]
mod picture;
#[cfg(unix)]
mod powershell;
#[cfg(unix)]
mod presets;
#[cfg(unix)]
mod prompt;
#[cfg(target_os = "linux")]
mod prompt_truth;
#[cfg(unix)]
mod protect;
#[cfg(unix)]
mod provision;
#[cfg(unix)]
mod read_only;
#[cfg(unix)]
mod read_only_raw;
#[cfg(target_os = "linux")]
mod root;
#[cfg(unix)]
mod screen;
#[cfg(target_os = "linux")]
mod service_account;
#[cfg(target_os = "linux")]
mod shells;
#[cfg(target_os = "linux")]
mod single_file;
#[cfg(target_os = "linux")]
mod sources;
#[cfg(all(target_os = "linux", feature = "built"))]
mod starship;
#[cfg(unix)]
mod status;
#[cfg(target_os = "linux")]
mod sync_platform;
#[cfg(target_os = "linux")]
mod tab;
#[cfg(target_os = "linux")]
mod tab_groups;
#[cfg(unix)]
mod tools;
#[cfg(target_os = "linux")]
mod trust;
#[cfg(target_os = "linux")]
mod uninstall;
#[cfg(unix)]
mod verdict;
#[cfg(target_os = "linux")]
mod writers;
