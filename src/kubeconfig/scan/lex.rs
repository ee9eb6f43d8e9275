//! The words of one line: blanks, keys, scalars and line ends, eight bytes at a time.
//!
//! Every function takes a text and an offset, and answers `None` where the narrow style ends. Nothing here knows
//! about structure or about kubeconfigs.

use super::Token;
use crate::kubeconfig::{Span, Style};

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// What stands after a colon or a dash. Spans count from the start of the text given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Nothing,
    Scalar(Token),
    EmptyMap(Span),
    EmptyList(Span),
}

/// A mask of the bytes that are no printable ASCII. Only its lowest hit is exact, as for the masks below.
fn unprintable(word: u64) -> u64 {
    (word.wrapping_sub(ONES * 0x20) & !word) | word.wrapping_add(ONES) | word
}

/// A mask of blanks, colons and everything unprintable: where a plain scalar may end.
fn stopping(word: u64) -> u64 {
    let colon = word ^ (ONES * b':' as u64);
    (word.wrapping_sub(ONES * 0x21) & !word)
        | (colon.wrapping_sub(ONES) & !colon)
        | word.wrapping_add(ONES)
        | word
}

/// The first offset from `at` on that the mask hits, else the end of the text.
#[inline(always)]
fn find(text: &[u8], mut at: usize, mask: impl Fn(u64) -> u64) -> usize {
    while let Some(chunk) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let hits = mask(u64::from_le_bytes(*chunk)) & HIGH;
        if hits != 0 {
            return at + (hits.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    // A lone byte is padded with letters, which no mask hits.
    let letters = (ONES * b'a' as u64) & !0xff;
    while text.get(at).is_some_and(|&byte| mask(letters | u64::from(byte)) & 0x80 == 0) {
        at += 1;
    }
    at
}

/// The first offset from `at` on that is no space.
#[inline(always)]
pub(super) fn skip_spaces(text: &[u8], mut at: usize) -> usize {
    while text.get(at) == Some(&b' ') {
        at += 1;
    }
    at
}

/// The start of the next line if a line ends at `at`.
#[inline(always)]
pub(super) fn line_end(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at) {
        None => Some(at),
        Some(b'\n') => Some(at + 1),
        Some(b'\r') if text.get(at + 1) == Some(&b'\n') => Some(at + 2),
        Some(_) => None,
    }
}

/// The start of the next line, past a comment whose `#` is at `at`.
pub(super) fn comment(text: &[u8], at: usize) -> Option<usize> {
    line_end(text, find(text, at, unprintable))
}

/// The start of the next line, if only blanks and a comment follow a token that ends at `at`.
#[inline(always)]
pub(super) fn rest(text: &[u8], at: usize) -> Option<usize> {
    if let Some(next) = line_end(text, at) {
        return Some(next);
    }
    let hash = skip_spaces(text, at);
    match text.get(hash) {
        Some(b'#') if hash > at => comment(text, hash),
        _ => line_end(text, hash),
    }
}

/// The offset of the colon that ends a key starting at `at`.
#[inline(always)]
pub(super) fn colon(text: &[u8], at: usize) -> Option<usize> {
    let mut end = find(text, at, stopping);
    while text.get(end) == Some(&b':') {
        if matches!(text.get(end + 1), None | Some(b' ' | b'\n' | b'\r')) {
            return Some(end);
        }
        end = find(text, end + 1, stopping);
    }
    None
}

/// True for a key of the narrow style: a letter, then at most 119 letters, digits and `_./-`.
pub(super) fn is_key(key: &[u8]) -> bool {
    key.first().is_some_and(u8::is_ascii_alphabetic)
        && key.len() <= 120
        && key.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'/' | b'-'))
}

/// The value from `at` on (spaces before it are passed over) and the start of the next line.
#[inline(always)]
pub(super) fn value(text: &[u8], at: usize) -> Option<(Value, usize)> {
    if let Some(next) = line_end(text, at) {
        return Some((Value::Nothing, next));
    }
    let start = skip_spaces(text, at);
    let Some(&first) = text.get(start) else { return Some((Value::Nothing, start)) };
    match first {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'~' | b'+' => plain(text, start),
        b'-' if matches!(text.get(start + 1), Some(b) if b.is_ascii_alphanumeric() || *b == b'-') => {
            plain(text, start)
        }
        b'"' | b'\'' => quoted(text, start, first),
        b'{' if text.get(start + 1) == Some(&b'}') => {
            Some((Value::EmptyMap(Span::new(start, start + 2)), rest(text, start + 2)?))
        }
        b'[' if text.get(start + 1) == Some(&b']') => {
            Some((Value::EmptyList(Span::new(start, start + 2)), rest(text, start + 2)?))
        }
        b'#' | b'\n' | b'\r' => Some((Value::Nothing, rest(text, at)?)),
        _ => None,
    }
}

#[inline(always)]
fn plain(text: &[u8], start: usize) -> Option<(Value, usize)> {
    let mut at = start;
    loop {
        at = find(text, at, stopping);
        let next = match text.get(at) {
            Some(b':') if matches!(text.get(at + 1), None | Some(b' ' | b'\n' | b'\r')) => return None,
            Some(b':') => {
                at += 1;
                continue;
            }
            Some(b' ') => {
                let after = skip_spaces(text, at);
                match text.get(after) {
                    Some(b'#') => comment(text, after)?,
                    _ => match line_end(text, after) {
                        Some(next) => next,
                        None => {
                            at = after;
                            continue;
                        }
                    },
                }
            }
            _ => line_end(text, at)?,
        };
        let token = Token { span: Span::new(start, at), style: Style::Plain };
        return Some((Value::Scalar(token), next));
    }
}

/// A quoted scalar without escapes, so that what is between the quotes is what it says.
fn quoted(text: &[u8], start: usize, quote: u8) -> Option<(Value, usize)> {
    let inner = text.get(start + 1..)?;
    let length = inner.iter().position(|&b| b == quote || b == b'\\' || !(b' '..=b'~').contains(&b))?;
    let style = if quote == b'"' { Style::Double } else { Style::Single };
    let mut end = start + 1 + length;
    // A backslash means nothing between single quotes; bailing there too keeps one loop.
    if text.get(end) != Some(&quote) || (quote == b'\'' && text.get(end + 1) == Some(&quote)) {
        return None;
    }
    end += 1;
    Some((Value::Scalar(Token { span: Span::new(start, end), style }), rest(text, end)?))
}
