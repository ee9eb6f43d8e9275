//! Decides whether a session is in use. It lives as long as what was started in it: a job that outlives its shell goes on in
//! the same context.
//!
//! The processes of a session are its shell, the children that the shell had when it ended (a subshell has the environment
//! with which its shell was started, so only its parent tells), and all that have the session in their environment.

use super::Session;
use crate::file::{self, Existence, ProcessIdentity};
use std::io;
use std::path::PathBuf;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What is known of the processes of a session.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The shell. It runs on after it has left a session for another one.
    pub owner: Existence,
    /// The children that the shell had when it ended; `None` if it was killed.
    pub left_behind: Option<Vec<Existence>>,
    /// Whether a process has the session in its environment.
    pub carriers: Carriers,
    /// How long ago a file of the session was written.
    pub idle: Duration,
}

/// The processes that have a session in their environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carriers {
    /// There are some.
    Some,
    /// There are none.
    None,
    /// None was found, but not all could be searched.
    NotAllSearched,
    /// The system does not show environments.
    NotShown,
}

/// Whether a session is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A process of it is there, or it is out of sight and not old.
    InUse,
    /// A process of it may be there: it was used not long ago.
    Possible,
    /// No process of it is there.
    Unused,
}

impl Facts {
    /// Decides it.
    #[must_use]
    pub fn decide(&self) -> Use {
        match self.owner {
            Existence::Running if self.left_behind.is_none() => return Use::InUse,
            Existence::BeforeBoot => return Use::Unused,
            Existence::Unknown => return if self.idle < 30 * DAY { Use::InUse } else { Use::Unused },
            // A shell that runs has left the session for another one.
            Existence::Running | Existence::Ended => {}
        }
        let is_left = |children: &Vec<Existence>| children.contains(&Existence::Running);
        if self.left_behind.as_ref().is_some_and(is_left) || self.carriers == Carriers::Some {
            return Use::InUse;
        }
        let time = match self.carriers {
            Carriers::None if self.left_behind.is_some() => return Use::Unused,
            Carriers::NotShown => 7 * DAY,
            _ => DAY,
        };
        if self.idle < time { Use::Possible } else { Use::Unused }
    }
}

impl Session {
    pub(super) fn left_behind_file(&self) -> PathBuf {
        self.folder.join("ended")
    }

    /// Records that the shell ends, or leaves the session for another one, and which processes it leaves behind.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn record_end(&self, left_behind: &[ProcessIdentity]) -> io::Result<()> {
        let lines: String = left_behind.iter().map(ProcessIdentity::render).collect();
        file::write_private(&self.left_behind_file(), lines.as_bytes())
    }

    /// Whether the shell exists. A session whose record is lost counts as one of another host.
    #[must_use]
    pub fn owner_exists(&self, here: &ProcessIdentity) -> Existence {
        let Some(owner) = self.owner() else { return Existence::Unknown };
        let age = file::age(&crate::store::overlay::owner_file(&self.folder));
        owner.existence(here, age.or_else(|| file::age(&self.guard)))
    }

    /// What is known of its processes.
    #[must_use]
    pub fn facts(&self, here: &ProcessIdentity, carriers: Carriers) -> Facts {
        let left_behind = self.read_own(&self.left_behind_file()).map(|text| {
            let lines = text.split_inclusive('\n').filter_map(ProcessIdentity::parse);
            lines.map(|process| process.existence(here, None)).collect()
        });
        let files = [self.folder.clone(), self.overlay(), self.guard.clone(), self.left_behind_file()];
        let idle = files.iter().filter_map(|file| file::age(file)).min();
        Facts { owner: self.owner_exists(here), left_behind, carriers, idle: idle.unwrap_or(Duration::MAX) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_lives_as_long_as_what_was_started_in_it() {
        use Carriers::{NotAllSearched, NotShown};
        use Existence::{BeforeBoot, Ended, Running, Unknown};
        let (hour, week, month) = (DAY / 24, 7 * DAY, 30 * DAY);
        for (owner, left_behind, carriers, idle, verdict) in [
            (Running, None, Carriers::None, 2 * month, Use::InUse),
            (BeforeBoot, Some(vec![]), Carriers::None, hour, Use::Unused),
            (Running, Some(vec![]), Carriers::None, hour, Use::Unused),
            (Running, Some(vec![Running]), Carriers::None, hour, Use::InUse),
            (Running, Some(vec![]), Carriers::Some, hour, Use::InUse),
            // A container, or a home folder on a network.
            (Unknown, None, Carriers::None, 29 * DAY, Use::InUse),
            (Unknown, Some(vec![]), Carriers::None, month, Use::Unused),
            // A subshell, and a program that it has not started itself.
            (Ended, Some(vec![Ended, Running]), Carriers::None, month, Use::InUse),
            (Ended, Some(vec![]), Carriers::Some, month, Use::InUse),
            (Ended, Some(vec![Ended]), Carriers::None, Duration::ZERO, Use::Unused),
            (Ended, Some(vec![]), NotAllSearched, hour, Use::Possible),
            (Ended, Some(vec![]), NotAllSearched, DAY, Use::Unused),
            // A shell that was killed may have subshells.
            (Ended, None, Carriers::None, hour, Use::Possible),
            (Ended, None, Carriers::Some, month, Use::InUse),
            (Ended, None, Carriers::None, DAY, Use::Unused),
            (Ended, Some(vec![]), NotShown, 6 * DAY, Use::Possible),
            (Ended, None, NotShown, week, Use::Unused),
        ] {
            let facts = Facts { owner, left_behind, carriers, idle };
            assert_eq!(facts.decide(), verdict, "{facts:?}");
        }
    }
}
