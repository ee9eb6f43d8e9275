//! What a proxy did not let through, kept for the command that started it.

use crate::cluster::verdict::Refused;

/// Why a request was not answered by the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// It was not let through.
    Refused(Refused),
    /// The cluster did not answer; why, in words.
    Away(String),
}

/// The notes of one proxy: a bounded number, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    refused: Vec<(String, String)>,
    away: Vec<String>,
    more: usize,
}

/// As many distinct ones are kept of each kind.
const KEPT: usize = 10;
/// A longer request line is cut, in characters.
const LINE: usize = 200;

impl Notes {
    /// Notes what became of a request: `line` is its method and its path, as they were sent.
    pub(super) fn note(&mut self, line: &str, note: &Note) {
        let is_new = match note {
            Note::Refused(Refused { why, .. }) => {
                let mut line: String = line.chars().take(LINE + 1).collect();
                if line.chars().count() > LINE {
                    line = line.chars().take(LINE).chain(['…']).collect();
                }
                put(&mut self.refused, (line, why.clone()))
            }
            Note::Away(why) => put(&mut self.away, why.clone()),
        };
        self.more += usize::from(!is_new);
    }

    /// What was refused: method and path of the request, and why.
    #[must_use]
    pub fn refused(&self) -> &[(String, String)] {
        &self.refused
    }

    /// Why the cluster did not answer, in words.
    #[must_use]
    pub fn away(&self) -> &[String] {
        &self.away
    }

    /// How many further ones there were.
    #[must_use]
    pub fn more(&self) -> usize {
        self.more
    }
}

/// False if there is no place for it.
fn put<T: PartialEq>(kept: &mut Vec<T>, new: T) -> bool {
    if kept.contains(&new) {
        return true;
    }
    if kept.len() == KEPT {
        return false;
    }
    kept.push(new);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_kept_once_and_not_too_many() {
        let mut notes = Notes::default();
        let refused = |why: &str| Note::Refused(Refused { why: why.to_owned(), may_be_dry: true });
        for _ in 0..3 {
            notes.note("DELETE /a", &refused("it changes something"));
            notes.note("GET /b", &Note::Away("nobody is there".to_owned()));
            notes.note("GET /c", &Note::Away("nobody is there".to_owned()));
        }
        assert_eq!(notes.refused(), [("DELETE /a".to_owned(), "it changes something".to_owned())]);
        assert_eq!((notes.away(), notes.more()), (["nobody is there".to_owned()].as_slice(), 0));
        for at in 0..100 {
            notes.note(&format!("DELETE /{at}{}", "ü".repeat(500)), &refused("no"));
        }
        assert_eq!((notes.refused().len(), notes.more()), (KEPT, 91));
        assert!(notes.refused().iter().all(|(line, _)| line.chars().count() <= LINE + 1));
    }
}
