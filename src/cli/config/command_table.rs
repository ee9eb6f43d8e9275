//! The verbs of `kubectl config` and their flags, as tables.
//!
//! The texts are those that the completion of kubectl 1.37.1 prints.

mod tables;

use tables::{GET_CONTEXTS, GLOBAL, SET, SET_CLUSTER, SET_CONTEXT, SET_CREDENTIALS, VIEW};

/// A verb of `kubectl config`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Display the current-context.
    CurrentContext,
    /// Delete the specified cluster from the kubeconfig.
    DeleteCluster,
    /// Delete the specified context from the kubeconfig.
    DeleteContext,
    /// Delete the specified user from the kubeconfig.
    DeleteUser,
    /// Display clusters defined in the kubeconfig.
    GetClusters,
    /// Describe one or many contexts.
    GetContexts,
    /// Display users defined in the kubeconfig.
    GetUsers,
    /// Rename a context from the kubeconfig file.
    RenameContext,
    /// Set an individual value in a kubeconfig file.
    Set,
    /// Set a cluster entry in kubeconfig.
    SetCluster,
    /// Set a context entry in kubeconfig.
    SetContext,
    /// Set a user entry in kubeconfig.
    SetCredentials,
    /// Unset an individual value in a kubeconfig file.
    Unset,
    /// Set the current-context in a kubeconfig file.
    UseContext,
    /// Display merged kubeconfig settings or a specified kubeconfig file.
    View,
}

impl Verb {
    /// All verbs, in the order of kubectl's help and completion.
    pub const ALL: [Self; 15] = [
        Self::CurrentContext,
        Self::DeleteCluster,
        Self::DeleteContext,
        Self::DeleteUser,
        Self::GetClusters,
        Self::GetContexts,
        Self::GetUsers,
        Self::RenameContext,
        Self::Set,
        Self::SetCluster,
        Self::SetContext,
        Self::SetCredentials,
        Self::Unset,
        Self::UseContext,
        Self::View,
    ];

    /// Finds a verb by its name or alias; case-sensitive.
    pub fn find(name: &str) -> Option<Self> {
        if name == "use" {
            return Some(Self::UseContext);
        }
        Self::ALL.into_iter().find(|verb| verb.name() == name)
    }

    /// The name, as typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::CurrentContext => "current-context",
            Self::DeleteCluster => "delete-cluster",
            Self::DeleteContext => "delete-context",
            Self::DeleteUser => "delete-user",
            Self::GetClusters => "get-clusters",
            Self::GetContexts => "get-contexts",
            Self::GetUsers => "get-users",
            Self::RenameContext => "rename-context",
            Self::Set => "set",
            Self::SetCluster => "set-cluster",
            Self::SetContext => "set-context",
            Self::SetCredentials => "set-credentials",
            Self::Unset => "unset",
            Self::UseContext => "use-context",
            Self::View => "view",
        }
    }

    /// The one-line description.
    pub fn short(self) -> &'static str {
        match self {
            Self::CurrentContext => "Display the current-context",
            Self::DeleteCluster => "Delete the specified cluster from the kubeconfig",
            Self::DeleteContext => "Delete the specified context from the kubeconfig",
            Self::DeleteUser => "Delete the specified user from the kubeconfig",
            Self::GetClusters => "Display clusters defined in the kubeconfig",
            Self::GetContexts => "Describe one or many contexts",
            Self::GetUsers => "Display users defined in the kubeconfig",
            Self::RenameContext => "Rename a context from the kubeconfig file",
            Self::Set => "Set an individual value in a kubeconfig file",
            Self::SetCluster => "Set a cluster entry in kubeconfig",
            Self::SetContext => "Set a context entry in kubeconfig",
            Self::SetCredentials => "Set a user entry in kubeconfig",
            Self::Unset => "Unset an individual value in a kubeconfig file",
            Self::UseContext => "Set the current-context in a kubeconfig file",
            Self::View => "Display merged kubeconfig settings or a specified kubeconfig file",
        }
    }

    /// The flags that this verb declares, sorted by name; they hide global flags with the same name.
    pub fn own_flags(self) -> &'static [Flag] {
        match self {
            Self::GetContexts => GET_CONTEXTS,
            Self::Set => SET,
            Self::SetCluster => SET_CLUSTER,
            Self::SetContext => SET_CONTEXT,
            Self::SetCredentials => SET_CREDENTIALS,
            Self::View => VIEW,
            _ => &[],
        }
    }
}

/// The command whose flags are searched: `kubectl`, `kubectl config`, or a verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// The program itself.
    Root,
    /// `config` without a verb.
    Config,
    /// A verb of `config`.
    Verb(Verb),
}

impl Command {
    /// The flags declared by this command itself, without `--help`.
    pub fn own_flags(self) -> &'static [Flag] {
        match self {
            Self::Root => &[],
            Self::Config => KUBECONFIG,
            Self::Verb(verb) => verb.own_flags(),
        }
    }

    /// The flags of the parent commands that are not declared again.
    pub fn inherited_flags(self) -> impl Iterator<Item = &'static Flag> {
        let own = self.own_flags();
        GLOBAL.iter().filter(move |global| own.iter().all(|flag| flag.name != global.name))
    }

    /// Finds a flag by its long name; `_` equals `-`.
    pub fn flag(self, name: &str) -> Option<&'static Flag> {
        let name = name.replace('_', "-");
        self.flags().find(|flag| flag.name == name)
    }

    /// Finds a flag by its one-letter name.
    pub fn shorthand(self, letter: char) -> Option<&'static Flag> {
        self.flags().find(|flag| flag.short == Some(letter))
    }

    /// True if the next word is the value of this one, by cobra's rule before parsing: an unknown flag takes a value.
    pub fn takes_next(self, word: &str) -> bool {
        let is_switch = |flag: Option<&Flag>| flag.is_some_and(|flag| flag.kind == Kind::Bool);
        match (word.strip_prefix("--"), word.strip_prefix('-')) {
            (Some(""), _) => false,
            (Some(name), _) => !name.contains('=') && !is_switch(self.flag(name)),
            (None, Some(short)) if short.len() == 1 && short != "=" => {
                !is_switch(short.chars().next().and_then(|letter| self.shorthand(letter)))
            }
            _ => false,
        }
    }

    /// All flags except `--help`, which cobra adds only when a command runs.
    pub fn flags(self) -> impl Iterator<Item = &'static Flag> {
        self.own_flags().iter().chain(self.inherited_flags())
    }

    /// The words of this command, with `program` for `kubectl`.
    pub fn path(self, program: &str) -> String {
        match self {
            Self::Root => program.to_owned(),
            Self::Config => format!("{program} config"),
            Self::Verb(verb) => format!("{program} config {}", verb.name()),
        }
    }
}

/// The type of a flag's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A boolean. A value needs `=`; without a value it is `true`.
    Bool,
    /// A repeatable list; each occurrence is split as CSV.
    List,
    /// A repeatable list; each occurrence is one element.
    Array,
    /// A klog level.
    Level,
    /// A Go duration.
    Duration,
    /// A klog `pattern=N` list.
    Modules,
}

/// A flag.
#[derive(Debug, PartialEq, Eq)]
pub struct Flag {
    /// The long name, without dashes.
    pub name: &'static str,
    /// The one-letter name.
    pub short: Option<char>,
    /// The type of its value.
    pub kind: Kind,
    /// The description, for completion.
    pub usage: &'static str,
}

impl Flag {
    const fn new(name: &'static str, short: Option<char>, kind: Kind, usage: &'static str) -> Self {
        Self { name, short, kind, usage }
    }
}

/// `--help`, which every command has.
pub const HELP: Flag = Flag::new("help", Some('h'), Kind::Bool, "help for");

// `config` declares this flag again, so completion lists it among the local flags of `config`.
const KUBECONFIG: &[Flag] = &[Flag::new("kubeconfig", None, Kind::Text, "use a particular kubeconfig file")];
