//! Decodes private keys, to test whether one belongs to a certificate and to connect to a cluster. The secret parts are
//! accessible only by [`PrivateKey::material`].

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

/// A private key. Its `Debug` output contains only the algorithm.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey(KeyParts);

#[derive(Clone, PartialEq, Eq)]
enum KeyParts {
    Rsa { modulus: Vec<u8>, exponent: Vec<u8>, whole: Zeroizing<Vec<u8>> },
    Ec { curve: Option<Curve>, scalar: Zeroizing<Vec<u8>>, point: Option<Vec<u8>> },
    Ed25519 { seed: Zeroizing<Vec<u8>> },
}

/// The key in the form that signing libraries require. The bytes are zeroed when the [`PrivateKey`] is dropped.
#[derive(Clone, Copy)]
pub enum Material<'k> {
    /// The whole key as PKCS#1 DER (RFC 8017, A.1.2).
    Rsa(&'k [u8]),
    /// An EC key; the certificate names the curve.
    Ec {
        /// The scalar, big-endian.
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

/// The reason why a text has no private key that Kubernetes clients can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// There is no PEM block with a private key.
    #[error("there is no PEM block of a private key in it")]
    NoKey,
    /// The key is encrypted; kubectl cannot ask for a passphrase.
    #[error("it is encrypted, and kubectl cannot ask for a passphrase")]
    Encrypted,
    /// A PEM block has no end or is not valid base64.
    #[error("a PEM block in it is broken")]
    BrokenPem,
    /// The key is not in PKCS#1, PKCS#8 or SEC 1 form.
    #[error("it is not a key in PKCS#1, PKCS#8 or SEC 1 form")]
    BrokenKey,
    /// The algorithm of the key is not usable for TLS, such as DSA.
    #[error("its algorithm is not supported")]
    Unknown,
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.algorithm().word())
    }
}

impl PrivateKey {
    /// The first private key of a PEM text, as chosen by Go's `tls.X509KeyPair`: the first block whose label is or
    /// ends in `PRIVATE KEY`. The form does not depend on the label: PKCS#1, PKCS#8 (RFC 5958) and SEC 1 (RFC 5915)
    /// are tried.
    ///
    /// # Errors
    /// Fails if there is no private key, or if it is not usable.
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
                    // In the older encryption (RFC 1421), the block has headers.
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

    /// The algorithm of the key.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            KeyParts::Rsa { .. } => Algorithm::Rsa,
            KeyParts::Ec { .. } => Algorithm::Ec,
            KeyParts::Ed25519 { .. } => Algorithm::Ed25519,
        }
    }

    /// The secret parts of the key, for signing.
    #[must_use]
    pub fn material(&self) -> Material<'_> {
        match &self.0 {
            KeyParts::Rsa { whole, .. } => Material::Rsa(whole),
            KeyParts::Ec { scalar, .. } => Material::Ec { scalar },
            KeyParts::Ed25519 { seed } => Material::Ed25519(seed),
        }
    }

    /// True if the key belongs to this public key. `None` if that is unknown: for a key on P-224 or P-521 without its
    /// public point.
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
                // ring computes the public point and refuses another one.
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

/// The size of a curve in bits; 0 if it is not a NIST curve.
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

/// Removes leading zeros. DER adds one if the first bit of a positive number is set.
fn trim(number: &[u8]) -> &[u8] {
    &number[number.iter().take_while(|byte| **byte == 0).count()..]
}

fn is_integer(object: &BerObject<'_>) -> bool {
    matches!(object.content, BerObjectContent::Integer(_))
}

fn is_octets(object: &BerObject<'_>) -> bool {
    matches!(object.content, BerObjectContent::OctetString(_))
}

/// The result of decoding a key in one form; `None` if it is not in that form.
type ParsedKey = Option<Result<PrivateKey, KeyProblem>>;

/// RFC 8017, A.1.2: version, modulus, public exponent, …
fn rsa(fields: &[BerObject<'_>], whole: &[u8]) -> ParsedKey {
    let [_, modulus, exponent, ..] = fields else { return None };
    let number = |it: &BerObject<'_>| Some(trim(it.as_slice().ok()?).to_vec());
    let whole = Zeroizing::new(whole.to_vec());
    Some(Ok(PrivateKey(KeyParts::Rsa { modulus: number(modulus)?, exponent: number(exponent)?, whole })))
}

/// RFC 5915: version, scalar, [0] curve, [1] point. In PKCS#8, the curve is in the outer structure (`outside`).
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
