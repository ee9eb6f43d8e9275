//! Where a thing stands in a text.

/// A range of bytes in one kubeconfig's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The bytes from `start` up to `end`.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Span {
        Span { start, end }
    }

    /// The text it covers.
    ///
    /// # Panics
    /// If the span does not belong to this text.
    #[must_use]
    pub fn of(self, text: &str) -> &str {
        &text[self.start..self.end]
    }

    /// The number of bytes.
    #[must_use]
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// True if it covers nothing.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// How a scalar is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// What ends a line in YAML 1.1: the last three are letters in YAML 1.2.
pub(crate) const LINE_ENDS: [char; 5] = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// True for what separates without a meaning of its own.
pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t') || LINE_ENDS.contains(&c)
}

/// The length of the blanks, line ends and comments at the start of a text.
pub(super) fn blank(text: &str) -> usize {
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start_matches(is_blank).len();
        if !text[at..].starts_with('#') {
            return at;
        }
        at += text[at..].find(LINE_ENDS).unwrap_or(text.len() - at);
    }
}
