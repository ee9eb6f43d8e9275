//! The state of a picker: pure, one key after another.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// One thing to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// What is matched, shown and chosen.
    pub name: String,
    /// Shown beside it; empty for nothing.
    pub note: String,
    /// True for the one in force.
    pub current: bool,
}

/// A key that means something here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A letter of the query.
    Char(char),
    /// Removes the letter before the cursor.
    Backspace,
    /// Removes the letter behind it.
    Delete,
    /// Removes the word before it.
    Word,
    /// Removes all before it.
    Clear,
    /// The cursor, one letter back.
    Left,
    /// The cursor, one letter on.
    Right,
    /// The cursor, to the beginning.
    Home,
    /// The cursor, to the end.
    End,
    /// The pointer, one up.
    Up,
    /// The pointer, one down.
    Down,
    /// The pointer, a screen up.
    PageUp,
    /// The pointer, a screen down.
    PageDown,
    /// Marks what is pointed at, or unmarks it, and goes on.
    Mark,
    /// Takes what is marked, or what is pointed at.
    Enter,
    /// Leaves with nothing.
    Cancel,
}

/// What follows from a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyOutcome {
    /// Another key is wanted.
    Continue,
    /// These items, by their place in the list.
    Chosen(Vec<usize>),
    /// The text that was typed: nothing in the list fits it.
    Typed(String),
    /// Nothing.
    Cancel,
}

/// A list, and what was done to it.
pub struct List {
    /// What is chosen: `context`.
    pub(super) title: String,
    /// What is said beside the title.
    pub(super) said: String,
    pub(super) items: Vec<Choice>,
    pub(super) query: String,
    /// The cursor in the query, in bytes.
    pub(super) cursor: usize,
    /// What fits the query, best first.
    pub(super) shown: Vec<usize>,
    /// The pointer in `shown`.
    pub(super) at: usize,
    /// The first line of `shown` on the screen.
    pub(super) top: usize,
    /// How many of them the screen holds.
    page: usize,
    pub(super) marked: BTreeSet<usize>,
    many: bool,
    free: bool,
    /// What fits the query; none while there is none.
    pattern: Option<Pattern>,
    matcher: Option<Matcher>,
}

impl List {
    /// A list of these items, the most likely first.
    #[must_use]
    pub fn new(title: &str, items: Vec<Choice>) -> List {
        List {
            title: title.to_owned(),
            said: String::new(),
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

    /// Lets several be marked and taken.
    #[must_use]
    pub fn many(mut self) -> List {
        self.many = true;
        self
    }

    /// Takes what was typed where nothing fits it.
    #[must_use]
    pub fn free(mut self) -> List {
        self.free = true;
        self
    }

    /// The item that is pointed at, by its place in the list.
    #[must_use]
    pub fn pointed(&self) -> Option<usize> {
        self.shown.get(self.at).copied()
    }

    /// What is chosen.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Says something beside the title; nothing with an empty text.
    #[must_use]
    pub fn saying(mut self, text: &str) -> List {
        self.say(text);
        self
    }

    /// The same, later.
    pub fn say(&mut self, text: &str) {
        text.clone_into(&mut self.said);
    }

    /// Other items; what was typed stays, and so does the pointer while what it points at does. Nothing is said any more.
    pub fn replace(&mut self, items: Vec<Choice>) {
        let pointed = self.pointed().map(|at| self.items[at].name.clone());
        let marked: BTreeSet<String> = self.marked.iter().map(|at| self.items[*at].name.clone()).collect();
        self.items = items;
        self.said.clear();
        self.marked = (0..self.items.len()).filter(|at| marked.contains(&self.items[*at].name)).collect();
        self.find();
        let place = pointed.and_then(|name| self.shown.iter().position(|at| self.items[*at].name == name));
        self.at = place.unwrap_or(0);
    }

    /// True if several can be taken.
    #[must_use]
    pub fn takes_many(&self) -> bool {
        self.many
    }

    /// True if a text can be taken that is in no list.
    #[must_use]
    pub fn takes_text(&self) -> bool {
        self.free
    }

    /// The items.
    #[must_use]
    pub fn items(&self) -> &[Choice] {
        &self.items
    }

    /// The characters of an item that the query was found in, by their place; for what is on the screen only.
    pub(super) fn hits(&mut self, item: usize) -> Vec<usize> {
        let (Some(pattern), Some(matcher)) = (&self.pattern, &mut self.matcher) else { return Vec::new() };
        let (mut characters, mut hits) = (Vec::new(), Vec::new());
        let name = Utf32Str::new(&self.items[item].name, &mut characters);
        pattern.indices(name, matcher, &mut hits);
        hits.into_iter().map(|at| at as usize).collect()
    }

    /// Tells how many items the screen holds, and moves the view so that the pointer is in it.
    pub(super) fn fit(&mut self, page: usize) {
        self.page = page.max(1);
        let last = self.shown.len().saturating_sub(self.page);
        self.top = self.top.min(last).min(self.at).max((self.at + 1).saturating_sub(self.page));
    }

    /// Does what a key says.
    pub fn press(&mut self, key: Key) -> KeyOutcome {
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

    /// What fits the query, best first; among equals the order of the list stands.
    fn find(&mut self) {
        (self.at, self.top) = (0, 0);
        if self.query.trim().is_empty() {
            self.pattern = None;
            self.shown = (0..self.items.len()).collect();
            return;
        }
        let pattern = Pattern::parse(&self.query, CaseMatching::Smart, Normalization::Smart);
        let matcher = self.matcher.get_or_insert_with(|| Matcher::new(Config::DEFAULT));
        let mut characters = Vec::new();
        let mut found: Vec<(Reverse<u32>, usize)> = Vec::new();
        for (at, item) in self.items.iter().enumerate() {
            if let Some(score) = pattern.score(Utf32Str::new(&item.name, &mut characters), matcher) {
                found.push((Reverse(score), at));
            }
        }
        found.sort_unstable();
        self.shown = found.into_iter().map(|(_, at)| at).collect();
        self.pattern = Some(pattern);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &[&str]) -> List {
        let item = |name: &&str| Choice { name: (*name).to_owned(), ..Choice::default() };
        List::new("context", names.iter().map(item).collect())
    }

    fn typed(list: &mut List, text: &str) {
        for c in text.chars() {
            assert_eq!(list.press(Key::Char(c)), KeyOutcome::Continue);
        }
    }

    fn names(list: &List) -> Vec<&str> {
        list.shown.iter().map(|item| list.items[*item].name.as_str()).collect()
    }

    #[test]
    fn a_few_letters_find_a_name() {
        let mut list = list(&["dev", "prod-eu1", "prod-us1", "arn:aws:eks:eu-west-1:1:cluster/shop"]);
        typed(&mut list, "peu");
        assert_eq!(names(&list)[0], "prod-eu1");
        assert_eq!(list.press(Key::Enter), KeyOutcome::Chosen(vec![1]));
        list.press(Key::Clear);
        typed(&mut list, "prod us");
        assert_eq!(names(&list), ["prod-us1"]);
        list.press(Key::Word);
        assert_eq!(names(&list), ["prod-eu1", "prod-us1"]);
        assert_eq!(list.query, "prod ");
    }

    #[test]
    fn equals_keep_the_order_they_came_in() {
        let mut list = list(&["b-prod", "a-prod", "c-prod"]);
        assert_eq!(names(&list), ["b-prod", "a-prod", "c-prod"]);
        typed(&mut list, "prod");
        assert_eq!(names(&list), ["b-prod", "a-prod", "c-prod"]);
    }

    #[test]
    fn the_pointer_stays_in_the_list_and_the_view_with_it() {
        let all: Vec<String> = (0..100).map(|at| format!("c{at}")).collect();
        let mut list = list(&all.iter().map(String::as_str).collect::<Vec<_>>());
        list.fit(10);
        list.press(Key::Up);
        assert_eq!(list.pointed(), Some(0));
        for _ in 0..3 {
            list.press(Key::PageDown);
        }
        list.fit(10);
        assert_eq!((list.at, list.top), (30, 21));
        for _ in 0..50 {
            list.press(Key::PageDown);
        }
        list.fit(10);
        assert_eq!((list.at, list.top), (99, 90));
        typed(&mut list, "c1");
        list.fit(10);
        assert_eq!((list.at, list.top), (0, 0));
    }

    #[test]
    fn marks_are_taken_together() {
        let mut list = list(&["a", "b", "c"]).many();
        list.press(Key::Mark);
        list.press(Key::Down);
        list.press(Key::Mark);
        assert_eq!(list.press(Key::Enter), KeyOutcome::Chosen(vec![0, 2]));
        list.press(Key::Mark);
        assert_eq!(list.press(Key::Enter), KeyOutcome::Chosen(vec![0]));
    }

    #[test]
    fn nothing_that_fits_is_nothing_taken() {
        let mut list = list(&["a"]);
        typed(&mut list, "zzz");
        assert_eq!(list.press(Key::Enter), KeyOutcome::Continue);
        let mut list = self::list(&["a"]).free();
        typed(&mut list, " new ");
        assert_eq!(list.press(Key::Enter), KeyOutcome::Typed("new".to_owned()));
        assert_eq!(list.press(Key::Cancel), KeyOutcome::Cancel);
    }

    #[test]
    fn the_query_is_edited_where_the_cursor_is() {
        let mut list = list(&["a"]);
        typed(&mut list, "aé日");
        list.press(Key::Left);
        list.press(Key::Backspace);
        assert_eq!((list.query.as_str(), list.cursor), ("a日", 1));
        list.press(Key::Delete);
        list.press(Key::Delete);
        list.press(Key::Home);
        list.press(Key::Backspace);
        list.press(Key::Char('\u{1b}'));
        assert_eq!((list.query.as_str(), list.cursor), ("a", 0));
        list.press(Key::End);
        list.press(Key::Right);
        assert_eq!(list.cursor, 1);
    }
}
