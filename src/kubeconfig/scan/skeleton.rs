//! The skeleton of a text: the events of the grammar, stored as spans.
//!
//! It copies no text and decides nothing.

use super::grammar::{Scanner, Sink};
use super::lex::{Form, Value};
use super::{Entry, Skeleton, Token, Top, TopValue};
use crate::kubeconfig::{Span, Style};

impl Sink for Skeleton {
    fn top(&mut self, key: Span, value: Value, base: usize, _text: &[u8]) {
        let value = match (value.form, value.token(base)) {
            (_, Some(token)) => TopValue::Scalar(token),
            (Form::Nothing, None) => TopValue::Empty,
            (_, None) => TopValue::EmptyFlow(value.span(base)),
        };
        self.top.push(Top { key, value });
    }

    fn block(&mut self, line: usize) {
        if let Some(top) = self.top.last_mut() {
            top.value = TopValue::Block(Span::new(line, line));
        }
    }

    fn entry(&mut self, line: usize, dash: usize) {
        let Some(top) = self.top.last_mut() else { return };
        // The grammar reports the name of every entry before its end.
        let name = Token { span: Span::new(dash, dash), style: Style::Plain };
        let entry = Entry { span: Span::new(line, line), dash, name };
        match &mut top.value {
            TopValue::List(entries) => entries.push(entry),
            value => *value = TopValue::List(vec![entry]),
        }
    }

    fn name(&mut self, token: Token, _hash: u64) {
        if let Some(Top { value: TopValue::List(entries), .. }) = self.top.last_mut()
            && let Some(entry) = entries.last_mut()
        {
            entry.name = token;
        }
    }

    fn close(&mut self, end: usize) {
        match self.top.last_mut().map(|top| &mut top.value) {
            Some(TopValue::Block(span)) => span.end = end,
            Some(TopValue::List(entries)) => {
                if let Some(entry) = entries.last_mut() {
                    entry.span.end = end;
                }
            }
            _ => {}
        }
    }
}

/// Finds the parts of a kubeconfig; `None` if any part of it is not in the narrow style.
///
/// ```
/// use kcx::kubeconfig::scan::{TopValue, skeleton};
/// let text = "kind: Config\nusers:\n- name: ada\n  user:\n    token: t\n# the end\n";
/// let found = skeleton(text).expect("the style of kubectl");
/// let TopValue::List(users) = &found.top[1].value else { panic!("a list of users") };
/// assert_eq!(users[0].name.text(text), "ada");
/// assert_eq!(users[0].span.of(text), "- name: ada\n  user:\n    token: t\n");
/// assert!(skeleton("kind: &anchor Config\n").is_none());
/// ```
#[must_use]
pub fn skeleton(text: &str) -> Option<Skeleton> {
    let mut scanner = Scanner::new(Skeleton::default());
    scanner.lines(text.as_bytes())?;
    scanner.finish()
}
