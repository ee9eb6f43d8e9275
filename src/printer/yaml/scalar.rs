//! How one string is spelled in YAML: go-yaml v2's choice among plain, single quotes, double quotes and literal block.
//!
//! Owns the analysis and the escapes; writing and folding is the emitter's.

use std::borrow::Cow;

use crate::kubeconfig::resolve;
use crate::kubeconfig::span::LINE_ENDS;
use crate::printer::{quote, timestamp};

/// The spellings of a string that go-yaml uses; it never folds with `>`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum ScalarStyle {
    Plain,
    Single,
    Double,
    Literal,
}

/// The characters to escape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Escapes {
    /// Those that go-yaml must escape.
    Needed,
    /// Also those that a terminal would obey, hide or reorder.
    Unseen,
}

impl Escapes {
    fn has(self, c: char) -> bool {
        self == Escapes::Unseen && c != '\n' && !quote::is_visible(c)
    }
}

/// The style go-yaml picks (`encode.go` stringv, `emitterc.go` select_scalar_style).
pub(super) fn style(text: &str, escapes: Escapes) -> ScalarStyle {
    if text.chars().any(|c| escapes.has(c)) {
        return ScalarStyle::Double;
    }
    let found = ScalarAnalysis::of(text);
    if text.contains('\n') {
        if found.special || found.blank_before_break || found.ends_in_blank {
            ScalarStyle::Double
        } else {
            ScalarStyle::Literal
        }
    } else if !resolve::is_string(text) || is_sexagesimal(text) || timestamp::is_timestamp(text) {
        ScalarStyle::Double
    } else if found.plain {
        ScalarStyle::Plain
    } else if found.special || found.blank_before_break || found.blank_after_break {
        ScalarStyle::Double
    } else {
        ScalarStyle::Single
    }
}

/// A line break to YAML 1.1.
pub(super) fn is_break(c: char) -> bool {
    LINE_ENDS.contains(&c)
}

/// What a literal block says about itself after `|`: indentation before a blank or empty first line, and whether its
/// last line break counts.
pub(super) fn literal_hints(text: &str) -> &'static str {
    let mut back = text.chars().rev();
    let ends_in_break = back.next().is_some_and(is_break);
    let chomp = match (ends_in_break, back.next()) {
        (false, _) => '-',
        (true, Some(before)) if !is_break(before) => ' ',
        (true, _) => '+',
    };
    match (text.starts_with(|c| c == ' ' || is_break(c)), chomp) {
        (false, '-') => "-",
        (false, '+') => "+",
        (false, _) => "",
        (true, '-') => "2-",
        (true, '+') => "2+",
        (true, _) => "2",
    }
}

/// The escape of a character between double quotes, if it needs one.
///
/// A text that begins with a byte order mark is escaped as a whole: go-yaml looks for the mark at the wrong place.
pub(super) fn escape(text: &str, c: char, escapes: Escapes) -> Option<Cow<'static, str>> {
    if !escapes.has(c)
        && is_printable(c)
        && !is_break(c)
        && !matches!(c, '"' | '\\')
        && !text.starts_with('\u{feff}')
    {
        return None;
    }
    let short = match c {
        '\0' => "\\0",
        '\x07' => "\\a",
        '\x08' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\x0b' => "\\v",
        '\x0c' => "\\f",
        '\r' => "\\r",
        '\x1b' => "\\e",
        '"' => "\\\"",
        '\\' => "\\\\",
        '\u{85}' => "\\N",
        '\u{a0}' => "\\_",
        '\u{2028}' => "\\L",
        '\u{2029}' => "\\P",
        _ => "",
    };
    Some(match c as u32 {
        _ if !short.is_empty() => short.into(),
        code @ ..=0xff => format!("\\x{code:02X}").into(),
        code @ ..=0xffff => format!("\\u{code:04X}").into(),
        code => format!("\\U{code:08X}").into(),
    })
}

/// Printable to libyaml, which stops at U+FFFD.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{fffd}') && c != '\u{feff}'
}

/// What go-yaml looks for in a string before it picks a style (`emitterc.go` analyze_scalar).
struct ScalarAnalysis {
    /// Nothing hinders the plain style.
    plain: bool,
    /// Something that only an escape can express.
    special: bool,
    blank_before_break: bool,
    blank_after_break: bool,
    ends_in_blank: bool,
}

impl ScalarAnalysis {
    fn of(text: &str) -> ScalarAnalysis {
        let mut found = ScalarAnalysis {
            plain: !text.starts_with("---") && !text.starts_with("..."),
            special: false,
            blank_before_break: false,
            blank_after_break: false,
            ends_in_blank: text.ends_with(' '),
        };
        let mut before = None;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let blank_next = chars.peek().is_none_or(|next| matches!(next, ' ' | '\t'));
            let indicator = match (c, before) {
                (
                    '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@'
                    | '`',
                    None,
                ) => true,
                ('?' | '-', None) | (':', _) => blank_next,
                ('#', Some(before)) => matches!(before, ' ' | '\t' | '\0') || is_break(before),
                _ => false,
            };
            found.special |= !is_printable(c);
            found.blank_before_break |= before == Some(' ') && is_break(c);
            found.blank_after_break |= c == ' ' && before.is_some_and(is_break);
            found.plain &= !indicator && !is_break(c);
            before = Some(c);
        }
        found.plain &= !found.special && !found.ends_in_blank && !text.starts_with(' ');
        found
    }
}

/// A number in base 60, which go-yaml quotes for other readers' sake:
/// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`.
fn is_sexagesimal(text: &str) -> bool {
    let digit = |b: u8| b.is_ascii_digit() || b == b'_';
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut groups = whole.split(':');
    let first = groups.next().unwrap_or_default();
    let is_group = |group: &str| match group.as_bytes() {
        [one] => one.is_ascii_digit(),
        [ten, one] => matches!(ten, b'0'..=b'5') && one.is_ascii_digit(),
        _ => false,
    };
    whole.contains(':')
        && first.starts_with(|c: char| c.is_ascii_digit())
        && first.bytes().all(digit)
        && groups.all(is_group)
        && fraction.bytes().all(digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_are_go_yamls() {
        for (want, texts) in [
            (
                ScalarStyle::Plain,
                &[
                    "a", "a b", "0o8", "1:60", "1e1000", "NaN", "<<", "=", "--", "+", ".", "a#b", "a:b",
                    "-a", "?a", "é",
                ][..],
            ),
            (
                ScalarStyle::Double,
                &[
                    "",
                    "y",
                    "No",
                    "~",
                    "0x1f",
                    "1_000",
                    ".5",
                    ".inf",
                    "2024-01-02",
                    "1:30",
                    "-190:20:30.15",
                    "a\tb",
                    "\u{feff}",
                    "😀",
                    "\u{7f}",
                    "\u{85}",
                    "a \nb",
                    "a\n ",
                    "a\n\tb",
                    "\r\n",
                ],
            ),
            (
                ScalarStyle::Single,
                &[
                    " a",
                    "a ",
                    "a: b",
                    "a #b",
                    "a:",
                    "- a",
                    "-",
                    "?",
                    "!a",
                    "'a",
                    "\"a",
                    "---",
                    "...",
                    "a\u{2028}b",
                    "`",
                ],
            ),
            (ScalarStyle::Literal, &["a\nb", "\n", "a\n", "\n a", "# a\nb"]),
        ] {
            for text in texts {
                assert_eq!(style(text, Escapes::Needed), want, "{text:?}");
            }
        }
    }

    #[test]
    fn literal_hints_tell_the_first_and_the_last_line() {
        for (text, want) in [
            ("a\nb", "-"),
            ("a\n", ""),
            ("a\n\n", "+"),
            ("\n", "2+"),
            (" a\n", "2"),
            ("\na", "2-"),
            (" a\n\n", "2+"),
        ] {
            assert_eq!(literal_hints(text), want, "{text:?}");
        }
    }
}
