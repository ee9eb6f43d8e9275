//! What an unquoted YAML scalar means to kubectl.
//!
//! kubectl reads YAML 1.1 through go-yaml v2, where `y`, `0777` and `1_000` are no strings. These are that library's
//! rules (`resolve.go`), and the only place in kcx that knows them.

/// The meaning of a plain (unquoted, untagged) scalar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Plain {
    /// `null`, `~`, or nothing at all.
    Null,
    /// `true`, `yes`, `on`, `y`, … and their opposites.
    Bool(bool),
    /// An integer that fits `i64`.
    Int(i64),
    /// An integer that fits `u64` only.
    Uint(u64),
    /// Any other number; may be infinite or not a number.
    Float(f64),
    /// Everything else, dates and sexagesimals among them.
    Str,
}

/// Resolves a plain scalar as go-yaml v2 does.
///
/// ```
/// use kcx::kubeconfig::resolve::{Plain, plain};
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
            // Here alone Go sees the underscores itself, and wants a digit on either side.
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
    // Most that starts like a number is a certificate.
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
    // from_str_radix takes a sign of its own, Go's ParseInt takes one only in front.
    if digits.bytes().all(|b| b.is_ascii_alphanumeric())
        && let Ok(value) = u64::from_str_radix(digits, radix)
    {
        return match (negative, i64::try_from(value)) {
            (false, Ok(value)) => Plain::Int(value),
            // Go's ParseUint takes no sign at all.
            (false, Err(_)) if plain.starts_with('+') => float(&plain),
            (false, Err(_)) => Plain::Uint(value),
            (true, Ok(value)) => Plain::Int(-value),
            (true, Err(_)) if value == 1 << 63 => Plain::Int(i64::MIN),
            (true, Err(_)) => float(&plain),
        };
    }
    // go-yaml's second try at binary numbers takes a sign behind the prefix: `0b-1`.
    if let Some(signed) = plain.strip_prefix("0b").filter(|rest| rest.starts_with(['+', '-']))
        && let Ok(value) = i64::from_str_radix(signed, 2)
    {
        return Plain::Int(value);
    }
    float(&plain)
}

/// True for bytes that a number can have: digits, signs and letters of every base.
pub(super) fn in_number(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || matches!(byte, b'+' | b'-' | b'.' | b'_' | b'x' | b'X' | b'o' | b'O')
}

/// The text without its underscores, if each stands between two digits.
fn between_digits(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let fits = |at: usize| bytes[at] != b'_' || (at > 0 && digit(at - 1) && digit(at + 1));
    (0..bytes.len()).all(fits).then(|| text.replace('_', ""))
}

/// Go's base 0: the prefix tells the base; a bare leading zero means octal.
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
}
