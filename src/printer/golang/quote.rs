//! Quotes and unquotes strings as Go's `strconv`.
//!
//! A Go string consists of bytes, not characters: `"\xff"` is valid, so unquoting returns bytes.

use crate::printer::unicode::is_print;

/// A character of a quoted string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::printer) enum Unquoted {
    /// A byte written `\xff` or `\377`.
    Byte(u8),
    /// Any other character.
    Char(char),
}

/// Unquotes the first character of `text`, which is the content of a literal in `quote`s; also returns the rest.
pub(in crate::printer) fn unquote_char(text: &str, quote: char) -> Option<(Unquoted, &str)> {
    let mut rest = text.chars();
    let first = rest.next()?;
    if first == quote {
        return None;
    }
    if first != '\\' {
        return Some((Unquoted::Char(first), rest.as_str()));
    }
    let character = match rest.next()? {
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        '\\' => '\\',
        'x' => {
            let (code, rest) = number(rest.as_str(), 2, 16)?;
            return Some((Unquoted::Byte(u8::try_from(code).ok()?), rest));
        }
        'u' => {
            let (code, rest) = number(rest.as_str(), 4, 16)?;
            return Some((Unquoted::Char(char::from_u32(code)?), rest));
        }
        'U' => {
            let (code, rest) = number(rest.as_str(), 8, 16)?;
            return Some((Unquoted::Char(char::from_u32(code)?), rest));
        }
        '0'..='7' => {
            let (code, rest) = number(text.get(1..)?, 3, 8)?;
            return Some((Unquoted::Byte(u8::try_from(code).ok()?), rest));
        }
        other if other == quote => other,
        _ => return None,
    };
    Some((Unquoted::Char(character), rest.as_str()))
}

/// Unquotes `text`, which is the content of a literal in `quote`s.
pub(in crate::printer) fn unquote(mut text: &str, quote: char) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    while !text.is_empty() {
        let (character, rest) = unquote_char(text, quote)?;
        match character {
            Unquoted::Byte(byte) => bytes.push(byte),
            Unquoted::Char(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        text = rest;
    }
    Some(bytes)
}

/// Quotes a text in double quotes; `ascii` escapes all characters outside of ASCII.
pub(in crate::printer) fn quote(text: &[u8], ascii: bool) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            escape(&mut quoted, c, '"', ascii);
        }
        for byte in chunk.invalid() {
            quoted.push_str(&format!("\\x{byte:02x}"));
        }
    }
    quoted.push('"');
    quoted
}

/// Quotes a character as a Go rune literal.
pub(in crate::printer) fn quote_char(c: char, ascii: bool) -> String {
    let mut quoted = String::from('\'');
    escape(&mut quoted, c, '\'', ascii);
    quoted.push('\'');
    quoted
}

/// Formats a character as Go's `%#U`, such as `U+0023 '#'`.
pub(in crate::printer) fn describe(c: char) -> String {
    let code = u32::from(c);
    if is_print(c) { format!("U+{code:04X} '{c}'") } else { format!("U+{code:04X}") }
}

fn number(text: &str, digits: usize, radix: u32) -> Option<(u32, &str)> {
    let (head, rest) = text.split_at_checked(digits)?;
    if !head.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    Some((u32::from_str_radix(head, radix).ok()?, rest))
}

fn escape(out: &mut String, c: char, quote: char, ascii: bool) {
    match c {
        _ if c == quote || c == '\\' => out.extend(['\\', c]),
        _ if is_print(c) && (c.is_ascii() || !ascii) => out.push(c),
        _ => escape_sequence(out, c),
    }
}

/// Appends Go's escape sequence of a character.
pub(in crate::printer) fn escape_sequence(out: &mut String, c: char) {
    match c {
        '\x07' => out.push_str("\\a"),
        '\x08' => out.push_str("\\b"),
        '\x0c' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\x0b' => out.push_str("\\v"),
        '\0'..='\x7f' => out.push_str(&format!("\\x{:02x}", u32::from(c))),
        '\u{80}'..='\u{ffff}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        _ => out.push_str(&format!("\\U{:08x}", u32::from(c))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_as_go_does() {
        for (text, expected) in [
            (&b"a\"b\\"[..], r#""a\"b\\""#),
            (b"\n\t\x07\x00\x7f", r#""\n\t\a\x00\x7f""#),
            ("é\u{200b}\u{301}\u{e000}".as_bytes(), "\"é\\u200b\u{301}\\ue000\""),
            (b"\xff", r#""\xff""#),
        ] {
            assert_eq!(quote(text, false), expected);
        }
        assert_eq!(quote("é🙂".as_bytes(), true), r#""\u00e9\U0001f642""#);
        assert_eq!(quote_char('\'', false), r"'\''");
        assert_eq!(describe('\n'), "U+000A");
        assert_eq!(describe('#'), "U+0023 '#'");
    }

    #[test]
    fn unquotes_only_what_go_accepts() {
        assert_eq!(unquote(r#"a\tb\"\x41\101\u00e9\xff"#, '"'), Some(b"a\tb\"AA\xc3\xa9\xff".to_vec()));
        for bad in [r"\'", r"\x4", r"\400", r"\ud800", r"\q", r"\", "\"", r"\x+1"] {
            assert_eq!(unquote(bad, '"'), None, "{bad}");
        }
    }
}
