//! One secret as items of a keychain, in the same way for all keychains, whatever fits into one item.
//!
//! What fits is one item: a line `kcx1 0 LENGTH SHA256`, and the bytes. What does not is a header alone, with the
//! number of parts for the 0, and items `ID#DIGEST.N` with the parts. The header is written last and removed first:
//! until it is there the secret is not, and what is behind it never changes.

use super::keychain::{Keychain, KeychainError};
use crate::codec::hash::sha256;
use crate::secret::Secret;

const MAGIC: &str = "kcx1";

/// A header has no more bytes than this.
const HEADER: usize = 100;

struct Header {
    parts: usize,
    length: usize,
    digest: String,
}

impl Header {
    /// Splits an item into its header and the rest.
    fn read(item: &[u8]) -> Option<(Header, &[u8])> {
        let end = item.iter().take(HEADER).position(|&byte| byte == b'\n')?;
        let mut words = std::str::from_utf8(&item[..end]).ok()?.split(' ');
        if words.next()? != MAGIC {
            return None;
        }
        let (parts, length) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let digest = words.next()?.to_owned();
        (digest.len() == 64 && words.next().is_none())
            .then_some((Header { parts, length, digest }, &item[end + 1..]))
    }

    fn line(&self) -> String {
        format!("{MAGIC} {} {} {}\n", self.parts, self.length, self.digest)
    }

    fn part(&self, id: &str, number: usize) -> String {
        format!("{id}#{}.{number}", &self.digest[..8])
    }
}

/// The id of the secret that an item belongs to.
#[must_use]
pub fn owner(item: &str) -> &str {
    item.split_once('#').map_or(item, |(id, _)| id)
}

/// Stores a secret, and reads it back to verify it.
///
/// # Errors
/// The secret was not stored; the old one may still be there.
pub fn put(keychain: &dyn Keychain, id: &str, label: &str, secret: &Secret) -> Result<(), KeychainError> {
    let old = keychain.read(id);
    let bytes = secret.bytes();
    let mut header = Header { parts: 0, length: bytes.len(), digest: sha256(bytes) };
    let room = keychain.room();
    let mut item = Vec::with_capacity(HEADER + bytes.len().min(room));
    if HEADER + bytes.len() > room {
        header.parts = bytes.chunks(room).len();
        for (number, part) in bytes.chunks(room).enumerate() {
            let label = format!("{label}, part {} of {}", number + 1, header.parts);
            keychain.write(&header.part(id, number), &label, &Secret::from(part.to_vec()))?;
        }
        item.extend_from_slice(header.line().as_bytes());
    } else {
        item.extend_from_slice(header.line().as_bytes());
        item.extend_from_slice(bytes);
    }
    keychain.write(id, label, &Secret::from(item))?;
    if get(keychain, id)? != *secret {
        return Err(KeychainError::Altered);
    }
    if let Ok(old) = old
        && let Some((old, _)) = Header::read(old.bytes())
        && old.digest != header.digest
    {
        remove_parts(keychain, id, &old);
    }
    Ok(())
}

/// Reads a secret.
///
/// # Errors
/// [`KeychainError::NotFound`] if there is none, [`KeychainError::Altered`] if it is not what was stored.
pub fn get(keychain: &dyn Keychain, id: &str) -> Result<Secret, KeychainError> {
    let item = keychain.read(id)?;
    let (header, rest) = Header::read(item.bytes()).ok_or(KeychainError::Altered)?;
    let mut bytes = Vec::with_capacity(header.length.min(1 << 24));
    if header.parts == 0 {
        bytes.extend_from_slice(rest);
    }
    for number in 0..header.parts {
        match keychain.read(&header.part(id, number)) {
            Ok(part) => bytes.extend_from_slice(part.bytes()),
            Err(KeychainError::NotFound) => return Err(KeychainError::Altered),
            Err(keychain_error) => return Err(keychain_error),
        }
    }
    let secret = Secret::from(bytes);
    let whole = secret.bytes().len() == header.length && sha256(secret.bytes()) == header.digest;
    if whole { Ok(secret) } else { Err(KeychainError::Altered) }
}

/// Removes a secret.
///
/// # Errors
/// [`KeychainError::NotFound`] where there is none.
pub fn remove(keychain: &dyn Keychain, id: &str) -> Result<(), KeychainError> {
    let header = keychain.read(id)?;
    keychain.remove(id)?;
    if let Some((header, _)) = Header::read(header.bytes()) {
        remove_parts(keychain, id, &header);
    }
    Ok(())
}

/// Parts that nobody reads any more; those that cannot be removed are found by `credential list --prune`.
fn remove_parts(keychain: &dyn Keychain, id: &str, header: &Header) {
    for number in 0..header.parts {
        let _ = keychain.remove(&header.part(id, number));
    }
}
