//! Programs by their names: the tools of Kubernetes, the builtins of a shell, and all others.

use super::scope::Scope;
use super::word::Word;
use super::{Judge, Verdict};

/// Programs that work on clusters or run what kcx does not read, with the reason. `*` at the end stands for any ending.
const UNKNOWN: &str = include_str!("tables/unknown.txt");

/// Programs that never run or change what their words name.
const HARMLESS: &str = include_str!("tables/harmless.txt");

/// Folders of the system's programs.
const FOLDERS: [&str; 8] = [
    "/bin",
    "/usr/bin",
    "/sbin",
    "/usr/sbin",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/opt/homebrew/bin",
    "/snap/bin",
];

/// The names of the tools, as people call them.
const TOOLS: [(&str, &str); 16] = [
    ("kubectl", "kubectl"),
    ("k", "kubectl"),
    ("kubecolor", "kubectl"),
    ("oc", "kubectl"),
    ("helm", "helm"),
    ("helm3", "helm"),
    ("kustomize", "kustomize"),
    ("flux", "flux"),
    ("argocd", "argocd"),
    ("k9s", "k9s"),
    ("kubectx", "kubectx"),
    ("kubens", "kubens"),
    ("kcx", "kcx"),
    ("kubectl-kcx", "kcx"),
    ("kubectl-ctx", "kubectx"),
    ("kubectl-ns", "kubens"),
];

/// The name of a program without its folder: in small letters, because some systems do not tell them from capital ones.
pub(super) fn name(program: &str) -> String {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program).to_lowercase();
    name.strip_suffix(".exe").map(str::to_owned).unwrap_or(name)
}

fn tool(name: &str) -> Option<&'static str> {
    TOOLS.iter().find(|(called, _)| *called == name).map(|(_, tool)| *tool)
}

impl Judge<'_> {
    /// Judges a program that is no wrapper.
    pub(super) fn program(&mut self, name: &str, words: &[Word], scope: &mut Scope) {
        let program = words[0].known().unwrap_or_default();
        let Some(tool) = tool(name) else { return self.other(name, words, scope) };
        if scope.other_programs {
            let why = format!("`PATH` or the like was set before, so `{name}` may be another program");
            return self.found(words, Verdict::Unknown, scope.places(), why);
        }
        if program.starts_with(['.', '~']) && tool != "kcx" {
            let why = format!("`{name}` in a folder of its own may be another program");
            self.found(words, Verdict::Unknown, scope.places(), why);
        }
        match tool {
            "kubectl" => self.kubectl(words, scope),
            "helm" => self.helm(words, scope),
            "kustomize" => self.kustomize(words, scope),
            "flux" => self.flux(words, scope),
            "argocd" => self.argocd(words, scope),
            "k9s" => self.k9s(words, scope),
            "kubectx" => self.kubectx(words, scope),
            "kubens" => self.kubens(words, scope),
            _ => self.kcx(&words[1..], words, scope),
        }
    }

    fn other(&mut self, name: &str, words: &[Word], scope: &mut Scope) {
        if self.builtin(name, words, scope) {
            return;
        }
        let program = words[0].known().unwrap_or_default();
        let unknown =
            |judge: &mut Self, why: String| judge.found(words, Verdict::Unknown, scope.places(), why);
        if let Some(plugin) = name.strip_prefix("kubectl-") {
            return unknown(self, format!("what the kubectl plugin `{plugin}` does is not known"));
        }
        if !name.is_ascii() {
            return unknown(self, "the program's name has letters that look like others".to_owned());
        }
        if let Some(why) = unknown_program(name, words) {
            return unknown(self, format!("`{name}` {why}"));
        }
        if scope.functions.contains(program) {
            return self.found(
                words,
                Verdict::Read,
                Vec::new(),
                "a function, whose commands are judged where it is defined",
            );
        }
        if HARMLESS.split_ascii_whitespace().any(|harmless| harmless == name) {
            return self.found(
                words,
                Verdict::Read,
                Vec::new(),
                format!("`{name}` is no tool of Kubernetes"),
            );
        }
        let folder = program.rfind(['/', '\\']).map(|at| &program[..at]);
        if folder.is_some_and(|folder| !FOLDERS.contains(&folder)) {
            return unknown(self, "it is a program of its own, which was not read".to_owned());
        }
        if let Some(tool) = words[1..].iter().find_map(mentioned) {
            return unknown(self, format!("`{name}` may run `{tool}`"));
        }
        self.found(words, Verdict::Read, Vec::new(), format!("`{name}` is no tool of Kubernetes"));
    }

    /// The builtins of a shell that set or run something; false for another name.
    fn builtin(&mut self, name: &str, words: &[Word], scope: &mut Scope) -> bool {
        match name {
            "export" | "declare" | "typeset" | "local" | "readonly" => self.export(words, scope),
            "set" if words.len() == 1 => {}
            "unset" => words[1..].iter().filter_map(Word::known).for_each(|name| scope.unset(name)),
            "cd" | "pushd" | "popd" | "z" => scope.moved = true,
            "alias" => {
                for word in &words[1..] {
                    if let Some((alias, text)) = word.start().split_once('=') {
                        let text = if word.known().is_some() { text } else { "eval \"$unknown\"" };
                        scope.aliases.insert(alias.to_owned(), text.to_owned());
                    }
                }
            }
            "unalias" => scope.aliases.clear(),
            "eval" => {
                let known: Option<Vec<&str>> = words[1..].iter().map(Word::known).collect();
                let text = known.map(|words| Word::literal(&words.join(" ")));
                if words.len() > 1 {
                    self.text_of(words, text.as_ref(), scope);
                }
                return true;
            }
            "trap" if words.len() > 2 => {
                self.text_of(words, words.get(1), scope);
                return true;
            }
            "source" | "." => {
                self.found(words, Verdict::Unknown, scope.places(), "it runs a script, which was not read");
                scope.forget_contexts();
                return true;
            }
            _ => return false,
        }
        self.found(words, Verdict::Read, Vec::new(), format!("`{name}` is a builtin of the shell"));
        true
    }
}

/// Why it is not known what a program does; `None` for one that is no tool of Kubernetes.
fn unknown_program(name: &str, words: &[Word]) -> Option<String> {
    let asks_itself =
        |word: &Word| matches!(word.start(), "--version" | "-V" | "--help" | "version" | "help");
    UNKNOWN.lines().find_map(|line| {
        let (names, why) = line.split_once(" : ")?;
        let (why, only) = why.split_once(" : ").map_or((why, None), |(why, only)| (why, Some(only)));
        let is = |known: &str| known.strip_suffix('*').map_or(known == name, |start| name.starts_with(start));
        let named = names.split_ascii_whitespace().any(is);
        let applies = only.is_none_or(|only| {
            let only: Vec<&str> = only.split_ascii_whitespace().collect();
            words[1..]
                .iter()
                .any(|word| word.open().is_some() || only.iter().any(|only| word.start().starts_with(only)))
        });
        let looks = words.len() == 2 && asks_itself(&words[1]);
        (named && applies && !looks).then(|| why.to_owned())
    })
}

/// A tool that a word mentions.
fn mentioned(word: &Word) -> Option<&'static str> {
    let text = word.start();
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_'));
    let known = |word: &str| tool(word).filter(|_| word.len() > 2);
    words.into_iter().find_map(known)
}
