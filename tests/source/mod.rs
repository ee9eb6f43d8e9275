//! Rust source as tokens: enough to find a string literal in a test and the paths that a file names.
//!
//! Comments are left out. What Rust's own lexer refuses is not in this repository, so nothing here reports an error.

mod modules;
mod paths;

pub(crate) use modules::{Modules, Names, absolute, circles};
pub(crate) use paths::{NamedPath, closing, paths};

use std::iter;
use std::ops::Range;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    /// A keyword or an identifier, without `r#`.
    Word(String),
    /// A string literal, by the text it stands for.
    Text(String),
    /// A sign, one by one: `::` is two.
    Sign(char),
    /// A number, a character, a lifetime, or a literal of bytes.
    Other,
}

/// A token and where it stands, in bytes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Spanned {
    pub(crate) token: Token,
    pub(crate) range: Range<usize>,
}

impl Spanned {
    pub(crate) fn is(&self, sign: char) -> bool {
        self.token == Token::Sign(sign)
    }

    pub(crate) fn word(&self) -> Option<&str> {
        match &self.token {
            Token::Word(word) => Some(word),
            _ => None,
        }
    }
}

/// The line of a byte, from 1.
pub(crate) fn line(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

pub(crate) fn tokens(text: &str) -> Vec<Spanned> {
    let mut at = 0;
    iter::from_fn(|| {
        at += blank(&text[at..]);
        let rest = &text[at..];
        let first = rest.chars().next()?;
        let (token, length) = token(rest, first);
        let range = at..at + length;
        at = range.end;
        Some(Spanned { token, range })
    })
    .collect()
}

/// How long the white space and the comments are that a text begins with.
fn blank(text: &str) -> usize {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if rest.starts_with("/*") {
            rest = &rest[block_comment(rest)..];
        } else {
            return text.len() - rest.len();
        }
    }
}

/// How long the block comment is that a text begins with; one may stand in another.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += 1;
        }
    }
    at
}

fn token(text: &str, first: char) -> (Token, usize) {
    let prefix = ["br", "cr", "b", "c", "r", ""].into_iter().find(|prefix| {
        let rest = text.strip_prefix(prefix);
        let raw = prefix.ends_with('r');
        rest.is_some_and(|rest| match raw {
            true => rest.trim_start_matches('#').starts_with('"'),
            false => rest.starts_with('"'),
        })
    });
    if let Some(prefix) = prefix {
        let raw = prefix.ends_with('r');
        let (value, length) = if raw { raw_string(text, prefix) } else { string(text, prefix) };
        let token = if prefix.contains('b') { Token::Other } else { Token::Text(value) };
        return (token, length);
    }
    if text.starts_with("b'") {
        return (Token::Other, 1 + character(&text[1..]));
    }
    if first == '\'' {
        return (Token::Other, character(text));
    }
    if first.is_ascii_digit() {
        return (Token::Other, number(text));
    }
    let raw = text.strip_prefix("r#").unwrap_or(text);
    let word: String = raw.chars().take_while(|&c| c.is_alphanumeric() || c == '_').collect();
    if word.is_empty() {
        return (Token::Sign(first), first.len_utf8());
    }
    let length = text.len() - raw.len() + word.len();
    (Token::Word(word), length)
}

fn raw_string(text: &str, prefix: &str) -> (String, usize) {
    let rest = &text[prefix.len()..];
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    let open = prefix.len() + hashes + 1;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = text[open..].find(&end).unwrap_or(text.len() - open);
    (text[open..open + length].replace("\r\n", "\n"), (open + length + end.len()).min(text.len()))
}

/// A string literal with escapes: its value and its length.
fn string(text: &str, prefix: &str) -> (String, usize) {
    let mut value = String::new();
    let mut rest = &text[prefix.len() + 1..];
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '"' => break,
            '\r' if rest.starts_with('\n') => {}
            '\\' => rest = escape(rest, &mut value),
            _ => value.push(c),
        }
    }
    (value, text.len() - rest.len())
}

/// Adds what stands behind a backslash, and returns what stands behind that.
fn escape<'t>(text: &'t str, value: &mut String) -> &'t str {
    let Some(kind) = text.chars().next() else { return text };
    let rest = &text[kind.len_utf8()..];
    let code = |digits: &str| u32::from_str_radix(&digits.replace('_', ""), 16).ok().and_then(char::from_u32);
    match kind {
        'n' => value.push('\n'),
        'r' => value.push('\r'),
        't' => value.push('\t'),
        '0' => value.push('\0'),
        'x' => {
            value.extend(rest.get(..2).and_then(code));
            return rest.get(2..).unwrap_or_default();
        }
        'u' => {
            let (digits, rest) = rest.strip_prefix('{').unwrap_or(rest).split_once('}').unwrap_or_default();
            value.extend(code(digits));
            return rest;
        }
        // The line goes on behind the white space of the next.
        '\n' | '\r' => return rest.trim_start(),
        other => value.push(other),
    }
    rest
}

/// How long the character or the lifetime is that a text begins with.
fn character(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match chars.next() {
        // `'\''`: what is escaped is not the end.
        Some((_, '\\')) => {
            let end = text.get(3..).and_then(|rest| rest.find('\''));
            end.map_or(text.len(), |end| end + 4)
        }
        Some(_) if chars.next().is_some_and(|(_, c)| c == '\'') => {
            text[1..].find('\'').map_or(text.len(), |end| end + 2)
        }
        _ => 1 + text[1..].chars().take_while(|&c| c.is_alphanumeric() || c == '_').count(),
    }
}

fn number(text: &str) -> usize {
    let digits = |text: &str| text.chars().take_while(|&c| c.is_ascii_alphanumeric() || c == '_').count();
    let whole = digits(text);
    match text[whole..].strip_prefix('.') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => whole + 1 + digits(rest),
        _ => whole,
    }
}

#[test]
fn every_string_is_read_as_rust_reads_it() {
    let cases = [
        (r#""a\n\t\\\"\x41\u{42}""#, "a\n\t\\\"\x41\u{42}"),
        ("\"a\\\n   b\"", "ab"),
        ("\"a\r\nb\"", "a\nb"),
        (r###"r#"a"b\n"#"###, "a\"b\\n"),
        (r#"r"\""#, "\\"),
        (r#"c"x""#, "x"),
    ];
    for (source, want) in cases {
        let source = format!("/* \"/* \"*/ */ // \"\nf('\"', '\\'', b'\"', b\"y\", 'a, 1.5, {source}, 0..1)");
        let found = tokens(&source);
        let texts: Vec<&str> = found
            .iter()
            .filter_map(|it| match &it.token {
                Token::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(texts, [want], "{source}");
        assert!(found.last().unwrap().is(')'), "{source}");
        assert_eq!(found.iter().filter(|it| it.is('.')).count(), 2, "{source}");
    }
}

/// The tokens of every file of the repository are all of it but white space and comments, and its brackets close.
#[test]
fn every_file_is_read_to_its_end() {
    let mut texts = 0;
    for (path, text) in ["src", "tests"].into_iter().flat_map(crate::tidy::rust) {
        let mut open = Vec::new();
        for found in tokens(&text) {
            match found.token {
                Token::Sign(sign @ ('(' | '[' | '{')) => open.push(sign),
                Token::Sign(sign @ (')' | ']' | '}')) => {
                    let pair = format!("{}{sign}", open.pop().unwrap_or(' '));
                    assert!(["()", "[]", "{}"].contains(&pair.as_str()), "{}: {pair}", path.display());
                }
                Token::Text(_) => texts += 1,
                _ => {}
            }
        }
        assert!(open.is_empty(), "{}: {open:?}", path.display());
    }
    assert!(texts > 5_000, "{texts}");
}
