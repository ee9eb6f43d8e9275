//! Standard base64 (RFC 4648, 4) as Go's `encoding/base64` reads and writes it: in kubeconfigs and in PEM.
//!
//! Two formats have an alphabet or padding of their own, and use the crate: tokens (`kubeconfig::token`) and age files
//! (`credential::age`). `kubeconfig::scan` checks base64 without decoding it.

use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

/// The byte at which Go's decoder rejects a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("illegal base64 data at input byte {0}")]
pub struct IllegalByte(pub usize);

/// The bytes of a text: padding is required, line breaks are skipped, the unused bits of the last digit are ignored.
///
/// ```
/// use kcx::codec::base64::{IllegalByte, decode};
/// assert_eq!(decode("S0VZ\n").as_deref(), Ok(&b"KEY"[..]));
/// assert_eq!(decode("S0VZ="), Err(IllegalByte(4)));
/// ```
///
/// # Errors
/// The text is not base64.
pub fn decode(text: impl AsRef<[u8]>) -> Result<Vec<u8>, IllegalByte> {
    const GO: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
    );
    let text = text.as_ref();
    let decoded = if memchr::memchr2(b'\n', b'\r', text).is_some() {
        GO.decode(without_breaks(text).map(|(_, byte)| byte).collect::<Vec<_>>())
    } else {
        GO.decode(text)
    };
    decoded.map_err(|_| IllegalByte(illegal(text)))
}

fn without_breaks(text: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    text.iter().copied().enumerate().filter(|(_, byte)| !matches!(byte, b'\n' | b'\r'))
}

/// Go's `decodeQuantum`, for the place of the error alone.
fn illegal(text: &[u8]) -> usize {
    let (mut rest, mut digits) = (without_breaks(text), 0);
    while let Some((at, byte)) = rest.next() {
        match (byte, digits % 4) {
            (b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'+' | b'/', _) => {
                digits += 1;
                continue;
            }
            (b'=', 2) => match rest.next() {
                None => return text.len(),
                Some((_, b'=')) => {}
                Some((next, _)) => return next - 1,
            },
            (b'=', 3) => {}
            _ => return at,
        }
        return rest.next().map_or(text.len(), |(at, _)| at);
    }
    text.len() - digits % 4
}

/// The text of bytes.
#[must_use]
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers of `kubectl config set clusters.x.certificate-authority-data TEXT`, 1.37.1.
    #[test]
    fn errors_are_where_kubectl_says() {
        for (text, at) in [
            ("Zm=x", 2),
            ("Zm==x", 4),
            ("Zm=", 3),
            ("Zm9=x", 4),
            ("Z===", 1),
            ("=", 0),
            ("Zm9v!", 4),
            ("Zm9vY", 4),
            ("Zm9vYg", 4),
            ("Zm9vYm9", 4),
            ("Zm9v\nYm9", 5),
            ("Zm\n9v\nY", 6),
            ("Zm=\n", 4),
            ("Zm=\nx", 3),
            ("Zm=\n=\nx", 6),
            ("Zm9=\nx", 5),
            ("Zm 9v", 2),
            ("Zm9=Zm9v", 4),
            ("not base64!", 3),
            ("Z\n=", 2),
            ("Zm9x=", 4),
            ("Zé9v", 1),
        ] {
            assert_eq!(decode(text), Err(IllegalByte(at)), "{text:?}");
        }
        for text in ["", "Zm9=", "Zm9v", "Zm=\n\n=", "\r\n"] {
            assert!(decode(text).is_ok(), "{text:?}");
        }
    }
}
