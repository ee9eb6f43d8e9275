//! What a program behind the read-only proxy may read: which kinds are hidden, which namespaces it may see, and which
//! verbs pass. Data only; `read_only_policy` applies it to requests, and `filter` to answers.

mod hidden;
mod verb;

pub use hidden::{Hidden, HiddenBy, NoSuchKind, ServedKind, UnknownKind};
pub use verb::{UnknownVerb, Verb, Verbs};

use std::sync::Arc;

/// The limits of one run. By default there are none beyond reading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fence {
    /// The kinds that are left out.
    pub hidden: Hidden,
    /// The only namespaces that can be read; `None` means all, and the objects of the cluster.
    pub namespaces: Option<Arc<[String]>>,
    /// The verbs that pass; `None` means all that read.
    pub verbs: Option<Verbs>,
}

impl Fence {
    /// True if answers must be searched for objects that must not be seen.
    #[must_use]
    pub fn judges_answers(&self) -> bool {
        !self.hidden.is_empty() || self.namespaces.is_some()
    }

    /// True if objects of this namespace may be read.
    #[must_use]
    pub fn has_namespace(&self, name: &str) -> bool {
        self.namespaces.as_ref().is_none_or(|names| names.iter().any(|known| known == name))
    }
}

/// The flag that refuses a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flag {
    /// `--read-only`
    #[default]
    ReadOnly,
    /// `--no-secrets`
    NoSecrets,
    /// `--hide`
    Hide,
    /// `--namespaces`
    Namespaces,
    /// `--verbs`
    Verbs,
}

impl Flag {
    /// As it is typed.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Flag::ReadOnly => "--read-only",
            Flag::NoSecrets => "--no-secrets",
            Flag::Hide => "--hide",
            Flag::Namespaces => "--namespaces",
            Flag::Verbs => "--verbs",
        }
    }
}

impl From<HiddenBy> for Flag {
    fn from(by: HiddenBy) -> Flag {
        match by {
            HiddenBy::NoSecrets => Flag::NoSecrets,
            HiddenBy::Hide => Flag::Hide,
        }
    }
}
