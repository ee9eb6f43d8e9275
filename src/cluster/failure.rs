//! Failures of requests to a cluster, as data. `cli` has the messages.

use super::fence::NoSuchKind;
use crate::kuberc::Refusal;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why a request failed. Contains no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{self:?}")]
pub enum Failure {
    /// The kubeconfig's cluster or credentials are incomplete or invalid: the field and the problem, as text.
    Kubeconfig(String),
    /// The context names no cluster, or an entry that does not exist, as text.
    Dangling(String),
    /// A file that the kubeconfig names cannot be read, with the system's message.
    File(PathBuf, String),
    /// A host name could not be resolved.
    Resolve {
        /// The name.
        host: String,
    },
    /// No connection to an address is possible.
    Connect {
        /// `HOST:PORT`.
        address: String,
        /// The kind of I/O error: refused, unreachable and others.
        kind: io::ErrorKind,
        /// The system's message.
        why: String,
    },
    /// The connection through a proxy failed.
    Proxy {
        /// `HOST:PORT` of the proxy.
        proxy: String,
        /// The reason; `None` if the proxy itself cannot be reached.
        why: Option<ProxyFault>,
    },
    /// The TLS connection failed.
    Tls(TlsFailure),
    /// The connection was closed before the end of the answer.
    Cut,
    /// The server expects TLS, but its address says `http://`. It said so, or closed the connection.
    WantsTls {
        /// The server said so.
        said: bool,
    },
    /// The answer is not from a Kubernetes API server.
    NotKubernetes(String),
    /// 401: the credential is unknown or expired. The expired part, if known.
    Unauthorized(Option<Lifetime>),
    /// The cluster sees a user with a credential as anonymous, or refuses the request because the credential was not
    /// sent.
    Anonymous {
        /// The credential was sent; over plain HTTP it is not.
        sent: bool,
    },
    /// 403: the user is authenticated but not authorized; the server's message.
    Forbidden(String),
    /// 429, with the time to wait.
    TooMany(Option<Duration>),
    /// Any other error status, with the server's message.
    Status(u16, String),
    /// The exec plugin failed.
    Plugin(PluginFailure),
    /// The deadline has passed.
    TimedOut(Step),
    /// The cluster has no kind of this name, which is to be hidden.
    NoSuchKind(NoSuchKind),
    /// Any other failure, as text.
    Other(String),
}

/// The part of a credential that has expired, and how long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The client certificate.
    Certificate(Duration),
    /// The token, by its own expiry time.
    Token(Duration),
}

/// What is known about the lifetime of a credential that a cluster rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// It has expired.
    Ended(Ended),
    /// The client certificate is valid for this long.
    Certificate(Duration),
    /// The token is valid for this long, by its own expiry time.
    Token(Duration),
}

/// Why a proxy does not connect to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyFault {
    /// Its certificate is invalid.
    Certificate,
    /// It closed the connection.
    Closed,
    /// It requires a login, or a different one.
    Login,
    /// It refuses to connect to this server.
    Refused,
}

/// Why a TLS connection failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsFailure {
    /// The certificate is for other names.
    Names {
        /// The expected identity.
        wanted: Wanted,
        /// The names in the certificate.
        names: Vec<String>,
    },
    /// The certificate expired this long ago.
    Expired(CertificateRole, Duration),
    /// The certificate is not valid yet.
    NotYet(CertificateRole),
    /// No trusted authority has signed the certificate.
    UnknownIssuer {
        /// The kubeconfig names its own authorities; otherwise the system's authorities apply.
        own: bool,
    },
    /// The certificate is trusted but invalid.
    Unfit(CertificateRole, Fault),
    /// The server does not have the private key of its certificate.
    BadSignature,
    /// The server does not use TLS.
    NotTls,
    /// The server rejects the client certificate; the part that has expired, if known.
    ClientRefused(ClientFault, Option<Ended>),
    /// The server aborts: there is no common encryption, or it requires a client certificate.
    NoCommon,
    /// The server does not know the requested name.
    UnknownName,
    /// The server reports an error of its own.
    ServerError,
    /// Any other TLS failure.
    Other,
}

/// The certificate of a chain that a refusal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateRole {
    /// The server's certificate.
    Server,
    /// An intermediate or the authority's certificate.
    Authority,
}

/// A defect of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It cannot be read.
    Broken,
    /// It has an unknown critical extension.
    Extension,
    /// It is signed with SHA-1, MD5, or an unknown algorithm.
    Signature,
    /// It is not for server authentication (extended key usage).
    Usage,
    /// It may not sign other certificates.
    NoAuthority,
    /// The path below it is longer than it allows.
    Length,
    /// Its name constraints forbid these names.
    Constraint,
}

/// Why the server rejects the client certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientFault {
    /// The client sent no certificate.
    Missing,
    /// It has expired.
    Ended,
    /// It was revoked.
    Revoked,
    /// The server does not know its issuer.
    Stranger,
    /// Any other reason.
    Unfit,
}

/// The identity that is expected of the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The name or address that the certificate must have.
    pub name: String,
    /// The host of the server; differs from the name if `tls-server-name` is set.
    pub host: String,
    /// The kubeconfig names its own authorities; otherwise the system's authorities apply.
    pub own: bool,
    /// The address begins with `http://`.
    pub plain: bool,
}

/// Failures of an exec plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PluginFailure {
    /// The program was not found.
    Missing {
        /// As the kubeconfig spells it.
        command: String,
        /// `installHint` of the kubeconfig.
        hint: String,
    },
    /// It cannot be started.
    NotStarted {
        /// As the kubeconfig spells it.
        command: String,
        /// The system's message.
        why: String,
    },
    /// It failed.
    Failed {
        /// As the kubeconfig spells it.
        command: String,
        /// Its exit code; `None` after a signal.
        code: Option<i32>,
        /// The end of its stderr; empty if the user has seen it.
        stderr: String,
    },
    /// Its output is not a valid credential.
    Invalid {
        /// As the kubeconfig spells it.
        command: String,
        /// The reason, without any part of the output.
        why: String,
    },
    /// The plugin was not started: kubectl's preferences do not allow it.
    NotAllowed {
        /// The command, as the kubeconfig spells it.
        command: String,
        /// The reason.
        refusal: Refusal,
    },
    /// It must prompt the user, and there is no terminal.
    NeedsTerminal {
        /// As the kubeconfig spells it.
        command: String,
    },
}

/// The steps of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Step {
    /// A plugin was running.
    Plugin,
    /// A name was being resolved.
    Resolve,
    /// A connection was being made.
    #[default]
    Connect,
    /// A proxy was connecting.
    Proxy,
    /// Connected; TLS or the answer was not complete.
    Answer,
}
