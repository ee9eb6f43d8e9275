//! Decodes the X.509 certificates of a kubeconfig: subject, names, validity, and whether a private key belongs to one.
//!
//! Signatures and chains are not verified here; see `cluster`. As in client-go and Go's `crypto/tls`, certificates
//! are the PEM blocks with the label `CERTIFICATE`; other text is skipped.

mod key;
mod pem;

pub use key::{KeyProblem, Material, PrivateKey};

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::oid_registry::asn1_rs::oid;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey as Parsed;
use x509_parser::x509::{SubjectPublicKeyInfo, X509Name, X509Version};

/// The used fields of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The common name of the subject: in Kubernetes the name of the user. Empty if missing.
    pub common_name: String,
    /// The organizations of the subject: in Kubernetes the groups of the user.
    pub organizations: Vec<String>,
    /// The common name of the issuer. Empty if missing.
    pub issuer: String,
    /// The subject alternative names: DNS names, and IP addresses as text.
    pub names: Vec<String>,
    /// The start of validity, in seconds since 1970 UTC.
    pub not_before: i64,
    /// The last second of validity, in seconds since 1970 UTC.
    pub not_after: i64,
    /// True if it may sign other certificates. Certificates before X.509 v3 do not say; they count as authorities.
    pub is_ca: bool,
    /// True if subject and issuer are equal.
    pub is_self_issued: bool,
    /// The public key.
    pub key: PublicKey,
    /// The certificate as DER.
    pub der: Vec<u8>,
}

/// The public key of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The size in bits; 0 if unknown.
    pub bits: usize,
    /// `SubjectPublicKeyInfo`, DER (RFC 5280, 4.1).
    pub info: Vec<u8>,
}

/// The algorithms of keys that Kubernetes clients support.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA.
    Rsa,
    /// ECDSA on a NIST curve: P-224, P-256, P-384, P-521.
    Ec,
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// Any other algorithm.
    Other,
}

impl Algorithm {
    /// The usual name of the algorithm.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Algorithm::Rsa => "RSA",
            Algorithm::Ec => "ECDSA",
            Algorithm::Ed25519 => "Ed25519",
            Algorithm::Other => "unknown",
        }
    }
}

/// The reason why a text has no usable certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateProblem {
    /// There is no PEM block.
    #[error("there is no PEM block in it")]
    NoPem,
    /// The bytes are a certificate in DER; kubectl accepts only PEM.
    #[error("it is DER, and kubectl takes PEM only")]
    Der,
    /// There are only PEM blocks with other labels.
    #[error("there is no certificate among its PEM blocks")]
    NoCertificate,
    /// A PEM block has no end or is not valid base64.
    #[error("a PEM block in it is broken")]
    BrokenPem,
    /// The content of a PEM block is not a certificate.
    #[error("a certificate in it is broken")]
    BrokenCertificate,
    /// The key of a certificate is not on a NIST curve; Go does not support it.
    #[error("the key of a certificate in it is on a curve that kubectl does not know")]
    Curve,
}

impl Certificate {
    /// All certificates of a PEM text, in order. Invalid PEM blocks are skipped, as in Go's `tls.X509KeyPair`. A block
    /// whose content is not a certificate is an error: Go would send it, and the server would refuse it.
    ///
    /// ```
    /// use kcx::kubeconfig::certificate::{Certificate, CertificateProblem};
    /// assert_eq!(Certificate::bundle(b"no certificate"), Err(CertificateProblem::NoPem));
    /// ```
    ///
    /// # Errors
    /// Fails if there is no certificate or one is invalid.
    pub fn bundle(pem: &[u8]) -> Result<Vec<Certificate>, CertificateProblem> {
        let (mut found, mut others, mut broken) = (Vec::new(), false, false);
        for block in pem::blocks(pem) {
            match block {
                Ok(block) if block.label == "CERTIFICATE" => {
                    found.push(Certificate::usable(&block.contents)?);
                }
                Ok(_) => others = true,
                Err(_) => broken = true,
            }
        }
        match found.is_empty() {
            false => Ok(found),
            true if broken => Err(CertificateProblem::BrokenPem),
            true if others => Err(CertificateProblem::NoCertificate),
            true if Certificate::of_der(pem).is_some() => Err(CertificateProblem::Der),
            true => Err(CertificateProblem::NoPem),
        }
    }

    /// The certificate authorities in a PEM text that a client trusts, and the numbers (from 1) of invalid
    /// certificates, which Go's `CertPool.AppendCertsFromPEM` skips silently.
    ///
    /// # Errors
    /// Fails if there is no valid certificate.
    pub fn trusted(pem: &[u8]) -> Result<(Vec<Certificate>, Vec<usize>), CertificateProblem> {
        let (mut found, mut broken, mut count) = (Vec::new(), Vec::new(), 0);
        for block in pem::blocks(pem) {
            if block.as_ref().is_ok_and(|block| block.label != "CERTIFICATE") {
                continue;
            }
            count += 1;
            let block = block.ok().filter(|block| !block.headers);
            match block.and_then(|block| Certificate::usable(&block.contents).ok()) {
                Some(certificate) => found.push(certificate),
                None => broken.push(count),
            }
        }
        match found.is_empty() {
            true => Err(Certificate::bundle(pem).err().unwrap_or(CertificateProblem::BrokenPem)),
            false => Ok((found, broken)),
        }
    }

    /// Decodes a certificate in DER; `None` if it is invalid or followed by other bytes.
    #[must_use]
    pub fn of_der(der: &[u8]) -> Option<Certificate> {
        let (rest, parsed) = x509_parser::parse_x509_certificate(der).ok()?;
        rest.is_empty().then(|| Certificate::of(&parsed, der))
    }

    /// Decodes a certificate that Go supports.
    fn usable(der: &[u8]) -> Result<Certificate, CertificateProblem> {
        let certificate = Certificate::of_der(der).ok_or(CertificateProblem::BrokenCertificate)?;
        match (certificate.key.algorithm, certificate.key.bits) {
            (Algorithm::Ec, 0) => Err(CertificateProblem::Curve),
            _ => Ok(certificate),
        }
    }

    fn of(parsed: &X509Certificate<'_>, der: &[u8]) -> Certificate {
        let basic = parsed.basic_constraints().ok().flatten();
        let names = parsed.subject_alternative_name().ok().flatten();
        let names = names.map_or(&[][..], |it| it.value.general_names.as_slice());
        Certificate {
            common_name: first(parsed.subject()),
            organizations: parsed.subject().iter_organization().filter_map(|it| text(it.as_str())).collect(),
            issuer: first(parsed.issuer()),
            names: names.iter().filter_map(shown_name).collect(),
            not_before: parsed.validity().not_before.timestamp(),
            not_after: parsed.validity().not_after.timestamp(),
            is_ca: basic.map_or(parsed.version() != X509Version::V3, |it| it.value.ca),
            is_self_issued: parsed.subject().as_raw() == parsed.issuer().as_raw(),
            key: PublicKey::of(parsed.public_key()),
            der: der.to_vec(),
        }
    }
}

impl PublicKey {
    /// The point of an EC key, as encoded by SEC 1 (2.3.3).
    #[must_use]
    pub fn point(&self) -> Option<Vec<u8>> {
        let (_, info) = SubjectPublicKeyInfo::from_der(&self.info).ok()?;
        match info.parsed().ok()? {
            Parsed::EC(point) => Some(point.data().to_vec()),
            _ => None,
        }
    }

    fn of(info: &SubjectPublicKeyInfo<'_>) -> PublicKey {
        let (algorithm, bits) = match info.parsed() {
            Ok(Parsed::RSA(rsa)) => (Algorithm::Rsa, key::bits(rsa.modulus)),
            Ok(Parsed::EC(_)) => (Algorithm::Ec, key::curve_bits(info)),
            _ if info.algorithm.algorithm == oid!(1.3.101.112) => (Algorithm::Ed25519, 256),
            _ => (Algorithm::Other, 0),
        };
        PublicKey { algorithm, bits, info: info.raw.to_vec() }
    }
}

fn text<E>(value: Result<&str, E>) -> Option<String> {
    value.ok().map(str::to_owned)
}

fn first(name: &X509Name<'_>) -> String {
    name.iter_common_name().find_map(|it| text(it.as_str())).unwrap_or_default()
}

/// A DNS name or an IP address as text; `None` for other kinds of names.
pub(crate) fn shown_name(name: &GeneralName<'_>) -> Option<String> {
    match *name {
        GeneralName::DNSName(name) => Some(name.to_owned()),
        GeneralName::IPAddress(bytes) => match <[u8; 4]>::try_from(bytes) {
            Ok(v4) => Some(std::net::IpAddr::from(v4).to_string()),
            Err(_) => <[u8; 16]>::try_from(bytes).ok().map(|v6| std::net::IpAddr::from(v6).to_string()),
        },
        _ => None,
    }
}

/// The end of validity of the first certificate in a PEM text, in seconds since 1970 UTC.
///
/// ```
/// assert_eq!(kcx::kubeconfig::certificate::expiry(b"no certificate"), None);
/// ```
#[must_use]
pub fn expiry(pem: &[u8]) -> Option<i64> {
    Some(Certificate::bundle(pem).ok()?.first()?.not_after)
}
