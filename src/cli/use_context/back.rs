//! The contexts before: `kcx use -`, and `kcx use -2`, `-3` and so on.

use super::UseArgs;
use crate::cli::World;
use crate::cli::error::{self, Cause, Error};
use crate::cli::scope::Scope;
use crate::session::history::History;

/// How many switches back this word means: one for `-` and `-1`, two for `-2`; `None` for a name.
#[must_use]
pub(in crate::cli) fn steps(word: &str) -> Option<usize> {
    match word.strip_prefix('-')? {
        "" => Some(1),
        digits if digits.len() <= 4 && digits.bytes().all(|digit| digit.is_ascii_digit()) => {
            digits.parse().ok().filter(|steps| *steps > 0)
        }
        _ => None,
    }
}

impl UseArgs {
    /// How many switches back the name means; `None` if it is a name.
    pub(super) fn steps(&self) -> Option<usize> {
        let word = self.name.as_deref()?;
        // Behind `--`, a name may begin with a dash.
        steps(word).filter(|_| !self.is_literal || word == "-")
    }
}

/// The contexts before the current one in this place, the latest first. With `current`, switches of other programs since
/// then are taken into account.
pub(in crate::cli) fn previous(scope: &Scope, current: Option<&str>, world: &World<'_>) -> Vec<String> {
    let history = History::load(world.env);
    let here = history.previous_contexts(&scope.place(world), current);
    // A shell without switches uses the history of all shells.
    if here.is_empty() { history.previous_contexts(&Scope::Global.place(world), current) } else { here }
}

/// The context so many switches back.
pub(super) fn before(steps: usize, scope: &Scope, current: &str, world: &World<'_>) -> Result<String, Error> {
    let mut previous = previous(scope, Some(current), world);
    let count = previous.len();
    if steps <= count {
        return Ok(previous.swap_remove(steps - 1));
    }
    let why = match (count, scope) {
        (0, Scope::Session(_)) => "no previous context: this shell has not switched yet".to_owned(),
        (0, Scope::Global) => format!(
            "no previous context: no switch is recorded for {}",
            error::path(world.own_store().default_path())
        ),
        (1, _) => format!("there is no context {steps} switches back: only one is recorded"),
        (count, _) => format!("there is no context {steps} switches back: only {count} are recorded"),
    };
    let hint = match count {
        0 => "`-` goes back to where the last `kcx use` came from",
        _ => "`kcx history --switches` lists them",
    };
    Err(Error::new(Cause::NotFound, why).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_dash_and_a_number_go_back() {
        for (word, want) in [
            ("-", Some(1)),
            ("-1", Some(1)),
            ("-2", Some(2)),
            ("-12", Some(12)),
            ("-0", None),
            ("-12345", None),
            ("-2a", None),
            ("--2", None),
            ("2", None),
            ("", None),
            ("-n", None),
        ] {
            assert_eq!(steps(word), want, "{word}");
        }
    }
}
