//! Encrypts files with a passphrase, in the format of age (<https://age-encryption.org/v1>): `age -d` decrypts them.
//!
//! Only the part for passphrases is implemented: one `scrypt` stanza and the payload. The algorithms come from `ring` and
//! `scrypt`; this file only combines them, and is tested with the published test vectors. The crate `age` would add at
//! least 89 crates: translations, other recipients with their curves, and a second copy of each algorithm.

use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use ring::{hkdf, hmac};
use zeroize::Zeroizing;

const VERSION: &str = "age-encryption.org/v1";
/// log₂ of scrypt's work factor: 64 MiB, some tenths of a second.
const WORK: u8 = 16;
/// The largest work factor that is accepted (4 GiB of memory): age's own limit.
const MOST_WORK: u8 = 22;
/// The size of a chunk of the payload, in bytes.
const PIECE: usize = 64 << 10;
const TAG: usize = 16;

/// Why a file was not decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DecryptError {
    /// It is not what kcx writes.
    Format,
    /// The passphrase is wrong.
    Passphrase,
    /// It was changed.
    Altered,
}

fn random() -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(bytes)
}

fn stretched(passphrase: &Secret, salt: &[u8], work: u8) -> Option<Zeroizing<[u8; 32]>> {
    let params = scrypt::Params::new(work, 8, 1).ok()?;
    let salt = [VERSION.as_bytes(), b"/scrypt", salt].concat();
    let mut key = Zeroizing::new([0; 32]);
    scrypt::scrypt(passphrase.bytes(), &salt, &params, key.as_mut()).ok()?;
    Some(key)
}

fn derived(key: &[u8], salt: &[u8], info: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let mut out = Zeroizing::new([0; 32]);
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(key);
    extracted.expand(&[info], hkdf::HKDF_SHA256).ok()?.fill(out.as_mut()).ok()?;
    Some(out)
}

fn seal(key: &[u8; 32], nonce: [u8; 12], plain: &[u8]) -> Option<Vec<u8>> {
    let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).ok()?);
    let mut bytes = Vec::with_capacity(plain.len() + TAG);
    bytes.extend_from_slice(plain);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut bytes).ok()?;
    Some(bytes)
}

fn open(key: &[u8; 32], nonce: [u8; 12], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).ok()?);
    let mut bytes = Zeroizing::new(sealed.to_vec());
    let length = key.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut bytes).ok()?.len();
    bytes.truncate(length);
    Some(bytes)
}

fn mac_key(file_key: &[u8]) -> Option<hmac::Key> {
    Some(hmac::Key::new(hmac::HMAC_SHA256, derived(file_key, b"", b"header")?.as_ref()))
}

/// The nonce of a chunk: its number, and whether it is the last one.
fn nonce(number: u64, last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&number.to_be_bytes());
    nonce[11] = u8::from(last);
    nonce
}

/// Encrypts a secret; `None` if the system has no random numbers or not enough memory.
pub(super) fn encrypt(passphrase: &Secret, secret: &Secret) -> Option<Vec<u8>> {
    let file_key = Zeroizing::new(random()?);
    let salt = random()?;
    let wrapped = seal(&*stretched(passphrase, &salt, WORK)?, [0; 12], file_key.as_ref())?;
    let mut header =
        format!("{VERSION}\n-> scrypt {} {WORK}\n{}\n---", BASE64.encode(salt), BASE64.encode(wrapped));
    let mac = hmac::sign(&mac_key(file_key.as_ref())?, header.as_bytes());
    header += &format!(" {}\n", BASE64.encode(mac));
    let payload_nonce = random()?;
    let key = derived(file_key.as_ref(), &payload_nonce, b"payload")?;
    let mut out = [header.as_bytes(), &payload_nonce].concat();
    let pieces: Vec<&[u8]> =
        if secret.is_empty() { vec![b""] } else { secret.bytes().chunks(PIECE).collect() };
    for (number, piece) in (0..).zip(&pieces) {
        let last = number + 1 == pieces.len() as u64;
        out.extend(seal(&key, nonce(number, last), piece)?);
    }
    Some(out)
}

/// Decrypts a file.
pub(super) fn decrypt(passphrase: &Secret, file: &[u8]) -> Result<Secret, DecryptError> {
    let parts = Parts::of(file).ok_or(DecryptError::Format)?;
    let (salt, work, wrapped) = stanza(parts.header).ok_or(DecryptError::Format)?;
    let key = stretched(passphrase, &salt, work).ok_or(DecryptError::Format)?;
    parts.open(&open(&key, [0; 12], &wrapped).ok_or(DecryptError::Passphrase)?)
}

/// The parts of an encrypted file.
struct Parts<'f> {
    /// The text up to `---`, inclusive.
    header: &'f str,
    mac: Vec<u8>,
    nonce: &'f [u8],
    payload: &'f [u8],
}

impl<'f> Parts<'f> {
    fn of(file: &'f [u8]) -> Option<Parts<'f>> {
        let dashes = file.windows(5).position(|window| window == b"\n--- ")? + 4;
        let end = dashes + file[dashes..].iter().position(|&byte| byte == b'\n')?;
        let header = std::str::from_utf8(&file[..dashes]).ok()?;
        let mac = BASE64.decode(&file[dashes + 1..end]).ok().filter(|mac| mac.len() == 32)?;
        let (nonce, payload) = file[end + 1..].split_at_checked(16)?;
        Some(Parts { header, mac, nonce, payload })
    }

    /// Decrypts the payload, or fails as a whole.
    fn open(&self, file_key: &[u8]) -> Result<Secret, DecryptError> {
        let mac_key = mac_key(file_key).ok_or(DecryptError::Format)?;
        hmac::verify(&mac_key, self.header.as_bytes(), &self.mac).map_err(|_| DecryptError::Altered)?;
        let key = derived(file_key, self.nonce, b"payload").ok_or(DecryptError::Format)?;
        let pieces: Vec<&[u8]> = self.payload.chunks(PIECE + TAG).collect();
        // Only an empty payload ends with an empty chunk.
        if pieces.is_empty() || pieces.len() > 1 && pieces.last().is_some_and(|last| last.len() == TAG) {
            return Err(DecryptError::Altered);
        }
        let mut out = Zeroizing::new(Vec::with_capacity(self.payload.len()));
        for (number, piece) in (0..).zip(&pieces) {
            let last = number + 1 == pieces.len() as u64;
            out.extend_from_slice(&open(&key, nonce(number, last), piece).ok_or(DecryptError::Altered)?);
        }
        Ok(Secret::from(std::mem::take(&mut *out)))
    }
}

/// Salt, work factor and the encrypted key of the one stanza.
fn stanza(header: &str) -> Option<(Vec<u8>, u8, Vec<u8>)> {
    let mut lines = header.split('\n');
    if lines.next()? != VERSION {
        return None;
    }
    let mut words = lines.next()?.strip_prefix("-> scrypt ")?.split(' ');
    let (salt, work) = (BASE64.decode(words.next()?).ok()?, words.next()?);
    let plain = work.bytes().all(|byte| byte.is_ascii_digit()) && !work.starts_with('0');
    let work = work.parse().ok().filter(|work| plain && *work <= MOST_WORK)?;
    let wrapped = BASE64.decode(lines.next()?).ok()?;
    let sane = salt.len() == 16 && wrapped.len() == 16 + TAG && words.next().is_none();
    (sane && lines.next()? == "---" && lines.next().is_none()).then_some((salt, work, wrapped))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_encrypted_comes_back_and_only_with_the_passphrase() {
        let passphrase = Secret::from("open sesame");
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
            let secret = Secret::from(vec![7; length]);
            let file = encrypt(&passphrase, &secret).unwrap();
            assert!(decrypt(&passphrase, &file).unwrap() == secret, "{length}");
        }
        let file = encrypt(&passphrase, &Secret::from("token")).unwrap();
        assert_eq!(decrypt(&Secret::from("other"), &file).unwrap_err(), DecryptError::Passphrase);
        for at in [file.len() - 1, file.len() - 20, file.len() - 40] {
            let mut bent = file.clone();
            bent[at] ^= 1;
            assert!(decrypt(&passphrase, &bent).is_err(), "{at}");
        }
        for end in 0..file.len() {
            assert!(end % 13 != 0 || decrypt(&passphrase, &file[..end]).is_err(), "cut at {end}");
        }
    }

    /// The published vectors (<https://github.com/C2SP/CCTV>): all for passphrases, and the uncompressed ones for the payload
    /// and the checksum. The latter are for other keys, so they are decrypted with the file key that they contain.
    #[test]
    fn the_published_vectors_are_answered_as_they_say() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/age");
        let mut count = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let end = bytes.windows(2).position(|window| window == b"\n\n").unwrap();
            let (facts, file) = (std::str::from_utf8(&bytes[..end]).unwrap(), &bytes[end + 2..]);
            let fact = |wanted: &str| {
                let mut facts = facts.lines().filter_map(|line| line.split_once(": "));
                facts.find(|(name, _)| *name == wanted).map(|(_, value)| value)
            };
            let opened = match fact("passphrase") {
                Some(passphrase) => decrypt(&Secret::from(passphrase), file),
                None => Parts::of(file)
                    .ok_or(DecryptError::Format)
                    .and_then(|parts| parts.open(&hex(fact("file key").unwrap()))),
            };
            let digest = opened.map(|secret| sha256(secret.bytes()));
            let want = match fact("expect").unwrap() {
                "success" => Ok(hex(fact("payload").unwrap())),
                "no match" if file.windows(10).any(|window| window == b"-> scrypt ") => {
                    Err(DecryptError::Passphrase)
                }
                "no match" | "header failure" => Err(DecryptError::Format),
                "HMAC failure" | "payload failure" => Err(DecryptError::Altered),
                other => panic!("{path:?}: {other}"),
            };
            assert_eq!(digest, want, "{path:?}");
            count += 1;
        }
        assert!(count > 30, "{count}");
    }

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    fn sha256(bytes: &[u8]) -> Vec<u8> {
        use sha2::Digest;
        sha2::Sha256::digest(bytes).to_vec()
    }
}
