//! Findings about what entries say and whom they name.

use super::Code::{
    BadNamespace, BadProxy, BadServer, CertificateWithoutKey, DanglingCluster, DanglingUser, ExecAndProvider,
    ExecApiVersion, ExecMode, ExecNeverRuns, ExecNoCommand, ExecVariable, Hidden, InsecureSkipTls,
    InsecureWithAuthority, KeyWithoutCertificate, LoginInUrl, MissingFile, NoCluster, NoCurrent, NoName,
    NoScheme, NoServer, NoSuchCurrent, NoUser, NotAuthority, OrphanCluster, OrphanUser, PathAndData,
    PlainHttp, TokenAndFile, TwoMethods,
};
use super::Fixability::{No, Safe, Unsafe};
use super::Severity::{Error, Info, Warning};
use super::{Rule, rule};

pub(super) static RULES: &[Rule] = &[
    rule(
        DanglingCluster,
        Error,
        No,
        [
            "a context whose cluster is nowhere",
            "No file of the list has a cluster of this name. kubectl then talks to localhost:8080, or says that the context is not found.",
            "contexts: [{name: a, context: {cluster: gone, user: a}}]\n",
        ],
    ),
    rule(
        DanglingUser,
        Error,
        No,
        [
            "a context whose user is nowhere",
            "No file of the list has a user of this name. kubectl then asks for a user name and a password, or is nobody.",
            "contexts: [{name: a, context: {cluster: a, user: gone}}]\n",
        ],
    ),
    rule(
        NoCluster,
        Error,
        No,
        [
            "a context without a cluster",
            "A context without a cluster leads to localhost:8080. `kcx config set-context NAME --cluster CLUSTER` gives it one.",
            "contexts: [{name: a, context: {user: a}}]\n",
        ],
    ),
    rule(
        NoUser,
        Warning,
        No,
        [
            "a context without a user",
            "Without a user kubectl is nobody, and asks for a user name and a password. client-go calls such a context invalid. `kcx config set-context NAME --user USER` gives it one.",
            "contexts: [{name: a, context: {cluster: a}}]\n",
        ],
    ),
    rule(
        NoSuchCurrent,
        Error,
        Unsafe,
        [
            "a current context that is nowhere",
            "Every kubectl command fails until another context is chosen: `kcx use NAME`.",
            "current-context: gone\n",
        ],
    ),
    rule(
        NoCurrent,
        Info,
        No,
        [
            "contexts, but none is current",
            "Without a current context kubectl talks to localhost:8080 unless each command has `--context`. Some keep it so on purpose: a command in the wrong cluster cannot happen.",
            "contexts: [{name: a, context: {cluster: a, user: a}}]\ncurrent-context: ''\n",
        ],
    ),
    rule(
        OrphanCluster,
        Info,
        Unsafe,
        [
            "a cluster that no context names",
            "Nothing leads to this cluster but `kubectl --cluster`. `kcx prune` removes all such entries.",
            "clusters: [{name: unused, cluster: {server: 'https://a'}}]\n",
        ],
    ),
    rule(
        OrphanUser,
        Info,
        Unsafe,
        [
            "a user that no context names",
            "Nothing leads to this user but `kubectl --user`, and its credentials lie about. `kcx prune` removes all such entries.",
            "users: [{name: unused, user: {token: abc}}]\n",
        ],
    ),
    rule(
        Hidden,
        Warning,
        No,
        [
            "an entry that one in a file before hides",
            "Of entries of the same name in several files of the list, the first file's counts as a whole. The others show up again when it is deleted.",
            "KUBECONFIG=one:two, and both have a user jane",
        ],
    ),
    rule(
        NoName,
        Error,
        No,
        [
            "a context without a name",
            "A context without a name cannot be chosen, and client-go refuses the whole kubeconfig where it checks all of it.",
            "contexts: [{context: {cluster: a, user: a}}]\n",
        ],
    ),
    rule(
        BadNamespace,
        Error,
        No,
        [
            "a namespace that cannot be one",
            "A namespace has at most 63 lower case letters, digits and dashes, and begins and ends with a letter or digit (RFC 1123). The cluster refuses every other.",
            "contexts: [{name: a, context: {cluster: a, user: a, namespace: ns/Web}}]\n",
        ],
    ),
    rule(
        NoServer,
        Error,
        No,
        [
            "a cluster without a server",
            "Without a server kubectl talks to localhost:8080. `kcx config set-cluster NAME --server URL` gives it one.",
            "clusters: [{name: a, cluster: {}}]\n",
        ],
    ),
    rule(
        BadServer,
        Error,
        No,
        [
            "a server that is no URL",
            "The server of a cluster is https://HOST:PORT; a path is possible, another scheme is not.",
            "clusters: [{name: a, cluster: {server: 'htps://a:6443'}}]\n",
        ],
    ),
    rule(
        NoScheme,
        Warning,
        No,
        [
            "a server without https://",
            "Without a scheme kubectl guesses: https if the cluster has a certificate authority or the user a certificate, http if not. Other programs guess otherwise.",
            "clusters: [{name: a, cluster: {server: 'a.example:6443'}}]\n",
        ],
    ),
    rule(
        PlainHttp,
        Warning,
        No,
        [
            "a server that is talked to unencrypted",
            "Whoever is on the way reads along, tokens too; and an exec plugin is never started for http. This machine itself, as with `kubectl proxy`, is left alone.",
            "clusters: [{name: a, cluster: {server: 'http://a.example'}}]\n",
        ],
    ),
    rule(
        LoginInUrl,
        Warning,
        No,
        [
            "a URL with a login in it",
            "A user name or password in a URL is shown by `kubectl config view` and in error messages. Keep it with the user; for a proxy, in one on this machine.",
            "clusters: [{name: a, cluster: {server: 'https://jane:secret@a.example'}}]\n",
        ],
    ),
    rule(
        BadProxy,
        Error,
        No,
        [
            "a proxy that client-go refuses",
            "proxy-url is a URL with the scheme http, https or socks5; every command fails with another one, socks5h too.",
            "clusters: [{name: a, cluster: {server: 'https://a', proxy-url: 'socks4://p:1080'}}]\n",
        ],
    ),
    rule(
        PathAndData,
        Error,
        Safe,
        [
            "the same thing as a file and as data",
            "client-go refuses a certificate or key that is both named and contained. The data is what would be used, so the name can go.",
            "clusters: [{name: a, cluster: {server: 'https://a', certificate-authority: ca.crt, certificate-authority-data: LS0t}}]\n",
        ],
    ),
    rule(
        MissingFile,
        Error,
        No,
        [
            "a file that is not there, cannot be read, or is empty",
            "A kubeconfig names certificates, keys and tokens by their paths, from its own folder. kubectl fails as soon as it needs this one.",
            "clusters: [{name: a, cluster: {server: 'https://a', certificate-authority: /gone/ca.crt}}]\n",
        ],
    ),
    rule(
        InsecureSkipTls,
        Warning,
        No,
        [
            "a server whose certificate is not checked",
            "With insecure-skip-tls-verify anybody on the way can pretend to be the cluster and take the credentials. Give the cluster its certificate-authority-data instead.",
            "clusters: [{name: a, cluster: {server: 'https://a', insecure-skip-tls-verify: true}}]\n",
        ],
    ),
    rule(
        InsecureWithAuthority,
        Error,
        Unsafe,
        [
            "a certificate authority that is not to be checked",
            "client-go refuses a cluster that has both insecure-skip-tls-verify and a certificate authority. Without the first, the certificate is checked.",
            "clusters: [{name: a, cluster: {server: 'https://a', insecure-skip-tls-verify: true, certificate-authority: ca.crt}}]\n",
        ],
    ),
    rule(
        NotAuthority,
        Warning,
        No,
        [
            "a certificate authority that is none",
            "No certificate in it says that it may sign others. It helps only where the server shows exactly this certificate.",
            "certificate-authority-data: the server's own certificate",
        ],
    ),
    rule(
        TwoMethods,
        Error,
        No,
        [
            "a user with a token and a password",
            "client-go refuses a user that has both a token and a user name or password. Remove one of them.",
            "users: [{name: a, user: {token: abc, username: jane, password: secret}}]\n",
        ],
    ),
    rule(
        CertificateWithoutKey,
        Error,
        No,
        [
            "a client certificate without its key",
            "A certificate proves nothing without its private key; client-go refuses the user. Add client-key or client-key-data.",
            "users: [{name: a, user: {client-certificate: jane.crt}}]\n",
        ],
    ),
    rule(
        KeyWithoutCertificate,
        Warning,
        No,
        [
            "a client key without its certificate",
            "A private key without a certificate is ignored, without a word. Add client-certificate or client-certificate-data, or remove the key.",
            "users: [{name: a, user: {client-key: jane.key}}]\n",
        ],
    ),
    rule(
        TokenAndFile,
        Warning,
        Unsafe,
        [
            "a token and a file for one",
            "kubectl uses the file, and the token only while the file cannot be read or is empty; other programs do the opposite. Keep one.",
            "users: [{name: a, user: {token: abc, tokenFile: /var/run/token}}]\n",
        ],
    ),
    rule(
        ExecNeverRuns,
        Warning,
        No,
        [
            "a plugin that never runs",
            "A token, a token file, a user name, or a certificate with its key beside `exec` is used instead of it, without a word.",
            "users: [{name: a, user: {token: abc, exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, interactiveMode: Never}}}]\n",
        ],
    ),
    rule(
        ExecAndProvider,
        Error,
        No,
        [
            "a plugin and an auth provider",
            "client-go refuses a user with both exec and auth-provider. The provider is the older one: remove it.",
            "users: [{name: a, user: {auth-provider: {name: oidc}, exec: {command: aws}}}]\n",
        ],
    ),
    rule(
        ExecNoCommand,
        Error,
        No,
        [
            "a plugin without a command",
            "exec names the program that prints credentials; without `command` there is none to start.",
            "users: [{name: a, user: {exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}}}]\n",
        ],
    ),
    rule(
        ExecApiVersion,
        Error,
        Unsafe,
        [
            "a plugin without a version, or with one that is gone",
            "exec needs apiVersion client.authentication.k8s.io/v1 or v1beta1, the one in which the plugin answers; v1alpha1 was removed in Kubernetes 1.24. Most plugins answer in v1beta1; newer ones in v1.",
            "users: [{name: a, user: {exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: aws}}}]\n",
        ],
    ),
    rule(
        ExecMode,
        Error,
        Safe,
        [
            "a plugin that does not say whether it may ask",
            "With apiVersion v1, exec needs interactiveMode: Never, IfAvailable or Always. IfAvailable is what the version before took for granted.",
            "users: [{name: a, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: aws}}}]\n",
        ],
    ),
    rule(
        ExecVariable,
        Error,
        No,
        [
            "a variable without a name",
            "Each item of exec.env has a name and a value; client-go refuses one without a name.",
            "users: [{name: a, user: {exec: {command: aws, env: [{value: x}]}}}]\n",
        ],
    ),
];
