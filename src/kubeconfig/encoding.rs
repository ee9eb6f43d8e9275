//! Converts the bytes of a kubeconfig to text and back without loss: UTF-8 with or without a byte order mark, UTF-16.
//!
//! kubectl's reader (go-yaml v2, `readerc.go`) accepts UTF-8 and, with a byte order mark, UTF-16. It refuses raw
//! control characters everywhere, also in comments. This module does the same; no other module handles encodings.

use super::error::{ParseError, Problem};
use super::span::Span;

/// The encoding of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 without a byte order mark; the usual case.
    #[default]
    Utf8,
    /// UTF-8 with the byte order mark `EF BB BF`.
    Utf8Bom,
    /// UTF-16, little-endian, with a byte order mark.
    Utf16Le,
    /// UTF-16, big-endian, with a byte order mark.
    Utf16Be,
}

impl Encoding {
    /// The byte order mark, if the rest of the file is the UTF-8 text itself; `None` for UTF-16.
    #[must_use]
    pub fn prefix(self) -> Option<&'static [u8]> {
        match self {
            Encoding::Utf8 => Some(b""),
            Encoding::Utf8Bom => Some(b"\xEF\xBB\xBF"),
            Encoding::Utf16Le | Encoding::Utf16Be => None,
        }
    }

    /// Encodes a text, with the byte order mark.
    #[must_use]
    pub fn encode(self, text: &str) -> Vec<u8> {
        let wide = |mark: u16, bytes: fn(u16) -> [u8; 2]| {
            std::iter::once(mark).chain(text.encode_utf16()).flat_map(bytes).collect()
        };
        match self {
            Encoding::Utf8 => text.as_bytes().to_vec(),
            Encoding::Utf8Bom => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
            Encoding::Utf16Le => wide(0xFEFF, u16::to_le_bytes),
            Encoding::Utf16Be => wide(0xFEFF, u16::to_be_bytes),
        }
    }
}

/// Decodes a file's bytes; the text is without a byte order mark.
///
/// # Errors
/// Fails if the bytes are not valid UTF-8, or not valid UTF-16 after a UTF-16 byte order mark.
pub fn decode(bytes: Vec<u8>) -> Result<(String, Encoding), ParseError> {
    let (text, encoding) = match bytes.as_slice() {
        [0xFF, 0xFE, wide @ ..] => (utf16(wide, u16::from_le_bytes)?, Encoding::Utf16Le),
        [0xFE, 0xFF, wide @ ..] => (utf16(wide, u16::from_be_bytes)?, Encoding::Utf16Be),
        [0xEF, 0xBB, 0xBF, ..] => (utf8(bytes[3..].to_vec())?, Encoding::Utf8Bom),
        _ => (utf8(bytes)?, Encoding::Utf8),
    };
    Ok((text, encoding))
}

/// Checks that a text has no control characters. Texts that the scanner has accepted need no check.
///
/// # Errors
/// Returns the first control character.
pub fn check(text: &str) -> Result<(), ParseError> {
    match text.char_indices().find(|&(_, c)| forbidden(c)) {
        Some((at, c)) => Err(ParseError::at(text, Span::new(at, at + c.len_utf8()), Problem::Control(c))),
        None => Ok(()),
    }
}

/// True for what go-yaml calls a control character.
fn forbidden(c: char) -> bool {
    !matches!(c, '\t' | '\n' | '\r' | ' '..='\x7E' | '\u{85}' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

fn utf8(bytes: Vec<u8>) -> Result<String, ParseError> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        // Before the invalid byte, the lossy text equals the original.
        ParseError::at(&text, Span::new(valid, valid + '\u{FFFD}'.len_utf8()), Problem::Encoding("UTF-8"))
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, ParseError> {
    let bad = || ParseError::nowhere(Problem::Encoding("UTF-16"));
    if !bytes.len().is_multiple_of(2) {
        return Err(bad());
    }
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).collect::<Result<String, _>>().map_err(|_| bad())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_round_trips() {
        let text = "current-context: \u{e9}\u{1F600}\n";
        for encoding in [Encoding::Utf8, Encoding::Utf8Bom, Encoding::Utf16Le, Encoding::Utf16Be] {
            let bytes = encoding.encode(text);
            assert_eq!(decode(bytes).unwrap(), (text.to_owned(), encoding));
        }
    }

    #[test]
    fn errors_have_a_place() {
        let error = check("a: b\nc: \x1b[31m\n").unwrap_err();
        assert_eq!(error.to_string(), "line 2, column 4: control character U+001B is not allowed");
        let error = decode(b"a: \xff\n".to_vec()).unwrap_err();
        assert_eq!(error.to_string(), "line 1, column 4: this is not UTF-8 text");
    }
}
