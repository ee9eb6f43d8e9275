//! The one integration test binary.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test arranges its own world, and may fail"
)]

#[allow(dead_code, unused_imports, reason = "the tests beside the real kubectl use the rest")]
mod api_server;
mod bless;
mod cmd_aliases;
mod cmd_allow_value;
#[cfg(unix)]
mod cmd_back;
mod cmd_complete;
mod cmd_completions;
mod cmd_credential;
mod cmd_credential_cluster;
mod cmd_current;
mod cmd_demo;
mod cmd_diff;
mod cmd_discovery;
mod cmd_doctor;
mod cmd_dropin;
mod cmd_edit;
mod cmd_env;
mod cmd_exec;
mod cmd_export;
mod cmd_export_account;
mod cmd_failures;
mod cmd_get;
mod cmd_guard;
#[cfg(unix)]
mod cmd_help;
#[cfg(unix)]
mod cmd_hook;
mod cmd_import;
mod cmd_import_renamed;
mod cmd_import_sources;
mod cmd_import_update;
mod cmd_init;
mod cmd_invocation;
mod cmd_json;
mod cmd_kuberc;
mod cmd_labels;
mod cmd_leading;
mod cmd_lint;
mod cmd_lint_hints;
mod cmd_locked;
mod cmd_login;
mod cmd_merge;
mod cmd_namespaces;
mod cmd_ns;
mod cmd_odd_input;
mod cmd_operand;
#[cfg(unix)]
mod cmd_overlay;
mod cmd_overlay_update;
#[cfg(unix)]
mod cmd_plugin;
mod cmd_prompt;
mod cmd_protect;
mod cmd_protect_check;
mod cmd_refs;
mod cmd_renamed;
mod cmd_repair;
mod cmd_root;
mod cmd_rules;
mod cmd_select;
mod cmd_session;
mod cmd_settings;
mod cmd_shell_changes;
mod cmd_shown;
#[cfg(target_os = "linux")]
mod cmd_special_files;
mod cmd_split;
mod cmd_status;
mod cmd_sync;
mod cmd_sync_hostile;
mod cmd_trust;
mod cmd_typed;
mod cmd_undo;
mod cmd_use;
mod cmd_version;
mod common;
mod corpus;
mod fence;
mod generate;
mod laws;
mod laws_edit;
mod laws_import;
mod laws_kuberc;
mod laws_many;
mod laws_operand;
mod laws_random;
mod laws_refs;
mod laws_risk;
mod laws_short_name;
mod laws_sync;
mod lazy_laws;
mod lint;
mod lookup_laws;
mod man;
mod model_certificate;
mod model_edit;
mod model_masked_text;
mod oracle;
mod read_only_policy;
mod readme;
#[cfg(unix)]
mod recipes;
mod scan_laws;
mod source;
#[cfg(unix)]
mod threat_model;
mod tidy;
mod verdict;
