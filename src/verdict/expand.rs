//! What the words of a line become, as far as that is known before a shell has expanded them, and the commands in them.

use super::scope::Scope;
use super::word::{Open, Word};
use super::{Judge, Verdict};
use brush_parser::ParserOptions;
use brush_parser::word::{Parameter, ParameterExpr, WordPiece, WordPieceWithSource};

/// What a word of a command line becomes.
#[derive(Default)]
struct Expanded {
    text: String,
    open: Option<Open>,
}

impl Judge<'_> {
    /// Commands in a text whose form is not read further: `$(…)` and the like.
    pub(super) fn inside(&mut self, text: &str, scope: &mut Scope) {
        self.quoted(text, scope);
    }

    /// An arithmetic expression: the variables in it may be set.
    pub(super) fn arithmetic(&mut self, text: &str, scope: &mut Scope) {
        if text.contains('=') || text.contains("++") || text.contains("--") {
            let names = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            for name in names {
                if scope.was_set(name) {
                    scope.doubt(name);
                }
            }
        }
        self.inside(text, scope);
    }

    /// A text as between double quotes.
    pub(super) fn quoted(&mut self, text: &str, scope: &mut Scope) -> Word {
        let mut quoted = String::with_capacity(text.len() + 2);
        quoted.push('"');
        let mut escaped = false;
        for c in text.chars() {
            if c == '"' && !escaped {
                quoted.push('\\');
            }
            escaped = c == '\\' && !escaped;
            quoted.push(c);
        }
        quoted.push('"');
        self.word(&quoted, scope)
    }

    /// The words that a word becomes: several if it has alternatives in braces, or a variable whose value is known.
    pub(super) fn words_of(&mut self, raw: &str, words: &mut Vec<Word>, scope: &mut Scope) {
        // `$x` alone is split at blanks.
        if let Some(name) =
            raw.strip_prefix('$').map(|name| name.trim_start_matches('{').trim_end_matches('}'))
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && let Some(value) = scope.variable(name)
            && pattern(value).is_none()
        {
            words.extend(value.split_ascii_whitespace().map(Word::literal));
            return;
        }
        words.push(self.word(raw, scope));
    }

    /// One word, with the commands in it judged.
    pub(super) fn word(&mut self, raw: &str, scope: &mut Scope) -> Word {
        let options = ParserOptions::default();
        let Ok(pieces) = brush_parser::word::parse(raw, &options) else {
            let whole = [Word::literal(raw)];
            self.found(&whole, Verdict::Unknown, scope.places(), "the word cannot be read as shell text");
            return Word::anything(raw);
        };
        let mut expanded = Expanded::default();
        self.pieces(&pieces, raw, false, &mut expanded, scope);
        if expanded.open.is_none() && has_braces(&pieces) {
            let start = expanded.text.find('{').unwrap_or_default();
            expanded.text.truncate(start);
            expanded.open = Some(Open { many: true, free: start == 0 });
        }
        Word::new(raw, expanded.text, expanded.open)
    }

    fn pieces(
        &mut self,
        pieces: &[WordPieceWithSource],
        raw: &str,
        quoted: bool,
        into: &mut Expanded,
        scope: &mut Scope,
    ) {
        for piece in pieces {
            match &piece.piece {
                WordPiece::Text(text) if quoted => into.add(text),
                WordPiece::Text(text) => match pattern(text) {
                    Some(at) => {
                        into.add(&text[..at]);
                        let free = into.text.is_empty();
                        into.end(Open { many: true, free });
                    }
                    None => into.add(text),
                },
                WordPiece::SingleQuotedText(text) | WordPiece::AnsiCQuotedText(text) => match &piece.piece {
                    WordPiece::AnsiCQuotedText(_) => match ansi(text) {
                        Some(text) => into.add(&text),
                        None => into.end(Open { many: false, free: into.text.is_empty() }),
                    },
                    _ => into.add(text),
                },
                WordPiece::EscapeSequence(text) => into.add(&unescaped(text, quoted)),
                WordPiece::DoubleQuotedSequence(pieces) => self.pieces(pieces, raw, true, into, scope),
                // It may be translated.
                WordPiece::GettextDoubleQuotedSequence(pieces) => {
                    self.pieces(pieces, raw, true, into, scope);
                    into.text.clear();
                    into.end(Open { many: false, free: true });
                }
                WordPiece::TildePrefix(user) => into.add(&format!("~{user}")),
                WordPiece::CommandSubstitution(text) => {
                    self.subshell(scope, |judge, scope| judge.text(text, scope));
                    into.end(Open { many: !quoted, free: !quoted || into.text.is_empty() });
                }
                WordPiece::BackquotedCommandSubstitution(text) => {
                    self.subshell(scope, |judge, scope| judge.text(text, scope));
                    into.end(Open { many: !quoted, free: !quoted || into.text.is_empty() });
                }
                WordPiece::ArithmeticExpression(expression) => {
                    self.arithmetic(&expression.value, scope);
                    // A number.
                    into.end(Open { many: false, free: false });
                }
                WordPiece::ParameterExpansion(parameter) => {
                    let source = raw.get(piece.start_index..piece.end_index).unwrap_or(raw);
                    self.parameter(parameter, source, quoted, into, scope);
                }
            }
        }
    }

    fn parameter(
        &mut self,
        expression: &ParameterExpr,
        source: &str,
        quoted: bool,
        into: &mut Expanded,
        scope: &mut Scope,
    ) {
        if let ParameterExpr::Parameter { parameter: Parameter::Named(name), indirect: false } = expression {
            if name == "HOME" && !scope.was_set(name) && into.text.is_empty() && into.open.is_none() {
                return into.add("~");
            }
            if let Some(value) = scope.variable(name)
                && (quoted || pattern(value).is_none() && !value.contains(char::is_whitespace))
            {
                return into.add(value);
            }
        }
        // `${x=…}`, `${x:=…}`, and `${x::=…}` of zsh, set the variable.
        let inner = source.trim_start_matches("${").trim_start_matches('!');
        let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
        if inner[end..].trim_start_matches(':').starts_with('=') {
            scope.doubt(&inner[..end]);
            scope.references |= source.starts_with("${!");
        }
        if source.contains("$[") || source.contains("[") && source.contains('=') {
            self.arithmetic(source, scope);
        }
        if source.contains("$(") || source.contains('`') || source.contains("<(") || source.contains(">(") {
            let inner = source.trim_start_matches("${").trim_end_matches('}');
            self.inside(inner, scope);
        }
        let all = source.contains(['@', '*']);
        let many = !quoted || all;
        into.end(Open { many, free: many || into.text.is_empty() });
    }
}

impl Expanded {
    fn add(&mut self, text: &str) {
        if self.open.is_none() {
            self.text.push_str(text);
        }
    }

    /// From here on, the word is not known.
    fn end(&mut self, open: Open) {
        let old = self.open.unwrap_or(Open { many: false, free: false });
        self.open = Some(Open { many: old.many | open.many, free: old.free | open.free });
    }
}

/// Where a pattern for file names begins in a text; `[` is one only if `]` follows.
fn pattern(text: &str) -> Option<usize> {
    text.char_indices()
        .find(|(at, c)| matches!(c, '*' | '?') || *c == '[' && text[*at..].contains(']'))
        .map(|(at, _)| at)
}

/// True for alternatives in braces, which become several words.
fn has_braces(pieces: &[WordPieceWithSource]) -> bool {
    let mut open = false;
    for piece in pieces {
        if let WordPiece::Text(text) = &piece.piece {
            for (at, c) in text.char_indices() {
                match c {
                    '{' => open = true,
                    ',' if open => return true,
                    '.' if open && text[at..].starts_with("..") => return true,
                    _ => {}
                }
            }
        }
    }
    false
}

/// The text of a backslash and what follows.
fn unescaped(text: &str, quoted: bool) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some('\\'), Some('\n')) => String::new(),
        (Some('\\'), Some(c)) if quoted && !matches!(c, '$' | '`' | '"' | '\\') => text.to_owned(),
        (Some('\\'), Some(_)) => text['\\'.len_utf8()..].to_owned(),
        _ => text.to_owned(),
    }
}

/// The text of `$'…'`; `None` if it has an escape that is not one of ASCII.
fn ansi(text: &str) -> Option<String> {
    let mut chars = text.chars().peekable();
    let mut out = String::new();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let next = chars.next()?;
        let (radix, most, first) = match next {
            'x' => (16, 2, 0),
            'u' => (16, 4, 0),
            'U' => (16, 8, 0),
            '0'..='7' => (8, 2, next.to_digit(8)?),
            _ => {
                out.push(escape(next)?);
                continue;
            }
        };
        let mut code = first;
        for _ in 0..most {
            let Some(digit) = chars.peek().and_then(|c| c.to_digit(radix)) else { break };
            code = code.saturating_mul(radix).saturating_add(digit);
            chars.next();
        }
        out.push(Some(code).filter(|code| (1..128).contains(code)).and_then(char::from_u32)?);
    }
    Some(out)
}

fn escape(letter: char) -> Option<char> {
    Some(match letter {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'a' => '\u{7}',
        'b' => '\u{8}',
        'e' | 'E' => '\u{1b}',
        'f' => '\u{c}',
        'v' => '\u{b}',
        '\\' | '\'' | '"' | '?' => letter,
        _ => return None,
    })
}
