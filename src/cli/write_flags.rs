//! The flags about writing, which every command that writes takes, `kcx config` included: kubectl has no word for them.
//!
//! clap reads them for kcx's own commands; for `kcx config`, whose words kubectl's rules read, they are taken out first.

use super::error::{Cause, Error, name};
use crate::file::LockOptions;
use std::time::Duration;

/// The flags, for clap.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Writing")]
pub struct WriteFlags {
    /// Wait this long for another program's lock: `500ms`, `5s`, `1m`, `0` [default: 5s]
    #[arg(long, global = true, hide_short_help = true, value_name = "DURATION", value_parser = duration)]
    pub lock_timeout: Option<Duration>,

    /// Remove the lock that stands in the way, whoever made it
    #[arg(long, global = true, hide_short_help = true)]
    pub break_lock: bool,

    /// Remove any lock that is older than this
    #[arg(long, global = true, hide_short_help = true, value_name = "DURATION", value_parser = duration)]
    pub break_lock_after: Option<Duration>,

    /// Do not note the change: `kcx undo` will not know of it
    #[arg(long, global = true, hide_short_help = true)]
    pub no_journal: bool,
}

impl WriteFlags {
    /// How patient they ask to be.
    #[must_use]
    pub fn lock_options(&self) -> LockOptions {
        let default = LockOptions::default();
        LockOptions {
            timeout: self.lock_timeout.unwrap_or(default.timeout),
            break_after: self.break_lock_after,
            break_now: self.break_lock,
        }
    }
}

/// Takes the flags out of the words, wherever they stand before `--`.
///
/// # Errors
/// Exit code 2 for a flag without its value, or a value that is no duration.
///
/// ```
/// use kcx::cli::write_flags::take;
/// let words = ["config", "--lock-timeout", "1m30s", "view", "--break-lock"].map(str::to_owned);
/// let (rest, flags) = take(&words);
/// assert_eq!(rest, ["config", "view"]);
/// let lock_options = flags?.lock_options();
/// assert_eq!(lock_options.timeout.as_secs(), 90);
/// assert!(lock_options.break_now);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn take(words: &[String]) -> (Vec<String>, Result<WriteFlags, Error>) {
    let (mut rest, mut flags, mut wrong) = (Vec::with_capacity(words.len()), WriteFlags::default(), None);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            rest.push(word.clone());
            rest.extend(words.by_ref().cloned());
            break;
        }
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) => (flag, Some(value)),
            None => (word.as_str(), None),
        };
        let target = match flag {
            "--break-lock" if value.is_none() => {
                flags.break_lock = true;
                continue;
            }
            "--no-journal" if value.is_none() => {
                flags.no_journal = true;
                continue;
            }
            "--lock-timeout" => &mut flags.lock_timeout,
            "--break-lock-after" => &mut flags.break_lock_after,
            _ => {
                rest.push(word.clone());
                continue;
            }
        };
        let usage =
            |message| Error::new(Cause::Usage, message).hint("durations look like `500ms`, `5s`, `1m`, `0`");
        match value.or_else(|| words.next().map(String::as_str)) {
            None => wrong = wrong.or(Some(usage(format!("`{flag}` needs a duration")))),
            Some(text) => match duration(text) {
                Ok(duration) => *target = Some(duration),
                Err(_) => {
                    let message = format!("`{flag}` cannot be {}: this is no duration", name(text));
                    wrong = wrong.or(Some(usage(message)));
                }
            },
        }
    }
    (rest, wrong.map_or(Ok(flags), Err))
}

/// Reads a duration as Go writes it: numbers with units, `0` alone without.
pub(super) fn duration(text: &str) -> Result<Duration, &'static str> {
    const WRONG: &str = "durations look like `500ms`, `5s`, `1m`, `0`";
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let (mut rest, mut total) = (text, Duration::ZERO);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or(WRONG)?;
        let number: f64 = rest[..digits].parse().map_err(|_| WRONG)?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let seconds = match &rest[..unit] {
            "ms" => 0.001,
            "s" => 1.,
            "m" => 60.,
            "h" => 3600.,
            _ => return Err(WRONG),
        };
        rest = &rest[unit..];
        let part = Duration::try_from_secs_f64(number * seconds).map_err(|_| WRONG)?;
        total = total.checked_add(part).ok_or(WRONG)?;
    }
    if text.is_empty() { Err(WRONG) } else { Ok(total) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, millis) in
            [("0", 0), ("500ms", 500), ("5s", 5000), ("1.5s", 1500), ("1m30s", 90_000), ("2h", 7_200_000)]
        {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "5", "s", "-1s", "1e3s", "5 s", "1..5s", "1d", "99999999999999999999h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn words_after_two_dashes_are_left_alone() {
        let words = ["config", "--", "--break-lock", "--lock-timeout"].map(str::to_owned);
        let (rest, flags) = take(&words);
        assert_eq!(rest, words);
        assert_eq!(flags.map(|flags| flags.lock_options()), Ok(LockOptions::default()));
    }
}
