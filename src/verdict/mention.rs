//! Contexts that are named in a text which kcx does not read: an argument of a script, a variable.

use super::Judge;
use super::place::Place;
use super::word::{Word, join};

impl Judge<'_> {
    /// A value that later commands of the line can use.
    pub(super) fn heard(&mut self, word: &Word) {
        self.values.push(' ');
        self.values.push_str(word.raw());
    }

    /// Adds the protected contexts that are named by a command which is not known, by the commands around it and by the
    /// variables that the line has set.
    pub(super) fn mentioned(&mut self, words: &[Word], places: &mut Vec<Place>) {
        if places.contains(&Place::Unknown) {
            return;
        }
        let surroundings = self.surroundings;
        let Some(protected) = self.protected.get_or_insert_with(|| surroundings.protected()) else {
            return places.push(Place::Unknown);
        };
        if protected.is_empty() {
            return;
        }
        let command = join(words);
        let texts = self.outer.iter().map(String::as_str).chain([command.as_str(), self.values.as_str()]);
        let texts: Vec<&str> = texts.collect();
        for name in protected.iter().filter(|name| texts.iter().any(|text| names(text, name))) {
            let place = Place::Named(name.clone());
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
}

/// True if a text has this name as a word of its own, or as part of one such as `deploy-NAME`.
fn names(text: &str, name: &str) -> bool {
    let is_end = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            is_end(text[..at].chars().next_back()) && is_end(text[at + name.len()..].chars().next())
        })
}
