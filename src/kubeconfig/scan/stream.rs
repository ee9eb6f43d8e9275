//! The current-context of a file that is never held whole, and where its contexts stand.
//!
//! The prompt asks for it on every line the user types, and each switch, so nothing here grows with the file, but for a
//! few words for every name.

use std::io::{ErrorKind, Read, Result};

use super::Token;
use super::grammar::{Scanner, Sink};
use super::lex::{Form, Value};
use super::names::hash;
use crate::kubeconfig::{Kind, Span};

const BUFFER: usize = 16 * 1024;
/// A file that fills the first buffer is long, and fewer reads are worth more than memory that is still cached.
const LONG: usize = 64 * 1024;
/// The longest line worth growing for; certificates take a few thousand bytes.
const LINE: usize = 8 << 20;

/// What is in a file, by the hashes of names: enough to find an entry again, and to know that there is none.
///
/// Names that hash alike in different lists or files may be taken for each other; whoever looks must compare the name.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// The current-context, unless it is unset or empty.
    pub current_context: Option<String>,
    contexts: Vec<(u64, Span)>,
    clusters: Vec<u64>,
    users: Vec<u64>,
    /// The list that is being read.
    open: Option<Kind>,
    start: usize,
}

impl Index {
    /// Whole lines that hold the one context that can have this name.
    #[must_use]
    pub fn context(&self, name: &str) -> Option<Span> {
        let wanted = hash(name.as_bytes());
        self.contexts.iter().find(|(hash, _)| *hash == wanted).map(|(_, span)| *span)
    }

    /// True if there can be an entry of this name.
    #[must_use]
    pub fn may_have(&self, kind: Kind, name: &str) -> bool {
        let wanted = hash(name.as_bytes());
        match kind {
            Kind::Cluster => self.clusters.contains(&wanted),
            Kind::User => self.users.contains(&wanted),
            Kind::Context => self.context(name).is_some(),
        }
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
        // The grammar lets a plain scalar here be a string or null only.
        let null = value.form == Form::Plain && super::is_null(content);
        if !null && !content.is_empty() {
            self.current_context = Some(String::from_utf8_lossy(content).into_owned());
        }
    }

    fn entry(&mut self, line: usize, _dash: usize) {
        self.start = line;
    }

    fn name(&mut self, _token: Token, hash: u64) {
        match self.open {
            Some(Kind::Context) => self.contexts.push((hash, Span::new(self.start, self.start))),
            Some(Kind::Cluster) => self.clusters.push(hash),
            Some(Kind::User) => self.users.push(hash),
            None => {}
        }
    }

    fn close(&mut self, end: usize) {
        if let (Some(Kind::Context), Some((_, span))) = (self.open, self.contexts.last_mut())
            && span.start == self.start
        {
            span.end = end;
        }
    }
}

/// Reads a kubeconfig and gives its current-context, if the whole of it is in the narrow style.
///
/// The outer `None` says to ask the full parser, the inner one that there is no current-context, or an empty one.
///
/// ```
/// let text = "apiVersion: v1\nkind: Config\ncurrent-context: prod\n";
/// let current = kcx::kubeconfig::scan::current_context(text.as_bytes())?;
/// assert_eq!(current, Some(Some("prod".to_owned())));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// What the reader reports, but for interruptions.
pub fn current_context(reader: impl Read) -> Result<Option<Option<String>>> {
    Ok(index(reader)?.map(|index| index.current_context))
}

/// Reads a kubeconfig and tells where its contexts stand, if the whole of it is in the narrow style; else the full
/// parser is to be asked. The buffer of 16 KiB grows once for a long file, and for a longer line.
///
/// ```
/// use kcx::kubeconfig::{Kind, scan};
/// let text = "contexts:\n- context:\n    cluster: c\n  name: prod\nkind: Config\n";
/// let index = scan::index(text.as_bytes())?.expect("the style of kubectl");
/// let entry = index.context("prod").expect("it is there");
/// assert_eq!(entry.of(text), "- context:\n    cluster: c\n  name: prod\n");
/// assert!(!index.may_have(Kind::Cluster, "c"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// As [`current_context`].
pub fn index(mut reader: impl Read) -> Result<Option<Index>> {
    let mut scanner = Scanner::new(Index::default());
    let mut buffer = vec![0; BUFFER];
    // What is filled, and how much of that is known to have no line end.
    let (mut filled, mut partial) = (0, 0);
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
        if let Some(last) = memchr::memrchr(b'\n', &buffer[partial..filled]) {
            let whole = partial + last + 1;
            if scanner.lines(&buffer[..whole]).is_none() {
                return Ok(None);
            }
            buffer.copy_within(whole..filled, 0);
            let full = filled == buffer.len();
            filled -= whole;
            if full && buffer.len() < LONG {
                buffer.resize(LONG, 0);
            }
        }
        partial = filled;
    }
}
