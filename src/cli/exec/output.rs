//! The output of runs: where it goes, and the threads that read it.

use super::super::messages;
use super::prepare::Prepared;
use crate::printer::quote;
use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::SyncSender;
use unicode_width::UnicodeWidthStr;

/// The destination of a run's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Streams {
    /// kcx's own streams, unchanged.
    Passed,
    /// kcx's own streams, line by line, each with the context as prefix.
    Prefixed,
    /// The report.
    Kept,
}

/// The length in bytes at which a line is split.
const LINE: u64 = 1 << 20;

/// What a fleet waits for.
pub(super) enum Event {
    /// A signal came, or a child ended.
    Wake,
    /// Output of a run: which, which stream, and its bytes.
    Line(usize, usize, Vec<u8>),
    /// A stream of a run has ended.
    Closed(usize),
    /// A context is prepared, or cannot be.
    Prepared(Box<Prepared>),
}

/// The prefix of each run's lines: its context.
pub(super) fn prefixes(contexts: &[String], colored: bool) -> Vec<String> {
    const COLORS: [&str; 6] = ["36", "33", "32", "35", "34", "31"];
    let shown: Vec<_> = contexts.iter().map(|context| quote::visible(context)).collect();
    let longest = shown.iter().map(|context| context.width()).max().unwrap_or(0);
    let prefix = |(context, color): (&Cow<'_, str>, &&str)| {
        let gap = " ".repeat(longest - context.width());
        messages::painted(&format!("{context}{gap} |"), color, colored) + " "
    };
    shown.iter().zip(COLORS.iter().cycle()).map(prefix).collect()
}

/// Forwards a stream line by line until its end.
pub(super) fn listen(source: Box<dyn Read + Send>, at: usize, stream: usize, sender: &SyncSender<Event>) {
    let mut source = BufReader::new(source);
    loop {
        let mut line = Vec::new();
        match source.by_ref().take(LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => break,
            Ok(_) if sender.send(Event::Line(at, stream, line)).is_err() => break,
            Ok(_) => {}
        }
    }
    let _ = sender.send(Event::Closed(at));
}
