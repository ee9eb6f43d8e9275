//! The column of labels in the table of `kcx status`; there is none if no context has a label.

use crate::cli::messages::painted;
use crate::printer::quote;
use crate::settings::ContextRule;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const HEADER: &str = "LABEL";

/// The labels of all contexts, as shown.
pub(super) struct Labels {
    texts: Vec<String>,
    width: usize,
}

impl Labels {
    /// Labels that are wider than `room` are cut.
    pub(super) fn new(rules: &[ContextRule<'_>], room: Option<usize>) -> Labels {
        let text = |rule: &ContextRule<'_>| quote::visible(rule.label.unwrap_or_default()).into_owned();
        let texts: Vec<String> = rules.iter().map(text).collect();
        let texts = match room.map(|room| room.max(HEADER.len())) {
            Some(room) => texts.iter().map(|text| cut(text, room)).collect(),
            None => texts,
        };
        let widest = texts.iter().map(|text| text.width()).max().unwrap_or_default();
        Labels { texts, width: if widest == 0 { 0 } else { widest.max(HEADER.len()) } }
    }

    /// The width of the column with the blanks before it.
    pub(super) fn columns(&self) -> usize {
        if self.width == 0 { 0 } else { self.width + 2 }
    }

    pub(super) fn header(&self) -> String {
        self.padded(HEADER, "")
    }

    /// The cell of a context, with the blanks around it; `color` is empty for none.
    pub(super) fn cell(&self, at: usize, color: &str) -> String {
        self.padded(&self.texts[at], color)
    }

    fn padded(&self, text: &str, color: &str) -> String {
        if self.width == 0 {
            return String::new();
        }
        let pad = " ".repeat(self.width.saturating_sub(text.width()));
        format!("  {}{pad}", painted(text, color, !text.is_empty()))
    }
}

/// The beginning of a text that is too wide: of a word, it tells more than the end.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut used = 1;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used <= width
    };
    text.chars().take_while(fits).chain(['…']).collect()
}
