//! The tokens of one line: blanks, keys, scalars and line ends, sixteen bytes at a time.
//!
//! Every function takes a text and an offset, and returns `None` if the text is not in the narrow style. It does not know
//! the structure or the schema.

use super::Token;
use crate::kubeconfig::{Span, Style};

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The value after a colon or a dash. Offsets count from the start of the given text.
///
/// A flat struct: an enum with spans inside would be copied through memory on every line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) form: Form,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The style of a value. It is as wide as a word: copying a byte and its padding stalls on the byte just stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Form {
    Nothing,
    Plain,
    Single,
    Double,
    EmptyMap,
    EmptyList,
}

impl Value {
    /// Its place in the file, if the given text starts at `base`.
    pub(super) fn span(self, base: usize) -> Span {
        Span::new(base + self.start, base + self.end)
    }

    /// The scalar, as a token of the file.
    pub(super) fn token(self, base: usize) -> Option<Token> {
        let style = match self.form {
            Form::Plain => Style::Plain,
            Form::Single => Style::Single,
            Form::Double => Style::Double,
            Form::Nothing | Form::EmptyMap | Form::EmptyList => return None,
        };
        Some(Token { span: self.span(base), style })
    }

    /// The content of the scalar, without quotes.
    #[inline(always)]
    pub(super) fn content(self, text: &[u8]) -> &[u8] {
        let quote = usize::from(matches!(self.form, Form::Single | Form::Double));
        &text[self.start + quote..self.end - quote]
    }
}

/// A mask of the bytes that are not printable ASCII. Only its lowest hit is exact, as in the masks below.
fn unprintable(word: u64) -> u64 {
    word.wrapping_sub(ONES * 0x20) | word.wrapping_add(ONES)
}

/// A mask of blanks and unprintable bytes: the possible ends of a key or a plain scalar.
fn stopping(word: u64) -> u64 {
    word.wrapping_sub(ONES * 0x21) | word.wrapping_add(ONES)
}

/// The first offset from `at` on that the mask hits; otherwise the end of the text.
#[inline(always)]
fn find(text: &[u8], mut at: usize, mask: impl Fn(u64) -> u64) -> usize {
    // Two words per step: most keys and values are shorter than sixteen bytes, and a mispredicted branch is expensive.
    while let Some([low, high]) = words(text, at) {
        let hits = u128::from(mask(low) & HIGH) | u128::from(mask(high) & HIGH) << 64;
        if hits != 0 {
            return at + hits.trailing_zeros() as usize / 8;
        }
        at += 16;
    }
    // A partial word is padded with letters, which no mask hits.
    let letters = (ONES * b'a' as u64) & !0xff;
    while text.get(at).is_some_and(|&byte| mask(letters | u64::from(byte)) & 0x80 == 0) {
        at += 1;
    }
    at
}

/// The sixteen bytes from `at` on.
#[inline(always)]
fn words(text: &[u8], at: usize) -> Option<[u64; 2]> {
    let chunk = u128::from_le_bytes(*text.get(at..)?.first_chunk::<16>()?);
    Some([chunk as u64, (chunk >> 64) as u64])
}

/// The first offset from `at` on that is not a space.
#[inline(always)]
pub(super) fn skip_spaces(text: &[u8], mut at: usize) -> usize {
    while text.get(at) == Some(&b' ') {
        at += 1;
    }
    at
}

/// [`skip_spaces`] without a branch for every space, for the starts of lines.
#[inline(always)]
pub(super) fn indented(text: &[u8], at: usize) -> usize {
    let Some([low, _]) = words(text, at) else { return skip_spaces(text, at) };
    let others = low ^ (ONES * b' ' as u64);
    if others == 0 {
        return skip_spaces(text, at + 8);
    }
    at + others.trailing_zeros() as usize / 8
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
#[cold]
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

/// The end of the word that starts at `at`: the next blank or unprintable byte, or the end of the text.
#[inline(always)]
pub(super) fn word(text: &[u8], at: usize) -> usize {
    find(text, at, stopping)
}

/// True for a key of the narrow style: a letter, then at most 119 letters, digits and `_./-`.
pub(super) fn is_key(key: &[u8]) -> bool {
    key.first().is_some_and(u8::is_ascii_alphabetic)
        && key.len() <= 120
        && key.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'/' | b'-'))
}

/// The word after a colon, if the line has the most frequent shape: a space, the word, the line end.
///
/// Such a word is a plain scalar. `None` means any other shape; [`value`] determines it.
#[inline(always)]
pub(super) fn lone_word(text: &[u8], at: usize) -> Option<(Value, usize)> {
    let start = at + 1;
    let starts = match text.get(start)? {
        b'-' => text.get(start + 1).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'-'),
        first => first.is_ascii_alphanumeric() || *first == b'/',
    };
    if !starts || text.get(at) != Some(&b' ') {
        return None;
    }
    let end = word(text, start);
    let whole = text.get(end) == Some(&b'\n') && text[end - 1] != b':';
    whole.then_some((Value { form: Form::Plain, start, end }, end + 1))
}

/// The value from `at` on, after optional spaces, and the start of the next line.
#[inline(never)]
pub(super) fn value(text: &[u8], at: usize) -> Option<(Value, usize)> {
    if let Some(next) = line_end(text, at) {
        return Some((Value { form: Form::Nothing, start: at, end: at }, next));
    }
    let start = skip_spaces(text, at);
    let nothing = Value { form: Form::Nothing, start: at, end: at };
    let Some(&first) = text.get(start) else { return Some((nothing, start)) };
    match first {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'~' | b'+' => plain(text, start),
        b'-' if matches!(text.get(start + 1), Some(b) if b.is_ascii_alphanumeric() || *b == b'-') => {
            plain(text, start)
        }
        b'"' | b'\'' => quoted(text, start, first),
        b'{' if text.get(start + 1) == Some(&b'}') => {
            Some((Value { form: Form::EmptyMap, start, end: start + 2 }, rest(text, start + 2)?))
        }
        b'[' if text.get(start + 1) == Some(&b']') => {
            Some((Value { form: Form::EmptyList, start, end: start + 2 }, rest(text, start + 2)?))
        }
        b'#' | b'\n' | b'\r' => Some((nothing, rest(text, at)?)),
        _ => None,
    }
}

#[inline(always)]
fn plain(text: &[u8], start: usize) -> Option<(Value, usize)> {
    let mut at = start;
    loop {
        let end = word(text, at);
        // Before a blank or a line end, a colon makes the text before it a key.
        if text[start..end].last() == Some(&b':') {
            return None;
        }
        let after = skip_spaces(text, end);
        let next = match text.get(after) {
            Some(b'#') if after > end => comment(text, after)?,
            Some(b'!'..=b'~') if after > end => {
                at = after;
                continue;
            }
            _ => line_end(text, after)?,
        };
        return Some((Value { form: Form::Plain, start, end }, next));
    }
}

/// A quoted scalar without escapes, whose content is the text between the quotes.
#[inline(never)]
fn quoted(text: &[u8], start: usize, quote: u8) -> Option<(Value, usize)> {
    let inner = text.get(start + 1..)?;
    let length = inner.iter().position(|&b| b == quote || b == b'\\' || !(b' '..=b'~').contains(&b))?;
    let form = if quote == b'"' { Form::Double } else { Form::Single };
    let mut end = start + 1 + length;
    // In single quotes a backslash has no meaning; rejecting it there too keeps this a single loop.
    if text.get(end) != Some(&quote) || (quote == b'\'' && text.get(end + 1) == Some(&quote)) {
        return None;
    }
    end += 1;
    Some((Value { form, start, end }, rest(text, end)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_at_every_place_is_told_apart() {
        for byte in 0..=255u8 {
            for (length, at) in (1..40).flat_map(|length| (0..length).map(move |at| (length, at))) {
                let mut text = vec![b'~'; length];
                text[at] = byte;
                let place = |hit: bool| if hit { at } else { length };
                assert_eq!(word(&text, 0), place(!byte.is_ascii_graphic()), "{byte}");
                let unprintable_at = find(&text, 0, unprintable);
                assert_eq!(unprintable_at, place(!byte.is_ascii_graphic() && byte != b' '), "{byte}");
                // The bytes after the first hit must not hide it.
                text[at..].fill(byte);
                assert_eq!(word(&text, 0), place(!byte.is_ascii_graphic()), "{byte}");
            }
        }
    }
}
