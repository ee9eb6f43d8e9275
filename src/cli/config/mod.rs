//! `kcx config`: the command-line surface of `kubectl config`, answer for answer.
//!
//! Parsing, help, preferences and completion live here; what a verb does to a kubeconfig does not.

pub mod complete;
pub mod csv;
pub mod flags;
pub mod help;
pub mod kuberc;
pub mod surface;
pub mod value;
