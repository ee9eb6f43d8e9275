//! Kubeconfigs that a program or a redirection writes.

use super::place::Place;
use super::scope::Scope;
use super::word::Word;
use super::{Judge, Unseen, Verdict};

/// Programs that change no file that their words name.
const READERS: &str = include_str!("tables/readers.txt");

/// Endings of files that are no kubeconfigs, whatever their names are.
const SOURCES: [&str; 12] =
    [".rs", ".go", ".py", ".ts", ".js", ".java", ".c", ".h", ".rb", ".md", ".html", ".log"];

impl Judge<'_> {
    /// A redirection writes this file.
    pub(super) fn redirected(&mut self, word: &Word, scope: &mut Scope) {
        self.writes |= word.known() != Some("/dev/null");
        scope.wrote(std::iter::once(word.start().to_owned()).filter(|word| !word.is_empty()));
        if self.is_kubeconfig(word, scope) {
            let words = [Word::literal(">"), word.clone()];
            let why = "it writes a kubeconfig, perhaps what a protected context uses";
            self.found(&words, Verdict::Write, vec![Place::Unknown], why);
            self.unseen = self.unseen.max(Unseen::Files);
            scope.forget_files();
        }
    }

    /// A program that may write the files that its words name. True if one is a kubeconfig.
    pub(super) fn writes(&mut self, name: &str, words: &[Word], scope: &mut Scope) -> bool {
        if READERS.split_ascii_whitespace().any(|reader| reader == name) || only_prints(name, words) {
            return false;
        }
        scope.wrote(words[1..].iter().map(|word| word.start().to_owned()).filter(|word| !word.is_empty()));
        // These read all files but the last one.
        let goes_to_last = matches!(name, "cp" | "ln" | "install" | "rsync" | "scp");
        let targets = match words {
            [_, .., last] if goes_to_last && !words.iter().any(|word| word.start().starts_with("-t")) => {
                std::slice::from_ref(last)
            }
            _ => &words[1..],
        };
        // What follows this flag is read.
        let is_read = |at: usize| at > 0 && targets[at - 1].known() == Some("--kubeconfig");
        if !targets.iter().enumerate().any(|(at, word)| !is_read(at) && self.is_kubeconfig(word, scope)) {
            return false;
        }
        let why = "it writes a kubeconfig, perhaps what a protected context uses";
        self.found(words, Verdict::Write, vec![Place::Unknown], why);
        self.unseen = self.unseen.max(Unseen::Files);
        true
    }

    /// True if a word names a kubeconfig, or a folder of them.
    fn is_kubeconfig(&self, word: &Word, scope: &Scope) -> bool {
        let text = word.start();
        // The flag names what is read, and the word alone is the name of the variable.
        if text.starts_with("--kubeconfig") || text == "KUBECONFIG" {
            return false;
        }
        let typed = word.raw().to_lowercase();
        let file = typed.rsplit('/').next().unwrap_or_default();
        let is_source = SOURCES.iter().any(|end| file.ends_with(end));
        let list = self.surroundings.variable("KUBECONFIG").unwrap_or_default();
        typed.contains(".kube/")
            || text.ends_with(".kube")
            || file.contains("kubeconfig") && !is_source
            || list.split(':').any(|file| !file.is_empty() && text.ends_with(file))
            || scope.among_kubeconfigs && !text.starts_with(['-', '/', '~'])
    }
}

/// True for a call of an editor of texts that only prints: `sed`, `yq` and the like without the flag that writes the file.
fn only_prints(name: &str, words: &[Word]) -> bool {
    if name == "git" {
        return !words.iter().any(|word| matches!(word.known(), Some("checkout" | "restore")));
    }
    matches!(
        name,
        "sed" | "gsed" | "yq" | "dasel" | "sd" | "sort" | "curl" | "tar" | "openssl" | "kubeconform"
    ) && !words[1..].iter().any(|word| {
        let text = word.start();
        let is_flag = text.starts_with('-') && !text.starts_with("--");
        word.may_be_a_flag()
            || is_flag && text.contains(['i', 'o', 'O', 'x', 'w'])
            || ["--in", "--out", "--extract", "-w", "put", "delete"].iter().any(|it| text.starts_with(it))
    })
}
