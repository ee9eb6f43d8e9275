//! The current-context of a file that is never held whole.
//!
//! The prompt asks for it on every line the user types, so nothing here grows with the file, but for eight bytes to four
//! times that for every name.

use std::io::{ErrorKind, Read, Result};

use super::grammar::{Scanner, Sink};
use super::lex::{Form, Value};
use crate::kubeconfig::Span;

const BUFFER: usize = 64 * 1024;
/// The longest line worth growing for; certificates take a few thousand bytes.
const LINE: usize = 8 << 20;

/// Keeps the current-context.
#[derive(Default)]
struct Current(Option<String>);

impl Sink for Current {
    fn top(&mut self, key: Span, value: Value, base: usize, text: &[u8]) {
        if &text[key.start - base..key.end - base] != b"current-context" || value.token(base).is_none() {
            return;
        }
        let content = value.content(text);
        // The grammar lets a plain scalar here be a string or null only.
        let null = value.form == Form::Plain && super::is_null(content);
        if !null && !content.is_empty() {
            self.0 = Some(String::from_utf8_lossy(content).into_owned());
        }
    }
}

/// Reads a kubeconfig and gives its current-context, if the whole of it is in the narrow style.
///
/// The outer `None` says to ask the full parser, the inner one that there is no current-context, or an empty one.
/// The buffer of 64 KiB grows for a longer line only.
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
pub fn current_context(mut reader: impl Read) -> Result<Option<Option<String>>> {
    let mut scanner = Scanner::new(Current::default());
    let mut buffer = vec![0; BUFFER];
    // What is filled, and how much of that is known to have no line end.
    let (mut filled, mut partial) = (0, 0);
    loop {
        if filled == buffer.len() {
            if filled >= LINE {
                return Ok(None);
            }
            buffer.resize(2 * filled, 0);
        }
        let read = match reader.read(&mut buffer[filled..]) {
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        filled += read;
        if read == 0 {
            let current = scanner.lines(&buffer[..filled]).and_then(|()| scanner.finish());
            return Ok(current.map(|Current(name)| name));
        }
        if let Some(last) = memchr::memrchr(b'\n', &buffer[partial..filled]) {
            let whole = partial + last + 1;
            if scanner.lines(&buffer[..whole]).is_none() {
                return Ok(None);
            }
            buffer.copy_within(whole..filled, 0);
            filled -= whole;
        }
        partial = filled;
    }
}
