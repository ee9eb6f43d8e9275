//! The current-context of a file that is not held in memory, and the places of its entries.
//!
//! It runs at each prompt and each switch, so its memory does not grow with the file, except for a few words per name.

use std::io::{ErrorKind, Read, Result};

use super::Token;
use super::grammar::{Scanner, Sink};
use super::lex::{Form, Value};
use super::names::hash;
use crate::kubeconfig::{Kind, PerKind, Span};

/// 16 KiB: a larger buffer saves read() calls but touches more fresh pages, which costs more.
const BUFFER: usize = 16 * 1024;
/// The buffer for the rest of a file that has filled the first one [`MANY`] times: then fewer read() calls are faster.
const LONG: usize = 64 * 1024;
const MANY: usize = 16;
/// The longest line for which the buffer grows; certificates have a few thousand bytes.
const LINE: usize = 8 << 20;

/// The index of a file, by the hashes of names: enough to find an entry, or to know that it does not exist.
///
/// Names in different lists or files may have equal hashes, so the caller must compare the name.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// The current-context, unless it is unset or empty.
    pub current_context: Option<String>,
    /// For each kind, the hash of the name and the complete lines of every entry.
    lists: PerKind<Vec<(u64, Span)>>,
    /// The list that is being parsed.
    open: Option<Kind>,
    start: usize,
}

impl Index {
    /// The complete lines of the only entry that can have this name.
    #[must_use]
    pub fn find(&self, kind: Kind, name: &str) -> Option<Span> {
        let wanted = hash(name.as_bytes());
        self.lists[kind].iter().find(|(hash, _)| *hash == wanted).map(|(_, span)| *span)
    }

    /// The complete lines of all entries of a kind, with the text between them.
    #[must_use]
    pub fn all(&self, kind: Kind) -> Option<Span> {
        let list = &self.lists[kind];
        Some(Span::new(list.first()?.1.start, list.last()?.1.end))
    }

    /// True if these can be the names of all entries of a kind, in the order of the file.
    pub fn may_be<'n>(&self, kind: Kind, names: impl Iterator<Item = &'n str>) -> bool {
        self.lists[kind].iter().map(|(hash, _)| *hash).eq(names.map(|name| hash(name.as_bytes())))
    }
}

impl Sink for Index {
    fn top(&mut self, key: Span, value: Value, base: usize, text: &[u8]) {
        let key = &text[key.start - base..key.end - base];
        self.open = Kind::ALL.into_iter().find(|kind| kind.list().as_bytes() == key);
        if key != b"current-context" || value.token(base).is_none() {
            return;
        }
        let content = value.content(text);
        // The grammar guarantees that a plain scalar here is a string or null.
        let null = value.form == Form::Plain && super::is_null(content);
        if !null && !content.is_empty() {
            self.current_context = Some(String::from_utf8_lossy(content).into_owned());
        }
    }

    fn entry(&mut self, line: usize, _dash: usize) {
        self.start = line;
    }

    fn name(&mut self, _token: Token, hash: u64) {
        if let Some(kind) = self.open {
            self.lists[kind].push((hash, Span::new(self.start, self.start)));
        }
    }

    fn close(&mut self, end: usize) {
        if let Some((_, span)) = self.open.and_then(|kind| self.lists[kind].last_mut())
            && span.start == self.start
        {
            span.end = end;
        }
    }
}

/// Returns the current-context of a kubeconfig, if the whole file is in the narrow style.
///
/// The outer `None` means that the full parser is needed, the inner one that the current-context is missing or empty.
///
/// ```
/// let text = "apiVersion: v1\nkind: Config\ncurrent-context: prod\n";
/// let current = kcx::kubeconfig::scan::current_context(text.as_bytes())?;
/// assert_eq!(current, Some(Some("prod".to_owned())));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// An error of the reader, except interruptions.
pub fn current_context(reader: impl Read) -> Result<Option<Option<String>>> {
    Ok(index(reader)?.map(|index| index.current_context))
}

/// Returns the places of the entries of a kubeconfig, if the whole file is in the narrow style; otherwise the full parser is
/// needed. The buffer of 16 KiB grows for a longer line, and once for a file of more than 256 KiB.
///
/// ```
/// use kcx::kubeconfig::{Kind, scan};
/// let text = "contexts:\n- context:\n    cluster: c\n  name: prod\nkind: Config\n";
/// let index = scan::index(text.as_bytes())?.expect("the style of kubectl");
/// let entry = index.find(Kind::Context, "prod").expect("it is there");
/// assert_eq!(entry.of(text), "- context:\n    cluster: c\n  name: prod\n");
/// assert!(index.find(Kind::Cluster, "c").is_none());
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// As [`current_context`].
pub fn index(mut reader: impl Read) -> Result<Option<Index>> {
    let mut scanner = Scanner::new(Index::default());
    let mut buffer = vec![0; BUFFER];
    // The filled part, and the part of it that is known to have no line end.
    let (mut filled, mut partial) = (0, 0);
    let mut reads = 0;
    loop {
        if filled == buffer.len() {
            if filled >= LINE {
                return Ok(None);
            }
            buffer.resize((2 * filled).max(LONG), 0);
        }
        let read = match reader.read(&mut buffer[filled..]) {
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        filled += read;
        if read == 0 {
            return Ok(scanner.lines(&buffer[..filled]).and_then(|()| scanner.finish()));
        }
        // Not with `memchr`: the line end is near, and memchr's detection of the processor takes longer than a whole prompt.
        if let Some(last) = buffer[partial..filled].iter().rposition(|byte| *byte == b'\n') {
            let whole = partial + last + 1;
            if scanner.lines(&buffer[..whole]).is_none() {
                return Ok(None);
            }
            buffer.copy_within(whole..filled, 0);
            filled -= whole;
            reads += 1;
            if reads == MANY && buffer.len() < LONG {
                buffer.resize(LONG, 0);
            }
        }
        partial = filled;
    }
}
