//! TLS to clusters and proxies: the one place that decides on algorithms and on trust.
//!
//! rustls implements the protocol, ring the algorithms. RustCrypto adds what kubectl supports beyond ring (P-521, RSA
//! below 2048 bits). The alternatives were AWS-LC, which needs a C build for each target and still lacks RSA below 2048
//! bits, and OpenSSL, which does not fit a static build. Certificates are verified by the rules of Go's `crypto/x509`:
//! see [`verify`]. CBC cipher suites, which Go supports and rustls does not, stay unsupported.

mod algorithms;
mod exchange;
mod keys;
mod names;
mod roots;
mod verify;

pub(super) use roots::AuthorityPaths;
pub(super) use verify::Refusal;

use self::exchange::kx_groups;
use super::failure::Failure;
use super::login::Login;
use super::target::{Entry, Target};
use super::transport::Protocols;
use crate::kubeconfig::certificate::Certificate;
use crate::kubeconfig::schema::key;
use crate::kubeconfig::typed;
use hyper_rustls::{FixedServerNameResolver, HttpsConnector, HttpsConnectorBuilder};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::SingleCertAndKey;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, OtherError, SignatureScheme};
use secrecy::ExposeSecret;
use std::sync::Arc;

/// The TLS settings of a context: for its server, and for an HTTPS proxy.
pub(super) struct Tls {
    config: ClientConfig,
    /// `tls-server-name`: the name expected in place of the host.
    name: Option<ServerName<'static>>,
}

impl Tls {
    /// From the cluster and user entries, with the user's client certificate.
    ///
    /// # Errors
    /// Fails if the entries are invalid.
    pub(super) fn of(target: &Target, login: &Login) -> Result<Tls, Failure> {
        let plain = Entry::default();
        // Over plain HTTP these settings have no effect, unless the proxy uses TLS.
        let cluster = if target.is_private() { &target.cluster } else { &plain };
        let wrong = |what: String| Failure::Kubeconfig(what);
        let insecure = typed::Cluster(&cluster.body).skips_tls_verify();
        // An empty file counts as no file.
        let own = match cluster.material(key::CERTIFICATE_AUTHORITY)?.filter(|pem| !pem.is_empty()) {
            None => None,
            Some(_) if insecure => {
                let what = "its cluster has both a certificate authority and `insecure-skip-tls-verify`, which kubectl refuses";
                return Err(wrong(what.to_owned()));
            }
            Some(pem) => {
                let (trusted, _) = Certificate::trusted(&pem)
                    .map_err(|why| wrong(format!("its certificate authority cannot be used: {why}")))?;
                Some(trusted.into_iter().map(|certificate| CertificateDer::from(certificate.der)).collect())
            }
        };
        let name = match cluster.text(key::TLS_SERVER_NAME) {
            "" => None,
            name => {
                let inside = name.trim_matches(['[', ']']).to_owned();
                let what = || wrong("its `tls-server-name` is neither a host name nor an address".to_owned());
                Some(ServerName::try_from(inside).map_err(|_| what())?)
            }
        };
        let provider = Arc::new(rustls::crypto::CryptoProvider {
            signature_verification_algorithms: algorithms::SUPPORTED,
            kx_groups: kx_groups(),
            ..rustls::crypto::ring::default_provider()
        });
        let verifier = Arc::new(Verifier {
            trusted: match own {
                _ if insecure => Trusted::All,
                Some(own) => Trusted::Own(own),
                None => Trusted::System(target.authorities.clone()),
            },
        });
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| Failure::Other("TLS cannot be set up".to_owned()))?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let config = match &login.identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let identity = keys::identity(certificate, key.expose_secret().as_bytes())
                    .map_err(|what| wrong(format!("user `{}` {what}", target.user_name)))?;
                builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity)))
            }
        };
        Ok(Tls { config, name })
    }

    /// Adds TLS to the connections of this connector.
    pub(super) fn over<C>(&self, connector: C, protocols: Protocols) -> HttpsConnector<C> {
        let mut builder = HttpsConnectorBuilder::new().with_tls_config(self.config.clone()).https_or_http();
        if let Some(name) = &self.name {
            builder = builder.with_server_name_resolver(FixedServerNameResolver::new(name.clone()));
        }
        match protocols {
            Protocols::Http1 => builder.enable_http1().wrap_connector(connector),
            Protocols::Http2 => builder.enable_http1().enable_http2().wrap_connector(connector),
        }
    }
}

#[derive(Debug)]
enum Trusted {
    /// `insecure-skip-tls-verify`.
    All,
    /// The authorities of the cluster's entry.
    Own(Vec<CertificateDer<'static>>),
    /// The system's authorities, read on first use.
    System(AuthorityPaths),
}

#[derive(Debug)]
struct Verifier {
    trusted: Trusted,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        server: &CertificateDer<'_>,
        sent: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let system;
        let roots: &[CertificateDer<'_>] = match &self.trusted {
            Trusted::All => return Ok(ServerCertVerified::assertion()),
            Trusted::Own(own) => own,
            Trusted::System(places) => {
                system = places.authorities();
                &system
            }
        };
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        let sent = sent.iter().map(AsRef::as_ref);
        verify::verify(server, sent, roots.iter().map(AsRef::as_ref), &name.to_str(), now)
            .map(|()| ServerCertVerified::assertion())
            .map_err(|refusal| CertificateError::Other(OtherError(Arc::new(refusal))).into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        server: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        handshake(message, server, signed, false)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        server: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        handshake(message, server, signed, true)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        algorithms::SUPPORTED.mapping.iter().map(|(scheme, _)| *scheme).collect()
    }
}

/// Checks that the server has the private key of its certificate, even if the certificate itself is not verified.
fn handshake(
    message: &[u8],
    server: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    is_tls13: bool,
) -> Result<HandshakeSignatureValid, rustls::Error> {
    let certificate = Certificate::of_der(server);
    let info = certificate.map(|certificate| certificate.key.info).unwrap_or_default();
    algorithms::verify_handshake(&info, signed.scheme, is_tls13, message, signed.signature())
        .map(|()| HandshakeSignatureValid::assertion())
        .map_err(|_| CertificateError::BadSignature.into())
}
