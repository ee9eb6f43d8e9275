//! The full YAML parser, for files that the scanner does not accept. No other module uses granit-parser.
//!
//! granit-parser implements YAML 1.2 and has byte-exact spans; kubectl reads YAML 1.1 with libyaml's grammar. The known
//! differences are handled here, and `second` compares the result with that of libyaml's grammar. A text on which the two
//! parsers disagree is refused.
//!
//! Why not only libyaml, whose events have marks: its only safe interface, libyaml-safer 0.3, panics on `[!x, y]`, and
//! libyaml 0.2.5 differs from kubectl's grammar, which go-yaml v2 took from libyaml 0.1. Of 18 texts in which YAML 1.1 and
//! 1.2 differ, it accepts three that kubectl refuses (`[{name: a?b}]`, `"\/"`, `%YAML 1.2`) and refuses two that kubectl
//! accepts (`{a:}`, a byte order mark at the start of a line). These would need special cases as here, without a second
//! parser that finds a missing one, and the marks of blocks need the same corrections as granit-parser's.

use super::error::{ParseError, Problem};
use super::span::{DEPTH, Span, Style, blank};
use super::tree::{Content, Node, NodeId, Tree};
use crate::yaml11::BREAKS;
use granit_parser::{Event, Parser, ScalarStyle, StructureStyle, Tag};
use std::borrow::Cow;
use std::collections::HashMap;

/// Parses the first document of a text; kubectl ignores the others.
///
/// # Errors
/// The first error for which kubectl's YAML parser refuses the text.
pub(super) fn tree(source: &str) -> Result<Tree, ParseError> {
    let agreed = |tree: Tree| super::second::agree(source, tree);
    alone(source, source).and_then(agreed).or_else(|error| match with_plain_breaks(source) {
        Some(text) => alone(&text, source).and_then(agreed),
        None => Err(error),
    })
}

/// The tree of granit-parser alone, for a text with YAML 1.1 line ends that was refused; good enough to report problems.
pub(super) fn likely(source: &str) -> Option<Tree> {
    alone(&with_plain_breaks(source)?, source).ok()
}

fn alone(text: &str, source: &str) -> Result<Tree, ParseError> {
    let tree = in_other_words(text, source)?;
    tree.check(source)?;
    Ok(tree)
}

/// Replaces the line ends that only YAML 1.1 has by line ends of the same length that granit-parser knows, so that spans
/// stay valid. `None` if there are none.
fn with_plain_breaks(source: &str) -> Option<String> {
    let has = source.contains(BREAKS);
    has.then(|| source.replace(BREAKS[0], "\r\n").replace(&BREAKS[1..], " \r\n"))
}

/// The largest number of replacements.
const OTHER_WORDS: usize = 100;

/// Parses a text. granit-parser rejects some constructs that kubectl accepts (see [`other_word`]). Each of them is replaced
/// by an equivalent of the same length and the text is parsed again, so spans stay valid. libyaml gets the original text.
fn in_other_words(text: &str, source: &str) -> Result<Tree, ParseError> {
    let mut result = events(text, source);
    let mut text = Cow::Borrowed(text);
    for _ in 0..OTHER_WORDS {
        let Err(error) = &result else { break };
        let Some((place, word)) = other_word(&text, error) else { break };
        text.to_mut().replace_range(place.start..place.end, &word.repeat(place.len()));
        result = events(&text, source);
    }
    result
}

/// The construct at which the parser failed, and the replacement for each of its bytes.
fn other_word(text: &str, error: &ParseError) -> Option<(Span, &'static str)> {
    let start = error.place.as_ref()?.span.start;
    let (before, rest) = (text.get(..start)?, text.get(start..)?);
    // In YAML 1.1, a comment needs no blank before it after a bracket, a comma, a quote or a block header.
    let header = |c: char| c.is_ascii_digit() || "|>+-[]{},\"'".contains(c);
    if rest.starts_with('#') && before.ends_with(header) {
        return Some((Span::new(start, start + rest.find(['\n', '\r']).unwrap_or(rest.len())), " "));
    }
    // In a flow collection, a dash can be a scalar.
    if rest.strip_prefix('-').is_some_and(|behind| behind.starts_with([',', '[', ']', '{', '}'])) {
        return Some((Span::new(start, start + 1), "x"));
    }
    // In a flow collection, lines may begin with tabs.
    let line = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let tabs = before[line..].find('\t').filter(|_| blank(&before[line..]) == before.len() - line);
    tabs.map(|at| (Span::new(line + at, start), " "))
}

/// Parses `text`. Places and spellings are those of `source`, the original of the same length.
fn events(text: &str, source: &str) -> Result<Tree, ParseError> {
    let options = granit_parser::options! { emit_comments: false, bom_inside_document_as_content: true, flow_nesting_limit: DEPTH, block_nesting_limit: DEPTH };
    let mut builder =
        Builder { text, source, tree: Tree::default(), open: Vec::new(), anchors: HashMap::new() };
    for event in Parser::new_from_str_with_options(text, options) {
        // kubectl does not parse what follows the root. Whether the root ends here is checked by `second`.
        if event.is_err() && builder.open.is_empty() && builder.tree.root.is_some() {
            break;
        }
        let (event, span) = event.map_err(|error| {
            let at = error.marker().byte_offset().unwrap_or(source.len());
            ParseError::at(source, Span::new(at, at + 1), syntax(&error, source))
        })?;
        if matches!(event, Event::DocumentEnd) {
            break;
        }
        builder.take(event, span)?;
    }
    Ok(builder.tree)
}

fn syntax(error: &granit_parser::ScanError, source: &str) -> Problem {
    // kubectl has a larger limit. A text below that limit is rejected as too deep only by kcx.
    let is_deep = matches!(error.kind(), granit_parser::ErrorKind::RecursionLimitExceeded);
    match is_deep && source.matches(['[', '{']).count() <= 10_000 {
        true => Problem::Depth,
        false => Problem::Syntax(error.info()),
    }
}

/// An open collection; the key of a mapping waits for its value.
struct Open {
    id: NodeId,
    key: Option<NodeId>,
}

struct Builder<'s> {
    /// The text that the parser gets.
    text: &'s str,
    /// The original text.
    source: &'s str,
    tree: Tree,
    open: Vec<Open>,
    anchors: HashMap<usize, NodeId>,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: granit_parser::Span) -> Result<(), ParseError> {
        // A line end that has several bytes for the parser can be one character in the original.
        let whole = |at| self.source.floor_char_boundary(at);
        let bytes = span.byte_range().map_or(Span::default(), |at| Span::new(whole(at.start), whole(at.end)));
        match event {
            Event::DocumentStart(_, Some(version)) if (version.major, version.minor) != (1, 1) => {
                Err(ParseError::at(self.source, bytes, Problem::Version))
            }
            Event::Alias(anchor) => {
                let Some(&target) = self.anchors.get(&anchor) else {
                    return Err(ParseError::at(
                        self.source,
                        bytes,
                        Problem::Syntax("unknown anchor".to_owned()),
                    ));
                };
                self.tree.aliases += 1;
                self.add(bytes, 0, None, Content::Alias(target));
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                let style = match style {
                    ScalarStyle::SingleQuoted => Style::Single,
                    ScalarStyle::DoubleQuoted => Style::Double,
                    ScalarStyle::Literal => Style::Literal,
                    ScalarStyle::Folded => Style::Folded,
                    _ => Style::Plain,
                };
                if style == Style::Double {
                    self.escapes(bytes)?;
                }
                if style == Style::Plain && self.is_in_flow() {
                    self.question_marks(bytes)?;
                }
                if anchor > 0 {
                    self.anchor(bytes)?;
                }
                let bytes = match style {
                    Style::Literal | Style::Folded => self.trimmed(bytes),
                    _ if bytes.is_empty() && anchor == 0 && tag.is_none() => self.nothing(bytes.start),
                    _ => bytes,
                };
                // The parser reports a missing value as `~`.
                let nothing = bytes.is_empty() && style == Style::Plain && tag.is_none();
                let same = nothing || bytes.of(self.text) == text;
                let text = if same { None } else { Some(text.into_owned().into_boxed_str()) };
                self.add(bytes, anchor, tag.as_deref(), Content::Scalar { text, style });
                Ok(())
            }
            Event::SequenceStart(style, anchor, tag) => {
                let flow = style == StructureStyle::Flow;
                let start = if flow { bytes.start } else { self.first_dash(bytes.start) };
                let content = Content::Sequence { flow, items: Vec::new() };
                self.begin(Span::new(start, bytes.end), anchor, tag.as_deref(), content)
            }
            Event::MappingStart(style, anchor, tag) => {
                let content = Content::Mapping { flow: style == StructureStyle::Flow, pairs: Vec::new() };
                self.begin(bytes, anchor, tag.as_deref(), content)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.end(bytes);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn is_in_flow(&self) -> bool {
        self.open.last().is_some_and(|open| {
            matches!(
                self.tree.nodes[open.id.0 as usize].content,
                Content::Sequence { flow: true, .. } | Content::Mapping { flow: true, .. }
            )
        })
    }

    /// In a flow collection, go-yaml ends a plain scalar before a `?` and then fails; a `?` at the start may indicate a key.
    fn question_marks(&self, span: Span) -> Result<(), ParseError> {
        let Some(at) = span.of(self.source).find('?') else { return Ok(()) };
        let place = Span::new(span.start + at, span.start + at + 1);
        let is_key = self.open.last().is_some_and(|open| {
            let content = &self.tree.nodes[open.id.0 as usize].content;
            matches!(content, Content::Mapping { .. }) && open.key.is_none()
        });
        if at == 0 && is_key {
            return Err(ParseError::at(self.source, place, Problem::Ambiguous));
        }
        let problem = Problem::Syntax("between brackets, text with a `?` needs quotes".to_owned());
        Err(ParseError::at(self.source, place, problem))
    }

    /// Rejects escapes that JSON and YAML 1.2 allow in double quotes and go-yaml does not.
    fn escapes(&self, span: Span) -> Result<(), ParseError> {
        let bytes = span.of(self.source).as_bytes();
        let mut at = 0;
        while let Some(found) = memchr::memchr(b'\\', &bytes[at..]) {
            at += found;
            let place = Span::new(span.start + at, span.start + at + 2);
            match (bytes.get(at + 1), bytes.get(at + 2), bytes.get(at + 3)) {
                (Some(b'/'), ..) => {
                    return Err(ParseError::at(
                        self.source,
                        place,
                        Problem::Syntax("kubectl does not know the escape `\\/`".to_owned()),
                    ));
                }
                (Some(b'u'), Some(b'd' | b'D'), Some(b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F')) => {
                    let message = "kubectl does not know escaped surrogate pairs".to_owned();
                    return Err(ParseError::at(self.source, place, Problem::Syntax(message)));
                }
                _ => at += 2,
            }
            if at >= bytes.len() {
                break;
            }
        }
        Ok(())
    }

    /// A block scalar's token extends to the next token; its own bytes end with its last line that is not empty.
    fn trimmed(&self, span: Span) -> Span {
        let content = span.of(self.text).trim_end().len();
        let rest = &self.text[span.start + content..span.end];
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let line_end = rest.find('\n').map_or(blanks, |at| at + 1);
        let end = if self.keeps_blank_lines(span.start) {
            let blank = |line: &&str| line.trim().is_empty();
            self.text[span.start + content + line_end..]
                .split_inclusive('\n')
                .take_while(blank)
                .map(str::len)
                .sum()
        } else {
            0
        };
        Span::new(span.start, span.start + content + line_end + end)
    }

    /// True if the header of this block scalar has a `+`: trailing blank lines are then part of it.
    fn keeps_blank_lines(&self, content: usize) -> bool {
        let header = self.text[..content].trim_end().lines().next_back().unwrap_or_default();
        header.rmatch_indices(['|', '>']).any(|(at, _)| {
            let word = header[at + 1..].split_ascii_whitespace().next().unwrap_or_default();
            word.contains('+') && word.bytes().all(|b| b == b'+' || b.is_ascii_digit())
        })
    }

    /// In YAML 1.2 a colon at the end of an anchor is part of its name; for kubectl it makes an empty key.
    fn anchor(&self, span: Span) -> Result<(), ParseError> {
        let before = &self.text[..span.start];
        let Some(at) = before.rfind(['&', '\n']) else { return Ok(()) };
        let name = before[at..].split_whitespace().next().unwrap_or_default();
        if name.starts_with('&') && name.ends_with(':') {
            let place = Span::new(at, at + name.len());
            return Err(ParseError::at(self.source, place, Problem::Key("null")));
        }
        Ok(())
    }

    /// The place of an empty value: directly after its colon or dash. The parser reports an inexact place.
    fn nothing(&self, at: usize) -> Span {
        let place = self.open.last().and_then(|open| {
            match (&self.tree.nodes[open.id.0 as usize].content, open.key) {
                (Content::Mapping { .. }, Some(key)) => {
                    let end = self.tree.nodes[key.0 as usize].span.end;
                    Some(self.behind(end, ':').unwrap_or(end))
                }
                (Content::Sequence { flow: false, items }, _) => {
                    let from = match items.last() {
                        Some(last) => self.tree.nodes[last.0 as usize].span.end,
                        None => self.tree.nodes[open.id.0 as usize].span.start,
                    };
                    self.behind(from, '-')
                }
                _ => None,
            }
        });
        let at = place.unwrap_or(at);
        Span::new(at, at)
    }

    /// The start of a block list. The parser reports the place after its first dash if the dash is not deeper than the key.
    fn first_dash(&self, at: usize) -> usize {
        let key = self.open.last().and_then(|open| open.key);
        let colon = key.and_then(|key| self.behind(self.tree.nodes[key.0 as usize].span.end, ':'));
        let dash = colon.and_then(|colon| self.behind(colon, '-'));
        dash.map_or(at, |behind| behind - 1)
    }

    /// The offset after the mark, if only blanks, line ends and comments precede it.
    fn behind(&self, from: usize, mark: char) -> Option<usize> {
        let rest = self.source.get(from..)?;
        let at = blank(rest);
        rest[at..].starts_with(mark).then_some(from + at + 1)
    }

    fn add(&mut self, span: Span, anchor: usize, tag: Option<&Tag>, content: Content) -> NodeId {
        let id = NodeId(self.tree.nodes.len() as u32);
        if anchor > 0 {
            self.anchors.insert(anchor, id);
        }
        let tag = tag.map(|tag| format!("{}{}", tag.handle(), tag.suffix()).into_boxed_str());
        let properties = anchor > 0 || tag.is_some();
        self.tree.nodes.push(Node { span, properties, anchored: anchor > 0, tag, content });
        self.place(id);
        id
    }

    /// Adds a node to the open collection.
    fn place(&mut self, id: NodeId) {
        let Some(open) = self.open.last_mut() else {
            self.tree.root.get_or_insert(id);
            return;
        };
        let parent = open.id.0 as usize;
        match &mut self.tree.nodes[parent].content {
            Content::Sequence { items, .. } => items.push(id),
            Content::Mapping { pairs, .. } => match open.key.take() {
                None => open.key = Some(id),
                Some(key) => pairs.push((key, id)),
            },
            Content::Scalar { .. } | Content::Alias(_) | Content::Folded => {}
        }
    }

    fn begin(
        &mut self,
        span: Span,
        anchor: usize,
        tag: Option<&Tag>,
        content: Content,
    ) -> Result<(), ParseError> {
        if anchor > 0 {
            self.anchor(span)?;
        }
        let id = self.add(span, anchor, tag, content);
        self.open.push(Open { id, key: None });
        if self.open.len() > DEPTH {
            return Err(ParseError::at(self.source, span, Problem::Depth));
        }
        Ok(())
    }

    /// Closes a collection. A flow collection ends with its bracket, a block collection with its last descendant.
    fn end(&mut self, span: Span) {
        let Some(Open { id, .. }) = self.open.pop() else { return };
        let node = &self.tree.nodes[id.0 as usize];
        let last = match &node.content {
            Content::Sequence { flow: false, items } => items.last().copied(),
            Content::Mapping { flow: false, pairs } => pairs.last().map(|&(_, value)| value),
            _ => None,
        };
        let end = match last {
            Some(last) => self.tree.nodes[last.0 as usize].span.end,
            None => span.end,
        };
        let node = &mut self.tree.nodes[id.0 as usize];
        node.span.end = end.max(node.span.start);
    }
}
