//! The requests that a proxy refused or could not pass on, kept for the command that started it.

use crate::cluster::read_only_policy::Refused;

/// Why a request was not answered by the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The proxy refused it.
    Refused(Refused),
    /// The cluster did not answer; the reason in words.
    Away(String),
}

/// The notes of one proxy: limited in number, without duplicates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    refused: Vec<(String, String)>,
    away: Vec<String>,
    more: usize,
}

/// The largest number of notes of each kind.
const KEPT: usize = 10;
/// The longest request line that is kept, in characters.
const LINE: usize = 200;

impl Notes {
    /// Notes why a request failed: `line` is its method and path as sent.
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

    /// The refused requests: method and path, and the reason.
    #[must_use]
    pub fn refused(&self) -> &[(String, String)] {
        &self.refused
    }

    /// Why the cluster did not answer, in words.
    #[must_use]
    pub fn away(&self) -> &[String] {
        &self.away
    }

    /// The number of further notes that were dropped.
    #[must_use]
    pub fn more(&self) -> usize {
        self.more
    }
}

/// False if the list is full.
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
