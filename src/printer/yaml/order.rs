//! The natural order of mapping keys in go-yaml v2 (`sorter.go`): letters after all other characters, and runs of
//! digits by their value, so that `a2` comes before `a10`.

use serde_json::{Map, Value};

use crate::printer::unicode::is_letter;

/// The entries of a mapping in natural order.
pub(super) fn natural(map: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut sorted: Vec<(Vec<char>, (&String, &Value))> = Vec::with_capacity(map.len());
    for entry in map {
        let key: Vec<char> = entry.0.chars().collect();
        // This is not a total order; kubectl's output for `0x1f`, `1-7` and `017` changes from run to run. The standard
        // sorts may panic for such an order, insertion does not.
        let at = sorted.partition_point(|(other, _)| less(other, &key));
        sorted.insert(at, (key, entry));
    }
    sorted.into_iter().map(|(_, entry)| entry).collect()
}

fn less(a: &[char], b: &[char]) -> bool {
    let Some(at) = a.iter().zip(b).position(|(a, b)| a != b) else { return a.len() < b.len() };
    match (is_letter(a[at]), is_letter(b[at])) {
        (true, true) => return a[at] < b[at],
        (false, false) => {}
        (_, b_is_letter) => return b_is_letter,
    }
    // After a nonzero digit, as in `10` and `1-`, a zero is not a leading zero.
    let zero = a[at] == '0' || b[at] == '0';
    let mut digits = a[..at].iter().rev().take_while(|c| c.is_ascii_digit());
    let start = i64::from(zero && digits.any(|&c| c != '0'));
    let (a_number, a_len) = run(start, &a[at..]);
    let (b_number, b_len) = run(start, &b[at..]);
    (a_number, a_len, a[at]) < (b_number, b_len, b[at])
}

/// The value of the leading digits, with Go's overflow, and their number.
fn run(start: i64, chars: &[char]) -> (i64, usize) {
    let digits = chars.iter().map_while(|c| c.to_digit(10));
    digits.fold((start, 0), |(number, len), digit| {
        (number.wrapping_mul(10).wrapping_add(digit.into()), len + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_order_of_go_yaml() {
        let want =
            ["-x", "_x", "9", "10", "A", "B", "a-1", "a1", "a01", "a2", "a10", "b", "x-y", "x.y", "xy", "é"];
        let map: Map<String, Value> =
            want.iter().rev().map(|key| ((*key).to_string(), Value::Null)).collect();
        let got: Vec<&str> = natural(&map).into_iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(got, want);
    }
}
