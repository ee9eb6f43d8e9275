//! X.509 certificates as a kubeconfig holds them: whose they are, for whom, how long, and whether a key is theirs.
//!
//! Read only: no signature is verified, and no chain is followed (`cluster` does that). What counts as a certificate is what client-go hands to
//! Go's `crypto/tls`: PEM blocks labelled `CERTIFICATE`, everything between them skipped.

mod key;
mod pem;

pub use key::{KeyProblem, Material, PrivateKey};

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::oid_registry::asn1_rs::oid;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey as Parsed;
use x509_parser::x509::{SubjectPublicKeyInfo, X509Name, X509Version};

/// What one certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Subject, common name: to Kubernetes the name of the user. Empty where there is none.
    pub common_name: String,
    /// Subject, organizations: to Kubernetes the groups of the user.
    pub organizations: Vec<String>,
    /// Issuer, common name. Empty where there is none.
    pub issuer: String,
    /// Subject alternative names: DNS names, and addresses as text.
    pub names: Vec<String>,
    /// The first second it is valid, since 1970 UTC.
    pub not_before: i64,
    /// The last second it is valid, since 1970 UTC.
    pub not_after: i64,
    /// It may sign others. The first version of X.509 had no word for that, so its certificates may.
    pub is_ca: bool,
    /// Subject and issuer are the same.
    pub is_self_issued: bool,
    /// Its key.
    pub key: PublicKey,
    /// The certificate as DER.
    pub der: Vec<u8>,
}

/// The public key of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// What kind.
    pub algorithm: Algorithm,
    /// Its size in bits; 0 where that says nothing.
    pub bits: usize,
    /// `SubjectPublicKeyInfo`, DER (RFC 5280, 4.1).
    pub info: Vec<u8>,
}

/// Kinds of keys that Kubernetes' clients can use, and the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA.
    Rsa,
    /// A curve of NIST's: P-224, P-256, P-384, P-521.
    Ec,
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// Something else.
    Other,
}

impl Algorithm {
    /// Its name as people write it.
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

/// Why bytes are no certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateProblem {
    /// No PEM block at all.
    #[error("there is no PEM block in it")]
    NoPem,
    /// It is a certificate in DER: kubectl takes PEM only.
    #[error("it is DER, and kubectl takes PEM only")]
    Der,
    /// PEM blocks, but of other things.
    #[error("there is no certificate among its PEM blocks")]
    NoCertificate,
    /// A block that does not end, or whose base64 is none.
    #[error("a PEM block in it is broken")]
    BrokenPem,
    /// A block that is no certificate inside.
    #[error("a certificate in it is broken")]
    BrokenCertificate,
    /// Its key is on a curve other than NIST's, which Go does not read.
    #[error("the key of a certificate in it is on a curve that kubectl does not know")]
    Curve,
}

impl Certificate {
    /// All certificates of a PEM text, in their order. A block that is broken as PEM is passed over, as by Go's
    /// `tls.X509KeyPair`; one that is broken inside is sent, and the server refuses it.
    ///
    /// ```
    /// use kcx::kubeconfig::certificate::{Certificate, CertificateProblem};
    /// assert_eq!(Certificate::bundle(b"no certificate"), Err(CertificateProblem::NoPem));
    /// ```
    ///
    /// # Errors
    /// There is none, or one of them is broken.
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

    /// The certificates among the authorities in a PEM text that a client would trust, and which of its certificates, counted
    /// from 1, it passes over because they are broken: Go's `CertPool.AppendCertsFromPEM` does so without a word.
    ///
    /// # Errors
    /// There is none to trust.
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

    /// The certificate in these bytes, and nothing behind it.
    #[must_use]
    pub fn of_der(der: &[u8]) -> Option<Certificate> {
        let (rest, parsed) = x509_parser::parse_x509_certificate(der).ok()?;
        rest.is_empty().then(|| Certificate::of(&parsed, der))
    }

    /// A certificate that Go reads.
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
    /// The public key's point on its curve, as encoded by SEC 1 (2.3.3).
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

/// The end of the first certificate in a PEM text, in seconds since 1970 UTC.
///
/// ```
/// assert_eq!(kcx::kubeconfig::certificate::expiry(b"no certificate"), None);
/// ```
#[must_use]
pub fn expiry(pem: &[u8]) -> Option<i64> {
    Some(Certificate::bundle(pem).ok()?.first()?.not_after)
}
