//! Byte ranges of a text.

use crate::yaml11::LINE_ENDS;

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

    /// True if it is empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// The largest depth of collections. kubectl allows 10,000 levels; real kubeconfigs have less than twenty.
pub(super) const DEPTH: usize = 100;

/// The style of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Plain: without quotes.
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

/// True for blanks and line ends.
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
