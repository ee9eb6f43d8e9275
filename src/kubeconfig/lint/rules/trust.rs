//! The rules about programs, credentials, certificates and file permissions.

use super::Code::{
    BadCertificate, BadKey, BlankInToken, BrokenBlock, DangerousVariable, Encrypted, ExecBlocked,
    ExecExposed, ExecNotFound, ExecRelative, Expired, Expiring, Exposed, Impersonation, KeyMismatch,
    NoCredential, NotYetValid, Omitted, OpenFolder, PlainSecret, ProviderProgram, RemovedProvider, StaleLock,
    TokenElsewhere, TokenExpired, TokenExpiring, WeakKey,
};
use super::Fixability::{No, Safe};
use super::Severity::{Error, Info, Warning};
use super::{Rule, rule};

pub(super) static RULES: &[Rule] = &[
    rule(
        ExecNotFound,
        Warning,
        No,
        [
            "a plugin that is not on this machine",
            "kubectl fails with `executable not found` when it needs this user. Install the program, or add its folder to PATH.",
            "users: [{name: a, user: {exec: {command: gke-gcloud-auth-plugin}}}]\n",
        ],
    ),
    rule(
        ExecRelative,
        Warning,
        No,
        [
            "a plugin with a relative path",
            "A command with a slash is relative to the folder of the kubeconfig, so it is another program after the file is moved; and `kubectl config set-credentials` changes `./plugin` to `plugin`, which is searched on PATH. Use a bare name or an absolute path.",
            "users: [{name: a, user: {exec: {command: ./plugin}}}]\n",
        ],
    ),
    rule(
        ExecExposed,
        Warning,
        No,
        [
            "a plugin that others can replace",
            "All users of this machine can write to the program or its folder, so any of them can make kubectl run a program as you. Move it to a folder that only you can write to.",
            "users: [{name: a, user: {exec: {command: /tmp/plugin}}}]\n",
        ],
    ),
    rule(
        ExecBlocked,
        Error,
        No,
        [
            "a plugin that kuberc does not allow",
            "credentialPluginPolicy in kuberc does not let kubectl start this program. Set it to Allowlist, and add the absolute path of the program to credentialPluginAllowlist.",
            "credentialPluginPolicy: DenyAll",
        ],
    ),
    rule(
        RemovedProvider,
        Error,
        No,
        [
            "an auth provider that kubectl does not have",
            "auth-provider is the old way to log in: kubectl knows `oidc` only. gcp was replaced by the plugin gke-gcloud-auth-plugin (`gcloud container clusters get-credentials` writes the entry), azure by kubelogin (`kubelogin convert-kubeconfig`).",
            "users: [{name: a, user: {auth-provider: {name: gcp}}}]\n",
        ],
    ),
    rule(
        Impersonation,
        Error,
        No,
        [
            "impersonation without a user",
            "as-uid, as-groups and as-user-extra require `as`, the user to impersonate; client-go refuses them without it.",
            "users: [{name: a, user: {token: abc, as-groups: [dev]}}]\n",
        ],
    ),
    rule(
        PlainSecret,
        Info,
        No,
        [
            "a secret in plain text",
            "Anyone who can read this file, a backup of it or a support bundle has the credentials. `kcx credential seal USER` moves tokens and keys into the keychain of the system.",
            "users: [{name: a, user: {token: abc}}]\n",
        ],
    ),
    rule(
        BlankInToken,
        Error,
        Safe,
        [
            "a token with a blank or a line break",
            "A token goes into an HTTP header, which cannot hold a line break: every request fails, or the server receives another token. The cause is often a block scalar (`token: |`).",
            "users:\n- name: a\n  user:\n    token: |\n      abc\n",
        ],
    ),
    rule(
        ProviderProgram,
        Warning,
        No,
        [
            "an auth provider that runs a program",
            "kubectl before 1.26 and the clients for other languages (Python, JavaScript, Java, Ruby) run the program in cmd-path whenever they need this user. Make sure that you trust it, or use an exec plugin.",
            "users: [{name: a, user: {auth-provider: {name: gcp, config: {cmd-path: /tmp/login}}}}]\n",
        ],
    ),
    rule(
        DangerousVariable,
        Warning,
        No,
        [
            "a variable that changes what a plugin runs or trusts",
            "Variables such as LD_PRELOAD, BASH_ENV, PYTHONPATH or HTTPS_PROXY make a plugin load other code, read another configuration or talk to another server. Remove it unless you set it yourself.",
            "users: [{name: a, user: {exec: {command: aws, env: [{name: LD_PRELOAD, value: /tmp/x.so}]}}}]\n",
        ],
    ),
    rule(
        TokenElsewhere,
        Info,
        No,
        [
            "a token file outside of the folder of the kubeconfig",
            "The content of this file is sent to the cluster with every request. Make sure that it contains the token for this cluster and nothing else.",
            "users: [{name: a, user: {tokenFile: /home/jane/.vault-token}}]\n",
        ],
    ),
    rule(
        NoCredential,
        Warning,
        No,
        [
            "a user without a credential",
            "kubectl asks for a user name and a password, and fails without a terminal. `kcx config set-credentials` adds a credential; a new kubeconfig from the cluster's owner has one.",
            "users: [{name: a, user: {}}]\n",
        ],
    ),
    rule(
        Expired,
        Error,
        No,
        [
            "an expired certificate",
            "With an expired client certificate the cluster treats you as anonymous; with an expired authority kubectl trusts no server. Request a new certificate.",
            "client-certificate-data: a certificate that expired on 2024-01-31",
        ],
    ),
    rule(
        Expiring,
        Warning,
        No,
        [
            "a certificate that expires soon",
            "It expires within the time of `--within`, by default 30 days. Request a new certificate before that.",
            "client-certificate-data: a certificate that expires next week",
        ],
    ),
    rule(
        NotYetValid,
        Error,
        No,
        [
            "a certificate or token that is not valid yet",
            "Its validity starts in the future. Often the clock of this machine or of the issuer is wrong.",
            "client-certificate-data: a certificate that is valid from tomorrow on",
        ],
    ),
    rule(
        WeakKey,
        Warning,
        No,
        [
            "a key that is too short",
            "RSA keys below 2048 bits and curves below 224 bits can be broken (NIST SP 800-57); Go refuses RSA below 1024 bits. Request a certificate with a new key.",
            "client-certificate-data: a certificate for RSA with 1024 bits",
        ],
    ),
    rule(
        BadCertificate,
        Error,
        No,
        [
            "data that is not a valid certificate",
            "Certificates are PEM: text between BEGIN CERTIFICATE and END CERTIFICATE, in a -data field additionally encoded in base64. kubectl refuses other formats, including DER.",
            "clusters: [{name: a, cluster: {server: 'https://a', certificate-authority-data: Q0E=}}]\n",
        ],
    ),
    rule(
        BadKey,
        Error,
        No,
        [
            "data that is not a valid private key",
            "Private keys are PEM: PKCS#1, PKCS#8 or SEC 1, not encrypted, in a -data field additionally encoded in base64. kubectl cannot ask for a passphrase.",
            "client-key-data: a key with a passphrase",
        ],
    ),
    rule(
        KeyMismatch,
        Error,
        No,
        [
            "a key that belongs to another certificate",
            "Go refuses a certificate and key that do not match: `tls: private key does not match public key`. One of the two belongs to another user or is older.",
            "client-certificate-data of jane, client-key-data of joe",
        ],
    ),
    rule(
        TokenExpired,
        Error,
        No,
        [
            "an expired token",
            "The token is a JSON Web Token with an expiry in the past: the cluster refuses it. Log in again. Only its claims were read; the signature was not verified.",
            "users: [{name: a, user: {token: a web token that expired on 2024-01-31}}]\n",
        ],
    ),
    rule(
        TokenExpiring,
        Warning,
        No,
        [
            "a token that expires soon",
            "The token is a JSON Web Token and expires within the time of `--within`, by default 30 days. A token whose whole lifetime is shorter is not reported before it has expired.",
            "users: [{name: a, user: {token: a web token that expires next week}}]\n",
        ],
    ),
    rule(
        BrokenBlock,
        Warning,
        No,
        [
            "an invalid certificate among valid ones",
            "kubectl silently skips it and trusts the others; a server whose authority is the invalid one is refused. Get the certificate again.",
            "certificate-authority-data: two certificates, of which the second is incomplete",
        ],
    ),
    rule(
        Omitted,
        Error,
        No,
        [
            "a value that `kubectl config view` has left out",
            "`kubectl config view` prints DATA+OMITTED and REDACTED in the place of certificates, keys and tokens. Save the output of `kubectl config view --raw`, or of `kcx export`, instead.",
            "users: [{name: a, user: {token: REDACTED}}]\n",
        ],
    ),
    rule(
        Encrypted,
        Error,
        No,
        [
            "a value that sops has encrypted",
            "kubectl does not decrypt it, and sends the encrypted text. `sops --decrypt FILE` prints the kubeconfig.",
            "users: [{name: a, user: {token: 'ENC[AES256_GCM,data:x,iv:x,tag:x,type:str]'}}]\n",
        ],
    ),
    rule(
        Exposed,
        Warning,
        No,
        [
            "secrets that others can read",
            "The file contains credentials, and its mode allows the group or all users of this machine to read it. `chmod 600 FILE` restricts it to its owner.",
            "-rw-r--r-- ~/.kube/config",
        ],
    ),
    rule(
        OpenFolder,
        Warning,
        No,
        [
            "a kubeconfig that others can write or replace",
            "Anyone who can write to a kubeconfig, or to a folder in its path, can add a plugin of their own. `chmod go-w PATH` removes that permission.",
            "drwxrwxrwx ~/.kube",
        ],
    ),
    rule(
        StaleLock,
        Warning,
        No,
        [
            "a stale lock",
            "kubectl locks a kubeconfig with a file beside it. A kubectl that was killed leaves the lock, and then every kubectl command that writes fails. If no such program is running, remove the lock.",
            "~/.kube/config.lock, created an hour ago",
        ],
    ),
];
