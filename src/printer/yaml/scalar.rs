//! Chooses the style of a string as go-yaml v2: plain, single quotes, double quotes or literal block; and its
//! escapes. The emitter writes and folds the text.

use std::borrow::Cow;

use crate::printer::{quote, timestamp};
use crate::yaml11::{self, LINE_ENDS};

/// The styles of strings that go-yaml uses; it never uses folded blocks (`>`).
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
    /// Those that go-yaml escapes.
    Needed,
    /// Also those that are not visible; see [`quote::visible`].
    Invisible,
}

impl Escapes {
    fn has(self, c: char) -> bool {
        self == Escapes::Invisible && c != '\n' && !quote::is_visible(c)
    }
}

/// The style that go-yaml uses (`encode.go` stringv, `emitterc.go` select_scalar_style).
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
    } else if !yaml11::is_string(text) || is_sexagesimal(text) || timestamp::is_timestamp(text) {
        ScalarStyle::Double
    } else if found.plain {
        ScalarStyle::Plain
    } else if found.special || found.blank_before_break || found.blank_after_break {
        ScalarStyle::Double
    } else {
        ScalarStyle::Single
    }
}

/// True for a string of letters and digits, with `+`, `/` and `=` after the first one, such as base64: its style is
/// [`ScalarStyle::Plain`], and it is never folded.
pub(super) fn is_word(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() | matches!(byte, b'+' | b'/' | b'=');
    // Without an early end, many bytes are checked at a time.
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().fold(true, |all, byte| all & is_digit(byte))
        && yaml11::is_string(text)
}

/// True for the line breaks of YAML 1.1.
pub(super) fn is_break(c: char) -> bool {
    LINE_ENDS.contains(&c)
}

/// The indicators after `|`: the indentation if the first line is empty or begins with a blank, and the chomping of
/// final line breaks.
pub(super) fn literal_indicators(text: &str) -> &'static str {
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

/// The escape of a character in double quotes, if it needs one.
///
/// All characters of a text that begins with a byte order mark are escaped: go-yaml checks for the mark at the wrong
/// offset.
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

/// True for the characters that libyaml regards as printable; it ends at U+FFFD.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{fffd}') && c != '\u{feff}'
}

/// The properties of a string from which go-yaml chooses a style (`emitterc.go` analyze_scalar).
struct ScalarAnalysis {
    /// True if the plain style is possible.
    plain: bool,
    /// True if the string has characters that must be escaped.
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

/// True for a number in base 60, which go-yaml quotes because other readers read it as a number:
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
    fn a_word_is_plain() {
        let mut words = 0;
        let digits = [
            "0", "1", "9", "a", "e", "E", "o", "x", "y", "n", "on", "null", "=", "+", "/", "-", ".", ":", "_",
        ];
        for one in digits {
            for two in digits {
                for three in digits {
                    for four in digits {
                        let text = [one, two, three, four].concat();
                        if is_word(&text) {
                            assert_eq!(style(&text, Escapes::Invisible), ScalarStyle::Plain, "{text}");
                            words += 1;
                        }
                    }
                }
            }
        }
        assert!(words > 10_000, "{words}");
        for text in ["", "1", "1e3", "0x1f", "y", "null", "=", "a b", "a:", "2026-11-30", "1:30"] {
            assert!(!is_word(text), "{text}");
        }
    }

    #[test]
    fn styles_equal_those_of_go_yaml() {
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
    fn literal_indicators_depend_on_the_first_and_the_last_line() {
        for (text, want) in [
            ("a\nb", "-"),
            ("a\n", ""),
            ("a\n\n", "+"),
            ("\n", "2+"),
            (" a\n", "2"),
            ("\na", "2-"),
            (" a\n\n", "2+"),
        ] {
            assert_eq!(literal_indicators(text), want, "{text:?}");
        }
    }
}
