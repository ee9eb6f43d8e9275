//! Words of a command, as far as they are known before a shell has expanded them.

/// A word of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word as it was typed.
    raw: String,
    /// Its text without quotes, up to what is not known.
    text: String,
    /// What follows that text, if that is not known.
    open: Option<Open>,
}

/// The part of a word that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Open {
    /// It can become several words, or none.
    pub(super) many: bool,
    /// A word that it becomes can begin with anything.
    pub(super) free: bool,
}

impl Word {
    /// A word that is known.
    #[must_use]
    pub fn literal(text: &str) -> Word {
        Word { raw: text.to_owned(), text: text.to_owned(), open: None }
    }

    pub(super) fn new(raw: &str, text: String, open: Option<Open>) -> Word {
        Word { raw: raw.to_owned(), text, open }
    }

    /// What a program gets from its input or elsewhere: any number of words.
    pub(super) fn anything(raw: &str) -> Word {
        Word::new(raw, String::new(), Some(Open { many: true, free: true }))
    }

    /// The text, if all of it is known.
    pub(super) fn known(&self) -> Option<&str> {
        self.open.is_none().then_some(self.text.as_str())
    }

    /// The text up to what is not known.
    pub(super) fn start(&self) -> &str {
        &self.text
    }

    pub(super) fn raw(&self) -> &str {
        &self.raw
    }

    pub(super) fn open(&self) -> Option<Open> {
        self.open
    }

    /// True if it can become several words, or none.
    pub(super) fn is_many(&self) -> bool {
        self.open.is_some_and(|open| open.many)
    }

    /// True if it can become a flag that is not known.
    pub(super) fn may_be_a_flag(&self) -> bool {
        self.open
            .is_some_and(|open| open.free || self.text.is_empty() || self.text == "-" || self.text == "--")
    }

    /// The word without its first bytes.
    pub(super) fn without(&self, bytes: usize) -> Word {
        let text = self.text.get(bytes..).unwrap_or_default().to_owned();
        Word { raw: text.clone(), text, open: self.open }
    }

    /// The word with each occurrence of `mark` replaced by something that is not known.
    pub(super) fn with_unknown(&self, mark: &str) -> Word {
        match self.text.find(mark) {
            Some(at) if !mark.is_empty() => {
                let open = Open { many: self.is_many(), free: at == 0 };
                Word { raw: self.raw.clone(), text: self.text[..at].to_owned(), open: Some(open) }
            }
            _ => self.clone(),
        }
    }
}

/// The words as they were typed.
pub(super) fn join(words: &[Word]) -> String {
    words.iter().map(shown).collect::<Vec<_>>().join(" ")
}

/// Quotes what a shell would split.
fn shown(word: &Word) -> String {
    let plain = |c: char| !c.is_whitespace();
    if word.open.is_some() || !word.raw.is_empty() && word.raw.chars().all(plain) {
        return word.raw.clone();
    }
    if word.raw != word.text { word.raw.clone() } else { format!("'{}'", word.text.replace('\'', r"'\''")) }
}
