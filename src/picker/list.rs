//! The state of a picker: items, query, pointer and marks, and how each key changes them. Pure.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// An item of a picker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    /// The text that is matched against the query, shown and returned.
    pub name: String,
    /// Other texts that are matched against the query.
    pub aliases: Vec<String>,
    /// What `label:TEXT` in the query is compared with.
    pub labels: Vec<String>,
    /// A text shown beside the name; may be empty.
    pub note: String,
    /// True for the current item, which is marked with `*`.
    pub current: bool,
    /// The color of the name and the note.
    pub paint: Option<Paint>,
}

/// A color of the terminal's palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paint {
    /// Its ANSI number, from 0.
    pub color: u8,
    /// True for bold text.
    pub is_bold: bool,
}

impl Paint {
    /// The parameters of the SGR escape sequence, such as `1;31`.
    #[must_use]
    pub(crate) fn sgr(self) -> String {
        format!("{}3{}", if self.is_bold { "1;" } else { "" }, self.color)
    }
}

/// A key with a meaning in a picker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// Inserts a character into the query.
    Char(char),
    /// Removes the character before the cursor.
    Backspace,
    /// Removes the character after the cursor.
    Delete,
    /// Removes the word before the cursor.
    Word,
    /// Removes everything before the cursor.
    Clear,
    /// Moves the cursor one character to the left.
    Left,
    /// Moves the cursor one character to the right.
    Right,
    /// Moves the cursor to the start of the query.
    Home,
    /// Moves the cursor to the end of the query.
    End,
    /// Moves the pointer one item up.
    Up,
    /// Moves the pointer one item down.
    Down,
    /// Moves the pointer one screen up.
    PageUp,
    /// Moves the pointer one screen down.
    PageDown,
    /// Toggles the mark of the item at the pointer and moves down.
    Mark,
    /// Chooses the marked items, or the one at the pointer.
    Enter,
    /// Cancels.
    Cancel,
}

/// The effect of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyOutcome {
    /// The picker goes on.
    Continue,
    /// These items are chosen, as indexes into the list.
    Chosen(Vec<usize>),
    /// The query is chosen as a text of its own; it matches no item.
    Typed(String),
    /// The user chose nothing.
    Cancel,
}

/// What a word of the query begins with that is compared with labels.
const LABEL: &str = "label:";

/// A list of items with a query, a pointer and marks.
pub(crate) struct List {
    /// The kind of the items, such as `context`.
    pub(super) title: String,
    /// A message beside the title; may be empty.
    pub(super) message: String,
    pub(super) items: Vec<Choice>,
    pub(super) query: String,
    /// The byte offset of the cursor in the query.
    pub(super) cursor: usize,
    /// The indexes of the items that match the query, best match first.
    pub(super) shown: Vec<usize>,
    /// The position of the pointer in `shown`.
    pub(super) at: usize,
    /// The position in `shown` of the first line on the screen.
    pub(super) top: usize,
    /// The number of items that fit on the screen.
    page: usize,
    pub(super) marked: BTreeSet<usize>,
    many: bool,
    free: bool,
    /// The parsed query; `None` while it is empty.
    pattern: Option<Pattern>,
    matcher: Option<Matcher>,
}

impl List {
    /// Creates a list of these items, in this order.
    #[must_use]
    pub(crate) fn new(title: &str, items: Vec<Choice>) -> List {
        List {
            title: title.to_owned(),
            message: String::new(),
            shown: (0..items.len()).collect(),
            items,
            query: String::new(),
            cursor: 0,
            at: 0,
            top: 0,
            page: 1,
            marked: BTreeSet::new(),
            many: false,
            free: false,
            pattern: None,
            matcher: None,
        }
    }

    /// Allows several items to be marked and chosen.
    #[must_use]
    pub(crate) fn many(mut self) -> List {
        self.many = true;
        self
    }

    /// Allows the query to be chosen if it matches no item.
    #[must_use]
    pub(crate) fn free(mut self) -> List {
        self.free = true;
        self
    }

    /// The index of the item at the pointer.
    #[must_use]
    pub(crate) fn pointed(&self) -> Option<usize> {
        self.shown.get(self.at).copied()
    }

    /// The kind of the items, such as `context`.
    #[must_use]
    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    /// Sets the message beside the title.
    #[must_use]
    pub(crate) fn with_message(mut self, text: &str) -> List {
        self.set_message(text);
        self
    }

    /// Sets the message beside the title.
    pub(crate) fn set_message(&mut self, text: &str) {
        text.clone_into(&mut self.message);
    }

    /// Replaces the items and clears the message. The query is kept; the pointer and the marks stay on items of the
    /// same name.
    pub(crate) fn replace(&mut self, items: Vec<Choice>) {
        let pointed = self.pointed().map(|at| self.items[at].name.clone());
        let marked: BTreeSet<String> = self.marked.iter().map(|at| self.items[*at].name.clone()).collect();
        self.items = items;
        self.message.clear();
        self.marked = (0..self.items.len()).filter(|at| marked.contains(&self.items[*at].name)).collect();
        self.find();
        let place = pointed.and_then(|name| self.shown.iter().position(|at| self.items[*at].name == name));
        self.at = place.unwrap_or(0);
    }

    /// True if several items can be chosen.
    #[must_use]
    pub(crate) fn takes_many(&self) -> bool {
        self.many
    }

    /// True if a text that matches no item can be chosen.
    #[must_use]
    pub(crate) fn takes_text(&self) -> bool {
        self.free
    }

    /// The items.
    #[must_use]
    pub(crate) fn items(&self) -> &[Choice] {
        &self.items
    }

    /// The indexes of the characters of an item that the query matches.
    pub(super) fn hits(&mut self, item: usize) -> Vec<usize> {
        let (Some(pattern), Some(matcher)) = (&self.pattern, &mut self.matcher) else { return Vec::new() };
        let (mut characters, mut hits) = (Vec::new(), Vec::new());
        let name = Utf32Str::new(&self.items[item].name, &mut characters);
        // The query may match an alias.
        if pattern.indices(name, matcher, &mut hits).is_none() {
            hits.clear();
        }
        hits.into_iter().map(|at| at as usize).collect()
    }

    /// Sets the number of items on the screen, and scrolls so that the pointer is visible.
    pub(super) fn fit(&mut self, page: usize) {
        self.page = page.max(1);
        let last = self.shown.len().saturating_sub(self.page);
        self.top = self.top.min(last).min(self.at).max((self.at + 1).saturating_sub(self.page));
    }

    /// Processes a key.
    pub(crate) fn press(&mut self, key: Key) -> KeyOutcome {
        match key {
            Key::Char(c) if c.is_control() => {}
            Key::Char(c) => {
                self.query.insert(self.cursor, c);
                self.cursor += c.len_utf8();
                self.find();
            }
            Key::Backspace => {
                let start = self.before(1);
                self.cut(start, self.cursor);
            }
            Key::Delete => {
                let end = self.query[self.cursor..].chars().next().map_or(0, char::len_utf8);
                self.cut(self.cursor, self.cursor + end);
            }
            Key::Word => {
                let kept = self.query[..self.cursor].trim_end();
                let start = kept.rfind(char::is_whitespace).map_or(0, |at| at + 1);
                let start = (start..=kept.len()).find(|at| kept.is_char_boundary(*at)).unwrap_or(0);
                self.cut(start, self.cursor);
            }
            Key::Clear => self.cut(0, self.cursor),
            Key::Left => self.cursor = self.before(1),
            Key::Right => {
                self.cursor += self.query[self.cursor..].chars().next().map_or(0, char::len_utf8);
            }
            Key::Home => self.cursor = 0,
            Key::End => self.cursor = self.query.len(),
            Key::Up => self.at = self.at.saturating_sub(1),
            Key::Down => self.down(1),
            Key::PageUp => self.at = self.at.saturating_sub(self.page),
            Key::PageDown => self.down(self.page),
            Key::Mark if self.many => {
                if let Some(item) = self.pointed() {
                    if !self.marked.remove(&item) {
                        self.marked.insert(item);
                    }
                    self.down(1);
                }
            }
            Key::Mark => self.down(1),
            Key::Enter => return self.take(),
            Key::Cancel => return KeyOutcome::Cancel,
        }
        KeyOutcome::Continue
    }

    fn take(&self) -> KeyOutcome {
        if !self.marked.is_empty() {
            return KeyOutcome::Chosen(self.marked.iter().copied().collect());
        }
        match self.pointed() {
            Some(item) => KeyOutcome::Chosen(vec![item]),
            None if self.free && !self.query.trim().is_empty() => {
                KeyOutcome::Typed(self.query.trim().to_owned())
            }
            None => KeyOutcome::Continue,
        }
    }

    fn before(&self, chars: usize) -> usize {
        self.query[..self.cursor].char_indices().rev().take(chars).last().map_or(self.cursor, |(at, _)| at)
    }

    fn down(&mut self, lines: usize) {
        self.at = (self.at + lines).min(self.shown.len().saturating_sub(1));
    }

    fn cut(&mut self, start: usize, end: usize) {
        if start < end {
            self.query.replace_range(start..end, "");
            self.cursor = start;
            self.find();
        }
    }

    /// Updates `shown` for the query: best match first, equal matches in the order of the list.
    fn find(&mut self) {
        (self.at, self.top) = (0, 0);
        let (labels, rest): (Vec<&str>, Vec<&str>) =
            self.query.split_whitespace().partition(|word| !self.free && word.starts_with(LABEL));
        let labels: Vec<String> = labels.iter().map(|word| word[LABEL.len()..].to_lowercase()).collect();
        let has_labels = |item: &Choice| {
            let has = |wanted: &String| item.labels.iter().any(|label| label.to_lowercase().contains(wanted));
            labels.iter().all(has)
        };
        if rest.is_empty() {
            self.pattern = None;
            self.shown = (0..self.items.len()).filter(|at| has_labels(&self.items[*at])).collect();
            return;
        }
        // Without labels, a backslash before a blank stays what it is.
        let query = if labels.is_empty() { self.query.clone() } else { rest.join(" ") };
        let pattern = Pattern::parse(&query, CaseMatching::Smart, Normalization::Smart);
        let matcher = self.matcher.get_or_insert_with(|| Matcher::new(Config::DEFAULT));
        let mut characters = Vec::new();
        let mut found: Vec<(Reverse<u32>, usize)> = Vec::new();
        for (at, item) in self.items.iter().enumerate().filter(|(_, item)| has_labels(item)) {
            let texts = std::iter::once(&item.name).chain(&item.aliases);
            let mut score = |text| pattern.score(Utf32Str::new(text, &mut characters), matcher);
            if let Some(score) = texts.filter_map(|text| score(text)).max() {
                found.push((Reverse(score), at));
            }
        }
        found.sort_unstable();
        self.shown = found.into_iter().map(|(_, at)| at).collect();
        self.pattern = Some(pattern);
    }
}

#[cfg(test)]
mod tests;
