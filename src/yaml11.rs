//! YAML 1.1 as kubectl reads it with go-yaml v2: the meaning of plain scalars, and the line ends.
//!
//! `y`, `0777` and `1_000` are not strings in YAML 1.1. The rules are those of go-yaml (`resolve.go`), and they exist only
//! here: [`plain`] applies them, `plain_in_line` is a faster version for every line of a large file. The printers quote
//! further scalars, as their emitters do (go-yaml, kyaml): `printer::yaml`, `printer::kyaml`.

/// The line ends.
pub(crate) const LINE_ENDS: [char; 5] = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// Next line, line separator, paragraph separator: line ends in YAML 1.1, letters in YAML 1.2.
pub(crate) const BREAKS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// The meaning of a plain (unquoted, untagged) scalar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Plain {
    /// `null`, `~`, or an empty scalar.
    Null,
    /// `true`, `yes`, `on`, `y`, … and their opposites.
    Bool(bool),
    /// An integer that fits `i64`.
    Int(i64),
    /// An integer that fits `u64` only.
    Uint(u64),
    /// Any other number; may be infinite or not a number.
    Float(f64),
    /// Everything else, including dates and sexagesimal numbers.
    Str,
}

/// Resolves a plain scalar as go-yaml v2 does.
///
/// ```
/// use kcx::yaml11::{Plain, plain};
/// assert_eq!(plain("y"), Plain::Bool(true));
/// assert_eq!(plain("0777"), Plain::Int(511));
/// assert_eq!(plain("1_000"), Plain::Int(1000));
/// assert_eq!(plain("2024-01-02"), Plain::Str);
/// ```
#[must_use]
pub fn plain(text: &str) -> Plain {
    let Some(&first) = text.as_bytes().first() else { return Plain::Null };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => word(text),
        b'.' => match word(text) {
            // Only for this case does Go check underscores itself: they need a digit on both sides.
            Plain::Str => match between_digits(text) {
                Some(digits) => float(&digits),
                None => Plain::Str,
            },
            known => known,
        },
        b'+' | b'-' | b'0'..=b'9' => match word(text) {
            Plain::Str => number(text),
            known => known,
        },
        _ => Plain::Str,
    }
}

/// True if kubectl reads this text, written plain, as a string.
#[must_use]
pub fn is_string(text: &str) -> bool {
    plain(text) == Plain::Str
}

fn word(text: &str) -> Plain {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Plain::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Plain::Bool(false)
        }
        "~" | "null" | "Null" | "NULL" => Plain::Null,
        ".nan" | ".NaN" | ".NAN" => Plain::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Plain::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Plain::Float(f64::NEG_INFINITY),
        _ => Plain::Str,
    }
}

fn number(text: &str) -> Plain {
    // Most texts that begin like a number are certificates.
    if !text.bytes().all(in_number) {
        return Plain::Str;
    }
    let plain: String = text.chars().filter(|&c| c != '_').collect();
    let (negative, digits) = match plain.as_bytes().first() {
        Some(b'-') => (true, &plain[1..]),
        Some(b'+') => (false, &plain[1..]),
        _ => (false, plain.as_str()),
    };
    let (radix, digits) = radix(digits);
    // from_str_radix accepts a sign; Go's ParseInt accepts one only at the beginning.
    if digits.bytes().all(|b| b.is_ascii_alphanumeric())
        && let Ok(value) = u64::from_str_radix(digits, radix)
    {
        return match (negative, i64::try_from(value)) {
            (false, Ok(value)) => Plain::Int(value),
            // Go's ParseUint accepts no sign.
            (false, Err(_)) if plain.starts_with('+') => float(&plain),
            (false, Err(_)) => Plain::Uint(value),
            (true, Ok(value)) => Plain::Int(-value),
            (true, Err(_)) if value == 1 << 63 => Plain::Int(i64::MIN),
            (true, Err(_)) => float(&plain),
        };
    }
    // go-yaml's second attempt at binary numbers accepts a sign after the prefix: `0b-1`.
    if let Some(signed) = plain.strip_prefix("0b").filter(|rest| rest.starts_with(['+', '-']))
        && let Ok(value) = i64::from_str_radix(signed, 2)
    {
        return Plain::Int(value);
    }
    float(&plain)
}

/// [`plain`] for an ASCII scalar on one line, in a file that is read at memory speed: most strings are recognized by their
/// first letter and their length.
#[inline(always)]
pub(crate) fn plain_in_line(text: &[u8]) -> Plain {
    // A number has only digits, signs and hexadecimal letters.
    let long = || text.len() > 5 && !text.iter().all(|&b| in_number(b));
    let string =
        is_surely_string(text) || matches!(text.first(), Some(b'0'..=b'9' | b'+' | b'-' | b'.') if long());
    if string { Plain::Str } else { std::str::from_utf8(text).map_or(Plain::Str, plain) }
}

/// True for text that [`plain`] treats as a string, determined by its first letter and its length: words like `true` have
/// at most five letters.
#[inline(always)]
pub(crate) fn is_surely_string(text: &[u8]) -> bool {
    let Some(first) = text.first() else { return false };
    let letter = (first | 0x20).wrapping_sub(b'a');
    let may_be_word = text.len() <= 5 && WORDS >> (letter % 32) & 1 == 1;
    letter < 26 && !may_be_word || *first == b'/'
}

/// A bit for each letter that starts a word of [`word`].
const WORDS: u32 =
    1 << (b'y' - b'a') | 1 << (b'n' - b'a') | 1 << (b't' - b'a') | 1 << (b'f' - b'a') | 1 << (b'o' - b'a');

/// True for bytes that a number can have: digits, signs and letters of every base.
fn in_number(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || matches!(byte, b'+' | b'-' | b'.' | b'_' | b'x' | b'X' | b'o' | b'O')
}

/// The text without its underscores; each must be between two digits.
fn between_digits(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let fits = |at: usize| bytes[at] != b'_' || (at > 0 && digit(at - 1) && digit(at + 1));
    (0..bytes.len()).all(fits).then(|| text.replace('_', ""))
}

/// Go's base 0: the prefix determines the base; a leading zero without a letter means octal.
fn radix(digits: &str) -> (u32, &str) {
    let bytes = digits.as_bytes();
    if bytes.first() != Some(&b'0') || bytes.len() < 2 {
        return (10, digits);
    }
    match bytes[1] {
        b'x' | b'X' => (16, &digits[2..]),
        b'o' | b'O' => (8, &digits[2..]),
        b'b' | b'B' => (2, &digits[2..]),
        _ => (8, &digits[1..]),
    }
}

/// go-yaml's `yamlStyleFloat`: `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, and in the range of a float64.
fn float(text: &str) -> Plain {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text).as_bytes();
    let whole = unsigned.iter().take_while(|b| b.is_ascii_digit()).count();
    let mut rest = &unsigned[whole..];
    if let Some((b'.', after)) = rest.split_first().map(|(b, after)| (*b, after)) {
        let fraction = after.iter().take_while(|b| b.is_ascii_digit()).count();
        if whole == 0 && fraction == 0 {
            return Plain::Str;
        }
        rest = &after[fraction..];
    } else if whole == 0 {
        return Plain::Str;
    }
    if let Some((b'e' | b'E', after)) = rest.split_first().map(|(b, after)| (*b, after)) {
        let after = match after.first() {
            Some(b'-' | b'+') => &after[1..],
            _ => after,
        };
        if after.is_empty() || !after.iter().all(u8::is_ascii_digit) {
            return Plain::Str;
        }
    } else if !rest.is_empty() {
        return Plain::Str;
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Plain::Float(value),
        _ => Plain::Str,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_go_reads() {
        for (text, want) in [
            ("0", Plain::Int(0)),
            ("-0", Plain::Int(0)),
            ("017", Plain::Int(15)),
            ("0o17", Plain::Int(15)),
            ("-017", Plain::Int(-15)),
            ("08", Plain::Float(8.0)),
            ("0x1f", Plain::Int(31)),
            ("0b11", Plain::Int(3)),
            ("-0b11", Plain::Int(-3)),
            ("+12", Plain::Int(12)),
            ("9223372036854775808", Plain::Uint(1 << 63)),
            ("-9223372036854775808", Plain::Int(i64::MIN)),
            ("123456789012345678901234567890", Plain::Float(123_456_789_012_345_678_901_234_567_890.0)),
            ("1e3", Plain::Float(1000.0)),
            ("1.", Plain::Float(1.0)),
            (".5", Plain::Float(0.5)),
            ("+.5", Plain::Float(0.5)),
            ("1_000.5", Plain::Float(1000.5)),
            (".1_0", Plain::Float(0.1)),
            (".1e1_0", Plain::Float(1e9)),
            ("0b-1", Plain::Int(-1)),
            ("0b+1", Plain::Int(1)),
        ] {
            assert_eq!(plain(text), want, "{text}");
        }
        for text in [
            "0o8",
            "1:30",
            "1.2.3",
            "1e400",
            "+",
            "-",
            ".",
            "0x",
            "--1",
            "1e",
            "2024-01-02",
            "<<",
            "=",
            "+inf",
            "NaN",
        ] {
            assert_eq!(plain(text), Plain::Str, "{text}");
        }
    }

    #[test]
    fn words_are_what_go_reads() {
        for text in ["y", "Y", "yes", "On", "TRUE"] {
            assert_eq!(plain(text), Plain::Bool(true), "{text}");
        }
        for text in ["n", "NO", "off", "False"] {
            assert_eq!(plain(text), Plain::Bool(false), "{text}");
        }
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(plain(text), Plain::Null, "{text}");
        }
        for text in ["yEs", "tRue", "nUll", "yes ", "prod"] {
            assert_eq!(plain(text), Plain::Str, "{text}");
        }
    }

    /// All short texts of the significant letters, with prefixes and suffixes.
    #[test]
    fn both_speeds_give_the_same() {
        let letters = "yYnNoOfFtTeEsSrRuUlLaAiI~.+-_019xXb:/ ,";
        let mut texts = vec![String::new()];
        let mut all = Vec::new();
        for _ in 0..3 {
            texts =
                texts.iter().flat_map(|text| letters.chars().map(move |c| format!("{text}{c}"))).collect();
            all.extend(texts.iter().cloned());
        }
        let words = [
            "true", "false", "yes", "off", "null", "Null", ".inf", "-.Inf", ".NaN", "0x1f", "0b-1", "1e400",
            "1_000",
        ];
        let around = ["", "0", "-", ".", "y", "_", "e5", " x", "abcdef"];
        for before in around {
            for word in words {
                all.extend(around.map(|behind| format!("{before}{word}{behind}")));
            }
        }
        let (mut strings, mut others) = (0, 0);
        for text in all {
            let (slow, fast) = (plain(&text), plain_in_line(text.as_bytes()));
            // NaN is not equal to itself.
            assert_eq!(format!("{slow:?}"), format!("{fast:?}"), "{text}");
            assert!(!is_surely_string(text.as_bytes()) || slow == Plain::Str, "{text}");
            if slow == Plain::Str { strings += 1 } else { others += 1 }
        }
        assert!(strings > 10_000 && others > 200, "{strings} strings, {others} others");
    }
}
