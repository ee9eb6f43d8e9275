//! Formats a scalar with a verb of `printf`, with width, precision and flags.

use super::value::Data;
use crate::printer::{golang, unicode};

/// The flags, width and precision of a verb.
#[derive(Clone, Debug, Default)]
pub(super) struct Flags {
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
    pub(super) minus: bool,
    pub(super) plus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    /// `%#v`.
    pub(super) go_syntax: bool,
}

/// Formatted text, and the flags of the current verb.
#[derive(Debug, Default)]
pub(super) struct Writer {
    pub(super) out: Vec<u8>,
    pub(super) flags: Flags,
}

impl Writer {
    /// Formats a scalar; false if the verb is not valid for its type.
    pub(super) fn scalar(&mut self, data: &Data<'_>, verb: char) -> bool {
        match data {
            Data::Bool(flag) if matches!(verb, 't' | 'v') => self.pad(flag.to_string().as_bytes()),
            Data::Int(int) | Data::Int64(int) => return self.integer(*int < 0, int.unsigned_abs(), verb),
            Data::Byte(byte) if verb == 'v' && self.flags.go_syntax => {
                let sharp = std::mem::replace(&mut self.flags.sharp, true);
                self.radix(false, u64::from(*byte), 'x');
                self.flags.sharp = sharp;
            }
            Data::Byte(byte) => return self.integer(false, u64::from(*byte), verb),
            Data::Float(float) => return self.float(*float, verb),
            Data::Complex(real, imaginary) => return self.complex(*real, *imaginary, verb),
            Data::Text(text) => match verb {
                'v' if self.flags.go_syntax => self.quoted(text),
                'v' | 's' => self.text(text),
                'x' | 'X' => self.hexadecimal(text, verb == 'X'),
                'q' => self.quoted(text),
                _ => return false,
            },
            _ => return false,
        }
        true
    }

    /// Appends a text, truncated to the precision.
    pub(super) fn text(&mut self, text: &[u8]) {
        let cut = self.truncated(text);
        self.pad(&text[..cut]);
    }

    /// Appends a text, padded to the width.
    pub(super) fn pad(&mut self, text: &[u8]) {
        let missing = self.flags.width.unwrap_or(0).saturating_sub(characters(text));
        if self.flags.minus {
            self.out.extend_from_slice(text);
            self.padding(missing);
        } else {
            self.padding(missing);
            self.out.extend_from_slice(text);
        }
    }

    fn padding(&mut self, count: usize) {
        // Zeros are added only on the left.
        let byte = if self.flags.zero && !self.flags.minus { b'0' } else { b' ' };
        self.out.extend(std::iter::repeat_n(byte, count));
    }

    fn pad_with_blanks(&mut self, text: &[u8]) {
        let zero = std::mem::take(&mut self.flags.zero);
        self.pad(text);
        self.flags.zero = zero;
    }

    /// Returns the length of the text truncated to the precision.
    fn truncated(&self, text: &[u8]) -> usize {
        let Some(precision) = self.flags.precision else { return text.len() };
        let mut end = 0;
        let mut count = 0;
        for chunk in text.utf8_chunks() {
            let lengths = chunk.valid().chars().map(char::len_utf8).chain(chunk.invalid().iter().map(|_| 1));
            for length in lengths {
                if count == precision {
                    return end;
                }
                count += 1;
                end += length;
            }
        }
        end
    }

    fn quoted(&mut self, text: &[u8]) {
        let text = &text[..self.truncated(text)];
        let raw = std::str::from_utf8(text).is_ok_and(|text| {
            !text.contains(|c: char| (c != '\t' && c.is_ascii_control()) || matches!(c, '`' | '\u{feff}'))
        });
        if self.flags.sharp && raw {
            self.pad(&[b"`", text, b"`"].concat());
        } else {
            self.pad(golang::quote(text, self.flags.plus).as_bytes());
        }
    }

    fn hexadecimal(&mut self, text: &[u8], upper: bool) {
        let text = &text[..self.flags.precision.unwrap_or(usize::MAX).min(text.len())];
        let prefix = match (self.flags.sharp, upper) {
            (false, _) => "",
            (true, false) => "0x",
            (true, true) => "0X",
        };
        let digits: Vec<String> = text
            .iter()
            .map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") })
            .collect();
        let encoded = match self.flags.space {
            _ if text.is_empty() => String::new(),
            true => digits.iter().map(|digits| format!("{prefix}{digits}")).collect::<Vec<_>>().join(" "),
            false => format!("{prefix}{}", digits.concat()),
        };
        self.pad(encoded.as_bytes());
    }

    fn integer(&mut self, negative: bool, magnitude: u64, verb: char) -> bool {
        let character = || {
            let code = if negative { 0xfffd } else { u32::try_from(magnitude).unwrap_or(0xfffd) };
            char::from_u32(code).unwrap_or('\u{fffd}')
        };
        match verb {
            'v' | 'd' | 'b' | 'o' | 'O' | 'x' | 'X' => self.radix(negative, magnitude, verb),
            'c' => self.pad(character().encode_utf8(&mut [0; 4]).as_bytes()),
            'q' => self.pad(golang::quote_char(character(), self.flags.plus).as_bytes()),
            'U' => {
                let code = if negative { magnitude.wrapping_neg() } else { magnitude };
                let digits = self.flags.precision.unwrap_or(0).max(4);
                let mut text = format!("U+{code:0digits$X}");
                let shown = u32::try_from(code).ok().and_then(char::from_u32);
                if let Some(c) = shown.filter(|&c| self.flags.sharp && unicode::is_print(c)) {
                    text.push_str(&format!(" '{c}'"));
                }
                self.pad_with_blanks(text.as_bytes());
            }
            _ => return false,
        }
        true
    }

    fn radix(&mut self, negative: bool, magnitude: u64, verb: char) {
        if self.flags.precision == Some(0) && magnitude == 0 {
            // Zero with precision 0 has no digits; only the width applies.
            return self.pad_with_blanks(b"");
        }
        let mut digits = match verb {
            'b' => format!("{magnitude:b}"),
            'o' | 'O' => format!("{magnitude:o}"),
            'x' => format!("{magnitude:x}"),
            'X' => format!("{magnitude:X}"),
            _ => magnitude.to_string(),
        };
        let sign = match (negative, self.flags.plus, self.flags.space) {
            (true, ..) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            _ => "",
        };
        let wanted = match (self.flags.precision, self.flags.width) {
            (Some(precision), _) => precision,
            (None, Some(width)) if self.flags.zero && !self.flags.minus => width.saturating_sub(sign.len()),
            _ => 0,
        };
        digits.insert_str(0, &"0".repeat(wanted.saturating_sub(digits.len())));
        let prefix = match verb {
            'b' if self.flags.sharp => "0b",
            'o' if self.flags.sharp && !digits.starts_with('0') => "0",
            'O' if self.flags.sharp && !digits.starts_with('0') => "0o0",
            'O' => "0o",
            'x' if self.flags.sharp => "0x",
            'X' if self.flags.sharp => "0X",
            _ => "",
        };
        self.pad_with_blanks(format!("{sign}{prefix}{digits}").as_bytes());
    }

    fn float(&mut self, value: f64, verb: char) -> bool {
        let precision = self.flags.precision;
        let text = match verb {
            'v' | 'g' => golang::float(value, 'g', precision),
            'G' => golang::float(value, 'g', precision).replace('e', "E"),
            'e' => golang::float(value, 'e', precision.or(Some(6))),
            'E' => golang::float(value, 'e', precision.or(Some(6))).replace('e', "E"),
            'f' | 'F' => golang::float(value, 'f', precision.or(Some(6))),
            'b' => binary(value),
            'x' => hexadecimal_float(value),
            'X' => hexadecimal_float(value).to_ascii_uppercase(),
            _ => return false,
        };
        let (sign, digits) = match text.strip_prefix(['+', '-']) {
            Some(digits) => (&text[..1], digits),
            None => ("+", text.as_str()),
        };
        let sign = match (sign, self.flags.plus, self.flags.space) {
            ("-", ..) => "-",
            (_, true, _) => "+",
            (_, false, true) => " ",
            _ => "",
        };
        if !value.is_finite() {
            // Go prints the sign of an infinity, and no sign for NaN.
            let sign = if value.is_infinite() && sign.is_empty() { "+" } else { sign };
            self.pad_with_blanks(format!("{sign}{digits}").as_bytes());
            return true;
        }
        let digits = if self.flags.sharp && verb != 'b' {
            with_point(digits, verb, precision)
        } else {
            digits.to_owned()
        };
        let width = self.flags.width.unwrap_or(0);
        if !sign.is_empty() && self.flags.zero && !self.flags.minus && width > sign.len() + digits.len() {
            self.out.extend_from_slice(sign.as_bytes());
            self.padding(width - sign.len() - digits.len());
            self.out.extend_from_slice(digits.as_bytes());
        } else {
            self.pad(format!("{sign}{digits}").as_bytes());
        }
        true
    }

    fn complex(&mut self, real: f64, imaginary: f64, verb: char) -> bool {
        if !matches!(verb, 'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E') {
            return false;
        }
        let plus = self.flags.plus;
        self.out.push(b'(');
        self.float(real, verb);
        self.flags.plus = true;
        self.float(imaginary, verb);
        self.flags.plus = plus;
        self.out.extend_from_slice(b"i)");
        true
    }
}

/// The number of characters as Go counts them: each byte that is not valid UTF-8 is one.
fn characters(text: &[u8]) -> usize {
    text.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum()
}

/// The `#` flag of floats: always a decimal point, and with `%g` all digits of the precision.
fn with_point(digits: &str, verb: char, precision: Option<usize>) -> String {
    let split = digits.find(['e', 'E', 'p', 'P']).unwrap_or(digits.len());
    let (mantissa, exponent) = digits.split_at(split);
    let mut mantissa = mantissa.to_owned();
    let has_point = mantissa.contains('.');
    let mut missing = if matches!(verb, 'v' | 'g' | 'G') { precision.unwrap_or(6) } else { 0 };
    let significant = mantissa.trim_start_matches(['0', '.']).bytes().filter(|&byte| byte != b'.').count();
    missing = missing.saturating_sub(significant);
    if !has_point {
        if mantissa == "0" {
            missing = missing.saturating_sub(1);
        }
        mantissa.push('.');
    }
    format!("{mantissa}{}{exponent}", "0".repeat(missing))
}

/// `%b`: the mantissa as an integer, with a power of two.
fn binary(value: f64) -> String {
    let (sign, mantissa, exponent) = parts(value);
    format!("{sign}{mantissa}p{exponent:+}")
}

/// `%x`: the mantissa in hexadecimal, with the fewest digits.
fn hexadecimal_float(value: f64) -> String {
    let (sign, mantissa, exponent) = parts(value);
    if mantissa == 0 {
        return format!("{sign}0x0p+00");
    }
    let shift = mantissa.leading_zeros() - 11;
    let exponent = exponent + 52 - i64::from(shift);
    let fraction = format!("{:013x}", (mantissa << shift) & ((1 << 52) - 1));
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    let direction = if exponent < 0 { '-' } else { '+' };
    format!("{sign}0x1{point}{fraction}p{direction}{:02}", exponent.abs())
}

/// Splits a float into sign, mantissa and binary exponent.
fn parts(value: f64) -> (&'static str, u64, i64) {
    let bits = value.to_bits();
    let exponent = i64::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
    let fraction = bits & ((1 << 52) - 1);
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if exponent == 0 { (sign, fraction, -1074) } else { (sign, fraction | (1 << 52), exponent - 1075) }
}
