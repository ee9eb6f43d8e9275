//! The verbs, one per file: check the arguments in kubectl's order, decide, commit, report in kubectl's words.

pub(super) mod current_context;
pub(super) mod delete;
mod file_ref;
pub(super) mod get;
mod property;
pub(super) mod rename_context;
mod session_namespace;
pub(super) mod set;
pub(super) mod set_cluster;
pub(super) mod set_context;
pub(super) mod set_credentials;
pub(super) mod use_context;
pub(super) mod view;
