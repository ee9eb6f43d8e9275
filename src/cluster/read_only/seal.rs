//! Encrypts the `continue` of a list: it names the next object, which may be one that must not be seen.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

/// A key for the life of a proxy.
pub(super) struct SealKey {
    key: LessSafeKey,
    random: SystemRandom,
}

impl SealKey {
    /// A new key; `None` without randomness.
    pub(super) fn new() -> Option<SealKey> {
        let random = SystemRandom::new();
        let mut bytes = [0; 32];
        random.fill(&mut bytes).ok()?;
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &bytes).ok()?);
        Some(SealKey { key, random })
    }

    /// The text that a client gets; empty, which ends the list, if it cannot be encrypted.
    pub(super) fn seal(&self, text: &str) -> String {
        self.sealed(text).unwrap_or_default()
    }

    fn sealed(&self, text: &str) -> Option<String> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).ok()?;
        let mut bytes = text.as_bytes().to_vec();
        let once = Nonce::assume_unique_for_key(nonce);
        self.key.seal_in_place_append_tag(once, Aad::empty(), &mut bytes).ok()?;
        Some(URL_SAFE_NO_PAD.encode([&nonce, bytes.as_slice()].concat()))
    }

    /// What was sealed; `None` for any other text.
    pub(super) fn open(&self, sealed: &str) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, text) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = text.to_vec();
        let text = self.key.open_in_place(nonce, Aad::empty(), &mut text).ok()?;
        String::from_utf8(text.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_sealed_is_opened_and_it_tells_nothing() {
        let (key, other) = (SealKey::new().unwrap(), SealKey::new().unwrap());
        let text = "{\"start\":\"other/secret\\u0000\"}";
        let sealed = key.seal(text);
        assert_eq!(key.open(&sealed).as_deref(), Some(text));
        assert_ne!(sealed, key.seal(text));
        assert!(!sealed.contains(&URL_SAFE_NO_PAD.encode("other")) && other.open(&sealed).is_none());
        for wrong in ["", "eyJ2IjoibWV0YSJ9", &sealed[1..], &format!("{sealed}A"), "ü"] {
            assert_eq!(key.open(wrong), None, "{wrong}");
        }
    }
}
