//! The verbs of `kubectl config` and the flags each takes, as tables.
//!
//! The texts are kubectl 1.37.1's own, as its completion prints them. Nothing is parsed or printed here.

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

const GLOBAL: &[Flag] = &[
    Flag::new(
        "as",
        None,
        Kind::Text,
        "Username to impersonate for the operation. User could be a regular user or a service account in a namespace.",
    ),
    Flag::new(
        "as-group",
        None,
        Kind::Array,
        "Group to impersonate for the operation, this flag can be repeated to specify multiple groups.",
    ),
    Flag::new("as-uid", None, Kind::Text, "UID to impersonate for the operation."),
    Flag::new(
        "as-user-extra",
        None,
        Kind::Array,
        "User extras to impersonate for the operation, this flag can be repeated to specify multiple values for the same key.",
    ),
    Flag::new("cache-dir", None, Kind::Text, "Default cache directory"),
    Flag::new("certificate-authority", None, Kind::Text, "Path to a cert file for the certificate authority"),
    Flag::new("client-certificate", None, Kind::Text, "Path to a client certificate file for TLS"),
    Flag::new("client-key", None, Kind::Text, "Path to a client key file for TLS"),
    Flag::new("cluster", None, Kind::Text, "The name of the kubeconfig cluster to use"),
    Flag::new("context", None, Kind::Text, "The name of the kubeconfig context to use"),
    Flag::new(
        "disable-compression",
        None,
        Kind::Bool,
        "If true, opt-out of response compression for all requests to the server",
    ),
    Flag::new(
        "insecure-skip-tls-verify",
        None,
        Kind::Bool,
        "If true, the server's certificate will not be checked for validity. This will make your HTTPS connections insecure",
    ),
    Flag::new("kubeconfig", None, Kind::Text, "use a particular kubeconfig file"),
    Flag::new(
        "kuberc",
        None,
        Kind::Text,
        "Path to the kuberc file to use for preferences. This can be disabled by exporting KUBECTL_KUBERC=false feature gate or turning off the feature KUBERC=off.",
    ),
    Flag::new("log-flush-frequency", None, Kind::Duration, "Maximum number of seconds between log flushes"),
    Flag::new("match-server-version", None, Kind::Bool, "Require server version to match client version"),
    Flag::new("namespace", Some('n'), Kind::Text, "If present, the namespace scope for this CLI request"),
    Flag::new("password", None, Kind::Text, "Password for basic authentication to the API server"),
    Flag::new(
        "profile",
        None,
        Kind::Text,
        "Name of profile to capture. One of (none|cpu|heap|goroutine|threadcreate|block|mutex|trace)",
    ),
    Flag::new("profile-output", None, Kind::Text, "Name of the file to write the profile to"),
    Flag::new("proxy-url", None, Kind::Text, "Proxy URL to use for requests to the API server"),
    Flag::new(
        "request-timeout",
        None,
        Kind::Text,
        "The length of time to wait before giving up on a single server request. Non-zero values should contain a corresponding time unit (e.g. 1s, 2m, 3h). A value of zero means don't timeout requests.",
    ),
    Flag::new("server", Some('s'), Kind::Text, "The address and port of the Kubernetes API server"),
    Flag::new(
        "tls-server-name",
        None,
        Kind::Text,
        "Server name to use for server certificate validation. If it is not provided, the hostname used to contact the server is used",
    ),
    Flag::new("token", None, Kind::Text, "Bearer token for authentication to the API server"),
    Flag::new("user", None, Kind::Text, "The name of the kubeconfig user to use"),
    Flag::new("username", None, Kind::Text, "Username for basic authentication to the API server"),
    Flag::new("v", Some('v'), Kind::Level, "number for the log level verbosity"),
    Flag::new(
        "vmodule",
        None,
        Kind::Modules,
        "comma-separated list of pattern=N settings for file-filtered logging (only works for the default text log format)",
    ),
    Flag::new(
        "warnings-as-errors",
        None,
        Kind::Bool,
        "Treat warnings received from the server as errors and exit with a non-zero exit code",
    ),
];

const GET_CONTEXTS: &[Flag] = &[
    Flag::new(
        "no-headers",
        None,
        Kind::Bool,
        "When using the default or custom-column output format, don't print headers (default print headers).",
    ),
    Flag::new("output", Some('o'), Kind::Text, "Output format. One of: (name)."),
];

const SET: &[Flag] = &[Flag::new(
    "set-raw-bytes",
    None,
    Kind::Bool,
    "When writing a []byte PROPERTY_VALUE, write the given string directly without base64 decoding.",
)];

const SET_CLUSTER: &[Flag] = &[
    Flag::new(
        "certificate-authority",
        None,
        Kind::Text,
        "Path to certificate-authority file for the cluster entry in kubeconfig",
    ),
    Flag::new("embed-certs", None, Kind::Bool, "embed-certs for the cluster entry in kubeconfig"),
    Flag::new(
        "insecure-skip-tls-verify",
        None,
        Kind::Bool,
        "insecure-skip-tls-verify for the cluster entry in kubeconfig",
    ),
    Flag::new("proxy-url", None, Kind::Text, "proxy-url for the cluster entry in kubeconfig"),
    Flag::new("server", None, Kind::Text, "server for the cluster entry in kubeconfig"),
    Flag::new("tls-server-name", None, Kind::Text, "tls-server-name for the cluster entry in kubeconfig"),
];

const SET_CONTEXT: &[Flag] = &[
    Flag::new("cluster", None, Kind::Text, "cluster for the context entry in kubeconfig"),
    Flag::new("current", None, Kind::Bool, "Modify the current context"),
    Flag::new("namespace", Some('n'), Kind::Text, "namespace for the context entry in kubeconfig"),
    Flag::new("user", None, Kind::Text, "user for the context entry in kubeconfig"),
];

const SET_CREDENTIALS: &[Flag] = &[
    Flag::new("auth-provider", None, Kind::Text, "Auth provider for the user entry in kubeconfig"),
    Flag::new("auth-provider-arg", None, Kind::List, "'key=value' arguments for the auth provider"),
    Flag::new(
        "client-certificate",
        None,
        Kind::Text,
        "Path to client-certificate file for the user entry in kubeconfig",
    ),
    Flag::new("client-key", None, Kind::Text, "Path to client-key file for the user entry in kubeconfig"),
    Flag::new("embed-certs", None, Kind::Bool, "Embed client cert/key for the user entry in kubeconfig"),
    Flag::new(
        "exec-api-version",
        None,
        Kind::Text,
        "API version of the exec credential plugin for the user entry in kubeconfig",
    ),
    Flag::new(
        "exec-arg",
        None,
        Kind::List,
        "New arguments for the exec credential plugin command for the user entry in kubeconfig",
    ),
    Flag::new(
        "exec-command",
        None,
        Kind::Text,
        "Command for the exec credential plugin for the user entry in kubeconfig",
    ),
    Flag::new("exec-env", None, Kind::Array, "'key=value' environment values for the exec credential plugin"),
    Flag::new(
        "exec-interactive-mode",
        None,
        Kind::Text,
        "InteractiveMode of the exec credentials plugin for the user entry in kubeconfig",
    ),
    Flag::new(
        "exec-provide-cluster-info",
        None,
        Kind::Bool,
        "ProvideClusterInfo of the exec credentials plugin for the user entry in kubeconfig",
    ),
    Flag::new("password", None, Kind::Text, "password for the user entry in kubeconfig"),
    Flag::new("token", None, Kind::Text, "token for the user entry in kubeconfig"),
    Flag::new("username", None, Kind::Text, "username for the user entry in kubeconfig"),
];

const VIEW: &[Flag] = &[
    Flag::new(
        "allow-missing-template-keys",
        None,
        Kind::Bool,
        "If true, ignore any errors in templates when a field or map key is missing in the template. Only applies to golang and jsonpath output formats.",
    ),
    Flag::new(
        "flatten",
        None,
        Kind::Bool,
        "Flatten the resulting kubeconfig file into self-contained output (useful for creating portable kubeconfig files)",
    ),
    Flag::new("merge", None, Kind::Bool, "Merge the full hierarchy of kubeconfig files"),
    Flag::new(
        "minify",
        None,
        Kind::Bool,
        "Remove all information not used by current-context from the output",
    ),
    Flag::new(
        "output",
        Some('o'),
        Kind::Text,
        "Output format. One of: (json, yaml, kyaml, name, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file).",
    ),
    Flag::new("raw", None, Kind::Bool, "Display raw byte data and sensitive data"),
    Flag::new(
        "show-managed-fields",
        None,
        Kind::Bool,
        "If true, keep the managedFields when printing objects in JSON or YAML format.",
    ),
    Flag::new(
        "template",
        None,
        Kind::Text,
        "Template string or path to template file to use when -o=go-template, -o=go-template-file. The template format is golang templates [http://golang.org/pkg/text/template/#pkg-overview].",
    ),
];
