//! Errors of reading a kubeconfig, with their place in the text. They contain no values of the file, because these
//! may be secrets; excerpts are masked.

mod mask;

pub(super) use mask::mask;

use super::schema::Kind;
use super::span::Span;
use crate::printer::quote;
use std::fmt;

/// A position in a text: line and column, both from 1; columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl Position {
    /// The position of a byte.
    #[must_use]
    pub fn of(text: &str, byte: usize) -> Position {
        let byte = text.floor_char_boundary(byte.min(text.len()));
        let before = &text[..byte];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        Position {
            line: memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1,
            column: before[start..].chars().count() + 1,
        }
    }
}

/// The offsets of the line ends of a text, to find the positions of many bytes.
#[derive(Clone, Debug)]
pub struct LineIndex(Vec<usize>);

impl LineIndex {
    /// Indexes this text.
    #[must_use]
    pub fn of(text: &str) -> LineIndex {
        LineIndex(memchr::memchr_iter(b'\n', text.as_bytes()).collect())
    }

    /// The line of a byte, counted from 1.
    ///
    /// ```
    /// use kcx::kubeconfig::error::LineIndex;
    /// let lines = LineIndex::of("a\nbc\n");
    /// assert_eq!([0, 1, 2, 5].map(|byte| lines.line(byte)), [1, 1, 2, 3]);
    /// ```
    #[must_use]
    pub fn line(&self, byte: usize) -> usize {
        self.0.partition_point(|end| *end < byte) + 1
    }

    /// The position of a byte; equals [`Position::of`].
    #[must_use]
    pub fn position(&self, text: &str, byte: usize) -> Position {
        let byte = text.floor_char_boundary(byte.min(text.len()));
        let line = self.line(byte);
        Position { line, column: text[self.start(line)..byte].chars().count() + 1 }
    }

    /// The offset of the start of a line.
    fn start(&self, line: usize) -> usize {
        line.checked_sub(2).and_then(|before| self.0.get(before)).map_or(0, |end| end + 1)
    }
}

/// An error in a kubeconfig. kubectl refuses the same files; its own messages would contain secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// What is wrong.
    pub problem: Problem,
    /// The place, if there is a single one.
    pub place: Option<Place>,
}

/// A place in a text, with a masked excerpt of its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The span of the place.
    pub span: Span,
    /// The position of its start.
    pub position: Position,
    /// The line, cut to a readable length; values that may be secret are masked.
    pub excerpt: String,
    /// The column of the caret in the excerpt, in characters from 0.
    pub caret: usize,
    /// The number of characters to mark, at least 1.
    pub width: usize,
}

/// What is wrong with a kubeconfig.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The bytes are not valid in this encoding.
    Encoding(&'static str),
    /// A raw control character.
    Control(char),
    /// A YAML syntax error, in the words of the parser, which contain no text of the file.
    Syntax(String),
    /// Two YAML parsers read different content.
    Ambiguous,
    /// A `%YAML` directive with another version than 1.1.
    Version,
    /// Collections are nested deeper than the limit.
    Depth,
    /// Aliases expand to more nodes than the limit.
    Aliases,
    /// An alias inside the node of its own anchor.
    Cycle,
    /// The value of a merge key `<<` is not a mapping or a list of mappings.
    Merge,
    /// A key of this type, which cannot be converted to a string.
    Key(&'static str),
    /// A number that JSON cannot represent.
    NotFinite,
    /// A value that does not fit its tag.
    Tag(String),
    /// The document is not a mapping.
    NotMapping {
        /// What it is: `a string`.
        found: &'static str,
    },
    /// A plain scalar in the place of a string, which YAML 1.1 reads as something else.
    Yaml11 {
        /// The path of the field.
        field: String,
        /// What YAML 1.1 reads: `a boolean`.
        read_as: &'static str,
    },
    /// Another value of the wrong type.
    Type {
        /// The path of the field, such as `users[2].user.token`.
        field: String,
        /// The expected type.
        want: &'static str,
        /// The actual type.
        found: &'static str,
    },
    /// A value that is not valid base64.
    Base64 {
        /// The path of the field.
        field: String,
    },
    /// The `kind` or `apiVersion` of another type of file.
    NotKubeconfig {
        /// `kind` or `apiVersion`.
        field: &'static str,
        /// The expected value.
        want: &'static str,
    },
    /// Two entries of one list with the same name.
    Duplicate {
        /// The list.
        kind: Kind,
        /// The name of both entries.
        name: String,
    },
    /// Two extensions with the same name.
    DuplicateExtension {
        /// The path of the list of extensions.
        field: String,
    },
}

impl ParseError {
    /// An error at this span of a text.
    #[must_use]
    pub fn at(text: &str, span: Span, problem: Problem) -> ParseError {
        ParseError { problem, place: Some(Place::of(text, span)) }
    }

    /// An error without a place.
    #[must_use]
    pub fn nowhere(problem: Problem) -> ParseError {
        ParseError { problem, place: None }
    }
}

impl std::error::Error for ParseError {}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "line {}, column {}: ", place.position.line, place.position.column)?;
        }
        self.problem.fmt(f)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Encoding(name) => write!(f, "this is not {name} text"),
            Problem::Control(c) => write!(f, "control character U+{:04X} is not allowed", u32::from(*c)),
            Problem::Syntax(message) => f.write_str(message),
            Problem::Ambiguous => {
                f.write_str("kubectl may read this differently than kcx; write it in a simpler form")
            }
            Problem::Version => {
                f.write_str("kubectl reads only YAML 1.1, and the `%YAML` directive names another version")
            }
            Problem::Depth => f.write_str("nested deeper than 100 levels"),
            Problem::Aliases => f.write_str("the document contains excessive aliasing"),
            Problem::Cycle => f.write_str("an anchor contains itself"),
            Problem::Merge => f.write_str("`<<` takes a mapping or a list of mappings"),
            Problem::Key(found) => write!(f, "a key must be a string, this is {found}"),
            Problem::NotFinite => f.write_str("infinity and NaN are not supported"),
            Problem::Tag(tag) => write!(f, "the value does not fit its tag `{tag}`"),
            Problem::Type { field, want, found } => write!(f, "`{field}` must be {want}, this is {found}"),
            Problem::NotMapping { found } => {
                write!(f, "this is not a kubeconfig: the file contains {found}, not a mapping")
            }
            Problem::Yaml11 { field, read_as } => {
                write!(f, "`{field}` must be a string, but YAML 1.1 reads it as {read_as}: put it in quotes")
            }
            Problem::Base64 { field } => write!(f, "`{field}` is not valid base64"),
            Problem::NotKubeconfig { field, want } => {
                write!(f, "this is not a kubeconfig: `{field}` must be `{want}`")
            }
            Problem::Duplicate { kind, name } => {
                write!(f, "two {} are named {:?}", kind.list(), crate::printer::quote::visible(name))
            }
            Problem::DuplicateExtension { field } => write!(f, "two of `{field}` have the same name"),
        }
    }
}

impl Problem {
    /// True if a file is one text instead of a mapping, as a kubeconfig in base64 is.
    #[must_use]
    pub fn is_one_text(&self) -> bool {
        matches!(self, Problem::NotMapping { found: "a string" })
    }
}

/// The part of a key before the first colon or blank. What follows was probably meant as the value and may be a secret.
pub(super) fn stem(key: &str) -> &str {
    key.split([':', ' ', '\t', '\n']).next().unwrap_or_default()
}

const EXCERPT: usize = 72;

impl Place {
    /// The place of a span in a text.
    #[must_use]
    pub fn of(text: &str, span: Span) -> Place {
        let start =
            text[..text.floor_char_boundary(span.start.min(text.len()))].rfind('\n').map_or(0, |at| at + 1);
        Place::at(text, span, start, Position::of(text, span.start))
    }

    /// [`Place::of`] with a line index, for many spans of the same text.
    #[must_use]
    pub fn among(text: &str, lines: &LineIndex, span: Span) -> Place {
        let position = lines.position(text, span.start);
        Place::at(text, span, lines.start(position.line), position)
    }

    fn at(text: &str, span: Span, start: usize, position: Position) -> Place {
        let line = text[start..].lines().next().unwrap_or_default();
        let masked = mask(line);
        let caret = position.column - 1;
        let width = text
            .get(span.start..span.end)
            .map_or(1, |t| t.lines().next().unwrap_or_default().chars().count());
        // Of a long line, the part around the place is shown, with `…` where it was cut.
        let skip = if caret + 1 >= EXCERPT { caret - EXCERPT / 2 } else { 0 };
        let mut excerpt: Vec<char> = masked.chars().skip(skip).take(EXCERPT + 1).collect();
        if excerpt.len() > EXCERPT {
            excerpt.truncate(EXCERPT - 1);
            excerpt.push('…');
        }
        if let Some(first) = excerpt.first_mut().filter(|_| skip > 0) {
            *first = '…';
        }
        let excerpt: String = excerpt.into_iter().collect();
        let room = excerpt.chars().count().saturating_sub(caret - skip).max(1);
        Place { span, position, excerpt, caret: caret - skip, width: width.clamp(1, room) }
    }
}

/// A character of a line as it is shown, in one column.
pub(super) fn visible(c: char) -> char {
    match c {
        '\t' => ' ',
        c if quote::is_visible(c) => c,
        _ => '\u{FFFD}',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_says_where_it_was_cut() {
        let line = "contexts: [] # a comment with words, and with more words than fit into an excerpt";
        let at = |start: usize| Place::of(line, Span::new(start, start + 1));
        let begin = at(11);
        assert_eq!(begin.excerpt, "contexts: [] # a comment with words, and with more words than fit into …");
        assert_eq!((begin.excerpt.chars().count(), begin.caret), (EXCERPT, 11));
        for start in [EXCERPT - 2, EXCERPT - 1, EXCERPT, line.len() - 1] {
            let place = at(start);
            assert_eq!(place.excerpt.chars().nth(place.caret), line.chars().nth(start), "{start}");
        }
        assert!(at(line.len() - 1).excerpt.starts_with('…') && at(line.len() - 1).excerpt.ends_with("pt"));
        let exact = &line[..EXCERPT];
        assert_eq!(Place::of(exact, Span::new(0, 1)).excerpt, exact);
    }
}
