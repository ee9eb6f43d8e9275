//! Signature algorithms: those of ring, and those that Go's `crypto/x509` verifies beyond them.
//!
//! ring accepts RSA keys from 2048 bits on, and P-256 and P-384 with SHA-256 and SHA-384 only. Go 1.26 accepts RSA keys
//! from 1024 to 8192 bits, P-521, and each curve with each hash. RustCrypto's crates cover the difference; no
//! cryptography is implemented here.

use ring::digest;
use rsa::PublicKey;
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::traits::PublicKeyParts;
use rustls::SignatureScheme;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{
    AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, SubjectPublicKeyInfoDer, alg_id,
};
use sha2::{Sha256, Sha384, Sha512};
use webpki::{RawPublicKeyEntity, ring as strong};

type Algorithm = &'static dyn SignatureVerificationAlgorithm;

/// An accepted hash. SHA-1 and MD5 are rejected, as in Go.
#[derive(Clone, Copy, Debug)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(super) fn of(self, message: &[u8]) -> digest::Digest {
        let algorithm = match self {
            Hash::Sha256 => &digest::SHA256,
            Hash::Sha384 => &digest::SHA384,
            Hash::Sha512 => &digest::SHA512,
        };
        digest::digest(algorithm, message)
    }
}

#[derive(Clone, Copy, Debug)]
enum Curve {
    P256,
    P384,
    P521,
}

/// ECDSA with a curve and a hash that ring does not combine.
#[derive(Debug)]
struct Ecdsa(Curve, Hash);

impl SignatureVerificationAlgorithm for Ecdsa {
    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        match self.0 {
            Curve::P256 => alg_id::ECDSA_P256,
            Curve::P384 => alg_id::ECDSA_P384,
            Curve::P521 => alg_id::ECDSA_P521,
        }
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        match self.1 {
            Hash::Sha256 => alg_id::ECDSA_SHA256,
            Hash::Sha384 => alg_id::ECDSA_SHA384,
            Hash::Sha512 => alg_id::ECDSA_SHA512,
        }
    }

    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        use p256::ecdsa::signature::hazmat::PrehashVerifier;
        macro_rules! verify {
            ($curve:ident, $size:expr) => {{
                let key = $curve::ecdsa::VerifyingKey::from_sec1_bytes(key).map_err(|_| InvalidSignature)?;
                let signature =
                    $curve::ecdsa::Signature::from_der(signature).map_err(|_| InvalidSignature)?;
                key.verify_prehash(&padded(self.1.of(message).as_ref(), $size), &signature)
            }};
        }
        match self.0 {
            Curve::P256 => verify!(p256, 32),
            Curve::P384 => verify!(p384, 48),
            Curve::P521 => verify!(p521, 66),
        }
        .map_err(|_| InvalidSignature)
    }
}

/// A digest padded to at least this many bytes: the crates reject one that is much shorter than the curve's order,
/// although FIPS 186-5 (6.4.1) allows it.
pub(super) fn padded(digest: &[u8], size: usize) -> Vec<u8> {
    let mut number = vec![0; size.saturating_sub(digest.len())];
    number.extend_from_slice(digest);
    number
}

/// RSA: ring's algorithm for keys from 2048 bits on, RustCrypto's for those from 1024.
#[derive(Debug)]
struct Rsa {
    strong: Algorithm,
    hash: Hash,
    pss: bool,
}

impl SignatureVerificationAlgorithm for Rsa {
    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.strong.public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.strong.signature_alg_id()
    }

    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        // The crate itself rejects keys below 1024 bits.
        let weak = PublicKey::from_pkcs1_der(key).ok().filter(|key| key.n_bits_precision() < 2048);
        let Some(key) = weak else { return self.strong.verify_signature(key, message, signature) };
        match (self.hash, self.pss) {
            (Hash::Sha256, true) => key.pss_verify::<Sha256>(message, signature),
            (Hash::Sha384, true) => key.pss_verify::<Sha384>(message, signature),
            (Hash::Sha512, true) => key.pss_verify::<Sha512>(message, signature),
            (Hash::Sha256, false) => key.pkcs1v15_verify::<Sha256>(message, signature),
            (Hash::Sha384, false) => key.pkcs1v15_verify::<Sha384>(message, signature),
            (Hash::Sha512, false) => key.pkcs1v15_verify::<Sha512>(message, signature),
        }
        .map_err(|_| InvalidSignature)
    }
}

macro_rules! rsa {
    ($name:ident, $strong:ident, $hash:ident, $pss:expr) => {
        static $name: Algorithm = &Rsa { strong: strong::$strong, hash: Hash::$hash, pss: $pss };
    };
}
rsa!(RSA_SHA256, RSA_PKCS1_2048_8192_SHA256, Sha256, false);
rsa!(RSA_SHA384, RSA_PKCS1_2048_8192_SHA384, Sha384, false);
rsa!(RSA_SHA512, RSA_PKCS1_2048_8192_SHA512, Sha512, false);
rsa!(RSA_SHA256_ABSENT, RSA_PKCS1_2048_8192_SHA256_ABSENT_PARAMS, Sha256, false);
rsa!(RSA_SHA384_ABSENT, RSA_PKCS1_2048_8192_SHA384_ABSENT_PARAMS, Sha384, false);
rsa!(RSA_SHA512_ABSENT, RSA_PKCS1_2048_8192_SHA512_ABSENT_PARAMS, Sha512, false);
rsa!(PSS_SHA256, RSA_PSS_2048_8192_SHA256_LEGACY_KEY, Sha256, true);
rsa!(PSS_SHA384, RSA_PSS_2048_8192_SHA384_LEGACY_KEY, Sha384, true);
rsa!(PSS_SHA512, RSA_PSS_2048_8192_SHA512_LEGACY_KEY, Sha512, true);

static P256_SHA512: Algorithm = &Ecdsa(Curve::P256, Hash::Sha512);
static P384_SHA512: Algorithm = &Ecdsa(Curve::P384, Hash::Sha512);
static P521_SHA256: Algorithm = &Ecdsa(Curve::P521, Hash::Sha256);
static P521_SHA384: Algorithm = &Ecdsa(Curve::P521, Hash::Sha384);
static P521_SHA512: Algorithm = &Ecdsa(Curve::P521, Hash::Sha512);

/// All algorithms, and their TLS signature schemes. The curve of a scheme is binding in TLS 1.3 (RFC 8446, 4.2.3) but
/// not in TLS 1.2; in 1.3 rustls takes the first algorithm of a list.
pub(super) static SUPPORTED: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: &[
        strong::ECDSA_P256_SHA256,
        strong::ECDSA_P256_SHA384,
        P256_SHA512,
        strong::ECDSA_P384_SHA256,
        strong::ECDSA_P384_SHA384,
        P384_SHA512,
        P521_SHA256,
        P521_SHA384,
        P521_SHA512,
        strong::ED25519,
        PSS_SHA256,
        PSS_SHA384,
        PSS_SHA512,
        RSA_SHA256,
        RSA_SHA384,
        RSA_SHA512,
        RSA_SHA256_ABSENT,
        RSA_SHA384_ABSENT,
        RSA_SHA512_ABSENT,
    ],
    mapping: &[
        (
            SignatureScheme::ECDSA_NISTP256_SHA256,
            &[strong::ECDSA_P256_SHA256, strong::ECDSA_P384_SHA256, P521_SHA256],
        ),
        (
            SignatureScheme::ECDSA_NISTP384_SHA384,
            &[strong::ECDSA_P384_SHA384, strong::ECDSA_P256_SHA384, P521_SHA384],
        ),
        (SignatureScheme::ECDSA_NISTP521_SHA512, &[P521_SHA512, P384_SHA512, P256_SHA512]),
        (SignatureScheme::ED25519, &[strong::ED25519]),
        // The shortest first: a 1024-bit key is too small for PSS with SHA-512.
        (SignatureScheme::RSA_PSS_SHA256, &[PSS_SHA256]),
        (SignatureScheme::RSA_PSS_SHA384, &[PSS_SHA384]),
        (SignatureScheme::RSA_PSS_SHA512, &[PSS_SHA512]),
        (SignatureScheme::RSA_PKCS1_SHA256, &[RSA_SHA256]),
        (SignatureScheme::RSA_PKCS1_SHA384, &[RSA_SHA384]),
        (SignatureScheme::RSA_PKCS1_SHA512, &[RSA_SHA512]),
    ],
};

/// Why a signature is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SignatureProblem {
    /// The algorithm is unknown here, or broken, as SHA-1 is.
    Unknown,
    /// It was made by another key.
    WrongKey,
}

/// Checks that the key of a certificate made the signature of another one. `algorithm` is the contents of its
/// `AlgorithmIdentifier`, DER.
pub(super) fn verify(
    info: &[u8],
    algorithm: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureProblem> {
    let fitting: Vec<Algorithm> = SUPPORTED
        .all
        .iter()
        .copied()
        .filter(|known| known.signature_alg_id().as_ref() == algorithm)
        .collect();
    by_one_of(&fitting, info, message, signature)
}

/// Checks that the key of a certificate made the signature of a handshake.
pub(super) fn verify_handshake(
    info: &[u8],
    scheme: SignatureScheme,
    is_tls13: bool,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureProblem> {
    let mapped = SUPPORTED.mapping.iter().find(|(known, _)| *known == scheme).map(|(_, list)| *list);
    let list = mapped.unwrap_or_default();
    let list = if is_tls13 { list.get(..1).unwrap_or_default() } else { list };
    by_one_of(list, info, message, signature)
}

fn by_one_of(
    list: &[Algorithm],
    info: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureProblem> {
    let info = SubjectPublicKeyInfoDer::from(info);
    let key = RawPublicKeyEntity::try_from(&info).map_err(|_| SignatureProblem::Unknown)?;
    for algorithm in list {
        match key.verify_signature(*algorithm, message, signature) {
            Ok(()) => return Ok(()),
            Err(webpki::Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)) => {}
            Err(_) => return Err(SignatureProblem::WrongKey),
        }
    }
    Err(SignatureProblem::Unknown)
}
