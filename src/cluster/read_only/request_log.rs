//! The requests that a proxy refused or could not pass on, kept for the command that started it.

use crate::cluster::read_only_policy::Refused;

/// Why a request was not answered by the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// The proxy refused it.
    Refused(Refused),
    /// The cluster did not answer; the reason in words.
    NoResponse(String),
}

impl RequestError {
    /// The reason.
    pub(super) fn reason(&self) -> &str {
        match self {
            RequestError::Refused(refused) => &refused.why,
            RequestError::NoResponse(why) => why,
        }
    }
}

/// The log of one proxy: limited in number, without duplicates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestLog {
    refused: Vec<(String, String)>,
    no_response: Vec<String>,
    more: usize,
}

/// The largest number of entries of each kind.
const KEPT: usize = 10;
/// The longest request line that is kept, in characters.
const LINE: usize = 200;

impl RequestLog {
    /// Records why a request failed; `line` is its method and path as sent.
    pub(super) fn add(&mut self, line: &str, error: &RequestError) {
        let is_new = match error {
            RequestError::Refused(Refused { why, .. }) => {
                let mut line: String = line.chars().take(LINE + 1).collect();
                if line.chars().count() > LINE {
                    line = line.chars().take(LINE).chain(['…']).collect();
                }
                put(&mut self.refused, (line, why.clone()))
            }
            RequestError::NoResponse(why) => put(&mut self.no_response, why.clone()),
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
    pub fn no_response(&self) -> &[String] {
        &self.no_response
    }

    /// The number of further entries that were dropped.
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
        let mut log = RequestLog::default();
        let refused =
            |why: &str| RequestError::Refused(Refused { why: why.to_owned(), ..Refused::default() });
        for _ in 0..3 {
            log.add("DELETE /a", &refused("it changes something"));
            log.add("GET /b", &RequestError::NoResponse("nobody is there".to_owned()));
            log.add("GET /c", &RequestError::NoResponse("nobody is there".to_owned()));
        }
        assert_eq!(log.refused(), [("DELETE /a".to_owned(), "it changes something".to_owned())]);
        assert_eq!((log.no_response(), log.more()), (["nobody is there".to_owned()].as_slice(), 0));
        for at in 0..100 {
            log.add(&format!("DELETE /{at}{}", "ü".repeat(500)), &refused("no"));
        }
        assert_eq!((log.refused().len(), log.more()), (KEPT, 91));
        assert!(log.refused().iter().all(|(line, _)| line.chars().count() <= LINE + 1));
    }
}
