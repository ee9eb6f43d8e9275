//! kustomize: it works on files alone.

use super::scope::Scope;
use super::word::Word;
use super::{Judge, Verdict};

impl Judge<'_> {
    pub(super) fn kustomize(&mut self, words: &[Word], scope: &mut Scope) {
        let runs = |word: &Word| {
            let text = word.start();
            word.may_be_a_flag()
                || [
                    "--enable-alpha-plugins",
                    "--enable-exec",
                    "--enable_alpha_plugins",
                    "--exec",
                    "--helm-command",
                    "--helm_command",
                    "--network",
                    "fn",
                ]
                .iter()
                .any(|flag| text.starts_with(flag))
        };
        if words[1..].iter().any(runs) {
            let why = "it may run programs that the files name, which were not read";
            return self.found(words, Verdict::Unknown, scope.places(), why);
        }
        self.found(words, Verdict::Read, Vec::new(), "`kustomize` asks no cluster");
    }
}
