//! The client's certificate and key. ring signs where it can; RustCrypto covers P-521, and RSA keys smaller or larger
//! than ring's.
//!
//! RUSTSEC-2023-0071 is about RSA in RustCrypto: measuring the time of many decryptions may reveal the key. kcx
//! decrypts nothing, and signing is blinded. Keys from 2048 to 4096 bits use ring.

use super::algorithms::{Hash, padded};
use crate::kubeconfig::certificate::{Certificate, CertificateProblem, Material, PrivateKey};
use p521::ecdsa::signature::hazmat::PrehashSigner;
use ring::rand::SystemRandom;
use ring::signature::{
    self, ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    RsaKeyPair,
};
use rsa::pkcs1::DecodeRsaPrivateKey;
use rustls::pki_types::CertificateDer;
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{SignatureAlgorithm, SignatureScheme};
use sha2::{Sha256, Sha384, Sha512};
use std::fmt;
use std::sync::Arc;

/// What is wrong with a client certificate, in words that follow "user `NAME`".
pub(super) type IdentityProblem = String;

/// Reads a certificate chain and its key, both PEM, as Go's `tls.X509KeyPair` does.
pub(super) fn identity(certificate: &[u8], key: &[u8]) -> Result<CertifiedKey, IdentityProblem> {
    let chain = Certificate::bundle(certificate)
        .map_err(|why: CertificateProblem| format!("has a client certificate that cannot be used: {why}"))?;
    let key =
        PrivateKey::of_pem(key).map_err(|why| format!("has a client key that cannot be used: {why}"))?;
    let unfit = || "has a client key whose type or size cannot be used for TLS".to_owned();
    let Some(own) = chain.first() else { return Err("has no client certificate".to_owned()) };
    if key.belongs_to(&own.key) == Some(false) {
        return Err("has a client key that belongs to another certificate".to_owned());
    }
    let random = SystemRandom::new();
    let pair = match key.material() {
        Material::Rsa(der) => match RsaKeyPair::from_der(der) {
            Ok(pair) => KeyPair::Rsa(pair),
            Err(_) => KeyPair::OddRsa(Box::new(rsa::PrivateKey::from_pkcs1_der(der).map_err(|_| unfit())?)),
        },
        Material::Ec { scalar } => {
            let point = own.key.point().ok_or_else(unfit)?;
            let ring = |algorithm| {
                EcdsaKeyPair::from_private_key_and_public_key(algorithm, scalar, &point, &random)
                    .map_err(|_| unfit())
            };
            match own.key.bits {
                256 => KeyPair::P256(ring(&ECDSA_P256_SHA256_ASN1_SIGNING)?),
                384 => KeyPair::P384(ring(&ECDSA_P384_SHA384_ASN1_SIGNING)?),
                521 => {
                    let key =
                        p521::ecdsa::SigningKey::from_slice(&padded(scalar, 66)).map_err(|_| unfit())?;
                    if key.verifying_key().to_sec1_point(false).as_bytes() != point {
                        return Err("has a client key that belongs to another certificate".to_owned());
                    }
                    KeyPair::P521(Box::new(key))
                }
                _ => return Err(unfit()),
            }
        }
        Material::Ed25519(seed) => {
            KeyPair::Ed25519(Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| unfit())?)
        }
    };
    let chain = chain.into_iter().map(|certificate| CertificateDer::from(certificate.der)).collect();
    Ok(CertifiedKey::new(chain, Arc::new(Key(Arc::new(pair)))))
}

enum KeyPair {
    Rsa(RsaKeyPair),
    OddRsa(Box<rsa::PrivateKey>),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    P521(Box<p521::ecdsa::SigningKey>),
    Ed25519(Ed25519KeyPair),
}

impl KeyPair {
    /// In order of preference: the shortest first, because a small RSA key is too small for a long hash.
    fn schemes(&self) -> &'static [SignatureScheme] {
        use SignatureScheme as Scheme;
        match self {
            KeyPair::Rsa(_) | KeyPair::OddRsa(_) => &[
                Scheme::RSA_PSS_SHA256,
                Scheme::RSA_PSS_SHA384,
                Scheme::RSA_PSS_SHA512,
                Scheme::RSA_PKCS1_SHA256,
                Scheme::RSA_PKCS1_SHA384,
                Scheme::RSA_PKCS1_SHA512,
            ],
            KeyPair::P256(_) => &[Scheme::ECDSA_NISTP256_SHA256],
            KeyPair::P384(_) => &[Scheme::ECDSA_NISTP384_SHA384],
            KeyPair::P521(_) => &[Scheme::ECDSA_NISTP521_SHA512],
            KeyPair::Ed25519(_) => &[Scheme::ED25519],
        }
    }

    fn sign(&self, scheme: SignatureScheme, message: &[u8]) -> Option<Vec<u8>> {
        use SignatureScheme as Scheme;
        let random = SystemRandom::new();
        match self {
            KeyPair::P256(pair) | KeyPair::P384(pair) => {
                pair.sign(&random, message).ok().map(|signature| signature.as_ref().to_vec())
            }
            KeyPair::Ed25519(pair) => Some(pair.sign(message).as_ref().to_vec()),
            KeyPair::P521(key) => {
                let signature: p521::ecdsa::Signature =
                    key.sign_prehash(&padded(Hash::Sha512.of(message).as_ref(), 66)).ok()?;
                Some(signature.to_der().as_bytes().to_vec())
            }
            KeyPair::Rsa(pair) => {
                let padding: &'static dyn signature::RsaEncoding = match scheme {
                    Scheme::RSA_PSS_SHA256 => &signature::RSA_PSS_SHA256,
                    Scheme::RSA_PSS_SHA384 => &signature::RSA_PSS_SHA384,
                    Scheme::RSA_PSS_SHA512 => &signature::RSA_PSS_SHA512,
                    Scheme::RSA_PKCS1_SHA256 => &signature::RSA_PKCS1_SHA256,
                    Scheme::RSA_PKCS1_SHA384 => &signature::RSA_PKCS1_SHA384,
                    _ => &signature::RSA_PKCS1_SHA512,
                };
                let mut made = vec![0; pair.public().modulus_len()];
                pair.sign(padding, &random, message, &mut made).ok()?;
                Some(made)
            }
            KeyPair::OddRsa(key) => match scheme {
                Scheme::RSA_PSS_SHA256 => key.pss_sign::<Sha256>(message),
                Scheme::RSA_PSS_SHA384 => key.pss_sign::<Sha384>(message),
                Scheme::RSA_PSS_SHA512 => key.pss_sign::<Sha512>(message),
                Scheme::RSA_PKCS1_SHA256 => key.pkcs1v15_sign::<Sha256>(message),
                Scheme::RSA_PKCS1_SHA384 => key.pkcs1v15_sign::<Sha384>(message),
                _ => key.pkcs1v15_sign::<Sha512>(message),
            }
            .ok(),
        }
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyPair")
    }
}

#[derive(Debug)]
struct Key(Arc<KeyPair>);

impl SigningKey for Key {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let scheme = self.0.schemes().iter().find(|scheme| offered.contains(scheme))?;
        Some(Box::new(Signing(self.0.clone(), *scheme)))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        match *self.0 {
            KeyPair::Rsa(_) | KeyPair::OddRsa(_) => SignatureAlgorithm::RSA,
            KeyPair::Ed25519(_) => SignatureAlgorithm::ED25519,
            KeyPair::P256(_) | KeyPair::P384(_) | KeyPair::P521(_) => SignatureAlgorithm::ECDSA,
        }
    }
}

#[derive(Debug)]
struct Signing(Arc<KeyPair>, SignatureScheme);

impl Signer for Signing {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        let made = self.0.sign(self.1, message);
        made.ok_or_else(|| rustls::Error::General("the client key cannot sign this".to_owned()))
    }

    fn scheme(&self) -> SignatureScheme {
        self.1
    }
}
