//! What a cluster answers.

use jiff::Timestamp;
use std::collections::BTreeMap;

/// The user, as the cluster identifies it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    /// The user's name.
    pub name: String,
    /// Distinguishes users of the same name; empty if the cluster does not say.
    pub uid: String,
    /// The groups, as the cluster orders them.
    pub groups: Vec<String>,
    /// Further fields, by name.
    pub extra: BTreeMap<String, Vec<String>>,
}

impl Who {
    /// True for the anonymous user: the request had no valid credential.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.name == ANONYMOUS
    }
}

/// The user of a request without a valid credential.
pub(super) const ANONYMOUS: &str = "system:anonymous";

/// A namespace of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace {
    /// Its name.
    pub name: String,
    /// The time of creation.
    pub created: Option<Timestamp>,
    /// It is being deleted: its phase is `Terminating` instead of `Active`.
    pub terminating: bool,
}
