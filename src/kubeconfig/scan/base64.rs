//! Finds the end of a base64 value and validates it in one pass.
//!
//! Certificates and keys are about nine tenths of a kubeconfig's bytes. Nothing is decoded.

use super::lex;
use wide::u8x16;

/// The number of bytes that are checked in one step.
const CHUNK: usize = 128;

/// The number of bytes in a vector.
const LANES: usize = 16;

/// 0 to 25 for letters of the standard alphabet, more for any other byte.
#[inline(always)]
fn rank(bytes: u8x16) -> u8x16 {
    let letter = (bytes | u8x16::splat(0x20)) - u8x16::splat(b'a');
    // '/' and the digits are adjacent in ASCII.
    let digit = (bytes - u8x16::splat(b'/')).saturating_add(u8x16::splat(25 - 10));
    let plus = bytes.simd_eq(u8x16::splat(b'+'));
    letter.min(digit) & !plus
}

/// True if all bytes are in the alphabet.
#[inline(always)]
fn all(bytes: &[u8]) -> bool {
    let (blocks, rest) = bytes.as_chunks::<LANES>();
    let mut last = [b'A'; LANES];
    last[..rest.len()].copy_from_slice(rest);
    // Maxima of each lane, because comparing the lanes of a vector with each other is slow.
    let most = blocks.iter().fold(rank(u8x16::new(last)), |most, block| rank(u8x16::new(*block)).max(most));
    most.max(u8x16::splat(25)) == u8x16::splat(25)
}

/// The end of the base64 that starts at `at`, with its padding; `None` if the word at `at` is not base64.
pub(super) fn end(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let (chunks, _) = rest.as_chunks::<CHUNK>();
    let mut sure = 0;
    for chunk in chunks {
        if !all(chunk) {
            break;
        }
        sure += CHUNK;
    }
    let end = lex::word(rest, sure);
    let padding = rest[sure..end].iter().rev().take(2).take_while(|&&byte| byte == b'=').count();
    let digits = &rest[..end - padding];
    // One more chunk, aligned to the end of the digits, is faster than single steps; checking bytes twice does no harm.
    let good = match digits.last_chunk::<CHUNK>() {
        Some(last) if digits.len() - sure <= CHUNK => all(last),
        _ => all(&digits[sure..]),
    };
    (good && end.is_multiple_of(4)).then_some(at + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn end_agrees_with_a_decoder() {
        use ::base64::Engine as _;
        use ::base64::alphabet::STANDARD;
        use ::base64::engine::{GeneralPurpose, GeneralPurposeConfig};
        // Go's StdEncoding ignores the unused bits of the last digit.
        let lax =
            GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));
        for body in 0..200 {
            for tail in ["", "=", "==", "===", "A=", "A==", "=A", "-", "_", "*", "b64=", " "] {
                let text = "Ab9/+zZ0".chars().cycle().take(body).collect::<String>() + tail;
                let whole = end(text.as_bytes(), 0) == Some(text.len());
                assert_eq!(whole, lax.decode(&text).is_ok(), "{text}");
            }
        }
    }

    #[test]
    fn every_byte_is_told_apart() {
        for byte in 0..=255u8 {
            let want = byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
            assert_eq!(all(&[byte]), want, "{byte}");
        }
    }
}
