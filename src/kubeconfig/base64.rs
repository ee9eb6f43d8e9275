//! Base64 as Go's standard encoding reads and writes it.

use super::scan;
use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use std::borrow::Cow;

/// The bytes of a text: padding needed, line breaks skipped, unused bits of the last digit ignored.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    const GO: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
    );
    if text.contains(['\n', '\r']) {
        GO.decode(text.replace(['\n', '\r'], "")).ok()
    } else {
        GO.decode(text).ok()
    }
}

/// The text of bytes.
#[must_use]
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// The one text of the bytes that this text stands for.
pub(super) fn canonical(text: Cow<'_, str>) -> Option<String> {
    // Only the last four digits can be written in more ways than one, and nearly always they are not.
    let last = text.len().checked_sub(4).and_then(|at| text.get(at..)).filter(|_| scan::is_base64(&text));
    if last.is_some_and(|last| decode(last).is_some_and(|bytes| encode(bytes) == last)) {
        return Some(text.into_owned());
    }
    decode(&text).map(encode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_is_what_decoding_and_encoding_give() {
        for text in [
            "",
            "Q0E=",
            "Q0F=",
            "LS0t",
            "LS0tLQ==",
            "LS0tLR==",
            "LS\n0t\r\n",
            "LS0",
            "LS0=LS0t",
            "=",
            "====",
            "é",
        ] {
            assert_eq!(canonical(text.into()), decode(text).map(encode), "{text}");
        }
    }
}
