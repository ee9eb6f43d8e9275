//! SHA-256 and hexadecimal.
//!
//! Two other hashes are used where they are much faster: XXH3 in `store::journal`, which hashes whole files of many
//! megabytes at each change, and foldhash in `kubeconfig::scan::names`, for each name of a file that a prompt reads.
//! The digests of TLS are part of its libraries.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The SHA-256 of these bytes, in hexadecimal.
///
/// ```
/// let digest = kcx::codec::hash::sha256("");
/// assert_eq!(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
/// ```
#[must_use]
pub fn sha256(bytes: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(bytes))
}

/// These bytes in hexadecimal digits, in lower case.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Infallible: it goes into a string.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
