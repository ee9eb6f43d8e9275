//! Key exchange: ring's groups, and P-521, without which a TLS 1.2 server with a P-521 certificate aborts (RFC 8422,
//! 5.1: the list also restricts certificates).

use p521::elliptic_curve::Generate;
use p521::elliptic_curve::ecdh::EphemeralSecret;
use p521::elliptic_curve::sec1::ToSec1Point;
use p521::{NistP521, PublicKey};
use rustls::crypto::{ActiveKeyExchange, SharedSecret, SupportedKxGroup};
use rustls::{Error, NamedGroup, PeerMisbehaved};

/// In order of preference; a key share is sent for the first only.
pub(super) fn kx_groups() -> Vec<&'static dyn SupportedKxGroup> {
    let mut groups = rustls::crypto::ring::default_provider().kx_groups;
    groups.push(&P521);
    groups
}

#[derive(Debug)]
struct P521;

impl SupportedKxGroup for P521 {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let secret =
            EphemeralSecret::<NistP521>::try_generate().map_err(|_| Error::FailedToGetRandomBytes)?;
        let point = secret.public_key().to_sec1_point(false).as_bytes().to_vec();
        Ok(Box::new(Exchange { secret, point }))
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::secp521r1
    }
}

struct Exchange {
    secret: EphemeralSecret<NistP521>,
    point: Vec<u8>,
}

impl ActiveKeyExchange for Exchange {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        let peer = PublicKey::from_sec1_bytes(peer).map_err(|_| PeerMisbehaved::InvalidKeyShare)?;
        Ok(SharedSecret::from(self.secret.diffie_hellman(&peer).raw_secret_bytes().as_slice()))
    }

    fn pub_key(&self) -> &[u8] {
        &self.point
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::secp521r1
    }
}
