//! Parses a template into nodes.
//!
//! Accepts exactly what client-go's `jsonpath.Parser` accepts, so it has the same structure: the text of an index or a
//! filter up to its closing bracket is extracted first and then parsed separately.

use super::golang;

/// The maximum nesting of filters.
const MAX_DEPTH: usize = 32;

/// A node of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// Literal text, outside of an action or quoted in one.
    Text(String),
    /// An action, or a part of one: each node is applied to the results of the previous node.
    List(Vec<Node>),
    /// `.name` or `['name']`.
    Field(String),
    /// `[start:end:step]`; an index is a short form of it.
    Slice(Slice),
    /// `[a,b]`: the concatenated results of both.
    Union(Vec<Vec<Node>>),
    /// `[?(left operator right)]`; without an operator, tests whether `left` exists.
    Filter {
        left: Vec<Node>,
        comparison: Option<(String, Vec<Node>)>,
    },
    /// `.*`.
    Wildcard,
    /// `..`.
    Recursive,
    /// A word; only `range` and `end` are valid.
    Identifier(String),
    Int(i64),
    Float(f64),
    Bool(bool),
}

/// The bounds of a slice; negative bounds count from the end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Slice {
    pub(super) start: Option<i64>,
    pub(super) end: End,
    pub(super) step: Option<i64>,
}

/// The end of a slice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum End {
    /// The end of the list.
    Open,
    /// Before this index.
    Before(i64),
    /// One after the start, for an index.
    After(i64),
}

/// Parses a template; the error is client-go's message.
pub(super) fn parse(text: &str) -> Result<Vec<Node>, String> {
    Parser { input: text, pos: 0, depth: 0 }.template()
}

struct Parser<'t> {
    input: &'t str,
    pos: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn template(&mut self) -> Result<Vec<Node>, String> {
        let mut nodes = Vec::new();
        while let Some(offset) = self.rest().find('{') {
            if offset > 0 {
                nodes.push(Node::Text(self.rest()[..offset].to_owned()));
            }
            self.pos += offset + 1;
            nodes.push(Node::List(self.action()?));
        }
        if !self.rest().is_empty() {
            nodes.push(Node::Text(self.rest().to_owned()));
        }
        Ok(nodes)
    }

    /// Parses the content of `{}` and consumes the closing brace.
    fn action(&mut self) -> Result<Vec<Node>, String> {
        let mut nodes = Vec::new();
        loop {
            let rest = self.rest();
            if rest.starts_with('}') {
                self.pos += 1;
                return Ok(nodes);
            }
            if rest.starts_with("[?(") {
                self.pos += 3;
                nodes.push(self.filter()?);
                continue;
            }
            if rest.starts_with("..") {
                if nodes.last() == Some(&Node::Recursive) {
                    return Err("invalid multiple recursive descent".to_owned());
                }
                self.pos += 2;
                nodes.push(Node::Recursive);
                if self.peek().is_some_and(is_alphanumeric) {
                    nodes.push(self.field());
                }
                continue;
            }
            match self.next() {
                None | Some('\r' | '\n') => return Err("unclosed action".to_owned()),
                // `@` and `$` have no effect: a path always starts at the current object or the root.
                Some(' ' | '@' | '$') => {}
                Some('[') => self.array(&mut nodes)?,
                Some(quote @ ('"' | '\'')) => nodes.push(self.quoted(quote)?),
                Some('.') => nodes.push(self.field()),
                Some(c) if c == '+' || c == '-' || is_digit(c) => {
                    self.pos -= c.len_utf8();
                    nodes.push(self.number()?);
                }
                Some(c) if is_alphanumeric(c) => {
                    self.pos -= c.len_utf8();
                    nodes.push(self.identifier());
                }
                Some(c) => return Err(format!("unrecognized character in action: {}", golang::describe(c))),
            }
        }
    }

    fn identifier(&mut self) -> Node {
        let word = self.rest();
        let word = &word[..word.find(is_terminator).unwrap_or(word.len())];
        self.pos += word.len();
        match word {
            "true" => Node::Bool(true),
            "false" => Node::Bool(false),
            _ => Node::Identifier(word.to_owned()),
        }
    }

    fn field(&mut self) -> Node {
        let start = self.pos;
        while let Some(c) = self.peek() {
            if c == '\\' {
                self.next();
            } else if is_terminator(c) {
                break;
            }
            self.next();
        }
        match &self.input[start..self.pos] {
            "*" => Node::Wildcard,
            name => Node::Field(name.replace('\\', "")),
        }
    }

    fn number(&mut self) -> Result<Node, String> {
        let start = self.pos;
        if matches!(self.peek(), Some('+' | '-')) {
            self.next();
        }
        while self.peek().is_some_and(|c| c == '.' || is_digit(c)) {
            self.next();
        }
        let text = &self.input[start..self.pos];
        if let Ok(int) = text.parse() {
            return Ok(Node::Int(int));
        }
        match text.parse::<f64>() {
            Ok(float) if float.is_finite() => Ok(Node::Float(float)),
            _ => Err(format!("cannot parse number {text}")),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<Node, String> {
        let start = self.pos;
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated quoted string".to_owned()),
                Some(c) if c == quote && !self.escaped() => break,
                Some(_) => {}
            }
        }
        let inside = &self.input[start..self.pos - 1];
        match golang::unquote(inside, quote) {
            Some(bytes) => Ok(Node::Text(String::from_utf8_lossy(&bytes).into_owned())),
            None => Err(format!("unquote string {} error invalid syntax", &self.input[start - 1..self.pos])),
        }
    }

    /// Parses what follows `[`.
    fn array(&mut self, nodes: &mut Vec<Node>) -> Result<(), String> {
        let rest = self.rest();
        let text = match rest.find([']', '\n']).filter(|&end| rest[end..].starts_with(']')) {
            Some(end) => &rest[..end],
            None => return Err("unterminated array".to_owned()),
        };
        self.pos += text.len() + 1;
        let text = if text == "*" { ":" } else { text };
        if text.contains(',') {
            let parts = text.split(',').map(|part| self.parse_part(&format!("[{}]", part.trim_matches(' '))));
            nodes.push(Node::Union(parts.collect::<Result<_, _>>()?));
            return Ok(());
        }
        let key = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
        if let Some(key) = key.filter(|key| !key.contains('\'')) {
            nodes.extend(self.parse_part(&format!(".{key}"))?);
            return Ok(());
        }
        nodes.push(Node::Slice(slice(text)?));
        Ok(())
    }

    /// Parses what follows `[?(`.
    fn filter(&mut self) -> Result<Node, String> {
        let start = self.pos;
        // A closing parenthesis inside of the first pair of quotes does not end the filter.
        let mut pair = None;
        let mut closed = false;
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated filter".to_owned()),
                Some(quote @ ('"' | '\'')) => match pair {
                    None => pair = Some(quote),
                    Some(open) => closed |= quote == open && !self.escaped(),
                },
                Some(')') if pair.is_some() == closed => break,
                Some(_) => {}
            }
        }
        let text = &self.input[start..self.pos - 1];
        if self.next() != Some(']') {
            return Err("unclosed array expect ]".to_owned());
        }
        let Some((left, operator, right)) = comparison(text) else {
            return Ok(Node::Filter { left: self.parse_part(text)?, comparison: None });
        };
        let left = self.parse_part(left)?;
        let right = self.parse_part(right)?;
        Ok(Node::Filter { left, comparison: Some((operator.to_owned(), right)) })
    }

    /// Parses a part of an action as an action of its own. Text after a `}` in it is checked and ignored.
    fn parse_part(&self, text: &str) -> Result<Vec<Node>, String> {
        if self.depth == MAX_DEPTH {
            return Err("filters are nested too deep".to_owned());
        }
        let text = format!("{{{text}}}");
        let nodes = Parser { input: &text, pos: 0, depth: self.depth + 1 }.template()?;
        match nodes.into_iter().next() {
            Some(Node::List(nodes)) => Ok(nodes),
            _ => Ok(Vec::new()),
        }
    }

    fn rest(&self) -> &'t str {
        &self.input[self.pos..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.pos += c.len_utf8();
        Some(c)
    }

    /// True if a backslash precedes the last character.
    fn escaped(&self) -> bool {
        self.input[..self.pos - 1].ends_with('\\')
    }
}

/// Splits a filter at its operator: the first run of `!<>=` with text on both sides.
fn comparison(text: &str) -> Option<(&str, &str, &str)> {
    let operators = ['!', '<', '>', '='];
    let start = text.find(operators).filter(|&start| start > 0)?;
    let length = text[start..].find(|c| !operators.contains(&c)).unwrap_or(text.len() - start);
    let mut end = start + length;
    if end == text.len() {
        end -= 1;
    }
    (end > start).then(|| (&text[..start], &text[start..end], &text[end..]))
}

fn slice(text: &str) -> Result<Slice, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let well_formed =
        |part: &&str| part.strip_prefix('-').unwrap_or(part).bytes().all(|byte| byte.is_ascii_digit());
    if parts.len() > 3 || !parts.iter().all(well_formed) {
        return Err(format!("invalid array index {text}"));
    }
    let bound = |index: usize| match parts.get(index) {
        None | Some(&"") => Ok(None),
        Some(part) => part.parse().map(Some).map_err(|_| format!("array index {part} is not a number")),
    };
    let start: Option<i64> = bound(0)?;
    let end = match bound(1)? {
        Some(end) => End::Before(end),
        None if parts.len() > 1 => End::Open,
        None => End::After(start.unwrap_or(0).wrapping_add(1)),
    };
    Ok(Slice { start, end, step: bound(2)? })
}

fn is_terminator(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}')
}

fn is_alphanumeric(c: char) -> bool {
    c == '_' || c.is_alphabetic() || is_digit(c)
}

/// Approximates Go's `unicode.IsDigit`: digits outside of ASCII fail later as numbers.
fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || (!c.is_ascii() && c.is_numeric())
}
