//! The contexts that a command would act on.

/// One context, or several, that a command would act on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The current context of the shell.
    Current,
    /// The context of this name.
    Named(String),
    /// The contexts that these words of `kcx exec` mean.
    Matching(Vec<String>),
    /// The current context of other kubeconfigs, in the form of `KUBECONFIG`.
    Elsewhere(String),
    /// This cannot be known.
    Unknown,
}

/// A kubeconfig that a command reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Files {
    /// Those of the shell.
    Shell,
    /// These, in the form of `KUBECONFIG`.
    Listed(String),
    /// This cannot be known.
    Unknown,
}

/// A context in a kubeconfig.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// The current one.
    Current,
    /// The one of this name.
    Named(String),
    /// Those that these words of `kcx exec` mean.
    Matching(Vec<String>),
    /// This cannot be known.
    Unknown,
}

impl Place {
    pub(super) fn of(files: &Files, choice: &Choice) -> Place {
        match (files, choice) {
            // Protection goes by the name, whatever file it is in.
            (_, Choice::Named(name)) => Place::Named(name.clone()),
            (Files::Shell, Choice::Current) => Place::Current,
            (Files::Listed(files), Choice::Current) => Place::Elsewhere(files.clone()),
            (Files::Shell, Choice::Matching(words)) => Place::Matching(words.clone()),
            _ => Place::Unknown,
        }
    }
}
