//! Durations on a command line.

use std::time::Duration;

/// Reads a duration as Go writes it: numbers with units, `0` alone without.
pub(super) fn parse(text: &str) -> Result<Duration, &'static str> {
    const WRONG: &str = "durations look like `500ms`, `5s`, `1m`, `0`";
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let (mut rest, mut total) = (text, Duration::ZERO);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or(WRONG)?;
        let number: f64 = rest[..digits].parse().map_err(|_| WRONG)?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let seconds = match &rest[..unit] {
            "ms" => 0.001,
            "s" => 1.,
            "m" => 60.,
            "h" => 3600.,
            _ => return Err(WRONG),
        };
        rest = &rest[unit..];
        let part = Duration::try_from_secs_f64(number * seconds).map_err(|_| WRONG)?;
        total = total.checked_add(part).ok_or(WRONG)?;
    }
    if text.is_empty() { Err(WRONG) } else { Ok(total) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, millis) in
            [("0", 0), ("500ms", 500), ("5s", 5000), ("1.5s", 1500), ("1m30s", 90_000), ("2h", 7_200_000)]
        {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "5", "s", "-1s", "1e3s", "5 s", "1..5s", "1d", "99999999999999999999h"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
