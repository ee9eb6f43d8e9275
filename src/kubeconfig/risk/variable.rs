//! The environment variables that a credential plugin may get without permission.
//!
//! Which variables make a program load code, read another configuration or talk to another server depends on the
//! program, its loader and its interpreter: `LD_PRELOAD`, `BASH_ENV`, `NODE_OPTIONS`, `AWS_CONFIG_FILE`, `HTTPS_PROXY`
//! are but a few. So this is an allowlist: a variable needs permission unless it is known to be harmless.

/// The form of a harmless value.
#[derive(Clone, Copy)]
enum Shape {
    /// The name of something in the user's own configuration.
    Label,
    /// A region or the id of an account or tenant, which may become part of a host name or path.
    Id,
}

/// Variables that only choose among what the user has set up, or turn a known behaviour on or off.
const HARMLESS: [(&str, Shape); 19] = [
    ("AAD_LOGIN_METHOD", Shape::Id),
    ("AWS_DEFAULT_OUTPUT", Shape::Id),
    ("AWS_DEFAULT_PROFILE", Shape::Label),
    ("AWS_DEFAULT_REGION", Shape::Id),
    ("AWS_EC2_METADATA_DISABLED", Shape::Id),
    ("AWS_PROFILE", Shape::Label),
    ("AWS_REGION", Shape::Id),
    ("AWS_SDK_LOAD_CONFIG", Shape::Id),
    ("AWS_STS_REGIONAL_ENDPOINTS", Shape::Id),
    ("AWS_USE_DUALSTACK_ENDPOINT", Shape::Id),
    ("AWS_USE_FIPS_ENDPOINT", Shape::Id),
    ("AZURE_CLIENT_ID", Shape::Id),
    ("AZURE_SUBSCRIPTION_ID", Shape::Id),
    ("AZURE_TENANT_ID", Shape::Id),
    ("CLUSTER", Shape::Label),
    ("CLUSTER_ID", Shape::Label),
    ("CLUSTER_NAME", Shape::Label),
    ("NO_COLOR", Shape::Id),
    ("USE_GKE_GCLOUD_AUTH_PLUGIN", Shape::Id),
];

/// True if this variable can only choose among the user's own settings.
pub(super) fn is_harmless(variable: &str, value: &str) -> bool {
    let Some((_, shape)) = HARMLESS.iter().find(|(known, _)| *known == variable) else { return false };
    let fits = |c: char| match shape {
        Shape::Label => c.is_ascii_alphanumeric() || "-_.@+ ".contains(c),
        Shape::Id => c.is_ascii_alphanumeric() || c == '-',
    };
    value.len() <= 128 && value.chars().all(fits)
}

/// Prefixes of variables that make a loader, an interpreter or a well-known library run or trust something else. They
/// only cause a warning; permissions do not depend on them.
const DANGEROUS: [&str; 42] = [
    "ALL_PROXY",
    "AWS_CA_BUNDLE",
    "AWS_CONFIG_FILE",
    "AWS_ENDPOINT_URL",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AZURE_AUTHORITY_HOST",
    "AZURE_CONFIG_DIR",
    "BASH_ENV",
    "BASH_FUNC_",
    "CLASSPATH",
    "CLOUDSDK_CONFIG",
    "CLOUDSDK_PYTHON",
    "CURL_CA_BUNDLE",
    "DYLD_",
    "GCONV_PATH",
    "GIT_",
    "GLIBC_TUNABLES",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "IFS",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "KUBECONFIG",
    "LD_",
    "LOCPATH",
    "NLSPATH",
    "NODE_EXTRA_CA_CERTS",
    "NODE_OPTIONS",
    "NODE_PATH",
    "OPENSSL_CONF",
    "PERL5",
    "PERLLIB",
    "PROMPT_COMMAND",
    "PS4",
    "PYTHON",
    "REQUESTS_CA_BUNDLE",
    "RUBYLIB",
    "RUBYOPT",
    "SHELLOPTS",
    "SSL_CERT_",
    "TERMINFO",
    "_JAVA_OPTIONS",
];

/// True if this variable is known to make a program load code, or trust or reach something else.
#[must_use]
pub fn is_dangerous(variable: &str) -> bool {
    let upper = variable.to_ascii_uppercase();
    matches!(variable, "ENV" | "PATH" | "HOME") || DANGEROUS.iter().any(|known| upper.starts_with(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_to_be_harmless_is_not() {
        for (variable, value) in [("AWS_PROFILE", "dev team"), ("AWS_REGION", "eu-west-1"), ("CLUSTER", "")] {
            assert!(is_harmless(variable, value), "{variable}");
        }
        let dangerous = "LD_PRELOAD LD_AUDIT DYLD_INSERT_LIBRARIES BASH_ENV ENV BASH_FUNC_aws%% PYTHONPATH PYTHONSTARTUP \
            PERL5LIB PERL5OPT PERLLIB RUBYOPT RUBYLIB NODE_OPTIONS NODE_PATH JAVA_TOOL_OPTIONS _JAVA_OPTIONS \
            JDK_JAVA_OPTIONS CLASSPATH GIT_SSH_COMMAND PATH HOME XDG_CONFIG_HOME IFS SHELLOPTS PS4 PROMPT_COMMAND \
            AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE AWS_ENDPOINT_URL AWS_CA_BUNDLE AWS_PAGER CLOUDSDK_PYTHON \
            CLOUDSDK_CONFIG KUBECONFIG GCONV_PATH LOCPATH NLSPATH TERMINFO https_proxy HTTPS_PROXY ALL_PROXY \
            SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE AZURE_CONFIG_DIR AZURE_AUTHORITY_HOST \
            AZURE_FEDERATED_TOKEN_FILE KUBERNETES_EXEC_INFO GODEBUG OPENSSL_CONF aws_profile LD_PRELOAD=x";
        for variable in dangerous.split_whitespace().chain([""]) {
            assert!(!is_harmless(variable, "x"), "{variable}");
        }
        for variable in ["LD_PRELOAD", "BASH_FUNC_aws%%", "https_proxy", "PYTHONPATH", "PATH"] {
            assert!(
                is_dangerous(variable) && !is_dangerous("AWS_PROFILE") && !is_dangerous("A"),
                "{variable}"
            );
        }
        for value in ["evil.example/#", "a/b", "../x", "a\nb", "$(x)"] {
            assert!(!is_harmless("AWS_REGION", value) && !is_harmless("AWS_PROFILE", value), "{value}");
        }
        assert!(HARMLESS.is_sorted_by_key(|(variable, _)| *variable));
    }
}
