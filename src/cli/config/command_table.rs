//! The verbs of `kubectl config` and the flags each takes, as tables.
//!
//! The texts are kubectl 1.37.1's own, as its completion prints them. Nothing is parsed or printed here.

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
    /// Every verb, in the order help and completion list them.
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

    /// Finds the verb called `name`, or by its alias; letter case counts.
    pub fn find(name: &str) -> Option<Self> {
        if name == "use" {
            return Some(Self::UseContext);
        }
        Self::ALL.into_iter().find(|verb| verb.name() == name)
    }

    /// Returns the name as typed.
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

    /// Returns the one-line description.
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

    /// Returns the flags this verb declares itself, sorted by name; they hide globals of the same name.
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

/// Where in the command tree a flag is looked up: `kubectl`, `kubectl config`, or a verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// The program itself.
    Root,
    /// Bare `config`.
    Config,
    /// A verb of `config`.
    Verb(Verb),
}

impl Command {
    /// Returns the flags declared on this command alone, without `--help`.
    pub fn own_flags(self) -> &'static [Flag] {
        match self {
            Self::Root => &[],
            Self::Config => KUBECONFIG,
            Self::Verb(verb) => verb.own_flags(),
        }
    }

    /// Returns the flags that come from above and are not declared again.
    pub fn inherited_flags(self) -> impl Iterator<Item = &'static Flag> {
        let own = self.own_flags();
        GLOBAL.iter().filter(move |global| own.iter().all(|flag| flag.name != global.name))
    }

    /// Finds a flag by its long name, `_` counting as `-`.
    pub fn flag(self, name: &str) -> Option<&'static Flag> {
        let name = name.replace('_', "-");
        self.flags().find(|flag| flag.name == name)
    }

    /// Finds a flag by its one-letter name.
    pub fn shorthand(self, letter: char) -> Option<&'static Flag> {
        self.flags().find(|flag| flag.short == Some(letter))
    }

    /// Tells whether the next word is this one's value, as cobra does before it parses: a flag that it does not know takes
    /// one.
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

    /// Returns every flag but `--help`, which cobra adds only when a command runs.
    pub fn flags(self) -> impl Iterator<Item = &'static Flag> {
        self.own_flags().iter().chain(self.inherited_flags())
    }

    /// Returns the words that call this command, `program` standing for `kubectl`.
    pub fn path(self, program: &str) -> String {
        match self {
            Self::Root => program.to_owned(),
            Self::Config => format!("{program} config"),
            Self::Verb(verb) => format!("{program} config {}", verb.name()),
        }
    }
}

/// What a flag's value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A boolean; its value needs `=`, and without one it means `true`.
    Bool,
    /// A repeatable list, each occurrence split as CSV.
    List,
    /// A repeatable list, each occurrence one element.
    Array,
    /// A klog level.
    Level,
    /// A Go duration.
    Duration,
    /// A klog `pattern=N` list.
    Modules,
}

/// A flag: its names, what it takes, what it is for.
#[derive(Debug, PartialEq, Eq)]
pub struct Flag {
    /// The long name, without dashes.
    pub name: &'static str,
    /// The one-letter name.
    pub short: Option<char>,
    /// What its value may be.
    pub kind: Kind,
    /// The description completion shows.
    pub usage: &'static str,
}

impl Flag {
    const fn new(name: &'static str, short: Option<char>, kind: Kind, usage: &'static str) -> Self {
        Self { name, short, kind, usage }
    }
}

/// `--help`, which every command has.
pub const HELP: Flag = Flag::new("help", Some('h'), Kind::Bool, "help for");

// `config` declares this again, so its own completion lists it among its local flags.
const KUBECONFIG: &[Flag] = &[Flag::new("kubeconfig", None, Kind::Text, "use a particular kubeconfig file")];
