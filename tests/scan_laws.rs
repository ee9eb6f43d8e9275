//! The scanner's promise: what it accepts, a real YAML parser reads alike, whole and streamed.
//!
//! `KCX_LONG=1` runs a million documents instead of ten thousand.

use std::io::Read;

use granit_parser::{Event, Parser, ScalarStyle};
use kcx::kubeconfig::scan::{Skeleton, TopValue, current_context, skeleton};
use kcx::kubeconfig::{Span, Style};

use crate::generate::{Random, kubeconfig, mutate};

#[derive(Debug)]
enum Node {
    Scalar(String, Option<Style>, Span),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

/// Nodes are equal wherever they stand.
impl PartialEq for Node {
    fn eq(&self, other: &Node) -> bool {
        match (self, other) {
            (Node::Scalar(a, style, _), Node::Scalar(b, other, _)) => (a, style) == (b, other),
            (Node::List(a), Node::List(b)) => a == b,
            (Node::Map(a), Node::Map(b)) => a == b,
            _ => false,
        }
    }
}

/// The one document of a text, if it holds nothing but plain nodes.
fn read(text: &str) -> Result<Node, String> {
    let mut events = Vec::new();
    // Comments come by default where another crate of the tree has turned them on.
    let options = granit_parser::options! { emit_comments: false };
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| error.to_string())?;
        match event {
            Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            Event::DocumentStart(..) if events.is_empty() => {}
            Event::DocumentStart(..) => return Err("a second document".to_owned()),
            event => events.push((event, span.byte_range().ok_or("no range")?)),
        }
    }
    events.reverse();
    let root = node(&mut events)?;
    if events.is_empty() { Ok(root) } else { Err("more than a node".to_owned()) }
}

fn node(events: &mut Vec<(Event<'_>, std::ops::Range<usize>)>) -> Result<Node, String> {
    match events.pop().ok_or("no node")? {
        (Event::Scalar(text, style, 0, None), range) => {
            let style = match style {
                ScalarStyle::Plain => Some(Style::Plain),
                ScalarStyle::SingleQuoted => Some(Style::Single),
                ScalarStyle::DoubleQuoted => Some(Style::Double),
                _ => None,
            };
            Ok(Node::Scalar(text.into_owned(), style, Span::new(range.start, range.end)))
        }
        (Event::SequenceStart(_, 0, None), _) => {
            let mut items = Vec::new();
            while !matches!(events.last(), Some((Event::SequenceEnd, _))) {
                items.push(node(events)?);
            }
            events.pop();
            Ok(Node::List(items))
        }
        (Event::MappingStart(_, 0, None), _) => {
            let mut pairs = Vec::new();
            while !matches!(events.last(), Some((Event::MappingEnd, _))) {
                pairs.push((node(events)?, node(events)?));
            }
            events.pop();
            Ok(Node::Map(pairs))
        }
        (event, _) => Err(format!("{event:?}")),
    }
}

/// True if the parser sees what the scanner saw.
fn agrees(text: &str, found: &Skeleton) -> Result<(), String> {
    let Node::Map(pairs) = read(text)? else { return Err("no mapping".to_owned()) };
    let check = |good: bool, what: &str| if good { Ok(()) } else { Err(what.to_owned()) };
    check(pairs.len() == found.top.len(), "the number of keys")?;
    let mut current = None;
    for ((key, value), top) in pairs.iter().zip(&found.top) {
        let Node::Scalar(key, Some(Style::Plain), span) = key else { return Err("an odd key".to_owned()) };
        check(*span == top.key && top.key.of(text) == key, "a key")?;
        match (&top.value, value) {
            (TopValue::Empty, Node::Scalar(_, Some(Style::Plain), span)) => {
                check(span.is_empty(), "an empty value")?;
            }
            (TopValue::Scalar(token), Node::Scalar(content, style, span)) => {
                check(*style == Some(token.style) && *span == token.span, "a token")?;
                check(token.text(text) == content, "a scalar")?;
                let null =
                    token.style == Style::Plain && matches!(content.as_str(), "~" | "null" | "Null" | "NULL");
                if key == "current-context" && !null && !content.is_empty() {
                    current = Some(content.as_str());
                }
            }
            (TopValue::EmptyFlow(span), Node::List(items)) => {
                check(items.is_empty() && span.of(text) == "[]", "an empty list")?;
            }
            (TopValue::EmptyFlow(span), Node::Map(pairs)) => {
                check(pairs.is_empty() && span.of(text) == "{}", "an empty mapping")?;
            }
            (TopValue::Block(span), node) => {
                check(whole_lines(text, *span), "a block of whole lines")?;
                check(read(span.of(text))? == *node, "a block")?;
            }
            (TopValue::List(entries), Node::List(items)) => {
                check(entries.len() == items.len() && !items.is_empty(), "the number of entries")?;
                for (entry, item) in entries.iter().zip(items) {
                    check(whole_lines(text, entry.span), "an entry of whole lines")?;
                    check(text[entry.span.start..entry.dash].trim_matches(' ').is_empty(), "a dash's line")?;
                    check(text[entry.dash..].starts_with("- "), "a dash")?;
                    let Node::List(alone) = read(entry.span.of(text))? else {
                        return Err("an entry".to_owned());
                    };
                    check(alone.len() == 1 && alone[0] == *item, "an entry alone")?;
                    let Node::Map(pairs) = item else { return Err("no entry".to_owned()) };
                    let names: Vec<&Node> = pairs
                        .iter()
                        .filter(|(key, _)| matches!(key, Node::Scalar(key, ..) if key == "name"))
                        .map(|(_, value)| value)
                        .collect();
                    let [Node::Scalar(name, style, span)] = names[..] else {
                        return Err("a name".to_owned());
                    };
                    check(name == entry.name.text(text) && *span == entry.name.span, "the name")?;
                    check(*style == Some(entry.name.style), "the name's style")?;
                }
            }
            _ => return Err(format!("the kind of {key}")),
        }
    }
    check(found.current_context(text) == current, "the current-context")
}

fn whole_lines(text: &str, span: Span) -> bool {
    let start = span.start == 0 || text.as_bytes()[span.start - 1] == b'\n';
    let last = span.of(text).trim_end_matches(['\n', '\r']).rsplit('\n').next().unwrap_or("").trim();
    let ended = span.end == text.len() || text.as_bytes()[span.end - 1] == b'\n';
    start && ended && !last.is_empty() && !last.starts_with('#')
}

/// Reads a text in random pieces.
struct Pieces<'t> {
    text: &'t [u8],
    random: Random,
    most: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.random.one_in(50) {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let size = (self.random.below(self.most) + 1).min(self.text.len()).min(buffer.len());
        let (piece, rest) = self.text.split_at(size);
        buffer[..size].copy_from_slice(piece);
        self.text = rest;
        Ok(size)
    }
}

#[test]
fn the_scanner_and_the_parser_agree_on_accepted_files() {
    let documents = if std::env::var_os("KCX_LONG").is_some() { 1_000_000 } else { 10_000 };
    let (mut plain, mut wounded) = (0, 0);
    for seed in 0..documents {
        let mut random = Random::new(seed);
        let mut text = kubeconfig(&mut random, seed % 3 != 0);
        let mutated = seed % 2 == 0;
        if mutated {
            text = mutate(&mut random, &text);
        }
        let found = skeleton(&text);
        let most = 200;
        let streamed = current_context(Pieces { text: text.as_bytes(), random, most })
            .expect("only interruptions were reported");
        let expected = found.as_ref().map(|found| found.current_context(&text).map(str::to_owned));
        assert_eq!(streamed, expected, "seed {seed}, streamed:\n{text}");
        if let Some(found) = found {
            if let Err(what) = agrees(&text, &found) {
                panic!("seed {seed}: the parser disagrees on {what}:\n{text}\n{found:#?}");
            }
            if mutated { wounded += 1 } else { plain += 1 }
        }
    }
    // Laws about what is accepted say nothing if nothing is.
    assert!(plain > documents / 25, "only {plain} unharmed documents accepted");
    assert!(wounded > documents / 100, "only {wounded} mutated documents accepted");
}

#[test]
fn a_line_longer_than_the_buffer_is_read_whole() {
    let data = "LS0t".repeat(50_000);
    let text = format!(
        "clusters:\n- cluster:\n    certificate-authority-data: {data}\n  name: a\ncurrent-context: b\n"
    );
    let pieces = Pieces { text: text.as_bytes(), random: Random::new(7), most: 100_000 };
    assert_eq!(current_context(pieces).expect("no errors"), Some(Some("b".to_owned())));
}

#[test]
fn a_line_above_the_limit_is_left_to_the_parser() {
    let text = format!("current-context: {}\n", "a".repeat(17 << 20));
    assert_eq!(current_context(text.as_bytes()).expect("no errors"), None);
}

#[test]
fn a_read_error_is_reported() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::PermissionDenied.into())
        }
    }
    let error = current_context(Broken).expect_err("the reader fails");
    assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
}
