//! Parses number literals as Go: as every type that can represent the value.

use super::lex::Kind;
use crate::printer::golang::{self, Unquoted};

/// A number literal.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Number {
    /// The literal itself.
    pub(super) text: String,
    pub(super) value: Constant,
}

/// The default type of a literal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Constant {
    Int(i64),
    Float(f64),
    Complex(f64, f64),
    /// An integer that fits only an unsigned type, which templates do not have.
    TooLarge,
}

impl Number {
    /// Parses a literal that the lexer has classified as a number.
    pub(super) fn parse(text: &str, kind: Kind) -> Result<Self, String> {
        let value = match kind {
            Kind::CharConstant => Constant::Int(character(text)?),
            Kind::Complex => complex(text).ok_or("expected complex")?,
            _ => match text.strip_suffix('i').and_then(float) {
                Some(imaginary) => Constant::Complex(0.0, imaginary),
                None => real(text)?,
            },
        };
        Ok(Self { text: text.to_owned(), value })
    }
}

fn character(text: &str) -> Result<i64, String> {
    let (c, tail) = golang::unquote_char(&text[1..], '\'').ok_or("invalid syntax")?;
    if tail != "'" {
        return Err(format!("malformed character constant: {text}"));
    }
    Ok(match c {
        Unquoted::Byte(byte) => byte.into(),
        Unquoted::Char(c) => u32::from(c).into(),
    })
}

fn complex(text: &str) -> Option<Constant> {
    let body = text.strip_suffix('i')?;
    let middle = body
        .char_indices()
        .skip(1)
        .filter(|&(index, c)| matches!(c, '+' | '-') && !body[..index].ends_with(['e', 'E', 'p', 'P']));
    let (split, _) = middle.last()?;
    Some(Constant::Complex(float(&body[..split])?, float(&body[split..])?))
}

fn real(text: &str) -> Result<Constant, String> {
    let quoted = || golang::quote(text.as_bytes(), false);
    let looks_like_float = text.contains(['.', 'e', 'E', 'p', 'P']);
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if let Some(magnitude) = integer(unsigned) {
        let signed = if text.starts_with('-') { -i128::from(magnitude) } else { i128::from(magnitude) };
        match i64::try_from(signed) {
            // A signed hexadecimal integer that contains an `e` is read as a float.
            #[expect(clippy::cast_precision_loss, reason = "as Go converts it")]
            Ok(int) if looks_like_float && unsigned.len() < text.len() => {
                return Ok(Constant::Float(int as f64));
            }
            Ok(int) => return Ok(Constant::Int(int)),
            Err(_) if unsigned.len() == text.len() => return Ok(Constant::TooLarge),
            Err(_) => {}
        }
    }
    match float(text) {
        Some(_) if !looks_like_float => Err(format!("integer overflow: {}", quoted())),
        Some(float) => Ok(Constant::Float(float)),
        None => Err(format!("illegal number syntax: {}", quoted())),
    }
}

/// Parses an unsigned integer as `strconv.ParseUint` with base 0.
fn integer(text: &str) -> Option<u64> {
    let digits = without_underscores(text)?;
    let (radix, digits) = match digits.get(..2) {
        Some("0x") => (16, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        Some(_) if digits.starts_with('0') => (8, &digits[1..]),
        _ => (10, digits.as_str()),
    };
    // Rust's parser would accept a sign.
    if digits.starts_with(['+', '-']) { None } else { u64::from_str_radix(digits, radix).ok() }
}

/// Parses a float as `strconv.ParseFloat`.
fn float(text: &str) -> Option<f64> {
    let negative = text.starts_with('-');
    let digits = without_underscores(text.strip_prefix(['+', '-']).unwrap_or(text))?;
    let value = match digits.strip_prefix("0x") {
        Some(hex) => hexadecimal(hex)?,
        None if digits.starts_with(|c: char| c == '.' || c.is_ascii_digit()) => digits.parse().ok()?,
        None => return None,
    };
    value.is_finite().then_some(if negative { -value } else { value })
}

/// Parses a hexadecimal float without its `0x`, such as `1.8p3`.
fn hexadecimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once('p')?;
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value = 0.0;
    for digit in whole.chars().chain(fraction.chars()) {
        value = value * 16.0 + f64::from(digit.to_digit(16)?);
    }
    let places = i32::try_from(fraction.len()).ok()?.checked_mul(4)?;
    Some(value * 2f64.powi(exponent.checked_sub(places)?))
}

/// Converts to lower case and removes underscores, which are valid only between digits and after a base prefix.
fn without_underscores(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let prefixed = lower.starts_with("0x") || lower.starts_with("0o") || lower.starts_with("0b");
    let is_digit = |c: char| c.is_ascii_digit() || (lower.starts_with("0x") && c.is_ascii_hexdigit());
    let body = if prefixed { &lower[2..] } else { &lower };
    let mut before = if prefixed { '0' } else { '!' };
    for c in body.chars() {
        if (c == '_' && !is_digit(before)) || (before == '_' && !is_digit(c)) {
            return None;
        }
        before = c;
    }
    (before != '_').then(|| lower.replace('_', ""))
}
