//! The one grammar of the narrow block style, line by line, for every sink.
//!
//! It keeps the open collections and nothing of the text but the last name and some hashes, so it can run over a
//! stream. `None` from any step means: not in the narrow style, ask the full parser.

use super::expect::{self, List, Map, Want};
use super::lex::{self, Form, Value};
use super::{Token, base64};
use crate::kubeconfig::Span;
use crate::kubeconfig::resolve::Plain;
use crate::kubeconfig::schema::Type;

const DEPTH: usize = 40;
const UNKNOWN_KEYS: usize = 64;

/// Learns what the grammar finds. Offsets count from the start of the file.
pub(super) trait Sink {
    /// A key of the root mapping and what stands behind it on its line; the value's text starts at `base`.
    fn top(&mut self, key: Span, value: Value, base: usize, text: &[u8]);
    /// The value of the last top key is a block, whose first line starts here.
    fn block(&mut self, _line: usize) {}
    /// An entry of the last top key's list starts.
    fn entry(&mut self, _line: usize, _dash: usize) {}
    /// The name of the last entry.
    fn name(&mut self, _token: Token) {}
    /// The last top key, and its last entry, ended at this offset.
    fn close(&mut self, _end: usize) {}
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
    /// What may open below the last key, if nothing stood behind it.
    pending: Option<Want>,
    /// The known keys seen so far, by number.
    seen: u32,
    /// Where its unknown keys, or the names of its items, start in `Scanner::hashes`.
    hashes: usize,
    /// The hash of the value of `name`.
    name: u64,
}

/// Reads whole lines and tells a sink what they hold.
pub(super) struct Scanner<S> {
    pub(super) sink: S,
    frames: Vec<Frame>,
    hashes: Vec<u64>,
    /// The name of the last entry of the open list, and whether all so far ascended.
    previous: Vec<u8>,
    ascending: bool,
    marked: bool,
    started: bool,
    /// The offset of the current text in the file.
    base: usize,
    /// The end of the last line with content.
    end: usize,
}

impl<S: Sink> Scanner<S> {
    pub(super) fn new(sink: S) -> Scanner<S> {
        let mut frames = Vec::with_capacity(DEPTH + 1);
        frames.push(Frame::new(0, Collection::Map(Map::Root), 0));
        Scanner {
            sink,
            frames,
            hashes: Vec::new(),
            previous: Vec::new(),
            ascending: true,
            marked: false,
            started: false,
            base: 0,
            end: 0,
        }
    }

    /// Reads the next lines of the file. Only its last line may lack a line end.
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
        while self.frames.len() > 1 {
            self.pop()?;
        }
        let root = self.frames.last()?;
        if !self.started || root.pending.is_some_and(|want| !want.allows_nothing()) {
            return None;
        }
        self.sink.close(self.end);
        Some(self.sink)
    }

    fn line(&mut self, text: &[u8], start: usize) -> Option<usize> {
        let at = lex::indented(text, start);
        let next = match text.get(at) {
            Some(b'#') => return lex::comment(text, at),
            None | Some(b'\n' | b'\r') => return lex::line_end(text, at),
            Some(b'-') if text.get(at + 1) == Some(&b' ') => self.dash(text, start, at)?,
            Some(b'-') if at == start && !self.started && !self.marked => {
                self.marked = true;
                let after = text.get(at..)?.strip_prefix(b"---")?;
                return lex::line_end(text, lex::skip_spaces(text, text.len() - after.len()));
            }
            Some(_) => {
                let colon = lex::colon(text, at)?;
                self.key(at - start, start)?;
                self.pair(text, at, colon)?
            }
        };
        self.end = self.base + next;
        Some(next)
    }

    /// Makes the mapping at the column of a key the innermost collection, opening it if need be.
    #[inline(always)]
    fn key(&mut self, column: usize, start: usize) -> Option<()> {
        self.dedent(column)?;
        if let Some(Frame { column: open, collection: Collection::List(_), .. }) = self.frames.last()
            && *open == column
        {
            // A list at the column of its own key ends where the next key comes.
            self.pop()?;
        }
        let top = self.frames.last_mut()?;
        if top.column == column {
            return matches!(top.collection, Collection::Map(_)).then_some(());
        }
        let map = top.pending.take()?.map()?;
        if self.frames.len() == 1 {
            self.sink.block(self.base + start);
        }
        self.push(column, Collection::Map(map))
    }

    /// Reads a line that starts with a dash and a space.
    #[inline(always)]
    fn dash(&mut self, text: &[u8], start: usize, dash: usize) -> Option<usize> {
        let column = dash - start;
        self.dedent(column)?;
        let mut list = match self.frames.last()? {
            Frame { column: open, collection: Collection::List(list), .. } if *open == column => Some(*list),
            _ => None,
        };
        if list.is_none() {
            let opened = self.frames.last_mut()?.pending.take()?.list()?;
            if let List::Entries(_) = opened {
                self.previous.clear();
                self.ascending = true;
            } else if self.frames.len() == 1 {
                self.sink.block(self.base + start);
            }
            self.push(column, Collection::List(opened))?;
            list = Some(opened);
        }
        let list = list?;
        if let List::Entries(_) = list {
            self.sink.close(self.end);
            self.sink.entry(self.base + start, self.base + dash);
        }
        let at = lex::skip_spaces(text, dash + 2);
        if !matches!(text.get(at), Some(b'"' | b'\'' | b'-'))
            && let Some(colon) = lex::colon(text, at)
        {
            self.push(at - start, Collection::Map(list.item()?))?;
            return self.pair(text, at, colon);
        }
        let (value, next) = lex::value(text, dash + 1)?;
        (value.form != Form::Nothing && list.allows(value, text)).then_some(next)
    }

    /// Reads a key of the innermost collection, a mapping, and what follows it on its line.
    #[inline(always)]
    fn pair(&mut self, text: &[u8], at: usize, colon: usize) -> Option<usize> {
        let key = &text[at..colon];
        let depth = self.frames.len();
        let top = self.frames.last_mut()?;
        let Collection::Map(map) = top.collection else { return None };
        if top.pending.take().is_some_and(|want| !want.allows_nothing()) {
            return None;
        }
        let want = match map.find(key) {
            Some((index, want)) => {
                let bit = 1 << index;
                if top.seen & bit != 0 {
                    return None;
                }
                top.seen |= bit;
                want
            }
            None => {
                let hash = hash(key);
                let others = &self.hashes[top.hashes..];
                if !lex::is_key(key)
                    || expect::resolve(key) != Plain::Str
                    || others.len() >= UNKNOWN_KEYS
                    || others.contains(&hash)
                {
                    return None;
                }
                self.hashes.push(hash);
                map.unknown(key)?
            }
        };
        let (value, next) = match encoded(want, text, colon + 1) {
            Some(found) => found,
            None => {
                let (value, next) = lex::value(text, colon + 1)?;
                if value.form == Form::Nothing {
                    top.pending = Some(want);
                } else if !want.allows(value, text) {
                    return None;
                }
                (value, next)
            }
        };
        if let Want::Name = want {
            let name = value.content(text);
            top.name = hash(name);
            if let Map::Entry(_) = map {
                self.ascending &= self.previous.as_slice() < name;
                self.previous.clear();
                self.previous.extend_from_slice(name);
                self.sink.name(value.token(self.base)?);
            }
        }
        if depth == 1 {
            self.started = true;
            self.sink.close(self.end);
            let span = Span::new(self.base + at, self.base + colon);
            self.sink.top(span, value, self.base, text);
        }
        Some(next)
    }

    #[inline(always)]
    fn push(&mut self, column: usize, collection: Collection) -> Option<()> {
        self.frames.push(Frame::new(column, collection, self.hashes.len()));
        (self.frames.len() <= DEPTH).then_some(())
    }

    /// Closes the collections further to the right than this column.
    #[inline(always)]
    fn dedent(&mut self, column: usize) -> Option<()> {
        while self.frames.last()?.column > column {
            self.pop()?;
        }
        Some(())
    }

    #[inline(always)]
    fn pop(&mut self) -> Option<()> {
        let frame = self.frames.pop()?;
        if frame.pending.is_some_and(|want| !want.allows_nothing()) {
            return None;
        }
        match frame.collection {
            Collection::Map(map) => {
                self.hashes.truncate(frame.hashes);
                if let Map::Entry(_) | Map::Extension = map {
                    // The name is known key number 0.
                    if frame.seen & 1 == 0 {
                        return None;
                    }
                    self.hashes.push(frame.name);
                }
            }
            Collection::List(list) => {
                let sorted = matches!(list, List::Entries(_)) && self.ascending;
                let names = &mut self.hashes[frame.hashes..];
                if !sorted && names.len() > 1 {
                    names.sort_unstable();
                    if names.windows(2).any(|pair| pair[0] == pair[1]) {
                        return None;
                    }
                }
                self.hashes.truncate(frame.hashes);
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

/// A plain base64 value, if the field wants one, and the start of the next line.
#[inline(always)]
fn encoded(want: Want, text: &[u8], at: usize) -> Option<(Value, usize)> {
    let Want::Typed(Type::Bytes) = want else { return None };
    let start = lex::skip_spaces(text, at);
    let end = base64::end(text, start)?;
    let next = lex::rest(text, end)?;
    let value = Value { form: Form::Plain, start, end };
    (expect::resolve(&text[start..end]) == Plain::Str).then_some((value, next))
}

/// Tells keys and names apart: equal texts hash alike, and where others do, the full parser decides.
#[inline(always)]
fn hash(text: &[u8]) -> u64 {
    let (words, tail) = text.as_chunks::<8>();
    let mut last = [0; 8];
    last[..tail.len()].copy_from_slice(tail);
    let mut state = text.len() as u64;
    for word in words.iter().chain([&last]) {
        state = (state.rotate_left(23) ^ u64::from_le_bytes(*word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        state ^= state >> 29;
    }
    state
}
