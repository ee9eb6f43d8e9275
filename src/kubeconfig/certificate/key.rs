//! Private keys, as far as needed to tell whether one belongs to a certificate. A key leaves this module only by
//! [`PrivateKey::material`], for the connection to a cluster.

use super::{Algorithm, PublicKey, pem};
use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use std::fmt;
use x509_parser::asn1_rs::{FromDer, Oid};
use x509_parser::der_parser::ber::{BerObject, BerObjectContent};
use x509_parser::der_parser::der::parse_der;
use x509_parser::oid_registry::asn1_rs::oid;
use x509_parser::public_key::PublicKey as Parsed;
use x509_parser::x509::SubjectPublicKeyInfo;
use zeroize::Zeroizing;

/// A private key. It has no `Debug` that would show it.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey(KeyParts);

#[derive(Clone, PartialEq, Eq)]
enum KeyParts {
    Rsa { modulus: Vec<u8>, exponent: Vec<u8>, whole: Zeroizing<Vec<u8>> },
    Ec { curve: Option<Curve>, scalar: Zeroizing<Vec<u8>>, point: Option<Vec<u8>> },
    Ed25519 { seed: Zeroizing<Vec<u8>> },
}

/// The key in the form that signing libraries take. Its bytes are overwritten when the key is dropped.
#[derive(Clone, Copy)]
pub enum Material<'k> {
    /// The whole key as PKCS#1 DER (RFC 8017, A.1.2).
    Rsa(&'k [u8]),
    /// The scalar, big-endian; the certificate names the curve.
    Ec {
        /// The scalar.
        scalar: &'k [u8],
    },
    /// The 32-byte seed of RFC 8032.
    Ed25519(&'k [u8]),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Curve {
    P224,
    P256,
    P384,
    P521,
}

/// Why bytes are no private key that Kubernetes' clients could use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// No PEM block of a private key.
    #[error("there is no PEM block of a private key in it")]
    NoKey,
    /// It takes a passphrase; kubectl cannot ask for one.
    #[error("it is encrypted, and kubectl cannot ask for a passphrase")]
    Encrypted,
    /// A block that does not end, or whose base64 is none.
    #[error("a PEM block in it is broken")]
    BrokenPem,
    /// PKCS#1, PKCS#8 and SEC 1 all do not fit.
    #[error("it is no key in a form that is known")]
    BrokenKey,
    /// A kind of key that TLS has no use for, such as DSA.
    #[error("it is a kind of key that cannot be used")]
    Unknown,
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.algorithm().word())
    }
}

impl PrivateKey {
    /// The first private key of a PEM text, chosen as Go's `tls.X509KeyPair` chooses: the first block whose label is or
    /// ends in `PRIVATE KEY`. Its form is tried, not read from the label: PKCS#1, PKCS#8 (RFC 5958), SEC 1 (RFC 5915).
    ///
    /// # Errors
    /// There is none, or none that could be used.
    pub fn of_pem(pem: &[u8]) -> Result<PrivateKey, KeyProblem> {
        let mut broken = false;
        for block in pem::blocks(pem) {
            let Ok(block) = block else {
                broken = true;
                continue;
            };
            match block.label {
                "ENCRYPTED PRIVATE KEY" => return Err(KeyProblem::Encrypted),
                label if label == "PRIVATE KEY" || label.ends_with(" PRIVATE KEY") => {
                    let key = PrivateKey::of_der(&block.contents);
                    // As of old, a header says that it is encrypted (RFC 1421).
                    return key.map_err(|why| if block.headers { KeyProblem::Encrypted } else { why });
                }
                _ => {}
            }
        }
        Err(if broken { KeyProblem::BrokenPem } else { KeyProblem::NoKey })
    }

    fn of_der(der: &[u8]) -> Result<PrivateKey, KeyProblem> {
        let (_, object) = parse_der(der).map_err(|_| KeyProblem::BrokenKey)?;
        let fields = object.as_sequence().map_err(|_| KeyProblem::BrokenKey)?;
        match fields.as_slice() {
            [_, inner, ..] if inner.as_slice().is_ok() && is_octets(inner) => sec1(fields, None),
            [_, modulus, exponent, ..] if is_integer(modulus) && is_integer(exponent) => rsa(fields, der),
            [_, algorithm, inner, ..] if is_octets(inner) => pkcs8(algorithm, inner),
            _ => None,
        }
        .ok_or(KeyProblem::BrokenKey)?
    }

    /// What kind of key it is.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            KeyParts::Rsa { .. } => Algorithm::Rsa,
            KeyParts::Ec { .. } => Algorithm::Ec,
            KeyParts::Ed25519 { .. } => Algorithm::Ed25519,
        }
    }

    /// The key for signing.
    #[must_use]
    pub fn material(&self) -> Material<'_> {
        match &self.0 {
            KeyParts::Rsa { whole, .. } => Material::Rsa(whole),
            KeyParts::Ec { scalar, .. } => Material::Ec { scalar },
            KeyParts::Ed25519 { seed } => Material::Ed25519(seed),
        }
    }

    /// True if this is the private half of a certificate's key; none where it cannot be told: a key on P-224 or P-521
    /// that does not say its point.
    #[must_use]
    pub fn belongs_to(&self, public: &PublicKey) -> Option<bool> {
        let Ok((_, info)) = SubjectPublicKeyInfo::from_der(&public.info) else { return Some(false) };
        match &self.0 {
            KeyParts::Rsa { modulus, exponent, .. } => Some(matches!(
                info.parsed(),
                Ok(Parsed::RSA(rsa)) if trim(rsa.modulus) == modulus && trim(rsa.exponent) == exponent
            )),
            KeyParts::Ec { curve, scalar, point } => {
                let Ok(Parsed::EC(other)) = info.parsed() else { return Some(false) };
                let of_certificate = curve_of(&info);
                if curve.is_some() && *curve != of_certificate {
                    return Some(false);
                }
                if let Some(point) = point {
                    return Some(point == other.data());
                }
                let algorithm = match of_certificate {
                    Some(Curve::P256) => &signature::ECDSA_P256_SHA256_ASN1_SIGNING,
                    Some(Curve::P384) => &signature::ECDSA_P384_SHA384_ASN1_SIGNING,
                    _ => return None,
                };
                // The curve does the work: a pair that does not belong together is refused.
                let random = SystemRandom::new();
                let pair =
                    EcdsaKeyPair::from_private_key_and_public_key(algorithm, scalar, other.data(), &random);
                Some(pair.is_ok())
            }
            KeyParts::Ed25519 { seed } => {
                let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
                let is_same_kind = public.algorithm == Algorithm::Ed25519;
                Some(is_same_kind && pair.public_key().as_ref() == &*info.subject_public_key.data)
            }
        }
    }
}

/// The size of an unsigned number in bits.
pub(super) fn bits(number: &[u8]) -> usize {
    let number = trim(number);
    number.len() * 8 - number.first().map_or(0, |first| first.leading_zeros() as usize)
}

/// The size of a curve in bits; 0 if it is none of NIST's.
pub(super) fn curve_bits(info: &SubjectPublicKeyInfo<'_>) -> usize {
    match curve_of(info) {
        Some(Curve::P224) => 224,
        Some(Curve::P256) => 256,
        Some(Curve::P384) => 384,
        Some(Curve::P521) => 521,
        None => 0,
    }
}

fn curve_of(info: &SubjectPublicKeyInfo<'_>) -> Option<Curve> {
    curve(&info.algorithm.parameters.as_ref()?.as_oid().ok()?)
}

fn curve(oid: &Oid<'_>) -> Option<Curve> {
    match oid {
        oid if *oid == oid!(1.3.132.0.33) => Some(Curve::P224),
        oid if *oid == oid!(1.2.840.10045.3.1.7) => Some(Curve::P256),
        oid if *oid == oid!(1.3.132.0.34) => Some(Curve::P384),
        oid if *oid == oid!(1.3.132.0.35) => Some(Curve::P521),
        _ => None,
    }
}

/// DER puts a zero in front of a number whose first bit would make it negative.
fn trim(number: &[u8]) -> &[u8] {
    &number[number.iter().take_while(|byte| **byte == 0).count()..]
}

fn is_integer(object: &BerObject<'_>) -> bool {
    matches!(object.content, BerObjectContent::Integer(_))
}

fn is_octets(object: &BerObject<'_>) -> bool {
    matches!(object.content, BerObjectContent::OctetString(_))
}

/// What a form comes to: none where it is not that form after all.
type ParsedKey = Option<Result<PrivateKey, KeyProblem>>;

/// RFC 8017, A.1.2: version, modulus, public exponent, …
fn rsa(fields: &[BerObject<'_>], whole: &[u8]) -> ParsedKey {
    let [_, modulus, exponent, ..] = fields else { return None };
    let number = |it: &BerObject<'_>| Some(trim(it.as_slice().ok()?).to_vec());
    let whole = Zeroizing::new(whole.to_vec());
    Some(Ok(PrivateKey(KeyParts::Rsa { modulus: number(modulus)?, exponent: number(exponent)?, whole })))
}

/// RFC 5915: version, scalar, [0] curve, [1] point. Within PKCS#8 the curve stands outside.
fn sec1(fields: &[BerObject<'_>], outside: Option<Curve>) -> ParsedKey {
    let [_, scalar, optional @ ..] = fields else { return None };
    let tagged = |tag: u32| {
        let found = optional.iter().find(|it| it.header.tag().0 == tag && it.header.is_contextspecific())?;
        Some(parse_der(found.as_slice().ok()?).ok()?.1)
    };
    let inside = tagged(0).and_then(|it| curve(it.as_oid().ok()?));
    let point = tagged(1).and_then(|it| Some(it.as_bitstring_ref().ok()?.data.to_vec()));
    let scalar = scalar.as_slice().ok()?.to_vec().into();
    Some(Ok(PrivateKey(KeyParts::Ec { curve: outside.or(inside), scalar, point })))
}

/// RFC 5958: version, algorithm, the key in the algorithm's own form, …
fn pkcs8(algorithm: &BerObject<'_>, inner: &BerObject<'_>) -> ParsedKey {
    let algorithm = algorithm.as_sequence().ok()?;
    let kind = algorithm.first()?.as_oid().ok()?;
    let whole = inner.as_slice().ok()?;
    let (_, inner) = parse_der(whole).ok()?;
    if *kind == oid!(1.2.840.113549.1.1.1) {
        rsa(inner.as_sequence().ok()?, whole)
    } else if *kind == oid!(1.2.840.10045.2.1) {
        sec1(inner.as_sequence().ok()?, algorithm.get(1).and_then(|it| curve(it.as_oid().ok()?)))
    } else if *kind == oid!(1.3.101.112) {
        Some(Ok(PrivateKey(KeyParts::Ed25519 { seed: inner.as_slice().ok()?.to_vec().into() })))
    } else {
        Some(Err(KeyProblem::Unknown))
    }
}
