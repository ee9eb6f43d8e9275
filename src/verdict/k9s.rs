//! k9s: an interactive tool, which can change everything unless it is told not to.

use super::flags::Table;
use super::helm::places_in;
use super::place::{Choice, Place};
use super::scope::{Scope, named};
use super::word::Word;
use super::{Judge, Verdict};

/// The commands and flags of k9s, from its source.
pub const K9S: Table = Table { text: include_str!("tables/k9s.txt"), aliases: &[], underscores: false };

impl Judge<'_> {
    pub(super) fn k9s(&mut self, words: &[Word], scope: &mut Scope) {
        let mut line = vec![Word::literal("k9s")];
        line.extend_from_slice(&words[1..]);
        let call = K9S.read(&line);
        let reads = call
            .operands
            .first()
            .is_some_and(|word| matches!(word.start(), "version" | "info" | "help" | "completion"));
        let places = match call.open || call.lost || call.has("cluster") {
            true => vec![Place::Unknown],
            false => {
                places_in(&call, call.value("context").map(named).filter(|it| *it != Choice::Current), scope)
            }
        };
        if call.is_on("help") || reads {
            return self.found(words, Verdict::Read, Vec::new(), "it only prints about itself");
        }
        if call.strange.is_some() || !call.operands.is_empty() {
            return self.found(
                words,
                Verdict::Unknown,
                places,
                "kcx does not know all flags of this call of k9s",
            );
        }
        // A user can choose another context in it.
        scope.choose(Choice::Unknown);
        let may_write = call.may_be_on("write");
        let (verdict, why) = match call.is_on("readonly") && !may_write {
            true => (Verdict::Read, "`--readonly` changes nothing"),
            false => (Verdict::Write, "what is done in k9s is not seen here; `--readonly` only looks"),
        };
        self.found_call(words, &call, verdict, places, why);
    }
}
