//! Renders floating-point numbers as Go's `strconv.FormatFloat`.
//!
//! Rust finds the same shortest digits as Go; only the choice of the form and the format of the exponent differ.

/// Formats `value` with the verb `e`, `f` or `g`; without a precision, with the fewest digits that round-trip.
pub(in crate::printer) fn float(value: f64, verb: char, precision: Option<usize>) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    match (verb, precision) {
        ('e', None) => exponent_form(&format!("{value:e}")),
        ('e', Some(places)) => exponent_form(&format!("{value:.places$e}")),
        ('f', None) => format!("{value}"),
        ('f', Some(places)) => format!("{value:.places$}"),
        _ => general(value, precision),
    }
}

/// The verb `%g`: without an exponent for medium values, otherwise with one; no trailing zeros.
fn general(value: f64, precision: Option<usize>) -> String {
    let scientific = match precision {
        None => format!("{value:e}"),
        Some(digits) => format!("{value:.*e}", digits.max(1) - 1),
    };
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let mantissa = match mantissa.contains('.') {
        true => mantissa.trim_end_matches('0').trim_end_matches('.'),
        false => mantissa,
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let digits_i32 = i32::try_from(digits).unwrap_or(i32::MAX);
    let threshold = match precision {
        None => 6,
        Some(wanted) => {
            let wanted = i32::try_from(wanted.max(1)).unwrap_or(i32::MAX);
            if wanted > digits_i32 && digits_i32 > exponent { digits_i32 } else { wanted }
        }
    };
    if exponent < -4 || exponent >= threshold {
        return exponent_form(&format!("{mantissa}e{exponent}"));
    }
    let places = usize::try_from(digits_i32 - 1 - exponent).unwrap_or(0);
    match precision {
        None => format!("{value}"),
        Some(_) => format!("{value:.places$}"),
    }
}

/// Rewrites Rust's `1.5e2` as Go's `1.5e+02`.
fn exponent_form(text: &str) -> String {
    let Some((mantissa, exponent)) = text.split_once('e') else { return text.to_owned() };
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}e{sign}{digits:0>2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_formatted_as_in_go() {
        for (value, verb, precision, expected) in [
            (12_345_678_901.0, 'g', None, "1.2345678901e+10"),
            (1e6, 'g', None, "1e+06"),
            (123_456.0, 'g', None, "123456"),
            (0.0001, 'g', None, "0.0001"),
            (0.00001, 'g', None, "1e-05"),
            (-0.0, 'g', None, "-0"),
            (1.0, 'g', Some(3), "1"),
            (1234.5678, 'g', Some(3), "1.23e+03"),
            (100_000.0, 'g', Some(10), "100000"),
            (0.5, 'f', Some(0), "0"),
            (1.5, 'f', Some(3), "1.500"),
            (1.5, 'e', Some(6), "1.500000e+00"),
            (1e300, 'e', None, "1e+300"),
        ] {
            assert_eq!(float(value, verb, precision), expected, "{value} %{verb} {precision:?}");
        }
    }
}
