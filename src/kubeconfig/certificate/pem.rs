//! Decodes PEM with the rules of Go's `encoding/pem` (`Decode`), which client-go uses. Rust libraries are less
//! strict: they accept a block that begins on the line on which another one ends; Go accepts neither.
//!
//! All PEM that kcx decodes goes through this module: that of kubeconfigs, of the files they name, of credential
//! plugins and, on Linux, of the system's authorities. `secret::text` only finds PEM, in texts that may be cut off, to
//! mask it.

use crate::codec::base64;

/// A PEM block.
pub(super) struct Block<'p> {
    /// The label of the `BEGIN` line.
    pub(super) label: &'p str,
    /// True if the block has headers such as `Proc-Type: 4,ENCRYPTED` (RFC 1421).
    pub(super) headers: bool,
    pub(super) contents: Vec<u8>,
}

const START: &str = "-----BEGIN ";
const END: &[u8] = b"-----END ";

/// All blocks of a text, in order; an error for each invalid one.
pub(super) fn blocks(pem: &[u8]) -> impl Iterator<Item = Result<Block<'_>, Broken>> {
    let mut rest = Some(pem);
    std::iter::from_fn(move || {
        let begin = at_line_start(rest?, START.as_bytes());
        let Some(begin) = begin else {
            rest = None;
            return None;
        };
        let (label, behind) = line(&rest?[begin + START.len()..]);
        rest = Some(behind);
        let block = label.strip_suffix(b"-----").and_then(|label| block(label, behind));
        let Some((block, behind)) = block else { return Some(Err(Broken)) };
        rest = Some(behind);
        Some(Ok(block))
    })
}

/// A `BEGIN` line that does not start a valid block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Broken;

/// Decodes the block with this label from the text after its `BEGIN` line; also returns the rest of the text.
fn block<'p>(label: &'p [u8], text: &'p [u8]) -> Option<(Block<'p>, &'p [u8])> {
    let mut body = text;
    while let (header, next) = line(body)
        && header.contains(&b':')
    {
        body = next;
    }
    let headers = body.len() < text.len();
    let end = match body.starts_with(END) && !headers {
        true => 0,
        false => memchr::memmem::find(body, &[b"\n", END].concat())? + 1,
    };
    let trailer = body[end + END.len()..].strip_prefix(label)?.strip_prefix(b"-----")?;
    let (behind, rest) = line(trailer);
    if !behind.is_empty() {
        return None;
    }
    let letters: Vec<u8> = body[..end].iter().copied().filter(|byte| !b" \t\r\n".contains(byte)).collect();
    let contents = base64::decode(letters).ok()?;
    Some((Block { label: std::str::from_utf8(label).ok()?, headers, contents }, rest))
}

/// The offset of the first occurrence at the start of a line.
fn at_line_start(text: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::find_iter(text, what).find(|&at| at == 0 || text[at - 1] == b'\n')
}

/// The first line without trailing blanks and line end, and the rest of the text.
fn line(text: &[u8]) -> (&[u8], &[u8]) {
    let (line, rest) = match memchr::memchr(b'\n', text) {
        Some(at) => (text[..at].strip_suffix(b"\r").unwrap_or(&text[..at]), &text[at + 1..]),
        None => (text, &text[text.len()..]),
    };
    let blanks = line.iter().rev().take_while(|byte| b" \t".contains(byte)).count();
    (&line[..line.len() - blanks], rest)
}

#[cfg(test)]
mod tests {
    use super::blocks;

    #[test]
    fn blocks_are_those_of_go() {
        let read = |pem: &str| {
            let of = |block: super::Block<'_>| {
                format!("{}{} {:?}", block.label, if block.headers { "+" } else { "" }, block.contents)
            };
            blocks(pem.as_bytes()).map(|it| it.map_or("broken".to_owned(), of)).collect::<Vec<_>>().join(", ")
        };
        let good = "-----BEGIN A-----\nAQI=\n-----END A-----\n";
        for (pem, want) in [
            (good.to_owned(), "A [1, 2]"),
            (good.trim_end().to_owned(), "A [1, 2]"),
            (good.replace('\n', " \r\n"), "A [1, 2]"),
            (format!("text\n{good}text\n{good}"), "A [1, 2], A [1, 2]"),
            (format!("text{good}"), ""),
            (format!("{}{good}", good.trim_end()), "broken"),
            (good.replace("AQI=", "AQ I=\n"), "A [1, 2]"),
            (good.replace("AQI=", "a: b\nc:\n\nAQI="), "A+ [1, 2]"),
            (good.replace("AQI=", "A!I="), "broken"),
            (format!("-----BEGIN A-----\nAQI=\n{good}"), "broken, A [1, 2]"),
            (good.replace("END A", "END B"), "broken"),
            ("-----BEGIN A-----\n-----END A-----\n".to_owned(), "A []"),
            // The unused bits of the last digit are ignored.
            ("-----BEGIN A-----\nAQJ=\n-----END A-----\n".to_owned(), "A [1, 2]"),
            ("-----BEGIN A\nAQI=\n-----END A-----\n".to_owned(), "broken"),
            ("-----BEGIN A-----\nAQI=\n".to_owned(), "broken"),
            ("-----BEGIN A-----".to_owned(), "broken"),
        ] {
            assert_eq!(read(&pem), want, "{pem:?}");
        }
    }
}
