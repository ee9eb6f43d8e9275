//! A request target, parsed so strictly that Go's `net/url` reads every byte the same way.
//!
//! kube-apiserver decides by `URL.Path` and `URL.Query()` of Go's `net/url`, which is lenient: a pair with a raw `;` or
//! an invalid encoding is dropped and the others count, empty pairs are skipped, `%65` is `e`. A gateway before it may
//! read the target differently again. Anything ambiguous is refused here: RFC 3986 without the parts that have more
//! than one reading. `tests/proxy/vectors.jsonl` has Go's own answers.

/// A target in origin form (RFC 9112, 3.2.1), `/PATH?QUERY`, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestTarget {
    segments: Vec<String>,
    pairs: Vec<(String, String)>,
}

/// What is wrong with a target, as the end of a sentence: `its query has an empty pair`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidTarget(pub &'static str);

/// The largest number of pairs, more than any client sends. Go ignores the whole query from 10,000 pairs on.
const PAIRS: usize = 100;

impl RequestTarget {
    /// Parses a target.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(target: &[u8]) -> Result<RequestTarget, InvalidTarget> {
        let (path, query) = match target.iter().position(|byte| *byte == b'?') {
            Some(at) => (&target[..at], &target[at + 1..]),
            None => (target, [].as_slice()),
        };
        let Some(path) = path.strip_prefix(b"/") else {
            return Err(InvalidTarget("its target is not a path"));
        };
        let mut segments = Vec::new();
        let mut parts = path.split(|byte| *byte == b'/').peekable();
        while let Some(part) = parts.next() {
            // The last segment of a path that ends with a slash may be empty.
            if part.is_empty() && parts.peek().is_none() {
                segments.push(String::new());
                break;
            }
            segments.push(segment(part)?);
        }
        let mut pairs: Vec<(String, String)> = Vec::new();
        if !query.is_empty() {
            for part in query.split(|byte| *byte == b'&') {
                let (name, value) = pair(part)?;
                if pairs.iter().any(|(known, _)| known.eq_ignore_ascii_case(&name)) {
                    return Err(InvalidTarget("its query has a duplicate name"));
                }
                if pairs.len() == PAIRS {
                    return Err(InvalidTarget("its query has too many pairs"));
                }
                pairs.push((name, value));
            }
        }
        Ok(RequestTarget { segments, pairs })
    }

    /// The decoded path: Go's `URL.Path`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/{}", self.segments.join("/"))
    }

    /// The decoded segments of the path, without the empty one after a trailing slash.
    #[must_use]
    pub fn segments(&self) -> Vec<&str> {
        let mut segments: Vec<&str> = self.segments.iter().map(String::as_str).collect();
        if segments.last() == Some(&"") {
            segments.pop();
        }
        segments
    }

    /// The decoded pairs of the query, in order: Go's `URL.Query()`. Names are unique.
    #[must_use]
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// The value of a query parameter.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// True if every API server that honours dry runs sees one in the query: `dryRun=All`, once, spelled exactly so.
    #[must_use]
    pub fn is_dry_run(&self) -> bool {
        self.value("dryRun") == Some("All")
    }
}

fn segment(part: &[u8]) -> Result<String, InvalidTarget> {
    if part.is_empty() || part == b"." || part == b".." {
        return Err(InvalidTarget("its path has a segment that is empty, `.` or `..`"));
    }
    let is_plus = |byte: u8| (byte == b'+').then_some(byte);
    let text = decoded(part, |byte| plain(byte).or(is_plus(byte)));
    let text = text.ok_or(InvalidTarget("its path is not in canonical form"))?;
    // Characters that a second decoding, a Windows path or a look-alike could turn into a separator.
    let is_harmless =
        |c: char| if c.is_ascii() { !c.is_control() && !"/\\%;?#".contains(c) } else { c.is_alphanumeric() };
    if text.chars().all(is_harmless) {
        Ok(text)
    } else {
        Err(InvalidTarget("its path is not in canonical form"))
    }
}

fn pair(part: &[u8]) -> Result<(String, String), InvalidTarget> {
    if part.contains(&b';') {
        return Err(InvalidTarget("its query has a `;`"));
    }
    if part.is_empty() {
        return Err(InvalidTarget("its query has an empty pair"));
    }
    let (name, value) = match part.iter().position(|byte| *byte == b'=') {
        Some(at) => (&part[..at], &part[at + 1..]),
        None => (part, [].as_slice()),
    };
    // All names of Kubernetes match. `_method` and the like are for gateways.
    if name.is_empty() || !name.iter().all(u8::is_ascii_alphanumeric) {
        return Err(InvalidTarget("its query has a name with characters other than letters and digits"));
    }
    let name = String::from_utf8_lossy(name).into_owned();
    let odd = InvalidTarget("its query is not in canonical form");
    let value = decoded(value, |byte| match byte {
        // The plus itself is encoded as %2B.
        b'+' => Some(b' '),
        b'=' | b'/' | b'?' => Some(byte),
        byte => plain(byte),
    });
    let value = value.ok_or(odd)?;
    if value.chars().any(char::is_control) { Err(odd) } else { Ok((name, value)) }
}

/// RFC 3986's `pchar`, unencoded, without `;`, which begins a path parameter for some servers, and without `&`, `=` and
/// `+`, which are special in a query.
fn plain(byte: u8) -> Option<u8> {
    Some(byte).filter(|byte| is_unreserved(*byte) || b"!$'()*,:@".contains(byte))
}

/// Characters that never need encoding, and that no honest client encodes (RFC 3986, 2.3).
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// Percent-decodes a text once. `None` if a byte is neither plain nor encoded, if one is encoded needlessly, or if the
/// result is not UTF-8, which excludes overlong forms. The crate `percent-encoding` is more tolerant: it accepts needless
/// encodings, and leaves a `%` without two digits as it is.
fn decoded(text: &[u8], plain: impl Fn(u8) -> Option<u8>) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text);
    while let [first, tail @ ..] = rest {
        if *first != b'%' {
            bytes.push(plain(*first)?);
            rest = tail;
            continue;
        }
        let digits = tail.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
        let byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        bytes.push(Some(byte).filter(|byte| !is_unreserved(*byte))?);
        rest = &tail[2..];
    }
    String::from_utf8(bytes).ok()
}
