//! The flags: name, letter, type and kubectl's description.
//!
//! A tristate flag of kubectl is parsed like a boolean one; `Flags::is_given` distinguishes the third state.

use super::{Flag, Kind};

pub(super) const GLOBAL: &[Flag] = &[
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

pub(super) const GET_CONTEXTS: &[Flag] = &[
    Flag::new(
        "no-headers",
        None,
        Kind::Bool,
        "When using the default or custom-column output format, don't print headers (default print headers).",
    ),
    Flag::new("output", Some('o'), Kind::Text, "Output format. One of: (name)."),
];

pub(super) const SET: &[Flag] = &[Flag::new(
    "set-raw-bytes",
    None,
    Kind::Bool,
    "When writing a []byte PROPERTY_VALUE, write the given string directly without base64 decoding.",
)];

pub(super) const SET_CLUSTER: &[Flag] = &[
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

pub(super) const SET_CONTEXT: &[Flag] = &[
    Flag::new("cluster", None, Kind::Text, "cluster for the context entry in kubeconfig"),
    Flag::new("current", None, Kind::Bool, "Modify the current context"),
    Flag::new("namespace", Some('n'), Kind::Text, "namespace for the context entry in kubeconfig"),
    Flag::new("user", None, Kind::Text, "user for the context entry in kubeconfig"),
];

pub(super) const SET_CREDENTIALS: &[Flag] = &[
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

pub(super) const VIEW: &[Flag] = &[
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
