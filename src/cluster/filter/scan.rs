//! Finds where a JSON value ends, in bytes that come bit by bit. It only counts brackets and follows strings: whether the
//! value is valid is for the one who reads it.

/// A value whose end has not been seen yet.
#[derive(Debug, Default)]
pub(super) struct Scan {
    shape: Shape,
    depth: usize,
    in_text: bool,
    escaped: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Shape {
    /// No byte of it was seen.
    #[default]
    New,
    /// An object or an array.
    Nested,
    Text,
    /// A number, `true`, `false` or `null`: it ends where something else begins.
    Word,
}

impl Scan {
    /// Takes the bytes of the value that are at the beginning of `bytes`: how many these are, and whether the value ends
    /// with them. There is no space before a value.
    pub(super) fn take(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut at = 0;
        while at < bytes.len() {
            if self.in_text {
                let Some(found) = self.text(&bytes[at..]) else { return (bytes.len(), false) };
                at += found;
                if !self.in_text && self.shape == Shape::Text {
                    return (at, true);
                }
                continue;
            }
            let byte = bytes[at];
            let ends = byte.is_ascii_whitespace() || b",]}:\"[{".contains(&byte);
            if self.shape == Shape::Word && ends {
                return (at, true);
            }
            at += 1;
            match byte {
                b'"' => {
                    self.in_text = true;
                    if self.shape == Shape::New {
                        self.shape = Shape::Text;
                    }
                }
                b'{' | b'[' => {
                    self.shape = Shape::Nested;
                    self.depth += 1;
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return (at, true);
                    }
                }
                _ if self.shape == Shape::New => self.shape = Shape::Word,
                _ => {}
            }
        }
        (at, false)
    }

    /// Follows a string to where it, or one of its escapes, ends; `None` if that is not in these bytes.
    fn text(&mut self, bytes: &[u8]) -> Option<usize> {
        if self.escaped {
            self.escaped = false;
            return Some(1);
        }
        let at = memchr::memchr2(b'"', b'\\', bytes)?;
        if bytes[at] == b'"' {
            self.in_text = false;
        } else {
            self.escaped = true;
        }
        Some(at + 1)
    }
}

/// The fields of an object, in order: each key, decoded, and the bytes of its value. `None` if the bytes are not an object
/// with such fields.
pub(super) fn fields(bytes: &[u8]) -> Option<Vec<(String, &[u8])>> {
    let mut rest = bytes.trim_ascii().strip_prefix(b"{")?.trim_ascii_start();
    let mut found = Vec::new();
    if rest == b"}" {
        return Some(found);
    }
    loop {
        let (key, after) = value(rest)?;
        let key: String = serde_json::from_slice(key).ok()?;
        let (value, after) = value(after.strip_prefix(b":")?.trim_ascii_start())?;
        found.push((key, value));
        match after.split_first()? {
            (b',', after) => rest = after.trim_ascii_start(),
            (b'}', []) => return Some(found),
            _ => return None,
        }
    }
}

/// The value at the beginning, and what follows it and the space after it.
fn value(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (taken, ended) = Scan::default().take(bytes);
    (ended && taken > 0).then(|| (&bytes[..taken], bytes[taken..].trim_ascii_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_at_the_same_place_however_its_bytes_come() {
        for (text, value) in [
            (r#"{"a":"}\"","b":[1,{}]},x"#, r#"{"a":"}\"","b":[1,{}]}"#),
            (r#""a\\",1"#, r#""a\\""#),
            (r#""a\"b"]"#, r#""a\"b""#),
            ("12.5e3,", "12.5e3"),
            ("null}", "null"),
            ("true\n", "true"),
            ("[[],[]] ", "[[],[]]"),
        ] {
            for step in 1..=text.len() {
                let (mut scan, mut taken) = (Scan::default(), 0);
                let ended = text.as_bytes().chunks(step).any(|chunk| {
                    let (more, ended) = scan.take(chunk);
                    taken += more;
                    ended
                });
                assert!(ended && &text[..taken] == value, "{text} in steps of {step}: {taken}");
            }
        }
        assert_eq!(Scan::default().take(b"{\"a\":[1"), (7, false));
    }

    #[test]
    fn fields_are_found_or_the_object_is_none() {
        let text = br#" { "a" : 1 , "k\u0069nd" : {"x":"}"} , "c":[ ] } "#;
        let found = fields(text).unwrap();
        let found: Vec<_> = found.iter().map(|(key, value)| (key.as_str(), *value)).collect();
        assert_eq!(found, [("a", b"1".as_slice()), ("kind", br#"{"x":"}"}"#), ("c", b"[ ]")]);
        assert_eq!(fields(b"{}"), Some(Vec::new()));
        for wrong in [
            "",
            "[]",
            "{",
            "{\"a\"}",
            "{\"a\":1",
            "{\"a\":1,}",
            "{\"a\":1}x",
            "{a:1}",
            "{\"a\":}",
            "{\"a\":1 2}",
        ] {
            assert_eq!(fields(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
