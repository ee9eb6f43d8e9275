//! Certificates and keys: one pass finds the end of the line and proves the base64.
//!
//! Nine tenths of a kubeconfig's bytes pass through here, and nothing is decoded.

/// True for the standard alphabet; written so that the compiler turns a chunk of these into vector code.
#[inline(always)]
fn in_alphabet(byte: u8) -> bool {
    // '/' and the digits are neighbours in ASCII.
    ((byte | 0x20).wrapping_sub(b'a') < 26) | (byte.wrapping_sub(b'/') < 11) | (byte == b'+')
}

/// The end of the base64 that starts at `at`, padding included; `None` if it is not whole.
pub(super) fn end(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let mut length = run::<32>(rest);
    length += run::<8>(&rest[length..]);
    length += run::<1>(&rest[length..]);
    let padding = rest[length..].iter().take(2).take_while(|&&byte| byte == b'=').count();
    let whole = (length + padding).is_multiple_of(4) && (padding == 0 || length % 4 + padding == 4);
    whole.then_some(at + length + padding)
}

/// How many bytes in front are of the alphabet, in whole chunks.
#[inline(always)]
fn run<const CHUNK: usize>(text: &[u8]) -> usize {
    let (chunks, _) = text.as_chunks::<CHUNK>();
    let good = |chunk: &&[u8; CHUNK]| chunk.iter().fold(true, |good, &byte| good & in_alphabet(byte));
    CHUNK * chunks.iter().take_while(good).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn end_agrees_with_a_decoder() {
        use ::base64::Engine as _;
        use ::base64::alphabet::STANDARD;
        use ::base64::engine::{GeneralPurpose, GeneralPurposeConfig};
        // Go's StdEncoding lets the unused bits of the last digit be anything.
        let lax =
            GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));
        for body in 0..70 {
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
            assert_eq!(in_alphabet(byte), want, "{byte}");
        }
    }
}
