//! Renders floating-point numbers of JSON values as Go's `strconv.FormatFloat` with the fewest digits that round-trip.
//!
//! The digits are those of serde_json: of two equally short representations it chooses the same as Go; std does not.

use serde_json::Number;

/// The format of `encoding/json`: an exponent below 1e-6 and from 1e21.
pub(super) fn json(number: &Number) -> String {
    let decimal = Decimal::of(number);
    if (-6..21).contains(&decimal.exponent) { decimal.fixed() } else { decimal.scientific(1) }
}

/// The format of go-yaml (`'g'`): an exponent below 1e-4 and from 1e6, with at least two digits.
pub(super) fn yaml(number: &Number) -> String {
    let decimal = Decimal::of(number);
    if (-4..6).contains(&decimal.exponent) { decimal.fixed() } else { decimal.scientific(2) }
}

/// `d.ddd × 10^exponent`, without leading and trailing zeros.
struct Decimal {
    sign: &'static str,
    digits: String,
    exponent: i32,
}

impl Decimal {
    fn of(number: &Number) -> Decimal {
        let text = number.to_string();
        let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        let digits = all.trim_start_matches('0');
        let zeros = all.len() - digits.len();
        let exponent = exponent.parse().unwrap_or(0) + whole.len() as i32 - 1 - zeros as i32;
        match digits.trim_end_matches('0') {
            "" => Decimal { sign, digits: "0".to_string(), exponent: 0 },
            digits => Decimal { sign, digits: digits.to_string(), exponent },
        }
    }

    fn fixed(&self) -> String {
        let Decimal { sign, digits, exponent } = self;
        match usize::try_from(*exponent) {
            Ok(before) if before + 1 >= digits.len() => format!("{sign}{digits:0<0$}", before + 1),
            Ok(before) => format!("{sign}{}.{}", &digits[..=before], &digits[before + 1..]),
            Err(_) => format!("{sign}0.{digits:0>0$}", digits.len() + exponent.unsigned_abs() as usize - 1),
        }
    }

    fn scientific(&self, width: usize) -> String {
        let (first, rest) = self.digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let sign = if self.exponent < 0 { '-' } else { '+' };
        format!("{}{first}{point}{rest}e{sign}{:0width$}", self.sign, self.exponent.unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_formatted_as_in_go() {
        for (float, in_json, in_yaml) in [
            (0.0, "0", "0"),
            (-0.0, "-0", "-0"),
            (1.0, "1", "1"),
            (2.5, "2.5", "2.5"),
            (-123_456.7, "-123456.7", "-123456.7"),
            (1_234_567.5, "1234567.5", "1.2345675e+06"),
            (5_466_815_481_530_146.0 / 8.0, "683351935191268.2", "6.833519351912682e+14"),
            (1e20, "100000000000000000000", "1e+20"),
            (1e21, "1e+21", "1e+21"),
            (1.5e300, "1.5e+300", "1.5e+300"),
            (0.0001, "0.0001", "0.0001"),
            (0.000_012, "0.000012", "1.2e-05"),
            (1e-7, "1e-7", "1e-07"),
            (5e-324, "5e-324", "5e-324"),
        ] {
            let Some(number) = Number::from_f64(float) else { unreachable!() };
            assert_eq!(json(&number), in_json);
            assert_eq!(yaml(&number), in_yaml);
        }
    }
}
