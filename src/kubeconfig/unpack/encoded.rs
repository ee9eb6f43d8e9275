//! Base64 as people copy it: in quotes, with line breaks, in the alphabet of URLs, without padding, or cut off.

use crate::codec::base64;
use crate::kubeconfig::encoding;

/// A shorter text is not taken for base64.
const SHORTEST: usize = 12;

/// What a text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// It is not base64 of a text.
    Plain,
    /// It is base64 of this text.
    Encoded {
        /// The decoded text.
        text: String,
        /// The number of base64 characters.
        length: usize,
        /// True if its padding shows where it ends.
        padded: bool,
    },
    /// It is base64 that ends too early. This is what is left of the text.
    Cut {
        /// The decoded text.
        text: String,
        /// The number of base64 characters.
        length: usize,
    },
}

/// Determines whether a text is base64, and decodes it once.
pub(super) fn decode(text: &str) -> Content {
    let Some(digits) = digits(text) else { return Content::Plain };
    let body = digits.trim_end_matches('=');
    let (length, padding, rest) = (digits.len(), digits.len() - body.len(), body.len() % 4);
    if body.len() < SHORTEST || body.contains('=') || padding > 2 {
        return Content::Plain;
    }
    // One digit has less than a byte. An encoder sets the unused bits of the last digit to 0.
    let cut = padding == 0 && (rest == 1 || has_bits(body, rest));
    let quads = &body[..body.len() - rest];
    let whole = match (cut, rest) {
        (true, _) | (false, 0 | 1) => quads.to_owned(),
        (false, _) => format!("{body}{}", "=".repeat(4 - rest)),
    };
    let Ok(bytes) = base64::decode(whole) else { return Content::Plain };
    match (readable(bytes, padding == 0), cut) {
        (None, _) => Content::Plain,
        (Some(text), true) => Content::Cut { text, length },
        (Some(text), false) => Content::Encoded { text, length, padded: padding > 0 },
    }
}

/// The base64 characters of a text in the standard alphabet, without quotes, blanks and line breaks; `None` if there are
/// others.
fn digits(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix('b').filter(|rest| rest.starts_with(['\'', '"'])).unwrap_or(text);
    let text = text.trim_start_matches(['\'', '"']).trim_end_matches(['\'', '"', ',']);
    let mut digits = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match char {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '+' | '/' | '=' => digits.push(char),
            '-' => digits.push('+'),
            '_' => digits.push('/'),
            // A line break of a string in JSON.
            '\\' if matches!(chars.next(), Some('n' | 'r')) => {}
            char if char.is_whitespace() => {}
            _ => return None,
        }
    }
    Some(digits)
}

/// True if the unused bits of the last digit are not 0.
fn has_bits(body: &str, rest: usize) -> bool {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let unused = match rest {
        2 => 4,
        3 => 2,
        _ => return false,
    };
    let digit = body.chars().next_back().and_then(|last| ALPHABET.find(last)).unwrap_or_default();
    !digit.is_multiple_of(1 << unused)
}

/// The bytes as text; `None` if they are none that a kubeconfig may have. `open` permits an incomplete last character.
fn readable(mut bytes: Vec<u8>, open: bool) -> Option<String> {
    let is_wide = matches!(bytes.as_slice(), [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]);
    if is_wide && open && !bytes.len().is_multiple_of(2) {
        bytes.pop();
    }
    if let Err(error) = std::str::from_utf8(&bytes)
        && !is_wide
        && open
        && error.error_len().is_none()
    {
        bytes.truncate(error.valid_up_to());
    }
    let (text, _) = encoding::decode(bytes).ok()?;
    let is_text = encoding::check(&text).is_ok();
    let holds = text.contains(':') || !matches!(decode(&text), Content::Plain);
    (is_text && holds).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "apiVersion: v1\nkind: Config\n# Zo\u{eb}\n";

    fn text(content: Content) -> Option<String> {
        match content {
            Content::Encoded { text, .. } => Some(text),
            _ => None,
        }
    }

    #[test]
    fn every_form_is_decoded() {
        let plain = base64::encode(TEXT);
        let (left, right) = plain.split_at(9);
        for form in [
            plain.clone(),
            format!("'{plain}'"),
            format!("\"{plain}\"\n"),
            format!("b'{plain}'"),
            format!("\"{left}\\n{right}\\n\","),
            format!("  {left}\r\n  {right}\r\n"),
            plain.trim_end_matches('=').to_owned(),
            plain.replace('+', "-").replace('/', "_"),
        ] {
            assert_eq!(text(decode(&form)).as_deref(), Some(TEXT), "{form}");
        }
        let wide = base64::encode(encoding::Encoding::Utf16Le.encode(TEXT));
        assert_eq!(text(decode(&wide)).as_deref(), Some(TEXT));
        assert_eq!(text(decode(&base64::encode(&plain))), Some(plain));
    }

    #[test]
    fn other_text_is_not_base64() {
        for text in
            ["", "hello", "contexts", "a: b", "clusteradminconfiguration", "YXBp.VmVy", "*****************"]
        {
            assert_eq!(decode(text), Content::Plain, "{text}");
        }
    }

    #[test]
    fn a_cut_is_found_by_the_length_or_the_last_digit() {
        let long = base64::encode(TEXT.repeat(4));
        let mut found = [false; 4];
        for length in 20..long.len() - 4 {
            match decode(&long[..length]) {
                Content::Cut { length: told, text } => {
                    assert_eq!(told, length);
                    assert!(TEXT.repeat(4).starts_with(&text));
                    found[length % 4] = true;
                }
                Content::Encoded { padded, .. } => assert!(!padded && length % 4 != 1),
                Content::Plain => panic!("{length}"),
            }
        }
        assert_eq!(found, [false, true, true, true]);
    }
}
