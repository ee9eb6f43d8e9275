//! Natural order of names with numbers: `node2` before `node10`.

use std::cmp::Ordering;

/// Compares runs of digits as numbers and everything else as text. The order is total: equal numbers are compared as text.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let chunks = || chunks(a).zip(chunks(b));
    let differs = chunks().map(|(a, b)| chunk(a, b)).find(|order| order.is_ne());
    differs.unwrap_or_else(|| a.len().cmp(&b.len())).then_with(|| a.cmp(b))
}

/// Splits a text into runs of digits and the text between them.
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let digits = rest.starts_with(|c: char| c.is_ascii_digit());
        let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
        let (chunk, behind) = rest.split_at(end);
        rest = behind;
        (!chunk.is_empty()).then_some(chunk)
    })
}

fn chunk(a: &str, b: &str) -> Ordering {
    let number = |text: &str| text.trim_start_matches('0').to_owned();
    let digits = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    if digits(a) && digits(b) {
        let (a, b) = (number(a), number(b));
        return a.len().cmp(&b.len()).then_with(|| a.cmp(&b));
    }
    a.cmp(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        let mut names =
            ["node10", "node2", "node", "a", "node02x", "Node1", "10", "9", "node99999999999999999999", "é"];
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(
            names,
            ["9", "10", "Node1", "a", "node", "node2", "node02x", "node10", "node99999999999999999999", "é"]
        );
    }
}
