//! What can go wrong between kcx and a cluster, as fields; `cli` has the words.

use crate::kuberc::Refusal;
use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why a cluster gave no answer, or another one than was hoped for. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{self:?}")]
pub enum Failure {
    /// The kubeconfig leads nowhere, or proves nothing: what is wrong with which field, in words.
    Kubeconfig(String),
    /// A file that the kubeconfig names cannot be read, and why, in the words of the system.
    File(PathBuf, String),
    /// The name of a host has no address.
    Resolve {
        /// The name.
        host: String,
    },
    /// Nobody answers at an address.
    Connect {
        /// `HOST:PORT`.
        address: String,
        /// Refused, unreachable and the like.
        kind: io::ErrorKind,
        /// The same in the words of the system.
        why: String,
    },
    /// A proxy leads no further.
    Proxy {
        /// `HOST:PORT` of the proxy.
        proxy: String,
        /// Why, in the words of the library; `None` if the proxy itself cannot be reached.
        why: Option<String>,
    },
    /// The encrypted connection does not come about.
    Tls(TlsFailure),
    /// The connection was closed in the middle.
    Cut,
    /// An answer that no API server gives.
    NotKubernetes(String),
    /// 401: the credential is unknown or too old.
    Unauthorized,
    /// 403: known, and not allowed; what the server says.
    Forbidden(String),
    /// 429, and when to come back.
    TooMany(Option<Duration>),
    /// Another status than was hoped for, and what the server says.
    Status(u16, String),
    /// The program that has the credential.
    Plugin(PluginFailure),
    /// The time is up.
    TimedOut(Step),
    /// Something else, in the words of the library.
    Other(String),
}

/// What TLS stumbles over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsFailure {
    /// The certificate is for others.
    Names {
        /// Who was asked for.
        wanted: String,
        /// For whom it is.
        names: Vec<String>,
    },
    /// It has ended, so long ago.
    Expired(Option<Duration>),
    /// It has not begun.
    NotYet,
    /// Nobody that the kubeconfig trusts has signed it.
    UnknownIssuer,
    /// The server speaks something else.
    NotTls,
    /// The server wants another certificate of the client, or one at all: its alert, by name.
    ClientRefused(String),
    /// Something else, in the words of the library.
    Other(String),
}

/// What goes wrong with a program that has the credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PluginFailure {
    /// It is not there.
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
        /// Why, in the words of the system.
        why: String,
    },
    /// It failed.
    Failed {
        /// As the kubeconfig spells it.
        command: String,
        /// Its exit code; none after a signal.
        code: Option<i32>,
        /// The end of what it wrote to stderr; empty where the user has seen it.
        stderr: String,
    },
    /// What it printed is no credential.
    Invalid {
        /// As the kubeconfig spells it.
        command: String,
        /// Why not, without a word of what it printed.
        why: String,
    },
    /// It was not started: kubectl's preferences do not allow it.
    NotAllowed {
        /// As the kubeconfig spells it.
        command: String,
        /// Why not.
        refusal: Refusal,
    },
    /// It wants to ask the user, and there is no terminal.
    NeedsTerminal {
        /// As the kubeconfig spells it.
        command: String,
    },
}

/// How far one came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Step {
    /// A plugin was running.
    Plugin,
    /// A name was being resolved.
    Resolve,
    /// A connection was being made.
    #[default]
    Connect,
    /// A proxy was asked.
    Proxy,
    /// Connected: TLS, or the answer, did not come.
    Answer,
}

impl Failure {
    /// What a library reports, as deep as it says: the most telling link of the chain counts.
    pub(super) fn of(error: &(dyn Error + 'static), wanted: &str) -> Failure {
        let mut link = Some(error);
        let (mut kind, mut deepest) = (None, error);
        while let Some(error) = link {
            deepest = error;
            if let Some(failure) = error.downcast_ref::<Failure>() {
                return failure.clone();
            }
            if let Some(error) = error.downcast_ref::<rustls::Error>() {
                return tls(error, wanted);
            }
            if let Some(error) = error.downcast_ref::<io::Error>() {
                // What an I/O error wraps is not its source.
                if let Some(inner) = error.get_ref() {
                    match Failure::of(inner, wanted) {
                        Failure::Other(_) => {}
                        found => return found,
                    }
                }
                kind = Some(error.kind());
            }
            if let Some(error) = error.downcast_ref::<hyper::Error>() {
                if error.is_parse() {
                    return Failure::NotKubernetes("it speaks no HTTP".to_owned());
                }
                if error.is_incomplete_message() || error.is_body_write_aborted() {
                    return Failure::Cut;
                }
            }
            link = error.source();
        }
        match kind {
            Some(
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof
                | io::ErrorKind::ConnectionAborted,
            ) => Failure::Cut,
            _ => Failure::Other(deepest.to_string()),
        }
    }
}

/// The chain's I/O error, for a connection that did not come about: its kind, and the words of the system.
pub(super) fn io_cause(error: &(dyn Error + 'static)) -> (io::ErrorKind, String) {
    let mut link = Some(error);
    while let Some(error) = link {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return (error.kind(), error.to_string());
        }
        link = error.source();
    }
    (io::ErrorKind::Other, error.to_string())
}

fn tls(error: &rustls::Error, wanted: &str) -> Failure {
    use rustls::{AlertDescription as Alert, CertificateError as Certificate, Error};
    Failure::Tls(match error {
        Error::InvalidCertificate(Certificate::NotValidForNameContext { presented, .. }) => {
            TlsFailure::Names {
                wanted: wanted.to_owned(),
                names: presented.iter().map(|name| plain_name(name)).collect(),
            }
        }
        Error::InvalidCertificate(Certificate::NotValidForName) => {
            TlsFailure::Names { wanted: wanted.to_owned(), names: Vec::new() }
        }
        Error::InvalidCertificate(Certificate::Expired) => TlsFailure::Expired(None),
        Error::InvalidCertificate(Certificate::ExpiredContext { time, not_after }) => {
            let ago = time.as_secs().saturating_sub(not_after.as_secs());
            TlsFailure::Expired(Some(Duration::from_secs(ago)))
        }
        Error::InvalidCertificate(Certificate::NotValidYet | Certificate::NotValidYetContext { .. }) => {
            TlsFailure::NotYet
        }
        // A signature by a key that only has the name of the one that is trusted is a stranger's, too.
        Error::InvalidCertificate(Certificate::UnknownIssuer | Certificate::BadSignature) => {
            TlsFailure::UnknownIssuer
        }
        Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType) => TlsFailure::NotTls,
        Error::AlertReceived(
            alert @ (Alert::CertificateRequired
            | Alert::BadCertificate
            | Alert::CertificateExpired
            | Alert::CertificateRevoked
            | Alert::CertificateUnknown
            | Alert::UnsupportedCertificate
            | Alert::UnknownCA
            | Alert::AccessDenied),
        ) => TlsFailure::ClientRefused(format!("{alert:?}")),
        other => TlsFailure::Other(other.to_string()),
    })
}

/// webpki prints names as `DnsName("kubernetes")` and `IpAddress(10.96.0.1)`.
fn plain_name(name: &str) -> String {
    let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(name);
    inner.trim_matches('"').to_owned()
}
