//! Splits the text of a template into tokens.
//!
//! Processes trim markers and comments; the parser does not see them.

use crate::printer::golang;

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Error,
    Bool,
    /// A single character such as a comma.
    Char,
    CharConstant,
    Complex,
    Assign,
    Declare,
    Eof,
    Field,
    Identifier,
    LeftDelim,
    LeftParen,
    Number,
    Pipe,
    RawString,
    RightDelim,
    RightParen,
    Space,
    String,
    Text,
    Variable,
    Dot,
    Nil,
    Keyword,
}

/// A token.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// The byte offset of its start.
    pub(super) pos: usize,
    /// The text, or the message of an error.
    pub(super) text: String,
    /// The line of its start, from 1.
    pub(super) line: usize,
}

impl Token {
    /// True if the token is this keyword.
    pub(super) fn is_keyword(&self, word: &str) -> bool {
        self.kind == Kind::Keyword && self.text == word
    }

    /// Returns the token as Go's errors show it.
    pub(super) fn describe(&self) -> String {
        match self.kind {
            Kind::Eof => "EOF".to_owned(),
            Kind::Error => self.text.clone(),
            Kind::Keyword | Kind::Dot | Kind::Nil => format!("<{}>", self.text),
            _ if self.text.len() > 10 => {
                let head: String = self.text.chars().take(10).collect();
                format!("{}...", golang::quote(head.as_bytes(), false))
            }
            _ => golang::quote(self.text.as_bytes(), false),
        }
    }
}

const KEYWORDS: &[&str] =
    &["block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"];

/// The characters that a trim marker removes.
const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

/// The state of the lexer.
pub(super) struct Lexer<'t> {
    input: &'t str,
    pos: usize,
    start: usize,
    inside: bool,
    parens: usize,
    /// A previous offset and its line, from which lines are counted.
    counted: (usize, usize),
}

impl<'t> Lexer<'t> {
    pub(super) fn new(input: &'t str) -> Self {
        Self { input, pos: 0, start: 0, inside: false, parens: 0, counted: (0, 1) }
    }

    /// Returns the next token; after an error or the end, the same token again.
    pub(super) fn next_token(&mut self) -> Token {
        match if self.inside { self.in_action() } else { self.text() } {
            Ok(kind) => self.emit(kind),
            Err(text) => Token { kind: Kind::Error, pos: self.start, text, line: self.line_at(self.start) },
        }
    }

    fn emit(&mut self, kind: Kind) -> Token {
        // A trim marker before the closing delimiter is not part of it.
        let pos = if kind == Kind::RightDelim { self.pos - 2 } else { self.start };
        let text = self.input[pos..self.pos].to_owned();
        let token = Token { kind, pos, text, line: self.line_at(pos) };
        match kind {
            Kind::RightDelim if self.input[self.start..].starts_with(SPACES) => {
                self.pos += self.rest().len() - self.rest().trim_start_matches(SPACES).len();
            }
            Kind::LeftDelim if trims_left(self.rest()) => self.pos += 2,
            _ => {}
        }
        self.start = self.pos;
        token
    }

    /// Scans text up to the next action, skipping comments.
    fn text(&mut self) -> Result<Kind, String> {
        loop {
            let Some(offset) = self.rest().find("{{") else {
                self.pos = self.input.len();
                return Ok(if self.pos > self.start { Kind::Text } else { Kind::Eof });
            };
            let action = self.pos + offset;
            let after = &self.input[action + 2..];
            let text = &self.input[self.start..action];
            let kept = if trims_left(after) { text.trim_end_matches(SPACES).len() } else { text.len() };
            if kept > 0 {
                self.pos = self.start + kept;
                return Ok(Kind::Text);
            }
            self.start = action;
            self.pos = action + 2;
            let marker = if trims_left(after) { 2 } else { 0 };
            if !after[marker..].starts_with("/*") {
                self.inside = true;
                self.parens = 0;
                return Ok(Kind::LeftDelim);
            }
            self.start = self.pos + marker;
            self.pos = self.start + 2;
            let Some(end) = self.rest().find("*/") else { return Err("unclosed comment".to_owned()) };
            self.pos += end + 2;
            let (closing, trims) = match right_delim(self.rest()) {
                Some(trims) => (if trims { 4 } else { 2 }, trims),
                None => return Err("comment ends before closing delimiter".to_owned()),
            };
            self.pos += closing;
            if trims {
                self.pos += self.rest().len() - self.rest().trim_start_matches(SPACES).len();
            }
            self.start = self.pos;
        }
    }

    fn in_action(&mut self) -> Result<Kind, String> {
        if let Some(trims) = right_delim(self.rest()) {
            if self.parens > 0 {
                return Err("unclosed left paren".to_owned());
            }
            self.pos += if trims { 4 } else { 2 };
            self.inside = false;
            return Ok(Kind::RightDelim);
        }
        let Some(first) = self.next() else { return Err("unclosed action".to_owned()) };
        match first {
            _ if is_space(first) => self.space(),
            '=' => Ok(Kind::Assign),
            ':' => match self.next() {
                Some('=') => Ok(Kind::Declare),
                _ => Err("expected :=".to_owned()),
            },
            '|' => Ok(Kind::Pipe),
            '"' => self.until('"', "unterminated quoted string").map(|()| Kind::String),
            '\'' => self.until('\'', "unterminated character constant").map(|()| Kind::CharConstant),
            '`' => match self.rest().find('`') {
                Some(end) => {
                    self.pos += end + 1;
                    Ok(Kind::RawString)
                }
                None => Err("unterminated raw quoted string".to_owned()),
            },
            '$' => self.name(Kind::Variable),
            '.' if !self.rest().starts_with(|c: char| c.is_ascii_digit()) && !self.rest().is_empty() => {
                if self.at_terminator() {
                    Ok(Kind::Dot)
                } else {
                    self.name(Kind::Field)
                }
            }
            '.' | '+' | '-' | '0'..='9' => {
                self.pos -= 1;
                self.number()
            }
            _ if is_alphanumeric(first) => self.identifier(),
            '(' => {
                self.parens += 1;
                Ok(Kind::LeftParen)
            }
            ')' => {
                self.parens = self.parens.checked_sub(1).ok_or("unexpected right paren")?;
                Ok(Kind::RightParen)
            }
            ' '..='~' => Ok(Kind::Char),
            _ => Err(format!("unrecognized character in action: {}", golang::describe(first))),
        }
    }

    /// Scans blanks, except the last one if it begins a trim marker.
    fn space(&mut self) -> Result<Kind, String> {
        self.skip(is_space);
        if right_delim(&self.input[self.pos - 1..]) == Some(true) {
            self.pos -= 1;
            if self.pos == self.start {
                return self.in_action();
            }
        }
        Ok(Kind::Space)
    }

    fn identifier(&mut self) -> Result<Kind, String> {
        self.skip(is_alphanumeric);
        if !self.at_terminator() {
            return Err(self.bad_character());
        }
        Ok(match &self.input[self.start..self.pos] {
            word if KEYWORDS.contains(&word) => Kind::Keyword,
            "nil" => Kind::Nil,
            "true" | "false" => Kind::Bool,
            _ => Kind::Identifier,
        })
    }

    fn name(&mut self, kind: Kind) -> Result<Kind, String> {
        self.skip(is_alphanumeric);
        if self.at_terminator() { Ok(kind) } else { Err(self.bad_character()) }
    }

    fn until(&mut self, quote: char, message: &str) -> Result<(), String> {
        loop {
            match self.next() {
                Some('\\') if !matches!(self.next(), None | Some('\n')) => {}
                None | Some('\n' | '\\') => return Err(message.to_owned()),
                Some(c) if c == quote => return Ok(()),
                Some(_) => {}
            }
        }
    }

    fn number(&mut self) -> Result<Kind, String> {
        let bad = |lexer: &Self| {
            let text = &lexer.input[lexer.start..lexer.pos];
            Err(format!("bad number syntax: {}", golang::quote(text.as_bytes(), false)))
        };
        if !self.scan_number() {
            return bad(self);
        }
        if !self.rest().starts_with(['+', '-']) {
            return Ok(Kind::Number);
        }
        if !self.scan_number() || !self.input[..self.pos].ends_with('i') {
            return bad(self);
        }
        Ok(Kind::Complex)
    }

    /// Scans a possible number; the parser checks it.
    fn scan_number(&mut self) -> bool {
        self.accept(&['+', '-']);
        let mut radix = 10;
        if self.accept(&['0']) {
            if self.accept(&['x', 'X']) {
                radix = 16;
            } else if self.accept(&['o', 'O']) {
                radix = 8;
            } else if self.accept(&['b', 'B']) {
                radix = 2;
            }
        }
        let digit = |c: char| c == '_' || c.is_digit(radix);
        self.skip(digit);
        if self.accept(&['.']) {
            self.skip(digit);
        }
        if (radix == 10 && self.accept(&['e', 'E'])) || (radix == 16 && self.accept(&['p', 'P'])) {
            self.accept(&['+', '-']);
            self.skip(|c| c == '_' || c.is_ascii_digit());
        }
        self.accept(&['i']);
        if self.rest().starts_with(is_alphanumeric) {
            self.next();
            return false;
        }
        true
    }

    fn at_terminator(&self) -> bool {
        match self.rest().chars().next() {
            None | Some(' ' | '\t' | '\r' | '\n' | '.' | ',' | '|' | ':' | ')' | '(') => true,
            Some(_) => self.rest().starts_with("}}"),
        }
    }

    fn bad_character(&self) -> String {
        let c = self.rest().chars().next().unwrap_or('\0');
        format!("bad character {}", golang::describe(c))
    }

    fn line_at(&mut self, pos: usize) -> usize {
        let (from, line) = self.counted;
        let passed = self.input.as_bytes().get(from..pos).unwrap_or_default();
        self.counted = (pos.max(from), line + passed.iter().filter(|&&byte| byte == b'\n').count());
        self.counted.1
    }

    fn rest(&self) -> &'t str {
        &self.input[self.pos..]
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest().chars().next()?;
        self.pos += c.len_utf8();
        Some(c)
    }

    fn accept(&mut self, set: &[char]) -> bool {
        let found = self.rest().starts_with(set);
        if found {
            self.next();
        }
        found
    }

    fn skip(&mut self, wanted: impl Fn(char) -> bool) {
        while self.rest().starts_with(&wanted) {
            self.next();
        }
    }
}

/// `Some` if the text starts with a closing delimiter; true if it has a trim marker.
fn right_delim(text: &str) -> Option<bool> {
    if text.starts_with("}}") {
        return Some(false);
    }
    (text.starts_with(SPACES) && text[1..].starts_with("-}}")).then_some(true)
}

fn trims_left(text: &str) -> bool {
    text.strip_prefix('-').is_some_and(|rest| rest.starts_with(SPACES))
}

fn is_space(c: char) -> bool {
    SPACES.contains(&c)
}

fn is_alphanumeric(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}
