//! kubectx and kubens: they choose a context and a namespace.

use super::place::{Choice, Files, Place};
use super::scope::{Scope, named};
use super::shell::Input;
use super::word::Word;
use super::{Judge, Verdict};

impl Judge<'_> {
    pub(super) fn kubectx(&mut self, words: &[Word], input: &Input, scope: &mut Scope) {
        let Some(first) = words.get(1) else {
            scope.choose(Choice::Unknown);
            return self.found(words, Verdict::Read, Vec::new(), "it lists contexts, or lets you choose one");
        };
        if words.iter().any(|word| word.is_many() || word.may_be_a_flag()) {
            scope.choose(Choice::Unknown);
            return self.found(words, Verdict::Unknown, vec![Place::Unknown], "what it does is not known");
        }
        let place = |word: &Word| scope.places_of(&scope.files(), Some(named(word)));
        match first.start() {
            "-h" | "--help" | "-V" | "--version" | "-c" | "--current" => {
                self.found(words, Verdict::Read, Vec::new(), "it only prints");
            }
            "-d" => {
                let places = words[2..].iter().flat_map(|word| match word.known() {
                    Some(".") => scope.places(),
                    _ => place(word),
                });
                let places = places.collect();
                scope.choose(Choice::Unknown);
                self.found(words, Verdict::Write, places, "it deletes a context from a kubeconfig");
            }
            "-u" | "--unset" => {
                scope.choose(Choice::Unknown);
                self.found(words, Verdict::Read, Vec::new(), "it chooses no context");
            }
            "-" => self.switch_to(words, Choice::Unknown, false, scope),
            "-s" | "--shell" | "-r" | "--readonly" => {
                let places = words.get(2).map_or_else(|| scope.places(), place);
                let mut inner = scope.child();
                inner.set_files(Files::Shell);
                inner.fix(words.get(2).map_or(Choice::Unknown, named));
                self.typed(words, input, places, &mut inner);
            }
            text if text.starts_with('-') => {
                self.found(words, Verdict::Unknown, scope.places(), "kcx does not know this flag of kubectx");
            }
            text if text.contains('=') => {
                let old = first.without(text.find('=').unwrap_or_default() + 1);
                let places = if old.known() == Some(".") { scope.places() } else { place(&old) };
                scope.choose(Choice::Unknown);
                self.found(words, Verdict::Write, places, "it renames a context in a kubeconfig");
            }
            _ => self.switch_to(words, named(first), false, scope),
        }
    }

    pub(super) fn kubens(&mut self, words: &[Word], scope: &mut Scope) {
        self.found(
            words,
            Verdict::Read,
            scope.places(),
            "it chooses a namespace and changes nothing in a cluster",
        );
    }
}
