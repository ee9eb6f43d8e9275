//! What can be wrong with a kubeconfig, and where. Fields, not sentences, and never a value from the file: what
//! stands in a kubeconfig may be a secret.

use super::schema::Kind;
use super::secret;
use super::span::Span;
use crate::printer::quote;
use std::fmt;

/// A place in a text as a person counts: from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
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

/// Where the lines of a text end: for who asks about many places of it.
#[derive(Clone, Debug)]
pub struct LineIndex(Vec<usize>);

impl LineIndex {
    /// Those of this text.
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

    /// The position of a byte: what [`Position::of`] finds by counting from the start.
    #[must_use]
    pub fn position(&self, text: &str, byte: usize) -> Position {
        let byte = text.floor_char_boundary(byte.min(text.len()));
        let line = self.line(byte);
        Position { line, column: text[self.start(line)..byte].chars().count() + 1 }
    }

    /// Where a line starts.
    fn start(&self, line: usize) -> usize {
        line.checked_sub(2).and_then(|before| self.0.get(before)).map_or(0, |end| end + 1)
    }
}

/// Why a text is no kubeconfig. kubectl refuses the same files; its own words would print secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// What is wrong.
    pub problem: Problem,
    /// Where, if there is one place.
    pub place: Option<Place>,
}

/// Where a problem is, with the line it stands in, secrets masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The bytes.
    pub span: Span,
    /// The line and column.
    pub position: Position,
    /// The line, values masked where they might be secret, cut to a readable length.
    pub excerpt: String,
    /// Where in the excerpt the caret goes, in characters from 0.
    pub caret: usize,
    /// How many characters it marks, at least 1.
    pub width: usize,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The bytes are not in the encoding they claim.
    Encoding(&'static str),
    /// A raw control character.
    Control(char),
    /// YAML syntax; the parser's own words, which quote nothing.
    Syntax(String),
    /// Two readers do not see the same in it.
    Ambiguous,
    /// `%YAML` with another version than 1.1.
    Version,
    /// Nested deeper than kcx follows.
    Depth,
    /// Aliases that multiply without bound.
    Aliases,
    /// An alias inside the anchor it names.
    Cycle,
    /// `<<` with something that is no mapping.
    Merge,
    /// A key that is no string and cannot be one.
    Key(&'static str),
    /// A number JSON has no word for.
    NotFinite,
    /// A value with a tag it cannot have.
    Tag(String),
    /// Not the type a field needs.
    Type {
        /// The field, such as `users[2].user.token`.
        field: String,
        /// What is wanted.
        want: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// Base64 that is none.
    Base64 {
        /// The field.
        field: String,
    },
    /// `kind` or `apiVersion` of something else.
    NotKubeconfig {
        /// `kind` or `apiVersion`.
        field: &'static str,
        /// What it must be.
        want: &'static str,
    },
    /// Two entries of one list with the same name.
    Duplicate {
        /// Which list.
        kind: Kind,
        /// The name.
        name: String,
    },
    /// Two extensions with the same name.
    DuplicateExtension {
        /// The list of extensions.
        field: String,
    },
}

impl ParseError {
    /// A problem at one place.
    #[must_use]
    pub fn at(text: &str, span: Span, problem: Problem) -> ParseError {
        ParseError { problem, place: Some(Place::of(text, span)) }
    }

    /// A problem of the whole text.
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
                f.write_str("kubectl may read this in another way than kcx; write it more plainly")
            }
            Problem::Version => {
                f.write_str("kubectl reads YAML 1.1 only, and this says it is another version")
            }
            Problem::Depth => f.write_str("nested deeper than 100 levels"),
            Problem::Aliases => f.write_str("the document contains excessive aliasing"),
            Problem::Cycle => f.write_str("an anchor contains itself"),
            Problem::Merge => f.write_str("`<<` takes a mapping or a list of mappings"),
            Problem::Key(found) => write!(f, "a key must be a string, this is {found}"),
            Problem::NotFinite => f.write_str("infinity and not-a-number cannot be kept"),
            Problem::Tag(tag) => write!(f, "the value does not fit its tag `{tag}`"),
            Problem::Type { field, want, found } => write!(f, "`{field}` must be {want}, this is {found}"),
            Problem::Base64 { field } => write!(f, "`{field}` is not valid base64"),
            Problem::NotKubeconfig { field, want } => {
                write!(f, "this is no kubeconfig: `{field}` must be `{want}`")
            }
            Problem::Duplicate { kind, name } => {
                write!(f, "two {} are named {:?}", kind.list(), crate::printer::quote::visible(name))
            }
            Problem::DuplicateExtension { field } => write!(f, "two of `{field}` have the same name"),
        }
    }
}

/// A key up to a colon or a blank inside: behind that stands what was meant as the value, maybe a secret.
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

    /// [`Place::of`] for who asks about many spans of the text whose lines these are.
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
        // A long line is shown around the place, not from its start.
        let skip = if caret >= EXCERPT { caret - EXCERPT / 2 } else { 0 };
        let excerpt: String = masked.chars().skip(skip).take(EXCERPT).collect();
        let room = excerpt.chars().count().saturating_sub(caret - skip).max(1);
        Place { span, position, excerpt, caret: caret - skip, width: width.clamp(1, room) }
    }
}

/// The line with everything masked that is not plainly harmless: only `key: value` on a line of its own, with a key
/// whose values are no secrets, is shown whole.
pub(super) fn mask(line: &str) -> String {
    const SHOWN: [&str; 13] = [
        "name",
        "cluster",
        "user",
        "namespace",
        "server",
        "current-context",
        "kind",
        "apiVersion",
        "clusters",
        "users",
        "contexts",
        "insecure-skip-tls-verify",
        "preferences",
    ];
    let colon = line.find(": ").or_else(|| line.trim_end().strip_suffix(':').map(str::len)).unwrap_or(0);
    let key = line[..colon].trim_matches(|c: char| " -\"'{[?,".contains(c));
    // What is no word of letters may be a secret that has slipped in front of a colon.
    let is_key =
        (1..=32).contains(&key.len()) && key.chars().all(|c| c.is_ascii_alphabetic() || "-_".contains(c));
    let (key_part, value) = line.split_at(if is_key { colon + 1 } else { 0 });
    let alone = !value.contains(['{', '}', '[', ']', '#'])
        && !value.contains(": ")
        && !value.trim_end().trim_end_matches(',').contains(',');
    // A server's address may have a password in it.
    let harmless = SHOWN.contains(&key)
        && alone
        && !(key == "server" && value.contains('@'))
        && secret::text::spans(value).is_empty()
        || line.starts_with("%YAML ");
    // As wide as a tab is counted.
    let show = |c: char| match c {
        '\t' => ' ',
        c if quote::is_visible(c) => c,
        _ => '\u{FFFD}',
    };
    let hide = |c: char| if c.is_alphanumeric() || "+/=_-.~".contains(c) { '*' } else { show(c) };
    key_part
        .chars()
        .map(show)
        .chain(value.chars().map(|c| if harmless { show(c) } else { hide(c) }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn only_what_is_plainly_harmless_is_shown() {
        for shown in
            ["- name: prod", "  \"name\": \"prod\",", "kind: Config", "server: https://a:6443", "user:"]
        {
            assert_eq!(mask(shown), shown);
        }
        for (line, want) in [
            ("    token: abc", "    token: ***"),
            ("{\"kind\":\"Config\",\"token\":\"abc\"}", "{\"****\":\"******\",\"*****\":\"***\"}"),
            ("\"name\": \"a\", \"token\": \"abc\"", "\"name\": \"*\", \"*****\": \"***\""),
            ("server: https://me:abc@host", "server: *****:****:***@****"),
            ("a1b2c3:", "******:"),
            ("name: a # abc", "name: * # ***"),
        ] {
            assert_eq!(mask(line), want);
        }
    }
}
