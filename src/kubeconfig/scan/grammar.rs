//! The grammar of the narrow block style, line by line, for all sinks.
//!
//! It stores the open collections and the hashes of keys and names, but no text, so it works on a stream. `None` from any
//! step means that the text is not in the narrow style and needs the full parser.

use super::expect::{List, Map, Want};
use super::lex::{self, Form, Value};
use super::names::{Names, hash};
use super::nodes::Lines;
use super::{Token, base64, shape};
use crate::kubeconfig::Span;
use crate::kubeconfig::schema::Type;
use crate::yaml11::{self, Plain};

const DEPTH: usize = 40;
/// The usual largest depth.
const FLAT: usize = 8;
/// The number of unknown keys of a mapping, or of extensions of an entry, that are expected.
const FEW: usize = 64;

/// Receives events. Offsets count from the start of the file; the text of a value starts at `base`.
///
/// The first five events are about the root mapping and its entries: an index or a skeleton needs only these. The others
/// are about all nodes, for a sink that is [`Sink::DEEP`].
pub(super) trait Sink {
    /// True if the sink needs the contents of entries; then every line is parsed.
    const DEEP: bool = false;
    /// A key of the root mapping, and its value on the same line.
    fn top(&mut self, _key: Span, _value: Value, _base: usize, _text: &[u8]) {}
    /// The value of the last top key is a block, whose first line starts here.
    fn block(&mut self, _line: usize) {}
    /// An entry of the last top key's list starts.
    fn entry(&mut self, _line: usize, _dash: usize) {}
    /// The name of the last entry, and its hash.
    fn name(&mut self, _token: Token, _hash: u64) {}
    /// The last top key, and its last entry, ended at this offset.
    fn close(&mut self, _end: usize) {}
    /// A list or a mapping starts: the value of the last key without one, or an item.
    fn open(&mut self, _is_list: bool, _at: usize) {}
    /// A key of the innermost mapping, and its value on the same line.
    fn pair(&mut self, _key: Span, _value: Value, _base: usize, _text: &[u8]) {}
    /// An item of the innermost list that is not a block.
    fn item(&mut self, _value: Value, _base: usize, _text: &[u8]) {}
    /// The innermost list or mapping ended.
    fn end(&mut self) {}
}

#[derive(Clone, Copy)]
enum Collection {
    Map(Map),
    List(List),
}

/// An open collection.
struct Frame {
    column: usize,
    collection: Collection,
    /// The collection that may start below the last key, if the key has no value on its line.
    pending: Option<Want>,
    /// The known keys so far, by number.
    seen: u32,
    /// The start of its unknown keys, or of the names of its extensions, in `Scanner::hashes`.
    hashes: usize,
    /// The hash of the value of `name`.
    name: u64,
}

/// Parses complete lines and sends events to a sink.
pub(super) struct Scanner<S> {
    pub(super) sink: S,
    /// The innermost open collection, and those around it.
    top: Frame,
    outer: Vec<Frame>,
    hashes: Vec<u64>,
    /// The names in the open list of entries.
    names: Names,
    marked: bool,
    started: bool,
    /// The offset of the current text in the file.
    base: usize,
    /// The end of the last line with content.
    end: usize,
}

impl<S: Sink> Scanner<S> {
    pub(super) fn new(sink: S) -> Scanner<S> {
        Scanner {
            sink,
            top: Frame::new(0, Collection::Map(Map::Root), 0),
            outer: Vec::with_capacity(FLAT),
            hashes: Vec::new(),
            names: Names::default(),
            marked: false,
            started: false,
            base: 0,
            end: 0,
        }
    }

    /// For lines below a key of the root mapping, which start at `base`.
    pub(super) fn below(sink: S, lines: Lines<'_>, base: usize) -> Scanner<S> {
        let mut scanner = Scanner::new(sink);
        scanner.base = base;
        scanner.started = true;
        scanner.top.pending = Some(match lines {
            Lines::Entries(kind) => Want::Entries(kind),
            Lines::Top(key) => Map::Root.find(key.as_bytes()).map_or(Want::Anything, |(_, want)| want),
        });
        scanner
    }

    /// Parses the next lines of the file. Only its last line may lack a line end.
    pub(super) fn lines(&mut self, text: &[u8]) -> Option<()> {
        let mut start = 0;
        while start < text.len() {
            start = self.line(text, start)?;
        }
        self.base += text.len();
        Some(())
    }

    /// Ends the file.
    pub(super) fn finish(mut self) -> Option<S> {
        while !self.outer.is_empty() {
            self.pop()?;
        }
        if !self.started || self.top.pending.is_some_and(|want| !want.allows_nothing()) {
            return None;
        }
        self.sink.close(self.end);
        Some(self.sink)
    }

    #[inline(always)]
    fn line(&mut self, text: &[u8], start: usize) -> Option<usize> {
        let mut at = lex::indented(text, start);
        let mut list = None;
        if text.get(at) == Some(&b'-') && text.get(at + 1) == Some(&b' ') {
            let opened = self.dash(start, at)?;
            if let List::Entries(kind) = opened
                && !S::DEEP
                && at == start
                && let Some((name, next)) = shape::entry(kind, text, at)
            {
                self.named(name, text)?;
                self.end = self.base + next;
                return Some(next);
            }
            list = Some(opened);
            at = lex::skip_spaces(text, at + 2);
        }
        // In the narrow style, keys start only with these characters.
        if !text.get(at).is_some_and(u8::is_ascii_alphabetic) {
            return match list {
                Some(list) => self.item(list, text, at),
                None => self.no_content(text, start, at),
            };
        }
        let colon = lex::word(text, at) - 1;
        let next = match list {
            _ if text[colon] == b':' => {
                match list {
                    Some(list) => self.push(at - start, Collection::Map(list.item()?), start)?,
                    None => self.key(at - start, start)?,
                }
                self.pair(text, at, colon)?
            }
            Some(list) => return self.item(list, text, at),
            None => return None,
        };
        self.end = self.base + next;
        Some(next)
    }

    /// Parses a blank line, a comment, or the line that may start a document.
    #[cold]
    fn no_content(&mut self, text: &[u8], start: usize, at: usize) -> Option<usize> {
        match text.get(at) {
            Some(b'#') => lex::comment(text, at),
            Some(b'-') if at == start && !self.started && !self.marked => {
                self.marked = true;
                let after = text.get(at..)?.strip_prefix(b"---")?;
                lex::line_end(text, lex::skip_spaces(text, text.len() - after.len()))
            }
            _ => lex::line_end(text, at),
        }
    }

    /// Makes the mapping at the column of a key the innermost collection, and opens it if necessary.
    #[inline(always)]
    fn key(&mut self, column: usize, start: usize) -> Option<()> {
        while self.top.column > column {
            self.pop()?;
        }
        if self.top.column == column {
            if let Collection::Map(_) = self.top.collection {
                return Some(());
            }
            // A list at the column of its own key ends at the next key.
            self.pop()?;
            return (self.top.column == column).then_some(());
        }
        let map = self.top.pending.take()?.map()?;
        if self.outer.is_empty() {
            self.sink.block(self.base + start);
        }
        self.push(column, Collection::Map(map), start)
    }

    /// Makes the list at the column of a dash the innermost collection, and opens it if necessary.
    #[inline(always)]
    fn dash(&mut self, start: usize, dash: usize) -> Option<List> {
        let column = dash - start;
        while self.top.column > column {
            self.pop()?;
        }
        let list = match self.top.collection {
            Collection::List(list) if self.top.column == column => list,
            _ => self.open(column, start)?,
        };
        if let List::Entries(_) = list {
            self.sink.close(self.end);
            self.sink.entry(self.base + start, self.base + dash);
        }
        Some(list)
    }

    /// Opens a list below the last key.
    fn open(&mut self, column: usize, start: usize) -> Option<List> {
        let list = self.top.pending.take()?.list()?;
        if let List::Entries(_) = list {
            self.names.clear();
        } else if self.outer.is_empty() {
            self.sink.block(self.base + start);
        }
        self.push(column, Collection::List(list), start)?;
        Some(list)
    }

    /// Parses an item that is not a mapping.
    fn item(&mut self, list: List, text: &[u8], at: usize) -> Option<usize> {
        let (value, next) = lex::value(text, at)?;
        self.end = self.base + next;
        if value.form == Form::Nothing || !list.allows(value, text) {
            return None;
        }
        self.sink.item(value, self.base, text);
        Some(next)
    }

    /// Parses a key of the innermost mapping and the rest of its line.
    #[inline(always)]
    fn pair(&mut self, text: &[u8], at: usize, colon: usize) -> Option<usize> {
        let key = &text[at..colon];
        let Collection::Map(map) = self.top.collection else { return None };
        if self.top.pending.take().is_some_and(|want| !want.allows_nothing()) {
            return None;
        }
        let want = match map.find(key) {
            Some((index, want)) => {
                let bit = 1 << index;
                if self.top.seen & bit != 0 {
                    return None;
                }
                self.top.seen |= bit;
                want
            }
            None => self.unknown(map, key)?,
        };
        let (value, next) = match encoded(want, text, colon + 1) {
            Some(found) => found,
            None => {
                let (value, next) = match lex::lone_word(text, colon + 1) {
                    Some(found) => found,
                    None => lex::value(text, colon + 1)?,
                };
                if value.form == Form::Nothing {
                    self.top.pending = Some(want);
                } else if !want.allows(value, text) {
                    return None;
                }
                (value, next)
            }
        };
        if let Want::Name = want {
            match map {
                Map::Entry(_) => self.named(value, text)?,
                _ => self.top.name = hash(value.content(text)),
            }
        }
        let span = Span::new(self.base + at, self.base + colon);
        if self.outer.is_empty() {
            self.started = true;
            self.sink.close(self.end);
            self.sink.top(span, value, self.base, text);
        }
        self.sink.pair(span, value, self.base, text);
        Some(next)
    }

    /// Records the name of an entry.
    #[inline(always)]
    fn named(&mut self, name: Value, text: &[u8]) -> Option<()> {
        let hash = hash(name.content(text));
        self.names.insert(hash)?;
        self.sink.name(name.token(self.base)?, hash);
        Some(())
    }

    /// Records a key that is not in the schema.
    fn unknown(&mut self, map: Map, key: &[u8]) -> Option<Want> {
        if !lex::is_key(key) || yaml11::plain_in_line(key) != Plain::Str {
            return None;
        }
        self.distinct(hash(key))?;
        map.unknown(key)
    }

    /// Compares a few keys or names of the innermost collection.
    fn distinct(&mut self, hash: u64) -> Option<()> {
        let others = &self.hashes[self.top.hashes..];
        let new = others.len() < FEW && !others.contains(&hash);
        self.hashes.push(hash);
        new.then_some(())
    }

    /// Opens a collection at this column of the line that starts there.
    #[inline(always)]
    fn push(&mut self, column: usize, collection: Collection, start: usize) -> Option<()> {
        self.sink.open(matches!(collection, Collection::List(_)), self.base + start + column);
        let frame = Frame::new(column, collection, self.hashes.len());
        self.outer.push(std::mem::replace(&mut self.top, frame));
        (self.outer.len() < DEPTH).then_some(())
    }

    /// Closes the innermost collection.
    #[inline(always)]
    fn pop(&mut self) -> Option<()> {
        let outer = self.outer.pop()?;
        self.sink.end();
        let frame = std::mem::replace(&mut self.top, outer);
        if frame.pending.is_some_and(|want| !want.allows_nothing()) {
            return None;
        }
        self.hashes.truncate(frame.hashes);
        if let Collection::Map(map @ (Map::Entry(_) | Map::Extension)) = frame.collection {
            // The name is known key number 0.
            if frame.seen & 1 == 0 {
                return None;
            }
            if let Map::Extension = map {
                self.distinct(frame.name)?;
            }
        }
        Some(())
    }
}

impl Frame {
    #[inline(always)]
    fn new(column: usize, collection: Collection, hashes: usize) -> Frame {
        Frame { column, collection, pending: None, seen: 0, hashes, name: 0 }
    }
}

/// A plain base64 value, if the field has this type, and the start of the next line.
#[inline(always)]
fn encoded(want: Want, text: &[u8], at: usize) -> Option<(Value, usize)> {
    let Want::Typed(Type::Bytes) = want else { return None };
    let start = lex::skip_spaces(text, at);
    let end = base64::end(text, start)?;
    let next = lex::rest(text, end)?;
    let value = Value { form: Form::Plain, start, end };
    (yaml11::plain_in_line(&text[start..end]) == Plain::Str).then_some((value, next))
}
