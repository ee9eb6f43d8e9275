//! Go's syntax of booleans, numbers and durations, with Go's error messages.
//!
//! Only what kubectl's flags need.

use super::command_table::Kind;
use crate::codec::duration::parse_go;
use crate::printer::quote::go;

/// Checks the value of a flag.
///
/// # Errors
/// Go's message, such as `strconv.ParseBool: parsing "maybe": invalid syntax`.
pub fn check(kind: Kind, value: &str) -> Result<(), String> {
    match kind {
        Kind::Text | Kind::Array => Ok(()),
        Kind::Bool => parse_bool(value).map(drop),
        Kind::List => super::csv::split(value).map(drop),
        Kind::Level => parse_int32(value).map(drop),
        Kind::Duration => parse_go(value).map(drop).ok_or_else(|| "parse error".to_owned()),
        Kind::Modules => check_modules(value),
    }
}

/// Parses a boolean as Go's `strconv.ParseBool` does.
///
/// # Errors
/// Go's message, with the quoted value.
///
/// ```
/// assert_eq!(kcx::cli::config::value::parse_bool("T"), Ok(true));
/// assert!(kcx::cli::config::value::parse_bool("yes").is_err());
/// ```
pub fn parse_bool(value: &str) -> Result<bool, String> {
    match value {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(false),
        _ => Err(format!("strconv.ParseBool: parsing {}: invalid syntax", go(value))),
    }
}

/// Parses a decimal 32-bit number like Go's `strconv.ParseInt`, which stops at the first digit that overflows.
fn parse_int32(value: &str) -> Result<i64, String> {
    let fail = |why: &str| Err(format!("strconv.ParseInt: parsing {}: {why}", go(value)));
    let (negative, digits) = match value.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if digits.is_empty() {
        return fail("invalid syntax");
    }
    let mut number = 0i64;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return fail("invalid syntax");
        }
        number = number * 10 + i64::from(digit - b'0');
        if number > i64::from(u32::MAX) {
            return fail("value out of range");
        }
    }
    let number = if negative { -number } else { number };
    if i32::try_from(number).is_err() { fail("value out of range") } else { Ok(number) }
}

fn check_modules(value: &str) -> Result<(), String> {
    for pattern in value.split(',').filter(|pattern| !pattern.is_empty()) {
        let level = match pattern.split('=').collect::<Vec<_>>()[..] {
            [name, level] if !name.is_empty() => parse_int32(level).ok(),
            _ => None,
        };
        match level {
            None => return Err("syntax error: expect comma-separated list of filename=N".to_owned()),
            Some(level) if level < 0 => return Err("negative value for vmodule level".to_owned()),
            Some(_) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stop_at_the_first_digit_too_many() {
        assert_eq!(parse_int32("-2147483648"), Ok(-2_147_483_648));
        for (text, why) in [
            ("", "invalid syntax"),
            ("-", "invalid syntax"),
            ("1x", "invalid syntax"),
            ("2147483648", "value out of range"),
            ("99999999999x", "value out of range"),
        ] {
            assert_eq!(parse_int32(text), Err(format!("strconv.ParseInt: parsing {text:?}: {why}")));
        }
    }
}
