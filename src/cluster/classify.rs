//! Finds the failure in the errors of libraries.

use super::failure::{CertificateRole, ClientFault, Failure, Fault, TlsFailure, Wanted};
use super::tls::Refusal;
use std::error::Error;
use std::io;
use std::time::Duration;

impl Failure {
    /// Classifies a library's error by the most specific one of its sources. No text of a library is kept, except the
    /// system's own messages.
    pub(super) fn of(error: &(dyn Error + 'static), wanted: &Wanted) -> Failure {
        let mut link = Some(error);
        let mut kind = None;
        while let Some(error) = link {
            if let Some(failure) = error.downcast_ref::<Failure>() {
                return failure.clone();
            }
            if let Some(error) = error.downcast_ref::<rustls::Error>() {
                return tls(error, wanted);
            }
            if let Some(error) = error.downcast_ref::<io::Error>() {
                // The error that an I/O error wraps is not its `source`.
                if let Some(inner) = error.get_ref() {
                    match Failure::of(inner, wanted) {
                        Failure::Other(_) => {}
                        found => return found,
                    }
                }
                let words = error.raw_os_error().is_some().then(|| error.to_string());
                kind = Some((error.kind(), words));
            }
            if let Some(error) = error.downcast_ref::<hyper::Error>() {
                if error.is_parse() {
                    return match wanted.plain {
                        true => Failure::WantsTls { said: false },
                        false => Failure::NotKubernetes("the response is not HTTP".to_owned()),
                    };
                }
                if error.is_incomplete_message() || error.is_body_write_aborted() {
                    return cut(wanted);
                }
            }
            link = error.source();
        }
        match kind {
            Some((
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof
                | io::ErrorKind::ConnectionAborted,
                _,
            )) => cut(wanted),
            Some((_, Some(words))) => Failure::Other(words),
            _ => Failure::Other("the request failed".to_owned()),
        }
    }
}

fn cut(wanted: &Wanted) -> Failure {
    if wanted.plain { Failure::WantsTls { said: false } } else { Failure::Cut }
}

/// The I/O error in the chain of a failed connection: its kind and the system's message.
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

fn tls(error: &rustls::Error, wanted: &Wanted) -> Failure {
    use rustls::{AlertDescription as Alert, CertificateError as Certificate, Error};
    let refused = |fault| TlsFailure::ClientRefused(fault, None);
    Failure::Tls(match error {
        Error::InvalidCertificate(Certificate::Other(other)) => {
            match other.0.downcast_ref::<Refusal>().cloned() {
                Some(Refusal::Names(names)) => TlsFailure::Names { wanted: wanted.clone(), names },
                Some(Refusal::Expired(whose, ago)) => TlsFailure::Expired(whose, Duration::from_secs(ago)),
                Some(Refusal::NotYet(whose)) => TlsFailure::NotYet(whose),
                Some(Refusal::UnknownIssuer) => TlsFailure::UnknownIssuer { own: wanted.own },
                Some(Refusal::Unfit(whose, fault)) => TlsFailure::Unfit(whose, fault),
                None => TlsFailure::Other,
            }
        }
        Error::InvalidCertificate(Certificate::BadSignature) => TlsFailure::BadSignature,
        Error::InvalidCertificate(_) => TlsFailure::Unfit(CertificateRole::Server, Fault::Broken),
        Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType) => TlsFailure::NotTls,
        Error::PeerIncompatible(_) | Error::NoApplicationProtocol => TlsFailure::NoCommon,
        Error::AlertReceived(alert) => match alert {
            Alert::CertificateRequired => refused(ClientFault::Missing),
            Alert::CertificateExpired => refused(ClientFault::Ended),
            Alert::CertificateRevoked => refused(ClientFault::Revoked),
            Alert::UnknownCA => refused(ClientFault::Stranger),
            Alert::BadCertificate
            | Alert::CertificateUnknown
            | Alert::UnsupportedCertificate
            | Alert::AccessDenied => refused(ClientFault::Unfit),
            Alert::HandshakeFailure
            | Alert::ProtocolVersion
            | Alert::InsufficientSecurity
            | Alert::NoApplicationProtocol => TlsFailure::NoCommon,
            Alert::UnrecognisedName => TlsFailure::UnknownName,
            Alert::InternalError => TlsFailure::ServerError,
            _ => TlsFailure::Other,
        },
        _ => TlsFailure::Other,
    })
}
