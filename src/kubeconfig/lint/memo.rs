//! Certificates and keys that have been decoded already: many entries have the same ones.

use crate::kubeconfig::certificate::{Certificate, CertificateProblem, KeyProblem, PrivateKey};
use std::collections::HashMap;
use std::rc::Rc;

/// The number of different texts that are kept: not all those of a large kubeconfig.
const MANY: usize = 64;

/// What was decoded, by its text in PEM.
#[derive(Default)]
pub(super) struct Memo {
    trusted: Known<Trusted, CertificateProblem>,
    bundles: Known<Vec<Certificate>, CertificateProblem>,
    keys: Known<PrivateKey, KeyProblem>,
}

/// The certificates that a client trusts, and the numbers of the broken ones.
type Trusted = (Vec<Certificate>, Vec<usize>);

type Known<T, E> = HashMap<Vec<u8>, Decoded<T, E>>;

type Decoded<T, E> = Rc<Result<T, E>>;

impl Memo {
    /// See [`Certificate::trusted`].
    pub(super) fn trusted(&mut self, pem: &[u8]) -> Decoded<Trusted, CertificateProblem> {
        known(&mut self.trusted, pem, Certificate::trusted)
    }

    /// See [`Certificate::bundle`].
    pub(super) fn bundle(&mut self, pem: &[u8]) -> Decoded<Vec<Certificate>, CertificateProblem> {
        known(&mut self.bundles, pem, Certificate::bundle)
    }

    /// See [`PrivateKey::of_pem`].
    pub(super) fn key(&mut self, pem: &[u8]) -> Decoded<PrivateKey, KeyProblem> {
        known(&mut self.keys, pem, PrivateKey::of_pem)
    }
}

fn known<T, E>(
    known: &mut Known<T, E>,
    pem: &[u8],
    decode: impl FnOnce(&[u8]) -> Result<T, E>,
) -> Decoded<T, E> {
    if let Some(decoded) = known.get(pem) {
        return Rc::clone(decoded);
    }
    if known.len() >= MANY {
        known.clear();
    }
    let decoded = Rc::new(decode(pem));
    known.insert(pem.to_owned(), Rc::clone(&decoded));
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_decoded_once_and_few_are_kept() {
        let mut memo = Known::<usize, ()>::default();
        let mut decoded = 0;
        for at in 0..3 * MANY {
            for _ in 0..2 {
                let length = known(&mut memo, &vec![b'-'; at], |pem| {
                    decoded += 1;
                    Ok(pem.len())
                });
                assert_eq!(*length, Ok(at));
            }
        }
        assert_eq!(decoded, 3 * MANY);
        assert!(memo.len() <= MANY);
    }
}
