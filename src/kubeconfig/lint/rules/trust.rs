//! Findings about programs, credentials, certificates and the disk.

use super::Code::{
    BadCertificate, BadKey, BlankInToken, BrokenBlock, DangerousVariable, ExecBlocked, ExecExposed,
    ExecNotFound, ExecRelative, Expired, Expiring, Exposed, Impersonation, KeyMismatch, NotYetValid,
    OpenFolder, PlainSecret, ProviderProgram, RemovedProvider, StaleLock, TokenElsewhere, TokenExpired,
    TokenExpiring, WeakKey,
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
            "kubectl fails with `executable not found` as soon as it needs this user. Install the program, or put its folder on PATH.",
            "users: [{name: a, user: {exec: {command: gke-gcloud-auth-plugin}}}]\n",
        ],
    ),
    rule(
        ExecRelative,
        Warning,
        No,
        [
            "a plugin with a relative path",
            "A command with a slash is looked for from the folder of the kubeconfig, and is another program when that moves; and `kubectl config set-credentials` turns `./plugin` into `plugin`, which is looked for on PATH. Use a bare name or an absolute path.",
            "users: [{name: a, user: {exec: {command: ./plugin}}}]\n",
        ],
    ),
    rule(
        ExecExposed,
        Warning,
        No,
        [
            "a plugin that others can replace",
            "The program, or the folder it lies in, can be written by everybody on this machine, so anybody can have kubectl run anything as you. Move it to a folder of your own.",
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
            "impersonation of nobody",
            "as-uid, as-groups and as-user-extra go with `as`, the user to impersonate; client-go refuses them alone.",
            "users: [{name: a, user: {token: abc, as-groups: [dev]}}]\n",
        ],
    ),
    rule(
        PlainSecret,
        Info,
        No,
        [
            "a secret in plain text",
            "Whoever can read this file, a backup of it or a support bundle has the credentials. `kcx credential seal USER` moves tokens and keys into the keychain of the system.",
            "users: [{name: a, user: {token: abc}}]\n",
        ],
    ),
    rule(
        BlankInToken,
        Error,
        Safe,
        [
            "a token with a blank or a line break",
            "A token goes into an HTTP header, which cannot hold a line break: every request fails, or the server takes it for another token. They often come from a block (`token: |`).",
            "users:\n- name: a\n  user:\n    token: |\n      abc\n",
        ],
    ),
    rule(
        ProviderProgram,
        Warning,
        No,
        [
            "an auth provider that runs a program",
            "kubectl before 1.26 and the clients for other languages (Python, JavaScript, Java, Ruby) run the program that cmd-path names whenever they need this user. Make sure that you know it, or log in by an exec plugin.",
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
            "a token that is read from a file elsewhere",
            "The content of this file, whatever it is, is sent to the cluster with every request. It lies outside the folder of the kubeconfig: make sure that it holds the token for this cluster, and nothing else.",
            "users: [{name: a, user: {tokenFile: /home/jane/.vault-token}}]\n",
        ],
    ),
    rule(
        Expired,
        Error,
        No,
        [
            "a certificate that has ended",
            "With a client certificate that has ended, the cluster takes you for nobody; with such an authority, kubectl trusts no server. Have a new one issued.",
            "client-certificate-data: a certificate that ended on 2024-01-31",
        ],
    ),
    rule(
        Expiring,
        Warning,
        No,
        [
            "a certificate that ends soon",
            "It ends within the time of `--within`, 30 days if that is not given. Have a new one issued before.",
            "client-certificate-data: a certificate that ends next week",
        ],
    ),
    rule(
        NotYetValid,
        Error,
        No,
        [
            "a certificate or token that is not valid yet",
            "It begins in the future. Often the clock of this machine, or of the one that issued it, is wrong.",
            "client-certificate-data: a certificate that begins tomorrow",
        ],
    ),
    rule(
        WeakKey,
        Warning,
        No,
        [
            "a key that is too short",
            "RSA keys below 2048 bits and curves below 224 bits can be broken (NIST SP 800-57); Go refuses RSA below 1024 bits. Have a certificate with a new key issued.",
            "client-certificate-data: a certificate for RSA with 1024 bits",
        ],
    ),
    rule(
        BadCertificate,
        Error,
        No,
        [
            "data that is no certificate",
            "Certificates are PEM: text between BEGIN CERTIFICATE and END CERTIFICATE, in a -data field once more in base64. kubectl fails with anything else, DER too.",
            "clusters: [{name: a, cluster: {server: 'https://a', certificate-authority-data: Q0E=}}]\n",
        ],
    ),
    rule(
        BadKey,
        Error,
        No,
        [
            "data that is no private key",
            "Private keys are PEM: PKCS#1, PKCS#8 or SEC 1, not encrypted, in a -data field once more in base64. kubectl cannot ask for a passphrase.",
            "client-key-data: a key with a passphrase",
        ],
    ),
    rule(
        KeyMismatch,
        Error,
        No,
        [
            "a key that belongs to another certificate",
            "Go refuses a pair that does not belong together: `tls: private key does not match public key`. One of the two is of another user, or older.",
            "client-certificate-data of jane, client-key-data of joe",
        ],
    ),
    rule(
        TokenExpired,
        Error,
        No,
        [
            "a token that has ended",
            "The token is a JSON web token and says that it is not valid any more: the cluster refuses it. Log in again. Only its claims were read, nothing was verified.",
            "users: [{name: a, user: {token: a web token that ended on 2024-01-31}}]\n",
        ],
    ),
    rule(
        TokenExpiring,
        Warning,
        No,
        [
            "a token that ends soon",
            "The token is a JSON web token and ends within the time of `--within`, 30 days if that is not given; one that lives shorter than that as a whole is left alone until it has ended.",
            "users: [{name: a, user: {token: a web token that ends next week}}]\n",
        ],
    ),
    rule(
        BrokenBlock,
        Warning,
        No,
        [
            "a broken certificate among good ones",
            "kubectl passes over it without a word and trusts the others: a server whose authority is the broken one is refused as unknown. Get the certificate again.",
            "certificate-authority-data: two certificates, of which the second was cut off",
        ],
    ),
    rule(
        Exposed,
        Warning,
        No,
        [
            "secrets that others can read",
            "The file holds credentials, and its mode lets the group or everybody on this machine read it. `chmod 600 FILE` leaves it to its owner.",
            "-rw-r--r-- ~/.kube/config",
        ],
    ),
    rule(
        OpenFolder,
        Warning,
        No,
        [
            "a kubeconfig that others can write or replace",
            "Who can write a kubeconfig, or in a folder on the way to it, can put a plugin of theirs in it. `chmod go-w PATH` takes that away.",
            "drwxrwxrwx ~/.kube",
        ],
    ),
    rule(
        StaleLock,
        Warning,
        No,
        [
            "a lock that was left behind",
            "kubectl locks a kubeconfig by a file beside it, and one that was killed leaves it there: from then on every kubectl that wants to write fails. If no such program is running, remove the lock.",
            "~/.kube/config.lock, made an hour ago",
        ],
    ),
];
