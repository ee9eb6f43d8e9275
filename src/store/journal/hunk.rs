//! The changed places of a file, and how to restore them.
//!
//! A hunk has the old bytes, and only hashes of the new bytes and of the lines around them. The hashes suffice to find the
//! place again and to detect other changes, and they store no further secret.

use crate::kubeconfig::Document;
use crate::kubeconfig::patch::{Replaced, Undo};
use crate::store::line_diff::{DiffOp, line_diff};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;
use std::time::{Duration, Instant};
use twox_hash::XxHash3_128;

/// The number of lines around a hunk that must be unchanged if the file has changed since.
const CONTEXT: usize = 3;

/// The length in bytes from which a second thread is faster.
const LARGE: usize = 8 << 20;

/// The time limit of a line diff. After it, the remaining hunks are correct, but larger than necessary.
const DEADLINE: Duration = Duration::from_millis(500);

/// A hash of bytes: 128 bits of XXH3, as `xxh128sum` prints it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Hash(String);

impl Hash {
    /// Hashes the concatenation of these parts.
    #[must_use]
    pub fn of(parts: &[&[u8]]) -> Hash {
        Hash::behind(XxHash3_128::new(), parts)
    }

    /// Adds these parts to a hasher and finishes it.
    fn behind(mut hasher: XxHash3_128, parts: &[&[u8]]) -> Hash {
        parts.iter().for_each(|part| hasher.write(part));
        Hash(format!("xxh128:{:032x}", hasher.finish_128()))
    }
}

/// The hashes of a file before and after a patch. The text before the first change is hashed once. The rest of a large file
/// is hashed by two threads, because hashing takes as long as the patch itself.
#[must_use]
pub fn hashes(after: &Document, undo: &Undo) -> [Hash; 2] {
    let (whole, text) = (after.render_parts(), after.text().as_bytes());
    let now = whole.each_ref().map(AsRef::as_ref);
    let old;
    let mut head = XxHash3_128::new();
    let (was, now): (Vec<&[u8]>, Vec<&[u8]>) = match (undo.replaced(), after.encoding().prefix()) {
        (Replaced::Whole(before), _) => {
            old = before.render_parts();
            (old.iter().map(AsRef::as_ref).collect(), now.to_vec())
        }
        (Replaced::Parts(parts), Some(prefix)) => {
            let first = parts.first().map_or(text.len(), |(span, _)| span.start);
            head.write(prefix);
            head.write(&text[..first]);
            let (mut was, mut at) = (Vec::new(), first);
            for (span, old) in parts {
                was.extend([&text[at..span.start], old.as_bytes()]);
                at = span.end;
            }
            was.push(&text[at..]);
            (was, vec![&text[first..]])
        }
        (Replaced::Parts(_), None) => {
            let mut before = after.clone();
            undo.clone().undo(&mut before);
            return [Hash::of(&[&before.render()]), Hash::of(&now)];
        }
    };
    if now.iter().map(|part| part.len()).sum::<usize>() < LARGE {
        return [Hash::behind(head.clone(), &was), Hash::behind(head, &now)];
    }
    std::thread::scope(|scope| {
        let before = head.clone();
        let before = scope.spawn(|| Hash::behind(before, &was));
        let now = Hash::behind(head, &now);
        [before.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), now]
    })
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Bytes; in JSON a string if they are UTF-8, else an array of numbers.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(untagged)]
enum Bytes {
    Text(String),
    Raw(Vec<u8>),
}

impl Bytes {
    fn new(bytes: &[u8]) -> Bytes {
        match std::str::from_utf8(bytes) {
            Ok(text) => Bytes::Text(text.to_owned()),
            Err(_) => Bytes::Raw(bytes.to_vec()),
        }
    }

    fn as_slice(&self) -> &[u8] {
        match self {
            Bytes::Text(text) => text.as_bytes(),
            Bytes::Raw(bytes) => bytes,
        }
    }
}

/// One changed place of a file.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Hunk {
    /// The offset of the new bytes in the changed file.
    at: usize,
    /// The number of new bytes.
    len: usize,
    /// The hash of the new bytes.
    now: u32,
    /// The old bytes.
    was: Bytes,
    /// The hashes of the text before the new bytes: the start of their line, then the lines above, nearest first.
    above: Vec<u32>,
    /// The length of that start of the line, in bytes.
    head: usize,
    /// The hashes of the text after the new bytes: the rest of their line, then the lines below.
    below: Vec<u32>,
}

/// The hunks of a patch.
#[must_use]
pub fn of_patch(after: &Document, undo: &Undo) -> Vec<Hunk> {
    match (undo.replaced(), after.encoding().prefix()) {
        (Replaced::Parts(parts), Some(prefix)) => {
            let text = after.text().as_bytes();
            let hunk = |(now, was): (crate::kubeconfig::Span, &str)| {
                let hunk = Hunk::new(text, now.start..now.end, was.as_bytes());
                Hunk { at: hunk.at + prefix.len(), ..hunk }
            };
            parts.into_iter().map(hunk).collect()
        }
        (Replaced::Whole(before), _) => of_bytes(&before.render(), &after.render()),
        (Replaced::Parts(_), None) => {
            let mut before = after.clone();
            undo.clone().undo(&mut before);
            of_bytes(&before.render(), &after.render())
        }
    }
}

/// The hunks between two files.
#[must_use]
pub fn of_bytes(before: &[u8], after: &[u8]) -> Vec<Hunk> {
    let (old, new) = (lines(before), lines(after));
    let texts = |ranges: &[Range<usize>], bytes| -> Vec<&[u8]> {
        let bytes: &[u8] = bytes;
        ranges.iter().map(|range| &bytes[range.clone()]).collect()
    };
    let deadline = Instant::now() + DEADLINE;
    let ops = line_diff(&texts(&old, before), &texts(&new, after), Some(deadline));
    let bounds = |ranges: &[Range<usize>], of: Range<usize>, bytes: &[u8]| {
        let at = |line: usize| ranges.get(line).map_or(bytes.len(), |range| range.start);
        at(of.start)..at(of.end)
    };
    let changed = ops.iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
    changed
        .map(|op| {
            let (was, now) = (bounds(&old, op.old_range(), before), bounds(&new, op.new_range(), after));
            let (was, now) = trim(before, was, after, now);
            Hunk::new(after, now, &before[was])
        })
        .collect()
}

/// Removes common words at both ends of two ranges: a compact JSON file is a single line. Words are never split, because a
/// word may be a secret, and [`super::scrub`] must recognize it.
fn trim(before: &[u8], was: Range<usize>, after: &[u8], now: Range<usize>) -> (Range<usize>, Range<usize>) {
    let (old, new) = (&before[was.clone()], &after[now.clone()]);
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let head = old[..head].iter().rposition(is_between_words).map_or(0, |at| at + 1);
    let (old, new) = (&old[head..], &new[head..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let end = &old[old.len() - tail..];
    let tail = end.iter().position(is_between_words).map_or(0, |at| end.len() - at);
    (was.start + head..was.end - tail, now.start + head..now.end - tail)
}

/// True for bytes that delimit a value.
pub(super) fn is_between_words(byte: &u8) -> bool {
    byte.is_ascii_whitespace() || b"\"',:{}[]".contains(byte)
}

/// The lines of a text, line ends included.
fn lines(text: &[u8]) -> Vec<Range<usize>> {
    let mut start = 0;
    let mut lines: Vec<Range<usize>> = memchr::memchr_iter(b'\n', text)
        .map(|end| {
            let line = start..end + 1;
            start = end + 1;
            line
        })
        .collect();
    if start < text.len() {
        lines.push(start..text.len());
    }
    lines
}

fn hash(bytes: &[u8]) -> u32 {
    // All bits of the hash are equally good; the lowest 32 are used.
    twox_hash::XxHash3_128::oneshot(bytes) as u32
}

impl Hunk {
    fn new(after: &[u8], now: Range<usize>, was: &[u8]) -> Hunk {
        let start = memchr::memrchr(b'\n', &after[..now.start]).map_or(0, |at| at + 1);
        let mut above = vec![hash(&after[start..now.start])];
        let mut at = start;
        while at > 0 && above.len() <= CONTEXT {
            let line = memchr::memrchr(b'\n', &after[..at - 1]).map_or(0, |at| at + 1);
            above.push(hash(&after[line..at]));
            at = line;
        }
        let mut below = Vec::new();
        let mut at = now.end;
        while below.is_empty() || at < after.len() && below.len() <= CONTEXT {
            let end = memchr::memchr(b'\n', &after[at..]).map_or(after.len(), |end| at + end + 1);
            below.push(hash(&after[at..end]));
            at = end;
        }
        Hunk {
            at: now.start,
            len: now.len(),
            now: hash(&after[now.clone()]),
            was: Bytes::new(was),
            above,
            head: now.start - start,
            below,
        }
    }

    /// The old bytes.
    #[must_use]
    pub fn was(&self) -> &[u8] {
        self.was.as_slice()
    }

    /// True if the text has the new bytes at this line, surrounded by the same lines as in the changed file.
    fn fits(&self, text: &[u8], line: usize) -> bool {
        let Some(now) = line.checked_add(self.head).and_then(|at| text.get(at..at.checked_add(self.len)?))
        else {
            return false;
        };
        let there = Hunk::new(text, line + self.head..line + self.head + self.len, b"");
        hash(now) == self.now
            && there.head == self.head
            && there.above == self.above
            && there.below == self.below
    }

    /// The offset where the hunk fits; `None` if there are several or none.
    fn find(&self, text: &[u8], lines: &[Range<usize>], hashes: &[u32]) -> Option<usize> {
        let above = self.above.get(1..)?;
        // A hunk with fewer lines above was at the beginning of the file.
        let candidates = (0..=lines.len()).filter(|&line| {
            let known = above.len() == CONTEXT || above.len() == line;
            known
                && above
                    .iter()
                    .enumerate()
                    .all(|(n, want)| line.checked_sub(n + 1).and_then(|at| hashes.get(at)) == Some(want))
        });
        let starts = candidates.map(|line| lines.get(line).map_or(text.len(), |range| range.start));
        let mut places = starts.filter(|&start| self.fits(text, start));
        let only = places.next()?;
        places.next().is_none().then_some(only + self.head)
    }
}

/// The file before the change, from the changed one.
#[must_use]
pub fn reverse(after: &[u8], hunks: &[Hunk]) -> Option<Vec<u8>> {
    put(after, hunks.iter().map(|hunk| (hunk.at, hunk)))
}

/// Like [`reverse`], for a file that has changed since: each hunk must fit in exactly one place, with the lines around
/// it, and the hunks must be in their old order.
#[must_use]
pub fn reverse_moved(now: &[u8], hunks: &[Hunk]) -> Option<Vec<u8>> {
    let lines = lines(now);
    let hashes: Vec<u32> = lines.iter().map(|line| hash(&now[line.clone()])).collect();
    let places: Option<Vec<(usize, &Hunk)>> =
        hunks.iter().map(|hunk| Some((hunk.find(now, &lines, &hashes)?, hunk))).collect();
    put(now, places?.into_iter())
}

fn put<'h>(text: &[u8], hunks: impl Iterator<Item = (usize, &'h Hunk)>) -> Option<Vec<u8>> {
    let (mut out, mut done) = (Vec::with_capacity(text.len()), 0);
    for (at, hunk) in hunks {
        out.extend_from_slice(text.get(done..at)?);
        out.extend_from_slice(hunk.was());
        done = at.checked_add(hunk.len)?;
    }
    out.extend_from_slice(text.get(done..)?);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "a: 1\nb: 2\nc: 3\nd: 4\ne: 5\nf: 6\ng: 7\n";

    fn change(from: &str, to: &str) -> (String, Vec<Hunk>) {
        let after = BEFORE.replace(from, to);
        let hunks = of_bytes(BEFORE.as_bytes(), after.as_bytes());
        (after, hunks)
    }

    #[test]
    fn what_was_changed_is_changed_back() {
        for (from, to) in
            [("d: 4", "d: five"), ("d: 4\n", ""), ("d: 4\n", "d: 4\nx: 9\n"), ("a: 1\n", ""), ("7\n", "")]
        {
            let (after, hunks) = change(from, to);
            assert_eq!(reverse(after.as_bytes(), &hunks).as_deref(), Some(BEFORE.as_bytes()), "{from:?}");
            let kept = serde_json::to_string(&hunks).unwrap();
            assert_eq!(serde_json::from_str::<Vec<Hunk>>(&kept).unwrap(), hunks);
        }
        let hunks = of_bytes(b"\xff\xfea", b"b");
        assert_eq!(reverse(b"b", &hunks).as_deref(), Some(b"\xff\xfea".as_slice()));
    }

    #[test]
    fn a_hunk_holds_no_more_of_the_old_text_than_it_must() {
        let (_, hunks) = change("d: 4", "d: five");
        assert_eq!(hunks[0].was(), b"4");
    }

    #[test]
    fn a_place_that_moved_is_found_by_the_lines_around_it() {
        let (after, hunks) = change("d: 4", "d: five");
        let moved = format!("new: above\nand: more\n{after}below: too\n");
        let want = moved.replace("five", "4");
        assert_eq!(reverse_moved(moved.as_bytes(), &hunks).as_deref(), Some(want.as_bytes()));
    }

    #[test]
    fn a_line_that_went_is_put_back_between_its_neighbours() {
        let (after, hunks) = change("d: 4\n", "");
        let moved = format!("new: above\n{after}");
        let want = format!("new: above\n{BEFORE}");
        assert_eq!(reverse_moved(moved.as_bytes(), &hunks).as_deref(), Some(want.as_bytes()));
    }

    #[test]
    fn where_the_lines_around_have_changed_nothing_fits() {
        let (after, hunks) = change("d: 4", "d: five");
        for near in [("c: 3", "c: 4"), ("f: 6", "f: 7"), ("five", "six"), ("d: five", "  d: five")] {
            let moved = after.replace(near.0, near.1);
            assert_eq!(reverse_moved(moved.as_bytes(), &hunks), None, "{near:?}");
        }
    }

    #[test]
    fn what_fits_twice_fits_nowhere() {
        let (after, hunks) = change("d: 4", "d: five");
        let twice = after.repeat(2);
        assert_eq!(reverse_moved(twice.as_bytes(), &hunks), None);
    }

    #[test]
    fn a_hunk_at_an_end_of_the_file_fits_there_alone() {
        let (after, hunks) = change("a: 1", "a: one");
        assert!(reverse_moved(after.as_bytes(), &hunks).is_some());
        assert_eq!(reverse_moved(format!("0: 0\n{after}").as_bytes(), &hunks), None);
        let (after, hunks) = change("g: 7", "g: seven");
        assert!(reverse_moved(after.as_bytes(), &hunks).is_some());
        assert_eq!(reverse_moved(format!("{after}h: 8\n").as_bytes(), &hunks), None);
    }
}
