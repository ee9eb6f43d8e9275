//! Parses the block style in which kubectl, kind, aws, gcloud and az write kubeconfigs, at memory speed.
//!
//! One grammar sends events to its sinks: an [`Index`] of a file that is not held in memory, the [`Skeleton`] of a text, or
//! the nodes of an entry. `None` means that the text needs the full parser. kubectl accepts every text that is accepted here
//! (syntax, types, base64, no duplicate names), and a YAML parser reads the same structure. Returning `None` is always
//! correct; accepting too much is not.
//!
//! The narrow style: printable ASCII, block mappings and lists, one-line scalars, plain or in quotes without
//! escapes, `{}`, `[]`, comments, LF or CRLF, and at most one leading `---`.

mod base64;
mod expect;
mod grammar;
mod lex;
mod names;
mod nodes;
mod shape;
mod skeleton;
mod stream;
#[cfg(test)]
mod tests;

use super::{Span, Style};
use crate::yaml11;

pub(super) use nodes::{Lines, nodes};
pub use skeleton::skeleton;
pub use stream::{Index, current_context, index};

/// A scalar on one line: plain, or in quotes without escapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its place, including the quotes.
    pub span: Span,
    /// `Plain`, `Single` or `Double`.
    pub style: Style,
}

impl Token {
    /// Its content, without the quotes.
    ///
    /// # Panics
    /// If the token does not belong to this text.
    #[must_use]
    pub fn text<'a>(&self, source: &'a str) -> &'a str {
        let quote = usize::from(self.style != Style::Plain);
        &source[self.span.start + quote..self.span.end - quote]
    }
}

/// The places of the parts of a kubeconfig, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skeleton {
    /// The keys of the root mapping, which are unique.
    pub top: Vec<Top>,
}

impl Skeleton {
    /// The value of a key of the root mapping.
    #[must_use]
    pub fn get(&self, source: &str, key: &str) -> Option<&TopValue> {
        self.top.iter().find(|top| top.key.of(source) == key).map(|top| &top.value)
    }

    /// The current-context, unless it is unset or empty.
    #[must_use]
    pub fn current_context<'a>(&self, source: &'a str) -> Option<&'a str> {
        let Some(TopValue::Scalar(token)) = self.get(source, "current-context") else { return None };
        let text = token.text(source);
        let null = token.style == Style::Plain && is_null(text.as_bytes());
        (!null && !text.is_empty()).then_some(text)
    }
}

/// A key of the root mapping and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Top {
    /// The key, without its colon.
    pub key: Span,
    /// The value.
    pub value: TopValue,
}

/// The value of a key of the root mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopValue {
    /// No value after the colon, which means null.
    Empty,
    /// A scalar; it may be an explicit null.
    Scalar(Token),
    /// `[]` or `{}`.
    EmptyFlow(Span),
    /// A block that was not parsed: complete lines, from its first to its last line with content, with the line end.
    Block(Span),
    /// `clusters`, `users` or `contexts` with at least one entry.
    List(Vec<Entry>),
}

/// One entry of `clusters`, `users` or `contexts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Complete lines, from the one with the dash to the last one with content, with the line end; without the comments and
    /// blank lines after it.
    pub span: Span,
    /// The offset of the dash.
    pub dash: usize,
    /// The value of its `name`.
    pub name: Token,
}

/// True if the whole text is standard base64 with padding; the unused bits of the last digit are ignored.
pub(super) fn is_base64(text: &str) -> bool {
    base64::end(text.as_bytes(), 0) == Some(text.len())
}

/// True for a plain scalar that is null; it must be known to be a string or null.
fn is_null(text: &[u8]) -> bool {
    yaml11::plain_in_line(text) == yaml11::Plain::Null
}
