//! The rules about the content of entries and their references.

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
        Unsafe,
        [
            "a context whose cluster does not exist",
            "No file of the list has a cluster of this name. kubectl then connects to localhost:8080, or reports that the context is not found. `kcx prune --contexts` removes all such contexts.",
            "contexts: [{name: a, context: {cluster: gone, user: a}}]\n",
        ],
    ),
    rule(
        DanglingUser,
        Error,
        Unsafe,
        [
            "a context whose user does not exist",
            "No file of the list has a user of this name. kubectl then asks for a user name and a password, or makes anonymous requests. `kcx prune --contexts` removes all such contexts.",
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
            "Without a user kubectl makes anonymous requests, or asks for a user name and a password. client-go calls such a context invalid. `kcx config set-context NAME --user USER` gives it one.",
            "contexts: [{name: a, context: {cluster: a}}]\n",
        ],
    ),
    rule(
        NoSuchCurrent,
        Error,
        Unsafe,
        [
            "a current context that does not exist",
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
            "Without a current context kubectl connects to localhost:8080 unless a command has `--context`. Some users want that, so that no command runs in the wrong cluster.",
            "contexts: [{name: a, context: {cluster: a, user: a}}]\ncurrent-context: ''\n",
        ],
    ),
    rule(
        OrphanCluster,
        Info,
        Unsafe,
        [
            "a cluster that no context names",
            "Only `kubectl --cluster` uses this cluster. `kcx prune` removes all such entries.",
            "clusters: [{name: unused, cluster: {server: 'https://a'}}]\n",
        ],
    ),
    rule(
        OrphanUser,
        Info,
        Unsafe,
        [
            "a user that no context names",
            "Only `kubectl --user` uses this user, but its credentials are still in the file. `kcx prune` removes all such entries.",
            "users: [{name: unused, user: {token: abc}}]\n",
        ],
    ),
    rule(
        Hidden,
        Warning,
        No,
        [
            "an entry that an earlier file hides",
            "If several files of the list have an entry of the same name, kubectl uses that of the first file. The others are used again when it is deleted.",
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
            "an invalid namespace",
            "A namespace has at most 63 lower case letters, digits and dashes, and begins and ends with a letter or digit (RFC 1123). The cluster refuses any other name.",
            "contexts: [{name: a, context: {cluster: a, user: a, namespace: ns/Web}}]\n",
        ],
    ),
    rule(
        NoServer,
        Error,
        No,
        [
            "a cluster without a server",
            "Without a server kubectl connects to localhost:8080. `kcx config set-cluster NAME --server URL` gives it one.",
            "clusters: [{name: a, cluster: {}}]\n",
        ],
    ),
    rule(
        BadServer,
        Error,
        No,
        [
            "a server that is not a valid URL",
            "The server of a cluster is https://HOST:PORT, optionally with a path. Other schemes than https and http are refused.",
            "clusters: [{name: a, cluster: {server: 'htps://a:6443'}}]\n",
        ],
    ),
    rule(
        NoScheme,
        Warning,
        No,
        [
            "a server without https://",
            "Without a scheme kubectl guesses: https if the cluster has a certificate authority or the user a certificate, http if not. Other programs use other defaults.",
            "clusters: [{name: a, cluster: {server: 'a.example:6443'}}]\n",
        ],
    ),
    rule(
        PlainHttp,
        Warning,
        No,
        [
            "a connection that is not encrypted",
            "Anyone on the network can read the traffic, including tokens; and an exec plugin is never started for http. Addresses of this machine, as with `kubectl proxy`, are not reported.",
            "clusters: [{name: a, cluster: {server: 'http://a.example'}}]\n",
        ],
    ),
    rule(
        LoginInUrl,
        Warning,
        No,
        [
            "a URL with a user name or password",
            "A user name or password in a URL is shown by `kubectl config view` and in error messages. Move it to the user entry; for a proxy, use a local proxy that has it.",
            "clusters: [{name: a, cluster: {server: 'https://jane:secret@a.example'}}]\n",
        ],
    ),
    rule(
        BadProxy,
        Error,
        No,
        [
            "a proxy that client-go refuses",
            "proxy-url is a URL with the scheme http, https or socks5; every command fails with any other scheme, including socks5h.",
            "clusters: [{name: a, cluster: {server: 'https://a', proxy-url: 'socks4://p:1080'}}]\n",
        ],
    ),
    rule(
        PathAndData,
        Error,
        Safe,
        [
            "both a path and data for one field",
            "client-go refuses a certificate or key that is given both as a path and as data. Other programs use the data, so the path can be removed.",
            "clusters: [{name: a, cluster: {server: 'https://a', certificate-authority: ca.crt, certificate-authority-data: LS0t}}]\n",
        ],
    ),
    rule(
        MissingFile,
        Error,
        No,
        [
            "a file that does not exist, cannot be read, or is empty",
            "Paths of certificates, keys and tokens are relative to the folder of the kubeconfig. kubectl fails when it needs this file.",
            "clusters: [{name: a, cluster: {server: 'https://a', certificate-authority: /gone/ca.crt}}]\n",
        ],
    ),
    rule(
        InsecureSkipTls,
        Warning,
        No,
        [
            "a server whose certificate is not verified",
            "With insecure-skip-tls-verify anyone on the network can impersonate the cluster and receive the credentials. Give the cluster its certificate-authority-data instead.",
            "clusters: [{name: a, cluster: {server: 'https://a', insecure-skip-tls-verify: true}}]\n",
        ],
    ),
    rule(
        InsecureWithAuthority,
        Error,
        Unsafe,
        [
            "a certificate authority with verification turned off",
            "client-go refuses a cluster that has both insecure-skip-tls-verify and a certificate authority. Without the former, the certificate is verified.",
            "clusters: [{name: a, cluster: {server: 'https://a', insecure-skip-tls-verify: true, certificate-authority: ca.crt}}]\n",
        ],
    ),
    rule(
        NotAuthority,
        Warning,
        No,
        [
            "a certificate authority without an authority certificate",
            "No certificate in it may sign other certificates. It works only if the server presents exactly this certificate.",
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
            "A certificate cannot be used without its private key; client-go refuses the user. Add client-key or client-key-data.",
            "users: [{name: a, user: {client-certificate: jane.crt}}]\n",
        ],
    ),
    rule(
        KeyWithoutCertificate,
        Warning,
        No,
        [
            "a client key without its certificate",
            "A private key without a certificate is silently ignored. Add client-certificate or client-certificate-data, or remove the key.",
            "users: [{name: a, user: {client-key: jane.key}}]\n",
        ],
    ),
    rule(
        TokenAndFile,
        Warning,
        Unsafe,
        [
            "both a token and a token file",
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
            "A token, a token file, a user name, or a certificate with its key beside `exec` is used instead of it, silently.",
            "users: [{name: a, user: {token: abc, exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, interactiveMode: Never}}}]\n",
        ],
    ),
    rule(
        ExecAndProvider,
        Error,
        No,
        [
            "both an exec plugin and an auth provider",
            "client-go refuses a user with both exec and auth-provider. The provider is the older mechanism: remove it.",
            "users: [{name: a, user: {auth-provider: {name: oidc}, exec: {command: aws}}}]\n",
        ],
    ),
    rule(
        ExecNoCommand,
        Error,
        No,
        [
            "a plugin without a command",
            "exec.command is the program that prints credentials; without it no program can be started.",
            "users: [{name: a, user: {exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}}}]\n",
        ],
    ),
    rule(
        ExecApiVersion,
        Error,
        Unsafe,
        [
            "a plugin without an apiVersion, or with a removed one",
            "exec needs apiVersion client.authentication.k8s.io/v1 or v1beta1, the one in which the plugin answers; v1alpha1 was removed in Kubernetes 1.24. Most plugins answer in v1beta1; newer ones in v1.",
            "users: [{name: a, user: {exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: aws}}}]\n",
        ],
    ),
    rule(
        ExecMode,
        Error,
        Safe,
        [
            "a plugin without interactiveMode",
            "With apiVersion v1, exec needs interactiveMode: Never, IfAvailable or Always. IfAvailable is the default of v1beta1.",
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
